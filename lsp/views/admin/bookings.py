"""A case and its meeting, by the admin: a seat for the asesi, absence, a disturbance, releasing asesor 2.

To give a seat back is a step of the case (steps.py).
"""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import AbsenceForm, IncidentForm, ReasonForm
from lsp.forms.schedule import BookForm
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import fr_ak_02, meetings, offers
from lsp.views import moving
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.calendars import meeting_file
from lsp.views.filters import tanggal
from lsp.views.html import page, reason_field, redirect_after_post
from lsp.views.offer_words import Times
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.after_decision import named_by_banding
from lsp.workflow.guards.reassessment import asesor_of_earlier_attempts


def _case_url() -> str:
    return url_for("admin.permohonan", permohonan_id=g.permohonan.public_id)


def _back(message: str) -> ResponseReturnValue:
    return redirect_after_post(_case_url(), message)


# --- A seat for the asesi ----------------------------------------------------------------------------------------


@bp.get("/permohonan/<permohonan_id>/jadwal")
@access(roles=ADMIN, load=visible_permohonan)
def book_form(permohonan_id: str) -> ResponseReturnValue:
    return _book_page(BookForm(formdata=None))


@bp.post("/permohonan/<permohonan_id>/jadwal")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def book(permohonan_id: str) -> ResponseReturnValue:
    form = moving.offer(BookForm(), _times())
    if not form.validate():
        return _book_page(form, status=422)
    try:
        seat = meetings.book(
            g.actor,
            g.permohonan,
            form.slot.data,
            version=form.version.data or 0,
            note=form.note.data or "",
        )
        when = tanggal(seat.slot.starts_at)
    except DomainError as refusal:
        db.session.rollback()
        moving.forget_times()
        return _book_page(form, status=409, notice=str(refusal))
    db.session.commit()
    return _back(f"Rapat dipesan: {when}.")


def _times() -> Times:
    return moving.times(lambda: offers.offers_for(g.permohonan, for_admin=True))


def _book_page(form: BookForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    bookable = meetings.is_bookable(g.permohonan)
    return page(
        "admin/jadwal/book.html",
        status=status,
        permohonan=g.permohonan,
        form=form,
        times=_times() if bookable else None,
        bookable=bookable,
        asks_reason=dossier_of(g.permohonan).plan is not None,
        named=named_by_banding(g.permohonan) if bookable else None,
        same_asesor=bookable and bool(asesor_of_earlier_attempts(g.permohonan)),
        back_url=_case_url(),
        notice_text=notice,
    )


@bp.get("/permohonan/<permohonan_id>/rapat.ics")
@access(roles=ADMIN, load=visible_permohonan)
def meeting_calendar(permohonan_id: str) -> ResponseReturnValue:
    return meeting_file(g.permohonan.id, Role.ADMIN, g.actor.zone)


# --- What happened -----------------------------------------------------------------------------------------------


@bp.get("/permohonan/<permohonan_id>/tidak-hadir")
@access(roles=ADMIN, load=visible_permohonan)
def absence(permohonan_id: str) -> ResponseReturnValue:
    return _absence_page(AbsenceForm(formdata=None))


@bp.post("/permohonan/<permohonan_id>/tidak-hadir")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def note_absence(permohonan_id: str) -> ResponseReturnValue:
    form = AbsenceForm()
    if not form.validate():
        return _absence_page(form, status=422)
    try:
        meetings.note_absence(
            g.actor, g.permohonan, party=form.party.data, version=form.version.data or 0
        )
    except DomainError as refusal:
        db.session.rollback()
        return _absence_page(form, status=409, notice=str(refusal))
    db.session.commit()
    return _back("Ketidakhadiran tercatat.")


def _absence_page(form: AbsenceForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "admin/jadwal/absence.html",
        status=status,
        permohonan=g.permohonan,
        form=form,
        reason=meetings.absence_refusal(g.actor, g.permohonan),
        drops=meetings.drops_when_absent(g.permohonan),
        back_url=_case_url(),
        notice_text=notice,
    )


@bp.get("/permohonan/<permohonan_id>/gangguan")
@access(roles=ADMIN, load=visible_permohonan)
def incident(permohonan_id: str) -> ResponseReturnValue:
    return _incident_page(IncidentForm(formdata=None))


@bp.post("/permohonan/<permohonan_id>/gangguan")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def note_incident(permohonan_id: str) -> ResponseReturnValue:
    """Written down first; halting the assessment is then a step of the case."""
    form = IncidentForm()
    if not form.validate():
        return _incident_page(form, status=422)
    try:
        meetings.note_incident(
            g.actor, g.permohonan, kind=form.kind.data, action=form.action.data or ""
        )
    except DomainError as refusal:
        db.session.rollback()
        return _incident_page(form, status=409, notice=str(refusal))
    db.session.commit()
    return _back("Gangguan tercatat.")


def _incident_page(
    form: IncidentForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    return page(
        "admin/jadwal/incident.html",
        status=status,
        permohonan=g.permohonan,
        form=form,
        back_url=_case_url(),
        notice_text=notice,
    )


# --- Asesor 2 who stays silent -----------------------------------------------------------------------------------


@bp.get("/permohonan/<permohonan_id>/lepas-asesor-2")
@access(roles=ADMIN, load=visible_permohonan)
def ask_release_second(permohonan_id: str) -> ResponseReturnValue:
    return _release_page(ReasonForm(formdata=None))


@bp.post("/permohonan/<permohonan_id>/lepas-asesor-2")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def release_second(permohonan_id: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate():
        return _release_page(form, status=422)
    try:
        fr_ak_02.countersign(g.actor, g.permohonan, word="released", note=form.note.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _release_page(form, status=409, notice=str(refusal))
    db.session.commit()
    return _back("Asesor 2 dilepas. Asesor 1 dapat mengirim rekomendasi.")


def _release_page(form: ReasonForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title="Lepas asesor 2 dari permohonan ini?",
        happens=(
            "FR.AK.02 tidak lagi menunggu tanda tangan asesor 2.",
            "Alasan Anda tercatat bersama nama Anda dan dibaca tim teknis.",
        ),
        action=url_for("admin.release_second", permohonan_id=g.permohonan.public_id),
        label="Lepas asesor 2",
        back_url=_case_url(),
        version=g.permohonan.version,
        notice_text=notice,
        reason_field=reason_field(form),
    )
