"""The one file in which forged forms are refused: everywhere else tests post without the token."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import url_for
from sqlalchemy import func, select

from lsp import clock
from lsp.database import db
from lsp.models import ThrottleCount
from lsp.vocabulary import Role
from tests import factories
from tests.factories import PASSWORD
from tests.html import filled, form, h1, soup, words
from tests.support.access import address_values, read_table, routes

pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture(autouse=True)
def _csrf_on(app):
    app.config["WTF_CSRF_ENABLED"] = True


def token_of(client, path):
    return soup(client.get(path)).find("input", attrs={"name": "csrf_token"})["value"]


def test_every_form_without_its_token_is_refused(app, sign_in):
    """All unsafe routes, each as somebody who may use it."""
    tried = 0
    for row in read_table():
        allowed = [
            who for who, answer in row.expected.items() if answer == "ok" and who != "nobody"
        ]
        if row.method == "GET" or row.relation.startswith("other") or not allowed:
            continue
        browser = sign_in(Role(allowed[0]))
        arguments = routes(app)[row.endpoint, row.method].arguments
        values = address_values(row.endpoint, arguments, browser.user, relation=row.relation)
        answer = browser.open(url_for(row.endpoint, **values), method=row.method)
        assert answer.status_code == 400, row
        tried += 1
    assert tried >= 7


def test_a_form_as_drawn_is_taken(client):
    user = factories.make_user()
    fields = filled(form(soup(client.get("/masuk")), "/masuk"))
    answer = client.post("/masuk", data=fields | {"email": user.email, "password": PASSWORD})
    assert answer.status_code == 303


def test_the_refusal_says_what_was_kept_and_what_to_do(client):
    answer = client.post(
        "/masuk", data={"email": "a@b.id", "password": "x", "csrf_token": "karangan"}
    )
    assert answer.status_code == 400
    assert h1(soup(answer)) == "Formulir tidak dapat diterima"


def test_a_token_of_another_browser_is_refused(app, client):
    other = token_of(app.test_client(), "/masuk")
    client.get("/masuk")
    assert client.post("/masuk", data={"csrf_token": other}).status_code == 400


def test_a_token_from_before_signing_in_is_refused_after(client):
    before = token_of(client, "/masuk")
    data = {"email": factories.make_user().email, "password": PASSWORD, "csrf_token": before}
    assert client.post("/masuk", data=data).status_code == 303
    client.get("/akun")
    assert client.post("/keluar", data={"csrf_token": before}).status_code == 400


def test_htmx_may_send_it_as_a_header(sign_in):
    browser = sign_in()
    token = token_of(browser, "/akun")
    assert browser.post("/keluar", headers={"X-CSRFToken": token}).status_code == 303


def test_a_form_left_open_for_hours_is_still_taken(client):
    """WTF_CSRF_TIME_LIMIT is off: an asesi's long form must not be lost."""
    fields = filled(form(soup(client.get("/daftar")), "/daftar"))
    data = fields | {"name": "Rosmaida", "email": "r@contoh.id", "password": "kuda batu lima"}
    with time_machine.travel(clock.now() + timedelta(hours=20), tick=False):
        assert client.post("/daftar", data=data).status_code == 303


def test_nothing_is_read_of_a_forged_form(app, client):
    """Refused before the view: no count of tries, no line in the chain."""
    client.post("/masuk", data={"email": "a@b.id", "password": "x"})
    assert db.session.scalar(select(func.count()).select_from(ThrottleCount)) == 0


class TestWhereAFormCameFrom:
    """On https the token is not enough: the browser must say that one of our pages sent it."""

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Origin": "https://localhost"}, 303),
            ({"Sec-Fetch-Site": "same-origin"}, 303),
            ({"Referer": "https://localhost/masuk"}, 303),
            ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
            ({}, 400),
            ({"Origin": "https://jahat.example", "Referer": "https://localhost/masuk"}, 400),
            ({"Origin": "http://localhost"}, 400),
            ({"Sec-Fetch-Site": "cross-site", "Referer": "https://localhost/masuk"}, 400),
            ({"Sec-Fetch-Site": "same-site"}, 400),
            ({"Referer": "https://localhost.jahat.example/"}, 400),
            ({"Referer": "https://[bad"}, 400),
        ],
    )
    def test_each_header(self, client, headers, status):
        user, secure = factories.make_user(), "https://localhost"
        page = soup(client.get("/masuk", base_url=secure))
        data = filled(form(page, "/masuk")) | {"email": user.email, "password": PASSWORD}
        answer = client.post("/masuk", data=data, base_url=secure, headers=headers)
        assert answer.status_code == status
        if status == 400:
            assert "tidak menyebut bahwa isian ini dikirim dari halaman portal" in words(
                soup(answer)
            )


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true", "HX-Current-URL": "http://[bad"},
        {"Referer": "http://[::1"},
        {"Referer": "https://[bad"},
    ],
)
def test_an_address_that_is_none_breaks_nothing(client, headers):
    answer = client.post("/akun/kata-sandi", headers=headers)
    assert answer.status_code in (302, 401)


def test_broken_upload_is_not_called_an_old_page(sign_in):
    """A body of which nothing could be read says so; the form's token is not to blame."""
    answer = sign_in(Role.ASESI).post(
        url_for("auth.sign_out"),
        data=b"--B\r\nnothing that ends",
        content_type="multipart/form-data; boundary=B",
    )
    assert answer.status_code == 400
    page = soup(answer).main.get_text()
    assert "rusak di jalan" in page
    assert "terlalu lama terbuka" not in page
