"""The invoice, how to pay it, and the proof of payment."""

from __future__ import annotations

from flask import g
from flask.typing import ResponseReturnValue

from lsp.errors import DomainError
from lsp.models import Document, Invoice, Permohonan
from lsp.models.inforce import payment_account
from lsp.permissions import writes_itself
from lsp.services import documents as files, payment
from lsp.services.documents import Received
from lsp.views.appeal_window import appeal_ends
from lsp.views.asesi.extension import about_extension
from lsp.views.asesi.shared import CASE, bp, onward, own
from lsp.views.asesi.uploads import reload_case, take_in
from lsp.views.html import panel, wants_fragment
from lsp.vocabulary import InvoiceKind, InvoiceStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.payment import outstanding


@bp.get(f"{CASE}/pembayaran", endpoint="payment")
@own
def show_payment(permohonan_id: str) -> ResponseReturnValue:
    return _payment_page()


@bp.post(f"{CASE}/pembayaran/bukti")
@own
@writes_itself
def upload_proof(permohonan_id: str) -> ResponseReturnValue:
    try:
        take_in(permohonan_id, _attach)
    except DomainError as refusal:
        reload_case(permohonan_id)
        return _payment_page(status=422, error=str(refusal))
    said = "Bukti bayar terkirim. Admin LSP memeriksanya."
    return _payment_page(said=said) if wants_fragment() else onward("payment", g.permohonan, said)


def _attach(permohonan: Permohonan, received: Received) -> Document:
    invoice = payment.open_invoice(permohonan)
    standing = _proof(permohonan, invoice)
    if standing is not None and standing.sha256 == received.rebuilt.sha256:
        raise files.UploadNotKept(
            "Bukti bayar yang sama sudah kami terima. Tunggu pemeriksaan admin."
        )
    document = files.attach(
        g.actor,
        permohonan,
        received,
        requirement=None,
        purpose="payment_proof",
        label=f"Bukti bayar {invoice.number}",
    )
    payment.give_proof(g.actor, permohonan, document)
    return document


def _proof(permohonan: Permohonan, invoice: Invoice | None) -> Document | None:
    if invoice is None or invoice.proof_document_id is None:
        return None
    rows = dossier_of(permohonan).documents
    return next((row for row in rows if row.id == invoice.proof_document_id), None)


def _gave_proof(permohonan: Permohonan, invoice: Invoice | None) -> bool:
    """Whether a proof came since this invoice was made; one of an earlier invoice says nothing about it."""
    return invoice is not None and any(
        row.purpose == "payment_proof" and row.created_at >= invoice.created_at
        for row in dossier_of(permohonan).documents
    )


def _about_extension(invoice: Invoice | None) -> str:
    lapsed = invoice is not None and invoice.status is InvoiceStatus.LAPSED
    return about_extension(g.permohonan) if lapsed else ""


def _ends(invoice: Invoice | None) -> str:
    again = invoice is not None and invoice.kind is InvoiceKind.REASESMEN
    return appeal_ends(g.permohonan) if again else ""


def _payment_page(*, status: int = 200, said: str = "", error: str = "") -> ResponseReturnValue:
    permohonan, dossier = g.permohonan, dossier_of(g.permohonan)
    invoice = dossier.open_invoice or (dossier.invoices[-1] if dossier.invoices else None)
    proof = _proof(permohonan, invoice)
    return panel(
        "asesi/payment.html",
        "asesi/_payment_panel.html",
        status=status,
        said=said,
        permohonan=permohonan,
        invoice=invoice,
        earlier=[row for row in dossier.invoices if row is not invoice],
        proof=proof,
        declined=proof is None
        and not (invoice and invoice.paid_amount)
        and _gave_proof(permohonan, dossier.open_invoice),
        open=dossier.open_invoice is not None,
        account=payment_account() if dossier.open_invoice else None,
        rest=outstanding(invoice) if invoice is not None else 0,
        ends=_ends(dossier.open_invoice),
        about_extension=_about_extension(invoice),
        error=error,
    )
