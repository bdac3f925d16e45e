"""Paket rapat: remote meetings that lack something, a reminder to their asesor, the destruction of a recording."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import ReasonForm
from lsp.gateways import storage
from lsp.gateways.files import FileStoreError
from lsp.permissions import access, visible_meeting, visible_recording, writes
from lsp.services import meeting_packs, recordings
from lsp.services.meeting_packs import GAPS, Wanted
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, reason_field, redirect_after_post

AGES = {"": "Umur apa pun", "terlambat": "Terlambat", "7": "Lebih dari 7 hari", "30": "Lebih dari 30 hari"}  # fmt: skip


@bp.get("/paket-rapat")
@access(roles=ADMIN)
def pack_list() -> ResponseReturnValue:
    wanted = _wanted()
    found = meeting_packs.page(g.actor, wanted)
    said = {"kurang": wanted.gap or "semua", "asesor": wanted.asesor, "umur": wanted.older}
    last = found.rows[-1] if found.more else None
    return page(
        "admin/packs/list.html",
        found=found,
        wanted=wanted,
        gaps=GAPS,
        asesor=meeting_packs.asesor_with_packs(),
        ages=AGES,
        next_url=_url(said, sesudah=f"{last.ends_at.isoformat()}~{last.key}") if last else "",
        first_url=_url(said) if wanted.after else "",
        overdue_url=url_for("admin.home", kerja="hasil"),
    )


def _url(said: dict[str, Any], **more: Any) -> str:
    return url_for("admin.pack_list", **{key: value or None for key, value in said.items()}, **more)


def _wanted() -> Wanted:
    """What the address says; what it does not know is as if it were not there."""
    gap, older = request.args.get("kurang", "ada"), request.args.get("umur", "")
    return Wanted(
        gap="" if gap == "semua" else gap if gap in GAPS else "ada",
        asesor=request.args.get("asesor", ""),
        older=older if older in AGES else "",
        after=_after(request.args.get("sesudah", "")),
    )


def _after(text: str) -> tuple[datetime, int] | None:
    moment, _, key = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if at.tzinfo is None or not key.isascii() or not key.isdigit() or len(key) > 9:
        return None
    return at, int(key)


@bp.post("/paket-rapat/<booking_id>/ingatkan")
@access(roles=ADMIN, load=visible_meeting)
@writes
def remind_pack(booking_id: str) -> ResponseReturnValue:
    where = url_for("packs.pack", booking_id=booking_id)
    try:
        meeting_packs.remind(g.actor, g.booking)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(where, str(refusal), tone="bad")
    db.session.commit()
    return redirect_after_post(where, "Asesor diingatkan lewat e-mail.")


@bp.get("/rekaman/<recording_id>/musnahkan")
@access(roles=ADMIN, load=visible_recording)
def ask_destroy_recording(recording_id: str) -> ResponseReturnValue:
    return _destroy_page(ReasonForm(formdata=None))


@bp.post("/rekaman/<recording_id>/musnahkan")
@access(roles=ADMIN, load=visible_recording)
@writes
def destroy_recording(recording_id: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate():
        return _destroy_page(form, status=422)
    try:
        key = recordings.destroy(g.actor, g.recording, paper=form.note.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _destroy_page(form, status=409, notice=str(refusal))
    where = url_for("packs.pack", booking_id=g.recording.booking.public_id)
    db.session.commit()
    if key is not None:
        with suppress(
            FileStoreError
        ):  # noted as destroyed; the worker sweeps a file that no row names
            storage.store().delete(key)
    return redirect_after_post(where, "Rekaman dimusnahkan. Catatannya tetap ada.")


def _destroy_page(form: ReasonForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    row = g.recording
    return page(
        "confirm.html",
        status=status,
        title="Musnahkan rekaman ini?",
        happens=(
            f"{recordings.words(row)} dihapus dari penyimpanan portal dan tidak dapat dikembalikan."
            if row.storage_key
            else f"Portal mencatat bahwa LSP memusnahkan {recordings.words(row)} di arsipnya.",
            "Nama, ukuran, SHA-256, dan catatan siapa yang memusnahkan tetap ada.",
        ),
        action=url_for("admin.destroy_recording", recording_id=row.public_id),
        label="Musnahkan rekaman",
        back_url=url_for("packs.pack", booking_id=row.booking.public_id),
        tone="bad",
        version=row.booking.permohonan.version,
        notice_text=notice or recordings.destroy_refusal(row) or "",
        reason_field=reason_field(
            form,
            hint="Nomor dan tanggalnya, dan nama kedua saksi.",
            label="Berita Acara Pemusnahan",
        ),
    )
