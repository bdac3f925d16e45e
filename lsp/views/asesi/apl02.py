"""FR.APL.02: the overview with progress and gaps, the whole form to read, and one unit a page."""

from __future__ import annotations

from typing import Any

from flask import abort, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.registration import AnswerForm, SelectChoice
from lsp.models import Permohonan
from lsp.permissions import writes
from lsp.services import apl02
from lsp.services.apl02 import AnsweredUnit, ElemenRow, EvidenceChoice, GivenAnswer
from lsp.views.asesi.shared import CASE, address, bp, editable, must_be_editable, onward, own
from lsp.views.editions import ChangedElsewhere, check_edition, edition_of
from lsp.views.html import page, panel, redirect_after_post
from lsp.vocabulary import Answer

ALL_K = "Semua elemen unit ini ditandai K. Setiap K perlu bukti: pilih berkas atau tulis buktinya."
SPREAD = "Bukti elemen pertama dipakai untuk semua elemen unit ini, kecuali yang dijawab BK. Periksa apakah cocok."
NOTHING_TO_SPREAD = (
    "Pilih dulu berkas bukti di elemen pertama, lalu tekan lagi. Isian Anda masih ada di bawah."
)
_FORM = f"{CASE}/fr-apl-02"
_UNIT = f"{_FORM}/<int(max=999):unit_position>"


@bp.get(_FORM)
@own
def fr_apl_02(permohonan_id: str) -> ResponseReturnValue:
    units = apl02.units(g.permohonan)
    return page(
        "asesi/fr_apl_02.html",
        permohonan=g.permohonan,
        units=units,
        editable=editable(g.permohonan),
        total=sum(len(unit.elements) for unit in units),
        answered=sum(unit.answered for unit in units),
        gaps=sum(unit.gaps for unit in units),
        first_open=next((unit for unit in units if not unit.done), None),
    )


@bp.get(f"{_FORM}/semua")
@own
def fr_apl_02_whole(permohonan_id: str) -> ResponseReturnValue:
    """The form as it will be signed: every unit, elemen, KUK and answer."""
    return page(
        "asesi/fr_apl_02_whole.html",
        permohonan=g.permohonan,
        units=apl02.units(g.permohonan),
        files=apl02.files_of(g.permohonan),
        file_url=_file_url,
        editable=editable(g.permohonan),
    )


@bp.get(_UNIT)
@own
def unit(permohonan_id: str, unit_position: int) -> ResponseReturnValue:
    found, files = _unit(g.permohonan, unit_position)
    return _unit_page(found, files, _stored(found, files))


@bp.post(_UNIT)
@own
@writes
def save_unit(permohonan_id: str, unit_position: int) -> ResponseReturnValue:
    """Save all answers of a unit; `autosave` comes from a changed answer and is answered with a line.

    `spread` first names the proof of the first elemen for the others; the former answers stand in the way back.
    """
    found, files = _unit(g.permohonan, unit_position)
    forms = _forms(found, files)
    wrong = [form for form in forms if not form.validate()]
    autosave = "autosave" in request.form
    if wrong and not autosave:
        return _unit_page(found, files, _typed(forms), errors=_errors(forms), status=422)
    before, spread = _stored(found, files), "spread" in request.form and not autosave
    if spread and not _spread_proof(forms):
        return _unit_page(found, files, _typed(forms), notice_text=NOTHING_TO_SPREAD, status=422)
    try:
        _save(found, files, forms)
    except DomainError as refusal:
        return _refused(found, files, forms, refusal, autosave=autosave)
    db.session.commit()
    if spread:
        found, files = _unit(g.permohonan, unit_position)
        return _unit_page(
            found, files, _stored(found, files), undo=_as_typed(before), changed=SPREAD
        )
    if autosave:
        return _autosaved(g.permohonan, unit_position, wrong)
    if "undo" in request.form:
        return onward("unit", g.permohonan, "Jawaban semula dikembalikan.", unit_position=unit_position)  # fmt: skip
    if "stay" in request.form:
        return onward("fr_apl_02", g.permohonan, "Jawaban tersimpan.")
    endpoint, where = (
        ("unit", {"unit_position": unit_position + 1})
        if unit_position < found.count
        else ("fr_apl_02", {})
    )
    said, tone = _said(unit_position, forms)
    return redirect_after_post(address(endpoint, g.permohonan, **where), said, tone=tone)


def _spread_proof(forms: list[AnswerForm]) -> bool:
    """Name the files of the first elemen as proof of the others too, where they are not answered BK."""
    first = set(forms[0].documents.data or ())
    for form in forms[1:]:
        if form.answer.data != Answer.BK:
            form.documents.data = sorted(first.union(form.documents.data or ()))
    return bool(first)


def _said(unit_position: int, forms: list[AnswerForm]) -> tuple[str, str]:
    """What was saved, and what of the unit will stand against sending; with the tone of the message."""
    wanted = [_wanted(form) for form in forms]
    unanswered = sum(not answer for answer, _, _ in wanted)
    bare = sum(answer == "K" and not note and not files for answer, note, files in wanted)
    open_ = [f"{unanswered} elemen belum dijawab"] if unanswered else []
    open_ += [f"{bare} jawaban K belum ada buktinya"] if bare else []
    if not open_:
        return "Tersimpan.", "ok"
    return f"Tersimpan. Di unit {unit_position} masih {' dan '.join(open_)}.", "wait"


@bp.get(f"{_UNIT}/semua-k")
@own
def ask_all_k(permohonan_id: str, unit_position: int) -> ResponseReturnValue:
    found, files = _unit(g.permohonan, unit_position)
    changed = [row for row in found.elements if row.answer is not Answer.K]
    bare = sum(not row.evidence_note and not row.documents for row in found.elements)
    return page(
        "confirm.html",
        title=f"Tandai semua K di unit {unit_position}?",
        happens=[
            f"{len(changed)} dari {len(found.elements)} elemen unit “{found.text.title}” berubah menjadi K – Kompeten.",
            "K berarti Anda bisa melakukannya dan punya buktinya. Bukti yang sudah Anda pilih atau tulis tetap.",
            f"{bare} elemen belum ada buktinya. Permohonan baru dapat dikirim setelah setiap K ada buktinya."
            if bare
            else "Semua elemen unit ini sudah ada buktinya.",
            "Setelah ditandai, Anda masih dapat membatalkannya.",
        ],
        action=address("mark_all_k", g.permohonan, unit_position=unit_position),
        label="Tandai semua K",
        hidden={"seen": edition_of(_stored(found, files))},
        back_url=address("unit", g.permohonan, unit_position=unit_position),
    )


@bp.post(f"{_UNIT}/semua-k")
@own
@writes
def mark_all_k(permohonan_id: str, unit_position: int) -> ResponseReturnValue:
    """Every elemen of the unit becomes K, its evidence stays; the former answers stand in the way back."""
    found, files = _unit(g.permohonan, unit_position)
    before = _stored(found, files)
    wanted = [["K", note, chosen] for _answer, note, chosen in before]
    try:
        must_be_editable(g.permohonan)
        check_edition(seen=request.form.get("seen"), stored=before, wanted=wanted)
        apl02.save_answers(
            g.permohonan,
            {
                row.id: GivenAnswer(Answer.K, row.evidence_note, sorted(row.documents))
                for row in found.elements
            },
        )
    except DomainError as refusal:
        db.session.rollback()
        return _unit_page(found, files, before, notice_text=str(refusal), status=409)
    db.session.commit()
    found, files = _unit(g.permohonan, unit_position)
    # Drawn at once, also for a plain browser: the former answers belong into no address and no cookie.
    return _unit_page(found, files, _stored(found, files), undo=_as_typed(before))


def _unit(permohonan: Permohonan, position: int) -> tuple[AnsweredUnit, list[EvidenceChoice]]:
    found = apl02.unit_at(permohonan, position)
    if found is None:
        abort(404)
    return found, apl02.files_of(permohonan)


def _forms(found: AnsweredUnit, files: list[EvidenceChoice]) -> list[AnswerForm]:
    choices = [SelectChoice(file.public_id) for file in files]
    forms = []
    for row in found.elements:
        form = AnswerForm(prefix=f"e{row.place}")
        form.documents.choices = choices
        forms.append(form)
    return forms


def _save(found: AnsweredUnit, files: list[EvidenceChoice], forms: list[AnswerForm]) -> None:
    must_be_editable(g.permohonan)
    wanted = [_wanted(form) for form in forms]
    check_edition(seen=request.form.get("seen"), stored=_stored(found, files), wanted=wanted)
    ids = {file.public_id: file.id for file in files}
    answers = {
        row.id: GivenAnswer(
            Answer(answer) if answer else None, note, [ids[each] for each in documents]
        )
        for row, form, (answer, note, documents) in zip(found.elements, forms, wanted, strict=True)
        if not form.errors
    }
    apl02.save_answers(g.permohonan, answers)


def _plain(row: ElemenRow, files: list[EvidenceChoice]) -> list[Any]:
    chosen = sorted(file.public_id for file in files if file.id in row.documents)
    return [row.answer.value if row.answer else "", row.evidence_note, chosen]


def _wanted(form: AnswerForm) -> list[Any]:
    return [form.answer.data or "", form.note.data or "", sorted(set(form.documents.data or ()))]


def _stored(found: AnsweredUnit, files: list[EvidenceChoice]) -> list[list[Any]]:
    return [_plain(row, files) for row in found.elements]


def _typed(forms: list[AnswerForm]) -> list[list[Any]]:
    return [_wanted(form) for form in forms]


def _as_typed(values: list[list[Any]]) -> list[tuple[str, str]]:
    """Stored answers as the unit's form would send them."""
    found = []
    for place, (answer, note, documents) in enumerate(values, 1):
        found += [(f"e{place}-answer", answer), (f"e{place}-note", note)]
        found += [(f"e{place}-documents", each) for each in documents]
    return [(name, value) for name, value in found if value]


def _errors(forms: list[AnswerForm]) -> list[dict[str, str]]:
    return [
        {name: str(messages[0]) for name, messages in form.errors.items() if name} for form in forms
    ]


def _refused(
    found: AnsweredUnit,
    files: list[EvidenceChoice],
    forms: list[AnswerForm],
    refusal: DomainError,
    *,
    autosave: bool,
) -> ResponseReturnValue:
    db.session.rollback()
    seen = request.form.get("seen", "")
    if autosave:
        return page("asesi/_autosave.html", status=409, problem=str(refusal), seen=seen)
    if isinstance(refusal, ChangedElsewhere):
        seen = edition_of(_stored(found, files))
    return _unit_page(
        found,
        files,
        _typed(forms),
        errors=_errors(forms),
        seen=seen,
        notice_text=str(refusal),
        status=409,
    )


def _autosaved(
    permohonan: Permohonan, position: int, wrong: list[AnswerForm]
) -> ResponseReturnValue:
    found, files = _unit(permohonan, position)
    problem = wrong[0].first_error() if wrong else ""
    return page(
        "asesi/_autosave.html",
        status=422 if problem else 200,
        problem=f"Belum tersimpan: {problem}" if problem else "",
        saved_at=found.saved_at,
        seen=edition_of(_stored(found, files)),
    )


def _file_url(file: EvidenceChoice) -> str:
    return url_for("files.document", document_id=file.public_id)


def _unit_page(
    found: AnsweredUnit,
    files: list[EvidenceChoice],
    values: list[list[Any]],
    *,
    errors: list[dict[str, str]] | None = None,
    seen: str = "",
    notice_text: str = "",
    undo: list[tuple[str, str]] | None = None,
    changed: str = ALL_K,
    status: int = 200,
) -> ResponseReturnValue:
    return panel(
        "asesi/unit.html",
        "asesi/_unit_panel.html",
        status=status,
        permohonan=g.permohonan,
        unit=found.text,
        count=found.count,
        files=files,
        file_url=_file_url,
        values=values,
        errors=errors or [{} for _ in values],
        seen=seen or edition_of(_stored(found, files)),
        saved_at=found.saved_at,
        notice_text=notice_text,
        undo=undo,
        changed=changed,
        editable=editable(g.permohonan),
    )
