"""Blanko from the request to the ledger: requests, moves of numbers, returns, BNSP's codes

Revision 0038, after 0037, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_OPEN = sa.text("outcome = '' AND result = 'K'")
_RESERVED = sa.text("state = 'reserved'")
_blanko = sa.table(
    "blanko",
    sa.column("id", sa.Integer),
    sa.column("state", sa.String),
    sa.column("permohonan_id", sa.Integer),
    sa.column("received_by_id", sa.Integer),
    sa.column("note", sa.Text),
    sa.column("created_at", UtcDateTime),
)
_move = sa.table(
    "blanko_move",
    sa.column("blanko_id", sa.Integer),
    sa.column("at", UtcDateTime),
    sa.column("source", sa.String),
    sa.column("target", sa.String),
    sa.column("permohonan_id", sa.Integer),
    sa.column("actor_id", sa.Integer),
    sa.column("note", sa.Text),
)


def _keys(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    """Foreign keys by column, named as the models name them."""
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))
        for column, to in columns.items()
    ]


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    _create_requests()
    _create_ledger()
    op.create_table(
        "bnsp_code",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("own", sa.String(160), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        *_keys("bnsp_code", set_by_id="user_account"),
        sa.PrimaryKeyConstraint("kind", "own", name=op.f("pk_bnsp_code")),
    )
    _tell_the_moves()
    op.create_index("ix_blanko_state", "blanko", ["state", "id"])
    op.create_index(
        "uq_blanko_reserved", "blanko", ["permohonan_id"], unique=True,
        sqlite_where=_RESERVED, postgresql_where=_RESERVED,
    )  # fmt: skip


def _create_requests() -> None:
    op.create_table(
        "blanko_request",
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("pleno_id", sa.Integer(), nullable=False),
        sa.Column("jadwal_id", sa.Integer(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        *_keys("blanko_request", pleno_id="pleno", jadwal_id="jadwal", made_by_id="user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blanko_request")),
        sa.UniqueConstraint("number", name=op.f("uq_blanko_request_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_blanko_request_public_id")),
    )
    op.create_index(op.f("ix_blanko_request_pleno_id"), "blanko_request", ["pleno_id"])
    op.create_index(op.f("ix_blanko_request_jadwal_id"), "blanko_request", ["jadwal_id"])
    op.create_table(
        "blanko_request_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("permohonan_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(32), nullable=False),
        sa.Column("funding", sa.String(40), nullable=False),
        sa.Column("ministry", sa.String(160), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('', 'received', 'refused', 'annulled')",
            name=op.f("ck_blanko_request_case_outcome_known"),
        ),
        sa.CheckConstraint(
            "(outcome = '') = (answered_at IS NULL)",
            name=op.f("ck_blanko_request_case_outcome_has_time"),
        ),
        sa.CheckConstraint(
            "outcome IN ('', 'received') OR reason <> ''",
            name=op.f("ck_blanko_request_case_refusal_has_reason"),
        ),
        sa.CheckConstraint(
            "result = 'K' OR outcome = ''",
            name=op.f("ck_blanko_request_case_only_competent_is_answered"),
        ),
        *_keys("blanko_request_case", request_id="blanko_request", permohonan_id="permohonan"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blanko_request_case")),
        sa.UniqueConstraint(
            "request_id", "permohonan_id", name=op.f("uq_blanko_request_case_request_id_permohonan_id")
        ),
    )  # fmt: skip
    op.create_index(
        op.f("ix_blanko_request_case_request_id"), "blanko_request_case", ["request_id"]
    )
    op.create_index(
        op.f("ix_blanko_request_case_permohonan_id"), "blanko_request_case", ["permohonan_id"]
    )
    op.create_index(
        "uq_blanko_request_case_open", "blanko_request_case", ["permohonan_id"], unique=True,
        sqlite_where=_OPEN, postgresql_where=_OPEN,
    )  # fmt: skip


def _create_ledger() -> None:
    op.create_table(
        "blanko_return",
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        *_keys("blanko_return", made_by_id="user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blanko_return")),
        sa.UniqueConstraint("number", name=op.f("uq_blanko_return_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_blanko_return_public_id")),
    )
    op.create_table(
        "blanko_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("blanko_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("source", sa.String(32), nullable=True),
        sa.Column("target", sa.String(32), nullable=False),
        sa.Column("permohonan_id", sa.Integer(), nullable=True),
        sa.Column("return_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(target = 'returned') = (return_id IS NOT NULL)",
            name=op.f("ck_blanko_move_returned_by_paper"),
        ),
        sa.CheckConstraint(
            "target NOT IN ('spoiled', 'mistyped') OR note <> ''",
            name=op.f("ck_blanko_move_loss_has_reason"),
        ),
        *_keys(
            "blanko_move", blanko_id="blanko", permohonan_id="permohonan", return_id="blanko_return",
            actor_id="user_account",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blanko_move")),
    )  # fmt: skip
    op.create_index(op.f("ix_blanko_move_blanko_id"), "blanko_move", ["blanko_id"])
    op.create_index(op.f("ix_blanko_move_return_id"), "blanko_move", ["return_id"])


def _tell_the_moves() -> None:
    """A number that stands already came, was reserved, and went to where it is; a spoiled one of no case was mistyped."""
    bind = op.get_bind()
    bind.execute(
        _blanko.update()
        .where(_blanko.c.state == "spoiled", _blanko.c.permohonan_id.is_(None))
        .values(state="mistyped")
    )
    for row in bind.execute(sa.select(_blanko).order_by(_blanko.c.id)).all():
        states = ["received"]
        states += [] if row.state == "received" else ["reserved"]
        states += [] if row.state in ("received", "reserved") else [row.state]
        reason = row.note or "tercatat sebelum ada buku blangko"
        bind.execute(
            _move.insert(),
            [
                {
                    "blanko_id": row.id,
                    "at": row.created_at,
                    "source": source,
                    "target": target,
                    "permohonan_id": row.permohonan_id,
                    "actor_id": row.received_by_id or None,
                    "note": reason if target in ("spoiled", "mistyped") else "",
                }
                for source, target in zip([None, *states], states, strict=False)
            ],
        )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index("uq_blanko_reserved", table_name="blanko")
    op.drop_index("ix_blanko_state", table_name="blanko")
    op.execute("UPDATE blanko SET state = 'spoiled' WHERE state = 'mistyped'")
    for table in (
        "bnsp_code",
        "blanko_move",
        "blanko_return",
        "blanko_request_case",
        "blanko_request",
    ):
        op.drop_table(table)  # fmt: skip
