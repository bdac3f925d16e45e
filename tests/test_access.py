"""Every route, visited as nobody and as every role, with the person's own object and with another's.

The table is tests/authz.csv; how to read it and how to add rows stands in tests/support/access.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, url_for
from werkzeug.routing.converters import NumberConverter
from werkzeug.test import TestResponse

from lsp.permissions import access, writes
from lsp.views.gate import refuse_unmarked_views
from lsp.vocabulary import Role
from tests import factories
from tests.htmx import HX
from tests.support.access import (
    ANSWERS,
    FORMS,
    HEADERS,
    NOBODY,
    RELATIONS,
    Row,
    address_values,
    read_table,
    routes,
)
from tests.support.app import PortalClient

ROWS = read_table()
ROLES = [role for role in Role if role is not Role.SYSTEM]


def answer_class(answer: TestResponse) -> str:
    """The word of the table for an answer."""
    if answer.status_code == 302 and answer.location.split("?")[0] == "/masuk":
        return "in"
    if answer.status_code < 400 or answer.status_code in (409, 422):
        return "ok"
    return str(answer.status_code)


class TestTheTableIsWhole:
    def test_every_route_stands_in_it(self, app):
        listed = {(row.endpoint, row.method) for row in ROWS}
        missing = sorted(set(routes(app)) - listed)
        assert not missing, f"add to tests/authz.csv: {missing}"

    def test_it_names_no_route_that_is_gone(self, app):
        gone = sorted({(row.endpoint, row.method) for row in ROWS} - set(routes(app)))
        assert not gone, f"remove from tests/authz.csv: {gone}"

    def test_a_route_with_an_object_has_a_row_for_own_and_for_other(self, app):
        relations: dict[tuple[str, str], list[str]] = {}
        for row in ROWS:
            if row.relation not in ("pleno", "other_pleno"):
                relations.setdefault((row.endpoint, row.method), []).append(row.relation)
        for key, rule in routes(app).items():
            wanted = ["own", "other"] if rule.arguments else ["-"]
            assert sorted(relations.get(key, [])) == sorted(wanted), key

    def test_a_number_in_an_address_fits_every_database(self, app):
        """2^63 is no SQLite integer and 2^31 none of PostgreSQL's: the address must not match."""
        boundless = [
            rule.rule
            for rule in app.url_map.iter_rules()
            for name, converter in rule._converters.items()
            if isinstance(converter, NumberConverter) and not (converter.max or 2**31) < 2**31
        ]
        assert boundless == []

    @pytest.mark.parametrize("row", ROWS, ids=str)
    def test_each_cell_has_a_known_word(self, row: Row):
        assert list(row.expected) == [NOBODY, *(role.value for role in ROLES)]
        assert row.relation in RELATIONS
        assert set(row.expected.values()) <= set(ANSWERS)

    def test_every_route_is_open_to_somebody(self):
        """Else a broken fixture would pass as "refused"."""
        closed = {row.endpoint for row in ROWS} - {
            row.endpoint for row in ROWS if "ok" in row.expected.values()
        }
        assert closed == {"auth.enter_demo"}, (
            "only the demo's buttons, which tests/views/auth opens"
        )


class TestEveryRoute:
    @pytest.mark.parametrize("row", ROWS, ids=str)
    def test_answers_as_the_table_says(self, row: Row, app, client, sign_in):
        found = {NOBODY: visit(app, client, row, factories.make_user())}
        for role in ROLES:
            browser = sign_in(role)
            found[role.value] = visit(app, browser, row, browser.user)
        assert {who: answer_class(answer) for who, answer in found.items()} == row.expected

    @pytest.mark.parametrize("row", [row for row in ROWS if row.expected[NOBODY] == "in"], ids=str)
    def test_tells_htmx_by_header_to_sign_in(self, row: Row, app, client):
        answer = visit(app, client, row, factories.make_user(), headers=HX)
        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"].split("?")[0] == "/masuk"
        assert answer.get_data() == b""


def visit(app: Flask, browser: PortalClient, row: Row, person, **how) -> TestResponse:
    values: dict[str, Any] = {}
    if row.relation != "-":
        arguments = routes(app)[row.endpoint, row.method].arguments
        values = address_values(row.endpoint, arguments, person, relation=row.relation)
    form = FORMS.get(row.endpoint) if row.method == "POST" else None
    headers = HEADERS.get(row.endpoint, {}) | how.pop("headers", {})
    address = url_for(row.endpoint, **values)
    return browser.open(address, method=row.method, data=form, headers=headers, **how)


class TestClosedUnlessOpened:
    """A view that nobody thought about stops the start."""

    def test_a_view_without_access_is_refused(self):
        app = Flask("bare", static_folder=None)
        app.add_url_rule("/lupa", "forgotten_mark", lambda: "")
        with pytest.raises(RuntimeError, match="forgotten_mark has no @access"):
            refuse_unmarked_views(app)

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_an_unsafe_method_without_writes_is_refused(self, method):
        app = Flask("bare", static_folder=None)

        @access(public=True)
        def view() -> str:
            return ""

        app.add_url_rule("/ubah", "change", view, methods=[method])
        with pytest.raises(RuntimeError, match="without @writes"):
            refuse_unmarked_views(app)

    def test_a_marked_view_is_taken(self):
        app = Flask("bare", static_folder=None)

        @access(roles=(Role.ADMIN,))
        @writes
        def view() -> str:
            return ""

        app.add_url_rule("/ubah", "change", view, methods=["POST"])
        refuse_unmarked_views(app)

    def test_create_app_asks(self, tmp_path, monkeypatch):
        from lsp import create_app, views
        from lsp.views import public
        from tests.support.app import settings

        monkeypatch.setattr(views, "blueprints", lambda: (public.bp,))
        monkeypatch.delattr(public.robots, "access_rule")
        with pytest.raises(RuntimeError, match=r"public\.robots has no @access"):
            create_app(settings(tmp_path))

    def test_roles_or_public_must_be_said(self):
        with pytest.raises(ValueError, match="name the roles"):
            access()
        with pytest.raises(ValueError, match="not both"):
            access(roles=(Role.ADMIN,), public=True)


class TestTwoHats:
    def test_one_of_two_roles_is_enough(self, sign_in):
        both = sign_in(Role.ASESOR, Role.TIM_TEKNIS)
        assert both.get(url_for("auth.account")).status_code == 200

    def test_a_role_that_is_taken_away_ends_at_the_next_request(self, app, sign_in):
        from lsp.database import db
        from lsp.models import UserRole

        browser = sign_in(Role.ADMIN)
        db.session.query(UserRole).filter_by(user_id=browser.user.id).delete()
        assert browser.get(url_for("auth.account")).status_code == 403
