"""The asesi's agreement to the other mode (daring or luring). The admin's `change_mode` then makes it so.

Who refuses to be recorded is offered luring instead of being refused (workflow 4), so this may be said before a
meeting, when its recording is asked for, and in it. A booked meeting is rescheduled before the mode changes.
"""

from __future__ import annotations

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, StaleCase
from lsp.models import Permohonan
from lsp.models.queue import add_mail
from lsp.services import audit
from lsp.vocabulary import Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import tell_role
from lsp.workflow.effects.payment import mode_difference
from lsp.workflow.fitness import why_not_remote, why_plan_not_remote
from lsp.workflow.guards.payment import other_mode
from lsp.workflow.permohonan import TRANSITIONS

#: Where the table changes the mode, and where a meeting stands that must be rescheduled first.
_CHANGES = frozenset(
    source for row in TRANSITIONS if row.name == "change_mode" for source in row.source
)
_MEETING_FIRST = frozenset(
    {PermohonanStatus.PRE_SCHEDULED, PermohonanStatus.SCHEDULED, PermohonanStatus.IN_ASSESSMENT}
)

__all__ = ["agree", "difference", "meeting_first", "refusal", "take_back", "waits", "wanted"]


def wanted(permohonan: Permohonan) -> Mode:
    """The mode this case would change to."""
    return other_mode(permohonan)


def difference(permohonan: Permohonan) -> int:
    """What the other mode costs more, in whole rupiah; negative when it is cheaper."""
    return mode_difference(permohonan)


def meeting_first(permohonan: Permohonan) -> bool:
    """Whether a meeting stands that the LSP must reschedule before the mode can change."""
    return permohonan.status in _MEETING_FIRST


def refusal(permohonan: Permohonan) -> str | None:
    """Why the mode cannot be agreed to now, in a sentence; None when it can."""
    if permohonan.status not in _CHANGES | _MEETING_FIRST:
        return "Cara asesmen tidak dapat diganti pada tahap permohonan Anda sekarang."
    if permohonan.mode_agreed_at is not None or wanted(permohonan) is not Mode.DARING:
        return None  # what was agreed to can be taken back, whatever BNSP permits meanwhile
    today = clock.today_wib()
    if why_not_remote(permohonan.skema_version, today, today) is not None:
        return "Skema ini belum boleh dinilai jarak jauh, jadi asesmennya tetap tatap muka."
    plan = dossier_of(permohonan).plan
    if plan is not None and why_plan_not_remote(permohonan.skema_version, plan.methods, today):
        return "Rencana asesmen Anda memakai cara yang belum boleh jarak jauh, jadi asesmennya tetap tatap muka."
    return None


def waits(permohonan: Permohonan) -> bool:
    """Whether an agreement stands that can still be acted on."""
    return permohonan.mode_agreed_at is not None and refusal(permohonan) is None


def agree(
    actor: Actor, permohonan: Permohonan, *, version: int, refuses_recording: bool = False
) -> None:
    """The asesi agrees to the other mode; admin and asesor hear of it. Raises DomainError with a sentence.

    refuses_recording: why he does; it is told to both in these words.
    """
    _must_be_his(actor, permohonan, version)
    reason = refusal(permohonan)
    if reason is not None:
        raise DomainError(reason)
    if permohonan.mode_agreed_at is not None:
        return
    permohonan.mode_agreed_at = clock.now()
    permohonan.refuses_recording = refuses_recording
    mode = wanted(permohonan)
    audit.note(
        actor,
        "mode.agree",
        "permohonan",
        permohonan.public_id,
        role=Role.ASESI,
        to=mode.value,
        refuses_recording=refuses_recording,
    )
    db.session.flush()
    _tell(permohonan, mode)


def take_back(actor: Actor, permohonan: Permohonan, *, version: int) -> None:
    """The asesi thinks better of it, as long as the admin has not changed the mode."""
    _must_be_his(actor, permohonan, version)
    if permohonan.mode_agreed_at is None:
        raise DomainError("Tidak ada persetujuan ganti cara asesmen yang menunggu.")
    permohonan.mode_agreed_at, permohonan.refuses_recording = None, False
    audit.note(actor, "mode.take_back", "permohonan", permohonan.public_id, role=Role.ASESI)
    db.session.flush()


def _must_be_his(actor: Actor, permohonan: Permohonan, version: int) -> None:
    if actor.id != permohonan.asesi_id:
        raise DomainError("Hanya asesi sendiri yang dapat menyetujui ganti cara asesmen.")
    if permohonan.version != version:
        raise StaleCase


def _tell(permohonan: Permohonan, mode: Mode) -> None:
    seat = dossier_of(permohonan).booking
    tell_role(
        permohonan,
        Role.ADMIN,
        "mode_agreed_admin",
        mode=mode.label,
        refuses=permohonan.refuses_recording,
        meeting=seat.slot.kind.label if seat is not None else "",
    )
    if seat is not None:
        add_mail(
            seat.slot.asesor,
            "mode_agreed_asesor",
            dedupe=f"{seat.public_id}:{permohonan.version}",
            permohonan_id=permohonan.id,
            asesi_name=permohonan.asesi_name,
            skema=permohonan.skema_version.title,
            meeting=seat.slot.kind.label,
            mode=mode.label,
            refuses=permohonan.refuses_recording,
            public_id=permohonan.public_id,
        )
