"""A keluhan as staff handle it: the office, its investigator, the auditor reading. Not whom it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, current_app, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import choices
from lsp.forms.complaints import InvestigatorForm, NoteForm, RegisterForm
from lsp.models import Complaint, ComplaintEvent
from lsp.permissions import access, writes
from lsp.services import complaint_handling as handling, outbox_list
from lsp.services.complaint_handling import Wanted
from lsp.services.complaints import TOLD_WORDS
from lsp.views.filters import tanggal
from lsp.views.html import page, reason_field, redirect_after_post
from lsp.vocabulary import ComplaintStatus, Role
from lsp.workflow.complaint import INVESTIGATORS, KELUHAN, is_mailed, next_step
from lsp.workflow.machine import LEAST_GROUNDS, Choice

bp = Blueprint("complaints", __name__, url_prefix="/pemeriksaan-keluhan")
READERS = (*INVESTIGATORS, Role.AUDITOR)
STATES = {
    "": "Belum selesai",
    handling.WAITING: "Menunggu LSP",
    handling.OVERDUE: "Terlambat",
    **{each.value: each.label for each in ComplaintStatus},
    "semua": "Semua",
}
#: Steps that are a text, with what their button stores.
_SAID = {
    "tell": "Kabar tersimpan. Pelapor dapat membacanya.",
    "jot": "Catatan tersimpan. Pelapor tidak membacanya.",
    "find": "Temuan tersimpan.",
    "close": "Keluhan ditutup. Suratnya dikirim kepada pelapor.",
}
_STEP_WORDS = TOLD_WORDS | {
    "reassign": "Pemeriksa diganti",
    "jot": "Catatan untuk LSP",
    "find": "Temuan pemeriksa",
}
#: The next step of a keluhan by its name in the workflow: to who may do it, and to everybody else.
_DO = {
    "register": ("Daftarkan keluhan ini", "Baca isinya, lalu catat siapa yang dikeluhkan."),
    "assign": ("Tunjuk pemeriksa", "Pilih orang yang tidak terlibat dalam hal yang dikeluhkan."),
    "find": ("Periksa, lalu tulis temuan", "Sesudah itu admin atau ketua menutup keluhan dengan surat."),
    "close": ("Tutup dengan surat", "Temuannya sudah ada. Suratnya menyebut apa yang ditemukan dan dilakukan."),
}  # fmt: skip
_AWAITED = {
    "register": "mendaftarkan keluhan ini",
    "assign": "menunjuk pemeriksa",
    "find": "menulis temuannya",
    "close": "menutup keluhan ini dengan surat",
}


def readable(actor: Actor, complaint_id: str, **_: object) -> Mapping[str, object] | None:
    """A keluhan that this person may read, as `g.complaint`."""
    found = handling.one(actor, complaint_id)
    return {"complaint": found} if found is not None else None


of_it = access(roles=READERS, load=readable)
handles = access(roles=INVESTIGATORS, load=readable)


def listed(template: str, endpoint: str, **more: Any) -> ResponseReturnValue:
    """The register as this person may read it, page by page."""
    state = request.args.get("keadaan", "")
    after = request.args.get("sesudah", "")
    known = after.isascii() and after.isdigit() and len(after) < 10
    wanted = Wanted(state if state in STATES else "", int(after) if known else None)
    found = handling.page(g.actor, wanted)
    said: dict[str, Any] = {"keadaan": wanted.state or None}
    return page(
        template,
        rows=found.rows,
        states=STATES,
        state=wanted.state,
        list_url=url_for(endpoint),
        next_url=url_for(endpoint, sesudah=found.rows[-1].key, **said) if found.more else "",
        first_url=url_for(endpoint, **said) if wanted.after else "",
        **more,
    )


@bp.get("")
@access(roles=READERS)
def mine() -> ResponseReturnValue:
    return listed("complaints/mine.html", "complaints.mine")


@bp.get("/<complaint_id>")
@of_it
def complaint(complaint_id: str) -> ResponseReturnValue:
    return _show()


# --- Steps -------------------------------------------------------------------------------------------------------


@bp.post("/<complaint_id>/daftarkan")
@handles
@writes
def register(complaint_id: str) -> ResponseReturnValue:
    form = _register_form(empty=False)
    if not form.validate():
        return _show(status=422, register_form=form)
    return _do(
        lambda: handling.register(
            g.actor,
            g.complaint,
            people=form.people.data or (),
            about_case=form.about_case.data or "",
            version=form.version.data or 0,
        ),
        "Keluhan didaftarkan. Sekarang tunjuk pemeriksanya.",
        register_form=form,
    )


@bp.post("/<complaint_id>/pemeriksa")
@handles
@writes
def name_investigator(complaint_id: str) -> ResponseReturnValue:
    form = _investigator_form(empty=False)
    if not form.validate():
        return _show(status=422, investigator_form=form)
    return _do(
        lambda: handling.name_investigator(
            g.actor,
            g.complaint,
            person=form.person.data or "",
            version=form.version.data or 0,
            note=form.note.data or "",
        ),
        "Pemeriksa ditunjuk dan diberi tahu lewat e-mail.",
        investigator_form=form,
    )


@bp.post("/<complaint_id>/<any(tell,jot,find):name>")
@handles
@writes
def note(complaint_id: str, name: str) -> ResponseReturnValue:
    form = NoteForm()
    if not form.validate():
        return _show(status=422, note_form=form, note_of=name)
    return _do(lambda: _perform(name, form), _SAID[name], note_form=form, note_of=name)


@bp.get("/<complaint_id>/tutup")
@handles
def ask_close(complaint_id: str) -> ResponseReturnValue:
    return _close_page(None)


@bp.post("/<complaint_id>/tutup")
@handles
@writes
def close(complaint_id: str) -> ResponseReturnValue:
    form = NoteForm()
    if not form.validate():
        return _close_page(form, status=422)
    try:
        _perform("close", form)
    except DomainError as refusal:
        db.session.rollback()
        error = str(refusal) if refusal.field == "note" else ""
        return _close_page(form, status=409, error=error, notice="" if error else str(refusal))
    db.session.commit()
    return _on(_SAID["close"])


def _perform(name: str, form: NoteForm) -> None:
    handling.note(
        g.actor, g.complaint, name, text=form.note.data or "", version=form.version.data or 0
    )


def _do(work: Callable[[], None], said: str, **typed: Any) -> ResponseReturnValue:
    try:
        work()
    except DomainError as refusal:
        db.session.rollback()
        form = next(each for each in typed.values() if not isinstance(each, str))
        return _show(status=409, notice=form.put_by_its_field(refusal), **typed)
    db.session.commit()
    return _on(said)


def _on(said: str) -> ResponseReturnValue:
    return redirect_after_post(
        url_for("complaints.complaint", complaint_id=g.complaint.public_id), said
    )


# --- What the page needs -----------------------------------------------------------------------------------------


def _show(*, status: int = 200, notice: str = "", **typed: Any) -> ResponseReturnValue:
    case = g.complaint
    open_steps = {each.name: each for each in KELUHAN.available(case, g.actor)}
    return page(
        "complaints/complaint.html",
        status=status,
        complaint=case,
        now=_now(case, open_steps),
        steps=open_steps,
        events=[
            {
                "at": each.at,
                "text": _event_words(each),
                "note": each.note,
            }
            for each in reversed(case.events)
        ],
        mails=outbox_list.to_complainant(
            current_app.config["LSP"], case.public_id, len(case.events)
        ),
        notice=notice,
        note_form=typed.get("note_form"),
        note_of=typed.get("note_of", ""),
        blank=NoteForm(formdata=None),
        register_form=typed.get("register_form")
        or (_register_form(empty=True) if "register" in open_steps else None),
        investigator_form=typed.get("investigator_form")
        or (_investigator_form(empty=True) if {"assign", "reassign"} & open_steps.keys() else None),
    )


def _now(case: Complaint, steps: Mapping[str, Choice[Complaint]]) -> dict[str, Any] | None:
    """What comes next, for who opens the page: his own step, or whom the keluhan waits for; None once it is closed."""
    due, stage = handling.due_of(case), next_step(case)
    if due is None or stage is None:
        return None
    said = {
        "due": f"{_clock_words(case, due)} paling lambat {tanggal(due)}",
        "late": due < clock.today_wib(),
    }
    if stage in steps:
        title, sentence = _DO[stage]
        return said | {"eyebrow": "Langkah Anda sekarang", "title": title, "sentence": sentence}
    who = case.investigator.name if stage == "find" and case.investigator else "Admin atau ketua"
    return said | {
        "eyebrow": "Menunggu orang lain",
        "title": f"{who} {_AWAITED[stage]}",
        "sentence": "Sementara itu Anda dapat mengabari pelapor." if "tell" in steps else "Anda hanya membaca.",
    }  # fmt: skip


def _clock_words(case: Complaint, due: date) -> str:
    """What must be done by the clock that runs out next."""
    if case.status is ComplaintStatus.RECEIVED:
        return "Daftarkan"
    return "Kabari pelapor" if due == case.progress_due else "Tutup"


def _event_words(event: ComplaintEvent) -> str:
    words = _STEP_WORDS.get(str(event.step), str(event.step))
    if event.actor is None:
        return words
    read = "; pelapor membacanya" if event.told else ""
    return f"{words} (oleh {event.actor.name}{read})"


def _register_form(*, empty: bool) -> RegisterForm:
    form = RegisterForm(formdata=None, about_case=_known_number()) if empty else RegisterForm()
    form.people.choices = choices(
        (each.public_id, each.name) for each in handling.office_and_asesor()
    )
    return form


def _known_number() -> str:
    """The number its complainant named, where the LSP has such a certificate: a mistyped one is no case."""
    number: str = g.complaint.certificate_number
    return number if number and handling.case_of(number) is not None else ""


def _investigator_form(*, empty: bool) -> InvestigatorForm:
    form = InvestigatorForm(formdata=None) if empty else InvestigatorForm()
    form.person.choices = choices(
        (("", "Pilih pemeriksa…"), *((each.public_id, each.name) for each in handling.candidates(g.complaint)))
    )  # fmt: skip
    return form


def _where_the_letter_goes(case: Complaint) -> tuple[str, str]:
    if is_mailed(case):
        return (
            "Surat di bawah mendapat nomor dan dikirim ke e-mail pelapor.",
            "Pelapor juga membacanya di halaman keluhannya.",
        )
    return (
        "Surat di bawah mendapat nomor. Pelapor tidak menulis alamat e-mail, jadi tidak ada yang dikirim.",
        "Ia membacanya di halaman keluhannya, dengan nomor tanda terimanya.",
    )


def _close_page(
    form: NoteForm | None, *, status: int = 200, notice: str = "", error: str = ""
) -> ResponseReturnValue:
    case = g.complaint
    choice = KELUHAN.choice(case, g.actor, "close")
    reason = notice or (
        choice.reason or "" if choice is not None else "Keluhan ini tidak dapat ditutup sekarang."
    )
    return page(
        "complaints/close.html",
        complaint=case,
        status=status,
        title=f"Tutup keluhan {case.receipt}?",
        happens=[
            *_where_the_letter_goes(case),
            "Keluhan selesai. Sesudah ini tidak ada lagi yang dapat ditambahkan.",
        ],
        action=url_for("complaints.close", complaint_id=case.public_id),
        label="Tutup keluhan",
        back_url=url_for("complaints.complaint", complaint_id=case.public_id),
        version=case.version,
        notice_text=reason,
        reason_field=reason_field(
            form,
            label="Isi surat kepada pelapor",
            hint=f"Apa yang ditemukan dan apa yang dilakukan, sedikitnya {LEAST_GROUNDS} huruf. Tanpa nama orang lain.",
            error=error,
        ),
    )
