"""How a view answers in HTML: whole page or partial, where it sends people next, static addresses, headers.

Plain helpers without a database. What a page says stands in templates; who may see it in `permissions`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Protocol, TypeGuard

from flask import Flask, Response, flash, make_response, redirect, render_template, request
from jinja2.ext import Extension
from markupsafe import Markup
from wtforms import Field

STATIC_FOLDER: Final = Path(__file__).resolve().parent.parent / "static"
STYLE_SHEET: Final = "portal.css"

# What a browser drops or rewrites while it reads an address: "/\evil" and "/<tab>/evil" become "//evil".
_UNSAFE_IN_PATH = re.compile(r"[\x00-\x20\x7f\\]")


def wants_fragment() -> bool:
    """Whether HTMX asks for a panel; a boosted link or a history restore needs the whole page."""
    headers = request.headers
    return (
        "HX-Request" in headers
        and "HX-Boosted" not in headers
        and "HX-History-Restore-Request" not in headers
    )


def page(
    template: str, *, fragment: str | None = None, status: int = 200, said: str = "", **context: Any
) -> Response:
    """Answer with `template`, or with `fragment` alone when HTMX asks; caches keep the two apart.

    `said` goes beside a fragment, where a plain browser would find a message after its redirect.
    """
    alone = bool(fragment) and wants_fragment()
    text = render_template(fragment if fragment and alone else template, **context)
    response = make_response(text + (told(said) if alone else ""), status)
    response.vary.add("HX-Request")
    return response


def told(said: str = "") -> str:
    """The out-of-band part that says what a press did; a press that says nothing takes an old message away."""
    if not said and request.method != "POST":
        return ""
    return render_template("components/_status.html", said=said)


class AsksWhy(Protocol):
    """A form with a field for the person's own words."""

    @property
    def note(self) -> Field: ...


def reason_field(
    form: AsksWhy | None,
    *,
    hint: str = "",
    label: str = "Alasan",
    required: bool = True,
    error: str = "",
    focus: bool = False,
) -> dict[str, Any]:
    """What `confirm.html` draws as the field for a reason: what was typed in it stays, its error beside it."""
    note = form.note if form is not None else None
    told = str(note.errors[0]) if note is not None and note.errors else ""
    return {
        "label": label,
        "hint": hint,
        "required": required,
        "value": (note.data if note is not None else "") or "",
        "error": error or told,
        "focus": focus,
    }


def is_safe_next(path: str | None) -> TypeGuard[str]:
    """Whether `path` stays on this site: one leading slash, nothing a browser would read as a host."""
    return (
        path is not None
        and path.startswith("/")
        and not path.startswith("//")
        and not _UNSAFE_IN_PATH.search(path)
    )


def go(location: str, *, status: int = 204) -> Response:
    """Tell HTMX to load another page of ours; the only place that writes HX-Redirect.

    Raises ValueError for an address that leaves the site: htmx would follow `javascript:` and other hosts.
    """
    if not is_safe_next(location):
        raise ValueError(f"not a path on this site: {location!r}")
    response = make_response("", status)
    response.headers["HX-Redirect"] = location
    response.vary.add("HX-Request")
    return response


def panel(
    template: str, fragment: str, *, status: int = 200, said: str = "", **context: Any
) -> Response:
    """The page, or for HTMX its panel alone. `said` is then put into the page's status region."""
    return page(template, fragment=fragment, status=status, said=said, **context)


def redirect_after_post(location: str, message: str = "", *, tone: str = "ok") -> Response:
    """Send the reader on after a change: 303 for a plain browser, HX-Redirect for HTMX, message on arrival.

    Raises ValueError for an address that leaves the site.
    """
    if not is_safe_next(location):
        raise ValueError(f"not a path on this site: {location!r}")
    if message:
        flash(message, tone)
    if wants_fragment():
        return go(location)
    response = make_response(redirect(location, code=303))
    response.vary.add("HX-Request")
    return response


@cache
def static_url(name: str) -> str:
    """Address of a file in `static/` with its own hash, so that it may be kept for a year.

    Raises FileNotFoundError for a file that is not there.
    """
    content = (STATIC_FOLDER / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


@cache
def inline_css() -> str:
    """The style sheet as public and asesi pages carry it: no comments, indentation, or rules of staff pages."""
    text, _, _ = (STATIC_FOLDER / STYLE_SHEET).read_text(encoding="utf-8").partition("/* staff:")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r";? ?([{};,]) ?|(:) ", r"\1\2", text).strip()


@cache
def inline_css_hash() -> str:
    """The CSP source that allows exactly `inline_css()`."""
    digest = hashlib.sha256(inline_css().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@lru_cache(maxsize=16)
def content_security_policy(base_url: str, *, https: bool) -> str:
    """The one policy of every HTML answer (docs/decisions/content-security-policy.md).

    Scripts and styles are limited to our static path: with 'self' a swapped fragment could run an upload.
    """
    static = f"{base_url.rstrip('/')}/static/"
    directives = [
        "default-src 'none'",
        f"script-src {static}",
        f"style-src {inline_css_hash()} {static}",
        "img-src 'self'",
        f"font-src {static}",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    ]
    if https:
        directives.append("upgrade-insecure-requests")
    return "; ".join(directives)


def security_headers(*, https: bool) -> dict[str, str]:
    """Headers that every answer carries beside the content security policy."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Not no-referrer: CSRF protection on https asks for a referrer of this site.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        # Camera and microphone stay open to our own pages for the device test before a remote meeting.
        "Permissions-Policy": (
            "camera=(self), microphone=(self), display-capture=(), geolocation=(), payment=(), usb=()"
        ),
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


class Unindented(Extension):
    """Drop the indentation of our HTML templates as they are read: some 200 compressed bytes a page.

    Only what stands in the template; text that a person typed keeps its spaces.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        if name is None or not name.endswith(".html"):
            return source
        return re.sub(r"^[ \t]+", "", source, flags=re.MULTILINE)


def register_html(app: Flask) -> None:
    """Hash the static files once, at start, and give templates `static_url` and `portal_css`."""
    app.jinja_env.add_extension(Unindented)
    for path in sorted(STATIC_FOLDER.iterdir()):
        if path.is_file() and path.name != "NOTICE":
            static_url(path.name)
    app.jinja_env.globals["static_url"] = static_url
    # Our own file, read at start: safe as it is, and escaping would break the hash in the policy.
    app.jinja_env.globals["portal_css"] = Markup(inline_css())  # noqa: S704
