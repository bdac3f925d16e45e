"""What the panel of a banding reads besides the file of the pleno: every edition of FR.AK.02, and the recordings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lsp.database import db
from lsp.models import Booking, FrAk02, FrAk02Unit, MeetingRecording, Permohonan


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """A recording of a meeting: a file of ours to fetch, or where the LSP keeps it."""

    meeting: str
    starts_at: datetime
    kind: str
    url: str
    where: str


def reports_of(case: Permohonan) -> list[FrAk02]:
    """All editions of FR.AK.02 in all attempts, the newest first; the first of them stands in the file above."""
    return list(
        db.session.scalars(
            select(FrAk02)
            .where(FrAk02.permohonan_id == case.id)
            .order_by(FrAk02.attempt.desc(), FrAk02.edition.desc())
            .options(
                joinedload(FrAk02.asesor), selectinload(FrAk02.units).joinedload(FrAk02Unit.unit)
            )
        )
    )


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
            _where(row),
        )
        for row in rows
    ]


def _where(row: MeetingRecording) -> str:
    if row.destroyed_at is not None:
        return "Sudah dimusnahkan."
    words = "" if row.storage_key else row.place
    return f"{words} Tidak dipakai lagi: {row.supersede_reason}" if row.superseded_at else words
