"""Umpan balik (FR.AK.03): ten questions on one page, one form, saved whole; nothing waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.feedback import FeedbackForm, TypedItem, read_items
from lsp.models import FormTemplate, FrAk03, Permohonan
from lsp.permissions import writes
from lsp.services import fr_ak_03 as papers, results
from lsp.views.asesi.shared import CASE, address, bp, onward, own
from lsp.views.editions import check_edition, edition_of
from lsp.views.filters import tanggal_singkat
from lsp.views.html import page


@bp.get(f"{CASE}/umpan-balik")
@own
def feedback(permohonan_id: str) -> ResponseReturnValue:
    if not papers.is_asked(g.permohonan):
        return _not_asked(g.permohonan)
    paper = _paper()
    words = papers.words_of(paper)
    return _show(paper, words, _stored_items(paper, words), _form(paper))


@bp.post(f"{CASE}/umpan-balik")
@own
@writes
def give_feedback(permohonan_id: str) -> ResponseReturnValue:
    if not papers.is_asked(g.permohonan):
        return _not_asked(g.permohonan, status=409)
    paper, form = _paper(), FeedbackForm()
    words = papers.words_of(paper)
    items = read_items(request.form, [number for number, _text in words.body["rows"]])
    if not form.validate() or any(each.error or each.note_error for each in items.values()):
        return _show(paper, words, items, form, status=422)
    answers = {n: papers.Answer(each.yes == "ya", each.note) for n, each in items.items()}
    try:
        _check_edition(paper, form, answers)
        papers.give(g.actor, g.permohonan, answers=answers, comment=form.comment.data or "")
    except DomainError as refusal:
        db.session.rollback()
        paper = _paper()
        return _show(paper, words, items, form, status=409, notice=str(refusal))
    db.session.commit()
    return onward("feedback", g.permohonan, "Terima kasih, umpan balik Anda sudah kami terima.")


def _paper() -> FrAk03 | None:
    return papers.paper_of(g.permohonan, papers.attempt_asked(g.permohonan))


def _not_asked(permohonan: Permohonan, *, status: int = 200) -> ResponseReturnValue:
    unread = results.is_unread(permohonan)
    return page(
        "asesi/step_closed.html",
        status=status,
        permohonan=permohonan,
        title="Umpan balik",
        sentence=results.READ_FIRST if unread else "Umpan balik diisi setelah hasil asesmen Anda ditetapkan.",
        back_url=address("result" if unread else "permohonan", permohonan),
        back_label="Ke hasil" if unread else "Ke permohonan",
    )  # fmt: skip


def _stored(paper: FrAk03 | None) -> list[Any]:
    if paper is None or paper.given_at is None:
        return []
    return [paper.answers, paper.comment]


def _stored_items(paper: FrAk03 | None, words: FormTemplate) -> dict[str, TypedItem]:
    given = paper.answers if paper is not None else {}
    found = {}
    for number, _text in words.body["rows"]:
        answer = given.get(number)
        yes = "" if answer is None else "ya" if answer["yes"] else "tidak"
        found[number] = TypedItem(yes, answer["note"] if answer else "")
    return found


def _check_edition(
    paper: FrAk03 | None, form: FeedbackForm, answers: Mapping[str, papers.Answer]
) -> None:
    rows = {n: {"yes": each.yes, "note": each.note} for n, each in answers.items()}
    check_edition(
        seen=form.seen.data,
        stored=_stored(paper),
        wanted=[rows, form.comment.data or ""],
        what="Umpan balik Anda",
    )


def _form(paper: FrAk03 | None) -> FeedbackForm:
    return FeedbackForm(formdata=None, comment=paper.comment if paper is not None else "")


def _show(
    paper: FrAk03 | None,
    words: FormTemplate,
    items: Mapping[str, TypedItem],
    form: FeedbackForm,
    *,
    status: int = 200,
    notice: str = "",
) -> ResponseReturnValue:
    attempt = papers.attempt_asked(g.permohonan)
    return page(
        "asesi/feedback.html",
        status=status,
        permohonan=g.permohonan,
        paper=paper if paper is not None and paper.given_at is not None else None,
        rows=[(number, text, items[number]) for number, text in words.body["rows"]],
        form=form,
        seen=edition_of(_stored(paper)),
        may_write=papers.may_write(g.permohonan, attempt, paper),
        until=papers.until(g.permohonan, attempt),
        attempt=attempt,
        notice_text=notice,
    )


def feedback_words(permohonan: Permohonan) -> tuple[str, str]:
    """(sentence, link) of the card on the asesi's page; empty where nobody asks."""
    if not papers.is_asked(permohonan):
        return "", ""
    paper = papers.paper_of(permohonan, papers.attempt_asked(permohonan))
    if paper is not None and paper.given_at is not None:
        return f"Terima kasih, kami terima {tanggal_singkat(paper.given_at)}.", "Lihat umpan balik"
    return (
        "Bagaimana asesmen Anda? Sepuluh pertanyaan ya atau tidak. Tidak wajib dan tidak memengaruhi hasil.",
        "Isi umpan balik",
    )
