"""Pengaturan, biaya: a fee is asked about beside the old one before it holds, and taken back while unused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.administration import FeeForm
from lsp.permissions import access, writes
from lsp.services import fees, settings as rules
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.settings import settings_page
from lsp.views.filters import rupiah, tanggal
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import InvoiceKind, Mode, RequestKind


def one_fee(_actor: Actor, fee_id: int) -> Mapping[str, object] | None:
    """A fee as `g.fee`."""
    found = fees.one(fee_id)
    return {"fee": found} if found is not None else None


@bp.post("/pengaturan/biaya")
@access(roles=ADMIN)
@writes
def add_fee() -> ResponseReturnValue:
    """First the page that puts it beside the old one; written from there."""
    form = FeeForm()
    if not form.validate():
        return settings_page(form, status=422)
    day = form.effective_from.data or clock.today_wib()
    amount, which = form.amount.data or 0, _combination(form)
    try:
        if form.sure.data != "ya":
            rules.check_fee(**which, effective_from=day)
            return _confirm_fee(form, fees.compare(amount, **which, on=day))
        rules.add_fee(g.actor, **which, amount=amount, effective_from=day)
    except DomainError as refusal:
        db.session.rollback()
        form.put_by_its_field(refusal)
        return settings_page(form, status=422)
    db.session.commit()
    return redirect_after_post(url_for("admin.settings") + "#biaya", "Biaya dicatat.")


def _combination(form: FeeForm) -> dict[str, Any]:
    """What there is one fee a day for."""
    kind, mode = RequestKind(form.kind.data), Mode(form.mode.data)
    return {
        "purpose": InvoiceKind(form.purpose.data),
        "jenjang": form.jenjang.data or 0,
        "kind": kind,
        "mode": mode,
    }


def _confirm_fee(form: FeeForm, compared: fees.Comparison) -> ResponseReturnValue:
    amount, day = form.amount.data or 0, form.effective_from.data or clock.today_wib()
    typed: dict[str, Any] = {
        name: str(form[name].data) for name in ("purpose", "jenjang", "kind", "mode", "amount")
    }
    typed["effective_from"] = day.isoformat()
    return page(
        "confirm.html",
        title=f"Catat biaya {rupiah(amount)}?",
        happens=[
            f"{_words(**_combination(form))}: {rupiah(amount)}, mulai {tanggal(day)}.",
            _old(compared),
            "Tagihan yang dikirim sejak hari itu memakai biaya ini. Tagihan yang sudah dikirim tidak berubah.",
            "Salah catat? Selama belum dipakai tagihan, biaya ini dapat dibatalkan.",
        ],
        action=url_for("admin.add_fee"),
        label="Ya, catat biaya ini",
        back_url=url_for("admin.settings", _anchor="biaya-baru", **typed),
        back_label="Salah ketik, kembali",
        hidden=typed | {"sure": "ya"},
        notice_text=_doubt(amount, compared),
    )


def _words(*, purpose: InvoiceKind, jenjang: int, kind: RequestKind, mode: Mode) -> str:
    return f"{purpose.label}, jenjang {jenjang}, {kind.label.lower()}, {mode.label.lower()}"


def _old(compared: fees.Comparison) -> str:
    if compared.old is None:
        return "Sampai sekarang belum ada biaya untuk pilihan ini."
    since = tanggal(compared.old.effective_from)
    return f"Menggantikan {rupiah(compared.old.amount)}, yang berlaku sejak {since}."


def _doubt(amount: int, compared: fees.Comparison) -> str:
    if not compared.is_far or compared.nearest is None:
        return ""
    side = "di bawah" if amount < compared.nearest else "di atas"
    other = "biaya yang lama" if compared.old is not None else "biaya lain yang terdekat"
    return (
        f"{rupiah(amount)} jauh {side} {other}, {rupiah(compared.nearest)}. "
        "Periksa lagi angka nolnya. Bila memang begitu, lanjutkan."
    )


@bp.get("/pengaturan/biaya/<int(max=999999999):fee_id>/batal")
@access(roles=ADMIN, load=one_fee)
def ask_take_back_fee(fee_id: int) -> ResponseReturnValue:
    return _confirm_take_back()


@bp.post("/pengaturan/biaya/<int(max=999999999):fee_id>/batal")
@access(roles=ADMIN, load=one_fee)
@writes
def take_back_fee(fee_id: int) -> ResponseReturnValue:
    try:
        fees.take_back(g.actor, g.fee)
    except DomainError as refusal:
        db.session.rollback()
        return _confirm_take_back(notice=str(refusal), status=409)
    db.session.commit()
    return redirect_after_post(url_for("admin.settings") + "#biaya", "Biaya dibatalkan.")


def _confirm_take_back(*, notice: str = "", status: int = 200) -> ResponseReturnValue:
    row = g.fee
    which: dict[str, Any] = {
        name: getattr(row, name) for name in ("purpose", "jenjang", "kind", "mode")
    }
    what = _words(**which)
    day = max(row.effective_from, clock.today_wib())
    left = fees.before(**which, on=day, but=row)
    return page(
        "confirm.html",
        status=status,
        title=f"Batalkan biaya {rupiah(row.amount)}?",
        happens=[
            f"{what}, berlaku mulai {tanggal(row.effective_from)}. Belum ada tagihan yang memakainya.",
            f"Yang berlaku kembali {rupiah(left.amount)}, sejak {tanggal(left.effective_from)}."
            if left is not None
            else _nothing_left(row.purpose),
            "Pembatalan ini dan nama Anda masuk rantai audit.",
        ],
        action=url_for("admin.take_back_fee", fee_id=row.id),
        label="Batalkan biaya ini",
        tone="bad",
        back_url=url_for("admin.settings") + "#biaya",
        back_label="Tidak jadi, kembali",
        notice_text=notice,
    )


def _nothing_left(purpose: InvoiceKind) -> str:
    if purpose is InvoiceKind.REASESMEN:
        return "Sesudah itu tidak ada biaya untuk pilihan ini. Admin mengetiknya sendiri di tiap tagihan."
    return "Sesudah itu tidak ada biaya untuk pilihan ini, dan tagihannya belum dapat dikirim."
