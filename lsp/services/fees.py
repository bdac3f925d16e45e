"""A fee beside the one it takes the place of, the bill it would make, and taking one back that nothing has used.

Adding and listing fees stand in services/settings.py. What was taken back stays in the audit chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Fee, Invoice, Permohonan, SkemaVersion
from lsp.models.inforce import fee
from lsp.services import audit
from lsp.vocabulary import InvoiceKind, Mode, RequestKind
from lsp.workflow.effects.payment import next_due_day

#: Beyond this many times the other amount, a fee looks like one zero too many or too few: asked, never refused.
_FAR = 2
_USED = "Sudah ada tagihan yang memakai biaya ini, jadi tetap tercatat. Catat biaya baru untuk menggantinya."


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a new amount is measured by: the fee that holds until then, else the nearest of all fees in force."""

    old: Fee | None
    nearest: int | None
    is_far: bool


def compare(
    amount: int, *, purpose: InvoiceKind, jenjang: int, kind: RequestKind, mode: Mode, on: date
) -> Comparison:
    """A new amount beside the standing ones."""
    old = before(purpose=purpose, jenjang=jenjang, kind=kind, mode=mode, on=on)
    if old is not None:
        return Comparison(old, old.amount, _is_far(amount, old.amount))
    others = db.session.scalars(
        select(Fee.amount)
        .where(Fee.purpose == purpose, Fee.effective_from <= on, Fee.amount > 0)
        .distinct()
    ).all()
    nearest = min(others, key=lambda other: abs(other - amount), default=None)
    return Comparison(None, nearest, nearest is not None and _is_far(amount, nearest))


def _is_far(amount: int, other: int) -> bool:
    return amount > other * _FAR or amount * _FAR < other


def before(
    *,
    purpose: InvoiceKind,
    jenjang: int,
    kind: RequestKind,
    mode: Mode,
    on: date,
    but: Fee | None = None,
) -> Fee | None:
    """The fee that holds on a day, or would hold without the one in `but`."""
    query = select(Fee).where(
        Fee.purpose == purpose, Fee.jenjang == jenjang, Fee.kind == kind, Fee.mode == mode,
        Fee.effective_from <= on,
    )  # fmt: skip
    if but is not None:
        query = query.where(Fee.id != but.id)
    return db.session.scalar(query.order_by(Fee.effective_from.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class Bill:
    """The invoice that would be sent now."""

    amount: int
    due_on: date
    name: str
    email: str


def bill_of(permohonan: Permohonan) -> Bill | None:
    """What sending the invoice of a case would ask for today; None without a fee."""
    jenjang = permohonan.skema_version.jenjang
    amount = fee(jenjang=jenjang, kind=permohonan.kind, mode=permohonan.mode)
    if amount is None:
        return None
    return Bill(amount, next_due_day(), permohonan.asesi_name, permohonan.asesi.email)


def one(fee_id: int) -> Fee | None:
    return db.session.get(Fee, fee_id)


def unused() -> set[int]:
    """Ids of the fees that no invoice was made by. Two queries, however many fees."""
    made = _last_invoices()
    return {row.id for row in db.session.scalars(select(Fee)) if not _is_used(row, made)}


def take_back(actor: Actor, row: Fee) -> None:
    """Remove a fee that was noted by mistake. Raises DomainError once an invoice was made by it."""
    if _is_used(row, _last_invoices()):
        raise DomainError(_USED)
    audit.note(
        actor, "fee.take_back", "fee", f"{row.jenjang}/{row.kind.value}/{row.mode.value}",
        amount=row.amount, since=row.effective_from.isoformat(), purpose=row.purpose.value,
    )  # fmt: skip
    db.session.delete(row)
    db.session.flush()


#: (purpose, jenjang, kind of request, amount) -> day of the last such invoice; amount None: a difference of two modes.
_Made = dict[tuple[InvoiceKind, int, RequestKind, int | None], date]


def _is_used(row: Fee, made: _Made) -> bool:
    """An invoice keeps its amount and not its fee; and a case may have changed its mode since, so any mode counts."""
    amounts = [row.amount, None] if row.purpose is InvoiceKind.SERTIFIKASI else [row.amount]
    days = [made.get((row.purpose, row.jenjang, row.kind, amount)) for amount in amounts]
    return any(day is not None and day >= row.effective_from for day in days)


def _last_invoices() -> _Made:
    rows = db.session.execute(
        select(
            SkemaVersion.jenjang,
            Permohonan.kind,
            Invoice.kind,
            Invoice.amount,
            func.max(Invoice.created_at),
        )
        .join(Permohonan, Permohonan.id == Invoice.permohonan_id)
        .join(SkemaVersion, SkemaVersion.id == Permohonan.skema_version_id)
        .group_by(SkemaVersion.jenjang, Permohonan.kind, Invoice.kind, Invoice.amount)
    )
    made: _Made = {}
    for jenjang, kind, of, amount, last in rows:
        is_difference = of is InvoiceKind.SELISIH
        purpose = InvoiceKind.SERTIFIKASI if is_difference else of
        key = (purpose, jenjang, kind, None if is_difference else amount)
        day = last.astimezone(clock.WIB).date()
        made[key] = max(day, made.get(key, day))
    return made
