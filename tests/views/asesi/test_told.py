"""What the asesi is told where one sentence does not fit all: a lapsed invoice, a meeting face to face."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Booking
from lsp.vocabulary import InvoiceStatus, Mode, PermohonanStatus
from tests.html import filled, main, notices, soup, words
from tests.views.asesi import situations

S = PermohonanStatus


def url(endpoint, permohonan) -> str:
    return url_for(f"asesi.{endpoint}", permohonan_id=permohonan.public_id)


def text_of(browser, address) -> str:
    return words(main(soup(browser.get(address))))


class TestLapsed:
    """What the page says of extending a lapsed invoice is what the table would do."""

    def lapsed(self, browser, *, days_ago=3, extended=False):
        permohonan = situations.invoiced(browser.user)
        invoice = permohonan.invoices[0]
        invoice.status, invoice.extended = InvoiceStatus.LAPSED, extended
        invoice.due_on = clock.today_wib() - timedelta(days=days_ago)
        permohonan.status = S.LAPSED
        db.session.commit()
        return permohonan

    @pytest.mark.parametrize(
        ("situation", "said"),
        [
            ({}, "dapat diperpanjang satu kali, paling lambat"),
            ({"extended": True}, "sudah pernah diperpanjang, jadi tidak dapat diperpanjang lagi"),
            ({"days_ago": 30}, "Waktu untuk memperpanjang tagihan ini sudah lewat"),
        ],
    )
    def test_each_case_is_told_the_truth(self, browser, situation, said):
        permohonan = self.lapsed(browser, **situation)
        for endpoint in ("payment", "permohonan"):
            text = text_of(browser, url(endpoint, permohonan))
            assert said in text
            assert ("satu kali" in text) is (situation == {})


class TestNoRecording:
    """Who does not want to be recorded is asked once, with the money, and then told what becomes of the meeting."""

    def test_the_no_is_asked_on_its_own_page_and_answered_as_a_no(self, browser):
        permohonan = situations.booked(browser.user, hours=2)
        meeting = main(soup(browser.get(url("meeting", permohonan))))
        (link,) = (a for a in meeting.find_all("a") if "tidak mau direkam" in words(a))
        page = main(soup(browser.get(link["href"])))
        assert words(page.h1) == "Anda tidak mau direkam?"
        assert "biaya tambahan" in words(page) or "tagihan selisihnya" in words(page)
        answer = browser.post(page.form["action"], data=filled(page.form))
        home = soup(browser.get(answer.location))
        assert "Anda menolak direkam." in notices(home)[0]
        assert "Rapat diganti tatap muka" in words(main(home))
        meeting = main(soup(browser.get(url("meeting", permohonan))))
        assert "Anda menolak direkam" in words(meeting)
        assert "Saya setuju direkam" not in words(meeting)


class TestLuring:
    """Face to face: the pages say where to go, and nothing of links or cameras."""

    @pytest.fixture
    def permohonan(self, browser):
        permohonan = situations.booked(browser.user, hours=2, mode=Mode.LURING)
        seat = db.session.scalars(select(Booking)).one()
        seat.slot.jadwal.tuk.address = "Jl. Rekaan No. 7"
        db.session.commit()
        return permohonan

    def test_the_meeting_names_the_place(self, browser, permohonan):
        text = text_of(browser, url("meeting", permohonan))
        assert "Tatap muka di TUK Contoh" in text
        assert "Jl. Rekaan No. 7" in text
        for foreign in ("Tautan rapat", "undangan e-mail", "Perekaman"):
            assert foreign not in text

    def test_so_does_the_page(self, browser, permohonan):
        text = text_of(browser, url("permohonan", permohonan))
        assert "Datang ke TUK Contoh" in text
        assert "masuk beberapa menit" not in text

    def test_without_an_address_it_says_whom_to_ask(self, browser, permohonan):
        seat = db.session.scalars(select(Booking)).one()
        seat.slot.jadwal.tuk.address = ""
        db.session.commit()
        assert "Tanyakan alamat" in text_of(browser, url("meeting", permohonan))
