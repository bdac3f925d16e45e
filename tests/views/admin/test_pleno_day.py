"""Admin: the day of a pleno, when it is called and when it is changed; and what a member reads of a day to come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Pleno
from lsp.services import pleno
from lsp.vocabulary.dates import day_words, weekday_words
from tests.html import errors, filled, form, h1, links, notices, soup, words
from tests.services.plenos import call, waiting
from tests.workflow.cases import actor_of

DAY = timedelta(days=1)


def test_a_day_before_the_recommendation_is_said_by_the_field_and_all_is_kept(cast, admin):
    case = waiting(cast)
    db.session.commit()
    page = soup(admin.get(url_for("admin.pleno_form")))
    url, early = url_for("admin.open_pleno"), clock.today_wib() - DAY
    data = filled(form(page, url)) | {
        "held_on": early.isoformat(),
        "chair": cast.chair.public_id,
        "members": [each.public_id for each in cast.members],
        "cases": [case.public_id],
    }
    answer = admin.post(url, data=data)
    page = soup(answer)
    assert answer.status_code == 409
    assert case.asesi_name in errors(page)["held_on"]
    assert page.find(id="held_on")["value"] == early.isoformat()
    chosen = [box["value"] for box in page.select("[name=cases][checked], [name=members][checked]")]
    assert set(chosen) == {case.public_id, *(each.public_id for each in cast.members)}
    assert db.session.scalars(select(Pleno)).all() == []
    data["held_on"] = clock.today_wib().isoformat()
    assert admin.post(url, data=data).status_code == 303


class TestChanging:
    def opened(self, cast, days=0):
        made = call(cast, waiting(cast))
        made.held_on += days * DAY
        db.session.commit()
        return made, url_for("admin.pleno_day", pleno_id=made.public_id)

    def test_from_the_list_to_another_day(self, cast, admin):
        made, url = self.opened(cast, 4)
        home = soup(admin.get(url_for("admin.pleno_home")))
        assert links(home)[f"ubah tanggal rapat {made.berita_acara_number}"] == url
        page = soup(admin.get(url))
        assert h1(page) == "Ubah tanggal rapat pleno"
        wanted = clock.today_wib() + DAY
        data = filled(form(page, url)) | {"held_on": wanted.isoformat()}
        answer = soup(admin.post(url, data=data, follow_redirects=True))
        assert f"Rapat pleno {made.berita_acara_number} bertanggal" in notices(answer)[0]
        db.session.refresh(made)
        assert made.held_on == wanted

    @pytest.mark.parametrize(("typed", "status"), [(-1, 409), (400, 422)])
    def test_a_day_that_does_not_fit_is_kept_in_the_field(self, cast, admin, typed, status):
        made, url = self.opened(cast)
        day = (clock.today_wib() + typed * DAY).isoformat()
        answer = admin.post(url, data=filled(form(soup(admin.get(url)), url)) | {"held_on": day})
        page = soup(answer)
        assert answer.status_code == status
        assert "held_on" in errors(page)
        assert page.find(id="held_on")["value"] == day
        db.session.refresh(made)
        assert made.held_on == clock.today_wib()

    def test_two_at_once(self, cast, admin):
        """The second, in another tab, keeps what he typed, reads the day that stands, and decides."""
        made, url = self.opened(cast, 4)
        drawn = filled(form(soup(admin.get(url)), url))
        first, second = clock.today_wib() + DAY, clock.today_wib() + 2 * DAY
        assert admin.post(url, data=drawn | {"held_on": first.isoformat()}).status_code == 303
        answer = admin.post(url, data=drawn | {"held_on": second.isoformat()})
        page = soup(answer)
        assert answer.status_code == 409
        assert day_words(first) in errors(page)["held_on"]
        assert page.find(id="held_on")["value"] == second.isoformat()
        db.session.refresh(made)
        assert made.held_on == first
        assert admin.post(url, data=filled(form(page, url))).status_code == 303
        db.session.refresh(made)
        assert made.held_on == second

    def test_not_of_one_that_is_over(self, cast, admin):
        made, url = self.opened(cast)
        pleno.take_off_agenda(actor_of(cast.admin), made.cases[0])
        db.session.commit()
        assert admin.get(url).status_code == 303
        answer = admin.post(url, data={"held_on": clock.today_wib().isoformat()})
        assert answer.status_code == 409
        assert "sudah selesai" in words(soup(answer))


class TestMember:
    def test_of_a_day_to_come_there_is_nothing_to_vote_on_yet(self, cast, sign_in):
        made = call(cast, waiting(cast))
        made.held_on += 3 * DAY
        db.session.commit()
        browser = sign_in(cast.members[1])
        home = words(soup(browser.get(url_for("tim_teknis.home"))))
        assert "Tidak ada yang menunggu suara Anda" in home
        assert "Suara dan keputusan diterima mulai hari itu." in home
        page = soup(browser.get(url_for("tim_teknis.case", place_id=made.cases[0].public_id)))
        assert "Suara dan keputusan diterima mulai hari itu." in words(page)
        assert page.find(id="word-0") is None

    def test_a_vote_sent_from_a_page_that_lay_open_keeps_its_words(self, cast, sign_in):
        made = call(cast, waiting(cast))
        place = made.cases[0]
        made.held_on += 3 * DAY
        db.session.commit()
        typed = {"word": "tidak", "note": "Bukti unit kedua belum cukup.", "declared": "y"}
        answer = sign_in(cast.members[1]).post(
            url_for("tim_teknis.vote", place_id=place.public_id), data=typed
        )
        page = soup(answer)
        assert answer.status_code == 409
        assert page.find(id="note").get_text().strip() == typed["note"]
        assert place.votes == []


def test_the_berita_acara_names_the_day_of_each_decision(cast, sign_in):
    """The meeting may be written down later: then both days are read, as the asesi reads his."""
    made = call(cast, waiting(cast))
    place = made.cases[0]
    place.outcome, place.closed_at = "K", clock.day_begins(clock.today_wib()) + DAY
    made.closed_at = place.closed_at
    db.session.commit()
    page = words(
        soup(
            sign_in(cast.members[1]).get(
                url_for("tim_teknis.berita_acara", pleno_id=made.public_id)
            )
        )
    )
    assert f"Tanggal rapat {weekday_words(made.held_on)}" in page
    assert f"ditetapkan {weekday_words(clock.today_wib() + DAY)}" in page
