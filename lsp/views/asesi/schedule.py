"""Meetings to choose from, and giving a seat back."""

from __future__ import annotations

from itertools import groupby

from flask import g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.base import ActionForm
from lsp.forms.registration import BookForm
from lsp.models import Permohonan
from lsp.permissions import writes
from lsp.services import meetings
from lsp.views.asesi.shared import CASE, address, bp, onward, own
from lsp.views.filters import tanggal
from lsp.views.html import page, panel
from lsp.vocabulary import PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.payment import difference_paid
from lsp.workflow.machine import Choice
from lsp.workflow.permohonan import PERMOHONAN

_BEFORE = (
    PermohonanStatus.DRAFT, PermohonanStatus.RETURNED, PermohonanStatus.SUBMITTED, PermohonanStatus.VERIFIED,
    PermohonanStatus.INVOICED, PermohonanStatus.LAPSED, PermohonanStatus.EVIDENCE_NEEDED,
)  # fmt: skip


@bp.get(f"{CASE}/jadwal", endpoint="schedule")
@own
def show_schedule(permohonan_id: str) -> ResponseReturnValue:
    return _schedule_page()


@bp.post(f"{CASE}/jadwal")
@own
@writes
def book(permohonan_id: str) -> ResponseReturnValue:
    form = BookForm()
    if not form.validate():
        return _schedule_page(status=422, notice_text=form.first_error())
    try:
        meetings.book(g.actor, g.permohonan, form.slot.data or "", version=form.version.data or 0)
    except DomainError as refusal:
        db.session.rollback()
        return _schedule_page(status=409, notice_text=str(refusal))
    db.session.commit()
    return onward("meeting", g.permohonan, "Jadwal dipesan. Undangannya kami kirim ke e-mail Anda.")


@bp.get(f"{CASE}/jadwal/batal", endpoint="cancel")
@own
def show_cancel(permohonan_id: str) -> ResponseReturnValue:
    return _cancel_page()


@bp.post(f"{CASE}/jadwal/batal")
@own
@writes
def cancel_booking(permohonan_id: str) -> ResponseReturnValue:
    form = ActionForm()
    if not form.validate():
        return _cancel_page(form, status=422)
    try:
        meetings.cancel(
            g.actor, g.permohonan, version=form.version.data or 0, reason=form.note.data or ""
        )
    except DomainError as refusal:
        db.session.rollback()
        return _cancel_page(form, status=409, notice_text=str(refusal))
    db.session.commit()
    return onward("schedule", g.permohonan, "Jadwal dibatalkan. Pilih jadwal yang lain.")


def cancel_choice() -> Choice[Permohonan] | None:
    """The step by which the asesi gives his seat back, where he holds one."""
    for name in ("cancel_pre", "cancel_assessment"):
        found = PERMOHONAN.choice(g.permohonan, g.actor, name)
        if found is not None:
            return found
    return None


def _schedule_page(*, status: int = 200, notice_text: str = "") -> ResponseReturnValue:
    permohonan = g.permohonan
    slots = meetings.open_slots(permohonan)
    return panel(
        "asesi/schedule.html",
        "asesi/_schedule_panel.html",
        status=status,
        permohonan=permohonan,
        slots=slots,
        days=[
            (day, list(offers))
            for day, offers in groupby(slots, lambda slot: tanggal(slot.starts_at, jam=False))
        ],
        owed=difference_paid(permohonan, g.actor, "") or "",
        seat=dossier_of(permohonan).booking,
        may_book=meetings.is_bookable(permohonan),
        too_early=permohonan.status in _BEFORE,
        notice_text=notice_text,
    )


def _cancel_page(
    form: ActionForm | None = None, *, status: int = 200, notice_text: str = ""
) -> ResponseReturnValue:
    seat, choice = dossier_of(g.permohonan).booking, cancel_choice()
    if seat is None or choice is None:
        return _schedule_page(status=status, notice_text=notice_text)
    if choice.reason and not notice_text:
        notice_text = choice.reason
    return page(
        "confirm.html",
        status=status,
        title="Jadwalkan ulang",
        happens=[
            f"{seat.slot.kind.label} {tanggal(seat.slot.starts_at)} dibatalkan.",
            "Kursi Anda diberikan kepada orang lain. Anda memilih jadwal baru.",
            "Asesor menerima alasan Anda lewat e-mail; admin LSP dapat membacanya.",
            "Biaya yang sudah Anda bayar tetap berlaku.",
        ],
        action=address("cancel_booking", g.permohonan),
        label="Batalkan jadwal ini",
        tone="bad",
        back_url=address("meeting", g.permohonan),
        version=g.permohonan.version,
        notice_text=notice_text,
        reason_field={
            "label": "Alasan Anda",
            "hint": "Sedikitnya 10 huruf.",
            "required": True,
            "value": (form.note.data if form is not None else "") or "",
            "error": str(form.note.errors[0]) if form is not None and form.note.errors else "",
            "name": "note",
        },
    )
