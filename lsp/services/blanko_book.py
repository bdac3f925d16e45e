"""Buku blangko: every number of BNSP, where it is, how it came there, and the balance. Spoiling and giving back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Blanko,
    BlankoMove,
    BlankoReturn,
    Permohonan,
    SkemaVersion,
    User,
    blanko_ledger,
)
from lsp.models.numbers import take_number
from lsp.services import audit
from lsp.services.certificates import one_line
from lsp.services.sheets import CsvSheet, Sheet, XlsxSheet
from lsp.vocabulary import BlankoState
from lsp.workflow.machine import check_reason

S = BlankoState
PAGE_SIZE = 50
#: Numbers in a file, and on one berita acara, at most.
MOST_ROWS, MOST_RETURNED = 20_000, 200
HEADER = (
    "Nomor blangko", "Keadaan", "Sejak (WIB)", "Asesi", "Skema", "Alasan", "Berita acara pengembalian", "Oleh",
)  # fmt: skip
_WIDTHS = (20, 14, 17, 28, 40, 40, 24, 24)


@dataclass(frozen=True, slots=True)
class Balance:
    """Numbers that came, counted from the moves, against where they are now, counted from the numbers themselves."""

    received: int
    by_state: dict[BlankoState, int]

    @property
    def accounted(self) -> int:
        return sum(count for state, count in self.by_state.items() if state is not S.MISTYPED)

    @property
    def adds_up(self) -> bool:
        return self.received == self.accounted


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which numbers. before: the id of the last row on the page before; number: exactly this one."""

    state: BlankoState | None = None
    search: str = ""
    before: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class BookRow:
    id: int
    number: str
    state: BlankoState
    since: datetime | None
    note: str
    case_id: str | None
    asesi_id: int | None
    case_name: str
    skema: str
    by: str
    return_id: str | None
    return_number: str


def balance() -> Balance:
    """Two queries. A number typed wrongly never came, so both sides leave it out."""
    states = dict.fromkeys(S, 0)
    for state, count in db.session.execute(
        select(Blanko.state, func.count()).group_by(Blanko.state)
    ):
        states[state] = count
    came = db.session.scalar(select(func.count()).where(BlankoMove.target == S.RECEIVED)) or 0
    return Balance(came - states[S.MISTYPED], states)


def page(wanted: Wanted) -> tuple[list[BookRow], int | None]:
    """The newest numbers first, and where the next page begins. One query."""
    query = _rows(wanted).limit(PAGE_SIZE + 1)
    found = [_row(row) for row in db.session.execute(query)]
    more = len(found) > PAGE_SIZE
    return found[:PAGE_SIZE], found[PAGE_SIZE - 1].id if more else None


def _rows(wanted: Wanted) -> Any:
    newest = (
        select(func.max(BlankoMove.id))
        .where(BlankoMove.blanko_id == Blanko.id)
        .correlate(Blanko)
        .scalar_subquery()
    )
    query: Any = (
        select(
            Blanko.id,
            Blanko.number,
            Blanko.state,
            BlankoMove.at.label("since"),
            Blanko.note,
            Permohonan.public_id.label("case_id"),
            Permohonan.asesi_id,
            Permohonan.asesi_name.label("case_name"),
            SkemaVersion.title.label("skema"),
            User.name.label("by"),
            BlankoReturn.public_id.label("return_id"),
            BlankoReturn.number.label("return_number"),
        )
        .outerjoin(BlankoMove, BlankoMove.id == newest)
        .outerjoin(BlankoReturn, BlankoReturn.id == BlankoMove.return_id)
        .outerjoin(User, User.id == BlankoMove.actor_id)
        .outerjoin(Permohonan, Permohonan.id == Blanko.permohonan_id)
        .outerjoin(SkemaVersion, SkemaVersion.id == Permohonan.skema_version_id)
        .order_by(Blanko.id.desc())
    )
    if wanted.state is not None:
        query = query.where(Blanko.state == wanted.state)
    if one_line(wanted.search):
        query = query.where(Blanko.number.contains(one_line(wanted.search), autoescape=True))
    if wanted.number:
        query = query.where(Blanko.number == wanted.number)
    if wanted.before is not None:
        query = query.where(Blanko.id < wanted.before)
    return query


def _row(row: Any) -> BookRow:
    return BookRow(
        row.id, row.number, row.state, row.since, row.note, row.case_id, row.asesi_id, row.case_name or "",
        row.skema or "", row.by or "", row.return_id, row.return_number or "",
    )  # fmt: skip


def file_of(actor: Actor, wanted: Wanted, *, format: str) -> bytes:
    """The book as it is narrowed, as CSV or XLSX, noted in the audit chain. The caller commits."""
    sheet: Sheet = (
        CsvSheet(HEADER)
        if format == "csv"
        else XlsxSheet(HEADER, title="Buku blangko", widths=_WIDTHS)
    )
    count = 0
    for row in _all(wanted):
        sheet.add(
            (
                row.number, row.state.label, _moment(row.since), row.case_name, row.skema, row.note, row.return_number,
                row.by,
            )
        )  # fmt: skip
        count += 1
    audit.note(actor, "blanko.download", "blanko", "buku", rows=count)
    return sheet.finish()


def _all(wanted: Wanted) -> Iterator[BookRow]:
    for row in db.session.execute(_rows(wanted).limit(MOST_ROWS)):
        yield _row(row)


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.WIB):%Y-%m-%d %H.%M}" if moment is not None else ""


# --- One number --------------------------------------------------------------------------------------------------


def by_number(number: str) -> Blanko | None:
    return db.session.scalar(select(Blanko).where(Blanko.number == one_line(number)))


def moves_of(blanko: Blanko) -> Sequence[BlankoMove]:
    """How a number came where it is, the oldest move first."""
    return db.session.scalars(
        select(BlankoMove)
        .where(BlankoMove.blanko_id == blanko.id)
        .order_by(BlankoMove.id)
        .options(joinedload(BlankoMove.actor))
    ).all()


def why_not_spoiled(actor: Actor, blanko: Blanko) -> str | None:
    """What stands against calling a number spoiled; None when it may be."""
    if blanko.state is S.ISSUED:
        return "Blangko ini sudah menjadi sertifikat. Sertifikat tidak dirusak, tetapi dicabut."
    if blanko.state not in (S.RECEIVED, S.RESERVED):
        return f"Blangko ini sudah tercatat “{blanko.state.label}”."
    owner = db.session.scalar(
        select(Permohonan.asesi_id).where(Permohonan.id == blanko.permohonan_id)
    )
    if owner is not None and owner == actor.id:
        return "Blangko ini untuk permohonan Anda sendiri, jadi orang lain yang mencatatnya."
    return None


def spoil(actor: Actor, blanko: Blanko, reason: str) -> None:
    """Note that a blanko cannot be used, with the reason; its case waits for another. Raises DomainError."""
    db.session.refresh(blanko, with_for_update=True)
    refusal = why_not_spoiled(actor, blanko)
    if refusal is not None:
        raise DomainError(refusal)
    blanko_ledger.move(
        blanko, S.SPOILED, actor_id=actor.id, note=check_reason(reason, field="note")
    )
    audit.note(actor, "blanko.spoil", "blanko", blanko.number)


# --- Back to BNSP ------------------------------------------------------------------------------------------------


def spoiled(limit: int = MOST_RETURNED) -> list[BookRow]:
    """Numbers that wait to go back, the oldest first."""
    query = _rows(Wanted(state=S.SPOILED)).order_by(None).order_by(Blanko.id).limit(limit)
    return [_row(row) for row in db.session.execute(query)]


def give_back(actor: Actor, numbers: Sequence[str]) -> BlankoReturn:
    """Return spoiled blanko to BNSP under one berita acara: all of these or none. Raises DomainError."""
    if not numbers:
        raise DomainError("Centang dulu blangko yang dikembalikan.")
    found = db.session.scalars(
        select(Blanko)
        .where(Blanko.number.in_(numbers[:MOST_RETURNED]))
        .order_by(Blanko.id)
        .with_for_update()
    ).all()
    others = [blanko.number for blanko in found if blanko.state is not S.SPOILED]
    if others or len(found) != len(set(numbers)):
        told = f": {', '.join(others)}" if others else ""
        raise DomainError(
            f"Ada blangko yang tidak lagi tercatat rusak{told}. Belum ada yang dikembalikan."
        )
    own = db.session.scalars(
        select(Blanko.number)
        .join(Permohonan, Permohonan.id == Blanko.permohonan_id)
        .where(Blanko.id.in_([blanko.id for blanko in found]), Permohonan.asesi_id == actor.id)
    ).all()
    if own:
        raise DomainError(
            f"Blangko {', '.join(own)} untuk permohonan Anda sendiri, jadi orang lain yang mengembalikannya. "
            "Belum ada yang dikembalikan."
        )
    made = BlankoReturn(
        number=take_number("blanko_return").text,
        dated=clock.today_wib(),
        made_by_id=actor.id or 0,
    )
    db.session.add(made)
    db.session.flush()
    for blanko in found:
        reason = blanko.note
        blanko_ledger.move(blanko, S.RETURNED, actor_id=actor.id, note=reason, return_id=made.id)
    audit.note(
        actor, "blanko.return", "blanko_return", made.public_id, number=made.number, count=len(found)
    )  # fmt: skip
    return made


def one_return(public_id: str) -> BlankoReturn | None:
    return db.session.scalar(
        select(BlankoReturn)
        .where(BlankoReturn.public_id == public_id)
        .options(joinedload(BlankoReturn.made_by))
    )


def returned_by(paper: BlankoReturn) -> list[tuple[Blanko, str]]:
    """(blanko, why it was spoiled) on a berita acara."""
    rows = db.session.execute(
        select(Blanko, BlankoMove.note)
        .join(BlankoMove, BlankoMove.blanko_id == Blanko.id)
        .where(BlankoMove.return_id == paper.id)
        .order_by(Blanko.id)
    )
    return [(row[0], row[1]) for row in rows]


def latest_returns(limit: int = 10) -> Sequence[BlankoReturn]:
    return db.session.scalars(
        select(BlankoReturn).order_by(BlankoReturn.id.desc()).limit(limit)
    ).all()
