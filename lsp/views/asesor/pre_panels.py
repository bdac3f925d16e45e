"""What the panels of a pre-assessment need: data confirmed, evidence per unit, FR.AK.07, when it is held, FR.AK.01."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, request

from lsp import clock
from lsp.forms.assessment import EvidenceForm, SignForm, choices
from lsp.forms.pre_assessment import HeldForm, TypedField, TypedUnit
from lsp.models import Document, FormTemplate, FrApl01, Permohonan, Slot, UnitReview
from lsp.services import assessment, data_check, evidence_walk, fr_ak_01, fr_ak_07, plan_papers
from lsp.services.evidence_walk import RULES, Judged
from lsp.views.apl01_words import all_rows, number_word
from lsp.views.asesor.pre_steps import meeting_words
from lsp.views.filters import samar, tanggal, tanggal_singkat, zona_singkat
from lsp.vocabulary import Answer, Form, MeetingKind, PermohonanStatus, Role
from lsp.workflow.apl02_answers import UnitAnswers, answers_of
from lsp.workflow.dossier import dossier_of
from lsp.workflow.mapa import kinds_of_ak_01

#: Key of what the asesi wrote in words, among the pieces of a unit.
IN_WORDS = "kata"
#: Open times of his own that are offered beside the free fields.
_MOST_TIMES = 8
_PRE = PermohonanStatus.PRE_SCHEDULED


# --- Data --------------------------------------------------------------------------------------------------------


def data_panel(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    # Money is none of the asesor's business; the proof of payment is not opened for him either.
    files = [file for file in dossier.documents if file.purpose != "payment_proof"]
    form, standing = dossier.fr_apl_01, data_check.confirmations(permohonan)
    typed = {
        name: TypedField(row.fits, row.note) if row else TypedField(None, "")
        for name, row in ((name, standing.get(name)) for name in data_check.FIELDS)
    }
    return {
        "form": form,
        "fields": field_words(permohonan, form),
        "confirmed": standing,
        "typed_fields": typed,
        "undo": ",".join(name for name in _undone() if name in data_check.FIELDS),
        "rows": all_rows(form, files),
        "documents": files,
        "may_edit": assessment.is_reviewable(permohonan),
    }


def _undone() -> list[str]:
    """Fields that the last press confirmed at once; a plain browser brings them in the address."""
    return request.args.get("batal", "").split(",")


def field_words(permohonan: Permohonan, form: FrApl01 | None) -> list[tuple[str, str, str]]:
    """(field, label, value as it may be shown) of what is confirmed; the number of the person stays masked."""
    version = permohonan.skema_version
    values = {
        "full_name": permohonan.asesi_name,
        "jabatan": version.title,
        "jenjang": f"{version.jenjang} · {version.kualifikasi}",
        "skema": f"{version.skema.number}, versi {version.version_number}",
    }
    labels = dict(data_check.FIELDS)
    if form is not None:
        labels["number"] = number_word(form)
        values |= {
            "full_name": form.full_name or permohonan.asesi_name,
            "number": samar(form.nik_last4),
            "birth": ", ".join(filter(None, (form.birth_place, tanggal_singkat(form.born_on)))),
            "address": " ".join(filter(None, (form.address, form.postcode))),
            "education": " · ".join(
                filter(None, (form.education, form.school, form.study_programme))
            ),
            "work": ", ".join(filter(None, (form.position, form.institution))),
        }
    return [(name, label, values.get(name) or "–") for name, label in labels.items()]


# --- Evidence per unit -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence of a unit: a file, or what the asesi wrote."""

    key: str
    label: str
    text: str
    document: Document | None


def _opened(units: list[UnitAnswers], judged: Mapping[int, UnitReview]) -> int:
    """The unit in the address, or the first that waits for the asesor's word."""
    wanted = g.get("unit_position") or (request.view_args or {}).get("position")
    if wanted:
        return int(wanted)
    waits = (
        unit.position
        for unit in units
        if unit.id not in judged or judged[unit.id].can_continue is None
    )
    return next(waits, units[0].position if units else 1)


def evidence_panel(permohonan: Permohonan) -> dict[str, Any]:
    units, judged = answers_of(permohonan), evidence_walk.reviews_of(permohonan)
    position = _opened(units, judged)
    unit = next((each for each in units if each.position == position), None)
    context: dict[str, Any] = {
        "unit": unit,
        "count": len(units),
        "rules": meeting_words(permohonan)["rules_of_evidence"],
        "may_edit": assessment.is_reviewable(permohonan),
    }
    if unit is None:
        return context
    pieces, review = pieces_of(permohonan, unit), judged.get(unit.id)
    typed = _stored_unit(unit, pieces, review)
    return context | {"pieces": pieces, "review": review, "typed_unit": typed}


def _stored_unit(unit: UnitAnswers, pieces: list[Piece], review: UnitReview | None) -> TypedUnit:
    """As it stands; what is plainly missing is written before the asesor says anything."""
    notes = {row.document_id: row for row in review.evidence} if review is not None else {}
    typed = TypedUnit(missing=evidence_walk.gaps(unit))
    for piece in pieces:
        row = notes.get(piece.document.id if piece.document else None)
        answers = {rule: getattr(row, rule) if row else None for rule in RULES}
        typed.evidence[piece.key] = Judged(answers, row.note if row else "")
    if review is not None and review.can_continue is not None:
        typed.verdict = fr_ak_07.YES if review.can_continue else fr_ak_07.NO
        typed.missing = review.missing_evidence or typed.missing
    return typed


def pieces_of(permohonan: Permohonan, unit: UnitAnswers) -> list[Piece]:
    files = [
        Piece(file.public_id, file.label, file.original_name, file)
        for file in evidence_walk.documents_of(permohonan, unit.id)
    ]
    # Many write one sentence for all elements of a unit: it is read once.
    words = "; ".join(dict.fromkeys(row.evidence for row in unit.rows if row.evidence))
    return [*files, Piece(IN_WORDS, "Bukti yang ditulis asesi", words, None)] if words else files


class AnsweredUnit:
    """A unit of FR.APL.02 with what is still without evidence, and the asesor's word on it."""

    def __init__(self, unit: UnitAnswers, can_continue: bool | None) -> None:
        self.unit = unit
        self.can_continue = can_continue
        self.gaps = sum(
            1
            for row in unit.rows
            if row.answer is Answer.K and not row.evidence and not row.documents
        )
        self.not_yet = sum(1 for row in unit.rows if row.answer is Answer.BK)


# --- FR.AK.07 ----------------------------------------------------------------------------------------------------


def ak_07_panel(permohonan: Permohonan) -> dict[str, Any]:
    plan = dossier_of(permohonan).plan
    stored = plan.fr_ak_07 if plan is not None else None
    words = fr_ak_07.words_for(stored)
    paper = fr_ak_07.read(stored)
    may_edit = assessment.is_plannable(permohonan)
    if may_edit and (not stored or "version" not in stored):
        filled = paper
        paper = fr_ak_07.preset(permohonan, plan, words.body)
        paper.a = filled.a
    return {
        "plan": plan,
        "words": words,
        "paper": paper,
        "problems": {},
        "asked_anew": plan is not None and plan_papers.waits_for_fr_ak_07(plan),
        "blank": fr_ak_07.Item(),
        "may_edit": may_edit,
    }


# --- When and where, FR.AK.01 ------------------------------------------------------------------------------------


def held_panel(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    plan, zone = dossier.plan, g.actor.zone
    may_edit = assessment.is_plannable(permohonan)
    times = fr_ak_01.open_times(permohonan) if may_edit and permohonan.status is _PRE else []
    return {
        "plan": plan,
        "times": times[:_MOST_TIMES],
        "held_form": _held_form(permohonan, times),
        "unseated": permohonan.status is PermohonanStatus.PRE_SCHEDULED,
        "warnings": _held_warnings(permohonan, times),
        "zone": zona_singkat(zone),
        "signed": _signatures(permohonan),
        "may_edit": may_edit,
    }


def _held_warnings(permohonan: Permohonan, times: Sequence[Slot]) -> list[str]:
    """What a person should know of the agreed time; none of it bars anything."""
    plan, other = dossier_of(permohonan).plan, fr_ak_01.other_time(permohonan)
    agreed = plan.agreed_starts_at if plan is not None else None
    warnings = []
    if agreed is not None and agreed < clock.now() and permohonan.status is _PRE:
        warnings.append("Waktu yang disepakati sudah lewat. Sepakati waktu yang baru.")
    elif permohonan.status is _PRE:
        warnings += fr_ak_01.doubts(permohonan, times)
    if other is not None:
        warnings.append(
            f"Kursi asesmen dipesan {tanggal(other[1])}, berbeda dari waktu yang disepakati. "
            "Yang berlaku kursi yang dipesan."
        )
    return warnings


def _held_form(permohonan: Permohonan, times: Sequence[Slot]) -> HeldForm:
    dossier = dossier_of(permohonan)
    plan, seat, form = dossier.plan, dossier.booking, dossier.fr_apl_01
    agreed = plan.agreed_starts_at if plan is not None else None
    if seat is not None and agreed is None and seat.slot.kind is MeetingKind.ASSESSMENT:
        agreed = seat.slot.starts_at
    chosen = request.args.get("waktu", "")
    agreed = next((slot.starts_at for slot in times if slot.public_id == chosen), agreed)
    here = agreed.astimezone(ZoneInfo(g.actor.zone)) if agreed is not None else None
    return HeldForm(
        formdata=None,
        day=here.date() if here else None,
        time=here.time() if here else None,
        place=(plan.agreed_place if plan else "") or (seat.slot.jadwal.tuk.name if seat else ""),
        contact=(plan.backup_contact if plan else "") or (form.phone_mobile if form else "") or "",
    )


def evidence_form(
    permohonan: Permohonan, words: FormTemplate | None = None, **data: Any
) -> EvidenceForm:
    """What FR.AK.01 will collect; preset from the plan."""
    plan = dossier_of(permohonan).plan
    kinds = (words or fr_ak_01.words_for(permohonan)).body["evidence"]
    if not data:
        preset = (plan.fr_ak_01_evidence or kinds_of_ak_01(plan)) if plan else []
        data = {
            "formdata": None,
            "evidence": preset or permohonan.skema_version.methods,
            "other": plan.fr_ak_01_other if plan else "",
        }
    form = EvidenceForm(**data)
    form.evidence.choices = choices((key, label) for key, label in kinds)
    return form


def ak_01_panel(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    words = fr_ak_01.words_for(permohonan)
    return {
        "plan": dossier.plan,
        "words": words.body,
        "evidence_form": evidence_form(permohonan, words),
        "evidence": fr_ak_01.evidence_words(permohonan, words),
        "sign_form": SignForm(formdata=None),
        "unexplained": assessment.unexplained(permohonan),
        "consent": words.body["consent"][permohonan.mode.value],
        "asesor_statement": words.body["secrecy"],
        "may_edit": assessment.is_plannable(permohonan),
        **_signatures(permohonan),
    }


def _signatures(permohonan: Permohonan) -> Mapping[str, Any]:
    dossier, attempt = dossier_of(permohonan), permohonan.attempt
    return {
        "by_asesi": dossier.signature(Form.FR_AK_01, Role.ASESI, attempt=attempt),
        "by_asesor": dossier.signature(Form.FR_AK_01, Role.ASESOR, attempt=attempt),
    }
