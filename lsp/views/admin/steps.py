"""Steps of the workflow: one button, or for a weighty one a page that says what happens and asks the reason."""

from __future__ import annotations

from flask import abort, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import NotAllowed
from lsp.forms.administration import StepForm
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import fees
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.case_steps import ELSEWHERE, WEIGHTY, bill_words, stands_open, weighty_of
from lsp.views.admin.desk import ADMIN_DESK
from lsp.views.admin.list_filter import ListFilter
from lsp.views.admin.work import show_case
from lsp.views.done_words import permohonan_done
from lsp.views.filters import rupiah
from lsp.views.html import page, reason_field, redirect_after_post
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN, TRANSITIONS

RETURN, INVOICE = "return_for_repair", "invoice"
#: Names a person may press here; what needs more than a note has its own address.
PRESSED = frozenset(row.name for row in TRANSITIONS) - ELSEWHERE


@bp.get("/permohonan/<permohonan_id>/langkah/<name>")
@access(roles=ADMIN, load=visible_permohonan)
def ask_step(permohonan_id: str, name: str) -> ResponseReturnValue:
    """The page before a weighty step."""
    if name not in WEIGHTY or not _has_role(name, Role.ADMIN):
        abort(404)
    dari = request.args.get("dari", "")
    if not stands_open(g.permohonan, g.actor, name, Role.ADMIN):
        return redirect_after_post(
            _case_url(dari), "Langkah itu tidak ada lagi pada status ini.", tone="wait"
        )
    return confirm_step(name, StepForm(formdata=None), _case_url(dari), dari=dari)


@bp.post("/permohonan/<permohonan_id>/langkah/<name>")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def step(permohonan_id: str, name: str) -> ResponseReturnValue:
    """Do a step that needs no more than a note. The only other way a status moves here is money."""
    if name not in PRESSED or not _has_role(name, Role.ADMIN):
        abort(404)
    form = StepForm()
    dari = ListFilter.unpack(form.dari.data or "").packed
    if not is_filled(form, name):
        return confirm_step(name, form, _case_url(dari), dari=dari, status=422)
    try:
        if name == INVOICE:
            _check_shown(form.shown.data or "")
        done = PERMOHONAN.perform(
            g.permohonan, name, g.actor, version=form.version.data or 0, note=form.note.data or ""
        )
    except NotAllowed as refusal:
        db.session.rollback()
        return _refused(name, form, str(refusal), dari)
    db.session.commit()
    return redirect_after_post(_case_url(dari), permohonan_done(name, done.label))


def is_filled(form: StepForm, name: str) -> bool:
    """Whether version and, for a weighty step, a reason of the asked length came along."""
    valid = bool(form.validate())
    choice = PERMOHONAN.choice(g.permohonan, g.actor, name)
    least = choice.asks_note if choice is not None else 0
    if len(form.note.data or "") < least:
        form.note.errors = [f"Tulis alasan sedikitnya {least} huruf, supaya orang lain mengerti."]
        valid = False
    return valid


def confirm_step(
    name: str, form: StepForm, back_url: str, *, dari: str = "", status: int = 200, notice: str = "",
    action: str = "",
) -> ResponseReturnValue:  # fmt: skip
    """What will happen, and a field for the reason. A step without such a page goes back to its case."""
    weighty = weighty_of(name, g.permohonan)
    if weighty is None:
        return show_case(ADMIN_DESK, dari=dari, status=status, notice=form.first_error())
    label = weighty.label or next(row.label for row in TRANSITIONS if row.name == name)
    choice = PERMOHONAN.choice(g.permohonan, g.actor, name)
    field = reason_field(
        form,
        hint=weighty.hint,
        label="Catatan tambahan" if name == RETURN else "Alasan",
        required=choice is not None and choice.asks_note > 0,
        focus=name == RETURN,
    )
    bill = fees.bill_of(g.permohonan) if name == INVOICE else None
    hidden = {"dari": dari} if dari else {}
    if bill is not None:
        hidden["shown"] = str(bill.amount)
    return page(
        "confirm.html",
        status=status,
        title=weighty.title,
        happens=[
            f"{g.permohonan.asesi_name}, {g.permohonan.id_izin}.",
            *bill_words(bill),
            *weighty.happens,
        ],
        action=action or url_for("admin.step", permohonan_id=g.permohonan.public_id, name=name),
        label=label,
        back_url=back_url,
        tone=weighty.tone,
        version=g.permohonan.version,
        hidden=hidden,
        notice_text=notice,
        reason_field=field if weighty.takes_note else None,
        focus_button=not weighty.takes_note,
        listed=_failing() if name == RETURN else (),
        listed_title="Yang harus diperbaiki asesi",
    )


def _check_shown(shown: str) -> None:
    """Raise NotAllowed when the fee is no longer what the page showed; who pressed must see the new one first."""
    bill = fees.bill_of(g.permohonan)
    if shown and bill is not None and shown != str(bill.amount):
        raise NotAllowed(f"Biayanya baru saja berubah menjadi {rupiah(bill.amount)}. Periksa lagi.")


def _failing() -> list[tuple[str, str]]:
    """(item, note) of exactly what is sent back."""
    return [(name, item.note) for name, item in dossier_of(g.permohonan).failing]


def _refused(name: str, form: StepForm, sentence: str, dari: str) -> ResponseReturnValue:
    """A reason that was typed is kept: on its own page while the step stands open, else in the notice."""
    if name in WEIGHTY and stands_open(g.permohonan, g.actor, name, Role.ADMIN):
        return confirm_step(name, form, _case_url(dari), dari=dari, status=409, notice=sentence)
    if form.note.data:
        sentence += f" Yang tadi Anda tulis: “{form.note.data}”"
    return show_case(ADMIN_DESK, dari=dari, status=409, notice=sentence)


def _has_role(name: str, role: Role) -> bool:
    return any(row.name == name and role in row.roles for row in TRANSITIONS)


def _case_url(dari: str) -> str:
    return url_for("admin.permohonan", permohonan_id=g.permohonan.public_id, dari=dari or None)
