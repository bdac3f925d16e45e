"""What a browser with HTMX would make of an answer, applied to a parsed page."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

from tests.html import soup

#: Headers of a request by HTMX.
HX = {"HX-Request": "true"}


def swap(page: BeautifulSoup, answer: TestResponse, target: str) -> BeautifulSoup:
    """Put an answer in the place of `target` (outerHTML), and its out-of-band parts where their ids are."""
    assert answer.status_code in (200, 409, 422), f"HTMX would not swap a {answer.status_code}"
    fragment = soup(answer)
    for part in fragment.select("[hx-swap-oob]"):
        del part["hx-swap-oob"]
        place = page.find(id=str(part["id"]))
        assert isinstance(place, Tag), f"out of band: no #{part['id']} in the page"
        place.replace_with(part.extract())
    roots = [node for node in fragment.contents if isinstance(node, Tag)]
    assert len(roots) == 1, f"a partial has one root, this one {[root.name for root in roots]}"
    place = page.select_one(target)
    assert isinstance(place, Tag), f"no {target} in the page"
    assert f"#{roots[0].get('id')}" == target, "the root's id is not the target's"
    place.replace_with(roots[0].extract())
    return page


def same(first: Tag | None, second: Tag | None) -> bool:
    """Whether two parts of pages hold the same markup, white space apart."""
    assert first is not None
    assert second is not None
    return _plain(first) == _plain(second)


def _plain(node: Tag) -> str:
    page = soup(str(node))
    for told in page.select("#saved"):
        told.decompose()  # said once, after the press
    for token in page.select('input[name="csrf_token"]'):
        token["value"] = ""  # signed with the second it was drawn in
    return page.prettify()
