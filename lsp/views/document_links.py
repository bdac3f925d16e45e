"""A paper of a case for who holds its link: LPJK and BNSP fetch it without signing in (process 4.4).

Nobody is looked up and no cookie is read or set. A link that never was, one that was revoked and one that has ended
answer alike, and are counted against the network; a living one always answers. Every opening of a link that was ever
made is kept.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from lsp.database import begin_write, db
from lsp.models import DocumentLink
from lsp.permissions import access
from lsp.services import document_links, throttle
from lsp.views import devices
from lsp.views.files import stored_file
from lsp.views.link_papers import paper_html

bp = Blueprint("document_links", __name__)


@bp.after_request
def _kept_apart(response: Response) -> Response:
    """No search engine keeps it, no store between us and the reader, and no other site learns the address."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/d/<document_token>")
@access(public=True, asks_nobody=True)
def read(document_token: str) -> ResponseReturnValue:
    link, said = document_links.by_token(document_token)
    answer = None
    link_id = link.id if link is not None else None
    if link is not None and said == document_links.SERVED:
        answer = _drawn(link)
        said = document_links.SERVED if answer is not None else document_links.ABSENT
    if answer is None:
        throttle.count_try((throttle.DOCUMENT_ADDRESS, devices.address()))
        answer = make_response(render_template("links/gone.html"), 404)
    if link_id is not None:
        _keep(link_id, said)
    return answer


def _drawn(link: DocumentLink) -> Response | None:
    """The paper as it stands, or None where it is not there any more."""
    if link.document is None:
        html = paper_html(link.permohonan, link.paper)
        return make_response(html) if html else None
    if link.document.permohonan_id != link.permohonan_id:
        return None
    kind = link.document.content_type.rsplit("/", 1)[-1].replace("jpeg", "jpg")
    name = f"{link.paper}_{link.permohonan.public_id}.{kind}"
    try:
        return stored_file(link.document.storage_key, link.document.content_type, name)
    except NotFound:
        return None


def _keep(link_id: int, said: str) -> None:
    db.session.rollback()
    begin_write()
    document_links.note_read(link_id, said, address=devices.address())
    db.session.commit()
