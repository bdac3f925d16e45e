"""What else is written in stage 1."""

from __future__ import annotations

from datetime import timedelta

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import ChecklistItem, Permohonan
from lsp.models.inforce import setting
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import tell_asesi, tell_role


def mark_submitted(case: Permohonan, actor: Actor, note: str) -> None:
    case.submitted_at = case.submitted_at or clock.now()
    # What was met is judged on what is sent now.
    case.repair_due = case.met_rule_id = None


def open_checklist(case: Permohonan, actor: Actor, note: str) -> None:
    """One row per document of the kind of request; a row whose file was replaced is to be judged anew."""
    dossier = dossier_of(case)
    rows, items, files = dossier.requirements, dossier.checklist, dossier.documents
    for row in rows:
        item = items.get(row.id)
        if item is None:
            db.session.add(ChecklistItem(permohonan_id=case.id, requirement_id=row.id))
            continue
        judged_at = item.judged_at
        if judged_at is not None and any(
            file.requirement_id == row.id and file.created_at > judged_at for file in files
        ):
            item.verdict = item.judged_by_id = item.judged_at = None
    db.session.flush()


def tell_admin(case: Permohonan, actor: Actor, note: str) -> None:
    tell_role(case, Role.ADMIN, "permohonan_submitted_admin")


def tell_admin_evidence(case: Permohonan, actor: Actor, note: str) -> None:
    case.evidence_due = None
    tell_role(case, Role.ADMIN, "evidence_added_admin")


def set_repair_date(case: Permohonan, actor: Actor, note: str) -> None:
    case.repair_due = clock.today_wib() + timedelta(days=int(setting("repair_days")))


def tell_what_to_repair(case: Permohonan, actor: Actor, note: str) -> None:
    items = [f"{row.label}: {item.note}" for row, item in dossier_of(case).failing]
    due = case.repair_due.isoformat() if case.repair_due else ""
    tell_asesi(case, "permohonan_returned", items=items, due=due, note=note.strip())


def mark_verified(case: Permohonan, actor: Actor, note: str) -> None:
    case.verifier_id, case.verified_at = actor.id, clock.now()
