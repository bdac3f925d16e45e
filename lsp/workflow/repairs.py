"""What a return asks of the asesi: each item that failed, and what still stands against sending it again."""

from __future__ import annotations

from dataclasses import dataclass

from lsp.models import ChecklistItem, DocumentRequirement, Permohonan
from lsp.vocabulary import FormSection, Verdict
from lsp.workflow.at_siki import repaired_at_siki
from lsp.workflow.dossier import dossier_of
from lsp.workflow.sections import content, differs


@dataclass(frozen=True, slots=True)
class Repair:
    """An item that failed. `reason` is None once it was mended; exactly one of requirement and section is set.

    at_siki: it may be mended at SIKI, and reads here as it did when it was sent back. answered: the asesi says why it
    is right as it stands.
    """

    label: str
    note: str
    requirement: DocumentRequirement | None
    section: FormSection | None
    reason: str | None
    at_siki: bool
    answered: bool

    @property
    def done(self) -> bool:
        return self.reason is None


def repairs_of(permohonan: Permohonan) -> list[Repair]:
    """In the order of the checklist: documents, then sections."""
    dossier = dossier_of(permohonan)
    return [
        Repair(
            name,
            item.note,
            requirement=next(
                (row for row in dossier.requirements if row.id == item.requirement_id), None
            ),
            section=item.section,
            reason=_reason(permohonan, name, item),
            at_siki=repaired_at_siki(permohonan, item),
            answered=bool(item.answer),
        )
        for name, item in dossier.failing
    ]


def _reason(permohonan: Permohonan, name: str, item: ChecklistItem) -> str | None:
    if item.section is not None:
        return section_reason(permohonan, item)
    return document_reason(permohonan, name, item)


def document_reason(permohonan: Permohonan, name: str, item: ChecklistItem) -> str | None:
    """A row that failed wants a file newer than the verdict; one that may stay empty may also be emptied."""
    dossier = dossier_of(permohonan)
    files = [file for file in dossier.documents if file.requirement_id == item.requirement_id]
    row = next(each for each in dossier.requirements if each.id == item.requirement_id)
    if item.judged_at is None or any(file.created_at > item.judged_at for file in files):
        return None
    if item.verdict is Verdict.ABSENT:
        # Also where an old file stands: to the admin it was not what is asked for.
        return f"{name} belum ada. Baca catatan admin, lalu unggah."
    if not files and not row.required:
        return None
    return f"{name} belum diganti. Baca catatan admin, lalu unggah yang baru."


def section_reason(permohonan: Permohonan, item: ChecklistItem) -> str | None:
    """A section that failed must read otherwise than it did when it was sent back, unless it is mended at SIKI or the
    asesi has answered why it is right."""
    section, sealed = item.section, item.sealed
    if item.siki_asked_at is not None or item.answer:
        return None
    if section is None or sealed is None or differs(sealed, content(permohonan, section)):
        return None
    return f"{section.label} belum diubah. Baca catatan admin, lalu betulkan, atau jawab bila isian Anda sudah benar."
