"""The LSP's bank account by date, and the fees that lack. A new row each time, nothing is overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Fee,
    PaymentAccount,
    RemotePermission,
    Setting,
    SkemaVersion,
)
from lsp.services import audit
from lsp.vocabulary import InvoiceKind, Mode, RequestKind

_UNFILLED = "belum diisi"


@dataclass(frozen=True, slots=True)
class FeeGap:
    """A combination that a skema offers and that has no fee in force."""

    jenjang: int
    kind: RequestKind
    mode: Mode


def versions() -> Sequence[PaymentAccount]:
    """Every account there was and will be, the newest first."""
    return db.session.scalars(
        select(PaymentAccount).order_by(
            PaymentAccount.effective_from.desc(), PaymentAccount.id.desc()
        )
    ).all()


def as_one_line_before() -> str:
    """The account as an older version of the portal kept it, in one free line; empty where there is none."""
    value = db.session.scalar(
        select(Setting.value)
        .where(Setting.key == "payment_account")
        .order_by(Setting.effective_from.desc(), Setting.id.desc())
        .limit(1)
    )
    return str(value) if value and value != _UNFILLED else ""


def check_day(effective_from: date) -> None:
    """Raise DomainError for a day that has passed."""
    if effective_from < clock.today_wib():
        raise DomainError(
            "Rekening berlaku paling cepat hari ini: yang sudah lewat tidak diubah.",
            field="effective_from",
        )


def change(
    actor: Actor, *, bank: str, number: str, holder: str, effective_from: date
) -> PaymentAccount:
    """Add an account from a day on. Raises DomainError for a day that has passed."""
    check_day(effective_from)
    row = PaymentAccount(effective_from=effective_from, bank=bank, number=number, holder=holder)
    db.session.add(row)
    db.session.flush()
    # Whose account the money goes to is what a thief would change: the number itself stands in the chain.
    audit.note(
        actor, "payment_account.change", "payment_account", str(row.id), number=number,
        since=effective_from.isoformat(),
    )  # fmt: skip
    return row


def fee_gaps() -> list[FeeGap]:
    """What asesi may choose of the open skema without a fee in force: by jenjang, kind and mode. Two queries.

    Every kind may be chosen of every skema; daring only under BNSP's permission.
    """
    today = clock.today_wib()
    remote = exists().where(
        RemotePermission.skema_id == SkemaVersion.skema_id,
        RemotePermission.valid_from <= today,
        RemotePermission.valid_until >= today,
    )
    offered = db.session.execute(
        select(SkemaVersion.jenjang, remote)
        .where(SkemaVersion.opened_at.is_not(None), SkemaVersion.effective_from <= today)
        .distinct()
    ).all()
    fees = select(Fee.jenjang, Fee.kind, Fee.mode).where(
        Fee.purpose == InvoiceKind.SERTIFIKASI, Fee.effective_from <= today
    )
    standing = {(row[0], row[1], row[2]) for row in db.session.execute(fees)}
    by_daring = {jenjang for jenjang, has_permission in offered if has_permission}
    return [
        FeeGap(jenjang, kind, mode)
        for jenjang in sorted({jenjang for jenjang, _ in offered})
        for kind in RequestKind
        for mode in Mode
        if (mode is Mode.LURING or jenjang in by_daring) and (jenjang, kind, mode) not in standing
    ]
