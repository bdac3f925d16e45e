"""Signed-in places: making, reading, ending. The row is the truth; the cookie holds only a random token.

Read on a connection of its own with one prepared statement, so a page spends little on knowing who is there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import aliased

from lsp import clock, ids
from lsp.actor import Actor
from lsp.database import DatabaseBusy, brief_write, db
from lsp.models import SignIn, TotpKey, User, UserRole
from lsp.vocabulary import Role

#: Idle and absolute limits: staff by NIST 800-63B AAL2, asesi longer because drafts save themselves.
STAFF_IDLE, STAFF_LIFE = timedelta(minutes=30), timedelta(hours=12)
ASESI_IDLE, ASESI_LIFE = timedelta(minutes=60), timedelta(hours=24)
MOST_PLACES = 5

_role = aliased(UserRole)
_READ = (
    select(
        SignIn.id,
        SignIn.last_used_at,
        SignIn.expires_at,
        SignIn.password_at,
        User.id.label("user_id"),
        User.public_id,
        User.name,
        User.email,
        User.zone,
        User.disabled_at,
        select(func.aggregate_strings(_role.role, ","))
        .where(_role.user_id == User.id)
        .scalar_subquery()
        .label("roles"),
        select(TotpKey.user_id)
        .where(TotpKey.user_id == User.id, TotpKey.confirmed_at.is_not(None))
        .exists()
        .label("has_totp"),
    )
    .join(User, User.id == SignIn.user_id)
    .where(SignIn.token_digest == bindparam("digest"))
)


def read_actor(token: str) -> tuple[Actor, datetime] | None:
    """The person signed in with `token` and when it was last used; None when it holds no more."""
    with db.engine.connect() as connection:
        row = connection.execute(_READ, {"digest": ids.digest(token)}).one_or_none()
    if row is None or row.disabled_at is not None:
        return None
    roles = frozenset(Role(name) for name in (row.roles or "").split(",") if name)
    actor = Actor(
        id=row.user_id,
        name=row.name,
        roles=roles,
        email=row.email,
        public_id=row.public_id,
        zone=row.zone,
        sign_in_id=row.id,
        token=token,
        password_at=row.password_at,
        has_totp=bool(row.has_totp),
    )
    now = clock.now()
    idle = STAFF_IDLE if actor.is_staff else ASESI_IDLE
    if now >= row.expires_at or now - row.last_used_at >= idle:
        return None
    return actor, row.last_used_at


def touch(actor: Actor) -> None:
    """Note that the place was used; called at most every five minutes.

    One statement, so a place that ends meanwhile stays ended; and a busy database is no reason to refuse a page.
    """
    try:
        with brief_write() as connection:
            connection.execute(
                update(SignIn).where(SignIn.id == actor.sign_in_id).values(last_used_at=clock.now())
            )
    except (DatabaseBusy, OperationalError):
        return


def open_place(user: User, *, is_staff: bool, device: str) -> str:
    """Sign a person in at a new place and return the token for his cookie. The oldest beyond five end."""
    now = clock.now()
    standing = db.session.scalars(
        select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.last_used_at.desc())
    ).all()
    for surplus in standing[MOST_PLACES - 1 :]:
        db.session.delete(surplus)
    token = ids.secret_token()
    db.session.add(
        SignIn(
            token_digest=ids.digest(token),
            user_id=user.id,
            last_used_at=now,
            expires_at=now + (STAFF_LIFE if is_staff else ASESI_LIFE),
            password_at=now,
            device=device[:120],
        )
    )
    db.session.flush()
    return token


def end_place(token: str) -> None:
    """Sign out one place."""
    place = db.session.scalar(select(SignIn).where(SignIn.token_digest == ids.digest(token)))
    if place is not None:
        db.session.delete(place)
        db.session.flush()


def end_other_places(user_id: int, *, keep_token: str = "") -> int:
    """End every place of a person but the named one; returns how many ended."""
    kept = ids.digest(keep_token) if keep_token else ""
    ended = db.session.scalars(
        delete(SignIn)
        .where(SignIn.user_id == user_id, SignIn.token_digest != kept)
        .returning(SignIn.id)
    )
    return len(ended.all())


def places_of(user_id: int) -> list[SignIn]:
    """Where a person is signed in, newest first; a place past its day is not shown, though its row may stand."""
    return list(
        db.session.scalars(
            select(SignIn)
            .where(SignIn.user_id == user_id, SignIn.expires_at > clock.now())
            .order_by(SignIn.last_used_at.desc())
        )
    )


def place_of(user_id: int | None, public_id: str) -> SignIn | None:
    """One of a person's own places by its public id."""
    return db.session.scalar(
        select(SignIn).where(SignIn.user_id == user_id, SignIn.public_id == public_id)
    )
