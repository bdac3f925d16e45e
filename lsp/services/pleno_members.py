"""Which members may not vote on which cases, and why: for one case, or for a whole agenda at once.

The same rules as `lsp/workflow/duty.py` and the triggers, so that the sentence comes before the refusal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select, union

from lsp.database import db
from lsp.models import (
    Apl02Review,
    Banding,
    BandingMember,
    Booking,
    Countersignature,
    DutyWaiver,
    FilledInstrument,
    FrAk02,
    Permohonan,
    Slot,
    ThirdParty,
    User,
    UserRole,
)
from lsp.vocabulary import DutyRule, Role
from lsp.workflow.duty import sat_before_redecision, verifier_ids


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
    assessed, decided = _asesor_ids(case_ids), sat_before_redecision(case_ids)
    verified, judged = verifier_ids(case_ids), _panel_ids(case_ids)
    waived = {
        (case_id, person, rule)
        for case_id, person, rule in db.session.execute(
            select(DutyWaiver.permohonan_id, DutyWaiver.person_id, DutyWaiver.rule).where(
                DutyWaiver.permohonan_id.in_(case_ids),
                DutyWaiver.rule.in_((DutyRule.VERIFIER_NOT_PLENO, DutyRule.PANEL_NOT_INVOLVED)),
            )
        )
    }
    why: dict[tuple[int, int], str] = {}
    for case in cases:
        for person in user_ids:
            key = (case.id, person)
            if person == case.asesi_id:
                why[key] = "asesi permohonan ini"
            elif person in assessed[case.id]:
                why[key] = "asesor permohonan ini"
            elif person in verified[case.id] and (*key, DutyRule.VERIFIER_NOT_PLENO) not in waived:
                why[key] = "memeriksa berkas permohonan ini"
            elif person in judged[case.id] and (*key, DutyRule.PANEL_NOT_INVOLVED) not in waived:
                why[key] = "anggota panel banding permohonan ini"
            elif person in decided[case.id]:
                why[key] = "ikut memutus permohonan ini sebelum banding"
    return why


def _panel_ids(case_ids: Sequence[int]) -> dict[int, set[int]]:
    """As `duty.panel_ids`, for many cases."""
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, person in db.session.execute(
        select(Banding.permohonan_id, BandingMember.user_id)
        .join(BandingMember, BandingMember.banding_id == Banding.id)
        .where(Banding.permohonan_id.in_(case_ids))
    ):
        found[case_id].add(person)
    return found


def _asesor_ids(case_ids: Sequence[int]) -> dict[int, set[int]]:
    """As `duty.asesor_ids`, for many cases; a test holds the two together."""
    of_case = FrAk02.permohonan_id.in_(case_ids)
    rows = db.session.execute(
        union(
            select(Booking.permohonan_id, Slot.asesor_id)
            .join(Slot, Slot.id == Booking.slot_id)
            .where(Booking.permohonan_id.in_(case_ids), Booking.cancelled_at.is_(None)),
            select(FrAk02.permohonan_id, FrAk02.asesor_id).where(of_case),
            select(Apl02Review.permohonan_id, Apl02Review.asesor_id).where(
                Apl02Review.permohonan_id.in_(case_ids)
            ),
            select(FrAk02.permohonan_id, Countersignature.by_id)
            .join(FrAk02, FrAk02.id == Countersignature.fr_ak_02_id)
            .where(of_case, Countersignature.word != "released"),
            *(
                select(row.permohonan_id, row.asesor_id).where(row.permohonan_id.in_(case_ids))
                for row in (FilledInstrument, ThirdParty)
            ),
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, person in rows:
        found[case_id].add(person)
    return found
