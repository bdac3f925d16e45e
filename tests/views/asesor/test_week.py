"""The week: the own meetings of an asesor, those of all for the admin, with free seats, days off and holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from lsp.database import db
from lsp.models import Holiday
from lsp.vocabulary import MeetingKind, PermohonanStatus, Role
from tests.html import links, soup, words
from tests.support.meetings import make_day_off, make_slot
from tests.test_pages import count_queries
from tests.workflow.cases import hold_seat, make_cast, make_permohonan

MORNING = datetime(2026, 11, 26, 2, tzinfo=UTC)  # Thursday 09.00 WIB


@pytest.fixture(autouse=True)
def _on_a_monday_in_november():
    with time_machine.travel("2026-11-23T03:00:00Z", tick=False):
        yield


@pytest.fixture
def cast(app):
    made = make_cast()
    case = make_permohonan(PermohonanStatus.PAID, cast=made)
    seat = hold_seat(case, MeetingKind.PRE_ASSESSMENT, made, starts_at=MORNING)
    seat.slot.capacity = 3
    make_slot(made.second_asesor, starts_at=MORNING)
    make_day_off(made.asesor, starts_on=date(2026, 11, 28))
    db.session.add(Holiday(day=date(2026, 11, 27), name="Libur rekaan", movable=True))
    db.session.commit()
    made.case, made.seat = case, seat
    return made


def day(page, number):
    return words(page.find(id=f"hari-{number}").find_parent("section"))


class TestOfTheAsesor:
    def test_his_own_days(self, cast, sign_in):
        page = soup(sign_in(cast.asesor).get("/asesor/minggu"))
        assert "hari ini" in day(page, 1)
        assert cast.case.asesi_name in day(page, 4)
        assert "09.00–" in day(page, 4)
        assert "Jam dalam WIB" in words(page)
        assert "2 kursi kosong" in day(page, 4)
        assert "Libur rekaan" in day(page, 5)
        assert "tidak bertugas" in day(page, 6)

    def test_of_nobody_else(self, cast, sign_in):
        page = soup(sign_in(cast.second_asesor).get("/asesor/minggu"))
        assert cast.case.asesi_name not in words(page)
        assert "1 kursi kosong" in day(page, 4)
        assert "tidak bertugas" not in words(page)

    def test_empty_ones_are_gathered(self, cast, sign_in):
        for hour in (3, 6):
            make_slot(cast.asesor, starts_at=MORNING.replace(hour=hour))
        page = soup(sign_in(cast.asesor).get("/asesor/minggu"))
        thursday = page.find(id="hari-4").find_parent("section")
        assert words(thursday.find("summary")) == "2 slot kosong 10.00–14.00"
        assert thursday.find("details").get("open") is None
        assert len(thursday.find_all("article")) == 1

    def test_empty_ones_of_a_day_off_cannot_be_booked(self, cast, sign_in):
        make_slot(cast.asesor, starts_at=datetime(2026, 11, 28, 3, tzinfo=UTC))
        page = soup(sign_in(cast.asesor).get("/asesor/minggu"))
        row = page.find(id="hari-6").find_parent("section").find("li")
        assert "tidak bertugas" in words(row)
        assert "kursi kosong" not in words(row)

    def test_one_that_was_held_is_marked(self, cast, sign_in):
        browser = sign_in(cast.asesor)
        assert "selesai" not in day(soup(browser.get("/asesor/minggu")), 4)
        cast.seat.closed_at = datetime(2026, 11, 23, 2, tzinfo=UTC)
        db.session.commit()
        assert "selesai" in day(soup(browser.get("/asesor/minggu")), 4)

    def test_only_what_is_booked(self, cast, sign_in):
        make_slot(cast.asesor, starts_at=MORNING.replace(hour=5))
        page = soup(sign_in(cast.asesor).get("/asesor/minggu?dipesan=1"))
        assert cast.case.asesi_name in day(page, 4)
        assert not page.find("main").find_all("details")
        assert "dipesan=1" in links(page)["Minggu berikutnya"]

    def test_weeks_before_and_after(self, cast, sign_in):
        browser = sign_in(cast.asesor)
        later = links(soup(browser.get("/asesor/minggu")))["Minggu berikutnya"]
        assert later == "/asesor/minggu?mulai=2026-11-30"
        page = soup(browser.get(later))
        assert cast.case.asesi_name not in words(page)
        assert links(page)["Minggu sebelumnya"].endswith("2026-11-23")

    @pytest.mark.parametrize("asked", ["", "kemarin", "2026-13-01", "0001-01-01", "9999-12-31"])
    def test_an_odd_address_shows_this_week(self, cast, sign_in, asked):
        answer = sign_in(cast.asesor).get("/asesor/minggu", query_string={"mulai": asked})
        assert "hari ini" in day(soup(answer), 1)


class TestOfAll:
    def test_and_of_one(self, cast, sign_in):
        admin = sign_in(Role.ADMIN)
        page = soup(admin.get("/admin/jadwal/minggu"))
        assert cast.asesor.name in day(page, 4)
        assert cast.second_asesor.name in day(page, 4)
        assert f"{cast.asesor.name} tidak bertugas" in day(page, 6)
        one = soup(admin.get(f"/admin/jadwal/minggu?asesor={cast.second_asesor.public_id}"))
        assert cast.case.asesi_name not in words(one)
        assert "asesor=" in links(one)["Minggu berikutnya"]

    def test_a_day_is_the_readers(self, cast, sign_in):
        """23.00 WIB on Thursday is Friday in Jayapura."""
        make_slot(cast.second_asesor, starts_at=datetime(2026, 11, 26, 16, tzinfo=UTC))
        admin = sign_in(Role.ADMIN)
        assert "23.00" in day(soup(admin.get("/admin/jadwal/minggu")), 4)
        admin.post("/akun/zona", data={"zone": "Asia/Jayapura"})
        assert "01.00" in day(soup(admin.get("/admin/jadwal/minggu")), 5)

    def test_its_queries_do_not_grow(self, cast, sign_in):
        admin = sign_in(Role.ADMIN)
        one = count_queries(lambda: admin.get("/admin/jadwal/minggu"))
        for hour in range(4, 9):
            make_slot(cast.second_asesor, starts_at=MORNING.replace(hour=hour))
        db.session.rollback()
        assert count_queries(lambda: admin.get("/admin/jadwal/minggu")) <= one
