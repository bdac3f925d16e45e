"""Recordings of meetings, those still on their way, and who was named to watch a meeting.

A row of a recording stays for good: it tells what there was, who stored it and, once destroyed, on which paper.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import EncryptedText, enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.jadwal import Booking, Jadwal, Slot
from lsp.models.user import User
from lsp.vocabulary import RecordingKind


class MeetingRecording(Identified, Created, Model):
    """One part of the recording of a meeting: a place in the LSP's archive, or a file of ours with its SHA-256."""

    __tablename__ = "meeting_recording"
    __table_args__ = (
        CheckConstraint(
            "(place <> '') <> (sha256 <> '') AND (sha256 <> '') = (content_type <> '')",
            name="place_or_file",
        ),
        CheckConstraint(
            "storage_key IS NULL OR (sha256 <> '' AND destroyed_at IS NULL)", name="file_is_hashed"
        ),
        CheckConstraint(
            "superseded_at IS NULL OR supersede_reason <> ''", name="superseded_has_reason"
        ),
        CheckConstraint("destroyed_at IS NULL OR destroy_paper <> ''", name="destroyed_has_paper"),
        Index("ix_meeting_recording_booking", "booking_id"),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    kind: Mapped[RecordingKind] = mapped_column(enum_type(RecordingKind))
    #: A link, or, from before links were asked for, name and place in the LSP's archive. Empty for a file.
    place: Mapped[str] = mapped_column(String(500), default="")
    original_name: Mapped[str] = mapped_column(String(200), default="")
    content_type: Mapped[str] = mapped_column(String(40), default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    storage_key: Mapped[str | None] = mapped_column(String(32), unique=True)
    stored_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    #: At the earliest; a certificate that holds longer keeps it longer (lsp/services/recordings.py).
    keep_until: Mapped[date] = mapped_column(Date)
    superseded_at: Mapped[datetime | None]
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    supersede_reason: Mapped[str] = mapped_column(Text, default="")
    destroyed_at: Mapped[datetime | None]
    destroyed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: Number and witnesses of the Berita Acara Pemusnahan.
    destroy_paper: Mapped[str] = mapped_column(Text, default="")

    booking: Mapped[Booking] = relationship()
    stored_by: Mapped[User] = relationship(foreign_keys=[stored_by_id])

    @property
    def stands(self) -> bool:
        """Whether it is the one to look at: neither replaced nor destroyed."""
        return self.superseded_at is None and self.destroyed_at is None


class RecordingUpload(Identified, Created, Model):
    """A recording on its way in pieces; as `Upload`, for a file of any size.

    `whole_at` is set once its last byte came; the worker then stores it, sets `recording_id`, and the bytes that
    came go.
    """

    __tablename__ = "recording_upload"
    __table_args__ = (
        CheckConstraint("length >= 1", name="length_positive"),
        Index("ix_recording_upload_booking", "booking_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    kind: Mapped[RecordingKind] = mapped_column(enum_type(RecordingKind))
    length: Mapped[int] = mapped_column(BigInteger)
    original_name: Mapped[str] = mapped_column(String(200))
    #: What the sender said about it (tus, Upload-Metadata), and the key of the part file, as in `Upload`.
    said: Mapped[str] = mapped_column(EncryptedText("recording_upload.said"), default="")
    part_key: Mapped[str] = mapped_column(EncryptedText("recording_upload.part_key"))
    expires_at: Mapped[datetime]
    whole_at: Mapped[datetime | None]
    recording_id: Mapped[int | None] = mapped_column(ForeignKey("meeting_recording.id"))

    booking: Mapped[Booking] = relationship()


class MeetingPenyelia(Identified, Created, Model):
    """A penyelia who was named to watch: all meetings of a jadwal, or one of them."""

    __tablename__ = "meeting_penyelia"
    __table_args__ = (
        Index("ix_meeting_penyelia_user", "user_id", "ended_at"),
        Index("ix_meeting_penyelia_jadwal", "jadwal_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    jadwal_id: Mapped[int] = mapped_column(ForeignKey("jadwal.id"))
    #: Empty: every meeting of the jadwal.
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))
    named_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    jadwal: Mapped[Jadwal] = relationship()
    slot: Mapped[Slot | None] = relationship()
