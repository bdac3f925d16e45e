"""How a person uses a page: open it, fill what a label names, press what a button says. Two kinds of hands.

A journey is written once against `Hands` and walked with a plain client (scripts off), a client that behaves as
HTMX does, and a real Chromium with scripts on and off.
"""

from __future__ import annotations

import contextlib
import io
import re
import time
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from tests.html import filled, soup, words
from tests.htmx import HX, swap

#: A file as a person picks it: name and content.
File = tuple[str, bytes]


class Hands(Protocol):
    """One person at one browser. `within` narrows to the first element that a CSS selector names."""

    scripts: bool

    def go(self, path: str) -> None: ...
    def follow(self, link: str, *, within: str = "") -> None: ...
    def fill(self, label: str, value: str, *, within: str = "") -> None: ...
    def pick(self, label: str, option: str, *, within: str = "") -> None: ...
    def tick(self, label: str, *, within: str = "") -> None: ...
    def tick_all(self, selector: str) -> None: ...
    def attach(self, file: File, *, label: str = "", within: str = "") -> None: ...
    def fill_all(self, selector: str, value: str) -> None: ...
    def press(self, button: str, *, within: str = "") -> None: ...
    def press_first(self, beginning: str, *, within: str = "") -> None: ...
    def press_or_follow(self, words: str, *, within: str = "") -> None: ...
    def actions(self, selector: str) -> list[str]: ...
    def text(self) -> str: ...
    def count(self, selector: str) -> int: ...
    def path(self) -> str: ...


class Lost(AssertionError):
    """The page has no such control; says where the person stood and what the page said."""


class PlainHands:
    """A browser without scripts, over the test client; with `htmx` it swaps panels as HTMX would."""

    def __init__(self, client: Any, *, htmx: bool = False) -> None:
        self.client, self.htmx, self.scripts = client, htmx, False
        self.page: BeautifulSoup = soup("<html></html>")
        self.address = "/"
        self.files: dict[int, File] = {}

    # --- reading ---------------------------------------------------------------------------------------------

    def text(self) -> str:
        return words(self.page)

    def count(self, selector: str) -> int:
        return len(self.page.select(selector))

    def path(self) -> str:
        return self.address

    def _scope(self, within: str) -> Tag:
        if not within:
            return self.page
        found = self.page.select_one(within)
        if not isinstance(found, Tag):
            raise self._lost(f"nothing like {within}")
        return found

    def _lost(self, what: str) -> Lost:
        return Lost(f"{what} at {self.address}: {self.text()[:1500]}")

    # --- moving ----------------------------------------------------------------------------------------------

    def go(self, path: str) -> None:
        answer = self.client.get(path)
        for _ in range(5):
            if answer.status_code not in (301, 302, 303):
                break
            path = urljoin(path, answer.location)
            answer = self.client.get(path)
        assert answer.status_code < 500, f"{answer.status} at {path}"
        self._show(answer, path)

    def _show(self, answer: Any, path: str) -> None:
        parts = urlsplit(path)
        self.page = soup(answer)
        self.address = parts.path + (f"?{parts.query}" if parts.query else "")
        self.files = {}

    def follow(self, link: str, *, within: str = "") -> None:
        for node in self._scope(within).select("a[href]"):
            if words(node) == link:
                self.go(urljoin(self.address, str(node["href"])))
                return
        raise self._lost(f"no link “{link}”")

    # --- filling ---------------------------------------------------------------------------------------------

    def fill(self, label: str, value: str, *, within: str = "") -> None:
        control = self._control(label, within)
        if control.name == "textarea":
            control.string = value
        else:
            control["value"] = value

    def pick(self, label: str, option: str, *, within: str = "") -> None:
        control = self._control(label, within)
        chosen = None
        for node in control.select("option"):
            with contextlib.suppress(KeyError):
                del node["selected"]
            if words(node) == option or (chosen is None and words(node).startswith(option)):
                chosen = node
        if chosen is None:
            raise self._lost(f"no choice “{option}” for “{label}”")
        chosen["selected"] = ""

    def tick(self, label: str, *, within: str = "") -> None:
        control = self._control(label, within)
        self._check(control)

    def tick_all(self, selector: str) -> None:
        found = self.page.select(selector)
        if not found:
            raise self._lost(f"nothing like {selector}")
        for control in found:
            self._check(control)

    def _check(self, control: Tag) -> None:
        if control.get("type") == "radio":
            owner = control.find_parent("form") or self.page
            for other in owner.select(f'input[type=radio][name="{control["name"]}"]'):
                with contextlib.suppress(KeyError):
                    del other["checked"]
        control["checked"] = ""

    def attach(self, file: File, *, label: str = "", within: str = "") -> None:
        named = f'[aria-label="{label}"]' if label else ""
        control = self._scope(within).select_one(f"input[type=file]{named}")
        if not isinstance(control, Tag):
            raise self._lost(f"no place for a file {label}")
        self.files[id(control)] = file

    def _control(self, label: str, within: str) -> Tag:
        scope = self._scope(within)
        for node in scope.select("label"):
            if _label_fits(words(node), label):
                inside = node.select_one("input, select, textarea")
                named = self.page.find(id=str(node.get("for", "")))
                found = inside or named
                if isinstance(found, Tag):
                    return found
        found = scope.select_one(f'[aria-label="{label}"]')
        if isinstance(found, Tag):
            return found
        raise self._lost(f"no field “{label}”")

    def fill_all(self, selector: str, value: str) -> None:
        for control in self.page.select(selector):
            if control.name == "textarea":
                control.string = value
            else:
                control["value"] = value

    def actions(self, selector: str) -> list[str]:
        return [str(each.get("action") or each["href"]) for each in self.page.select(selector)]

    # --- sending ---------------------------------------------------------------------------------------------

    def press_first(self, beginning: str, *, within: str = "") -> None:
        for node in self._scope(within).select("main button, form button"):
            name = str(node.get("aria-label", "")) or words(node)
            if name.startswith(beginning) and not node.has_attr("disabled"):
                self._press(node)
                return
        scope = self._scope(within)
        first = scope.select_one("button:not([disabled])") if scope.name == "form" else None
        if first is not None:
            self._press(first)
            return
        raise self._lost(f"no button that begins “{beginning}”")

    def press_or_follow(self, words_: str, *, within: str = "") -> None:
        try:
            self.follow(words_, within=within)
        except Lost:
            self.press(words_, within=within)

    def press(self, button: str, *, within: str = "") -> None:
        self._press(self._button(button, within))

    def _press(self, node: Tag) -> None:
        button = words(node)
        form: Tag | None = node.find_parent("form")
        if node.get("form"):
            form = self.page.select_one(f"#{node['form']}")
        assert isinstance(form, Tag), f"“{button}” belongs to no form"
        action = urljoin(self.address, str(node.get("formaction") or form["action"]))
        values = self._values(form, node)
        if str(form.get("method", "get")).lower() == "get":
            query = urlencode(values, doseq=True)
            self.go(f"{action}?{query}")
            return
        # A button with its own hx-post swaps its own target, not the form's.
        self._post(node if node.get("hx-post") else form, action, values)

    def _button(self, button: str, within: str) -> Tag:
        disabled = None
        for node in self._scope(within).select("button, input[type=submit]"):
            if button in (words(node), str(node.get("aria-label", ""))):
                if node.has_attr("disabled"):
                    disabled = node
                    continue
                return node
        if disabled is not None:
            why = disabled.find_parent("form") or disabled.parent
            raise self._lost(f"“{button}” is disabled ({words(why)})")
        raise self._lost(f"no button “{button}”")

    def _values(self, form: Tag, button: Tag) -> dict[str, Any]:
        values = filled(form)
        if form.get("id"):
            for control in self.page.select(f'[form="{form["id"]}"]'):
                if control.name in ("input", "select", "textarea"):
                    values |= filled(soup(f"<form>{control}</form>"))
        for control in form.select("input[type=file]"):
            file = self.files.get(id(control))
            if file is not None:
                values[str(control["name"])] = (io.BytesIO(file[1]), file[0])
        if button.get("name"):
            values[str(button["name"])] = str(button.get("value", ""))
        return values

    def _post(self, asker: Tag, action: str, values: dict[str, Any]) -> None:
        target = str(asker.get("hx-target", ""))
        as_htmx = self.htmx and asker.get("hx-post") and target
        answer = self.client.post(
            action, data=values, headers=HX | {"HX-Target": target.lstrip("#")} if as_htmx else {}
        )
        assert answer.status_code < 500, f"{answer.status} from {action}"
        if as_htmx and "HX-Redirect" in answer.headers:
            self.go(answer.headers["HX-Redirect"])
        elif as_htmx and answer.status_code in (200, 409, 422):
            self.page = swap(self.page, answer, target)
            self.files = {}
        elif answer.status_code in (301, 302, 303):
            self.go(urljoin(action, answer.location))
        else:
            self._show(answer, action)


def _label_fits(found: str, wanted: str) -> bool:
    """A label may go on with a hint in brackets or an example after the words a person looks for."""
    plain = re.sub(r"\s*\(boleh kosong\)", "", found)
    return plain == wanted or plain.startswith(wanted)


class ChromiumHands:
    """A real browser (Playwright page), with or without scripts."""

    def __init__(self, page: Any, base: str, *, scripts: bool) -> None:
        self.page, self.base, self.scripts = page, base, scripts
        self.complaints: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        # HTMX writes of a request that it called off itself as of one that failed; that one has htmx:sendError too.
        quiet = ("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest")
        if message.type == "error" and not message.text.startswith(quiet):
            self.complaints.append(message.text)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.complaints.append(f"request to another host: {request.url}")

    def text(self) -> str:
        return " ".join(self.page.inner_text("body").split())

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())

    def path(self) -> str:
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def go(self, path: str) -> None:
        address = urljoin(self.base, path)
        try:
            self.page.goto(address)
        except Exception as error:
            if "interrupted by another navigation" not in str(error):
                raise
            # An HX-Redirect of the press before came late.
            self.page.wait_for_load_state("load")
            self.page.goto(address)
        self._settle()

    def _settle(self) -> None:
        self.page.wait_for_load_state("load")
        if self.scripts:
            # HTMX marks what is under way; a swap is done when nothing is marked any more.
            busy = self.page.locator(".htmx-request, [aria-busy=true]")
            deadline = time.monotonic() + 30
            while busy.count() and time.monotonic() < deadline:
                time.sleep(0.03)
            # An HX-Redirect leaves the page just after its answer has come.
            self.page.wait_for_timeout(60)
            self.page.wait_for_load_state("load")

    def _scope(self, within: str) -> Any:
        return self.page.locator(within).first if within else self.page

    def follow(self, link: str, *, within: str = "") -> None:
        self._scope(within).get_by_role("link", name=link, exact=True).first.click()
        self._settle()

    def fill(self, label: str, value: str, *, within: str = "") -> None:
        self._control(label, within).fill(value)

    def pick(self, label: str, option: str, *, within: str = "") -> None:
        control = self._control(label, within)
        labels = [" ".join(text.split()) for text in control.locator("option").all_inner_texts()]
        exact = [text for text in labels if text == option]
        control.select_option(
            label=(exact or [text for text in labels if text.startswith(option)])[0]
        )
        self._settle()

    def tick(self, label: str, *, within: str = "") -> None:
        self._control(label, within).check()
        self._settle()

    def tick_all(self, selector: str) -> None:
        for control in self.page.locator(selector).all():
            control.check()
            self._settle()

    def _control(self, label: str, within: str) -> Any:
        pattern = re.compile("^\\s*" + re.escape(label).replace("\\ ", "\\s+"))
        controls = self.page.locator("input, select, textarea")
        return self._scope(within).get_by_label(pattern).and_(controls).first

    def attach(self, file: File, *, label: str = "", within: str = "") -> None:
        name, content = file
        named = f'[aria-label="{label}"]' if label else ""
        mime = "application/pdf" if name.endswith(".pdf") else "image/jpeg"
        chooser = self._scope(within).locator(f"input[type=file]{named}").first
        folded = chooser.locator("xpath=ancestor::details[not(@open)]")
        if folded.count():
            folded.first.locator("summary").click()
        chooser.set_input_files({"name": name, "mimeType": mime, "buffer": content})

    def press(self, button: str, *, within: str = "") -> None:
        found = self._scope(within).get_by_role("button", name=button, exact=True)
        enabled = [each for each in found.all() if each.is_enabled()]
        if not enabled:
            raise Lost(f"no button “{button}” to press at {self.path()}: {self.text()[:1500]}")
        enabled[0].click()
        self._settle()

    def press_first(self, beginning: str, *, within: str = "") -> None:
        scope = self._scope(within)
        pattern = re.compile("^" + re.escape(beginning))
        found = scope.get_by_role("button", name=pattern) if beginning else scope.locator("button")
        found.first.click()
        self._settle()

    def press_or_follow(self, words_: str, *, within: str = "") -> None:
        link = self._scope(within).get_by_role("link", name=words_, exact=True)
        if link.count():
            link.first.click()
            self._settle()
        else:
            self.press(words_, within=within)

    def fill_all(self, selector: str, value: str) -> None:
        for control in self.page.locator(selector).all():
            if control.is_visible():
                control.fill(value)
                control.blur()
                self._settle()

    def actions(self, selector: str) -> list[str]:
        found = self.page.locator(selector).all()
        return [str(each.get_attribute("action") or each.get_attribute("href")) for each in found]
