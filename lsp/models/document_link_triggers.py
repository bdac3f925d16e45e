"""What the database keeps of what LPJK and BNSP were handed: to what a link led, who opened it, why a gap was sent."""

from __future__ import annotations

from lsp.models.trigger import Trigger

#: Not the sealed token: a change of keys seals it anew.
_FIXED = (
    "permohonan_id", "attempt", "purpose", "paper", "subject", "token_digest", "made_by_id", "ends_on", "created_at",
)  # fmt: skip


def document_links() -> list[Trigger]:
    """A revoked link stays revoked; a reading is written once."""
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in _FIXED)
    link = "document_link"
    return [
        Trigger(
            f"{link}_frozen", link, "UPDATE",
            f"{changed} OR COALESCE(NEW.document_id, 0) <> COALESCE(OLD.document_id, 0)"
            " OR (OLD.revoked_at IS NOT NULL AND (NEW.revoked_at IS NULL OR NEW.revoked_at <> OLD.revoked_at"
            " OR NEW.revoked_by_id <> OLD.revoked_by_id OR NEW.revoke_reason <> OLD.revoke_reason))",
            f"frozen: {link}",
        ),
        Trigger(f"{link}_no_delete", link, "DELETE", message=f"never deleted: {link}"),
        *(
            Trigger(f"{table}_no_{event.lower()}", table, event, message=f"append-only: {table}")
            for table in ("document_link_read", "sent_with_gaps")
            for event in ("UPDATE", "DELETE")
        ),
    ]  # fmt: skip
