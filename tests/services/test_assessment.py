"""The asesor's papers and who may write them when; releasing an asesor 2 who stays silent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.models import RemotePermission
from lsp.models.inforce import add_working_days
from lsp.services import assessment, fr_ak_02
from lsp.services.fr_ak_02 import UnitJudgement
from lsp.services.fr_ak_02_matrix import matrix
from lsp.vocabulary import Answer, EvidenceKind, Form, Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.support.assessment import fill_instruments
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


def case_at(status, cast, **wanted):
    return make_permohonan(status, cast=cast, **wanted)


class TestPapersOfThePreAssessment:
    @pytest.fixture
    def case(self, cast):
        return case_at(S.PRE_SCHEDULED, cast, work_done=False)

    def test_the_review_names_what_is_missing(self, case, cast):
        with pytest.raises(DomainError, match="Sebutkan bukti"):
            assessment.review_apl_02(
                actor_of(cast.asesor), case, can_continue=False, missing_evidence=" ", note=""
            )

    def test_it_is_written_in_the_pre_assessment_only(self, cast):
        case = case_at(S.SCHEDULED, cast)
        with pytest.raises(DomainError, match="rapat pra-asesmen"):
            assessment.review_apl_02(
                actor_of(cast.asesor), case, can_continue=True, missing_evidence="", note=""
            )

    def test_the_plan_takes_a_mapa_in_force_and_its_methods(self, case, cast):
        plan = assessment.choose_plan(
            actor_of(cast.asesor), case, mapa=cast.mapa, changes={"a": "Asesi tunarungu.", "b": ""}
        )
        assert (plan.mapa_id, plan.approach) == (cast.mapa.id, "portofolio")
        assert plan.methods == ["portofolio", "wawancara"]
        assert plan.mapa_changes == {"a": "Asesi tunarungu."}

    def test_no_mapa_of_another_skema_and_no_draft(self, case, cast):
        foreign = factories.make_mapa(factories.make_skema())
        draft = factories.make_mapa(cast.skema, draft=True, version_number=2)
        for mapa in (foreign, draft):
            with pytest.raises(DomainError, match="tidak berlaku untuk skema ini"):
                assessment.choose_plan(actor_of(cast.asesor), case, mapa=mapa)

    def test_a_mapa_replaced_meanwhile_may_be_kept_by_who_has_it(self, case, cast):
        actor = actor_of(cast.asesor)
        assessment.choose_plan(actor, case, mapa=cast.mapa)
        newer = factories.make_mapa(cast.skema, codes=("CVP", "DPL"), version_number=2)
        assert assessment.choosable(case) == [newer, cast.mapa]
        assert assessment.choose_plan(actor, case, mapa=newer).methods == ["portofolio", "lisan"]
        assert assessment.choosable(case) == [newer]

    def test_a_remote_case_takes_no_method_that_bnsp_did_not_permit(self, case, cast):
        letter = db.session.query(RemotePermission).filter_by(skema_id=cast.skema.skema_id).one()
        letter.methods = ["wawancara"]
        db.session.flush()
        refused = "Izin jarak jauh CONTOH/SJJ/001 tidak memuat metode MAPA ini: Portofolio. "
        with pytest.raises(DomainError, match=refused):
            assessment.choose_plan(actor_of(cast.asesor), case, mapa=cast.mapa)
        assert dossier_of(case).plan is None
        case.mode = Mode.LURING
        assert assessment.choose_plan(actor_of(cast.asesor), case, mapa=cast.mapa).mapa == cast.mapa

    def test_no_mapa_whose_instruments_cannot_be_filled_here(self, case, cast):
        observed = factories.make_mapa(cast.skema, series=2, codes=("CL", "PW"))
        refused = r"MAPA ini meminta FR\.IA\.01, yang belum dapat diisi di portal\. Pilih MAPA lain"
        with pytest.raises(DomainError, match=refused):
            assessment.choose_plan(actor_of(cast.asesor), case, mapa=observed)
        assert set(assessment.barred(case, [observed, cast.mapa])) == {observed.public_id}

    def test_a_plan_of_the_time_before_keeps_its_mapa_and_gives_it_up_for_good(self, case, cast):
        actor = actor_of(cast.asesor)
        observed = factories.make_mapa(cast.skema, series=2, codes=("CL", "PW"))
        plan = assessment.choose_plan(actor, case, mapa=cast.mapa)
        plan.mapa, plan.papers_outside = observed, True
        db.session.flush()
        assert assessment.choose_plan(actor, case, mapa=observed).papers_outside
        assert not assessment.choose_plan(actor, case, mapa=cast.mapa).papers_outside
        with pytest.raises(DomainError, match="belum dapat diisi"):
            assessment.choose_plan(actor, case, mapa=observed)

    def test_the_asesi_signs_nothing_here(self, case):
        with pytest.raises(DomainError, match="Hanya asesor rapat ini"):
            assessment.sign_fr_ak_01(actor_of(case.asesi), case, typed_name=case.asesi_name)


class TestFrAk02:
    @pytest.fixture
    def case(self, cast):
        made = case_at(S.IN_ASSESSMENT, cast, work_done=False)
        fill_instruments(made)
        return made

    def save(self, case, cast, **changes):
        units = {
            unit.id: UnitJudgement([EvidenceKind.WAWANCARA], failed=False, reason="")
            for unit in cast.skema.units
        }
        values = {
            "units": units, "recommendation": Answer.K, "follow_up": "", "comment": "", "written_feedback": "",
        }  # fmt: skip
        return fr_ak_02.save_fr_ak_02(actor_of(cast.asesor), case, **(values | changes))

    def test_the_matrix_has_every_unit_before_and_after(self, case, cast):
        assert [row.evidence for row in matrix(case).rows] == [["wawancara"], ["wawancara"]]
        self.save(case, cast)
        made = matrix(case)
        assert (made.filled, made.paper.recommendation) == (2, Answer.K)

    def test_a_row_that_is_not_sent_stays(self, case, cast):
        self.save(case, cast)
        unit = cast.skema.units[0].id
        judged = UnitJudgement(
            [EvidenceKind.LISAN], failed=True, reason="Kurang", changed_reason="Keliru."
        )
        self.save(case, cast, units={unit: judged})
        assert [(row.evidence, row.failed) for row in matrix(case).rows] == [
            (["lisan"], True),
            (["wawancara"], False),
        ]

    def test_a_foreign_unit(self, case, cast):
        foreign = factories.make_skema().units[0].id
        with pytest.raises(DomainError, match="bukan dari skema ini"):
            self.save(case, cast, units={foreign: UnitJudgement([], failed=False, reason="")})

    def test_an_unknown_kind(self, case, cast):
        unit = cast.skema.units[0].id
        with pytest.raises(DomainError, match="Jenis bukti"):
            self.save(case, cast, units={unit: UnitJudgement(["sulap"], failed=False, reason="")})

    def test_not_before_the_assessment_began(self, cast):
        with pytest.raises(DomainError, match="saat asesmen berlangsung"):
            self.save(case_at(S.SCHEDULED, cast), cast)

    def test_not_after_it_was_sent(self, cast):
        """The seat is closed then, so nobody holds the meeting any more."""
        with pytest.raises(DomainError):
            self.save(case_at(S.RECOMMENDED, cast), cast)


class TestReleasingAsesor2:
    @pytest.fixture
    def waiting(self, cast):
        case = case_at(S.IN_ASSESSMENT, cast)
        cast.jadwal[case.mode].asesor_2_id = cast.second_asesor.id
        db.session.commit()
        return case

    def release(self, case, actor):
        return fr_ak_02.countersign(
            actor, case, word="released", note="Tidak menjawab dua hari kerja."
        )

    def test_not_by_an_asesor(self, waiting, cast):
        """Before, anybody who sent the word could release."""
        for who in (cast.asesor, cast.second_asesor):
            with pytest.raises(NotAllowed, match="Hanya admin"):
                self.release(waiting, actor_of(who))

    def test_not_before_two_working_days(self, waiting, cast):
        with pytest.raises(DomainError, match="2 hari kerja"):
            self.release(waiting, actor_of(cast.admin))

    def test_then_by_the_admin(self, waiting, cast, monkeypatch):
        signed = dossier_of(waiting).signature(Form.FR_AK_02, Role.ASESOR)
        day = add_working_days(signed.signed_at.astimezone(clock.WIB).date(), 2)
        monkeypatch.setattr(clock, "today_wib", lambda: day)
        assert self.release(waiting, actor_of(cast.admin)).word == "released"
        monkeypatch.setattr(clock, "today_wib", lambda: day + timedelta(days=1))
        with pytest.raises(DomainError, match="sudah ditandatangani"):
            self.release(waiting, actor_of(cast.admin))
