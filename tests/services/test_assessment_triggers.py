"""What the database refuses of an assessment and its banding, by raw SQL."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from lsp import clock
from lsp.database import db
from lsp.models import Banding, InstrumentAnswer, InterviewTopic, PortfolioCheck
from lsp.vocabulary import (
    BandingStatus,
    Conclusion,
    DutyRule,
    InstrumentPaper,
    PermohonanStatus,
    Role,
)
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.services.raw_sql import refuses, run, waive
from tests.support.assessment import make_banding, make_filled, make_instrument, make_third_party
from tests.support.meetings import make_slot
from tests.workflow.cases import make_cast, make_permohonan, put_on_agenda

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.mark.both
class TestInstruments:
    def test_what_is_in_force_stays(self, cast):
        made = make_instrument(cast.skema)
        refuses(f"UPDATE instrument SET head = '{{}}' WHERE id = {made.id}", "frozen: instrument")
        refuses(
            f"DELETE FROM instrument_item WHERE instrument_id = {made.id}",
            "frozen: instrument_item",
        )
        refuses(
            f"UPDATE instrument_item SET text = 'Lain' WHERE instrument_id = {made.id}",
            "frozen: instrument_item",
        )
        refuses(
            "INSERT INTO instrument_item (instrument_id, position, kind, text, key, options)"
            f" VALUES ({made.id}, 9, 'question', 'Susulan', '', '[]')",
            "frozen: instrument_item",
        )  # fmt: skip

    def test_a_draft_is_edited_freely_and_stands_once(self, cast):
        made = make_instrument(cast.skema, in_force=False)
        run("UPDATE instrument_item SET text = 'Lain' WHERE instrument_id = :id", id=made.id)
        with pytest.raises(IntegrityError):
            make_instrument(cast.skema, in_force=False, version_number=2)


@pytest.mark.both
class TestRecommended:
    def test_no_kompeten_with_a_unit_that_nothing_speaks_for(self, cast):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        paper = dossier_of(case).fr_ak_02
        paper.units[0].evidence = []
        db.session.commit()
        send = f"UPDATE fr_ak_02 SET frozen_at = '2026-11-23 01:00:00+00:00' WHERE id = {paper.id}"
        refuses(send, "evidence: fr_ak_02")
        run("UPDATE fr_ak_02 SET recommendation = 'BK' WHERE id = :id", id=paper.id)
        run(send)


@pytest.mark.both
class TestFilled:
    @pytest.fixture
    def filled(self, cast):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        made = make_filled(case, conclusion=Conclusion.MET, finished_at=clock.now())
        elemen = cast.skema.units[0].elements[0]
        db.session.add_all(
            (
                PortfolioCheck(filled_id=made.id, position=1, title="Laporan proyek"),
                InterviewTopic(filled_id=made.id, elemen_id=elemen.id),
                InstrumentAnswer(filled_id=made.id, position=1, question="Apa itu JSA?"),
            )
        )
        db.session.flush()
        return made

    def test_is_open_until_it_is_frozen_and_stays_then(self, filled):
        for table in ("portfolio_check", "interview_topic", "instrument_answer"):
            run(f"UPDATE {table} SET filled_id = filled_id WHERE filled_id = :id", id=filled.id)
        filled.frozen_at = clock.now()
        db.session.flush()
        refuses(
            f"UPDATE filled_instrument SET feedback = 'x' WHERE id = {filled.id}",
            "frozen: filled_instrument",
        )
        for table in ("portfolio_check", "interview_topic", "instrument_answer"):
            refuses(f"DELETE FROM {table} WHERE filled_id = {filled.id}", f"frozen: {table}")

    def test_no_end_without_a_conclusion(self, cast):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        with pytest.raises(IntegrityError):
            make_filled(case, InstrumentPaper.PW, finished_at=clock.now())

    def test_what_a_third_party_said_stays(self, cast):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        asked = make_third_party(case, answered_at=clock.now(), said={"statements": {"k3": True}})
        run("UPDATE third_party SET finding = 'Mendukung.' WHERE id = :id", id=asked.id)
        refuses(
            f"UPDATE third_party SET answered_at = NULL WHERE id = {asked.id}",
            "frozen: third_party",
        )
        refuses(f"UPDATE third_party SET said = name WHERE id = {asked.id}", "frozen: third_party")


@pytest.mark.both
class TestPanel:
    """Workflow 5: banding panel and asesor, verifier, pleno of the case are apart."""

    def insert(self, banding, user):
        return (
            "INSERT INTO banding_member (banding_id, user_id, finding, created_at)"
            f" VALUES ({banding.id}, {user.id}, '', '2026-01-01')"
        )

    def test_who_acted_on_the_case_does_not_sit_on_it(self, cast):
        case = make_permohonan(S.APPEALED, cast=cast)
        banding = make_banding(case)
        for user in (cast.asesor, cast.admin, cast.members[0]):
            refuses(self.insert(banding, user), "duty: panel_not_involved")
        refuses(self.insert(banding, case.asesi), "duty: own_case")
        waive(case, DutyRule.PANEL_NOT_INVOLVED, cast.admin, cast.ketua)
        run(self.insert(banding, cast.admin))

    def test_a_member_does_not_vote_nor_assess_nor_sign_afterwards(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
        member = factories.make_user(Role.TIM_TEKNIS)
        make_banding(case, member)
        place = put_on_agenda(case, cast)
        refuses(
            "INSERT INTO vote (pleno_case_id, member_id, recommendation, agrees, note, declared_at, created_at)"
            f" VALUES ({place.id}, {member.id}, 'K', true, '', '2026-01-01', '2026-01-01')",
            "duty: panel_not_involved",
        )
        seat = dossier_of(case).bookings[-1]
        slot = make_slot(member, jadwal=seat.slot.jadwal)
        refuses(
            "INSERT INTO booking (public_id, slot_id, seat, permohonan_id, peserta_id, attempt, booked_by_id,"
            " cancel_reason, created_at)"
            f" VALUES ('ZZZZZZZZZZZZZZZZ', {slot.id}, 9, {case.id}, {seat.peserta_id}, 1,"
            f" {seat.booked_by_id}, '', '2026-01-01')",
            "duty: panel_not_involved",
        )

    def test_a_signed_word_stays(self, cast):
        case = make_permohonan(S.APPEALED, cast=cast)
        banding = make_banding(case, factories.make_user(Role.ASESOR))
        member = banding.members[0]
        refuses(
            f"UPDATE banding_member SET finding = 'x', found_at = created_at WHERE id = {member.id}",
            "duty: banding_member_declared",
        )
        member.not_teaching_declared_at = clock.now()
        member.finding, member.found_at, member.signed_at = (
            "Bukti dibuka.",
            clock.now(),
            clock.now(),
        )
        db.session.flush()
        refuses(
            f"UPDATE banding_member SET finding = 'Lain' WHERE id = {member.id}",
            "frozen: banding_member",
        )
        run("UPDATE banding_member SET signed_at = NULL WHERE id = :id", id=member.id)
        member.signed_at = clock.now()
        banding.status = BandingStatus.UPHELD
        db.session.flush()
        refuses(
            f"UPDATE banding_member SET signed_at = NULL WHERE id = {member.id}",
            "frozen: banding_member",
        )
        refuses(
            f"UPDATE banding SET outcome_reason = 'x' WHERE id = {banding.id}", "frozen: banding"
        )

    def test_one_is_open_at_a_time(self, cast):
        case = make_permohonan(S.APPEALED, cast=cast)
        first = make_banding(case)
        again = Banding(
            permohonan_id=case.id,
            attempt=1,
            status_at=clock.now(),
            filed_at=clock.now(),
            reason="x",
        )
        nested = db.session.begin_nested()
        db.session.add(again)
        with pytest.raises(IntegrityError):
            db.session.flush()
        nested.rollback()
        first.status = BandingStatus.UPHELD
        db.session.flush()
        db.session.add(
            Banding(
                permohonan_id=case.id,
                attempt=1,
                status_at=clock.now(),
                filed_at=clock.now(),
                reason="x",
            )
        )
        db.session.flush()

    def test_a_member_does_not_take_over_a_meeting_of_the_case(self, cast):
        case = make_permohonan(S.SCHEDULED, cast=cast)
        member = factories.make_user(Role.ASESOR)
        make_banding(case, member)
        seat = dossier_of(case).booking
        refuses(
            f"UPDATE slot SET asesor_id = {member.id} WHERE id = {seat.slot_id}",
            "duty: panel_not_involved",
        )
