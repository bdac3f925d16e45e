"""In production the portal answers to one host, in every spelling of it; a watchdog may call it what it likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp.views import one_host
from tests.html import h1, links, page_faults, soup
from tests.support.app import build, prepare

OURS = "https://portal.lsp.example"


@pytest.fixture
def client(tmp_path: Path):
    app = build(tmp_path, production=True, base_url=OURS)
    prepare(app)
    return app.test_client()


def ask(client, path, host):
    environ = {} if host is None else {"HTTP_HOST": host}
    return client.get(path, base_url=OURS, environ_overrides=environ)


@pytest.mark.parametrize(
    "host",
    [
        "portal.lsp.example",
        "PORTAL.LSP.EXAMPLE",  # as the QR of a certificate writes it
        "portal.lsp.example.",
        "Portal.Lsp.Example.:443",
        "portal.lsp.example:443",
    ],
)
@pytest.mark.parametrize("path", ["/masuk", "/V/7Q9K2M4X8TPA0B1C2D3E4F5G6H", "/static/portal.css"])
def test_every_spelling_of_the_host_is_answered(client, host, path):
    with ask(client, path, host) as answer:
        assert answer.status_code in (200, 302)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8000", "localhost", "", "jahat.example", "portal.lsp.example:8000", "[::1", "x@y"],
)
def test_another_host_is_told_the_address_in_plain_words(client, host):
    answer = ask(client, "/masuk", host)
    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert page_faults(text, policy=answer.headers["Content-Security-Policy"]) == []
    assert h1(soup(answer)) == "Alamat ini bukan alamat portal"
    assert links(soup(answer)) == {f"Buka {OURS}": f"{OURS}/"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "localhost", "", "PORTAL.LSP.EXAMPLE"])
def test_a_watchdog_is_answered_whatever_it_calls_us(client, host):
    answer = ask(client, "/healthz", host)
    assert (answer.status_code, answer.text) == (200, "ok")


def test_one_spelling_stands_in_what_is_answered(client):
    answer = ask(client, "/akun", "PORTAL.LSP.EXAMPLE.")
    assert answer.headers["Location"].startswith("/masuk")
    assert "https://portal.lsp.example/static/" in answer.headers["Content-Security-Policy"]


def test_a_request_without_a_host_is_refused():
    said = []
    layer = one_host.OneHost(lambda environ, start: [b"reached"], OURS)
    assert b"bukan alamat portal" in b"".join(
        layer({"PATH_INFO": "/"}, lambda status, headers: said.append(status))
    )
    assert said == ["400 Bad Request"]
