"""The asesi's answer about a section that was sent back and is right as it stands: it may then be sent unchanged."""

from __future__ import annotations

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import ChecklistItem, Permohonan
from lsp.services import audit
from lsp.vocabulary import FormSection, PermohonanStatus, Verdict
from lsp.workflow.dossier import dossier_of

NOT_ASKED = "Bagian ini tidak sedang diminta diperbaiki, jadi tidak ada yang perlu dijawab."


def asked_item(permohonan: Permohonan, section: FormSection) -> ChecklistItem | None:
    """What the admin said about this section, while it is sent back; None where nothing is to be answered."""
    item = dossier_of(permohonan).sections.get(section)
    returned = permohonan.status is PermohonanStatus.RETURNED
    return item if returned and item is not None and item.verdict is Verdict.FAILS else None


def answer(actor: Actor, permohonan: Permohonan, section: FormSection, words: str) -> None:
    """Write the answer, or take it back with empty words. Raises DomainError where nothing was asked."""
    item = asked_item(permohonan, section)
    if item is None:
        raise DomainError(NOT_ASKED)
    item.answer = words.strip()
    audit.note(
        actor,
        "checklist.answer" if item.answer else "checklist.answer_back",
        "permohonan",
        permohonan.public_id,
        item=section.value,
    )
    db.session.flush()
