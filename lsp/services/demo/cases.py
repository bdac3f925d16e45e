"""Fictional asesi in every state, each brought there by the real services on pretended days of the last weeks.

What happened on a day happens for all cases before the next day, so the audit chain tells the days in order.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from lsp import clock, ids
from lsp.actor import SYSTEM, Actor
from lsp.database import db, write_transaction
from lsp.models import (
    Document,
    FrApl02Answer,
    Jadwal,
    Permohonan,
    SkemaVersion,
    Tuk,
    User,
)
from lsp.services import bulk, days_off, pleno_sk
from lsp.services.demo import appealing, blanko, rapat
from lsp.services.demo.assessing import check_portfolio
from lsp.services.demo.base import fictional_asesi
from lsp.services.demo.batches import confirmed_jadwal
from lsp.services.demo.claiming import load_claiming
from lsp.services.demo.driver import DemoCase, Stage, actor_of
from lsp.services.demo.linking import make_links
from lsp.services.demo.meetings import load_meetings
from lsp.services.demo.outside import load_complaint, load_third_party
from lsp.services.demo.past import Entry, Past
from lsp.services.demo.proposing import propose_suspension
from lsp.services.demo.reporting import PAST, REPORTER, give_feedback, sign_reports
from lsp.services.demo.samples import Samples, make_samples
from lsp.services.demo.telling import tell_all
from lsp.vocabulary import Answer, FormSection, MeetingKind, PermohonanStatus as S

#: Account, the state it ends in. A second line of an account is an older permohonan of the same person.
ENDS: tuple[tuple[str, S], ...] = (
    ("asesi1", S.DRAFT), ("asesi2", S.RETURNED), ("asesi3", S.INVOICED), ("asesi4", S.PAID), ("asesi5", S.READY),
    ("asesi6", S.SCHEDULED), ("asesi7", S.RECOMMENDED), ("asesi8", S.NOT_YET_COMPETENT), ("asesi9", S.ISSUED),
    ("asesi10", S.SUBMITTED), ("asesi11", S.VERIFIED), ("asesi12", S.PRE_SCHEDULED),
    ("asesi13", S.EVIDENCE_NEEDED), ("asesi14", S.IN_ASSESSMENT), ("asesi15", S.COMPETENT),
    ("asesi16", S.BLANKO_REQUESTED), ("asesi17", S.BLANKO_RECEIVED), ("asesi18", S.RECORDED),
    ("asesi19", S.REJECTED), ("asesi20", S.APPEALED),
    ("asesi10", S.WITHDRAWN), ("asesi11", S.LAPSED), ("asesi12", S.DROPPED), ("asesi13", S.CLOSED_NOT_YET),
)  # fmt: skip

ASESOR = ("asesor1", "asesor2", "asesor3")

_DECIDED_BK = (S.NOT_YET_COMPETENT, S.APPEALED, S.CLOSED_NOT_YET)
_DECIDED_K = (S.COMPETENT, S.BLANKO_REQUESTED, S.BLANKO_RECEIVED, S.RECORDED, S.ISSUED)
_RECOMMENDED = (S.RECOMMENDED, *_DECIDED_BK, *_DECIDED_K)
_ASSESSED = (S.IN_ASSESSMENT, *_RECOMMENDED)
_READY = (S.READY, S.SCHEDULED, *_ASSESSED)
_PRE = (S.EVIDENCE_NEEDED, *_READY)
_PAID = (S.PAID, S.PRE_SCHEDULED, S.DROPPED, *_PRE)
_INVOICED = (S.INVOICED, S.LAPSED, *_PAID)
_VERIFIED = (S.VERIFIED, *_INVOICED)
_SUBMITTED = (S.SUBMITTED, S.RETURNED, S.REJECTED, *_VERIFIED)

_FIRST_PLENO = tuple(state for state in (*_DECIDED_BK, *_DECIDED_K) if state is not S.COMPETENT)


def _without(states: tuple[S, ...], *later: S) -> tuple[S, ...]:
    return tuple(state for state in states if state not in later)


_WHY_REJECTED = "Jabatan kerja pada ID Izin bukan lingkup LSP kami."

#: Days before today, who takes part, what is done. Cases that still wait somewhere came there only lately.
Phase = tuple[int, tuple[S, ...], Callable[[DemoCase], None]]
PHASES: tuple[Phase, ...] = (
    (34, _without(_SUBMITTED, S.SUBMITTED, S.RETURNED), lambda case: case.submit()),
    (33, (S.WITHDRAWN,), lambda case: case.perform("withdraw", case.asesi)),
    (31, (S.REJECTED,), lambda case: case.perform("reject", case.admin, _WHY_REJECTED)),
    (30, _without(_VERIFIED, S.VERIFIED), lambda case: case.verify()),
    (29, _without(_INVOICED, S.INVOICED), lambda case: case.invoice()),
    (27, _without(_PAID, S.PAID), lambda case: case.pay()),
    (21, (S.LAPSED,), lambda case: case.lapse()),
    (20, (S.DROPPED,), lambda case: _drop(case)),
    (19, _without(_READY, S.READY), lambda case: case.book(MeetingKind.PRE_ASSESSMENT)),
    (18, _without(_READY, S.READY), lambda case: _pre_assess(case)),
    (13, _without(_RECOMMENDED, S.RECOMMENDED), lambda case: case.book(MeetingKind.ASSESSMENT)),
    (12, _without(_RECOMMENDED, S.RECOMMENDED), lambda case: _assess(case)),
    (8, (S.RETURNED,), lambda case: case.submit()),
    (7, (S.READY, S.EVIDENCE_NEEDED), lambda case: case.book(MeetingKind.PRE_ASSESSMENT)),
    (6, (S.READY,), lambda case: _pre_assess(case)),
    (6, (S.EVIDENCE_NEEDED,), lambda case: _ask_evidence(case)),
    (6, (S.RECOMMENDED,), lambda case: case.book(MeetingKind.ASSESSMENT)),
    (5, (S.RECOMMENDED,), lambda case: _assess(case)),
    (5, (S.RETURNED,), lambda case: _return(case)),
    (4, (S.SUBMITTED,), lambda case: case.submit()),
    (3, (S.INVOICED,), lambda case: case.invoice()),
    (2, (S.PAID,), lambda case: case.pay()),
    (1, (S.VERIFIED,), lambda case: case.verify()),
)  # fmt: skip

Cases = list[tuple[S, DemoCase]]
#: Days before today on which the cases of this file began; older certificates are told by past.py.
BEGAN = 40


def load_cases() -> None:
    """Build every case, day by day, each day its own transaction. Needs `load_base` before."""
    with _rarely_collected():
        _load(make_samples(), clock.now())


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """The load makes rows by the ten thousand and keeps them: looking for garbage was a third of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _load(samples: Samples, today: datetime) -> None:
    past = Past(samples).calendar()
    _live(today, [entry for entry in past if entry[0] > BEGAN])
    with clock.pretend(today - timedelta(days=BEGAN)), write_transaction():
        stage = _stage(samples)
        cases = _start_all(stage)
    lately = [entry for entry in past if entry[0] <= BEGAN]
    _live(today, [*_calendar(stage, cases), *lately])
    _now(stage, cases, today)
    with write_transaction():
        # What had to be typed into SIKI and BNSP more than a few days ago was typed.
        tell_all(stage.people["admin"], today - timedelta(days=4))


def _live(today: datetime, entries: list[Entry]) -> None:
    """Each in a transaction of its own, longest ago first."""
    for days, act in sorted(entries, key=lambda entry: -entry[0]):
        with clock.pretend(_morning(today, days)), write_transaction():
            act()


def _calendar(stage: Stage, cases: Cases) -> list[Entry]:
    """Everything that happened to these cases before today."""
    days: list[Entry] = [(day, partial(_all_of, cases, states, act)) for day, states, act in PHASES]
    days.append((9, partial(_first_pleno, stage, cases)))
    days.append((7, partial(_after_first_pleno, stage, cases)))
    days.append((3, partial(_second_pleno, stage, cases)))
    days.append((2, partial(_name_verifier, stage, cases)))
    issued = next(case for state, case in cases if state is S.ISSUED)
    days.append((6, partial(give_feedback, issued)))
    days.append((5, partial(sign_reports, stage, issued.batch)))
    days.append((4, partial(_all_of, cases, (S.ISSUED,), make_links)))
    days.append((1, partial(propose_suspension, issued)))
    draft = next(case for state, case in cases if state is S.DRAFT)
    days.append((4, partial(load_complaint, stage)))
    days.append((2, partial(load_claiming, stage, draft, "asesi2")))
    days.append((5, partial(_note_day_off, stage)))
    return days


def _note_day_off(stage: Stage) -> None:
    """A week from now, so that the demo's meetings of the coming days stay open."""
    asesor = db.session.get_one(User, stage.people["asesor2"].id)
    day = clock.today_wib() + timedelta(days=12)
    days_off.add(stage.people["asesor2"], asesor, starts_on=day, note="Acara keluarga")


def _name_verifier(stage: Stage, cases: Cases) -> None:
    """What waits to be verified, or comes back, is the admin's own work."""
    admin = stage.people["admin"]
    drawn = [
        f"{case.case.public_id}.{case.case.version}."
        for state, case in cases
        if state in bulk.TO_VERIFY
    ]
    verifier = bulk.admin_of(admin.public_id)
    if verifier is not None:
        bulk.assign(admin, ids.public_id(), drawn, verifier)


def _all_of(cases: Cases, states: tuple[S, ...], act: Callable[[DemoCase], None]) -> None:
    for state, case in cases:
        if state in states:
            act(case)


def _morning(today: datetime, days: int) -> datetime:
    """Nine in the morning in Jakarta, some days ago."""
    local = (today - timedelta(days=days)).astimezone(clock.WIB)
    return local.replace(hour=9, minute=0, second=0, microsecond=0)


def _stage(samples: Samples) -> Stage:
    people = {user.email.split("@")[0]: actor_of(user) for user in db.session.scalars(select(User))}
    version = db.session.scalars(
        select(SkemaVersion).where(SkemaVersion.opened_at.is_not(None))
    ).one()
    tuk = db.session.scalars(select(Tuk)).one()
    batches = {
        name: _batch(people, name, version, tuk, number=number)
        for number, name in enumerate(ASESOR, 1)
    }
    return Stage(people=people, version=version, batches=batches, samples=samples)


def _batch(
    people: dict[str, Actor], asesor: str, version: SkemaVersion, tuk: Tuk, *, number: int, days: int = 60
) -> Jadwal:  # fmt: skip
    """A confirmed jadwal of one asesor, over the weeks the demo tells."""
    return confirmed_jadwal(
        people["admin"],
        people[asesor],
        version,
        tuk,
        name=f"Asesmen jarak jauh, gelombang {number}",
        days=days,
    )


def _start_all(stage: Stage) -> Cases:
    rows = fictional_asesi()
    past = _batch(
        stage.people, REPORTER, stage.version, stage.batches[REPORTER].tuk, number=0, days=30
    )
    made = []
    for number, (account, state) in enumerate(ENDS, 1):
        row = rows[int(account.removeprefix("asesi")) - 1]
        case = DemoCase(stage, account, row, asesor=ASESOR[number % len(ASESOR)])
        if state in PAST and case.batch is stage.batches[REPORTER]:
            case.batch = past
        case.start(f"I-{clock.now():%Y%m%d%H%M%S}{number:05d}")
        made.append((state, case))
    return made


def _return(case: DemoCase) -> None:
    case.judge(failing=("1a", "2a"))
    case.mark(FormSection.PENGALAMAN, "Waktu selesai tidak sama dengan surat referensi.")
    case.perform("return_for_repair", case.admin)


def _drop(case: DemoCase) -> None:
    """As if nothing had happened for months and two reminders had gone."""
    permohonan, form = case.case, case.case.fr_apl_01
    long_ago = clock.now() - timedelta(days=400)
    permohonan.status_at, permohonan.idle_reminders = long_ago, 2
    if form is not None:
        form.updated_at = long_ago
    db.session.flush()
    of_case = {"permohonan_id": permohonan.id}
    db.session.query(FrApl02Answer).filter_by(**of_case).update({"updated_at": long_ago})
    db.session.query(Document).filter_by(**of_case).update({"created_at": long_ago})
    case.perform("drop_idle", SYSTEM)


def _pre_assess(case: DemoCase) -> None:
    with case.in_the_meeting():
        case.pre_assess()


def _ask_evidence(case: DemoCase) -> None:
    with case.in_the_meeting():
        case.ask_evidence()


def _assess(case: DemoCase) -> None:
    permohonan_state = next(state for account, state in ENDS if account == case.account)
    bk = permohonan_state in _DECIDED_BK or case.case.public_id in _closed_ids(case)
    with case.in_the_meeting():
        case.start_assessment()
        case.recommend(Answer.BK if bk else Answer.K)


def _closed_ids(case: DemoCase) -> set[str]:
    """The older permohonan of asesi13 ends in CLOSED_NOT_YET although his newer one does not."""
    first = db.session.scalars(
        select(Permohonan)
        .where(Permohonan.asesi_id == case.asesi.id)
        .order_by(Permohonan.id.desc())
    ).first()
    closes = (case.account, S.CLOSED_NOT_YET) in ENDS
    return {first.public_id} if closes and first is not None and first.id == case.case.id else set()


def _first_pleno(stage: Stage, cases: Cases) -> None:
    """Decides most cases; its SK is signed at once."""
    held = rapat.hold(stage, [case for state, case in cases if state in _FIRST_PLENO])
    pleno_sk.sign_sk(stage.people["ketua"], held)


def _after_first_pleno(stage: Stage, cases: Cases) -> None:
    blanko.ask_for_blanko(stage, dict(cases)[S.BLANKO_REQUESTED])
    for state, case in cases:
        if state in _FIRST_PLENO:
            _after_decision(stage, state, case)


def _second_pleno(stage: Stage, cases: Cases) -> None:
    """One decided case whose SK waits for the ketua, and an open pleno whose members have yet to vote."""
    rapat.hold(stage, [case for state, case in cases if state is S.COMPETENT])
    rapat.call(stage, [case for state, case in cases if state is S.RECOMMENDED])


def _after_decision(stage: Stage, state: S, case: DemoCase) -> None:
    if state is S.APPEALED:
        appealing.appeal(case)
    if state is S.CLOSED_NOT_YET:
        appealing.appeal_in_vain(case)
        case.perform("close_not_yet", case.asesi)
    if state not in _DECIDED_K:
        return
    if state is S.BLANKO_REQUESTED:
        return
    blanko.receive(case, spoiled=state is S.RECORDED)
    if state is S.BLANKO_RECEIVED:
        return
    blanko.record(case)
    if state is S.ISSUED:
        case.perform("issue", stage.people["ketua"])


def _now(stage: Stage, cases: Cases, today: datetime) -> None:
    """What happens today: an assessment under way, a meeting that starts now, one in the coming days."""
    by_state = dict(cases)
    with clock.pretend(today - timedelta(minutes=75)), write_transaction():
        moment = (today - timedelta(minutes=70)).replace(
            minute=0, second=0, microsecond=0
        ) + timedelta(minutes=7)
        by_state[S.IN_ASSESSMENT].book(MeetingKind.ASSESSMENT, moment)
        by_state[S.IN_ASSESSMENT].start_assessment()
        check_portfolio(by_state[S.IN_ASSESSMENT].asesor, by_state[S.IN_ASSESSMENT].case)
    with clock.pretend(today), write_transaction():
        load_meetings()
        by_state[S.SCHEDULED].book_standing(MeetingKind.ASSESSMENT, now_too=True)
        load_third_party(by_state[S.SCHEDULED])
        by_state[S.PRE_SCHEDULED].book_standing(MeetingKind.PRE_ASSESSMENT, now_too=False)
