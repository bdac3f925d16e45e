"""What the asesi may do about “belum kompeten”: contest the decision, or take it and close the permohonan."""

from __future__ import annotations

from flask import g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.base import ActionForm
from lsp.models import Permohonan
from lsp.models.inforce import setting
from lsp.permissions import writes
from lsp.services import appeals, results
from lsp.views.asesi.shared import CASE, address, bp, onward, own
from lsp.views.filters import tanggal
from lsp.views.html import page, reason_field
from lsp.workflow.guards.decision import appeal_answer_until, appeal_until
from lsp.workflow.machine import Choice
from lsp.workflow.permohonan import PERMOHONAN

APPEAL, ACCEPT = "Ajukan banding", "Terima hasil dan tutup permohonan"
NOT_NOW = "Langkah ini tidak ada pada tahap permohonan Anda sekarang."


@bp.get(f"{CASE}/banding", endpoint="appeal")
@own
def show_appeal(permohonan_id: str) -> ResponseReturnValue:
    return _appeal_page()


@bp.post(f"{CASE}/banding")
@own
@writes
def file_appeal(permohonan_id: str) -> ResponseReturnValue:
    form = ActionForm()
    if not _is_filled(form):
        return _appeal_page(form, status=422)
    try:
        appeals.file(
            g.actor, g.permohonan, reason=form.note.data or "", version=form.version.data or 0
        )
    except DomainError as refusal:
        db.session.rollback()
        return _appeal_page(form, status=409, notice_text=str(refusal))
    db.session.commit()
    until = tanggal(appeal_answer_until(g.permohonan))
    said = f"Banding Anda sudah kami terima. Kami menjawab paling lambat {until}."
    return onward("result", g.permohonan, said)


def _is_filled(form: ActionForm) -> bool:
    """Whether version and a reason of the length that the table asks came along."""
    valid = bool(form.validate())
    choice = PERMOHONAN.choice(g.permohonan, g.actor, "appeal")
    least = choice.asks_note if choice is not None else 0
    if len(form.note.data or "") < least:
        form.note.errors = [f"Tulis alasan Anda sedikitnya {least} huruf, supaya panel mengerti."]
        valid = False
    return valid


def _appeal_page(
    form: ActionForm | None = None, *, status: int = 200, notice_text: str = ""
) -> ResponseReturnValue:
    choice = PERMOHONAN.choice(g.permohonan, g.actor, "appeal")
    if results.is_unread(g.permohonan) or choice is None or not choice.possible:
        return _closed(APPEAL, choice, status, kept=form.note.data if form is not None else "")
    error = str(form.note.errors[0]) if form is not None and form.note.errors else ""
    return page(
        "confirm.html",
        status=status,
        title=APPEAL,
        happens=_what_happens(g.permohonan),
        action=address("file_appeal", g.permohonan),
        label="Kirim banding",
        back_url=address("result", g.permohonan),
        version=g.permohonan.version,
        notice_text=notice_text or ("" if form is None or error else form.first_error()),
        reason_field=reason_field(
            form,
            hint=f"Sedikitnya {choice.asks_note} huruf. Sebutkan unit atau bagian asesmen yang Anda maksud.",
            label="Mengapa Anda tidak setuju?",
        ),
    )


def _what_happens(permohonan: Permohonan) -> list[str]:
    """Who judges, until when, what stays as it is."""
    last_day = appeal_until(permohonan)
    days = setting("appeal_answer_working_days")
    sentences = [
        "LSP membentuk panel dari orang yang tidak terlibat dalam asesmen dan penetapan Anda.",
        f"Panel memeriksa berkas dan rekaman. Kami menjawab paling lambat {days} hari kerja sejak banding terkirim.",
        "Hasilnya salah satu dari tiga: keputusan tetap, asesmen diulang tanpa biaya, atau penetapan diulang.",
        "Alasan Anda dibaca ketua LSP dan panel. Setelah terkirim, alasan itu tidak dapat diubah.",
        "Satu keputusan hanya dapat dibanding satu kali. Selama diperiksa, permohonan ini tidak ditutup.",
    ]
    if last_day is not None:
        sentences.insert(0, f"Banding dapat dikirim paling lambat {tanggal(last_day)}.")
    return sentences


@bp.get(f"{CASE}/terima-hasil", endpoint="accept_result")
@own
def show_accept(permohonan_id: str) -> ResponseReturnValue:
    return _accept_page()


@bp.post(f"{CASE}/terima-hasil")
@own
@writes
def close_case(permohonan_id: str) -> ResponseReturnValue:
    form = ActionForm()
    if not form.validate():
        return _accept_page(status=422, notice_text=form.first_error())
    try:
        results.accept(g.actor, g.permohonan, version=form.version.data or 0)
    except DomainError as refusal:
        db.session.rollback()
        return _accept_page(status=409, notice_text=str(refusal))
    db.session.commit()
    return onward("permohonan", g.permohonan, "Anda menerima hasilnya. Permohonan ini ditutup.")


def _accept_page(*, status: int = 200, notice_text: str = "") -> ResponseReturnValue:
    choice = PERMOHONAN.choice(g.permohonan, g.actor, "close_not_yet")
    if results.is_unread(g.permohonan) or choice is None or not choice.possible:
        return _closed(ACCEPT, choice, status)
    return page(
        "confirm.html",
        status=status,
        title=ACCEPT,
        happens=[
            "Permohonan ini ditutup dengan hasil belum kompeten dan tidak dapat dibuka lagi.",
            "Banding dan asesmen ulang untuk permohonan ini tidak dapat diminta lagi.",
            "Hasilnya dilaporkan ke LPJK, seperti setiap hasil asesmen.",
            "Anda tetap dapat membaca hasil ini, dan dapat memulai permohonan baru dengan ID Izin baru.",
        ],
        action=address("close_case", g.permohonan),
        label="Ya, saya terima dan tutup",
        tone="bad",
        back_url=address("result", g.permohonan),
        version=g.permohonan.version,
        notice_text=notice_text,
    )


def _closed(
    title: str, choice: Choice[Permohonan] | None, status: int, *, kept: str | None = ""
) -> ResponseReturnValue:
    """Why not, and what was typed, which would be lost with the form."""
    if results.is_unread(g.permohonan):
        sentence = results.READ_FIRST
    else:
        sentence = (choice.reason if choice is not None else None) or NOT_NOW
    if kept:
        sentence += f" Yang tadi Anda tulis: “{kept}”"
    return page(
        "asesi/step_closed.html",
        status=status,
        permohonan=g.permohonan,
        title=title,
        sentence=sentence,
        back_url=address("result", g.permohonan),
        back_label="Lihat hasil",
    )
