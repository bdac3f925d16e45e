"""FR.IA.10 for a third party: a page behind a secret address, answered once, without an account and without scripts.

A right link is never throttled: many of one company share an address. Wrong ones are counted.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import begin_write, db
from lsp.forms.third_party import TypedLetter, empty_letter, read_letter
from lsp.models import ThirdParty
from lsp.permissions import access, writes_itself
from lsp.services import third_party as third_parties, throttle
from lsp.services.third_party_words import Questions, questions_of, said_of
from lsp.views import devices
from lsp.views.html import page, redirect_after_post

bp = Blueprint("third_party", __name__)
#: Characters of a token of 256 bits: anything else is not looked up.
_TOKEN_LENGTH = 43


@bp.after_request
def _kept_to_himself(response: Response) -> Response:
    """No search engine keeps the address; pages of others never learn it (same-origin, as everywhere here)."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.get("/pihak-ketiga/<letter_token>")
@access(public=True)
def ask(letter_token: str) -> ResponseReturnValue:
    try:
        row = _read(letter_token)
    except third_parties.LinkDead:
        return _gone()
    if row.answered_at is not None:
        return _done()
    answer = _page(row, questions_of(row), empty_letter(_known(row)), letter_token)
    if row.opened_at is None:
        db.session.rollback()
        begin_write()
        third_parties.note_opened(row)
        db.session.commit()
    return answer


@bp.post("/pihak-ketiga/<letter_token>")
@access(public=True)
@writes_itself
def answer(letter_token: str) -> ResponseReturnValue:
    """The same answer sent twice is thanked for twice and kept once; another one is not kept, and that is said."""
    try:
        row = _read(letter_token, writing=True)
        asked = questions_of(row)
        letter = read_letter(request.form, asked)
        said = said_of(asked, letter.identity, letter.answers)
        if row.answered_at is not None:
            return _answered_before(row, said, letter_token)
        if letter.problems:
            return _page(row, asked, letter, letter_token, status=422)
        db.session.rollback()
        begin_write()
        row = third_parties.by_token(letter_token, writing=True)
    except third_parties.LinkDead:
        db.session.rollback()
        return _gone(typed=_texts())
    if not third_parties.answer(row, said):
        return _answered_before(row, said, letter_token)
    db.session.commit()
    return _thanked(letter_token)


def _answered_before(row: ThirdParty, said: dict[str, Any], token: str) -> ResponseReturnValue:
    """Of a second tab, or of the link in a second mail; what is kept is not shown."""
    same = row.said == said
    db.session.rollback()
    if same:
        return _thanked(token)
    return page("third_party/kept_before.html", status=409, inline_css=True, typed=_texts())


def _read(token: str, *, writing: bool = False) -> ThirdParty:
    """Raises LinkDead, and TooOften for whoever tries links."""
    try:
        if len(token) != _TOKEN_LENGTH:
            raise third_parties.LinkDead
        return third_parties.by_token(token, writing=writing)
    except third_parties.LinkDead:
        throttle.count_try((throttle.THIRD_PARTY_ADDRESS, devices.address()))
        raise


def _known(row: ThirdParty) -> dict[str, str]:
    """What the asesor wrote of him, to be put right."""
    return {
        "name": row.name, "workplace": row.workplace, "address": row.address, "phone": row.phone,
    }  # fmt: skip


def _texts() -> list[str]:
    """What was written in words, so that it can be copied."""
    return [
        text.strip()
        for name, text in request.form.items()
        if name.startswith(("o-", "x-")) and len(text.strip()) > len("tidak")
    ]


def _page(
    row: ThirdParty, asked: Questions, letter: TypedLetter, token: str, *, status: int = 200
) -> Response:
    return page(
        "third_party/ask.html",
        status=status,
        inline_css=True,
        row=row,
        asked=asked,
        letter=letter,
        radios={question.key for question in asked.all if question.yes_no},
        action=url_for("third_party.answer", letter_token=token),
    )


def _done() -> Response:
    return page("third_party/done.html", inline_css=True)


def _gone(*, typed: list[str] | None = None) -> Response:
    return page("third_party/gone.html", status=404, inline_css=True, typed=typed or [])


def _thanked(token: str) -> Response:
    return redirect_after_post(url_for("third_party.ask", letter_token=token))
