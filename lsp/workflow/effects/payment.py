"""Invoices: made, paid, lapsed, extended; the difference when the mode changes."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Invoice, Permohonan
from lsp.models.inforce import fee, setting
from lsp.models.numbers import take_number
from lsp.models.queue import add_mail
from lsp.vocabulary import InvoiceKind, InvoiceStatus, Mode
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import tell_asesi
from lsp.workflow.guards.payment import extension_until


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


def _announce(case: Permohonan, invoice: Invoice, *, extended: bool = False) -> None:
    amount = rupiah(invoice.amount)
    due = invoice.due_on.isoformat()
    tell_asesi(
        case, "invoice_issued", number=invoice.number, amount=amount, due=due, extended=extended
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
        invoice.status = InvoiceStatus.VOID


def other_mode(mode: Mode) -> Mode:
    return Mode.LURING if mode is Mode.DARING else Mode.DARING


def mode_difference(case: Permohonan) -> int:
    """What the other mode costs more than the present one, in whole rupiah; negative when it is cheaper."""
    jenjang, mode = case.skema_version.jenjang, case.mode
    now = fee(jenjang=jenjang, kind=case.kind, mode=mode) or 0
    then = fee(jenjang=jenjang, kind=case.kind, mode=other_mode(mode)) or 0
    return then - now


def change_mode(case: Permohonan, actor: Actor, note: str) -> None:
    """Switch between daring and luring; a dearer mode makes an invoice over the difference."""
    difference = mode_difference(case)
    case.mode, case.mode_agreed_at = other_mode(case.mode), None
    for row in dossier_of(case).invoices:
        # The difference of a change that is undone by this one.
        if row.kind is InvoiceKind.SELISIH and row.status is InvoiceStatus.OPEN:
            row.status = InvoiceStatus.VOID
    db.session.flush()
    tell_asesi(case, "mode_changed", mode=case.mode.label, differs=difference > 0)
    if difference > 0:
        _announce(case, new_invoice(case, InvoiceKind.SELISIH, difference))
