"""The panel of a banding: who may sit on it, naming it, and replacing a member who cannot go on (workflow 2, 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import flag_modified

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, NotAllowed, StaleCase
from lsp.models import Banding, BandingMember, Permohonan, User, UserRole
from lsp.services import audit
from lsp.services.banding import MOST, of_case
from lsp.vocabulary import OPEN_BANDING, BandingStatus, Role
from lsp.workflow import duty
from lsp.workflow.banding import BANDING, PANEL
from lsp.workflow.effects.banding import tell_member
from lsp.workflow.guards.banding import panel_large_enough, panel_least, panel_not_involved
from lsp.workflow.machine import check_reason

UNKNOWN = "Ada orang yang tidak dapat dipilih lagi. Muat ulang halaman ini, lalu pilih lagi."
INVOLVED = "Salah satu dari mereka baru saja ikut dalam permohonan ini. Muat ulang halaman ini, lalu pilih lagi."


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who holds a role that may judge; `why` keeps him from this case, empty when nothing does."""

    person: User
    why: str

    @property
    def roles(self) -> str:
        held = {row.role for row in self.person.roles}
        return ", ".join(role.label for role in PANEL if role in held)


def candidates(permohonan: Permohonan) -> list[Candidate]:
    """Everybody who may sit on a panel at all, by name, with what keeps him from this one.

    His part in the case, or that he sits on the present panel already or was released from it.
    """
    people = db.session.scalars(
        select(User)
        .where(
            User.id.in_(select(UserRole.user_id).where(UserRole.role.in_(PANEL))),
            User.disabled_at.is_(None),
        )
        .order_by(User.name)
        .options(selectinload(User.roles))
    )
    why = {
        member.user_id: "sudah anggota panel ini"
        if member.released_at is None
        else "dilepas dari panel ini"
        for member in of_case(permohonan).members
    }
    why |= duty.why_not_panel(permohonan)
    return [Candidate(person, why.get(person.id, "")) for person in people]


def sits_on(user_id: int | None, *, ended: bool = False) -> list[Banding]:
    """The bandings on whose panel somebody sits, those to be answered first; `ended`: also what he answered."""
    query = (
        select(Banding)
        .join(BandingMember, BandingMember.banding_id == Banding.id)
        .join(Permohonan, Permohonan.id == Banding.permohonan_id)
        .where(
            BandingMember.user_id == user_id,
            BandingMember.released_at.is_(None),
            Permohonan.asesi_id != user_id,
        )
        .order_by(Banding.status.not_in(OPEN_BANDING), Banding.filed_at.desc())
        .limit(MOST)
        .options(
            joinedload(Banding.permohonan).joinedload(Permohonan.skema_version),
            selectinload(Banding.members),
        )
    )
    if not ended:
        query = query.where(Banding.status.in_(OPEN_BANDING))
    return list(db.session.scalars(query))


def free(found: Sequence[Candidate]) -> list[Candidate]:
    return [each for each in found if not each.why]


def too_few(found: Sequence[Candidate]) -> bool:
    """Whether the LSP cannot form a panel of its own people as they are."""
    return len(free(found)) < panel_least()


def name_panel(
    actor: Actor, permohonan: Permohonan, people: Sequence[str], *, version: int
) -> None:
    """Name the members by public id. Raises DomainError with a sentence."""
    banding = of_case(permohonan)
    if banding.version == version and banding.status is BandingStatus.ACCEPTED:
        _seat(banding, _chosen(permohonan, people))
    BANDING.perform(banding, "name_panel", actor, version=version)


def replace_member(
    actor: Actor,
    permohonan: Permohonan,
    leaving: str,
    people: Sequence[str],
    *,
    reason: str,
    version: int,
) -> None:
    """Release a member (ill, or he taught the asesi) and name others in his place; all sign anew.

    The released one may have read the file, so he stays barred from the case. Raises DomainError with a sentence.
    """
    banding = of_case(permohonan)
    _may_replace(actor, banding, version)
    member = next((each for each in banding.panel if each.user.public_id == leaving), None)
    if member is None:
        raise DomainError(UNKNOWN)
    reason = check_reason(reason, field="note")
    clear_signatures(banding)
    db.session.flush()
    member.released_at, member.release_reason = clock.now(), reason
    new = _chosen(permohonan, people)
    _seat(banding, new)
    refusal = panel_large_enough(banding, actor, "") or panel_not_involved(banding, actor, "")
    if refusal is not None:
        raise NotAllowed(refusal)
    another_version(banding)
    audit.note(
        actor, "banding.replace_member", "banding", banding.public_id, role=Role.KETUA, person=leaving
    )  # fmt: skip
    for user in new:
        tell_member(banding, user.id)
    db.session.flush()


def _may_replace(actor: Actor, banding: Banding, version: int) -> None:
    if banding.version != version:
        raise StaleCase
    if not actor.has(Role.KETUA) or actor.id == banding.permohonan.asesi_id:
        raise NotAllowed("Langkah ini bukan wewenang Anda.")
    if banding.status not in (BandingStatus.PANEL_NAMED, BandingStatus.EXAMINED):
        raise NotAllowed(f"Anggota panel tidak dapat diganti pada status “{banding.status.label}”.")


def clear_signatures(banding: Banding) -> None:
    """What was signed is not what stands there now."""
    for member in banding.members:
        member.signed_at = None


def another_version(banding: Banding) -> None:
    """A page drawn before is stale, although no column of the banding itself need have changed."""
    flag_modified(banding, "outcome")


def _chosen(permohonan: Permohonan, people: Sequence[str]) -> list[User]:
    wanted = set(people)
    found = list(db.session.scalars(select(User).where(User.public_id.in_(wanted))))
    able = db.session.scalars(
        select(UserRole.user_id).where(
            UserRole.role.in_(PANEL), UserRole.user_id.in_([each.id for each in found])
        )
    )
    able_ids = set(able)
    if len(found) != len(wanted) or any(
        each.disabled_at is not None or each.id not in able_ids or each.id == permohonan.asesi_id
        for each in found
    ):
        raise DomainError(UNKNOWN)
    return found


def _seat(banding: Banding, people: Sequence[User]) -> None:
    """The rows; the database asks again who took part in the case."""
    why = duty.why_not_panel(banding.permohonan)
    for user in people:
        if user.id in why:
            raise NotAllowed(
                f"{user.name} tidak dapat menjadi anggota panel: {why[user.id]}.", field="people"
            )
        if any(member.user_id == user.id for member in banding.members):
            raise DomainError(UNKNOWN)
        banding.members.append(BandingMember(user_id=user.id, user=user))
    try:
        db.session.flush()
    except IntegrityError as error:
        raise DomainError(INVOLVED) from error
