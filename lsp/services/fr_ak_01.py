"""FR.AK.01, Persetujuan Asesmen dan Kerahasiaan (forms 4): when and where, which evidence, and its statements.

What both sign is within the digest of the dossier; its words are data with a version the paper keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import FormTemplate, Permohonan, Slot
from lsp.models.inforce import days_off_between, form_template, holiday_names
from lsp.services import audit, plan_papers, schedule
from lsp.services.assessment import open_plan
from lsp.services.signing import words_of_fr_ak_01
from lsp.vocabulary import Form, MeetingKind, Role
from lsp.workflow.dossier import dossier_of

CODE = Form.FR_AK_01.value
OTHER = "lainnya"
FR_AK_07_FIRST = (
    "Rencana asesmen berganti. Periksa dan simpan FR.AK.07 lagi, baru siapkan FR.AK.01."
)
WHEN_FIRST = "Catat dulu kapan dan di mana asesmen disepakati."


def agree_on(
    actor: Actor, permohonan: Permohonan, *, starts_at: datetime, place: str, contact: str
) -> None:
    """When and where the assessment will be, and whom to reach when the line breaks. Booking it comes later."""
    if not place.strip() or not contact.strip():
        raise DomainError("Isi tempat (TUK) dan kontak cadangan.")
    day = starts_at.astimezone(clock.WIB).date()
    if day < clock.today_wib():
        raise DomainError("Tanggal asesmen sudah lewat. Isi tanggal yang disepakati.")
    plan = open_plan(actor, permohonan)
    plan.agreed_starts_at, plan.agreed_place = starts_at, place.strip()
    plan.backup_contact = contact.strip()
    audit.note(actor, "assessment.agree_on", "permohonan", permohonan.public_id, role=Role.ASESOR)
    db.session.flush()


def other_time(permohonan: Permohonan) -> tuple[datetime, datetime] | None:
    """(agreed, booked) where the seat of the assessment is at another time than FR.AK.01 says; None when not."""
    dossier = dossier_of(permohonan)
    plan, seat = dossier.plan, dossier.booking
    agreed = plan.agreed_starts_at if plan is not None else None
    if agreed is None or seat is None or seat.slot.kind is not MeetingKind.ASSESSMENT:
        return None
    return (agreed, seat.slot.starts_at) if agreed != seat.slot.starts_at else None


def open_times(permohonan: Permohonan) -> list[Slot]:
    """Coming assessments of the asesor of this meeting that the asesi could book, soonest first."""
    seat = dossier_of(permohonan).booking
    if seat is None:
        return []
    return [
        use.slot
        for use in schedule.coming_slots(asesor_id=seat.slot.asesor_id)
        if use.slot.kind is MeetingKind.ASSESSMENT
        and use.taken < use.slot.capacity
        and use.slot.jadwal.skema_version_id == permohonan.skema_version_id
        and use.slot.jadwal.mode is permohonan.mode
        and use.slot.jadwal.status in schedule.OPEN
        and use.slot.starts_at > clock.now()
    ]


def doubts(permohonan: Permohonan, times: Sequence[Slot]) -> list[str]:
    """Why the agreed time may not be had, though it bars nothing. times: those of `open_times`."""
    dossier = dossier_of(permohonan)
    plan, seat = dossier.plan, dossier.booking
    agreed = plan.agreed_starts_at if plan is not None else None
    if agreed is None or seat is None or seat.slot.kind is not MeetingKind.PRE_ASSESSMENT:
        return []
    found, day = [], agreed.astimezone(clock.WIB).date()
    if days_off_between(agreed, agreed + timedelta(minutes=1), asesor_id=seat.slot.asesor_id):
        found.append("Asesor tidak bertugas pada waktu yang disepakati.")
    if name := holiday_names(day, day).get(day):
        found.append(f"Tanggal yang disepakati hari libur: {name}.")
    if all(slot.starts_at != agreed for slot in times):
        found.append(
            "Belum ada slot asesmen yang terbuka pada waktu yang disepakati, jadi asesi belum dapat memesannya."
        )
    return found


def prepare(
    actor: Actor, permohonan: Permohonan, *, evidence: Sequence[str], other: str = ""
) -> None:
    """Lay FR.AK.01 out for both to sign. Raises DomainError with what is missing."""
    words = form_template(CODE)
    known = [key for key, _label in words.body["evidence"]]
    if not evidence or set(evidence) - set(known):
        raise DomainError("Pilih bukti yang akan dikumpulkan.")
    if OTHER in evidence and not other.strip():
        raise DomainError("Tulis bukti lainnya itu apa.")
    standing = dossier_of(permohonan).plan
    if standing is None or standing.agreed_starts_at is None:
        raise DomainError(WHEN_FIRST)
    if plan_papers.waits_for_fr_ak_07(standing):
        raise DomainError(FR_AK_07_FIRST)
    plan = open_plan(actor, permohonan)
    plan.fr_ak_01_evidence = [key for key in known if key in evidence]
    plan.fr_ak_01_other = other.strip() if OTHER in evidence else ""
    plan.fr_ak_01_at, plan.fr_ak_01_version = clock.now(), words.version_number
    audit.note(actor, "fr_ak_01.prepare", "permohonan", permohonan.public_id, role=Role.ASESOR)
    db.session.flush()


def words_for(permohonan: Permohonan) -> FormTemplate:
    """The words of this very paper; before it is laid out those in force."""
    return words_of_fr_ak_01(permohonan)


def evidence_words(permohonan: Permohonan, words: FormTemplate) -> list[tuple[str, bool]]:
    """Every kind of evidence as the form prints it, and whether it will be collected."""
    plan = dossier_of(permohonan).plan
    chosen = plan.fr_ak_01_evidence if plan is not None else []
    rows = []
    for key, label in words.body["evidence"]:
        more = f": {plan.fr_ak_01_other}" if plan and key == OTHER and plan.fr_ak_01_other else ""
        rows.append((label + more, key in chosen))
    return rows
