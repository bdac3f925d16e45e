"""Recordings of meetings as rows of their own, recordings on their way, stills of identity, named penyelia

Revision 0021, after 0020, 2026-11-23.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

from lsp import ids
from lsp.database import EncryptedText, UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KINDS = ("full", "video", "audio", "screen")


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "meeting_recording",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("kind", _kind(), nullable=False),
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("original_name", sa.String(length=200), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=32), nullable=True),
        sa.Column("stored_by_id", sa.Integer(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("superseded_at", UtcDateTime(), nullable=True),
        sa.Column("superseded_by_id", sa.Integer(), nullable=True),
        sa.Column("supersede_reason", sa.Text(), nullable=False),
        sa.Column("destroyed_at", UtcDateTime(), nullable=True),
        sa.Column("destroyed_by_id", sa.Integer(), nullable=True),
        sa.Column("destroy_paper", sa.Text(), nullable=False),
        *_identified(),
        sa.CheckConstraint(
            "(place <> '') <> (sha256 <> '') AND (sha256 <> '') = (content_type <> '')",
            name=op.f("ck_meeting_recording_place_or_file"),
        ),
        sa.CheckConstraint(
            "storage_key IS NULL OR (sha256 <> '' AND destroyed_at IS NULL)",
            name=op.f("ck_meeting_recording_file_is_hashed"),
        ),
        sa.CheckConstraint(
            "superseded_at IS NULL OR supersede_reason <> ''",
            name=op.f("ck_meeting_recording_superseded_has_reason"),
        ),
        sa.CheckConstraint(
            "destroyed_at IS NULL OR destroy_paper <> ''",
            name=op.f("ck_meeting_recording_destroyed_has_paper"),
        ),
        *_keys("meeting_recording", {
            "booking_id": "booking", "stored_by_id": "user_account", "superseded_by_id": "user_account",
            "destroyed_by_id": "user_account",
        }),
        sa.UniqueConstraint("storage_key", name=op.f("uq_meeting_recording_storage_key")),
    )  # fmt: skip
    op.create_index("ix_meeting_recording_booking", "meeting_recording", ["booking_id"])
    op.create_table(
        "recording_upload",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("kind", _kind(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("original_name", sa.String(length=200), nullable=False),
        sa.Column("said", EncryptedText("recording_upload.said"), nullable=False),
        sa.Column("part_key", EncryptedText("recording_upload.part_key"), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("whole_at", UtcDateTime(), nullable=True),
        sa.Column("recording_id", sa.Integer(), nullable=True),
        *_identified(),
        sa.CheckConstraint("length >= 1", name=op.f("ck_recording_upload_length_positive")),
        *_keys("recording_upload", {
            "user_id": "user_account", "booking_id": "booking", "recording_id": "meeting_recording",
        }),
    )  # fmt: skip
    op.create_index("ix_recording_upload_booking", "recording_upload", ["booking_id"])
    op.create_table(
        "meeting_penyelia",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("jadwal_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("named_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        *_identified(),
        *_keys("meeting_penyelia", {
            "user_id": "user_account", "jadwal_id": "jadwal", "slot_id": "slot", "named_by_id": "user_account",
        }),
    )  # fmt: skip
    op.create_index("ix_meeting_penyelia_user", "meeting_penyelia", ["user_id", "ended_at"])
    op.create_index("ix_meeting_penyelia_jadwal", "meeting_penyelia", ["jadwal_id"])
    with op.batch_alter_table("meeting_record") as table:
        table.add_column(sa.Column("identity_document_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_meeting_record_identity_document_id_document"),
            "document",
            ["identity_document_id"],
            ["id"],
        )
    op.create_index(
        "ix_meeting_record_gap",
        "meeting_record",
        ["booking_id"],
        sqlite_where=sa.text(_GAP),
        postgresql_where=sa.text(_GAP),
    )
    op.create_index(
        "ix_incident_gap",
        "incident",
        ["booking_id"],
        sqlite_where=sa.text("action = ''"),
        postgresql_where=sa.text("action = ''"),
    )
    op.create_index("ix_slot_ends", "slot", ["ends_at"])
    _carry_over()


#: As in lsp/models/jadwal.py on the day of this revision.
_GAP = (
    "started_at IS NOT NULL AND (recording_reference = '' OR screenshot_document_id IS NULL OR"
    " recording_consent_at IS NULL OR identity_checked_at IS NULL OR surroundings_checked_at IS NULL OR"
    " ended_at IS NULL)"
)


def _carry_over() -> None:
    """What was stored as a line of text becomes a row: by whom and until when are known, the rest is not."""
    connection = op.get_bind()
    old = connection.execute(
        sa.text(
            "SELECT meeting_record.booking_id, recording_reference, recording_stored_by_id, recording_keep_until,"
            " slot.asesor_id FROM meeting_record JOIN booking ON booking.id = meeting_record.booking_id"
            " JOIN slot ON slot.id = booking.slot_id WHERE recording_reference <> ''"
        ).columns(recording_keep_until=sa.Date())
    ).all()
    table = sa.table(
        "meeting_recording",
        *(sa.column(name) for name in ("booking_id", "kind", "place", "original_name", "content_type", "size", "sha256")),
        *(sa.column(name) for name in ("stored_by_id", "supersede_reason", "destroy_paper", "public_id")),
        sa.column("keep_until", sa.Date()),
        sa.column("created_at", UtcDateTime()),
    )  # fmt: skip
    now = datetime.now(UTC)
    rows = [
        {
            "booking_id": booking_id, "kind": "full", "place": place, "original_name": "", "content_type": "",
            "size": 0, "sha256": "", "stored_by_id": stored_by or asesor, "keep_until": until or _five_years(now),
            "supersede_reason": "", "destroy_paper": "", "created_at": now,
            "public_id": ids.public_id(),
        }
        for booking_id, place, stored_by, until, asesor in old
    ]  # fmt: skip
    if rows:
        connection.execute(table.insert(), rows)


def _five_years(now: datetime) -> date:
    return date(now.year + 5, now.month, min(now.day, 28))


def _kind() -> sa.Enum:
    return sa.Enum(*_KINDS, name="recordingkind", native_enum=False, length=32)


def _identified() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    ]


def _keys(table: str, foreign: dict[str, str]) -> list[sa.Constraint]:
    return [
        *(
            sa.ForeignKeyConstraint([column], [f"{of}.id"], name=op.f(f"fk_{table}_{column}_{of}"))
            for column, of in foreign.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
    ]


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index("ix_slot_ends", table_name="slot")
    op.drop_index("ix_incident_gap", table_name="incident")
    op.drop_index("ix_meeting_record_gap", table_name="meeting_record")
    with op.batch_alter_table("meeting_record") as table:
        table.drop_constraint(
            op.f("fk_meeting_record_identity_document_id_document"), type_="foreignkey"
        )
        table.drop_column("identity_document_id")
    op.drop_table("meeting_penyelia")
    op.drop_table("recording_upload")
    op.drop_table("meeting_recording")
