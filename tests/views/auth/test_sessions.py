"""How long a sign-in lasts, what its cookie holds, what ends it, and the guard against guessing."""

from __future__ import annotations

import sqlite3
import time
from datetime import timedelta

import pytest
import time_machine
from flask import Flask, url_for

from lsp import clock, ids
from lsp.database import DatabaseBusy, db, write_transaction
from lsp.models import SignIn, User
from lsp.services import accounts, signing_in, throttle
from lsp.vocabulary import Role
from tests import factories
from tests.factories import PASSWORD
from tests.html import soup, words
from tests.support.app import PortalClient, build, prepare

pytestmark = pytest.mark.usefixtures("quick_passwords")


def enter(client: PortalClient, email: str, password: str = PASSWORD, address: str = "127.0.0.1"):
    data = {"email": email, "password": password}
    return client.post(url_for("auth.enter"), data=data, environ_base={"REMOTE_ADDR": address})


def is_in(client: PortalClient) -> bool:
    return client.get(url_for("auth.account")).status_code == 200


def cookie_values(app: Flask, client: PortalClient) -> dict:
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return dict(signer.loads(cookie.value)) if cookie else {}


class TestTheCookie:
    def test_holds_a_token_and_the_form_secret_and_nothing_else(self, app, client):
        client.get(url_for("auth.sign_in"))
        enter(client, factories.make_user().email)
        client.get(url_for("auth.account"))
        assert set(cookie_values(app, client)) == {"_user_id", "csrf_token"}

    def test_the_database_knows_only_the_digest(self, app, client):
        user = factories.make_user()
        enter(client, user.email)
        token = cookie_values(app, client)["_user_id"]
        assert [place.token_digest for place in factories.places_of(user)] == [ids.digest(token)]
        assert len(token) >= 43

    def test_is_new_at_sign_in(self, app, client):
        """A cookie planted in the browser beforehand opens nothing afterwards."""
        client.get(url_for("auth.sign_in"))
        before = client.get_cookie("sid").value
        secret = cookie_values(app, client)["csrf_token"]
        enter(client, factories.make_user().email)
        assert client.get_cookie("sid").value != before
        assert cookie_values(app, client).get("csrf_token") != secret

    @pytest.mark.parametrize(("base_url", "name", "secure"), [
        ("http://localhost", "sid", False), ("https://localhost", "__Host-sid", True),
    ])  # fmt: skip
    def test_its_marks(self, tmp_path, base_url, name, secure):
        app = build(tmp_path, base_url=base_url)
        prepare(app)
        answer = app.test_client().get("/masuk", base_url=base_url)
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith(f"{name}=")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert ("Secure" in cookie) is secure
        assert ("Strict-Transport-Security" in answer.headers) is secure
        assert "Expires" not in cookie, "gone with the browser"

    @pytest.mark.parametrize("value", ["", "x", "eyJfdXNlcl9pZCI6InEifQ.aa.bb", "\x00", "a" * 4000])
    def test_a_forged_one_is_nobody(self, client, value):
        client.set_cookie("sid", value)
        assert not is_in(client)


class TestWhatEndsIt:
    def test_signing_out_ends_a_copied_cookie_too(self, app, sign_in):
        browser = sign_in()
        copy = app.test_client()
        copy.set_cookie("sid", browser.get_cookie("sid").value)
        assert is_in(copy)
        answer = browser.post(url_for("auth.sign_out"))
        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert not is_in(browser)
        assert not is_in(copy)

    def test_signing_out_leaves_other_places(self, sign_in):
        browser = sign_in()
        other = sign_in(browser.user)
        browser.post(url_for("auth.sign_out"))
        assert is_in(other)

    def test_a_changed_password_ends_all_other_places(self, sign_in):
        browser = sign_in()
        others = [sign_in(browser.user) for _ in range(2)]
        browser.post(
            url_for("auth.change_password"),
            data={"present": PASSWORD, "password": "kuda batu lima"},
        )
        assert is_in(browser)
        assert not any(is_in(other) for other in others)

    def test_closing_the_account_ends_it_at_the_next_request(self, sign_in):
        browser, ketua = sign_in(Role.ASESOR), sign_in(Role.KETUA)
        actor, _ = signing_in.read_actor(_token(ketua))
        with write_transaction():
            accounts.disable(actor, db.session.get_one(User, browser.user.id))
        assert not is_in(browser)
        assert enter(browser, browser.user.email).status_code == 422

    def test_even_when_only_the_flag_is_set(self, sign_in):
        browser = sign_in()
        browser.user.disabled_at = clock.now()
        assert not is_in(browser)

    @pytest.mark.parametrize(
        ("role", "idle", "life"),
        [(Role.ASESI, timedelta(minutes=60), timedelta(hours=24)),
         (Role.ADMIN, timedelta(minutes=30), timedelta(hours=12))],
    )  # fmt: skip
    def test_idle_and_absolute_limits(self, sign_in, role, idle, life):
        start = clock.now()
        with time_machine.travel(start, tick=False) as moment:
            browser, lazy = sign_in(role), sign_in(role)
            moment.move_to(start + idle - timedelta(seconds=1))
            assert is_in(lazy)
            moment.move_to(start + 2 * idle)
            assert not is_in(lazy), "idle since its last use"
            browser = sign_in(role)
            start = clock.now()
            while clock.now() < start + life - timedelta(minutes=20):
                moment.shift(timedelta(minutes=19))
                assert is_in(browser), "in use all the time"
            moment.move_to(start + life)
            assert not is_in(browser), "the day is over, however busy"

    def test_last_use_is_written_at_most_every_five_minutes(self, sign_in):
        start = clock.now()
        with time_machine.travel(start, tick=False) as moment:
            browser = sign_in()
            for minutes, written in ((4, 0), (6, 6), (10, 6), (12, 12)):
                moment.move_to(start + timedelta(minutes=minutes))
                browser.get(url_for("auth.account"))
                assert factories.places_of(browser.user)[0].last_used_at == start + timedelta(
                    minutes=written
                )

    def test_a_busy_database_does_not_refuse_a_page_for_that(self, app, sign_in, monkeypatch):
        def busy(_patience: float | None = None):
            raise DatabaseBusy

        with time_machine.travel(clock.now(), tick=False) as moment:
            browser = sign_in()
            moment.shift(timedelta(minutes=6))
            monkeypatch.setattr(app.extensions["writer_queue"], "acquire", busy)
            assert is_in(browser)

    def test_a_writer_outside_the_queue_holds_up_no_page(self, app, sign_in):
        """A backup or a person with a shell: SQLite itself would wait ten seconds for it and then fail."""
        with time_machine.travel(clock.now(), tick=False) as moment:
            browser = sign_in()
            moment.shift(timedelta(minutes=6))
            db.session.commit()
            outside = sqlite3.connect(app.config["LSP"].data_folder / "portal.sqlite3")
            began = time.perf_counter()
            outside.execute("begin immediate")
            try:
                assert is_in(browser)
            finally:
                outside.close()
            assert time.perf_counter() - began < 5
            assert is_in(browser)
            assert factories.places_of(browser.user)[0].last_used_at == clock.now()

    def test_at_most_five_places_the_longest_unused_goes(self, sign_in):
        user = factories.make_user()
        with time_machine.travel(clock.now(), tick=False) as moment:
            browsers = []
            for _ in range(6):
                browsers.append(sign_in(user))
                moment.shift(timedelta(seconds=1))
            assert [is_in(browser) for browser in browsers] == [False] + [True] * 5
            assert len(factories.places_of(user)) == signing_in.MOST_PLACES

    def test_places_of_others_are_neither_shown_nor_ended(self, sign_in):
        browser, stranger = sign_in(), sign_in()
        place = factories.places_of(stranger.user)[0]
        assert place.public_id not in browser.get(url_for("auth.account")).get_data(as_text=True)
        assert browser.post(url_for("auth.end_place", place_id=place.public_id)).status_code == 404
        assert is_in(stranger)


def test_a_password_taken_away_while_it_was_compared_opens_nothing(client, monkeypatch):
    """Hashing takes a while; a role approved meanwhile clears the password of whoever signed up before."""
    user = factories.make_user()

    def slowly(*_asked):
        with write_transaction():
            db.session.get_one(User, user.id).password_hash = ""
        return True

    monkeypatch.setattr(accounts, "password_matches", slowly)
    assert enter(client, user.email).status_code == 409
    assert not is_in(client)


def _token(client: PortalClient) -> str:
    return str(cookie_values(client.application, client)["_user_id"])


@pytest.mark.usefixtures("steady_clock")
class TestGuessing:
    def test_is_slowed_and_told_how_long(self, app):
        user = factories.make_user()
        answers = [
            enter(app.test_client(), user.email, f"tebakan {number}") for number in range(12)
        ]
        assert [answer.status_code for answer in answers] == [
            422
        ] * throttle.SIGN_IN_ACCOUNT.count + [429] * 2
        last = answers[-1]
        assert 0 < int(last.headers["Retry-After"]) <= 300
        assert "Tunggu" in words(soup(last))
        assert "menit" in words(soup(last))

    def test_the_right_password_is_no_way_round_it(self, app):
        user = factories.make_user()
        for number in range(10):
            enter(app.test_client(), user.email, f"tebakan {number}")
        assert enter(app.test_client(), user.email).status_code == 429

    def test_forty_people_behind_one_address_enter_meanwhile(self, app):
        """A test venue with one Wi-Fi, and somebody in it who guesses."""
        victim = factories.make_user()
        people = [factories.make_user() for _ in range(40)]
        venue = "203.0.113.9"
        refused = 0
        for person in people:
            for _ in range(5):
                refused += (
                    enter(app.test_client(), victim.email, "tebakan", venue).status_code == 429
                )
            assert enter(app.test_client(), person.email, address=venue).status_code == 303
        assert refused == 200 - throttle.SIGN_IN_ACCOUNT.count

    def test_the_owner_still_enters_on_a_device_he_used_before(self, app, client):
        user = factories.make_user()
        enter(client, user.email)
        client.post(url_for("auth.sign_out"))
        for number in range(15):
            enter(app.test_client(), user.email, f"tebakan {number}", "203.0.113.9")
        assert enter(client, user.email).status_code == 303

    def test_whoever_uses_up_all_tries_keeps_no_owner_out(self, app, client, monkeypatch):
        """Many networks guess until the limit of all is reached."""
        monkeypatch.setattr(throttle, "SIGN_IN_ALL", throttle.Limit("everywhere", 30))
        known, fresh = factories.make_user(), factories.make_user()
        enter(client, known.email)
        client.post(url_for("auth.sign_out"))
        for number in range(60):
            network = f"203.0.113.{number % 3}"
            enter(app.test_client(), f"orang{number}@contoh.id", "tebakan", network)
        for _ in range(9):
            enter(client, known.email, "tebakan", "203.0.113.1")
        assert enter(client, known.email, address="203.0.113.1").status_code == 303
        assert enter(app.test_client(), fresh.email, address="198.51.100.7").status_code == 303
        assert enter(app.test_client(), fresh.email, address="203.0.113.1").status_code == 429

    def test_an_invented_device_is_none(self, app):
        user = factories.make_user()
        codes = []
        for number in range(12):
            guesser = app.test_client()
            guesser.set_cookie("perangkat", f"karangan-{number}")
            codes.append(enter(guesser, user.email, "tebakan").status_code)
        assert codes[-2:] == [429, 429]

    def test_a_device_of_another_account_is_none_either(self, app):
        victim = factories.make_user()
        codes = []
        for _ in range(12):
            guesser = app.test_client()
            enter(guesser, factories.make_user().email)
            codes.append(enter(guesser, victim.email, "tebakan").status_code)
        assert codes[-2:] == [429, 429]

    def test_one_password_tried_on_many_accounts_is_slowed_by_the_address(self, app):
        emails = [f"orang{number}@contoh.id" for number in range(102)]
        codes = [
            enter(app.test_client(), email, "Indonesia2026", "203.0.113.9").status_code
            for email in emails
        ]
        assert codes == [422] * 100 + [429] * 2

    def test_waiting_helps(self, app, steady_clock):
        user = factories.make_user()
        for _ in range(11):
            answer = enter(app.test_client(), user.email, "tebakan")
        steady_clock.shift(timedelta(seconds=int(answer.headers["Retry-After"])))
        assert enter(app.test_client(), user.email).status_code == 303


class TestTheRowIsTheTruth:
    def test_a_deleted_row_is_nobody(self, sign_in):
        browser = sign_in()
        db.session.query(SignIn).delete()
        assert not is_in(browser)

    def test_touching_does_not_bring_it_back(self, sign_in):
        browser = sign_in()
        actor, _ = signing_in.read_actor(_token(browser))
        db.session.query(SignIn).delete()
        db.session.commit()
        signing_in.touch(actor)
        assert not is_in(browser)
