"""Going into a meeting through the portal, and whether a person's device is fit for one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp import clock
from lsp.extensions import Model
from lsp.models.user import User


class MeetingJoin(Model):
    """Somebody pressed "Masuk rapat" in the portal at that moment. Append-only.

    It says who was let through when; that he was there is what the asesor ticks (MeetingRecord).
    """

    __tablename__ = "meeting_join"
    __table_args__ = (
        CheckConstraint("party IN ('asesi', 'asesor', 'penyelia')", name="party_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    party: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(default=clock.now)

    user: Mapped[User] = relationship()


class DeviceCheck(Model):
    """The last verdict on a person's own device and line. Nothing else of the test is kept, not even its figures."""

    __tablename__ = "device_check"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    is_fit: Mapped[bool]
    checked_at: Mapped[datetime] = mapped_column(default=clock.now)
