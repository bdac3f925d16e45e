"""What stands above the admin's work list: tiles, choices of the filter, limits of age; one query at any size."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import (
    Complaint,
    OutboxMessage,
    Permohonan,
    Setting,
    SkemaVersion,
    StatusCount,
    User,
    holders_of,
    name_search,
)
from lsp.services.complaint_handling import is_late, is_not_about, waits_for_office
from lsp.services.outbox import FAILED
from lsp.services.work_kinds import (
    FEW,
    LIMITS_KEY,
    NARROWED,
    WORK,
    Limits,
    limits_of,
    overdue_since,
)
from lsp.vocabulary import Channel, Role

#: Beyond this many waiting rows of the outbox the exact number tells nobody more.
MANY = 1_000


@dataclass(frozen=True, slots=True)
class Tile:
    """A kind of work: how many cases wait, and since when the oldest does."""

    key: str
    label: str
    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What stands above the list. skema: (public id of a version, title); admins: (public id, name).

    failed, by_hand: rows of the outbox that were given up, and calls that a person makes; counted up to `MANY`.
    complaints: keluhan that wait for the office, and how many clocks of them have run out.
    hits: names that hold what is searched for, counted up to `name_search.FEW` + 1; None where nobody counted.
    """

    tiles: list[Tile]
    skema: list[tuple[str, str]]
    admins: list[tuple[str, str]]
    limits: Limits
    failed: int
    by_hand: int
    complaints: int
    complaints_late: int
    hits: int | None


_oldest = aliased(Permohonan)
_STATES = select(
    literal("status").label("what"),
    StatusCount.status.label("key"),
    StatusCount.count.label("number"),
    select(func.min(_oldest.status_at))
    .where(_oldest.status == StatusCount.status)
    .scalar_subquery()
    .label("oldest"),
    literal("").label("title"),
).where(StatusCount.count > 0)
_SKEMA = select(
    literal("skema"),
    SkemaVersion.public_id,
    SkemaVersion.version_number,
    null(),
    SkemaVersion.title,
)
_ADMINS = select(literal("admin"), User.public_id, null(), null(), User.name).where(
    User.disabled_at.is_(None),
    User.id.in_(holders_of(Role.ADMIN)),
)
_in_force = (
    select(cast(Setting.value, String).label("value"))
    .where(Setting.key == LIMITS_KEY, Setting.effective_from <= bindparam("today"))
    .order_by(Setting.effective_from.desc(), Setting.id.desc())
    .limit(1)
    .subquery()
)
_LIMITS = select(literal("limits"), literal(""), null(), null(), _in_force.c.value)


def _waiting(what: str, *conditions: ColumnElement[bool]) -> Any:
    some = select(OutboxMessage.id).where(OutboxMessage.done_at.is_(None), *conditions).limit(MANY)
    return select(
        literal(what),
        literal(""),
        select(func.count()).select_from(some.subquery()).scalar_subquery(),
        null(),
        literal(""),
    )


def _narrowed(key: str) -> Any:
    here = Permohonan.status.in_(WORK[key][1])
    conditions = (
        # In a CASE, so that the database begins with the few and not with all cases of the states.
        (case((here, 1), else_=0) == 1, Permohonan.id.in_(FEW[key]))
        if key in FEW
        else (here, NARROWED[key])
    )
    return select(
        literal("narrowed"),
        literal(key),
        func.count(Permohonan.id),
        func.min(Permohonan.status_at),
        literal(""),
    ).where(*conditions)


def _complaints(what: str, condition: ColumnElement[bool]) -> Any:
    return select(literal(what), literal(""), func.count(Complaint.id), null(), literal("")).where(
        condition, is_not_about(bindparam("me"))
    )


_TODAY = bindparam("today", type_=Complaint.close_due.type)
_PARTS = (
    _STATES,
    _SKEMA,
    _ADMINS,
    _LIMITS,
    *(_narrowed(key) for key in NARROWED),
    _waiting("failed", OutboxMessage.channel.in_(tuple(Channel)), FAILED),
    _waiting(
        "by_hand",
        OutboxMessage.channel.in_((Channel.SIKI, Channel.BNSP)),
        OutboxMessage.dead_at.is_(None),
    ),
    _complaints("complaints", waits_for_office(_TODAY)),
    _complaints("complaints_late", is_late(_TODAY)),
)
_OVERVIEW = union_all(*_PARTS)


def overview(actor: Actor, *, name: str = "") -> Overview:
    """Tiles, choices of the filter and the state of the outbox, in one query.

    Counts come from the counter table; the oldest of each state from an index. name: what is searched for.
    """
    values = {"overdue": clock.now(), "me": actor.id, "today": clock.today_wib()}
    found = db.session.execute(_with_hits(name) if name else _OVERVIEW, values).all()
    by_what: dict[str, list[Any]] = {}
    for row in found:
        by_what.setdefault(row.what, []).append(row)
    counts = _counts([*by_what.get("status", []), *by_what["narrowed"]])
    hits = by_what.get("hits")
    return Overview(
        tiles=_tiles(counts),
        skema=_versions(by_what.get("skema", [])),
        admins=sorted(
            ((row.key, row.title) for row in by_what.get("admin", [])),
            key=lambda each: each[1].lower(),
        ),
        limits=limits_of(json.loads(by_what["limits"][0].title)),
        failed=int(by_what["failed"][0].number),
        by_hand=int(by_what["by_hand"][0].number),
        complaints=int(by_what["complaints"][0].number),
        complaints_late=int(by_what["complaints_late"][0].number),
        hits=int(hits[0].number) if hits else None,
    )


def _with_hits(name: str) -> Any:
    """SQLite plans by rules of thumb, so we tell it whether many names are meant; PostgreSQL has statistics."""
    if db.engine.dialect.name != "sqlite":
        return _OVERVIEW
    hits = select(
        literal("hits"), literal(""), name_search.count_up_to_many(name), null(), literal("")
    )
    return union_all(*_PARTS, hits)


def _counts(found: Iterable[Any]) -> dict[str, tuple[int, datetime | None]]:
    counts = {row.key: (int(row.number), row.oldest) for row in found}
    if counts["hasil"][0]:
        # Some meeting is over: only then is it asked after how many hours that becomes work.
        row = db.session.execute(_narrowed("hasil"), {"overdue": overdue_since()}).one()
        counts["hasil"] = (int(row[2]), row[3])
    return counts


def _versions(rows: list[Any]) -> list[tuple[str, str]]:
    """Title of each version of a skema; with its number where several are called the same."""
    times = Counter(row.title for row in rows)
    named = [
        (row.key, row.title if times[row.title] == 1 else f"{row.title}, versi {row.number}")
        for row in rows
    ]
    return sorted(named, key=lambda each: each[1].lower())


def _tiles(counts: dict[str, tuple[int, datetime | None]]) -> list[Tile]:
    made = []
    for key, (label, states) in WORK.items():
        names = [key] if key in NARROWED else [state.value for state in states]
        found = [counts[name] for name in names if name in counts]
        if key in NARROWED and not counts[key][0]:
            continue
        ages = [age for _count, age in found if age is not None]
        made.append(
            Tile(key, label, sum(count for count, _age in found), min(ages) if ages else None)
        )
    return made
