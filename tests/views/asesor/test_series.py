"""A series of meetings: shown first with what bars each, then opened together, once."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import url_for

from lsp.database import db
from lsp.models import Holiday, Slot
from lsp.services import schedule
from lsp.vocabulary import JadwalStatus, Role
from tests import factories
from tests.html import errors, filled, form, notices, soup, words
from tests.support.meetings import make_day_off, make_jadwal, make_profile, make_slot

URL = "/asesor/slot/banyak"


@pytest.fixture(autouse=True)
def _on_a_monday_in_november():
    with time_machine.travel("2026-11-23T03:00:00Z", tick=False):
        yield


@pytest.fixture
def opener(app, sign_in):
    """An asesor in Makassar (WITA) with a confirmed jadwal from 21 November to 23 December."""
    asesor = factories.make_user(Role.ASESOR, zone="Asia/Makassar")
    make_profile(asesor)
    browser = sign_in(asesor)
    browser.jadwal = make_jadwal(asesor)
    return browser


def saturdays(browser, **changes):
    """Every Saturday from 09.00 to 12.00 WITA, an hour each, for four weeks."""
    values = {
        "jadwal": browser.jadwal.public_id, "kind": "assessment", "weekdays": ["5"], "first": "2026-11-23",
        "weeks": "4", "from_time": "09.00", "to_time": "12.00", "minutes": "60", "pause": "0", "capacity": "1",
        "meeting_url": "",
    }  # fmt: skip
    return values | changes


def slots():
    db.session.expire_all()
    return db.session.query(Slot).order_by(Slot.starts_at).all()


class TestLooking:
    def test_every_meeting_is_shown_and_none_opened(self, opener):
        page = soup(opener.post(URL, data=saturdays(opener)))
        assert "12 dari 12 slot dapat dibuka" in words(page)
        days = [each.get_text() for each in page.find("main").find_all("h2")]
        assert (days[0], len(days)) == ("Sabtu, 28 November 2026", 4)
        assert "09.00 WITA (08.00 WIB) sampai 10.00 WITA (09.00 WIB)" in words(page)
        assert slots() == []

    def test_what_bars_each(self, opener):
        make_slot(opener.user, starts_at=datetime(2026, 11, 28, 1, 30, tzinfo=UTC))
        make_day_off(opener.user, starts_on=date(2026, 12, 5))
        db.session.add(Holiday(day=date(2026, 12, 12), name="Libur rekaan", movable=True))
        db.session.commit()
        page = soup(opener.post(URL, data=saturdays(opener, weeks="5")))
        told = words(page)
        for sentence in (
            "sudah punya slot pada jam itu", "Anda tidak bertugas pada hari itu", "hari libur (Libur rekaan)",
            "3 waktu di luar tanggal jadwal dilewati", "4 dari 15 slot dapat dibuka",
        ):  # fmt: skip
            assert sentence in told
        rows = page.find("main").find("form").select("ul.list > li")
        assert len(rows) == 12, "what the jadwal does not hold is told in one line"
        assert "sampai 10.00 WITA" in words(rows[0])

    def test_the_load_of_a_day_is_filled_by_the_series_itself(self, opener):
        page = soup(opener.post(URL, data=saturdays(opener, weeks="1", capacity="4")))
        assert "Pada 28 November 2026 sudah dibuka 8 kursi" in words(page)

    def test_a_pause_between_two(self, opener):
        page = soup(opener.post(URL, data=saturdays(opener, weeks="1", pause="30")))
        assert "2 dari 2 slot" in words(page)

    def test_the_form_begins_with_the_weeks_that_the_jadwal_still_holds(self, opener):
        assert filled(form(soup(opener.get(URL)), URL))["weeks"] == "4"
        opener.jadwal.ends_on = date(2026, 12, 4)
        db.session.commit()
        assert filled(form(soup(opener.get(URL)), URL))["weeks"] == "2"


class TestOpening:
    def preview(self, browser, **changes):
        return filled(form(soup(browser.post(URL, data=saturdays(browser, **changes))), URL))

    def test_all_that_can_be(self, opener):
        make_slot(opener.user, starts_at=datetime(2026, 11, 28, 1, tzinfo=UTC))
        sent = self.preview(opener) | {"press": "buka"}
        answer = opener.post(URL, data=sent)
        assert answer.location == "/asesor"
        assert "11 slot dibuka. 1 lainnya terhalang" in notices(soup(opener.get("/asesor")))[0]
        assert len(slots()) == 12
        assert len({slot.meeting_url for slot in slots()}) == 12, "a room each"
        assert slots()[-1].starts_at == datetime(2026, 12, 19, 3, tzinfo=UTC), "11.00 WITA"

    def test_pressed_twice_they_are_opened_once(self, opener):
        sent = self.preview(opener) | {"press": "buka"}
        for _press in range(2):
            assert opener.post(URL, data=sent).status_code == 303
        assert len(slots()) == 12
        assert "Semua slot ini sudah dibuka" in " ".join(notices(soup(opener.get("/asesor"))))

    def test_all_or_none_when_something_breaks(self, opener, monkeypatch):
        write, left = schedule.write_slot, [1, 2, 3]

        def failing(*args, **named):
            left.pop()
            return write(*args, **named)

        monkeypatch.setattr(schedule, "write_slot", failing)
        with pytest.raises(AssertionError, match="500"):
            opener.post(URL, data=saturdays(opener) | {"press": "buka"})
        db.session.rollback()
        assert slots() == []

    def test_back_to_the_form_keeps_what_was_typed(self, opener):
        page = soup(opener.post(URL, data=self.preview(opener, pause="15") | {"press": "ubah"}))
        drawn = filled(form(page, URL))
        assert (drawn["pause"], drawn["weekdays"]) == ("15", ["5"])

    def test_nothing_free_opens_nothing(self, opener):
        sent = saturdays(opener, first="2027-03-01") | {"press": "buka"}
        answer = opener.post(URL, data=sent)
        assert answer.status_code == 409
        assert "Tidak satu pun" in notices(soup(answer))[0]
        assert filled(form(soup(answer), URL))["first"] == "2027-03-01"


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"weekdays": []}, "sedikitnya satu hari"), ({"weekdays": ["8"]}, "Pilih dari daftar"),
            ({"first": "31/02/2027"}, "Tulis tanggal"), ({"weeks": "0"}, "antara 1 dan 12"),
            ({"weeks": "13"}, "antara 1 dan 12"), ({"from_time": "25.00"}, "Tulis jam seperti ini"),
            ({"to_time": "24.30"}, "Tulis jam seperti ini"), ({"to_time": "08.00"}, "sesudah jam mulai"),
            ({"to_time": "09.00"}, "sesudah jam mulai"), ({"minutes": "1500"}, "antara 15 dan 480"),
            ({"pause": "-5"}, "angka saja"), ({"capacity": "0"}, "antara 1 dan 40"),
            ({"jadwal": "X"}, "Pilih dari daftar"),
        ],
    )  # fmt: skip
    def test_by_its_field_with_the_rest_kept(self, opener, changes, sentence):
        answer = opener.post(URL, data=saturdays(opener, **changes))
        assert answer.status_code == 422
        page = soup(answer)
        assert sentence in words(page)
        assert filled(form(page, URL))["minutes"] == (saturdays(opener) | changes)["minutes"]

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"minutes": "240"}, "Tidak ada slot yang muat"),
            ({"weekdays": list("0123456"), "weeks": "12"}, "Paling banyak 100"),
            ({"meeting_url": "javascript:alert(1)"}, "Tautan rapat harus https"),
            ({"meeting_url": "https://jahat.example/x"}, "Tautan rapat harus https"),
        ],
    )
    def test_as_a_whole(self, opener, changes, sentence):
        answer = opener.post(URL, data=saturdays(opener, **changes))
        assert answer.status_code == 409
        assert sentence in notices(soup(answer))[0]
        assert filled(form(soup(answer), URL))["meeting_url"] == changes.get("meeting_url", "")

    def test_without_a_jadwal_of_his(self, opener):
        opener.jadwal.status = JadwalStatus.CANCELLED
        db.session.commit()
        assert opener.post(URL, data=saturdays(opener)).status_code == 422
        assert "Belum ada jadwal untuk Anda" in words(soup(opener.get(URL)))


def test_the_admin_opens_one_for_an_asesor(opener, sign_in):
    admin = sign_in(Role.ADMIN)
    url = url_for("admin.jadwal_open_series", jadwal_id=opener.jadwal.public_id)
    sent = filled(form(soup(admin.get(url)), url)) | saturdays(opener, asesor=opener.user.public_id)
    assert "12 dari 12 slot" in words(soup(admin.post(url, data=sent)))
    assert admin.post(url, data=sent | {"press": "buka"}).status_code == 303
    assert {slot.asesor_id for slot in slots()} == {opener.user.id}
    assert slots()[0].starts_at.hour == 2, "09.00 in the admin's own zone, WIB"
    assert errors(soup(admin.post(url, data=sent | {"asesor": ""})))
