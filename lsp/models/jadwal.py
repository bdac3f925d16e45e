"""Where and when: TUK, asesor, jadwal (a batch), its peserta, slots (meetings) and bookings (seats)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp import clock
from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.permohonan import Permohonan
from lsp.models.skema import SkemaVersion
from lsp.models.user import User
from lsp.vocabulary import JadwalStatus, MeetingKind, Mode, TukKind


class Tuk(Identified, Model):
    """Tempat Uji Kompetensi. One row carries three ids: own, BNSP's, SIKI's (process 2.5)."""

    __tablename__ = "tuk"

    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[TukKind] = mapped_column(enum_type(TukKind))
    code: Mapped[str] = mapped_column(String(40), unique=True)
    bnsp_id: Mapped[str] = mapped_column(String(40), default="")
    siki_code: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    verification_letter: Mapped[str] = mapped_column(String(80), default="")
    verification_signer: Mapped[str] = mapped_column(String(120), default="")
    verified_on: Mapped[date | None] = mapped_column(Date)


class AsesorProfile(Model):
    """What makes an account an asesor: MET certificate, own SKK and jenjang, scope (subklasifikasi codes)."""

    __tablename__ = "asesor_profile"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    met_number: Mapped[str] = mapped_column(String(40), unique=True)
    met_valid_until: Mapped[date] = mapped_column(Date)
    jenjang: Mapped[int]
    scope: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: His own SKK, which must hold on the day of a meeting (process 1.2, D4).
    skk_number: Mapped[str] = mapped_column(String(60), default="")
    skk_valid_until: Mapped[date | None] = mapped_column(Date)

    user: Mapped[User] = relationship()


class AsesorDayOff(Identified, Created, Model):
    """Days on which an asesor takes no meetings, in his own zone; the moments are those days in UTC."""

    __tablename__ = "asesor_day_off"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        Index("ix_asesor_day_off_user_id_until_moment", "user_id", "until_moment"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    from_moment: Mapped[datetime]
    until_moment: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(120), default="")

    user: Mapped[User] = relationship()


class Jadwal(Identified, Created, Model):
    """A batch of asesi for one skema version at one TUK, with its asesor and surat tugas."""

    __tablename__ = "jadwal"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint(
            "asesor_2_id IS NULL OR asesor_2_id <> asesor_1_id", name="two_different_asesor"
        ),
        CheckConstraint(
            "status IN ('draft', 'cancelled') OR (surat_tugas_number <> '' AND surat_tugas_date IS NOT NULL)",
            name="confirmed_has_surat_tugas",
        ),
    )

    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(160))
    skema_version_id: Mapped[int] = mapped_column(ForeignKey("skema_version.id"), index=True)
    tuk_id: Mapped[int] = mapped_column(ForeignKey("tuk.id"))
    mode: Mapped[Mode] = mapped_column(enum_type(Mode))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    asesor_1_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    asesor_2_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    surat_tugas_number: Mapped[str] = mapped_column(String(60), default="")
    surat_tugas_date: Mapped[date | None] = mapped_column(Date)
    status: Mapped[JadwalStatus] = mapped_column(
        enum_type(JadwalStatus), default=JadwalStatus.DRAFT
    )
    status_at: Mapped[datetime] = mapped_column(default=clock.now)
    bnsp_code: Mapped[str] = mapped_column(String(60), default="")

    skema_version: Mapped[SkemaVersion] = relationship()
    tuk: Mapped[Tuk] = relationship()
    asesor_1: Mapped[User] = relationship(foreign_keys=[asesor_1_id])
    asesor_2: Mapped[User | None] = relationship(foreign_keys=[asesor_2_id])
    slots: Mapped[list[Slot]] = relationship(back_populates="jadwal", order_by="Slot.starts_at")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name


class Peserta(Identified, Created, Model):
    """A permohonan and attempt in a jadwal; BNSP keys by NIK, so a NIK stands in a jadwal at most once."""

    __tablename__ = "peserta"
    __table_args__ = (
        UniqueConstraint("jadwal_id", "nik_index"),
        UniqueConstraint("permohonan_id", "attempt", "jadwal_id"),
    )

    jadwal_id: Mapped[int] = mapped_column(ForeignKey("jadwal.id"))
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), index=True)
    attempt: Mapped[int]
    nik_index: Mapped[str] = mapped_column(String(64))

    jadwal: Mapped[Jadwal] = relationship()
    permohonan: Mapped[Permohonan] = relationship()


class Slot(Identified, Created, Model):
    """A meeting of a jadwal with one asesor and `capacity` seats; times in UTC."""

    __tablename__ = "slot"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="times_in_order"),
        CheckConstraint("capacity BETWEEN 1 AND 40", name="capacity_range"),
        Index(
            "uq_slot_standing",
            "asesor_id",
            "starts_at",
            unique=True,
            sqlite_where=text("cancelled_at IS NULL"),
            postgresql_where=text("cancelled_at IS NULL"),
        ),
        Index("ix_slot_asesor_id_starts_at", "asesor_id", "starts_at"),
        Index("ix_slot_open", "kind", "starts_at"),
        Index("ix_slot_ends", "ends_at"),
    )

    jadwal_id: Mapped[int] = mapped_column(ForeignKey("jadwal.id"), index=True)
    kind: Mapped[MeetingKind] = mapped_column(enum_type(MeetingKind))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    asesor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    capacity: Mapped[int] = mapped_column(default=1)
    meeting_url: Mapped[str] = mapped_column(String(300), default="")
    cancelled_at: Mapped[datetime | None]

    jadwal: Mapped[Jadwal] = relationship(back_populates="slots")
    asesor: Mapped[User] = relationship()
    bookings: Mapped[list[Booking]] = relationship(back_populates="slot")


class Booking(Identified, Created, Model):
    """A seat in a slot. The partial unique index is what gives the last seat to exactly one."""

    __tablename__ = "booking"
    __table_args__ = (
        Index(
            "uq_booking_seat",
            "slot_id",
            "seat",
            unique=True,
            sqlite_where=text("cancelled_at IS NULL"),
            postgresql_where=text("cancelled_at IS NULL"),
        ),
        Index(
            "uq_booking_standing",
            "permohonan_id",
            unique=True,
            sqlite_where=text("cancelled_at IS NULL AND closed_at IS NULL"),
            postgresql_where=text("cancelled_at IS NULL AND closed_at IS NULL"),
        ),
        CheckConstraint("seat >= 1", name="seat_positive"),
    )

    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    seat: Mapped[int]
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), index=True)
    peserta_id: Mapped[int] = mapped_column(ForeignKey("peserta.id"))
    attempt: Mapped[int]
    booked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    #: Set when the meeting had its outcome (held, or somebody absent); the seat stays counted.
    closed_at: Mapped[datetime | None]
    #: The seat this one took the place of: a meeting that was moved stays the same meeting in people's calendars.
    moved_from_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), unique=True)
    #: Not stored: set while services/moving.py gives this seat up for another, so that nobody is told of a
    #: cancellation and of an invitation where one mail says both.
    gives_way = False

    slot: Mapped[Slot] = relationship(back_populates="bookings")
    permohonan: Mapped[Permohonan] = relationship()
    record: Mapped[MeetingRecord | None] = relationship(back_populates="booking")


class SlotWait(Model):
    """The asesi found no time to take and said so; gone as soon as a seat is his."""

    __tablename__ = "slot_wait"

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that the record of a remote meeting keeps. name: in addresses; empty: its column while it lacks."""

    name: str
    column: str
    words: str
    empty: str | None = None
    #: It may be handed in after the meeting; the rest cannot be made up later.
    may_follow: bool = False

    @property
    def lack(self) -> str:
        """In SQL."""
        return f"{self.column} IS NULL" if self.empty is None else f"{self.column} = ''"


#: What the record of a remote meeting keeps (workflow 4), in the order in which its gaps are told. Another line
#: here is another RECORD_GAP, and so a migration of its index.
REMOTE_RECORD = (
    Kept("rekaman", "recording_reference", "rekaman", empty="", may_follow=True),
    Kept("layar", "screenshot_document_id", "tangkapan layar", may_follow=True),
    Kept("persetujuan", "recording_consent_at", "persetujuan perekaman"),
    Kept("identitas", "identity_checked_at", "pemeriksaan identitas"),
    Kept("ruangan", "surroundings_checked_at", "pemeriksaan ruangan"),
    Kept("selesai", "ended_at", "jam selesai"),
)
#: A meeting that took place and lacks something of a remote one.
RECORD_GAP = f"started_at IS NOT NULL AND ({' OR '.join(kept.lack for kept in REMOTE_RECORD)})"


class MeetingRecord(Model):
    """What happened in a meeting, recorded as it happens (workflow 4); it cannot be made up later."""

    __tablename__ = "meeting_record"
    __table_args__ = (
        Index(
            "ix_meeting_record_gap",
            "booking_id",
            sqlite_where=text(RECORD_GAP),
            postgresql_where=text(RECORD_GAP),
        ),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    asesor_present_at: Mapped[datetime | None]
    asesi_present_at: Mapped[datetime | None]
    absent_party: Mapped[str] = mapped_column(String(10), default="")
    conflict_declared_at: Mapped[datetime | None]
    identity_checked_at: Mapped[datetime | None]
    surroundings_checked_at: Mapped[datetime | None]
    recording_consent_at: Mapped[datetime | None]
    recording_consent_text_id: Mapped[int | None] = mapped_column(ForeignKey("consent_text.id"))
    appeal_explained_at: Mapped[datetime | None]
    #: The surat tugas was shown at the greeting; the recorder runs; confidentiality, complaint and re-assessment told.
    assignment_shown_at: Mapped[datetime | None]
    recorder_started_at: Mapped[datetime | None]
    rights_explained_at: Mapped[datetime | None]
    #: Which version of the words the asesor declared to have no conflict in.
    conflict_text_version: Mapped[int | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: Where the newest standing recording lies, in words; its rows are in lsp/models/recording.py.
    recording_reference: Mapped[str] = mapped_column(String(300), default="")
    recording_stored_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recording_keep_until: Mapped[date | None] = mapped_column(Date)
    screenshot_document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    #: A still of the identity check, where one was kept.
    identity_document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    note: Mapped[str] = mapped_column(Text, default="")

    booking: Mapped[Booking] = relationship(back_populates="record")


#: Kind of a row written by the penyelia who watched; not a disturbance, so it never lets a meeting be halted.
PENYELIA_NOTE = "Catatan penyelia"
#: Kind of a row that says a tick was taken back; no disturbance either.
TAKEN_BACK = "Catatan dibatalkan"
NO_DISTURBANCE = (PENYELIA_NOTE, TAKEN_BACK)


#: What was done is not written; the portal refuses that, rows brought in from elsewhere may lack it.
INCIDENT_GAP = "action = ''"


class Incident(Model):
    """A disturbance of a meeting: kind, time, stage, what was done. Append-only."""

    __tablename__ = "incident"
    __table_args__ = (
        Index(
            "ix_incident_gap",
            "booking_id",
            sqlite_where=text(INCIDENT_GAP),
            postgresql_where=text(INCIDENT_GAP),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    stage: Mapped[str] = mapped_column(String(60), default="")
    action: Mapped[str] = mapped_column(Text)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))

    @property
    def is_observation(self) -> bool:
        """Whether a penyelia wrote it; then nothing was disturbed and nothing done."""
        return self.kind == PENYELIA_NOTE
