"""Writing an outbox row in the present transaction; sending is the worker's (lsp/services/outbox.py)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from lsp import clock
from lsp.database import db
from lsp.models.outbox import OutboxMessage
from lsp.models.user import User
from lsp.vocabulary import Channel

#: The notice of a decision: when it went is written on the case, since the appeal window hangs on it.
RESULT_MAIL = "result_ready"
#: A result that BNSP was told and that holds no more.
TO_CORRECT_AT_BNSP = "jadwal/peserta/hasil-uji betulkan"
#: The request for blanko numbers, and the registration at LPJK: rows that a transition answers.
BLANKO, PENCATATAN = "jadwal/blanko", "pencatatan-skk"
#: How the `error` of a row begins that was taken back because what it tells was replaced; the cause follows.
REPLACED = "Replaced"


def add(
    channel: Channel,
    kind: str,
    *,
    dedupe: str,
    payload: dict[str, Any],
    permohonan_id: int | None = None,
    run_at: datetime | None = None,
) -> OutboxMessage | None:
    """Write a row in the present transaction; None when one with this `dedupe` stands already."""
    if (
        db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.dedupe == dedupe))
        is not None
    ):
        return None
    message = OutboxMessage(
        channel=channel,
        kind=kind,
        dedupe=dedupe,
        payload=payload,
        permohonan_id=permohonan_id,
        run_at=run_at or clock.now(),
    )
    db.session.add(message)
    db.session.flush()
    return message


def add_mail(
    to: User,
    template: str,
    *,
    dedupe: str,
    permohonan_id: int | None = None,
    run_at: datetime | None = None,
    **context: Any,
) -> OutboxMessage | None:
    """Write a mail to a person: `templates/mail/<template>.txt`, first line the subject.

    `context` are plain JSON values; the worker draws the text when it sends.
    """
    if to in db.session.new:  # its id is needed
        db.session.flush()
    return add(
        Channel.MAIL,
        template,
        dedupe=f"mail:{template}:{to.id}:{dedupe}",
        payload={"to": to.email, "name": to.name, "context": context},
        permohonan_id=permohonan_id,
        run_at=run_at,
    )


def cancel_waiting(permohonan_id: int, *kinds: str, error: str = "", begins: str = "") -> None:
    """Take back rows that have not gone yet (a reminder of an invoice that was paid).

    error: why, where it is told; begins: of their `dedupe`, where not all rows of these kinds are meant.
    """
    db.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.permohonan_id == permohonan_id,
            OutboxMessage.kind.in_(kinds),
            OutboxMessage.dedupe.startswith(begins, autoescape=True),
            OutboxMessage.done_at.is_(None),
        )
        .values(done_at=clock.now(), done_how="cancelled", error=error)
    )
