"""Promises of the database about a certificate's life: who decides a proposal, and what stays as it was written."""

# ruff: noqa: S608 - the SQL is put together from constants of this file, never from what a person typed
from __future__ import annotations

from lsp.models.trigger import Trigger
from lsp.vocabulary import FINAL, PermohonanStatus

_HOLDER = (
    "(SELECT permohonan.asesi_id FROM certificate JOIN permohonan ON permohonan.id = certificate.permohonan_id"
    " WHERE certificate.id = NEW.certificate_id)"
)
_WRITTEN_ONCE = (
    "certificate_id", "public_id", "step", "ground", "reason", "proposed_by_id", "proposed_role", "created_at",
)  # fmt: skip
#: A permohonan in these states renews nothing any more.
RENEWS_NO_MORE = (*FINAL, PermohonanStatus.LAPSED)
_ENDED = ", ".join(sorted(f"'{state.value}'" for state in RENEWS_NO_MORE))


def certificate_life() -> list[Trigger]:
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in _WRITTEN_ONCE)
    date_moved = (
        "(OLD.answer_until IS NULL) <> (NEW.answer_until IS NULL) OR NEW.answer_until <> OLD.answer_until"
        " OR (OLD.notice_at IS NOT NULL AND (NEW.notice_at IS NULL OR NEW.notice_at <> OLD.notice_at))"
    )
    state = "(SELECT status FROM permohonan WHERE id = {row}.permohonan_id)"
    sent = f"{state.format(row='NEW')} NOT IN ('draft', 'returned')"
    another = (
        "NEW.certificate_id IS NOT NULL AND EXISTS (SELECT 1 FROM previous_certificate AS other"
        " JOIN permohonan ON permohonan.id = other.permohonan_id"
        " WHERE other.certificate_id = NEW.certificate_id AND other.permohonan_id <> NEW.permohonan_id"
        f" AND permohonan.status NOT IN ({_ENDED}))"
    )
    return [
        Trigger(
            "certificate_proposal_no_delete", "certificate_proposal", "DELETE",
            message="never deleted: certificate_proposal",
        ),
        # As of all tables that keep their rows: INSERT OR REPLACE would delete without asking the trigger above.
        Trigger(
            "certificate_proposal_no_replace", "certificate_proposal", "INSERT",
            "EXISTS (SELECT 1 FROM certificate_proposal WHERE id = NEW.id)",
            "append-only: certificate_proposal",
        ),
        Trigger(
            "certificate_proposal_decider", "certificate_proposal", "UPDATE",
            f"NEW.decided_by_id IS NOT NULL AND NEW.decided_by_id IN (NEW.proposed_by_id, {_HOLDER})",
            "duty: proposal_decided_by_another",
        ),
        Trigger(
            "certificate_proposal_own", "certificate_proposal", "INSERT",
            f"NEW.proposed_by_id = {_HOLDER}", "duty: own_case",
        ),
        Trigger(
            "certificate_proposal_frozen", "certificate_proposal", "UPDATE",
            f"OLD.decided_at IS NOT NULL OR {changed} OR {date_moved}"
            " OR (OLD.answered_at IS NOT NULL AND (NEW.answer <> OLD.answer OR NEW.answered_at IS NULL"
            " OR NEW.answered_at <> OLD.answered_at))",
            "frozen: certificate_proposal",
        ),
        Trigger(
            "certificate_answer_file_frozen", "certificate_answer_file", "INSERT",
            "EXISTS (SELECT 1 FROM certificate_proposal WHERE id = NEW.proposal_id"
            " AND (answered_at IS NOT NULL OR decided_at IS NOT NULL))",
            "frozen: certificate_answer_file",
        ),
        *(
            Trigger(
                f"previous_certificate_frozen_{event.lower()}", "previous_certificate", event, sent,
                "frozen: previous_certificate",
            )
            for event in ("INSERT", "UPDATE")
        ),
        Trigger(
            "previous_certificate_kept", "previous_certificate", "DELETE",
            f"{state.format(row='OLD')} NOT IN ('draft', 'returned')", "frozen: previous_certificate",
        ),
        *(
            Trigger(
                f"previous_certificate_one_open_{event.lower()}", "previous_certificate", event, another,
                "taken: previous_certificate",
            )
            for event in ("INSERT", "UPDATE")
        ),
    ]  # fmt: skip
