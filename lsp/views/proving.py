"""Showing again who one is: the password, and the code of the second factor, before something weighty."""

from __future__ import annotations

from dataclasses import replace

from flask import g
from sqlalchemy import update
from wtforms import Field

from lsp import clock
from lsp.database import begin_write, db
from lsp.models import SignIn, User
from lsp.services import accounts, audit, throttle, totp
from lsp.views import devices


def password_is(field: Field, *, what: str, wrong: str) -> bool:
    """Compare what was typed with the password of who is signed in; else the field says that it is wrong.

    No transaction is open while the hash is made. what: whose tries are counted together.
    """
    throttle.count_try((throttle.SIGN_IN_ACCOUNT, f"{g.actor.email}|{what}"))
    user = db.session.get_one(User, g.actor.id)
    db.session.expunge_all()
    db.session.rollback()
    if accounts.password_matches(user, field.data or ""):
        return True
    begin_write()
    audit.note(g.actor, "account.password_refused", "user", g.actor.public_id)
    db.session.commit()
    field.errors = [wrong]
    return False


def code_is(field: Field, *, noting_password: bool = False) -> bool:
    """Take the typed code of who is signed in, in a transaction of its own; else the field says that it is wrong."""
    if not field.data:
        field.errors = ["Isi kode verifikasi."]
        return False
    email = g.actor.email
    throttle.count_try(*throttle.code_tries(email, device=devices.known_device(email)))
    begin_write()
    taken = totp.take_code(g.actor, field.data)
    if taken and noting_password:
        note_password()
    db.session.commit()
    if not taken:
        field.errors = [totp.NO_MATCH]
    return taken


def note_password() -> None:
    """In the present transaction: who is signed in has just shown all that his account asks."""
    now = clock.now()
    db.session.execute(
        update(SignIn).where(SignIn.id == g.actor.sign_in_id).values(password_at=now)
    )
    g.actor = replace(g.actor, password_at=now)
