"""The rows of the admin's work list: narrowed, searched, in order, a page at a time; one query however many stand."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, or_, select, text, union_all
from sqlalchemy.orm import aliased

from lsp.actor import Actor
from lsp.database import db
from lsp.models import FrApl01, Permohonan, SkemaVersion, User, name_search, nik_index
from lsp.permissions import visible_to
from lsp.services.work_kinds import (
    KIND_OF,
    MINE,
    NARROWED,
    PROOF,
    WORK,
    Age,
    Limits,
    is_of_age,
    overdue_since,
)
from lsp.vocabulary import Mode, PermohonanStatus

PAGE_SIZE = 25
#: With this many digits a search is a number, not a name; looked up whole, along its index.
_DIGITS_OF_ID_IZIN = 5
#: A NIK as people write it, also within other words; never a part of an ID Izin.
_NIK = re.compile(r"(?<![\w-])\d(?:[ .-]?\d){15}(?![ .-]?\d)")
#: Values of `Wanted.verifier` beside the public id of an admin.
NOBODY_YET = "belum"
OLDEST, NEWEST = "terlama", "terbaru"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to. Empty is everything.

    work: a key of `WORK`. search: a name, an ID Izin, or a whole NIK. age: a colour of `Age`, or a number of days.
    verifier: `MINE`, `NOBODY_YET` or an admin's public id. order: `OLDEST` or `NEWEST`; empty is the usual one.
    """

    work: str = ""
    status: PermohonanStatus | None = None
    skema: str = ""
    search: str = ""
    age: str = ""
    verifier: str = ""
    order: str = ""
    cursor: str = ""

    @property
    def name(self) -> str:
        """The name that is searched for; empty when it is a number or nothing."""
        words = _printable(self.search).strip()
        return "" if not words or nik_in(words) or _as_id_izin(words) else words

    @property
    def oldest_first(self) -> bool:
        """Work from its oldest on, everything from its newest on, unless asked otherwise."""
        if self.order:
            return self.order == OLDEST
        return self.work in WORK or self.age in (Age.SOON, Age.LATE)

    @property
    def states(self) -> tuple[PermohonanStatus, ...]:
        if self.status is not None:
            return (self.status,)
        if self.work in WORK:
            return WORK[self.work][1]
        return tuple(KIND_OF) if self.age in (Age.SOON, Age.LATE) else ()


@dataclass(frozen=True, slots=True)
class Row:
    public_id: str
    asesi_name: str
    id_izin: str
    status: PermohonanStatus
    status_at: datetime
    skema_title: str
    mode: Mode
    submitted_at: datetime | None
    #: He agreed to the other mode, and the admin has not changed it yet.
    other_mode: bool
    #: A proof of payment waits to be looked at.
    proof: bool
    #: Who is to verify it; None when nobody was named yet.
    verifier: str | None


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    next_cursor: str


_assigned = aliased(User)
_COLUMNS = (
    select(
        Permohonan.public_id,
        Permohonan.asesi_name,
        Permohonan.id_izin,
        Permohonan.status,
        Permohonan.status_at,
        SkemaVersion.title,
        Permohonan.mode,
        Permohonan.submitted_at,
        Permohonan.mode_agreed_at.is_not(None),
        PROOF,
        _assigned.name,
        Permohonan.id,
    )
    .join(SkemaVersion, SkemaVersion.id == Permohonan.skema_version_id)
    .outerjoin(_assigned, _assigned.id == Permohonan.assigned_verifier_id)
)


def page(actor: Actor, wanted: Wanted, *, limits: Limits, hits: int | None = None) -> Page:
    """25 rows. One query. hits: how many names hold what is searched for, as `overview` counted."""
    first = places(actor, wanted, limits=limits, hits=hits, size=PAGE_SIZE + 1)
    statement = _COLUMNS.join(first, first.c.id == Permohonan.id).order_by(
        *_order(first.c.status_at, first.c.id, wanted)
    )
    found: Any = db.session.execute(statement, values_for(actor, wanted)).all()
    rows = [Row(*row[:11]) for row in found[:PAGE_SIZE]]
    more = len(found) > PAGE_SIZE
    last = found[PAGE_SIZE - 1] if more else None
    return Page(rows, encode(last.status_at, last.id) if last is not None else "")


def values_for(actor: Actor, wanted: Wanted) -> dict[str, Any]:
    """What the conditions of the kind of work ask for."""
    if wanted.work == MINE:
        return {"me": actor.id}
    return {"overdue": overdue_since()} if wanted.work == "hasil" else {}


def places(
    actor: Actor, wanted: Wanted, *, limits: Limits, hits: int | None, size: int
) -> Subquery:
    """(id, status_at) of the first so many cases from the cursor on, read along an index.

    Several states are each read along theirs, cut, and then sorted together: in one condition they would be sorted
    whole (38 ms instead of 3 at a hundred thousand rows). A few found names are looked up one by one.
    """
    _plan_for_a_name(wanted)
    if hits is not None and hits <= name_search.FEW:
        return _together(
            actor, wanted, limits, size, name_search.in_index(wanted.name), name_search.free
        )
    if wanted.name and len(wanted.states) > 2:
        # Each state along its own order would ask for all the found names anew.
        return _together(actor, wanted, limits, size, _named(wanted.name), _as_it_is)
    parts = [
        select(Permohonan.id, Permohonan.status_at)
        .where(*_state(state), *_conditions(actor, wanted, limits, state, _as_it_is, hits))
        .order_by(*_order(Permohonan.status_at, Permohonan.id, wanted))
        .limit(size)
        for state in wanted.states or (None,)
    ]
    if len(parts) == 1:
        return parts[0].subquery()
    joined = union_all(
        *(select(part.c.id, part.c.status_at) for part in (each.subquery() for each in parts))
    ).subquery()
    return (
        select(joined.c.id, joined.c.status_at)
        .order_by(*_order(joined.c.status_at, joined.c.id, wanted))
        .limit(size)
        .subquery()
    )


def _together(
    actor: Actor,
    wanted: Wanted,
    limits: Limits,
    size: int,
    found: ColumnElement[bool],
    column: Callable[[Any], Any],
) -> Subquery:
    """All states at once. On SQLite few found names lead, and no index may lead elsewhere; else the order does."""
    free = name_search.free if db.engine.dialect.name == "sqlite" else _as_it_is
    by_state = [
        and_(
            free(Permohonan.status) == state, *_conditions(actor, wanted, limits, state, column, 0)
        )
        for state in wanted.states
    ] or [and_(*_conditions(actor, wanted, limits, None, column, 0))]
    return (
        select(Permohonan.id, Permohonan.status_at)
        .where(found, or_(*by_state))
        .order_by(*_order(column(Permohonan.status_at), column(Permohonan.id), wanted))
        .limit(size)
        .subquery()
    )


def _as_it_is(column: Any) -> Any:
    return column


def _state(state: PermohonanStatus | None) -> list[ColumnElement[bool]]:
    return [] if state is None else [Permohonan.status == state]


def _conditions(
    actor: Actor,
    wanted: Wanted,
    limits: Limits,
    state: PermohonanStatus | None,
    column: Callable[[Any], Any],
    hits: int | None,
) -> list[ColumnElement[bool]]:
    """All but the state itself. column: how a column is written, where SQLite should not lead by its index.

    A staff person's own case is somebody else's work; opening it from the list would be a 404.
    """
    found = [visible_to(actor), column(Permohonan.asesi_id) != actor.id]
    if wanted.skema:
        version = select(SkemaVersion.id).where(SkemaVersion.public_id == wanted.skema)
        found.append(column(Permohonan.skema_version_id) == version.scalar_subquery())
    if wanted.verifier:
        found.append(_verified_by(actor, wanted.verifier, column(Permohonan.assigned_verifier_id)))
    if wanted.work in NARROWED:
        found.append(NARROWED[wanted.work])
    of_age = is_of_age(column(Permohonan.status_at), wanted.age, limits, wanted.work, state)
    if of_age is not None:
        found.append(of_age)
    after = decode(wanted.cursor)
    if after is not None:
        found.append(_after(after, column, oldest_first=wanted.oldest_first))
    return found + _searched(wanted, hits)


def _verified_by(actor: Actor, verifier: str, column: Any) -> ColumnElement[bool]:
    if verifier == NOBODY_YET:
        nobody: ColumnElement[bool] = column.is_(None)
        return nobody
    if verifier == MINE:
        mine: ColumnElement[bool] = column == actor.id
        return mine
    person = select(User.id).where(User.public_id == verifier).scalar_subquery()
    theirs: ColumnElement[bool] = column == person
    return theirs


def _searched(wanted: Wanted, hits: int | None) -> list[ColumnElement[bool]]:
    words = _printable(wanted.search).strip()
    nik = nik_in(words)
    if nik:
        owners = select(FrApl01.permohonan_id).where(FrApl01.nik_index == nik_index(nik))
        return [Permohonan.id.in_(owners)]
    number = _as_id_izin(words)
    if number:
        return [Permohonan.id_izin == number]
    if not words or (hits is not None and hits <= name_search.FEW):
        return []  # nothing to look for, or `_together` looks for it
    return [_named(words)]


def _named(words: str) -> ColumnElement[bool]:
    if db.engine.dialect.name == "sqlite":
        return name_search.along_order(words)
    return name_search.holds(words)


def _plan_for_a_name(wanted: Wanted) -> None:
    """PostgreSQL: after some searches one plan for all would be kept, and a rare name is not found as a common one.

    Nor is a name folded and compared at the price of adding two numbers, as the planner believes: with that it reads
    ten thousand names along the order rather than the index.
    """
    if wanted.name and db.engine.dialect.name == "postgresql":
        db.session.execute(
            text(
                "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
                " set_config('cpu_operator_cost', '0.04', true)"
            )
        )


def _order(moment: Any, key: Any, wanted: Wanted) -> tuple[Any, Any]:
    return (moment, key) if wanted.oldest_first else (moment.desc(), key.desc())


def _printable(words: str) -> str:
    """Without control characters: none stands in a name, and PostgreSQL takes no NUL."""
    return "".join(letter for letter in words if letter.isprintable())


def nik_in(words: str) -> str:
    """The NIK that stands in a search, digits only; empty when there is none. It never goes into an address."""
    found = _NIK.search(words)
    return re.sub(r"\D", "", found[0]) if found else ""


def _as_id_izin(words: str) -> str:
    """The ID Izin that is meant; empty when it is a name. Copied with spaces at most: other words make it a name."""
    number = "".join(words.split()).upper()
    has_words = any(part.isalpha() and len(part) > 2 for part in words.split())
    digits = sum(letter.isdigit() for letter in number)
    return number if digits >= _DIGITS_OF_ID_IZIN and not has_words else ""


def _after(
    position: tuple[datetime, int], column: Callable[[Any], Any], *, oldest_first: bool
) -> ColumnElement[bool]:
    moment, key = column(Permohonan.status_at), column(Permohonan.id)
    at, last_id = position
    if oldest_first:
        return or_(moment > at, and_(moment == at, key > last_id))
    return or_(moment < at, and_(moment == at, key < last_id))


def encode(moment: datetime, last_id: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([moment.isoformat(), last_id]).encode()).decode()


def decode(cursor: str) -> tuple[datetime, int] | None:
    """The position a cursor names; a broken or forged one starts from the beginning."""
    if not cursor:
        return None
    try:
        parts: Any = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        moment, last_id = datetime.fromisoformat(parts[0]), int(parts[1])
        # A moment of the first or last day of the calendar is none in UTC.
        in_utc = moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, binascii.Error):
        return None
    return (in_utc, last_id) if in_utc is not None and 0 <= last_id < 2**31 else None
