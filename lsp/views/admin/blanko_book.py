"""Buku blangko: the ledger of BNSP's numbers, one number with its moves, spoiling, and giving back to BNSP."""

from __future__ import annotations

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.decision import BlankoReasonForm
from lsp.models import Blanko
from lsp.permissions import access, writes
from lsp.services import blanko_book as book
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.blanko_reading import Reading, file_answer, number_context
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import BlankoState

_URL = "/buku-blangko"
READING = Reading("admin.blanko_book", "admin.blanko_number", "admin.blanko_book_file")


@bp.get(_URL)
@access(roles=ADMIN)
def blanko_book() -> ResponseReturnValue:
    context = READING.context() | {"to_return_url": url_for("admin.blanko_to_return")}
    return page("admin/blanko/book.html", **context)


@bp.get(_URL + "/unduh")
@access(roles=ADMIN)
def blanko_book_file() -> ResponseReturnValue:
    return file_answer()


# --- One number --------------------------------------------------------------------------------------------------


@bp.get(_URL + "/nomor")
@access(roles=ADMIN)
def blanko_number() -> ResponseReturnValue:
    found = book.by_number(request.args.get("nomor", ""))
    return _number_page(found) if found is not None else READING.unknown()


@bp.post(_URL + "/rusak")
@access(roles=ADMIN)
@writes
def spoil_blanko() -> ResponseReturnValue:
    number, form = request.form.get("nomor", ""), BlankoReasonForm()
    found = book.by_number(number)
    if found is None:
        db.session.rollback()
        return READING.unknown()
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


def _number_page(
    found: Blanko, *, form: BlankoReasonForm | None = None, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    return page(
        "admin/blanko/number.html",
        status=status,
        refusal=book.why_not_spoiled(g.actor, found),
        spoils=found.state in (BlankoState.RECEIVED, BlankoState.RESERVED),
        form=form or BlankoReasonForm(formdata=None),
        notice=notice,
        **number_context(found),
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
