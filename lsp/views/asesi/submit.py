"""Two weighty steps on pages of their own: sending the permohonan, and withdrawing from it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import NotAllowed
from lsp.forms.base import ActionForm
from lsp.models import Permohonan
from lsp.models.inforce import fee
from lsp.permissions import writes
from lsp.services import claimed_rule
from lsp.services.apl01 import doubts
from lsp.views.asesi.shared import CASE, address, bp, onward, own, step_closed, take_step
from lsp.views.asesi.tasks import Task, task_kinds, tasks_of
from lsp.views.filters import rupiah
from lsp.views.html import page, reason_field
from lsp.vocabulary import InvoiceStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.machine import Choice
from lsp.workflow.permohonan import PERMOHONAN

SENT = "Permohonan terkirim. Admin LSP memeriksanya dan memberi kabar lewat e-mail."
WITHDRAWN_NO_MORE = (
    "Mengundurkan diri tidak dapat dilakukan lagi pada tahap ini. "
    "Hubungi admin LSP bila ada yang ingin dibicarakan."
)


@bp.get(f"{CASE}/kirim", endpoint="submit")
@own
def show_submit(permohonan_id: str) -> ResponseReturnValue:
    return _submit_page()


@bp.post(f"{CASE}/kirim")
@own
@writes
def send_permohonan(permohonan_id: str) -> ResponseReturnValue:
    return take_step(
        lambda version: PERMOHONAN.perform(g.permohonan, "submit", g.actor, version=version),
        again=_submit_page,
        to="permohonan",
        said=SENT,
    )


def _submit_page(*, status: int = 200, notice_text: str = "") -> ResponseReturnValue:
    choice = PERMOHONAN.choice(g.permohonan, g.actor, "submit")
    return page(
        "asesi/submit.html",
        status=status,
        permohonan=g.permohonan,
        choice=choice,
        tasks=_tasks(choice),
        doubts=_doubts(g.permohonan) if choice is not None else (),
        about_fee=_fee_to_come(g.permohonan) if choice is not None else "",
        notice_text=notice_text,
    )


@dataclass(frozen=True, slots=True)
class Doubt:
    """What looks odd, and the section of FR.APL.01 where it is looked at. It does not stand against sending."""

    sentence: str
    section: str
    where: str


def _doubts(permohonan: Permohonan) -> list[Doubt]:
    found = [Doubt(each.sentence, "pribadi", "data pribadi") for each in doubts(permohonan)]
    about_rule = claimed_rule.doubt(permohonan)
    return (
        [*found, Doubt(about_rule, "sertifikasi", "syarat yang dipilih")] if about_rule else found
    )


def _fee_to_come(permohonan: Permohonan) -> str:
    """What it will cost by today's fees, before anything binds; that none is set is said here, not after sending."""
    amount = fee(
        jenjang=permohonan.skema_version.jenjang, kind=permohonan.kind, mode=permohonan.mode
    )
    if amount is None:
        return (
            "Biaya untuk pilihan ini belum ditetapkan LSP, jadi tanyakan dulu kepada admin. "
            "Anda tidak membayar sebelum menerima tagihan."
        )
    if amount == 0:
        return "Permohonan ini tanpa biaya."
    return f"Belum ada yang dibayar. Tagihan {rupiah(amount)} (tarif hari ini) dikirim sesudah berkas Anda lengkap."


def _tasks(choice: Choice[Permohonan] | None) -> list[Task]:
    """What is done and what lacks. Where nothing stands against sending, all is done: no need to ask again."""
    if choice is None:
        return []
    if choice.possible:
        return [Task(kind, None) for kind in task_kinds(g.permohonan)]
    return tasks_of(g.permohonan, g.actor)


@bp.get(f"{CASE}/mundur", endpoint="withdraw")
@own
def show_withdraw(permohonan_id: str) -> ResponseReturnValue:
    return _withdraw_page()


@bp.post(f"{CASE}/mundur")
@own
@writes
def withdraw_permohonan(permohonan_id: str) -> ResponseReturnValue:
    form = ActionForm()
    if not form.validate():
        return _withdraw_page(form, status=422)
    try:
        PERMOHONAN.perform(
            g.permohonan,
            "withdraw",
            g.actor,
            version=form.version.data or 0,
            note=form.note.data or "",
        )
    except NotAllowed as refusal:
        db.session.rollback()
        return _withdraw_page(form, status=409, notice_text=str(refusal))
    db.session.commit()
    return onward("permohonan", g.permohonan, "Anda sudah mengundurkan diri dari permohonan ini.")


def _withdraw_page(
    form: ActionForm | None = None, *, status: int = 200, notice_text: str = ""
) -> ResponseReturnValue:
    if PERMOHONAN.choice(g.permohonan, g.actor, "withdraw") is None:
        return step_closed("Mengundurkan diri", WITHDRAWN_NO_MORE, status=status)
    note_error = str(form.note.errors[0]) if form is not None and form.note.errors else ""
    return page(
        "confirm.html",
        status=status,
        title="Mengundurkan diri",
        happens=_what_happens(g.permohonan),
        action=address("withdraw_permohonan", g.permohonan),
        label="Ya, saya mengundurkan diri",
        tone="bad",
        back_url=address("permohonan", g.permohonan),
        version=g.permohonan.version,
        notice_text=notice_text
        or (form.first_error() if form is not None and not note_error else ""),
        reason_field=reason_field(
            form, hint="Membantu kami memperbaiki layanan.", label="Alasan Anda", required=False
        ),
    )


def _what_happens(permohonan: Permohonan) -> list[str]:
    """What ends, what becomes of the fee, what stays."""
    return [
        f"Permohonan {permohonan.skema_version.title} ditutup dan tidak dapat dibuka lagi. "
        "ID Izin ini tidak dapat dipakai lagi bila sudah pernah dikirim.",
        _about_the_fee(permohonan),
        "Kursi di jadwal, bila ada, diberikan kepada orang lain.",
        "Isian dan berkas Anda tetap tersimpan selama wajib disimpan, dan tetap dapat Anda lihat.",
    ]


def _about_the_fee(permohonan: Permohonan) -> str:
    invoices = dossier_of(permohonan).invoices
    paid = sum(row.amount for row in invoices if row.status is InvoiceStatus.PAID)
    if paid:
        return (
            f"Biaya {rupiah(paid)} yang sudah lunas tidak kembali dengan sendirinya. Sebelum mundur, "
            "tanyakan kepada admin LSP apakah sebagian dapat dikembalikan."
        )
    waiting = [row for row in invoices if row.status is InvoiceStatus.OPEN]
    if waiting and waiting[-1].paid_amount:
        return (
            f"Tagihan dibatalkan. {rupiah(waiting[-1].paid_amount)} sudah masuk: sebelum mundur, tanyakan kepada "
            "admin LSP tentang pengembaliannya."
        )
    if waiting and waiting[-1].proof_document_id is not None:
        return "Tagihan dibatalkan. Anda sudah mengirim bukti bayar: hubungi admin LSP tentang pengembaliannya."
    if waiting:
        return f"Tagihan {rupiah(waiting[-1].amount)} dibatalkan. Anda tidak perlu membayar."
    return "Belum ada biaya yang Anda bayar, jadi tidak ada yang perlu dikembalikan."
