"""What the record of a remote meeting lacks: the guard of the pleno asks, and packs and the asesor's pages say it."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from lsp.models import Booking, MeetingRecord
from lsp.models.jadwal import REMOTE_RECORD, Kept
from lsp.vocabulary import Mode


def is_held_remotely(seat: Booking) -> bool:
    """Whether the meeting took place and was remote, whatever mode the case has changed to since."""
    began = seat.record is not None and seat.record.started_at is not None
    return began and seat.slot.jadwal.mode is Mode.DARING


def lacking(seat: Booking) -> list[Kept]:
    """Nothing of a meeting that was face to face or did not take place."""
    if not is_held_remotely(seat):
        return []
    return [kept for kept in REMOTE_RECORD if not getattr(seat.record, kept.column)]


def still_to_hand_in(seat: Booking) -> list[Kept]:
    """Those of them that may follow; before they do, the file is not complete."""
    return [kept for kept in lacking(seat) if kept.may_follow]


def lacks(kept: Kept) -> ColumnElement[bool]:
    """The same of one thing, asked of the rows of meeting_record that began."""
    condition: ColumnElement[bool] = getattr(MeetingRecord, kept.column) == kept.empty
    return condition
