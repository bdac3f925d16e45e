"""FR.IA.08 of many units: which lie open when the page comes, and what a folded one tells beside its title."""

from __future__ import annotations

import pytest

from tests.html import soup, words
from tests.support.instruments import leave_bare, name_evidence, portfolio_case, portfolio_cast
from tests.views.asesor.conftest import Desk, typed

YES = {"valid": "ya", "authentic": "ya", "current": "ya", "sufficient": "ya"}


@pytest.fixture
def begun(app, sign_in) -> Desk:
    """FR.IA.08 with a file in both units, the second one's own beside it."""
    cast = portfolio_cast()
    desk = Desk(portfolio_case(cast), cast, sign_in(cast.asesor))
    name_evidence(desk.case, "Surat kerja", [1, 2])
    name_evidence(desk.case, "Laporan K3", [2])
    desk.save("/fr-ia-08/mulai", {})
    return desk


def seen(desk, key):
    return desk.get("/fr-ia-08").select_one(f'[name="{key}-seen"]')["value"]


def tick(desk, key, seen_value, **said):
    data = {f"{key}-{name}": value for name, value in said.items()}
    return desk.post("/fr-ia-08", data | {f"{key}-seen": seen_value, "autosave": key}, hx=True)


def whole(desk):
    return typed(desk.get("/fr-ia-08").find("form", attrs={"method": "post", "data-guard": True}))


def opened(page):
    return [each["id"] for each in page.select("[id^=unit-][open]")]


def test_the_first_that_waits_lies_open_and_none_once_all_is_judged(begun):
    assert opened(begun.get("/fr-ia-08")) == ["unit-1"]
    tick(begun, "c1", seen(begun, "c1"), **YES)
    assert opened(begun.get("/fr-ia-08")) == ["unit-2"]
    tick(begun, "c2", seen(begun, "c2"), **YES)
    assert opened(begun.get("/fr-ia-08")) == []


def test_a_no_without_its_note_still_waits(begun):
    tick(begun, "c1", seen(begun, "c1"), **YES | {"current": "tidak"})
    assert opened(begun.get("/fr-ia-08")) == ["unit-1"]


@pytest.mark.parametrize(("codes", "lies_open"), [(("CVP", "PW"), "unit-2"), (("CVP",), "unit-1")])
def test_what_the_interview_asks_anyway_keeps_no_unit_open(app, sign_in, codes, lies_open):
    """An elemen without evidence waits for a tick only where the plan has no paper that asks about it."""
    cast = portfolio_cast(codes=codes)
    desk = Desk(portfolio_case(cast), cast, sign_in(cast.asesor))
    name_evidence(desk.case, "Surat kerja", [2])
    leave_bare(desk.case, *desk.case.skema_version.units[0].elements)
    desk.save("/fr-ia-08/mulai", {})
    assert opened(desk.get("/fr-ia-08")) == [lies_open]


def test_a_tick_brings_the_count_of_its_unit(begun):
    unit = begun.case.skema_version.units[1]
    place = f"ia-08-unit-{unit.id}"
    assert words(begun.get("/fr-ia-08").find(id=place)) == "0 dari 1 bukti dinilai"
    answer = soup(tick(begun, "c2", seen(begun, "c2"), **YES)).find(id=place)
    assert (answer["hx-swap-oob"], words(answer)) == ("true", "1 dari 1 bukti dinilai")
    key = f"t{unit.elements[0].id}"
    data = {key: "1", "autosave": key, f"{key}-seen": seen(begun, key)}
    ticked = soup(begun.post("/fr-ia-08", data, hx=True)).find(id=place)
    assert words(ticked) == "1 dari 1 bukti dinilai · wawancara: 1 elemen"
    assert words(begun.get("/fr-ia-08").find(id=place)) == words(ticked)


def test_without_scripts_the_pressed_row_is_there_to_be_seen(begun):
    answer = begun.post("/fr-ia-08", whole(begun) | {"aksi": "semua-2"})
    assert answer.location.endswith("/fr-ia-08?bukti=2#ia-08-check-2")
    assert opened(soup(begun.browser.get(answer.location))) == ["unit-1", "unit-2"]
    shown = {"kata": "buku harian K3", "aksi": "kata"}
    shown["kata-unit"] = str(begun.case.skema_version.units[1].id)
    answer = begun.post("/fr-ia-08", whole(begun) | shown)
    assert answer.location.endswith("?bukti=3#ia-08-check-3")


def test_what_was_refused_lies_open(begun):
    for key in ("c1", "c2"):
        tick(begun, key, seen(begun, key), **YES)
    bad = begun.post("/fr-ia-08", whole(begun) | {"c2-note": "x" * 2001})
    assert opened(soup(bad)) == ["unit-2"]
    old = whole(begun)
    tick(begun, "c1", old["c1-seen"], **YES, note="Asli dilihat")
    both = begun.post("/fr-ia-08", old | {"c1-note": "Salinan"})
    assert (both.status_code, opened(soup(both))) == (409, ["unit-1"])
