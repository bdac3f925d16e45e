"""Days off: noted by the asesor or the admin, in his own zone; meetings that stand are named and left alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import url_for

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.models import AsesorDayOff, Booking
from lsp.services import days_off
from lsp.vocabulary import MeetingKind, PermohonanStatus, Role
from tests import factories
from tests.html import errors, filled, form, links, notices, soup, words
from tests.support.meetings import make_day_off, make_slot
from tests.workflow.cases import hold_seat, make_cast, make_permohonan

URL = "/asesor/tidak-bertugas"


def day(days=1):
    return (clock.today_wib() + timedelta(days=days)).isoformat()


@pytest.fixture
def away(sign_in):
    return sign_in(factories.make_user(Role.ASESOR, zone="Asia/Jayapura"))


def rows():
    db.session.expire_all()
    return db.session.query(AsesorDayOff).all()


class TestHisOwn:
    def test_a_day_is_a_day_where_he_lives(self, away):
        assert away.post(URL, data={"starts_on": day(3), "note": "Ke Ambon"}).status_code == 303
        [row] = rows()
        first = datetime.fromisoformat(day(3)).replace(tzinfo=UTC)
        assert (row.from_moment, row.until_moment) == (
            first - timedelta(hours=9),
            first + timedelta(hours=15),
        ), "midnight to midnight WIT"
        assert "Ke Ambon" in words(soup(away.get(URL)))

    def test_pressed_twice_it_stands_once(self, away):
        for _press in range(2):
            away.post(URL, data={"starts_on": day(3), "ends_on": day(5)})
        assert len(rows()) == 1

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"starts_on": day(-2)}, "starts_on"), ({"starts_on": ""}, "starts_on"),
            ({"starts_on": day(5), "ends_on": day(4)}, "ends_on"),
            ({"starts_on": day(5), "ends_on": day(800)}, "ends_on"), ({"starts_on": "Sabtu"}, "starts_on"),
        ],
    )  # fmt: skip
    def test_bad_days_are_told_and_kept(self, away, typed, field):
        answer = away.post(URL, data=typed | {"note": "Tetap di sini"})
        assert answer.status_code == 422
        assert field in errors(soup(answer))
        assert filled(form(soup(answer), URL))["note"] == "Tetap di sini"
        assert rows() == []

    def test_taken_back(self, away):
        row = make_day_off(away.user)
        first, last = row.starts_on.isoformat(), row.ends_on.isoformat()
        answer = away.post(f"{URL}/{row.public_id}/hapus")
        assert rows() == []
        again = filled(form(soup(away.get(answer.location)), URL))
        assert (again["starts_on"], again["ends_on"]) == (first, last)
        away.post(URL, data=again)
        assert [row.starts_on.isoformat() for row in rows()] == [first]

    def test_each_day_stands_in_one_row(self, away):
        away.post(URL, data={"starts_on": day(3), "ends_on": day(5)})
        inside = away.post(URL, data={"starts_on": day(4)})
        assert inside.status_code == 303
        across = away.post(URL, data={"starts_on": day(5), "ends_on": day(7)})
        assert across.status_code == 422
        assert "Sebagian hari ini sudah tercatat" in errors(soup(across))["starts_on"]
        assert len(rows()) == 1
        days_off.add_missing(
            SYSTEM,
            away.user,
            starts_on=date.fromisoformat(day(1)),
            ends_on=date.fromisoformat(day(7)),
        )
        db.session.commit()
        spans = [(row.starts_on.isoformat(), row.ends_on.isoformat()) for row in rows()]
        assert sorted(spans) == [(day(1), day(2)), (day(3), day(5)), (day(6), day(7))]


class TestMeetingsThatStand:
    def test_are_named_with_links_and_not_cancelled(self, sign_in, app):
        cast = make_cast()
        case = make_permohonan(PermohonanStatus.PAID, cast=cast)
        seat = hold_seat(
            case, MeetingKind.PRE_ASSESSMENT, cast, starts_at=clock.now() + timedelta(days=2)
        )
        make_slot(
            cast.asesor, jadwal=seat.slot.jadwal, starts_at=clock.now() + timedelta(days=2, hours=3)
        )
        browser = sign_in(cast.asesor)
        answer = browser.post(URL, data={"starts_on": day(1), "ends_on": day(3)})
        page = soup(browser.get(answer.location))
        assert "2 rapat pada hari itu tetap ada" in " ".join(notices(page))
        assert case.asesi_name in links(page)
        assert "belum dipesan" in words(page)
        assert db.session.get(Booking, seat.id).cancelled_at is None

    def test_one_that_was_held_today_is_not(self, sign_in, app):
        cast = make_cast()
        case = make_permohonan(PermohonanStatus.PAID, cast=cast)
        seat = hold_seat(case, MeetingKind.PRE_ASSESSMENT, cast, starts_at=clock.now())
        seat.closed_at = clock.now()
        db.session.commit()
        assert seat.slot.ends_at > clock.now()
        answer = sign_in(cast.asesor).post(URL, data={"starts_on": day(0)})
        assert answer.status_code == 303
        assert "Rapat masih ada" not in words(soup(sign_in(cast.asesor).get(URL)))


class TestByTheAdmin:
    def test_noted_and_taken_back(self, sign_in, away):
        admin = sign_in(Role.ADMIN)
        page_url = url_for("admin.asesor", user_id=away.user.public_id)
        url = url_for("admin.add_day_off", user_id=away.user.public_id)
        assert form(soup(admin.get(page_url)), url) is not None
        assert admin.post(url, data={"starts_on": day(2)}).status_code == 303
        [row] = rows()
        assert row.user_id == away.user.id
        remove = url_for(
            "admin.remove_day_off", user_id=away.user.public_id, day_off_id=row.public_id
        )
        assert admin.post(remove).status_code == 303
        assert rows() == []

    def test_bad_days_leave_the_other_form_as_stored(self, sign_in, away):
        url = url_for("admin.add_day_off", user_id=away.user.public_id)
        answer = sign_in(Role.ADMIN).post(url, data={"starts_on": day(-3), "note": "ini"})
        assert answer.status_code == 422
        assert filled(form(soup(answer), url))["note"] == "ini"
