"""When a FR.IA is complete: what is still open, in sentences; finishing it, and opening it again when it no longer is.

FR.IA.08 may say MET only where every elemen with a doubtful piece is either borne by another piece that meets all four
rules, or was made clear in the interview: panduan 5 sends what does not meet the rules on to other methods (forms 7.8).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Elemen,
    FilledInstrument,
    InstrumentAnswer,
    Permohonan,
    PortfolioCheck,
    UnitKompetensi,
)
from lsp.services import instruments
from lsp.services.instrument_evidence import evidence_of, has_no, is_all_met
from lsp.services.instrument_reading import RULES
from lsp.vocabulary import Conclusion, InstrumentPaper
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import (
    bare_unasked,
    bare_words,
    interview_is_due,
    units_to_assess,
)

#: Names that a sentence lists before it says how many more there are.
_MOST_NAMED = 3


def is_judged(row: PortfolioCheck) -> bool:
    return not row.carried and all(getattr(row, rule) is not None for rule in RULES)


def is_answered(row: InstrumentAnswer) -> bool:
    return bool(row.answer) and row.achieved is not None


def gaps_of(permohonan: Permohonan, filled: FilledInstrument) -> list[str]:
    """What keeps the paper from being complete; empty when nothing does."""
    if filled.paper is InstrumentPaper.CVP:
        return _portfolio(permohonan, filled)
    return _questions(permohonan, filled)


def _named(rows: Iterable[str]) -> str:
    names = list(rows)
    more = len(names) - _MOST_NAMED
    shown = ", ".join(f"“{name}”" for name in names[:_MOST_NAMED])
    return f"{shown} dan {more} lagi" if more > 0 else shown


def _portfolio(permohonan: Permohonan, filled: FilledInstrument) -> list[str]:
    open_rows = [row for row in filled.checks if not row.carried and not is_judged(row)]
    carried = [row for row in filled.checks if row.carried]
    silent = [row for row in filled.checks if has_no(row) and not row.note]
    empty = [row for row in filled.topics if not row.substance]
    gaps = []
    if open_rows:
        gaps.append(f"V-A-T-M belum lengkap: {_named(row.title for row in open_rows)}.")
    if carried:
        gaps.append(f"Masih dari pra-asesmen, benarkan atau ubah: {_named(row.title for row in carried)}.")  # fmt: skip
    if silent:
        gaps.append(f"“Tidak” tanpa catatan: {_named(row.title for row in silent)}.")
    if empty:
        gaps.append(f"{len(empty)} elemen untuk wawancara belum punya materi.")
    if filled.conclusion is None:
        gaps.append("Kesimpulan belum dipilih.")
    elif filled.conclusion is Conclusion.MET:
        gaps += _not_borne(permohonan, filled) or _not_asked_about(filled)
    elif not filled.not_met:
        gaps.append("Tulis pada kelompok, unit, elemen, atau KUK mana metode lain dilanjutkan.")
    return gaps


def _not_borne(permohonan: Permohonan, filled: FilledInstrument) -> list[str]:
    """Elemen that stand on doubtful pieces alone and were not made clear; of no piece at all nothing meets a rule."""
    if not filled.checks:
        return [
            "“Memenuhi” perlu bukti di daftar. Tambahkan, atau pilih lanjut dengan metode lain."
        ]
    doubtful_rows = [row for row in filled.checks if has_no(row)]
    if not doubtful_rows:
        return []
    evidence = evidence_of(permohonan, [unit.id for unit in units_to_assess(permohonan)])
    doubtful = set().union(*(evidence.of(row) for row in doubtful_rows))
    borne = set().union(*(evidence.of(row) for row in filled.checks if is_all_met(row)))
    wanting = doubtful - borne - _cleared(permohonan)
    if not wanting:
        return []
    names = _elemen_names(wanting)
    return [
        f"“Memenuhi” tidak cocok dengan “Tidak” pada bukti untuk {_named(names)}. Perjelas lewat wawancara "
        "(FR.IA.09) sampai tercapai, atau pilih lanjut dengan metode lain."
    ]


def _not_asked_about(filled: FilledInstrument) -> list[str]:
    """A "tidak" that neither an interview nor other evidence follows: panduan 5 goes on with another method."""
    doubtful = [row.title for row in filled.checks if has_no(row)]
    if not doubtful or filled.topics or filled.further_evidence:
        return []
    return [
        f"Ada “Tidak” pada {_named(doubtful)}, tetapi belum ada elemen yang dicentang untuk wawancara. Centang "
        "sedikitnya satu, atau tulis di “Bukti tambahan” bukti lain apa yang menjadi gantinya."
    ]


def _cleared(permohonan: Permohonan) -> set[int]:
    """Elemen whose every interview question was achieved."""
    paper = instruments.newest_of(permohonan, InstrumentPaper.PW)
    answers: dict[int, list[bool | None]] = {}
    for row in paper.answers if paper is not None else ():
        if row.elemen_id is not None:
            answers.setdefault(row.elemen_id, []).append(row.achieved)
    return {elemen_id for elemen_id, said in answers.items() if all(said)}


def _elemen_names(elemen_ids: Iterable[int]) -> list[str]:
    rows = db.session.execute(
        select(UnitKompetensi.position, Elemen.number, Elemen.title)
        .join(Elemen, Elemen.unit_id == UnitKompetensi.id)
        .where(Elemen.id.in_(list(elemen_ids)))
        .order_by(UnitKompetensi.position, Elemen.position)
    )
    return [f"unit {place}, elemen {number} {title}" for place, number, title in rows]


def _questions(permohonan: Permohonan, filled: FilledInstrument) -> list[str]:
    rows = filled.answers
    open_rows = [row for row in rows if not is_answered(row)]
    gaps = []
    if open_rows:
        gaps.append(
            f"{len(open_rows)} pertanyaan belum dijawab atau belum dinilai: "
            f"{_named(row.question for row in open_rows)}."
        )
    bare = bare_unasked(dossier_of(permohonan), filled.paper)
    if not rows and _is_waived(permohonan, filled):
        gaps.append(
            "Tidak ada yang perlu ditanyakan: semua bukti di FR.IA.08 memenuhi aturan bukti. Biarkan lembar ini; "
            "rekomendasi tidak menunggunya."
        )
    elif bare:
        gaps.append(f"{bare_words(len(bare))} belum ditanyakan: {_named(_elemen_names(bare))}.")
    elif not rows:
        # A paper without a question is never finished: there is nothing that it could conclude.
        gaps.append("Belum ada pertanyaan. Tambahkan sedikitnya satu.")
    if conclusion_of(filled) is Conclusion.NOT_MET and not filled.not_met and not open_rows:
        gaps.append("Tulis unit, elemen, atau KUK yang belum tercapai.")
    return gaps


def _is_waived(permohonan: Permohonan, filled: FilledInstrument) -> bool:
    return filled.paper is InstrumentPaper.PW and not interview_is_due(dossier_of(permohonan))


def conclusion_of(filled: FilledInstrument) -> Conclusion | None:
    """FR.IA.08: as chosen. Questions speak for themselves: met when every one was achieved; without any, nothing."""
    if filled.paper is InstrumentPaper.CVP:
        return filled.conclusion
    if any(row.achieved is False for row in filled.answers):
        return Conclusion.NOT_MET
    achieved = filled.answers and all(row.achieved for row in filled.answers)
    return Conclusion.MET if achieved else None


def finish(actor: Actor, permohonan: Permohonan, paper: InstrumentPaper) -> FilledInstrument:
    """The asesor holds the paper complete. Raises DomainError with everything that is still open."""
    filled = instruments.open_instrument(actor, permohonan, paper)
    gaps = gaps_of(permohonan, filled)
    if gaps:
        raise DomainError(f"{paper.value} belum selesai. " + " ".join(gaps))
    if filled.finished_at is None:
        filled.conclusion = conclusion_of(filled)
        filled.finished_at = clock.now()
        instruments.note(actor, permohonan, "instrument.finish", filled)
        db.session.flush()
    return filled


def look_again(actor: Actor, permohonan: Permohonan, filled: FilledInstrument) -> None:
    """After a change: a paper that was complete stays so only while nothing is open, nor in what leans on it."""
    _reopen(actor, permohonan, filled)
    if filled.paper is InstrumentPaper.PW:
        portfolio = instruments.newest_of(permohonan, InstrumentPaper.CVP)
        if (
            portfolio is not None
            and portfolio.frozen_at is not None
            and gaps_of(permohonan, portfolio)
        ):
            # Sent once and come back: what was sent stays, and the next edition is the one that is open again.
            portfolio = instruments.open_instrument(actor, permohonan, InstrumentPaper.CVP)
        if portfolio is not None and portfolio.frozen_at is None:
            _reopen(actor, permohonan, portfolio)


def _reopen(actor: Actor, permohonan: Permohonan, filled: FilledInstrument) -> None:
    if filled.finished_at is None:
        return
    if gaps_of(permohonan, filled):
        filled.finished_at = None
        instruments.note(actor, permohonan, "instrument.reopen", filled)
    filled.conclusion = conclusion_of(filled)
    db.session.flush()
