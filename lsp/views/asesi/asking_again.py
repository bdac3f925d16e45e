"""The asesi asks for an asesmen ulang, or takes that back: each on a page that says first what follows from it."""

from __future__ import annotations

from flask import g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Permohonan
from lsp.permissions import writes
from lsp.services import reassessment, results
from lsp.views.appeal_window import appeal_ends
from lsp.views.asesi.shared import CASE, address, bp, onward, own, step_closed, take_step
from lsp.views.filters import rupiah
from lsp.views.html import page

ASK, TAKE_BACK = "Ajukan asesmen ulang", "Tarik permintaan asesmen ulang"


@bp.get(f"{CASE}/hasil/asesmen-ulang", endpoint="reassessment")
@own
def show_ask(permohonan_id: str) -> ResponseReturnValue:
    return _ask_page()


@bp.post(f"{CASE}/hasil/asesmen-ulang")
@own
@writes
def ask_reassessment(permohonan_id: str) -> ResponseReturnValue:
    """The request alone; the admin makes the invoice and opens the attempt."""
    if results.is_unread(g.permohonan):
        return _ask_page(status=409)
    try:
        reassessment.ask(g.actor, g.permohonan)
    except DomainError as refusal:
        db.session.rollback()
        return _ask_page(status=409, notice_text=str(refusal))
    db.session.commit()
    said = "Permintaan asesmen ulang terkirim. Kami kabari lewat e-mail."
    return onward("result", g.permohonan, said)


@bp.get(f"{CASE}/hasil/asesmen-ulang/tarik", endpoint="no_reassessment")
@own
def show_take_back(permohonan_id: str) -> ResponseReturnValue:
    return _take_back_page()


@bp.post(f"{CASE}/hasil/asesmen-ulang/tarik")
@own
@writes
def take_back_reassessment(permohonan_id: str) -> ResponseReturnValue:
    if results.is_unread(g.permohonan):
        return _take_back_page(status=409)
    return take_step(
        lambda version: reassessment.take_back(g.actor, g.permohonan, version=version),
        again=_take_back_page,
        to="result",
        said="Permintaan asesmen ulang ditarik.",
    )


def _ask_page(*, status: int = 200, notice_text: str = "") -> ResponseReturnValue:
    permohonan = g.permohonan
    refused = (
        results.READ_FIRST
        if results.is_unread(permohonan)
        else reassessment.refusal(g.actor, permohonan)
    )
    if refused is None and reassessment.is_asked(permohonan):
        refused = "Permintaan asesmen ulang Anda sudah kami terima."
    if refused is not None:
        return step_closed(ASK, refused, back="result", status=status)
    return page(
        "confirm.html",
        status=status,
        title=f"{ASK}?",
        happens=_what_happens(permohonan),
        action=address("ask_reassessment", permohonan),
        label=ASK,
        back_url=address("result", permohonan),
        notice_text=notice_text,
    )


def _what_happens(permohonan: Permohonan) -> list[str]:
    ends = appeal_ends(permohonan)
    return [
        _cost(reassessment.fee_of(permohonan)),
        "Yang dinilai lagi hanya unit yang belum terpenuhi."
        if permohonan.skema_version.reassess_failed_units_only
        else "Semua unit dinilai lagi.",
        *([f"Sejak admin membukanya, {ends}"] if ends else []),
        "Selama belum dibuka dan belum dibayar, permintaan ini dapat Anda tarik.",
    ]


def _cost(fee: int | None) -> str:
    if fee is None:
        return "Admin LSP mengirim tagihannya bila ada biaya, lalu membuka asesmen ulangnya. Kami kabari lewat e-mail."
    if fee:
        return (
            f"Admin LSP mengirim tagihan {rupiah(fee)}. Setelah lunas, ia membuka asesmen ulangnya."
        )
    return "Tanpa biaya. Admin LSP membuka asesmen ulangnya, dan kami kabari lewat e-mail."


def _take_back_page(*, status: int = 200, notice_text: str = "") -> ResponseReturnValue:
    permohonan = g.permohonan
    refused = (
        results.READ_FIRST
        if results.is_unread(permohonan)
        else reassessment.take_back_refusal(permohonan)
    )
    if refused is not None:
        return step_closed(TAKE_BACK, refused, back="result", status=status)
    bill = reassessment.open_invoice(permohonan)
    late = reassessment.is_late(permohonan)
    return page(
        "confirm.html",
        status=status,
        title=f"{TAKE_BACK}?",
        happens=[
            *([f"Tagihan {bill.number} batal dan tidak perlu dibayar."] if bill else []),
            "Asesmen ulang tidak dibuka, dan admin LSP kami kabari.",
            "Waktunya sudah lewat, jadi asesmen ulang tidak dapat diminta lagi."
            if late
            else "Selama waktunya belum habis, Anda dapat memintanya lagi.",
        ],
        action=address("take_back_reassessment", permohonan),
        label="Tarik permintaan",
        tone="bad",
        back_url=address("result", permohonan),
        version=permohonan.version,
        notice_text=notice_text,
    )
