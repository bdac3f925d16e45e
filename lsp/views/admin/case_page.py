"""A case as staff read it: facts, checklist with the open document, next steps, money, history, ready to draw."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, g, url_for

from lsp.forms.administration import AcceptForm, ReceiptForm, RevealForm, RuleForm, VerdictForm
from lsp.models import ChecklistItem, Document, DocumentRequirement, Invoice, Permohonan
from lsp.services import case_reading, mode_change, regions, verification
from lsp.services.apl01 import doubts, months_of_experience
from lsp.services.signing import STATEMENTS
from lsp.views.admin.case_steps import stands_open, steps_of
from lsp.views.admin.desk import Desk
from lsp.vocabulary import Form, Role, Verdict
from lsp.workflow.dossier import Dossier, dossier_of


@dataclass(frozen=True, slots=True)
class File:
    """A stored document with its addresses; empty where this installation cannot show files yet."""

    name: str
    label: str
    url: str
    preview_url: str
    size: int
    at: object


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A row of the document checklist."""

    key: str
    code: str
    label: str
    hint: str
    required: bool
    files: list[File]
    verdict: Verdict | None
    note: str
    href: str
    open: bool


def case_context(
    desk: Desk,
    permohonan: Permohonan,
    *,
    dari: str = "",
    row: str = "",
    nik: str = "",
    notice: str = "",
    typed: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything `_case.html` draws. row: the open row; nik: shown once; typed: forms that were refused."""
    dossier, actor = dossier_of(permohonan), g.actor
    checks = _checks(desk, dossier, row, dari)
    forms = _forms(permohonan) | dict(typed or {})
    experiences = dossier.fr_apl_01.experiences if dossier.fr_apl_01 else []
    return {
        "permohonan": permohonan,
        "back_url": url_for(desk.home) + (f"?{dari}" if dari else ""),
        "form": dossier.fr_apl_01,
        "regions": regions,
        "birth_date": _day(dossier.fr_apl_01.birth_date if dossier.fr_apl_01 else None),
        "notice": notice,
        "nik": nik,
        "nik_doubts": doubts(permohonan),
        "steps": steps_of(desk, permohonan, actor, dari) if desk.acts else [],
        "checks": checks,
        "others": [
            _file(each)
            for each in dossier.documents
            if each.requirement_id is None and each.purpose == "evidence"
        ],
        "open_check": next((each for each in checks if each.open), None),
        "focus_row": bool(row),
        "may_judge": desk.acts and verification.refusal(actor, permohonan) is None,
        "experiences": experiences,
        "months": months_of_experience(list(experiences)),
        "rules": case_reading.education_rules(permohonan),
        "accepted": dossier.signature(Form.FR_APL_01, Role.ADMIN),
        "statement": STATEMENTS[Form.FR_APL_01, Role.ADMIN],
        "apl_02": case_reading.answers(permohonan),
        "invoices": [(each, _proof(dossier, each)) for each in dossier.invoices],
        "open_invoice": dossier.open_invoice,
        "mode_waits": mode_change.waits(permohonan),
        "may_confirm": desk.acts
        and dossier.open_invoice is not None
        and stands_open(permohonan, actor, "confirm_payment", Role.ADMIN),
        "bookings": dossier.bookings,
        "registration": dossier.registration,
        "history": case_reading.history(permohonan),
        "waivers": case_reading.waivers(permohonan),
        "file_url": _file_url,
        **forms,
    }


def next_row(permohonan: Permohonan, after: str) -> str:
    """The next row to look at: the first that waits after this one, else before it, else the same."""
    dossier = dossier_of(permohonan)
    rows, present = dossier.requirements, {each.requirement_id for each in dossier.documents}
    at = next((index for index, row in enumerate(rows) if row.public_id == after), 0)
    for row in [*rows[at + 1 :], *rows[:at]]:
        if _waits(row, dossier.checklist, present):
            return row.public_id
    return after


def _waits(
    row: DocumentRequirement, items: Mapping[int, ChecklistItem], present: Container[int | None]
) -> bool:
    """Whether a verdict lacks; a row that is neither asked for nor sent needs none."""
    item = items.get(row.id)
    return (item is None or item.verdict is None) and (row.required or row.id in present)


def _forms(permohonan: Permohonan) -> dict[str, Any]:
    """Each form as it stands before anything was typed."""
    return {
        "verdict_form": VerdictForm(formdata=None),
        "rule_form": RuleForm(formdata=None, rule_id=permohonan.met_rule_id),
        "accept_form": AcceptForm(formdata=None),
        "reveal_form": RevealForm(formdata=None),
        "receipt_form": ReceiptForm(formdata=None),
    }


def _checks(desk: Desk, dossier: Dossier, wanted: str, dari: str) -> list[CheckRow]:
    by_row: dict[int | None, list[Document]] = {}
    for document in dossier.documents:
        by_row.setdefault(document.requirement_id, []).append(document)
    rows, items = dossier.requirements, dossier.checklist
    opened = _opened(rows, items, by_row, wanted)
    return [
        CheckRow(
            key=row.public_id,
            code=row.code,
            label=row.label,
            hint=row.help_text,
            required=row.required,
            files=[_file(document) for document in by_row.get(row.id, [])],
            verdict=items[row.id].verdict if row.id in items else None,
            note=items[row.id].note if row.id in items else "",
            href=url_for(
                desk.case,
                permohonan_id=dossier.permohonan.public_id,
                berkas=row.public_id,
                dari=dari or None,
            ),
            open=row.public_id == opened,
        )
        for row in rows
    ]


def _opened(
    rows: list[DocumentRequirement],
    items: Mapping[int, ChecklistItem],
    by_row: Mapping[int | None, list[Document]],
    wanted: str,
) -> str:
    """One row at a time: the one asked for, else the first without verdict, else the first with a file."""
    names = [row.public_id for row in rows]
    if wanted in names:
        return wanted
    for row in rows:
        if _waits(row, items, by_row):
            return row.public_id
    return next((row.public_id for row in rows if row.id in by_row), names[0] if names else "")


def _file(document: Document) -> File:
    return File(
        name=document.original_name,
        label=document.label,
        url=_file_url("files.document", document.public_id),
        preview_url=_file_url("files.preview", document.public_id) if document.preview_key else "",
        size=document.size,
        at=document.created_at,
    )


def _file_url(endpoint: str, document_id: str) -> str:
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, document_id=document_id)


def _proof(dossier: Dossier, invoice: Invoice) -> File | None:
    """The proof of payment, for whom it is to be seen by: the auditor reads the same page, and it is not his."""
    if not g.actor.has(Role.ADMIN):
        return None
    found = (each for each in dossier.documents if each.id == invoice.proof_document_id)
    document = next(found, None)
    return _file(document) if document is not None else None


def _day(text: str | None) -> date | None:
    """Birth dates are stored as encrypted text."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
