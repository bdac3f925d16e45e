"""Certificates issued with one press: how many of their files are made, and what holds up the rest.

The decision is all or none and stands at once; the files are made one by one by the worker. One transaction, not
parts of it: half a list would have to be read again, and 100 keep other writers waiting for less than two of the ten
seconds that they have (bench/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from lsp import ids
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Certificate, IssueBatch, IssueBatchItem, OutboxMessage, Permohonan, User
from lsp.services.outbox_words import fault_of
from lsp.vocabulary import Channel

#: So many open batches the ketua's page lists.
MOST_LISTED = 5


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate whose file did not get made yet. sentence: what went wrong; given_up: nobody tries any more."""

    case_id: str
    name: str
    number: str
    sentence: str
    given_up: bool


@dataclass(frozen=True, slots=True)
class Progress:
    public_id: str
    at: datetime
    by: str
    made: int
    total: int
    held: Sequence[Held] = ()

    @property
    def done(self) -> bool:
        return self.made == self.total

    @property
    def stuck(self) -> bool:
        """Nothing more happens by itself."""
        return not self.done and self.made + sum(each.given_up for each in self.held) == self.total


def standing(public_id: str) -> IssueBatch | None:
    return db.session.scalar(select(IssueBatch).where(IssueBatch.public_id == public_id))


def note(actor: Actor, public_id: str, case_ids: Sequence[int]) -> IssueBatch:
    """Write down what one press has issued. Call in its transaction."""
    known = len(public_id) == ids.PUBLIC_ID_LENGTH and not set(public_id) - set(ids.ALPHABET)
    made = IssueBatch(public_id=public_id if known else ids.public_id(), actor_id=actor.id or 0)
    db.session.add(made)
    db.session.flush()
    found = db.session.scalars(
        select(Certificate.id)
        .where(Certificate.permohonan_id.in_(case_ids))
        .order_by(Certificate.id)
    )
    db.session.add_all(IssueBatchItem(batch_id=made.id, certificate_id=each) for each in found)
    db.session.flush()
    return made


def open_batches() -> list[Progress]:
    """Batches with a file still to be made, the newest first; one query."""
    waiting = (
        select(IssueBatchItem.batch_id)
        .join(Certificate, Certificate.id == IssueBatchItem.certificate_id)
        .where(Certificate.pdf_key.is_(None))
    )
    return [_read(row) for row in db.session.execute(_counted().where(IssueBatch.id.in_(waiting)))]


def progress(public_id: str) -> Progress | None:
    """Two queries, however many certificates."""
    row = db.session.execute(_counted().where(IssueBatch.public_id == public_id)).first()
    if row is None:
        return None
    found = _read(row)
    return found if found.done else replace(found, held=_held(public_id))


def _read(row: Any) -> Progress:
    return Progress(*row)


def _counted() -> Select[str, datetime, str, int, int]:
    return (
        select(
            IssueBatch.public_id,
            IssueBatch.created_at,
            User.name,
            func.count(Certificate.pdf_key),
            func.count(Certificate.id),
        )
        .join(User, User.id == IssueBatch.actor_id)
        .join(IssueBatchItem, IssueBatchItem.batch_id == IssueBatch.id)
        .join(Certificate, Certificate.id == IssueBatchItem.certificate_id)
        .group_by(IssueBatch.id, IssueBatch.public_id, IssueBatch.created_at, User.name)
        .order_by(IssueBatch.id.desc())
        .limit(MOST_LISTED)
    )


def _held(public_id: str) -> list[Held]:
    """Those whose row went wrong, in words."""
    rows = db.session.execute(
        select(
            Permohonan.public_id,
            Certificate.holder_name,
            Certificate.certificate_number,
            OutboxMessage.error,
            OutboxMessage.dead_at.is_not(None),
        )
        .join(IssueBatchItem, IssueBatchItem.certificate_id == Certificate.id)
        .join(IssueBatch, IssueBatch.id == IssueBatchItem.batch_id)
        .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
        .join(OutboxMessage, OutboxMessage.permohonan_id == Permohonan.id)
        .where(
            IssueBatch.public_id == public_id,
            Certificate.pdf_key.is_(None),
            OutboxMessage.channel == Channel.JOB,
            OutboxMessage.kind == "certificate_pdf",
            OutboxMessage.error != "",
        )
        .order_by(Certificate.id)
    )
    return [
        Held(case_id, name, number, fault_of(error), given_up)
        for case_id, name, number, error, given_up in rows
    ]
