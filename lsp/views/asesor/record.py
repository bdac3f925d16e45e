"""The record of a meeting as it happens: ticks, end, incidents, absence, another date, recording."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from lsp import clock
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.assessment import AbsenceForm, IncidentForm, ReasonForm, RecordingForm
from lsp.gateways.rebuild import MAX_UPLOAD_BYTES
from lsp.models import Booking, Permohonan
from lsp.permissions import visible_permohonan, writes, writes_itself
from lsp.services import documents, meetings
from lsp.services.documents import UploadNotKept
from lsp.views.asesor.case import saved, show_order, show_panel
from lsp.views.asesor.shared import CASE, address, assigned, bp, onward
from lsp.views.html import page, redirect_after_post
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.certificate import validity_years
from lsp.workflow.permohonan import PERMOHONAN


@bp.post(f"{CASE}/catat/<item>")
@assigned
@writes
def tick(permohonan_id: str, item: str) -> ResponseReturnValue:
    try:
        meetings.tick(g.actor, g.permohonan, item)
    except DomainError as refusal:
        db.session.rollback()
        return show_order(status=409, notice=str(refusal))
    db.session.commit()
    return show_order(said="Tercatat.")


@bp.post(f"{CASE}/selesai")
@assigned
@writes
def end_meeting(permohonan_id: str) -> ResponseReturnValue:
    try:
        meetings.end_meeting(g.actor, g.permohonan)
    except DomainError as refusal:
        db.session.rollback()
        return show_order(status=409, notice=str(refusal))
    db.session.commit()
    return show_order(said="Jam selesai tercatat.")


# --- Incidents and halting ---------------------------------------------------------------------------------------


@bp.get(f"{CASE}/gangguan")
@assigned
def incident(permohonan_id: str) -> ResponseReturnValue:
    return _incident_page(IncidentForm(formdata=None))


@bp.post(f"{CASE}/gangguan")
@assigned
@writes
def note_incident(permohonan_id: str) -> ResponseReturnValue:
    """Write a disturbance down; with `henti`, stop the assessment in the same press."""
    form = IncidentForm()
    if not form.validate():
        return _incident_page(form, status=422)
    halting = "henti" in request.form
    try:
        meetings.note_incident(
            g.actor, g.permohonan, kind=form.kind.data, action=form.action.data or ""
        )
        if halting:
            PERMOHONAN.perform(g.permohonan, "halt", g.actor, version=form.version.data or 0)
    except DomainError as refusal:
        db.session.rollback()
        return _incident_page(form, status=409, notice=str(refusal))
    db.session.commit()
    said = "Gangguan tercatat. Asesmen dihentikan sementara." if halting else "Gangguan tercatat."
    return onward("permohonan", g.permohonan, said)


def _incident_page(
    form: IncidentForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    seat = dossier_of(g.permohonan).booking
    return page(
        "asesor/incident.html",
        status=status,
        permohonan=g.permohonan,
        form=form,
        notice_text=notice,
        incidents=meetings.incidents_of(seat) if seat is not None else [],
        may_halt=PERMOHONAN.choice(g.permohonan, g.actor, "halt") is not None,
        halting="henti" in request.values,
    )


# --- Nobody came, or another date --------------------------------------------------------------------------------


@bp.get(f"{CASE}/tidak-hadir")
@assigned
def absence(permohonan_id: str) -> ResponseReturnValue:
    return _absence_page(AbsenceForm(formdata=None))


@bp.post(f"{CASE}/tidak-hadir")
@assigned
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
    return onward("permohonan", g.permohonan, "Ketidakhadiran tercatat.")


def _absence_page(form: AbsenceForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "asesor/absence.html",
        status=status,
        permohonan=g.permohonan,
        form=form,
        notice_text=notice,
        reason=meetings.absence_refusal(g.actor, g.permohonan),
        drops=meetings.drops_when_absent(g.permohonan),
    )


@bp.get(f"{CASE}/jadwal-ulang")
@assigned
def confirm_reschedule(permohonan_id: str) -> ResponseReturnValue:
    return _reschedule_page(ReasonForm(formdata=None))


@bp.post(f"{CASE}/jadwal-ulang")
@assigned
@writes
def reschedule(permohonan_id: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate():
        return _reschedule_page(form, status=422)
    try:
        meetings.cancel(
            g.actor, g.permohonan, version=form.version.data or 0, reason=form.note.data or ""
        )
    except DomainError as refusal:
        db.session.rollback()
        return _reschedule_page(form, status=409, notice=str(refusal))
    db.session.commit()
    # The case leaves his list when no other meeting or batch names him.
    return redirect_after_post(
        url_for("asesor.home"), "Rapat dibatalkan. Asesi diminta memilih waktu lain."
    )


def _reschedule_page(
    form: ReasonForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    field: dict[str, Any] = {
        "label": "Alasan",
        "hint": "Asesi membaca alasan ini.",
        "required": True,
        "value": form.note.data or "",
        "error": form.note.errors[0] if form.note.errors else "",
    }
    return page(
        "confirm.html",
        status=status,
        title="Lepas rapat ini tanpa gantinya?",
        happens=(
            f"Kursi {g.permohonan.asesi_name} dilepas, dan ia memilih waktu lain.",
            "Anda berdua menerima e-mail dengan alasan di bawah.",
            "Yang sudah diisi tetap tersimpan. Kehadiran dan pemeriksaan dicatat lagi di rapat yang baru.",
        ),
        action=address("reschedule", g.permohonan),
        label="Lepas kursinya",
        back_url=address("move_form", g.permohonan),
        tone="bad",
        version=g.permohonan.version,
        notice_text=notice,
        reason_field=field,
    )


# --- The recording, which may follow -----------------------------------------------------------------------------


@bp.post(f"{CASE}/rekaman/<booking_id>")
@assigned
@writes
def store_recording(permohonan_id: str, booking_id: str) -> ResponseReturnValue:
    form = RecordingForm()
    if not form.validate():
        return show_panel("rekaman", status=422, typed_recordings={booking_id: form})
    try:
        meetings.store_recording(
            g.actor,
            _meeting(g.permohonan, booking_id),
            reference=form.reference.data or "",
            screenshot_document_id=None,
            keep_until=_keep_until(g.permohonan),
        )
    except DomainError as refusal:
        db.session.rollback()
        return show_panel(
            "rekaman", status=409, notice=str(refusal), typed_recordings={booking_id: form}
        )
    db.session.commit()
    return saved("rekaman", "Tempat rekaman tersimpan.")


@bp.post(f"{CASE}/rekaman/<booking_id>/tangkapan-layar")
@assigned
@writes_itself
def store_screenshot(permohonan_id: str, booking_id: str) -> ResponseReturnValue:
    """Rebuilt while no connection is held, then recorded in a short unit of work."""
    try:
        _take_in(permohonan_id, booking_id)
    except DomainError as refusal:
        g.permohonan = _case_anew(permohonan_id)
        return show_panel("rekaman", status=422, errors={booking_id: str(refusal)})
    return saved("rekaman", "Tangkapan layar tersimpan.")


def _take_in(permohonan_id: str, booking_id: str) -> None:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise UploadNotKept(
            "Belum ada berkas yang dipilih. Pilih foto atau PDF, lalu tekan tombolnya lagi."
        )
    _meeting(g.permohonan, booking_id)
    content, name = upload.read(MAX_UPLOAD_BYTES + 1), upload.filename
    received = documents.receive(content, original_name=name, actor=g.actor)
    kept = False
    try:
        begin_write()
        g.permohonan = _case_anew(permohonan_id)
        seat = _meeting(g.permohonan, booking_id)
        document = documents.attach(
            g.actor,
            g.permohonan,
            received,
            requirement=None,
            purpose="screenshot",
            label=f"Tangkapan layar {seat.slot.kind.label.lower()}",
        )
        meetings.store_recording(
            g.actor, seat, reference="", screenshot_document_id=document.id,
            keep_until=_keep_until(g.permohonan),
        )  # fmt: skip
        db.session.commit()
        kept = True
    finally:
        if not kept:
            db.session.rollback()
            documents.discard(received)


def _case_anew(permohonan_id: str) -> Permohonan:
    found = visible_permohonan(g.actor, permohonan_id)
    if found is None:
        raise NotFound
    permohonan = found["permohonan"]
    assert isinstance(permohonan, Permohonan)  # noqa: S101 - what the loader gives
    return permohonan


def _meeting(permohonan: Permohonan, booking_id: str) -> Booking:
    """A meeting of this very case. Another case's is not found."""
    for seat in dossier_of(permohonan).bookings:
        if seat.public_id == booking_id:
            return seat
    raise NotFound


def _keep_until(permohonan: Permohonan) -> date:
    """The certificate's life, counted from today: it cannot begin earlier."""
    today, years = clock.today_wib(), validity_years(permohonan)
    try:
        return today.replace(year=today.year + years)
    except ValueError:  # 29 February
        return today.replace(year=today.year + years, day=28)
