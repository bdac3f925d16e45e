"""Which members may not vote on which cases, and why: for one case, or for a whole agenda at once.

The same rules as `duty.py` and the triggers, so that the sentence comes before the refusal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from lsp.database import db
from lsp.models import (
    Permohonan,
    User,
    UserRole,
)
from lsp.vocabulary import DutyRule, Role
from lsp.workflow.duty import asesor_of, panels, sat_before_redecision, verifier_ids, waivers


def possible_members() -> list[User]:
    """Everybody who holds the role tim teknis and whose account is open, by name."""
    return list(
        db.session.scalars(
            select(User)
            .join(UserRole, UserRole.user_id == User.id)
            .where(UserRole.role == Role.TIM_TEKNIS, User.disabled_at.is_(None))
            .order_by(User.name)
        )
    )


def barred_reason(permohonan: Permohonan, user_id: int) -> str | None:
    """Why this member may not vote on this case, in words; None when he may."""
    return barred([permohonan], [user_id]).get((permohonan.id, user_id))


def barred(cases: Sequence[Permohonan], user_ids: Collection[int]) -> dict[tuple[int, int], str]:
    """(case, person) -> why he may not vote on it, for many at once in a fixed number of queries."""
    case_ids = [case.id for case in cases]
    if not case_ids or not user_ids:
        return {}
    assessed, decided = asesor_of(case_ids), sat_before_redecision(case_ids)
    verified, judged = verifier_ids(case_ids), panels(case_ids)
    waived = waivers(case_ids)
    why: dict[tuple[int, int], str] = {}
    for case in cases:
        for person in user_ids:
            key = (case.id, person)
            if person == case.asesi_id:
                why[key] = "asesi permohonan ini"
            elif person in assessed[case.id]:
                why[key] = "asesor permohonan ini"
            elif (
                person in verified[case.id]
                and (person, DutyRule.VERIFIER_NOT_PLENO) not in waived[case.id]
            ):
                why[key] = "memeriksa berkas permohonan ini"
            elif (
                person in judged[case.id]
                and (person, DutyRule.PANEL_NOT_INVOLVED) not in waived[case.id]
            ):
                why[key] = "anggota panel banding permohonan ini"
            elif person in decided[case.id]:
                why[key] = "ikut memutus permohonan ini sebelum banding"
    return why
