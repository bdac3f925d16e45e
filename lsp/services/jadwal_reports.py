"""An asesor's part of a jadwal, as FR.AK.05 and FR.AK.06 report on it: his asesi, their papers, disturbed meetings.

What stands against signing is the same for both; who owes them stands in workflow/jadwal_reports.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Booking,
    FrAk02,
    FrAk02Unit,
    FrAk05,
    FrAk06,
    Incident,
    Jadwal,
    MeetingRecord,
    OutboxMessage,
    Slot,
    User,
)
from lsp.models.inforce import setting
from lsp.models.jadwal import NO_DISTURBANCE
from lsp.models.queue import add_mail
from lsp.services import audit
from lsp.vocabulary import JadwalStatus
from lsp.workflow.jadwal_reports import NAMES, Reporter, Seat, reporters, seats_of

S = JadwalStatus
MOST = 60
REMINDER = "report_reminder"


@dataclass(frozen=True, slots=True)
class Batch:
    """What one asesor reports on. papers: the newest sent FR.AK.02 by (permohonan, attempt)."""

    jadwal: Jadwal
    seats: list[Seat]
    papers: Mapping[tuple[int, int], FrAk02]
    incidents: Sequence[Incident]


def batch_of(jadwal: Jadwal, asesor_id: int) -> Batch:
    """Five queries, whatever the number of asesi."""
    seats = [each for each in seats_of(Jadwal.id == jadwal.id) if each.asesor_id == asesor_id]
    return Batch(jadwal, seats, _papers(seats), _incidents(jadwal, asesor_id))


def meetings_held(paper: FrAk05 | FrAk06) -> tuple[datetime | None, datetime | None]:
    """When the first and the last meeting began that its asesor held in the jadwal before he signed it."""
    first, last = db.session.execute(
        select(func.min(MeetingRecord.started_at), func.max(MeetingRecord.started_at))
        .join(Booking, Booking.id == MeetingRecord.booking_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(
            Slot.jadwal_id == paper.jadwal_id,
            Slot.asesor_id == paper.asesor_id,
            Booking.cancelled_at.is_(None),
            MeetingRecord.started_at <= paper.signed_at,
        )
    ).one()
    return first, last


def _papers(seats: Sequence[Seat]) -> dict[tuple[int, int], FrAk02]:
    wanted = {(seat.permohonan_id, seat.attempt) for seat in seats}
    found = db.session.scalars(
        select(FrAk02)
        .where(
            FrAk02.permohonan_id.in_({case for case, _attempt in wanted}),
            FrAk02.frozen_at.is_not(None),
        )
        .order_by(FrAk02.edition)
        .options(selectinload(FrAk02.units).joinedload(FrAk02Unit.unit))
    )
    by_attempt = {(paper.permohonan_id, paper.attempt): paper for paper in found}
    return {key: paper for key, paper in by_attempt.items() if key in wanted}


def _incidents(jadwal: Jadwal, asesor_id: int) -> Sequence[Incident]:
    return db.session.scalars(
        select(Incident)
        .join(Booking, Booking.id == Incident.booking_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(
            Slot.jadwal_id == jadwal.id,
            Slot.asesor_id == asesor_id,
            Incident.kind.not_in(NO_DISTURBANCE),
        )
        .order_by(Incident.at, Incident.id)
        .limit(MOST)
    ).all()


def why_not_signed(batch: Batch, asesor_id: int) -> str | None:
    """What stands against signing either report now; None when it may be signed."""
    if not batch.seats:
        return "Tidak ada asesi Anda di jadwal ini."
    waiting = [seat.name for seat in batch.seats if seat.waits]
    if waiting:
        return f"Masih ada {len(waiting)} asesi yang belum direkomendasikan: {', '.join(waiting)}."
    if batch.jadwal.status in (S.CONFIRMED, S.RUNNING) and _has_open_slots(batch.jadwal, asesor_id):
        return (
            "Slot Anda di jadwal ini masih dapat dipesan asesi lain, dan ia tidak akan ada di laporan. "
            "Tutup dulu slot itu, atau tunggu sampai lewat."
        )
    return None


def _has_open_slots(jadwal: Jadwal, asesor_id: int) -> bool:
    coming = select(Slot.id).where(
        Slot.jadwal_id == jadwal.id,
        Slot.asesor_id == asesor_id,
        Slot.cancelled_at.is_(None),
        Slot.starts_at > clock.now(),
    )
    return db.session.scalar(coming.limit(1)) is not None


# --- Where reports lie -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JadwalReport:
    """A jadwal of an asesor with the state of his two reports."""

    jadwal: Jadwal
    reporter: Reporter
    asesi: int
    waiting: int

    @property
    def due(self) -> bool:
        """The batch is over and something is unsigned: work for him."""
        over = self.jadwal.status is S.DONE or self.jadwal.ends_on < clock.today_wib()
        open_ = self.jadwal.status is not S.CLOSED
        return over and open_ and not self.waiting and bool(self.reporter.lacks)


def of_asesor(asesor: Actor) -> list[JadwalReport]:
    """Jadwal in which he holds or held asesi, the newest first; two queries."""
    return _reports(asesor, Jadwal.status != S.CANCELLED)


def due(asesor: Actor) -> list[JadwalReport]:
    """Reports that wait for him, the oldest jadwal first; two queries."""
    over = or_(Jadwal.status == S.DONE, Jadwal.ends_on < clock.today_wib())
    open_ = Jadwal.status.in_((S.CONFIRMED, S.RUNNING, S.DONE))
    return [each for each in reversed(_reports(asesor, open_, over)) if each.due]


def _reports(asesor: Actor, *conditions: ColumnElement[bool]) -> list[JadwalReport]:
    his = select(Slot.jadwal_id).where(Slot.asesor_id == asesor.id)
    rows = db.session.execute(
        select(Jadwal, FrAk05.signed_at, FrAk06.signed_at)
        .outerjoin(FrAk05, (FrAk05.jadwal_id == Jadwal.id) & (FrAk05.asesor_id == asesor.id))
        .outerjoin(FrAk06, (FrAk06.jadwal_id == Jadwal.id) & (FrAk06.asesor_id == asesor.id))
        .where(Jadwal.id.in_(his), *conditions)
        .order_by(Jadwal.starts_on.desc(), Jadwal.id.desc())
        .limit(MOST)
        .options(joinedload(Jadwal.skema_version))
    ).all()
    if not rows:
        return []
    seats: dict[int, list[Seat]] = {}
    for seat in seats_of(Jadwal.id.in_([jadwal.id for jadwal, *_signed in rows])):
        if seat.asesor_id == asesor.id:
            seats.setdefault(seat.jadwal_id, []).append(seat)
    return [
        _report(asesor, jadwal, seats[jadwal.id], *signed)
        for jadwal, *signed in rows
        if jadwal.id in seats
    ]


def _report(
    asesor: Actor, jadwal: Jadwal, seats: Sequence[Seat], *signed: datetime | None
) -> JadwalReport:
    reporter = Reporter(asesor.id or 0, asesor.public_id, asesor.name, *signed)
    return JadwalReport(jadwal, reporter, len(seats), sum(seat.waits for seat in seats))


def signed_ids(jadwal: Jadwal) -> dict[tuple[int, str], str]:
    """Public ids of the signed reports of a jadwal by (asesor, name of the form); two queries."""
    found: dict[tuple[int, str], str] = {}
    models: tuple[type[FrAk05] | type[FrAk06], ...] = (FrAk05, FrAk06)
    for name, model in zip(NAMES, models, strict=True):
        rows = db.session.execute(
            select(model.asesor_id, model.public_id).where(
                model.jadwal_id == jadwal.id, model.signed_at.is_not(None)
            )
        )
        found |= {(row.asesor_id, name): row.public_id for row in rows}
    return found


def remind(actor: Actor, jadwal: Jadwal, asesor: User) -> None:
    """Ask an asesor by mail for his reports. Raises DomainError when none lacks, or too soon after the last time."""
    owes = next((each for each in reporters(jadwal) if each.asesor_id == asesor.id), None)
    if owes is None or not owes.lacks:
        raise DomainError("Laporan asesor ini sudah ditandatangani, jadi tidak ada yang ditagih.")
    reason = why_not_signed(batch_of(jadwal, asesor.id), asesor.id)
    if reason is not None:
        raise DomainError(f"Laporannya belum dapat ditandatangani. {reason}")
    days = int(setting("reminder_gap_days"))
    lately = select(OutboxMessage.id).where(
        OutboxMessage.kind == REMINDER,
        OutboxMessage.dedupe.startswith(f"mail:{REMINDER}:{asesor.id}:{jadwal.public_id}:"),
        OutboxMessage.created_at > clock.now() - timedelta(days=days),
    )
    if db.session.scalar(lately.limit(1)) is not None:
        raise DomainError(f"Asesor sudah diingatkan dalam {days} hari terakhir. Tunggu dulu.")
    add_mail(
        asesor,
        REMINDER,
        dedupe=f"{jadwal.public_id}:{clock.now():%Y%m%d%H%M}",
        jadwal=jadwal.name,
        lacking=" dan ".join(owes.lacks),
        public_id=jadwal.public_id,
    )
    audit.note(actor, "report.remind", "jadwal", jadwal.public_id, person=asesor.public_id)
    db.session.flush()
