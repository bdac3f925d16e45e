"""How people are reached beside mail: addresses to subscribe to a calendar, and prepared WhatsApp texts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.vocabulary import WhatsappKind


class CalendarFeed(Created, Model):
    """A secret address under which an asesor's calendar program reads his meetings. Only its digest is stored."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        Index(
            "uq_calendar_feed_standing",
            "user_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    ended_at: Mapped[datetime | None]


class WhatsappText(Identified, Created, Model):
    """A prepared text with placeholders. Changing one retires it and adds another: both stay."""

    __tablename__ = "whatsapp_text"
    __table_args__ = (
        CheckConstraint("text <> ''", name="text_not_empty"),
        Index(
            "uq_whatsapp_text_standing",
            "kind",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    kind: Mapped[WhatsappKind] = mapped_column(enum_type(WhatsappKind))
    text: Mapped[str] = mapped_column(Text)
    retired_at: Mapped[datetime | None]
