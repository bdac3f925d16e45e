"""Invoices: made, paid with their kuitansi, lapsed, extended; the difference when the mode changes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Invoice, PaymentReceipt, Permohonan
from lsp.models.inforce import current_lembaga, fee, setting
from lsp.models.numbers import take_number
from lsp.models.queue import add, add_mail, cancel_waiting
from lsp.papers.letterhead import letterhead_of
from lsp.vocabulary import Channel, InvoiceKind, InvoiceStatus
from lsp.vocabulary.money import rupiah
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import tell_asesi
from lsp.workflow.guards.payment import extension_until, fee_of_mode, other_mode

#: The job that settles an invoice over nothing (lsp/worker.py).
SETTLE_ZERO_JOB = "settle_zero_invoice"
_PURPOSES = {
    InvoiceKind.SERTIFIKASI: "Biaya sertifikasi",
    InvoiceKind.REASESMEN: "Biaya asesmen ulang",
    InvoiceKind.SELISIH: "Selisih biaya karena ganti cara asesmen",
}


def make_invoice(case: Permohonan, actor: Actor, note: str) -> None:
    """Amount from the fee in force, due after the configured days, a reminder before.

    One over nothing asks nobody to pay: the worker settles it at once, and that mail tells the asesi.
    """
    version = case.skema_version
    amount = fee(jenjang=version.jenjang, kind=case.kind, mode=case.mode) or 0
    invoice = new_invoice(case, InvoiceKind.SERTIFIKASI, amount)
    if amount:
        _announce(case, invoice)
    else:
        dedupe = f"{SETTLE_ZERO_JOB}:{invoice.public_id}"
        add(Channel.JOB, SETTLE_ZERO_JOB, dedupe=dedupe, payload={"permohonan": case.id})


def purpose_of(case: Permohonan, invoice: Invoice) -> str:
    """What an invoice and its kuitansi are for, as printed."""
    skema = case.skema_version
    return f"{_PURPOSES[invoice.kind]}, {skema.title} (jenjang {skema.jenjang}), ID Izin {case.id_izin}"


def new_invoice(case: Permohonan, kind: InvoiceKind, amount: int) -> Invoice:
    """An open invoice with its number and due date."""
    number = take_number("invoice", permohonan_id=case.id)
    invoice = Invoice(
        permohonan_id=case.id,
        kind=kind,
        number=number.text,
        amount=amount,
        status=InvoiceStatus.OPEN,
        due_on=next_due_day(),
    )
    db.session.add(invoice)
    db.session.flush()
    return invoice


def next_due_day() -> date:
    """Until when an invoice that is sent today may be paid."""
    return clock.today_wib() + timedelta(days=int(setting("invoice_days")))


def invoice_reassessment(
    case: Permohonan, actor: Actor, amount: int, *, appeal_until: date | None = None
) -> Invoice:
    """The invoice of one re-assessment; one over nothing is settled at once and announced to nobody.

    appeal_until: the last day of the banding that opening it takes from him, where he still has one.
    """
    invoice = new_invoice(case, InvoiceKind.REASESMEN, amount)
    if amount:
        _announce(case, invoice, appeal_until=appeal_until.isoformat() if appeal_until else "")
    else:
        invoice.status, invoice.paid_amount = InvoiceStatus.PAID, 0
        invoice.paid_at, invoice.confirmed_by_id = clock.now(), actor.id
    db.session.flush()
    return invoice


def _announce(
    case: Permohonan, invoice: Invoice, *, extended: bool = False, appeal_until: str = ""
) -> None:
    tell_asesi(
        case,
        "invoice_issued",
        number=invoice.number,
        amount=rupiah(invoice.amount),
        due=invoice.due_on.isoformat(),
        extended=extended,
        what=invoice.kind.label.lower(),
        appeal_until=appeal_until,
    )
    remind(case, invoice)


def remind(case: Permohonan, invoice: Invoice) -> None:
    """A mail before the due date over what is still to pay; none when its hour has passed already."""
    days_left = int(setting("invoice_days")) - int(setting("invoice_reminder_day"))
    day = invoice.due_on - timedelta(days=max(days_left, 0))
    rest, run_at = outstanding(invoice), datetime.combine(day, time(9), clock.WIB)
    if run_at <= clock.now():
        return
    add_mail(
        case.asesi,
        "invoice_reminder",
        # Not of sum and date: one that was taken back since would keep the same rest from being reminded of again.
        dedupe=f"{invoice.public_id}:{case.version}",
        permohonan_id=case.id,
        run_at=run_at,
        number=invoice.number,
        amount=rupiah(rest),
        due=invoice.due_on.isoformat(),
        what=invoice.kind.label.lower(),
        skema=case.skema_version.title,
    )


def outstanding(invoice: Invoice) -> int:
    """What is still to come in, in whole rupiah."""
    return max(invoice.amount - (invoice.paid_amount or 0), 0)


def ask_for_rest(case: Permohonan, actor: Actor, note: str) -> None:
    """What came in does not cover the invoice: the asesi is told what lacks, and has days to send it.

    The proof was looked at and says no more; it stays among the files, and the next one can be sent.
    """
    invoice = dossier_of(case).open_invoice
    if invoice is None:
        return
    invoice.proof_document_id, invoice.due_on = None, due_with_more_days(invoice)
    cancel_waiting(case.id, "invoice_reminder")
    remind(case, invoice)
    tell_asesi(
        case,
        "payment_short",
        number=invoice.number,
        amount=rupiah(invoice.amount),
        received=rupiah(invoice.paid_amount or 0),
        rest=rupiah(outstanding(invoice)),
        due=invoice.due_on.isoformat(),
    )
    db.session.flush()


def due_with_more_days(invoice: Invoice) -> date:
    """The due date where the asesi is asked for another proof: some days from now, never sooner than it was."""
    days = timedelta(days=int(setting("another_proof_days")))
    return max(invoice.due_on, clock.today_wib() + days)


def mark_paid(case: Permohonan, actor: Actor, note: str) -> None:
    invoice = dossier_of(case).open_invoice
    if invoice is None:
        return
    if invoice.paid_amount is None:
        invoice.paid_amount = invoice.amount
    invoice.paid_at, invoice.confirmed_by_id = clock.now(), actor.id
    invoice.status = InvoiceStatus.PAID
    db.session.flush()
    receipt = _issue_receipt(case, invoice, actor) if invoice.amount else None
    tell_asesi(
        case,
        "payment_confirmed",
        number=invoice.number,
        amount=rupiah(invoice.amount) if invoice.amount else "",
        receipt=receipt.number if receipt else "",
        overpaid=rupiah(receipt.overpaid) if receipt and receipt.overpaid else "",
        what=invoice.kind.label.lower(),
    )


def _issue_receipt(case: Permohonan, invoice: Invoice, actor: Actor) -> PaymentReceipt:
    """The kuitansi of a paid invoice, with the names of this day. Its PDF is made when somebody asks for it."""
    try:
        lembaga = current_lembaga()
    except LookupError:
        lembaga = None
    head = letterhead_of(lembaga)
    receipt = PaymentReceipt(
        number=take_number("receipt", permohonan_id=case.id).text,
        issued_at=invoice.paid_at,
        amount=invoice.amount,
        received=max(invoice.paid_amount or 0, invoice.amount),
        received_from=case.asesi_name,
        purpose=purpose_of(case, invoice),
        confirmed_by=actor.name or "Admin LSP",
        lembaga_name=head.name,
        lembaga_address=head.address,
        lembaga_contact=head.contact,
        city=lembaga.city if lembaga else "",
        is_sample=head.is_sample,
    )
    invoice.receipt = receipt
    db.session.flush()
    return receipt


def mark_lapsed(case: Permohonan, actor: Actor, note: str) -> None:
    invoice = dossier_of(case).open_invoice
    if invoice is not None:
        invoice.status = InvoiceStatus.LAPSED
        until = extension_until(case)
        tell_asesi(
            case,
            "invoice_lapsed",
            number=invoice.number,
            extended=invoice.extended,
            until=until.isoformat() if until else "",
        )


def extend_invoice(case: Permohonan, actor: Actor, note: str) -> None:
    """The same invoice with a new due date, once."""
    invoice = dossier_of(case).invoices[-1]
    invoice.status, invoice.extended = InvoiceStatus.OPEN, True
    invoice.due_on = next_due_day()
    db.session.flush()
    _announce(case, invoice, extended=True)


def void_open_invoice(case: Permohonan, actor: Actor, note: str) -> None:
    invoice = dossier_of(case).open_invoice
    if invoice is not None:
        _void(invoice)
        db.session.flush()


def void_unpaid_reassessment(case: Permohonan, actor: Actor, note: str) -> None:
    """A banding has the decision taken anew, and the bill for an asesmen ulang was of the decision before.

    One with a proof or a part of the money stays open: voided, nobody would look at what came.
    """
    for row in dossier_of(case).invoices:
        is_open = row.kind is InvoiceKind.REASESMEN and row.status is InvoiceStatus.OPEN
        if is_open and row.proof_document_id is None and not row.paid_amount:
            _void(row)
    db.session.flush()


def _void(invoice: Invoice) -> None:
    invoice.status = InvoiceStatus.VOID
    cancel_waiting(invoice.permohonan_id, "invoice_reminder")


def mode_difference(case: Permohonan) -> int:
    """What the other mode costs beyond what was paid, in whole rupiah; negative when it is cheaper."""
    paid = sum(
        row.amount
        for row in dossier_of(case).invoices
        if row.kind is not InvoiceKind.REASESMEN and row.status is InvoiceStatus.PAID
    )
    return (fee_of_mode(case, other_mode(case)) or 0) - paid


def change_mode(case: Permohonan, actor: Actor, note: str) -> None:
    """Switch between daring and luring; what the new mode costs beyond what was paid becomes an invoice.

    A cheaper mode gives nothing back by itself: what the LSP returns, it returns outside the portal.
    """
    difference = mode_difference(case)
    case.mode, case.mode_agreed_at, case.refuses_recording = other_mode(case), None, False
    for row in dossier_of(case).invoices:
        if row.kind is InvoiceKind.SELISIH and row.status is InvoiceStatus.OPEN:
            # The difference of a change that is undone by this one.
            _void(row)
    db.session.flush()
    tell_asesi(case, "mode_changed", mode=case.mode.label, differs=difference > 0)
    if difference > 0:
        _announce(case, new_invoice(case, InvoiceKind.SELISIH, difference))
