"""Guards of stage 1: each once where it holds and once (or more) where it speaks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.models import ChecklistItem, Consent, ConsentText, Elemen, FrApl02Answer, FrApl02Evidence
from lsp.services.apl01 import save_section
from lsp.services.verification import record_met_rule
from lsp.vocabulary import (
    PHOTO_CODE,
    AssessmentPurpose,
    FormSection,
    PermohonanStatus,
    RequestKind,
    Role,
    Verdict,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import registration as guards
from lsp.workflow.permohonan import PERMOHONAN
from lsp.workflow.sections import content
from tests.workflow.asking import Question, answer, in_turn, on, on_case
from tests.workflow.cases import actor_of, make_cast, make_permohonan, upload

S = PermohonanStatus


def apl_01(dossier):
    return dossier.fr_apl_01


def first_item(dossier):
    return dossier.checklist[dossier.requirements[0].id]


def last_document(dossier):
    return dossier.documents[-1]


def close_skema(case, cast):
    cast.skema.opened_at = None


def one_more_elemen(case, cast):
    unit = cast.skema.units[0]
    db.session.add(Elemen(unit_id=unit.id, position=9, number="9", title="Elemen rekaan baru"))


def forget_evidence(case, cast):
    for row in _answers(case):
        row.evidence_note = ""


def change_answer(case, cast):
    _answers(case)[0].evidence_note = "Surat tugas 2025"


def _answers(case):
    return db.session.query(FrApl02Answer).filter_by(permohonan_id=case.id).all()


def withdraw_consent(case, cast):
    consent = (
        db.session.query(Consent)
        .join(ConsentText)
        .filter(Consent.permohonan_id == case.id, ConsentText.kind == "perjanjian")
        .one()
    )
    consent.withdrawn_at = clock.now()


def another_submitted_with_same_id_izin(case, cast):
    make_permohonan(S.SUBMITTED, cast=cast, id_izin=case.id_izin)


def verdict(value, note=""):
    return on(first_item, verdict=value, note=note)


def repaired_at_siki(case, cast):
    """Sent back to SIKI, unchanged here, and seen there."""
    db.session.add(
        ChecklistItem(
            permohonan_id=case.id,
            section=FormSection.PRIBADI,
            verdict=Verdict.MEETS,
            judged_by_id=cast.admin.id,
            judged_at=clock.now(),
            sealed=content(case, FormSection.PRIBADI),
            siki_asked_at=clock.now(),
            siki_seen_at=clock.now(),
        )
    )


def at_siki(dossier):
    return dossier.sections[FormSection.PRIBADI]


def make_first_optional(case, cast):
    cast.skema.requirements[0].required = False


def for_renewals_only(case, cast):
    """The alternative that was ticked turns out to be one of another kind of request."""
    cast.skema.education_rules[0].kind = RequestKind.PERPANJANGAN


def born(years, days):
    today = clock.today_wib()
    return (
        today.replace(year=today.year - years, day=min(today.day, 28)) + timedelta(days=days)
    ).isoformat()


def photo_as_pdf(case, cast):
    dossier = dossier_of(case)
    document = last_document(dossier)
    next(row for row in dossier.requirements if row.id == document.requirement_id).code = PHOTO_CODE


QUESTIONS = [
    Question(
        guards.old_enough,
        S.DRAFT,
        on(apl_01, birth_date=born(17, 5)),
        "sedikitnya 17 tahun",
        prepare=on(apl_01, birth_date=born(17, -5)),
    ),
    Question(guards.education_rule_claimed, S.DRAFT, for_renewals_only, "Pilih syarat pendidikan"),
    Question(
        guards.met_alternative_recorded, S.SUBMITTED, for_renewals_only, "Catat syarat pendidikan"
    ),
    Question(guards.skema_open, S.DRAFT, close_skema, "belum dibuka"),
    Question(guards.id_izin_well_formed, S.DRAFT, on_case(id_izin="I-12"), "ID Izin belum benar"),
    Question(
        guards.id_izin_well_formed, S.DRAFT, on_case(id_izin="I 2026 11"), "ID Izin belum benar"
    ),
    Question(
        guards.id_izin_held_by_no_other,
        S.DRAFT,
        another_submitted_with_same_id_izin,
        "sudah dipakai",
    ),
    Question(guards.fr_apl_01_complete, S.DRAFT, on(apl_01, nik=None), "belum lengkap: NIK"),
    Question(guards.fr_apl_01_complete, S.DRAFT, on(apl_01, nik="990001"), "NIK terdiri dari 16"),
    Question(guards.fr_apl_01_complete, S.DRAFT, on(apl_01, phone_mobile=""), "nomor HP"),
    Question(
        guards.fr_apl_01_complete,
        S.DRAFT,
        on(apl_01, purpose=AssessmentPurpose.LAINNYA),
        "tujuan lainnya",
    ),
    Question(
        guards.education_rule_claimed,
        S.DRAFT,
        on(apl_01, claimed_rule_id=None),
        "Pilih syarat pendidikan",
    ),
    Question(
        guards.fr_apl_01_signed,
        S.DRAFT,
        on(apl_01, address="Jl. Lain"),
        "berubah sesudah Anda tanda tangani",
    ),
    Question(guards.fr_apl_02_answered, S.DRAFT, one_more_elemen, "1 elemen belum dijawab"),
    Question(
        guards.fr_apl_02_answered,
        S.DRAFT,
        forget_evidence,
        "2 elemen dijawab K tetapi belum ada buktinya",
    ),
    Question(guards.fr_apl_02_signed, S.DRAFT, change_answer, "FR.APL.02 berubah sesudah"),
    Question(
        guards.required_documents_present,
        S.DRAFT,
        lambda case, cast: on(last_document, replaced_at=clock.now())(case, cast),
        "belum diunggah: Dokumen 2",
    ),
    Question(
        guards.failed_documents_replaced,
        S.RETURNED,
        lambda case, cast: on(first_item, judged_at=clock.now() + timedelta(minutes=1))(case, cast),
        "Dokumen 1 belum diganti",
        role=Role.ASESI,
    ),
    Question(
        guards.failed_sections_changed,
        S.RETURNED,
        lambda case, cast: db.session.add(
            ChecklistItem(
                permohonan_id=case.id,
                section=FormSection.PRIBADI,
                verdict=Verdict.FAILS,
                note="NIK salah.",
                judged_by_id=cast.admin.id,
                judged_at=clock.now(),
                sealed=content(case, FormSection.PRIBADI),
            )
        ),
        "Data pribadi belum diubah",
        role=Role.ASESI,
    ),
    Question(
        guards.every_required_item_judged,
        S.SUBMITTED,
        lambda case, cast: db.session.add(
            ChecklistItem(permohonan_id=case.id, section=FormSection.PRIBADI)
        ),
        "1 butir wajib yang belum dinilai",
    ),
    Question(guards.consents_given, S.DRAFT, withdraw_consent, "Perjanjian sertifikasi"),
    Question(
        guards.every_required_item_judged,
        S.SUBMITTED,
        verdict(None),
        "1 butir wajib yang belum dinilai",
    ),
    Question(
        guards.failing_items_named,
        S.SUBMITTED,
        verdict(Verdict.MEETS),
        "Tidak ada butir yang gagal",
        prepare=verdict(Verdict.FAILS, "KTP buram"),
    ),
    Question(
        guards.failing_items_named,
        S.SUBMITTED,
        verdict(Verdict.ABSENT, "  "),
        "Tulis catatan untuk: Dokumen 1",
        prepare=verdict(Verdict.FAILS, "KTP buram"),
    ),
    Question(
        guards.all_required_items_meet,
        S.SUBMITTED,
        verdict(Verdict.FAILS),
        "Belum memenuhi syarat: Dokumen 1",
    ),
    Question(guards.all_required_items_meet, S.SUBMITTED, verdict(Verdict.ABSENT), "Dokumen 1"),
    Question(
        guards.all_required_items_meet,
        S.SUBMITTED,
        verdict(Verdict.FAILS),
        "Dokumen 1",
        prepare=in_turn(make_first_optional, verdict(None)),
    ),
    Question(
        guards.repairs_seen_at_siki,
        S.SUBMITTED,
        on(at_siki, siki_seen_at=None),
        "Lihat dulu perbaikannya di SIKI, lalu centang pada butirnya: Data pribadi",
        prepare=repaired_at_siki,
    ),
    Question(
        guards.photo_is_a_picture,
        S.SUBMITTED,
        photo_as_pdf,
        "Pas foto masih berupa PDF",
    ),
    Question(
        guards.met_alternative_recorded,
        S.SUBMITTED,
        on_case(met_rule_id=None),
        "Catat syarat pendidikan",
    ),
    Question(
        guards.apl_01_accepted_by_admin,
        S.SUBMITTED,
        on(apl_01, address="Jl. Lain"),
        "rekomendasi FR.APL.01",
    ),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_guard(app, question):
    question.ask()


def test_document_is_evidence_as_good_as_words(app):
    cast = make_cast()
    case = make_permohonan(S.DRAFT, cast=cast)
    forget_evidence(case, cast)
    document = upload(case, "Ijazah")
    for row in _answers(case):
        db.session.add(FrApl02Evidence(answer_id=row.id, document_id=document.id))
    db.session.flush()
    assert answer(guards.fr_apl_02_answered, case, actor_of(case.asesi)) is None


def test_id_izin_of_a_draft_that_ended_is_free_for_another(app):
    cast = make_cast()
    case = make_permohonan(S.DRAFT, cast=cast)
    ended = make_permohonan(S.WITHDRAWN, cast=cast, id_izin=case.id_izin, submitted_at=None)
    assert ended.submitted_at is None
    assert answer(guards.id_izin_held_by_no_other, case, actor_of(case.asesi)) is None


def test_checklist_of_another_kind_of_request_does_not_stop_a_return(app):
    """The asesi changed the kind of request while repairing; rows judged for the old kind remain."""
    cast = make_cast()
    case = make_permohonan(S.SUBMITTED, cast=cast)
    in_turn(verdict(Verdict.FAILS, "KTP buram"), on_case(kind=RequestKind.PERPANJANGAN))(case, cast)
    said = answer(guards.failing_items_named, case, cast.of(Role.ADMIN, case))
    assert "Tidak ada butir yang gagal" in said


def test_every_sentence_is_what_perform_refuses_with(app):
    """The same words under the button and in the refusal."""
    cast = make_cast()
    case = make_permohonan(S.DRAFT, cast=cast)
    dossier_of(case).fr_apl_01.nik = None
    db.session.flush()
    asesi = actor_of(case.asesi)
    shown = PERMOHONAN.choice(case, asesi, "submit").reason
    with pytest.raises(NotAllowed) as refusal:
        PERMOHONAN.perform(case, "submit", asesi, version=case.version)
    assert str(refusal.value) == shown
    assert "NIK" in shown


class TestAlternativesOfAnotherKindOfRequest:
    """Only the alternatives of the skema and of this kind of request can be claimed or met."""

    def test_the_asesi_cannot_claim_one(self, app):
        case = make_permohonan(S.DRAFT)
        rule = case.skema_version.education_rules[1]
        rule.kind = RequestKind.PERPANJANGAN
        db.session.flush()
        with pytest.raises(DomainError, match="dari daftar"):
            save_section(case, "sertifikasi", {"claimed_rule_id": rule.id})

    def test_the_admin_cannot_record_one(self, app):
        cast = make_cast()
        case = make_permohonan(S.SUBMITTED, cast=cast)
        rule = case.skema_version.education_rules[1]
        rule.kind = RequestKind.PERPANJANGAN
        db.session.flush()
        with pytest.raises(DomainError, match="dari daftar"):
            record_met_rule(cast.of(Role.ADMIN, case), case, rule.id)

    def test_what_was_met_is_judged_anew_after_a_return(self, app):
        case = make_permohonan(S.RETURNED)
        case.met_rule_id = case.skema_version.education_rules[0].id
        db.session.flush()
        PERMOHONAN.perform(case, "submit", actor_of(case.asesi), version=case.version)
        db.session.commit()
        assert case.met_rule_id is None
