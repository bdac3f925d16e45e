"""Banding and closing, as the asesi meets them: why not, what was kept, nothing given away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Permohonan
from lsp.services import appeals, results
from lsp.vocabulary import PermohonanStatus, Role
from tests.html import errors, filled, form, links, main, notices, soup, words
from tests.views.asesi import situations
from tests.workflow.cases import actor_of

S = PermohonanStatus
REASON = "Unit kedua dinilai tanpa bukti foto saya."


def url(endpoint, permohonan) -> str:
    return url_for(f"asesi.{endpoint}", permohonan_id=permohonan.public_id)


def status_of(permohonan) -> PermohonanStatus:
    return db.session.get_one(Permohonan, permohonan.id, populate_existing=True).status


class TestAppeal:
    @pytest.fixture
    def permohonan(self, browser):
        return situations.decided(browser.user, opened=True)

    def send(self, browser, permohonan, **values):
        page = soup(browser.get(url("appeal", permohonan)))
        address = url("file_appeal", permohonan)
        return browser.post(address, data=filled(form(page, address)) | values)

    def test_the_page_says_by_when_and_what_follows(self, browser, permohonan):
        text = words(main(soup(browser.get(url("appeal", permohonan)))))
        for each in ("paling lambat", "14 hari kerja", "tidak terlibat", "satu kali"):
            assert each in text

    def test_a_short_reason_is_kept_and_asked_again(self, browser, permohonan):
        answer = self.send(browser, permohonan, note="Tidak adil.")
        assert answer.status_code == 422
        page = soup(answer)
        assert "20 huruf" in errors(page)["note"]
        assert words(page.find("textarea")) == "Tidak adil."
        assert status_of(permohonan) is S.NOT_YET_COMPETENT

    def test_the_second_of_two_tabs_is_told(self, browser, permohonan):
        stale = self.send(browser, permohonan, note=REASON, version="99")
        assert stale.status_code == 409
        assert "Data sudah berubah" in notices(soup(stale))[0]
        assert REASON in words(soup(stale).find("textarea"))

    def test_after_the_last_day_it_says_why_not(self, browser, permohonan):
        permohonan.result_opened_at = clock.now() - timedelta(days=60)
        permohonan.decided_at = clock.now() - timedelta(days=60)
        db.session.commit()
        page = soup(browser.get(url("appeal", permohonan)))
        assert "Batas waktu banding sudah lewat" in words(main(page))
        assert main(page).find("form") is None
        result = soup(browser.get(url("result", permohonan)))
        assert "Batas waktu banding sudah lewat" in words(main(result))
        assert "Ajukan banding…" not in links(result)
        late = browser.post(
            url("file_appeal", permohonan),
            data={"version": permohonan.version, "note": REASON},
        )
        assert late.status_code == 409
        assert REASON in words(main(soup(late)))

    def test_an_unread_result_is_opened_first_and_not_given_away(self, browser):
        permohonan = situations.decided(browser.user)
        for endpoint in ("appeal", "accept_result"):
            text = words(main(soup(browser.get(url(endpoint, permohonan)))))
            assert "Buka dulu hasilnya" in text
        data = {"version": permohonan.version, "note": REASON}
        for endpoint in ("file_appeal", "close_case"):
            assert browser.post(url(endpoint, permohonan), data=data).status_code == 409
        assert status_of(permohonan) is S.NOT_YET_COMPETENT

    def test_where_nothing_is_decided(self, browser):
        permohonan = situations.paid(browser.user)
        for endpoint in ("appeal", "accept_result"):
            text = words(main(soup(browser.get(url(endpoint, permohonan)))))
            assert "tidak ada pada tahap" in text

    def test_while_it_runs_the_page_says_until_when(self, browser, permohonan):
        assert self.send(browser, permohonan, note=REASON).status_code == 303
        home = words(main(soup(browser.get(url("permohonan", permohonan)))))
        assert "Dijawab paling lambat" in home
        assert "Ajukan banding…" not in links(soup(browser.get(url("result", permohonan))))


class TestTheServices:
    """What another caller could not skip either."""

    def test_an_unread_result_is_neither_contested_nor_taken(self, app):
        permohonan = situations.decided()
        actor = actor_of(permohonan.asesi)
        with pytest.raises(DomainError, match="Buka dulu"):
            appeals.file(actor, permohonan, reason=REASON, version=permohonan.version)
        with pytest.raises(DomainError, match="Buka dulu"):
            results.accept(actor, permohonan, version=permohonan.version)

    def test_nobody_else_opens_a_result(self, sign_in):
        permohonan = situations.decided()
        with pytest.raises(DomainError, match="asesi sendiri"):
            results.open_result(actor_of(sign_in(Role.ADMIN).user), permohonan)
        assert permohonan.result_opened_at is None

    def test_opening_twice_keeps_the_first_moment(self, app):
        permohonan = situations.decided()
        actor = actor_of(permohonan.asesi)
        results.open_result(actor, permohonan)
        first = permohonan.result_opened_at
        results.open_result(actor, permohonan)
        assert permohonan.result_opened_at == first
