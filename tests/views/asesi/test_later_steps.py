"""What the asesi reads after he did his part: nothing is asked twice, and no button names what is not there yet."""

from __future__ import annotations

from datetime import timedelta

from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import Invoice, PermohonanEvent
from lsp.views.filters import tanggal_singkat
from lsp.vocabulary import Answer, Form, PermohonanStatus, Role
from tests import factories
from tests.html import links, soup, words
from tests.htmx import HX
from tests.views.asesi import situations
from tests.workflow.cases import sign

S = PermohonanStatus


def home(browser):
    return soup(browser.get(url_for("asesi.home")))


def card(browser) -> str:
    return words(home(browser).select_one(".now"))


def test_a_signed_fr_ak_02_is_not_asked_for_again(browser):
    case = situations.booked(browser.user, status=S.IN_ASSESSMENT, hours=-0.5)
    situations.recommendation_for(case, Answer.K)
    assert "tanda tangani" in card(browser)
    sign(case, Form.FR_AK_02, case.asesi, Role.ASESI)
    db.session.commit()
    assert "tanda tangani" in card(browser), "FR.IA.08 waits still"
    sign(case, Form.FR_IA_08, case.asesi, Role.ASESI)
    db.session.commit()
    assert "Tunggu rekomendasi asesor" in card(browser)
    assert "tanda tangani" not in card(browser)


def test_a_meeting_that_is_over_is_not_to_be_attended(browser):
    situations.booked(browser.user, hours=-3)
    assert "Jam rapat sudah lewat" in card(browser)
    assert "lebih awal" not in card(browser)


def test_a_proof_on_its_way_is_not_called_unpaid(browser):
    case = situations.invoiced(browser.user)
    proof = situations.add_document(case, purpose="payment_proof")
    db.session.query(Invoice).update({"proof_document_id": proof.id})
    db.session.commit()
    text = words(home(browser).main)
    assert "Bukti diperiksa" in text
    assert "Belum dibayar" not in text


def test_the_date_of_sending_is_that_of_the_last_one(browser):
    case = situations.draft(browser.user, status=S.SUBMITTED, submitted_at=clock.now())
    for days in (9, 2):
        factories.saved(
            PermohonanEvent(
                permohonan_id=case.id, at=clock.now() - timedelta(days=days), transition="submit",
                source=S.DRAFT, target=S.SUBMITTED, actor_id=case.asesi_id, actor_role=Role.ASESI,
                attempt=1,
            )
        )  # fmt: skip
    sent = tanggal_singkat(clock.now() - timedelta(days=2), reader=browser.user.zone)
    assert f"Dikirim {sent.split(',')[0]}" in words(home(browser).main)


def test_no_button_names_a_certificate_that_is_not_there(browser):
    situations.decided(browser.user, status=S.COMPETENT, decision=Answer.K, opened=True)
    assert "Lihat sertifikat" not in links(home(browser))


def test_meetings_to_choose_from_stand_under_their_day(browser):
    case = situations.paid(browser.user)
    situations.slot_for(case, hours=72)
    situations.slot_for(case, hours=75)
    situations.slot_for(case, hours=240)
    page = soup(browser.get(url_for("asesi.schedule", permohonan_id=case.public_id)))
    assert len(page.select("#schedule-panel h3")) in (2, 3)  # three hours may cross midnight
    assert len(page.select("#schedule-panel li")) == 3


def test_a_press_with_scripts_takes_an_old_message_away_and_shows_its_own(browser):
    case = situations.booked(browser.user, hours=0.2)
    address = url_for("asesi.agree_to_recording", permohonan_id=case.public_id)
    wrong = soup(browser.post(address, data={}, headers=HX))
    assert wrong.find(id="flash")["hx-swap-oob"] == "innerHTML"
    assert words(wrong.find(id="flash")) == ""
    right = soup(browser.post(address, data={"text_version": "1"}, headers=HX))
    assert words(right.find(id="flash")) == words(right.find(id="status")) != ""


def test_a_page_open_in_the_meeting_hears_of_a_paper_and_loses_nothing(browser):
    case = situations.booked(browser.user, hours=0.1)
    address = url_for("asesi.meeting", permohonan_id=case.public_id)
    ask = soup(browser.get(address)).find(id="meeting-news")["hx-get"]
    quiet = browser.get(ask, headers=HX)
    assert "kali=1" in soup(quiet).find(id="meeting-news")["hx-get"], "it asks again, later"
    assert len(quiet.data) <= 1_000
    situations.plan_for(case)
    arrived = browser.get(ask, headers=HX)
    assert arrived.headers["HX-Retarget"] == "#meeting-papers"
    assert soup(arrived).find("form", action=f"{address}/fr-ak-01")
    # Where a paper lies already it may be half signed: only a word says that there is more.
    told = soup(browser.get(ask.replace("kertas=", "kertas=fr-ak-01"), headers=HX))
    assert "Ada yang baru" in words(told)
    assert links(told)["Muat ulang"] == address
    assert told.find("form") is None
    assert browser.get(ask).location == address


def test_days_before_the_meeting_nothing_is_asked_again(browser):
    case = situations.booked(browser.user, hours=72)
    page = soup(browser.get(url_for("asesi.meeting", permohonan_id=case.public_id)))
    assert not page.select("[hx-trigger^=every]")
