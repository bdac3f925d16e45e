"""What the database keeps of document links by itself: to what a link led, and who opened it, stays as it was."""

from __future__ import annotations

from lsp.models.trigger import Trigger

#: Not the sealed token: a change of keys seals it anew.
_FIXED = (
    "permohonan_id", "attempt", "purpose", "paper", "subject", "token_digest", "made_by_id", "ends_on", "created_at",
)  # fmt: skip


def document_links() -> list[Trigger]:
    """A revoked link stays revoked; a reading is written once."""
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in _FIXED)
    link, read = "document_link", "document_link_read"
    return [
        Trigger(
            f"{link}_frozen", link, "UPDATE",
            f"{changed} OR COALESCE(NEW.document_id, 0) <> COALESCE(OLD.document_id, 0)"
            " OR (OLD.revoked_at IS NOT NULL AND (NEW.revoked_at IS NULL OR NEW.revoked_at <> OLD.revoked_at"
            " OR NEW.revoked_by_id <> OLD.revoked_by_id OR NEW.revoke_reason <> OLD.revoke_reason))",
            f"frozen: {link}",
        ),
        Trigger(f"{link}_no_delete", link, "DELETE", message=f"never deleted: {link}"),
        Trigger(f"{read}_no_update", read, "UPDATE", message=f"append-only: {read}"),
        Trigger(f"{read}_no_delete", read, "DELETE", message=f"append-only: {read}"),
    ]  # fmt: skip
