"""The papers that go to BNSP with blanko, as pages to read and print; and the book of blanko for ketua and auditor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.models import User
from lsp.papers.words import count_words, date_words
from lsp.permissions import access
from lsp.services import blanko_book, blanko_requests
from lsp.services.blanko_requests import Paper
from lsp.views.blanko_reading import Reading, file_answer, number_context
from lsp.views.html import page
from lsp.vocabulary import Role

bp = Blueprint("blanko_papers", __name__)
READERS = (Role.ADMIN, Role.KETUA, Role.AUDITOR)
BOOK_READERS = (Role.KETUA, Role.AUDITOR)
READING = Reading("blanko_papers.book", "blanko_papers.number", "blanko_papers.book_file")


def any_request(actor: Actor, blanko_request_id: str) -> Mapping[str, object] | None:
    """A request as `g.blanko_request`; never one that names the reader as asesi."""
    found = blanko_requests.one(actor, blanko_request_id)
    return {"blanko_request": found} if found is not None else None


def any_return(_actor: Actor, blanko_return_id: str) -> Mapping[str, object] | None:
    found = blanko_book.one_return(blanko_return_id)
    return {"blanko_return": found} if found is not None else None


@bp.get("/surat-blangko/<blanko_request_id>")
@access(roles=READERS, load=any_request)
def letter(blanko_request_id: str) -> ResponseReturnValue:
    """Surat permohonan blangko, with the asesor's recommendations as its berita acara."""
    asked = g.blanko_request
    counts = blanko_requests.counts_of(asked)
    return page(
        "blanko/letter.html",
        asked=asked,
        dated=date_words(asked.dated).id,
        counts=counts,
        sheets=count_words(counts.competent),
        signer=db.session.get(User, asked.pleno.sk_signed_by_id),
        papers=blanko_requests.papers_of(asked),
        recommended=blanko_requests.recommendations_of(asked),
        back_url=_back("admin.blanko_request", blanko_request_id=blanko_request_id),
    )


@bp.get("/pengembalian-blangko/<blanko_return_id>")
@access(roles=READERS, load=any_return)
def returned(blanko_return_id: str) -> ResponseReturnValue:
    """Berita acara pengembalian blangko."""
    numbers = blanko_book.returned_by(g.blanko_return)
    return page(
        "blanko/returned.html",
        paper=g.blanko_return,
        dated=date_words(g.blanko_return.dated).id,
        numbers=numbers,
        sheets=count_words(len(numbers)),
        back_url=_back("admin.blanko_book") or url_for("blanko_papers.book"),
    )


def _back(endpoint: str, **values: Any) -> str:
    """Where the admin came from; nobody else has that page."""
    return url_for(endpoint, **values) if g.actor.has(Role.ADMIN) else ""


# --- Buku blangko ------------------------------------------------------------------------------------------------


@bp.get("/buku-blangko")
@access(roles=BOOK_READERS)
def book() -> ResponseReturnValue:
    """Read only; the admin has his own page of it, where a number is called spoiled or given back."""
    return page("blanko/book.html", is_auditor=g.actor.has(Role.AUDITOR), **READING.context())


@bp.get("/buku-blangko/nomor")
@access(roles=BOOK_READERS)
def number() -> ResponseReturnValue:
    found = blanko_book.by_number(request.args.get("nomor", ""))
    return (
        page("blanko/number.html", **number_context(found))
        if found is not None
        else READING.unknown()
    )


@bp.get("/buku-blangko/unduh")
@access(roles=BOOK_READERS)
def book_file() -> ResponseReturnValue:
    return file_answer()


def paper_url(paper: Paper) -> str:
    """The page that prints a paper; empty for one that is kept outside the portal."""
    if paper.key == "blanko_letter":
        return url_for("blanko_papers.letter", blanko_request_id=paper.subject)
    if paper.key == "berita_acara":
        return url_for("tim_teknis.berita_acara", pleno_id=paper.subject)
    if paper.key == "sk":
        return url_for("rapat.sk", pleno_id=paper.subject)
    return ""
