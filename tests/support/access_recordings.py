"""What the access table visits of recordings: files of meetings, those on their way, namings of penyelia."""

from __future__ import annotations

from sqlalchemy import select

from lsp import clock, ids
from lsp.database import db
from lsp.models import Booking, Jadwal, MeetingRecording, Permohonan, RecordingUpload, User
from lsp.services.recording_uploads import LIVES
from lsp.vocabulary import PermohonanStatus, RecordingKind
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.support.recordings import add_recording, watch
from tests.workflow import cases


def _held(person: User, own: bool) -> Booking:
    """A meeting that this person held as its asesor (own), or another asesor."""
    cast = cases.make_cast()
    if own:
        cast.asesor = person
    return dossier_of(cases.make_permohonan(PermohonanStatus.READY, cast=cast)).bookings[-1]


def recorded_case(person: User, own: bool) -> str:
    return _held(person, own).permohonan.public_id


def recording_id(person: User, own: bool) -> str:
    """Of the meeting of the case that stands in the same address, or of a new one."""
    return add_recording(_seat(person, own)).public_id


def recording_or_none(person: User, own: bool) -> str:
    return recording_id(person, own) if own else ids.public_id()


def recording_upload(person: User, own: bool) -> str:
    seat = _seat(person, own)
    upload = RecordingUpload(
        user_id=seat.slot.asesor_id, booking_id=seat.id, kind=RecordingKind.FULL, length=5, original_name="a.mp4",
        part_key="00" * 32, expires_at=clock.now() + LIVES,
    )  # fmt: skip
    return factories.saved(upload).public_id


def _seat(person: User, own: bool) -> Booking:
    """Arguments come in the order of their names: the case of the same address was made just before."""
    newest = db.session.scalar(select(Permohonan).order_by(Permohonan.id.desc()).limit(1))
    seats = dossier_of(newest).bookings if newest is not None else []
    if seats and (seats[-1].slot.asesor_id == person.id) == own:
        recorded = select(MeetingRecording.id).where(MeetingRecording.booking_id == seats[-1].id)
        if db.session.scalar(recorded) is None:
            return seats[-1]
    return _held(person, own)


def naming(person: User, own: bool) -> str:
    """Made after `jadwal_remembered`: a naming of that jadwal (own), or nobody's."""
    from tests.support.access_meetings import forget_jadwal

    jadwal_id = forget_jadwal(person)
    if not own:
        return ids.public_id()
    jadwal = db.session.scalars(select(Jadwal).where(Jadwal.public_id == jadwal_id)).one()
    seat = cases.seat_of(cases.make_permohonan(PermohonanStatus.PRE_SCHEDULED))
    row = watch(person, seat)
    row.jadwal_id = jadwal.id
    db.session.commit()
    return row.public_id
