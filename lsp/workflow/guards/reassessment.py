"""Who assesses an asesmen ulang: somebody else by default, the same asesor where the admin says why (process 6.1)."""

from __future__ import annotations

from lsp.actor import Actor
from lsp.models import Permohonan
from lsp.models.inforce import setting
from lsp.vocabulary import Role
from lsp.workflow import duty
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.after_decision import opened_by_reassessment
from lsp.workflow.machine import LEAST_REASON

ANOTHER, ANY = "another", "any"
SAME_ASESOR = (
    "Asesmen ulang dinilai asesor lain. Admin dapat memilih asesor yang sama dengan alasan."
)


def asesor_of_earlier_attempts(case: Permohonan) -> set[int]:
    """Who is not offered for this asesmen ulang; nobody in a first attempt, or where the LSP takes any asesor."""
    if case.attempt == 1 or setting("reassessment_asesor") == ANY:
        return set()
    return duty.asesor_ids(case, before=case.attempt) if opened_by_reassessment(case) else set()


def another_asesor_assesses(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Unless the admin takes the same one with a reason; then the plan names him."""
    dossier = dossier_of(case)
    seat, plan = dossier.booking, dossier.plan
    if seat is None or (plan is not None and plan.asesor_id == seat.slot.asesor_id):
        return None
    if seat.slot.asesor_id not in asesor_of_earlier_attempts(case):
        return None
    if actor.has(Role.ADMIN) and len(note.strip()) >= LEAST_REASON:
        return None
    return SAME_ASESOR
