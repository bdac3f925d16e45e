"""MAPA: FR.MAPA.01 and FR.MAPA.02 as versioned documents of a skema version, chosen by the plan

Revision 0020, after 0019, 2026-11-23.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from lsp import clock, ids
from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

#: What a method of a skema becomes, as of this step: code of FR.MAPA.01, papers of FR.MAPA.02.
_OF_METHOD = {
    "observasi": (("CL", "FR.IA.01"),),
    "portofolio": (("CVP", "FR.IA.08"), ("PW", "FR.IA.09")),  # a portofolio is always asked about
    "pihak_ketiga": (("VPK", "FR.IA.10"),),
    "wawancara": (("PW", "FR.IA.09"),),
    "lisan": (("DPL", "FR.IA.07"),),
    "tertulis": (("DPT", "FR.IA.05"),),
    "proyek": (("DIT", "FR.IA.04A"), ("DIT", "FR.IA.04B")),
    "lainnya": (("CRP", "FR.IA.11"),),
}

_SECTIONS = ("choices", "matrix", "changes", "instrument_map", "people")
_COLUMNS = (
    "public_id", "created_at", "skema_version_id", "series", "version_number", "name", "approach", "effective_from",
    "published_at", "made_by_portal", "mapa_01_version", "mapa_02_version", *_SECTIONS,
)  # fmt: skip


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "mapa",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("skema_version_id", sa.Integer(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("approach", sa.String(20), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("made_by_portal", sa.Boolean(), nullable=False),
        sa.Column("mapa_01_version", sa.Integer(), nullable=False),
        sa.Column("mapa_02_version", sa.Integer(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("matrix", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("instrument_map", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (effective_from IS NULL)",
            name=op.f("ck_mapa_published_has_date"),
        ),
        sa.CheckConstraint(
            "approach IN ('portofolio', 'observasi')", name=op.f("ck_mapa_approach_known")
        ),
        sa.ForeignKeyConstraint(
            ["skema_version_id"],
            ["skema_version.id"],
            name=op.f("fk_mapa_skema_version_id_skema_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapa")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mapa_public_id")),
        sa.UniqueConstraint(
            "skema_version_id",
            "series",
            "version_number",
            name=op.f("uq_mapa_skema_version_id_series_version_number"),
        ),
    )
    is_draft = sa.text("published_at IS NULL")
    op.create_index(
        "uq_mapa_one_draft",
        "mapa",
        ["skema_version_id", "series"],
        unique=True,
        sqlite_where=is_draft,
        postgresql_where=is_draft,
    )
    with op.batch_alter_table("assessment_plan") as table:
        table.add_column(sa.Column("mapa_id", sa.Integer(), nullable=True))
        table.add_column(
            sa.Column("mapa_changes", sa.JSON(), nullable=False, server_default=sa.text("'{}'"))
        )
        table.create_foreign_key(
            op.f("fk_assessment_plan_mapa_id_mapa"), "mapa", ["mapa_id"], ["id"]
        )
    # The default was for the rows that stand; the models give their own.
    with op.batch_alter_table("assessment_plan") as table:
        table.alter_column("mapa_changes", existing_type=sa.JSON(), server_default=None)
    _give_each_open_skema_its_first(op.get_bind())


def downgrade() -> None:
    drop_triggers(op.get_bind())
    with op.batch_alter_table("assessment_plan") as table:
        table.drop_constraint(op.f("fk_assessment_plan_mapa_id_mapa"), type_="foreignkey")
        table.drop_column("mapa_changes")
        table.drop_column("mapa_id")
    op.drop_index("uq_mapa_one_draft", "mapa")
    op.drop_table("mapa")


def _give_each_open_skema_its_first(connection: sa.Connection) -> None:
    """In force at once: a pre-assessment on the day of this step must find a plan to choose."""
    typed = {
        "created_at": UtcDateTime(),
        "published_at": UtcDateTime(),
        "effective_from": sa.Date(),
    }
    typed |= dict.fromkeys(_SECTIONS, sa.JSON())
    mapa = sa.table("mapa", *(sa.column(name, typed.get(name)) for name in _COLUMNS))
    versions = sa.table(
        "skema_version",
        *(
            sa.column(name, kind)
            for name, kind in (
                ("id", sa.Integer()),
                ("effective_from", sa.Date()),
                ("opened_at", UtcDateTime()),
                ("methods", sa.JSON()),
            )
        ),
    )
    for version in connection.execute(
        sa.select(versions).where(versions.c.opened_at.is_not(None)).order_by(versions.c.id)
    ).all():
        connection.execute(sa.insert(mapa).values(**_first(connection, version)))


def _first(connection: sa.Connection, version: Any) -> dict[str, Any]:
    methods = version.methods or ["portofolio", "wawancara"]
    pairs = [pair for method in methods for pair in _OF_METHOD.get(method, ())]
    codes = sorted({code for code, _ in pairs})
    unit = sa.table("unit_kompetensi", *map(sa.column, ("id", "skema_version_id", "kelompok")))
    units = connection.execute(
        sa.select(unit.c.id, unit.c.kelompok).where(unit.c.skema_version_id == version.id)
    ).all()
    every = ["1", "2", "3", "4", "5"]
    watched = "observasi" in methods
    return {
        "public_id": ids.public_id(),
        "created_at": clock.now(),
        "skema_version_id": version.id,
        "series": 1,
        "version_number": 1,
        "name": "Observasi" if watched else "Portofolio dan wawancara",
        "approach": "observasi" if watched else "portofolio",
        "effective_from": version.effective_from,
        "published_at": clock.now(),
        "made_by_portal": True,
        "mapa_01_version": 1,
        "mapa_02_version": 1,
        "choices": {},
        "matrix": {str(row.id): {"evidence": "", "types": [], "codes": codes} for row in units},
        "changes": {},
        "instrument_map": {row.kelompok: {paper: every for _, paper in pairs} for row in units},
        "people": {},
    }
