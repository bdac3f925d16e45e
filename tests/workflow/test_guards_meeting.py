"""Guards of booking, absence, pre-assessment and the start of an assessment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import AsesorDayOff, AsesorProfile, RemotePermission, Setting
from lsp.vocabulary import JadwalStatus, MeetingKind, Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import meeting as guards
from tests.workflow.asking import Question, answer, in_turn, on, on_case
from tests.workflow.cases import actor_of, hold_seat, make_cast, make_permohonan, person, upload

S = PermohonanStatus
PRE = S.PRE_SCHEDULED


def slot(dossier):
    return dossier.booking.slot


def jadwal(dossier):
    return dossier.booking.slot.jadwal


def record(dossier):
    return dossier.booking.record


def plan(dossier):
    return dossier.plan


def at(**span):
    """The meeting begins so long from now (or ago, when negative)."""

    def change(case, cast):
        begins = clock.now() + timedelta(**span)
        on(slot, starts_at=begins, ends_at=begins + timedelta(hours=2))(case, cast)

    return change


def seat_gone(case, cast):
    dossier_of(case).booking.cancelled_at = clock.now()


#: A meeting that is held at midnight began yesterday.
BEFORE_ANY_MEETING = timedelta(days=2)


def permission_over(case, cast):
    permission_of(cast).valid_until = clock.today_wib() - BEFORE_ANY_MEETING


def permission_of(cast):
    return db.session.query(RemotePermission).filter_by(skema_id=cast.skema.skema_id).one()


def method_not_listed(case, cast):
    permission_of(cast).methods = ["wawancara"]


def permission_ended(case, cast):
    permission_of(cast).ended_on = clock.today_wib() - BEFORE_ANY_MEETING


def permission_corrected(case, cast):
    """The row that was corrected counts no more, however much it allows."""
    old = permission_of(cast)
    db.session.add(
        RemotePermission(
            skema_id=old.skema_id, number="2/SJJ", valid_from=old.valid_from,
            valid_until=old.valid_until, methods=["lisan"], corrects_id=old.id,
        )
    )  # fmt: skip


def day_off_today(case, cast):
    begins = dossier_of(case).booking.slot.starts_at
    day = begins.date()
    db.session.add(
        AsesorDayOff(
            user_id=cast.asesor.id, starts_on=day, ends_on=day, from_moment=begins - timedelta(hours=1),
            until_moment=begins + timedelta(minutes=1),
        )
    )  # fmt: skip


def profile(**columns):
    def change(case, cast):
        row = db.session.get(AsesorProfile, cast.asesor.id)
        for name, value in columns.items():
            setattr(row, name, value)

    return change


def setting(key, value):
    def change(case, cast):
        db.session.query(Setting).filter_by(key=key).one().value = value

    return change


def another_of_the_asesor_today(case, cast):
    begins = dossier_of(case).booking.slot.starts_at + timedelta(microseconds=1)
    hold_seat(
        make_permohonan(S.PAID, cast=cast), MeetingKind.PRE_ASSESSMENT, cast, starts_at=begins
    )


def another_meeting_of_the_asesi(case, cast):
    other = make_cast()
    begins = dossier_of(case).booking.slot.starts_at + timedelta(microseconds=1)
    second = make_permohonan(S.PAID, cast=other, asesi=case.asesi)
    hold_seat(second, MeetingKind.PRE_ASSESSMENT, other, starts_at=begins)


def review(**columns):
    return on(lambda dossier: dossier.reviews[-1], **columns)


def evidence_before_the_request(case, cast):
    long_ago = clock.now() - timedelta(days=1)
    for document in dossier_of(case).documents:
        document.created_at = long_ago


def negative_review(case, cast):
    review(can_continue=False, missing_evidence="Sertifikat pelatihan")(case, cast)


QUESTIONS = [
    Question(guards.seat_held(MeetingKind.PRE_ASSESSMENT), PRE, seat_gone, "Pilih jadwal dulu"),
    Question(
        guards.seat_held(MeetingKind.PRE_ASSESSMENT),
        PRE,
        on(slot, kind=MeetingKind.ASSESSMENT),
        "tidak sesuai dengan permohonan",
    ),
    Question(guards.seat_held(MeetingKind.PRE_ASSESSMENT), PRE, on(jadwal, mode=Mode.LURING), "tidak sesuai"),
    Question(
        guards.seat_held(MeetingKind.PRE_ASSESSMENT), PRE, on(jadwal, status=JadwalStatus.DRAFT), "tidak sesuai"
    ),
    Question(
        guards.seat_held(MeetingKind.ASSESSMENT),
        S.SCHEDULED,
        lambda case, cast: on(slot, cancelled_at=clock.now())(case, cast),
        "tidak sesuai",
    ),
    Question(
        guards.no_change_of_mode_waits, PRE, on_case(mode_agreed_at=clock.now()), "Asesi setuju ganti ke tatap muka"
    ),
    Question(guards.slot_not_over, PRE, at(hours=-3), "sudah lewat"),
    Question(guards.remote_permission_in_force, PRE, permission_over, "izin asesmen jarak jauh"),
    Question(
        guards.planned_methods_permitted, PRE, on(plan, methods=["observasi"]), "rencana asesmen ini: Observasi",
        prepare=lambda case, cast: setattr(permission_of(cast), "methods", ["portofolio", "wawancara"]),
    ),
    Question(guards.planned_methods_permitted, S.SCHEDULED, permission_ended, "izin asesmen jarak jauh"),
    Question(guards.meeting_link_set, PRE, on(slot, meeting_url=""), "Tautan rapat"),
    Question(
        guards.asesor_eligible,
        PRE,
        lambda case, cast: profile(met_valid_until=clock.today_wib() - timedelta(days=2))(case, cast),
        "Sertifikat MET",
    ),
    Question(guards.asesor_eligible, PRE, profile(skk_number=""), "SKK milik asesor jadwal ini belum dicatat"),
    Question(
        guards.asesor_eligible,
        PRE,
        lambda case, cast: profile(skk_valid_until=clock.today_wib() - timedelta(days=2))(case, cast),
        "SKK milik asesor jadwal ini hanya berlaku",
    ),
    Question(guards.asesor_not_off, PRE, day_off_today, "Asesor tidak bertugas pada tanggal itu"),
    Question(guards.remote_permission_in_force, PRE, method_not_listed, "tidak memuat metode skema ini: Portofolio"),
    Question(guards.remote_permission_in_force, PRE, permission_corrected, "tidak memuat metode skema ini"),
    Question(guards.remote_permission_in_force, PRE, permission_ended, "izin asesmen jarak jauh"),
    Question(guards.asesor_eligible, PRE, profile(scope=["SI02"]), "lingkup subklasifikasi"),
    Question(guards.asesor_eligible, PRE, profile(jenjang=5), "Jenjang asesor"),
    Question(
        guards.asesor_eligible,
        PRE,
        lambda case, cast: db.session.delete(db.session.get(AsesorProfile, cast.asesor.id)),
        "belum terdaftar lengkap",
    ),
    Question(
        guards.asesor_has_time_that_day,
        PRE,
        another_of_the_asesor_today,
        "sudah punya 1 asesi pada hari itu",
        prepare=setting("asesor_daily_load", 1),
    ),
    Question(guards.no_clash, PRE, another_of_the_asesor_today, "Asesor sudah punya rapat lain"),
    Question(guards.no_clash, PRE, another_meeting_of_the_asesi, "Asesi sudah punya rapat lain"),
    Question(
        guards.same_asesor_as_before,
        S.SCHEDULED,
        lambda case, cast: on(slot, asesor_id=cast.second_asesor.id)(case, cast),
        "harus sama dengan asesor pra-asesmen",
        role=Role.ASESI,
    ),
    Question(
        guards.may_still_move, PRE, at(hours=23), "24 jam sebelumnya", prepare=at(hours=25), role=Role.ASESI
    ),
    Question(
        guards.may_still_move,
        PRE,
        on_case(asesi_moves=2),
        "semua kesempatan",
        prepare=in_turn(at(hours=25), on_case(asesi_moves=1)),
        role=Role.ASESI,
    ),
    Question(guards.waited_long_enough, PRE, at(minutes=-14), "Tunggu 15 menit", prepare=at(minutes=-16)),
    Question(
        guards.absent_party_recorded,
        PRE,
        on(record, absent_party=""),
        "siapa yang tidak hadir",
        prepare=on(record, absent_party="asesi"),
    ),
    Question(
        guards.asesi_absent_again,
        PRE,
        on_case(asesi_absences=0),
        "ketidakhadiran asesi yang ke-2",
        prepare=in_turn(on(record, absent_party="asesi"), on_case(asesi_absences=1)),
    ),
    Question(
        guards.asesi_absent_again,
        PRE,
        on(record, absent_party="asesor"),
        "ketidakhadiran asesi",
        prepare=in_turn(on(record, absent_party="asesi"), on_case(asesi_absences=1)),
    ),
    Question(guards.both_attended, PRE, on(record, asesi_present_at=None), "kehadiran"),
    Question(guards.both_attended, PRE, on(record, asesor_present_at=None), "kehadiran"),
    Question(guards.conflict_declared, PRE, on(record, conflict_declared_at=None), "benturan kepentingan"),
    Question(guards.remote_record_kept, PRE, on(record, identity_checked_at=None), "wajah asesi"),
    Question(guards.remote_record_kept, PRE, on(record, surroundings_checked_at=None), "ruangannya"),
    Question(guards.remote_record_kept, PRE, on(record, recording_consent_at=None), "perekaman"),
    Question(
        guards.apl_02_reviewed(can_continue=True), PRE, review(can_continue=False), "“dapat dilanjutkan”"
    ),
    Question(
        guards.apl_02_reviewed(can_continue=False),
        PRE,
        review(can_continue=True),
        "“tidak dapat dilanjutkan”",
        prepare=negative_review,
    ),
    Question(
        guards.apl_02_reviewed(can_continue=False),
        PRE,
        review(missing_evidence=" "),
        "bukti yang kurang",
        prepare=negative_review,
    ),
    Question(guards.evidence_rounds_left, PRE, on_case(evidence_rounds=2), "sudah dua kali"),
    Question(
        guards.evidence_rounds_used_up,
        PRE,
        on_case(evidence_rounds=1),
        "kesempatannya belum habis",
        prepare=on_case(evidence_rounds=2),
    ),
    Question(
        guards.new_evidence_added, S.EVIDENCE_NEEDED, evidence_before_the_request, "satu bukti baru"
    ),
    Question(guards.mapa_chosen, PRE, on(plan, mapa_chosen_at=None), "FR.MAPA.01"),
    Question(guards.mapa_chosen, PRE, on(plan, mapa_id=None, methods=[]), "FR.MAPA.01"),
    Question(guards.fr_ak_07_filled, PRE, on(plan, fr_ak_07_at=None), "FR.AK.07"),
    Question(guards.appeal_right_explained, PRE, on(record, appeal_explained_at=None), "hak banding"),
    Question(guards.fr_ak_01_signed, PRE, on(plan, methods=["lisan"]), "FR.AK.01 belum ditandatangani asesi"),
    Question(guards.fr_ak_01_signed, S.SCHEDULED, on_case(attempt=2), "FR.AK.01 belum ditandatangani asesi"),
    Question(
        guards.fr_ak_01_signed,
        S.SCHEDULED,
        lambda case, cast: on(slot, asesor_id=cast.second_asesor.id)(case, cast),
        "FR.AK.01 belum ditandatangani asesor",
    ),
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_guard(app, question):
    question.ask()


def test_asesor_of_the_slot_is_not_the_asesi(app):
    cast = make_cast()
    case = make_permohonan(PRE, cast=cast)
    assert answer(guards.asesor_is_not_asesi, case, actor_of(case.asesi)) is None
    with db.session.no_autoflush:
        case.asesi_id = (
            cast.asesor.id
        )  # the database would refuse it (tests/services/test_triggers.py)
        assert "adalah asesi permohonan ini" in answer(
            guards.asesor_is_not_asesi, case, cast.of(Role.ADMIN, case)
        )
    db.session.rollback()


def test_new_evidence_is_younger_than_the_request(app):
    case = make_permohonan(S.EVIDENCE_NEEDED, work_done=False)
    asesi = actor_of(case.asesi)
    evidence_before_the_request(case, None)
    db.session.flush()
    assert answer(guards.new_evidence_added, case, asesi) is not None
    upload(case, "Sertifikat pelatihan")
    assert answer(guards.new_evidence_added, case, asesi) is None


def test_person_of_no_role_is_no_reason_to_fall_over(app):
    case = make_permohonan(PRE)
    stranger = actor_of(person(Role.AUDITOR))
    assert answer(guards.may_still_move, case, stranger) is None
