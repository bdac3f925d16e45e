"""BNSP's remote permissions in Pengaturan: a correction is a row of its own, an end never passes over meetings held."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, RemotePermission, Skema
from lsp.services.skema import remote_permission
from lsp.views.filters import umur
from lsp.vocabulary import PermohonanStatus
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.html import errors, filled, form, soup, words
from tests.workflow.cases import make_permohonan, seat_of


@pytest.fixture
def letter(app):
    return factories.make_remote_permission(factories.make_skema().skema, methods=["wawancara"])


def at(endpoint, row):
    return url_for(f"admin.{endpoint}", permission_id=row.id)


def day(days=0):
    return (clock.today_wib() + timedelta(days=days)).isoformat()


def actions():
    return [row.action for row in db.session.query(AuditEvent)]


class TestCorrecting:
    def correct(self, admin, row, **changes):
        url = at("remote_permission", row)
        values = filled(form(soup(admin.get(url)), url)) | {"reason": "Salah ketik nomornya."}
        return admin.post(url, data=values | changes)

    def test_the_old_row_stays_as_it_was(self, admin, letter):
        assert self.correct(admin, letter, number="2/SJJ", methods=["lisan"]).status_code == 303
        db.session.expire_all()
        made = db.session.query(RemotePermission).filter_by(corrects_id=letter.id).one()
        assert (letter.number, letter.methods) == ("CONTOH/SJJ/001", ["wawancara"])
        assert (made.number, made.methods) == ("2/SJJ", ["lisan"])
        assert remote_permission(letter.skema_id) == made
        assert "remote_permission.correct" in actions()
        page = words(soup(admin.get("/admin/pengaturan/izin-jarak-jauh")))
        assert "Membetulkan catatan CONTOH/SJJ/001" in page
        left = umur(made.valid_until - clock.today_wib())
        assert left.endswith(("bulan", "tahun")), "nobody counts a thousand days"
        assert f"Berlaku, habis dalam {left}" in page

    def test_pressed_twice_it_is_corrected_once(self, admin, letter):
        for _press in range(2):
            assert self.correct(admin, letter, number="2/SJJ").status_code == 303
        assert db.session.query(RemotePermission).count() == 2

    def test_of_two_tabs_the_second_is_told_and_keeps_what_it_typed(self, admin, letter):
        self.correct(admin, letter, number="2/SJJ")
        answer = self.correct(admin, letter, number="3/SJJ")
        assert answer.status_code == 409
        page = soup(answer)
        assert "sudah dibetulkan" in errors(page)["number"]
        assert filled(form(page, at("remote_permission", letter)))["number"] == "3/SJJ"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"reason": "salah"}, "reason"), ({"methods": []}, "methods-0"), ({"number": ""}, "number"),
            ({"valid_until": "2020-01-01"}, "valid_until"), ({"valid_from": "kemarin"}, "valid_from"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_told(self, admin, letter, changes, field):
        answer = self.correct(admin, letter, **changes)
        assert answer.status_code == 422
        assert field in [a["href"].lstrip("#") for a in soup(answer).select(".notice.bad a")]


def booked_in_days(cast):
    """(case with a meeting some days from now, the letter that permits it)."""
    case = make_permohonan(PermohonanStatus.PRE_SCHEDULED, cast=cast)
    slot = seat_of(case).slot
    slot.starts_at, slot.ends_at = (
        moment + timedelta(days=5) for moment in (slot.starts_at, slot.ends_at)
    )
    db.session.commit()
    [row] = db.session.query(RemotePermission).filter_by(skema_id=cast.skema.skema_id)
    return case, row


class TestAskedFirst:
    """What is rarely meant is asked about once; nothing typed is lost."""

    def test_meetings_outside_the_new_days_are_counted(self, admin, cast):
        _case, row = booked_in_days(cast)
        url = at("remote_permission", row)
        values = filled(form(soup(admin.get(url)), url)) | {"reason": "Salah ketik akhirnya."}
        for changes in ({"valid_until": day(1)}, {"valid_from": day(7)}):
            answer = admin.post(url, data=values | changes)
            assert answer.status_code == 422
            assert "1 rapat di luar masa itu" in errors(soup(answer))["valid_until"]
        assert db.session.query(RemotePermission).count() == 1
        answer = admin.post(url, data=values | {"valid_until": day(1), "sure": "y"})
        assert "1 rapat di luar masa itu tetap ada" in words(soup(admin.get(answer.location)))
        assert db.session.query(RemotePermission).count() == 2

    def test_a_second_permission_for_the_same_days(self, admin, letter):
        url = url_for("admin.add_remote_permission")
        values = {
            "skema": db.session.get_one(Skema, letter.skema_id).public_id, "number": "X/1", "methods": ["lisan"],
            "valid_from": day(10), "valid_until": day(400),
        }  # fmt: skip
        answer = admin.post(url, data=values)
        assert answer.status_code == 422
        assert (
            "Izin CONTOH/SJJ/001 untuk skema ini juga berlaku"
            in errors(soup(answer))["valid_until"]
        )
        assert db.session.query(RemotePermission).count() == 1
        assert admin.post(url, data=values | {"sure": "y"}).status_code == 303
        later = values | {"number": "X/2", "valid_from": day(401), "valid_until": day(500)}
        assert admin.post(url, data=later).status_code == 303


class TestEnding:
    def test_an_ended_one_is_shown_by_its_last_day(self, admin, letter):
        self.end(admin, letter, day())
        page = soup(admin.get("/admin/pengaturan/izin-jarak-jauh"))
        assert "Berlaku sampai hari ini" in words(page)
        assert page.find("a", href=at("ask_end_remote_permission", letter)) is None

    def end(self, admin, row, last_day, reason="Dicabut oleh BNSP."):
        return admin.post(
            at("end_remote_permission", row), data={"last_day": last_day, "reason": reason}
        )

    def test_it_holds_to_that_day_and_no_longer(self, admin, letter):
        assert self.end(admin, letter, day(3)).status_code == 303
        today = clock.today_wib()
        assert remote_permission(letter.skema_id, today + timedelta(days=3)) is not None
        assert remote_permission(letter.skema_id, today + timedelta(days=4)) is None
        assert "remote_permission.end" in actions()
        assert "Dicabut oleh BNSP." in words(soup(admin.get("/admin/pengaturan/izin-jarak-jauh")))

    @pytest.mark.parametrize("last_day", [-31, 301, "besok", ""])
    def test_only_within_its_own_days(self, admin, letter, last_day):
        answer = self.end(admin, letter, day(last_day) if isinstance(last_day, int) else last_day)
        assert answer.status_code in (409, 422)
        assert "last_day" in errors(soup(answer))

    def test_not_before_meetings_that_were_held_under_it(self, admin, cast):
        case = make_permohonan(PermohonanStatus.READY, cast=cast)
        [row] = db.session.query(RemotePermission).filter_by(skema_id=cast.skema.skema_id)
        dossier_of(case).bookings[-1].record.started_at = clock.now()
        db.session.commit()
        answer = self.end(admin, row, day(-10))
        assert answer.status_code == 409
        assert "1 rapat sudah diadakan" in errors(soup(answer))["last_day"]
        assert self.end(admin, row, day(2)).status_code == 303

    def test_booked_meetings_are_counted_and_left_alone(self, admin, cast):
        case, row = booked_in_days(cast)
        assert "1 rapat mulai besok sudah dipesan" in words(
            soup(admin.get(at("ask_end_remote_permission", row)))
        )
        answer = self.end(admin, row, day(1))
        assert "1 rapat sesudahnya tetap ada" in words(soup(admin.get(answer.location)))
        assert case.status is PermohonanStatus.PRE_SCHEDULED
