"""Impor lembar asesi: upload, look at what was found, tick, confirm; the worker does it and the page shows how far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms import sheet_cells
from lsp.forms.base import numbers
from lsp.forms.sheet import SheetForm
from lsp.models.inforce import setting
from lsp.permissions import access, writes, writes_itself
from lsp.services import sheet_import, sheet_import_check, sheet_import_files, sheet_import_list
from lsp.services.sheet_import_rows import Offer
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import go, page, redirect_after_post, wants_fragment
from lsp.vocabulary import ImportRowState, ImportStatus

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NO_FILE = "Pilih berkas XLSX atau CSV dulu."


def any_batch(actor: Actor, batch_id: str) -> Mapping[str, object] | None:
    """A sheet as `g.batch`."""
    found = sheet_import_list.one(actor, batch_id)
    return {"batch": found} if found is not None else None


# --- Upload ------------------------------------------------------------------------------------------------------


@bp.get("/impor")
@access(roles=ADMIN)
def imports() -> ResponseReturnValue:
    return _start_page(SheetForm(formdata=None), sheet_import.offers())


@bp.post("/impor")
@access(roles=ADMIN)
@writes_itself
def upload_sheet() -> ResponseReturnValue:
    offers, limits = sheet_import.offers(), _limits()
    db.session.remove()  # the file is read in a child, which may have to wait for its turn
    form = SheetForm().offer(offers)
    if not form.validate():
        return _start_page(form, offers, status=422)
    try:
        name, content = _file(form, limits["mb"])
        table = sheet_import.read(content, most_rows=limits["rows"])
    except DomainError as refusal:
        notice = form.put_by_its_field(refusal)
        return _start_page(form, offers, status=422, notice=notice)
    rows = sheet_cells.read_rows(table, offers, form.chosen(offers))
    sheet_import_check.compare(rows, g.actor)
    begin_write()
    batch = sheet_import.store(g.actor, file_name=name, table=table, rows=rows)
    db.session.commit()
    return redirect_after_post(_address(batch.public_id))


def _limits() -> dict[str, int]:
    return {"mb": int(setting("sheet_mb")), "rows": int(setting("sheet_rows"))}


def _file(form: SheetForm, most_mb: int) -> tuple[str, bytes]:
    """Name and content. Raises DomainError for none, or one too large."""
    storage = form.sheet.data
    if not storage or not storage.filename:
        raise DomainError(_NO_FILE, field="sheet")
    with storage.stream as stream:
        content: bytes = stream.read(most_mb * 1_000_000 + 1)
    if len(content) > most_mb * 1_000_000:
        raise DomainError(
            f"Berkas ini lebih besar dari {most_mb} MB. Tidak ada yang disimpan. Hapus gambar dan lembar lain di "
            "dalamnya, atau bagi menjadi beberapa berkas.",
            field="sheet",
        )
    return storage.filename, content


def _start_page(
    form: SheetForm, offers: list[Offer], *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    return page(
        "admin/import/start.html",
        status=status,
        form=form.offer(offers),
        with_skema=bool(offers),
        limits=_limits(),
        days=int(setting("sheet_days")),
        batches=sheet_import_list.recent(),
        notice_text=notice,
    )


@bp.get("/impor/templat.xlsx")
@access(roles=ADMIN)
def import_template_xlsx() -> ResponseReturnValue:
    return _download(
        sheet_import_files.template_xlsx(sheet_import.offers()), "templat-asesi.xlsx", _XLSX
    )


@bp.get("/impor/templat.csv")
@access(roles=ADMIN)
def import_template_csv() -> ResponseReturnValue:
    return _download(
        sheet_import_files.template_csv(), "templat-asesi.csv", "text/csv; charset=utf-8"
    )


def _download(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, content_type=kind)


# --- One sheet ---------------------------------------------------------------------------------------------------


@bp.get("/impor/<batch_id>")
@access(roles=ADMIN, load=any_batch)
def import_batch(batch_id: str) -> ResponseReturnValue:
    if wants_fragment() and g.batch.status is not ImportStatus.RUNNING:
        return go(_address(batch_id))
    return _show()


@bp.post("/impor/<batch_id>/pilih")
@access(roles=ADMIN, load=any_batch)
@writes
def choose_rows(batch_id: str) -> ResponseReturnValue:
    """The ticks of one page of rows, then whichever button was pressed."""
    pressed = request.form.get("ke", "")
    try:
        if pressed in ("semua", "kosong"):
            sheet_import.choose_all(g.batch, chosen=pressed == "semua")
        else:
            sheet_import.choose(
                g.batch,
                shown=numbers(request.form.get("tampil", "").split(",")),
                ticked=numbers(request.form.getlist("baris")),
            )
    except DomainError as refusal:
        db.session.rollback()
        return _show(notice=str(refusal), status=409)
    db.session.commit()
    if wants_fragment():
        return _show()
    if pressed == "mulai":
        return redirect_after_post(url_for("admin.ask_begin_import", batch_id=batch_id))
    after = request.form.get("posisi", "") if pressed == "berikutnya" else ""
    wanted = {**_filter(), "posisi": after} if pressed == "berikutnya" else _filter()
    message = "" if pressed == "berikutnya" else "Pilihan disimpan."
    return redirect_after_post(_address(batch_id, **wanted), message)


@bp.get("/impor/<batch_id>/mulai")
@access(roles=ADMIN, load=any_batch)
def ask_begin_import(batch_id: str) -> ResponseReturnValue:
    counts = sheet_import_list.counts(g.batch.id)
    if not counts.ticked:
        return _show(notice="Belum ada baris yang dicentang. Centang dulu barisnya.", status=409)
    filled = counts.ticked - counts.new
    completed = (
        f"{filled} permohonan yang sudah ada dilengkapi; yang sudah diisi asesi tidak diubah."
    )
    return page(
        "confirm.html",
        title="Kerjakan lembar ini?",
        happens=[
            f"{counts.new} permohonan dibuka sebagai draf, diisi dengan isi lembar ini.",
            "Asesi yang belum punya akun menerima undangan lewat e-mail, yang sudah punya menerima tautan. "
            "Ia mengambil permohonannya lewat e-mail itu, dengan NIK; sebelumnya ia tidak melihatnya.",
            *([completed] if filled else []),
            "Anda dapat menghentikannya. Yang sudah dibuka tidak ditarik kembali.",
        ],
        action=url_for("admin.begin_import", batch_id=batch_id),
        label=f"Ya, kerjakan {counts.ticked} baris",
        back_url=_address(batch_id),
    )  # fmt: skip


@bp.post("/impor/<batch_id>/mulai")
@access(roles=ADMIN, load=any_batch)
@writes
def begin_import(batch_id: str) -> ResponseReturnValue:
    return _changed(lambda: sheet_import.begin(g.actor, g.batch), "")


@bp.post("/impor/<batch_id>/hentikan")
@access(roles=ADMIN, load=any_batch)
@writes
def stop_import(batch_id: str) -> ResponseReturnValue:
    return _changed(
        lambda: sheet_import.stop(g.actor, g.batch),
        "Dihentikan. Baris yang belum dikerjakan masih tercentang dan dapat dilanjutkan.",
    )


def _changed(change: Any, sentence: str) -> ResponseReturnValue:
    try:
        change()
    except DomainError as refusal:
        db.session.rollback()
        return _show(notice=str(refusal), status=409)
    db.session.commit()
    return redirect_after_post(_address(g.batch.public_id), sentence)


@bp.get("/impor/<batch_id>/bermasalah.xlsx")
@access(roles=ADMIN, load=any_batch)
def faulty_rows(batch_id: str) -> ResponseReturnValue:
    """The cells as they stood, whole NIKs among them: each download leaves a line in the audit chain."""
    answer = _download(sheet_import_files.faulty_xlsx(g.batch), "asesi-bermasalah.xlsx", _XLSX)
    begin_write()
    count = sheet_import_list.counts(g.batch.id).mendable
    sheet_import.note(g.actor, "import.download", g.batch, {ImportRowState.FAULTY: count})
    db.session.commit()
    return answer


@bp.get("/impor/<batch_id>/hapus")
@access(roles=ADMIN, load=any_batch)
def ask_discard_import(batch_id: str) -> ResponseReturnValue:
    return page(
        "confirm.html",
        title="Hapus lembar ini dari portal?",
        happens=[
            "Isi lembar dan centangnya dihapus. Berkas di komputer Anda tidak berubah.",
            "Permohonan yang sudah dibuka dari lembar ini tetap ada.",
        ],
        action=url_for("admin.discard_import", batch_id=batch_id),
        label="Ya, hapus",
        tone="bad",
        back_url=_address(batch_id),
    )


@bp.post("/impor/<batch_id>/hapus")
@access(roles=ADMIN, load=any_batch)
@writes
def discard_import(batch_id: str) -> ResponseReturnValue:
    try:
        sheet_import.discard(g.actor, g.batch)
    except DomainError as refusal:
        db.session.rollback()
        return _show(notice=str(refusal), status=409)
    db.session.commit()
    return redirect_after_post(url_for("admin.imports"), "Lembar dihapus dari portal.")


def _filter() -> dict[str, Any]:
    """Which rows, and after which, from the query string; what is unknown shows all from the first."""
    wanted, after = request.args.get("saring", ""), request.args.get("posisi", "")
    return {
        "saring": wanted if wanted in sheet_import_list.FILTERS else "",
        "posisi": after if after.isascii() and after.isdigit() and len(after) < 8 else "",
    }


def _address(batch_id: str, endpoint: str = "admin.import_batch", **more: Any) -> str:
    kept = {name: value for name, value in more.items() if value}
    return url_for(endpoint, batch_id=batch_id, **kept)


def _show(*, notice: str = "", status: int = 200) -> ResponseReturnValue:
    batch, wanted = g.batch, _filter()
    running = batch.status is ImportStatus.RUNNING
    counts = sheet_import_list.counts(batch.id)
    rows = [] if running else _rows(batch.id, wanted)
    return page(
        "admin/import/batch.html",
        fragment="admin/import/_import_progress.html" if running else "admin/import/_import_counts.html",
        status=status,
        batch=batch,
        counts=counts,
        running=running,
        found=rows,
        filters=[
            {"label": words, "href": _address(batch.public_id, saring=key), "current": key == wanted["saring"]}
            for key, words in sheet_import_list.FILTERS.items()
        ],
        wanted=wanted,
        first_url=_address(batch.public_id, saring=wanted["saring"]) if wanted["posisi"] else "",
        choose_url=_address(batch.public_id, "admin.choose_rows", **wanted),
        notice_text=notice,
    )  # fmt: skip


def _rows(batch_id: int, wanted: Mapping[str, Any]) -> Any:
    return sheet_import_list.page(
        batch_id, wanted=wanted["saring"], after=int(wanted["posisi"] or 0)
    )
