"""What each panel of a case needs, read only when that panel is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g

from lsp.forms.assessment import (
    CountersignForm,
    RecordingFileForm,
    RecordingForm,
    RefusalForm,
    ReviewForm,
    SignForm,
)
from lsp.gateways.rebuild import MAX_UPLOAD_BYTES
from lsp.models import Apl02Review, Permohonan
from lsp.services import (
    assessment,
    attempts,
    case_reading,
    evidence_walk,
    meetings,
    recording_consent,
    recording_kinds,
    recording_uploads,
    recordings,
    seat_history,
    signing,
)
from lsp.views.asesor import pre_panels
from lsp.views.asesor.instruments import instruments_panel
from lsp.views.asesor.mapa import mapa_context
from lsp.views.asesor.pre_panels import AnsweredUnit
from lsp.views.asesor.steps import recorded_meetings
from lsp.views.asesor.third_party_panel import third_party_context
from lsp.views.editions import edition_of_result
from lsp.vocabulary import Form, Role
from lsp.workflow.apl02_answers import answers_of
from lsp.workflow.dossier import dossier_of
from lsp.workflow.remote_record import still_to_hand_in


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel: its partial and what it needs, read only when it is drawn."""

    template: str
    context: Callable[[Permohonan], dict[str, Any]]


def _apl_02(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    seat, review = dossier.booking, dossier.reviews[-1] if dossier.reviews else None
    here = review if review and seat and review.booking_id == seat.id else None
    units, words = answers_of(permohonan), evidence_walk.reviews_of(permohonan)
    said = {unit_id: row.can_continue for unit_id, row in words.items()}
    form = ReviewForm(
        formdata=None,
        can_continue=_preset(here, list(said.values()), len(units)),
        # What the walk through the units found to be missing, to be edited.
        missing_evidence=(here.missing_evidence if here else "")
        or evidence_walk.missing_of(units, words),
        note=here.note if here else "",
    )
    return {
        "units": [AnsweredUnit(unit, said.get(unit.id)) for unit in units],
        "review": review,
        "review_form": form,
        "may_edit": assessment.is_reviewable(permohonan),
    }


def _preset(here: Apl02Review | None, units: list[bool | None], count: int) -> str | None:
    """The answer of this meeting; before it is given, the one that the units lead to."""
    if here is not None:
        return "ya" if here.can_continue else "tidak"
    if False in units:
        return "tidak"
    return "ya" if units.count(True) == count else None


def _sign(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    seat, paper = dossier.booking, dossier.fr_ak_02
    # Once sent, the seat is closed; who asesor 2 was is then told by the last meeting.
    seat = seat or next(
        (each for each in reversed(dossier.bookings) if not each.cancelled_at), None
    )
    second = seat.slot.jadwal.asesor_2_id if seat is not None else None
    holder = seat.slot.asesor_id if seat is not None else None
    mine = signing.result_pack(permohonan, Role.ASESOR, holder)
    theirs = signing.result_pack(permohonan, Role.ASESI)
    signed = {
        role: dossier.signature(Form.FR_AK_02, role, attempt=permohonan.attempt)
        for role in (Role.ASESI, Role.ASESOR)
    }
    return {
        "paper": paper,
        "mine": mine,
        "theirs": theirs,
        "by_asesi": signed[Role.ASESI] if not theirs.left else None,
        "by_asesor": signed[Role.ASESOR] if not mine.left else None,
        # Nothing is to be signed while the papers could not be sent as they are.
        "not_yet": signing.result_missing(permohonan, g.actor) if paper is not None else "",
        "has_second": second is not None,
        "is_second": second == g.actor.id,
        "countersignature": dossier.countersignature,
        "sign_form": SignForm(formdata=None),
        "refusal_form": RefusalForm(
            formdata=None, reason=paper.asesi_refusal_reason if paper is not None else ""
        ),
        "countersign_form": CountersignForm(formdata=None),
        "result_seen": edition_of_result(permohonan, Role.ASESOR) if second == g.actor.id else "",
        "may_edit": paper is not None and paper.frozen_at is None and dossier.booking is not None,
    }


def _recording(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    files = {file.id: file for file in dossier.documents}
    held = recorded_meetings(dossier)
    seats = [seat.id for seat in held]
    return {
        # What lacks something stands first: on a phone each meeting is two screens long.
        "held": sorted(held, key=lambda seat: not still_to_hand_in(seat)),
        "recordings": recordings.of_bookings(seats),
        "on_their_way": recording_uploads.unfinished(seats),
        "progress_of": recording_uploads.offset_of,
        "taken_back": {seat.id for seat in held if recording_consent.was_withdrawn(seat)},
        "agreed": recording_consent.stands,
        "never_agreed": recordings.NEVER_AGREED,
        "accept": recording_kinds.ACCEPT,
        "may_be": recording_kinds.WORDS,
        "small_mb": MAX_UPLOAD_BYTES // 1_000_000,
        "file_errors": {},
        "typed_files": {},
        "file_form": RecordingFileForm,
        "screenshots": files,
        "missing": still_to_hand_in,
        "typed_recordings": {},
        "errors": {},
        "recording_form": RecordingForm,
    }


def _history(permohonan: Permohonan) -> dict[str, Any]:
    seat = dossier_of(permohonan).booking
    return {
        "history": case_reading.history(permohonan),
        "earlier": attempts.earlier_attempts(permohonan),
        "seats": seat_history.lines_of(permohonan),
        "incidents": meetings.disturbances_of(seat) if seat is not None else [],
    }


DRAWN: dict[str, Panel] = {
    "data": Panel("asesor/_data_panel.html", pre_panels.data_panel),
    "bukti": Panel("asesor/_evidence_panel.html", pre_panels.evidence_panel),
    "fr-apl-02": Panel("asesor/_apl_02_panel.html", _apl_02),
    "fr-mapa": Panel("asesor/_mapa_panel.html", mapa_context),
    "fr-ak-07": Panel("asesor/_ak_07_panel.html", pre_panels.ak_07_panel),
    "pelaksanaan": Panel("asesor/_held_panel.html", pre_panels.held_panel),
    "fr-ak-01": Panel("asesor/_ak_01_panel.html", pre_panels.ak_01_panel),
    "instrumen": Panel("asesor/_instruments_panel.html", instruments_panel),
    "pihak-ketiga": Panel("asesor/_third_party_panel.html", third_party_context),
    "tanda-tangan": Panel("asesor/_sign_panel.html", _sign),
    "rekaman": Panel("asesor/_recording_panel.html", _recording),
    "riwayat": Panel("asesor/_history_panel.html", _history),
}
