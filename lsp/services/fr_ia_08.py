"""FR.IA.08 while it is filled: rows of evidence, elemen for the interview, the asesor's word on the whole.

Each function takes the edition that `instruments.open_instrument` gave, and flushes; what it changes may open a
finished paper again (instrument_gaps.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Document,
    Elemen,
    FilledInstrument,
    InterviewTopic,
    Permohonan,
    PortfolioCheck,
)
from lsp.services import instrument_gaps, instruments
from lsp.services.instrument_evidence import LONGEST_TITLE, Evidence, Piece, evidence_of
from lsp.services.instrument_prefill import row_of
from lsp.services.instrument_questions import substance_of, sync_interview
from lsp.services.instrument_reading import RULES
from lsp.vocabulary import Conclusion, InstrumentPaper
from lsp.workflow.instruments import units_to_assess

_GONE = "Baris ini sudah tidak ada. Muat ulang halaman."
JUDGED = PortfolioCheck.carried.is_(False) & PortfolioCheck.valid.is_not(None) & (
    PortfolioCheck.authentic.is_not(None) & PortfolioCheck.current.is_not(None)
) & PortfolioCheck.sufficient.is_not(None)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Count:
    """How far table 1 is, and how many elemen wait for the interview; of the paper, or of one unit."""

    judged: int
    rows: int
    topics: int


def counts_of(filled_id: int, unit_id: int | None) -> tuple[Count, Count]:
    """Of the paper and of a unit (None: evidence of no unit) in one query, for the answer to a single tick."""
    of_paper = PortfolioCheck.filled_id == filled_id
    rows = select(func.count()).select_from(PortfolioCheck).where(of_paper)
    of_unit = rows.where(PortfolioCheck.unit_id == unit_id)
    topics = select(func.count()).select_from(InterviewTopic)
    topics = topics.where(InterviewTopic.filled_id == filled_id)
    here = topics.join(Elemen, Elemen.id == InterviewTopic.elemen_id)
    numbers = (
        rows.where(JUDGED), rows, topics,
        of_unit.where(JUDGED), of_unit, here.where(Elemen.unit_id == unit_id),
    )  # fmt: skip
    found = db.session.execute(select(*(each.scalar_subquery() for each in numbers))).one()
    return Count(*found[:3]), Count(*found[3:])


# --- Table 1 -----------------------------------------------------------------------------------------------------


def check_at(filled: FilledInstrument, position: int) -> PortfolioCheck:
    """The row at a place, which is the same in every edition."""
    found = db.session.scalar(
        select(PortfolioCheck).where(
            PortfolioCheck.filled_id == filled.id, PortfolioCheck.position == position
        )
    )
    if found is None:
        raise DomainError(_GONE)
    return found


def judge(row: PortfolioCheck, answers: Mapping[str, bool | None], note: str) -> None:
    """The asesor's own word on a row, also where it says the same as before."""
    for rule in RULES:
        setattr(row, rule, answers.get(rule))
    row.note, row.carried = note, False


def all_met(row: PortfolioCheck) -> None:
    judge(row, dict.fromkeys(RULES, True), row.note)


def confirm(rows: Iterable[PortfolioCheck]) -> int:
    """What the pre-assessment said still holds. Answers how many rows that were."""
    carried = [row for row in rows if row.carried]
    for row in carried:
        row.carried = False
    return len(carried)


def new_evidence(
    permohonan: Permohonan, filled: FilledInstrument, evidence: Evidence
) -> list[Piece]:
    """What may be added: named in FR.APL.02 since, or handed in as further evidence, and not a row yet."""
    standing = {row.document_id for row in filled.checks}
    found = [piece for piece in evidence.pieces if piece.document_id not in standing]
    known = standing | {piece.document_id for piece in found}
    more = db.session.execute(
        select(Document.id, Document.public_id, Document.label)
        .where(
            Document.permohonan_id == permohonan.id,
            Document.replaced_at.is_(None),
            Document.purpose == "evidence",
        )
        .order_by(Document.id)
    )
    late = [Piece(key, public_id, label) for key, public_id, label in more if key not in known]
    return [piece for piece in found if piece.document_id is not None] + late


def add_document(permohonan: Permohonan, filled: FilledInstrument, public_id: str) -> None:
    evidence = evidence_now(permohonan)
    offered = new_evidence(permohonan, filled, evidence)
    piece = next((each for each in offered if each.public_id == public_id), None)
    if piece is None:
        raise DomainError("Berkas itu sudah ada di daftar, atau tidak ada lagi.")
    filled.checks.append(row_of(piece, _next_place(filled), evidence.positions))
    db.session.flush()


def add_words(
    permohonan: Permohonan, filled: FilledInstrument, words: str, unit_id: int | None
) -> None:
    """Evidence that was only shown: in words, under the unit that it is for."""
    if not words:
        raise DomainError(
            "Tulis apa yang ditunjukkan asesi, misalnya “ditunjukkan saat rapat: buku harian K3”."
        )
    if len(words) > LONGEST_TITLE:
        raise DomainError(f"Paling panjang {LONGEST_TITLE} huruf. Pendekkan nama bukti.")
    if unit_id is not None and unit_id not in {unit.id for unit in units_to_assess(permohonan)}:
        raise DomainError("Pilih unit dari daftar.")
    filled.checks.append(PortfolioCheck(position=_next_place(filled), title=words, unit_id=unit_id))
    db.session.flush()


def remove(filled: FilledInstrument, place: str) -> None:
    """Take back a row in words that was added by mistake; what was judged stays."""
    row = next((each for each in filled.checks if str(each.position) == place), None)
    if row is None:
        raise DomainError(_GONE)
    if row.document_id is not None or any(getattr(row, rule) is not None for rule in RULES):
        raise DomainError("Bukti yang sudah dinilai dan berkas asesi tetap di daftar.")
    filled.checks.remove(row)
    db.session.delete(row)
    db.session.flush()


def _next_place(filled: FilledInstrument) -> int:
    return max((row.position for row in filled.checks), default=0) + 1


def evidence_now(permohonan: Permohonan) -> Evidence:
    return evidence_of(permohonan, [unit.id for unit in units_to_assess(permohonan)])


# --- Table 2 -----------------------------------------------------------------------------------------------------


def set_topics(
    actor: Actor,
    permohonan: Permohonan,
    filled: FilledInstrument,
    wanted: Mapping[int, str | None],
) -> bool:
    """Tick and untick: elemen -> substance, "" for the words of its KUK, None to untick. Others stay as they are.

    FR.IA.09 follows, where it was begun. Answers whether a tick came or went.
    """
    standing = {row.elemen_id: row for row in filled.topics}
    fresh = [key for key, words in wanted.items() if words is not None and key not in standing]
    known = _checked(permohonan, fresh)
    for elemen_id, words in wanted.items():
        row = standing.get(elemen_id)
        if row is not None and words is None:
            filled.topics.remove(row)
            db.session.delete(row)
        elif row is not None and words is not None:
            row.substance = words
        elif words is not None:
            filled.topics.append(
                InterviewTopic(elemen_id=elemen_id, substance=words or known[elemen_id])
            )
    db.session.flush()
    changed = bool(fresh) or any(wanted[key] is None for key in standing if key in wanted)
    if changed:
        _follow(actor, permohonan, filled)
    return changed


def _checked(permohonan: Permohonan, elemen_ids: list[int]) -> dict[int, str]:
    """The KUK of elemen, all of which must be of a unit to assess."""
    if not elemen_ids:
        return {}
    units = {unit.id for unit in units_to_assess(permohonan)}
    of_units = select(Elemen.id).where(Elemen.id.in_(elemen_ids), Elemen.unit_id.in_(units))
    if set(db.session.scalars(of_units)) != set(elemen_ids):
        raise DomainError("Elemen itu bukan dari unit yang dinilai. Muat ulang halaman.")
    return substance_of(elemen_ids)


def _follow(actor: Actor, permohonan: Permohonan, filled: FilledInstrument) -> None:
    """The questions of FR.IA.09 go with the ticks."""
    if instruments.newest_of(permohonan, InstrumentPaper.PW) is None:
        return
    interview = instruments.open_instrument(actor, permohonan, InstrumentPaper.PW)
    evidence = evidence_now(permohonan)
    if sync_interview(permohonan, interview, filled.topics, filled.checks, evidence):
        instrument_gaps.look_again(actor, permohonan, interview)


# --- The whole ---------------------------------------------------------------------------------------------------


def say(
    filled: FilledInstrument,
    *,
    conclusion: Conclusion | None,
    further_evidence: str,
    not_met: str,
    feedback: str,
) -> None:
    """The asesor's word, as far as it is said. None does not take back what a finished paper concluded."""
    if conclusion is None and filled.finished_at is not None:
        raise DomainError("Kesimpulan sudah dipilih. Pilih yang lain bila berubah.")
    filled.conclusion = conclusion
    filled.further_evidence, filled.not_met, filled.feedback = further_evidence, not_met, feedback
