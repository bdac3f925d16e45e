"""What leaves the process is a row first: written with the change, leased by a worker, tried again, never lost.

A failing mail server never loses a verdict, and a rolled-back verdict never sends mail.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import defer

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import OutboxMessage, Permohonan, SentWithGaps
from lsp.models.queue import RESULT_MAIL, add
from lsp.services import audit, lpjk_reports
from lsp.services.report_fields import ReportField
from lsp.vocabulary import Channel
from lsp.workflow.machine import LEAST_GROUNDS, check_reason

__all__ = [
    "NotYet",
    "Overtaken",
    "add",
    "backoff",
    "claim",
    "free_leases",
    "has_due",
    "lacking_fields",
    "send_again",
    "settle",
]

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 12
#: The first signs of a worker's name are its data folder's.
FOLDER_SIGNS = 8
#: Rows a person should look at: given up, or gone wrong and waiting for the next try.
FAILED = or_(OutboxMessage.dead_at.is_not(None), OutboxMessage.error != "")


class Overtaken(Exception):
    """What a row would send holds no more, so it is not sent. The text is fit for a log: it names no person."""


class NotYet(Exception):
    """Somebody must set something right before a row can be done: it waits without being given up. No personal data."""


#: How soon a row that waits for a person is tried again.
LOOK_AGAIN = timedelta(minutes=5)


def backoff(attempts: int) -> timedelta:
    """How long to wait after the n-th failure: one minute doubling, at most six hours."""
    return min(timedelta(minutes=2 ** max(0, attempts - 1)), timedelta(hours=6))


def claim(channels: tuple[Channel, ...], *, worker: str = "") -> OutboxMessage | None:
    """Lease the oldest due row to this worker, under its name if it has one. Call in a write transaction of its own.

    A worker that dies keeps nothing: its lease runs out and another takes the row. A row that was under way each
    time a worker died is given up after `MAX_ATTEMPTS`. The payload is left closed: one that cannot be
    decrypted would fail here, before the attempt is counted, and hold up all rows behind it.
    """
    while True:
        message = _oldest_due(channels)
        if message is None or message.attempts < MAX_ATTEMPTS:
            break
        message.dead_at, message.error = clock.now(), "LeaseExpired: the worker ended at every try"
        message.lease_until = message.lease_token = None
        db.session.flush()
    if message is not None:
        message.lease_until = clock.now() + LEASE
        message.lease_token = (worker or secrets.token_hex(8)) + secrets.token_hex(8)
        message.attempts += 1
        db.session.flush()
    return message


def free_leases(worker: str) -> int:
    """Let go of the rows that dead workers of the same data folder had leased; returns how many.

    Call only as the one worker of that folder (worker_process.name_held). A row that was under way when a second
    worker died waits for its lease: it may be what kills them, and others should get their turn.
    """
    folder = worker[:FOLDER_SIGNS]
    found: Any = db.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.done_at.is_(None),
            OutboxMessage.lease_token.startswith(folder),
            OutboxMessage.lease_token.not_like(f"{worker}%"),
            OutboxMessage.attempts < 2,
        )
        .values(lease_until=None, lease_token=None)
        .execution_options(synchronize_session=False)
    )
    return int(found.rowcount)


def has_due(channels: tuple[Channel, ...]) -> bool:
    """Whether there is anything to claim; reading only, so an idle worker takes no writer's turn."""
    query = select(OutboxMessage.id).where(*_due(channels)).limit(1)
    return db.session.scalar(query) is not None


def _due(channels: tuple[Channel, ...]) -> tuple[ColumnElement[bool], ...]:
    now = clock.now()
    return (
        OutboxMessage.channel.in_(channels),
        OutboxMessage.done_at.is_(None),
        OutboxMessage.dead_at.is_(None),
        OutboxMessage.run_at <= now,
        or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until < now),
    )


def _oldest_due(channels: tuple[Channel, ...]) -> OutboxMessage | None:
    return db.session.scalar(
        select(OutboxMessage)
        .options(defer(OutboxMessage.payload))
        .where(*_due(channels))
        .order_by(OutboxMessage.run_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def settle(
    message_id: int,
    lease_token: str,
    *,
    error: str = "",
    overtaken: bool = False,
    to_file: bool = False,
    waits: bool = False,
) -> None:
    """Record how a leased row went, unless the lease has passed to another worker meanwhile.

    overtaken: it was not sent and never will be; `error` says why, and the row counts as taken back.
    to_file: no mail server is set, so the mail lies in a file and has reached nobody.
    waits: the try does not count, so the row is never given up.
    """
    message = db.session.get(
        OutboxMessage,
        message_id,
        options=[defer(OutboxMessage.payload)],
        with_for_update=True,
        populate_existing=True,
    )
    if message is None or message.lease_token != lease_token or message.done_at is not None:
        return
    message.lease_until = message.lease_token = None
    message.error = error[:500]
    if overtaken:
        message.done_at, message.done_how = clock.now(), "cancelled"
    elif not error:
        message.done_at, message.done_how = clock.now(), "sent"
        if message.channel is Channel.MAIL:
            _forget_token(message)
        if not to_file:
            _note_result_mailed(message)
    elif waits:
        message.attempts = max(0, message.attempts - 1)
        message.run_at = clock.now() + LOOK_AGAIN
    elif message.attempts >= MAX_ATTEMPTS:
        message.dead_at = clock.now()
    else:
        message.run_at = clock.now() + backoff(message.attempts)


def _note_result_mailed(message: OutboxMessage) -> None:
    """The notice of a decision is out: from now the days run after which it counts as received (workflow 1).

    Written past the version of the case, so that no open form of it becomes stale. A late notice of an earlier
    decision says nothing about the present one.
    """
    if message.kind == RESULT_MAIL:
        db.session.execute(
            update(Permohonan)
            .where(
                Permohonan.id == message.permohonan_id,
                Permohonan.result_mailed_at.is_(None),
                Permohonan.decided_at <= message.created_at,
            )
            .values(result_mailed_at=message.done_at)
            .execution_options(synchronize_session=False)
        )


def _forget_token(message: OutboxMessage) -> None:
    """A one-use link stands in its mail only; here and in backups it would outlive the sending."""
    context = message.payload.get("context", {})
    if "token" in context:
        message.payload = message.payload | {"context": {**context, "token": ""}}


def send_again(message: OutboxMessage, actor: Actor) -> None:
    """Have a failed row tried at once. Raises DomainError when it is done, under way, or has not gone wrong."""
    _still_open(message)
    if message.lease_until is not None and message.lease_until > clock.now():
        raise DomainError("Kiriman ini sedang dikirim. Muat ulang halaman ini sebentar lagi.")
    if message.dead_at is None and not message.error:
        raise DomainError("Kiriman ini tidak gagal: portal masih mengirimnya sendiri.")
    message.dead_at, message.attempts, message.error, message.run_at = None, 0, "", clock.now()
    audit.note(actor, "outbox.send_again", "outbox_message", message.public_id)


def keep_reason_for_gaps(message: OutboxMessage, actor: Actor, reason: str) -> dict[str, Any]:
    """Why a report to LPJK goes with required fields empty, kept beside its row; nothing of every other row.

    Returns what the audit chain says of it. Raises DomainError (field "note") where fields lack and no reason is given.
    """
    lacking = len(lacking_fields(message))
    if not lacking:
        return {}
    told = {"lacking": lacking, "reason": check_reason(reason, LEAST_GROUNDS, field="note")}
    db.session.add(SentWithGaps(message_id=message.id, by_id=actor.id, **told))
    return told


def lacking_fields(message: OutboxMessage) -> list[ReportField]:
    """The required fields that lack, of a row that carries a report to LPJK; none of every other."""
    case = db.session.get(Permohonan, message.permohonan_id or 0)
    if message.kind not in lpjk_reports.REPORTS or case is None:
        return []
    return lpjk_reports.gaps(lpjk_reports.report_of(message.kind, case))


def _still_open(message: OutboxMessage) -> None:
    if message.done_at is not None:
        raise DomainError("Kiriman ini sudah selesai. Tidak ada yang perlu dikerjakan lagi.")
