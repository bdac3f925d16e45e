"""Banding: filed by the asesi as FR.AK.04, taken in by the admin, completed or taken back; its clocks.

Naming the panel is in banding_panel.py, what the panel finds and answers in banding_outcome.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.database import db, read_once
from lsp.errors import DomainError
from lsp.models import Banding, BandingEvent, BandingMember, Permohonan, User, holders_of
from lsp.models.inforce import add_working_days, setting
from lsp.models.queue import add_mail
from lsp.services import results, signing
from lsp.vocabulary import OPEN_BANDING, BandingStatus, Form, Role
from lsp.workflow.banding import BANDING
from lsp.workflow.guards.after_decision import appeal_until
from lsp.workflow.guards.banding import answer_until, remind_on
from lsp.workflow.permohonan import PERMOHONAN

#: The questions of FR.AK.04, by the key that its words have (data/forms/fr_ak_04).
QUESTIONS = ("dijelaskan", "didiskusikan", "orang_lain")
NONE = "Permohonan ini tidak punya banding."
MOST = 100

_WHOLE = (
    joinedload(Banding.new_asesor),
    joinedload(Banding.proposed_by),
    selectinload(Banding.members).joinedload(BandingMember.user),
    selectinload(Banding.events).joinedload(BandingEvent.actor),
)


def newest_of(permohonan: Permohonan) -> Banding | None:
    """The last banding of a case with its panel and history; of a decision taken anew it may be the second."""
    newest = (
        select(Banding)
        .where(Banding.permohonan_id == permohonan.id)
        .order_by(Banding.id.desc())
        .limit(1)
        .options(*_WHOLE)
    )
    return read_once("newest_banding", permohonan.id, lambda: db.session.scalar(newest))


def of_case(permohonan: Permohonan) -> Banding:
    """As `newest_of`; locked in a unit of work that writes. Raises DomainError where there is none."""
    found = newest_of(permohonan)
    if found is None:
        raise DomainError(NONE)
    return found


def is_open(permohonan_id: int) -> bool:
    """Whether the case is frozen by a banding: nothing of it may be deleted, closed or assessed again."""
    standing = select(Banding.id).where(
        Banding.permohonan_id == permohonan_id, Banding.status.in_(OPEN_BANDING)
    )
    return db.session.scalar(standing) is not None


def has_any(permohonan: Permohonan) -> bool:
    standing = select(Banding.id).where(Banding.permohonan_id == permohonan.id).limit(1)
    return db.session.scalar(standing) is not None


def asked_to_complete(permohonan: Permohonan) -> date | None:
    """Until when the asesi is to complete his banding; None where nothing is asked of him."""
    return db.session.scalar(
        select(Banding.completion_due).where(
            Banding.permohonan_id == permohonan.id, Banding.status == BandingStatus.INCOMPLETE
        )
    )


def unanswered(*, without: int | None = None) -> list[Banding]:
    """Every open banding, the oldest first; `without`: those of this asesi, who is no judge of his own."""
    query = (
        select(Banding)
        .join(Permohonan, Permohonan.id == Banding.permohonan_id)
        .where(Banding.status.in_(OPEN_BANDING))
        .order_by(Banding.filed_at, Banding.id)
        .limit(MOST)
        .options(joinedload(Banding.permohonan).joinedload(Permohonan.skema_version))
    )
    if without is not None:
        query = query.where(Permohonan.asesi_id != without)
    return list(db.session.scalars(query))


def answered(*, without: int | None = None) -> list[Banding]:
    """The bandings that ended last, newest first."""
    return list(
        db.session.scalars(
            select(Banding)
            .join(Permohonan, Permohonan.id == Banding.permohonan_id)
            .where(Banding.status.not_in(OPEN_BANDING), Permohonan.asesi_id != (without or 0))
            .order_by(Banding.status_at.desc(), Banding.id.desc())
            .limit(20)
            .options(joinedload(Banding.permohonan).joinedload(Permohonan.skema_version))
        )
    )


# --- The asesi ---------------------------------------------------------------------------------------------------


def file(
    actor: Actor,
    permohonan: Permohonan,
    *,
    answers: Mapping[str, bool],
    reason: str,
    typed_name: str,
    version: int,
    helper: str = "",
) -> Banding:
    """Sign FR.AK.04 and send it: the case is frozen from here on. Raises DomainError with a sentence."""
    results.must_be_read(permohonan)
    if set(answers) != set(QUESTIONS):
        raise DomainError("Jawab ketiga pertanyaan FR.AK.04.")
    PERMOHONAN.perform(permohonan, "appeal", actor, version=version, note=reason)
    banding = of_case(permohonan)
    banding.fr_ak_04 = {**answers, "helper": helper if answers["orang_lain"] else ""}
    db.session.flush()
    signing.sign(actor, permohonan, Form.FR_AK_04, Role.ASESI, typed_name=typed_name)
    return banding


def complete(actor: Actor, permohonan: Permohonan, *, words: str, version: int) -> None:
    """What the LSP asked for, in his words; the reason that was filed stays as it is."""
    BANDING.perform(of_case(permohonan), "complete", actor, version=version, note=words)


def withdraw(actor: Actor, permohonan: Permohonan, *, version: int) -> None:
    """The decision stands again, and cannot be contested anew."""
    BANDING.perform(of_case(permohonan), "withdraw_banding", actor, version=version)


# --- The admin ---------------------------------------------------------------------------------------------------


def accept(actor: Actor, permohonan: Permohonan, *, version: int) -> str:
    """Take it in; the number it got."""
    banding = of_case(permohonan)
    BANDING.perform(banding, "accept", actor, version=version)
    return banding.number


def ask_completion(
    actor: Actor, permohonan: Permohonan, *, asked: str, until: date | None, version: int
) -> None:
    """Once: what lacks and by when. Raises DomainError, by its field, with a sentence."""
    banding = of_case(permohonan)
    if banding.version == version and banding.status is BandingStatus.FILED:
        banding.completion_due = until
    BANDING.perform(banding, "ask_completion", actor, version=version, note=asked)


def usual_completion_date(banding: Banding) -> date:
    """What the form offers: until the end of his own window, because what is not completed is lost for good.

    At the latest on the day when the ketua is reminded of the answer, so that the panel has time for it.
    """
    soon = add_working_days(clock.today_wib(), int(setting("appeal_completion_working_days")))
    window = appeal_until(banding.permohonan)
    return max(soon, min(window, remind_on(banding))) if window else soon


# --- Clocks ------------------------------------------------------------------------------------------------------


def ids_to_expire() -> Select[int]:
    """Those that were to be completed and were not."""
    return select(Banding.id).where(
        Banding.status == BandingStatus.INCOMPLETE, Banding.completion_due < clock.today_wib()
    )


def expire(banding_id: int) -> None:
    """Run by the clock in a transaction of its own; NotAllowed where somebody was faster."""
    found = db.session.get_one(Banding, banding_id)
    # The case before its banding: as people's requests lock them, so that none waits for the other.
    db.session.get_one(Permohonan, found.permohonan_id, with_for_update=True)
    banding = db.session.get_one(Banding, banding_id, with_for_update=True, populate_existing=True)
    BANDING.perform(banding, "expire", SYSTEM, version=banding.version)


def ids_open() -> Select[int]:
    return select(Banding.id).where(Banding.status.in_(OPEN_BANDING))


def remind(banding_id: int) -> bool:
    """Tell every ketua on the reminder's day, and once more when the last day has passed; True when a mail was made."""
    banding = db.session.get_one(Banding, banding_id)
    until = answer_until(banding)
    if not banding.is_open or clock.today_wib() < remind_on(banding):
        return False
    which = "late" if clock.today_wib() > until else "soon"
    made = False
    for ketua in _ketua_besides(banding.permohonan.asesi_id):
        mail = add_mail(
            ketua,
            "banding_reminder",
            dedupe=f"{banding.public_id}:{which}",
            permohonan_id=banding.permohonan_id,
            skema=banding.permohonan.skema_version.title,
            public_id=banding.permohonan.public_id,
            asesi_name=banding.permohonan.asesi_name,
            status_label=banding.status.label,
            until=until.isoformat(),
        )
        made = made or mail is not None
    return made


def _ketua_besides(asesi_id: int) -> list[User]:
    query = select(User).where(User.id.in_(holders_of(Role.KETUA)), User.disabled_at.is_(None))
    return list(db.session.scalars(query.where(User.id != asesi_id)))
