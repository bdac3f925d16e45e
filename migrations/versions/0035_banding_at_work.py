"""Banding at work: who proposed its outcome, members released, one open at a time, and one for each case under appeal

Revision 0035, after 0034, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp import clock, ids
from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_OPEN = sa.text("status IN ('filed', 'incomplete', 'accepted', 'panel_named', 'examined')")
#: Mails of the outcome before there was a letter; those that wait become the one that says an answer is there.
_OLD_MAILS = ("appeal_upheld", "appeal_reassessment", "appeal_redecision")
_case = sa.table(
    "permohonan",
    sa.column("id", sa.Integer),
    sa.column("attempt", sa.Integer),
    sa.column("status", sa.String),
    sa.column("status_at", UtcDateTime),
    sa.column("asesi_id", sa.Integer),
)
_case_event = sa.table(
    "permohonan_event",
    sa.column("id", sa.Integer),
    sa.column("permohonan_id", sa.Integer),
    sa.column("transition", sa.String),
    sa.column("note", sa.Text),
)
_banding = sa.table(
    "banding",
    sa.column("id", sa.Integer),
    sa.column("public_id", sa.String),
    sa.column("created_at", UtcDateTime),
    sa.column("permohonan_id", sa.Integer),
    sa.column("attempt", sa.Integer),
    sa.column("status", sa.String),
    sa.column("status_at", UtcDateTime),
    sa.column("version", sa.Integer),
    sa.column("filed_at", UtcDateTime),
    sa.column("fr_ak_04", sa.JSON),
    sa.column("words_version", sa.Integer),
    *(
        sa.column(name, sa.Text)
        for name in ("number", "reason", "completion_asked", "completion", "outcome",
                     "outcome_reason", "letter_number")
    ),
)  # fmt: skip
_event = sa.table(
    "banding_event",
    sa.column("banding_id", sa.Integer),
    sa.column("at", UtcDateTime),
    sa.column("transition", sa.String),
    sa.column("target", sa.String),
    sa.column("actor_id", sa.Integer),
    sa.column("actor_role", sa.String),
    sa.column("note", sa.Text),
)
_outbox = sa.table(
    "outbox_message",
    sa.column("kind", sa.String),
    sa.column("done_at", UtcDateTime),
    sa.column("channel", sa.String),
)


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("banding") as table:
        table.add_column(sa.Column("proposed_by_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_banding_proposed_by_id_user_account"),
            "user_account",
            ["proposed_by_id"],
            ["id"],
        )
    op.add_column("banding_member", sa.Column("released_at", UtcDateTime(), nullable=True))
    op.add_column(
        "banding_member",
        sa.Column("release_reason", sa.Text(), nullable=False, server_default=""),
    )
    _open_those_under_appeal(op.get_bind())
    op.create_index(
        "uq_banding_open",
        "banding",
        ["permohonan_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.get_bind().execute(
        _outbox.update()
        .where(
            _outbox.c.channel == "mail",
            _outbox.c.kind.in_(_OLD_MAILS),
            _outbox.c.done_at.is_(None),
        )
        .values(kind="banding_answered")
    )


def _open_those_under_appeal(connection: sa.Connection) -> None:
    """A case that was contested before has its reason in the history alone; its banding begins as filed."""
    have = sa.select(_banding.c.permohonan_id).where(_OPEN)
    cases = connection.execute(
        sa.select(_case).where(_case.c.status == "appealed", _case.c.id.not_in(have))
    ).all()
    for case in cases:
        reason = connection.scalar(
            sa.select(_case_event.c.note)
            .where(_case_event.c.permohonan_id == case.id, _case_event.c.transition == "appeal")
            .order_by(_case_event.c.id.desc())
            .limit(1)
        )
        public_id = ids.public_id()
        empty = dict.fromkeys(
            ("number", "completion_asked", "completion", "outcome", "outcome_reason", "letter_number"),
            "",
        )  # fmt: skip
        connection.execute(
            _banding.insert().values(
                public_id=public_id,
                created_at=clock.now(),
                permohonan_id=case.id,
                attempt=case.attempt,
                status="filed",
                status_at=case.status_at,
                version=1,
                filed_at=case.status_at,
                fr_ak_04={},
                words_version=1,
                reason=reason or "",
                **empty,
            )
        )
        made = connection.scalar(sa.select(_banding.c.id).where(_banding.c.public_id == public_id))
        connection.execute(
            _event.insert().values(
                banding_id=made,
                at=case.status_at,
                transition="appeal",
                target="filed",
                actor_id=case.asesi_id,
                actor_role="asesi",
                note="",
            )
        )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index("uq_banding_open", table_name="banding")
    with op.batch_alter_table("banding_member") as table:
        table.drop_column("release_reason")
        table.drop_column("released_at")
    with op.batch_alter_table("banding") as table:
        table.drop_constraint(op.f("fk_banding_proposed_by_id_user_account"), type_="foreignkey")
        table.drop_column("proposed_by_id")
