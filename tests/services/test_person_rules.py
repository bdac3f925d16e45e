"""Who is barred from a case, by raw SQL (through `perform`: tests/workflow/test_duty.py)."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from lsp.database import db
from lsp.models import Countersignature
from lsp.vocabulary import DutyRule, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.services.raw_sql import refuses, run, waive
from tests.support.assessment import make_filled, make_third_party
from tests.workflow.cases import make_cast, make_permohonan, person, put_on_agenda
from tests.workflow.rows import verified_too

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


def insert_vote(place, member_id):
    return (
        "INSERT INTO vote (pleno_case_id, member_id, recommendation, agrees, note, declared_at, created_at)"
        f" VALUES ({place.id}, {member_id}, 'K', true, '', '2026-01-01', '2026-01-01')"
    )


def insert_booking(booking, *, permohonan_id, seat=9):
    """Another seat in the slot of a booking, for another case."""
    return (
        "INSERT INTO booking (public_id, slot_id, seat, permohonan_id, peserta_id, attempt, booked_by_id,"
        " cancel_reason, created_at)"
        f" VALUES ('ZZZZZZZZZZZZZZZZ', {booking.slot_id}, {seat}, {permohonan_id}, {booking.peserta_id}, 1,"
        f" {booking.booked_by_id}, '', '2026-01-01')"
    )


@pytest.mark.both
class TestPersonRules:
    def test_asesor_of_the_case_does_not_vote(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
        place = put_on_agenda(case, cast)
        refuses(insert_vote(place, cast.asesor.id), "duty: asesor_not_pleno")
        run(insert_vote(place, cast.second_asesor.id))  # not of this case

    def test_asesor_who_countersigned_does_not_vote(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
        place = put_on_agenda(case, cast)
        paper = dossier_of(case).fr_ak_02
        db.session.add(
            Countersignature(fr_ak_02_id=paper.id, by_id=cast.second_asesor.id, word="agrees")
        )
        db.session.flush()
        refuses(insert_vote(place, cast.second_asesor.id), "duty: asesor_not_pleno")

    def test_verifier_does_not_vote_unless_waived(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
        place = put_on_agenda(case, cast)
        refuses(insert_vote(place, cast.admin.id), "duty: verifier_not_pleno")
        waive(case, DutyRule.VERIFIER_NOT_PLENO, cast.admin, cast.ketua)
        run(insert_vote(place, cast.admin.id))

    @pytest.mark.parametrize("how", ["judged", "signed"])
    def test_who_verified_does_not_vote_though_another_pressed_the_last_button(self, cast, how):
        case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
        place, helper = put_on_agenda(case, cast), person(Role.ADMIN, Role.TIM_TEKNIS)
        run(insert_vote(place, cast.second_asesor.id))  # a stranger to the documents
        verified_too(case, helper, how)
        refuses(insert_vote(place, helper.id), "duty: verifier_not_pleno")
        waive(case, DutyRule.VERIFIER_NOT_PLENO, helper, cast.ketua)
        run(insert_vote(place, helper.id))

    def test_nobody_signs_the_sk_of_his_own_case(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)  # a signed SK is frozen
        sign = (
            "UPDATE pleno SET sk_signed_by_id = :person, sk_signed_at = '2026-01-01', sk_number = 'SK'"
            " WHERE id IN (SELECT pleno_id FROM pleno_case WHERE permohonan_id = :case)"
        )
        refuses(sign, "duty: own_case", person=case.asesi_id, case=case.id)
        run(sign, person=cast.ketua.id, case=case.id)

    def test_asesi_does_not_vote_on_his_own_case(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
        refuses(insert_vote(put_on_agenda(case, cast), case.asesi_id), "duty: own_case")

    def test_asesor_has_no_seat_in_his_own_meeting(self, cast):
        case = make_permohonan(S.PRE_SCHEDULED, cast=cast)
        own = make_permohonan(S.PAID, cast=make_cast(), asesi=cast.asesor)
        booking = dossier_of(case).booking
        refuses(insert_booking(booking, permohonan_id=own.id), "duty: asesor_not_asesi")

    def test_member_of_the_pleno_does_not_become_asesor(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        other = make_permohonan(S.PRE_SCHEDULED, cast=make_cast())
        booking = dossier_of(other).booking
        run(
            "UPDATE slot SET asesor_id = :chair WHERE id = :id",
            chair=cast.chair.id,
            id=booking.slot_id,
        )
        refuses(insert_booking(booking, permohonan_id=case.id), "duty: asesor_not_pleno")

    def test_slot_with_seats_is_not_given_to_the_asesi_or_the_pleno(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        slot = dossier_of(case).bookings[-1].slot_id
        give = "UPDATE slot SET asesor_id = :person WHERE id = :slot"
        refuses(give, "duty: asesor_not_asesi", person=case.asesi_id, slot=slot)
        refuses(give, "duty: asesor_not_pleno", person=cast.chair.id, slot=slot)
        run(give, person=cast.second_asesor.id, slot=slot)

    def test_seat_is_not_moved_into_a_meeting_of_ones_own(self, cast):
        own = make_permohonan(S.PRE_SCHEDULED, cast=make_cast(), asesi=cast.asesor)
        case = make_permohonan(S.PRE_SCHEDULED, cast=cast)
        refuses(
            "UPDATE booking SET slot_id = :slot, seat = 9 WHERE permohonan_id = :own",
            "duty: asesor_not_asesi",
            slot=dossier_of(case).booking.slot_id,
            own=own.id,
        )

    def test_paper_of_the_asesor_is_not_written_by_asesi_or_pleno(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        paper = dossier_of(case).fr_ak_02
        insert = (
            "INSERT INTO fr_ak_02 (public_id, permohonan_id, booking_id, attempt, edition, asesor_id, follow_up,"
            " comment, written_feedback, asesi_signature, asesi_refusal_reason, created_at)"
            f" VALUES ('ZZZZZZZZZZZZZZZZ', {case.id}, {paper.booking_id}, 1, 2, :who, '', '', '', '', '', '2026-01-01')"
        )
        refuses(insert, "duty: asesor_not_asesi", who=case.asesi_id)
        refuses(insert, "duty: asesor_not_pleno", who=cast.chair.id)
        run(insert, who=cast.second_asesor.id)
        change = "UPDATE fr_ak_02 SET asesor_id = :who WHERE edition = 2"
        refuses(change, "duty: asesor_not_asesi", who=case.asesi_id)
        refuses(change, "duty: asesor_not_pleno", who=cast.chair.id)

    @pytest.mark.parametrize("make", [make_filled, make_third_party])
    def test_who_filled_an_instrument_and_gave_his_meeting_away_does_not_vote(self, cast, make):
        case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
        place, before = put_on_agenda(case, cast), person(Role.ASESOR, Role.TIM_TEKNIS)
        run(insert_vote(place, cast.second_asesor.id))  # a stranger to the case
        make(case, asesor_id=before.id)
        refuses(insert_vote(place, before.id), "duty: asesor_not_pleno")

    @pytest.mark.parametrize("who", ["asesi", "chair"])
    @pytest.mark.parametrize("make", [make_filled, make_third_party])
    def test_an_instrument_is_not_filled_by_asesi_or_pleno(self, cast, make, who):
        case = make_permohonan(S.COMPETENT, cast=cast)
        barred = case.asesi_id if who == "asesi" else cast.chair.id
        rule = "asesor_not_asesi" if who == "asesi" else "asesor_not_pleno"
        with pytest.raises(DBAPIError, match=f"duty: {rule}"), db.session.begin_nested():
            make(case, asesor_id=barred)
        make(case, asesor_id=cast.second_asesor.id)

    def test_case_is_not_given_to_another_asesi(self, cast):
        case = make_permohonan(S.PRE_SCHEDULED, cast=cast)
        refuses(
            "UPDATE permohonan SET asesi_id = :asesor WHERE id = :id",
            "frozen: permohonan asesi",
            asesor=cast.asesor.id,
            id=case.id,
        )

    def test_only_a_draft_that_nobody_claimed_goes_to_another_address(self, cast):
        case = make_permohonan(S.DRAFT, cast=cast)
        change = "UPDATE permohonan SET asesi_id = :other WHERE id = :id"
        values = {"other": cast.asesor.id, "id": case.id}
        refuses(change, "frozen: permohonan asesi", **values)
        run(
            "INSERT INTO claim (permohonan_id, tries, created_at) VALUES (:id, 0, '2026-01-01')",
            id=case.id,
        )
        run(change, **values)

    @pytest.mark.parametrize("who", ["asesor", "chair"])
    def test_signer_is_not_of_the_case_unless_waived(self, cast, who):
        case = make_permohonan(S.RECORDED, cast=cast)
        involved = getattr(cast, who)
        refuses(_insert_certificate(case, involved.id), "duty: signer_not_involved")
        waive(case, DutyRule.SIGNER_NOT_INVOLVED, involved, cast.ketua)
        run(_insert_certificate(case, involved.id))

    def test_chair_who_decided_without_a_vote_neither_signs_nor_assesses(self, cast):
        case = make_permohonan(S.RECORDED, cast=cast)
        chair = person(Role.TIM_TEKNIS)
        run(_insert_event(case, chair.id))
        refuses(_insert_certificate(case, chair.id), "duty: signer_not_involved")
        slot = dossier_of(case).bookings[-1].slot_id
        give = "UPDATE slot SET asesor_id = :person WHERE id = :slot"
        refuses(give, "duty: asesor_not_pleno", person=chair.id, slot=slot)
        run(_insert_certificate(case, cast.ketua.id))

    def test_nobody_signs_his_own_certificate(self, cast):
        case = make_permohonan(S.RECORDED, cast=cast)
        refuses(_insert_certificate(case, case.asesi_id), "duty: own_case")
        run(_insert_certificate(case, cast.ketua.id))


def _insert_event(case, actor_id):
    return (
        "INSERT INTO permohonan_event (permohonan_id, at, transition, target, actor_id, actor_role, attempt, note)"
        f" VALUES ({case.id}, '2026-01-01', 'decide_competent', 'competent', {actor_id}, 'tim_teknis', 1, '')"
    )


def _insert_certificate(case, signer_id):
    return (
        "INSERT INTO certificate (public_id, version, token, permohonan_id, status, status_at, certificate_number,"
        " lsp_registration_number, lpjk_number, lpjk_qr, blanko_number, holder_name, jabatan_kerja, jabatan_kerja_en,"
        " kualifikasi, jenjang, valid_from, valid_until, signed_by_id, created_at, print_unit_list)"
        f" VALUES ('ZZZZZZZZZZZZZZZZ', 1, 'Z', {case.id}, 'active', '2026-01-01', 'C', 'R', 'L', '', 'B', 'N', 'J', '',"
        f" 'K', 4, '2026-01-01', '2030-12-31', {signer_id}, '2026-01-01', FALSE)"
    )


@pytest.mark.both
class TestWaivers:
    @pytest.mark.parametrize("rule", ["asesor_not_asesi", "asesor_not_pleno", "own_case"])
    def test_some_rules_are_never_waived(self, cast, rule):
        case = make_permohonan(S.DRAFT, cast=cast, work_done=False)
        with pytest.raises(IntegrityError, match="rule_can_be_waived"), db.session.begin_nested():
            run(_insert_waiver(case, rule, cast.chair.id, cast.ketua.id))

    def test_nobody_gives_one_to_himself(self, cast):
        case = make_permohonan(S.DRAFT, cast=cast, work_done=False)
        with pytest.raises(IntegrityError, match="given_by_another"), db.session.begin_nested():
            run(_insert_waiver(case, "verifier_not_pleno", cast.chair.id, cast.chair.id))
        run(_insert_waiver(case, "verifier_not_pleno", cast.chair.id, cast.ketua.id))


def _insert_waiver(case, rule, person_id, given_by_id):
    return (
        "INSERT INTO duty_waiver (permohonan_id, rule, person_id, reason, given_by_id, given_at)"
        f" VALUES ({case.id}, '{rule}', {person_id}, 'LSP kecil', {given_by_id}, '2026-01-01')"
    )
