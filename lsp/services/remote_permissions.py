"""BNSP's permissions to assess remotely: noted, corrected by a row of their own, ended. No row is ever rewritten.

What they allow is asked in workflow/fitness.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Booking,
    Jadwal,
    MeetingRecord,
    RemotePermission,
    Skema,
    SkemaVersion,
    Slot,
)
from lsp.models.inforce import permission_stands, remote_permissions_between
from lsp.services import audit
from lsp.vocabulary import EvidenceKind, Mode
from lsp.workflow.machine import check_reason

_TWICE = "Surat izin bernomor ini sudah dicatat untuk skema itu."
_ELSEWHERE = "Izin ini sudah dibetulkan di tab atau oleh admin lain. Isian Anda masih ada di bawah."


@dataclass(frozen=True, slots=True)
class PermissionLine:
    """A permission that stands. corrected: the row it took the place of; methods: in words."""

    skema_number: str
    permission: RemotePermission
    in_force: bool
    corrected: RemotePermission | None
    methods: str


def standing() -> list[PermissionLine]:
    """Every permission but those that were corrected, the longest-lasting first; one query."""
    today, before = clock.today_wib(), aliased(RemotePermission)
    rows = db.session.execute(
        select(RemotePermission, Skema.number, before)
        .join(Skema, Skema.id == RemotePermission.skema_id)
        .outerjoin(before, before.id == RemotePermission.corrects_id)
        .where(permission_stands())
        .order_by(RemotePermission.valid_until.desc(), RemotePermission.id)
    )
    return [
        PermissionLine(
            number, row, row.valid_from <= today <= row.last_day, corrected, _words(row.methods)
        )
        for row, number, corrected in rows
    ]


def _words(methods: Sequence[str]) -> str:
    return ", ".join(kind.label for kind in EvidenceKind if kind in methods)


def one(permission_id: int) -> RemotePermission | None:
    return db.session.get(RemotePermission, permission_id)


def correction_of(row: RemotePermission) -> RemotePermission | None:
    """The row that took the place of this one."""
    return db.session.scalar(select(RemotePermission).where(RemotePermission.corrects_id == row.id))


def add(actor: Actor, *, skema_id: str, **values: Any) -> RemotePermission:
    """Note BNSP's letter for the skema of this public id. Raises DomainError when it stands already."""
    skema = skema_named(skema_id)
    _check_number(skema.id, values["number"])
    row = RemotePermission(skema_id=skema.id, **values)
    db.session.add(row)
    db.session.flush()
    audit.note(actor, "remote_permission.add", "skema", skema.public_id, number=row.number)
    return row


def skema_named(public_id: str) -> Skema:
    return db.session.scalars(select(Skema).where(Skema.public_id == public_id)).one()


def _check_number(skema_id: int, number: str, *, but: int | None = None) -> None:
    same = select(RemotePermission.id).where(
        RemotePermission.skema_id == skema_id,
        RemotePermission.number == number,
        permission_stands(),
    )
    if but is not None:
        same = same.where(RemotePermission.id != but)
    if db.session.scalar(same.limit(1)) is not None:
        raise DomainError(_TWICE, field="number")


def correct(actor: Actor, row: RemotePermission, *, reason: str, **values: Any) -> RemotePermission:
    """Put a right row in the place of a wrong one, which stays. Sent twice it makes one.

    Raises DomainError for a number of another permission, or when somebody else corrected it meanwhile.
    """
    later = correction_of(row)
    if later is not None:
        if all(getattr(later, name) == value for name, value in values.items()):
            return later
        raise DomainError(_ELSEWHERE, field="number")
    check_reason(reason, field="reason")
    _check_number(row.skema_id, values["number"], but=row.id)
    made = RemotePermission(skema_id=row.skema_id, corrects_id=row.id, **values)
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise DomainError(_ELSEWHERE, field="number") from error
    audit.note(
        actor, "remote_permission.correct", "skema", _skema_of(row), was=_facts(row), now=_facts(made),
        reason=reason,
    )  # fmt: skip
    return made


def end(actor: Actor, row: RemotePermission, *, last_day: date, reason: str) -> None:
    """Let a permission hold no longer than a day. Raises DomainError where meetings were held after it."""
    if correction_of(row) is not None:
        raise DomainError(_ELSEWHERE, field="last_day")
    if not row.valid_from <= last_day <= row.valid_until:
        raise DomainError("Pilih hari di dalam masa berlaku izin ini.", field="last_day")
    held = db.session.scalar(_meetings(row, after=last_day, held=True)) or 0
    if held:
        raise DomainError(
            f"{held} rapat sudah diadakan sesudah hari itu dengan izin ini. Pilih hari yang lebih akhir.",
            field="last_day",
        )
    row.ended_on, row.end_reason = last_day, check_reason(reason, field="reason")
    db.session.flush()
    audit.note(
        actor, "remote_permission.end", "skema", _skema_of(row), number=row.number,
        last=last_day.isoformat(), reason=row.end_reason,
    )  # fmt: skip


def booked_after(row: RemotePermission, last_day: date) -> int:
    """Remote meetings of the skema that are booked for a later day."""
    return db.session.scalar(_meetings(row, after=last_day, held=False)) or 0


def booked_outside(row: RemotePermission, first: date, last: date) -> int:
    """Of the days of this permission, those before and after a new span: meetings that stand booked there."""
    early = _booked_or_held(row, row.valid_from, min(first - timedelta(days=1), row.last_day))
    return booked_after(row, last) + (
        db.session.scalar(early.where(Booking.closed_at.is_(None))) or 0
    )


def overlapping(
    skema_id: int, first: date, last: date, *, but: int | None = None
) -> RemotePermission | None:
    """Another permission of the skema that holds on some of these days. but: the one that is being corrected."""
    others = remote_permissions_between(skema_id, first, last)
    return next((row for row in others if row.id != but), None)


def _meetings(row: RemotePermission, *, after: date, held: bool) -> Select[int]:
    query = _booked_or_held(row, after + timedelta(days=1), row.valid_until)
    if not held:
        return query.where(Booking.closed_at.is_(None))
    return query.join(MeetingRecord, MeetingRecord.booking_id == Booking.id).where(
        MeetingRecord.started_at.is_not(None)
    )


def _booked_or_held(row: RemotePermission, first: date, last: date) -> Select[int]:
    since, until = clock.day_span(first, last)
    return (
        select(func.count(Booking.id))
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Jadwal, Jadwal.id == Slot.jadwal_id)
        .join(SkemaVersion, SkemaVersion.id == Jadwal.skema_version_id)
        .where(
            SkemaVersion.skema_id == row.skema_id,
            Jadwal.mode == Mode.DARING,
            Slot.starts_at >= since,
            Slot.starts_at < until,
            Booking.cancelled_at.is_(None),
        )
    )


def _skema_of(row: RemotePermission) -> str:
    return db.session.scalars(select(Skema.public_id).where(Skema.id == row.skema_id)).one()


def _facts(row: RemotePermission) -> str:
    return f"{row.number}, {row.valid_from} – {row.valid_until}, {', '.join(row.methods)}"
