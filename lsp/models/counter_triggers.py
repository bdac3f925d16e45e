"""Counters that the database keeps by itself, so that a page counts nothing."""

# ruff: noqa: S608 - the SQL is put together from constants of this file

from __future__ import annotations

from lsp.models.trigger import Trigger


def counters() -> list[Trigger]:
    """Tiles read `status_count` instead of counting a hundred thousand rows."""
    tail = " ON CONFLICT (status) DO UPDATE SET count = status_count.count + excluded.count"
    add = f"INSERT INTO status_count (status, count) VALUES (NEW.status, 1){tail}"
    # One statement in the order of the names: two cases that move in opposite directions at the same moment
    # lock the two rows in the same order, so PostgreSQL has no deadlock to break.
    move = (
        "INSERT INTO status_count (status, count) SELECT moved.status, moved.step FROM"
        " (SELECT OLD.status AS status, -1 AS step UNION ALL SELECT NEW.status, 1) AS moved"
        " WHERE true ORDER BY moved.status" + tail
    )
    return [
        Trigger("permohonan_count_insert", "permohonan", "INSERT", statement=add),
        Trigger(
            "permohonan_count_update", "permohonan", "UPDATE", "NEW.status <> OLD.status", statement=move
        ),
    ]  # fmt: skip
