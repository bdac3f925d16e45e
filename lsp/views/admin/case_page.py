"""A case as staff read it: facts, checklist with the open document, next steps, money, history, ready to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, url_for

from lsp.forms.administration import AcceptForm, ReceiptForm, RevealForm, RuleForm, VerdictForm
from lsp.models import EducationRule, FrApl01, Invoice, Permohonan
from lsp.services import (
    attempts,
    case_reading,
    consents,
    data_check,
    eligibility,
    fees,
    intake,
    ministries,
    phrases,
    prefill,
    regions,
    seat_history,
    verification,
)
from lsp.services.apl01 import doubts, months_of_experience
from lsp.services.intake_notes import notes_of
from lsp.services.signing import STATEMENTS
from lsp.services.work_kinds import Limits
from lsp.views.admin.case_steps import bill_words, mode_words, stands_open, steps_of, waits_for
from lsp.views.admin.check_rows import (
    FIRST,
    CheckRow,
    File,
    file_of,
    groups_of,
    parts_of,
    rows_of,
)
from lsp.views.admin.compared import compared_with
from lsp.views.admin.desk import Desk
from lsp.views.admin.list_filter import ListFilter
from lsp.views.apl01_words import FIELD_WORDS, all_rows, number_word
from lsp.views.attempt_words import again_words
from lsp.views.file_address import file_url
from lsp.views.text_keys import TEXT_KEYS
from lsp.views.third_party_reading import reading_of
from lsp.vocabulary import Form, PermohonanStatus, Role
from lsp.workflow.apl02_answers import answers_of
from lsp.workflow.dossier import Dossier, dossier_of


def case_context(
    desk: Desk,
    permohonan: Permohonan,
    *,
    dari: str = "",
    row: str = "",
    nik: str = "",
    notice: str = "",
    typed: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Everything `_case.html` draws. row: the open row; nik: shown once; typed: forms that were refused.

    limits: of the ages of work, where the list beside the case has read them.
    """
    dossier, actor = dossier_of(permohonan), g.actor
    rules = case_reading.education_rules(permohonan)
    judging = desk.acts and verification.refusal(actor, permohonan) is None
    notes = notes_of(permohonan)
    steps = steps_of(desk, permohonan, actor, dari) if desk.acts else []
    return {
        "permohonan": permohonan,
        "back_url": url_for(desk.home) + (f"?{dari}" if dari else ""),
        "notice": notice,
        "nik": nik,
        "steps": steps,
        "bill": bill_words(fees.bill_of(permohonan))
        if any(step.name == "invoice" for step in steps)
        else [],
        "next": _next(desk, permohonan, dari, judging=judging, limits=limits),
        "may_judge": judging,
        **_checks(desk, dossier, rules, row=row, dari=dari, judging=judging, nik=nik),
        **_eligibility(dossier, rules),
        **_fr_apl_01(dossier),
        **_money(desk, dossier),
        "apl_02": answers_of(permohonan),
        "consents": [(each, TEXT_KEYS[each.text.kind]) for each in consents.standing(permohonan)],
        "mode_waits": mode_words(permohonan),
        "contested": desk.acts and permohonan.status is PermohonanStatus.APPEALED,
        "may_correct": desk.acts and intake.may_correct_id_izin(permohonan),
        "bookings": dossier.bookings,
        "third_parties": reading_of(permohonan, every_attempt=True) if dossier.bookings else [],
        "seats": seat_history.lines_of(permohonan),
        "registration": dossier.registration,
        "history": case_reading.history(permohonan),
        "again_words": again_words(permohonan),
        "earlier": attempts.earlier_attempts(permohonan),
        "waivers": case_reading.waivers(permohonan),
        "file_url": file_url,
        "intake": notes,
        # Said in a meeting; before any was booked there is nothing to read.
        "unfit": data_check.unfit(permohonan) if dossier.bookings else [],
        "unfit_words": data_check.FIELDS,
        "unfit_note": "",
        "waits_for": waits_for(
            permohonan, unclaimed=notes.claim is not None and notes.claim.claimed_at is None
        ),
        **_forms(permohonan),
        **dict(typed or {}),
    }


def _checks(
    desk: Desk, dossier: Dossier, rules: Sequence[EducationRule], *, row: str, dari: str, judging: bool, nik: str
) -> dict[str, Any]:  # fmt: skip
    """The checklist with its open row, and the files that answer to no row. nik: as the page may show it."""
    checks = rows_of(desk, dossier, wanted=row, dari=dari, judging=judging, rules=rules)
    opened = next((each for each in checks if each.open), None)
    return {
        "checks": checks,
        "groups": groups_of(checks),
        "parts": parts_of(checks),
        "others": [
            file_of(each)
            for each in dossier.documents
            if each.requirement_id is None and each.purpose == "evidence"
        ],
        "open_check": opened,
        "compared": compared_with(opened.code if opened else "", dossier.fr_apl_01, nik=nik),
        "focus_row": bool(row),
        "phrases": phrases.offered(_code(opened)) if judging and opened else [],
    }


def _fr_apl_01(dossier: Dossier) -> dict[str, Any]:
    """The form in words, who signed it, and what about it is to be looked at."""
    form, permohonan = dossier.fr_apl_01, dossier.permohonan
    return {
        "form": form,
        "regions": regions,
        "birth_date": form.born_on if form else None,
        "nik_doubts": doubts(permohonan),
        "apl_01_rows": all_rows(form, dossier.documents),
        "origins": _origins(permohonan),
        "number_word": number_word(form),
        "payer": _payer(form),
        "signed": dossier.signature(Form.FR_APL_01, Role.ASESI),
        "accepted": dossier.signature(Form.FR_APL_01, Role.ADMIN),
        "statement": STATEMENTS[Form.FR_APL_01, Role.ADMIN],
    }


def _money(desk: Desk, dossier: Dossier) -> dict[str, Any]:
    """Invoices with their proofs, and whether this desk notes what came in."""
    waits = dossier.open_invoice is not None
    return {
        "invoices": [(each, _proof(dossier, each)) for each in dossier.invoices],
        "open_invoice": dossier.open_invoice,
        "may_confirm": desk.acts
        and waits
        and stands_open(dossier.permohonan, g.actor, "confirm_payment", Role.ADMIN),
    }


def _eligibility(dossier: Dossier, rules: Sequence[EducationRule]) -> dict[str, Any]:
    """Each alternative of the rule with what FR.APL.01 says to it, and the one to offer."""
    form = dossier.fr_apl_01
    experiences = list(form.experiences) if form else []
    months = months_of_experience(experiences)
    educations = eligibility.stated_educations(form)
    weighed = eligibility.weigh(rules, educations, months)
    return {
        "rules": rules,
        "experiences": experiences,
        "months": months,
        "educations": educations,
        "alternatives": list(zip(rules, weighed, strict=True)),
        "suggested": eligibility.suggested(weighed, form.claimed_rule_id if form else None),
    }


def _code(row: CheckRow | None) -> str:
    """What phrases are kept by: the code of a document, or the value of a section."""
    if row is None:
        return ""
    return row.section.value if row.section else row.code


def _next(
    desk: Desk, permohonan: Permohonan, dari: str, *, judging: bool, limits: Limits | None
) -> dict[str, str] | None:
    """The link to the next case: while one verifies, and just after, when the list of those is where he came from."""
    wanted = ListFilter.unpack(dari)
    if not desk.acts or not (judging or wanted.work == "verifikasi"):
        return None
    found = verification.next_waiting(g.actor, permohonan, wanted.wanted(), limits=limits)
    if found is None:
        return {"name": "", "href": url_for(desk.home)}
    address = url_for(desk.case, permohonan_id=found.public_id, berkas=FIRST, dari=dari or None)
    return {"name": found.asesi_name, "href": address}


def _forms(permohonan: Permohonan) -> dict[str, Any]:
    """Each form as it stands before anything was typed."""
    return {
        "verdict_form": VerdictForm(formdata=None),
        "rule_form": RuleForm(formdata=None, rule_id=permohonan.met_rule_id),
        "accept_form": AcceptForm(formdata=None),
        "reveal_form": RevealForm(formdata=None),
        "receipt_form": ReceiptForm(formdata=None),
    }


def _origins(permohonan: Permohonan) -> str:
    """Which fields of FR.APL.01 the asesi did not type himself, by where they came from."""
    found: dict[str, list[str]] = {}
    for name, origin in prefill.origins(permohonan.id).items():
        found.setdefault(origin.label, []).append(FIELD_WORDS.get(name, name))
    return " ".join(f"{words}: {', '.join(names)}." for words, names in found.items())


def _payer(form: FrApl01 | None) -> str:
    if form is None or not form.ministry:
        return ""
    code = ministries.code_of(form.ministry)
    return f"{form.ministry} (kode {code})" if code else form.ministry


def _proof(dossier: Dossier, invoice: Invoice) -> File | None:
    """The proof of payment, for whom it is to be seen by: the auditor reads the same page, and it is not his."""
    if not g.actor.has(Role.ADMIN):
        return None
    found = (each for each in dossier.documents if each.id == invoice.proof_document_id)
    document = next(found, None)
    return file_of(document) if document is not None else None
