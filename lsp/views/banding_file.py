"""What the panel of a banding reads besides the file of the pleno: the recordings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp.database import db
from lsp.models import Booking, MeetingRecording, Permohonan


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """A recording of a meeting: a file of ours to fetch, or where the LSP keeps it; note: why it does not stand."""

    meeting: str
    starts_at: datetime
    kind: str
    url: str
    where: str
    note: str


def recordings_of(case: Permohonan) -> list[RecordingRow]:
    rows = db.session.scalars(
        select(MeetingRecording)
        .join(Booking, Booking.id == MeetingRecording.booking_id)
        .where(Booking.permohonan_id == case.id)
        .order_by(MeetingRecording.id)
        .options(joinedload(MeetingRecording.booking).joinedload(Booking.slot))
    )
    return [
        RecordingRow(
            row.booking.slot.kind.label,
            row.booking.slot.starts_at,
            row.kind.label,
            url_for("packs.recording", recording_id=row.public_id) if row.storage_key else "",
            "" if row.storage_key or row.destroyed_at else row.place,
            _why_not(row),
        )
        for row in rows
    ]


def _why_not(row: MeetingRecording) -> str:
    if row.destroyed_at is not None:
        return "Sudah dimusnahkan."
    return f"Tidak dipakai lagi: {row.supersede_reason}" if row.superseded_at else ""
