"""Guards of invoices, lapsing, idling, withdrawing and changing the mode."""

from __future__ import annotations

from datetime import date, timedelta

from lsp import clock
from lsp.actor import Actor
from lsp.models import Permohonan
from lsp.models.inforce import fee, setting
from lsp.vocabulary import InvoiceKind, InvoiceStatus, Mode, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.idle import last_activity
from lsp.workflow.machine import NoteGiven


def fee_in_force(case: Permohonan, actor: Actor, note: str) -> str | None:
    version = case.skema_version
    if fee(jenjang=version.jenjang, kind=case.kind, mode=case.mode) is None:
        return (
            f"Belum ada biaya untuk jenjang {version.jenjang}, {case.kind.label}, {case.mode.label}. "
            "Isi dulu di Pengaturan."
        )
    return None


def amount_covers_invoice(case: Permohonan, actor: Actor, note: str) -> str | None:
    """What came in beyond the invoice stays noted on it and on its kuitansi; giving it back is not the portal's."""
    invoice = dossier_of(case).open_invoice
    if invoice is None:
        return "Tidak ada tagihan yang menunggu."
    if actor.has(Role.SYSTEM):
        return None if invoice.amount == 0 else "Tagihan ini tidak nol."
    if invoice.paid_amount is not None and invoice.paid_amount < invoice.amount:
        return "Jumlah yang diterima kurang dari tagihan."
    return None


def part_of_invoice_received(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Less than the invoice, and not nothing; what came in was noted on the invoice before the step."""
    invoice = dossier_of(case).open_invoice
    if invoice is None:
        return "Tidak ada tagihan yang menunggu."
    if not invoice.paid_amount:
        return "Belum ada uang masuk, jadi belum ada yang dicatat."
    if invoice.paid_amount >= invoice.amount:
        return "Uang yang masuk sudah menutup tagihan ini. Konfirmasi lunas."
    return None


def proof_or_reason(case: Permohonan, actor: Actor, note: str) -> str | None:
    invoice = dossier_of(case).open_invoice
    if actor.has(Role.SYSTEM) or invoice is None:
        return None
    if invoice.proof_document_id is None and not invoice.confirmation_reason.strip():
        return "Belum ada bukti bayar. Tunggu bukti dari asesi, atau tulis alasan konfirmasi."
    return None


def due_date_passed(case: Permohonan, actor: Actor, note: str) -> str | None:
    invoice = dossier_of(case).open_invoice
    if invoice is None or clock.today_wib() <= invoice.due_on:
        return "Batas bayar belum lewat."
    return None


def no_proof_waits(case: Permohonan, actor: Actor, note: str) -> str | None:
    invoice = dossier_of(case).open_invoice
    if invoice is not None and invoice.proof_document_id is not None:
        return "Bukti bayar menunggu diperiksa."
    return None


def nothing_received(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Who paid a part is not thrown out by a clock: the LSP holds his money and must speak with him."""
    invoice = dossier_of(case).open_invoice
    if invoice is not None and invoice.paid_amount:
        return "Sebagian uang sudah diterima. Selesaikan kekurangannya dengan asesi."
    return None


def extended_never_before(case: Permohonan, actor: Actor, note: str) -> str | None:
    if any(invoice.extended for invoice in dossier_of(case).invoices):
        return "Tagihan hanya dapat diperpanjang satu kali."
    return None


def extension_until(case: Permohonan) -> date | None:
    """Last day on which a lapsed invoice may be extended; None when none lapsed."""
    lapsed = [row for row in dossier_of(case).invoices if row.status is InvoiceStatus.LAPSED]
    if not lapsed:
        return None
    return lapsed[-1].due_on + timedelta(days=int(setting("invoice_extension_days")))


def lapsed_not_too_long_ago(case: Permohonan, actor: Actor, note: str) -> str | None:
    until = extension_until(case)
    if until is not None and clock.today_wib() > until:
        days = int(setting("invoice_extension_days"))
        return f"Sudah lebih dari {days} hari sejak tagihan hangus."
    return None


def change_agreed_by_asesi(case: Permohonan, actor: Actor, note: str) -> str | None:
    if case.mode_agreed_at is None:
        return "Asesi belum menyetujui perubahan cara asesmen. Ia menyetujuinya di halaman permohonannya."
    return None


def other_mode(case: Permohonan) -> Mode:
    """What `change_mode` changes to."""
    return Mode.LURING if case.mode is Mode.DARING else Mode.DARING


def fee_of_mode(case: Permohonan, mode: Mode) -> int | None:
    """What this mode costs by the prices of the day the case was invoiced; by today's where none was set then."""
    version = case.skema_version
    first = next(
        (row for row in dossier_of(case).invoices if row.kind is InvoiceKind.SERTIFIKASI), None
    )
    invoiced_on = first.created_at.astimezone(clock.WIB).date() if first is not None else None
    found = fee(jenjang=version.jenjang, kind=case.kind, mode=mode, on=invoiced_on)
    return found if found is not None else fee(jenjang=version.jenjang, kind=case.kind, mode=mode)


def fee_of_other_mode_set(case: Permohonan, actor: Actor, note: str) -> str | None:
    mode = other_mode(case)
    if fee_of_mode(case, mode) is None:
        return (
            f"Belum ada biaya untuk jenjang {case.skema_version.jenjang}, {case.kind.label}, {mode.label}. "
            "Isi dulu di Pengaturan."
        )
    return None


def difference_paid(case: Permohonan, actor: Actor, note: str) -> str | None:
    """No meeting in the new mode before its difference is confirmed as paid."""
    for invoice in dossier_of(case).invoices:
        if invoice.kind is InvoiceKind.SELISIH and invoice.status is InvoiceStatus.OPEN:
            if invoice.proof_document_id is not None:
                return f"Bukti bayar tagihan selisih {invoice.number} masih diperiksa admin."
            return (
                f"Tagihan selisih {invoice.number} belum lunas. Jadwal dapat dipesan setelah lunas."
            )
    return None


def idle_long_enough(case: Permohonan, actor: Actor, note: str) -> str | None:
    days = setting("idle_days").get(case.status.value)
    if days is None or clock.now() - last_activity(case) < timedelta(days=int(days)):
        return "Belum cukup lama tanpa kegiatan."
    return None


def idle_reminders_sent(case: Permohonan, actor: Actor, note: str) -> str | None:
    if case.idle_reminders < int(setting("idle_reminders")):
        return "Pengingat belum dikirim semua."
    return None


class NoteUnlessAsesi(NoteGiven):
    """An admin who ends a case for somebody says why; the asesi need not."""

    def __call__(self, case: Permohonan, actor: Actor, note: str) -> str | None:
        return None if actor.id == case.asesi_id else super().__call__(case, actor, note)
