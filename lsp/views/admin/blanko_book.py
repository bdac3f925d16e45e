"""Buku blangko: the ledger of BNSP's numbers, one number with its moves, spoiling, and giving back to BNSP."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.decision import BlankoReasonForm
from lsp.models import Blanko
from lsp.permissions import access, writes
from lsp.services import blanko_book as book
from lsp.services.blanko_book import Wanted
from lsp.views.admin.blanko_requests import XLSX
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import BlankoState

_FORMATS = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
_URL = "/buku-blangko"


@bp.get(_URL)
@access(roles=ADMIN)
def blanko_book() -> ResponseReturnValue:
    wanted = _wanted()
    rows, after = book.page(wanted)
    return page(
        "admin/blanko/book.html",
        balance=book.balance(),
        rows=rows,
        wanted=wanted,
        states=BlankoState,
        returns=book.latest_returns(),
        next_url=_url(wanted, posisi=after) if after is not None else "",
        first_url=_url(wanted) if wanted.before is not None else "",
        downloads=[
            (name.upper(), url_for("admin.blanko_book_file", format=name, **_kept(wanted)))
            for name in _FORMATS
        ],
    )


def _wanted() -> Wanted:
    """From the query string; what is unknown shows everything from the newest."""
    state, after = request.args.get("keadaan", ""), request.args.get("posisi", "")
    return Wanted(
        state=BlankoState(state) if state in {each.value for each in BlankoState} else None,
        search=request.args.get("cari", "")[:40],
        before=int(after) if after.isascii() and after.isdigit() and len(after) < 10 else None,
    )


def _kept(wanted: Wanted) -> dict[str, Any]:
    values = {"keadaan": wanted.state.value if wanted.state else "", "cari": wanted.search}
    return {name: value for name, value in values.items() if value}


def _url(wanted: Wanted, **more: object) -> str:
    values: dict[str, Any] = {**_kept(wanted), **more}
    return url_for("admin.blanko_book", **values)


@bp.get(_URL + "/unduh")
@access(roles=ADMIN)
def blanko_book_file() -> ResponseReturnValue:
    format = request.args.get("format", "xlsx")
    if format not in _FORMATS:
        abort(404)
    begin_write()
    content = book.file_of(g.actor, _wanted(), format=format)
    db.session.commit()
    headers = {"Content-Disposition": f'attachment; filename="buku-blangko.{format}"'}
    return Response(content, headers=headers, content_type=_FORMATS[format])


# --- One number --------------------------------------------------------------------------------------------------


@bp.get(_URL + "/nomor")
@access(roles=ADMIN)
def blanko_number() -> ResponseReturnValue:
    found = book.by_number(request.args.get("nomor", ""))
    return _number_page(found) if found is not None else _unknown()


@bp.post(_URL + "/rusak")
@access(roles=ADMIN)
@writes
def spoil_blanko() -> ResponseReturnValue:
    number, form = request.form.get("nomor", ""), BlankoReasonForm()
    found = book.by_number(number)
    if found is None:
        db.session.rollback()
        return _unknown()
    if not form.validate():
        return _number_page(found, form=form, status=422)
    try:
        book.spoil(g.actor, found, form.note.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _number_page(found, form=form, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(
        url_for("admin.blanko_number", nomor=number), f"Blangko {number} tercatat rusak."
    )


def _unknown() -> ResponseReturnValue:
    told = "Nomor blangko itu tidak ada di buku ini."
    return redirect_after_post(url_for("admin.blanko_book"), told, tone="wait")


def _number_page(
    found: Blanko, *, form: BlankoReasonForm | None = None, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    rows, _after = book.page(Wanted(number=found.number))
    return page(
        "admin/blanko/number.html",
        status=status,
        row=rows[0],
        moves=book.moves_of(found),
        refusal=book.why_not_spoiled(g.actor, found),
        spoils=found.state in (BlankoState.RECEIVED, BlankoState.RESERVED),
        form=form or BlankoReasonForm(formdata=None),
        notice=notice,
    )


# --- Back to BNSP ------------------------------------------------------------------------------------------------


@bp.get(_URL + "/kembalikan")
@access(roles=ADMIN)
def blanko_to_return() -> ResponseReturnValue:
    return _return_page()


def _return_page(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "admin/blanko/give_back.html",
        status=status,
        rows=book.spoiled(),
        most=book.MOST_RETURNED,
        notice=notice,
    )


@bp.post(_URL + "/kembalikan")
@access(roles=ADMIN)
@writes
def return_blanko() -> ResponseReturnValue:
    """All that were ticked, or none, after they were named once more."""
    ticked = request.form.getlist("nomor")[: book.MOST_RETURNED]
    if ticked and "yakin" not in request.form:
        db.session.rollback()
        return _confirm(ticked)
    try:
        made = book.give_back(g.actor, ticked)
    except DomainError as refusal:
        db.session.rollback()
        return _return_page(status=409 if ticked else 422, notice=str(refusal))
    number, paper = made.number, made.public_id
    db.session.commit()
    return redirect_after_post(
        url_for("blanko_papers.returned", blanko_return_id=paper),
        f"{len(ticked)} blangko dikembalikan dengan berita acara {number}.",
    )


def _confirm(ticked: list[str]) -> ResponseReturnValue:
    return page(
        "confirm.html",
        title=f"Kembalikan {len(ticked)} blangko ke BNSP?",
        happens=[
            "Blangko ini tercatat dikembalikan dan tidak dapat dipakai lagi.",
            "Berita acara pengembalian dibuat dengan satu nomor, untuk dicetak dan ditandatangani.",
        ],
        listed_title="Nomor blangko",
        listed=[(number, "") for number in ticked],
        action=url_for("admin.return_blanko"),
        label="Kembalikan",
        back_url=url_for("admin.blanko_to_return"),
        hidden={"yakin": "1"},
        repeated=[("nomor", number) for number in ticked],
    )
