"""Banding as its people work it: naming the panel, finding, answering, its clocks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError, NotAllowed, StaleCase
from lsp.models import AsesorProfile, Banding, BandingEvent, OutboxMessage, Permohonan
from lsp.services import banding, banding_outcome, banding_panel, clocks, recordings, waivers
from lsp.vocabulary import BandingStatus, DutyRule, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.banding import answer_until, remind_on
from tests.support.assessment import make_banding
from tests.support.recordings import add_recording
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person

B, S = BandingStatus, PermohonanStatus
FINDING = "Bukti unit kedua tidak dibuka di rekaman."
REASON = "Panel menilai bukti unit kedua belum dibahas."


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    return make_permohonan(S.APPEALED, cast=cast)


def judged(case, *judges, **columns):
    """A banding before a panel of two, who declared."""
    made = make_banding(case, *judges, status=B.PANEL_NAMED, **columns)
    for member in made.members:
        member.not_teaching_declared_at = clock.now()
    db.session.flush()
    return made


class TestNaming:
    @pytest.fixture
    def accepted(self, case):
        made = make_banding(case, status=B.ACCEPTED)
        db.session.commit()
        return made

    def name(self, cast, case, *people, version=None):
        version = banding.of_case(case).version if version is None else version
        banding_panel.name_panel(
            actor_of(cast.ketua), case, [each.public_id for each in people], version=version
        )

    def test_who_is_free_and_who_is_not_with_the_reason(self, cast, case, accepted):
        outsider = person(Role.ANGGOTA_LUAR)
        found = {each.person.id: each.why for each in banding_panel.candidates(case)}
        assert found[outsider.id] == found[cast.second_asesor.id] == ""
        assert found[cast.asesor.id] == "menilainya sebagai asesor"
        assert cast.admin.id not in found, "an admin alone judges nobody"

    def test_a_made_up_form_seats_nobody_who_took_part(self, cast, case, accepted):
        outsider = person(Role.ANGGOTA_LUAR)
        for barred, words in ((cast.asesor, "menilainya"), (cast.admin, "tidak dapat dipilih")):
            with pytest.raises(DomainError, match=words):
                self.name(cast, case, outsider, barred)
            db.session.rollback()
        assert banding.of_case(case).members == []

    def test_naming_twice_is_told(self, cast, case, accepted):
        people = [person(Role.ANGGOTA_LUAR), cast.second_asesor]
        version = accepted.version
        self.name(cast, case, *people, version=version)
        with pytest.raises(StaleCase):
            self.name(cast, case, *people, version=version)

    def test_a_small_lsp_relaxes_the_rule_only_where_it_must(self, cast, case, accepted):
        actor = actor_of(cast.ketua)
        person(Role.ANGGOTA_LUAR)
        assert waivers.of_case(actor, case) == [], (
            "with the second asesor and a member from outside"
        )
        cast.second_asesor.disabled_at = clock.now()
        cast.ketua.disabled_at = clock.now()
        db.session.flush()
        offered = waivers.of_case(actor, case)
        assert cast.asesor.id in {each.person.id for each in offered}
        assert {each.rule for each in offered} == {DutyRule.PANEL_NOT_INVOLVED}
        key = next(each.key for each in offered if each.person.id == cast.chair.id)
        waivers.grant(actor, case, key=key, reason="LSP kecil: tidak ada orang lain yang bisa.")
        assert cast.chair.id in {
            each.person.id for each in banding_panel.free(banding_panel.candidates(case))
        }


class TestReplacing:
    @pytest.fixture
    def members(self, cast, case):
        self.banding = judged(case, person(Role.ANGGOTA_LUAR), cast.second_asesor)
        return [member.user for member in self.banding.members]

    def replace(self, cast, case, leaving, *people, reason="Ia pernah melatih asesi ini."):
        banding_panel.replace_member(
            actor_of(cast.ketua), case, leaving.public_id, [each.public_id for each in people],
            reason=reason, version=self.banding.version,
        )  # fmt: skip

    def test_another_comes_and_the_one_who_left_stays_barred(self, cast, case, members):
        new = person(Role.TIM_TEKNIS)
        self.replace(cast, case, members[0], new)
        assert [each.user for each in self.banding.panel] == [members[1], new]
        why = {each.person.id: each.why for each in banding_panel.candidates(case)}
        assert why[members[0].id] == "dilepas dari panel ini"
        asked = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "banding_panel_member")
        ).one()
        assert asked.payload["to"] == new.email
        with pytest.raises(NotAllowed, match="Hanya anggota"):
            banding_outcome.find(actor_of(members[0]), self.banding, FINDING)

    def test_the_panel_never_falls_below_two(self, cast, case, members):
        with pytest.raises(NotAllowed, match="sedikitnya 2"):
            self.replace(cast, case, members[0])

    def test_where_only_his_finding_lacked_the_others_go_on(self, cast, case, members):
        third = person(Role.TIM_TEKNIS)
        self.replace(cast, case, members[0], third, person(Role.KETUA))
        for member in self.banding.panel:
            member.not_teaching_declared_at = clock.now()
            if member.user_id != third.id:
                banding_outcome.find(actor_of(member.user), self.banding, FINDING)
        self.replace(cast, case, third, reason="Sakit sampai bulan depan.")
        assert self.banding.status is B.PANEL_NAMED
        banding_outcome.finish(actor_of(members[1]), self.banding, version=self.banding.version)
        assert self.banding.status is B.EXAMINED


class TestAnswering:
    @pytest.fixture
    def two(self, cast, case):
        people = [person(Role.ANGGOTA_LUAR), person(Role.TIM_TEKNIS)]
        self.banding = judged(case, *people)
        return [actor_of(each) for each in people]

    def propose(self, actor, outcome="uphold", **more):
        banding_outcome.propose(
            actor,
            self.banding,
            outcome=outcome,
            reason=REASON,
            version=self.banding.version,
            **more,
        )

    def sign(self, actor, version=None):
        version = self.banding.version if version is None else version
        return banding_outcome.sign(actor, self.banding, typed_name=actor.name, version=version)

    def examined(self, two):
        for actor in two:
            banding_outcome.find(actor, self.banding, FINDING)

    def test_nothing_is_found_before_the_declaration(self, two):
        self.banding.members[0].not_teaching_declared_at = None
        with pytest.raises(NotAllowed, match="Nyatakan dulu"):
            banding_outcome.find(two[0], self.banding, FINDING)
        banding_outcome.declare(two[0], self.banding)
        first = self.banding.members[0].not_teaching_declared_at
        banding_outcome.declare(two[0], self.banding)
        assert self.banding.members[0].not_teaching_declared_at == first

    def test_others_are_read_only_after_ones_own(self, two):
        banding_outcome.find(two[0], self.banding, FINDING)
        assert [row.user_id for row in banding_outcome.read_by(two[1], self.banding)] == [two[1].id]
        assert self.banding.status is B.PANEL_NAMED
        banding_outcome.find(two[1], self.banding, FINDING)
        assert len(banding_outcome.read_by(two[1], self.banding)) == 2
        assert self.banding.status is B.EXAMINED
        with pytest.raises(NotAllowed, match="tidak dapat diubah"):
            banding_outcome.find(two[1], self.banding, FINDING + " Lagi.")

    def test_another_proposal_asks_for_every_signature_anew(self, two):
        self.examined(two)
        self.propose(two[0])
        seen = self.banding.version
        assert not self.sign(two[0])
        self.propose(two[1], "reassess", asesor=make_asesor_like(self.banding).public_id)
        assert [member.signed_at for member in self.banding.members] == [None, None]
        with pytest.raises(StaleCase):
            self.sign(two[0], version=seen)

    def test_the_same_words_once_more_are_another_proposal(self, two):
        self.examined(two)
        self.propose(two[0])
        seen = self.banding.version
        self.propose(two[0])
        with pytest.raises(StaleCase):
            self.sign(two[1], version=seen)

    def test_a_signature_is_taken_back_while_another_lacks(self, case, two):
        self.examined(two)
        self.propose(two[0])
        self.sign(two[0])
        banding_outcome.take_back(two[0], self.banding, version=self.banding.version)
        assert not self.sign(two[1])
        assert case.status is S.APPEALED
        assert self.sign(two[0])
        assert case.status is S.NOT_YET_COMPETENT
        with pytest.raises(NotAllowed):
            banding_outcome.take_back(two[0], self.banding, version=self.banding.version)

    def test_another_name_signs_nothing(self, two):
        self.examined(two)
        self.propose(two[0])
        with pytest.raises(DomainError, match="Ketik nama lengkap"):
            banding_outcome.sign(
                two[0], self.banding, typed_name=two[1].name, version=self.banding.version
            )

    def test_the_new_asesor_is_fit_and_outside(self, cast, case, two):
        self.examined(two)
        assert banding_outcome.asesor_outside(case) == [cast.second_asesor]
        for wrong in (cast.asesor.public_id, ""):
            with pytest.raises(DomainError, match="Pilih asesor"):
                self.propose(two[0], "reassess", asesor=wrong)
        db.session.get_one(AsesorProfile, cast.second_asesor.id).scope = ["LAIN"]
        db.session.flush()
        with pytest.raises(DomainError, match="mengusulkan asesor"):
            self.propose(two[0], "reassess", asesor=cast.second_asesor.public_id)

    def test_too_few_for_another_decision_is_said_when_it_is_proposed(self, two):
        self.examined(two)
        with pytest.raises(NotAllowed, match="perlu 3 anggota"):
            self.propose(two[0], "redecide")


def make_asesor_like(made):
    """The one who is left to assess it anew."""
    return banding_outcome.asesor_outside(made.permohonan)[0]


class TestFrozen:
    def test_no_recording_is_destroyed_meanwhile(self, case, cast):
        row = add_recording(dossier_of(case).bookings[-1])
        with time_machine.travel(clock.now() + timedelta(days=9000)):
            assert "Banding sedang diproses" in recordings.destroy_refusal(row)

    def test_nor_while_the_decision_may_still_be_contested(self, cast):
        case = make_permohonan(S.NOT_YET_COMPETENT, cast=cast)
        row = add_recording(dossier_of(case).bookings[-1])
        with time_machine.travel(clock.now() + timedelta(days=9000)):
            assert recordings.destroy_refusal(row) is None
            case.result_mailed_at, case.result_opened_at = None, clock.now() - timedelta(days=1)
            assert "masih dapat dibanding" in recordings.destroy_refusal(row)
            case.result_opened_at = None
            assert "masih dapat dibanding" in recordings.destroy_refusal(row)


class TestClocks:
    def test_what_is_not_completed_falls_once(self, app, case):
        due = clock.today_wib() + timedelta(days=3)
        made = make_banding(case, status=B.INCOMPLETE, completion_due=due, completion_asked="x")
        db.session.commit()
        clocks.move_what_is_due()
        assert status_of(made) is B.INCOMPLETE
        with time_machine.travel(clock.now() + timedelta(days=4)):
            clocks.move_what_is_due()
            clocks.move_what_is_due()
        assert status_of(made) is B.DISMISSED
        assert db.session.get_one(Permohonan, case.id).status is S.NOT_YET_COMPETENT
        assert db.session.scalar(select(func.count(BandingEvent.id))) == 2

    def test_the_ketua_hears_on_the_tenth_day_and_after_the_last(self, app, case, cast):
        made = make_banding(case)
        db.session.commit()
        soon, last = remind_on(made), answer_until(made)
        for day, wanted in (
            (soon - timedelta(days=1), 0), (soon, 1), (last, 1), (last + timedelta(days=1), 2),
            (last + timedelta(days=5), 2),
        ):  # fmt: skip
            with time_machine.travel(noon(day)):
                clocks.remind_banding()
            assert len(reminders()) == wanted, day
        assert {row.payload["to"] for row in reminders()} == {cast.ketua.email}

    def test_an_answered_one_is_not_reminded_of(self, app, case, cast):
        made = make_banding(case, status=B.UPHELD)
        db.session.commit()
        with time_machine.travel(noon(answer_until(made) + timedelta(days=9))):
            assert clocks.remind_banding() == 0


def noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=clock.WIB)


def reminders():
    db.session.rollback()
    return db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == "banding_reminder")
    ).all()


def status_of(made):
    db.session.rollback()
    return db.session.get_one(Banding, made.id, populate_existing=True).status
