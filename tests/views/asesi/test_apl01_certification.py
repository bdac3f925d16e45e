"""FR.APL.01, the section of the certification: the alternative that is claimed, and who pays."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp.database import db
from lsp.models import Ministry
from tests.factories import saved
from tests.html import filled, form, main, notices, soup, words
from tests.support.apl01 import rows_url, section_url, stored, typed
from tests.views.asesi import situations


class TestClaimedRule:
    """An alternative that does not fit what is stated is asked about, never refused."""

    @pytest.fixture
    def permohonan(self, browser):
        """SMA/SMK; rule 1 is SMK with 4 years, rule 2 D2 without."""
        permohonan = situations.draft(browser.user)
        situations.fill_apl_01(permohonan)
        return permohonan

    def claim(self, browser, permohonan, number):
        url = section_url(permohonan, "sertifikasi")
        sent = typed(browser, permohonan, "sertifikasi", claimed_rule=number)
        return browser.post(url, data=sent)

    def test_too_little_education_is_said_on_saving_and_a_second_press_leads_on(
        self, browser, permohonan
    ):
        url = section_url(permohonan, "sertifikasi")
        assert self.claim(browser, permohonan, "2").location == url
        page = soup(browser.get(url))
        assert any("pendidikan yang tercatat SMA/SMK." in each for each in notices(page))
        again = browser.post(url, data=filled(form(page, url)))
        assert again.location == rows_url(permohonan, "pengalaman")

    def test_work_is_not_missed_before_it_was_asked_for(self, browser, permohonan):
        answer = self.claim(browser, permohonan, "1")
        assert answer.location == rows_url(permohonan, "pengalaman")
        assert not soup(browser.get(answer.location)).select(".notice.wait")

    def test_too_little_work_is_counted_beside_its_rows_and_before_sending(
        self, browser, permohonan
    ):
        situations.add_experience(permohonan)
        for url in (
            rows_url(permohonan, "pengalaman"),
            section_url(permohonan, "sertifikasi"),
            url_for("asesi.submit", permohonan_id=permohonan.public_id),
        ):
            found = notices(soup(browser.get(url)))
            assert any("tercatat 36 dari 48 bulan" in each for each in found), url

    def test_the_one_that_fits_is_named(self, browser, permohonan):
        stored(permohonan).education = "D2"
        db.session.commit()
        page = soup(browser.get(url_for("asesi.submit", permohonan_id=permohonan.public_id)))
        label = permohonan.skema_version.education_rules[1].label
        assert any(f"Yang sesuai dengan isian: “{label}”" in each for each in notices(page))


class TestPayer:
    def send(self, browser, permohonan, **changes):
        url = section_url(permohonan, "sertifikasi")
        return browser.post(url, data=typed(browser, permohonan, "sertifikasi", **changes))

    def test_a_public_budget_asks_whose(self, browser, permohonan):
        self.send(browser, permohonan, funding="APBN/APBD", purpose="sertifikasi", claimed_rule="1")
        page = soup(browser.get(url_for("asesi.fr_apl_01", permohonan_id=permohonan.public_id)))
        assert "kementerian atau pemerintah daerah yang membiayai" in words(main(page))
        self.send(browser, permohonan, funding="APBN/APBD", ministry="Pemerintah Kota Contoh")
        assert stored(permohonan).ministry == "Pemerintah Kota Contoh"

    def test_of_other_budgets_nobody_is_named(self, browser, permohonan):
        self.send(browser, permohonan, funding="Mandiri", ministry="Pemerintah Kota Contoh")
        assert stored(permohonan).ministry == ""

    def test_names_of_the_list_are_offered_and_others_may_be_typed(self, browser, permohonan):
        url = section_url(permohonan, "sertifikasi")
        assert soup(browser.get(url)).find("datalist") is None
        saved(Ministry(name="Kementerian Contoh", code="01"))
        page = soup(browser.get(url))
        assert [each["value"] for each in page.select("datalist option")] == ["Kementerian Contoh"]
        assert page.find(id="ministry")["list"] == page.find("datalist")["id"]
