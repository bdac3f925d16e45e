"""Taking back the consent to a recording while the meeting runs, as its text promises. Giving it: meetings.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Booking, Consent, Incident, Permohonan
from lsp.services import audit, meetings
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of

#: The kind of incident that a consent taken back leaves.
CONSENT_WITHDRAWN = "Persetujuan perekaman ditarik"


def withdraw(actor: Actor, permohonan: Permohonan) -> None:
    """The asesi takes his consent back while the meeting runs; the recorder must stop and the asesor reads it.

    Raises DomainError without a consent, or after the end: by then the recording is evidence.
    """
    booking = dossier_of(permohonan).booking
    record = booking.record if booking is not None else None
    if actor.id != permohonan.asesi_id or actor.id is None:
        raise DomainError("Hanya asesi permohonan ini yang dapat menarik persetujuannya.")
    if booking is None or record is None or record.recording_consent_at is None:
        raise DomainError("Perekaman rapat ini belum Anda setujui, jadi tidak ada yang ditarik.")
    if record.ended_at is not None:
        raise DomainError("Rapat sudah selesai. Rekamannya menjadi bukti dan tetap disimpan.")
    for given in db.session.scalars(
        select(Consent).where(
            Consent.permohonan_id == permohonan.id,
            Consent.text_id == record.recording_consent_text_id,
            Consent.withdrawn_at.is_(None),
        )
    ):
        given.withdrawn_at = clock.now()
    ran = "" if record.recorder_started_at is None else " Perekam sudah menyala."
    record.recording_consent_at = record.recording_consent_text_id = None
    record.recorder_started_at = None
    db.session.add(
        Incident(
            booking_id=booking.id,
            at=clock.now(),
            kind=CONSENT_WITHDRAWN,
            stage=permohonan.status.label,
            action=f"Asesi menariknya di halamannya.{ran} Perekam harus dihentikan.",
            recorded_by_id=actor.id,
        )
    )
    audit.note(actor, "meeting.withdraw_consent", "booking", booking.public_id, role=Role.ASESI)
    db.session.flush()


def stands(booking: Booking) -> bool:
    """Whether the asesi agreed to the recording of this meeting and did not take it back."""
    return booking.record is not None and booking.record.recording_consent_at is not None


def was_withdrawn(booking: Booking) -> bool:
    """Whether the consent to record this meeting was taken back and not given again."""
    return withdrawn_at(booking) is not None


def withdrawn_at(booking: Booking) -> datetime | None:
    """When it was taken back, the last time; None while it stands or was never given."""
    if booking.record is None or stands(booking):
        return None
    times = (x.at for x in meetings.incidents_of(booking) if x.kind == CONSENT_WITHDRAWN)
    return max(times, default=None)
