"""Two questions to a superior of a certificate's holder, by a link without an account, answered once."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import begin_write, db
from lsp.forms.surveilan import TypedLetter, read_letter
from lsp.models import SurveilanLetter
from lsp.models.inforce import form_template
from lsp.permissions import access, writes_itself
from lsp.services import surveilan, throttle
from lsp.views import devices
from lsp.views.html import page, redirect_after_post

bp = Blueprint("superiors", __name__)
#: Characters of a token of 256 bits: anything else is not looked up.
_TOKEN_LENGTH = 43


@bp.after_request
def _kept_to_himself(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.get("/konfirmasi-atasan/<superior_token>")
@access(public=True)
def ask(superior_token: str) -> ResponseReturnValue:
    try:
        row = _read(superior_token)
    except surveilan.LinkDead:
        return page("superiors/gone.html", status=404, inline_css=True)
    if row.answered_at is not None:
        return page("superiors/done.html", inline_css=True)
    return _page(row, TypedLetter(), superior_token)


@bp.post("/konfirmasi-atasan/<superior_token>")
@access(public=True)
@writes_itself
def answer(superior_token: str) -> ResponseReturnValue:
    """The first answer is kept; whoever presses twice is thanked twice."""
    try:
        row = _read(superior_token)
        letter = read_letter(request.form, _words(row))
        if row.answered_at is None and letter.problems:
            return _page(row, letter, superior_token, status=422)
        db.session.rollback()
        begin_write()
        row = surveilan.letter_by_token(superior_token, writing=True)
    except surveilan.LinkDead:
        db.session.rollback()
        return page("superiors/gone.html", status=404, inline_css=True)
    if surveilan.answer_letter(row, dict(letter.answers)):
        db.session.commit()
    else:
        db.session.rollback()
    return redirect_after_post(url_for("superiors.ask", superior_token=superior_token))


def _read(token: str) -> SurveilanLetter:
    """Raises LinkDead, and TooOften for whoever tries links."""
    try:
        if len(token) != _TOKEN_LENGTH:
            raise surveilan.LinkDead
        return surveilan.letter_by_token(token)
    except surveilan.LinkDead:
        throttle.count_try((throttle.THIRD_PARTY_ADDRESS, devices.address()))
        raise


def _words(row: SurveilanLetter) -> dict[str, object]:
    body: dict[str, object] = form_template(surveilan.WORDS, version=row.words_version).body
    return body


def _page(
    row: SurveilanLetter, letter: TypedLetter, token: str, *, status: int = 200
) -> ResponseReturnValue:
    return page(
        "superiors/ask.html",
        status=status,
        inline_css=True,
        row=row,
        holder=row.surveilan.certificate,
        words=_words(row)["superior"],
        letter=letter,
        action=url_for("superiors.answer", superior_token=token),
    )
