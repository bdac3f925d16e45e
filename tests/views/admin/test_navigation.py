"""The tabs of the admin's pages: each page stands under one of them, and the tab says so."""

from __future__ import annotations

from flask import url_for

from lsp.views.admin.navigation import TABS, module_of
from lsp.vocabulary import Role
from tests.html import soup, words


def test_every_page_belongs_to_one_tab(app):
    named = [module for tab in TABS for module in tab.modules]
    assert len(named) == len(set(named))
    endpoints = [rule.endpoint for rule in app.url_map.iter_rules()]
    found = {module_of(name) for name in endpoints if name.startswith("admin.")}
    assert found == set(named)


def test_the_tab_of_the_page_is_marked(sign_in):
    page = soup(sign_in(Role.ADMIN).get(url_for("admin.take_in_form")))
    marked = page.select('nav.tabs [aria-current="page"]')
    assert [words(each) for each in marked] == ["ID Izin", "Ketik satu per satu"]
