"""Packs of remote meetings: what was recorded of each, what lacks, and whom to ask for it.

Recording and screenshot may follow the meeting (workflow 4); the rest cannot be made up later, and stands as a gap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, text, tuple_, union
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Booking,
    ConsentText,
    Document,
    Incident,
    Jadwal,
    MeetingJoin,
    MeetingRecord,
    MeetingRecording,
    OutboxMessage,
    Permohonan,
    Slot,
    User,
)
from lsp.models.inforce import setting, working_days_ago
from lsp.models.jadwal import INCIDENT_GAP, RECORD_GAP, REMOTE_RECORD
from lsp.models.queue import add_mail
from lsp.services import audit, joining, meetings, recordings
from lsp.vocabulary import FINAL, MeetingKind, Mode
from lsp.vocabulary.dates import day_words
from lsp.workflow.remote_record import is_held_remotely, lacking, lacks, still_to_hand_in

PER_PAGE = 25
REMINDER = "pack_reminder"
#: Word in the address -> what lacks, in words.
GAPS = {kept.name: kept.words for kept in REMOTE_RECORD} | {"gangguan": "tindakan atas gangguan"}
_R = MeetingRecord
_LACKS = {kept.name: lacks(kept) for kept in REMOTE_RECORD}
_WITHOUT_ACTION = select(Incident.booking_id).where(text(INCIDENT_GAP))
#: Along two partial indexes: the few that lack something, not all that were held.
_WITH_GAPS = union(select(_R.booking_id).where(text(RECORD_GAP)), _WITHOUT_ACTION)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list shows. gap: a word of GAPS, `ada` for any, empty for every pack. older: days, or `terlambat`."""

    gap: str = "ada"
    asesor: str = ""
    older: str = ""
    after: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    public_id: str
    key: int
    began_at: datetime
    #: Of the slot: where the next page goes on.
    ends_at: datetime
    kind: MeetingKind
    asesor: str
    asesi: str
    gaps: tuple[str, ...]
    late: bool


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    more: bool


def page(actor: Actor, wanted: Wanted) -> Page:
    """Packs of meetings that took place: with gaps the oldest first, so late ones lead; all of them newest first."""
    late_before = working_days_ago(int(setting("recording_follow_up_working_days")))
    person = aliased(User)
    query = (
        select(
            Booking.public_id, Booking.id, _R.started_at, Slot.ends_at, Slot.kind, person.name, Permohonan.asesi_name,
            *(lack.label(name) for name, lack in _LACKS.items()),
            Booking.id.in_(_WITHOUT_ACTION).label("gangguan"),
        )
        .select_from(Booking)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Jadwal, Jadwal.id == Slot.jadwal_id)
        .join(Permohonan, Permohonan.id == Booking.permohonan_id)
        .join(_R, _R.booking_id == Booking.id)
        .join(person, person.id == Slot.asesor_id)
        .where(*_held(actor), *_narrowed(wanted, person, late_before))
    )  # fmt: skip
    place, ascending = (Slot.ends_at, Booking.id), bool(wanted.gap)
    if wanted.after is not None:
        here, there = tuple_(*place), tuple_(*wanted.after)
        query = query.where(here > there if ascending else here < there)
    order = place if ascending else tuple(column.desc() for column in place)
    found = db.session.execute(query.order_by(*order).limit(PER_PAGE + 1)).all()
    return Page([_row(each, late_before) for each in found[:PER_PAGE]], len(found) > PER_PAGE)


def _held(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (
        Booking.cancelled_at.is_(None),
        Jadwal.mode == Mode.DARING,
        _R.started_at.is_not(None),
        or_(Booking.closed_at.is_not(None), Slot.ends_at < clock.now()),
        Permohonan.asesi_id != actor.id,
    )


def _narrowed(wanted: Wanted, person: Any, late_before: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.gap:  # a case that ended needs nothing any more
        conditions += [Booking.id.in_(_WITH_GAPS), Permohonan.status.not_in(FINAL)]
    if wanted.gap == "gangguan":
        conditions.append(Booking.id.in_(_WITHOUT_ACTION))
    elif wanted.gap in _LACKS:
        conditions.append(_LACKS[wanted.gap])
    if wanted.asesor:
        conditions.append(person.public_id == wanted.asesor)
    if wanted.older == "terlambat":
        conditions.append(Slot.ends_at < clock.day_begins(late_before))
    elif wanted.older.isdigit():
        conditions.append(Slot.ends_at < clock.now() - timedelta(days=int(wanted.older)))
    return conditions


def _row(found: Any, late_before: date) -> Row:
    gaps = tuple(name for name in GAPS if getattr(found, name))
    return Row(
        public_id=found.public_id,
        key=found.id,
        began_at=found.started_at,
        ends_at=found.ends_at,
        kind=found.kind,
        asesor=found.name,
        asesi=found.asesi_name,
        gaps=gaps,
        late=bool(gaps) and found.ends_at < clock.day_begins(late_before),
    )


def asesor_with_packs() -> list[tuple[str, str]]:
    """(public id, name) of those whose remote meetings took place, for the filter."""
    seats = (
        select(Booking.id)
        .join(_R, _R.booking_id == Booking.id)
        .where(Booking.slot_id == Slot.id, _R.started_at.is_not(None))
    )
    held = select(Slot.id).where(Slot.asesor_id == User.id, seats.exists()).exists()
    return [
        (public_id, name)
        for public_id, name in db.session.execute(
            select(User.public_id, User.name).where(held).order_by(User.name)
        )
    ]


# --- One pack ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything of one meeting, read in a fixed number of queries."""

    record: MeetingRecord
    gaps: tuple[str, ...]
    consent_version: int | None
    incidents: Sequence[Incident]
    observations: Sequence[Incident]
    joins: Sequence[MeetingJoin]
    writers: Mapping[int, str]
    recordings: Sequence[MeetingRecording]
    screenshot: Document | None
    still: Document | None
    reminded_at: datetime | None


def pack_of(seat: Booking) -> Pack:
    """The pack of a meeting; one that nothing was recorded of has an empty record."""
    record = seat.record or MeetingRecord(booking_id=seat.id, recording_reference="", note="")
    noted = meetings.incidents_of(seat)
    kept = recordings.of_bookings([seat.id]).get(seat.id, [])
    people = {each.recorded_by_id for each in noted} | {each.stored_by_id for each in kept}
    names = db.session.execute(select(User.id, User.name).where(User.id.in_(people)))
    return Pack(
        record=record,
        gaps=gaps_of(seat, noted),
        consent_version=_version(record.recording_consent_text_id),
        incidents=[each for each in noted if not each.is_observation],
        observations=[each for each in noted if each.is_observation],
        joins=joining.joins_of([seat]).get(seat.id, []),
        writers={each.id: each.name for each in names},
        recordings=kept,
        screenshot=_document(record.screenshot_document_id),
        still=_document(record.identity_document_id),
        reminded_at=_reminded_at(seat),
    )


def gaps_of(seat: Booking, noted: Sequence[Incident]) -> tuple[str, ...]:
    """Words of GAPS that this meeting lacks; none for one that was face to face or did not take place."""
    if not is_held_remotely(seat):
        return ()
    found = tuple(kept.name for kept in lacking(seat))
    return (*found, "gangguan") if any(not each.action for each in noted) else found


def _version(text_id: int | None) -> int | None:
    found = db.session.get(ConsentText, text_id) if text_id is not None else None
    return found.version_number if found is not None else None


def _document(key: int | None) -> Document | None:
    return db.session.get(Document, key) if key is not None else None


# --- Asking for what lacks ---------------------------------------------------------------------------------------


def _reminders(seat: Booking) -> Select[Any]:
    return (
        select(OutboxMessage.created_at)
        .where(
            OutboxMessage.permohonan_id == seat.permohonan_id,
            OutboxMessage.kind == REMINDER,
            OutboxMessage.dedupe.contains(f":{seat.public_id}:"),
        )
        .order_by(OutboxMessage.id.desc())
        .limit(1)
    )


def _reminded_at(seat: Booking) -> datetime | None:
    found: datetime | None = db.session.scalar(_reminders(seat))
    return found


def remind(actor: Actor, seat: Booking) -> None:
    """Ask the asesor by mail for what can still be handed in. Raises DomainError too soon after the last time."""
    wanted = still_to_hand_in(seat)
    if not wanted:
        raise DomainError(
            "Rekaman dan tangkapan layar rapat ini sudah ada, jadi tidak ada yang ditagih."
        )
    days, last = int(setting("reminder_gap_days")), _reminded_at(seat)
    if last is not None and clock.now() - last < timedelta(days=days):
        raise DomainError(f"Asesor sudah diingatkan dalam {days} hari terakhir. Tunggu dulu.")
    add_mail(
        seat.slot.asesor,
        REMINDER,
        dedupe=f"{seat.public_id}:{clock.now():%Y%m%d%H%M}",
        permohonan_id=seat.permohonan_id,
        asesi_name=seat.permohonan.asesi_name,
        meeting=seat.slot.kind.label,
        held_on=day_words(seat.slot.starts_at.astimezone(clock.WIB)),
        lacking=" dan ".join(kept.words for kept in wanted),
        public_id=seat.permohonan.public_id,
    )
    audit.note(actor, "pack.remind", "booking", seat.public_id)
    db.session.flush()
