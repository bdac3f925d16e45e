"""Money that came in: the amount the admin saw on the account, then the workflow's own step."""

from __future__ import annotations

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError, StaleCase
from lsp.forms.administration import ProofForm, ReassessmentForm, ReceiptForm
from lsp.models import Invoice
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import payment, reassessment
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.checklist import refused
from lsp.views.admin.desk import ADMIN_DESK
from lsp.views.admin.list_filter import ListFilter
from lsp.views.admin.work import show_case
from lsp.views.appeal_window import appeal_ends
from lsp.views.filters import rupiah, tanggal
from lsp.views.html import page, reason_field, redirect_after_post
from lsp.vocabulary import InvoiceKind
from lsp.workflow.permohonan import PERMOHONAN


@bp.post("/permohonan/<permohonan_id>/terima-uang")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def receive_money(permohonan_id: str) -> ResponseReturnValue:
    """Note what came in. An amount that is not the invoice's is asked about once; less of it asks for the rest."""
    form = ReceiptForm()
    if not form.validate():
        return refused(form, "receipt_form")
    amount = form.amount.data or 0
    try:
        if form.version.data != g.permohonan.version:
            raise StaleCase
        invoice = payment.open_invoice(g.permohonan)
        if amount != invoice.amount and not form.sure.data:
            return _confirm_amount(form, invoice)
        said = _receive(amount, form.reason.data or "")
    except DomainError as refusal:
        return refused(form, "receipt_form", notice=str(refusal), status=409)
    db.session.commit()
    return redirect_after_post(_case_url(form.dari.data or ""), said)


def _receive(amount: int, reason: str) -> str:
    """Returns what to tell the admin."""
    invoice = payment.open_invoice(g.permohonan)
    payment.note_receipt(g.actor, g.permohonan, amount=amount, reason=reason)
    step = "note_part_payment" if amount < invoice.amount else "confirm_payment"
    PERMOHONAN.perform(g.permohonan, step, g.actor, version=g.permohonan.version)
    if step == "confirm_payment":
        return "Pembayaran dikonfirmasi lunas."
    until = tanggal(invoice.due_on)
    return f"Tercatat {rupiah(amount)}. Asesi diminta melunasi kekurangannya paling lambat {until}."


def _confirm_amount(form: ReceiptForm, invoice: Invoice) -> ResponseReturnValue:
    """The amount is not that of the invoice: a mistyped digit, or truly less or more."""
    amount, dari = form.amount.data or 0, form.dari.data or ""
    short = invoice.amount - amount
    what = (
        [
            f"Kurang {rupiah(short)}. Permohonan tetap menunggu pembayaran, dan tidak hangus selama uang ini tercatat.",
            "Asesi menerima e-mail berisi jumlah yang sudah diterima dan kekurangannya.",
            "Bila sisanya masuk, catat lagi jumlah seluruhnya.",
        ]
        if short > 0
        else [
            f"Lebih {rupiah(-short)}. Tagihan ini menjadi lunas.",
            "Kelebihannya tercatat di kuitansi dan disebut di e-mail kepada asesi.",
            "Uangnya Anda kembalikan sendiri ke asesi, di luar portal ini.",
        ]
    )
    return page(
        "confirm.html",
        title=f"Uang masuk {rupiah(amount)}, tagihan {rupiah(invoice.amount)}?",
        happens=[f"{g.permohonan.asesi_name}, tagihan {invoice.number}.", *what],
        action=url_for("admin.receive_money", permohonan_id=g.permohonan.public_id),
        label="Catat pembayaran kurang" if short > 0 else "Konfirmasi lunas",
        back_url=_case_url(dari),
        back_label="Salah ketik, kembali",
        version=g.permohonan.version,
        hidden={"amount": amount, "reason": form.reason.data or "", "dari": dari, "sure": "ya"},
    )


@bp.get("/permohonan/<permohonan_id>/bukti-ditolak")
@access(roles=ADMIN, load=visible_permohonan)
def ask_decline_proof(permohonan_id: str) -> ResponseReturnValue:
    dari = request.args.get("dari", "")
    if not payment.has_proof(g.permohonan):
        return redirect_after_post(_case_url(dari), "Tidak ada bukti bayar lagi.", tone="wait")
    return _confirm_decline(ProofForm(formdata=None), dari)


@bp.post("/permohonan/<permohonan_id>/bukti-ditolak")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def decline_proof(permohonan_id: str) -> ResponseReturnValue:
    """The proof does not show the payment; the asesi may send another one until the due date."""
    form = ProofForm()
    dari = form.dari.data or ""
    try:
        valid = form.validate()
        if form.version.data != g.permohonan.version:
            raise StaleCase
        if not valid:
            return _confirm_decline(form, dari, status=422)
        payment.decline_proof(g.actor, g.permohonan, reason=form.note.data or "")
        until = tanggal(payment.open_invoice(g.permohonan).due_on)
    except DomainError as refusal:
        db.session.rollback()
        return show_case(ADMIN_DESK, dari=dari, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(
        _case_url(dari),
        f"Bukti bayar dilepas dari tagihan. Asesi menerima alasan Anda dan dapat mengunggah yang lain sampai {until}.",
    )


def _confirm_decline(form: ProofForm, dari: str, *, status: int = 200) -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title="Lepas bukti bayar ini?",
        happens=[
            f"{g.permohonan.asesi_name}, {g.permohonan.id_izin}.",
            "Bukti dilepas dari tagihan. Bila batas waktunya hampir habis, asesi mendapat beberapa hari lagi.",
            "Asesi membaca alasan Anda di e-mail dan dapat mengunggah bukti lain.",
        ],
        action=url_for("admin.decline_proof", permohonan_id=g.permohonan.public_id),
        label="Lepas bukti bayar",
        tone="bad",
        back_url=_case_url(dari),
        version=g.permohonan.version,
        hidden={"dari": dari} if dari else {},
        reason_field=reason_field(
            form, hint="Misalnya: jumlahnya tidak terbaca, atau tujuan transfernya rekening lain."
        ),
    )


def _case_url(dari: str) -> str:
    packed = ListFilter.unpack(dari).packed
    return url_for("admin.permohonan", permohonan_id=g.permohonan.public_id, dari=packed or None)


# --- Asesmen ulang --------------------------------------------------------------------------------------------------


@bp.get("/permohonan/<permohonan_id>/asesmen-ulang")
@access(roles=ADMIN, load=visible_permohonan)
def reassessment_invoice(permohonan_id: str) -> ResponseReturnValue:
    standing = reassessment.fee_of(g.permohonan)
    return _reassessment_page(ReassessmentForm(formdata=None, amount=standing))


@bp.post("/permohonan/<permohonan_id>/asesmen-ulang")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def make_reassessment_invoice(permohonan_id: str) -> ResponseReturnValue:
    form = ReassessmentForm()
    if not form.validate():
        return _reassessment_page(form, status=422)
    try:
        invoice = reassessment.make_invoice(
            g.actor,
            g.permohonan,
            amount=form.amount.data or 0,
            version=form.version.data or 0,
            reason=form.reason.data or "",
        )
    except DomainError as refusal:
        db.session.rollback()
        unplaced = form.put_by_its_field(refusal)
        return _reassessment_page(form, status=409 if unplaced else 422, notice=unplaced)
    said = f"Tagihan {invoice.number} terkirim." if invoice.amount else "Asesmen ulang tanpa biaya."
    db.session.commit()
    return redirect_after_post(_case_url(""), said)


def _reassessment_page(
    form: ReassessmentForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    return page(
        "admin/reassessment.html",
        status=status,
        permohonan=g.permohonan,
        form=form,
        refusal=reassessment.invoice_refusal(g.actor, g.permohonan),
        fee=reassessment.fee_of(g.permohonan),
        ends=appeal_ends(g.permohonan),
        fee_url=url_for(
            "admin.settings",
            purpose=InvoiceKind.REASESMEN.value,
            jenjang=g.permohonan.skema_version.jenjang,
            kind=g.permohonan.kind.value,
            mode=g.permohonan.mode.value,
            _anchor="biaya-baru",
        ),
        back_url=_case_url(""),
        notice_text=notice,
    )
