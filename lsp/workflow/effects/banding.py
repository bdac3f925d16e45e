"""What else is written at a step of a banding: its numbers, its letters, and the step of the permohonan."""

from __future__ import annotations

from lsp.actor import SYSTEM, Actor
from lsp.models import Banding
from lsp.models.numbers import take_number
from lsp.models.queue import add_mail
from lsp.vocabulary import Role
from lsp.workflow import duty
from lsp.workflow.effects.common import tell_asesi, tell_role
from lsp.workflow.guards.banding import answer_until
from lsp.workflow.machine import Effect, named
from lsp.workflow.permohonan import PERMOHONAN


def number_banding(case: Banding, actor: Actor, note: str) -> None:
    case.number = take_number("banding", permohonan_id=case.permohonan_id).text


def number_letter(case: Banding, actor: Actor, note: str) -> None:
    case.letter_number = take_number("banding_letter", permohonan_id=case.permohonan_id).text


def keep_what_is_asked(case: Banding, actor: Actor, note: str) -> None:
    case.completion_asked = note.strip()


def keep_completion(case: Banding, actor: Actor, note: str) -> None:
    case.completion = note.strip()


def move_permohonan(name: str) -> Effect[Banding]:
    """The matching step of the permohonan, in the same transaction; its history says why."""

    @named(f"permohonan_{name}")
    def move(case: Banding, actor: Actor, note: str) -> None:
        permohonan = case.permohonan
        PERMOHONAN.perform(permohonan, name, SYSTEM, version=permohonan.version, note=_why(case))

    return move


def _why(case: Banding) -> str:
    if not case.outcome_reason or not case.letter_number:
        return case.status.label + "."
    words = f"Surat {case.letter_number}: {case.outcome_reason}"
    if case.new_asesor is not None:
        words += f" Asesor baru: {case.new_asesor.name}."
    return words


def tell_accepted(case: Banding, actor: Actor, note: str) -> None:
    tell_asesi(
        case.permohonan,
        "banding_accepted",
        number=case.number,
        until=answer_until(case).isoformat(),
    )
    tell_role(
        case.permohonan, Role.KETUA, "banding_accepted_ketua", until=answer_until(case).isoformat()
    )


def tell_what_to_complete(case: Banding, actor: Actor, note: str) -> None:
    assert case.completion_due is not None  # noqa: S101 - the guard asked for it
    tell_asesi(
        case.permohonan,
        "banding_incomplete",
        asked=note.strip(),
        until=case.completion_due.isoformat(),
    )


def tell_completed(case: Banding, actor: Actor, note: str) -> None:
    tell_role(case.permohonan, Role.ADMIN, "banding_completed_admin")


def tell_dismissed(case: Banding, actor: Actor, note: str) -> None:
    tell_asesi(case.permohonan, "banding_dismissed")


def tell_panel_named(case: Banding, actor: Actor, note: str) -> None:
    """The asesi hears who judges, so that he can object; the members hear where the file is."""
    tell_asesi(
        case.permohonan,
        "banding_panel",
        names=[member.user.name for member in case.panel],
        relaxed=relaxed(case),
        until=answer_until(case).isoformat(),
    )
    for member in case.panel:
        tell_member(case, member.user_id)


def relaxed(case: Banding) -> list[str]:
    """Names of the panel for whom the duty was waived: nobody is told that they had no part in it."""
    waived = duty.waived_for_panel(case.permohonan)
    return [member.user.name for member in case.panel if member.user_id in waived]


def tell_member(case: Banding, user_id: int) -> None:
    """The invitation of one member of the panel."""
    member = case.member_of(user_id)
    if member is not None:
        add_mail(
            member.user,
            "banding_panel_member",
            dedupe=f"{case.public_id}:{user_id}",
            permohonan_id=case.permohonan_id,
            skema=case.permohonan.skema_version.title,
            banding=case.public_id,
            until=answer_until(case).isoformat(),
        )


def tell_answered(case: Banding, actor: Actor, note: str) -> None:
    """That an answer is there; what it says stands behind the sign-in."""
    tell_asesi(case.permohonan, "banding_answered")
    tell_role(case.permohonan, Role.ADMIN, "banding_answered_admin", outcome=case.status.label)


def tell_withdrawn(case: Banding, actor: Actor, note: str) -> None:
    """Whoever works on it may put it away."""
    tell_role(case.permohonan, Role.ADMIN, "banding_withdrawn")
    for member in case.panel:
        add_mail(
            member.user,
            "banding_withdrawn",
            dedupe=f"{case.public_id}:{case.version}",
            permohonan_id=case.permohonan_id,
            skema=case.permohonan.skema_version.title,
            asesi_name=case.permohonan.asesi_name,
        )
