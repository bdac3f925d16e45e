"""Taking back a wrong tick in the record of a meeting, by whom it was made, while nothing rests on it yet.

The column is emptied, for it says what is so; that it was ticked, when, and why it was taken back stands for good in
an append-only row beside it and in the audit chain (workflow 4: a record is made as it happens, never made up).
"""

from __future__ import annotations

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Booking, Incident, MeetingRecord, Permohonan
from lsp.models.jadwal import TAKEN_BACK
from lsp.services import audit
from lsp.services.meetings import TICKS
from lsp.vocabulary import Form, MeetingKind, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.machine import check_reason

END = "selesai"
#: All that an asesor ticks, the end of the meeting included: column of the record and the words on the screen.
RECORDED = TICKS | {END: ("ended_at", "Rapat selesai")}
_BEFORE_THE_START = (PermohonanStatus.PRE_SCHEDULED, PermohonanStatus.SCHEDULED)


def refusal(actor: Actor, permohonan: Permohonan, item: str) -> str | None:
    """Why this tick cannot be taken back now, in a sentence; None when it can."""
    seat = dossier_of(permohonan).booking
    if seat is None or seat.slot.asesor_id != actor.id:
        return "Hanya asesor rapat ini yang dapat membatalkan catatannya."
    if item not in RECORDED:
        return "Butir ini tidak dikenal. Muat ulang halaman."
    record = seat.record
    if record is None or getattr(record, RECORDED[item][0]) is None:
        return "Butir ini belum dicatat, jadi tidak ada yang dibatalkan."
    states = (PermohonanStatus.IN_ASSESSMENT,) if item == END else _BEFORE_THE_START
    if permohonan.status not in states:
        return "Catatan ini sudah menjadi dasar langkah berikutnya, jadi tidak dapat dibatalkan."
    return None if item == END else _what_rests_on_it(permohonan, seat, record, item)


def _what_rests_on_it(
    permohonan: Permohonan, seat: Booking, record: MeetingRecord, item: str
) -> str | None:
    dossier, order = dossier_of(permohonan), list(TICKS)
    later = [
        f"“{TICKS[name][1]}”"
        for name in order[order.index(item) + 1 :]
        if getattr(record, TICKS[name][0]) is not None
    ]
    if later:
        return f"Batalkan dulu catatan sesudahnya: {', '.join(later)}."
    if any(review.booking_id == seat.id for review in dossier.reviews):
        return "FR.APL.02 sudah ditinjau di rapat ini, jadi catatan ini tidak dapat dibatalkan."
    ticked_at = getattr(record, TICKS[item][0])
    if any(
        signature.form in (Form.FR_AK_01, Form.FR_AK_02) and signature.signed_at >= ticked_at
        for signature in dossier.signatures
    ):
        return (
            "Sesudah catatan ini sudah ada tanda tangan, jadi catatan ini tidak dapat dibatalkan."
        )
    return None


def take_back(actor: Actor, permohonan: Permohonan, item: str, *, reason: str) -> None:
    """Empty the tick and write down that it was there. Raises DomainError with a sentence."""
    refused = refusal(actor, permohonan, item)
    if refused is not None:
        raise DomainError(refused)
    check_reason(reason)
    seat = dossier_of(permohonan).booking
    assert seat is not None  # noqa: S101 - `refusal` asked
    assert seat.record is not None  # noqa: S101 - likewise
    column, words = RECORDED[item]
    ticked_at = getattr(seat.record, column)
    setattr(seat.record, column, None)
    if item in ("asesor", "asesi") and seat.slot.kind is MeetingKind.PRE_ASSESSMENT:
        # It had begun because both were there (services/meetings.py).
        seat.record.started_at = None
    hour = f"{ticked_at.astimezone(clock.WIB):%H.%M} WIB"
    db.session.add(
        Incident(
            booking_id=seat.id,
            at=clock.now(),
            kind=TAKEN_BACK,
            stage=permohonan.status.label,
            action=f"“{words}”, dicatat pukul {hour}, dibatalkan. Alasan: {reason.strip()}",
            recorded_by_id=actor.id,
        )
    )
    audit.note(
        actor,
        f"meeting.{item}.take_back",
        "booking",
        seat.public_id,
        role=Role.ASESOR,
        ticked_at=ticked_at.isoformat(),
    )
    db.session.flush()
