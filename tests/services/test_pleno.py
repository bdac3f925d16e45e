"""Calling a pleno, who is barred, votes, settling: through the services and against raw SQL."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError, NotAllowed, StaleCase
from lsp.models import DutyWaiver, PlenoCase, Vote
from lsp.services import pleno, pleno_sk
from lsp.vocabulary import Answer, DutyRule, PermohonanStatus, Role
from lsp.workflow import duty, pleno_members
from lsp.workflow.dossier import dossier_of
from tests.services.plenos import REASON, all_vote, call, waiting
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person, tell

S = PermohonanStatus


class TestCalling:
    def test_the_case_stands_on_the_agenda_and_no_longer_waits(self, app):
        cast = make_cast()
        case = waiting(cast)
        assert case in pleno.cases_ready()
        made = call(cast, case)
        assert [place.permohonan_id for place in made.cases] == [case.id]
        assert made.berita_acara_number
        assert case not in pleno.cases_ready()

    def test_two_agendas_at_once_are_refused(self, app):
        cast = make_cast()
        case = waiting(cast)
        call(cast, case)
        db.session.commit()
        with pytest.raises(DomainError, match="sudah ada di agenda"):
            call(cast, case)
        db.session.rollback()

    @pytest.mark.parametrize(
        ("who", "sentence"),
        [
            ("two", "sedikitnya 3 anggota"),
            ("stranger", "harus tim teknis"),
            ("chair", "salah satu anggota"),
        ],
    )
    def test_members_that_do_not_fit(self, app, who, sentence):
        cast = make_cast()
        case = waiting(cast)
        members, chair = list(cast.members), cast.chair
        if who == "two":
            members = members[:2]
        if who == "stranger":
            members[2] = cast.admin
        if who == "chair":
            chair = person(Role.TIM_TEKNIS)
        with pytest.raises(DomainError, match=sentence):
            call(cast, case, members=members, chair=chair)

    def test_without_a_case(self, app):
        with pytest.raises(DomainError, match="sedikitnya satu permohonan"):
            call(make_cast())

    def test_a_file_that_lacks_a_recording_stays_off(self, app):
        cast = make_cast()
        case = waiting(cast)
        dossier_of(case).bookings[-1].record.recording_reference = ""
        db.session.flush()
        with pytest.raises(DomainError, match="belum lengkap: rekaman asesmen"):
            call(cast, case)

    def test_an_agenda_that_can_never_reach_its_quorum_is_refused(self, app):
        """Else the case would be held for ever: no other agenda may take it."""
        cast = make_cast()
        case = waiting(cast, verifier_id=cast.members[2].id)
        with pytest.raises(DomainError, match="hanya 2 dari anggota"):
            call(cast, case)
        spare = person(Role.TIM_TEKNIS)
        assert call(cast, case, members=[*cast.members, spare]).cases

    def test_a_chair_who_may_not_decide_the_case_is_refused(self, app):
        cast = make_cast()
        case = waiting(cast, verifier_id=cast.chair.id)
        with pytest.raises(DomainError, match=r"ketua rapat .*memeriksa berkas"):
            call(cast, case, members=[*cast.members, person(Role.TIM_TEKNIS)])


class TestTakingOff:
    def test_the_case_may_stand_on_another_agenda(self, app):
        cast = make_cast()
        case = waiting(cast)
        place = call(cast, case).cases[0]
        pleno.take_off_agenda(actor_of(cast.admin), place)
        assert place.outcome == "removed"
        assert place.pleno.closed_at is not None, "an empty pleno ends"
        assert call(cast, case).cases[0].closed_at is None

    def test_not_to_escape_a_member_who_disagrees(self, app):
        cast = make_cast()
        place = call(cast, waiting(cast)).cases[0]
        pleno.vote(actor_of(cast.chair), place, agrees=False, note=REASON, declared=True)
        with pytest.raises(DomainError, match="hanya dapat dikembalikan"):
            pleno.take_off_agenda(actor_of(cast.admin), place)

    def test_a_decided_case_stays(self, app):
        cast = make_cast()
        case = make_permohonan(S.COMPETENT, cast=cast)
        place = db.session.scalar(select(PlenoCase).where(PlenoCase.permohonan_id == case.id))
        with pytest.raises(DomainError, match="sudah diputus"):
            pleno.take_off_agenda(actor_of(cast.admin), place)


class TestBarred:
    def test_asesor_verifier_and_asesi_with_the_reason(self, app):
        cast = make_cast()
        case = waiting(cast)
        why = pleno_members.barred(
            [case], [cast.asesor.id, cast.admin.id, case.asesi_id, cast.chair.id]
        )
        assert why == {
            (case.id, cast.asesor.id): "asesor permohonan ini",
            (case.id, cast.admin.id): "memeriksa berkas permohonan ini",
            (case.id, case.asesi_id): "asesi permohonan ini",
        }

    def test_the_same_people_as_the_duty_of_the_workflow(self, app):
        cast = make_cast()
        cases = [
            waiting(cast),
            make_permohonan(S.EVIDENCE_NEEDED, cast=cast),
            make_permohonan(S.DRAFT, cast=cast),
        ]
        found = duty.asesor_of([case.id for case in cases])
        db.session.rollback()
        assert [found[case.id] for case in cases] == [duty.asesor_ids(case) for case in cases]

    def test_a_waiver_lets_the_verifier_vote(self, app):
        cast = make_cast()
        case = waiting(cast, verifier_id=cast.members[2].id)
        place = call(cast, case, members=[*cast.members, person(Role.TIM_TEKNIS)]).cases[0]
        with pytest.raises(DomainError, match="Anda memeriksa berkas"):
            pleno.vote(actor_of(cast.members[2]), place, agrees=True, note="", declared=True)
        waiver = DutyWaiver(
            permohonan_id=case.id, rule=DutyRule.VERIFIER_NOT_PLENO, person_id=cast.members[2].id,
            reason="Anggota lain sakit.", given_by_id=cast.ketua.id, given_at=clock.now(),
        )  # fmt: skip
        db.session.add(waiver)
        db.session.flush()
        assert pleno.vote(
            actor_of(cast.members[2]), place, agrees=True, note="", declared=True
        ).agrees

    def test_nobody_of_the_old_pleno_sits_again_after_a_banding(self, app):
        cast = make_cast()
        case = make_permohonan(S.APPEALED, cast=cast)
        assert pleno_members.barred_reason(case, cast.chair.id) is None
        tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        assert (
            pleno_members.barred_reason(case, cast.chair.id)
            == "ikut memutus permohonan ini sebelum banding"
        )
        assert pleno_members.barred_reason(case, person(Role.TIM_TEKNIS).id) is None

    @pytest.mark.both
    @pytest.mark.parametrize(
        ("who", "rule"), [("asesor", "asesor_not_pleno"), ("admin", "verifier_not_pleno")]
    )
    def test_the_trigger_refuses_what_passed_by_the_service(self, app, who, rule):
        cast = make_cast()
        place = call(cast, waiting(cast)).cases[0]
        db.session.commit()
        vote = Vote(
            pleno_case_id=place.id, member_id=getattr(cast, who).id, recommendation=Answer.K, agrees=True,
            declared_at=clock.now(),
        )  # fmt: skip
        db.session.add(vote)
        with pytest.raises(IntegrityError, match=rule):
            db.session.flush()
        db.session.rollback()


class TestVote:
    @pytest.fixture
    def place(self, app):
        self.cast = make_cast()
        return call(self.cast, waiting(self.cast)).cases[0]

    def vote(self, place, member=None, **changes):
        words = {"agrees": True, "note": "", "declared": True} | changes
        return pleno.vote(actor_of(member or self.cast.chair), place, **words)

    def test_it_is_stored_with_the_recommendation_it_answers(self, place):
        made = self.vote(place, note=" Bukti cukup. ")
        assert (made.recommendation, made.agrees, made.note) == (Answer.K, True, "Bukti cukup.")

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"declared": False}, "Nyatakan dulu"),
            ({"agrees": False, "note": "  "}, "alasan Anda tidak setuju"),
        ],
    )
    def test_what_is_missing_is_said(self, place, changes, sentence):
        with pytest.raises(DomainError, match=sentence):
            self.vote(place, **changes)

    def test_once(self, place):
        self.vote(place)
        db.session.commit()
        with pytest.raises(DomainError, match="sudah memberi suara"):
            self.vote(place)
        db.session.rollback()

    def test_not_by_somebody_outside(self, place):
        with pytest.raises(DomainError, match="bukan anggota rapat"):
            self.vote(place, person(Role.TIM_TEKNIS))

    def test_not_after_the_decision(self, place):
        place.outcome, place.closed_at = "K", clock.now()
        db.session.flush()
        with pytest.raises(DomainError, match="sudah diputus"):
            self.vote(place)

    @pytest.mark.both
    def test_it_cannot_be_changed_by_anybody(self, app):
        self.cast = make_cast()
        made = self.vote(call(self.cast, waiting(self.cast)).cases[0])
        db.session.commit()
        with pytest.raises(IntegrityError, match="append-only"):
            db.session.execute(
                text("UPDATE vote SET agrees = false WHERE id = :id"), {"id": made.id}
            )
        db.session.rollback()


class TestSettling:
    @pytest.mark.both
    def test_the_last_decision_ends_the_pleno(self, app):
        cast = make_cast()
        first, second = waiting(cast), waiting(cast, recommendation=Answer.BK)
        made = call(cast, first, second)
        for place in made.cases:
            all_vote(cast, place)
        chair = actor_of(cast.chair)
        pleno.settle(chair, made.cases[0], "decide_competent", version=first.version)
        assert made.closed_at is None
        pleno.settle(chair, made.cases[1], "decide_not_yet", version=second.version)
        assert made.closed_at is not None
        assert (first.status, second.status) == (S.COMPETENT, S.NOT_YET_COMPETENT)
        assert pleno_sk.waiting_for_sk() == [made]
        assert {place.outcome for place in pleno_sk.sk_list(made)} == {"K", "BK"}

    def test_a_second_press_reads_that_the_data_changed(self, app):
        cast = make_cast()
        case = waiting(cast)
        place = call(cast, case).cases[0]
        all_vote(cast, place)
        version = case.version
        pleno.settle(actor_of(cast.chair), place, "decide_competent", version=version)
        with pytest.raises(StaleCase):
            pleno.settle(actor_of(cast.chair), place, "decide_competent", version=version)

    def test_only_the_chair(self, app):
        cast = make_cast()
        case = waiting(cast)
        place = call(cast, case).cases[0]
        all_vote(cast, place)
        with pytest.raises(NotAllowed, match="Hanya ketua rapat"):
            pleno.settle(actor_of(cast.members[1]), place, "decide_competent", version=case.version)

    def test_one_who_disagrees_sends_it_back(self, app):
        cast = make_cast()
        case = waiting(cast)
        place = call(cast, case).cases[0]
        all_vote(cast, place, agrees=False)
        chair = actor_of(cast.chair)
        with pytest.raises(NotAllowed, match="tidak setuju"):
            pleno.settle(chair, place, "decide_competent", version=case.version)
        pleno.settle(chair, place, "send_back", version=case.version, note=REASON)
        assert (case.status, place.outcome) == (S.IN_ASSESSMENT, "sent_back")
        assert pleno_sk.sk_list(place.pleno) == []
        assert pleno_sk.waiting_for_sk() == [], "nothing was decided, so there is nothing to sign"
