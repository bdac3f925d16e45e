"""What an asesor fills in a fictional assessment: the portfolio verified, the interview held; or half of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import (
    Elemen,
    FilledInstrument,
    InstrumentAnswer,
    InterviewTopic,
    Permohonan,
    PortfolioCheck,
    UnitKompetensi,
)
from lsp.services import evidence_walk, fr_ia_08, instruments
from lsp.services.instrument_reading import RULES
from lsp.vocabulary import Conclusion, InstrumentPaper
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import papers_asked, units_to_assess

#: What is asked about the first elemen of every unit, and what a good answer sounds like.
QUESTION = "Ceritakan bagaimana Anda {elemen} pada pekerjaan terakhir Anda."
WELL = "Saya periksa di lapangan dulu, saya catat di formulir, lalu saya bahas dalam rapat pagi."
BADLY = "Saya belum tahu peraturan yang menjadi dasarnya."


def fill_instruments(case: Permohonan, *, weak: Iterable[int] = ()) -> None:
    """FR.IA.08 and FR.IA.09 as far as the plan asks for them, finished. weak: units answered badly, by id."""
    units, failing = units_to_assess(case), set(weak)
    for paper in papers_asked(dossier_of(case).plan):
        if paper in _FILLS:
            _FILLS[paper](_begin(case, paper, met=not failing), case, units, failing)
    db.session.flush()
    db.session.expire_all()


def _begin(case: Permohonan, paper: InstrumentPaper, *, met: bool) -> FilledInstrument:
    seat = dossier_of(case).bookings[-1]
    met = met or paper is InstrumentPaper.CVP
    made = FilledInstrument(
        permohonan_id=case.id,
        attempt=case.attempt,
        paper=paper,
        booking_id=seat.id,
        asesor_id=seat.slot.asesor_id,
        conclusion=Conclusion.MET if met else Conclusion.NOT_MET,
        not_met="" if met else "Unit pertama.",
        feedback="Bukti dan jawaban dibahas satu per satu bersama asesi.",
        finished_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    return made


def _verify_portfolio(
    paper: FilledInstrument, case: Permohonan, units: list[UnitKompetensi], weak: set[int]
) -> None:
    named = {file.id: file for unit in units for file in evidence_walk.documents_of(case, unit.id)}
    for position, file in enumerate(named.values(), start=1):
        db.session.add(
            PortfolioCheck(
                filled_id=paper.id,
                position=position,
                document_id=file.id,
                title=file.label,
                valid=True,
                authentic=True,
                current=True,
                sufficient=True,
            )
        )
    for elemen in _first_elements(units):
        db.session.add(
            InterviewTopic(filled_id=paper.id, elemen_id=elemen.id, substance=elemen.title)
        )


def _interview(
    paper: FilledInstrument, case: Permohonan, units: list[UnitKompetensi], weak: set[int]
) -> None:
    for position, elemen in enumerate(_first_elements(units), start=1):
        well = elemen.unit_id not in weak
        db.session.add(
            InstrumentAnswer(
                filled_id=paper.id,
                position=position,
                elemen_id=elemen.id,
                question=QUESTION.format(elemen=elemen.title[:1].lower() + elemen.title[1:]),
                answer=WELL if well else BADLY,
                achieved=well,
            )
        )


def _first_elements(units: list[UnitKompetensi]) -> list[Elemen]:
    return [unit.elements[0] for unit in units]


_Fill = Callable[[FilledInstrument, Permohonan, list[UnitKompetensi], set[int]], None]
_FILLS: dict[InstrumentPaper, _Fill] = {
    InstrumentPaper.CVP: _verify_portfolio,
    InstrumentPaper.PW: _interview,
}


def check_portfolio(asesor: Actor, case: Permohonan) -> None:
    """One row judged with a doubt, its first elemen ticked for the interview; the others stand as they were carried."""
    paper = instruments.open_instrument(asesor, case, InstrumentPaper.CVP)
    first = paper.checks[0]
    fr_ia_08.judge(
        first,
        {**dict.fromkeys(RULES, True), "current": False},
        "Surat lama. Asesi diminta menjelaskan pekerjaannya setahun terakhir.",
    )
    elemen = case.skema_version.units[0].elements[0]
    fr_ia_08.set_topics(asesor, case, paper, {elemen.id: ""})
    instruments.open_instrument(asesor, case, InstrumentPaper.PW)
