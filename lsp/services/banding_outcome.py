"""What the panel does: each member declares, reads, finds; one proposes the outcome, all sign, the last moves it on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, NotAllowed, StaleCase
from lsp.models import AsesorProfile, Banding, BandingMember, Permohonan, User, holders_of
from lsp.models.inforce import setting
from lsp.services import audit
from lsp.services.banding_panel import another_version, clear_signatures
from lsp.services.signing import same_name
from lsp.vocabulary import BandingStatus, Role
from lsp.workflow import duty
from lsp.workflow.banding import BANDING
from lsp.workflow.guards.banding import OUTCOMES, every_member_found, others_left_to_decide
from lsp.workflow.machine import LEAST_GROUNDS, check_reason

NOT_MEMBER = "Hanya anggota panel banding ini yang dapat melakukannya."
FIND_FIRST = "Tulis dulu temuan Anda sendiri."
DECLARE_FIRST = "Nyatakan dulu bahwa Anda tidak melatih asesi ini dalam dua tahun terakhir."


def declare(actor: Actor, banding: Banding) -> None:
    """He did not teach the asesi within two years; before that he reads nothing. Twice changes nothing."""
    member = _member(actor, banding)
    if member.not_teaching_declared_at is not None:
        return
    member.not_teaching_declared_at = clock.now()
    _note(actor, "banding.declare", banding)


def find(actor: Actor, banding: Banding, finding: str) -> None:
    """His own finding, once: from here on he sees those of the others. The last one ends the examination."""
    member = _member(actor, banding)
    if banding.status not in (BandingStatus.PANEL_NAMED, BandingStatus.EXAMINED):
        raise NotAllowed(f"Temuan tidak ditulis pada status “{banding.status.label}”.")
    if member.not_teaching_declared_at is None:
        raise NotAllowed(DECLARE_FIRST)
    if member.found_at is not None:
        raise NotAllowed(
            "Temuan Anda sudah tersimpan dan tidak dapat diubah, karena temuan lain sudah terbuka bagi Anda."
        )
    member.finding = check_reason(finding, LEAST_GROUNDS, what="temuan", field="finding")
    member.found_at = clock.now()
    _note(actor, "banding.find", banding)
    if banding.status is BandingStatus.PANEL_NAMED and not every_member_found(banding, actor, ""):
        BANDING.perform(banding, "examine", actor, version=banding.version)


def finish(actor: Actor, banding: Banding, *, version: int) -> None:
    """End the examination where the one whose finding lacked was released."""
    BANDING.perform(banding, "examine", actor, version=version)


def propose(
    actor: Actor, banding: Banding, *, outcome: str, reason: str, asesor: str = "", version: int
) -> None:
    """The outcome as one member puts it to the others; whatever was signed before is not signed any more."""
    member = _member(actor, banding)
    _must_be_examined(banding, version)
    if member.found_at is None:
        raise NotAllowed(
            FIND_FIRST
        )  # who was named in another's place, and has not read the file yet
    if outcome not in OUTCOMES:
        raise DomainError("Pilih hasil banding.", field="outcome")
    reason = check_reason(reason, LEAST_GROUNDS, what="alasan panel", field="reason")
    named = _named_asesor(banding.permohonan, asesor) if outcome == "reassess" else None
    if outcome == "redecide":
        refusal = others_left_to_decide(banding, actor, "")
        if refusal is not None:
            raise NotAllowed(refusal, field="outcome")
    clear_signatures(banding)
    banding.outcome, banding.outcome_reason = outcome, reason
    banding.new_asesor, banding.proposed_by_id = named, actor.id
    another_version(banding)  # also of the same words: who signs says yes to what he has seen
    _note(actor, "banding.propose", banding, outcome=outcome)


def sign(actor: Actor, banding: Banding, *, typed_name: str, version: int) -> bool:
    """Sign what is proposed; True when that was the last signature and the banding is answered."""
    member = _member(actor, banding)
    _must_be_examined(banding, version)
    if not banding.outcome:
        raise NotAllowed("Belum ada hasil yang diusulkan.")
    if member.found_at is None:
        raise NotAllowed(FIND_FIRST)
    if not same_name(typed_name, actor.name):
        raise DomainError(
            f"Ketik nama lengkap Anda persis seperti ini: {actor.name}.", field="typed_name"
        )
    if member.signed_at is None:
        member.signed_at = clock.now()
        _note(actor, "banding.sign", banding, outcome=banding.outcome)
    if any(each.signed_at is None for each in banding.panel):
        return False
    BANDING.perform(banding, banding.outcome, actor, version=version, note=banding.outcome_reason)
    return True


def take_back(actor: Actor, banding: Banding, *, version: int) -> None:
    """A member withdraws his signature, while another's still lacks."""
    member = _member(actor, banding)
    _must_be_examined(banding, version)
    if member.signed_at is not None:
        member.signed_at = None
        _note(actor, "banding.unsign", banding)


def asesor_outside(permohonan: Permohonan) -> list[User]:
    """Who may assess the case anew: fit for its skema today and with no part in the case so far, by name."""
    version = permohonan.skema_version
    taken = {*duty.involved(permohonan), *duty.panel_ids(permohonan)}
    profiles = db.session.scalars(
        select(AsesorProfile)
        .join(User, User.id == AsesorProfile.user_id)
        .where(
            AsesorProfile.user_id.not_in(taken),
            AsesorProfile.met_valid_until >= clock.today_wib(),
            User.disabled_at.is_(None),
            User.id.in_(holders_of(Role.ASESOR)),
        )
        .order_by(User.name)
        .options(joinedload(AsesorProfile.user))
    )
    highest: dict[str, int] = setting("asesor_jenjang")
    return [
        profile.user
        for profile in profiles
        if version.subklasifikasi_code in profile.scope
        and version.jenjang <= int(highest.get(str(profile.jenjang), 0))
    ]


def read_by(actor: Actor, banding: Banding) -> Sequence[BandingMember]:
    """The findings open to this member: his own, and those of all once he has given his."""
    member = banding.member_of(actor.id)
    if member is None:
        return ()
    if member.found_at is None:
        return (member,)
    return [each for each in banding.members if each.found_at is not None]


def _named_asesor(permohonan: Permohonan, public_id: str) -> User:
    outside = asesor_outside(permohonan)
    if not outside:
        raise DomainError(
            "Belum ada asesor lain yang memenuhi syarat skema ini dan tidak terlibat dalam permohonannya. "
            "Minta admin mengusulkan asesor di halaman Petugas, lalu usulkan hasil ini lagi.",
            field="asesor",
        )
    for person in outside:
        if person.public_id == public_id:
            return person
    raise DomainError("Pilih asesor yang akan mengulang asesmen.", field="asesor")


def _member(actor: Actor, banding: Banding) -> BandingMember:
    member = banding.member_of(actor.id)
    if member is None or not banding.is_open:
        raise NotAllowed(NOT_MEMBER)
    return member


def _must_be_examined(banding: Banding, version: int) -> None:
    if banding.version != version:
        raise StaleCase
    if banding.status is not BandingStatus.EXAMINED:
        raise NotAllowed(f"Langkah ini tidak dapat dilakukan pada status “{banding.status.label}”.")


def _note(actor: Actor, action: str, banding: Banding, **details: Any) -> None:
    """By the role in which he sits; a member holds one of those that may."""
    audit.note(actor, action, "banding", banding.public_id, **details)
    db.session.flush()
