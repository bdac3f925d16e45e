"""Reading pages as a person does (heading, rows, messages), and the rules that every page of ours keeps."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
Page = BeautifulSoup | Tag
#: Attributes that name other elements by their ids.
_NAMING = ("for", "aria-describedby", "aria-labelledby", "aria-controls")
_ACTIVE = re.compile(r"on[a-z]|hx-on|hx-(delete|put|patch|vals-js)$")
_ACTIVE_ADDRESS = re.compile(r"\s*(javascript|data|vbscript):", re.IGNORECASE)


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
            value = control.get_text() if kind == "textarea" else str(control.get("value", ""))
            # A page that repeats what was chosen before has a hidden control for each.
            again = kind == "hidden" and name in values
            values[name] = [*_several(values[name]), value] if again else value
    return values


def _several(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def links(page: Page) -> dict[str, str]:
    """Words -> address of each link."""
    return {words(each): str(each["href"]) for each in page.select("a[href]")}


class Parsed:
    """A page as a browser builds it, with what the rules ask of it gathered in one walk; parsed once, for its cost."""

    def __init__(self, text: str) -> None:
        self.whole = text.lstrip()[:9].lower() == "<!doctype"
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(text) if self.whole else parser.parseFragment(text)
        self.errors = parser.errors
        # Comments are elements too, whose tag is a function.
        self.nodes = [node for node in self.root.iter() if isinstance(node.tag, str)]
        self._named: dict[str, list[Element]] = {}
        for node in self.nodes:
            self._named.setdefault(node.tag, []).append(node)
        self.ids = Counter(node.attrib["id"] for node in self.nodes if "id" in node.attrib)

    def all(self, *tags: str) -> list[Element]:
        """The elements of these tags, tag by tag."""
        return [node for tag in tags for node in self._named.get(tag, ())]


def _said(node: Element) -> str:
    """The words a screen reader has for a node: its text and its pictures' alt texts."""
    text = "".join(node.itertext()).split()
    return " ".join([*text, *(image.get("alt", "") for image in node.iter("img"))]).strip()


def page_faults(text: str, *, policy: str = "") -> list[str]:
    """What is wrong with a page, or with a fragment (a text without doctype), one sentence each."""
    page = Parsed(text)
    faults = [f"line {place[0]}: {code} {detail or ''}" for place, code, detail in page.errors]
    return [
        *faults,
        *(_structure(page) if page.whole else ()),
        *_ids(page),
        *_controls(page),
        *_words_of_links(page),
        *_forms(page),
        *_active_content(page, policy),
    ]


def _structure(page: Parsed) -> Iterator[str]:
    headings = page.all("h1")
    if len(headings) != 1:
        yield f"{len(headings)} h1 instead of one"
    title = " ".join(_said(each) for each in page.all("title"))
    if headings and not title.startswith(_said(headings[0])):
        yield f"title {title!r} does not start with the h1 {_said(headings[0])!r}"
    if page.root.get("lang") != "id":
        yield "the page does not say lang=id"
    guard = any("/guard.js" in script.get("src", "") for script in page.all("script"))
    if not guard and any("data-guard" in each.attrib for each in page.all("form")):
        yield "a form with data-guard and no guard.js"
    levels = [int(node.tag[1]) for node in page.nodes if re.fullmatch("h[1-6]", node.tag)]
    for above, below in itertools.pairwise(levels):
        if below > above + 1:
            yield f"after an h{above} comes an h{below}"
    if len(page.all("main")) != 1:
        yield "there is not exactly one main"


def _ids(page: Parsed) -> Iterator[str]:
    for name, count in page.ids.items():
        if count > 1:
            yield f"id {name} stands {count} times"
    # Words that htmx swaps beside a control are a fragment without any; their label names the page's.
    alone = not page.whole and not page.all("input", "select", "textarea")
    naming = _NAMING[1:] if alone else _NAMING
    for node in page.nodes:
        for attribute in naming:
            for name in node.get(attribute, "").split():
                if name not in page.ids:
                    yield f"{attribute} names {name}, which is not there"
    if page.whole:
        for link in page.all("a"):
            href = link.get("href", "")
            if href[:1] == "#" and href != "#" and href[1:] not in page.ids:
                yield f"link to {href}, which is not there"


def _controls(page: Parsed) -> Iterator[str]:
    labelled = {label.get("for") for label in page.all("label")}
    within = {control for label in page.all("label") for control in label.iter()}
    for control in page.all("input", "select", "textarea"):
        if control.get("type") in UNLABELLED or "hidden" in control.attrib or control in within:
            continue
        said = control.get("aria-label") or control.get("aria-labelledby")
        if not said and (control.get("id") is None or control.get("id") not in labelled):
            yield f"control {control.get('name')} has no label"


def _words_of_links(page: Parsed) -> Iterator[str]:
    for node in page.all("a", "button", "summary"):
        said = node.get("aria-label") or _said(node)
        if not said:
            yield f"a {node.tag} without words: {node.attrib}"
        if node.tag == "a" and node.get("target") == "_blank" and "tab baru" not in said:
            yield f"a new tab without a word: {said}"
        if node.tag == "button" and "type" not in node.attrib:
            yield f"button without type: {said}"
    for image in page.all("img"):
        if "alt" not in image.attrib:
            yield f"image without alt: {image.get('src')}"


def _forms(page: Parsed) -> Iterator[str]:
    # A form within a form is none to a browser: the parse names it (unexpected-start-tag).
    for each in page.all("form"):
        action, method = each.get("action", ""), each.get("method", "").lower()
        if not (action or _buttons_say_where(page, each)) or method not in ("get", "post"):
            yield f"form without action or method: {each.attrib}"
        if method == "post" and not any(_is_token(control) for control in each.iter("input")):
            yield f"form to {action} has no token field"
        # Without scripts the answer is a whole page: the fragment only scrolls it to what htmx swaps.
        address, _, place = action.partition("#")
        for attribute in ("hx-post", "hx-get"):
            if attribute in each.attrib and each.get(attribute) != address:
                yield f"{attribute} is not the action of the form: {each.get(attribute)}"
        if place and page.whole and place not in page.ids:
            yield f"form to #{place}, which is not there"


def _buttons_say_where(page: Parsed, form: Element) -> bool:
    """Whether every button that sends this form brings the address itself: one form for many rows."""
    within = set(form.iter("button"))
    buttons = [
        each
        for each in page.all("button")
        if each.get("type") == "submit"
        and (each.get("form") == form.get("id", "") if "form" in each.attrib else each in within)
    ]
    return bool(buttons) and all(each.get("formaction") for each in buttons)


def _is_token(control: Element) -> bool:
    return (
        control.get("name") == "csrf_token"
        and control.get("type") == "hidden"
        and "value" in control.attrib
    )


def _active_content(page: Parsed, policy: str) -> Iterator[str]:
    for node in page.nodes:
        for attribute in node.attrib:
            if attribute == "style" or _ACTIVE.match(attribute):
                yield f"{node.tag} has the attribute {attribute}"
        address = node.get("href") or node.get("src") or node.get("action") or ""
        if _ACTIVE_ADDRESS.match(address):
            yield f"address {address}"
    for script in page.all("script"):
        if not script.get("src"):
            yield "an inline script"
    for node in page.all("style"):
        text = (node.text or "").encode()
        digest = base64.b64encode(hashlib.sha256(text).digest()).decode()
        if f"'sha256-{digest}'" not in policy:
            yield "an inline style sheet that the policy does not allow"
