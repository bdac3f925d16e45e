"""The record of a meeting as it happens: ticks, end, incidents, absence, another date."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import AbsenceForm, IncidentForm, ReasonForm
from lsp.forms.schedule import EndForm
from lsp.permissions import writes
from lsp.services import meetings
from lsp.views.asesor.case import show_order
from lsp.views.asesor.shared import (
    CASE,
    address,
    assigned,
    begins_early,
    bp,
    due_words,
    onward,
    own_seat,
)
from lsp.views.filters import zona_singkat
from lsp.views.html import page, reason_field, redirect_after_post
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.meeting import likely_end
from lsp.workflow.permohonan import PERMOHONAN


@bp.post(f"{CASE}/catat/<item>")
@assigned
@writes
def tick(permohonan_id: str, item: str) -> ResponseReturnValue:
    """The first tick of a meeting whose time has not come asks once on a page of its own, and is never refused."""
    if "yakin" not in request.form and item in meetings.TICKS and begins_early(g.permohonan):
        db.session.rollback()
        buka = request.form.get("buka", "")
        return redirect_after_post(address("confirm_early", g.permohonan, item=item, buka=buka))
    try:
        meetings.tick(g.actor, g.permohonan, item)
    except DomainError as refusal:
        db.session.rollback()
        return show_order(status=409, notice=str(refusal))
    db.session.commit()
    return show_order(said="Tercatat.")


@bp.get(f"{CASE}/catat/<item>/awal")
@assigned
def confirm_early(permohonan_id: str, item: str) -> ResponseReturnValue:
    seat = own_seat(g.permohonan)
    if item not in meetings.TICKS:
        abort(404)
    if seat is None or not begins_early(g.permohonan):
        return redirect(address("permohonan", g.permohonan))
    return page(
        "confirm.html",
        title="Mulai rapat ini sekarang?",
        happens=(
            f"Rapat ini dijadwalkan {due_words(seat.slot.starts_at)}. Mulai sekarang?",
            "Jam sekarang yang dicatat. Pastikan Anda dan asesi memang sedang bertemu.",
            "Membaca data, memeriksa bukti, dan memilih MAPA boleh dilakukan tanpa memulai rapat.",
        ),
        action=address("tick", g.permohonan, item=item),
        hidden={"yakin": "1", "buka": request.args.get("buka", "")},
        label=f"Mulai, catat: {meetings.tick_label(item, g.permohonan.mode)}",
        back_url=address("permohonan", g.permohonan),
    )


@bp.post(f"{CASE}/selesai")
@assigned
@writes
def end_meeting(permohonan_id: str) -> ResponseReturnValue:
    """One press while it is held; after its slot's end, the asesor is asked when it ended."""
    if _is_written_up_later():
        return _end_later()
    try:
        meetings.end_meeting(g.actor, g.permohonan)
    except DomainError as refusal:
        db.session.rollback()
        return show_order(status=409, notice=str(refusal))
    db.session.commit()
    return show_order(said="Jam selesai tercatat.")


@bp.get(f"{CASE}/selesai")
@assigned
def ask_end(permohonan_id: str) -> ResponseReturnValue:
    seat = own_seat(g.permohonan)
    if seat is None or not _is_written_up_later():
        return redirect(address("permohonan", g.permohonan))
    end = likely_end(seat).astimezone(ZoneInfo(g.actor.zone))
    return _end_page(EndForm(formdata=None, day=end.date(), time=end.time()))


def _is_written_up_later() -> bool:
    """Whether his own meeting is past its slot and its end is not noted yet."""
    seat = own_seat(g.permohonan)
    record = seat.record if seat is not None else None
    if seat is None or record is None or record.started_at is None:
        return False
    return record.ended_at is None and seat.slot.ends_at < clock.now()


def _end_later() -> ResponseReturnValue:
    if "time" not in request.form:
        db.session.rollback()
        return redirect_after_post(address("ask_end", g.permohonan))
    form = EndForm()
    if not form.validate():
        return _end_page(form, status=422)
    try:
        meetings.end_meeting(g.actor, g.permohonan, form.ended_at(g.actor.zone))
    except DomainError as refusal:
        db.session.rollback()
        return _end_page(form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return onward("permohonan", g.permohonan, "Jam selesai tercatat.")


def _end_page(form: EndForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "asesor/end.html",
        status=status,
        permohonan=g.permohonan,
        seat=own_seat(g.permohonan),
        form=form,
        notice_text=notice,
        zone=zona_singkat(g.actor.zone),
    )


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
        incidents=meetings.disturbances_of(seat) if seat is not None else [],
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
    return page(
        "confirm.html",
        status=status,
        title="Lepas jadwal tanpa gantinya?",
        happens=(
            f"Kursi {g.permohonan.asesi_name} dilepas, dan ia memilih waktu lain.",
            "Anda berdua menerima e-mail dengan alasan di bawah.",
            "Yang sudah diisi tetap tersimpan. Kehadiran dan pemeriksaan dicatat lagi di rapat yang baru.",
        ),
        action=address("reschedule", g.permohonan),
        label="Lepas jadwal",
        back_url=address("move_form", g.permohonan),
        tone="bad",
        version=g.permohonan.version,
        notice_text=notice,
        reason_field=reason_field(form, hint="Asesi membaca alasan ini."),
    )
