"""What the asesi may do about “belum kompeten”: contest the decision (FR.AK.04), or take it and close the permohonan.

What becomes of a banding after it was sent is on the same address, drawn by banding.py.
"""

from __future__ import annotations

from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.banding import FrAk04Form, SignedFrAk04Form
from lsp.models import Permohonan
from lsp.models.inforce import form_template, setting
from lsp.permissions import writes, writes_itself
from lsp.services import banding, results, signing
from lsp.views.asesi.banding import status_page
from lsp.views.asesi.shared import CASE, address, bp, onward, own, step_closed, take_step
from lsp.views.banding_words import head_of
from lsp.views.filters import tanggal
from lsp.views.html import page
from lsp.vocabulary import Form, Role
from lsp.workflow.guards.after_decision import appeal_answer_until, appeal_until
from lsp.workflow.machine import Choice
from lsp.workflow.permohonan import PERMOHONAN

APPEAL, ACCEPT = "Ajukan banding", "Terima hasil dan tutup permohonan"
NOT_NOW = "Langkah ini tidak ada pada tahap permohonan Anda sekarang."


@bp.get(f"{CASE}/banding", endpoint="appeal")
@own
def show_appeal(permohonan_id: str) -> ResponseReturnValue:
    """The form while the decision can be contested, else what became of the banding."""
    if not _open():
        found = None if results.is_unread(g.permohonan) else banding.newest_of(g.permohonan)
        return status_page(found) if found is not None else _closed(APPEAL, _choice(), 200)
    return _form_page(FrAk04Form(formdata=None))


@bp.post(f"{CASE}/banding/periksa")
@own
@writes_itself
def check_appeal(permohonan_id: str) -> ResponseReturnValue:
    """What was filled, read once more with what follows from it; nothing is stored yet."""
    form = SignedFrAk04Form()
    if not _open():
        return _closed(APPEAL, _choice(), 409, kept=form.note.data)
    if form.edit.data:
        return _form_page(form)
    return _check_page(form) if form.validate() else _form_page(form, status=422)


@bp.post(f"{CASE}/banding")
@own
@writes
def file_appeal(permohonan_id: str) -> ResponseReturnValue:
    form = SignedFrAk04Form()
    if not _open():
        return _closed(APPEAL, _choice(), 409, kept=form.note.data)
    if not form.validate():
        return _form_page(form, status=422)
    try:
        banding.file(
            g.actor,
            g.permohonan,
            answers=form.answers(),
            helper=form.helper.data or "",
            reason=form.note.data or "",
            typed_name=form.typed_name.data or "",
            version=form.version.data or 0,
        )
    except DomainError as refusal:
        db.session.rollback()
        return _check_page(form, status=409, notice_text=str(refusal))
    db.session.commit()
    until = tanggal(appeal_answer_until(g.permohonan))
    said = f"Banding Anda sudah kami terima. Kami menjawab paling lambat {until}."
    return onward("appeal", g.permohonan, said)


def _choice() -> Choice[Permohonan] | None:
    return PERMOHONAN.choice(g.permohonan, g.actor, "appeal")


def _open() -> bool:
    choice = _choice()
    return choice is not None and choice.possible and not results.is_unread(g.permohonan)


def _worded(form: FrAk04Form) -> dict[str, Any]:
    """The printed words of the form in force, on its fields."""
    words = form_template(Form.FR_AK_04.value).body
    for key, question in words["questions"]:
        form[key].label.text = question
    return {"form": form, "words": words, "head": head_of(g.permohonan)}


def _form_page(form: FrAk04Form, *, status: int = 200) -> ResponseReturnValue:
    choice, last_day = _choice(), appeal_until(g.permohonan)
    return page(
        "asesi/appeal.html",
        status=status,
        permohonan=g.permohonan,
        least=choice.asks_note if choice is not None else 0,
        until=tanggal(last_day) if last_day is not None else "",
        **_worded(form),
    )


def _check_page(
    form: SignedFrAk04Form, *, status: int = 200, notice_text: str = ""
) -> ResponseReturnValue:
    return page(
        "asesi/appeal_check.html",
        status=status,
        permohonan=g.permohonan,
        happens=_what_happens(),
        statement=signing.statement(g.permohonan, Form.FR_AK_04, Role.ASESI),
        notice_text=notice_text,
        **_worded(form),
    )


def _what_happens() -> list[str]:
    """Who judges, until when, what stays as it is."""
    days = setting("appeal_answer_working_days")
    return [
        "Admin LSP memeriksa kelengkapannya dan dapat meminta Anda melengkapi, satu kali.",
        "Ketua LSP menunjuk panel dari orang yang tidak terlibat dalam asesmen dan penetapan Anda.",
        f"Panel membaca berkas dan rekaman Anda. Kami menjawab paling lambat {days} hari kerja sejak banding terkirim.",
        "Hasilnya salah satu dari tiga: keputusan tetap, asesmen diulang tanpa biaya, atau penetapan diulang.",
        "Satu keputusan hanya dapat dibanding satu kali. Setelah terkirim, isinya tidak dapat diubah.",
        "Selama diperiksa, permohonan ini tidak ditutup dan berkasnya tidak dihapus. Anda dapat mencabut banding.",
    ]


@bp.get(f"{CASE}/terima-hasil", endpoint="accept_result")
@own
def show_accept(permohonan_id: str) -> ResponseReturnValue:
    return _accept_page()


@bp.post(f"{CASE}/terima-hasil")
@own
@writes
def close_case(permohonan_id: str) -> ResponseReturnValue:
    return take_step(
        lambda version: results.accept(g.actor, g.permohonan, version=version),
        again=_accept_page,
        to="permohonan",
        said="Anda menerima hasilnya. Permohonan ini ditutup.",
    )


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
    return step_closed(title, sentence, back="result", status=status)
