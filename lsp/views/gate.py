"""The gate before every view: who is there, may he, is the object his; then the unit of work of a writer.

Order matters. Session and user are read on a short connection that is closed at once; an upload's body is read
while no connection is held; a form is parsed before the writer's turn is taken.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import MultiDict

from lsp import clock
from lsp.actor import NOBODY, Actor
from lsp.config import MAX_FORM_BYTES, PIECE_TYPE
from lsp.database import begin_write, db
from lsp.extensions import csrf
from lsp.permissions import AccessRule
from lsp.services import signing_in, totp
from lsp.views.error_pages import FormTokenGone, error_page
from lsp.views.html import is_safe_next, wants_fragment
from lsp.vocabulary import Role

_NOT_FROM_HERE = (
    "Peramban Anda tidak menyebut bahwa isian ini dikirim dari halaman portal, jadi tidak kami terima. Biasanya ini "
    "karena ekstensi atau setelan yang menyembunyikan alamat halaman. Matikan untuk portal ini."
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_UPLOADS = frozenset({"multipart/form-data", PIECE_TYPE})


def install_gate(app: Flask) -> None:
    """Put the gate before every request and refuse to start with a view that is not marked."""
    refuse_unmarked_views(app)
    app.before_request(enter)


def refuse_unmarked_views(app: Flask) -> None:
    """Raise when a view lacks `@access`, or accepts an unsafe method without `@writes`."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not hasattr(view, "access_rule"):
            raise RuntimeError(f"view {rule.endpoint} has no @access")
        if (rule.methods or set()) - SAFE and not hasattr(view, "writes"):
            raise RuntimeError(f"view {rule.endpoint} accepts {rule.methods} without @writes")


def enter() -> Any:
    """Runs before the view. Answers itself only when the person must sign in first, or a form is another site's."""
    g.actor = NOBODY
    if refused := request.environ.get("lsp.refused"):
        abort(refused)  # the body did not arrive (lsp/serving.py)
    if request.endpoint is None:
        return None  # 404 and 405 are raised by the router
    view: Any = current_app.view_functions[request.endpoint]
    rule: AccessRule = view.access_rule
    if not rule.asks_nobody:
        g.actor = g._login_user = _present_actor()
    if g.actor.is_authenticated:
        g.reader_zone = g.actor.zone
    if not rule.public and not g.actor.is_authenticated:
        return sign_in_first()
    if not rule.public and not g.actor.has(*rule.roles):
        abort(403)
    if not rule.public and _lacks_second_factor(g.actor):
        return _send(url_for("auth.two_steps"), signed_in=True)
    return _admit(view, rule)


def _lacks_second_factor(actor: Actor) -> bool:
    """The LSP asks one of him and he has none: nothing but the pages of his own account is open until then."""
    if actor.has_totp or not actor.has(Role.KETUA) or request.blueprint == "auth":
        return False
    required = totp.is_required(actor)
    db.session.rollback()  # no connection is held while a body is read
    return required


def _admit(view: Any, rule: AccessRule) -> ResponseReturnValue | None:
    """Take the form and load the object, in the order that holds no connection while a body is read."""
    if request.method not in SAFE:
        refusal = _take_form(rule, g.actor)
        if refusal is not None:
            return refusal
        if view.writes == "gate":
            begin_write()
    _load(rule, g.actor)
    return None


def _take_form(rule: AccessRule, actor: Actor) -> ResponseReturnValue | None:
    """Parse the body, with no connection held meanwhile when it is an upload; the answer to a form not ours."""
    if request.mimetype not in _UPLOADS or not actor.is_authenticated:
        request.max_content_length = MAX_FORM_BYTES
    elif rule.load is not None:
        # An upload: check the object first, then let go of the connection before the file is read.
        _load(rule, actor)
        db.session.remove()
    _refuse_nul(request.form)  # parses the body, to a temporary file when it is large
    return _refuse_foreign_form()


def _refuse_nul(values: MultiDict[str, str]) -> None:
    """No keyboard types it, and PostgreSQL stores no text with it."""
    if any("\0" in value for _name, value in values.items(multi=True)):
        abort(400)


def sign_in_first(*, back: bool = True) -> ResponseReturnValue:
    """Send nobody to the sign-in page and back; for HTMX by header, else the page would land inside a panel."""
    wanted = _page_at_hand() if back else ""
    return _send(
        url_for("auth.sign_in", next=wanted) if is_safe_next(wanted) else url_for("auth.sign_in")
    )


def _send(address: str, *, signed_in: bool = False) -> ResponseReturnValue:
    if wants_fragment():
        return "", 403 if signed_in else 401, {"HX-Redirect": address}
    return redirect(address)


def _page_at_hand() -> str:
    """The page of ours the person was on: a panel or a form's target is no place to come back to."""
    if request.method in SAFE and not wants_fragment():
        return request.full_path.rstrip("?")
    try:
        came_from = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    except ValueError:  # "http://[" is an address to nobody
        return ""
    if came_from.netloc != request.host:
        return ""
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def _present_actor() -> Actor:
    token = session.get("_user_id")
    if not token:
        return NOBODY
    found = signing_in.read_actor(token)
    if found is None:
        session.clear()
        return NOBODY
    actor, last_used_at = found
    if clock.now() - last_used_at > timedelta(minutes=5):
        signing_in.touch(actor)
    return actor


def _load(rule: AccessRule, actor: Actor) -> None:
    if rule.load is None:
        return
    found = rule.load(actor, **(request.view_args or {}))
    if found is None:
        abort(404)
    for name, value in found.items():
        setattr(g, name, value)


def _refuse_foreign_form() -> ResponseReturnValue | None:
    """The answer to a form without our token, or sent from another site's page; None when it is ours."""
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return None
    try:
        csrf.protect()
    except CSRFError as error:
        if request.content_length and not request.form and not request.files:
            abort(400)  # nothing of the body could be read; the token is not to blame
        raise FormTokenGone(str(error.description)) from error
    if request.is_secure and not _sent_from_here():
        return error_page(400, reason=_NOT_FROM_HERE)
    return None


def _sent_from_here() -> bool:
    """Whether the browser says so, by whichever of its three headers it sends; some people's hide the referrer."""
    own = request.host_url.rstrip("/")
    origin, site = request.headers.get("Origin", "null"), request.headers.get("Sec-Fetch-Site")
    if origin != "null":
        return origin.lower() == own
    if site is not None:
        return site == "same-origin"
    return f"{request.referrer or ''}/".startswith(f"{own}/")
