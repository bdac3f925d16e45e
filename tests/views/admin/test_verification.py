"""Verification beside the document: groups, previews, sections, the suggestion, part 3, queries."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.models import ChecklistItem, DocumentRequirement, NotePhrase
from lsp.vocabulary import FormSection, PermohonanStatus, RequestKind, Verdict
from lsp.workflow.dossier import dossier_of
from tests.html import filled, form, soup, words
from tests.support.verification import CASE_ALONE, NOTE, address, judge, real_rows
from tests.views.admin.test_work import queries
from tests.workflow.cases import make_permohonan, upload

S = PermohonanStatus


def heads(page):
    return {
        words(each.span): words(each.select_one(".badge, small"))
        for each in page.select("#checklist h4")
    }


class TestGroups:
    def test_rows_stand_under_their_numbers(self, admin, cast):
        real_rows(cast)
        page = soup(admin.get(address(make_permohonan(S.SUBMITTED, cast=cast, work_done=False))))
        assert list(heads(page))[:4] == [
            "1. Data pribadi",
            "2. Pendidikan",
            "3. Pengalaman kerja",
            "4. Pelatihan",
        ]
        assert heads(page)["1. Data pribadi"] == "0 dari 4"

    def test_a_head_carries_the_verdict_of_its_rows(self, admin, cast):
        real_rows(cast)
        case = make_permohonan(S.SUBMITTED, cast=cast)
        third = next(row for row in dossier_of(case).requirements if row.code == "3")
        dossier_of(case).checklist[third.id].verdict = Verdict.FAILS
        db.session.commit()
        found = heads(soup(admin.get(address(case))))
        assert found["1. Data pribadi"] == "Memenuhi"
        assert found["3. Pengalaman kerja"] == "Tidak memenuhi"

    def test_what_need_not_be_judged_is_not_counted(self, admin, cast):
        real_rows(cast)
        case = make_permohonan(S.SUBMITTED, cast=cast, work_done=False)
        optional = {row.id for row in dossier_of(case).requirements if not row.required}
        for file in list(dossier_of(case).documents):
            if file.requirement_id in optional:
                db.session.delete(file)
        db.session.commit()
        needed = sum(row.required for row in dossier_of(case).requirements)
        assert needed < len(dossier_of(case).requirements)
        page = soup(admin.get(address(case)))
        assert words(page.select_one("#checklist-title")) == f"Berkas: 0 dari {needed} dinilai"
        assert heads(page)["4. Pelatihan"] == "tidak wajib"

    def test_an_experience_that_goes_on_says_so(self, admin, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast)
        dossier_of(case).fr_apl_01.experiences[0].ended_on = None
        db.session.commit()
        page = soup(admin.get(address(case, berkas="pengalaman")))
        assert "– sekarang" in words(page.select_one("#preview"))


class TestPreview:
    @pytest.fixture
    def case(self, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast, work_done=False)
        row = dossier_of(case).requirements[0]
        upload(case, row.label, "requirement", requirement_id=row.id)
        return case

    def figures(self, admin, case):
        db.session.commit()
        return soup(admin.get(address(case))).select("#preview figure")

    def test_every_file_of_a_row_can_be_reached(self, admin, case):
        found = self.figures(admin, case)
        heads = [words(each.select_one(".eyebrow")).rpartition("(")[2] for each in found]
        assert heads == ["1 dari 2)", "2 dari 2)"]
        assert all(each.select_one("a[data-file][href]") for each in found)

    def test_where_there_is_no_picture_the_file_itself_is_named(self, admin, case):
        for file in dossier_of(case).documents:
            file.preview_key = None
        found = self.figures(admin, case)
        assert len(found) == 2
        assert all("Pratinjau tidak ada" in words(each) for each in found)
        assert all(each.img is None for each in found)

    def test_the_picture_leads_to_the_whole_file(self, admin, case):
        for number, file in enumerate(dossier_of(case).documents):
            file.preview_key = f"{number:032}"
        found = self.figures(admin, case)
        assert len(found) == 2
        for each in found:
            assert each.img.parent["href"] == each.select_one("[data-file]")["href"]


class TestSections:
    def test_a_section_is_offered_only_phrases_of_its_own(self, admin, cast):
        db.session.add_all(
            [NotePhrase(code="", text="Foto kabur."), NotePhrase(code="pekerjaan", text="Kurang.")]
        )
        case = make_permohonan(S.SUBMITTED, cast=cast)
        offered = soup(admin.get(address(case, berkas="pekerjaan"))).select_one(".phrases")
        assert "Kurang." in words(offered)
        assert "kabur" not in words(offered)

    @pytest.fixture
    def case(self, cast):
        return make_permohonan(S.SUBMITTED, cast=cast)

    def test_one_is_opened_with_what_it_says_and_the_nik_hidden(self, admin, case):
        paper = dossier_of(case).fr_apl_01
        text = words(soup(admin.get(address(case, berkas="pribadi"))).select_one("#preview"))
        assert paper.full_name in text
        assert paper.nik not in text
        assert paper.nik[-4:] in text

    @pytest.mark.parametrize("how", [{}, CASE_ALONE])
    def test_it_is_marked_with_a_note(self, admin, case, how):
        answer = judge(admin, case, "pribadi", how, verdict="fails", note=NOTE)
        assert answer.status_code == (200 if how else 303)
        db.session.expire_all()
        assert dossier_of(case).sections[FormSection.PRIBADI].note == NOTE

    @pytest.mark.parametrize(
        "data", [{"verdict": "fails", "note": " "}, {"verdict": "absent", "note": "x"}]
    )
    def test_not_without_a_note_and_never_absent(self, admin, case, data):
        assert judge(admin, case, "pribadi", **data).status_code == 422
        assert dossier_of(case).sections == {}

    def test_the_page_before_a_return_lists_exactly_what_failed(self, admin, case):
        judge(admin, case, "pekerjaan", verdict="fails", note="Lengkapi alamat kantor.")
        page = soup(admin.get(address(case, "admin.ask_step", name="return_for_repair")))
        rows = [words(each) for each in page.select("[aria-labelledby=daftar] li")]
        assert rows == ["Pekerjaan sekarang Lengkapi alamat kantor."]

    def test_outside_verification_only_those_that_were_judged_are_listed(self, admin, cast):
        case = make_permohonan(S.PAID, cast=cast)
        assert "Jawaban FR.APL.02" not in words(
            soup(admin.get(address(case))).select_one("#checklist")
        )


class TestSuggestion:
    @pytest.fixture
    def case(self, cast):
        return make_permohonan(S.SUBMITTED, cast=cast, work_done=False)

    def state(self, case, education, *years):
        for rule, wanted in zip(case.skema_version.education_rules, years, strict=False):
            rule.education, rule.years = "S1/D4 Terapan", wanted
        dossier_of(case).fr_apl_01.education = education
        db.session.commit()

    def test_each_alternative_says_whether_it_is_met(self, admin, case):
        self.state(case, "S1", 2, 9)
        text = words(soup(admin.get(address(case))).select_one("#eligibility"))
        assert "terpenuhi: S1, pengalaman 60 dari 24 bulan" in text
        assert "belum terpenuhi: pengalaman 60 dari 108 bulan" in text

    def test_it_decides_nothing_by_itself(self, admin, case):
        self.state(case, "S1", 2, 9)
        page = soup(admin.get(address(case)))
        assert page.select_one("#eligibility [name=rule_id][checked]") is not None
        assert case.met_rule_id is None
        assert "Terpenuhi" not in [words(each) for each in page.select("#eligibility .badge")]

    def test_none_is_ticked_where_none_is_met(self, admin, case):
        self.state(case, "SD", 2, 9)
        page = soup(admin.get(address(case)))
        assert page.select_one("#eligibility [name=rule_id][checked]") is None

    def test_the_admin_may_choose_another_and_the_education_is_kept(self, admin, case):
        self.state(case, "S1", 2, 9)
        page = soup(admin.get(address(case)))
        values = filled(form(page, address(case, "admin.met_rule")))
        other = case.skema_version.education_rules[1].id
        answer = admin.post(address(case, "admin.met_rule"), data=values | {"rule_id": other})
        assert answer.status_code == 303
        db.session.expire_all()
        assert case.met_rule_id == other
        assert case.met_education.startswith("S1")

    def test_an_education_that_is_not_stated_is_refused(self, admin, case):
        rule = case.skema_version.education_rules[0].id
        data = {"version": case.version, "rule_id": rule, "education": "7"}
        assert admin.post(address(case, "admin.met_rule"), data=data).status_code == 422
        assert case.met_rule_id is None


class TestPart3:
    def test_one_tick_a_row_in_the_two_tables(self, admin, cast):
        real_rows(cast)
        case = make_permohonan(S.SUBMITTED, cast=cast)
        page = soup(admin.get(address(case)))
        captions = [words(each) for each in page.select("#apl-01-part-3 caption")]
        assert captions == ["3.1 Bukti Persyaratan Dasar Pemohon", "3.2 Bukti Administratif"]
        basic, administrative = page.select("#apl-01-part-3 table")
        assert "Ijazah yang dilegalisasi" in words(basic)
        ktp = next(row for row in administrative.select("tbody tr") if words(row.th) == "KTP")
        assert [bool(words(cell)) for cell in ktp.select("td")] == [True, True, False, False]


class TestQueries:
    """Opening a case and judging an item cost the same with two rows and with forty."""

    def grow(self, cast, case, rows):
        for number in range(rows):
            row = DocumentRequirement(
                kind=RequestKind.BARU,
                position=50 + number,
                code=f"9{number}",
                label=f"Lain {number}",
            )
            cast.skema.requirements.append(row)
            db.session.flush()
            db.session.add(ChecklistItem(permohonan_id=case.id, requirement_id=row.id))
            upload(case, row.label, "requirement", requirement_id=row.id)
        db.session.commit()

    def test_opening(self, app, admin, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast, work_done=False)
        few = queries(app, lambda: admin.get(address(case)))
        self.grow(cast, case, 40)
        assert queries(app, lambda: admin.get(address(case))) == few

    def test_judging(self, app, admin, cast):
        # After each of the two another waits: past the last of the list its first one is asked for.
        small, large, _ = (
            make_permohonan(S.SUBMITTED, cast=cast, work_done=False) for _ in range(3)
        )
        first = dossier_of(small).requirements[0].public_id

        def press(case):
            values = {"version": case.version, "requirement": first, "verdict": "meets"}
            url = address(case, "admin.judge")
            return lambda: admin.post(url, data=values, headers=CASE_ALONE)

        # The first line of an audit chain has none before it to read.
        press(small)()
        db.session.expire_all()
        few = queries(app, press(small))
        self.grow(cast, large, 40)
        assert queries(app, press(large)) == few
