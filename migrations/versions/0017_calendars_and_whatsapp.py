"""Addresses of subscribed calendars, and prepared WhatsApp texts

Revision 0017, after 0016, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_STANDING_FEED = sa.text("ended_at IS NULL")
_STANDING_TEXT = sa.text("retired_at IS NULL")


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_index(
        "uq_calendar_feed_standing", "calendar_feed", ["user_id"], unique=True,
        sqlite_where=_STANDING_FEED, postgresql_where=_STANDING_FEED,
    )  # fmt: skip
    op.create_table(
        "whatsapp_text",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("text <> ''", name="text_not_empty"),
    )
    op.create_index(
        "uq_whatsapp_text_standing", "whatsapp_text", ["kind"], unique=True,
        sqlite_where=_STANDING_TEXT, postgresql_where=_STANDING_TEXT,
    )  # fmt: skip


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("whatsapp_text")
    op.drop_table("calendar_feed")
