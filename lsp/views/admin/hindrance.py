"""“Asesor berhalangan” and “Batalkan slot”: everybody concerned on one page, one reason, one press for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import choices
from lsp.forms.base import numbers
from lsp.forms.schedule import HinderedForm
from lsp.models import AsesorProfile, Slot, User
from lsp.permissions import access, writes
from lsp.services import days_off, hindrance
from lsp.services.hindrance import RowRefused
from lsp.services.ways_out import BACK, SLOT, Away, Touched
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.filters import tanggal_singkat
from lsp.views.html import page, redirect_after_post


@dataclass(frozen=True, slots=True)
class Row:
    """A seat on the page: its ways as (value, words), which is chosen, and what stands against it."""

    touched: Touched
    options: Sequence[tuple[str, str]]
    chosen: str
    error: str

    @property
    def key(self) -> str:
        return self.touched.seat.public_id


@bp.get("/berhalangan")
@access(roles=ADMIN)
def hindered_form() -> ResponseReturnValue:
    form = _form(request.args)
    if not request.args:
        form.dari.data = clock.today_wib()
        return _page(form)
    return _page(form, _slots(form)) if form.validate() else _page(form, status=422)


@bp.post("/berhalangan")
@access(roles=ADMIN)
@writes
def settle_hindered() -> ResponseReturnValue:
    form = _form(request.form)
    if not form.validate():
        return _page(form, status=422)
    slots, reason = _slots(form), form.note.data or ""
    try:
        if not slots:
            raise DomainError("Slot ini sudah ditutup. Tidak ada yang diubah lagi.")
        names = [seat.permohonan.asesi_name for seat in hindrance.seats_in([s.id for s in slots])]
        hindrance.settle(g.actor, slots, _typed("kursi-"), _versions(), reason=reason)
        noted = _note_days_off(form, slots)
    except RowRefused as refusal:
        db.session.rollback()
        return _page(form, _slots(form), status=409, refused=refusal)
    except DomainError as refusal:
        db.session.rollback()
        notice = form.put_by_its_field(refusal)
        return _page(form, _slots(form), status=409 if notice else 422, notice=notice)
    db.session.commit()
    told = f"Diberi tahu: {', '.join(names)}." if names else "Tidak ada asesi di dalamnya."
    said = (
        f"{len(slots)} slot ditutup{' dan hari tidak bertugasnya dicatat' if noted else ''}. {told}"
    )
    return redirect_after_post(url_for("admin.jadwal_list"), said)


def _note_days_off(form: HinderedForm, slots: Sequence[Slot]) -> bool:
    """So that nobody opens or takes another meeting of his on these days."""
    away = _away(form, slots)
    if away is None or not request.form.get("libur"):
        return False
    days_off.add_missing(g.actor, slots[0].asesor, starts_on=away.first, ends_on=away.last)
    return True


def _form(values: Any) -> HinderedForm:
    form = HinderedForm(formdata=values)
    people = db.session.execute(
        select(User.public_id, User.name)
        .join(AsesorProfile, AsesorProfile.user_id == User.id)
        .order_by(User.name)
    )
    form.asesor.choices = choices([("", "Pilih asesor"), *((key, name) for key, name in people)])
    return form


def _slots(form: HinderedForm) -> Sequence[Slot]:
    if form.slot.data:
        return hindrance.slot_named(form.slot.data)
    asesor_id = db.session.scalar(select(User.id).where(User.public_id == form.asesor.data))
    first = form.dari.data
    if asesor_id is None or first is None:
        return []
    return hindrance.slots_of(asesor_id, first, form.sampai.data or first)


def _away(form: HinderedForm, slots: Sequence[Slot]) -> Away | None:
    """Where one meeting is called off, its asesor may well hold another on that day."""
    first = form.dari.data
    if form.slot.data or first is None:
        return None
    return Away(slots[0].asesor_id, first, form.sampai.data or first)


def _typed(prefix: str) -> dict[str, str]:
    """What was sent for each seat, by its public id."""
    return {
        name.removeprefix(prefix): value
        for name, value in request.form.items()
        if name.startswith(prefix)
    }


def _versions() -> dict[str, int]:
    return {key: number for key, text in _typed("versi-").items() for number in numbers([text])}


def _page(
    form: HinderedForm,
    slots: Sequence[Slot] | None = None,
    *,
    status: int = 200,
    notice: str = "",
    refused: RowRefused | None = None,
) -> ResponseReturnValue:
    touched = hindrance.touched_by(slots, _away(form, slots)) if slots else []
    typed = _typed("kursi-")
    rows = [_row(each, typed, refused) for each in touched]
    if refused is not None:
        name = next((row.touched.seat.permohonan.asesi_name for row in rows if row.error), "")
        notice = f"Belum ada yang diubah. {name + ': ' if name else ''}{refused}"
    return page(
        "admin/jadwal/hindered.html",
        status=status,
        form=form,
        slots=slots,
        empty_slots=len(slots or ()) - len({each.seat.slot_id for each in touched}),
        rows=rows,
        notes_days_off=request.method == "GET" or bool(request.form.get("libur")),
        most=hindrance.MOST,
        notice_text=notice,
    )


def _row(touched: Touched, typed: Mapping[str, str], refused: RowRefused | None) -> Row:
    zone = touched.seat.permohonan.asesi.zone
    options = [
        (each.key, f"Waktu tetap, asesor {each.asesor.name} ({each.jadwal.name})")
        for each in touched.substitutes
    ]
    options += [
        (
            f"{SLOT}{each.public_id}",
            f"{tanggal_singkat(each.starts_at, home=zone)}, {each.asesor_name}",
        )
        for each in touched.times
    ]
    options.append((BACK, "Asesi memilih waktu lain sendiri"))
    key = touched.seat.public_id
    wanted = typed.get(key, touched.proposal)
    known = wanted in {value for value, _words in options}
    error = str(refused) if refused is not None and refused.booking == key else ""
    if not known:
        error = error or "Pilihan tadi tidak ada lagi. Ini usulan yang baru."
    return Row(touched, options, wanted if known else touched.proposal, error)
