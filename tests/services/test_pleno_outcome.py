"""What follows the votes: SK, annulment, and many decisions at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db, remembered
from lsp.errors import DomainError
from lsp.models import PermohonanEvent, Pleno, PlenoCase
from lsp.services import annulment, dossiers, pleno, pleno_sk
from lsp.vocabulary import Mode, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from tests.services.plenos import REASON, all_vote, annul, call, waiting
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus


class TestSk:
    @pytest.fixture
    def settled(self, app):
        self.cast = make_cast()
        case = waiting(self.cast)
        made = call(self.cast, case)
        all_vote(self.cast, made.cases[0])
        pleno.settle(
            actor_of(self.cast.chair), made.cases[0], "decide_competent", version=case.version
        )
        return made

    def test_it_gets_number_and_day(self, settled):
        pleno_sk.sign_sk(actor_of(self.cast.ketua), settled)
        assert settled.sk_number
        assert settled.sk_date == clock.today_wib()
        assert pleno_sk.waiting_for_sk() == []

    def test_once(self, settled):
        pleno_sk.sign_sk(actor_of(self.cast.ketua), settled)
        with pytest.raises(DomainError, match="sudah ditandatangani"):
            pleno_sk.sign_sk(actor_of(self.cast.ketua), settled)

    def test_not_while_the_pleno_runs(self, app):
        cast = make_cast()
        with pytest.raises(DomainError, match="belum selesai"):
            pleno_sk.sign_sk(actor_of(cast.ketua), call(cast, waiting(cast)))

    def test_a_decision_stands_until_it_is_annulled(self, settled):
        place, case = settled.cases[0], settled.cases[0].permohonan
        assert pleno_sk.stands(place)
        case.decision = case.decided_at = None
        assert not pleno_sk.stands(place)
        db.session.rollback()

    def test_none_for_decisions_that_were_all_made_void(self, settled):
        """A number of an SK would be taken for no valid decision."""
        case = settled.cases[0].permohonan
        assert pleno_sk.waiting_for_sk() == [settled]
        annul(self.cast, case)
        assert pleno_sk.waiting_for_sk() == []
        assert pleno_sk.state_of(settled) == ("Selesai, penetapan batal", "")
        with pytest.raises(DomainError, match="sudah dibatalkan atau diganti"):
            pleno_sk.sign_sk(actor_of(self.cast.ketua), settled)
        assert settled.sk_number == ""

    def test_one_that_still_stands_is_enough(self, app):
        cast = make_cast()
        made = call(cast, waiting(cast), waiting(cast))
        for place in made.cases:
            all_vote(cast, place)
            pleno.settle(
                actor_of(cast.chair), place, "decide_competent", version=place.permohonan.version
            )
        annul(cast, made.cases[0].permohonan)
        assert pleno_sk.waiting_for_sk() == [made]
        pleno_sk.sign_sk(actor_of(cast.ketua), made)

    def test_how_far_a_pleno_is(self, settled):
        assert pleno_sk.state_of(settled) == ("Menunggu SK", "wait")
        pleno_sk.sign_sk(actor_of(self.cast.ketua), settled)
        assert pleno_sk.state_of(settled) == ("SK ditandatangani", "ok")

    def test_one_that_only_sent_back_waits_for_no_sk(self, app):
        cast = make_cast()
        case = waiting(cast)
        made = call(cast, case)
        made.held_on += timedelta(days=1)
        assert pleno_sk.state_of(made) == ("Belum mulai", "")
        made.held_on -= timedelta(days=1)
        assert pleno_sk.state_of(made) == ("Berjalan", "wait")
        all_vote(cast, made.cases[0], agrees=False)
        chair = actor_of(cast.chair)
        pleno.settle(chair, made.cases[0], "send_back", version=case.version, note=REASON)
        assert pleno_sk.state_of(made) == ("Selesai tanpa penetapan", "")
        assert pleno_sk.waiting_for_sk() == []


class TestAnnulment:
    @pytest.fixture
    def case(self, app):
        self.cast = make_cast()
        return make_permohonan(S.COMPETENT, cast=self.cast)

    def propose(self, case, **changes):
        words = {"reason": REASON, "version": case.version} | changes
        annulment.propose(actor_of(self.cast.chair), case, **words)

    def test_the_ketua_reads_who_and_why(self, case):
        self.propose(case)
        ((found, event),) = annulment.waiting()
        assert (found, event.note, event.actor) == (case, REASON, self.cast.chair)

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [({"reason": "salah"}, "sedikitnya 20"), ({"version": 999}, "Data sudah berubah")],
    )
    def test_what_is_missing_is_said(self, case, changes, sentence):
        with pytest.raises(DomainError, match=sentence):
            self.propose(case, **changes)

    def test_once_at_a_time(self, case):
        self.propose(case)
        with pytest.raises(DomainError, match="sudah diusulkan"):
            self.propose(case)

    def test_not_before_a_decision_and_not_after_issue(self, app):
        self.cast = make_cast()
        for status in (S.RECOMMENDED, S.ISSUED):
            with pytest.raises(DomainError, match="tidak dapat dibatalkan"):
                self.propose(make_permohonan(status, cast=self.cast))

    def test_declining_leaves_the_decision(self, case):
        self.propose(case)
        db.session.flush()
        annulment.decline(actor_of(self.cast.ketua), case, reason=REASON, version=case.version)
        assert case.status is S.COMPETENT
        assert annulment.waiting() == []
        self.propose(case)
        assert len(annulment.waiting()) == 1

    def test_nobody_answers_his_own_proposal(self, case):
        self.propose(case)
        db.session.flush()
        with pytest.raises(DomainError, match="Anda yang mengusulkan"):
            annulment.decline(actor_of(self.cast.chair), case, reason=REASON, version=case.version)

    @pytest.mark.both
    def test_approved_it_voids_the_numbers_and_the_case_may_be_decided_anew(self, app):
        from lsp.workflow.permohonan import PERMOHONAN

        self.cast = make_cast()
        case = make_permohonan(S.RECORDED, cast=self.cast)
        old = dossier_of(case).registration.certificate_entry.text
        self.propose(case)
        db.session.flush()
        ketua = actor_of(self.cast.ketua)
        PERMOHONAN.perform(case, "annul", ketua, version=case.version, note=REASON)
        db.session.commit()
        assert (case.status, case.decision) == (S.RECOMMENDED, None)
        assert annulment.waiting() == []
        again = call(self.cast, case).cases[0]
        all_vote(self.cast, again)
        pleno.settle(actor_of(self.cast.chair), again, "decide_competent", version=case.version)
        db.session.commit()
        assert dossier_of(case).registration.certificate_entry.text != old
        assert [pleno_sk.stands(place) for place in db.session.scalars(select(PlenoCase).order_by(PlenoCase.id))] == [
            False, True,
        ]  # fmt: skip


class TestManyAtOnce:
    def test_prefilled_dossiers_are_what_each_would_read(self, app):
        cast = make_cast()
        cases = [
            waiting(cast),
            waiting(cast, mode=Mode.LURING),
            make_permohonan(S.SUBMITTED, cast=cast),
        ]
        names = ("fr_apl_01", "plan", "fr_ak_02", "bookings", "apl_02", "registration")
        alone = [[getattr(dossier_of(case), name) for name in names] for case in cases]
        remembered("dossiers").clear()
        dossiers.prefill_files(cases)
        dossiers.prefill_registrations(cases)
        assert [[dossier_of(case).__dict__[name] for name in names] for case in cases] == alone

    def test_plenos_open_ones_first(self, app):
        cast = make_cast()
        done = make_permohonan(S.COMPETENT, cast=cast)
        made = call(cast, waiting(cast))
        found = pleno.plenos_of(cast.chair.id)
        assert found[0] == made
        assert done.id in {place.permohonan_id for each in found[1:] for place in each.cases}
        assert pleno.plenos_of(cast.admin.id) == []
        assert set(pleno.latest_plenos()) == set(db.session.scalars(select(Pleno)))

    def test_a_proposal_leaves_a_line_in_the_history(self, app):
        cast = make_cast()
        case = make_permohonan(S.COMPETENT, cast=cast)
        annulment.propose(actor_of(cast.chair), case, reason=REASON, version=case.version)
        event = db.session.scalar(
            select(PermohonanEvent).order_by(PermohonanEvent.id.desc()).limit(1)
        )
        assert (event.transition, event.source, event.target) == (
            "propose_annulment",
            S.COMPETENT,
            S.COMPETENT,
        )
