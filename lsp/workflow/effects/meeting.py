"""What else is written when meetings are booked, moved, missed and held."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Booking, MeetingRecord, Permohonan, Slot, User
from lsp.models.inforce import setting
from lsp.models.queue import add, add_mail, cancel_waiting
from lsp.vocabulary import Channel, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import tell_asesi
from lsp.workflow.guards.meeting import why_he_cannot_move

#: What a record notes as it happens: the meeting had not ended before the last of them.
MOMENTS = tuple(
    column.name
    for column in MeetingRecord.__table__.columns
    if column.name.endswith("_at") and column.name != "ended_at"
)
#: Small numbers as people write them in a sentence.
TIMES = {1: "satu", 2: "dua", 3: "tiga", 4: "empat", 5: "lima"}


def invite(case: Permohonan, actor: Actor, note: str) -> None:
    """Mail both, and put the reminders (by the setting: 24 h and 1 h before) into the queue.

    A seat that took the place of another is told as a move: one mail to each.
    """
    seat = dossier_of(case).booking
    if seat is None:
        return
    before = next((row for row in dossier_of(case).bookings if row.id == seat.moved_from_id), None)
    for person, template in _invited(case, seat, before):
        facts = _facts(case, seat, person)
        told = facts if before is None else facts | _moved(case, before, actor, person)
        add_mail(person, template, dedupe=seat.public_id, permohonan_id=case.id, **told)
        _remind(case, seat, person, facts)
    if before is not None and before.slot.asesor_id != seat.slot.asesor_id:
        _tell_cancelled(case, before, actor, before.slot.asesor, handed_to=seat.slot.asesor.name)


def _invited(case: Permohonan, seat: Booking, before: Booking | None) -> list[tuple[User, str]]:
    """Who comes, and which mail tells him. To an asesor who takes a meeting over, it is a new one."""
    asesor = seat.slot.asesor
    if before is None:
        return [(case.asesi, "meeting_invitation"), (asesor, "meeting_invitation_asesor")]
    stays = before.slot.asesor_id == asesor.id
    return [
        (case.asesi, "meeting_moved"),
        (asesor, "meeting_moved_asesor" if stays else "meeting_invitation_asesor"),
    ]


def _facts(case: Permohonan, seat: Booking, person: User) -> dict[str, Any]:
    slot = seat.slot
    return {
        "booking": seat.public_id,
        "meeting": slot.kind.label,
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "asesor_name": slot.asesor.name,
        "asesi_name": case.asesi_name,
        "skema": case.skema_version.title,
        "public_id": case.public_id,
        "zone": person.zone,
        **_place(slot),
    }


def _moved(case: Permohonan, before: Booking, actor: Actor, person: User) -> dict[str, Any]:
    """What was, by whom it was changed and why."""
    return {
        "old_starts_at": before.slot.starts_at.isoformat(),
        "old_asesor_name": before.slot.asesor.name,
        "reason": before.cancel_reason,
        "by": _by(case, actor, person),
        "movable": why_he_cannot_move(case) is None,
    }


def _by(case: Permohonan, actor: Actor, reader: User) -> str:
    """Who did it, in the words of who reads it."""
    if actor.id == reader.id:
        return "Anda"
    if actor.id == case.asesi_id:
        return case.asesi_name
    return "admin LSP" if actor.has(Role.ADMIN) else "asesor"


def _remind(case: Permohonan, seat: Booking, person: User, facts: dict[str, Any]) -> None:
    for hours in setting("meeting_reminder_hours"):
        moment = seat.slot.starts_at - timedelta(hours=hours)
        if moment > clock.now():
            add_mail(
                person,
                "meeting_reminder",
                dedupe=f"{seat.public_id}:{hours}",
                permohonan_id=case.id,
                run_at=moment,
                hours=hours,
                **facts,
            )


def _place(slot: Slot) -> dict[str, Any]:
    """Which way they meet and, for luring, where: what a mail needs to send people to the right door."""
    tuk = slot.jadwal.tuk
    return {"mode": slot.jadwal.mode.value, "place": tuk.name, "address": tuk.address}


def report_peserta_to_bnsp(case: Permohonan, actor: Actor, note: str) -> None:
    """BNSP hears of the peserta and the surat tugas once per Peserta (process 4.2, step 7)."""
    seat = dossier_of(case).booking
    if seat is None:
        return
    payload = {"peserta": seat.peserta_id, "jadwal": seat.slot.jadwal.public_id}
    for kind in ("jadwal/peserta", "jadwal/asesor/surat-tugas"):
        add(
            Channel.BNSP,
            kind,
            dedupe=f"bnsp:{kind}:{seat.peserta_id}",
            payload=payload,
            permohonan_id=case.id,
        )


def free_seat(case: Permohonan, actor: Actor, note: str) -> None:
    seat = dossier_of(case).booking
    if seat is None:
        return
    seat.cancelled_at, seat.cancel_reason = clock.now(), note.strip()
    cancel_waiting(case.id, "meeting_reminder")
    if not seat.gives_way:  # a move is told when the other seat is taken
        for person in (case.asesi, seat.slot.asesor):
            _tell_cancelled(case, seat, actor, person)
    db.session.flush()


def _tell_cancelled(
    case: Permohonan, seat: Booking, actor: Actor, person: User, *, handed_to: str = ""
) -> None:
    """handed_to: the asesor who holds the meeting now, said to the one who does no longer."""
    add_mail(
        person,
        "meeting_cancelled",
        dedupe=seat.public_id,
        permohonan_id=case.id,
        **_facts(case, seat, person),
        reason=seat.cancel_reason,
        by=_by(case, actor, person),
        own=person.id == case.asesi_id,
        handed_to=handed_to,
    )


def count_move(case: Permohonan, actor: Actor, note: str) -> None:
    if actor.id == case.asesi_id:
        case.asesi_moves += 1


def likely_end(seat: Booking) -> datetime:
    """When a meeting ended that is written up now: with its slot, if nothing was recorded in it later."""
    return min(clock.now(), max([seat.slot.ends_at, *noted_at(seat.record)]))


def noted_at(record: MeetingRecord | None) -> list[datetime]:
    """When something was noted in a meeting, in no order."""
    return [at for name in MOMENTS if (at := getattr(record, name, None)) is not None]


def close_seat(case: Permohonan, actor: Actor, note: str) -> None:
    """The meeting had its outcome; its record stays."""
    seat: Booking | None = dossier_of(case).booking
    if seat is None:
        return
    seat.closed_at = clock.now()
    if (
        seat.record is not None
        and seat.record.ended_at is None
        and seat.record.started_at is not None
    ):
        seat.record.ended_at = likely_end(seat)
    cancel_waiting(case.id, "meeting_reminder")
    db.session.flush()


def count_absence(case: Permohonan, actor: Actor, note: str) -> None:
    """An asesor's absence never counts against the asesi."""
    if _absent_party(case) == "asesi":
        case.asesi_absences += 1


def tell_missed(case: Permohonan, actor: Actor, note: str) -> None:
    """The case stays open and another time is to be chosen; a case that ends is told so instead."""
    last = case.asesi_absences + 1 >= int(setting("absences_until_dropped"))
    tell_asesi(case, "meeting_missed", absent=_absent_party(case), last_chance=last)


def tell_dropped_for_absence(case: Permohonan, actor: Actor, note: str) -> None:
    times = TIMES.get(case.asesi_absences, str(case.asesi_absences))
    tell_asesi(case, "permohonan_dropped", reason=f"Anda tercatat tidak hadir {times} kali.")


def _absent_party(case: Permohonan) -> str:
    seat = dossier_of(case).booking
    return seat.record.absent_party if seat is not None and seat.record is not None else ""


def ask_for_evidence(case: Permohonan, actor: Actor, note: str) -> None:
    case.evidence_rounds += 1
    case.evidence_due = clock.today_wib() + timedelta(days=int(setting("evidence_days")))
    review = dossier_of(case).reviews[-1]
    tell_asesi(
        case, "evidence_needed", missing=review.missing_evidence, due=case.evidence_due.isoformat()
    )


def tell_ready(case: Permohonan, actor: Actor, note: str) -> None:
    tell_asesi(case, "ready_for_assessment")


def note_start(case: Permohonan, actor: Actor, note: str) -> None:
    seat = dossier_of(case).booking
    if seat is not None and seat.record is not None and seat.record.started_at is None:
        seat.record.started_at = clock.now()
