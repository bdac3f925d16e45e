"""An imported sheet as the admin reads it: counts, a page of rows with what is said about each, recent sheets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select

from lsp.actor import Actor
from lsp.database import db
from lsp.models import ImportBatch, ImportRow, Permohonan, User
from lsp.services.sheet_import import MAY_GO
from lsp.services.sheet_import_rows import Remark, Weight, remarks_of
from lsp.vocabulary import ImportOutcome, ImportRowState, ImportStatus

PAGE_SIZE = 25
MOST_BATCHES = 20
#: Filter in the address -> words.
FILTERS = {
    "": "Semua",
    "siap": "Siap",
    "bermasalah": "Bermasalah",
    "cek": "Perlu dicek",
    "ada": "Sudah ada",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Of a sheet's rows. states: of those the worker has not been at. ticked: those that go in next."""

    states: dict[ImportRowState, int]
    outcomes: dict[ImportOutcome, int]
    total: int
    ticked: int
    new: int

    @property
    def done(self) -> int:
        return sum(self.outcomes.values())

    @property
    def asked(self) -> int:
        """What the bar is measured against."""
        return self.done + self.ticked

    @property
    def doubtful(self) -> int:
        """Rows that wait until a person has looked and ticked them."""
        return self.states[ImportRowState.DOUBTFUL]

    @property
    def mendable(self) -> int:
        """Rows that could be mended and uploaded again."""
        return self.states[ImportRowState.FAULTY] + self.outcomes.get(ImportOutcome.REFUSED, 0)


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row of the preview. case_id: the permohonan it became or stands for."""

    number: int
    name: str
    email: str
    id_izin: str
    nik: str
    state: ImportRowState
    chosen: bool
    may_go: bool
    gains: int
    remarks: list[Remark]
    outcome: ImportOutcome | None
    reason: str
    case_id: str | None

    @property
    def sentence(self) -> str:
        """What happens to a row that stands already."""
        if self.state is not ImportRowState.PRESENT or self.outcome is not None:
            return ""
        if self.gains:
            return f"{self.gains} isian yang kosong akan dilengkapi."
        return "Tidak ada yang berubah."


@dataclass(frozen=True, slots=True)
class RowPage:
    rows: list[RowLine]
    next_after: int | None

    @property
    def open_numbers(self) -> list[int]:
        """Of the rows that may be ticked."""
        return [row.number for row in self.rows if row.may_go]


@dataclass(frozen=True, slots=True)
class BatchLine:
    public_id: str
    file_name: str
    status: ImportStatus
    created_at: Any
    by: str
    rows: int
    done: int


def counts(batch_id: int) -> Counts:
    """All counts of a sheet, in one query."""
    waits = ImportRow.outcome.is_(None)
    found = db.session.execute(
        select(
            ImportRow.state,
            ImportRow.outcome,
            func.count(ImportRow.id),
            func.sum(case((ImportRow.chosen & waits, 1), else_=0)),
        )
        .where(ImportRow.batch_id == batch_id)
        .group_by(ImportRow.state, ImportRow.outcome)
    ).all()
    states = dict.fromkeys(ImportRowState, 0)
    outcomes: dict[ImportOutcome, int] = {}
    total = ticked = new = 0
    for state, outcome, count, waiting in found:
        total += count
        ticked += int(waiting)
        new += int(waiting) if state is not ImportRowState.PRESENT else 0
        if outcome is None:
            states[state] += count
        else:
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    return Counts(states, outcomes, total, ticked, new)


def page(batch_id: int, *, wanted: str, after: int) -> RowPage:
    """Rows in the order of the sheet; one query. wanted: a key of FILTERS."""
    found = db.session.execute(
        select(ImportRow, Permohonan.public_id)
        .outerjoin(Permohonan, Permohonan.id == ImportRow.permohonan_id)
        .where(ImportRow.batch_id == batch_id, ImportRow.number > after, *_wanted(wanted))
        .order_by(ImportRow.number)
        .limit(PAGE_SIZE + 1)
    ).all()
    rows = [_line(row, case_id) for row, case_id in found[:PAGE_SIZE]]
    return RowPage(rows, rows[-1].number if len(found) > PAGE_SIZE else None)


def _wanted(wanted: str) -> tuple[ColumnElement[bool], ...]:
    if wanted == "bermasalah":
        return (mendable(),)
    if wanted == "siap":
        return (ImportRow.state == ImportRowState.READY, ImportRow.outcome.is_(None))
    if wanted == "cek":
        return (ImportRow.state == ImportRowState.DOUBTFUL,)
    return (ImportRow.state == ImportRowState.PRESENT,) if wanted == "ada" else ()


def mendable() -> ColumnElement[bool]:
    """Condition on ImportRow: it did not go in, and could after somebody mends it."""
    return or_(ImportRow.state == ImportRowState.FAULTY, ImportRow.outcome == ImportOutcome.REFUSED)


def _line(row: ImportRow, case_id: str | None) -> RowLine:
    content = row.content
    cells, values = content["cells"], content["values"]
    gains, is_present = content["gains"], row.state is ImportRowState.PRESENT
    return RowLine(
        number=row.number,
        name=values.get("full_name") or cells.get("full_name", ""),
        email=values.get("email") or cells.get("email", ""),
        id_izin=content["id_izin"] or cells.get("id_izin", ""),
        nik=values.get("nik", ""),
        state=row.state,
        chosen=row.chosen,
        may_go=row.state in MAY_GO and row.outcome is None and not (is_present and not gains),
        gains=gains,
        remarks=sorted(remarks_of(content), key=lambda each: list(Weight).index(each.weight)),
        outcome=row.outcome,
        reason=row.reason or "",
        case_id=case_id,
    )


def recent() -> list[BatchLine]:
    """The newest sheets, with how far they are; one query."""
    found = db.session.execute(
        select(
            ImportBatch.public_id,
            ImportBatch.about,
            ImportBatch.status,
            ImportBatch.created_at,
            User.name,
            select(func.count(ImportRow.id))
            .where(ImportRow.batch_id == ImportBatch.id)
            .scalar_subquery(),
            select(func.count(ImportRow.id))
            .where(ImportRow.batch_id == ImportBatch.id, ImportRow.outcome.is_not(None))
            .scalar_subquery(),
        )
        .join(User, User.id == ImportBatch.created_by_id)
        .order_by(ImportBatch.id.desc())
        .limit(MOST_BATCHES)
    )
    return [
        BatchLine(public_id, about["file_name"], status, created_at, by, rows, done)
        for public_id, about, status, created_at, by, rows, done in found
    ]


def one(_actor: Actor, batch_id: str) -> ImportBatch | None:
    """Every admin sees every sheet: they share the desk."""
    return db.session.scalar(select(ImportBatch).where(ImportBatch.public_id == batch_id))
