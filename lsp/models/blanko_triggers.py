"""What the database keeps of requests and of the ledger of blanko: written once, and forward only."""

# ruff: noqa: S608 - the SQL is put together from constants of this file
from __future__ import annotations

from lsp.models.trigger import Trigger

#: (from, to) a number may go; nothing leads out of `issued` or `returned`. A number that was typed wrongly never was
#: a blanko of this LSP, so it is another's as soon as BNSP gives it.
MOVES = (
    ("received", "reserved"),
    ("reserved", "issued"),
    ("received", "spoiled"),
    ("reserved", "spoiled"),
    ("spoiled", "returned"),
    ("reserved", "mistyped"),
    ("mistyped", "reserved"),
)
_WRITTEN_ONCE = ("blanko_request", "blanko_move", "blanko_return")
_KEPT = ("blanko_request_case",)
#: Of a row of a request that may not change at all.
_ASKED = ("request_id", "permohonan_id", "attempt", "result", "funding", "ministry")


def blanko() -> list[Trigger]:
    made = [
        Trigger(f"{table}_no_update", table, "UPDATE", message=f"append-only: {table}")
        for table in _WRITTEN_ONCE
    ]
    for table in (*_WRITTEN_ONCE, *_KEPT):
        made += [
            Trigger(f"{table}_no_delete", table, "DELETE", message=f"never deleted: {table}"),
            Trigger(
                f"{table}_no_replace", table, "INSERT",
                f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)",
                f"append-only: {table}",
            ),
        ]  # fmt: skip
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in _ASKED)
    pairs = ", ".join(f"'{source}>{target}'" for source, target in MOVES)
    return [
        *made,
        Trigger(
            "blanko_request_case_frozen", "blanko_request_case", "UPDATE", f"OLD.outcome <> '' OR {changed}",
            "frozen: blanko_request_case",
        ),
        Trigger(
            "blanko_begins_received", "blanko", "INSERT",
            # The same key again is refused by another trigger, with its own words.
            "NEW.state <> 'received' AND NOT EXISTS (SELECT 1 FROM blanko WHERE id = NEW.id)",
            "ledger: blanko begins received",
        ),
        Trigger("blanko_number_frozen", "blanko", "UPDATE", "NEW.number <> OLD.number", "frozen: blanko number"),
        Trigger(
            "blanko_state_by_move", "blanko", "UPDATE",
            "NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM blanko_move WHERE source = OLD.state"
            " AND target = NEW.state AND id = (SELECT max(id) FROM blanko_move WHERE blanko_id = NEW.id))",
            "ledger: blanko moves by blanko_move",
        ),
        Trigger(
            "blanko_move_forward", "blanko_move", "INSERT",
            # In brackets: PL/pgSQL ends the condition of an IF at the first THEN outside of them.
            "(CASE WHEN NEW.source IS NULL THEN NEW.target <> 'received'"
            " OR EXISTS (SELECT 1 FROM blanko_move WHERE blanko_id = NEW.blanko_id)"
            f" ELSE NEW.source || '>' || NEW.target NOT IN ({pairs})"
            " OR NEW.source <> (SELECT state FROM blanko WHERE id = NEW.blanko_id) END)",
            "ledger: blanko goes forward",
        ),
    ]  # fmt: skip
