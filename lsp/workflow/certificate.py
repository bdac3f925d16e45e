"""The workflow of a certificate after `issue` made it: suspended and revoked by two people, expired by its date.

A proposal (lsp/models/certificate_life.py) carries the grounds, the notice and the holder's answer; the ketua's step
here decides it. `issue` of the permohonan that follows it performs `renew` or `replace`, in the same transaction.
"""

from __future__ import annotations

from datetime import datetime

from lsp.actor import Actor
from lsp.database import db
from lsp.models import Certificate, CertificateEvent
from lsp.vocabulary import CertificateStatus, Labelled, LifeStep, Role
from lsp.workflow.effects import certificate_life as and_then
from lsp.workflow.guards import certificate_life as only_if
from lsp.workflow.machine import LEAST_GROUNDS, Machine, NoteGiven, Transition

S = CertificateStatus
KETUA, SYSTEM = Role.KETUA, Role.SYSTEM
_GIVEN = (only_if.proposed_by_another, NoteGiven(LEAST_GROUNDS, what="pertimbangan"))
_DUTIES = (only_if.holder_is_another,)

T = Transition[Certificate]

TRANSITIONS: tuple[T, ...] = (
    T(name="suspend", label="Bekukan sertifikat",
      source=(S.ACTIVE,), target=S.SUSPENDED, roles=(KETUA,), duties=_DUTIES,
      guards=(only_if.proposed_is(LifeStep.SUSPEND), only_if.holder_was_heard, *_GIVEN),
      effects=(and_then.approve_proposal,)),
    T(name="reinstate", label="Pulihkan sertifikat",
      source=(S.SUSPENDED,), target=S.ACTIVE, roles=(KETUA,), duties=_DUTIES,
      guards=(only_if.proposed_is(LifeStep.REINSTATE), *_GIVEN),
      effects=(and_then.approve_proposal,)),
    T(name="revoke", label="Cabut sertifikat",
      source=(S.ACTIVE, S.SUSPENDED), target=S.REVOKED, roles=(KETUA,), duties=_DUTIES,
      guards=(only_if.proposed_is(LifeStep.REVOKE), only_if.holder_was_heard, *_GIVEN),
      effects=(and_then.approve_proposal,)),
    T(name="expire", label="Habis masa berlaku",
      source=(S.ACTIVE, S.SUSPENDED), target=S.EXPIRED, roles=(SYSTEM,),
      guards=(only_if.last_day_passed,), effects=(and_then.close_open_proposal,)),
    T(name="replace", label="Diganti karena perbaikan data",
      source=(S.ACTIVE, S.EXPIRED), target=S.REPLACED, roles=(SYSTEM,),
      guards=(only_if.successor_issued, only_if.no_proposal_waits)),
    T(name="renew", label="Diperpanjang",
      source=(S.ACTIVE, S.EXPIRED), target=S.RENEWED, roles=(SYSTEM,),
      guards=(only_if.successor_issued, only_if.no_proposal_waits)),
)  # fmt: skip


def acting_role(row: T, case: Certificate, actor: Actor) -> Role | None:
    return next((role for role in row.roles if actor.has(role)), None)


def record(
    case: Certificate,
    row: T,
    source: Labelled,
    actor: Actor,
    role: Role,
    note: str,
    moment: datetime,
) -> None:
    """The line of its history."""
    db.session.add(
        CertificateEvent(
            certificate_id=case.id,
            at=moment,
            transition=row.name,
            source=source,
            target=row.target,
            actor_id=actor.id,
            actor_role=role,
            note=note.strip(),
        )
    )


CERTIFICATE: Machine[Certificate] = Machine(
    name="certificate",
    statuses=CertificateStatus,
    transitions=TRANSITIONS,
    acting_role=acting_role,
    duties=(),
    record=record,
)
