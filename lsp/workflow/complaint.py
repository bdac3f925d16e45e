"""The workflow of a keluhan: registered, examined by somebody whom it is not about, closed with a letter (process 6.4).

A keluhan changes no decision: that is what a banding is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Complaint, ComplaintEvent, User, UserRole
from lsp.models.inforce import add_working_days, setting
from lsp.models.numbers import take_number
from lsp.models.queue import add, add_mail
from lsp.smtp_url import ADDRESS
from lsp.vocabulary import Channel, ComplaintStatus, Labelled, Role
from lsp.workflow import duty
from lsp.workflow.machine import LEAST_GROUNDS, LEAST_REASON, Machine, NoteGiven, Transition

S = ComplaintStatus
ADMIN, KETUA = Role.ADMIN, Role.KETUA
#: Whoever names the investigator and answers for the LSP; the ketua too, for a keluhan may be about the only admin.
OFFICE = (ADMIN, KETUA)
#: Who may be named to examine one; who is named acts in any of these roles.
INVESTIGATORS = (ADMIN, KETUA, Role.ASESOR, Role.TIM_TEKNIS)
LETTER_SERIES = "keluhan_letter"
#: Steps whose note the complainant reads.
TOLD = frozenset({"received", "register", "assign", "tell", "close"})


# --- Who may -----------------------------------------------------------------------------------------------------


def about_ids(case: Complaint) -> set[int]:
    """The people a keluhan is about: who is named, and everybody who had a hand in the case it is about."""
    named = {each.user_id for each in case.people}
    permohonan = case.permohonan
    if permohonan is None:
        return named
    return (
        named
        | duty.asesor_ids(permohonan)
        | duty.pleno_ids(permohonan)
        | duty.verifier_ids([permohonan.id])[permohonan.id]
        | {permohonan.asesi_id}
    )


def not_named(case: Complaint, actor: Actor, note: str) -> str | None:
    if any(each.user_id == actor.id for each in case.people):
        return "Keluhan ini tentang Anda. Orang lain yang menanganinya."
    return None


def why_not_independent(case: Complaint, person: User) -> str | None:
    """Why somebody cannot examine a keluhan; None when he can."""
    if person.id in {each.user_id for each in case.people}:
        return f"Keluhan ini tentang {person.name}. Pilih orang lain."
    if person.id in about_ids(case):
        return f"{person.name} ikut menangani permohonan yang dikeluhkan. Pilih orang lain."
    return None


def investigator_independent(case: Complaint, actor: Actor, note: str) -> str | None:
    if case.investigator is None:
        return "Pilih pemeriksa."
    return why_not_independent(case, case.investigator)


# --- Only if, and then -------------------------------------------------------------------------------------------


def finding_written(case: Complaint, actor: Actor, note: str) -> str | None:
    return None if case.finding else "Temuan pemeriksa belum ditulis."


def keep_finding(case: Complaint, actor: Actor, note: str) -> None:
    case.finding = note.strip()


def next_progress(case: Complaint, actor: Actor, note: str) -> None:
    """From now the days run until the complainant must hear of it again."""
    case.progress_due = due_after("complaint_progress_working_days")


def write_letter(case: Complaint, actor: Actor, note: str) -> None:
    case.letter_number = take_number(LETTER_SERIES).text
    case.closing, case.closed_at, case.progress_due = note.strip(), clock.now(), None


def due_after(key: str) -> date:
    """The day by which a clock of a keluhan runs out, counted in working days from today."""
    return add_working_days(clock.today_wib(), int(setting(key)))


def is_mailed(case: Complaint) -> bool:
    """Whether the contact that was left is an address."""
    return ADDRESS.fullmatch(case.contact) is not None


def tell_complainant(case: Complaint, template: str, note: str = "") -> None:
    """By mail, where the contact is an address; who left a number reads it on the page of his keluhan."""
    if not is_mailed(case):
        return
    told = db.session.scalar(
        select(func.count(ComplaintEvent.id)).where(ComplaintEvent.complaint_id == case.id)
    )
    add(
        Channel.MAIL,
        template,
        dedupe=f"mail:{template}:{case.public_id}:{told}",
        payload={
            "to": case.contact,
            "name": case.name,
            "context": {
                "receipt": case.receipt,
                "status_label": case.status.label,
                "note": note.strip(),
                "letter": case.letter_number,
                "until": case.close_due.isoformat(),
            },
        },
    )


def office() -> Sequence[User]:
    """Everybody with an open account who names investigators and answers for the LSP."""
    return db.session.scalars(
        select(User).where(User.disabled_at.is_(None), User.roles.any(UserRole.role.in_(OFFICE)))
    ).all()


def tell_office(case: Complaint) -> None:
    """That a keluhan came in, by mail, and nothing of it: it may be about whoever reads the mail."""
    for person in office():
        add_mail(
            person,
            "complaint_arrived",
            dedupe=case.public_id,
            complaint=case.public_id,
            until=case.register_due.isoformat(),
        )


def tell_progress(case: Complaint, actor: Actor, note: str) -> None:
    tell_complainant(case, "complaint_told", note)


def tell_closing(case: Complaint, actor: Actor, note: str) -> None:
    tell_complainant(case, "complaint_closed", note)


def tell_investigator(case: Complaint, actor: Actor, note: str) -> None:
    if case.investigator is not None:
        add_mail(
            case.investigator,
            "complaint_assigned",
            dedupe=f"{case.public_id}:{case.version}",
            receipt=case.receipt,
            complaint=case.public_id,
            until=case.close_due.isoformat(),
        )


T = Transition[Complaint]
_NOTE = NoteGiven(LEAST_REASON, "catatan")
_TELLS: dict[str, Any] = {
    "name": "tell", "label": "Kabari pelapor", "roles": INVESTIGATORS, "guards": (NoteGiven(LEAST_REASON, "kabar"),),
    "fills": (next_progress,), "effects": (tell_progress,),
}  # fmt: skip

TRANSITIONS: tuple[T, ...] = (
    T(name="register", label="Daftarkan",
      source=(S.RECEIVED,), target=S.REGISTERED, roles=OFFICE, fills=(next_progress,), effects=(tell_progress,)),
    T(name="assign", label="Tunjuk pemeriksa",
      source=(S.REGISTERED,), target=S.EXAMINED, roles=OFFICE, guards=(investigator_independent,),
      effects=(tell_investigator,)),
    T(name="reassign", label="Ganti pemeriksa",
      source=(S.EXAMINED,), target=S.EXAMINED, roles=OFFICE,
      guards=(investigator_independent, NoteGiven(LEAST_REASON)), effects=(tell_investigator,)),
    T(source=(S.REGISTERED,), target=S.REGISTERED, **_TELLS),
    T(source=(S.EXAMINED,), target=S.EXAMINED, **_TELLS),
    T(name="jot", label="Catat untuk LSP",
      source=(S.REGISTERED,), target=S.REGISTERED, roles=INVESTIGATORS, guards=(_NOTE,)),
    T(name="jot", label="Catat untuk LSP",
      source=(S.EXAMINED,), target=S.EXAMINED, roles=INVESTIGATORS, guards=(_NOTE,)),
    T(name="find", label="Simpan temuan",
      source=(S.EXAMINED,), target=S.EXAMINED, roles=INVESTIGATORS, guards=(NoteGiven(LEAST_GROUNDS, "temuan"),),
      fills=(keep_finding,)),
    T(name="close", label="Tutup dengan surat",
      source=(S.EXAMINED,), target=S.CLOSED, roles=OFFICE,
      guards=(investigator_independent, finding_written, NoteGiven(LEAST_GROUNDS, "isi surat")),
      fills=(write_letter,), effects=(tell_closing,)),
)  # fmt: skip


def next_step(case: Complaint) -> str | None:
    """The name of the step that brings a keluhan further, whoever has it; None once it is closed.

    The row that leads to another state, or the one by which the finding is written where that row still waits for it.
    """
    here = [row for row in TRANSITIONS if case.status in row.source]
    onward = next((row for row in here if row.target is not case.status), None)
    if onward is not None and finding_written in onward.guards and not case.finding:
        onward = next(row for row in here if keep_finding in row.fills)
    return onward.name if onward is not None else None


def acting_role(row: T, case: Complaint, actor: Actor) -> Role | None:
    """The office for its own steps; notes are also the investigator's, and the finding is his alone."""
    office = next((role for role in OFFICE if role in actor.roles), None)
    if row.roles == OFFICE:
        return office
    mine = case.investigator_id is not None and case.investigator_id == actor.id
    if mine:
        return next((role for role in INVESTIGATORS if role in actor.roles), None)
    return office if row.name != "find" else None


def record(
    case: Complaint, row: T, source: Labelled, actor: Actor, role: Role, note: str, moment: datetime
) -> None:
    """A line of its own history: what was done, by whom, and whether the complainant reads it."""
    db.session.add(
        ComplaintEvent(
            complaint_id=case.id,
            at=moment,
            step=row.name,
            actor_id=actor.id,
            note=note.strip(),
            told=row.name in TOLD,
        )
    )


KELUHAN: Machine[Complaint] = Machine(
    name="complaint",
    statuses=ComplaintStatus,
    transitions=TRANSITIONS,
    acting_role=acting_role,
    duties=(not_named,),
    record=record,
)
