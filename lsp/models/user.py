"""People: accounts, roles, signed-in places, one-use links, throttles."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.vocabulary import LinkPurpose, Role


class User(Identified, Created, Model):
    """An account. The e-mail is stored in lower case and is the sign-in name."""

    __tablename__ = "user_account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower_case"),)

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Jakarta")
    #: He chose the zone himself: the province of his address suggests none any more.
    zone_chosen: Mapped[bool] = mapped_column(default=False)
    verified_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    password_changed_at: Mapped[datetime | None]

    roles: Mapped[list[UserRole]] = relationship(
        back_populates="user", foreign_keys="UserRole.user_id", cascade="all, delete-orphan"
    )


class UserRole(Model):
    """A role held by a person. Staff roles come from an approved proposal; nobody grants himself one."""

    __tablename__ = "user_role"
    __table_args__ = (
        UniqueConstraint("user_id", "role"),
        Index("ix_user_role_role", "role", "user_id"),  # staff are few among many asesi
        CheckConstraint("granted_by_id IS NULL OR granted_by_id <> user_id", name="not_by_oneself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    role: Mapped[Role] = mapped_column(enum_type(Role))
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    granted_at: Mapped[datetime]

    user: Mapped[User] = relationship(back_populates="roles", foreign_keys=[user_id])


def holders_of(role: Role) -> Select[int]:
    """Keys of the accounts that hold a role, read along its index: `User.id.in_(…)`."""
    return select(UserRole.user_id).where(UserRole.role == role)


class StaffProposal(Identified, Created, Model):
    """A staff account or role proposed by the admin; the ketua approves or declines."""

    __tablename__ = "staff_proposal"
    __table_args__ = (
        CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"
        ),
        CheckConstraint("(decided_at IS NULL) = (approved IS NULL)", name="decision_has_time"),
        Index(
            "uq_staff_proposal_open",
            "email",
            "role",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(enum_type(Role))
    reason: Mapped[str] = mapped_column(String(500), default="")
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]

    proposed_by: Mapped[User] = relationship(foreign_keys=[proposed_by_id])


class SignIn(Identified, Created, Model):
    """One signed-in place of a person. Only the digest of its token is stored."""

    __tablename__ = "sign_in"

    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    #: When the password was last typed here; weighty acts ask again after ten minutes.
    password_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(String(120), default="")


class OneUseLink(Created, Model):
    """A mailed link: GET shows a button, POST uses it up. Only the digest of its token is stored."""

    __tablename__ = "one_use_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[LinkPurpose] = mapped_column(enum_type(LinkPurpose))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    #: The case that a link of the purpose CLAIM hands over.
    permohonan_id: Mapped[int | None] = mapped_column(ForeignKey("permohonan.id"))

    user: Mapped[User] = relationship()


class ThrottleCount(Model):
    """How often something was tried in a window; the key is a digest, so no address or e-mail is kept."""

    __tablename__ = "throttle_count"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
