"""What an admin does to many cases at once: name who verifies them, and remind their asesi. Planned first, then done.

The plan says of each case whether it is meant or why not; the same plan is made again in the transaction that does
it, and whatever changed since the page was drawn is left out. Nothing here moves a case.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, not_, or_, select, update
from sqlalchemy.orm import aliased, joinedload, selectinload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AuditEvent, OutboxMessage, Permohonan, User, WorkBatch, holders_of
from lsp.models.inforce import setting
from lsp.models.queue import add_mail
from lsp.permissions import is_claimed, visible_to
from lsp.services import audit
from lsp.services.work_kinds import PROOF
from lsp.vocabulary import Channel, InvoiceStatus, PermohonanStatus, Role
from lsp.vocabulary.money import rupiah
from lsp.workflow.effects.payment import outstanding

#: More than a page is not ticked by hand.
MOST = 100
#: Cases whose documents wait to be verified, or come back soon.
TO_VERIFY = (PermohonanStatus.SUBMITTED, PermohonanStatus.RETURNED)
#: State in which something is the asesi's to do -> the mail that says what.
REMINDERS = {
    PermohonanStatus.DRAFT: "remind_draft",
    PermohonanStatus.RETURNED: "remind_returned",
    PermohonanStatus.INVOICED: "remind_invoiced",
    PermohonanStatus.EVIDENCE_NEEDED: "remind_evidence",
    PermohonanStatus.PAID: "remind_schedule",
    PermohonanStatus.READY: "remind_schedule",
}
#: Mails that count as a reminder, whoever had them sent.
_COUNTED = (*REMINDERS.values(), "idle_reminder", "invoice_reminder")
ASSIGNED_MAIL = "work_assigned"
UNDONE = "work_batch.undo"
CHANGED = "berubah sejak halaman konfirmasi dibuka; periksa lagi di daftar"


@dataclass(frozen=True, slots=True)
class Item:
    """A ticked case. before: public id of who was to verify it; reason: why it is left out, empty when it is not."""

    public_id: str
    name: str
    id_izin: str
    status: PermohonanStatus
    version: int
    asesi_id: int
    verified: bool
    before: str
    before_name: str
    reminded_at: datetime | None
    proof: bool
    closed: bool
    unclaimed: bool
    reason: str = ""

    @property
    def drawn(self) -> str:
        """What the confirming page carries: the case, its version, and who was to verify it."""
        return f"{self.public_id}.{self.version}.{self.before}"


@dataclass(frozen=True, slots=True)
class Undone:
    """nobodys: cases whose former person can no longer be named. by: empty for what was undone before it was noted."""

    by: str
    nobodys: int


@dataclass(frozen=True, slots=True)
class Plan:
    meant: list[Item]
    left_out: list[Item]


def admin_of(public_id: str) -> User | None:
    """A person who can be named: an open account that is admin now."""
    return db.session.scalar(select(User).where(User.public_id == public_id, *_can_be_named()))


def _can_be_named() -> tuple[ColumnElement[bool], ...]:
    return User.disabled_at.is_(None), User.id.in_(holders_of(Role.ADMIN))


def plan_assignment(actor: Actor, case_ids: Sequence[str], verifier: User) -> Plan:
    """Who is meant when these are given to `verifier`."""
    return _plan(actor, case_ids, lambda item: _not_assigned(item, verifier))


def plan_reminders(actor: Actor, case_ids: Sequence[str]) -> Plan:
    """Whose asesi is reminded."""
    gap = int(setting("reminder_gap_days"))
    return _plan(actor, case_ids, lambda item: _not_reminded(item, gap))


def _plan(actor: Actor, case_ids: Sequence[str], reason: Callable[[Item], str]) -> Plan:
    items = [replace(item, reason=reason(item)) for item in _items(actor, case_ids)]
    return Plan(
        [item for item in items if not item.reason], [item for item in items if item.reason]
    )


def _not_assigned(item: Item, verifier: User) -> str:
    if item.status is PermohonanStatus.DRAFT:
        return "belum dikirim asesi"
    if item.status not in TO_VERIFY:
        return "berkasnya sudah diperiksa" if item.verified else "sudah berakhir"
    if item.asesi_id == verifier.id:
        return f"{verifier.name} asesinya sendiri"
    if item.before == verifier.public_id:
        return f"sudah ditetapkan untuk {verifier.name}"
    return ""


def _not_reminded(item: Item, gap: int) -> str:
    if item.status not in REMINDERS:
        return f"{item.status.label}: tidak sedang menunggu asesi"
    if item.proof:
        return "bukti bayarnya sudah ada dan menunggu Anda"
    if item.closed:
        return "akun asesinya ditutup"
    if item.unclaimed:
        return "belum diambil asesi: kirim tautannya di Pengambilan"
    if item.reminded_at is None:
        return ""
    if item.reminded_at > clock.now():
        return f"pengingat otomatis sudah dijadwalkan dalam {gap} hari ini"
    return f"sudah diingatkan dalam {gap} hari terakhir"


def _items(actor: Actor, case_ids: Sequence[str]) -> list[Item]:
    """The ticked cases in this person's scope, in one query; his own is never among them."""
    before, asesi = aliased(User), aliased(User)
    gap = timedelta(days=int(setting("reminder_gap_days")))
    reminded = (
        select(func.max(OutboxMessage.run_at))
        .where(
            OutboxMessage.permohonan_id == Permohonan.id,
            OutboxMessage.channel == Channel.MAIL,
            OutboxMessage.kind.in_(_COUNTED),
            OutboxMessage.done_how != "cancelled",
            OutboxMessage.run_at.between(clock.now() - gap, clock.now() + gap),
        )
        .scalar_subquery()
    )
    rows: Iterable[Any] = db.session.execute(
        select(
            Permohonan.public_id,
            Permohonan.asesi_name,
            Permohonan.id_izin,
            Permohonan.status,
            Permohonan.version,
            Permohonan.asesi_id,
            Permohonan.verifier_id.is_not(None),
            func.coalesce(before.public_id, ""),
            func.coalesce(before.name, ""),
            reminded,
            PROOF,
            asesi.disabled_at.is_not(None),
            not_(is_claimed()),
        )
        .join(asesi, asesi.id == Permohonan.asesi_id)
        .outerjoin(before, before.id == Permohonan.assigned_verifier_id)
        .where(
            Permohonan.public_id.in_(case_ids[:MOST]),
            visible_to(actor),
            Permohonan.asesi_id != actor.id,
        )
        .order_by(Permohonan.status_at, Permohonan.id)
    )
    return [Item(*row) for row in rows]


# --- Doing it --------------------------------------------------------------------------------------------


def batch(public_id: str) -> WorkBatch | None:
    return db.session.scalar(select(WorkBatch).where(WorkBatch.public_id == public_id))


def assign(actor: Actor, batch_id: str, drawn: Sequence[str], verifier: User) -> WorkBatch:
    """Name who verifies these cases; one mail to him, however many. A second press finds the first one's batch.

    Written past the version of a case: a form that its asesi has open at this moment does not become stale.
    """
    standing = batch(batch_id)
    if standing is not None:
        return standing
    plan = _unchanged(drawn, plan_assignment(actor, _keys(drawn), verifier))
    meant = [item.public_id for item in plan.meant]
    _give(meant, verifier.id)
    for item in plan.meant:
        audit.note(
            actor, "permohonan.assign", "permohonan", item.public_id, person=verifier.public_id
        )
    done = [[item.public_id, item.before] for item in plan.meant]
    made = _note(actor, batch_id, plan, done, verifier)
    if meant and verifier.id != actor.id:
        add_mail(verifier, ASSIGNED_MAIL, dedupe=made.public_id, count=len(meant), by=actor.name)
    return made


def remind(actor: Actor, batch_id: str, drawn: Sequence[str]) -> WorkBatch:
    """Queue a mail for each asesi who has something to do. A second press finds the first one's batch."""
    standing = batch(batch_id)
    if standing is not None:
        return standing
    plan = _unchanged(drawn, plan_reminders(actor, _keys(drawn)))
    for case in _with_facts([item.public_id for item in plan.meant]):
        add_mail(
            case.asesi,
            REMINDERS[case.status],
            dedupe=f"{case.public_id}:{batch_id}",
            permohonan_id=case.id,
            skema=case.skema_version.title,
            **_facts(case),
        )
        audit.note(actor, "permohonan.remind", "permohonan", case.public_id)
    return _note(actor, batch_id, plan, [[item.public_id, ""] for item in plan.meant], None)


def _with_facts(case_ids: Sequence[str]) -> Iterable[Permohonan]:
    """The cases with all that a mail of theirs tells: asking case by case would hold the turn to write for long."""
    return db.session.scalars(
        select(Permohonan)
        .where(Permohonan.public_id.in_(case_ids))
        .options(
            joinedload(Permohonan.asesi),
            joinedload(Permohonan.skema_version),
            selectinload(Permohonan.invoices),
        )
    ).all()


def _facts(case: Permohonan) -> dict[str, Any]:
    """What the mail of this state tells beside the skema."""
    if case.status is PermohonanStatus.RETURNED:
        return {"due": _iso(case.repair_due)}
    if case.status is PermohonanStatus.EVIDENCE_NEEDED:
        return {"due": _iso(case.evidence_due)}
    if case.status in (PermohonanStatus.PAID, PermohonanStatus.READY):
        first = case.status is PermohonanStatus.PAID
        return {"meeting": "pra-asesmen" if first else "asesmen"}
    if case.status is not PermohonanStatus.INVOICED:
        return {}
    invoice = next((row for row in case.invoices if row.status is InvoiceStatus.OPEN), None)
    if invoice is None:
        return {"number": "", "amount": "", "due": ""}
    return {
        "number": invoice.number,
        "amount": rupiah(outstanding(invoice)),
        "due": _iso(invoice.due_on),
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def undo(actor: Actor, made: WorkBatch) -> int:
    """Give the cases of an assignment back to whom they belonged before; returns how many still could be.

    Whose former person can no longer be named belongs to nobody. Left as they are: cases that were given to somebody
    else since, or verified. Raises DomainError when there is nothing to take back.
    """
    if made.verifier_id is None or made.undone_at is not None:
        raise DomainError("Penetapan ini sudah dibatalkan. Tidak ada yang berubah lagi.")
    people = {row[1] for row in made.done if row[1]}
    found = db.session.execute(
        select(User.public_id, User.id).where(User.public_id.in_(people), *_can_be_named())
    )
    ids = {row.public_id: row.id for row in found}
    count = nobodys = 0
    for case_id, before in made.done:
        moved = _give([case_id], ids.get(before), only_of=made.verifier_id)
        if moved:
            person = before if before in ids else "-"
            audit.note(actor, "permohonan.unassign", "permohonan", case_id, person=person)
            nobodys += moved if before and before not in ids else 0
        count += moved
    audit.note(actor, UNDONE, "work_batch", made.public_id, cases=count, nobodys=nobodys)
    made.undone_at, made.undone_count = clock.now(), count
    _take_back_mail(made)
    db.session.flush()
    return count


def undone(made: WorkBatch) -> Undone | None:
    """Who took an assignment back, as the audit chain says; None where nobody did."""
    if made.undone_at is None:
        return None
    row = db.session.execute(
        select(User.name, AuditEvent.details)
        .join(User, User.id == AuditEvent.actor_id)
        .where(AuditEvent.object_id == made.public_id, AuditEvent.action == UNDONE)
    ).first()
    return Undone(row.name, json.loads(row.details)["nobodys"]) if row else Undone("", 0)


def _give(case_ids: Sequence[str], person_id: int | None, *, only_of: int | None = None) -> int:
    """Returns for how many cases. only_of: leave alone what is no longer this person's."""
    conditions: list[ColumnElement[bool]] = [
        Permohonan.public_id.in_(case_ids),
        Permohonan.status.in_(TO_VERIFY),
    ]
    if only_of is not None:
        conditions.append(Permohonan.assigned_verifier_id == only_of)
    if person_id is not None:
        conditions.append(Permohonan.asesi_id != person_id)
    found: Any = db.session.execute(
        update(Permohonan)
        .where(*conditions)
        .values(assigned_verifier_id=person_id)
        .execution_options(synchronize_session=False)
    )
    return int(found.rowcount)


def _take_back_mail(made: WorkBatch) -> None:
    db.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.dedupe == f"mail:{ASSIGNED_MAIL}:{made.verifier_id}:{made.public_id}",
            OutboxMessage.done_at.is_(None),
            or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until < clock.now()),
        )
        .values(done_at=clock.now(), done_how="cancelled")
        .execution_options(synchronize_session=False)
    )


def _keys(drawn: Sequence[str]) -> list[str]:
    return [each.partition(".")[0] for each in drawn]


def _unchanged(drawn: Sequence[str], plan: Plan) -> Plan:
    """Leave out what is not as the confirming page showed it."""
    stale = [replace(item, reason=CHANGED) for item in plan.meant if item.drawn not in drawn]
    return Plan([item for item in plan.meant if item.drawn in drawn], [*plan.left_out, *stale])


def _note(
    actor: Actor, batch_id: str, plan: Plan, done: list[list[str]], verifier: User | None
) -> WorkBatch:
    made = WorkBatch(
        public_id=batch_id,
        actor_id=actor.id,
        verifier=verifier,
        done=done,
        left_out=[[item.public_id, item.reason] for item in plan.left_out],
    )
    db.session.add(made)
    db.session.flush()
    return made


def names_of(actor: Actor, made: WorkBatch) -> Mapping[str, str]:
    """Public id of each case of a batch -> name of its asesi, of those this person may see."""
    ids = [row[0] for row in (*made.done, *made.left_out)]
    rows = db.session.execute(
        select(Permohonan.public_id, Permohonan.asesi_name).where(
            Permohonan.public_id.in_(ids), visible_to(actor), Permohonan.asesi_id != actor.id
        )
    )
    return {row.public_id: row.asesi_name for row in rows}
