"""FR.IA.08: each row saves itself as it is ticked; with scripts off one form saves the page, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.base import numbers
from lsp.forms.instruments import (
    TypedCheck,
    TypedTopic,
    TypedWords,
    read_check,
    read_topic,
    read_words,
)
from lsp.models import FilledInstrument, InterviewTopic, PortfolioCheck
from lsp.models.inforce import form_template
from lsp.permissions import writes
from lsp.services import apl02_texts, fr_ia_08, instrument_gaps, instruments
from lsp.services.instrument_evidence import suggested
from lsp.services.instrument_reading import FORM_OF
from lsp.views.asesor import ia_08_page
from lsp.views.asesor.ia_08_page import (
    Typing,
    hint_of,
    values_of_check,
    values_of_topic,
    values_of_words,
)
from lsp.views.asesor.ia_page import alone, changed_here, line, seen_of
from lsp.views.asesor.shared import CASE, assigned, bp, onward
from lsp.views.html import panel, wants_fragment
from lsp.vocabulary import InstrumentPaper

CVP = InstrumentPaper.CVP
Row = TypeVar("Row", TypedCheck, TypedTopic, TypedWords)


@bp.get(f"{CASE}/fr-ia-08")
@assigned
def fr_ia_08_page(permohonan_id: str) -> ResponseReturnValue:
    return _show(row_at=request.args.get("bukti", type=int))


@bp.post(f"{CASE}/fr-ia-08")
@assigned
@writes
def save_fr_ia_08(permohonan_id: str) -> ResponseReturnValue:
    """All that is there and then what was pressed; `autosave` names the one row that changed."""
    key = request.form.get("autosave", "")
    if key and wants_fragment():
        return _autosave(key)
    return _whole()


# --- One row -----------------------------------------------------------------------------------------------------


def _autosave(key: str) -> ResponseReturnValue:
    kind, number = key[:1], numbers([key[1:]])
    if kind == "c" and number:
        return _one(key, lambda filled: _store_check(filled, key, number[0]))
    if kind == "t" and number:
        return _one(key, lambda filled: _store_topic(filled, key, number[0]))
    if key != "s":
        abort(400)
    return _one(key, _store_words)


def _one(
    key: str, work: Callable[[FilledInstrument], Callable[[], ResponseReturnValue]]
) -> ResponseReturnValue:
    """Do the work of one row and commit; the answer is drawn from what was stored."""
    try:
        filled = instruments.open_instrument(g.actor, g.permohonan, CVP)
        done = work(filled)
        db.session.flush()
        instrument_gaps.look_again(g.actor, g.permohonan, filled)
    except DomainError as refusal:
        db.session.rollback()
        return line(key, seen=request.form.get(f"{key}-seen", ""), problem=str(refusal), status=409)
    made = done()
    db.session.commit()
    return made


def _store_check(
    filled: FilledInstrument, key: str, place: int
) -> Callable[[], ResponseReturnValue]:
    row = fr_ia_08.check_at(filled, place)
    pressed = request.form.get("aksi", "")
    if pressed in (f"semua-{place}", f"benar-{place}"):
        typed = _sound(read_check(request.form, key))
        if changed_here(typed, values_of_check(row)):
            fr_ia_08.judge(row, typed.answers, typed.note)
        _press(pressed, [row])
        return lambda: _row_answer(filled, row)
    typed = _sound(read_check(request.form, key))
    if changed_here(typed, values_of_check(row)) or row.carried:
        fr_ia_08.judge(row, typed.answers, typed.note)
    return lambda: line(
        key, seen=seen_of(values_of_check(row)), hint=hint_of(row), **_count(filled, row.unit_id)
    )


def _press(pressed: str, rows: list[PortfolioCheck]) -> None:
    """`semua-3`: all four rules are met in row 3; `benar-3`: what the pre-assessment said of it holds."""
    what, _, place = pressed.partition("-")
    row = next((each for each in rows if str(each.position) == place), None)
    if row is None:
        raise DomainError("Baris ini sudah tidak ada. Muat ulang halaman.")
    if what == "semua":
        fr_ia_08.all_met(row)
    else:
        fr_ia_08.confirm([row])


def _row_answer(filled: FilledInstrument, row: PortfolioCheck) -> ResponseReturnValue:
    drawn = render_template(
        "asesor/_ia_08_check.html",
        # Its number and further units are the page's own: they are drawn as they stood there.
        line=ia_08_page.check_row(
            row,
            request.form.get("nomor", 0, type=int),
            numbers(request.form.get("juga", "").split(",")),
        ),
        rules=_rules(filled),
        permohonan=g.permohonan,
        fresh=clock.now(),
        **_count(filled, row.unit_id),
    )
    return alone(drawn)


def _rules(filled: FilledInstrument) -> list[list[str]]:
    return list(form_template(FORM_OF[CVP].value, version=filled.words_version).body["rules"])


def _store_topic(
    filled: FilledInstrument, key: str, elemen_id: int
) -> Callable[[], ResponseReturnValue]:
    found = db.session.scalar(
        select(InterviewTopic).where(
            InterviewTopic.filled_id == filled.id, InterviewTopic.elemen_id == elemen_id
        )
    )
    typed = _sound(read_topic(request.form, key))
    ticks = typed.ticked is not (found is not None)
    if ticks:
        words = {elemen_id: typed.substance if typed.ticked else None}
        fr_ia_08.set_topics(g.actor, g.permohonan, filled, words)
        return lambda: _topic_answer(filled, elemen_id)
    if found is not None and typed.substance and changed_here(typed, values_of_topic(found)):
        found.substance = typed.substance
    return lambda: line(key, seen=seen_of(values_of_topic(found)))


def _topic_answer(filled: FilledInstrument, elemen_id: int) -> ResponseReturnValue:
    """The elemen anew: its substance comes and goes with the tick."""
    units = apl02_texts.texts_of(g.permohonan.skema_version)
    unit, elemen = next(
        (unit, each) for unit in units for each in unit.elements if each.id == elemen_id
    )
    row = next((each for each in filled.topics if each.elemen_id == elemen_id), None)
    drawn = render_template(
        "asesor/_ia_08_topic.html",
        topic=ia_08_page.topic_row(elemen, row),
        permohonan=g.permohonan,
        fresh=clock.now(),
        **_count(filled, unit.id),
    )
    response = alone(drawn)
    # The box that was ticked asks for the saved line alone; its elemen is drawn anew.
    response.headers["HX-Retarget"] = f"#ia-08-topic-{elemen_id}"
    return response


def _store_words(filled: FilledInstrument) -> Callable[[], ResponseReturnValue]:
    typed = _sound(read_words(request.form))
    if changed_here(typed, values_of_words(filled)):
        _say(filled, typed)
    return lambda: line("s", seen=seen_of(values_of_words(filled)))


def _say(filled: FilledInstrument, typed: TypedWords) -> None:
    fr_ia_08.say(
        filled,
        conclusion=typed.conclusion,
        further_evidence=typed.further_evidence,
        not_met=typed.not_met,
        feedback=typed.feedback,
    )


def _sound(typed: Row) -> Row:
    if typed.errors:
        raise DomainError(next(iter(typed.errors.values())))
    return typed


def _count(filled: FilledInstrument, unit_id: int | None) -> dict[str, Any]:
    count, unit_count = fr_ia_08.counts_of(filled.id, unit_id)
    return {
        "counted": "asesor/ia_08_counted.html",
        "count": count,
        "unit_count": unit_count,
        "unit_id": unit_id or 0,
        "filled": filled,
        "oob": True,
    }


# --- The page ----------------------------------------------------------------------------------------------------


def _whole() -> ResponseReturnValue:
    """Save what was typed anywhere on the page, then do what was pressed."""
    typing = _typed()
    wrong = any(
        each.errors for each in (*typing.checks.values(), *typing.topics.values(), typing.words) if each
    )  # fmt: skip
    if wrong:
        return _show(typing=typing, status=422)
    try:
        filled = instruments.open_instrument(g.actor, g.permohonan, CVP)
        _store_all(filled, typing)
        db.session.flush()
        instrument_gaps.look_again(g.actor, g.permohonan, filled)
    except DomainError as refusal:
        db.session.rollback()
        return _show(typing=typing, status=409, notice=str(refusal))
    db.session.commit()
    return _after(request.form.get("aksi", ""))


def _typed() -> Typing:
    form = request.form
    names = {name.split("-")[0] for name in form if name[:1] in ("c", "t")}
    places = {name for name in names if numbers([name[1:]])}
    return Typing(
        checks={key: read_check(form, key) for key in sorted(places) if key[0] == "c"},
        topics={key: read_topic(form, key) for key in sorted(places) if key[0] == "t"},
        words=read_words(form) if "s-seen" in form else None,
    )


def _store_all(filled: FilledInstrument, typing: Typing) -> None:
    for row in filled.checks:
        typed = typing.checks.get(f"c{row.position}")
        if typed is not None and changed_here(typed, values_of_check(row)):
            fr_ia_08.judge(row, typed.answers, typed.note)
    standing = {row.elemen_id: row for row in filled.topics}
    wanted: dict[int, str | None] = {}
    for key, said in typing.topics.items():
        elemen_id = int(key[1:])
        if said.ticked and not said.substance and elemen_id in standing:
            continue  # ticked twice, or its words emptied: they stay
        if changed_here(said, values_of_topic(standing.get(elemen_id))):
            wanted[elemen_id] = said.substance if said.ticked else None
    if wanted:
        fr_ia_08.set_topics(g.actor, g.permohonan, filled, wanted)
    if typing.words is not None and changed_here(typing.words, values_of_words(filled)):
        _say(filled, typing.words)


def _after(pressed: str) -> ResponseReturnValue:
    """What the button asks for beside saving; a refusal leaves what was saved."""
    try:
        said = _do(pressed)
    except DomainError as refusal:
        db.session.rollback()
        return _show(status=409, notice=f"Isian Anda tersimpan. {refusal}")
    db.session.commit()
    if pressed == "selesai":
        return onward("permohonan", g.permohonan, said)
    place = _place_of(pressed)
    if wants_fragment():
        return _show(said=said, row_at=place)
    # Its unit is opened by the address too: not every browser unfolds what an anchor points at.
    more: dict[str, Any] = {"bukti": place, "_anchor": f"ia-08-check-{place}"} if place else {}
    return onward("fr_ia_08_page", g.permohonan, said, **more)


def _place_of(pressed: str) -> int | None:
    """The row that a press was about: its own, or the one it added, which stands last."""
    what, _, place = pressed.partition("-")
    if what in ("semua", "benar"):
        return int(place)
    if what in ("kata", "berkas"):
        filled = instruments.open_instrument(g.actor, g.permohonan, CVP)
        return max(row.position for row in filled.checks)
    return None


def _do(pressed: str) -> str:
    if pressed == "selesai":
        instrument_gaps.finish(g.actor, g.permohonan, CVP)
        return "FR.IA.08 selesai."
    if not pressed:
        return "FR.IA.08 tersimpan."
    filled = instruments.open_instrument(g.actor, g.permohonan, CVP)
    said = _change(filled, pressed)
    db.session.flush()
    instrument_gaps.look_again(g.actor, g.permohonan, filled)
    return said


def _change(filled: FilledInstrument, pressed: str) -> str:
    if pressed == "benarkan":
        return f"{fr_ia_08.confirm(filled.checks)} penilaian dari pra-asesmen dibenarkan."
    if pressed == "disarankan":
        return _tick_suggested(filled)
    if pressed.startswith("berkas-"):
        fr_ia_08.add_document(g.permohonan, filled, pressed.removeprefix("berkas-"))
        return "Bukti ditambahkan."
    if pressed == "kata":
        unit = numbers([request.form.get("kata-unit", "")])
        words = request.form.get("kata", "").strip()
        fr_ia_08.add_words(g.permohonan, filled, words, unit[0] if unit else None)
        return "Bukti ditambahkan."
    if pressed.startswith("hapus-"):
        fr_ia_08.remove(filled, pressed.removeprefix("hapus-"))
        return "Bukti dihapus dari daftar."
    if pressed.startswith(("semua-", "benar-")):
        _press(pressed, filled.checks)
        return "FR.IA.08 tersimpan."
    raise DomainError("Tombol itu tidak dikenal. Muat ulang halaman.")


def _tick_suggested(filled: FilledInstrument) -> str:
    why = suggested(filled.checks, fr_ia_08.evidence_now(g.permohonan))
    fresh = set(why) - {row.elemen_id for row in filled.topics}
    fr_ia_08.set_topics(g.actor, g.permohonan, filled, dict.fromkeys(fresh, ""))
    return f"{len(fresh)} elemen dicentang untuk wawancara."


def _show(
    *,
    typing: Typing | None = None,
    status: int = 200,
    notice: str = "",
    said: str = "",
    row_at: int | None = None,
) -> ResponseReturnValue:
    return panel(
        "asesor/ia_08.html",
        "asesor/_ia_08_panel.html",
        status=status,
        notice_text=notice,
        saved_text=said,
        **ia_08_page.context(g.permohonan, typing, row_at=row_at),
    )
