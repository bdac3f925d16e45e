"""What else is written when the asesor recommends and when a case is sent back."""

from __future__ import annotations

from sqlalchemy import select

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
#: Why what BNSP was told holds no more, in words.
_NO_LONGER = {"sent_back": "dikembalikan tim teknis", "banding": "dibatalkan banding"}


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
    add(
        Channel.BNSP,
        RESULT,
        dedupe=f"{_reported_as(case)}{case.version}",
        payload={
            "permohonan": case.public_id,
            "kompeten": _as_at_bnsp(case),
        },
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
        begins = _reported_as(case)
        cancel_waiting(case.id, RESULT, error=f"{REPLACED}: {why}", begins=begins)
        told = _told_to_bnsp(case, begins)
        if told is not None:
            add(
                Channel.BNSP,
                TO_CORRECT_AT_BNSP,
                dedupe=f"bnsp:betulkan:{told}",
                payload={
                    "permohonan": case.public_id,
                    "dilaporkan": _as_at_bnsp(case),
                    "keterangan": _NO_LONGER[why],
                },
                permohonan_id=case.id,
            )

    return take_back


def _told_to_bnsp(case: Permohonan, begins: str) -> str | None:
    """The newest result of this attempt that went out: the public id of its row."""
    return db.session.scalar(
        select(OutboxMessage.public_id)
        .where(
            OutboxMessage.permohonan_id == case.id,
            OutboxMessage.dedupe.startswith(begins, autoescape=True),
            OutboxMessage.done_how.in_(("by_hand", "sent")),
        )
        .order_by(OutboxMessage.id.desc())
        .limit(1)
    )


def _as_at_bnsp(case: Permohonan) -> int:
    return 1 if case.recommendation is Answer.K else 2


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
