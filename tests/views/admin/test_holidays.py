"""Holidays in Pengaturan: pasted lines are all taken or all kept in the box, with the bad ones named."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import url_for

from lsp.database import db
from lsp.models import Holiday
from lsp.services import holidays, installation
from lsp.vocabulary import Role
from tests import factories
from tests.html import errors, filled, form, notices, soup, words
from tests.support.meetings import make_jadwal, make_slot

URL = "/admin/pengaturan/hari-libur"
NOW = "2026-11-23T03:00:00Z"


@pytest.fixture(autouse=True)
def _on_a_day_in_november():
    with time_machine.travel(NOW, tick=False):
        yield


def names(year=2027):
    db.session.expire_all()
    return {row.day.isoformat(): row.name for row in holidays.of_year(year)}


class TestOpenSlots:
    def test_are_counted_and_listed_and_stay_open(self, admin):
        asesor = factories.make_user(Role.ASESOR, name="Asesor Hari Itu")
        jadwal = make_jadwal(asesor)
        slot = make_slot(asesor, jadwal=jadwal, starts_at=datetime(2026, 12, 7, 2, tzinfo=UTC))
        make_slot(asesor, jadwal=jadwal, starts_at=datetime(2026, 12, 8, 2, tzinfo=UTC))
        answer = admin.post(URL, data={"lines": "2026-12-07 Libur rekaan"})
        page = soup(admin.get(answer.location))
        assert "1 slot masih ada pada hari itu" in notices(page)[0]
        address = url_for("admin.jadwal", jadwal_id=jadwal.public_id)
        assert [words(link) for link in page.select(f"small a[href='{address}']")] == [
            "7 Des 2026, 09.00 WIB, pra-asesmen, Asesor Hari Itu"
        ]
        assert slot.cancelled_at is None


class TestPasting:
    def test_several_lines_in_the_shapes_people_use(self, admin):
        text = (
            "2027-03-20 Libur rekaan A\n\n21/03/2027: Libur rekaan B\n"
            "22-3-2027 – Libur rekaan C\n23 Maret 2027  Libur rekaan D\n24.03.2027, Libur rekaan E"
        )
        assert admin.post(URL, data={"lines": text}).location.endswith("tahun=2027")
        found = names()
        assert [found[f"2027-03-{day}"] for day in range(20, 25)] == [
            f"Libur rekaan {letter}" for letter in "ABCDE"
        ]
        assert db.session.get(Holiday, date(2027, 3, 20)).movable

    def test_pressed_twice_they_stand_once(self, admin):
        before = len(names())
        for _press in range(2):
            assert admin.post(URL, data={"lines": "2027-03-20 Libur rekaan"}).status_code == 303
        assert len(names()) == before + 1

    def test_bad_lines_are_named_and_nothing_is_stored_or_lost(self, admin):
        text = (
            "20/03/2027 Libur rekaan\nIdulfitri\n31/02/2027 Tidak ada\n20/03/2027 Dua kali\n2027-04-01\n"
            "2020-01-01 Sudah lewat\n20/03/2099 Terlalu jauh"
        )
        before = names()
        answer = admin.post(URL, data={"lines": text})
        assert answer.status_code == 422
        page = soup(answer)
        told = words(page)
        for sentence in (
            "Baris 2, “Idulfitri”: Mulai dengan tanggal", "Baris 3, “31/02/2027 Tidak ada”: Tanggal ini tidak ada",
            "Baris 4", "sudah ada di baris lain", "Baris 5", "Tulis nama hari libur", "Baris 6", "sudah lewat",
            "Baris 7", "Periksa tahunnya",
        ):  # fmt: skip
            assert sentence in told
        assert filled(form(page, URL))["lines"].strip() == text
        assert names() == before

    def test_a_day_that_stands_under_another_name(self, admin):
        answer = admin.post(URL, data={"lines": "25/12/2027 Libur lain"})
        assert "sudah tercatat sebagai Hari Raya Natal" in errors(soup(answer))["lines"]

    @pytest.mark.parametrize("lines", ["", "   \n  "])
    def test_empty(self, admin, lines):
        assert "lines" in errors(soup(admin.post(URL, data={"lines": lines})))


class TestRemoving:
    def test_a_coming_one_and_it_does_not_come_back(self, admin):
        assert admin.post(f"{URL}/2027-06-01/hapus").status_code == 303
        assert "2027-06-01" not in names()
        installation._add_holidays()
        db.session.commit()
        assert "2027-06-01" not in names(), "what was removed stays removed at the next start"

    def test_one_that_is_over_stays(self, admin):
        admin.post(f"{URL}/2026-06-01/hapus")
        assert "2026-06-01" in names(2026)

    @pytest.mark.parametrize("day", ["kemarin", "2027-02-30", "2027-03-03"])
    def test_none_of_that_day(self, admin, day):
        assert admin.post(f"{URL}/{day}/hapus").status_code == 404


class TestTheWarning:
    def test_until_the_movable_ones_are_typed(self, admin):
        assert "belum diisi untuk 2026 dan 2027" in words(soup(admin.get(URL)))
        assert "belum diisi untuk 2026 dan 2027" in words(soup(admin.get("/admin/pengaturan")))
        admin.post(URL, data={"lines": "20/03/2027 Libur rekaan\n24/12/2026 Cuti bersama rekaan"})
        assert "belum diisi" not in words(soup(admin.get(URL)))

    @pytest.mark.parametrize("year", ["2027", "x", "99999999999", ""])
    def test_any_year_in_the_address(self, admin, year):
        assert admin.get(URL, query_string={"tahun": year}).status_code == 200
