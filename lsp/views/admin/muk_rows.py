"""Pengaturan, MUK: the rows of a draft, each on a page of its own; moving, taking out and bringing back on the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.base import numbers
from lsp.forms.muk import RowForm, about_by_value
from lsp.models import Instrument, InstrumentItem
from lsp.permissions import access, writes
from lsp.services import muk_rows, muk_versions as versions
from lsp.services.muk_values import RowValues, values_of
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.muk import (
    address,
    name_of_instrument,
    one_instrument,
    only_a_draft,
    read_again,
    whole_page,
)
from lsp.views.editions import ChangedElsewhere, check_edition, edition_of
from lsp.views.html import page, redirect_after_post
from lsp.workflow.muk import shape_of

_MOVED = "Daftar ini sudah berubah sejak halaman dibuka. Tidak ada yang dilakukan: lihat urutannya sekarang."
_GONE = "Baris ini sudah dihapus di tab lain. Isian Anda masih ada di bawah: simpan sebagai baris baru bila perlu."


def one_row(actor: Actor, instrument_id: str, item_id: int) -> Mapping[str, object] | None:
    """A row of an instrument as `g.item` beside `g.instrument`."""
    found = one_instrument(actor, instrument_id)
    if found is None:
        return None
    item = muk_rows.one(cast(Instrument, found["instrument"]), item_id)
    return {**found, "item": item} if item is not None else None


@bp.get("/pengaturan/muk/<instrument_id>/baris/baru")
@access(roles=ADMIN, load=one_instrument)
def new_muk_row(instrument_id: str) -> ResponseReturnValue:
    """The next row usually belongs where the last one does."""
    form = _form(formdata=None)
    last = g.instrument.items[-1] if g.instrument.items else None
    if last is not None:
        form.fill(RowValues(last.kind, "", "", (), last.unit_id, last.elemen_id, last.kuk_id))
    elif "kind" in form:
        form.kind.data = shape_of(g.instrument).kinds[0].value
    return only_a_draft() or _page(form)


@bp.post("/pengaturan/muk/<instrument_id>/baris/baru")
@access(roles=ADMIN, load=one_instrument)
@writes
def add_muk_row(instrument_id: str) -> ResponseReturnValue:
    """The same row sent twice is one row."""
    form = _form()
    if not form.validate():
        return _page(form, status=422)
    try:
        added = muk_rows.add(g.actor, g.instrument, [_values(form)])
    except DomainError as refusal:
        read_again(instrument_id)
        return _page(form, status=409, notice=str(refusal))
    said = "Baris tersimpan." if added else "Baris itu sudah ada, jadi tidak ditambah lagi."
    return _onward(said)


@bp.get("/pengaturan/muk/<instrument_id>/baris/<int(max=999999999):item_id>")
@access(roles=ADMIN, load=one_row)
def muk_row(instrument_id: str, item_id: int) -> ResponseReturnValue:
    return only_a_draft() or _page(_form(formdata=None).fill(values_of(g.item)), item=g.item)


@bp.post("/pengaturan/muk/<instrument_id>/baris/<int(max=999999999):item_id>")
@access(roles=ADMIN, load=one_instrument)
@writes
def save_muk_row(instrument_id: str, item_id: int) -> ResponseReturnValue:
    """A row that another tab deleted meanwhile is told about with what was typed in it."""
    form = _form()
    item = muk_rows.one(g.instrument, item_id)
    if item is None and request.form.get("seen") is None:
        return redirect_after_post(address(), "Baris itu tidak ada lagi.", tone="info")
    if item is None:
        return _page(form, status=409, notice=_GONE)
    if not form.validate():
        return _page(form, status=422, item=item)
    wanted = _values(form)
    try:
        check_edition(
            seen=request.form.get("seen"),
            stored=_said(values_of(item)),
            wanted=_said(wanted),
            what="Baris ini",
        )
        muk_rows.change(g.actor, g.instrument, item, wanted)
    except DomainError as refusal:
        read_again(instrument_id)
        return _page(
            form,
            status=409,
            item=muk_rows.one(g.instrument, item_id),
            notice=str(refusal),
            anew=isinstance(refusal, ChangedElsewhere),
        )
    return _onward("Baris tersimpan.")  # fmt: skip


@bp.post("/pengaturan/muk/<instrument_id>/langkah")
@access(roles=ADMIN, load=one_instrument)
@writes
def step_muk_row(instrument_id: str) -> ResponseReturnValue:
    """`step` is naik, turun or hapus and the row; the list is still the one that was seen."""
    name, _, number = request.form.get("step", "").partition("-")
    item_id = next(iter(numbers([number])), 0)
    item = muk_rows.one(g.instrument, item_id)
    known = name in muk_rows.STEPS and item is not None
    if not known or request.form.get("seen") != edition_of(muk_rows.all_values(g.instrument)):
        return whole_page(status=409, notice=_MOVED)
    try:
        muk_rows.step(g.actor, g.instrument, cast(InstrumentItem, item), name)
    except DomainError as refusal:
        read_again(instrument_id)
        return whole_page(status=409, notice=str(refusal))
    target = address() + ("#baris" if name == "hapus" else f"#baris-{number}")
    db.session.commit()
    return redirect_after_post(target, "Baris dihapus." if name == "hapus" else "")


@bp.post("/pengaturan/muk/<instrument_id>/kembalikan")
@access(roles=ADMIN, load=one_instrument)
@writes
def restore_muk_row(instrument_id: str) -> ResponseReturnValue:
    """Pressed twice it brings back what was taken out last, and not what went before it too."""
    if request.form.get("seen") != edition_of(muk_rows.all_values(g.instrument)):
        return whole_page(status=409, notice=_MOVED)
    try:
        count = muk_rows.restore(g.actor, g.instrument)
    except DomainError as refusal:
        read_again(instrument_id)
        return whole_page(status=409, notice=str(refusal))
    target = address() + "#baris"
    db.session.commit()
    return redirect_after_post(target, f"{count} baris kembali ke tempatnya.")


def _form(**more: Any) -> RowForm:
    return RowForm(**more).fit(shape_of(g.instrument), _units())


def _units() -> Any:
    if "muk_units" not in g:
        g.muk_units = versions.units_of(g.instrument)
    return g.muk_units


def _values(form: RowForm) -> RowValues:
    return form.values(about_by_value(_units()))


def _said(values: RowValues) -> dict[str, Any]:
    return values.columns() | {"kind": values.kind.value}


def _onward(said: str) -> ResponseReturnValue:
    more = request.form.get("step") == "lagi"
    target = address("admin.new_muk_row") if more else address() + "#baris"
    db.session.commit()
    return redirect_after_post(target, said)


def _page(
    form: RowForm,
    *,
    status: int = 200,
    item: InstrumentItem | None = None,
    notice: str = "",
    anew: bool = False,
) -> ResponseReturnValue:
    seen = edition_of(_said(values_of(item))) if item is not None else ""
    if status != 200 and not anew:
        seen = request.form.get("seen", seen)
    return page(
        "admin/muk/row.html",
        status=status,
        instrument=g.instrument,
        name=name_of_instrument(),
        form=form,
        shape=shape_of(g.instrument),
        number=g.instrument.items.index(item) + 1 if item is not None else 0,
        action=url_for("admin.save_muk_row", instrument_id=g.instrument.public_id, item_id=item.id)
        if item is not None
        else address("admin.add_muk_row"),
        seen=seen,
        notice_text=notice,
    )
