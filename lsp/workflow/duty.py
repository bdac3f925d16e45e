"""Who is barred from a case (workflow 5). The database holds the same rules by triggers, for raw SQL too.

A relaxation is a `duty_waiver`: read here and by the trigger, given by another person, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, Subquery, and_, func, select, union

from lsp.actor import Actor
from lsp.database import db, read_each
from lsp.models import (
    Apl02Review,
    Banding,
    BandingMember,
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
    return rule not in NEVER_WAIVED and (person_id, rule) in waivers([permohonan.id])[permohonan.id]


def waivers(case_ids: Iterable[int]) -> dict[int, set[tuple[int, DutyRule]]]:
    """Case → (person, rule) that was relaxed for him, for many at once."""
    return read_each("waivers", case_ids, _read_waivers)


def _read_waivers(case_ids: list[int]) -> dict[int, set[tuple[int, DutyRule]]]:
    found: dict[int, set[tuple[int, DutyRule]]] = {case_id: set() for case_id in case_ids}
    for case_id, person, rule in db.session.execute(
        select(DutyWaiver.permohonan_id, DutyWaiver.person_id, DutyWaiver.rule).where(
            DutyWaiver.permohonan_id.in_(case_ids)
        )
    ):
        found[case_id].add((person, rule))
    return found


def asesor_ids(permohonan: Permohonan, *, before: int | None = None) -> set[int]:
    """Everybody who held a meeting of this case or wrote an asesor's paper on it, in any attempt `before` this one.

    The question that the triggers ask (lsp/models/triggers.py), so that the sentence comes before the refusal. Who
    filled a FR.IA, or asked a third party, stays asesor of the case when his meeting is given to another.
    """
    parts = read_each(_PARTS, [permohonan.id], _read_asesor_parts)[permohonan.id]
    return {person for attempt, person in parts if before is None or attempt < before}


def asesor_of(case_ids: Iterable[int]) -> dict[int, set[int]]:
    """The same of every attempt by case, for many at once."""
    parts = read_each(_PARTS, case_ids, _read_asesor_parts)
    return {case_id: {person for _attempt, person in found} for case_id, found in parts.items()}


_PARTS = "asesor_parts"


def _read_asesor_parts(case_ids: list[int]) -> dict[int, set[tuple[int, int]]]:
    def of(
        row: type[FrAk02 | Apl02Review | FilledInstrument | ThirdParty],
    ) -> Select[int, int, int]:
        return select(row.permohonan_id, row.attempt, row.asesor_id).where(
            row.permohonan_id.in_(case_ids)
        )

    rows: Iterable[Any] = db.session.execute(
        union(
            select(Booking.permohonan_id, Booking.attempt, Slot.asesor_id)
            .join(Slot, Slot.id == Booking.slot_id)
            .where(Booking.permohonan_id.in_(case_ids), Booking.cancelled_at.is_(None)),
            *(of(row) for row in (FrAk02, Apl02Review, FilledInstrument, ThirdParty)),
            select(FrAk02.permohonan_id, FrAk02.attempt, Countersignature.by_id)
            .join(FrAk02, FrAk02.id == Countersignature.fr_ak_02_id)
            .where(FrAk02.permohonan_id.in_(case_ids), Countersignature.word != "released"),
        )
    )
    found: dict[int, set[tuple[int, int]]] = {case_id: set() for case_id in case_ids}
    for case_id, attempt, person in rows:
        found[case_id].add((attempt, person))
    return found


def pleno_ids(permohonan: Permohonan) -> set[int]:
    """Everybody who ever voted on this case or settled it as chair, who need not vote; as the triggers ask."""
    return pleno_of([permohonan.id])[permohonan.id]


def pleno_of(case_ids: Iterable[int]) -> dict[int, set[int]]:
    """The same by case, for many at once."""
    return read_each("pleno", case_ids, _read_pleno)


def _read_pleno(case_ids: list[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {case_id: set() for case_id in case_ids}
    rows: Iterable[Any] = db.session.execute(
        union(
            select(PlenoCase.permohonan_id, Vote.member_id)
            .join(Vote, Vote.pleno_case_id == PlenoCase.id)
            .where(PlenoCase.permohonan_id.in_(case_ids)),
            select(PermohonanEvent.permohonan_id, PermohonanEvent.actor_id).where(
                PermohonanEvent.permohonan_id.in_(case_ids),
                PermohonanEvent.transition.in_(PLENO_STEPS),
                PermohonanEvent.actor_id.is_not(None),
            ),
        )
    )
    for case_id, person in rows:
        found[case_id].add(person)
    return found


def panel_ids(permohonan: Permohonan) -> set[int]:
    """Everybody who ever sat on a panel of a banding of this case, also who was released: he may have read it."""
    return panels([permohonan.id])[permohonan.id]


def panels(case_ids: Iterable[int]) -> dict[int, set[int]]:
    """The same by case, for many at once."""
    return read_each("panels", case_ids, _read_panels)


def _read_panels(case_ids: list[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {case_id: set() for case_id in case_ids}
    for case_id, person in db.session.execute(
        select(Banding.permohonan_id, BandingMember.user_id)
        .join(BandingMember, BandingMember.banding_id == Banding.id)
        .where(Banding.permohonan_id.in_(case_ids))
    ):
        found[case_id].add(person)
    return found


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
    relaxed = waivers([permohonan.id])[permohonan.id]
    return {person for person, rule in relaxed if rule is DutyRule.PANEL_NOT_INVOLVED}


def why_not_panel(permohonan: Permohonan) -> dict[int, str]:
    """Person → why he judges no banding of this case, where that was not waived (workflow 5).

    Whether he taught the asesi is his own to declare.
    """
    waived = waived_for_panel(permohonan) - {permohonan.asesi_id}
    return {person: words for person, words in involved(permohonan).items() if person not in waived}


def verifier_ids(case_ids: Iterable[int]) -> dict[int, set[int]]:
    """Case → whoever verified its documents: pressed the last button, judged a row, or signed FR.APL.01 for the LSP.

    The same question as the trigger asks: else another admin's last press would free the one who judged.
    """
    return read_each("verifiers", case_ids, _read_verifier_ids)


def _read_verifier_ids(case_ids: list[int]) -> dict[int, set[int]]:
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
    found: dict[int, set[int]] = {case_id: set() for case_id in case_ids}
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


def sat_before_redecision(case_ids: Iterable[int]) -> dict[int, set[int]]:
    """After `grant_redecision` nobody of the old plenos of this attempt sits again, whatever follows (workflow 1)."""
    return read_each("sat_before_redecision", case_ids, _read_sat_before)


def _read_sat_before(case_ids: list[int]) -> dict[int, set[int]]:
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
    found: dict[int, set[int]] = {case_id: set() for case_id in case_ids}
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
