"""What holds for every answer: headers, policy, cookies, error pages, weight; and that the page checks do check."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import url_for
from sqlalchemy import event

from lsp import clock
from lsp.config import MAX_BODY_BYTES
from lsp.database import db
from lsp.models import UserRole
from lsp.vocabulary import Role
from tests import factories
from tests.html import h1, links, page_faults, soup, words
from tests.views.asesi.situations import large_upload

PUBLIC = [
    "public.home",
    "public.remote_guide",
    "auth.sign_in",
    "auth.sign_up",
    "auth.check_mail",
    "auth.forgotten",
]
MOST_BYTES = 14_000


def frame(body: str, head: str = "<title>A – LSP</title>") -> str:
    return f'<!DOCTYPE html><html lang="id"><head>{head}</head><body><main><h1>A</h1>{body}</main></body></html>'


TOKEN = '<input type="hidden" name="csrf_token" value="t">'
SENDS = '<button type="submit">b</button>'
TWICE = '<p id="a">a</p><p id="a">b</p>'


def form_of(inside: str, attributes: str = "", action: str = "/b") -> str:
    return f'<form method="post" action="{action}" {attributes}>{inside}</form>'


class TestThePageChecksSpeak:
    """A canary each: a check that never fails guards nothing."""

    def test_a_good_page_has_no_faults(self):
        assert page_faults(frame('<p id="a">isi</p>')) == []

    @pytest.mark.parametrize(
        ("body", "fault"),
        [
            ("<p><div></div></p>", "unexpected-end-tag"),
            ("<h1>B</h1>", "2 h1"),
            ('<p id="a"></p><p id="a"></p>', "stands 2 times"),
            ('<input name="x">', "has no label"),
            ('<input id="x" name="x" aria-describedby="y" aria-label="z">', "names y"),
            ("<form><p>a</p></form>", "without action or method"),
            ('<form method="post" action="/"><p>a</p></form>', "no token field"),
            ('<p style="color:red">a</p>', "attribute style"),
            ('<p onclick="x()">a</p>', "attribute onclick"),
            ('<p hx-on:click="x()">a</p>', "attribute hx-on:click"),
            ("<script>x()</script>", "inline script"),
            ("<style>p{}</style>", "style sheet"),
            ('<a href="javascript:x()">a</a>', "address javascript"),
            ('<a href="#tidak-ada">a</a>', "link to #tidak-ada"),
            ('<a href="/"></a>', "without words"),
            ("<button>a</button>", "without type"),
            ('<img src="/a.png">', "without alt"),
            ('<form method="get" action="/" data-guard></form>', "no guard.js"),
            ("<h3>b</h3>", "after an h1 comes an h3"),
            ('<a href="/" target="_blank">a</a>', "a new tab without a word"),
            ('<a href="/"><img src="/a.png" alt=""></a>', "without words"),
            ('<label for="tidak-ada">a</label>', "for names tidak-ada"),
            (form_of(TOKEN + form_of(TOKEN)), "unexpected-start-tag"),
            (form_of(TOKEN, 'hx-post="/c"'), "hx-post is not the action"),
            (form_of(TOKEN, 'hx-post="/b"', action="/b#tidak-ada"), "form to #tidak-ada"),
            (form_of(TOKEN + SENDS, 'id="f"', action=""), "without action or method"),
            (
                form_of(TOKEN + SENDS, 'id="f"', action="")
                + '<button type="submit" form="f" formaction="/c">a</button>',
                "without action or method",
            ),
            ("<p>\x1b</p>", "invalid-codepoint"),
        ],
    )
    def test_each_fault_is_named(self, body, fault):
        assert any(fault in each for each in page_faults(frame(body))), page_faults(frame(body))

    @pytest.mark.parametrize(
        "body",
        [
            '<a href="/"><img src="/a.png" alt="Foto"></a>',
            # Without scripts the answer is a whole page, and the fragment scrolls it to what htmx swaps.
            form_of(TOKEN, 'id="f" hx-post="/b"', action="/b#f"),
            # One form for many rows: each button says where it sends it.
            form_of(TOKEN, 'id="f"', action="")
            + '<button type="submit" form="f" formaction="/c">a</button>',
        ],
    )
    def test_what_is_right_is_let_through(self, body):
        assert page_faults(frame(body)) == []

    def test_words_swapped_beside_a_control_may_label_it(self):
        words_alone = '<label id="w" for="nik">NIK</label>'
        assert page_faults(words_alone) == []
        assert page_faults(f'{words_alone}<input name="x" aria-label="x">')
        assert page_faults('<p aria-describedby="tidak-ada">a</p>')

    @pytest.mark.parametrize("text", [frame(TWICE), TWICE])
    def test_the_client_checks_what_it_fetches(self, app, client, text):
        view = app.view_functions["public.home"]

        def faulty():
            return text

        faulty.access_rule = view.access_rule
        app.view_functions["public.home"] = faulty
        try:
            with pytest.raises(AssertionError, match="id a stands 2 times"):
                client.get("/")
        finally:
            app.view_functions["public.home"] = view

    def test_the_title_must_begin_with_the_heading(self):
        assert any("does not start" in each for each in page_faults(frame("", "<title>B</title>")))

    def test_a_change_left_uncommitted_fails(self, app, sign_in):
        browser = sign_in(Role.ASESI)
        view = app.view_functions["auth.account"]

        def forgets_to_commit():
            db.session.add(
                UserRole(user_id=browser.user.id, role=Role.ADMIN, granted_at=clock.now())
            )
            return view()

        forgets_to_commit.access_rule = view.access_rule
        app.view_functions["auth.account"] = forgets_to_commit
        try:
            with pytest.raises(AssertionError, match="uncommitted"):
                browser.get(url_for("auth.account"))
        finally:
            app.view_functions["auth.account"] = view


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/masuk", "/healthz", "/tidak-ada", "/akun"])
    def test_every_answer_carries_them(self, client, path):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers, "plain http in development"

    def test_static_files_carry_them_too_and_are_no_other_sites_to_read(self, client):
        with client.get("/static/portal.css") as answer:
            headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers

    def test_the_policy_to_the_letter(self, client):
        policy = client.get("/").headers["Content-Security-Policy"]
        assert re.sub(r"'sha256-[A-Za-z0-9+/=]{44}'", "HASH", policy) == (
            "default-src 'none'; script-src http://localhost/static/; style-src HASH http://localhost/static/; "
            "img-src 'self'; font-src http://localhost/static/; connect-src 'self'; form-action 'self'; "
            "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
        )

    def test_pages_that_htmx_may_ask_in_part_say_so_to_caches(self, client):
        assert "HX-Request" in client.get("/").headers["Vary"]


class TestErrorPages:
    def test_an_unknown_address(self, client):
        answer = client.get("/tidak-ada")
        assert answer.status_code == 404
        assert h1(soup(answer)) == "Halaman tidak ditemukan"

    def test_an_error_page_that_cannot_be_drawn_is_said_plainly(self, app, client, monkeypatch):
        def broken(*_args, **_named):
            raise RuntimeError("no address can be built")

        monkeypatch.setattr("lsp.views.error_pages.render_template", broken)
        answer = client.get("/tidak-ada")
        assert answer.status_code == 404
        assert h1(soup(answer)) == "Halaman ini tidak dapat ditampilkan"
        assert "no address" not in answer.get_data(as_text=True)

    def test_a_method_that_an_address_does_not_take(self, client):
        answer = client.post("/")
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert "Method Not Allowed" not in answer.get_data(as_text=True)

    def test_an_unknown_error_shows_a_number_and_no_trace(self, app, client, monkeypatch):
        def broken(*_args, **_named):
            raise ZeroDivisionError("rahasia")

        monkeypatch.setattr("lsp.views.public.skemas.public_list", broken)
        client.raise_unknown_errors = False
        answer = client.get("/")
        text = answer.get_data(as_text=True)
        assert answer.status_code == 500
        assert "rahasia" not in text
        assert "Traceback" not in text
        assert re.search(r"\b[0-9a-f]{16}\b", words(soup(answer)))

    def test_too_large_says_the_limit_and_leads_back_to_its_form(self, app, client):
        page = soup(
            client.post(
                "/masuk",
                headers={"Referer": "http://localhost/masuk?next=/akun"},
                **large_upload(b"x" * (MAX_BODY_BYTES + 1)),
            )
        )
        assert "lebih besar dari 10 MB" in words(page)
        assert links(page)["Pilih berkas lain"] == "/masuk?next=/akun"

    @pytest.mark.parametrize("kind", ["multipart/form-data", "application/x-www-form-urlencoded"])
    def test_of_a_long_text_it_speaks_of_no_photo(self, client, kind):
        answer = client.post(
            "/masuk",
            data={"password": "x" * 300_000},
            headers={"Referer": "http://localhost/masuk"},
            content_type=kind,
        )
        assert answer.status_code == 413
        page = soup(answer)
        assert h1(page) == "Isian terlalu panjang"
        assert "Foto" not in words(page)
        assert links(page)["Kembali ke halaman tadi"] == "/masuk"

    @pytest.mark.parametrize(
        "referrer",
        [
            "", "https://jahat.example/masuk", "http://localhost.jahat.example/masuk", "http://localhost//jahat.example",
            "http://localhost/keluar", "http://localhost/tidak-ada", "http://localhost/masuk\\@jahat", "javascript:x()",
            "http://[", "http://localhost:8/masuk",
        ],
    )  # fmt: skip
    def test_a_referrer_that_is_no_page_of_ours_leads_home(self, client, referrer):
        answer = client.post(
            "/masuk",
            data={"password": "x" * (MAX_BODY_BYTES + 1)},
            headers={"Referer": referrer},
        )
        assert answer.status_code == 413
        assert links(soup(answer))["Ke halaman utama"] == "/"

    @pytest.mark.parametrize(
        "path", ["/skema/" + "9" * 400, "/skema/%00", "/tautan/%0d%0aSet-Cookie:x", "/%2e%2e/x"]
    )
    def test_hostile_addresses_are_not_found(self, client, path):
        assert client.get(path).status_code == 404


class TestWeight:
    """HTML with its inline style sheet, compressed, fits the first round trip of a slow phone."""

    @pytest.mark.parametrize("endpoint", PUBLIC)
    def test_public_pages(self, client, endpoint):
        assert len(gzip.compress(client.get(url_for(endpoint)).get_data())) <= MOST_BYTES

    def test_the_account_page(self, sign_in):
        assert len(gzip.compress(sign_in().get(url_for("auth.account")).get_data())) <= MOST_BYTES

    def test_the_sign_in_page_with_all_demo_accounts(self, client, demo):
        assert len(gzip.compress(client.get(url_for("auth.sign_in")).get_data())) <= MOST_BYTES

    @pytest.mark.parametrize("endpoint", PUBLIC)
    def test_public_pages_need_no_script(self, client, endpoint):
        assert soup(client.get(url_for(endpoint))).find("script") is None


def test_no_page_asks_another_host(client):
    for endpoint in PUBLIC:
        page = soup(client.get(url_for(endpoint)))
        for node in page.select("[src], link[href]"):
            assert str(node.get("src") or node["href"]).startswith("/"), node


def count_queries(work) -> int:
    """SELECTs that `work()` sends, whatever connection they use."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if statement.lstrip().upper().startswith("SELECT"):
            sent.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(sent)


class TestQueries:
    def test_the_front_page_takes_at_most_four(self, client):
        factories.make_lembaga()
        factories.make_skema(remote=True)
        assert count_queries(lambda: client.get("/")) <= 4

    @pytest.mark.parametrize("more", [7, 40])
    def test_their_number_does_not_grow_with_the_skema(self, client, more):
        factories.make_skema(remote=True)
        one = count_queries(lambda: client.get("/"))
        for _ in range(more):
            factories.make_skema(remote=True, units=5)
        assert count_queries(lambda: client.get("/")) <= one

    def test_the_page_of_a_skema_takes_as_many_for_twenty_units_as_for_one(self, client):
        small, large = factories.make_skema(units=1), factories.make_skema(units=20)
        addresses = [
            url_for("public.skema", skema_id=each.skema.public_id) for each in (small, large)
        ]
        counts = [
            count_queries(lambda address=address: client.get(address)) for address in addresses
        ]
        assert counts[0] == counts[1] <= 10

    def test_the_account_page_reads_little_beside_the_session(self, sign_in):
        browser = sign_in()
        for _ in range(4):
            factories.make_place(browser.user)
        assert count_queries(lambda: browser.get(url_for("auth.account"))) <= 4
