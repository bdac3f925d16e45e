"""Whose asesi a jadwal holds, and which asesor owes its two reports, FR.AK.05 and FR.AK.06 (workflow 3, `close`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from lsp.database import db
from lsp.models import (
    Booking,
    FrAk05,
    FrAk06,
    Jadwal,
    MeetingRecord,
    Permohonan,
    Peserta,
    Slot,
    User,
)
from lsp.models.inforce import peserta_stays
from lsp.vocabulary import PermohonanStatus, Stage

NAMES = ("FR.AK.05", "FR.AK.06")
#: Left before a pleno decided: what was once sent for it was returned.
_LEFT = (PermohonanStatus.WITHDRAWN, PermohonanStatus.DROPPED)
_NOT_YET = (Stage.REGISTRATION, Stage.PRE_ASSESSMENT, Stage.ASSESSMENT)


@dataclass(frozen=True, slots=True)
class Seat:
    """A peserta who stays in a jadwal, with the last seat he held there; the asesor of that one reports on him."""

    jadwal_id: int
    permohonan_id: int
    public_id: str
    name: str
    status: PermohonanStatus
    attempt: int
    #: The case went on to a later attempt, in another jadwal.
    followed: bool
    asesor_id: int
    absent: str
    #: His asesor held a meeting with him here.
    was_met: bool

    @property
    def waits(self) -> bool:
        """Neither recommended nor left: his asesor cannot report on him yet."""
        done = self.followed or self.status is PermohonanStatus.RECOMMENDED
        return not done and self.status.stage in _NOT_YET

    @property
    def stands(self) -> bool:
        """What was recommended holds: the case was not sent back since, nor left after it was."""
        left = self.status in _LEFT and not self.followed
        return not self.waits and not left


@dataclass(frozen=True, slots=True)
class Reporter:
    """An asesor who held a meeting of the jadwal, and when he signed each report; None while he has not."""

    asesor_id: int
    public_id: str
    name: str
    ak_05: datetime | None
    ak_06: datetime | None

    @property
    def lacks(self) -> list[str]:
        signed = (self.ak_05, self.ak_06)
        return [name for name, at in zip(NAMES, signed, strict=True) if at is None]


#: Every standing seat in the batch its peserta stays in, in the order they were booked.
_SEATS = (
    select(
        Slot.jadwal_id,
        Slot.asesor_id,
        Booking.permohonan_id,
        Booking.attempt,
        Permohonan.public_id,
        Permohonan.asesi_name,
        Permohonan.status,
        Permohonan.attempt.label("present"),
        MeetingRecord.started_at,
        MeetingRecord.absent_party,
    )
    .select_from(Booking)
    .join(Slot, Slot.id == Booking.slot_id)
    .join(Jadwal, Jadwal.id == Slot.jadwal_id)
    .join(Peserta, Peserta.id == Booking.peserta_id)
    .join(Permohonan, Permohonan.id == Booking.permohonan_id)
    .outerjoin(MeetingRecord, MeetingRecord.booking_id == Booking.id)
    .where(Booking.cancelled_at.is_(None), peserta_stays())
    .order_by(Booking.id)
)


def seats_of(*conditions: ColumnElement[bool]) -> list[Seat]:
    """Peserta in the order they came; one query. conditions: on Jadwal, Peserta or Permohonan."""
    rows = db.session.execute(_SEATS.where(*conditions)).all()
    last: dict[tuple[int, int, int], Any] = {}
    met: set[tuple[int, int, int, int]] = set()
    for row in rows:
        key = (row.jadwal_id, row.permohonan_id, row.attempt)
        last[key] = row
        if row.started_at is not None:
            met.add((*key, row.asesor_id))
    return [_seat(row, was_met=(*key, row.asesor_id) in met) for key, row in last.items()]


def _seat(row: Any, *, was_met: bool) -> Seat:
    return Seat(
        jadwal_id=row.jadwal_id,
        permohonan_id=row.permohonan_id,
        public_id=row.public_id,
        name=row.asesi_name,
        status=row.status,
        attempt=row.attempt,
        followed=row.attempt < row.present,
        asesor_id=row.asesor_id,
        absent=row.absent_party or "",
        was_met=was_met,
    )


def reporters(jadwal: Jadwal) -> list[Reporter]:
    """Each asesor who owes the reports of this jadwal, by name, with what he signed; two queries."""
    return reporters_among(jadwal.id, seats_of(Jadwal.id == jadwal.id))


def reporters_among(jadwal_id: int, seats: Iterable[Seat]) -> list[Reporter]:
    held = {seat.asesor_id for seat in seats if seat.was_met}
    rows: Sequence[Any] = db.session.execute(
        select(User.id, User.public_id, User.name, FrAk05.signed_at, FrAk06.signed_at)
        .outerjoin(FrAk05, (FrAk05.asesor_id == User.id) & (FrAk05.jadwal_id == jadwal_id))
        .outerjoin(FrAk06, (FrAk06.asesor_id == User.id) & (FrAk06.jadwal_id == jadwal_id))
        .where(User.id.in_(held))
        .order_by(User.name)
    ).all()
    return [Reporter(*row) for row in rows]


def why_unreported(jadwal: Jadwal) -> str | None:
    """Which reports lack, by asesor, in a sentence; None when all are signed."""
    lacking = [
        f"{each.name} ({' dan '.join(each.lacks)})" for each in reporters(jadwal) if each.lacks
    ]
    return f"Laporan asesor belum ditandatangani: {', '.join(lacking)}." if lacking else None
