"""`perform` as the only door: every step, state and role; stale versions; own cases; order; no trace of a refusal."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from lsp.actor import SYSTEM, Actor
from lsp.database import db
from lsp.errors import NotAllowed, StaleCase, StepGone
from lsp.models import AuditEvent, AuditHead, OutboxMessage, PermohonanEvent
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow import machine as machinery
from lsp.workflow.machine import NoteGiven, Transition
from lsp.workflow.permohonan import PERMOHONAN
from tests import factories
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person
from tests.workflow.test_table import procedure

S = PermohonanStatus
NAMES = sorted({row.name for row in PERMOHONAN.transitions})
ASESI_ID, STAFF_ID = 1, 2
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class FakeCase:
    status: PermohonanStatus
    id: int = 7
    public_id: str = "0123456789ABCDEF"
    asesi_id: int = ASESI_ID
    version: int = 3
    status_at: datetime = LONG_AGO


@dataclass
class Bench:
    """A machine whose rows ask and do nothing, and what it wrote."""

    machine: Any
    written: list[Any]


def actor(role, *, number=None):
    if role is Role.SYSTEM:
        return SYSTEM
    mine = ASESI_ID if role is Role.ASESI else STAFF_ID
    return Actor(id=number or mine, name=role.label, roles=frozenset({role}))


@pytest.fixture
def bench(monkeypatch):
    """The true table with guards, duties and effects taken out, on no database."""
    written = []
    bare = [
        dataclasses.replace(row, duties=(), guards=(), fills=(), effects=())
        for row in PERMOHONAN.transitions
    ]
    bare_machine = dataclasses.replace(
        PERMOHONAN,
        transitions=tuple(bare),
        record=lambda case, row, source, actor, role, note, moment: written.append(
            (row.name, source, role)
        ),
    )
    session = SimpleNamespace(flush=lambda: None)
    session_of = SimpleNamespace(session=_Session(session))
    monkeypatch.setattr(machinery, "db", session_of)
    monkeypatch.setattr(machinery, "append_audit", lambda _session, **facts: written.append(facts))
    return Bench(bare_machine, written)


class _Session:
    """Called like a scoped session, and used like one."""

    def __init__(self, session):
        self._session = session
        self.flush = session.flush

    def __call__(self):
        return self._session


ALLOWED = {
    (name, source, role): target
    for name, sources, target, roles in procedure()
    for source in sources
    for role in roles
}


class TestEveryStepStateAndRole:
    """The product, held against the hand-written procedure of test_table.py."""

    @pytest.mark.parametrize("state", list(S), ids=lambda state: state.name)
    def test_only_the_table_passes(self, bench, state):
        for name, role in itertools.product(NAMES, Role):
            case = FakeCase(state)
            target = ALLOWED.get((name, state.name, role.value))
            if target is None:
                with pytest.raises(NotAllowed):
                    bench.machine.perform(case, name, actor(role), version=3, note="x" * 50)
                assert case == FakeCase(state), (name, role)
                assert bench.written == [], (name, role)
            else:
                bench.machine.perform(case, name, actor(role), version=3, note="x" * 50)
                assert case.status is PermohonanStatus[target], (name, role)
                assert case.status_at > LONG_AGO
                event, sealed = bench.written
                assert event == (name, state, role)
                assert (sealed["action"], sealed["actor_role"]) == (f"permohonan.{name}", role)
                assert sealed["details"] == {
                    "from": state.value,
                    "to": PermohonanStatus[target].value,
                }
                bench.written.clear()

    def test_buttons_are_the_steps_that_pass(self, bench):
        for state, role in itertools.product(S, Role):
            shown = {
                choice.name for choice in bench.machine.available(FakeCase(state), actor(role))
            }
            passing = {name for name in NAMES if (name, state.name, role.value) in ALLOWED}
            if role is Role.SYSTEM:  # what only a clock does has no button
                passing = {name for name in passing if _people_too(name, state)}
            assert shown == passing, (state, role)

    def test_unknown_step_is_refused(self, bench):
        with pytest.raises(NotAllowed, match="tidak dapat dilakukan pada status “Draf”"):
            bench.machine.perform(FakeCase(S.DRAFT), "approve", actor(Role.ADMIN), version=3)

    def test_wrong_role_is_told_so(self, bench):
        with pytest.raises(NotAllowed, match="bukan wewenang Anda"):
            bench.machine.perform(FakeCase(S.SUBMITTED), "verify", actor(Role.ASESOR), version=3)

    @pytest.mark.parametrize("version", [2, 4, 0, -1])
    def test_stale_version_is_refused(self, bench, version):
        case = FakeCase(S.SUBMITTED)
        with pytest.raises(StaleCase, match="Data sudah berubah"):
            bench.machine.perform(case, "verify", actor(Role.ADMIN), version=version)
        assert case == FakeCase(S.SUBMITTED)
        assert bench.written == []

    def test_a_stale_form_of_a_step_that_has_gone_asks_for_no_second_press(self, bench):
        with pytest.raises(StepGone, match="langkah ini sudah tidak ada") as refused:
            bench.machine.perform(FakeCase(S.DRAFT), "verify", actor(Role.ADMIN), version=2)
        assert "tekan sekali lagi" not in str(refused.value)


def _people_too(name, state):
    return any(
        (name, state.name, role.value) in ALLOWED for role in Role if role is not Role.SYSTEM
    )


class TestWhoseCaseItIs:
    def test_asesi_acts_on_his_own_case_alone(self, bench):
        stranger = actor(Role.ASESI, number=99)
        for name, state in itertools.product(NAMES, S):
            with pytest.raises(NotAllowed):
                bench.machine.perform(FakeCase(state), name, stranger, version=3, note="x" * 50)
            assert bench.machine.choice(FakeCase(state), stranger, name) is None

    def test_staff_who_is_the_asesi_has_no_staff_role_on_it(self, bench):
        every_role = frozenset(role for role in Role if role is not Role.SYSTEM)
        both_hats = Actor(id=ASESI_ID, name="Dua topi", roles=every_role)
        for name, state in itertools.product(NAMES, S):
            allowed = (name, state.name, "asesi") in ALLOWED
            if allowed:
                bench.machine.perform(FakeCase(state), name, both_hats, version=3, note="x" * 50)
                assert bench.written[0][2] is Role.ASESI
                bench.written.clear()
            else:
                with pytest.raises(NotAllowed):
                    bench.machine.perform(
                        FakeCase(state), name, both_hats, version=3, note="x" * 50
                    )

    def test_staff_without_the_asesi_role_does_nothing_on_his_own_case(self, bench):
        admin = Actor(id=ASESI_ID, name="Admin", roles=frozenset({Role.ADMIN, Role.KETUA}))
        for state in S:
            assert bench.machine.available(FakeCase(state), admin) == []

    def test_person_of_two_roles_acts_in_the_one_that_the_row_names_first(self, bench):
        both = Actor(id=STAFF_ID, name="Dua", roles=frozenset({Role.ADMIN, Role.ASESOR}))
        bench.machine.perform(FakeCase(S.PRE_SCHEDULED), "absent_pre", both, version=3)
        assert bench.written[0] == ("absent_pre", S.PRE_SCHEDULED, Role.ASESOR)


def _machine_of(row):
    return dataclasses.replace(PERMOHONAN, transitions=(row,))


def _row(**changes):
    values = {
        "name": "verify",
        "label": "Nyatakan lengkap",
        "source": (S.SUBMITTED,),
        "target": S.REJECTED,  # asks nothing of the columns
        "roles": (Role.ADMIN,),
    }
    return Transition(**(values | changes))


@pytest.fixture
def case(app):
    return make_permohonan(S.SUBMITTED, work_done=False)


@pytest.fixture
def admin(case):
    made = actor_of(person(Role.ADMIN))
    db.session.commit()
    return made


def trace(case):
    """What a step leaves behind; equal before and after a refusal."""
    db.session.expire_all()
    head = db.session.get(AuditHead, 1)
    return (
        case.status,
        case.status_at,
        case.version,
        db.session.scalar(select(func.count(PermohonanEvent.id))),
        db.session.scalar(select(func.count(AuditEvent.seq))),
        (head.seq, head.hash),
        db.session.scalar(select(func.count(OutboxMessage.id))),
    )


class TestOrder:
    def test_duties_then_guards_then_fills_then_status_then_effects(self, case, admin):
        seen = []

        def asks(name):
            def ask(case, actor, note):
                seen.append((name, case.status))

            return ask

        row = _row(
            duties=(asks("duty"),), guards=(asks("guard"),), fills=(asks("fill"),), effects=(asks("effect"),)
        )  # fmt: skip
        _machine_of(row).perform(case, "verify", admin, version=case.version)
        assert seen == [
            ("duty", S.SUBMITTED),
            ("guard", S.SUBMITTED),
            ("fill", S.SUBMITTED),
            ("effect", S.REJECTED),
        ]

    def test_first_sentence_against_it_is_the_answer(self, case, admin):
        row = _row(
            duties=(lambda *_: None,), guards=(lambda *_: "Pertama.", lambda *_: "Kedua."), effects=(_must_not_run,)
        )  # fmt: skip
        before = trace(case)
        with pytest.raises(NotAllowed, match=r"^Pertama\.$"):
            _machine_of(row).perform(case, "verify", admin, version=case.version)
        db.session.commit()
        assert trace(case) == before

    @pytest.mark.parametrize("place", ["fills", "effects"])
    def test_failing_effect_leaves_no_trace_after_rollback(self, case, admin, place):
        def half_done(case, actor, note):
            db.session.add(
                PermohonanEvent(
                    permohonan_id=case.id, at=LONG_AGO, transition="x", target=S.DRAFT, actor_role=Role.ADMIN,
                    attempt=1,
                )
            )  # fmt: skip
            db.session.flush()
            raise RuntimeError("the effect broke")

        before = trace(case)
        with pytest.raises(RuntimeError):
            _machine_of(_row(**{place: (half_done,)})).perform(
                case, "verify", admin, version=case.version
            )
        db.session.rollback()
        assert trace(case) == before

    def test_note_reaches_history_without_blanks(self, case, admin):
        _machine_of(_row()).perform(
            case, "verify", admin, version=case.version, note="  sudah lengkap \n"
        )
        db.session.commit()
        assert case.events[-1].note == "sudah lengkap"


def _must_not_run(case, actor, note):
    raise AssertionError("an effect ran although a guard spoke")


class TestNotes:
    def test_drawing_a_button_does_not_ask_for_the_note_yet(self, case, admin):
        machine = _machine_of(_row(guards=(NoteGiven(20),)))
        choice = machine.choice(case, admin, "verify")
        assert choice.possible
        assert choice.asks_note == 20
        with pytest.raises(NotAllowed, match="Tulis alasan sedikitnya 20 huruf") as refused:
            machine.perform(case, "verify", admin, version=case.version, note=" " * 30)
        assert refused.value.field == "note"

    def test_other_reasons_stand_under_the_button(self, case, admin):
        machine = _machine_of(_row(guards=(NoteGiven(20), lambda *_: "Belum ada biaya.")))
        choice = machine.choice(case, admin, "verify")
        assert not choice.possible
        assert choice.reason == "Belum ada biaya."
        with pytest.raises(NotAllowed) as refused:
            machine.perform(case, "verify", admin, version=case.version, note="")
        assert refused.value.field == ""

    def test_admin_may_press_withdraw_and_is_then_asked_why(self, case, admin):
        choice = PERMOHONAN.choice(case, admin, "withdraw")
        assert choice.possible
        assert choice.asks_note == 10
        assert PERMOHONAN.choice(case, actor_of(case.asesi), "withdraw").asks_note == 0
        with pytest.raises(NotAllowed, match="alasan"):
            PERMOHONAN.perform(case, "withdraw", admin, version=case.version)

    def test_row_tells_the_longest_note_it_asks_for(self):
        assert _row(guards=(NoteGiven(10), NoteGiven(20))).asks_note == 20
        assert _row().asks_note == 0


class TestOnTheDatabase:
    @pytest.mark.parametrize("state", list(S), ids=lambda state: state.name)
    def test_refused_steps_leave_no_trace(self, app, state):
        case = factories.make_permohonan(status=state)
        people = {role: factories.make_user(role) for role in Role if role is not Role.SYSTEM}
        people[Role.ASESI] = case.asesi
        actors = {role: actor_of(user) for role, user in people.items()} | {Role.SYSTEM: SYSTEM}
        before, version = trace(case), case.version
        for name, role in itertools.product(NAMES, Role):
            if (name, state.name, role.value) not in ALLOWED:
                with pytest.raises(NotAllowed):
                    PERMOHONAN.perform(case, name, actors[role], version=version, note="x" * 50)
        db.session.commit()
        assert trace(case) == before

    @pytest.mark.both
    def test_step_raises_the_version_so_the_second_official_is_told(self, app):
        cast = make_cast()
        case = make_permohonan(S.SUBMITTED, cast=cast)
        drawn = case.version
        PERMOHONAN.perform(case, "verify", cast.of(Role.ADMIN, case), version=drawn)
        db.session.commit()
        assert case.version > drawn
        with pytest.raises(StaleCase):
            PERMOHONAN.perform(
                case,
                "reject",
                cast.of(Role.ADMIN, case),
                version=drawn,
                note="Bukan pemilik ID Izin.",
            )

    @pytest.mark.both
    def test_change_by_another_session_in_between_is_a_stale_case(self, app):
        """Version read before the other's commit, written after it: the UPDATE finds no row, in an effect already."""
        cast = make_cast()
        case = make_permohonan(S.SUBMITTED, cast=cast)
        admin, version = cast.of(Role.ADMIN, case), case.version
        table = type(case).__table__

        def other_commits(case, actor, note):
            # As if written by another: the row's version moves under us.
            db.session.execute(
                table.update().where(table.c.id == case.id).values(version=table.c.version + 1)
            )
            case.idle_reminders = 1
            db.session.flush()

        machine = _machine_of(_row(effects=(other_commits,)))
        with pytest.raises(StaleCase):
            machine.perform(case, "verify", admin, version=version)
        db.session.rollback()
        assert case.status is S.SUBMITTED

    def test_time_of_state_is_the_moment_of_the_step(self, case, admin):
        before = case.status_at
        PERMOHONAN.perform(
            case, "reject", admin, version=case.version, note="ID Izin milik orang lain."
        )
        assert case.status_at - before > timedelta(0)
        assert case.events[-1].at == case.status_at
