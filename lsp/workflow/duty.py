"""Who is barred from a case (workflow 5). The database holds the same rules by triggers, for raw SQL too.

A relaxation is a `duty_waiver`: read here and by the trigger, given by another person, with a reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, select, true, union

from lsp.actor import Actor
from lsp.database import db
from lsp.models import (
    Apl02Review,
    Booking,
    ChecklistItem,
    Countersignature,
    DutyWaiver,
    FilledInstrument,
    FrAk02,
    Permohonan,
    PermohonanEvent,
    Pleno,
    PlenoCase,
    PlenoMember,
    Signature,
    Slot,
    ThirdParty,
    User,
    UserRole,
    Vote,
)
from lsp.models.triggers import PLENO_STEPS
from lsp.vocabulary import NEVER_WAIVED, DutyRule, Form, Role
from lsp.workflow.dossier import dossier_of


def is_waived(permohonan: Permohonan, rule: DutyRule, person_id: int | None) -> bool:
    """Whether a rule was relaxed for this person on this case; some rules never are."""
    if rule in NEVER_WAIVED:
        return False
    return (
        db.session.scalar(
            select(DutyWaiver.id).where(
                DutyWaiver.permohonan_id == permohonan.id,
                DutyWaiver.rule == rule,
                DutyWaiver.person_id == person_id,
            )
        )
        is not None
    )


def asesor_ids(permohonan: Permohonan, *, before: int | None = None) -> set[int]:
    """Everybody who held a meeting of this case or wrote an asesor's paper on it, in any attempt `before` this one.

    The question that the triggers ask (lsp/models/triggers.py), so that the sentence comes before the refusal; and of
    who filled a FR.IA, or asked a third party, before his meeting was given to another.
    """

    def of(
        row: type[Booking | FrAk02 | Apl02Review | FilledInstrument | ThirdParty],
    ) -> ColumnElement[bool]:
        earlier = row.attempt < before if before is not None else true()
        return and_(row.permohonan_id == permohonan.id, earlier)

    return set(
        db.session.scalars(
            union(
                select(Slot.asesor_id)
                .join(Booking, Booking.slot_id == Slot.id)
                .where(of(Booking), Booking.cancelled_at.is_(None)),
                select(FrAk02.asesor_id).where(of(FrAk02)),
                select(Apl02Review.asesor_id).where(of(Apl02Review)),
                select(FilledInstrument.asesor_id).where(of(FilledInstrument)),
                select(ThirdParty.asesor_id).where(of(ThirdParty)),
                select(Countersignature.by_id)
                .join(FrAk02, FrAk02.id == Countersignature.fr_ak_02_id)
                .where(of(FrAk02), Countersignature.word != "released"),
            )
        )
    )


def pleno_ids(permohonan: Permohonan) -> set[int]:
    """Everybody who ever voted on this case or settled it as chair, who need not vote; as the triggers ask."""
    return set(
        db.session.scalars(
            union(
                select(Vote.member_id)
                .join(PlenoCase, PlenoCase.id == Vote.pleno_case_id)
                .where(PlenoCase.permohonan_id == permohonan.id),
                select(PermohonanEvent.actor_id).where(
                    PermohonanEvent.permohonan_id == permohonan.id,
                    PermohonanEvent.transition.in_(PLENO_STEPS),
                    PermohonanEvent.actor_id.is_not(None),
                ),
            )
        )
    )


def panel_ids(permohonan: Permohonan) -> frozenset[int]:
    """Everybody who ever sat on the panel of a banding of this case."""
    return dossier_of(permohonan).panel_ids


def involved(permohonan: Permohonan) -> dict[int, str]:
    """Person → his part in the case: pleno, verification, asesor, or its asesi himself. No waiver changes that."""
    seated = _seated()
    sat = select(seated.c.person).where(seated.c.permohonan_id == permohonan.id)
    parts = (
        ("duduk di pleno yang memutusnya", pleno_ids(permohonan) | set(db.session.scalars(sat))),
        ("memeriksa berkasnya", verifier_ids([permohonan.id])[permohonan.id]),
        ("menilainya sebagai asesor", asesor_ids(permohonan)),
        ("asesi permohonan ini", {permohonan.asesi_id}),
    )
    return {person: words for words, people in parts for person in people if person is not None}


def waived_for_panel(permohonan: Permohonan) -> set[int]:
    """Who may judge a banding of this case although he had a part in it, because somebody wrote why."""
    return set(
        db.session.scalars(
            select(DutyWaiver.person_id).where(
                DutyWaiver.permohonan_id == permohonan.id,
                DutyWaiver.rule == DutyRule.PANEL_NOT_INVOLVED,
            )
        )
    )


def why_not_panel(permohonan: Permohonan) -> dict[int, str]:
    """Person → why he judges no banding of this case, where that was not waived (workflow 5).

    Whether he taught the asesi is his own to declare.
    """
    waived = waived_for_panel(permohonan) - {permohonan.asesi_id}
    return {person: words for person, words in involved(permohonan).items() if person not in waived}


def verifier_ids(case_ids: Collection[int]) -> dict[int, set[int]]:
    """Case → whoever verified its documents: pressed the last button, judged a row, or signed FR.APL.01 for the LSP.

    The same question as the trigger asks: else another admin's last press would free the one who judged.
    """
    rows: Iterable[Any] = db.session.execute(
        union(
            select(Permohonan.id, Permohonan.verifier_id).where(
                Permohonan.id.in_(case_ids), Permohonan.verifier_id.is_not(None)
            ),
            select(ChecklistItem.permohonan_id, ChecklistItem.judged_by_id).where(
                ChecklistItem.permohonan_id.in_(case_ids), ChecklistItem.judged_by_id.is_not(None)
            ),
            select(Signature.permohonan_id, Signature.signer_id).where(
                Signature.permohonan_id.in_(case_ids),
                Signature.form == Form.FR_APL_01,
                Signature.signer_role == Role.ADMIN,
            ),
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, person in rows:
        found[case_id].add(person)
    return found


def _seated() -> Subquery:
    """(case, attempt, opened, person) of whoever sat over a case: members and chair where the pleno settled it,
    voters everywhere."""
    place = (PlenoCase.permohonan_id, PlenoCase.attempt, PlenoCase.created_at)
    settled = PlenoCase.outcome.not_in(("", "removed"))
    return union(
        select(*place, PlenoMember.user_id.label("person"))
        .join(PlenoMember, PlenoMember.pleno_id == PlenoCase.pleno_id)
        .where(settled),
        select(*place, Pleno.chair_id).join(Pleno, Pleno.id == PlenoCase.pleno_id).where(settled),
        select(*place, Vote.member_id).join(Vote, Vote.pleno_case_id == PlenoCase.id),
    ).subquery()


def sat_before_redecision(case_ids: Collection[int]) -> dict[int, set[int]]:
    """After `grant_redecision` nobody of the old plenos of this attempt sits again, whatever follows (workflow 1)."""
    granted = (
        select(
            PermohonanEvent.permohonan_id,
            PermohonanEvent.attempt,
            func.max(PermohonanEvent.at).label("at"),
        )
        .join(Permohonan, Permohonan.id == PermohonanEvent.permohonan_id)
        .where(
            Permohonan.id.in_(case_ids),
            PermohonanEvent.attempt == Permohonan.attempt,
            PermohonanEvent.transition == "grant_redecision",
        )
        .group_by(PermohonanEvent.permohonan_id, PermohonanEvent.attempt)
        .subquery()
    )
    seated = _seated()
    rows = db.session.execute(
        select(seated.c.permohonan_id, seated.c.person).join(
            granted,
            and_(
                granted.c.permohonan_id == seated.c.permohonan_id,
                granted.c.attempt == seated.c.attempt,
                granted.c.at > seated.c.created_at,
            ),
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, person in rows:
        found[case_id].add(person)
    return found


def left_for_redecision(permohonan: Permohonan) -> int:
    """How many tim teknis could decide this case anew if a banding sent it back to another pleno now."""
    seated = _seated()
    sat = db.session.scalars(
        select(seated.c.person).where(
            seated.c.permohonan_id == permohonan.id, seated.c.attempt == permohonan.attempt
        )
    )
    out = {*sat, *asesor_ids(permohonan), permohonan.asesi_id}
    for judge in panel_ids(permohonan):
        if not is_waived(permohonan, DutyRule.PANEL_NOT_INVOLVED, judge):
            out.add(judge)
    for verifier in verifier_ids([permohonan.id])[permohonan.id]:
        if not is_waived(permohonan, DutyRule.VERIFIER_NOT_PLENO, verifier):
            out.add(verifier)
    holders = db.session.scalars(
        select(UserRole.user_id)
        .join(User, User.id == UserRole.user_id)
        .where(UserRole.role == Role.TIM_TEKNIS, User.disabled_at.is_(None))
    )
    return len(set(holders) - out)


def verifiers_of(permohonan: Permohonan) -> set[int]:
    """As `verifier_ids`, from papers of one case that its pages have read already; a test holds the two together."""
    dossier = dossier_of(permohonan)
    signed = (
        row.signer_id
        for row in dossier.signatures
        if row.form is Form.FR_APL_01 and row.signer_role is Role.ADMIN
    )
    judged = (item.judged_by_id for item in dossier.verdicts)
    return {person for person in (permohonan.verifier_id, *judged, *signed) if person is not None}


def not_asesor_of_case(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Who assessed does not decide (process 1.2, D1). Never waived."""
    if actor.id in asesor_ids(case):
        return "Anda asesor permohonan ini, jadi tidak boleh ikut memutuskannya."
    return None


def not_verifier_in_pleno(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Who verified the documents does not sit in the pleno (process 1.2, D9)."""
    verified = actor.id in verifiers_of(case)
    if verified and not is_waived(case, DutyRule.VERIFIER_NOT_PLENO, actor.id):
        return "Anda memeriksa berkas permohonan ini, jadi tidak boleh ikut memutuskannya."
    return None


def not_panel_of_banding(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Who judged a banding of the case takes no part in deciding it anew."""
    judged = actor.id in panel_ids(case)
    if judged and not is_waived(case, DutyRule.PANEL_NOT_INVOLVED, actor.id):
        return "Anda anggota panel banding permohonan ini, jadi tidak boleh ikut memutuskannya."
    return None


def not_involved_signer(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The signer of the certificate is neither asesor nor pleno nor banding panel of the case."""
    involved = asesor_ids(case) | pleno_ids(case) | panel_ids(case)
    if actor.id in involved and not is_waived(case, DutyRule.SIGNER_NOT_INVOLVED, actor.id):
        return (
            "Anda terlibat dalam asesmen, pleno, atau panel banding permohonan ini, "
            "jadi tidak boleh menandatangani sertifikatnya."
        )
    return None


def asesor_of_the_slot(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Only the asesor whose meeting it is."""
    seat = dossier_of(case).booking
    if seat is None or seat.slot.asesor_id != actor.id:
        return "Hanya asesor rapat ini yang dapat melakukannya."
    return None


def asesor_of_the_slot_or_admin(case: Permohonan, actor: Actor, note: str) -> str | None:
    if actor.has(Role.ADMIN):
        return None
    return asesor_of_the_slot(case, actor, note)


def holder_of_the_meeting(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The asesi himself, the admin, or the asesor whose meeting it is."""
    if actor.id == case.asesi_id:
        return None
    return asesor_of_the_slot_or_admin(case, actor, note)


def asesor_moves_only_his_own(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Asesi and admin choose a meeting; the asesor only moves a meeting of his to another hour of his."""
    if actor.id == case.asesi_id or actor.has(Role.ADMIN):
        return None
    dossier = dossier_of(case)
    seat = dossier.booking
    before = next((row for row in dossier.bookings if seat and row.id == seat.moved_from_id), None)
    if seat is None or before is None or {before.slot.asesor_id, seat.slot.asesor_id} != {actor.id}:
        return "Asesor hanya memindahkan rapatnya sendiri, ke waktu lain miliknya."
    return None


def chair_of_the_pleno(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Only the chair presses; he is a member like the others and barred by the same rules."""
    place = dossier_of(case).pleno_case
    if place is None:
        return "Permohonan ini belum ada di agenda pleno."
    if place.pleno.chair_id != actor.id:
        return "Hanya ketua rapat pleno yang dapat menetapkan."
    return None
