"""Pre-assessment: words of forms by version, data confirmed, evidence judged, what FR.AK.01 agrees on

Revision 0019, after 0018, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_IN_WORDS = sa.text("document_id IS NULL")
_RECORD = ("assignment_shown_at", "recorder_started_at", "rights_explained_at")
_PLAN = ("agreed_place", "backup_contact", "fr_ak_01_other")


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    for name in _RECORD:
        op.add_column("meeting_record", sa.Column(name, UtcDateTime(), nullable=True))
    op.add_column("meeting_record", sa.Column("conflict_text_version", sa.Integer(), nullable=True))
    op.add_column("assessment_plan", sa.Column("agreed_starts_at", UtcDateTime(), nullable=True))
    op.add_column("assessment_plan", sa.Column("fr_ak_01_version", sa.Integer(), nullable=True))
    for name in _PLAN:
        op.add_column(
            "assessment_plan", sa.Column(name, sa.String(200), nullable=False, server_default="")
        )
    _make_form_template()
    _make_data_confirmation()
    _make_unit_review()
    _make_evidence_note()


def _make_form_template() -> None:
    op.create_table(
        "form_template",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("form_code", sa.String(20), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("form_code", "version_number"),
    )


def _make_data_confirmation() -> None:
    op.create_table(
        "data_confirmation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("permohonan_id", sa.Integer(), sa.ForeignKey("permohonan.id"), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), sa.ForeignKey("booking.id"), nullable=False),
        sa.Column("field", sa.String(30), nullable=False),
        sa.Column("fits", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("value_digest", sa.String(64), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=False),
        sa.Column(
            "confirmed_by_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False
        ),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.UniqueConstraint("permohonan_id", "attempt", "field"),
        sa.CheckConstraint("fits OR note <> ''", name="note_when_unfit"),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by_id IS NULL)", name="resolved_by_somebody"
        ),
    )
    op.create_index("ix_data_confirmation_unfit", "data_confirmation", ["fits", "resolved_at"])


def _make_unit_review() -> None:
    op.create_table(
        "unit_review",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("permohonan_id", sa.Integer(), sa.ForeignKey("permohonan.id"), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), sa.ForeignKey("booking.id"), nullable=False),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit_kompetensi.id"), nullable=False),
        sa.Column("can_continue", sa.Boolean(), nullable=True),
        sa.Column("missing_evidence", sa.Text(), nullable=False),
        sa.Column("reviewed_at", UtcDateTime(), nullable=False),
        sa.Column("reviewed_by_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.UniqueConstraint("permohonan_id", "attempt", "unit_id"),
        sa.CheckConstraint("can_continue OR missing_evidence <> ''", name="missing_named"),
    )


def _make_evidence_note() -> None:
    op.create_table(
        "evidence_note",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_review_id", sa.Integer(), sa.ForeignKey("unit_review.id"), nullable=False),
        sa.Column("document_id", sa.Integer(), sa.ForeignKey("document.id"), nullable=True),
        *(
            sa.Column(name, sa.Boolean(), nullable=True)
            for name in ("valid", "authentic", "current", "sufficient")
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.UniqueConstraint("unit_review_id", "document_id"),
    )
    op.create_index(
        op.f("ix_evidence_note_document_id"), "evidence_note", ["document_id"], unique=False
    )
    op.create_index(
        "uq_evidence_note_in_words", "evidence_note", ["unit_review_id"], unique=True,
        sqlite_where=_IN_WORDS, postgresql_where=_IN_WORDS,
    )  # fmt: skip


def downgrade() -> None:
    drop_triggers(op.get_bind())
    for table in ("evidence_note", "unit_review", "data_confirmation", "form_template"):
        op.drop_table(table)
    for name in ("fr_ak_01_version", "agreed_starts_at", *_PLAN):
        op.drop_column("assessment_plan", name)
    for name in ("conflict_text_version", *_RECORD):
        op.drop_column("meeting_record", name)
