"""Claiming: cases that the LSP opened for somebody, two people with one ID Izin, links that hand a case over

One draft an ID Izin from now on. Where two drafts hold one already, the older keeps it and the others are left
without: their asesi types the number again, and the second one becomes a question to the admin.

Revision 0011, after 0010, 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_OPEN_CLAIM = sa.text("claimed_at IS NULL")
_OPEN_DISPUTE = sa.text("decided_at IS NULL")
_HELD_DRAFT = sa.text("status = 'draft' AND id_izin <> ''")


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    _make_claim()
    _make_dispute()
    with op.batch_alter_table("one_use_link") as batch:
        batch.add_column(sa.Column("permohonan_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_one_use_link_permohonan_id_permohonan", "permohonan", ["permohonan_id"], ["id"]
        )
    op.execute(
        "UPDATE permohonan SET id_izin = '' WHERE status = 'draft' AND EXISTS ("
        "SELECT 1 FROM permohonan AS older WHERE older.status = 'draft'"
        " AND older.id_izin = permohonan.id_izin AND older.id < permohonan.id)"
    )
    op.create_index(
        "uq_permohonan_id_izin_draft", "permohonan", ["id_izin"], unique=True,
        sqlite_where=_HELD_DRAFT, postgresql_where=_HELD_DRAFT,
    )  # fmt: skip


def _make_claim() -> None:
    op.create_table(
        "claim",
        sa.Column("permohonan_id", sa.Integer(), sa.ForeignKey("permohonan.id"), primary_key=True),
        sa.Column("opened_by_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=True),
        sa.Column("mailed_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("nik_matched", sa.Boolean(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(claimed_at IS NULL) = (nik_matched IS NULL)", name="claimed_tells_of_nik"
        ),
        sa.CheckConstraint("tries >= 0", name="tries_not_negative"),
    )
    op.create_index(
        "ix_claim_open", "claim", ["tries"],
        sqlite_where=_OPEN_CLAIM, postgresql_where=_OPEN_CLAIM,
    )  # fmt: skip


def _make_dispute() -> None:
    op.create_table(
        "id_izin_dispute",
        sa.Column("id_izin", sa.String(50), nullable=False),
        sa.Column("permohonan_id", sa.Integer(), sa.ForeignKey("permohonan.id"), nullable=False),
        sa.Column("asker_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column(
            "skema_version_id", sa.Integer(), sa.ForeignKey("skema_version.id"), nullable=False
        ),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("own_permohonan_id", sa.Integer(), sa.ForeignKey("permohonan.id"), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(decided_at IS NULL) = (outcome IS NULL)", name="decision_has_time"),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asker_id", name="decided_by_another"
        ),
    )
    op.create_index("ix_id_izin_dispute_asker_id", "id_izin_dispute", ["asker_id"])
    op.create_index(
        "uq_id_izin_dispute_open", "id_izin_dispute", ["permohonan_id", "asker_id"], unique=True,
        sqlite_where=_OPEN_DISPUTE, postgresql_where=_OPEN_DISPUTE,
    )  # fmt: skip


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index("uq_permohonan_id_izin_draft", table_name="permohonan")
    op.drop_table("id_izin_dispute")
    # Links of this purpose hand a case over; without the column they would hand over nothing.
    op.execute("DELETE FROM one_use_link WHERE purpose = 'claim'")
    with op.batch_alter_table("one_use_link") as batch:
        batch.drop_constraint("fk_one_use_link_permohonan_id_permohonan", type_="foreignkey")
        batch.drop_column("permohonan_id")
    op.drop_table("claim")
