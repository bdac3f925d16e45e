"""Pengaturan, MUK: rows out of a spreadsheet. First what was understood of each; then the good ones are taken in."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, request
from flask.typing import ResponseReturnValue

from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.muk import SheetForm
from lsp.models.inforce import setting
from lsp.permissions import access, writes, writes_itself
from lsp.services import muk_rows, muk_sheet, muk_versions as versions
from lsp.services.muk_sheet import Record, Understood
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.muk import (
    address,
    name_of_instrument,
    one_instrument,
    only_a_draft,
    read_again,
)
from lsp.views.editions import ChangedElsewhere, edition_of
from lsp.views.html import page, redirect_after_post
from lsp.workflow.muk import shape_of

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get("/pengaturan/muk/<instrument_id>/impor")
@access(roles=ADMIN, load=one_instrument)
def muk_import(instrument_id: str) -> ResponseReturnValue:
    return only_a_draft() or _page(SheetForm(formdata=None, mode="tambah"))


@bp.post("/pengaturan/muk/<instrument_id>/impor")
@access(roles=ADMIN, load=one_instrument)
@writes_itself
def check_muk_import(instrument_id: str) -> ResponseReturnValue:
    """What was understood; nothing is stored. No connection is held while a file is read."""
    form, most_mb = SheetForm(), int(setting("sheet_mb"))
    db.session.remove()
    try:
        records = _records(form, most_mb)
        refusal = None
    except DomainError as error:
        records, refusal = [], error
    g.instrument = versions.one(instrument_id)
    if g.instrument is None:  # discarded while the file was read
        abort(404)
    if published := only_a_draft():
        return published
    if not form.validate() or refusal is not None:
        notice = form.put_by_its_field(refusal) if refusal is not None else ""
        return _page(form, status=422, notice=notice)
    return _checked(form, records)


def _records(form: SheetForm, most_mb: int) -> list[Record]:
    """The lines of the file, else of what was pasted. Raises DomainError."""
    if not form.has_file():
        return muk_sheet.records_of_text(form.pasted())
    with form.sheet.data.stream as stream:
        content: bytes = stream.read(most_mb * 1_000_000 + 1)
    if len(content) > most_mb * 1_000_000:
        raise DomainError(
            f"Berkas ini lebih besar dari {most_mb} MB. Tidak ada yang disimpan. Salin barisnya saja ke berkas baru.",
            field="sheet",
        )
    return muk_sheet.records_of_file(content)


def _checked(
    form: SheetForm, records: list[Record], *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    form.lines.data = muk_sheet.text_of(records) or form.lines.data
    try:
        rows = muk_sheet.understand(g.instrument, versions.units_of(g.instrument), records)
    except DomainError as refusal:
        return _page(form, status=422, notice=form.put_by_its_field(refusal))
    unread = muk_sheet.unread_columns(g.instrument, records)
    return _page(form, status=status, rows=rows, unread=unread, notice=notice)


@bp.post("/pengaturan/muk/<instrument_id>/impor/ambil")
@access(roles=ADMIN, load=one_instrument)
@writes
def take_muk_import(instrument_id: str) -> ResponseReturnValue:
    """The good rows come in; sent twice, they came once."""
    form = SheetForm()
    if not form.validate():
        return _page(form, status=422)
    records: list[Record] = []
    try:
        records = muk_sheet.records_of_text(form.pasted())
        units = versions.units_of(g.instrument)
        count = _take(form, muk_sheet.understand(g.instrument, units, records))
    except DomainError as refusal:
        read_again(instrument_id)
        return _checked(form, records, status=409, notice=str(refusal))
    target = address() + "#baris"
    db.session.commit()
    said = (
        f"{count} baris masuk." if count else "Semua baris itu sudah ada, tidak ada yang ditambah."
    )
    return redirect_after_post(target, said)


def _take(form: SheetForm, rows: list[Understood]) -> int:
    values = muk_sheet.takeable(rows)
    if form.mode.data == "tambah":
        return muk_rows.add(g.actor, g.instrument, values)
    faulty = [row for row in rows if row.errors]
    if faulty:
        raise DomainError(
            f"{len(faulty)} baris belum dapat diambil, jadi isi yang lama tidak diganti. Betulkan dulu barisnya, "
            "atau pilih menambahkan di bawah."
        )
    if request.form.get("seen") != _edition() and not muk_rows.says(g.instrument, values):
        raise ChangedElsewhere("Isi draf ini")
    return muk_rows.replace(g.actor, g.instrument, values)


def _edition() -> str:
    return edition_of(muk_rows.all_values(g.instrument))


def _page(
    form: SheetForm,
    *,
    status: int = 200,
    rows: list[Understood] | None = None,
    unread: list[str] | None = None,
    notice: str = "",
) -> ResponseReturnValue:
    shape = shape_of(g.instrument)
    return page(
        "admin/muk/import.html",
        status=status,
        instrument=g.instrument,
        name=name_of_instrument(),
        shape=shape,
        titles=muk_sheet.header(shape, 4 if shape.options else 0),
        form=form,
        rows=rows or [],
        unread=unread or [],
        counts=_counts(rows or []),
        seen=_edition(),
        limit=int(setting("sheet_mb")),
        notice_text=notice,
    )


def _counts(rows: list[Understood]) -> dict[str, Any]:
    faulty = sum(1 for row in rows if row.errors)
    standing = sum(1 for row in rows if row.is_standing and not row.errors)
    return {"good": len(rows) - faulty, "standing": standing, "faulty": faulty}


@bp.get('/pengaturan/muk/<instrument_id>/ekspor.<any("csv","xlsx"):sheet_format>')
@access(roles=ADMIN, load=one_instrument)
def export_muk(instrument_id: str, sheet_format: str) -> ResponseReturnValue:
    """The rows with their keys, as the import reads them; each download leaves a line in the audit chain."""
    name = f"{g.instrument.paper.value.lower().replace('.', '-')}-versi-{g.instrument.version_number}.{sheet_format}"
    content = muk_sheet.export(g.instrument, sheet_format)
    begin_write()
    versions.note(g.actor, "muk.export", g.instrument, rows=len(g.instrument.items))
    db.session.commit()
    return Response(
        content,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        content_type=_TYPES[sheet_format],
    )
