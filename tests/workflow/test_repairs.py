"""Sending back and sending again: exactly the failing items, what must change, what the admin then judges anew."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.forms.registration import CertificationForm, PersonalForm, WorkForm
from lsp.models import (
    ChecklistItem,
    FrApl01,
    FrApl02Answer,
    FrApl02Evidence,
    OutboxMessage,
)
from lsp.services import apl01, apl01_rows, documents, repair_answers
from lsp.services.apl01 import SECTIONS
from lsp.vocabulary import (
    FormSection,
    PermohonanStatus,
    Role,
    Verdict,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.repairs import repairs_of
from lsp.workflow.sections import content
from tests.support.repairs import NOTE, change_address, mark, perform, send_again, send_back
from tests.workflow.cases import actor_of, make_cast, make_permohonan, upload

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    """Judged, everything meets."""
    return make_permohonan(S.SUBMITTED, cast=cast)


class TestSections:
    def test_one_that_failed_stops_the_file_from_being_complete(self, cast, case):
        mark(cast, case, FormSection.PRIBADI)
        with pytest.raises(NotAllowed, match="Data pribadi"):
            perform(case, "verify", cast.of(Role.ADMIN, case))

    def test_unmarked_ones_need_no_verdict(self, cast, case):
        perform(case, "verify", cast.of(Role.ADMIN, case))
        assert case.status is S.VERIFIED

    def test_the_mail_names_exactly_what_failed(self, cast, case):
        send_back(cast, case, FormSection.PRIBADI, FormSection.FR_APL_02)
        mail = db.session.query(OutboxMessage).filter_by(kind="permohonan_returned").one()
        assert mail.payload["context"]["items"] == [
            f"Data pribadi: {NOTE}",
            f"Jawaban FR.APL.02: {NOTE}",
        ]

    def test_nothing_is_absent_in_a_form(self, cast, case):
        with pytest.raises(DomainError, match="Memenuhi"):
            mark(cast, case, FormSection.PEKERJAAN, verdict=Verdict.ABSENT)

    def test_who_marked_one_counts_as_verifier(self, cast, case):
        """As the trigger of the database sees it (process 1.2, D9)."""
        mark(cast, case, FormSection.PEKERJAAN)
        assert cast.admin.id in {
            row.judged_by_id for row in dossier_of(case).verdicts if row.section
        }

    def test_unchanged_it_cannot_be_sent_again(self, cast, case):
        send_back(cast, case, FormSection.PRIBADI)
        with pytest.raises(NotAllowed, match="Data pribadi belum diubah"):
            send_again(case)

    def test_saving_the_same_words_is_no_change(self, cast, case):
        send_back(cast, case, FormSection.PRIBADI)
        change_address(case, dossier_of(case).fr_apl_01.address)
        assert [each.done for each in repairs_of(case)] == [False]

    @pytest.mark.parametrize("section", list(FormSection))
    def test_what_stands_there_is_sealed_in_every_section(self, cast, case, section):
        send_back(cast, case, FormSection.PRIBADI)
        assert dossier_of(case).sections[section].sealed == content(case, section)

    def test_the_seal_is_ciphertext(self, cast, case):
        nik = dossier_of(case).fr_apl_01.nik
        send_back(cast, case, FormSection.PRIBADI)
        stored = db.session.scalars(text("SELECT sealed FROM checklist_item")).all()
        assert any(stored)
        assert not any(nik.encode() in bytes(each) for each in stored if each)


class TestSentAgain:
    def test_what_changed_is_judged_anew_and_the_rest_keeps_its_verdict(self, cast, case):
        mark(cast, case, FormSection.PEKERJAAN, verdict=Verdict.MEETS)
        send_back(cast, case, FormSection.PRIBADI)
        change_address(case)
        send_again(case)
        items = dossier_of(case).sections
        assert {each: item.verdict for each, item in items.items()} == {
            FormSection.PRIBADI: None,
            FormSection.PEKERJAAN: Verdict.MEETS,
        }
        assert items[FormSection.PRIBADI].note == NOTE
        assert all(row.verdict is Verdict.MEETS for row in dossier_of(case).checklist.values())

    def test_also_what_was_not_asked_for_is_looked_at_when_it_changed(self, cast, case):
        send_back(cast, case, FormSection.PRIBADI)
        change_address(case)
        apl01.save_section(case, "pekerjaan", {"institution": "PT Lain Rekaan"})
        send_again(case)
        assert dossier_of(case).sections[FormSection.PEKERJAAN].verdict is None

    def test_neither_verified_nor_returned_before_it_is_judged(self, cast, case):
        send_back(cast, case, FormSection.PRIBADI)
        change_address(case)
        send_again(case)
        for name in ("verify", "return_for_repair"):
            with pytest.raises(NotAllowed, match="1 butir wajib yang belum dinilai"):
                perform(case, name, cast.of(Role.ADMIN, case))
            db.session.rollback()

    def test_a_second_return_seals_anew(self, cast, case):
        send_back(cast, case, FormSection.PRIBADI)
        change_address(case)
        send_again(case)
        send_back(cast, case, FormSection.PRIBADI)
        assert dossier_of(case).sections[FormSection.PRIBADI].sealed["address"] == "Jl. Baru 5"
        with pytest.raises(NotAllowed, match="belum diubah"):
            send_again(case)


class TestExperience:
    def test_a_row_more_or_less_is_a_change(self, cast, case):
        send_back(cast, case, FormSection.PENGALAMAN)
        (row,) = dossier_of(case).fr_apl_01.experiences
        apl01_rows.remove(case, "pengalaman", row.public_id)
        assert [each.done for each in repairs_of(case)] == [True]
        kept = {
            name: getattr(row, name)
            for name in ("employer", "project", "position", "started_on", "ended_on")
        }
        apl01_rows.add(case, "pengalaman", kept)
        assert [each.done for each in repairs_of(case)] == [False], "the same row again"


class TestAnswer:
    """Who was right answers, and need not spoil a right entry to be allowed to send."""

    def answer(self, case, words, section=FormSection.PRIBADI):
        repair_answers.answer(actor_of(case.asesi), case, section, words)
        db.session.commit()

    def test_with_it_the_unchanged_section_is_sent_and_judged_anew(self, cast, case):
        send_back(cast, case, FormSection.PRIBADI)
        self.answer(case, "NIK di KTP saya memang begitu.")
        assert [(each.done, each.answered) for each in repairs_of(case)] == [(True, True)]
        send_again(case)
        item = dossier_of(case).sections[FormSection.PRIBADI]
        assert (item.verdict, item.answer) == (None, "NIK di KTP saya memang begitu.")
        with pytest.raises(NotAllowed, match="belum dinilai"):
            perform(case, "verify", cast.of(Role.ADMIN, case))

    def test_taken_back_it_counts_no_more(self, cast, case):
        send_back(cast, case, FormSection.PRIBADI)
        self.answer(case, "Sudah benar.")
        self.answer(case, " ")
        with pytest.raises(NotAllowed, match="Data pribadi belum diubah"):
            send_again(case)

    def test_sent_back_once_more_it_wants_another_answer(self, cast, case):
        send_back(cast, case, FormSection.PRIBADI)
        self.answer(case, "Sudah benar.")
        send_again(case)
        send_back(cast, case, FormSection.PRIBADI)
        assert [each.done for each in repairs_of(case)] == [False]

    def test_only_what_was_sent_back_is_answered(self, cast, case):
        send_back(cast, case, FormSection.PRIBADI)
        for section in (FormSection.PENGALAMAN, FormSection.FR_APL_02):
            with pytest.raises(DomainError, match="tidak sedang diminta"):
                self.answer(case, "Sudah benar.", section)
        self.answer(case, "Sudah benar.")
        send_again(case)
        with pytest.raises(DomainError, match="tidak sedang diminta"):
            self.answer(case, "Lagi.")


class TestProofOfARow:
    """The letter that a row of experience names is part of what was judged."""

    @pytest.fixture
    def row(self, case):
        (row,) = dossier_of(case).fr_apl_01.experiences
        return row

    def name(self, case, row, label="Surat referensi"):
        row.reference_document_id = upload(case, label).id
        db.session.commit()

    def test_one_that_was_asked_for_and_came_is_a_change(self, cast, case, row):
        send_back(cast, case, FormSection.PENGALAMAN)
        self.name(case, row)
        assert [each.done for each in repairs_of(case)] == [True]

    def test_swapped_unasked_it_is_judged_anew(self, cast, case, row):
        self.name(case, row)
        mark(cast, case, FormSection.PENGALAMAN, verdict=Verdict.MEETS)
        send_back(cast, case, FormSection.PRIBADI)
        change_address(case)
        self.name(case, row)
        send_again(case)
        assert dossier_of(case).sections[FormSection.PENGALAMAN].verdict is None

    def test_the_same_letter_is_no_change(self, cast, case, row):
        self.name(case, row)
        send_back(cast, case, FormSection.PENGALAMAN)
        assert [each.done for each in repairs_of(case)] == [False]


class TestEvidence:
    """A file that FR.APL.02 names is what it is, not what it is called."""

    def name(self, case, label="Foto pekerjaan"):
        for old in dossier_of(case).documents:
            if old.purpose == "evidence":
                documents.remove(actor_of(case.asesi), old)
        answer = db.session.scalars(
            select(FrApl02Answer).where(FrApl02Answer.permohonan_id == case.id)
        ).first()
        db.session.add(FrApl02Evidence(answer_id=answer.id, document_id=upload(case, label).id))
        db.session.commit()

    def test_a_better_photo_under_the_same_name_is_a_change(self, cast, case):
        self.name(case)
        send_back(cast, case, FormSection.FR_APL_02)
        assert [each.done for each in repairs_of(case)] == [False]
        self.name(case)
        assert [each.done for each in repairs_of(case)] == [True]

    def test_swapped_unasked_it_is_judged_anew(self, cast, case):
        self.name(case)
        mark(cast, case, FormSection.FR_APL_02, verdict=Verdict.MEETS)
        send_back(cast, case, FormSection.PRIBADI)
        change_address(case)
        self.name(case)
        send_again(case)
        assert dossier_of(case).sections[FormSection.FR_APL_02].verdict is None


class TestDocuments:
    def item(self, case, *, required=True, verdict=Verdict.FAILS):
        row = dossier_of(case).requirements[0]
        row.required = required
        found = dossier_of(case).checklist[row.id]
        found.verdict, found.note = verdict, "Buram."
        db.session.commit()
        return row

    def remove(self, case, row):
        for file in dossier_of(case).documents:
            if file.requirement_id == row.id:
                file.replaced_at = clock.now()
        db.session.commit()

    @pytest.mark.parametrize(("required", "done"), [(True, False), (False, True)])
    def test_only_a_row_that_may_stay_empty_is_mended_by_emptying_it(
        self, cast, case, required, done
    ):
        row = self.item(case, required=required)
        perform(case, "return_for_repair", cast.of(Role.ADMIN, case))
        self.remove(case, row)
        assert [each.done for each in repairs_of(case)] == [done]

    def test_what_was_asked_for_with_tidak_ada_must_come(self, cast, case):
        row = self.item(case, required=False, verdict=Verdict.ABSENT)
        self.remove(case, row)
        perform(case, "return_for_repair", cast.of(Role.ADMIN, case))
        (repair,) = repairs_of(case)
        assert "belum ada" in repair.reason
        upload(case, row.label, "requirement", requirement_id=row.id)
        assert [each.done for each in repairs_of(case)] == [True]

    def test_an_old_file_is_not_what_was_missed(self, cast, case):
        self.item(case, verdict=Verdict.ABSENT)
        perform(case, "return_for_repair", cast.of(Role.ADMIN, case))
        assert [each.done for each in repairs_of(case)] == [False]

    def test_the_files_judged_are_remembered(self, cast, case):
        row = self.item(case)
        old = [
            file.public_id for file in dossier_of(case).documents if file.requirement_id == row.id
        ]
        perform(case, "return_for_repair", cast.of(Role.ADMIN, case))
        assert dossier_of(case).checklist[row.id].sealed == {"files": old}


def test_every_field_of_the_form_lies_in_the_section_where_it_is_filled_in(app):
    pages = {"pribadi": PersonalForm, "pekerjaan": WorkForm, "sertifikasi": CertificationForm}
    for name, page in pages.items():
        asked = {field.name for field in page(formdata=None)}
        # Which rule is claimed is asked with the choices of its skema.
        assert set(SECTIONS[name]) - {"claimed_rule_id"} == asked & set(
            FrApl01.__table__.columns.keys()
        ), name


def test_an_item_is_about_one_thing(app, case):
    item = db.session.scalars(select(ChecklistItem)).first()
    item.section = FormSection.PRIBADI
    with pytest.raises(Exception, match="about_one_thing"):
        db.session.flush()
    db.session.rollback()
