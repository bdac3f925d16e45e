"""What each panel of a case needs, read only when that panel is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g

from lsp.forms.assessment import (
    CountersignForm,
    EvidenceForm,
    RecordingFileForm,
    RecordingForm,
    RefusalForm,
    ReviewForm,
    SignForm,
    choices,
    stored_items,
)
from lsp.gateways.rebuild import MAX_UPLOAD_BYTES
from lsp.models import Permohonan
from lsp.services import (
    assessment,
    case_reading,
    meetings,
    recording_kinds,
    recording_uploads,
    recordings,
    seat_history,
)
from lsp.services.assessment import FR_AK_01_EVIDENCE, FR_AK_07_ITEMS
from lsp.services.signing import STATEMENTS
from lsp.views.apl01_words import all_rows, number_word
from lsp.views.asesor.mapa import mapa_context
from lsp.views.asesor.steps import recorded_meetings, recording_missing
from lsp.vocabulary import Answer, Form, Role
from lsp.workflow.apl02_answers import UnitAnswers, answers_of
from lsp.workflow.dossier import dossier_of


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel: its partial and what it needs, read only when it is drawn."""

    template: str
    context: Callable[[Permohonan], dict[str, Any]]


def _data(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    # Money is none of the asesor's business; the proof of payment is not opened for him either.
    files = [file for file in dossier.documents if file.purpose != "payment_proof"]
    form = dossier.fr_apl_01
    return {
        "form": form,
        "number_word": number_word(form),
        "rows": all_rows(form, files),
        "documents": files,
    }


class AnsweredUnit:
    """A unit of FR.APL.02 with what is still without evidence."""

    def __init__(self, unit: UnitAnswers) -> None:
        self.unit = unit
        self.gaps = sum(
            1
            for row in unit.rows
            if row.answer is Answer.K and not row.evidence and not row.documents
        )
        self.not_yet = sum(1 for row in unit.rows if row.answer is Answer.BK)


def _apl_02(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    seat, review = dossier.booking, dossier.reviews[-1] if dossier.reviews else None
    here = review if review and seat and review.booking_id == seat.id else None
    answer_words = "" if here is None else "ya" if here.can_continue else "tidak"
    form = ReviewForm(
        formdata=None,
        can_continue=answer_words or None,
        missing_evidence=here.missing_evidence if here else "",
        note=here.note if here else "",
    )
    return {
        "units": [AnsweredUnit(unit) for unit in answers_of(permohonan)],
        "review": review,
        "review_form": form,
        "may_edit": assessment.is_reviewable(permohonan),
    }


def evidence_form(permohonan: Permohonan, **data: Any) -> EvidenceForm:
    """What FR.AK.01 will collect; preset from the plan."""
    plan = dossier_of(permohonan).plan
    if not data:
        preset = (plan.fr_ak_01_evidence or plan.methods) if plan else []
        data = {"formdata": None, "evidence": preset or permohonan.skema_version.methods}
    form = EvidenceForm(**data)
    form.evidence.choices = choices(
        (kind.value, label) for kind, label in FR_AK_01_EVIDENCE.items()
    )
    return form


def _ak_07(permohonan: Permohonan) -> dict[str, Any]:
    plan = dossier_of(permohonan).plan
    stored = stored_items(plan.fr_ak_07 if plan else {}, FR_AK_07_ITEMS)
    return {"plan": plan, "items": FR_AK_07_ITEMS, "typed_items": stored, **_may_plan(permohonan)}


def _ak_01(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    return {
        "plan": dossier.plan,
        "evidence_form": evidence_form(permohonan),
        "sign_form": SignForm(formdata=None),
        "by_asesi": dossier.signature(Form.FR_AK_01, Role.ASESI, attempt=permohonan.attempt),
        "by_asesor": dossier.signature(Form.FR_AK_01, Role.ASESOR, attempt=permohonan.attempt),
        "asesi_statement": STATEMENTS[Form.FR_AK_01, Role.ASESI],
        "asesor_statement": STATEMENTS[Form.FR_AK_01, Role.ASESOR],
        "labels": FR_AK_01_EVIDENCE,
        **_may_plan(permohonan),
    }


def _may_plan(permohonan: Permohonan) -> dict[str, Any]:
    return {"may_edit": assessment.is_plannable(permohonan)}


def _sign(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    seat, paper = dossier.booking, dossier.fr_ak_02
    # Once sent, the seat is closed; who asesor 2 was is then told by the last meeting.
    seat = seat or next(
        (each for each in reversed(dossier.bookings) if not each.cancelled_at), None
    )
    second = seat.slot.jadwal.asesor_2_id if seat is not None else None
    return {
        "paper": paper,
        "by_asesi": dossier.signature(Form.FR_AK_02, Role.ASESI, attempt=permohonan.attempt),
        "by_asesor": dossier.signature(Form.FR_AK_02, Role.ASESOR, attempt=permohonan.attempt),
        "statement": STATEMENTS[Form.FR_AK_02, Role.ASESOR],
        "has_second": second is not None,
        "is_second": second == g.actor.id,
        "countersignature": dossier.countersignature,
        "sign_form": SignForm(formdata=None),
        "refusal_form": RefusalForm(formdata=None),
        "countersign_form": CountersignForm(formdata=None),
        "may_edit": paper is not None and paper.frozen_at is None and dossier.booking is not None,
    }


def _recording(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    files = {file.id: file for file in dossier.documents}
    held = recorded_meetings(dossier)
    seats = [seat.id for seat in held]
    return {
        "held": held,
        "recordings": recordings.of_bookings(seats),
        "on_their_way": recording_uploads.unfinished(seats),
        "progress_of": recording_uploads.offset_of,
        "accept": recording_kinds.ACCEPT,
        "may_be": recording_kinds.WORDS,
        "small_mb": MAX_UPLOAD_BYTES // 1_000_000,
        "file_errors": {},
        "typed_files": {},
        "file_form": RecordingFileForm,
        "screenshots": files,
        "missing": recording_missing,
        "typed_recordings": {},
        "errors": {},
        "recording_form": RecordingForm,
    }


def _history(permohonan: Permohonan) -> dict[str, Any]:
    seat = dossier_of(permohonan).booking
    return {
        "history": case_reading.history(permohonan),
        "seats": seat_history.lines_of(permohonan),
        "incidents": meetings.disturbances_of(seat) if seat is not None else [],
    }


DRAWN: dict[str, Panel] = {
    "data": Panel("asesor/_data_panel.html", _data),
    "fr-apl-02": Panel("asesor/_apl_02_panel.html", _apl_02),
    "fr-mapa": Panel("asesor/_mapa_panel.html", mapa_context),
    "fr-ak-07": Panel("asesor/_ak_07_panel.html", _ak_07),
    "fr-ak-01": Panel("asesor/_ak_01_panel.html", _ak_01),
    "tanda-tangan": Panel("asesor/_sign_panel.html", _sign),
    "rekaman": Panel("asesor/_recording_panel.html", _recording),
    "riwayat": Panel("asesor/_history_panel.html", _history),
}
