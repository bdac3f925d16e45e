"""Surveilan, PKB, reminders of a renewal, and the picture of a certificate

Revision 0041, after 0040, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_OPEN = sa.text("status IN ('waiting', 'sent', 'examined', 'repeated')")


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "certificate_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_picture_certificate_id_certificate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_picture")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_certificate_picture_certificate_id")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_certificate_picture_storage_key")),
    )
    op.create_table(
        "pkb_activity",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("judged_at", UtcDateTime(), nullable=True),
        sa.Column("judged_by_id", sa.Integer(), nullable=True),
        sa.Column("judge_note", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "accepted IS NULL OR accepted OR judge_note <> ''",
            name=op.f("ck_pkb_activity_refused_with_reason"),
        ),
        sa.CheckConstraint(
            "(judged_at IS NULL) = (accepted IS NULL) AND (judged_at IS NULL) = (judged_by_id IS NULL)",
            name=op.f("ck_pkb_activity_judged_by_somebody"),
        ),
        sa.CheckConstraint("credits BETWEEN 1 AND 200", name=op.f("ck_pkb_activity_credits_range")),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_pkb_activity_certificate_id_certificate"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_pkb_activity_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["judged_by_id"],
            ["user_account.id"],
            name=op.f("fk_pkb_activity_judged_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pkb_activity")),
        sa.UniqueConstraint("document_id", name=op.f("uq_pkb_activity_document_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pkb_activity_public_id")),
    )
    op.create_index("ix_pkb_activity_certificate", "pkb_activity", ["certificate_id"])
    op.create_table(
        "renewal_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_renewal_reminder_certificate_id_certificate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal_reminder")),
        sa.UniqueConstraint(
            "certificate_id", "months", name=op.f("uq_renewal_reminder_certificate_id_months")
        ),
    )
    op.create_table(
        "surveilan",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("permohonan_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "sent",
                "examined",
                "repeated",
                "met",
                "not_met",
                "dropped",
                name="surveilanstatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("status_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("asesor_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status <> 'examined' OR asesor_id IS NOT NULL",
            name=op.f("ck_surveilan_examined_by_somebody"),
        ),
        sa.CheckConstraint("attempt IN (1, 2)", name=op.f("ck_surveilan_two_attempts")),
        sa.ForeignKeyConstraint(
            ["asesor_id"], ["user_account.id"], name=op.f("fk_surveilan_asesor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_surveilan_certificate_id_certificate"),
        ),
        sa.ForeignKeyConstraint(
            ["permohonan_id"], ["permohonan.id"], name=op.f("fk_surveilan_permohonan_id_permohonan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveilan")),
        sa.UniqueConstraint(
            "certificate_id", "number", name=op.f("uq_surveilan_certificate_id_number")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_surveilan_public_id")),
    )
    op.create_index("ix_surveilan_asesor", "surveilan", ["asesor_id", "status"])
    op.create_index("ix_surveilan_case", "surveilan", ["permohonan_id"])
    op.create_index("ix_surveilan_status", "surveilan", ["status", "until", "id"])
    op.create_index(
        "uq_surveilan_open",
        "surveilan",
        ["certificate_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "surveilan_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("surveilan_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_surveilan_event_actor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["surveilan_id"],
            ["surveilan.id"],
            name=op.f("fk_surveilan_event_surveilan_id_surveilan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveilan_event")),
    )
    op.create_index(op.f("ix_surveilan_event_surveilan_id"), "surveilan_event", ["surveilan_id"])
    op.create_table(
        "surveilan_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("surveilan_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_surveilan_file_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["surveilan_id"],
            ["surveilan.id"],
            name=op.f("fk_surveilan_file_surveilan_id_surveilan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveilan_file")),
        sa.UniqueConstraint("document_id", name=op.f("uq_surveilan_file_document_id")),
    )
    op.create_index(op.f("ix_surveilan_file_surveilan_id"), "surveilan_file", ["surveilan_id"])
    op.create_table(
        "surveilan_letter",
        sa.Column("surveilan_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("words_version", sa.Integer(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["surveilan_id"],
            ["surveilan.id"],
            name=op.f("fk_surveilan_letter_surveilan_id_surveilan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveilan_letter")),
        sa.UniqueConstraint("public_id", name=op.f("uq_surveilan_letter_public_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_surveilan_letter_token_digest")),
    )
    op.create_index("ix_surveilan_letter_surveilan", "surveilan_letter", ["surveilan_id"])
    op.create_table(
        "surveilan_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("surveilan_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("words_version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("signed_name", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (signed_name = '')",
            name=op.f("ck_surveilan_report_sent_is_signed"),
        ),
        sa.ForeignKeyConstraint(
            ["surveilan_id"],
            ["surveilan.id"],
            name=op.f("fk_surveilan_report_surveilan_id_surveilan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveilan_report")),
        sa.UniqueConstraint(
            "surveilan_id", "attempt", name=op.f("uq_surveilan_report_surveilan_id_attempt")
        ),
    )
    op.create_table(
        "surveilan_verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("surveilan_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("asesor_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("words_version", sa.Integer(), nullable=False),
        sa.Column("methods", sa.JSON(), nullable=False),
        sa.Column("other_method", sa.Text(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("second_until", sa.Date(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_surveilan_verdict_has_reason")),
        sa.CheckConstraint(
            "NOT met OR second_until IS NULL",
            name=op.f("ck_surveilan_verdict_chance_only_when_not_met"),
        ),
        sa.ForeignKeyConstraint(
            ["asesor_id"],
            ["user_account.id"],
            name=op.f("fk_surveilan_verdict_asesor_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["surveilan_id"],
            ["surveilan.id"],
            name=op.f("fk_surveilan_verdict_surveilan_id_surveilan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveilan_verdict")),
        sa.UniqueConstraint(
            "surveilan_id", "attempt", name=op.f("uq_surveilan_verdict_surveilan_id_attempt")
        ),
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    for table in (
        "surveilan_verdict",
        "surveilan_report",
        "surveilan_letter",
        "surveilan_file",
        "surveilan_event",
        "surveilan",
        "renewal_reminder",
        "pkb_activity",
        "certificate_picture",
    ):
        op.drop_table(table)
