"""Relaxing a duty for one person on one case, so that a small LSP never locks up (workflow 5). Given, never taken back.

Which rules can never be relaxed is in the vocabulary; guards and triggers read the same rows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import DutyWaiver, Permohonan, User, UserRole, holders_of
from lsp.services import audit, banding, banding_panel
from lsp.vocabulary import DutyRule, PermohonanStatus, Role
from lsp.workflow import duty
from lsp.workflow.banding import PANEL
from lsp.workflow.machine import LEAST_GROUNDS, check_reason

MOST = 20
#: Where a case stands when a rule would bar somebody from its next step.
_ASKED_IN = {
    PermohonanStatus.RECOMMENDED: DutyRule.VERIFIER_NOT_PLENO,
    PermohonanStatus.RECORDED: DutyRule.SIGNER_NOT_INVOLVED,
    # Reached from the page of the banding, not listed with the others: a panel is mostly found without it.
    PermohonanStatus.APPEALED: DutyRule.PANEL_NOT_INVOLVED,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a rule bars from this case, and for whom it could be relaxed."""

    permohonan: Permohonan
    rule: DutyRule
    person: User

    @property
    def key(self) -> str:
        return f"{self.rule.value}:{self.person.public_id}"


def candidates(actor: Actor) -> list[Candidate]:
    """Everybody for whom the ketua could relax a rule now, oldest case first; never he himself, never his own case."""
    cases = db.session.scalars(
        select(Permohonan)
        .where(
            or_(
                Permohonan.status == PermohonanStatus.RECORDED,
                (Permohonan.status == PermohonanStatus.RECOMMENDED)
                & Permohonan.verifier_id.in_(holders_of(Role.TIM_TEKNIS)),
            ),
            Permohonan.asesi_id != actor.id,
        )
        .order_by(Permohonan.status_at)
        .limit(MOST)
        .options(joinedload(Permohonan.skema_version))
    ).all()
    people = _people(actor)
    return [found for case in cases for found in _of_case(case, people)]


def of_case(actor: Actor, permohonan: Permohonan) -> list[Candidate]:
    """The candidates of one case."""
    return _of_case(permohonan, _people(actor)) if permohonan.asesi_id != actor.id else []


def _of_case(case: Permohonan, people: dict[DutyRule, list[User]]) -> list[Candidate]:
    rule = _ASKED_IN.get(case.status)
    if rule is None or not people[rule]:
        return []
    barred = _barred(case, rule)
    return [
        Candidate(case, rule, person)
        for person in people[rule]
        if person.id in barred
        and person.id != case.asesi_id
        and not duty.is_waived(case, rule, person.id)
    ]


def _barred(case: Permohonan, rule: DutyRule) -> Collection[int | None]:
    if rule is DutyRule.VERIFIER_NOT_PLENO:
        return {case.verifier_id}
    if rule is DutyRule.PANEL_NOT_INVOLVED:
        # Only where the LSP has no panel without them.
        found = banding_panel.candidates(case) if banding.is_open(case.id) else []
        return duty.why_not_panel(case) if banding_panel.too_few(found) else ()
    return duty.asesor_ids(case) | duty.pleno_ids(case) | duty.panel_ids(case)


def grant(actor: Actor, permohonan: Permohonan, *, key: str, reason: str) -> Candidate:
    """Relax the rule for the candidate of this key. Raises DomainError with a sentence."""
    found = next((each for each in of_case(actor, permohonan) if each.key == key), None)
    if found is None:
        raise DomainError("Pengecualian ini tidak diperlukan lagi. Tidak ada yang berubah.")
    check_reason(reason, LEAST_GROUNDS)
    if actor.id is None:
        raise DomainError("Masuk dulu untuk memberi pengecualian.")
    db.session.add(
        DutyWaiver(
            permohonan_id=permohonan.id,
            rule=found.rule,
            person_id=found.person.id,
            reason=reason.strip(),
            given_by_id=actor.id,
            given_at=clock.now(),
        )
    )
    audit.note(
        actor,
        "duty.waive",
        "permohonan",
        permohonan.public_id,
        role=Role.KETUA,
        rule=found.rule.value,
        person=found.person.public_id,
    )
    db.session.flush()
    return found


def _people(actor: Actor) -> dict[DutyRule, list[User]]:
    """Whom each rule could bar from his work: those who hold the role, besides the ketua who is asked."""
    roles = {
        DutyRule.VERIFIER_NOT_PLENO: (Role.TIM_TEKNIS,),
        DutyRule.SIGNER_NOT_INVOLVED: (Role.KETUA,),
        DutyRule.PANEL_NOT_INVOLVED: PANEL,
    }
    return {
        rule: list(
            db.session.scalars(
                select(User)
                .where(
                    User.id.in_(select(UserRole.user_id).where(UserRole.role.in_(held))),
                    User.id != actor.id,
                    User.disabled_at.is_(None),
                )
                .order_by(User.name)
            )
        )
        for rule, held in roles.items()
    }
