"""The machine of a banding: its table against the procedure, its guards, and the permohonan it moves."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import AuditEvent, Banding, BandingEvent, DutyWaiver, OutboxMessage
from lsp.models.inforce import add_working_days
from lsp.vocabulary import OPEN_BANDING, BandingStatus, DutyRule, PermohonanStatus, Role
from lsp.workflow import duty
from lsp.workflow.banding import BANDING
from lsp.workflow.effects.banding import relaxed
from lsp.workflow.guards import banding as guards
from tests.support.assessment import make_banding
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person
from tests.workflow.procedure import BANDING_RULES, read_rules
from tests.workflow.test_table import rules_of

B = BandingStatus
S = PermohonanStatus
NOTE = "Panel memeriksa rekaman dan menilai alasannya tepat."
PANEL = "asesor tim_teknis ketua anggota_luar"
#: Step, from, to, who: written by hand from the procedure of the LSP (workflow 2).
PROCEDURE = f"""
accept           | FILED       | ACCEPTED    | admin
ask_completion   | FILED       | INCOMPLETE  | admin
complete         | INCOMPLETE  | FILED       | asesi
expire           | INCOMPLETE  | DISMISSED   | system
name_panel       | ACCEPTED    | PANEL_NAMED | ketua
examine          | PANEL_NAMED | EXAMINED    | {PANEL}
uphold           | EXAMINED    | UPHELD      | {PANEL}
reassess         | EXAMINED    | REASSESS    | {PANEL}
redecide         | EXAMINED    | REDECIDE    | {PANEL}
withdraw_banding | FILED INCOMPLETE ACCEPTED PANEL_NAMED EXAMINED | WITHDRAWN | asesi
"""


class TestTable:
    def test_is_the_procedure(self):
        ours = [
            (
                row.name,
                {source.name for source in row.source},
                row.target.name,
                {role.value for role in row.roles},
            )
            for row in BANDING.transitions
        ]
        theirs = [
            (name, set(sources.split()), target, set(roles.split()))
            for name, sources, target, roles in (
                [part.strip() for part in line.split("|")]
                for line in PROCEDURE.strip().splitlines()
            )
        ]
        assert ours == theirs

    @pytest.mark.parametrize("row", BANDING.transitions, ids=lambda row: row.name)
    def test_a_row_asks_and_does_what_the_procedure_says(self, row):
        assert rules_of(row) == read_rules(BANDING_RULES)[row.name]

    def test_the_procedure_knows_every_row_and_no_other(self):
        assert set(read_rules(BANDING_RULES)) == {row.name for row in BANDING.transitions}

    def test_every_open_state_is_left_by_the_lsp_or_a_clock_and_no_other_is_left(self):
        """Whoever waits for the asesi alone waits for ever when he is gone."""
        for state in B:
            out = [row for row in BANDING.transitions if state in row.source]
            movers = {role for row in out for role in row.roles} - {Role.ASESI}
            assert bool(movers) == (state in OPEN_BANDING), state
            assert bool(out) == (state in OPEN_BANDING), state


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    return make_permohonan(S.APPEALED, cast=cast)


def mails(case):
    return set(
        db.session.scalars(select(OutboxMessage.kind).where(OutboxMessage.permohonan_id == case.id))
    )


def do(banding, name, actor, note=""):
    BANDING.perform(banding, name, actor, version=banding.version, note=note)
    db.session.flush()


class TestAdmin:
    def test_accepting_gives_a_number_and_a_receipt(self, cast, case):
        banding = make_banding(case)
        do(banding, "accept", actor_of(cast.admin))
        assert banding.number.startswith("0001/BANDING/")
        assert {"banding_accepted", "banding_accepted_ketua"} <= mails(case)
        event = db.session.scalars(
            select(BandingEvent).where(BandingEvent.transition == "accept")
        ).one()
        assert (event.source, event.target, event.actor_role) == (B.FILED, B.ACCEPTED, Role.ADMIN)
        sealed = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "banding.accept")
        ).one()
        assert sealed.object_id == banding.public_id

    def test_one_that_came_too_late_is_not_accepted(self, cast, case):
        banding = make_banding(case, filed_at=clock.now() + timedelta(days=90))
        with pytest.raises(NotAllowed, match="sesudah batas waktunya"):
            do(banding, "accept", actor_of(cast.admin))

    @pytest.mark.parametrize(
        ("days", "sentence"),
        [(None, "Tentukan"), (0, "sesudah hari ini"), (60, "sebelum batas LSP")],
    )
    def test_the_day_for_completing_lies_between_today_and_the_answer(
        self, cast, case, days, sentence
    ):
        due = None if days is None else clock.today_wib() + timedelta(days=days)
        banding = make_banding(case, completion_due=due)
        with pytest.raises(NotAllowed, match=sentence):
            do(banding, "ask_completion", actor_of(cast.admin), NOTE)

    def test_completing_is_asked_once(self, cast, case):
        banding = make_banding(case, completion_due=clock.today_wib() + timedelta(days=3))
        do(banding, "ask_completion", actor_of(cast.admin), NOTE)
        assert banding.completion_asked == NOTE
        do(banding, "complete", actor_of(case.asesi), "Foto itu diambil tanggal 3 November 2026.")
        assert banding.completion.startswith("Foto itu")
        with pytest.raises(NotAllowed, match="hanya diminta satu kali"):
            do(banding, "ask_completion", actor_of(cast.admin), NOTE)

    def test_after_its_day_it_is_dismissed_and_not_before(self, cast, case):
        banding = make_banding(case, completion_due=clock.today_wib() + timedelta(days=3))
        do(banding, "ask_completion", actor_of(cast.admin), NOTE)
        with pytest.raises(NotAllowed, match="belum lewat"):
            do(banding, "expire", SYSTEM)
        with time_machine.travel(clock.now() + timedelta(days=4)):
            with pytest.raises(NotAllowed, match="sudah lewat"):
                do(banding, "complete", actor_of(case.asesi), "Terlambat melengkapi banding ini.")
            do(banding, "expire", SYSTEM)
        assert (banding.status, case.status) == (B.DISMISSED, S.NOT_YET_COMPETENT)
        assert case.events[-1].note == "Gugur karena tidak dilengkapi."
        assert "banding_dismissed" in mails(case)


class TestPanel:
    @pytest.fixture
    def accepted(self, case):
        return make_banding(case, status=B.ACCEPTED)

    def test_needs_two(self, cast, case, accepted):
        make_banding(case, person(Role.ANGGOTA_LUAR))
        with pytest.raises(NotAllowed, match=r"sedikitnya 2 orang\. Baru ada 1"):
            do(accepted, "name_panel", actor_of(cast.ketua))

    def test_hears_of_it_and_the_asesi_reads_the_names(self, cast, case, accepted):
        people = [person(Role.ANGGOTA_LUAR), person(Role.TIM_TEKNIS)]
        make_banding(case, *people)
        do(accepted, "name_panel", actor_of(cast.ketua))
        told = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "banding_panel")
        ).one()
        assert told.payload["context"]["names"] == [each.name for each in people]
        assert told.payload["context"]["relaxed"] == []
        asked = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "banding_panel_member")
        ).all()
        assert {row.payload["to"] for row in asked} == {each.email for each in people}

    def test_whoever_took_part_is_named_with_his_part(self, cast, case):
        why = duty.why_not_panel(case)
        assert why[cast.asesor.id] == "menilainya sebagai asesor"
        assert why[cast.admin.id] == "memeriksa berkasnya"
        assert {why[member.id] for member in cast.members} == {"duduk di pleno yang memutusnya"}
        assert why[case.asesi_id] == "asesi permohonan ini"
        assert cast.second_asesor.id not in why

    def test_a_waiver_lets_one_in_but_never_the_asesi(self, cast, case):
        for user in (cast.asesor, case.asesi):
            db.session.add(
                DutyWaiver(
                    permohonan_id=case.id,
                    rule=DutyRule.PANEL_NOT_INVOLVED,
                    person_id=user.id,
                    reason="LSP kecil, tidak ada orang lain.",
                    given_by_id=cast.ketua.id,
                    given_at=clock.now(),
                )
            )
        db.session.flush()
        why = duty.why_not_panel(case)
        assert cast.asesor.id not in why
        assert case.asesi_id in why
        banding = make_banding(case, cast.asesor, person(Role.ANGGOTA_LUAR))
        assert relaxed(banding) == [cast.asesor.name], "the asesi is not told that he had no part"

    def test_who_judged_takes_no_other_part_afterwards(self, cast, case):
        judge = person(Role.TIM_TEKNIS, Role.KETUA)
        make_banding(case, judge, person(Role.ANGGOTA_LUAR))
        assert duty.not_panel_of_banding(case, actor_of(judge), "") is not None
        assert duty.not_involved_signer(case, actor_of(judge), "") is not None
        others = duty.left_for_redecision(case)
        person(Role.TIM_TEKNIS)
        assert duty.left_for_redecision(case) == others + 1


class TestAnswer:
    @pytest.fixture
    def banding(self, cast, case):
        people = [cast.second_asesor, person(Role.ANGGOTA_LUAR)]
        made = make_banding(case, *people, status=B.EXAMINED, outcome_reason=NOTE)
        for member in made.members:
            member.not_teaching_declared_at = member.found_at = member.signed_at = clock.now()
            member.finding = "Bukti unit kedua tidak dibuka."
        db.session.flush()
        self.member = actor_of(people[1])
        return made

    def refused(self, banding, name, words):
        with pytest.raises(NotAllowed, match=words):
            do(banding, name, self.member, NOTE)

    def test_is_what_all_signed_and_nothing_else(self, banding):
        banding.outcome = "uphold"
        self.refused(banding, "redecide", "bukan")
        banding.members[0].signed_at = None
        self.refused(banding, "uphold", "Belum menandatangani")
        banding.members[0].found_at, banding.members[0].finding = None, ""
        self.refused(banding, "uphold", "Temuan belum ditulis")

    def test_comes_from_its_members_alone(self, cast, banding):
        banding.outcome = "uphold"
        with pytest.raises(NotAllowed, match="Hanya anggota panel"):
            do(banding, "uphold", actor_of(cast.ketua), NOTE)

    def test_upholding_gives_the_case_back(self, case, banding):
        banding.outcome = "uphold"
        do(banding, "uphold", self.member, NOTE)
        assert (banding.status, case.status) == (B.UPHELD, S.NOT_YET_COMPETENT)
        assert banding.letter_number.startswith("0001/SJ-BANDING/")
        assert banding.letter_number in case.events[-1].note
        answer = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "banding_answered")
        ).one()
        assert NOTE not in str(answer.payload), "what it says stands behind the sign-in"

    def test_another_assessment_needs_an_asesor_outside_the_case(self, cast, case, banding):
        banding.outcome = "reassess"
        self.refused(banding, "reassess", "Pilih asesor")
        for involved in (cast.asesor, cast.second_asesor):  # assessed it; judges this very banding
            banding.new_asesor = involved
            db.session.flush()
            self.refused(banding, "reassess", "terlibat")
        outside = person(Role.ASESOR)
        banding.new_asesor = outside
        db.session.flush()
        do(banding, "reassess", self.member, NOTE)
        assert (case.status, case.attempt) == (S.READY, 2)
        assert outside.name in case.events[-1].note

    def test_another_decision_needs_enough_others(self, case, banding):
        banding.outcome = "redecide"
        self.refused(banding, "redecide", "perlu 3 anggota")
        for _ in range(3):
            person(Role.TIM_TEKNIS)
        do(banding, "redecide", self.member, NOTE)
        assert (case.status, case.decision) == (S.RECOMMENDED, None)


@pytest.mark.parametrize("state", OPEN_BANDING, ids=lambda each: each.name)
def test_the_asesi_may_take_it_back_while_it_is_open(case, state):
    banding = make_banding(case, status=state)
    do(banding, "withdraw_banding", actor_of(case.asesi))
    assert (banding.status, case.status) == (B.WITHDRAWN, S.NOT_YET_COMPETENT)
    assert BANDING.available(banding, actor_of(case.asesi)) == []


def test_the_asesi_is_nobody_else_on_his_own_banding(case):
    """An asesor may be certified in another skema; on his own banding he is its asesi alone."""
    banding = make_banding(case, status=B.ACCEPTED)
    both = case.asesi
    row = next(row for row in BANDING.transitions if row.name == "name_panel")
    actor = actor_of(both)
    actor = type(actor)(id=both.id, name=both.name, roles=frozenset({Role.ASESI, Role.KETUA}))
    assert BANDING.acting_role(row, banding, actor) is None


def test_days_are_counted_from_the_filing_in_working_days(case):
    banding = make_banding(case)
    filed = guards.filed_on(banding)
    assert guards.answer_until(banding) == add_working_days(filed, 14)
    assert guards.remind_on(banding) == add_working_days(filed, 10)


def test_each_decision_has_one(case):
    banding = make_banding(case)
    do(banding, "withdraw_banding", actor_of(case.asesi))
    assert db.session.scalars(select(Banding)).all() == [banding]
