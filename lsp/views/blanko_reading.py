"""Buku blangko as it is read: its list and one number, for the admin who also writes there, for ketua and auditor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, g, request, url_for

from lsp.database import begin_write, db
from lsp.models import Blanko
from lsp.services import blanko_book as book
from lsp.services.blanko_book import Wanted
from lsp.views.html import redirect_after_post
from lsp.vocabulary import BlankoState

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}


@dataclass(frozen=True, slots=True)
class Reading:
    """Under which endpoints somebody reads the book: all of it, one number, the file."""

    home: str
    number: str
    file: str

    def context(self) -> dict[str, Any]:
        """What `blanko/_book.html` draws. Four queries."""
        wanted = _wanted()
        rows, after = book.page(wanted)
        kept = _kept(wanted)
        return {
            "balance": book.balance(),
            "rows": rows,
            "wanted": wanted,
            "states": BlankoState,
            "returns": book.latest_returns(),
            "book_url": url_for(self.home),
            "number_endpoint": self.number,
            "next_url": url_for(self.home, **kept, posisi=after) if after is not None else "",
            "first_url": url_for(self.home, **kept) if wanted.before is not None else "",
            "downloads": [
                (name.upper(), url_for(self.file, format=name, **kept)) for name in _FORMATS
            ],
            "to_return_url": "",
        }

    def unknown(self) -> Response:
        """A number that never stood here."""
        told = "Nomor blangko itu tidak ada di buku ini."
        return redirect_after_post(url_for(self.home), told, tone="wait")


def number_context(found: Blanko) -> dict[str, Any]:
    """What `blanko/_moves.html` draws."""
    rows, _after = book.page(Wanted(number=found.number))
    return {"row": rows[0], "moves": book.moves_of(found)}


def file_answer() -> Response:
    """The book as the address narrows it; the download is sealed in the audit chain."""
    format = request.args.get("format", "xlsx")
    if format not in _FORMATS:
        abort(404)
    begin_write()
    content = book.file_of(g.actor, _wanted(), format=format)
    db.session.commit()
    headers = {"Content-Disposition": f'attachment; filename="buku-blangko.{format}"'}
    return Response(content, headers=headers, content_type=_FORMATS[format])


def _wanted() -> Wanted:
    """From the query string; what is unknown shows everything from the newest."""
    state, after = request.args.get("keadaan", ""), request.args.get("posisi", "")
    return Wanted(
        state=BlankoState(state) if state in {each.value for each in BlankoState} else None,
        search=request.args.get("cari", "")[:40],
        # Ten digits could pass what an integer column of PostgreSQL holds.
        before=int(after) if after.isascii() and after.isdigit() and len(after) < 10 else None,
    )


def _kept(wanted: Wanted) -> Mapping[str, Any]:
    values = {"keadaan": wanted.state.value if wanted.state else "", "cari": wanted.search}
    return {name: value for name, value in values.items() if value}
