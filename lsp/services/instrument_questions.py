"""Which questions a paper begins with: those of the MUK in force, and for FR.IA.09 what the KUK themselves ask.

A question is copied in words; its key stays with the MUK. A paper keeps to the MUK that it began with, also for what
is asked later on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lsp import clock
from lsp.database import db
from lsp.models import (
    Elemen,
    FilledInstrument,
    InstrumentAnswer,
    InstrumentItem,
    InterviewTopic,
    Permohonan,
    PortfolioCheck,
    UnitKompetensi,
)
from lsp.services.instrument_evidence import Evidence, has_no
from lsp.services.muk import instruments_in_force
from lsp.vocabulary import ItemKind
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import bare_for, bare_unasked

_ASKED = (ItemKind.QUESTION, ItemKind.OPEN)


@dataclass(frozen=True, slots=True)
class Question:
    """A question ready to be put."""

    words: str
    elemen_id: int | None = None
    item_id: int | None = None
    document_id: int | None = None


def _items_for(permohonan: Permohonan, filled: FilledInstrument) -> list[InstrumentItem]:
    """Questions of the MUK as it stood when the paper was begun, of each kelompok in the order of the skema."""
    began_at = _began_at(permohonan, filled)
    on = began_at.astimezone(clock.WIB).date()
    found = instruments_in_force(permohonan.skema_version_id, filled.paper, on, known_at=began_at)
    return [item for row in found for item in row.items if item.kind in _ASKED]


def _began_at(permohonan: Permohonan, filled: FilledInstrument) -> datetime:
    """The first edition of the attempt: a later one is its copy."""
    if filled.edition == 1:
        return filled.created_at
    first = db.session.scalar(
        select(FilledInstrument.created_at)
        .where(
            FilledInstrument.permohonan_id == permohonan.id,
            FilledInstrument.attempt == filled.attempt,
            FilledInstrument.paper == filled.paper,
        )
        .order_by(FilledInstrument.edition)
        .limit(1)
    )
    return first or filled.created_at


def _elemen_of(item: InstrumentItem) -> int | None:
    return item.elemen_id or (item.kuk.elemen_id if item.kuk is not None else None)


def oral(
    permohonan: Permohonan, filled: FilledInstrument, units: Collection[UnitKompetensi]
) -> list[Question]:
    """FR.IA.07: what the MUK asks of the kelompok of these units; of a unit that is not assessed now, nothing."""
    return _about_units(_items_for(permohonan, filled), units)


def for_everyone(
    permohonan: Permohonan, filled: FilledInstrument, units: Collection[UnitKompetensi]
) -> list[Question]:
    """FR.IA.09: what the MUK asks in every interview, about a whole unit or about none: FR.IA.08 never ticks these."""
    items = [item for item in _items_for(permohonan, filled) if _elemen_of(item) is None]
    return _about_units(items, units)


def _about_units(
    items: Iterable[InstrumentItem], units: Collection[UnitKompetensi]
) -> list[Question]:
    unit_ids, groups = {unit.id for unit in units}, {unit.kelompok for unit in units}
    elements = _units_of_elements(unit_ids)
    found = []
    for item in items:
        elemen_id = _elemen_of(item)
        about = item.unit_id or (elements.get(elemen_id, 0) if elemen_id else None)
        if about is not None and about not in unit_ids:
            continue
        if about is None and item.instrument.kelompok not in ("", *groups):
            continue
        found.append(Question(item.text, elemen_id, item.id))
    return found


def _units_of_elements(unit_ids: Collection[int]) -> dict[int, int]:
    rows = db.session.execute(select(Elemen.id, Elemen.unit_id).where(Elemen.unit_id.in_(unit_ids)))
    return {row.id: row.unit_id for row in rows}


def interview(
    permohonan: Permohonan,
    filled: FilledInstrument,
    elemen_ids: Collection[int],
    checks: Iterable[PortfolioCheck],
    evidence: Evidence,
) -> list[Question]:
    """FR.IA.09: for each ticked elemen the questions of the MUK about it, else one made from its KUK."""
    if not elemen_ids:
        return []
    doubtful = _doubtful(checks, evidence)
    asked: dict[int, list[InstrumentItem]] = {}
    for item in _items_for(permohonan, filled):
        elemen_id = _elemen_of(item)
        if elemen_id is not None and elemen_id in elemen_ids:
            asked.setdefault(elemen_id, []).append(item)
    found = []
    for elemen in _elements(elemen_ids):
        document_id = doubtful.get(elemen.id)
        of_muk = asked.get(elemen.id, ())
        found += [Question(item.text, elemen.id, item.id, document_id) for item in of_muk]
        if not of_muk:
            found.append(Question(_from_kuk(elemen), elemen.id, None, document_id))
    return found


def ask_bare(permohonan: Permohonan, filled: FilledInstrument) -> int:
    """Questions about elemen without evidence that this paper has none about yet. Answers about how many elemen."""
    wanted = bare_unasked(dossier_of(permohonan), filled.paper)
    append(filled, interview(permohonan, filled, wanted, (), Evidence()))
    return len(wanted)


def _elements(elemen_ids: Collection[int]) -> list[Elemen]:
    rows = db.session.scalars(
        select(Elemen)
        .join(UnitKompetensi, UnitKompetensi.id == Elemen.unit_id)
        .where(Elemen.id.in_(elemen_ids))
        .order_by(UnitKompetensi.position, Elemen.position)
        .options(selectinload(Elemen.kuk_list), joinedload(Elemen.unit))
    )
    return list(rows)


def _from_kuk(elemen: Elemen) -> str:
    title = elemen.title[:1].lower() + elemen.title[1:].rstrip(".")
    points = "; ".join(kuk.text.rstrip(".") for kuk in elemen.kuk_list)
    asked = f"Jelaskan bagaimana Anda {title}, dengan contoh dari pekerjaan Anda."
    return f"{asked} Yang dibahas: {points}." if points else asked


def _doubtful(checks: Iterable[PortfolioCheck], evidence: Evidence) -> dict[int, int]:
    """The document with a "tidak" of each elemen: what the question points to."""
    found: dict[int, int] = {}
    for row in checks:
        if row.document_id is not None and has_no(row):
            for elemen_id in evidence.of(row):
                found.setdefault(elemen_id, row.document_id)
    return found


def substance_of(elements: Collection[int]) -> dict[int, str]:
    """What the interview is about, by elemen: its KUK."""
    return {
        elemen.id: "\n".join(f"{kuk.number} {kuk.text}" for kuk in elemen.kuk_list) or elemen.title
        for elemen in _elements(elements)
    }


def sync_interview(
    permohonan: Permohonan,
    filled: FilledInstrument,
    topics: Iterable[InterviewTopic],
    checks: Iterable[PortfolioCheck],
    evidence: Evidence,
) -> bool:
    """Bring FR.IA.09 in line with the ticks of FR.IA.08: new ones are asked, of others what was not answered goes.

    Elemen without evidence are asked about also without a tick. Answers whether anything changed.
    """
    wanted = {topic.elemen_id for topic in topics} | bare_for(dossier_of(permohonan), filled.paper)
    standing = {row.elemen_id for row in filled.answers}
    gone = [
        row for row in filled.answers if row.elemen_id not in {None, *wanted} and is_unanswered(row)
    ]
    for row in gone:
        filled.answers.remove(row)
        db.session.delete(row)
    fresh = interview(permohonan, filled, wanted - standing, checks, evidence)
    append(filled, fresh)
    return bool(gone or fresh)


def append(filled: FilledInstrument, questions: Iterable[Question]) -> None:
    """Behind what stands: a position is never given twice while it is in use."""
    last = max((row.position for row in filled.answers), default=0)
    for position, question in enumerate(questions, last + 1):
        filled.answers.append(
            InstrumentAnswer(
                position=position,
                item_id=question.item_id,
                elemen_id=question.elemen_id,
                document_id=question.document_id,
                question=question.words,
            )
        )
    db.session.flush()


def is_unanswered(row: InstrumentAnswer) -> bool:
    return not row.answer and row.achieved is None
