"""Umpan balik: the task on the asesi's page, ten questions in one form, nothing typed is lost, fixed after its days."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import FrAk03
from lsp.vocabulary import PermohonanStatus
from tests.html import errors, filled, form, links, main, notices, soup, words
from tests.test_pages import MOST_BYTES, count_queries
from tests.views.asesi.pages import text_of, url
from tests.workflow.cases import make_permohonan

S = PermohonanStatus


@pytest.fixture
def case(browser):
    return make_permohonan(S.COMPETENT, asesi=browser.user, result_opened_at=clock.now())


def answers(**changes):
    return {f"b{number}": "ya" for number in range(1, 11)} | changes


def sheet(browser, case, **changes):
    page = soup(browser.get(url("feedback", case)))
    return filled(form(page, url("give_feedback", case))) | answers(**changes)


def send(browser, case, data):
    return browser.post(url("give_feedback", case), data=data)


def stored():
    db.session.expire_all()
    return db.session.query(FrAk03).one()


class TestTheTask:
    def test_it_stands_on_his_page_and_says_that_it_is_free(self, browser, case):
        page = soup(browser.get(url_for("asesi.home")))
        assert links(page)["Isi umpan balik"] == url("feedback", case)
        assert "Tidak wajib dan tidak memengaruhi hasil" in words(main(page))

    def test_not_before_he_has_read_his_result(self, browser):
        case = make_permohonan(S.NOT_YET_COMPETENT, asesi=browser.user)
        assert "Umpan balik" not in text_of(browser, url("permohonan", case))
        page = soup(browser.get(url("feedback", case)))
        assert links(page)["Ke hasil"] == url("result", case)
        assert send(browser, case, answers()).status_code == 409
        assert db.session.query(FrAk03).count() == 0

    def test_not_before_a_decision(self, browser):
        case = make_permohonan(S.RECOMMENDED, asesi=browser.user)
        assert "Umpan balik" not in text_of(browser, url("permohonan", case))
        assert "setelah hasil asesmen Anda ditetapkan" in text_of(browser, url("feedback", case))

    def test_few_queries(self, browser, case):
        assert count_queries(lambda: browser.get(url_for("asesi.home"))) <= 12


class TestTheForm:
    def test_saved_whole(self, browser, case):
        data = sheet(browser, case, b4="tidak", comment="Terima kasih")
        answer = send(browser, case, data | {"b4-catatan": "Bukti 2 tidak dibuka"})
        assert answer.status_code == 303
        assert "Terima kasih, umpan balik" in notices(soup(browser.get(answer.location)))[0]
        paper = stored()
        assert paper.answers["4"] == {"yes": False, "note": "Bukti 2 tidak dibuka"}
        assert (len(paper.answers), paper.comment) == (10, "Terima kasih")
        home = soup(browser.get(url_for("asesi.home")))
        assert links(home)["Lihat umpan balik"] == url("feedback", case)

    def test_what_lacks_is_told_and_what_was_typed_stays(self, browser, case):
        data = sheet(browser, case, comment="Jangan hilang")
        del data["b7"]
        answer = send(browser, case, data | {"b2-catatan": "Standarnya dibagikan"})
        page = soup(answer)
        assert answer.status_code == 422
        assert "No. 7: pilih Ya atau Tidak." in words(page)
        again = filled(form(page, url("give_feedback", case)))
        assert (again["b2-catatan"], again["comment"].strip()) == (
            "Standarnya dibagikan",
            "Jangan hilang",
        )
        assert again["b1"] == ["ya"]
        assert db.session.query(FrAk03).count() == 0

    def test_a_note_too_long_is_told_by_its_field(self, browser, case):
        data = sheet(browser, case) | {"b3-catatan": "x" * 1001}
        page = soup(send(browser, case, data))
        assert "Paling panjang 1000 huruf" in errors(page)["b3-catatan"]

    def test_another_tab_is_not_overwritten(self, browser, case):
        old = sheet(browser, case)
        send(browser, case, sheet(browser, case, b1="tidak"))
        answer = send(browser, case, old | {"comment": "Dari tab lama"})
        assert answer.status_code == 409
        assert "sudah berubah sejak halaman ini Anda buka" in " ".join(notices(soup(answer)))
        assert "Dari tab lama" in words(soup(answer).find("textarea", id="comment"))
        assert stored().answers["1"]["yes"] is False

    def test_the_same_press_twice(self, browser, case):
        data = sheet(browser, case)
        assert [send(browser, case, data).status_code for _ in range(2)] == [303, 303]
        assert db.session.query(FrAk03).count() == 1

    def test_after_its_days_it_is_read_only(self, browser, case):
        send(browser, case, sheet(browser, case, comment="Sudah tetap"))
        case.result_opened_at = case.decided_at = clock.now() - timedelta(days=15)
        db.session.commit()
        page = soup(browser.get(url("feedback", case)))
        assert page.find("textarea") is None
        assert "Sudah tetap" in words(main(page))
        answer = send(browser, case, answers(b1="tidak"))
        assert answer.status_code == 409
        assert stored().answers["1"]["yes"] is True

    def test_it_is_light(self, browser, case):
        page = browser.get(url("feedback", case))
        assert len(gzip.compress(page.data)) <= MOST_BYTES
