"""What else is written when meetings are booked, moved, missed and held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Booking, Permohonan, Slot
from lsp.models.inforce import setting
from lsp.models.queue import add, add_mail, cancel_waiting
from lsp.vocabulary import Channel
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import tell_asesi

#: Small numbers as people write them in a sentence.
TIMES = {1: "satu", 2: "dua", 3: "tiga", 4: "empat", 5: "lima"}


def invite(case: Permohonan, actor: Actor, note: str) -> None:
    """Mail both, and put the reminders (by the setting: 24 h and 1 h before) into the queue."""
    seat = dossier_of(case).booking
    if seat is None:
        return
    slot = seat.slot
    facts: dict[str, Any] = {
        "meeting": slot.kind.label,
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "asesor_name": slot.asesor.name,
        "asesi_name": case.asesi_name,
        "skema": case.skema_version.title,
        "public_id": case.public_id,
        **_place(slot),
    }
    for person, template in (
        (case.asesi, "meeting_invitation"),
        (slot.asesor, "meeting_invitation_asesor"),
    ):
        add_mail(
            person,
            template,
            dedupe=seat.public_id,
            permohonan_id=case.id,
            **facts,
            zone=person.zone,
        )
        for hours in setting("meeting_reminder_hours"):
            moment = slot.starts_at - timedelta(hours=hours)
            if moment > clock.now():
                add_mail(
                    person,
                    "meeting_reminder",
                    dedupe=f"{seat.public_id}:{hours}",
                    permohonan_id=case.id,
                    run_at=moment,
                    hours=hours,
                    zone=person.zone,
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
    for person in (case.asesi, seat.slot.asesor):
        add_mail(
            person,
            "meeting_cancelled",
            dedupe=seat.public_id,
            permohonan_id=case.id,
            meeting=seat.slot.kind.label,
            starts_at=seat.slot.starts_at.isoformat(),
            zone=person.zone,
            reason=note.strip(),
            asesi_name=case.asesi_name,
            skema=case.skema_version.title,
            **_place(seat.slot),
        )
    db.session.flush()


def count_move(case: Permohonan, actor: Actor, note: str) -> None:
    if actor.id == case.asesi_id:
        case.asesi_moves += 1


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
        seat.record.ended_at = clock.now()
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
