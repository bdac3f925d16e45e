"""What members said of a case in a pleno that it left by `change_pleno`, because nobody there could settle it any more.

Without it an admin who closes the account of a chair could put a case before others until all of them agree.
"""

from __future__ import annotations

from sqlalchemy import select

from lsp.database import db
from lsp.models import PlenoCase, Vote
from lsp.workflow.history import taken_in_attempt
from lsp.workflow.pleno_members import barred

_LEAVES = "change_pleno"
#: With these steps another question lies before a pleno, and nothing that was said before counts.
_ASKS_ANEW = (
    "recommend",
    "recommend_not_continue",
    "grant_redecision",
    "decide_competent",
    "decide_not_yet",
)


def said_elsewhere(place: PlenoCase) -> list[bool]:
    """The word of each who has not voted again here, whether he agreed; not of who is barred from the case by now."""
    case = place.permohonan
    taken = taken_in_attempt(case, (_LEAVES, *_ASKS_ANEW))
    if not taken or taken[-1].transition != _LEAVES:
        return []
    since = next((step.at for step in reversed(taken) if step.transition != _LEAVES), None)
    votes = (
        select(Vote.member_id, Vote.agrees)
        .join(PlenoCase, PlenoCase.id == Vote.pleno_case_id)
        .where(
            PlenoCase.permohonan_id == case.id,
            PlenoCase.attempt == case.attempt,
            PlenoCase.outcome == "removed",
        )
        .order_by(Vote.id)
    )
    if since is not None:
        votes = votes.where(PlenoCase.created_at >= since)
    said = {row.member_id: row.agrees for row in db.session.execute(votes)}
    here, why = {vote.member_id for vote in place.votes}, barred([case], said)
    return [
        agrees
        for member, agrees in said.items()
        if member not in here and (case.id, member) not in why
    ]
