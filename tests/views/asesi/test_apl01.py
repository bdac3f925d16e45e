"""FR.APL.01 section by section, its picker of places, autosave, two tabs, and the rows of experience."""

from __future__ import annotations

from datetime import date

import pytest
from flask import url_for

from lsp.database import db
from lsp.models import FrApl01, Permohonan, User, WorkExperience
from lsp.vocabulary import AssessmentPurpose, PermohonanStatus, Sex
from tests.factories import saved
from tests.html import errors, filled, form, main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.views.asesi import situations

GOOD = {
    "full_name": "Cut Nurhaliza Rahmah", "nik": "9902 0252 0681 0002", "birth_place": "Lhokseumawe",
    "birth_date": "1981-06-12", "sex": "P", "nationality": "Indonesia", "address": "Jl. Contoh Fiktif No. 2",
    "province_code": "73", "city_code": "73.71", "postcode": "90111", "phone_mobile": "0800-0000-0002",
    "email": "cut@asesi.example", "education": "SMA/SMK", "graduation_year": "2001",
}  # fmt: skip
EXPERIENCE = {
    "position": "Pengawas K3", "project": "Rusun Contoh", "employer": "CV Bangun Rekaan", "started_on": "2018-01-01",
    "ended_on": "31/12/2020",
}  # fmt: skip


@pytest.fixture
def browser(sign_in):
    return sign_in()


@pytest.fixture
def permohonan(browser):
    return situations.draft(browser.user)


def section_url(permohonan, section="pribadi") -> str:
    return url_for("asesi.fr_apl_01_section", permohonan_id=permohonan.public_id, section=section)


def typed(browser, permohonan, section="pribadi", **changes):
    """The section's form as the browser would send it, with changes."""
    url = section_url(permohonan, section)
    return filled(form(soup(browser.get(url)), url)) | changes


def stored(permohonan) -> FrApl01:
    return db.session.get_one(FrApl01, permohonan.id)


class TestSaving:
    def test_a_section_is_stored_and_leads_on(self, browser, permohonan):
        answer = browser.post(section_url(permohonan), data=typed(browser, permohonan, **GOOD))
        assert answer.status_code == 303
        assert answer.location == section_url(permohonan, "pekerjaan")
        row = stored(permohonan)
        assert (row.nik, row.sex, row.birth_date) == ("9902025206810002", Sex.FEMALE, "1981-06-12")
        assert row.city_code == "73.71"
        assert db.session.get(Permohonan, permohonan.id).asesi_name == "Cut Nurhaliza Rahmah"

    def test_the_persons_time_zone_follows_the_province(self, browser, permohonan):
        browser.post(section_url(permohonan), data=typed(browser, permohonan, **GOOD))
        assert db.session.get(User, browser.user.id).zone == "Asia/Makassar"

    def test_with_htmx_it_leads_on_by_header(self, browser, permohonan):
        answer = browser.post(
            section_url(permohonan), data=typed(browser, permohonan, **GOOD), headers=HX
        )
        assert answer.headers["HX-Redirect"] == section_url(permohonan, "pekerjaan")

    def test_enter_presses_the_button_that_saves(self, browser, permohonan):
        node = form(soup(browser.get(section_url(permohonan))), section_url(permohonan))
        first = node.select_one("button[type=submit]")
        assert words(first) == "Simpan dan lanjut"
        assert not first.get("name")

    def test_what_is_missing_may_wait(self, browser, permohonan):
        answer = browser.post(
            section_url(permohonan), data=typed(browser, permohonan, nik="", stay="1")
        )
        assert answer.location == url_for("asesi.fr_apl_01", permohonan_id=permohonan.public_id)
        assert "Belum diisi: NIK" in words(main(soup(browser.get(answer.location))))

    def test_work_and_certification(self, browser, permohonan):
        browser.post(
            section_url(permohonan, "pekerjaan"),
            data=typed(browser, permohonan, "pekerjaan", institution="PT Contoh"),
        )
        answer = browser.post(
            section_url(permohonan, "sertifikasi"),
            data=typed(
                browser,
                permohonan,
                "sertifikasi",
                purpose="sertifikasi",
                funding="Mandiri",
                claimed_rule="2",
            ),
        )
        assert answer.location == url_for("asesi.experience", permohonan_id=permohonan.public_id)
        row = stored(permohonan)
        assert (row.institution, row.purpose, row.funding) == (
            "PT Contoh",
            AssessmentPurpose.SERTIFIKASI,
            "Mandiri",
        )
        assert row.claimed_rule_id == permohonan.skema_version.education_rules[1].id

    def test_a_nik_that_does_not_fit_is_doubted_not_refused(self, browser, permohonan):
        odd = typed(browser, permohonan, **GOOD | {"birth_date": "1980-01-01", "stay": "1"})
        assert browser.post(section_url(permohonan), data=odd).status_code == 303
        page = soup(browser.get(section_url(permohonan)))
        assert any("Tanggal lahir tidak cocok dengan NIK" in each for each in notices(page))

    def test_a_doubt_is_shown_before_leading_on_and_once(self, browser, permohonan):
        url = section_url(permohonan)
        answer = browser.post(url, data=typed(browser, permohonan, **GOOD | {"nik": "990001"}))
        assert answer.location == url
        assert stored(permohonan).nik == "990001"
        page = soup(browser.get(url))
        assert any("yang tertulis 6" in each for each in notices(page))
        again = browser.post(url, data=filled(form(page, url)))
        assert again.location == section_url(permohonan, "pekerjaan")

    def test_a_doubt_is_listed_before_sending(self, browser, permohonan):
        browser.post(
            section_url(permohonan), data=typed(browser, permohonan, **GOOD | {"sex": "L"})
        )
        page = soup(browser.get(url_for("asesi.submit", permohonan_id=permohonan.public_id)))
        assert any("Jenis kelamin tidak cocok" in each for each in notices(page))


class TestBadInput:
    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("full_name", "x" * 121, "Paling panjang 120 huruf"),
            ("full_name", "dua\nbaris", "satu baris"),
            ("full_name", "dua\x85baris", "satu baris"),
            (
                "full_name",
                "Budi 😀",
                "Nama lengkap sesuai KTP memuat huruf yang tidak dapat dicetak",
            ),
            ("phone_office", "0812\u202e3456", "membalik arah"),
            ("nik", "12a!", "16 angka"),
            ("birth_date", "kemarin", "31/12/1990"),
            ("birth_date", "2099-01-01", "Periksa tahunnya"),
            ("birth_date", "9999999-01-01", "31/12/1990"),
            ("sex", "X", "Pilih jenis kelamin"),
            ("province_code", "00", "Pilih provinsi"),
            ("city_code", "11.71", "Pilih kabupaten/kota di provinsi"),
            ("postcode", "abc", "5 angka"),
            ("phone_mobile", "nol delapan", "angka"),
            ("email", "bukan", "belum lengkap"),
            ("graduation_year", "dua ribu", "empat angka"),
            ("graduation_year", "99999999999999999999", "empat angka"),
            ("address", "x" * 501, "Paling panjang 500 huruf"),
            ("education", "S9", "Pilih pendidikan"),
        ],
    )
    def test_each_gets_its_sentence_and_the_rest_stays_typed(
        self, browser, permohonan, field, value, sentence
    ):
        sent = typed(browser, permohonan, **GOOD | {field: value})
        for headers in ({}, HX):
            answer = browser.post(section_url(permohonan), data=sent, headers=headers)
            page = soup(answer)
            assert answer.status_code == 422
            assert sentence in errors(page)[field]
            assert page.find(id="birth_place")["value"] == "Lhokseumawe"
        assert stored(permohonan).birth_place is None

    def test_a_rule_of_another_skema_is_refused(self, browser, permohonan):
        sent = typed(browser, permohonan, "sertifikasi", claimed_rule="99")
        assert browser.post(section_url(permohonan, "sertifikasi"), data=sent).status_code == 422

    def test_an_unknown_section_is_not_found(self, browser, permohonan):
        address = url_for("asesi.fr_apl_01", permohonan_id=permohonan.public_id) + "/lain"
        assert browser.get(address).status_code == 404


class TestPlaces:
    def test_without_scripts_a_button_lists_the_cities_and_keeps_what_was_typed(
        self, browser, permohonan
    ):
        sent = typed(browser, permohonan, province_code="73", birth_place="Makassar", cities="1")
        answer = browser.post(section_url(permohonan), data=sent)
        page = soup(answer)
        assert answer.status_code == 200
        assert "Kota Makassar" in words(page.find(id="city_code"))
        assert page.find(id="birth_place")["value"] == "Makassar"
        assert stored(permohonan).birth_place is None, "listing saves nothing"

    def test_with_htmx_only_the_field_comes(self, browser, permohonan):
        page = soup(browser.get(section_url(permohonan)))
        sent = typed(browser, permohonan, province_code="73", cities="1")
        swap(page, browser.post(section_url(permohonan), data=sent, headers=HX), "#city-field")
        assert "Kota Makassar" in words(page.find(id="city_code"))

    def test_without_a_province_the_field_says_what_to_do(self, browser, permohonan):
        assert "Pilih provinsi dulu" in words(
            soup(browser.get(section_url(permohonan))).find(id="city-field")
        )


class TestAutosave:
    def test_the_line_equals_that_of_the_fresh_page(self, browser, permohonan):
        page = soup(browser.get(section_url(permohonan)))
        sent = typed(browser, permohonan, birth_place="Medan", autosave="1")
        swap(page, browser.post(section_url(permohonan), data=sent, headers=HX), "#autosave")
        fresh = soup(browser.get(section_url(permohonan)))
        assert same(page.find(id="autosave"), fresh.find(id="autosave"))
        assert stored(permohonan).birth_place == "Medan"

    def test_what_is_wrong_waits_and_the_rest_is_kept(self, browser, permohonan):
        sent = typed(browser, permohonan, birth_place="Medan", postcode="abc", autosave="1")
        answer = browser.post(section_url(permohonan), data=sent, headers=HX)
        assert answer.status_code == 422
        assert "Kode pos" in words(soup(answer).select_one(".err"))
        assert stored(permohonan).birth_place == "Medan"

    def test_saves_follow_one_another(self, browser, permohonan):
        first = typed(browser, permohonan, birth_place="Medan", autosave="1")
        line = soup(browser.post(section_url(permohonan), data=first, headers=HX))
        second = first | {"seen": line.find("input")["value"], "address": "Jl. Contoh"}
        browser.post(section_url(permohonan), data=second, headers=HX)
        assert stored(permohonan).address == "Jl. Contoh"


class TestTwoTabs:
    @pytest.mark.parametrize("headers", [{}, HX])
    def test_the_second_is_told_and_keeps_what_it_typed(self, browser, permohonan, headers):
        first = typed(browser, permohonan, birth_place="Medan", stay="1")
        second = typed(browser, permohonan, birth_place="Binjai", stay="1")
        browser.post(section_url(permohonan), data=first)
        answer = browser.post(section_url(permohonan), data=second, headers=headers)
        page = soup(answer)
        assert answer.status_code == 409
        assert any("sudah berubah" in each for each in notices(page))
        assert page.find(id="birth_place")["value"] == "Binjai"
        assert stored(permohonan).birth_place == "Medan"
        again = filled(form(page, section_url(permohonan)))
        assert browser.post(section_url(permohonan), data=again).status_code == 303
        assert stored(permohonan).birth_place == "Binjai"

    def test_the_same_form_twice_is_no_conflict(self, browser, permohonan):
        sent = typed(browser, permohonan, **GOOD)
        assert [browser.post(section_url(permohonan), data=sent).status_code for _ in range(2)] == [
            303,
            303,
        ]

    def test_autosave_from_a_stale_tab_is_told_in_its_line(self, browser, permohonan):
        stale = typed(browser, permohonan, birth_place="Binjai", autosave="1")
        browser.post(section_url(permohonan), data=typed(browser, permohonan, birth_place="Medan"))
        answer = browser.post(section_url(permohonan), data=stale, headers=HX)
        assert answer.status_code == 409
        assert "sudah berubah" in words(soup(answer).select_one(".err"))


class TestWhenItWasSent:
    def test_the_form_leads_to_what_was_filled(self, browser):
        permohonan = situations.draft(browser.user, status=PermohonanStatus.SUBMITTED)
        assert browser.get(section_url(permohonan)).status_code == 303

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_a_late_save_is_refused_and_shows_what_was_typed(self, browser, headers):
        permohonan = situations.draft(browser.user, status=PermohonanStatus.SUBMITTED)
        answer = browser.post(section_url(permohonan), data=GOOD, headers=headers)
        page = soup(answer)
        assert answer.status_code == 409
        assert "sudah dikirim" in notices(page)[0]
        assert page.find(id="birth_place")["value"] == "Lhokseumawe"


class TestExperience:
    def url(self, permohonan) -> str:
        return url_for("asesi.experience", permohonan_id=permohonan.public_id)

    def test_a_row_is_added(self, browser, permohonan):
        answer = browser.post(self.url(permohonan), data=EXPERIENCE)
        assert answer.status_code == 303
        (row,) = stored(permohonan).experiences
        assert (row.position, str(row.ended_on)) == ("Pengawas K3", "2020-12-31")
        assert "3 tahun 0 bulan" in words(main(soup(browser.get(self.url(permohonan)))))

    def test_panel_equals_page(self, browser, permohonan):
        page = soup(browser.get(self.url(permohonan)))
        swap(
            page,
            browser.post(self.url(permohonan), data=EXPERIENCE, headers=HX),
            "#experience-panel",
        )
        assert same(page.main, soup(browser.get(self.url(permohonan))).main)

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_a_removed_row_can_be_taken_back(self, browser, permohonan, headers):
        browser.post(self.url(permohonan), data=EXPERIENCE)
        page = soup(browser.get(self.url(permohonan)))
        answer = browser.post(
            page.select_one("#experience-panel li form")["action"], headers=headers
        )
        assert stored(permohonan).experiences == []
        after = soup(answer)
        assert "dihapus" in notices(after)[0]
        undo = after.select_one(".notice form")
        assert words(undo.button).startswith("Batalkan")
        browser.post(undo["action"], data=filled(undo), headers=headers)
        (row,) = stored(permohonan).experiences
        assert (row.position, str(row.started_on)) == ("Pengawas K3", "2018-01-01")

    def test_sent_twice_it_stands_once(self, browser, permohonan):
        for _ in range(2):
            browser.post(self.url(permohonan), data=EXPERIENCE)
        assert len(stored(permohonan).experiences) == 1

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"position": ""}, "Isi jabatan Anda."),
            ({"project": "x" * 201}, "Paling panjang 200"),
            ({"started_on": "besok"}, "31/12/1990"),
            ({"started_on": ""}, "Isi tanggal mulai."),
            ({"started_on": "2035-01-01", "ended_on": "2036-01-01"}, "belum tiba"),
        ],
    )
    def test_bad_input(self, browser, permohonan, changes, sentence):
        for headers in ({}, HX):
            answer = browser.post(self.url(permohonan), data=EXPERIENCE | changes, headers=headers)
            assert answer.status_code == 422
            assert sentence in words(soup(answer))

    def test_dates_that_run_backwards(self, browser, permohonan):
        answer = browser.post(self.url(permohonan), data=EXPERIENCE | {"ended_on": "2017-01-01"})
        assert answer.status_code == 409
        assert "lebih awal" in notices(soup(answer))[0]
        assert soup(answer).find(id="project")["value"] == "Rusun Contoh"

    def test_no_more_than_the_limit(self, browser, permohonan):
        for number in range(20):
            browser.post(self.url(permohonan), data=EXPERIENCE | {"project": f"Proyek {number}"})
        answer = browser.post(self.url(permohonan), data=EXPERIENCE)
        assert answer.status_code == 409
        assert any("Paling banyak 20" in each for each in notices(soup(answer)))

    def test_a_row_of_another_form_is_not_found(self, browser, permohonan):
        other = situations.draft()
        row = saved(WorkExperience(fr_apl_01_id=other.id, employer="a", project="b", position="c",
                                   started_on=date(2020, 1, 1), ended_on=date(2021, 1, 1)))  # fmt: skip
        address = url_for(
            "asesi.remove_experience",
            permohonan_id=permohonan.public_id,
            experience_id=row.public_id,
        )
        assert browser.post(address).status_code == 404
