"""FR.IA.07 and FR.IA.09: each question saves itself; with scripts off one form saves the page, and loses nothing."""

from __future__ import annotations

from typing import Any

from flask import abort, g, request
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.base import numbers
from lsp.forms.instruments import TypedQuestion, TypedWords, read_question, read_words
from lsp.models import FilledInstrument
from lsp.permissions import writes
from lsp.services import fr_ia_questions, instrument_gaps, instruments
from lsp.services.instrument_questions import ask_bare
from lsp.views.asesor import ia_questions_page
from lsp.views.asesor.ia_page import PAPERS, changed_here, line, seen_of
from lsp.views.asesor.ia_questions_page import Typing, values_of_question, values_of_words
from lsp.views.asesor.shared import CASE, assigned, bp, onward
from lsp.views.html import panel, wants_fragment
from lsp.vocabulary import InstrumentPaper

_FORMS = '<any("fr-ia-07","fr-ia-09"):form>'


@bp.get(f"{CASE}/{_FORMS}")
@assigned
def questions(permohonan_id: str, form: str) -> ResponseReturnValue:
    return _show(PAPERS[form])


@bp.post(f"{CASE}/{_FORMS}")
@assigned
@writes
def save_questions(permohonan_id: str, form: str) -> ResponseReturnValue:
    """All that is there and then what was pressed; `autosave` names the one question that changed."""
    key = request.form.get("autosave", "")
    if key and wants_fragment():
        return _one(PAPERS[form], key)
    return _whole(PAPERS[form], form)


# --- One question ------------------------------------------------------------------------------------------------


def _one(paper: InstrumentPaper, key: str) -> ResponseReturnValue:
    place = numbers([key[1:]]) if key[:1] == "q" else []
    if key != "s" and not place:
        abort(400)
    try:
        filled = instruments.open_instrument(g.actor, g.permohonan, paper)
        values = _store_words(filled) if key == "s" else _store_question(filled, key, place[0])
        db.session.flush()
        instrument_gaps.look_again(g.actor, g.permohonan, filled)
    except DomainError as refusal:
        db.session.rollback()
        return line(key, seen=request.form.get(f"{key}-seen", ""), problem=str(refusal), status=409)
    made = line(key, seen=seen_of(values), hint=_hint(values), **_count(filled))
    db.session.commit()
    return made


def _hint(values: list[object]) -> str:
    """Of a question that was judged without an answer."""
    is_question = len(values) == 3
    return "Tulis jawabannya." if is_question and values[2] is not None and not values[1] else ""


def _store_question(filled: FilledInstrument, key: str, place: int) -> list[object]:
    row, typed = fr_ia_questions.answer_at(filled, place), read_question(request.form, key)
    _refuse(typed)
    if changed_here(typed, values_of_question(row)):
        fr_ia_questions.put(
            row, question=typed.question, answer=typed.answer, achieved=typed.achieved
        )
    return values_of_question(row)


def _store_words(filled: FilledInstrument) -> list[object]:
    typed = read_words(request.form)
    _refuse(typed)
    _say(filled, typed)
    return values_of_words(filled)


def _say(filled: FilledInstrument, typed: TypedWords) -> None:
    if changed_here(typed, values_of_words(filled)):
        filled.not_met, filled.feedback = typed.not_met, typed.feedback


def _refuse(typed: TypedQuestion | TypedWords) -> None:
    if typed.errors:
        raise DomainError(next(iter(typed.errors.values())))


def _count(filled: FilledInstrument) -> dict[str, Any]:
    return {
        "counted": "asesor/_ia_count.html",
        "count": fr_ia_questions.count_of(filled.id),
        "filled": filled,
        "oob": True,
    }


# --- The page ----------------------------------------------------------------------------------------------------


def _whole(paper: InstrumentPaper, form: str) -> ResponseReturnValue:
    """Save what was typed anywhere on the page, then do what was pressed."""
    typing = _typed()
    if any(each.errors for each in (*typing.questions.values(), typing.words) if each):
        return _show(paper, typing=typing, status=422)
    try:
        filled = instruments.open_instrument(g.actor, g.permohonan, paper)
        _store_all(filled, typing)
        db.session.flush()
        instrument_gaps.look_again(g.actor, g.permohonan, filled)
    except DomainError as refusal:
        db.session.rollback()
        return _show(paper, typing=typing, status=409, notice=str(refusal))
    db.session.commit()
    return _after(paper, form, request.form.get("aksi", ""))


def _typed() -> Typing:
    form = request.form
    keys = {name.split("-")[0] for name in form if name[:1] == "q" and name[1:2].isdigit()}
    return Typing(
        questions={key: read_question(form, key) for key in sorted(keys)},
        words=read_words(form) if "s-seen" in form else None,
    )


def _store_all(filled: FilledInstrument, typing: Typing) -> None:
    for row in filled.answers:
        typed = typing.questions.get(f"q{row.position}")
        if typed is not None and changed_here(typed, values_of_question(row)):
            fr_ia_questions.put(
                row, question=typed.question, answer=typed.answer, achieved=typed.achieved
            )
    if typing.words is not None:
        _say(filled, typing.words)


def _after(paper: InstrumentPaper, form: str, pressed: str) -> ResponseReturnValue:
    """What the button asks for beside saving; a refusal leaves what was saved."""
    try:
        said = _do(paper, pressed)
    except DomainError as refusal:
        db.session.rollback()
        return _show(paper, status=409, notice=f"Isian Anda tersimpan. {refusal}")
    db.session.commit()
    if pressed == "selesai":
        return onward("permohonan", g.permohonan, said)
    if wants_fragment():
        return _show(paper, said=said)
    return onward("questions", g.permohonan, said, form=form)


def _do(paper: InstrumentPaper, pressed: str) -> str:
    if pressed == "selesai":
        instrument_gaps.finish(g.actor, g.permohonan, paper)
        return f"{paper.value} selesai."
    if not pressed:
        return f"{paper.value} tersimpan."
    filled = instruments.open_instrument(g.actor, g.permohonan, paper)
    said = _change(filled, pressed)
    instrument_gaps.look_again(g.actor, g.permohonan, filled)
    return said


def _change(filled: FilledInstrument, pressed: str) -> str:
    place = numbers([pressed.removeprefix("hapus-")])
    if pressed == "tambah":
        about = numbers([request.form.get("baru-elemen", "")])
        words = request.form.get("baru", "").strip()
        fr_ia_questions.add(g.permohonan, filled, words, about[0] if about else None)
        return "Pertanyaan ditambahkan."
    if pressed == "tanpa-bukti":
        return f"Pertanyaan tentang {ask_bare(g.permohonan, filled)} elemen ditambahkan."
    if pressed.startswith("hapus-") and place:
        fr_ia_questions.remove(filled, place[0])
        return "Pertanyaan dihapus."
    raise DomainError("Tombol itu tidak dikenal. Muat ulang halaman.")


def _show(
    paper: InstrumentPaper,
    *,
    typing: Typing | None = None,
    status: int = 200,
    notice: str = "",
    said: str = "",
) -> ResponseReturnValue:
    return panel(
        "asesor/ia_questions.html",
        "asesor/_ia_questions.html",
        status=status,
        notice_text=notice,
        saved_text=said,
        # A question of his own that was refused is not typed again.
        fresh=request.form.get("baru", "") if notice else "",
        **ia_questions_page.context(g.permohonan, paper, typing),
    )
