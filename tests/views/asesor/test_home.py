"""The asesor's day: meetings with their links, what waits, and opening and closing meetings in his own zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import Slot
from lsp.services import asesor_desk
from lsp.vocabulary import JadwalStatus, Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.html import errors, filled, form, links, notices, soup, words
from tests.htmx import HX
from tests.support.meetings import make_jadwal, make_profile, make_slot
from tests.test_pages import count_queries
from tests.workflow.cases import hold_seat, make_cast, make_permohonan

S = PermohonanStatus


def follow(browser, answer):
    return soup(browser.get(answer.location))


def section(page, title):
    heading = page.find(lambda tag: tag.name == "h2" and words(tag) == title)
    return words(heading.find_parent("section"))


class TestTheDay:
    def test_a_meeting_of_today_with_its_link(self, pre):
        page = soup(pre.browser.get("/asesor"))
        assert pre.case.asesi_name in section(page, "Rapat hari ini")
        card = page.select_one(".now")
        assert pre.case.asesi_name in words(card)
        assert links(card)["Buka permohonan"] == pre.url()
        assert form(card, pre.url("/masuk-rapat"))["target"] == "_blank"

    def test_a_meeting_that_runs_over_midnight_stays(self, app, sign_in):
        cast = make_cast()
        case = make_permohonan(S.PAID, cast=cast)
        midnight = datetime.combine(clock.today_wib(), time(), clock.WIB)
        hold_seat(case, "pre_assessment", cast, starts_at=midnight - timedelta(minutes=20))
        case.status = S.PRE_SCHEDULED
        db.session.commit()
        with time_machine.travel(midnight + timedelta(minutes=10), tick=False):
            page = soup(sign_in(cast.asesor).get("/asesor"))
        assert case.asesi_name in section(page, "Rapat hari ini")

    def test_a_meeting_of_another_day_comes_later(self, app, sign_in):
        cast = make_cast()
        case = make_permohonan(S.PAID, cast=cast)
        hold_seat(case, "pre_assessment", cast, starts_at=clock.now() + timedelta(days=3))
        case.status = S.PRE_SCHEDULED
        db.session.commit()
        page = soup(sign_in(cast.asesor).get("/asesor"))
        assert case.asesi_name in section(page, "Rapat berikutnya")
        assert case.asesi_name not in section(page, "Rapat hari ini")

    def test_a_meeting_past_its_end_without_outcome_waits_for_him(self, pre):
        slot = dossier_of(pre.case).booking.slot
        slot.starts_at, slot.ends_at = (
            clock.now() - timedelta(days=2),
            clock.now() - timedelta(days=1, hours=23),
        )
        db.session.commit()
        page = soup(pre.browser.get("/asesor"))
        assert pre.case.asesi_name in words(page.select_one(".now")), "before a slot to open"
        waiting = section(page, "Menunggu Anda")
        assert "sudah lewat, hasilnya belum dicatat" in waiting

    def test_a_recording_that_lacks_waits_for_him(self, desk_at):
        desk = desk_at(S.READY)
        dossier_of(desk.case).bookings[-1].record.recording_reference = ""
        db.session.commit()
        assert "Rekaman pra-asesmen belum lengkap" in section(
            soup(desk.browser.get("/asesor")), "Menunggu Anda"
        )

    def test_it_waits_though_the_mode_changed_and_is_late_after_working_days(self, desk_at):
        desk = desk_at(S.READY)
        seat = dossier_of(desk.case).bookings[-1]
        seat.record.recording_reference, desk.case.mode = "", Mode.LURING
        friday = datetime(2026, 11, 13, 9, 0, tzinfo=clock.WIB)
        seat.slot.starts_at, seat.slot.ends_at = friday, friday + timedelta(hours=1)
        db.session.commit()
        for today, late in ((18, False), (19, True)):
            with time_machine.travel(datetime(2026, 11, today, 9, 0, tzinfo=clock.WIB), tick=False):
                (work,) = asesor_desk.waiting_for(desk.cast.asesor.id)
            assert (work.panel, work.late) == ("rekaman", late)

    def test_a_meeting_without_outcome_is_late_after_the_hours_of_the_setting(self, pre):
        slot = dossier_of(pre.case).booking.slot
        for hours, late in ((23, False), (25, True)):
            slot.ends_at = clock.now() - timedelta(hours=hours)
            slot.starts_at = slot.ends_at - timedelta(hours=1)
            db.session.commit()
            (work,) = asesor_desk.waiting_for(pre.cast.asesor.id)
            assert work.late is late

    def test_the_word_of_asesor_2_is_waited_for(self, desk_at, sign_in):
        desk = desk_at(S.IN_ASSESSMENT)
        desk.cast.jadwal[desk.case.mode].asesor_2_id = desk.cast.second_asesor.id
        db.session.commit()
        page = soup(sign_in(desk.cast.second_asesor).get("/asesor"))
        assert "tanda tangan Anda sebagai asesor 2" in section(page, "Menunggu Anda")
        assert page.find("a", href=desk.url("/tanda-tangan")) is not None

    def test_an_empty_day_says_how_it_gets_filled(self, sign_in):
        page = soup(sign_in(Role.ASESOR).get("/asesor"))
        assert "Tidak ada rapat yang terjadwal" in words(page.select_one(".now"))
        assert links(page)["Buka slot"] == "/asesor/slot"

    def test_cases_of_others_are_absent(self, pre, sign_in):
        assert pre.case.asesi_name not in words(soup(sign_in(Role.ASESOR).get("/asesor")))

    def test_its_queries_do_not_grow(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED)
        one = count_queries(lambda: desk.browser.get("/asesor"))
        for status in (S.PRE_SCHEDULED, S.READY, S.SCHEDULED, S.IN_ASSESSMENT, S.RECOMMENDED):
            make_permohonan(status, cast=desk.cast)
        db.session.rollback()
        assert count_queries(lambda: desk.browser.get("/asesor")) <= one <= 15


@pytest.fixture
def opener(app, sign_in):
    """An asesor in Jayapura (WIT) with a confirmed jadwal."""
    asesor = factories.make_user(Role.ASESOR, zone="Asia/Jayapura")
    make_profile(asesor)
    browser = sign_in(asesor)
    browser.jadwal = make_jadwal(asesor)
    return browser


def good(browser, **changes):
    day = clock.today_wib() + timedelta(days=3)
    values = {
        "jadwal": browser.jadwal.public_id, "kind": "assessment", "day": day.isoformat(), "time": "09:30",
        "minutes": "90", "capacity": "2", "meeting_url": "",
    }  # fmt: skip
    return values | changes


def slots():
    db.session.expire_all()
    return db.session.query(Slot).order_by(Slot.id).all()


class TestOpening:
    @pytest.mark.parametrize("headers", [{}, HX])
    def test_in_his_own_zone(self, opener, headers):
        data = good(opener)
        answer = opener.post("/asesor/slot", data=data, headers=headers)
        assert (answer.location or answer.headers.get("HX-Redirect")) == "/asesor"
        [slot] = slots()
        day = datetime.fromisoformat(data["day"])
        assert slot.starts_at == datetime(day.year, day.month, day.day, 0, 30, tzinfo=UTC), (
            "09.30 WIT"
        )
        assert (slot.ends_at - slot.starts_at, slot.capacity) == (timedelta(minutes=90), 2)
        assert slot.meeting_url.startswith("https://meet.jit.si/")
        assert "09.30 WIT" in section(soup(opener.get("/asesor")), "Slot yang Anda buka")

    @pytest.mark.parametrize(("day", "time"), [("%d/%m/%Y", "09.30"), ("%d-%m-%Y", "9:30")])
    def test_as_people_write_it(self, opener, day, time):
        when = clock.today_wib() + timedelta(days=3)
        assert (
            opener.post(
                "/asesor/slot", data=good(opener, day=when.strftime(day), time=time)
            ).status_code
            == 303
        )

    @pytest.mark.parametrize(
        "url",
        [
            "https://meet.google.com/abc-defg-hij",
            "https://lsp.zoom.us/j/1?pwd=x",
            "HTTPS://zoom.us/j/1",
        ],
    )
    def test_his_own_link(self, opener, url):
        assert opener.post("/asesor/slot", data=good(opener, meeting_url=url)).status_code == 303
        assert slots()[0].meeting_url == url

    @pytest.mark.parametrize(
        "url",
        [
            "http://meet.google.com/x", "https://jahat.example/x", "javascript:alert(1)", "https://zoom.us@jahat.example",
            "https://jahatzoom.us/", "https://zoom.us.jahat.example/", "//zoom.us/x", "https://zoom.us\\@jahat.example",
            "https://a:b@zoom.us/", "https://zoom.us:8443/", "https://[::1", "https://zоom.us/",
        ],
    )  # fmt: skip
    def test_a_strange_link_is_refused_and_kept(self, opener, url):
        answer = opener.post("/asesor/slot", data=good(opener, meeting_url=url))
        assert answer.status_code == 409
        page = soup(answer)
        assert "Tautan rapat harus https" in notices(page)[0]
        assert filled(form(page, "/asesor/slot"))["meeting_url"] == url
        assert slots() == []

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"jadwal": ""}, "Pilih"),
            ({"jadwal": "X" * 16}, "Pilih dari daftar"),
            ({"kind": "pesta"}, "Pilih salah satu"),
            ({"day": ""}, "Isi tanggal"),
            ({"day": "31/02/2026"}, "Tulis tanggal seperti ini"),
            ({"day": "0001-01-01"}, "Periksa tahunnya"),
            ({"time": "pagi"}, "Tulis jam seperti ini"),
            ({"time": ""}, "Isi jam mulai"),
            ({"time": "25.00"}, "Tulis jam seperti ini"),
            ({"minutes": "1500"}, "antara 15 dan 480"),
            ({"minutes": "5"}, "antara 15 dan 480"),
            ({"minutes": "satu jam"}, "Tulis dengan angka"),
            ({"minutes": "9" * 30}, "Tulis dengan angka"),
            ({"capacity": "41"}, "antara 1 dan 40"),
            ({"meeting_url": "https://zoom.us/" + "x" * 300}, "Paling panjang 300"),
        ],
    )
    def test_bad_input_is_told_and_kept(self, opener, changes, sentence):
        data = good(opener, **changes)
        answer = opener.post("/asesor/slot", data=data)
        assert answer.status_code == 422
        page = soup(answer)
        assert any(sentence in each for each in errors(page).values()), errors(page)
        drawn = filled(form(page, "/asesor/slot"))
        assert drawn["minutes"] == data["minutes"]
        assert slots() == []

    @pytest.mark.parametrize(
        ("days", "sentence"), [(-1, "sudah lewat"), (300, "di dalam tanggal jadwal")]
    )
    def test_a_time_that_cannot_be(self, opener, days, sentence):
        day = (clock.today_wib() + timedelta(days=days)).isoformat()
        answer = opener.post("/asesor/slot", data=good(opener, day=day))
        assert answer.status_code == 409
        assert sentence in notices(soup(answer))[0]

    def test_two_at_once(self, opener):
        assert opener.post("/asesor/slot", data=good(opener)).status_code == 303
        answer = opener.post("/asesor/slot", data=good(opener, time="10:00"))
        assert answer.status_code == 409
        assert "Anda sudah punya slot pada jam itu" in " ".join(notices(soup(answer)))
        assert len(slots()) == 1

    @pytest.mark.parametrize("status", [JadwalStatus.DRAFT, JadwalStatus.CANCELLED])
    def test_only_in_a_confirmed_jadwal_of_his(self, opener, status):
        opener.jadwal.status = status
        db.session.commit()
        assert opener.post("/asesor/slot", data=good(opener)).status_code == 422
        page = soup(opener.get("/asesor/slot"))
        assert "Belum ada jadwal untuk Anda" in words(page)

    def test_not_in_the_jadwal_of_another(self, opener):
        other = make_jadwal(factories.make_user(Role.ASESOR))
        assert (
            opener.post("/asesor/slot", data=good(opener, jadwal=other.public_id)).status_code
            == 422
        )


class TestClosing:
    def test_an_empty_one(self, opener):
        slot = make_slot(opener.user, jadwal=opener.jadwal)
        url = url_for("asesor.close_slot", slot_id=slot.public_id)
        assert opener.post(url).location == f"/asesor?ditutup={slot.public_id}"
        assert slots()[0].cancelled_at is not None
        assert opener.post(url).status_code == 404, "it stands no more"

    def test_one_with_a_seat_taken_is_refused(self, pre):
        slot = dossier_of(pre.case).booking.slot
        pre.browser.post(url_for("asesor.close_slot", slot_id=slot.public_id))
        assert "sudah dipesan" in notices(soup(pre.browser.get("/asesor")))[0]
        assert slots()[0].cancelled_at is None

    def test_is_undone_in_one_press(self, opener):
        slot = make_slot(opener.user, jadwal=opener.jadwal)
        page = follow(opener, opener.post(url_for("asesor.close_slot", slot_id=slot.public_id)))
        url = url_for("asesor.reopen_slot", slot_id=slot.public_id)
        assert "ditutup" in notices(page)[0]
        sent = filled(form(page, url))
        for _press in range(2):
            assert "terbuka kembali" in " ".join(
                notices(follow(opener, opener.post(url, data=sent)))
            )
        assert slots()[0].cancelled_at is None
        assert not soup(opener.get(f"/asesor?ditutup={slot.public_id}")).find("form", action=url)

    def test_is_not_undone_when_another_took_its_time(self, opener):
        slot = make_slot(opener.user, jadwal=opener.jadwal)
        opener.post(url_for("asesor.close_slot", slot_id=slot.public_id))
        make_slot(
            opener.user, jadwal=opener.jadwal, starts_at=slot.starts_at + timedelta(minutes=5)
        )
        answer = opener.post(url_for("asesor.reopen_slot", slot_id=slot.public_id))
        assert "sudah punya slot pada jam itu" in notices(follow(opener, answer))[0]
        db.session.expire_all()
        assert slot.cancelled_at is not None

    def test_slots_stand_by_day_and_only_the_next_are_open(self, opener):
        for days in (1, 5):
            for hours in (0, 2):
                starts_at = clock.now() + timedelta(days=days, hours=hours)
                make_slot(opener.user, jadwal=opener.jadwal, starts_at=starts_at)
        card = soup(opener.get("/asesor")).find(id="slot-anda").find_parent("section")
        folded = card.find_all("details")
        assert len(folded[-1].find_all("li")) >= 1
        assert [each.has_attr("open") for each in folded][:: len(folded) - 1] == [True, False]

    def test_the_same_hour_can_be_opened_again(self, opener):
        opener.post("/asesor/slot", data=good(opener))
        opener.post(url_for("asesor.close_slot", slot_id=slots()[0].public_id))
        assert opener.post("/asesor/slot", data=good(opener)).status_code == 303
        assert [slot.cancelled_at is None for slot in slots()] == [False, True]


def test_a_list_that_ends_early_says_so(pre, monkeypatch):
    assert "yang tampil di sini" not in words(soup(pre.browser.get("/asesor")))
    monkeypatch.setattr("lsp.services.asesor_desk.MOST", 1)
    page = words(soup(pre.browser.get("/asesor")))
    assert "Hanya 1 permohonan terbaru yang tampil di sini." in page
