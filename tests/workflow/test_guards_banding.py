"""What a granted banding asks: another asesor, another pleno, and enough people left for it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import Pleno, PlenoCase, PlenoMember
from lsp.vocabulary import BandingStatus, MeetingKind, PermohonanStatus, Role
from lsp.workflow import pleno_members
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import after_decision as after_guards
from lsp.workflow.permohonan import PERMOHONAN
from tests.support.assessment import make_banding
from tests.workflow.asking import answer
from tests.workflow.cases import (
    actor_of,
    hold_seat,
    make_cast,
    make_permohonan,
    person,
    put_on_agenda,
    tell,
)

S = PermohonanStatus
NOTE = "Surat 7: alasan panel yang cukup panjang."


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def appealed(cast):
    return make_permohonan(S.APPEALED, cast=cast)


def grant(case, name="grant_redecision"):
    PERMOHONAN.perform(case, name, SYSTEM, version=case.version, note=NOTE)
    db.session.flush()


class TestAnotherAsesor:
    @pytest.mark.parametrize("who", ["asesor", "second_asesor"])
    def test_the_one_of_the_old_attempt_is_refused(self, cast, appealed, who):
        grant(appealed, "grant_reassessment")
        seat = hold_seat(
            appealed, MeetingKind.ASSESSMENT, cast, asesor=getattr(cast, who), attempt=2
        )
        said = answer(after_guards.asesor_new_after_banding, appealed, actor_of(cast.admin))
        assert (said is None) is (who == "second_asesor")
        if who == "asesor":
            db.session.flush()
            with pytest.raises(NotAllowed, match="asesor lain"):
                PERMOHONAN.perform(
                    appealed, "book_assessment", actor_of(cast.admin), version=appealed.version
                )
        assert seat.attempt == appealed.attempt

    def test_only_the_one_whom_the_panel_named_without_a_reason(self, cast, appealed):
        named = person(Role.ASESOR)
        banding = make_banding(appealed, status=BandingStatus.EXAMINED, new_asesor_id=named.id)
        grant(appealed, "grant_reassessment")
        banding.status = BandingStatus.REASSESS
        seat = hold_seat(
            appealed, MeetingKind.ASSESSMENT, cast, asesor=cast.second_asesor, attempt=2
        )
        ask = after_guards.asesor_named_by_banding
        assert f"menunjuk asesor {named.name}" in answer(ask, appealed, actor_of(cast.admin))
        assert answer(ask, appealed, actor_of(cast.admin), NOTE) is None
        assert answer(ask, appealed, actor_of(appealed.asesi), NOTE) is not None
        seat.slot.asesor_id = named.id
        db.session.flush()
        assert answer(ask, appealed, actor_of(appealed.asesi)) is None

    def test_a_paid_attempt_may_have_the_same(self, cast, appealed):
        tell(appealed, "reassess", S.NOT_YET_COMPETENT, S.READY)
        hold_seat(appealed, MeetingKind.ASSESSMENT, cast)
        assert answer(after_guards.asesor_new_after_banding, appealed, actor_of(cast.admin)) is None


class TestAnotherPleno:
    """Who sat, not who spoke: silent members and the chair too, whatever follows."""

    @pytest.fixture
    def old(self, cast, appealed):
        pleno = db.session.scalars(select(Pleno)).one()
        self.silent, self.chair = person(Role.TIM_TEKNIS), person(Role.TIM_TEKNIS)
        pleno.members.append(PlenoMember(user_id=self.silent.id))
        pleno.chair_id = self.chair.id
        for _ in range(3):
            person(Role.TIM_TEKNIS)
        db.session.flush()
        return [self.silent.id, self.chair.id, *(member.id for member in cast.members)]

    def test_nobody_sits_again_after_the_new_one_sent_it_back(self, appealed, old):
        grant(appealed)
        tell(appealed, "send_back", S.RECOMMENDED, S.IN_ASSESSMENT)
        tell(appealed, "recommend", S.IN_ASSESSMENT, S.RECOMMENDED)
        barred = pleno_members.barred([appealed], old)
        assert len(barred) == len(old)
        assert set(barred.values()) == {"ikut memutus permohonan ini sebelum banding"}

    def test_another_assessment_is_another_decision(self, appealed, old):
        grant(appealed)
        appealed.attempt = 2
        db.session.flush()
        assert pleno_members.barred([appealed], old) == {}

    def test_the_new_one_may_go_on_after_it_sent_the_case_back(self, cast, appealed, old):
        grant(appealed)
        cast.members = [person(Role.TIM_TEKNIS) for _ in range(3)]
        cast.chair = cast.members[0]
        again = put_on_agenda(appealed, cast)
        again.outcome, again.closed_at = "sent_back", clock.now()
        db.session.flush()
        assert pleno_members.barred([appealed], [each.id for each in cast.members]) == {}

    def test_who_only_saw_it_taken_off_the_agenda_is_free(self, cast, appealed, old):
        place = db.session.scalars(select(PlenoCase)).one()
        place.outcome = "removed"
        db.session.flush()
        grant(appealed)
        free = set(old) - {key[1] for key in pleno_members.barred([appealed], old)}
        assert free == {self.silent.id, self.chair.id}, "voters spoke on it all the same"

    def test_with_too_few_others_the_outcome_is_refused(self, cast, appealed):
        """Refused here, with what to do, rather than a case that waits for ever."""
        for _ in range(2):
            person(Role.TIM_TEKNIS)
        said = answer(after_guards.enough_others_for_redecision, appealed, SYSTEM)
        assert "perlu 3 anggota" in said
        assert "Baru ada 2" in said
        assert "halaman Petugas" in said
        with pytest.raises(NotAllowed, match="Baru ada 2"):
            grant(appealed)
        person(Role.TIM_TEKNIS)
        assert answer(after_guards.enough_others_for_redecision, appealed, SYSTEM) is None
        assert dossier_of(appealed).permohonan.status is S.APPEALED
