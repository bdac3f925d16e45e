"""What else is written when the asesor recommends and when a case is sent back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import FrAk02, FrAk02Unit, OutboxMessage, Permohonan
from lsp.models.queue import REPLACED, TO_CORRECT_AT_BNSP, add, add_mail, cancel_waiting
from lsp.vocabulary import Answer, Channel
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import tell_asesi
from lsp.workflow.machine import Effect, named

RESULT = "jadwal/peserta/hasil-uji"
#: Competent or not, as BNSP's hasil-uji has it.
_AT_BNSP = {True: 1, False: 2}
_WENT_OUT = ("by_hand", "sent")
#: Why what BNSP was told holds no more, in words.
_NO_LONGER = {"sent_back": "dikembalikan tim teknis", "banding": "dibatalkan banding"}
#: What a decision that differs from the recommendation made of it, in words.
_DECIDED = {Answer.K: "ditetapkan kompeten", Answer.BK: "ditetapkan belum kompeten"}


def freeze_papers(case: Permohonan, actor: Actor, note: str) -> None:
    """From here database and code refuse a change of FR.AK.02 and of every FR.IA; a send-back opens new editions."""
    dossier = dossier_of(case)
    paper, now = dossier.fr_ak_02, clock.now()
    if paper is None or paper.frozen_at is not None:
        return
    case.recommendation = paper.recommendation
    paper.frozen_at = now
    for filled in dossier.instruments.values():
        # One that nobody changed since a send-back is frozen already, and stays the paper that was signed.
        if filled.frozen_at is None:
            filled.frozen_at = now
    db.session.flush()


def report_result_to_bnsp(case: Permohonan, actor: Actor, note: str) -> None:
    """BNSP's hasil-uji: 1 K, 2 BK (process 4.5)."""
    _tell_bnsp(case, RESULT, kompeten=_AT_BNSP[case.recommendation is Answer.K])


def _tell_bnsp(case: Permohonan, kind: str, **what: Any) -> None:
    """Results and their corrections stand in one row of events: the newest that went out is what BNSP knows."""
    add(
        Channel.BNSP,
        kind,
        dedupe=f"{_reported_as(case)}{case.version}",
        payload={"permohonan": case.public_id, **what},
        permohonan_id=case.id,
    )


def _reported_as(case: Permohonan) -> str:
    """How the rows of this attempt's results begin."""
    return f"bnsp:hasil-uji:{case.public_id}:{case.attempt}:"


def take_back_result(why: str) -> Effect[Permohonan]:
    """The recommendation stands no more: sent_back, banding. Put it before what clears it or opens the next attempt.

    What BNSP was not told yet is not told; what it was told is put right there, by hand.
    """

    @named(f"take_back_result_{why}")
    def take_back(case: Permohonan, actor: Actor, note: str) -> None:
        _cancel_waiting_results(case, why)
        told = _newest_result(case, OutboxMessage.done_how.in_(_WENT_OUT))
        if told is not None:
            add(
                Channel.BNSP,
                TO_CORRECT_AT_BNSP,
                dedupe=_taken_back_as(told),
                payload={
                    "permohonan": case.public_id,
                    "dilaporkan": told.payload["kompeten"],
                    "keterangan": _NO_LONGER[why],
                },
                permohonan_id=case.id,
            )

    return take_back


def settle_result_at_bnsp(case: Permohonan, actor: Actor, note: str) -> None:
    """BNSP was told the recommendation. A pleno that decides otherwise, after a banding, has it told the decision.

    Mostly both say the same and nothing is written. What waits is replaced; what went out is put right there, by hand.
    """
    if case.decision is None:
        return
    standing = _newest_result(case, OutboxMessage.done_how != "cancelled")
    decided = _AT_BNSP[case.decision is Answer.K]
    if standing is None or standing.payload["kompeten"] == decided:
        return
    _cancel_waiting_results(case, "redecided")
    told = _newest_result(case, OutboxMessage.done_how.in_(_WENT_OUT))
    if told is None or _was_taken_back(told):
        _tell_bnsp(case, RESULT, kompeten=decided)
    elif told.payload["kompeten"] != decided:
        words = _DECIDED[case.decision]
        before = told.payload["kompeten"]
        _tell_bnsp(case, TO_CORRECT_AT_BNSP, dilaporkan=before, kompeten=decided, keterangan=words)


def _cancel_waiting_results(case: Permohonan, why: str) -> None:
    error, begins = f"{REPLACED}: {why}", _reported_as(case)
    cancel_waiting(case.id, RESULT, TO_CORRECT_AT_BNSP, error=error, begins=begins)


def _newest_result(case: Permohonan, condition: ColumnElement[bool]) -> OutboxMessage | None:
    """Of this attempt's results, and of what they were corrected to."""
    return db.session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.permohonan_id == case.id,
            OutboxMessage.dedupe.startswith(_reported_as(case), autoescape=True),
            condition,
        )
        .order_by(OutboxMessage.id.desc())
        .limit(1)
    )


def _taken_back_as(told: OutboxMessage) -> str:
    return f"bnsp:betulkan:{told.public_id}"


def _was_taken_back(told: OutboxMessage) -> bool:
    found = select(OutboxMessage.id).where(OutboxMessage.dedupe == _taken_back_as(told))
    return db.session.scalar(found) is not None


def tell_recommended(case: Permohonan, actor: Actor, note: str) -> None:
    """The asesi hears: a recommendation, not yet the decision."""
    tell_asesi(case, "recommended")


def open_new_edition(case: Permohonan, actor: Actor, note: str) -> None:
    """A copy of FR.AK.02 to work on; the frozen one stays beside it."""
    old = dossier_of(case).fr_ak_02
    if old is None:
        return
    case.recommendation = None
    copy_fr_ak_02(old, booking_id=old.booking_id, asesor_id=old.asesor_id)


def copy_fr_ak_02(old: FrAk02, *, booking_id: int, asesor_id: int) -> FrAk02:
    """The next edition, as the old one stands; that one stays as it was."""
    fresh = FrAk02(
        permohonan_id=old.permohonan_id,
        booking_id=booking_id,
        attempt=old.attempt,
        edition=old.edition + 1,
        asesor_id=asesor_id,
        recommendation=old.recommendation,
        follow_up=old.follow_up,
        comment=old.comment,
        written_feedback=old.written_feedback,
    )
    fresh.units = [
        FrAk02Unit(
            unit_id=row.unit_id,
            evidence=list(row.evidence),
            failed=row.failed,
            reason=row.reason,
            changed_reason=row.changed_reason,
        )
        for row in old.units
    ]
    db.session.add(fresh)
    db.session.flush()
    return fresh


def reopen_seat(case: Permohonan, actor: Actor, note: str) -> None:
    """The asesor works on in the meeting that was held; its record stays as it is."""
    held = [seat for seat in dossier_of(case).bookings if seat.cancelled_at is None]
    if held:
        held[-1].closed_at = None
        db.session.flush()


def tell_asesor_sent_back(case: Permohonan, actor: Actor, note: str) -> None:
    paper = dossier_of(case).fr_ak_02
    if paper is None:
        return
    add_mail(
        paper.asesor,
        "sent_back_to_asesor",
        dedupe=f"{case.public_id}:{case.version}",
        permohonan_id=case.id,
        asesi_name=case.asesi_name,
        skema=case.skema_version.title,
        reason=note.strip(),
        public_id=case.public_id,
    )
