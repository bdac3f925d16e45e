"""Verification beside the document: groups, sections, what changed after a repair, the suggestion, part 3, queries."""

from __future__ import annotations

from datetime import date

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.data import read_json
from lsp.database import db
from lsp.models import (
    AuditEvent,
    ChecklistItem,
    DocumentRequirement,
    FieldSource,
    FrApl01,
    NotePhrase,
    Permohonan,
)
from lsp.services import apl01, apl01_rows, signing, verification
from lsp.services.skema_import import document_requirements
from lsp.services.worklist_rows import Wanted
from lsp.views.admin.compared import compared_with
from lsp.views.filters import tanggal_singkat
from lsp.vocabulary import (
    FieldOrigin,
    Form,
    FormSection,
    PermohonanStatus,
    RequestKind,
    Role,
    Verdict,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN
from tests.html import filled, form, soup, words
from tests.htmx import HX
from tests.views.admin.test_work import many, queries
from tests.workflow.cases import actor_of, make_cast, make_permohonan, upload

S = PermohonanStatus
CASE_ALONE = HX | {"HX-Target": "case"}
NOTE = "NIK tidak sama dengan KTP."


@pytest.fixture
def admin(sign_in):
    return sign_in(Role.ADMIN)


@pytest.fixture
def cast(app):
    return make_cast()


def real_rows(cast):
    """The checklist of jenjang 4 instead of the two rows of the tests."""
    for old in list(cast.skema.requirements):
        db.session.delete(old)
    db.session.flush()
    rows = [row for row in document_requirements(4) if row.kind is RequestKind.BARU]
    cast.skema.requirements = rows
    db.session.commit()


def address(case, endpoint="admin.permohonan", **query):
    return url_for(endpoint, permohonan_id=case.public_id, **query)


def judge(admin, case, row, how=None, **data):
    values = {"version": case.version, "requirement": row} | data
    return admin.post(address(case, "admin.judge"), data=values, headers=how or {})


def heads(page):
    return {
        words(each.span): words(each.select_one(".badge, small"))
        for each in page.select("#checklist h4")
    }


def returned_and_sent_again(cast, change, *sections, siki=""):
    """A case that came back: what was marked, what the asesi changed, signed and sent once more.

    siki: the field of FR.APL.01 that a dossier had filled in.
    """
    case = make_permohonan(S.SUBMITTED, cast=cast)
    if siki:
        source = FieldSource(
            permohonan_id=case.id, field=siki, origin=FieldOrigin.SIKI, at=clock.now()
        )
        db.session.add(source)
    staff, asesi = cast.of(Role.ADMIN, case), actor_of(case.asesi)
    for section in sections:
        verification.judge(staff, case, section, verdict=Verdict.FAILS, note=NOTE)
    PERMOHONAN.perform(case, "return_for_repair", staff, version=case.version)
    db.session.commit()
    change(case)
    for paper in (Form.FR_APL_01, Form.FR_APL_02):
        if dossier_of(case).signature(paper, Role.ASESI) is None:
            signing.sign(asesi, case, paper, Role.ASESI, typed_name=case.asesi_name)
    PERMOHONAN.perform(case, "submit", asesi, version=case.version)
    db.session.commit()
    return case


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


class TestSameFile:
    def test_one_that_stands_in_two_rows_is_remarked_upon_in_both(self, admin, cast):
        real_rows(cast)
        case = make_permohonan(S.SUBMITTED, cast=cast, work_done=False)
        rows = {row.code: row for row in dossier_of(case).requirements}
        files = {file.requirement_id: file for file in dossier_of(case).documents}
        for number, file in enumerate(files.values()):
            file.sha256 = f"{number:064d}"
        files[rows["2a"].id].sha256 = files[rows["1a"].id].sha256
        db.session.commit()

        def said(code):
            page = soup(admin.get(address(case, berkas=rows[code].public_id)))
            return words(page.select_one("#preview"))

        assert f"juga dikirim untuk 2a {rows['2a'].label}." in said("1a")
        assert f"juga dikirim untuk 1a {rows['1a'].label}." in said("2a")
        assert "persis sama" not in said("1b")


class TestCompared:
    """Beside the document what it is compared with, without opening anything else."""

    @pytest.fixture
    def case(self, cast):
        real_rows(cast)
        return make_permohonan(S.SUBMITTED, cast=cast, work_done=False)

    def shown(self, page):
        return words(page.select_one("#checklist li:has(#verdict) #compared"))

    def test_a_ktp_stands_beside_name_birth_and_the_end_of_the_nik(self, admin, case):
        paper = dossier_of(case).fr_apl_01
        said = self.shown(soup(admin.get(address(case))))
        assert paper.full_name in said
        assert tanggal_singkat(paper.born_on) in said
        assert paper.nik_last4 in said
        assert paper.nik not in said

    def test_the_whole_nik_is_shown_there_once_and_sealed(self, admin, case):
        nik, reveal = dossier_of(case).fr_apl_01.nik, address(case, "admin.reveal_nik")
        page = soup(admin.get(address(case)))
        values = filled(page.select_one(f'#compared form[action="{reveal}"]'))
        answer = soup(admin.post(reveal, data=values))
        assert nik in self.shown(answer)
        assert "1a" in words(answer.select_one("#checklist [data-focus]"))
        assert not answer.select_one("#apl-01").has_attr("open")
        sealed = select(AuditEvent).where(AuditEvent.action == "nik.reveal")
        assert "match_ktp" in db.session.scalars(sealed).one().details
        assert nik not in self.shown(soup(admin.get(address(case))))

    def test_what_is_not_compared_shows_nothing(self, admin, case):
        photo = next(row for row in dossier_of(case).requirements if row.code == "1d")
        assert self.shown(soup(admin.get(address(case, berkas=photo.public_id)))) == ""

    def test_each_code_is_one_of_the_checklist_and_each_field_has_words(self, cast):
        codes = {row.code for row in document_requirements(9)} | {
            row.code for row in document_requirements(4)
        }
        paper = FrApl01(full_name="Rosmaida", nik="9901", nik_last4="9901")
        for code in read_json("defaults/document_facts.json"):
            assert code in codes
            assert compared_with(code, paper, nik="").facts


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


class TestAtSiki:
    @pytest.fixture
    def case(self, cast):
        return returned_and_sent_again(cast, lambda case: None, FormSection.PRIBADI, siki="address")

    def test_it_meets_once_it_is_ticked_as_seen_there(self, admin, case):
        page = soup(admin.get(address(case, berkas="pribadi")))
        tick = page.select_one("#verdict [name=seen_at_siki]")
        assert words(tick.find_parent("label")) == "Perbaikannya sudah saya lihat di SIKI"
        refused = judge(admin, case, "pribadi", verdict="meets")
        assert refused.status_code == 422
        assert "Buka SIKI" in words(soup(refused).select_one("#note-error"))
        assert judge(admin, case, "pribadi", verdict="meets", seen_at_siki="y").status_code == 303
        db.session.expire_all()
        item = dossier_of(case).sections[FormSection.PRIBADI]
        assert (item.verdict, bool(item.siki_seen_at)) == (Verdict.MEETS, True)

    def test_nothing_is_ticked_where_it_was_repaired_here(self, admin, cast):
        def change(case):
            apl01.save_section(case, "pribadi", {"address": "Jl. Baru 5"})

        case = returned_and_sent_again(cast, change, FormSection.PRIBADI, siki="address")
        page = soup(admin.get(address(case, berkas="pribadi")))
        assert page.select_one("#verdict [name=seen_at_siki]") is None
        assert judge(admin, case, "pribadi", verdict="meets").status_code == 303


class TestWhatChanged:
    def table(self, page):
        return [
            [words(cell) for cell in row.select("th, td")]
            for row in page.select("#preview tbody tr")
        ]

    def test_a_field_shows_its_old_and_new_value(self, admin, cast):
        old = []

        def change(case):
            old.append(dossier_of(case).fr_apl_01.address)
            apl01.save_section(case, "pribadi", {"address": "Jl. Baru 5"})

        case = returned_and_sent_again(cast, change, FormSection.PRIBADI)
        page = soup(admin.get(address(case)))
        assert "berubah, nilai lagi" in words(page.select_one("#butir-pribadi"))
        assert f"Catatan yang lalu: {NOTE}" in words(page.select_one("#butir-pribadi"))
        page = soup(admin.get(address(case, berkas="pribadi")))
        assert self.table(page) == [["Alamat rumah", old[0], "Jl. Baru 5"]]

    def test_a_nik_is_not_shown_whole(self, admin, cast):
        def change(case):
            apl01.save_section(case, "pribadi", {"nik": "9901010101900009"})

        case = returned_and_sent_again(cast, change, FormSection.PRIBADI)
        ((label, before, after),) = self.table(soup(admin.get(address(case, berkas="pribadi"))))
        assert "NIK" in label
        assert after == "************0009"
        assert set(before[:12]) == {"*"}

    def test_a_row_of_experience_is_gone_and_another_came(self, admin, cast):
        def change(case):
            (row,) = dossier_of(case).fr_apl_01.experiences
            apl01_rows.remove(case, "pengalaman", row.public_id)
            apl01_rows.add(case, "pengalaman", {
                "employer": "PT Lain", "project": "Jembatan", "position": "Pelaksana",
                "started_on": date(2019, 1, 1), "ended_on": date(2025, 1, 1),
            })  # fmt: skip

        case = returned_and_sent_again(cast, change, FormSection.PENGALAMAN)
        rows = self.table(soup(admin.get(address(case, berkas="pengalaman"))))
        assert [row[0] for row in rows] == ["Dihapus", "Ditambah"]
        assert "PT Lain" in rows[1][2]

    def test_a_new_file_stands_beside_the_old_one(self, admin, cast):
        names = []

        def change(case):
            row = dossier_of(case).requirements[0]
            for file in dossier_of(case).documents:
                if file.requirement_id == row.id:
                    file.replaced_at = clock.now()
                    names.append(file.original_name)
            upload(case, "Baru", "requirement", requirement_id=row.id)

        case = make_permohonan(S.SUBMITTED, cast=cast)
        row = dossier_of(case).requirements[0]
        item = dossier_of(case).checklist[row.id]
        item.verdict, item.note = Verdict.FAILS, "Buram."
        db.session.commit()
        staff, asesi = cast.of(Role.ADMIN, case), actor_of(case.asesi)
        PERMOHONAN.perform(case, "return_for_repair", staff, version=case.version)
        change(case)
        PERMOHONAN.perform(case, "submit", asesi, version=case.version)
        db.session.commit()
        page = soup(admin.get(address(case, berkas=row.public_id)))
        figures = [words(each.select_one(".eyebrow")) for each in page.select("#preview figure")]
        assert figures == ["Berkas baru", "Berkas lama, yang dinilai sebelumnya"]
        old = page.select("#preview figure")[1]
        assert admin.get(old.select_one("[data-file]")["href"]).status_code in (200, 404)
        assert names[0] in words(old)
        judge(admin, case, row.public_id, verdict="meets")
        page = soup(admin.get(address(case, berkas=row.public_id)))
        assert len(page.select("#preview figure")) == 1, "judged, it is no news any more"


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


class TestNextCase:
    def test_it_is_the_next_that_waits_in_the_list(self, admin, cast):
        first, second = (make_permohonan(S.SUBMITTED, cast=cast, work_done=False) for _ in range(2))
        page = soup(admin.get(address(first, dari="kerja=verifikasi")))
        link = page.select_one("#next-case a")
        assert second.public_id in link["href"]
        assert "dari=kerja%3Dverifikasi" in link["href"]

    def test_the_filter_of_the_list_holds(self, admin, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast, work_done=False)
        make_permohonan(S.SUBMITTED, cast=make_cast(), work_done=False)
        page = soup(admin.get(address(case, dari=f"kerja=verifikasi&skema={cast.skema.public_id}")))
        assert "Tidak ada berkas lain" in words(page.select_one("#next-case"))

    @pytest.mark.parametrize(("order", "step"), [("terlama", 1), ("terbaru", -1)])
    def test_it_leads_once_through_the_whole_list_in_its_order(self, admin, cast, order, step):
        """Thirty, so that the list has two pages; two of one moment, so that the number decides."""
        many(30, cast.skema)
        cases = list(db.session.scalars(select(Permohonan).order_by(Permohonan.id)))
        cases[4].status_at = cases[5].status_at
        db.session.commit()
        wanted = Wanted(order=order)
        actor = cast.of(Role.ADMIN, cases[0])
        seen, here = [], cases[::step][0]
        for _ in cases:
            seen.append(here.asesi_name)
            found = verification.next_waiting(actor, here, wanted)
            here = next(each for each in cases if each.public_id == found.public_id)
        assert seen == [case.asesi_name for case in cases[::step]]
        assert here is cases[::step][0], "after the last it begins anew"

    def test_just_after_a_step_it_stands_on_top(self, admin, cast):
        done, waiting = (
            make_permohonan(S.VERIFIED, cast=cast),
            make_permohonan(S.SUBMITTED, cast=cast),
        )
        page = soup(admin.get(address(done, dari="kerja=verifikasi")))
        assert waiting.public_id in page.select_one("#next-case a")["href"]
        assert soup(admin.get(address(done))).select_one("#next-case") is None


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
