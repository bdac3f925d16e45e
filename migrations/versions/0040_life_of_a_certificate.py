"""Proposals about a certificate, and the certificate that a permohonan renews or corrects

Revision 0040, after 0039, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_OPEN = sa.text("decided_at IS NULL")
_TABLE = "certificate_proposal"


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _person(name: str, *, nullable: bool) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{_TABLE}_{name}"))


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_index("ix_certificate_status", "certificate", ["status", "id"])
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=False),
        _words("reason"),
        _person("proposed_by_id", nullable=False),
        sa.Column("proposed_role", sa.String(length=32), nullable=False),
        sa.Column("notice_at", UtcDateTime(), nullable=True),
        sa.Column("answer_until", sa.Date(), nullable=True),
        _words("answer"),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        _person("decided_by_id", nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        _words("decision_words"),
        sa.Column("letter_number", sa.String(length=60), nullable=False),
        _to(_TABLE, "certificate_id", "certificate"),
        _to(_TABLE, "proposed_by_id", "user_account"),
        _to(_TABLE, "decided_by_id", "user_account"),
        _check("has_reason", "length(trim(reason)) >= 20"),
        _check("answer_has_time", "(answered_at IS NULL) = (answer = '')"),
        _check("decided_has_outcome", "(decided_at IS NULL) = (outcome IS NULL)"),
        _check("decided_has_words", "outcome IS NULL OR decision_words <> ''"),
        _check("approved_has_letter", "outcome <> 'approved' OR letter_number <> ''"),
        _check("decided_by_another", "decided_by_id IS NULL OR decided_by_id <> proposed_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{_TABLE}_public_id")),
    )
    op.create_index(
        "uq_certificate_proposal_open",
        _TABLE,
        ["certificate_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index(
        "ix_certificate_proposal_waiting",
        _TABLE,
        ["id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_certificate_proposal_certificate", _TABLE, ["certificate_id", "id"])
    op.create_table(
        "previous_certificate",
        sa.Column("permohonan_id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.Column("typed_number", sa.String(length=80), nullable=False),
        _words("correction"),
        sa.Column("named_at", UtcDateTime(), nullable=False),
        _to("previous_certificate", "permohonan_id", "permohonan"),
        _to("previous_certificate", "certificate_id", "certificate"),
        sa.CheckConstraint(
            "(certificate_id IS NULL) = (typed_number <> '')",
            name=op.f("ck_previous_certificate_ours_or_typed"),
        ),
        sa.PrimaryKeyConstraint("permohonan_id", name=op.f("pk_previous_certificate")),
    )
    op.create_index(
        "ix_previous_certificate_certificate_id", "previous_certificate", ["certificate_id"]
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("previous_certificate")
    op.drop_table(_TABLE)
    op.drop_index("ix_certificate_status", table_name="certificate")
