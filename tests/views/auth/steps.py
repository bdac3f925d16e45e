"""What a person does at the door, and what the portal queued for him."""

from __future__ import annotations

from flask import url_for
from sqlalchemy import select

from lsp.database import db, write_transaction
from lsp.models import OutboxMessage
from lsp.services import accounts
from lsp.vocabulary import Channel
from tests.factories import PASSWORD

NEW = "empat kata yang lain"


def enter(client, email, password=PASSWORD, **more):
    return client.post(url_for("auth.enter"), data={"email": email, "password": password} | more)


def is_in(client) -> bool:
    return bool(client.get(url_for("auth.account")).status_code == 200)


def mails() -> list[str]:
    return [
        message.kind
        for message in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        if message.channel is Channel.MAIL
    ]


def asked() -> list[OutboxMessage]:
    """What the worker is to look up."""
    return list(
        db.session.scalars(select(OutboxMessage).where(OutboxMessage.channel == Channel.JOB))
    )


def work_off() -> None:
    for row in asked():
        with write_transaction():
            accounts.send_reset(row.id)
