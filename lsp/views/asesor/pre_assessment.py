"""What the asesor writes in a pre-assessment: data, evidence per unit, FR.AK.07, when it is held, FR.AK.01."""

from __future__ import annotations

from functools import partial

from flask import abort, g, request
from flask.typing import ResponseReturnValue

from lsp.forms.pre_assessment import (
    HeldForm,
    TypedUnit,
    data_answers,
    read_data,
    read_fr_ak_07,
    read_unit,
)
from lsp.permissions import writes
from lsp.services import data_check, evidence_walk, fr_ak_01, fr_ak_07
from lsp.services.data_check import Answer
from lsp.services.evidence_walk import Judged, UnitWords
from lsp.views.asesor.case import show_panel
from lsp.views.asesor.papers import store
from lsp.views.asesor.pre_panels import Piece, evidence_form, pieces_of
from lsp.views.asesor.shared import CASE, address, assigned, bp, onward
from lsp.views.html import wants_fragment
from lsp.workflow.apl02_answers import UnitAnswers, answers_of
from lsp.workflow.dossier import dossier_of

# --- Data of FR.APL.01 -------------------------------------------------------------------------------------------


@bp.post(f"{CASE}/data")
@assigned
@writes
def confirm_data(permohonan_id: str) -> ResponseReturnValue:
    """What the asesi said of each field; `semua` confirms those still open, `batal` takes such a press back."""
    if "batal" in request.form:
        return _take_back(request.form["batal"].split(","))
    typed = read_data(request.form)
    if any(each.error for each in typed.values()):
        return show_panel("data", status=422, typed_fields=typed)
    answers = data_answers(typed)
    rest = [name for name in data_check.FIELDS if name not in answers] if _all() else []
    answers |= {name: Answer(fits=True) for name in rest}
    said = f"{len(answers)} dari {len(data_check.FIELDS)} data terkonfirmasi."
    return store(
        "data",
        said,
        lambda: data_check.confirm(g.actor, g.permohonan, answers),
        onward=partial(_after_rest, rest, said) if rest else None,
        typed_fields=typed,
    )


def _after_rest(rest: list[str], said: str) -> ResponseReturnValue:
    """With the press that takes them back."""
    if wants_fragment():
        return show_panel("data", said=said, undo=",".join(rest))
    return onward(
        "case_panel", g.permohonan, said, key="data", batal=",".join(rest), _anchor="data"
    )


def _all() -> bool:
    return "semua" in request.form


def _take_back(fields: list[str]) -> ResponseReturnValue:
    return store(
        "data",
        "Konfirmasi dibatalkan.",
        lambda: data_check.take_back(g.actor, g.permohonan, fields),
    )


# --- Evidence per unit -------------------------------------------------------------------------------------------


@bp.get(f"{CASE}/bukti/<int(max=9999):position>")
@assigned
def evidence_unit(permohonan_id: str, position: int) -> ResponseReturnValue:
    _unit(position)
    return show_panel("bukti")


@bp.post(f"{CASE}/bukti/<int(max=9999):position>")
@assigned
@writes
def save_evidence(permohonan_id: str, position: int) -> ResponseReturnValue:
    """One save a unit; `semua` answers what is still open with ya and stays."""
    unit, count = _unit(position)
    pieces = pieces_of(g.permohonan, unit)
    stays = "semua" in request.form
    typed = read_unit(request.form, [piece.key for piece in pieces], all_met=stays)
    if typed.errors:
        return show_panel("bukti", status=422, typed_unit=typed)
    words = UnitWords(typed.can_continue, typed.missing, _by_document(pieces, typed))
    said = f"Unit {position} tersimpan."
    if typed.partial:
        said += f" V-A-T-M belum lengkap pada {typed.partial} bukti."
    return store(
        "bukti",
        said,
        lambda: evidence_walk.save_unit(g.actor, g.permohonan, unit.id, words),
        onward=partial(_after_unit, position if stays else position + 1, count, said),
        typed_unit=typed,
    )


def _after_unit(position: int, count: int, said: str) -> ResponseReturnValue:
    """The next unit; after the last, the review of the whole."""
    if position > count:
        return onward("case_panel", g.permohonan, said, key="fr-apl-02", _anchor="fr-apl-02")
    if not wants_fragment():
        return onward("evidence_unit", g.permohonan, said, position=position, _anchor="bukti")
    g.unit_position = position
    response = show_panel("bukti", said=said)
    response.headers["HX-Push-Url"] = address("evidence_unit", g.permohonan, position=position)  # type: ignore[union-attr]
    return response


def _by_document(pieces: list[Piece], typed: TypedUnit) -> dict[int | None, Judged]:
    return {
        piece.document.id if piece.document else None: typed.evidence[piece.key] for piece in pieces
    }


def _unit(position: int) -> tuple[UnitAnswers, int]:
    """The unit of this case's skema at a position, and how many there are. Another one is not found."""
    units = answers_of(g.permohonan)
    found = next((unit for unit in units if unit.position == position), None)
    if found is None:
        abort(404)
    return found, len(units)


# --- FR.AK.07, when and where, FR.AK.01 --------------------------------------------------------------------------


_OTHER_WORDS = (
    "Butir FR.AK.07 berganti sejak halaman ini dibuka, jadi formulirnya dimuat ulang. "
    "Isian Anda masih ada dan belum tersimpan. Periksa, lalu simpan lagi."
)


@bp.post(f"{CASE}/fr-ak-07")
@assigned
@writes
def fill_fr_ak_07(permohonan_id: str) -> ResponseReturnValue:
    """`none`: no adjustment is needed, so every row is answered; the potential is asked all the same."""
    plan = dossier_of(g.permohonan).plan
    words = fr_ak_07.words_for(plan.fr_ak_07 if plan is not None else None)
    paper = read_fr_ak_07(request.form, words.body)
    in_force = str(words.version_number)
    if request.form.get("words", in_force) != in_force:
        return show_panel("fr-ak-07", status=409, notice=_OTHER_WORDS, words=words, paper=paper)
    problems = fr_ak_07.problems(paper, words.body)
    if problems:
        return show_panel("fr-ak-07", status=422, words=words, paper=paper, problems=problems)
    return store(
        "fr-ak-07",
        "FR.AK.07 tersimpan.",
        lambda: fr_ak_07.fill(g.actor, g.permohonan, paper, words),
        words=words,
        paper=paper,
    )


@bp.post(f"{CASE}/pelaksanaan")
@assigned
@writes
def agree_on(permohonan_id: str) -> ResponseReturnValue:
    form = HeldForm()
    if not form.validate():
        return show_panel("pelaksanaan", status=422, held_form=form)
    return store(
        "pelaksanaan",
        "Waktu dan tempat asesmen tersimpan.",
        lambda: fr_ak_01.agree_on(
            g.actor,
            g.permohonan,
            starts_at=form.starts_at(g.actor.zone),
            place=form.place.data or "",
            contact=form.contact.data or "",
        ),
        held_form=form,
    )


@bp.post(f"{CASE}/fr-ak-01")
@assigned
@writes
def prepare_fr_ak_01(permohonan_id: str) -> ResponseReturnValue:
    form = evidence_form(g.permohonan, formdata=request.form)
    if not form.validate():
        return show_panel("fr-ak-01", status=422, evidence_form=form)
    return store(
        "fr-ak-01",
        "FR.AK.01 siap ditandatangani. Asesi melihatnya di HP-nya.",
        lambda: fr_ak_01.prepare(
            g.actor,
            g.permohonan,
            evidence=form.evidence.data or [],
            other=form.other.data or "",
        ),
        evidence_form=form,
    )
