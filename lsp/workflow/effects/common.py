"""Calls to SIKI as outbox rows, and notices to people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from lsp.actor import Actor
from lsp.database import db
from lsp.models import OutboxMessage, Permohonan, User, UserRole
from lsp.models.queue import add, add_mail, cancel_waiting
from lsp.vocabulary import Channel, Role
from lsp.workflow.machine import Effect, named

#: kd_status and the text SIKI expects with it (process 4.3).
SIKI_TEXT = {
    20: "Validasi",
    11: "Dokumen Tidak Lengkap",
    10: "Dokumen Lengkap",
    30: "Invoice Dikirimkan",
    31: "Konfirmasi Pembayaran",
    90: "Ditutup",
}
FIRST = 20


def send_siki(case: Permohonan, code: int, text: str = "") -> None:
    """Queue a status for SIKI; 20 goes out before any other, and only once."""
    if code == FIRST and _times_sent(case, FIRST):
        return
    if code != FIRST and not _times_sent(case, FIRST):
        send_siki(case, FIRST)
    add(
        Channel.SIKI,
        f"status {code}",
        dedupe=f"siki:{case.public_id}:{code}:{_times_sent(case, code)}",
        payload={"id_izin": case.id_izin, "kd_status": code, "keterangan": text or SIKI_TEXT[code]},
        permohonan_id=case.id,
    )


def siki(code: int) -> Effect[Permohonan]:
    """Queue this status; the person's note goes along as its text where there is one."""

    @named(f"siki_{code}")
    def send_siki_status(case: Permohonan, actor: Actor, note: str) -> None:
        send_siki(case, code, note.strip() if code == 90 else "")

    return send_siki_status


def siki_end_if_begun(case: Permohonan, actor: Actor, note: str) -> None:
    """Status 90, but only where SIKI heard of the case at all."""
    if _times_sent(case, FIRST):
        send_siki(case, 90, note.strip() or case.status.label)


def _times_sent(case: Permohonan, code: int) -> int:
    return (
        db.session.scalar(
            select(func.count(OutboxMessage.id)).where(
                OutboxMessage.permohonan_id == case.id,
                OutboxMessage.channel == Channel.SIKI,
                OutboxMessage.kind == f"status {code}",
            )
        )
        or 0
    )


def tell_asesi(case: Permohonan, template: str, **context: Any) -> None:
    """A mail to the asesi about this step; once per version of the case."""
    add_mail(
        case.asesi,
        template,
        dedupe=f"{case.public_id}:{case.version}",
        permohonan_id=case.id,
        skema=case.skema_version.title,
        public_id=case.public_id,
        **context,
    )


def tell_role(case: Permohonan, role: Role, template: str, **context: Any) -> None:
    """A mail to everybody who holds a role."""
    people = db.session.scalars(
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role == role, User.disabled_at.is_(None))
    )
    for person in people:
        add_mail(
            person,
            template,
            dedupe=f"{case.public_id}:{case.version}",
            permohonan_id=case.id,
            skema=case.skema_version.title,
            public_id=case.public_id,
            asesi_name=case.asesi_name,
            **context,
        )


def notify(template: str) -> Effect[Permohonan]:
    """Mail the asesi that this happened, with the note as `reason`."""

    @named(f"notify_{template}")
    def notify_asesi(case: Permohonan, actor: Actor, note: str) -> None:
        tell_asesi(case, template, reason=note.strip())

    return notify_asesi


def forget_reminders(case: Permohonan, actor: Actor, note: str) -> None:
    cancel_waiting(case.id, "invoice_reminder", "meeting_reminder")
