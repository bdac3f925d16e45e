"""Stages 2 and 3 of a case: the meetings, the plan, FR.AK.01 and FR.AK.02."""

from __future__ import annotations

from datetime import timedelta

from lsp import clock
from lsp.database import db
from lsp.models import (
    Apl02Review,
    AssessmentPlan,
    FrAk02,
    FrAk02Unit,
    MeetingRecord,
    Permohonan,
    User,
)
from lsp.vocabulary import Answer, Form, MeetingKind, Mode, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import forms_to_sign
from tests.support.assessment import fill_instruments
from tests.workflow.people import Story
from tests.workflow.rows import ago, attend, hold_seat, seat_of, sign, upload

PART_A = (
    *("bahasa", "dukungan", "teknologi", "kelelahan"),
    *("peralatan", "tempat", "usia", "budaya"),
)
PART_B = ("acuan", "potensi", "konteks")
AGREED = {"benchmark": "SKKNI", "methods": "Wawancara", "instruments": "FR.IA.09"}
#: FR.AK.07 as it is stored when no adjustment is needed.
NOTHING_NEEDED = {
    "version": 1,
    "potential": ["3"],
    "a": {key: {"answer": "tidak", "note": "", "options": []} for key in PART_A},
    "b": {key: {"answer": "ya", "note": "SKKNI"} for key in PART_B},
    "agreed": AGREED,
}


def hold_pre_seat(case: Permohonan, story: Story) -> None:
    hold_seat(case, MeetingKind.PRE_ASSESSMENT, story.cast)


def hold_assessment_seat(case: Permohonan, story: Story) -> None:
    hold_seat(case, MeetingKind.ASSESSMENT, story.cast)


def review(case: Permohonan, story: Story, *, can_continue: bool) -> None:
    seat = seat_of(case)
    db.session.add(
        Apl02Review(
            permohonan_id=case.id,
            booking_id=seat.id,
            attempt=case.attempt,
            asesor_id=story.cast.asesor.id,
            can_continue=can_continue,
            missing_evidence="" if can_continue else "Sertifikat pelatihan K3",
        )
    )
    db.session.flush()


def hold_pre_assessment(case: Permohonan, story: Story) -> None:
    attend(case, seat_of(case))
    review(case, story, can_continue=True)
    now, asesor = clock.now(), story.cast.asesor
    db.session.add(
        AssessmentPlan(
            permohonan_id=case.id,
            attempt=case.attempt,
            asesor_id=asesor.id,
            mapa_id=story.cast.mapa.id,
            approach=story.cast.mapa.approach,
            methods=list(story.cast.skema.methods),
            mapa_chosen_at=now,
            fr_ak_07=NOTHING_NEEDED,
            fr_ak_07_at=now,
            fr_ak_01_evidence=list(story.cast.skema.methods),
            fr_ak_01_at=now,
            fr_ak_01_version=1,
            agreed_starts_at=now + timedelta(days=3),
            agreed_place="TUK Rekaan",
            backup_contact="0811 0000 0000",
        )
    )
    db.session.flush()
    sign(case, Form.FR_AK_01, case.asesi, Role.ASESI)
    sign(case, Form.FR_AK_01, asesor, Role.ASESOR)


def ask_evidence(case: Permohonan, story: Story) -> None:
    attend(case, seat_of(case))
    review(case, story, can_continue=False)


def close_meeting(case: Permohonan, story: Story) -> None:
    """The seat had its outcome; the meeting's times and, when remote, its recording are noted."""
    seat = seat_of(case)
    seat.closed_at = clock.now()
    record = db.session.get(MeetingRecord, seat.id)
    assert record is not None
    record.started_at = record.started_at or ago(minutes=20)
    record.ended_at = record.ended_at or clock.now()
    if case.mode is Mode.DARING:
        record.recording_reference = "https://contoh.id/rekaman/rekaan"
        record.screenshot_document_id = upload(case, "Tangkapan layar", "screenshot").id


def add_evidence(case: Permohonan, story: Story) -> None:
    upload(case, "Sertifikat pelatihan K3", "evidence")


def come(case: Permohonan, story: Story) -> None:
    attend(case, seat_of(case))


def start(case: Permohonan, story: Story) -> None:
    record = db.session.get(MeetingRecord, seat_of(case).id)
    assert record is not None
    record.started_at = ago(minutes=20)


def assess(case: Permohonan, story: Story) -> None:
    """The instruments and FR.AK.02 filled and signed by both, the meeting ended."""
    positive, seat = story.recommendation is Answer.K, seat_of(case)
    fill_instruments(case)
    paper = FrAk02(
        permohonan_id=case.id,
        booking_id=seat.id,
        attempt=case.attempt,
        asesor_id=story.cast.asesor.id,
        recommendation=story.recommendation,
        follow_up="" if positive else "Latihan penyusunan laporan.",
        written_feedback="Sudah teliti, lanjutkan mencatat temuan.",
        asesi_signature="signed",
    )
    paper.units = [
        FrAk02Unit(
            unit_id=unit.id,
            evidence=dossier_of(case).findings.kinds(unit.id),
            failed=not positive and number == 0,
            reason="" if positive or number else "Belum dapat menjelaskan prosedur.",
        )
        for number, unit in enumerate(story.cast.skema.units)
    ]
    db.session.add(paper)
    record = db.session.get(MeetingRecord, seat.id)
    if record is not None:
        record.ended_at = clock.now()
    db.session.flush()
    sign_result(case, story.cast.asesor)


def sign_result(case: Permohonan, asesor: User) -> None:
    """FR.AK.02 and every FR.IA, by both."""
    for user, role in ((case.asesi, Role.ASESI), (asesor, Role.ASESOR)):
        for form in forms_to_sign(dossier_of(case), role):
            sign(case, form, user, role)


def freeze(case: Permohonan, story: Story) -> None:
    paper = dossier_of(case).fr_ak_02
    assert paper is not None
    now = clock.now()
    paper.frozen_at = now
    for filled in dossier_of(case).instruments.values():
        filled.frozen_at = now
    close_meeting(case, story)
