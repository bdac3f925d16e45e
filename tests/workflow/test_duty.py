"""Who is barred from a case, asked through `perform`. The same rules by raw SQL: tests/services/test_triggers.py."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import Countersignature, DutyWaiver
from lsp.vocabulary import (
    NEVER_WAIVED,
    Answer,
    DutyRule,
    InstrumentPaper,
    PermohonanStatus,
    Role,
)
from lsp.workflow import duty, pleno_members
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN
from tests.support.assessment import make_filled, make_third_party
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person, put_on_agenda, vote
from tests.workflow.rows import verified_too

S = PermohonanStatus


def waive(case, rule, person_id, given_by):
    db.session.add(
        DutyWaiver(
            permohonan_id=case.id,
            rule=rule,
            person_id=person_id,
            reason="LSP kecil, tidak ada orang lain.",
            given_by_id=given_by.id,
            given_at=clock.now(),
        )
    )
    db.session.flush()


def refused(case, name, actor, note="Alasan yang cukup panjang."):
    with pytest.raises(NotAllowed) as refusal:
        PERMOHONAN.perform(case, name, actor, version=case.version, note=note)
    return str(refusal.value)


@pytest.fixture
def cast(app):
    return make_cast()


class TestChair:
    def test_only_the_chair_presses(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        said = refused(case, "decide_competent", actor_of(cast.members[1]))
        assert said == "Hanya ketua rapat pleno yang dapat menetapkan."

    def test_case_on_no_agenda_is_decided_by_nobody(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
        assert "agenda pleno" in refused(case, "decide_competent", actor_of(cast.chair))

    def test_chair_who_assessed_the_case_does_not_decide(self, cast):
        """He chairs the pleno, but wrote a paper of an asesor on this case: never waived."""
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        db.session.add(
            Countersignature(
                fr_ak_02_id=dossier_of(case).fr_ak_02.id, by_id=cast.chair.id, word="agrees"
            )
        )
        db.session.flush()
        for name in ("decide_competent", "send_back"):
            assert "Anda asesor permohonan ini" in refused(case, name, actor_of(cast.chair))

    @pytest.mark.parametrize("name", ["decide_competent", "send_back"])
    def test_chair_who_verified_the_documents_does_not_decide(self, cast, name):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        case.verifier_id = cast.chair.id
        db.session.flush()
        assert "Anda memeriksa berkas permohonan ini" in refused(case, name, actor_of(cast.chair))

    @pytest.mark.parametrize("how", ["judged", "signed"])
    def test_who_judged_or_signed_for_the_lsp_verified_too(self, cast, how):
        """Another admin's last press does not free the one who looked at the documents."""
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        verified_too(case, cast.chair, how)
        assert case.verifier_id != cast.chair.id
        for name in ("decide_competent", "decide_not_yet", "send_back"):
            assert "Anda memeriksa berkas" in refused(case, name, actor_of(cast.chair))
        assert duty.verifiers_of(case) == duty.verifier_ids([case.id])[case.id]
        why = pleno_members.barred([case], [cast.chair.id, cast.members[1].id])
        assert why == {(case.id, cast.chair.id): "memeriksa berkas permohonan ini"}
        waive(case, DutyRule.VERIFIER_NOT_PLENO, cast.chair.id, cast.ketua)
        PERMOHONAN.perform(case, "decide_competent", actor_of(cast.chair), version=case.version)
        db.session.commit()
        assert case.status is S.COMPETENT

    def test_verifier_decides_with_a_waiver(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        case.verifier_id = cast.chair.id
        db.session.flush()
        waive(case, DutyRule.VERIFIER_NOT_PLENO, cast.chair.id, cast.ketua)
        PERMOHONAN.perform(case, "decide_competent", actor_of(cast.chair), version=case.version)
        db.session.commit()
        assert case.status is S.COMPETENT

    def test_waiver_of_another_case_person_or_rule_does_not_count(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        other = make_permohonan(S.RECOMMENDED, cast=make_cast())
        case.verifier_id = cast.chair.id
        db.session.flush()
        waive(other, DutyRule.VERIFIER_NOT_PLENO, cast.chair.id, cast.ketua)
        waive(case, DutyRule.VERIFIER_NOT_PLENO, cast.members[1].id, cast.ketua)
        waive(case, DutyRule.SIGNER_NOT_INVOLVED, cast.chair.id, cast.ketua)
        assert "Anda memeriksa berkas" in refused(case, "decide_competent", actor_of(cast.chair))


class TestSigner:
    def test_ketua_outside_the_case_signs(self, cast):
        case = make_permohonan(S.RECORDED, cast=cast)
        PERMOHONAN.perform(case, "issue", actor_of(cast.ketua), version=case.version)
        db.session.commit()
        assert case.status is S.ISSUED

    def both_hats(self, user):
        return type(actor_of(user))(
            id=user.id, name=user.name, roles=frozenset({Role.KETUA, Role.ASESOR, Role.TIM_TEKNIS})
        )

    @pytest.mark.parametrize("who", ["asesor", "chair"])
    def test_ketua_who_assessed_or_voted_does_not_sign(self, cast, who):
        case = make_permohonan(S.RECORDED, cast=cast)
        involved = getattr(cast, who)
        assert "Anda terlibat dalam asesmen, pleno, atau panel" in refused(
            case, "issue", self.both_hats(involved)
        )

    @pytest.mark.both
    @pytest.mark.parametrize("who", ["asesor", "chair"])
    def test_signs_with_a_waiver_and_the_database_agrees(self, app, who):
        cast = make_cast()
        case = make_permohonan(S.RECORDED, cast=cast)
        involved = getattr(cast, who)
        waive(case, DutyRule.SIGNER_NOT_INVOLVED, involved.id, cast.ketua)
        PERMOHONAN.perform(case, "issue", self.both_hats(involved), version=case.version)
        db.session.commit()
        assert case.status is S.ISSUED

    def test_asesi_who_is_ketua_does_not_sign_his_own(self, cast):
        asesi = person(Role.ASESI, Role.KETUA)
        case = make_permohonan(S.RECORDED, cast=cast, asesi=asesi)
        assert refused(case, "issue", actor_of(asesi)) == "Langkah ini bukan wewenang Anda."


class TestMeeting:
    @pytest.mark.parametrize("name", ["make_ready", "ask_evidence", "recommend_not_continue"])
    def test_only_the_asesor_of_the_slot(self, cast, name):
        case = make_permohonan(S.PRE_SCHEDULED, cast=cast)
        assert refused(case, name, actor_of(cast.second_asesor)) == (
            "Hanya asesor rapat ini yang dapat melakukannya."
        )

    @pytest.mark.parametrize("name", ["start"])
    def test_only_he_starts(self, cast, name):
        case = make_permohonan(S.SCHEDULED, cast=cast)
        assert "Hanya asesor rapat ini" in refused(case, name, actor_of(cast.second_asesor))

    @pytest.mark.parametrize("name", ["absent_pre", "drop_pre", "cancel_pre"])
    def test_another_asesor_neither_moves_nor_misses_it(self, cast, name):
        case = make_permohonan(S.PRE_SCHEDULED, cast=cast)
        assert "Hanya asesor rapat ini" in refused(case, name, actor_of(cast.second_asesor))

    def test_admin_and_asesi_move_it(self, cast):
        case = make_permohonan(S.PRE_SCHEDULED, cast=cast)
        for actor in (actor_of(case.asesi), actor_of(cast.admin), actor_of(cast.asesor)):
            assert duty.holder_of_the_meeting(case, actor, "") is None

    def test_asesor_who_left_the_slot_is_out(self, cast):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        dossier_of(case).booking.slot.asesor_id = cast.second_asesor.id
        db.session.flush()
        assert "Hanya asesor rapat ini" in refused(case, "recommend", actor_of(cast.asesor))


class TestInvolved:
    """The two lists that rules are asked of name the same people as the triggers do."""

    def test_asesor_of_every_attempt_and_paper(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        paper = dossier_of(case).fr_ak_02
        db.session.add(
            Countersignature(fr_ak_02_id=paper.id, by_id=cast.second_asesor.id, word="agrees")
        )
        db.session.flush()
        assert duty.asesor_ids(case) == {cast.asesor.id, cast.second_asesor.id}
        case.attempt = 2  # a new attempt forgets nobody
        db.session.flush()
        assert duty.asesor_ids(case) == {cast.asesor.id, cast.second_asesor.id}

    def test_asesor_released_or_with_a_seat_given_back_is_not_of_the_case(self, cast):
        case = make_permohonan(S.PRE_SCHEDULED, cast=cast, work_done=False)
        assert duty.asesor_ids(case) == {cast.asesor.id}
        dossier_of(case).booking.cancelled_at = clock.now()
        db.session.flush()
        assert duty.asesor_ids(case) == set()

    def test_who_filled_a_paper_or_asked_a_third_party_before_his_seat_was_given_back_is(
        self, cast
    ):
        case = make_permohonan(S.SCHEDULED, cast=cast, work_done=False)
        wrote, asked = (person(Role.ASESOR, Role.TIM_TEKNIS) for _ in range(2))
        make_filled(case, InstrumentPaper.VPK).asesor_id = wrote.id
        make_third_party(case).asesor_id = asked.id
        db.session.flush()
        barred = duty.asesor_ids(case)
        assert {wrote.id, asked.id} <= barred
        assert duty.asesor_of([case.id])[case.id] == barred
        assert duty.not_asesor_of_case(case, actor_of(wrote), "") is not None

    def test_admin_who_released_the_second_asesor_is_no_asesor(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        paper = dossier_of(case).fr_ak_02
        db.session.add(
            Countersignature(
                fr_ak_02_id=paper.id, by_id=cast.admin.id, word="released", note="Dua hari diam."
            )
        )
        db.session.flush()
        assert duty.asesor_ids(case) == {cast.asesor.id}

    def test_chair_who_decided_without_a_vote_of_his_own(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
        place = put_on_agenda(case, cast)
        fourth = person(Role.TIM_TEKNIS)
        for member in (*cast.members[1:], fourth):
            vote(place, member.id)
        PERMOHONAN.perform(case, "decide_competent", actor_of(cast.chair), version=case.version)
        assert cast.chair.id in duty.pleno_ids(case)
        assert duty.not_involved_signer(case, actor_of(cast.chair), "") is not None

    def test_everybody_who_ever_voted(self, cast):
        case = make_permohonan(S.COMPETENT, cast=cast)
        assert duty.pleno_ids(case) == {member.id for member in cast.members}
        assert duty.pleno_ids(make_permohonan(S.PAID, cast=make_cast())) == set()


@pytest.mark.parametrize("rule", list(DutyRule), ids=lambda rule: rule.value)
def test_rules_that_are_never_waived_ask_no_waiver(cast, rule):
    case = make_permohonan(S.RECOMMENDED, cast=cast, recommendation=Answer.K)
    if rule not in NEVER_WAIVED:
        waive(case, rule, cast.chair.id, cast.ketua)
    assert duty.is_waived(case, rule, cast.chair.id) is (rule not in NEVER_WAIVED)
    assert not duty.is_waived(case, rule, cast.admin.id)
    assert not duty.is_waived(case, rule, None)
