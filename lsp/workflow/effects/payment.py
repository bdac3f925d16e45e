"""Invoices: made, paid, lapsed, extended; the difference when the mode changes."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Invoice, Permohonan
from lsp.models.inforce import fee, setting
from lsp.models.numbers import take_number
from lsp.models.queue import add_mail, cancel_waiting
from lsp.vocabulary import InvoiceKind, InvoiceStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import tell_asesi
from lsp.workflow.guards.payment import extension_until, fee_of_mode, other_mode


def make_invoice(case: Permohonan, actor: Actor, note: str) -> None:
    """Amount from the fee in force, due after the configured days, a reminder before."""
    version = case.skema_version
    amount = fee(jenjang=version.jenjang, kind=case.kind, mode=case.mode) or 0
    invoice = new_invoice(case, InvoiceKind.SERTIFIKASI, amount)
    _announce(case, invoice)


def new_invoice(case: Permohonan, kind: InvoiceKind, amount: int) -> Invoice:
    """An open invoice with its number and due date."""
    number = take_number("invoice", permohonan_id=case.id)
    invoice = Invoice(
        permohonan_id=case.id,
        kind=kind,
        number=number.text,
        amount=amount,
        status=InvoiceStatus.OPEN,
        due_on=clock.today_wib() + timedelta(days=int(setting("invoice_days"))),
    )
    db.session.add(invoice)
    db.session.flush()
    return invoice


def invoice_reassessment(case: Permohonan, actor: Actor, amount: int) -> Invoice:
    """The invoice of one re-assessment; one over nothing is settled at once and announced to nobody."""
    invoice = new_invoice(case, InvoiceKind.REASESMEN, amount)
    if amount:
        _announce(case, invoice)
    else:
        invoice.status, invoice.paid_amount = InvoiceStatus.PAID, 0
        invoice.paid_at, invoice.confirmed_by_id = clock.now(), actor.id
    db.session.flush()
    return invoice


def _announce(case: Permohonan, invoice: Invoice, *, extended: bool = False) -> None:
    amount = rupiah(invoice.amount)
    due = invoice.due_on.isoformat()
    what = invoice.kind.label.lower()
    tell_asesi(
        case,
        "invoice_issued",
        number=invoice.number,
        amount=amount,
        due=due,
        extended=extended,
        what=what,
    )
    days_left = int(setting("invoice_days")) - int(setting("invoice_reminder_day"))
    reminder = datetime.combine(invoice.due_on - timedelta(days=days_left), time(9), clock.WIB)
    add_mail(
        case.asesi,
        "invoice_reminder",
        dedupe=f"{invoice.public_id}:{due}",
        permohonan_id=case.id,
        run_at=reminder,
        number=invoice.number,
        amount=amount,
        due=due,
        what=what,
        skema=case.skema_version.title,
    )


def rupiah(amount: int) -> str:
    """Whole rupiah as people write it: Rp1.500.000."""
    return "Rp" + f"{amount:,}".replace(",", ".")


def mark_paid(case: Permohonan, actor: Actor, note: str) -> None:
    invoice = dossier_of(case).open_invoice
    if invoice is None:
        return
    invoice.paid_amount = invoice.amount
    invoice.paid_at, invoice.confirmed_by_id = clock.now(), actor.id
    invoice.status = InvoiceStatus.PAID
    tell_asesi(case, "payment_confirmed", number=invoice.number, amount=rupiah(invoice.amount))


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
    invoice.due_on = clock.today_wib() + timedelta(days=int(setting("invoice_days")))
    db.session.flush()
    _announce(case, invoice, extended=True)


def void_open_invoice(case: Permohonan, actor: Actor, note: str) -> None:
    invoice = dossier_of(case).open_invoice
    if invoice is not None:
        _void(invoice)
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
    case.mode, case.mode_agreed_at = other_mode(case), None
    for row in dossier_of(case).invoices:
        if row.kind is InvoiceKind.SELISIH and row.status is InvoiceStatus.OPEN:
            # The difference of a change that is undone by this one.
            _void(row)
    db.session.flush()
    tell_asesi(case, "mode_changed", mode=case.mode.label, differs=difference > 0)
    if difference > 0:
        _announce(case, new_invoice(case, InvoiceKind.SELISIH, difference))
