"""What is typed into SIKI and BNSP by hand: the answer to a row, a refusal, opening it again, its files as one ZIP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

from flask import Response, abort, current_app, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lsp import logs
from lsp.actor import Actor
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.decision import LpjkForm
from lsp.forms.outbox import AnswerForm, RefusedForm, ReopenForm
from lsp.gateways.files import FileDamaged, FileMissing, StoreUnavailable
from lsp.models import OutboxMessage, Permohonan
from lsp.models.queue import PENCATATAN
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import blanko_requests, outbox_answers, outbox_list, to_send, to_send_zip
from lsp.services.outbox_words import call_of
from lsp.serving_words import STREAMED
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.queue import answered_to, any_message, show_message
from lsp.views.error_pages import error_page
from lsp.views.files import refuse_embedding
from lsp.views.html import page, reason_field, redirect_after_post
from lsp.views.packs import LARGE, has_place


def workable(actor: Actor, message_id: str) -> Mapping[str, object] | None:
    """A row for SIKI or BNSP in the person's scope, as `g.message` and `g.permohonan` (or none); never of his own."""
    found = any_message(actor, message_id)
    message = found["message"] if found is not None else None
    if not isinstance(message, OutboxMessage) or message.channel not in outbox_answers.BY_HAND:
        return None
    if message.permohonan_id is None:
        request_id = (outbox_list.payload_of(message) or {}).get("permintaan_blanko")
        if request_id and blanko_requests.one(actor, str(request_id)) is None:
            return None
        return {"message": message, "permohonan": None}
    case_id = db.session.scalar(
        select(Permohonan.public_id).where(Permohonan.id == message.permohonan_id)
    )
    seen = visible_permohonan(actor, str(case_id))
    return {"message": message, **seen} if seen is not None else None


@bp.get("/antrean/langkah")
@access(roles=ADMIN)
def by_step() -> ResponseReturnValue:
    """SIKI dan BNSP: what waits, by step, so that many of a kind are done one after the other."""
    return page("admin/steps_of_queue.html", steps=outbox_answers.steps())


@bp.post("/antrean/<message_id>/jawab")
@access(roles=ADMIN, load=workable)
@writes
def answer_message(message_id: str) -> ResponseReturnValue:
    if g.message.done_at is not None:
        return _done_already()
    if g.message.kind == PENCATATAN:
        return _record()
    form = AnswerForm()
    if not form.validate():
        return show_message(answer_form=form, status=422)
    return _changed(
        lambda: outbox_answers.answer(
            g.actor, g.message, _jadwal(), form.data, note=form.note.data or ""
        ),
        lambda notice: show_message(answer_form=form, notice=notice, status=409 if notice else 422),
        form,
    )


def _record() -> ResponseReturnValue:
    """LPJK's answer is a step of the case, as on the page of its numbers."""
    form = LpjkForm()
    if not form.validate():
        return show_message(lpjk_form=form, status=422)
    if g.permohonan is None:
        abort(404)
    return _changed(
        lambda: outbox_answers.record_lpjk(
            g.actor,
            g.message,
            g.permohonan,
            number=form.lpjk_number.data or "",
            qr=form.lpjk_qr.data or "",
            version=form.version.data or 0,
        ),
        lambda notice: show_message(lpjk_form=form, notice=notice, status=409),
    )


@bp.post("/antrean/<message_id>/ditolak")
@access(roles=ADMIN, load=workable)
@writes
def refuse_message(message_id: str) -> ResponseReturnValue:
    if g.message.done_at is not None:
        return _done_already()
    form = RefusedForm()
    if not form.validate():
        return show_message(refused_form=form, status=422)
    return _changed(
        lambda: outbox_answers.refuse(g.actor, g.message, form.note.data or ""),
        lambda notice: show_message(refused_form=form, notice=notice, status=409),
        said="Penolakan dicatat. Kirimannya tetap menunggu.",
    )


@bp.post("/antrean/<message_id>/betulkan")
@access(roles=ADMIN, load=workable)
@writes
def correct_message(message_id: str) -> ResponseReturnValue:
    form = AnswerForm()
    if not form.validate():
        return show_message(answer_form=form, status=422)
    return _changed(
        lambda: outbox_answers.correct(
            g.actor, g.message, _jadwal(), form.data, reason=form.note.data or ""
        ),
        lambda notice: show_message(answer_form=form, notice=notice, status=409 if notice else 422),
        form,
        said="Jawaban dibetulkan. Yang lama tersimpan di riwayat kiriman.",
        stay=True,
    )


@bp.get("/antrean/<message_id>/buka-lagi")
@access(roles=ADMIN, load=workable)
def ask_reopen(message_id: str) -> ResponseReturnValue:
    return _reopen_page(ReopenForm(formdata=None))


@bp.post("/antrean/<message_id>/buka-lagi")
@access(roles=ADMIN, load=workable)
@writes
def reopen_message(message_id: str) -> ResponseReturnValue:
    form = ReopenForm()
    if not form.validate():
        return _reopen_page(form, status=422)
    return _changed(
        lambda: outbox_answers.reopen(g.actor, g.message, form.note.data or ""),
        lambda notice: _reopen_page(form, status=409, notice=notice),
        said="Kiriman ini menunggu lagi.",
        stay=True,
    )


def _reopen_page(form: ReopenForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title="Buka lagi kiriman ini?",
        happens=[
            f"“{call_of(g.message.kind)}” kembali menunggu di antrean.",
            f"Yang sudah diisi di layar {g.message.channel.label} tidak berubah.",
            "Nama Anda, waktunya, dan alasannya tercatat.",
        ],
        action=answered_to("admin.reopen_message"),
        label="Ya, buka lagi",
        back_url=answered_to("admin.message"),
        notice_text=notice,
        reason_field=reason_field(form),
    )


@bp.get("/antrean/<message_id>/semua.zip")
@access(roles=ADMIN, load=workable)
def message_zip(message_id: str) -> ResponseReturnValue:
    """Everything of the row as one ZIP; each download is sealed in the audit chain, with the NIK if it is in it."""
    refuse_embedding()
    payload = outbox_list.payload_of(g.message)
    if payload is None:
        abort(404)
    sent = to_send.to_send(g.message, payload, base_url=current_app.config["LSP"].base_url)
    with_nik = sent.has_nik and g.message.done_at is None
    sent = sent if with_nik else to_send.without_nik(sent)
    title = f"{g.message.channel.label}: {call_of(g.message.kind)}"
    size = to_send_zip.size_of(sent.files)
    refusal = to_send_zip.why_not_zipped(sent.files)
    case_id = g.permohonan.public_id if g.permohonan is not None else ""
    if refusal is not None:
        return show_message(notice=refusal, status=409)
    if size >= LARGE and not has_place():
        return error_page(503, seconds=60, reason="Terlalu banyak berkas besar sedang diunduh.")
    db.session.rollback()  # a slow bucket must not hold a connection
    try:
        files, missing = to_send_zip.present(sent.files)
        pieces = to_send_zip.pieces(title, sent, files, missing)
        first = next(pieces)
    except (FileMissing, FileDamaged, StoreUnavailable) as error:
        logs.logger().error("zip of a row", request_id=g.get("request_id", ""), exc_info=error)
        abort(503)
    begin_write()
    if with_nik and case_id:
        outbox_answers.note_sight(g.actor, g.message, case_id)
    outbox_answers.note_download(g.actor, g.message, len(files))
    db.session.commit()
    db.session.remove()
    if size >= LARGE:
        request.environ[STREAMED] = True
    answer = Response(chain((first,), pieces), content_type="application/zip")
    answer.headers.update(
        {
            "Content-Disposition": f'attachment; filename="kiriman-{message_id}.zip"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }
    )
    return answer


def _jadwal() -> Any:
    payload = outbox_list.payload_of(g.message)
    return to_send.jadwal_of(g.message, payload) if payload is not None else None


def _done_already() -> ResponseReturnValue:
    """Pressed twice, or by two people: nothing is written a second time."""
    db.session.rollback()
    sentence = "Kiriman ini sudah selesai. Tidak ada yang dicatat dua kali."
    return redirect_after_post(answered_to("admin.message"), sentence, tone="wait")


def _changed(
    change: Callable[[], None],
    again: Callable[[str], ResponseReturnValue],
    form: AnswerForm | None = None,
    *,
    said: str = "",
    stay: bool = False,
) -> ResponseReturnValue:
    """After it the next row of the same kind, so that many are done one after the other; without one the list."""
    try:
        change()
    except DomainError as refusal:
        db.session.rollback()
        return again(form.put_by_its_field(refusal) if form is not None else str(refusal))
    following = None if stay else outbox_answers.next_of_kind(g.message)
    db.session.commit()
    if stay:
        return redirect_after_post(answered_to("admin.message"), said)
    if following is None:
        return redirect_after_post(
            answered_to("admin.queue"), said or "Tercatat sebagai sudah dikerjakan."
        )
    sentence = (said or "Tercatat sebagai sudah dikerjakan.") + " Ini yang berikutnya."
    url = answered_to("admin.message", message_id=following)
    return redirect_after_post(url, sentence)
