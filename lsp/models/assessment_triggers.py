"""What the database keeps of an assessment by itself: instruments in force, filled papers, reports, panels."""

# ruff: noqa: S608 - the SQL is put together from constants of this file, never from what a person typed
from __future__ import annotations

from lsp.models.trigger import Trigger

#: Rows that hang on a paper: table -> (column that names the paper, table of the paper, when the paper is fixed).
_ROWS_OF = {
    "instrument_item": ("instrument_id", "instrument", "published_at IS NOT NULL"),
    "portfolio_check": ("filled_id", "filled_instrument", "frozen_at IS NOT NULL"),
    "interview_topic": ("filled_id", "filled_instrument", "frozen_at IS NOT NULL"),
    "instrument_answer": ("filled_id", "filled_instrument", "frozen_at IS NOT NULL"),
}


def assessment() -> list[Trigger]:
    """What is in force, was sent, or was signed stays as it is (workflow 1: `recommend`; forms 1.5)."""
    return [
        Trigger(
            "instrument_frozen", "instrument", "UPDATE", "OLD.published_at IS NOT NULL", "frozen: instrument"
        ),
        Trigger("instrument_kept", "instrument", "DELETE", "OLD.published_at IS NOT NULL", "frozen: instrument"),
        Trigger(
            "filled_instrument_frozen", "filled_instrument", "UPDATE", "OLD.frozen_at IS NOT NULL",
            "frozen: filled_instrument",
        ),
        *(trigger for table in _ROWS_OF for trigger in _rows_frozen(table)),
        Trigger(
            "fr_ak_02_competent_by_evidence", "fr_ak_02", "UPDATE",
            "OLD.frozen_at IS NULL AND NEW.frozen_at IS NOT NULL AND NEW.recommendation = 'K'"
            " AND EXISTS (SELECT 1 FROM fr_ak_02_unit"
            " WHERE fr_ak_02_id = NEW.id AND CAST(evidence AS TEXT) = '[]')",
            "evidence: fr_ak_02",
        ),
        Trigger(
            "third_party_answered", "third_party", "UPDATE",
            "OLD.answered_at IS NOT NULL AND (NEW.answered_at IS NULL OR NEW.answered_at <> OLD.answered_at"
            " OR NEW.name <> OLD.name OR NEW.said <> OLD.said)",
            "frozen: third_party",
        ),
        *(
            Trigger(f"{table}_frozen", table, "UPDATE", "OLD.signed_at IS NOT NULL", f"frozen: {table}")
            for table in ("fr_ak_05", "fr_ak_06")
        ),
        # Before all have signed a member may take his signature back, and nothing else under it changes.
        Trigger(
            "banding_member_frozen", "banding_member", "UPDATE",
            "OLD.signed_at IS NOT NULL AND (NEW.signed_at IS NOT NULL OR NEW.finding <> OLD.finding"
            " OR NEW.found_at <> OLD.found_at OR EXISTS (SELECT 1 FROM banding WHERE id = OLD.banding_id"
            " AND status IN ('upheld', 'reassess', 'redecide')))",
            "frozen: banding_member",
        ),
        # He says that he did not teach the asesi before he reads the file, let alone writes about it.
        Trigger(
            "banding_member_declared", "banding_member", "UPDATE",
            "NEW.found_at IS NOT NULL AND NEW.not_teaching_declared_at IS NULL",
            "duty: banding_member_declared",
        ),
        Trigger(
            "banding_answer_frozen", "banding", "UPDATE",
            "OLD.status IN ('upheld', 'reassess', 'redecide', 'dismissed', 'withdrawn')",
            "frozen: banding",
        ),
    ]  # fmt: skip


def _rows_frozen(table: str) -> list[Trigger]:
    column, paper, fixed = _ROWS_OF[table]
    return [
        Trigger(
            f"{table}_frozen_{event.lower()}", table, event,
            f"EXISTS (SELECT 1 FROM {paper} WHERE id IN ({papers}) AND {fixed})",
            f"frozen: {table}",
        )
        for event, papers in (
            ("INSERT", f"NEW.{column}"),
            ("UPDATE", f"OLD.{column}, NEW.{column}"),
            ("DELETE", f"OLD.{column}"),
        )
    ]  # fmt: skip
