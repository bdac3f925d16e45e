"""The workflow of a banding: an appeal against a decision, judged by a panel that took no part in the case.

`appeal` of the permohonan opens it; each of its ends moves the permohonan on, in the same transaction.
"""

from __future__ import annotations

from datetime import datetime

from lsp.actor import Actor
from lsp.database import db
from lsp.models import Banding, BandingEvent
from lsp.vocabulary import OPEN_BANDING, BandingStatus, Labelled, Role
from lsp.workflow.effects import banding as and_then
from lsp.workflow.guards import banding as only_if
from lsp.workflow.machine import LEAST_GROUNDS, Machine, NoteGiven, Transition

S = BandingStatus
ASESI, ADMIN, KETUA, SYSTEM = Role.ASESI, Role.ADMIN, Role.KETUA, Role.SYSTEM
#: Who may sit on a panel; of these the members of this very one act.
PANEL = (Role.ASESOR, Role.TIM_TEKNIS, Role.KETUA, Role.ANGGOTA_LUAR)
_ALL_SIGNED = (only_if.outcome_reasoned, only_if.every_member_found, only_if.every_member_signed)

T = Transition[Banding]

TRANSITIONS: tuple[T, ...] = (
    T(name="accept", label="Terima banding",
      source=(S.FILED,), target=S.ACCEPTED, roles=(ADMIN,),
      guards=(only_if.filed_inside_the_window,),
      fills=(and_then.number_banding,), effects=(and_then.tell_accepted,)),
    T(name="ask_completion", label="Minta dilengkapi",
      source=(S.FILED,), target=S.INCOMPLETE, roles=(ADMIN,),
      guards=(only_if.completion_asked_never_before, only_if.completion_date_given, NoteGiven(LEAST_GROUNDS)),
      fills=(and_then.keep_what_is_asked,), effects=(and_then.tell_what_to_complete,)),
    T(name="complete", label="Kirim kelengkapan",
      source=(S.INCOMPLETE,), target=S.FILED, roles=(ASESI,),
      guards=(only_if.completion_date_not_passed, NoteGiven(LEAST_GROUNDS, what="kelengkapan")),
      fills=(and_then.keep_completion,), effects=(and_then.tell_completed,)),
    T(name="expire", label="Gugur karena tidak dilengkapi",
      source=(S.INCOMPLETE,), target=S.DISMISSED, roles=(SYSTEM,),
      guards=(only_if.completion_date_passed,),
      effects=(and_then.move_permohonan("uphold"), and_then.tell_dismissed)),
    T(name="name_panel", label="Tunjuk panel",
      source=(S.ACCEPTED,), target=S.PANEL_NAMED, roles=(KETUA,),
      guards=(only_if.panel_large_enough, only_if.panel_not_involved), effects=(and_then.tell_panel_named,)),
    T(name="examine", label="Selesaikan pemeriksaan",
      source=(S.PANEL_NAMED,), target=S.EXAMINED, roles=PANEL,
      duties=(only_if.member_of_the_panel,), guards=(only_if.every_member_found,)),
    T(name="uphold", label="Tolak banding, keputusan tetap",
      source=(S.EXAMINED,), target=S.UPHELD, roles=PANEL,
      duties=(only_if.member_of_the_panel,),
      guards=(only_if.outcome_proposed_is("uphold"), *_ALL_SIGNED),
      fills=(and_then.number_letter,),
      effects=(and_then.move_permohonan("uphold"), and_then.tell_answered)),
    T(name="reassess", label="Terima banding, asesmen diulang",
      source=(S.EXAMINED,), target=S.REASSESS, roles=PANEL,
      duties=(only_if.member_of_the_panel,),
      guards=(only_if.outcome_proposed_is("reassess"), only_if.asesor_outside_named, *_ALL_SIGNED),
      fills=(and_then.number_letter,),
      effects=(and_then.move_permohonan("grant_reassessment"), and_then.tell_answered)),
    T(name="redecide", label="Terima banding, penetapan diulang",
      source=(S.EXAMINED,), target=S.REDECIDE, roles=PANEL,
      duties=(only_if.member_of_the_panel,),
      guards=(only_if.outcome_proposed_is("redecide"), only_if.others_left_to_decide, *_ALL_SIGNED),
      fills=(and_then.number_letter,),
      effects=(and_then.move_permohonan("grant_redecision"), and_then.tell_answered)),
    T(name="withdraw_banding", label="Cabut banding",
      source=OPEN_BANDING, target=S.WITHDRAWN, roles=(ASESI,),
      effects=(and_then.move_permohonan("uphold"), and_then.tell_withdrawn)),
)  # fmt: skip


def acting_role(row: T, case: Banding, actor: Actor) -> Role | None:
    """As with the permohonan: its asesi acts as its asesi and in no other role."""
    if actor.id is not None and actor.id == case.permohonan.asesi_id:
        return Role.ASESI if Role.ASESI in row.roles and actor.has(Role.ASESI) else None
    return next((role for role in row.roles if role is not ASESI and actor.has(role)), None)


def record(
    case: Banding, row: T, source: Labelled, actor: Actor, role: Role, note: str, moment: datetime
) -> None:
    """The line of the history that asesi and LSP read."""
    db.session.add(
        BandingEvent(
            banding_id=case.id,
            at=moment,
            transition=row.name,
            source=source,
            target=row.target,
            actor_id=actor.id,
            actor_role=role,
            note=note.strip(),
        )
    )


BANDING: Machine[Banding] = Machine(
    name="banding",
    statuses=BandingStatus,
    transitions=TRANSITIONS,
    acting_role=acting_role,
    duties=(),
    record=record,
)
