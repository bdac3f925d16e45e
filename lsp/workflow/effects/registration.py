"""What else is written in stage 1."""

from __future__ import annotations

from datetime import timedelta

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import ChecklistItem, Document, Permohonan
from lsp.models.inforce import setting
from lsp.vocabulary import FormSection, Role, Verdict
from lsp.workflow.at_siki import came_from_siki
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import send_siki, tell_asesi, tell_role
from lsp.workflow.sections import content, differs

#: What a return says of a section that came from SIKI.
AT_SIKI = "isian dari SIKI-LPJK: perbaiki lewat Portal Perizinan, atau langsung di portal ini"


def mark_submitted(case: Permohonan, actor: Actor, note: str) -> None:
    case.submitted_at = case.submitted_at or clock.now()
    # What was met is judged on what is sent now.
    case.repair_due = case.met_rule_id = case.met_education = None


def open_checklist(case: Permohonan, actor: Actor, note: str) -> None:
    """One row per document of the kind of request; what changed since its verdict is to be judged anew."""
    dossier = dossier_of(case)
    items = dossier.checklist
    for row in dossier.requirements:
        item = items.get(row.id)
        if item is None:
            db.session.add(ChecklistItem(permohonan_id=case.id, requirement_id=row.id))
        elif _file_is_newer(dossier.documents, item):
            _judge_anew(item)
    for section, item in dossier.sections.items():
        changed = item.sealed is not None and differs(item.sealed, content(case, section))
        if changed or item.answer:
            _judge_anew(item)
        elif item.verdict is None:
            # Sealed with the others, neither judged nor changed: nothing to look at.
            db.session.delete(item)
    db.session.flush()


def _file_is_newer(files: list[Document], item: ChecklistItem) -> bool:
    judged_at = item.judged_at
    return judged_at is not None and any(
        file.requirement_id == item.requirement_id and file.created_at > judged_at for file in files
    )


def _judge_anew(item: ChecklistItem) -> None:
    """The note stays beside what changed or was answered, until there is another verdict."""
    item.verdict = item.judged_by_id = item.judged_at = None


def seal_what_was_judged(case: Permohonan, actor: Actor, note: str) -> None:
    """Keep what stands in each row and section now, so that the next verdict sees what changed."""
    dossier = dossier_of(case)
    by_row: dict[int | None, list[str]] = {}
    for file in dossier.documents:
        by_row.setdefault(file.requirement_id, []).append(file.public_id)
    for row_id, item in dossier.checklist.items():
        item.sealed = {"files": by_row.get(row_id, [])}
    items, made = dossier.sections, []
    for section in FormSection:
        item = items.get(section) or ChecklistItem(permohonan_id=case.id, section=section)
        item.sealed, item.answer = content(case, section), ""
        made.append(item)
    db.session.add_all(made)
    db.session.flush()


def ask_for_repair_at_siki(case: Permohonan, actor: Actor, note: str) -> None:
    """Status 11 where something that failed came from SIKI's dossier; all else is repaired here alone."""
    moment, asked = clock.now(), False
    for section, item in dossier_of(case).sections.items():
        theirs = item.verdict is Verdict.FAILS and came_from_siki(case, section)
        item.siki_asked_at, item.siki_seen_at = moment if theirs else None, None
        asked = asked or theirs
    if asked:
        send_siki(case, 11)
    db.session.flush()


def tell_admin(case: Permohonan, actor: Actor, note: str) -> None:
    tell_role(case, Role.ADMIN, "permohonan_submitted_admin")


def tell_received(case: Permohonan, actor: Actor, note: str) -> None:
    """The asesi has it in writing that his permohonan came, and how long looking at it usually takes."""
    tell_asesi(case, "permohonan_received", days=setting("work_age_days")["verifikasi"][1])


def tell_admin_evidence(case: Permohonan, actor: Actor, note: str) -> None:
    case.evidence_due = None
    tell_role(case, Role.ADMIN, "evidence_added_admin")


def set_repair_date(case: Permohonan, actor: Actor, note: str) -> None:
    case.repair_due = clock.today_wib() + timedelta(days=int(setting("repair_days")))


def tell_what_to_repair(case: Permohonan, actor: Actor, note: str) -> None:
    items = [
        f"{name}: {item.note}" + (f" ({AT_SIKI})" if item.siki_asked_at else "")
        for name, item in dossier_of(case).failing
    ]
    due = case.repair_due.isoformat() if case.repair_due else ""
    tell_asesi(case, "permohonan_returned", items=items, due=due, note=note.strip())


def mark_verified(case: Permohonan, actor: Actor, note: str) -> None:
    case.verifier_id, case.verified_at = actor.id, clock.now()
