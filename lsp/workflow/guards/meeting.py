"""Guards of booking, absence, pre-assessment and the start of an assessment.

A booking is written before its transition is asked, so these judge what stands in the database.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import AsesorProfile, Booking, Permohonan, Slot
from lsp.models.inforce import days_off_between, setting
from lsp.vocabulary import Form, JadwalStatus, MeetingKind, Mode, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.fitness import why_not_remote, why_plan_not_remote, why_unfit
from lsp.workflow.guards.payment import other_mode
from lsp.workflow.machine import LEAST_REASON, Guard, named

#: What bars a meeting; said by the guard when it is taken, and by the list of meetings before (services/offers.py).
NO_LINK = "Tautan rapat belum diisi oleh asesor."
OWN_ASESOR = "Asesor jadwal ini adalah asesi permohonan ini sendiri."
ASESOR_OFF = "Asesor tidak bertugas pada tanggal itu. Pilih jadwal lain."
ASESI_ELSEWHERE = "Asesi sudah punya rapat lain pada jam itu."
ASESOR_ELSEWHERE = "Asesor sudah punya rapat lain pada jam itu."


def seat_held(kind: MeetingKind) -> Guard[Permohonan]:
    """A seat in an open slot of this kind, skema version and mode."""

    @named(f"seat_held_{kind.value}")
    def seat_held_in_fitting_slot(case: Permohonan, actor: Actor, note: str) -> str | None:
        seat = dossier_of(case).booking
        if seat is None:
            return "Pilih jadwal dulu."
        slot, jadwal = seat.slot, seat.slot.jadwal
        fits = (
            slot.kind is kind
            and slot.cancelled_at is None
            and jadwal.status in (JadwalStatus.CONFIRMED, JadwalStatus.RUNNING)
            and jadwal.skema_version_id == case.skema_version_id
            and jadwal.mode is case.mode
        )
        return None if fits else "Jadwal ini tidak sesuai dengan permohonan. Pilih jadwal lain."

    return seat_held_in_fitting_slot


def no_change_of_mode_waits(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Who agreed to the other mode is not seated in the old one: the seat would only be released again."""
    return why_mode_waits(case)


def why_mode_waits(case: Permohonan) -> str | None:
    if case.mode_agreed_at is None:
        return None
    return (
        f"Asesi setuju ganti ke {other_mode(case).plain}. Admin mengganti caranya dulu, atau asesi membatalkan "
        "persetujuannya di halaman permohonannya."
    )


def slot_not_over(case: Permohonan, actor: Actor, note: str) -> str | None:
    seat = dossier_of(case).booking
    if seat is not None and seat.slot.ends_at <= clock.now():
        return "Jadwal ini sudah lewat. Pilih jadwal lain."
    return None


def remote_permission_in_force(case: Permohonan, actor: Actor, note: str) -> str | None:
    """No remote meeting without BNSP's permission for the skema and its methods on that day (process 2.2)."""
    if case.mode is not Mode.DARING:
        return None
    seat = dossier_of(case).booking
    day = seat.slot.starts_at.astimezone(clock.WIB).date() if seat else clock.today_wib()
    return why_not_remote(case.skema_version, day, day)


def planned_methods_permitted(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Nor by a method the permission does not list: the MAPA chosen may ask for more than the skema (process 2.2)."""
    dossier = dossier_of(case)
    plan, seat = dossier.plan, dossier.booking
    if case.mode is not Mode.DARING or plan is None or seat is None or plan.mapa_chosen_at is None:
        return None
    day = seat.slot.starts_at.astimezone(clock.WIB).date()
    return why_plan_not_remote(case.skema_version, plan.methods, day)


def meeting_link_set(case: Permohonan, actor: Actor, note: str) -> str | None:
    seat = dossier_of(case).booking
    if case.mode is Mode.DARING and seat is not None and not seat.slot.meeting_url:
        return NO_LINK
    return None


def asesor_eligible(case: Permohonan, actor: Actor, note: str) -> str | None:
    """MET and own SKK valid on the day, scope covers the subklasifikasi, jenjang table (process 1.2, D4 and D7)."""
    seat = dossier_of(case).booking
    if seat is None:
        return None
    profile = db.session.get(AsesorProfile, seat.slot.asesor_id)
    day = seat.slot.starts_at.astimezone(clock.WIB).date()
    return why_unfit(profile, case.skema_version, until=day, who="asesor jadwal ini")


def asesor_not_off(case: Permohonan, actor: Actor, note: str) -> str | None:
    """No seat in a meeting on a day off of its asesor."""
    seat = dossier_of(case).booking
    if seat is None:
        return None
    slot = seat.slot
    if days_off_between(slot.starts_at, slot.ends_at, asesor_id=slot.asesor_id):
        return ASESOR_OFF
    return None


def asesor_has_time_that_day(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Load per day (workflow 5): seats in the asesor's meetings of that day in WIB, this one among them."""
    seat = dossier_of(case).booking
    if seat is None:
        return None
    day = seat.slot.starts_at.astimezone(clock.WIB).date()
    begins, over = clock.day_span(day, day)
    seats = db.session.scalar(
        select(func.count(Booking.id))
        .join(Slot, Slot.id == Booking.slot_id)
        .where(
            Slot.asesor_id == seat.slot.asesor_id,
            Slot.starts_at >= begins,
            Slot.starts_at < over,
            Booking.cancelled_at.is_(None),
        )
    )
    most = int(setting("asesor_daily_load"))
    return day_is_full(most) if (seats or 0) > most else None


def day_is_full(most: int) -> str:
    return f"Asesor sudah punya {most} asesi pada hari itu."


def asesor_is_not_asesi(case: Permohonan, actor: Actor, note: str) -> str | None:
    seat = dossier_of(case).booking
    if seat is not None and seat.slot.asesor_id == case.asesi_id:
        return OWN_ASESOR
    return None


def no_clash(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Neither asesi nor asesor in two places at once."""
    seat = dossier_of(case).booking
    if seat is None:
        return None
    overlapping = (
        select(Booking.id)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Permohonan, Permohonan.id == Booking.permohonan_id)
        .where(
            Booking.cancelled_at.is_(None),
            Booking.closed_at.is_(None),
            Booking.id != seat.id,
            Slot.starts_at < seat.slot.ends_at,
            Slot.ends_at > seat.slot.starts_at,
        )
    )
    if (
        db.session.scalar(overlapping.where(Permohonan.asesi_id == case.asesi_id).limit(1))
        is not None
    ):
        return ASESI_ELSEWHERE
    other_slot = overlapping.where(Slot.asesor_id == seat.slot.asesor_id, Slot.id != seat.slot_id)
    if db.session.scalar(other_slot.limit(1)) is not None:
        return ASESOR_ELSEWHERE
    return None


def same_asesor_as_before(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The asesor of the pre-assessment, unless the admin names another with a reason."""
    dossier = dossier_of(case)
    seat = dossier.booking
    if seat is None or dossier.plan is None or seat.slot.asesor_id == dossier.plan.asesor_id:
        return None
    if actor.has(Role.ADMIN) and len(note.strip()) >= LEAST_REASON:
        return None
    return "Asesor asesmen harus sama dengan asesor pra-asesmen. Admin dapat menggantinya dengan alasan."


def jadwal_before(case: Permohonan) -> int | None:
    """The batch in which this attempt's last meeting was held; one of another mode binds nobody."""
    held = [
        seat.slot.jadwal
        for seat in dossier_of(case).bookings
        if seat.attempt == case.attempt and seat.closed_at is not None
    ]
    return held[-1].id if held and held[-1].mode is case.mode else None


def same_jadwal_as_before(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The batch of the pre-assessment, unless the admin moves the Peserta with a reason."""
    dossier = dossier_of(case)
    seat, before = dossier.booking, jadwal_before(case)
    if seat is None or before in (None, seat.slot.jadwal_id):
        return None
    if actor.has(Role.ADMIN) and len(note.strip()) >= LEAST_REASON:
        return None
    return "Asesmen harus di jadwal yang sama dengan pra-asesmen. Admin dapat memindahkannya dengan alasan."


def may_still_move(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The asesi until the day before, and only so often; admin and asesor always."""
    return why_he_cannot_move(case) if actor.id == case.asesi_id else None


def why_he_cannot_move(case: Permohonan) -> str | None:
    """Why the asesi himself may not change the meeting that stands."""
    seat = dossier_of(case).booking
    hours = int(setting("move_until_hours"))
    if seat is not None and seat.slot.starts_at - clock.now() < timedelta(hours=hours):
        return f"Jadwal hanya dapat diubah paling lambat {hours} jam sebelumnya. Hubungi admin LSP."
    if case.asesi_moves >= int(setting("asesi_moves")):
        return "Anda sudah memakai semua kesempatan mengubah jadwal. Hubungi admin LSP."
    return None


def waited_long_enough(case: Permohonan, actor: Actor, note: str) -> str | None:
    seat = dossier_of(case).booking
    minutes = int(setting("absence_wait_minutes"))
    if seat is not None and clock.now() < seat.slot.starts_at + timedelta(minutes=minutes):
        return f"Tunggu {minutes} menit sejak jam mulai sebelum mencatat ketidakhadiran."
    return None


#: Said where nobody was named yet; the page that records an absence asks for it.
ABSENT_PARTY_FIRST = "Catat dulu siapa yang tidak hadir."


def absent_party_recorded(case: Permohonan, actor: Actor, note: str) -> str | None:
    seat = dossier_of(case).booking
    if seat is None or seat.record is None or not seat.record.absent_party:
        return ABSENT_PARTY_FIRST
    return None


def asesi_absent_again(case: Permohonan, actor: Actor, note: str) -> str | None:
    """From the absence that the setting names (the second); an asesor's absence never counts."""
    seat = dossier_of(case).booking
    by_asesi = seat is not None and seat.record is not None and seat.record.absent_party == "asesi"
    least = int(setting("absences_until_dropped"))
    if not by_asesi or case.asesi_absences + 1 < least:
        return f"Gugur hanya mulai ketidakhadiran asesi yang ke-{least}."
    return None


def both_attended(case: Permohonan, actor: Actor, note: str) -> str | None:
    seat = dossier_of(case).booking
    record = seat.record if seat is not None else None
    if record is None or record.asesor_present_at is None or record.asesi_present_at is None:
        return "Catat kehadiran asesor dan asesi."
    return None


def conflict_declared(case: Permohonan, actor: Actor, note: str) -> str | None:
    seat = dossier_of(case).booking
    if seat is None or seat.record is None or seat.record.conflict_declared_at is None:
        return "Nyatakan bahwa Anda tidak punya benturan kepentingan."
    return None


def remote_record_kept(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Daring: face matches KTP, surroundings seen, consent to recording (workflow 4)."""
    if case.mode is not Mode.DARING:
        return None
    seat = dossier_of(case).booking
    record = seat.record if seat is not None else None
    if record is None or record.identity_checked_at is None:
        return "Cocokkan wajah asesi dengan KTP dan pas foto."
    if record.surroundings_checked_at is None:
        return "Minta asesi memperlihatkan ruangannya."
    if record.recording_consent_at is None:
        return (
            "Asesi belum menyetujui perekaman. Bila ia menolak, minta ia memilih ganti ke tatap muka di halaman "
            "rapatnya, lalu lepas jadwalnya."
        )
    return None


def apl_02_reviewed(*, can_continue: bool) -> Guard[Permohonan]:
    """The asesor's word on FR.APL.02 in this very meeting."""
    words = "“dapat dilanjutkan”" if can_continue else "“tidak dapat dilanjutkan”"

    @named("apl_02_reviewed_can_continue" if can_continue else "apl_02_reviewed_cannot_continue")
    def apl_02_reviewed_in_meeting(case: Permohonan, actor: Actor, note: str) -> str | None:
        dossier = dossier_of(case)
        seat = dossier.booking
        review = dossier.reviews[-1] if dossier.reviews else None
        if seat is None or review is None or review.booking_id != seat.id:
            return "Tinjau FR.APL.02 dulu."
        if review.can_continue is not can_continue:
            return f"Tinjauan FR.APL.02 harus {words}."
        if not can_continue and not review.missing_evidence.strip():
            return "Sebutkan bukti yang kurang."
        return None

    return apl_02_reviewed_in_meeting


def evidence_rounds_left(case: Permohonan, actor: Actor, note: str) -> str | None:
    if case.evidence_rounds >= int(setting("evidence_rounds")):
        return "Permintaan bukti tambahan sudah dua kali."
    return None


def evidence_rounds_used_up(case: Permohonan, actor: Actor, note: str) -> str | None:
    if case.evidence_rounds < int(setting("evidence_rounds")):
        return "Minta bukti tambahan dulu; kesempatannya belum habis."
    return None


def new_evidence_added(case: Permohonan, actor: Actor, note: str) -> str | None:
    if not any(file.created_at > case.status_at for file in dossier_of(case).documents):
        return "Unggah sedikitnya satu bukti baru."
    return None


def mapa_chosen(case: Permohonan, actor: Actor, note: str) -> str | None:
    """A plan chosen before MAPA were documents has methods alone and holds as it was agreed."""
    plan = dossier_of(case).plan
    if plan is None or plan.mapa_chosen_at is None or not (plan.mapa_id or plan.methods):
        return "Pilih rencana asesmen (FR.MAPA.01 dan FR.MAPA.02)."
    return None


def fr_ak_07_filled(case: Permohonan, actor: Actor, note: str) -> str | None:
    plan = dossier_of(case).plan
    if plan is None or plan.fr_ak_07_at is None:
        return "Isi FR.AK.07."
    return None


def appeal_right_explained(case: Permohonan, actor: Actor, note: str) -> str | None:
    seat = dossier_of(case).booking
    if seat is None or seat.record is None or seat.record.appeal_explained_at is None:
        return "Jelaskan hak banding kepada asesi."
    return None


def fr_ak_01_signed(case: Permohonan, actor: Actor, note: str) -> str | None:
    """FR.AK.01 of this attempt, by the asesi and by this asesor."""
    dossier = dossier_of(case)
    if dossier.signature(Form.FR_AK_01, Role.ASESI, attempt=case.attempt) is None:
        return "FR.AK.01 belum ditandatangani asesi."
    seat = dossier.booking
    by_asesor = dossier.signature(Form.FR_AK_01, Role.ASESOR, attempt=case.attempt)
    if by_asesor is None or seat is None or by_asesor.signer_id != seat.slot.asesor_id:
        return "FR.AK.01 belum ditandatangani asesor."
    return None
