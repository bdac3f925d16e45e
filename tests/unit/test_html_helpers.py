"""Whole page or panel, safe addresses, static addresses, headers, and the pieces every page shares."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.datastructures import MultiDict
from wtforms import Form, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired

import lsp
from lsp.views import filters, html
from lsp.vocabulary import PermohonanStatus

ROOT = Path(lsp.__path__[0])
HTMX = {"HX-Request": "true"}


@pytest.fixture
def bare():
    """An app with our templates and helpers and nothing else: no database, no blueprint, the addresses of the frame."""
    app = Flask("lsp", root_path=str(ROOT))
    app.add_url_rule("/data-pribadi", "public.personal_data", lambda: "")
    app.add_url_rule("/keluhan", "keluhan.write", lambda: "")
    app.config.update(SECRET_KEY="x" * 32, DEMO=False)
    app.jinja_env.undefined = StrictUndefined
    CSRFProtect(app)
    html.register_html(app)
    filters.register_filters(app)
    return app


def draw(app, source, **context):
    with app.test_request_context():
        return BeautifulSoup(app.jinja_env.from_string(source).render(**context), "html5lib")


class TestWantsFragment:
    @pytest.mark.parametrize(
        ("headers", "answer"),
        [
            ({}, False),
            (HTMX, True),
            ({**HTMX, "HX-Boosted": "true"}, False),
            ({**HTMX, "HX-History-Restore-Request": "true"}, False),
        ],
    )
    def test_only_a_plain_htmx_request_does(self, bare, headers, answer):
        with bare.test_request_context(headers=headers):
            assert html.wants_fragment() is answer


class TestPage:
    def test_answers_whole_page_or_panel_and_says_so_to_caches(self, bare):
        for headers, start in (({}, "<!DOCTYPE"), (HTMX, "<div")):
            with bare.test_request_context(headers=headers):
                context = {"stages": [], "title": "x"}
                answer = html.page(
                    "errors/404.html", fragment="components/notice.html", status=409, **context
                )
            assert answer.status_code == 409
            assert answer.vary.to_header() == "HX-Request"
            if start == "<!DOCTYPE":
                assert start in answer.get_data(as_text=True)
            else:
                assert "<html" not in answer.get_data(as_text=True)

    def test_without_a_fragment_htmx_gets_the_page(self, bare):
        with bare.test_request_context(headers=HTMX):
            assert "<html" in html.page("errors/404.html").get_data(as_text=True)


class TestReasonField:
    def typed(self, note: str) -> Any:
        class Why(Form):
            note = StringField(validators=[InputRequired("Tulis alasan.")])

        form = Why(MultiDict({"note": note}))
        form.validate()
        return form

    def test_what_was_typed_stays_and_the_error_stands_by_it(self):
        empty = html.reason_field(self.typed(""), hint="Asesi membacanya.")
        assert (empty["label"], empty["hint"]) == ("Alasan", "Asesi membacanya.")
        assert (empty["value"], empty["error"]) == ("", "Tulis alasan.")

    def test_a_rule_the_form_does_not_know_is_told_too(self):
        field = html.reason_field(self.typed("Salah"), error="Tulis sedikitnya 10 huruf.")
        assert (field["value"], field["error"]) == ("Salah", "Tulis sedikitnya 10 huruf.")

    def test_before_anything_was_sent_it_is_empty(self):
        assert html.reason_field(None)["value"] == html.reason_field(None)["error"] == ""


class TestNextAddress:
    @pytest.mark.parametrize("path", ["/", "/asesi", "/asesi/permohonan/7Q9K?a=1&b=/x#docs"])
    def test_paths_of_this_site_pass(self, path):
        assert html.is_safe_next(path)

    @pytest.mark.parametrize(
        "path",
        [
            None, "", "asesi", "//evil.example", "///evil.example", "https://evil.example",
            "javascript:alert(1)", "/\\evil.example", "\\/evil.example", "/\t/evil.example",
            "/a\r\nSet-Cookie: x=1", " /asesi", "/\x00",
        ],
    )  # fmt: skip
    def test_others_are_refused_everywhere(self, bare, path):
        assert not html.is_safe_next(path)
        with bare.test_request_context():
            for send in (html.go, html.redirect_after_post):
                with pytest.raises(ValueError, match="not a path"):
                    send(path or "")


class TestRedirectAfterPost:
    def test_plain_browser_gets_303_and_finds_the_message(self, bare):
        bare.add_url_rule("/x", view_func=lambda: html.redirect_after_post("/asesi", "Tersimpan."))
        client = bare.test_client()
        answer = client.get("/x")
        assert (answer.status_code, answer.location) == (303, "/asesi")
        with client.session_transaction() as session:
            assert session["_flashes"] == [("ok", "Tersimpan.")]

    def test_htmx_is_told_to_load_the_page(self, bare):
        with bare.test_request_context(headers=HTMX):
            answer = html.redirect_after_post("/asesi")
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/asesi")
        assert answer.location is None

    def test_signed_out_reader_of_a_panel_is_sent_with_401(self, bare):
        with bare.test_request_context(headers=HTMX):
            answer = html.go("/masuk?next=/asesi", status=401)
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/masuk?next=/asesi")


class TestStaticFiles:
    def test_address_carries_the_hash_of_the_content(self):
        content = (html.STATIC_FOLDER / "portal.js").read_bytes()
        expected = hashlib.sha256(content).hexdigest()[:10]
        assert html.static_url("portal.js") == f"/static/portal.js?v={expected}"

    def test_unknown_file_is_an_error(self):
        with pytest.raises(FileNotFoundError):
            html.static_url("bootstrap.css")

    def test_htmx_is_the_file_whose_hash_stands_in_notice(self):
        notice = (html.STATIC_FOLDER / "NOTICE").read_text(encoding="utf-8")
        (script,) = html.STATIC_FOLDER.glob("htmx-2.0.*.min.js")
        assert script.name in notice
        assert hashlib.sha256(script.read_bytes()).hexdigest() in notice

    def test_weights(self):
        def weight(*content: bytes) -> int:
            return sum(len(gzip.compress(each, 9)) for each in content)

        # A page loads portal.js and one group of the others: files are sent on no page with a guarded form.
        for others, most in ((("guard.js",), 2500), (("shrink.js", "upload.js"), 6200)):
            scripts = [(html.STATIC_FOLDER / n).read_bytes() for n in ("portal.js", *others)]
            assert weight(*scripts) <= most
        assert weight(html.inline_css().encode()) <= 3500
        assert weight((html.STATIC_FOLDER / "portal.css").read_bytes()) <= 4100

    def test_rules_of_staff_pages_are_linked_only(self):
        assert ".tiles" not in html.inline_css()
        assert ".tiles" in (html.STATIC_FOLDER / "portal.css").read_text(encoding="utf-8")

    def test_style_sheet_needs_nothing_from_elsewhere(self):
        assert not re.search(r"url\(|@import|@font-face|https?:", html.inline_css())


class TestHeaders:
    def test_policy_on_https(self):
        policy = html.content_security_policy("https://lsp.example.id/", https=True)
        assert policy == (
            "default-src 'none'; script-src https://lsp.example.id/static/; "
            f"style-src {html.inline_css_hash()} https://lsp.example.id/static/; "
            "img-src 'self'; font-src https://lsp.example.id/static/; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
            "upgrade-insecure-requests"
        )

    def test_plain_http_is_not_upgraded(self):
        assert "upgrade" not in html.content_security_policy("http://127.0.0.1:8000", https=False)
        assert "Strict-Transport-Security" not in html.security_headers(https=False)
        assert "Strict-Transport-Security" in html.security_headers(https=True)

    def test_policy_allows_the_very_text_a_page_carries(self, bare):
        page = draw(bare, '{% extends "base.html" %}', inline_css=True)
        digest = base64.b64encode(hashlib.sha256(page.style.string.encode()).digest()).decode()
        assert html.inline_css_hash() == f"'sha256-{digest}'"


class TestBase:
    def test_title_begins_with_the_heading(self, bare):
        source = (
            '{% extends "base.html" %}{% block title %}Jadwal{% endblock %}'
            "{% block content %}<h1>{{ self.title() }}</h1>{% endblock %}"
        )
        page = draw(bare, source)
        assert page.title.string == "Jadwal – Portal LSP"
        assert page.h1.string == "Jadwal"
        assert len(page.select("main#isi")) == len(page.select("#status[role=status]")) == 1

    def test_htmx_is_told_to_keep_within_the_policy(self, bare):
        page = draw(bare, '{% extends "base.html" %}')
        assert json.loads(page.find("meta", {"name": "htmx-config"})["content"]) == {
            "allowEval": False,
            "allowScriptTags": False,
            "includeIndicatorStyles": False,
            "selfRequestsOnly": True,
            "historyCacheSize": 0,
            "historyRestoreAsHxRequest": False,
            "refreshOnHistoryMiss": True,
            "timeout": 15000,
            "responseHandling": [
                {"code": "204", "swap": False},
                {"code": "2..", "swap": True},
                {"code": "409|422", "swap": True},
                {"code": "401", "swap": False},
                {"code": "[45]..", "swap": False, "error": True},
            ],
        }

    def test_token_only_where_someone_may_post(self, bare):
        assert not draw(bare, '{% extends "base.html" %}').body.has_attr("hx-headers")
        for source, context in (
            ('{% extends "base.html" %}', {"signed_in": True}),
            ('{% extends "base.html" %}{% set needs_csrf = true %}', {}),
        ):
            body = draw(bare, source, **context).body
            assert json.loads(body["hx-headers"])["X-CSRFToken"]

    def test_demo_is_announced(self, bare):
        assert not draw(bare, '{% extends "base.html" %}').select(".demo")
        bare.config["DEMO"] = True
        page = draw(bare, '{% extends "base.html" %}')
        assert page.select_one(".demo").string == "Data demo – bukan orang sebenarnya"


@pytest.mark.parametrize("code", [400, 403, 404, 408, 409, 413, 422, 429, 500, 503])
def test_error_pages_stand_without_database_or_scripts(bare, code):
    page = draw(bare, f'{{% extends "errors/{code}.html" %}}', error_id="7Q9K2M", seconds=300)
    assert page.title.string.startswith(page.h1.string)
    assert [h2.string for h2 in page.select("h2")] == ["Yang tersimpan", "Yang bisa Anda lakukan"]
    assert all(p.get_text(strip=True) for p in page.select("main p"))
    assert page.select("main a[href^='/']")
    assert not page.select("script")
    assert ("7Q9K2M" in page.main.get_text()) is (code == 500)
    assert ("5 menit" in page.main.get_text()) is (code in (429, 503))


def test_templates_lose_their_indentation_but_people_keep_theirs(bare):
    with bare.test_request_context():
        source = "<div>\n    <p>{{ words }}</p>\n</div>"
        squeezed = html.Unindented(bare.jinja_env).preprocess(source, "x.html")
        drawn = bare.jinja_env.from_string(squeezed).render(words="a\n    b")
    assert drawn == "<div>\n<p>a\n    b</p>\n</div>"
    assert html.Unindented(bare.jinja_env).preprocess(source, "mail/x.txt") == source


class TestComponents:
    def test_field_ties_hint_and_error_to_its_control(self, bare):
        class Sheet(Form):
            nik = StringField("NIK", [InputRequired()], description="16 angka.")

        form = Sheet()
        form.nik.errors = ["NIK berisi 16 angka."]
        source = '{% from "components/field.html" import field %}{{ field(form.nik) }}'
        page = draw(bare, source, form=form)
        control = page.select_one("#nik")
        told = [page.find(id=each).get_text() for each in control["aria-describedby"].split()]
        assert told == ["16 angka.", "NIK berisi 16 angka."]
        assert control["aria-invalid"] == "true"
        assert page.label["for"] == "nik"

    def test_radio_field_is_a_group_with_its_question(self, bare):
        # The published types know only pairs; plain words are allowed too.
        answers: Any = ["K", "BK"]
        things: Any = ["a", "b", "c"]

        class Sheet(Form):
            answer = RadioField("Bisa?", choices=answers)
            tools = SelectMultipleField("Perangkat", choices=things)

        form = Sheet(data={"answer": "BK", "tools": ["a", "c"]})
        source = (
            '{% from "components/field.html" import field %}'
            "{{ field(form.answer, cards=true) }}{{ field(form.tools) }}"
        )
        page = draw(bare, source, form=form)
        assert [legend.string for legend in page.select("legend")] == ["Bisa?", "Perangkat"]
        assert [i["value"] for i in page.select("[type=radio][checked]")] == ["BK"]
        assert [i["value"] for i in page.select("[type=checkbox][checked]")] == ["a", "c"]

    def test_button_that_cannot_be_pressed_says_why(self, bare):
        source = (
            '{% from "components/button.html" import action_button %}'
            '{{ action_button({"name": "verify", "label": "Nyatakan lengkap"}, "/x", version=3,'
            ' reason="Dua butir belum dinilai.") }}'
        )
        page = draw(bare, source)
        assert page.button.has_attr("disabled")
        assert page.find(id=page.button["aria-describedby"]).string == "Dua butir belum dinilai."
        assert page.form["method"] == "post"
        assert page.select_one("[name=version]")["value"] == "3"
        assert page.select_one("[name=csrf_token]")["value"]

    def test_file_row_shows_verdict_and_takes_a_file_without_scripts(self, bare):
        file = {"name": "ktp.jpg", "size": 212000, "at": datetime(2026, 11, 18, 2, tzinfo=UTC)}
        document = {
            "key": "ktp", "label": "KTP", "hint": "", "note": "Foto buram.", "error": "",
            "status": PermohonanStatus.RETURNED, "file": {**file, "url": "/f", "preview_url": ""},
        }  # fmt: skip
        source = (
            '{% from "components/file_row.html" import file_row %}'
            '<ul>{{ file_row(document, "/unggah", target="#documents-panel") }}</ul>'
        )
        page = draw(bare, source, document=document)
        text = page.li.get_text(" ", strip=True)
        for words in ("212 kB", "18 Nov 2026, 09.00 WIB", "Perlu perbaikan", "Foto buram."):
            assert words in text
        assert page.form["action"] == page.form["hx-post"] == "/unggah"
        assert page.form["enctype"] == "multipart/form-data"

    def test_user_words_are_escaped(self, bare):
        source = '{% from "components/notice.html" import notice %}{{ notice(words) }}'
        assert not draw(bare, source, words="<img src=x onerror=alert(1)>").select("img")
