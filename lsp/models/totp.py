"""The second factor of an account: the shared secret of its app, recovery codes, and taking it off for somebody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import EncryptedText
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.user import User


class TotpKey(Created, Model):
    """The secret that a person's authenticator app holds too. Asked for only once a code of it was shown.

    last_step: the 30-second step of the newest code taken, so that no code is good twice.
    """

    __tablename__ = "totp_key"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(EncryptedText("totp_key.secret"))
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Model):
    """A code for the day the phone is gone, good once. Only its keyed digest is stored."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class TotpRemoval(Identified, Created, Model):
    """An admin asks to take the second factor off an account whose phone is lost; the ketua says yes or no."""

    __tablename__ = "totp_removal"
    __table_args__ = (
        CheckConstraint("proposed_by_id <> user_id", name="not_for_oneself"),
        CheckConstraint(
            "decided_by_id IS NULL OR (decided_by_id <> proposed_by_id AND decided_by_id <> user_id)",
            name="two_others",
        ),
        CheckConstraint(
            "(decided_at IS NULL) = (approved IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)",
            name="decision_has_time",
        ),
        Index(
            "uq_totp_removal_open",
            "user_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(String(500))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    proposed_by: Mapped[User] = relationship(foreign_keys=[proposed_by_id])
