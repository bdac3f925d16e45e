"""Another time for a meeting by the admin, an asesor who cannot come, and the whole history of seats."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import AsesorDayOff
from lsp.vocabulary import PermohonanStatus
from lsp.workflow.dossier import dossier_of
from tests.html import errors, filled, form, h1, links, notices, soup, words
from tests.services.test_meetings import book, slot_for
from tests.support.meetings import make_jadwal
from tests.test_pages import count_queries
from tests.workflow.cases import make_permohonan

S = PermohonanStatus
WHY = "Asesor sakit sampai akhir pekan."
#: SELECTs of one look at the page.
MOST = 14


@pytest.fixture
def jadwal(cast):
    return make_jadwal(cast.asesor, skema=cast.skema, asesor_2_id=cast.second_asesor.id)


@pytest.fixture
def case(cast, jadwal):
    case = make_permohonan(S.PAID, cast=cast)
    book(case, slot_for(case, cast, jadwal=jadwal))
    db.session.commit()
    return case


def at(endpoint, case, **more):
    return url_for(f"admin.{endpoint}", permohonan_id=case.public_id, **more)


class TestMoving:
    def test_in_one_step_with_the_hour_of_the_asesi_beside(self, admin, cast, jadwal, case):
        case.asesi.zone = "Asia/Jayapura"
        later = slot_for(case, cast, jadwal=jadwal, hours=60)
        assert at("move_form", case) in links(soup(admin.get(at("permohonan", case)))).values()
        page = soup(admin.get(at("move_form", case)))
        assert "waktu asesi, WIT" in words(page)
        assert " WIT)" in words(page)
        data = filled(form(page, at("move", case))) | {"slot": later.public_id, "note": WHY}
        assert admin.post(at("move", case), data=data).status_code == 303
        db.session.expire_all()
        assert dossier_of(case).booking.slot_id == later.id
        again = admin.post(at("move", case), data=data)
        assert again.status_code in (409, 422)
        assert WHY in words(soup(again))

    def test_what_bars_a_time_stands_with_it(self, admin, cast, jadwal, case):
        full = slot_for(case, cast, jadwal=jadwal, hours=60)
        book(make_permohonan(S.PAID, cast=cast), full)
        db.session.commit()
        page = words(soup(admin.get(at("move_form", case))))
        assert "1 waktu lain tidak dapat dipilih" in page
        assert "Kursinya sudah habis." in page

    def test_bars_are_said_where_a_seat_is_booked_too(self, admin, cast, jadwal, case):
        other = make_permohonan(S.PAID, cast=cast)
        page = words(soup(admin.get(at("book_form", other))))
        assert "Kursinya sudah habis." in page

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            ({"note": "sakit"}, "sedikitnya 10 huruf"),
            ({"slot": ""}, "Pilih"),
            ({"slot": "X" * 16}, "Pilih salah satu"),
        ],
    )
    def test_bad_input_is_told_and_kept(self, admin, cast, jadwal, case, data, sentence):
        later = slot_for(case, cast, jadwal=jadwal, hours=60)
        good = {"slot": later.public_id, "note": WHY, "version": case.version}
        answer = admin.post(at("move", case), data=good | data)
        assert answer.status_code == 422
        page = soup(answer)
        assert sentence in words(page)
        assert (good | data)["note"] in words(page)

    @pytest.mark.parametrize("press", ["look", "send too little"])
    def test_the_times_are_read_once(self, admin, cast, jadwal, case, press):
        """However many there are, and whether the form is drawn anew or not."""

        def asked() -> int:
            db.session.expire_all()
            page, action = at("move_form", case), at("move", case)
            if press == "look":
                return count_queries(lambda: admin.get(page))
            short = {"slot": "X", "note": "sakit", "version": case.version}
            return count_queries(lambda: admin.post(action, data=short))

        slot_for(case, cast, jadwal=jadwal, hours=60)
        few = asked()
        for hours in range(62, 90, 2):
            slot_for(case, cast, jadwal=jadwal, hours=hours)
        assert asked() == few <= MOST

    def test_without_a_meeting(self, admin, cast):
        case = make_permohonan(S.PAID, cast=cast)
        assert "Tidak ada rapat yang dapat dipindahkan" in words(
            soup(admin.get(at("move_form", case)))
        )
        data = {"slot": "X", "note": WHY, "version": case.version}
        assert admin.post(at("move", case), data=data).status_code == 422

    def test_the_history_of_seats(self, admin, cast, jadwal, case):
        later = slot_for(case, cast, jadwal=jadwal, hours=60)
        data = {"slot": later.public_id, "note": WHY, "version": case.version}
        admin.post(at("move", case), data=data)
        page = words(soup(admin.get(at("permohonan", case))))
        assert "2 kursi, asesi memindahkan 0 kali" in page
        assert f"Dipindahkan oleh {admin.user.name}" in page
        assert "Pra-asesmen dipindahkan" in page
        assert "Jadwal pra-asesmen lama dilepas" in page


class TestHindered:
    def url(self, **more):
        return url_for("admin.hindered_form", **more)

    def filled(self, page):
        return filled(page.select_one("form[data-guard]")) | {"note": WHY}

    def test_a_slot_is_called_off_with_a_way_for_each(self, admin, cast, jadwal, case):
        slot = dossier_of(case).booking.slot
        address = url_for("admin.jadwal", jadwal_id=jadwal.public_id)
        assert self.url(slot=slot.public_id) in links(soup(admin.get(address))).values()
        page = soup(admin.get(self.url(slot=slot.public_id)))
        assert h1(page) == "Batalkan slot"
        assert f"Waktu tetap, asesor {cast.second_asesor.name}" in words(page)
        data = self.filled(page)
        assert admin.post(url_for("admin.settle_hindered"), data=data).status_code == 303
        db.session.expire_all()
        assert dossier_of(case).booking.slot.asesor_id == cast.second_asesor.id
        twice = admin.post(url_for("admin.settle_hindered"), data=data)
        assert twice.status_code == 409
        assert any("sudah ditutup" in each for each in notices(soup(twice)))

    def test_an_asesor_for_some_days(self, admin, cast, jadwal, case):
        slot_for(case, cast, jadwal=jadwal, hours=33)
        days = {
            "asesor": cast.asesor.public_id,
            "dari": clock.today_wib().isoformat(),
            "sampai": jadwal.ends_on.isoformat(),
        }
        page = soup(admin.get(self.url(**days)))
        assert "1 asesi, 2 slot" in words(page)
        assert "1 slot tanpa asesi ikut ditutup" in words(page)
        data = self.filled(page)
        assert admin.post(url_for("admin.settle_hindered"), data=data).status_code == 303
        said = words(soup(admin.get(url_for("admin.jadwal_list"))))
        assert f"hari tidak bertugasnya dicatat. Diberi tahu: {case.asesi_name}." in said
        [off] = db.session.query(AsesorDayOff).filter_by(user_id=cast.asesor.id)
        assert (off.starts_on, off.ends_on) == (clock.today_wib(), jadwal.ends_on)

    def test_the_days_off_are_left_out_where_the_tick_is_taken_away(
        self, admin, cast, jadwal, case
    ):
        days = {"dari": clock.today_wib().isoformat(), "sampai": jadwal.ends_on.isoformat()}
        page = soup(admin.get(self.url(asesor=cast.asesor.public_id, **days)))
        data = self.filled(page)
        assert data.pop("libur")
        refused = soup(admin.post(url_for("admin.settle_hindered"), data=data | {"note": "sakit"}))
        assert "libur" not in filled(refused.select_one("form[data-guard]"))
        assert admin.post(url_for("admin.settle_hindered"), data=data).status_code == 303
        assert db.session.query(AsesorDayOff).count() == 0

    def test_a_row_that_changed_is_named_and_what_was_chosen_is_kept(
        self, admin, cast, jadwal, case
    ):
        slot = dossier_of(case).booking.slot
        page = soup(admin.get(self.url(slot=slot.public_id)))
        key = f"kursi-{dossier_of(case).booking.public_id}"
        data = self.filled(page) | {key: "pilih"}
        case.asesi_name = "Nama yang sudah diganti"  # somebody changed the case meanwhile
        db.session.commit()
        answer = admin.post(url_for("admin.settle_hindered"), data=data)
        assert answer.status_code == 409
        page = soup(answer)
        assert "Belum ada yang diubah. Nama yang sudah diganti" in notices(page)[0]
        assert filled(page.select_one("form[data-guard]"))[key] == ["pilih"]
        assert WHY in words(page)
        assert case.status is S.PRE_SCHEDULED

    def test_reason_too_short(self, admin, case):
        slot = dossier_of(case).booking.slot
        page = soup(admin.get(self.url(slot=slot.public_id)))
        answer = admin.post(
            url_for("admin.settle_hindered"), data=self.filled(page) | {"note": "sakit"}
        )
        assert answer.status_code == 422
        assert "sedikitnya 10 huruf" in errors(soup(answer))["note"]

    @pytest.mark.parametrize(
        "values",
        [
            {"asesor": "", "dari": "2026-11-20"},
            {"asesor": "X"},
            {"dari": "kapan-kapan"},
            {"slot": "X" * 17},
        ],
    )
    def test_bad_choices(self, admin, app, values):
        assert admin.get(self.url(**values)).status_code == 422

    def test_nothing_there(self, admin, app):
        page = words(soup(admin.get(self.url(slot="0123456789ABCDEF"))))
        assert "Tidak ada slot yang dapat dibatalkan" in page
        assert admin.get(self.url()).status_code == 200
