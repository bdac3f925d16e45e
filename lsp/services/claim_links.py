"""Links to claim by, sent again to many at once: who gets one, and who is better called. One by one: claims.py."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from lsp import clock
from lsp.actor import Actor
from lsp.models import Claim
from lsp.services import claims

#: A second press within this time is the first one's repeat.
_JUST_SENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Plan:
    """left_out: with the reason."""

    meant: list[Claim]
    left_out: list[tuple[Claim, str]]


def plan(actor: Actor, case_ids: Collection[str], *, everybody: bool = False) -> Plan:
    """Among those that wait; what is no longer there is neither meant nor named."""
    waiting = [
        claim
        for claim in claims.all_waiting()
        if everybody or claim.permohonan.public_id in case_ids
    ]
    reasons = [(claim, _reason(actor, claim)) for claim in waiting]
    return Plan(
        [claim for claim, reason in reasons if not reason],
        [(claim, reason) for claim, reason in reasons if reason],
    )


def _reason(actor: Actor, claim: Claim) -> str:
    if claim.permohonan.asesi_id == actor.id:
        return "permohonan Anda sendiri"
    if claim.tries:
        return "NIK pernah tidak cocok; hubungi asesinya, lalu kirim dari halamannya"
    if claim.mailed_at is not None and clock.now() - claim.mailed_at < _JUST_SENT:
        return "tautannya baru saja dikirim"
    return ""


def send(actor: Actor, case_ids: Collection[str]) -> int:
    """A new link to each that is still meant; how many went."""
    meant = plan(actor, case_ids).meant
    for claim in meant:
        claims.send_again(actor, claim.permohonan)
    return len(meant)
