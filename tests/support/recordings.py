"""Recordings for tests: first bytes of each kind, a file in the store with its row, a penyelia who was named."""

from __future__ import annotations

import io
from datetime import date, timedelta

from sqlalchemy import inspect, select

from lsp import clock
from lsp.database import db
from lsp.gateways import storage
from lsp.models import Booking, MeetingPenyelia, MeetingRecording, Permohonan, User
from lsp.vocabulary import PermohonanStatus, RecordingKind, Role
from lsp.workflow.dossier import dossier_of
from tests import factories

MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82\x84webm"
LINK = "https://arsip.lsp.example/2026/11/r1"


def video(size: int = 3_000) -> bytes:
    """Begins as an MP4 does; no two places of it are alike nearby."""
    return (MP4 + b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1)))[:size]


def held_seat(case=None) -> Booking:
    """A remote meeting that took place, of a case past its pre-assessment."""
    from tests.workflow.cases import make_permohonan

    return dossier_of(case or make_permohonan(PermohonanStatus.READY)).bookings[-1]


def add_recording(
    seat: Booking, *, content: bytes = b"", keep_until: date | None = None, **columns
) -> MeetingRecording:
    """A file in the store and its row."""
    stored = storage.store().put_stream(io.BytesIO(content or video()))
    row = MeetingRecording(
        booking_id=seat.id,
        kind=RecordingKind.FULL,
        original_name="rapat.mp4",
        content_type="video/mp4",
        size=stored.size,
        sha256=stored.sha256,
        storage_key=stored.key,
        stored_by_id=seat.slot.asesor_id,
        keep_until=keep_until or clock.today_wib() + timedelta(days=5 * 365),
        **columns,
    )
    return factories.saved(row)


def watch(person: User, seat: Booking, *, only: bool = False) -> MeetingPenyelia:
    """Name a person for the jadwal of a meeting, or for this meeting alone."""
    row = MeetingPenyelia(
        user_id=person.id,
        jadwal_id=seat.slot.jadwal_id,
        slot_id=seat.slot_id if only else None,
        named_by_id=factories.make_user(Role.ADMIN).id,
    )
    db.session.add(row)
    db.session.commit()
    return row


def seat_of(desk):
    """Read anew: the worker leaves no session behind."""
    key = inspect(desk.case).identity[0]
    db.session.expire_all()
    return dossier_of(db.session.get_one(Permohonan, key)).bookings[-1]


def rows():
    db.session.expire_all()
    return db.session.scalars(select(MeetingRecording).order_by(MeetingRecording.id)).all()
