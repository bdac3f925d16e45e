"""The LSP's work on a keluhan: the register, its clocks, the steps, and reminders before a clock runs out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case as sql_case, exists, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, is_writing, write_transaction
from lsp.errors import DomainError
from lsp.models import (
    Certificate,
    Complaint,
    ComplaintEvent,
    ComplaintPerson,
    Permohonan,
    User,
    UserRole,
)
from lsp.models.queue import add_mail
from lsp.vocabulary import ComplaintStatus, Role
from lsp.workflow.complaint import INVESTIGATORS, KELUHAN, OFFICE, about_ids, office

PER_PAGE = 25
OVERDUE = "terlambat"
#: What the office owes a step now; the tile of the work list counts it.
WAITING = "menunggu"
S = ComplaintStatus


# --- Reading -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the register shows. state: of a status, `terlambat`, empty for all that are open, `semua` for every one."""

    state: str = ""
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """due: the clock that runs out next; late: it has."""

    public_id: str
    key: int
    receipt: str
    status: ComplaintStatus
    about: str
    investigator: str
    due: date | None
    late: bool


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    more: bool


def is_open() -> ColumnElement[bool]:
    return Complaint.closed_at.is_(None)


def _due() -> ColumnElement[date]:
    """The clock that runs out next: to be registered, then news or the closing, whichever is first."""
    both = and_(Complaint.progress_due.is_not(None), Complaint.progress_due < Complaint.close_due)
    return sql_case(
        (Complaint.status == S.RECEIVED, Complaint.register_due),
        (both, Complaint.progress_due),
        else_=Complaint.close_due,
    )


def is_late(today: Any = None) -> ColumnElement[bool]:
    """Condition on Complaint: a clock has run out. today: a parameter, for a query that is built once."""
    return and_(is_open(), _due() < (clock.today_wib() if today is None else today))


def waits_for_office(today: Any = None) -> ColumnElement[bool]:
    """Condition on Complaint: to be registered, without an investigator yet, or late."""
    first = Complaint.status.in_((S.RECEIVED, S.REGISTERED))
    return and_(is_open(), or_(first, is_late(today)))


def _readable(actor: Actor) -> ColumnElement[bool]:
    """The office and the auditor read all, an investigator his own; nobody one that is about himself."""
    mine = Complaint.investigator_id == actor.id
    return and_(true() if actor.has(*OFFICE, Role.AUDITOR) else mine, is_not_about(actor.id))


def is_not_about(person_id: Any) -> ColumnElement[bool]:
    """Condition on Complaint: this person is not whom it is about. person_id: also a parameter, as `today` is."""
    return ~exists().where(
        ComplaintPerson.complaint_id == Complaint.id, ComplaintPerson.user_id == person_id
    )


def page(actor: Actor, wanted: Wanted) -> Page:
    """The register, newest first."""
    conditions = [_readable(actor), _narrowed(wanted.state)]
    if wanted.after is not None:
        conditions.append(Complaint.id < wanted.after)
    rows = _rows(Complaint.id.desc(), *conditions)
    return Page(rows[:PER_PAGE], len(rows) > PER_PAGE)


def examines(actor: Actor) -> Page:
    """The open keluhan that this person is named to examine, the most pressing first; the rest is in the register."""
    mine = Complaint.investigator_id == actor.id
    rows = _rows(_due(), is_open(), mine, _readable(actor))
    return Page(rows[:PER_PAGE], len(rows) > PER_PAGE)


def _rows(order: ColumnElement[Any], *conditions: ColumnElement[bool]) -> list[Row]:
    """One more than a page holds; one query."""
    person = select(User.name).where(User.id == Complaint.investigator_id).scalar_subquery()
    query = select(
        Complaint.public_id, Complaint.id, Complaint.receipt, Complaint.status, Complaint.about,
        func.coalesce(person, "").label("investigator"), _due().label("due"), Complaint.closed_at,
    ).where(*conditions)  # fmt: skip
    today = clock.today_wib()
    return [
        Row(
            public_id=each.public_id,
            key=each.id,
            receipt=each.receipt,
            status=each.status,
            about=each.about,
            investigator=each.investigator,
            due=None if each.closed_at else each.due,
            late=each.closed_at is None and each.due < today,
        )
        for each in db.session.execute(query.order_by(order).limit(PER_PAGE + 1))
    ]


def _narrowed(state: str) -> ColumnElement[bool]:
    if state == "semua":
        return true()
    if state == OVERDUE:
        return is_late()
    if state == WAITING:
        return waits_for_office()
    return Complaint.status == S(state) if state in {each.value for each in S} else is_open()


def one(actor: Actor, public_id: str) -> Complaint | None:
    """A keluhan that this person may read, locked while writing."""
    query = select(Complaint).where(Complaint.public_id == public_id, _readable(actor))
    if is_writing():
        query = query.with_for_update()
    return db.session.scalar(
        query.options(
            joinedload(Complaint.investigator),
            joinedload(Complaint.permohonan),
            selectinload(Complaint.people).joinedload(ComplaintPerson.user),
            selectinload(Complaint.events).joinedload(ComplaintEvent.actor),
        )
    )


def office_and_asesor() -> Sequence[User]:
    """Who may be named: open accounts of a role that examines, by name."""
    return db.session.scalars(
        select(User)
        .where(User.disabled_at.is_(None), User.roles.any(UserRole.role.in_(INVESTIGATORS)))
        .order_by(User.name, User.id)
    ).all()


def candidates(case: Complaint) -> list[User]:
    """Those of them whom the keluhan is not about."""
    about = about_ids(case)
    return [each for each in office_and_asesor() if each.id not in about]


def due_of(case: Complaint) -> date | None:
    """As `_due`, of a keluhan that is read already; None once it is closed."""
    if case.closed_at is not None:
        return None
    if case.status is S.RECEIVED:
        return case.register_due
    return min(each for each in (case.progress_due, case.close_due) if each is not None)


# --- Steps -------------------------------------------------------------------------------------------------------


def register(
    actor: Actor, case: Complaint, *, people: Collection[str], about_case: str, version: int
) -> None:
    """Take it into the register: whom it is about, and which permohonan. Raises DomainError.

    about_case: an ID Izin or the number of a certificate, empty where it is about none.
    """
    known = {each.public_id: each for each in office_and_asesor()}
    found = case_of(about_case) if about_case else None
    if about_case and found is None:
        raise DomainError(
            "Tidak ada permohonan dengan ID Izin atau nomor sertifikat itu. Periksa, atau kosongkan.",
            field="about_case",
        )
    # All is read before the first change: a query in between would write it, and raise the version.
    case.people = [
        ComplaintPerson(user_id=known[each].id) for each in sorted(set(people)) if each in known
    ]
    case.permohonan = found
    KELUHAN.perform(case, "register", actor, version=version)


def case_of(number: str) -> Permohonan | None:
    """The case of an ID Izin, or of a certificate by either of its numbers."""
    return db.session.scalar(
        select(Permohonan)
        .outerjoin(Certificate, Certificate.permohonan_id == Permohonan.id)
        .where(
            or_(
                Permohonan.id_izin == number,
                Certificate.certificate_number == number,
                Certificate.lpjk_number == number,
            )
        )
        .limit(1)
    )


def name_investigator(
    actor: Actor, case: Complaint, *, person: str, version: int, note: str = ""
) -> None:
    """Name who examines it, or another in his place. Raises DomainError for who is involved."""
    found = next((each for each in office_and_asesor() if each.public_id == person), None)
    if found is None:
        raise DomainError("Pilih pemeriksa dari daftar.", field="person")
    if found is case.investigator:
        raise DomainError(f"{found.name} sudah pemeriksanya.", field="person")
    step = "assign" if case.status is S.REGISTERED else "reassign"
    case.investigator = found
    KELUHAN.perform(case, step, actor, version=version, note=note)


def note(actor: Actor, case: Complaint, step: str, *, text: str, version: int) -> None:
    """Tell the complainant, jot something down, write the finding, or close with a letter. Raises DomainError."""
    KELUHAN.perform(case, step, actor, version=version, note=text)


# --- Clocks ------------------------------------------------------------------------------------------------------


def remind() -> int:
    """Mail the office and the investigator once, on the day a clock runs out or after; returns how many mails."""
    due = db.session.scalars(
        select(Complaint.id).where(is_open(), _due() <= clock.today_wib())
    ).all()
    db.session.rollback()
    return sum(_remind(complaint_id) for complaint_id in due)


def _remind(complaint_id: int) -> int:
    with write_transaction():
        case = db.session.get_one(Complaint, complaint_id)
        day = due_of(case)
        if day is None:
            return 0
        named = {each.user_id for each in case.people}
        people = {each.id: each for each in office() if each.id not in named}
        if case.investigator is not None:
            people[case.investigator.id] = case.investigator
        sent = [
            add_mail(
                person,
                "complaint_due",
                dedupe=f"{case.public_id}:{day.isoformat()}",
                receipt=case.receipt,
                complaint=case.public_id,
                status_label=case.status.label,
                until=day.isoformat(),
            )
            for person in people.values()
        ]
        return sum(each is not None for each in sent)
