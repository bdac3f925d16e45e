"""Meetings to choose from, another time for the one that stands, and giving a seat back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.base import ActionForm
from lsp.forms.registration import BookForm
from lsp.models import Permohonan
from lsp.models.inforce import setting
from lsp.permissions import writes
from lsp.services import meetings, mode_change, moving, offers, slot_waiting
from lsp.services.offers import Offer
from lsp.views.asesi.shared import CASE, address, bp, onward, own
from lsp.views.filters import jam, tanggal
from lsp.views.html import page, panel, reason_field
from lsp.vocabulary import Mode
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.meeting import ASESI_ELSEWHERE
from lsp.workflow.guards.payment import difference_paid
from lsp.workflow.machine import LEAST_REASON, Choice
from lsp.workflow.permohonan import PERMOHONAN
from lsp.workflow.seats import CANCELS, TOO_EARLY

HIS_ALREADY = "Waktu ini sudah Anda pesan. Pesanan Anda tersimpan."
#: The guard's words speak of him to others.
_TO_HIM = {
    ASESI_ELSEWHERE: "Anda sudah punya rapat lain pada jam itu.",
    offers.TWIN: "NIK Anda sudah terdaftar di jadwal yang sama.",
}


@bp.get(f"{CASE}/jadwal", endpoint="schedule")
@own
def show_schedule(permohonan_id: str) -> ResponseReturnValue:
    return _schedule_page()


@bp.get(f"{CASE}/jadwal/waktu/<slot_id>")
@own
def choose(permohonan_id: str, slot_id: str) -> ResponseReturnValue:
    """The page before the seat is taken.

    A tap on a long list is easily one row off, and each mending costs one of the few moves: so day, hour, asesor
    and what to bring are read once more, as the booking pages of clinics and railways do. Nothing is filled in
    for a first booking; for a move it is where the reason is written, so there is no page more than before.
    """
    seat = dossier_of(g.permohonan).booking
    if seat is not None and seat.slot.public_id == slot_id:  # an old tab, or Back after booking it
        return onward("meeting", g.permohonan, HIS_ALREADY)
    return _choose_page(slot_id, ActionForm(formdata=None))


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


@bp.post(f"{CASE}/jadwal/pindah")
@own
@writes
def move_booking(permohonan_id: str) -> ResponseReturnValue:
    form = BookForm()
    if not form.validate():
        return _schedule_page(status=422, notice_text=form.first_error())
    slot_id, reason = form.slot.data or "", form.note.data or ""
    try:
        moving.move(g.actor, g.permohonan, slot_id, version=form.version.data or 0, reason=reason)
    except DomainError as refusal:
        db.session.rollback()
        return _choose_page(slot_id, form, status=409, notice_text=str(refusal))
    db.session.commit()
    return onward("meeting", g.permohonan, "Jadwal dipindahkan. Asesor diberi tahu.")


@bp.post(f"{CASE}/jadwal/tunggu")
@own
@writes
def wait_for_slot(permohonan_id: str) -> ResponseReturnValue:
    try:
        slot_waiting.ask(g.actor, g.permohonan)
    except DomainError as refusal:
        db.session.rollback()
        return _schedule_page(status=409, notice_text=str(refusal))
    db.session.commit()
    return onward("schedule", g.permohonan, "Admin melihat bahwa Anda menunggu jadwal.")


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
    for name in CANCELS.values():
        found = PERMOHONAN.choice(g.permohonan, g.actor, name)
        if found is not None:
            return found
    return None


def _schedule_page(*, status: int = 200, notice_text: str = "") -> ResponseReturnValue:
    permohonan, cancel = g.permohonan, cancel_choice()
    seat = dossier_of(permohonan).booking
    owed = difference_paid(permohonan, g.actor, "") or ""
    may_book = meetings.is_bookable(permohonan)
    awaits = mode_change.wanted(permohonan).plain if mode_change.waits(permohonan) else ""
    chooses = not owed and not awaits and (may_book or (cancel is not None and cancel.possible))
    found = offers.offers_for(permohonan) if chooses else []
    free = [offer for offer in found if not offer.bar]
    return panel(
        "asesi/schedule.html",
        "asesi/_schedule_panel.html",
        status=status,
        permohonan=permohonan,
        days=_by_day(free),
        barred=_barred(found),
        owed=owed,
        awaits=awaits,
        seat=seat,
        cancel=cancel,
        moves=offers.moves_of(permohonan) if cancel is not None else None,
        may_book=may_book,
        waits=slot_waiting.since(permohonan) if may_book else None,
        too_early=permohonan.status in TOO_EARLY,
        notice_text=notice_text,
    )


#: When meetings begin and end, and those of several asesor at that hour.
Hour = tuple[tuple[datetime, datetime], list[Offer]]


def _by_day(found: Sequence[Offer]) -> list[tuple[str, list[Hour]]]:
    """By the day of who reads: 23.30 here is tomorrow further east."""
    by_day = groupby(found, lambda offer: tanggal(offer.starts_at, jam=False))
    return [(day, _by_hour(rows)) for day, rows in by_day]


def _by_hour(found: Iterable[Offer]) -> list[Hour]:
    """One row for meetings of one hour: which asesor is the only choice there."""
    hours: dict[tuple[datetime, datetime], list[Offer]] = {}
    for offer in found:
        hours.setdefault((offer.starts_at, offer.ends_at), []).append(offer)
    return list(hours.items())


def _barred(found: Sequence[Offer]) -> list[tuple[str, int]]:
    """(why, how many times) of the times that cannot be taken."""
    bars = Counter(_TO_HIM.get(offer.bar, offer.bar) for offer in found if offer.bar)
    return list(bars.items())


def _choose_page(
    slot_id: str, form: ActionForm, *, status: int = 200, notice_text: str = ""
) -> ResponseReturnValue:
    permohonan, held = g.permohonan, dossier_of(g.permohonan).booking
    if held is not None and held.slot.public_id == slot_id:
        return _schedule_page(status=max(status, 409), notice_text=HIS_ALREADY)
    found = next((row for row in offers.offers_for(permohonan) if row.public_id == slot_id), None)
    if found is None or found.bar:
        bar = (
            _TO_HIM.get(found.bar, found.bar)
            if found is not None
            else "Jadwal ini sudah tidak ada."
        )
        return _schedule_page(
            status=max(status, 409), notice_text=notice_text or f"{bar} Pilih jadwal lain."
        )
    seat, cancel = held, cancel_choice()
    if seat is not None and cancel is not None and not cancel.possible:
        return _schedule_page(
            status=max(status, 409), notice_text=notice_text or cancel.reason or ""
        )
    moving_now = seat is not None
    return page(
        "confirm.html",
        status=status,
        title="Pindah ke jadwal ini?" if moving_now else "Pesan jadwal ini?",
        happens=_what_happens(found),
        action=address("move_booking" if moving_now else "book", permohonan),
        label="Pindahkan rapat" if moving_now else "Pesan jadwal ini",
        back_url=address("schedule", permohonan),
        back_label="Pilih waktu lain",
        version=permohonan.version,
        hidden={"slot": slot_id},
        notice_text=notice_text,
        focus_button=not moving_now,
        reason_field=_reason_field(form) if moving_now else None,
    )


def _what_happens(offer: Offer) -> list[str]:
    permohonan = g.permohonan
    seat, moves = dossier_of(permohonan).booking, offers.moves_of(permohonan, offer.starts_at)
    left = moves.left - (1 if seat is not None else 0)
    made = [
        f"{offer.kind.label}: {tanggal(offer.starts_at)}, sampai {jam(offer.ends_at)}.",
        f"Bersama {offer.asesor_name}.",
    ]
    if offer.has_begun:
        made.append("Rapat ini sudah mulai.")
    if permohonan.mode is Mode.DARING:
        minutes = int(setting("online_link_minutes_before"))
        opens_at = offer.starts_at - timedelta(minutes=minutes)
        link = f"Tautannya tampil {minutes} menit sebelum mulai." if opens_at > clock.now() else ""
        made.append(
            f"Jarak jauh. Siapkan KTP asli, ruangan yang tenang, kamera dan mikrofon. {link}".strip()
        )
    else:
        made.append(f"Tatap muka di {offer.place}. Bawa KTP asli.")
    if seat is not None:
        made.append(f"Jadwal lama, {tanggal(seat.slot.starts_at)}, dilepas. Asesor diberi tahu.")
    made.append(
        f"Masih dapat Anda pindahkan {left} kali, sampai {tanggal(moves.until)}."
        if left > 0 and moves.may_move
        else "Sesudah ini jadwal hanya dapat dipindahkan oleh admin LSP."
    )
    return made


def _reason_field(form: ActionForm | None) -> dict[str, Any]:
    hint = f"Sedikitnya {LEAST_REASON} huruf. Asesor membacanya."
    return reason_field(form, hint=hint, label="Alasan Anda")


def _cancel_page(
    form: ActionForm | None = None, *, status: int = 200, notice_text: str = ""
) -> ResponseReturnValue:
    seat, choice = dossier_of(g.permohonan).booking, cancel_choice()
    if seat is None or choice is None:
        return _schedule_page(status=status, notice_text=notice_text)
    if choice.reason and form is None:  # told where the ways out stand: no form that cannot be sent
        return _schedule_page(status=status, notice_text=notice_text or choice.reason)
    return page(
        "confirm.html",
        status=status,
        title="Lepas jadwal tanpa gantinya?",
        happens=[
            f"{seat.slot.kind.label} {tanggal(seat.slot.starts_at)} dibatalkan.",
            "Kursi Anda diberikan kepada orang lain. Anda memilih jadwal baru nanti.",
            "Ini terhitung satu kali pindah jadwal.",
            "Asesor menerima alasan Anda lewat e-mail; admin LSP dapat membacanya.",
            "Biaya yang sudah Anda bayar tetap berlaku.",
        ],
        action=address("cancel_booking", g.permohonan),
        label="Lepas jadwal",
        tone="bad",
        back_url=address("schedule", g.permohonan),
        version=g.permohonan.version,
        notice_text=notice_text,
        reason_field=_reason_field(form),
    )
