"""Pengaturan, rekening: to which account asesi transfer, by date. A change is asked about once more."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.money import AccountForm
from lsp.models.inforce import payment_account
from lsp.permissions import access, writes
from lsp.services import payment_accounts
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.filters import tanggal
from lsp.views.html import page, redirect_after_post


@bp.get("/pengaturan/rekening")
@access(roles=ADMIN)
def payment_accounts_page() -> ResponseReturnValue:
    return _page(AccountForm(formdata=None, effective_from=clock.today_wib()))


@bp.post("/pengaturan/rekening")
@access(roles=ADMIN)
@writes
def change_payment_account() -> ResponseReturnValue:
    form = AccountForm()
    if not form.validate():
        return _page(form, status=422)
    day = form.effective_from.data or clock.today_wib()
    try:
        payment_accounts.check_day(day)
        if form.sure.data != "ya":
            return _confirm(form)
        payment_accounts.change(
            g.actor,
            bank=form.bank.data or "",
            number=form.number.data or "",
            holder=form.holder.data or "",
            effective_from=day,
        )
    except DomainError as refusal:
        db.session.rollback()
        form.put_by_its_field(refusal)
        return _page(form, status=422)
    db.session.commit()
    return redirect_after_post(url_for("admin.payment_accounts_page"), "Rekening tujuan dicatat.")


def _confirm(form: AccountForm) -> ResponseReturnValue:
    day = form.effective_from.data
    return page(
        "confirm.html",
        title="Asesi membayar ke rekening ini?",
        happens=[
            f"{form.bank.data}, nomor {form.number.data}, atas nama {form.holder.data}.",
            f"Mulai {tanggal(day)}, semua tagihan yang belum dibayar menyebut rekening ini.",
            "Rekening lama tetap tercatat. Nama Anda dan nomor ini masuk rantai audit.",
        ],
        action=url_for("admin.change_payment_account"),
        label="Ya, pakai rekening ini",
        back_url=url_for("admin.payment_accounts_page"),
        hidden={
            "bank": form.bank.data,
            "number": form.number.data,
            "holder": form.holder.data,
            "effective_from": day.isoformat() if day else "",
            "sure": "ya",
        },
    )


def _page(form: AccountForm, *, status: int = 200) -> ResponseReturnValue:
    return page(
        "admin/payment_accounts.html",
        status=status,
        form=form,
        standing=payment_account(),
        versions=payment_accounts.versions(),
        before=payment_accounts.as_one_line_before(),
        today=clock.today_wib(),
    )
