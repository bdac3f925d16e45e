"""Rows of an assessment and of what follows it, for tests that need them there and not how they came."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import (
    Banding,
    BandingEvent,
    BandingMember,
    Complaint,
    ComplaintEvent,
    Elemen,
    FilledInstrument,
    FrAk03,
    Instrument,
    InstrumentAnswer,
    InstrumentItem,
    InterviewTopic,
    Permohonan,
    PortfolioCheck,
    SkemaVersion,
    ThirdParty,
    User,
)
from lsp.vocabulary import (
    OPEN_BANDING,
    BandingStatus,
    ComplaintStatus,
    Conclusion,
    InstrumentPaper,
    ItemKind,
    Role,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import FILLABLE, papers_asked


def make_instrument(
    version: SkemaVersion,
    paper: InstrumentPaper = InstrumentPaper.PW,
    *,
    questions: tuple[str, ...] = ("Bagaimana Anda mengenali bahaya di tempat kerja?",),
    in_force: bool = True,
    **columns: Any,
) -> Instrument:
    """An instrument with a question each, in force since today unless it is a draft."""
    made = Instrument(
        skema_version_id=version.id,
        paper=paper,
        version_number=columns.pop("version_number", 1),
        **columns,
    )
    made.items = [
        InstrumentItem(position=position, kind=ItemKind.QUESTION, text=words, key="Kunci rekaan")
        for position, words in enumerate(questions, start=1)
    ]
    db.session.add(made)
    db.session.flush()
    if in_force:
        made.effective_from, made.published_at = clock.today_wib(), clock.now()
        db.session.flush()
    return made


def make_filled(
    case: Permohonan, paper: InstrumentPaper = InstrumentPaper.CVP, **columns: Any
) -> FilledInstrument:
    """An empty paper of the case's attempt, held by the asesor of its last seat; beside one that is there already."""
    seat = dossier_of(case).bookings[-1]
    db.session.flush()
    there = dossier_of(case).instruments.get(paper)
    columns.setdefault("edition", there.edition + 1 if there is not None else 1)
    made = FilledInstrument(
        permohonan_id=case.id,
        attempt=case.attempt,
        paper=paper,
        booking_id=seat.id,
        **({"asesor_id": seat.slot.asesor_id} | columns),
    )
    db.session.add(made)
    db.session.flush()
    return made


def answer_a_question(case: Permohonan, instrument: Instrument) -> InstrumentItem:
    """A paper of this instrument on which its first question was asked and answered; that question."""
    item = instrument.items[0]
    make_filled(case, instrument.paper).answers = [
        InstrumentAnswer(
            position=1, item_id=item.id, question=item.text, answer="Dijawab", achieved=True
        )
    ]
    return item


def fill_instruments(
    case: Permohonan,
    *,
    conclusion: Conclusion = Conclusion.MET,
    passed: Collection[int] | None = None,
    finished: bool = True,
) -> dict[InstrumentPaper, FilledInstrument]:
    """Every FR.IA that the plan asks for and that can be filled here, complete.

    Each elemen has a question in FR.IA.07 and FR.IA.09, and a topic in FR.IA.08 where an interview is planned.
    passed: ids of the units whose questions were answered well; all unless said.
    """
    ready: dict[str, Any] = {"conclusion": conclusion, "finished_at": clock.now()}
    made = {
        paper: make_filled(case, paper, **(ready if finished else {}))
        for paper in papers_asked(dossier_of(case).plan)
        if paper in FILLABLE
    }
    for paper, filled in made.items():
        _FILLS[paper](case, filled, passed)
    db.session.flush()
    db.session.expire_all()
    return made


def _elements(case: Permohonan) -> list[Elemen]:
    return [row for unit in case.skema_version.units for row in unit.elements]


def _check_portfolio(
    case: Permohonan, filled: FilledInstrument, passed: Collection[int] | None
) -> None:
    documents = [row for row in dossier_of(case).documents if row.purpose == "requirement"]
    for position, document in enumerate(documents, start=1):
        db.session.add(
            PortfolioCheck(
                filled_id=filled.id,
                position=position,
                document_id=document.id,
                title=document.label,
                valid=True,
                authentic=True,
                current=True,
                sufficient=True,
            )
        )
    asked = InstrumentPaper.PW in papers_asked(dossier_of(case).plan)
    for row in _elements(case) if asked else ():
        db.session.add(
            InterviewTopic(filled_id=filled.id, elemen_id=row.id, substance="Cara mengenali bahaya")
        )


def _ask(case: Permohonan, filled: FilledInstrument, passed: Collection[int] | None) -> None:
    for position, row in enumerate(_elements(case), start=1):
        db.session.add(
            InstrumentAnswer(
                filled_id=filled.id,
                position=position,
                elemen_id=row.id,
                question=f"Bagaimana Anda {row.title.lower()}?",
                answer="Saya periksa dulu, lalu saya catat.",
                achieved=passed is None or row.unit_id in passed,
            )
        )


def _hear_third_party(
    case: Permohonan, filled: FilledInstrument, passed: Collection[int] | None
) -> None:
    now = clock.now()
    make_third_party(case, answered_at=now, judged_at=now, supports=True, finding="Menguatkan.")


_FILLS = {
    InstrumentPaper.CVP: _check_portfolio,
    InstrumentPaper.PW: _ask,
    InstrumentPaper.DPL: _ask,
    InstrumentPaper.VPK: _hear_third_party,
}


def make_third_party(case: Permohonan, **columns: Any) -> ThirdParty:
    values: dict[str, Any] = {
        "name": "Penyelia Rekaan",
        "token_digest": f"{case.id:064d}",
        "expires_at": clock.now(),
        "asesor_id": dossier_of(case).bookings[-1].slot.asesor_id,
    }
    made = ThirdParty(permohonan_id=case.id, attempt=case.attempt, **values | columns)
    db.session.add(made)
    db.session.flush()
    return made


def make_fr_ak_03(case: Permohonan, **columns: Any) -> FrAk03:
    made = FrAk03(permohonan_id=case.id, attempt=case.attempt, **columns)
    db.session.add(made)
    db.session.flush()
    return made


def make_banding(case: Permohonan, *members: User, **columns: Any) -> Banding:
    """The open banding of the case, or a new one with its first event; with these members and columns."""
    made = db.session.scalar(
        select(Banding).where(Banding.permohonan_id == case.id, Banding.status.in_(OPEN_BANDING))
    )
    if made is None:
        made = _open_banding(case)
    for name, value in columns.items():
        setattr(made, name, value)
    made.members += [BandingMember(user_id=member.id) for member in members]
    db.session.flush()
    return made


def _open_banding(case: Permohonan) -> Banding:
    made = Banding(
        permohonan_id=case.id,
        attempt=case.attempt,
        status_at=case.status_at,
        filed_at=case.status_at,
        reason="Asesor tidak membuka bukti saya untuk unit 2.",
        fr_ak_04={"dijelaskan": True, "didiskusikan": False, "orang_lain": False, "helper": ""},
    )
    db.session.add(made)
    db.session.flush()
    db.session.add(
        BandingEvent(
            banding_id=made.id,
            at=made.filed_at,
            transition="appeal",
            target=BandingStatus.FILED,
            actor_id=case.asesi_id,
            actor_role=Role.ASESI,
        )
    )
    db.session.flush()
    return made


def make_complaint(**columns: Any) -> Complaint:
    values: dict[str, Any] = {
        "receipt": "K-0001",
        "status_at": clock.now(),
        "name": "Warga Rekaan",
        "contact": "warga@contoh.example",
        "about": "Pelayanan",
        "body": "Surat saya tidak dijawab.",
        "register_due": clock.today_wib(),
        "close_due": clock.today_wib(),
    }
    made = Complaint(**values | columns)
    made.events = [ComplaintEvent(at=clock.now(), step=ComplaintStatus.RECEIVED.value)]
    db.session.add(made)
    db.session.flush()
    return made
