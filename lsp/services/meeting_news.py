"""Whether something happened in a meeting since a page of it was drawn, told cheaply: pages ask every few seconds."""

from __future__ import annotations

import hashlib

from lsp import clock
from lsp.models import Permohonan
from lsp.services.joining import LINGERS, JoinWindow, window
from lsp.workflow.dossier import dossier_of


def edition(permohonan: Permohonan) -> str:
    """A short name for what both sides may wait for: consent or its refusal, papers laid out, signatures, the state."""
    dossier = dossier_of(permohonan)
    seat, plan, paper = dossier.booking, dossier.plan, dossier.fr_ak_02
    record = seat.record if seat is not None else None
    parts = [
        permohonan.status.value,
        seat.public_id if seat is not None else "",
        record.recording_consent_at if record is not None else None,
        record.ended_at if record is not None else None,
        permohonan.mode_agreed_at,
        plan.fr_ak_01_at if plan is not None else None,
        paper.recommendation if paper is not None else None,
        len(dossier.signatures),
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def is_live(permohonan: Permohonan, door: JoinWindow | None = None) -> bool:
    """Whether the meeting of this case is on, or about to be; outside it no page asks again."""
    seat = dossier_of(permohonan).booking
    if seat is None or (seat.record is not None and seat.record.ended_at is not None):
        return False
    door = door or window()
    return door.opens_at(seat.slot) <= clock.now() <= seat.slot.ends_at + LINGERS
