"""FR.APL.01 section by section, its picker of places, autosave, two tabs, passport, sources."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp.database import db, write_transaction
from lsp.models import Permohonan, User
from lsp.services import prefill
from lsp.services.prefill import Known
from lsp.vocabulary import AssessmentPurpose, FieldOrigin, PermohonanStatus, Sex
from tests.html import errors, filled, form, links, main, notices, soup, table_rows, words
from tests.htmx import HX, same, swap
from tests.support.apl01 import rows_url, section_url, stored, typed
from tests.views.asesi import situations

GOOD = {
    "full_name": "Cut Nurhaliza Rahmah", "nik": "9902 0252 0681 0002", "birth_place": "Lhokseumawe",
    "birth_date": "1981-06-12", "sex": "P", "nationality": "Indonesia", "address": "Jl. Contoh Fiktif No. 2",
    "province_code": "73", "city_code": "73.71", "postcode": "90111", "phone_mobile": "0800-0000-0002",
    "email": "cut@asesi.example",
}  # fmt: skip


class TestSaving:
    def test_a_section_is_stored_and_leads_on(self, browser, permohonan):
        answer = browser.post(section_url(permohonan), data=typed(browser, permohonan, **GOOD))
        assert answer.status_code == 303
        assert answer.location == rows_url(permohonan, "pendidikan")
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
        assert answer.headers["HX-Redirect"] == rows_url(permohonan, "pendidikan")

    def test_enter_presses_the_button_that_saves(self, browser, permohonan):
        node = form(soup(browser.get(section_url(permohonan))), section_url(permohonan))
        first = node.select_one("button[type=submit]")
        assert words(first) == "Simpan dan lanjut"
        assert not first.get("name")

    def test_without_scripts_listing_cities_leads_back_to_them(self, browser, permohonan):
        page = soup(browser.get(section_url(permohonan)))
        button = page.select_one("button[name=cities]")
        assert button["formaction"] == f"{section_url(permohonan)}#city-field"
        assert page.find(id="city-field") is not None

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
        assert answer.location == rows_url(permohonan, "pengalaman")
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
        answer = browser.post(url, data=typed(browser, permohonan, **GOOD | {"sex": "L"}))
        assert answer.location == url
        assert stored(permohonan).sex is Sex.MALE
        page = soup(browser.get(url))
        assert any("Jenis kelamin tidak cocok" in each for each in notices(page))
        again = browser.post(url, data=filled(form(page, url)))
        assert again.location == rows_url(permohonan, "pendidikan")

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
                "Nama lengkap memuat huruf yang tidak dapat dicetak",
            ),
            ("phone_office", "0812\u202e3456", "membalik arah"),
            ("nik", "12a!", "16 angka"),
            ("nik", "9902025206810", "NIK terdiri dari 16 angka, yang tertulis 13"),
            ("birth_date", "kemarin", "31/12/1990"),
            ("birth_date", "2099-01-01", "Periksa tahunnya"),
            ("birth_date", "9999999-01-01", "31/12/1990"),
            ("sex", "X", "Pilih jenis kelamin"),
            ("province_code", "00", "Pilih provinsi"),
            ("city_code", "11.71", "Pilih kabupaten/kota di provinsi"),
            ("postcode", "abc", "5 angka"),
            ("phone_mobile", "nol delapan", "angka"),
            ("phone_mobile", "081234", "baru 6 angka"),
            ("email", "bukan", "belum lengkap"),
            ("address", "x" * 501, "Paling panjang 500 huruf"),
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

    def test_a_foreigner_is_asked_for_a_passport_number(self, browser, permohonan):
        sent = typed(browser, permohonan, **GOOD | {"nationality": "Malaysia"})
        page = soup(browser.post(section_url(permohonan), data=sent))
        assert "5 sampai 9 huruf dan angka" in errors(page)["nik"]

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


class TestPassport:
    """Nationality decides which number is asked; nothing typed is lost on the way."""

    def number(self, page) -> str:
        return words(page.select_one("label[for=nik]"))

    def test_citizens_are_asked_for_their_nik(self, browser, permohonan):
        assert self.number(soup(browser.get(section_url(permohonan)))) == "Nomor KTP/NIK"

    def test_another_nationality_is_asked_for_the_passport(self, browser, permohonan):
        page = soup(browser.get(section_url(permohonan)))
        sent = typed(browser, permohonan, nationality="Malaysia", number="1", nik="A12345678")
        swap(page, browser.post(section_url(permohonan), data=sent, headers=HX), "#number-words")
        assert self.number(page) == "Nomor paspor"
        assert stored(permohonan).nationality == "Indonesia"
        foreign = GOOD | {"nationality": "Malaysia", "nik": "A 1234-5678", "stay": "1"}
        browser.post(section_url(permohonan), data=typed(browser, permohonan, **foreign))
        page = soup(browser.get(section_url(permohonan)))
        assert self.number(page) == "Nomor paspor"
        assert page.find(id="nik")["value"] == "A12345678"
        overview = url_for("asesi.fr_apl_01", permohonan_id=permohonan.public_id)
        assert "Nomor paspor A12345678" in words(main(soup(browser.get(overview))))


class TestWhereItCameFrom:
    def test_the_source_stands_by_the_field_until_it_is_changed(self, browser, permohonan):
        with write_transaction():
            known = Known(values={"birth_place": "Medan", "nik": "9902025206810002"})
            prefill.fill(db.session.get_one(Permohonan, permohonan.id), known, FieldOrigin.SIKI)
        page = soup(browser.get(section_url(permohonan)))
        assert words(page.find(id="birth_place-hint")) == "Dari SIKI-LPJK"
        assert words(page.find(id="nik-hint")).endswith("Dari SIKI-LPJK")
        sent = typed(browser, permohonan, birth_place="Binjai", stay="1")
        browser.post(section_url(permohonan), data=sent)
        page = soup(browser.get(section_url(permohonan)))
        assert page.find(id="birth_place-hint") is None
        assert words(page.find(id="nik-hint")).endswith("Dari SIKI-LPJK")


class TestOverview:
    def test_it_opens_where_it_was_left(self, browser, permohonan):
        overview = url_for("asesi.fr_apl_01", permohonan_id=permohonan.public_id)
        way_on = soup(browser.get(overview)).select_one("main a.btn.main")
        assert way_on["href"] == section_url(permohonan)
        browser.post(section_url(permohonan), data=typed(browser, permohonan, **GOOD))
        way_on = soup(browser.get(overview)).select_one("main a.btn.main")
        assert way_on["href"] == rows_url(permohonan, "pendidikan")

    def test_it_lists_the_units_and_leads_to_the_texts(self, browser, permohonan):
        page = soup(browser.get(url_for("asesi.fr_apl_01", permohonan_id=permohonan.public_id)))
        rows = table_rows(page.table)
        assert [row["Kode Unit"] for row in rows] == ["M.71KKK00.001.1", "M.71KKK00.002.1"]
        assert page.table.find_parent("details") is not None
        texts = url_for("asesi.consents", permohonan_id=permohonan.public_id)
        assert links(page)["Perjanjian sertifikasi dan pernyataan pemegang"] == texts
