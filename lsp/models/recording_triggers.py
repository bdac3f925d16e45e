"""What the database keeps of recordings by itself, whoever writes to it."""

from __future__ import annotations

from lsp.models.trigger import Trigger

#: The certificate that the recording of a booking is evidence for still holds, or its decision is contested.
_RECORDING_NEEDED = """
    wib_day(NEW.destroyed_at) <= OLD.keep_until
    OR EXISTS (SELECT 1 FROM booking JOIN permohonan ON permohonan.id = booking.permohonan_id
                WHERE booking.id = OLD.booking_id AND permohonan.status = 'appealed')
    OR EXISTS (SELECT 1 FROM booking JOIN certificate ON certificate.permohonan_id = booking.permohonan_id
                WHERE booking.id = OLD.booking_id AND certificate.valid_until >= wib_day(NEW.destroyed_at))
"""


def recordings() -> list[Trigger]:
    """A recording stays what it was, and is destroyed neither before its time nor during a banding (process 9.5)."""
    fixed = (
        "booking_id", "kind", "place", "size", "sha256", "content_type", "stored_by_id", "created_at", "public_id",
    )  # fmt: skip
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in fixed)
    return [
        Trigger(
            "meeting_recording_frozen", "meeting_recording", "UPDATE",
            f"{changed} OR NEW.keep_until < OLD.keep_until OR OLD.destroyed_at IS NOT NULL"
            " OR (OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS NULL)"
            " OR (NEW.destroyed_at IS NULL AND OLD.storage_key IS NOT NULL"
            " AND (NEW.storage_key IS NULL OR NEW.storage_key <> OLD.storage_key))",
            "frozen: meeting_recording",
        ),
        Trigger(
            "meeting_recording_kept", "meeting_recording", "UPDATE",
            f"NEW.destroyed_at IS NOT NULL AND OLD.destroyed_at IS NULL AND ({_RECORDING_NEEDED})",
            "kept: meeting_recording",
        ),
    ]  # fmt: skip
