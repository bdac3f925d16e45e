"""What the database keeps of a surveilan by itself: what was sent, answered or judged stays as it was."""

from __future__ import annotations

from lsp.models.trigger import Trigger

#: Rows that are written once, and rows that never go; lsp/models/triggers.py makes their triggers.
APPEND_ONLY = (
    "surveilan_verdict",
    "surveilan_event",
    "surveilan_file",
    "renewal_reminder",
    "certificate_picture",
)
NEVER_DELETED = ("surveilan", "surveilan_report", "surveilan_letter", "pkb_activity")

_ENDED = "OLD.status IN ('met', 'not_met', 'dropped')"


def surveilan() -> list[Trigger]:
    return [
        Trigger(
            "surveilan_identity_frozen", "surveilan", "UPDATE",
            "NEW.certificate_id <> OLD.certificate_id OR NEW.permohonan_id <> OLD.permohonan_id"
            " OR NEW.number <> OLD.number OR NEW.due_on <> OLD.due_on",
            "frozen: surveilan",
        ),
        Trigger("surveilan_ended", "surveilan", "UPDATE", _ENDED, "frozen: surveilan"),
        *(
            Trigger(
                f"surveilan_asesor_not_asesi_{event.lower()}", "surveilan", event,
                "NEW.asesor_id = (SELECT asesi_id FROM permohonan WHERE id = NEW.permohonan_id)",
                "duty: asesor_not_asesi",
            )
            for event in ("INSERT", "UPDATE")
        ),
        Trigger(
            "surveilan_verdict_not_asesi", "surveilan_verdict", "INSERT",
            "NEW.asesor_id = (SELECT permohonan.asesi_id FROM surveilan JOIN permohonan"
            " ON permohonan.id = surveilan.permohonan_id WHERE surveilan.id = NEW.surveilan_id)",
            "duty: asesor_not_asesi",
        ),
        Trigger(
            "surveilan_report_frozen", "surveilan_report", "UPDATE",
            "OLD.sent_at IS NOT NULL", "frozen: surveilan_report",
        ),
        Trigger(
            "surveilan_file_frozen", "surveilan_file", "INSERT",
            "EXISTS (SELECT 1 FROM surveilan_report WHERE surveilan_id = NEW.surveilan_id"
            " AND attempt = NEW.attempt AND sent_at IS NOT NULL)",
            "frozen: surveilan_file",
        ),
        Trigger(
            "surveilan_letter_frozen", "surveilan_letter", "UPDATE",
            "OLD.answered_at IS NOT NULL", "frozen: surveilan_letter",
        ),
        Trigger(
            "pkb_activity_frozen", "pkb_activity", "UPDATE",
            "OLD.judged_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL OR NEW.name <> OLD.name"
            " OR NEW.credits <> OLD.credits OR NEW.held_on <> OLD.held_on OR NEW.document_id <> OLD.document_id"
            " OR NEW.certificate_id <> OLD.certificate_id",
            "frozen: pkb_activity",
        ),
    ]  # fmt: skip
