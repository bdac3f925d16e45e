"""The bar of the desk on a phone: one line that scrolls, and looks as if it does."""

from __future__ import annotations

import pytest

from lsp.vocabulary import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

#: Where the shade begins, and where the last link ends, from the left edge of the bar; both in px.
MEASURE = """list => {
  list.scrollLeft = list.scrollWidth;
  const edge = list.getBoundingClientRect(), last = list.lastElementChild.getBoundingClientRect();
  const beyond = list.scrollWidth - list.clientWidth;
  return {mask: getComputedStyle(list).maskImage, end: edge.right - last.right, beyond};
}"""


@pytest.fixture
def bar(app, sign_in, address, chromium):
    """bar(width): the tabs of the admin's first page, measured."""
    client = sign_in(Role.ADMIN)
    name = app.config["SESSION_COOKIE_NAME"]
    context = chromium.new_context(locale="id-ID", java_script_enabled=True)
    cookie = {"name": name, "value": client.get_cookie(name).value, "url": address}
    context.add_cookies([cookie])

    def measure(width):
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 740})
        page.goto(f"{address}/admin")
        return page.locator("main > .tabs ul").evaluate(MEASURE)

    yield measure
    context.close()


def test_it_fades_where_more_follow_and_the_last_link_leaves_the_shade(bar):
    phone = bar(360)
    assert phone["beyond"] > 100
    assert "linear-gradient" in phone["mask"]
    assert phone["end"] >= 40, "scrolled to its end, nothing of it is faded"


def test_where_all_fit_nothing_fades(bar):
    desk = bar(1280)
    assert (desk["mask"], desk["beyond"]) == ("none", 0)
