"""Error pages in plain Indonesian, also for HTMX; an unknown error shows only a number to tell the LSP."""

from __future__ import annotations

from flask import Flask, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed

from lsp import logs
from lsp.config import MAX_UPLOAD_BYTES, PIECE_TYPE
from lsp.database import DatabaseBusy, db
from lsp.errors import DomainError, StaleCase
from lsp.services.throttle import TooOften
from lsp.views.html import is_safe_next
from lsp.views.plain import plain_page

#: Of a body or address that no browser of a person sends whole: broken on its way, or made by hand.
BROKEN = "Kiriman tadi rusak di jalan, jadi tidak dapat kami baca."


class FormTokenGone(BadRequest):
    """The form's token is missing or no longer fits; the page tells the usual reasons."""


PAGES = (400, 403, 404, 408, 409, 413, 422, 429, 500, 503)
#: Statuses that tell a person the same as another: an address opened in a way it does not take is no page.
_NEAREST = {405: 404}


def register_error_pages(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(TooOften, _too_often)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(DatabaseBusy, _busy)
    app.register_error_handler(OperationalError, _database_down)
    app.register_error_handler(DataError, _unfit)
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(Exception, _unknown)


def error_page(status: int, **context: object) -> ResponseReturnValue:
    """Draw the page of a status; without a database, because the fault may be there."""
    db.session.rollback()
    chosen = status if status in PAGES else _NEAREST.get(status, 400 if status < 500 else 500)
    headers = {"Retry-After": str(context["seconds"])} if "seconds" in context else {}
    return _drawn(chosen, context), status, headers


def _drawn(chosen: int, context: dict[str, object]) -> str:
    """The page; or, where drawing is itself what fails, its plain stand-in, so that nobody sees a bare 500."""
    try:
        posted = request.method not in ("GET", "HEAD", "OPTIONS")
        more = {
            "max_size": MAX_UPLOAD_BYTES,
            "of_file": _may_hold_large_file(),
            "back_url": _page_before(),
            "posted": posted,
        } | context
        return render_template(f"errors/{chosen}.html", **more)
    except Exception as error:
        number = g.get("request_id", "")
        logs.logger().error("error page", request_id=number, exc_info=error)
        return plain_page(
            "Halaman ini tidak dapat ditampilkan",
            "Yang sudah Anda simpan tetap ada. Coba lagi sebentar lagi. Bila tetap begini, "
            f"beri tahu LSP nomor ini: {number}.",
            href="/",
            link="Ke halaman utama",
        )


def _may_hold_large_file() -> bool:
    """Whether what was sent is large because of a file; else it is the text of a form that is too long."""
    if request.mimetype not in ("multipart/form-data", PIECE_TYPE):
        return False
    return request.content_length is None or request.content_length > MAX_UPLOAD_BYTES


def _page_before() -> str:
    """Path of the page of ours from which this was asked, when it can be opened again; else nothing.

    The header is the browser's word: only a path that this portal shows on GET is taken from it.
    """
    referrer, adapter = request.referrer or "", current_app.create_url_adapter(request)
    if adapter is None or not referrer.startswith(request.host_url):
        return ""
    path = referrer[len(request.host_url) - 1 :].partition("#")[0]
    try:
        adapter.match(path.partition("?")[0], method="GET")
    except HTTPException:
        return ""
    return path if is_safe_next(path) else ""


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    code = error.code
    logs.logger().info(
        "refused", status=code, route=request.endpoint, request_id=g.get("request_id", "")
    )
    # Werkzeug's own descriptions are English; each page has its Indonesian sentence.
    known: dict[str, object] = {"seconds": 15} if code == 503 else {}
    if code == 400 and not isinstance(error, FormTokenGone):
        known["reason"] = BROKEN
    answer = make_response(error_page(code, **known))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _too_often(error: TooOften) -> ResponseReturnValue:
    return error_page(429, reason=str(error), seconds=error.seconds)


def _stale(_error: StaleDataError) -> ResponseReturnValue:
    return error_page(409)


def _refused(error: DomainError) -> ResponseReturnValue:
    # Of a stale page the error page tells itself; it holds no newer state to look at.
    return error_page(409) if isinstance(error, StaleCase) else error_page(409, reason=str(error))


def _busy(_error: DatabaseBusy) -> ResponseReturnValue:
    return error_page(503, seconds=5)


def _database_down(error: OperationalError) -> ResponseReturnValue:
    logs.logger().error("database", request_id=g.get("request_id", ""), exc_info=error)
    return error_page(503, seconds=10)


def _unfit(error: DataError) -> ResponseReturnValue:
    """A value that no column holds (NUL on PostgreSQL, a number past its type): typed by no form of ours."""
    logs.logger().error("unfit value", request_id=g.get("request_id", ""), exc_info=error)
    return error_page(400, reason=BROKEN)


def _unknown(error: Exception) -> ResponseReturnValue:
    logs.logger().error("unexpected", request_id=g.get("request_id", ""), exc_info=error)
    return error_page(500, error_id=g.get("request_id", ""))
