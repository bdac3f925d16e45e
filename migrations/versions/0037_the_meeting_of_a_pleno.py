"""The meeting of a pleno: hours, place, surat tugas, who was there, what was kept of it, notulen

Who voted before was there. Revision 0037, after 0036, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_TEXTS = {"place": 160, "meeting_url": 300, "surat_tugas_number": 60}
_NOTULIS = "fk_pleno_notulis_id_user_account"


def _person(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False)


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("pleno") as table:
        for name, kind in {
            "starts": sa.Time(), "ends": sa.Time(), "mode": sa.String(32), "notulis_id": sa.Integer(),
            "surat_tugas_date": sa.Date(), "words_version": sa.Integer(), "sk_words_version": sa.Integer(),
        }.items():  # fmt: skip
            table.add_column(sa.Column(name, kind, nullable=True))
        for name, length in _TEXTS.items():
            table.add_column(sa.Column(name, sa.String(length), nullable=False, server_default=""))
        table.create_foreign_key(op.f(_NOTULIS), "user_account", ["notulis_id"], ["id"])
        table.create_check_constraint(
            op.f("ck_pleno_both_hours"), "(starts IS NULL) = (ends IS NULL)"
        )
        table.create_check_constraint(
            op.f("ck_pleno_hours_in_order"), "ends IS NULL OR ends > starts"
        )
    with op.batch_alter_table("pleno") as table:
        for name in _TEXTS:
            table.alter_column(name, server_default=None)
    with op.batch_alter_table("pleno_member") as table:
        table.add_column(sa.Column("jabatan", sa.String(120), nullable=False, server_default=""))
        table.add_column(sa.Column("met_number", sa.String(40), nullable=False, server_default=""))
    with op.batch_alter_table("pleno_member") as table:
        table.alter_column("jabatan", server_default=None)
        table.alter_column("met_number", server_default=None)
    op.create_table(
        "committee_profile",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user_account.id"), primary_key=True),
        sa.Column("jabatan", sa.String(120), nullable=False),
        sa.Column("met_number", sa.String(40), nullable=False),
    )
    op.create_table(
        "pleno_attendance",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("pleno_id", sa.Integer(), sa.ForeignKey("pleno.id"), nullable=False),
        _person("user_id"),
        sa.Column("present_at", UtcDateTime(), nullable=False),
        sa.Column("how", sa.String(10), nullable=False),
        sa.UniqueConstraint("pleno_id", "user_id"),
        sa.CheckConstraint("how IN ('said', 'voted', 'settled')", name="how_known"),
    )
    op.create_table(
        "pleno_evidence",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("pleno_id", sa.Integer(), sa.ForeignKey("pleno.id"), nullable=False),
        sa.Column("name", sa.String(10), nullable=False),
        sa.Column("place", sa.String(500), nullable=False),
        sa.Column("keeper", sa.String(120), nullable=False),
        sa.Column("original_name", sa.String(200), nullable=False),
        sa.Column("content_type", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("storage_key", sa.String(32), nullable=True, unique=True),
        _person("stored_by_id"),
        sa.CheckConstraint(
            "(name = 'rekaman' AND place <> '' AND keeper <> '' AND storage_key IS NULL)"
            " OR (name = 'layar' AND place = '' AND storage_key IS NOT NULL AND sha256 <> '')",
            name="place_or_picture",
        ),
    )
    op.create_index("ix_pleno_evidence_pleno", "pleno_evidence", ["pleno_id"])
    op.create_table(
        "pleno_notulen",
        sa.Column("pleno_id", sa.Integer(), sa.ForeignKey("pleno.id"), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        _person("saved_by_id"),
    )
    op.create_table(
        "pleno_case_note",
        sa.Column("pleno_case_id", sa.Integer(), sa.ForeignKey("pleno_case.id"), primary_key=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        _person("saved_by_id"),
    )
    op.execute(
        "INSERT INTO pleno_attendance (pleno_id, user_id, present_at, how)"
        " SELECT pleno_case.pleno_id, vote.member_id, MIN(vote.created_at), 'voted' FROM vote"
        " JOIN pleno_case ON pleno_case.id = vote.pleno_case_id"
        " GROUP BY pleno_case.pleno_id, vote.member_id"
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    for table in (
        "pleno_case_note", "pleno_notulen", "pleno_evidence", "pleno_attendance", "committee_profile",
    ):  # fmt: skip
        op.drop_table(table)
    with op.batch_alter_table("pleno_member") as table:
        table.drop_column("met_number")
        table.drop_column("jabatan")
    with op.batch_alter_table("pleno") as table:
        table.drop_constraint(op.f("ck_pleno_hours_in_order"), type_="check")
        table.drop_constraint(op.f("ck_pleno_both_hours"), type_="check")
        table.drop_constraint(op.f(_NOTULIS), type_="foreignkey")
        for name in (
            *_TEXTS, "starts", "ends", "mode", "notulis_id", "surat_tugas_date", "words_version", "sk_words_version",
        ):  # fmt: skip
            table.drop_column(name)
