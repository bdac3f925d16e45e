"""The own time zone: suggested by the province, and no longer once the person chose it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp.database import db
from lsp.models import AsesorDayOff, User
from lsp.services import apl01
from lsp.vocabulary import Role
from tests import factories
from tests.html import errors, links, soup, words
from tests.support.meetings import make_day_off
from tests.views.asesi import situations


def zone_of(person):
    db.session.expire_all()
    return db.session.get(User, person.id).zone


def test_the_province_suggests_it_until_it_is_chosen(sign_in):
    person = factories.make_user(Role.ASESI)
    permohonan = situations.draft(person)
    apl01.save_section(permohonan, "pribadi", {"province_code": "91"})
    db.session.commit()
    assert zone_of(person) == "Asia/Jayapura"
    browser = sign_in(person)
    assert links(soup(browser.get("/akun")))["Ubah zona waktu"] == "/akun/zona"
    assert browser.post("/akun/zona", data={"zone": "Asia/Makassar"}).location == "/akun"
    assert "WITA" in words(soup(browser.get("/akun")))
    apl01.save_section(permohonan, "pribadi", {"province_code": "31"})
    db.session.commit()
    assert zone_of(person) == "Asia/Makassar"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "Europe/London"])
def test_only_the_three_of_this_country(sign_in, zone):
    browser = sign_in(Role.ASESI)
    answer = browser.post("/akun/zona", data={"zone": zone})
    assert answer.status_code == 422
    assert "zone" in errors(soup(answer))
    assert zone_of(browser.user) == "Asia/Jakarta"


def test_the_days_off_of_an_asesor_move_to_his_new_midnight(sign_in):
    browser = sign_in(Role.ASESOR)
    row = make_day_off(browser.user)
    before = row.from_moment
    browser.post("/akun/zona", data={"zone": "Asia/Jayapura"})
    db.session.expire_all()
    assert db.session.get(AsesorDayOff, row.id).from_moment == before - timedelta(hours=2)
