"""Staff as the admin and the ketua read them: who holds which role, which proposals wait; and a first name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lsp.actor import Actor
from lsp.database import db, is_writing
from lsp.errors import DomainError
from lsp.models import StaffProposal, User, UserRole
from lsp.services import audit
from lsp.vocabulary import STAFF_ROLES


def people() -> Sequence[User]:
    """Everybody with a staff role, open accounts first, by name."""
    return db.session.scalars(
        select(User)
        .where(User.roles.any(UserRole.role.in_(STAFF_ROLES)))
        .order_by(User.disabled_at.is_not(None), User.name, User.id)
        .options(selectinload(User.roles))
    ).all()


def person(public_id: str) -> User | None:
    """A staff account by its public id; asesi are not found here."""
    return db.session.scalar(
        select(User)
        .where(User.public_id == public_id, User.roles.any(UserRole.role.in_(STAFF_ROLES)))
        .options(selectinload(User.roles))
    )


def open_proposals() -> Sequence[StaffProposal]:
    """Proposals that the ketua has not decided, oldest first."""
    return db.session.scalars(
        select(StaffProposal)
        .where(StaffProposal.decided_at.is_(None))
        .order_by(StaffProposal.id)
        .options(joinedload(StaffProposal.proposed_by))
    ).all()


def accounts_of(proposals: Sequence[StaffProposal]) -> dict[str, User]:
    """E-mail → the confirmed account that stands already, with its roles: approving gives the role to this person."""
    emails = [row.email for row in proposals]
    found = db.session.scalars(
        select(User)
        .where(User.email.in_(emails), User.verified_at.is_not(None))
        .options(selectinload(User.roles))
    )
    return {user.email: user for user in found}


def proposal(public_id: str) -> StaffProposal | None:
    """A proposal by its public id; locked while writing, so that two ketua decide it once."""
    query = select(StaffProposal).where(StaffProposal.public_id == public_id)
    if is_writing():
        query = query.with_for_update()
    return db.session.scalar(query)


def is_unnamed(name: str) -> bool:
    """Whether an account still carries its role for a name, as the first admin and ketua may."""
    return name in {role.label for role in STAFF_ROLES}


def name_oneself(actor: Actor, name: str) -> None:
    """Give one's own account its person's name, once. Raises DomainError when it has one already."""
    user = db.session.get_one(User, actor.id)
    if not is_unnamed(user.name):
        raise DomainError("Nama akun ini sudah diisi. Jika keliru, hubungi admin LSP.")
    if is_unnamed(name):
        raise DomainError("Tulis nama orangnya, bukan nama peran.")
    user.name = name
    db.session.flush()
    audit.note(actor, "account.name", "user", user.public_id)
