"""Booking a meeting, and the record of it as it happens: attendance, identity, consent, incidents, end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.database import db
from lsp.errors import DomainError, NotAllowed, StaleCase
from lsp.models import Booking, Incident, Jadwal, MeetingRecord, Permohonan, Peserta, Slot
from lsp.models.inforce import consent_text, form_template, setting
from lsp.services import audit, schedule, signing, slot_waiting
from lsp.vocabulary import ConsentKind, JadwalStatus, MeetingKind, Mode, PermohonanStatus, Role
from lsp.vocabulary.dates import day_words
from lsp.workflow import duty
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.meeting import likely_end, noted_at
from lsp.workflow.guards import meeting as rules
from lsp.workflow.guards.after_decision import JUDGED_BANDING
from lsp.workflow.jadwal import JADWAL
from lsp.workflow.permohonan import PERMOHONAN
from lsp.workflow.seats import BOOKS, CANCELS

#: A scheduled meeting somebody may miss: which of the two it is, in the names of the transitions.
_MISSES = {PermohonanStatus.PRE_SCHEDULED: "pre", PermohonanStatus.SCHEDULED: "assessment"}
_UNDER_WAY = (*_MISSES, PermohonanStatus.IN_ASSESSMENT)


class SlotFull(DomainError):
    """The last seat went to somebody else."""

    def __init__(self) -> None:
        super().__init__("Kursi terakhir baru saja diambil orang lain. Pilih jadwal lain.")


def is_bookable(permohonan: Permohonan) -> bool:
    return permohonan.status in BOOKS


def book(
    actor: Actor,
    permohonan: Permohonan,
    slot_public_id: str,
    *,
    version: int,
    note: str = "",
    moved_from: Booking | None = None,
) -> Booking:
    """Take a seat and move the case on. Raises SlotFull, or NotAllowed with the workflow's sentence.

    moved_from: the seat that this one takes the place of (moving.py).
    """
    if permohonan.status not in BOOKS:
        raise DomainError(f"Jadwal tidak dapat dipesan pada status “{permohonan.status.label}”.")
    _kind, name = BOOKS[permohonan.status]
    slot = db.session.scalar(
        select(Slot)
        .where(Slot.public_id == slot_public_id)
        .options(joinedload(Slot.jadwal))
        .with_for_update(of=Slot)
    )
    if slot is None or slot.cancelled_at is not None:
        raise DomainError("Jadwal ini sudah tidak ada. Pilih jadwal lain.")
    if slot.ends_at <= clock.now():
        raise DomainError("Jadwal ini sudah lewat. Pilih jadwal lain.")
    schedule.take_turns(permohonan.asesi_id, slot.asesor_id)
    booking = Booking(
        slot_id=slot.id,
        seat=_free_seat(slot),
        permohonan_id=permohonan.id,
        peserta_id=_peserta(permohonan, slot.jadwal).id,
        attempt=permohonan.attempt,
        booked_by_id=actor.id or permohonan.asesi_id,
        moved_from_id=moved_from.id if moved_from is not None else None,
    )
    db.session.add(booking)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise _refusal(error) from error
    PERMOHONAN.perform(permohonan, name, actor, version=version, note=note)
    slot_waiting.answered(permohonan)
    return booking


def _free_seat(slot: Slot) -> int:
    taken = set(
        db.session.scalars(
            select(Booking.seat).where(Booking.slot_id == slot.id, Booking.cancelled_at.is_(None))
        )
    )
    free = next((seat for seat in range(1, slot.capacity + 1) if seat not in taken), None)
    if free is None:
        raise SlotFull
    return free


def _peserta(permohonan: Permohonan, jadwal: Jadwal) -> Peserta:
    """The case's place in the batch; a NIK stands in a jadwal at most once."""
    standing = db.session.scalar(
        select(Peserta).where(
            Peserta.jadwal_id == jadwal.id,
            Peserta.permohonan_id == permohonan.id,
            Peserta.attempt == permohonan.attempt,
        )
    )
    if standing is not None:
        return standing
    form = dossier_of(permohonan).fr_apl_01
    index = form.nik_index if form is not None else None
    if index is None:
        raise DomainError("NIK asesi belum ada di FR.APL.01.")
    other = db.session.scalar(
        select(Peserta.id).where(Peserta.jadwal_id == jadwal.id, Peserta.nik_index == index)
    )
    if other is not None:
        raise DomainError("NIK ini sudah terdaftar di jadwal yang sama. Pilih jadwal lain.")
    peserta = Peserta(
        jadwal_id=jadwal.id,
        permohonan_id=permohonan.id,
        attempt=permohonan.attempt,
        nik_index=index,
    )
    db.session.add(peserta)
    db.session.flush()
    return peserta


def _refusal(error: IntegrityError) -> DomainError:
    """The sentence for a promise that the database kept."""
    text = str(error.orig)
    if "asesor_not_asesi" in text:
        return DomainError("Asesor jadwal ini adalah asesi permohonan ini sendiri.")
    if "asesor_not_pleno" in text:
        return DomainError("Asesor jadwal ini pernah ikut memutuskan permohonan ini.")
    if "panel_not_involved" in text:
        return DomainError(JUDGED_BANDING)
    if "standing" in text or "permohonan_id" in text:
        return DomainError("Permohonan ini sudah punya jadwal.")
    return SlotFull()


def cancel(actor: Actor, permohonan: Permohonan, *, version: int, reason: str) -> None:
    """Give the seat back with a reason; who may and how often is the workflow's."""
    name = CANCELS.get(permohonan.status)
    if name is None:
        raise DomainError("Tidak ada jadwal yang dapat dibatalkan.")
    PERMOHONAN.perform(permohonan, name, actor, version=version, note=reason)


# --- the record ------------------------------------------------------------------------------------------------

#: What the asesor ticks in the order of a real meeting: column of the record and the words on the screen.
TICKS: dict[str, tuple[str, str]] = {
    "surat": ("assignment_shown_at", "Surat tugas diperlihatkan"),
    "asesor": ("asesor_present_at", "Asesor hadir"),
    "asesi": ("asesi_present_at", "Asesi hadir"),
    "identitas": ("identity_checked_at", "Wajah cocok dengan KTP dan pas foto"),
    "ruangan": ("surroundings_checked_at", "Ruangan diperlihatkan, tidak ada orang lain"),
    "perekam": ("recorder_started_at", "Perekam dinyalakan"),
    "benturan": ("conflict_declared_at", "Saya tanpa benturan kepentingan dengan asesi ini"),
    "banding": ("appeal_explained_at", "Hak dan prosedur banding sudah dijelaskan"),
    "hak": ("rights_explained_at", "Kerahasiaan, keluhan, dan asesmen ulang dijelaskan"),
}
#: Words of the meeting that are data with a version: what is declared and explained (lsp/data/forms).
MEETING_WORDS = "pra_asesmen"


def tick_label(item: str, mode: Mode) -> str:
    """The words of a tick; face to face the KTP is seen across the table, not through a camera."""
    if item == "identitas" and mode is not Mode.DARING:
        return "KTP asli dilihat, cocok dengan orangnya"
    return TICKS[item][1]


def record_of(booking: Booking) -> MeetingRecord:
    """The record of a meeting, made at the first tick."""
    if booking.record is None:
        booking.record = MeetingRecord(booking_id=booking.id)
        db.session.flush()
    return booking.record


def tick(actor: Actor, permohonan: Permohonan, item: str) -> None:
    """The asesor of the meeting records that something happened, now. services/corrections.py takes it back."""
    booking = _own_meeting(actor, permohonan)
    if item not in TICKS:
        raise DomainError("Butir ini tidak dikenal. Muat ulang halaman.")
    if permohonan.status not in _UNDER_WAY:
        raise DomainError("Rapat ini sudah selesai, jadi catatannya tidak dapat ditambah.")
    column, _words = TICKS[item]
    record = record_of(booking)
    if item == "perekam" and record.recording_consent_at is None:
        raise DomainError("Asesi belum menyetujui perekaman. Nyalakan perekam sesudah ia setuju.")
    if item == "benturan":
        record.conflict_text_version = form_template(MEETING_WORDS).version_number
    if getattr(record, column) is None:
        setattr(record, column, clock.now())
        audit.note(actor, f"meeting.{item}", "booking", booking.public_id, role=Role.ASESOR)
    if item == "asesor":
        _begin_jadwal(booking)
    # A pre-assessment has no step of its own that starts it: it has begun when both are there.
    both_there = record.asesor_present_at is not None and record.asesi_present_at is not None
    if both_there and record.started_at is None and booking.slot.kind is MeetingKind.PRE_ASSESSMENT:
        record.started_at = clock.now()
    db.session.flush()


def _begin_jadwal(booking: Booking) -> None:
    jadwal = booking.slot.jadwal
    if jadwal.status is JadwalStatus.CONFIRMED:
        JADWAL.perform(jadwal, "begin", SYSTEM, version=jadwal.version)


def agree_to_recording(actor: Actor, permohonan: Permohonan) -> None:
    """The asesi consents to the recording of his standing meeting, before the recorder starts."""
    booking = _standing(permohonan)
    signing.agree(actor, permohonan, ConsentKind.RECORDING)
    text = consent_text(ConsentKind.RECORDING)
    record = record_of(booking)
    if record.recording_consent_at is None:
        record.recording_consent_at = clock.now()
        record.recording_consent_text_id = text.id if text is not None else None
    db.session.flush()


def absence_refusal(actor: Actor, permohonan: Permohonan) -> str | None:
    """Why an absence cannot be recorded now, before anybody was named; None when it can."""
    if permohonan.status not in _MISSES:
        return "Ketidakhadiran hanya dicatat untuk rapat yang terjadwal."
    return duty.asesor_of_the_slot_or_admin(permohonan, actor, "") or rules.waited_long_enough(
        permohonan, actor, ""
    )


def drops_when_absent(permohonan: Permohonan) -> bool:
    """Whether one more absence of the asesi ends the case."""
    return permohonan.asesi_absences + 1 >= int(setting("absences_until_dropped"))


def note_absence(actor: Actor, permohonan: Permohonan, *, party: str, version: int) -> None:
    """Record who did not come, then move the case (back to scheduling, or dropped at the second absence)."""
    if party not in ("asesi", "asesor"):
        raise DomainError("Pilih siapa yang tidak hadir.")
    refusal = absence_refusal(actor, permohonan)
    if refusal is not None:
        raise NotAllowed(refusal)
    if permohonan.version != version:
        raise StaleCase
    record = record_of(_standing(permohonan))
    present = record.asesi_present_at if party == "asesi" else record.asesor_present_at
    if present is not None:
        raise DomainError(
            f"{party.capitalize()} sudah dicatat hadir di rapat ini. "
            "Bila itu keliru, batalkan dulu catatannya di urutan rapat."
        )
    record.absent_party = party
    db.session.flush()
    again = party == "asesi" and drops_when_absent(permohonan)
    name = f"{'drop' if again else 'absent'}_{_MISSES[permohonan.status]}"
    note = f"{party.capitalize()} tidak hadir" + (
        f" untuk kali ke-{permohonan.asesi_absences + 1}." if again else "."
    )
    PERMOHONAN.perform(permohonan, name, actor, version=version, note=note)


def note_incident(actor: Actor, permohonan: Permohonan, *, kind: str, action: str) -> Incident:
    """A disturbance: kind, what was done. Append-only; by the asesor of the meeting or the admin."""
    booking = _standing(permohonan)
    refusal = duty.asesor_of_the_slot_or_admin(permohonan, actor, "")
    if refusal is not None or actor.id is None:
        raise NotAllowed(refusal or "Masuk dulu untuk mencatat gangguan.")
    if not action.strip():
        raise DomainError("Tulis apa yang terjadi dan apa yang dilakukan.")
    incident = Incident(
        booking_id=booking.id,
        at=clock.now(),
        kind=kind.strip() or "Gangguan teknis",
        stage=permohonan.status.label,
        action=action.strip(),
        recorded_by_id=actor.id,
    )
    db.session.add(incident)
    audit.note(actor, "meeting.incident", "booking", booking.public_id)
    db.session.flush()
    return incident


def incidents_of(booking: Booking) -> Sequence[Incident]:
    """Disturbances and notes of a meeting, oldest first."""
    return db.session.scalars(
        select(Incident).where(Incident.booking_id == booking.id).order_by(Incident.id)
    ).all()


def disturbances_of(booking: Booking) -> list[Incident]:
    """As `incidents_of` without the notes of a penyelia: who is watched does not read them while he assesses."""
    return [each for each in incidents_of(booking) if not each.is_observation]


def end_meeting(actor: Actor, permohonan: Permohonan, at: datetime | None = None) -> None:
    """The meeting is over; the time stays what it was at the first press. at: when it was, written up later.

    When it was written up stands in the audit chain. Raises DomainError for an hour that cannot be.
    """
    booking = _own_meeting(actor, permohonan)
    record = record_of(booking)
    if record.started_at is None:
        raise DomainError("Rapat ini belum dimulai.")
    if at is not None:
        _check_end(actor, record, at)
    if record.ended_at is None:
        record.ended_at = at = max(record.started_at, at or likely_end(booking))
        audit.note(
            actor,
            "meeting.end",
            "booking",
            booking.public_id,
            role=Role.ASESOR,
            ended_at=at.isoformat(),
        )
    db.session.flush()


def _check_end(actor: Actor, record: MeetingRecord, at: datetime) -> None:
    """An hour that was typed lies within the meeting, to the minute, and is not the second one."""
    if record.ended_at is not None:
        raise DomainError("Jam selesai sudah tercatat. Bila keliru, batalkan di urutan rapat.")
    noted = noted_at(record)
    last = max(noted) if noted else None
    if last is not None and not last.replace(second=0, microsecond=0) <= at <= clock.now():
        there = last.astimezone(ZoneInfo(actor.zone))
        words = f"{day_words(there)} pukul {there:%H.%M}"
        raise DomainError(
            f"Isi jam antara catatan terakhir rapat ini, {words}, dan sekarang.", field="time"
        )


def meetings_of_asesor(
    asesor_id: int, *, since: datetime, until: datetime, limit: int = 100
) -> list[Booking]:
    """The asesor's seats between two moments, soonest first, with slot and case; one under way at `since` is in."""
    return list(
        db.session.scalars(
            select(Booking)
            .join(Slot, Slot.id == Booking.slot_id)
            .where(
                Slot.asesor_id == asesor_id,
                Booking.cancelled_at.is_(None),
                Slot.ends_at > since,
                Slot.starts_at < until,
            )
            .order_by(Slot.starts_at, Booking.id)
            .limit(limit)
            .options(
                joinedload(Booking.slot),
                joinedload(Booking.permohonan).joinedload(Permohonan.skema_version),
                joinedload(Booking.record),
            )
        )
    )


def seats_taken(slot_id: int) -> int:
    held = (Booking.slot_id == slot_id, Booking.cancelled_at.is_(None))
    return db.session.scalar(select(func.count(Booking.id)).where(*held)) or 0


def _standing(permohonan: Permohonan) -> Booking:
    booking = dossier_of(permohonan).booking
    if booking is None:
        raise DomainError("Tidak ada rapat yang sedang dijadwalkan.")
    return booking


def _own_meeting(actor: Actor, permohonan: Permohonan) -> Booking:
    booking = _standing(permohonan)
    if booking.slot.asesor_id != actor.id:
        raise DomainError("Hanya asesor rapat ini yang dapat mencatatnya.")
    return booking
