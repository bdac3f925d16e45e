"""Instruments of a skema as data, and as they are filled for an attempt

Revision 0025, after 0024, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "instrument",
        sa.Column("skema_version_id", sa.Integer(), nullable=False),
        sa.Column("paper", sa.String(length=32), nullable=False),
        sa.Column("kelompok", sa.String(length=120), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("head", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (effective_from IS NULL)",
            name=op.f("ck_instrument_published_has_date"),
        ),
        sa.ForeignKeyConstraint(
            ["skema_version_id"],
            ["skema_version.id"],
            name=op.f("fk_instrument_skema_version_id_skema_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument")),
        sa.UniqueConstraint("public_id", name=op.f("uq_instrument_public_id")),
        sa.UniqueConstraint(
            "skema_version_id",
            "paper",
            "kelompok",
            "version_number",
            name=op.f("uq_instrument_skema_version_id_paper_kelompok_version_number"),
        ),
    )
    op.create_index(
        "uq_instrument_one_draft",
        "instrument",
        ["skema_version_id", "paper", "kelompok"],
        unique=True,
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "instrument_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("elemen_id", sa.Integer(), nullable=True),
        sa.Column("kuk_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["elemen_id"], ["elemen.id"], name=op.f("fk_instrument_item_elemen_id_elemen")
        ),
        sa.ForeignKeyConstraint(
            ["instrument_id"],
            ["instrument.id"],
            name=op.f("fk_instrument_item_instrument_id_instrument"),
        ),
        sa.ForeignKeyConstraint(["kuk_id"], ["kuk.id"], name=op.f("fk_instrument_item_kuk_id_kuk")),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit_kompetensi.id"],
            name=op.f("fk_instrument_item_unit_id_unit_kompetensi"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument_item")),
        sa.UniqueConstraint(
            "instrument_id", "position", name=op.f("uq_instrument_item_instrument_id_position")
        ),
    )
    op.create_table(
        "filled_instrument",
        sa.Column("permohonan_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("paper", sa.String(length=32), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("asesor_id", sa.Integer(), nullable=False),
        sa.Column("words_version", sa.Integer(), nullable=False),
        sa.Column("conclusion", sa.String(length=32), nullable=True),
        sa.Column("further_evidence", sa.Text(), nullable=False),
        sa.Column("not_met", sa.Text(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("frozen_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "finished_at IS NULL OR conclusion IS NOT NULL",
            name=op.f("ck_filled_instrument_finished_has_conclusion"),
        ),
        sa.ForeignKeyConstraint(
            ["asesor_id"],
            ["user_account.id"],
            name=op.f("fk_filled_instrument_asesor_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_filled_instrument_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["permohonan_id"],
            ["permohonan.id"],
            name=op.f("fk_filled_instrument_permohonan_id_permohonan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filled_instrument")),
        sa.UniqueConstraint(
            "permohonan_id",
            "attempt",
            "paper",
            "edition",
            name=op.f("uq_filled_instrument_permohonan_id_attempt_paper_edition"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_filled_instrument_public_id")),
    )
    op.create_table(
        "portfolio_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filled_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("valid", sa.Boolean(), nullable=True),
        sa.Column("authentic", sa.Boolean(), nullable=True),
        sa.Column("current", sa.Boolean(), nullable=True),
        sa.Column("sufficient", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_portfolio_check_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["filled_id"],
            ["filled_instrument.id"],
            name=op.f("fk_portfolio_check_filled_id_filled_instrument"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portfolio_check")),
        sa.UniqueConstraint(
            "filled_id", "document_id", name=op.f("uq_portfolio_check_filled_id_document_id")
        ),
        sa.UniqueConstraint(
            "filled_id", "position", name=op.f("uq_portfolio_check_filled_id_position")
        ),
    )
    op.create_table(
        "interview_topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filled_id", sa.Integer(), nullable=False),
        sa.Column("elemen_id", sa.Integer(), nullable=False),
        sa.Column("substance", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["elemen_id"], ["elemen.id"], name=op.f("fk_interview_topic_elemen_id_elemen")
        ),
        sa.ForeignKeyConstraint(
            ["filled_id"],
            ["filled_instrument.id"],
            name=op.f("fk_interview_topic_filled_id_filled_instrument"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_topic")),
        sa.UniqueConstraint(
            "filled_id", "elemen_id", name=op.f("uq_interview_topic_filled_id_elemen_id")
        ),
    )
    op.create_table(
        "instrument_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filled_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("elemen_id", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("achieved", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_instrument_answer_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["elemen_id"], ["elemen.id"], name=op.f("fk_instrument_answer_elemen_id_elemen")
        ),
        sa.ForeignKeyConstraint(
            ["filled_id"],
            ["filled_instrument.id"],
            name=op.f("fk_instrument_answer_filled_id_filled_instrument"),
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["instrument_item.id"],
            name=op.f("fk_instrument_answer_item_id_instrument_item"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument_answer")),
        sa.UniqueConstraint(
            "filled_id", "position", name=op.f("uq_instrument_answer_filled_id_position")
        ),
    )
    op.create_index("ix_instrument_answer_item", "instrument_answer", ["item_id"], unique=False)
    op.create_table(
        "third_party",
        sa.Column("permohonan_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("asesor_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("workplace", sa.String(length=200), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("words_version", sa.Integer(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("supports", sa.Boolean(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("judged_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "answered_at IS NULL OR withdrawn_at IS NULL",
            name=op.f("ck_third_party_answered_stays"),
        ),
        sa.ForeignKeyConstraint(
            ["asesor_id"], ["user_account.id"], name=op.f("fk_third_party_asesor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["permohonan_id"],
            ["permohonan.id"],
            name=op.f("fk_third_party_permohonan_id_permohonan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_third_party")),
        sa.UniqueConstraint("public_id", name=op.f("uq_third_party_public_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_third_party_token_digest")),
    )
    op.create_index(
        "ix_third_party_case", "third_party", ["permohonan_id", "attempt"], unique=False
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("third_party")
    op.drop_table("instrument_answer")
    op.drop_table("interview_topic")
    op.drop_table("portfolio_check")
    op.drop_table("filled_instrument")
    op.drop_table("instrument_item")
    op.drop_table("instrument")
