"""The documents of a permohonan: one row a requirement, each with its own upload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.forms.registration import EvidenceForm
from lsp.models import ChecklistItem, Document, DocumentRequirement, Permohonan
from lsp.permissions import (
    access,
    can_add_documents,
    can_edit_registration,
    writes_itself,
)
from lsp.services import documents as files
from lsp.services.documents import Received
from lsp.services.linked_documents import unfetched
from lsp.views.asesi.shared import CASE, CLOSED, bp, of_own_case, onward, own
from lsp.views.asesi.uploads import reload_case, take_in
from lsp.views.html import page, panel, wants_fragment
from lsp.vocabulary import PermohonanStatus, Role, Verdict
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A requirement with its standing files and the admin's word on it."""

    requirement: DocumentRequirement
    files: list[Document]
    item: ChecklistItem | None
    open: bool
    error: str = field(default="")

    @property
    def anchor(self) -> str:
        return f"document-row-{self.requirement.public_id}"

    @property
    def judged(self) -> bool:
        """Whether the admin's verdict is about what stands here now."""
        if self.item is None or self.item.verdict is None or self.item.judged_at is None:
            return False
        judged_at = self.item.judged_at
        return not any(file.created_at > judged_at for file in self.files)

    @property
    def failed(self) -> bool:
        return self.judged and self.item is not None and self.item.verdict is not Verdict.MEETS

    @property
    def full(self) -> bool:
        return self.requirement.max_count > 1 and len(self.files) >= self.requirement.max_count

    @property
    def to_replace(self) -> bool:
        """Whether what stands here is not what was asked for: it is there, and still not enough."""
        return self.failed and bool(self.files)

    @property
    def lacks(self) -> bool:
        """Whether the permohonan cannot be sent because of this row."""
        return (self.requirement.required and not self.files) or self.failed


def rows_of(permohonan: Permohonan) -> list[DocumentRow]:
    dossier = dossier_of(permohonan)
    return [_row(permohonan, requirement) for requirement in dossier.requirements]


def _row(permohonan: Permohonan, requirement: DocumentRequirement, error: str = "") -> DocumentRow:
    dossier = dossier_of(permohonan)
    return DocumentRow(
        requirement,
        [file for file in dossier.documents if file.requirement_id == requirement.id],
        dossier.checklist.get(requirement.id),
        can_edit_registration(g.actor, permohonan),
        error,
    )


def own_requirement(
    actor: Actor, permohonan_id: str, requirement_id: str, **_: object
) -> Mapping[str, object] | None:
    """A document row asked of the asesi's own case, as `g.requirement`."""

    def asked_of(permohonan: Permohonan) -> Select[Any]:
        return select(DocumentRequirement).where(
            DocumentRequirement.public_id == requirement_id,
            DocumentRequirement.skema_version_id == permohonan.skema_version_id,
            DocumentRequirement.kind == permohonan.kind,
        )

    return of_own_case(actor, permohonan_id, "requirement", asked_of)


@bp.get(f"{CASE}/dokumen", endpoint="documents")
@own
def show_documents(permohonan_id: str) -> ResponseReturnValue:
    return documents_page(removed=removed_just_now(g.permohonan))


def removed_just_now(permohonan: Permohonan) -> tuple[Document, list[str]] | None:
    """The file that the address names as removed, with the answers that named it: for the way back."""
    document = db.session.scalar(
        select(Document).where(
            Document.public_id == request.args.get("dihapus", ""),
            Document.permohonan_id == permohonan.id,
            Document.replaced_at.is_not(None),
            Document.purpose.in_(("requirement", "evidence")),
        )
    )
    if document is None or not can_add_documents(g.actor, permohonan):
        return None
    return document, request.args.getlist("jawaban", type=str)


def documents_page(
    *,
    wrong: DocumentRow | None = None,
    form: EvidenceForm | None = None,
    status: int = 200,
    notice_text: str = "",
    removed: tuple[Document, list[str]] | None = None,
) -> ResponseReturnValue:
    """The whole page; `wrong` stands in the place of its row."""
    rows = rows_of(g.permohonan)
    if wrong is not None:
        rows = [wrong if row.requirement.id == wrong.requirement.id else row for row in rows]
    context = documents_context(rows, form, notice_text) | {"removed": removed}
    return page("asesi/documents.html", status=status, **context)


def documents_context(
    rows: list[DocumentRow], form: EvidenceForm | None = None, notice_text: str = ""
) -> dict[str, Any]:
    permohonan, dossier = g.permohonan, dossier_of(g.permohonan)
    review = None
    if permohonan.status is PermohonanStatus.EVIDENCE_NEEDED and dossier.reviews:
        review = dossier.reviews[-1]
    return {
        "permohonan": permohonan,
        "rows": rows,
        "lacking": sum(row.lacks and not row.to_replace for row in rows),
        "to_replace": sum(row.to_replace for row in rows),
        "refused": [
            (row.anchor, f"{row.requirement.label}: {row.error}") for row in rows if row.error
        ],
        "evidence": [file for file in dossier.documents if file.purpose == "evidence"],
        "form": form or EvidenceForm(formdata=None),
        "open": can_add_documents(g.actor, permohonan),
        "review": review,
        "repairing": permohonan.status is PermohonanStatus.RETURNED,
        "note_of_return": dossier.note_of_return,
        "send_evidence": PERMOHONAN.choice(permohonan, g.actor, "add_evidence"),
        "notice_text": notice_text,
        "removed": None,
        "unfetched": unfetched(permohonan),
    }


@bp.post(f"{CASE}/dokumen/<requirement_id>")
@access(roles=(Role.ASESI,), load=own_requirement)
@writes_itself
def upload_document(permohonan_id: str, requirement_id: str) -> ResponseReturnValue:
    label = g.requirement.label
    try:
        take_in(
            permohonan_id,
            lambda case, received: attach_to_row(case, received, requirement_id),
            accepts=g.requirement.accepts,
        )
    except DomainError as refusal:
        reload_case(permohonan_id)
        return row_answer(requirement_id, error=str(refusal))
    return row_answer(requirement_id, said=f"{label} tersimpan.")


def attach_to_row(permohonan: Permohonan, received: Received, requirement_id: str) -> Document:
    """Record a file for a row of the case as it stands now. Raises NotAllowed once it was sent."""
    if not can_edit_registration(g.actor, permohonan):
        raise NotAllowed(CLOSED)
    requirement = _requirement(requirement_id)
    return files.attach(
        g.actor,
        permohonan,
        received,
        requirement=requirement,
        purpose="requirement",
        label=requirement.label,
    )


def _requirement(requirement_id: str) -> DocumentRequirement:
    rows = dossier_of(g.permohonan).requirements
    return next(row for row in rows if row.public_id == requirement_id)


def row_answer(
    requirement_id: str, *, said: str = "", error: str = "", status: int = 422
) -> ResponseReturnValue:
    """After an upload: that row alone with the count above it, or the page with the row's sentence."""
    row = _row(g.permohonan, _requirement(requirement_id), error)
    if not wants_fragment():
        if error:
            return documents_page(wrong=row, status=status)
        return onward("documents", g.permohonan, said, _anchor=f"document-row-{requirement_id}")
    rows = rows_of(g.permohonan)
    answer = panel(
        "asesi/documents.html",
        "asesi/_document_row.html",
        status=status if error else 200,
        said=said,
        row=row,
        permohonan=g.permohonan,
    )
    progress = page("asesi/_documents_progress.html", **documents_context(rows), oob=True)
    answer.set_data(answer.get_data(as_text=True) + progress.get_data(as_text=True))
    return answer
