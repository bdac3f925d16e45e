"""What waits for an asesor: meetings without outcome, words of asesor 2, recordings; and all cases that name him."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import db
from lsp.models import (
    Booking,
    Countersignature,
    FrAk02,
    Jadwal,
    MeetingRecord,
    Permohonan,
    Peserta,
    Slot,
)
from lsp.models.inforce import peserta_stays, setting, working_days_ago
from lsp.models.jadwal import REMOTE_RECORD
from lsp.vocabulary import FINAL, Mode, PermohonanStatus
from lsp.workflow.remote_record import lacks

MOST = 60


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits for him: what to do, and the panel of the case where it is done ("" for the case)."""

    permohonan: Permohonan
    what: str
    panel: str
    late: bool


def waiting_for(asesor_id: int) -> list[Waiting]:
    """Work that no meeting of today shows, the most pressing first; a fixed number of queries."""
    overdue = clock.now() - timedelta(hours=int(setting("meeting_overdue_hours")))
    follow_up = working_days_ago(int(setting("recording_follow_up_working_days")))
    made = [
        Waiting(
            seat.permohonan,
            f"{seat.slot.kind.label} sudah lewat, hasilnya belum dicatat",
            "",
            late=seat.slot.ends_at < overdue,
        )
        for seat in _without_outcome(asesor_id)
    ]
    made += [
        Waiting(case, "Menunggu tanda tangan Anda sebagai asesor 2", "tanda-tangan", late=False)
        for case in _to_countersign(asesor_id)
    ]
    made += [
        Waiting(
            seat.permohonan,
            f"Rekaman {seat.slot.kind.label.lower()} belum lengkap",
            "rekaman",
            late=seat.slot.ends_at.astimezone(clock.WIB).date() < follow_up,
        )
        for seat in _without_recording(asesor_id)
    ]
    return made


def _seats(asesor_id: int, *conditions: ColumnElement[bool]) -> Sequence[Booking]:
    return db.session.scalars(
        select(Booking)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Jadwal, Jadwal.id == Slot.jadwal_id)
        .join(Permohonan, Permohonan.id == Booking.permohonan_id)
        .outerjoin(MeetingRecord, MeetingRecord.booking_id == Booking.id)
        .where(Slot.asesor_id == asesor_id, Booking.cancelled_at.is_(None), *conditions)
        .order_by(Slot.starts_at, Booking.id)
        .limit(MOST)
        .options(
            joinedload(Booking.slot),
            joinedload(Booking.record),
            joinedload(Booking.permohonan).joinedload(Permohonan.skema_version),
        )
    ).all()


def _without_outcome(asesor_id: int) -> Sequence[Booking]:
    return _seats(asesor_id, Booking.closed_at.is_(None), Slot.ends_at < clock.now())


def _without_recording(asesor_id: int) -> Sequence[Booking]:
    """Remote meetings that took place; a case that ended needs none any more."""
    return _seats(
        asesor_id,
        Booking.closed_at.is_not(None),
        Jadwal.mode == Mode.DARING,
        Permohonan.status.not_in(FINAL),
        MeetingRecord.started_at.is_not(None),
        or_(*(lacks(kept) for kept in REMOTE_RECORD if kept.may_follow)),
    )


def _to_countersign(asesor_id: int) -> Sequence[Permohonan]:
    newest = (
        select(FrAk02.id)
        .where(FrAk02.permohonan_id == Permohonan.id, FrAk02.attempt == Permohonan.attempt)
        .order_by(FrAk02.edition.desc())
        .limit(1)
        .correlate(Permohonan)
        .scalar_subquery()
    )
    said = select(Countersignature.id).where(Countersignature.fr_ak_02_id == FrAk02.id).exists()
    return db.session.scalars(
        select(Permohonan)
        .join(FrAk02, FrAk02.id == newest)
        .join(Booking, Booking.permohonan_id == Permohonan.id)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Jadwal, Jadwal.id == Slot.jadwal_id)
        .where(
            Permohonan.status == PermohonanStatus.IN_ASSESSMENT,
            Booking.cancelled_at.is_(None),
            Booking.closed_at.is_(None),
            Jadwal.asesor_2_id == asesor_id,
            FrAk02.recommendation.is_not(None),
            ~said,
        )
        .order_by(Permohonan.status_at)
        .limit(MOST)
        .options(joinedload(Permohonan.skema_version))
    ).all()


def cases_of(asesor_id: int) -> list[tuple[PermohonanStatus, list[Permohonan]]]:
    """Cases whose meetings or batches name him, by state in the order of the procedure; the newest of each."""
    by_slot = (
        select(Booking.permohonan_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(Slot.asesor_id == asesor_id, Booking.cancelled_at.is_(None))
    )
    by_batch = (
        select(Peserta.permohonan_id)
        .join(Jadwal, Jadwal.id == Peserta.jadwal_id)
        .join(Permohonan, Permohonan.id == Peserta.permohonan_id)
        .where(
            or_(Jadwal.asesor_1_id == asesor_id, Jadwal.asesor_2_id == asesor_id),
            Peserta.attempt == Permohonan.attempt,
            peserta_stays(),
        )
    )
    found: dict[PermohonanStatus, list[Permohonan]] = {status: [] for status in PermohonanStatus}
    for case in db.session.scalars(
        select(Permohonan)
        .where(
            or_(Permohonan.id.in_(by_slot), Permohonan.id.in_(by_batch)),
            Permohonan.asesi_id != asesor_id,
        )
        .order_by(Permohonan.status_at.desc(), Permohonan.id.desc())
        .limit(MOST)
        .options(joinedload(Permohonan.skema_version))
    ):
        found[case.status].append(case)
    return [(status, cases) for status, cases in found.items() if cases]
