"""When a case leaves the pleno it stands in: those who sit there can neither decide on it nor send it back any more.

A member or the chair was barred since, left the tim teknis, or has no open account. A case that can still be settled
where it stands never wanders to members who might say something else.
"""

from __future__ import annotations

from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.models import Permohonan, PlenoCase, User, UserRole
from lsp.models.inforce import setting
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.decision import someone_disagrees
from lsp.workflow.pleno_members import barred


def pleno_cannot_settle(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Speaks while the pleno can still settle the case, or where the case stands in none."""
    place = dossier_of(case).pleno_case
    if place is None:
        return "Permohonan ini belum ada di agenda pleno."
    able = _able(place)
    if place.pleno.chair_id not in able:
        return None
    heard = {vote.member_id for vote in place.votes}
    if len(heard | able) >= int(setting("pleno_quorum")):
        return "Anggota rapat ini masih dapat memutus permohonan ini."
    if someone_disagrees(case, actor, note) is None:
        return "Suara anggota tidak sama, jadi ketua rapat mengembalikan permohonan ini ke asesor."
    return None


def _able(place: PlenoCase) -> set[int]:
    """Who of this pleno may vote on the case today, whether he did or not; also asked of the chair."""
    sits = {member.user_id for member in place.pleno.members}
    holds = db.session.scalars(
        select(UserRole.user_id)
        .join(User, User.id == UserRole.user_id)
        .where(
            UserRole.role == Role.TIM_TEKNIS,
            User.disabled_at.is_(None),
            UserRole.user_id.in_(sits),
        )
    )
    why = barred([place.permohonan], sits)
    return {person for person in holds if (place.permohonan_id, person) not in why}
