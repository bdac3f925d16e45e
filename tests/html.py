"""Reading pages as a person does (heading, rows, messages), and the rules that every page of ours keeps."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections import Counter
from typing import Any

import html5lib
from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
Page = BeautifulSoup | Tag


def soup(answer: TestResponse | str) -> BeautifulSoup:
    """The parsed page or fragment of an answer."""
    text = answer if isinstance(answer, str) else answer.get_data(as_text=True)
    return BeautifulSoup(text, "html.parser")


def words(node: Page | None) -> str:
    """The text of a node with single spaces; empty for None."""
    return " ".join(node.get_text(" ").split()) if node is not None else ""


def h1(page: Page) -> str:
    return words(page.find("h1"))


def main(page: Page) -> Tag:
    found = page.find("main")
    assert isinstance(found, Tag)
    return found


def notices(page: Page) -> list[str]:
    """Messages of the page: flashes, refusals, error summaries."""
    return [words(each) for each in page.select(".notice")]


def errors(page: Page) -> dict[str, str]:
    """Sentences by the fields: name of the control -> its error."""
    found = {}
    for node in page.select(".err"):
        key = str(node["id"]).removesuffix("-error")
        control = page.find(id=key)
        found[str(control["name"]) if isinstance(control, Tag) and control.get("name") else key] = (
            words(node)
        )
    return found


def table_rows(table: Page) -> list[dict[str, str]]:
    """Rows of a table as dicts by the words of its header."""
    heads = [words(cell) for cell in table.select("thead th")]
    return [
        dict(zip(heads, (words(cell) for cell in row.find_all(["th", "td"])), strict=True))
        for row in table.select("tbody tr")
    ]


def form(page: Page, action: str) -> Tag:
    """The form that posts (or gets) to `action`; says which there are when it is missing."""
    found = page.find("form", attrs={"action": action})
    assert isinstance(found, Tag), (
        f"no form to {action}; there are {[each['action'] for each in page.find_all('form')]}"
    )
    return found


def filled(node: Tag) -> dict[str, Any]:
    """What a browser would send for a form as it stands, to be changed with `| {...}`."""
    values: dict[str, Any] = {}
    for control in node.find_all(["input", "textarea", "select"]):
        name, kind = str(control.get("name", "")), control.get("type", control.name)
        if not name or control.has_attr("disabled") or kind in ("submit", "button", "file"):
            continue
        if kind in ("checkbox", "radio"):
            if control.has_attr("checked"):
                values.setdefault(name, []).append(str(control.get("value", "on")))
        elif kind == "select":
            chosen = control.find_all("option", selected=True) or control.find_all("option")[:1]
            values[name] = [str(each.get("value", words(each))) for each in chosen]
        else:
            values[name] = (
                control.get_text() if kind == "textarea" else str(control.get("value", ""))
            )
    return values


def links(page: Page) -> dict[str, str]:
    """Words -> address of each link."""
    return {words(each): str(each["href"]) for each in page.select("a[href]")}


def page_faults(text: str, *, policy: str = "") -> list[str]:
    """What is wrong with a page, or with a fragment (a text without doctype), one sentence each."""
    whole = text.lstrip()[:9].lower() == "<!doctype"
    parser = html5lib.HTMLParser()
    if whole:
        parser.parse(text)
    else:
        parser.parseFragment(text)
    faults = [f"line {place[0]}: {code} {detail or ''}" for place, code, detail in parser.errors]
    page = soup(text)
    faults += _structure(page) if whole else []
    faults += (
        _ids(page, whole=whole) + _controls(page) + _forms(page) + _active_content(page, policy)
    )
    return faults


def _structure(page: Page) -> list[str]:
    faults = []
    headings = page.find_all("h1")
    if len(headings) != 1:
        faults.append(f"{len(headings)} h1 instead of one")
    title = words(page.find("title"))
    if headings and not title.startswith(words(headings[0])):
        faults.append(f"title {title!r} does not start with the h1 {words(headings[0])!r}")
    root = page.find("html")
    if not isinstance(root, Tag) or root.get("lang") != "id":
        faults.append("the page does not say lang=id")
    guard = page.select('script[src*="/guard.js"]')
    if page.select("form[data-guard]") and not guard:
        faults.append("a form with data-guard and no guard.js")
    levels = [int(node.name[1]) for node in page.find_all(re.compile("^h[1-6]$"))]
    faults += [
        f"after an h{above} comes an h{below}"
        for above, below in itertools.pairwise(levels)
        if below > above + 1
    ]
    if len(page.find_all("main")) != 1:
        faults.append("there is not exactly one main")
    return faults


def _ids(page: Page, *, whole: bool) -> list[str]:
    counts = Counter(str(each["id"]) for each in page.select("[id]"))
    faults = [f"id {name} stands {count} times" for name, count in counts.items() if count > 1]
    for node in page.select("[aria-describedby], [aria-labelledby], [aria-controls], label[for]"):
        for attribute in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
            for name in str(node.get(attribute, "")).split():
                if name not in counts:
                    faults.append(f"{attribute} names {name}, which is not there")
    if whole:
        faults += [
            f"link to #{name}, which is not there"
            for name in (str(each["href"])[1:] for each in page.select('a[href^="#"]'))
            if name and name not in counts
        ]
    return faults


def _controls(page: Page) -> list[str]:
    labelled = {str(label["for"]) for label in page.select("label[for]")}
    faults = []
    for control in page.find_all(["input", "select", "textarea"]):
        if control.get("type") in UNLABELLED or control.has_attr("hidden"):
            continue
        named = (
            control.get("aria-label")
            or control.get("aria-labelledby")
            or control.get("id") in labelled
        )
        if not named and control.find_parent("label") is None:
            faults.append(f"control {control.get('name')} has no label")
    for node in page.find_all(["a", "button", "summary"]):
        if not words(node) and not node.get("aria-label"):
            faults.append(f"a {node.name} without words: {node}")
    faults += [
        f"a new tab without a word: {words(node)}"
        for node in page.select("a[target=_blank]")
        if "tab baru" not in words(node)
    ]
    faults += [f"button without type: {words(node)}" for node in page.select("button:not([type])")]
    faults += [f"image without alt: {node.get('src')}" for node in page.select("img:not([alt])")]
    return faults


def _forms(page: Page) -> list[str]:
    faults = []
    for each in page.find_all("form"):
        method = str(each.get("method", "")).lower()
        if not each.get("action") or method not in ("get", "post"):
            faults.append(f"form without action or method: {each.attrs}")
        if method == "post" and not each.select('input[type=hidden][name="csrf_token"][value]'):
            faults.append(f"form to {each.get('action')} has no token field")
        for attribute in ("hx-post", "hx-get"):
            if each.get(attribute) and each[attribute] != each.get("action"):
                faults.append(f"{attribute} is not the action of the form: {each[attribute]}")
        if each.find_parent("form") is not None:
            faults.append("a form within a form")
    return faults


def _active_content(page: Page, policy: str) -> list[str]:
    faults = []
    for node in page.find_all(True):
        for attribute in node.attrs:
            if attribute == "style" or re.match(
                r"on[a-z]|hx-on|hx-(delete|put|patch|vals-js)$", attribute
            ):
                faults.append(f"{node.name} has the attribute {attribute}")
        address = str(node.get("href") or node.get("src") or node.get("action") or "")
        if re.match(r"\s*(javascript|data|vbscript):", address, re.IGNORECASE):
            faults.append(f"address {address}")
    faults += ["an inline script" for node in page.find_all("script") if not node.get("src")]
    for node in page.find_all("style"):
        digest = base64.b64encode(hashlib.sha256(node.decode_contents().encode()).digest()).decode()
        if f"'sha256-{digest}'" not in policy:
            faults.append("an inline style sheet that the policy does not allow")
    return faults
