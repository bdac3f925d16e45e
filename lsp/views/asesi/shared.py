"""What the asesi's views share: the blueprint, the address of a case, the way on, what may be edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.forms.base import ActionForm
from lsp.models import Permohonan
from lsp.permissions import access, can_edit_registration, own_permohonan
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import Form, FormSection, PermohonanStatus, Role, Verdict
from lsp.workflow.dossier import dossier_of

bp = Blueprint("asesi", __name__)
CASE = "/asesi/permohonan/<permohonan_id>"
#: The asesi and his own permohonan, as `g.permohonan`.
own = access(roles=(Role.ASESI,), load=own_permohonan)
asesi_only = access(roles=(Role.ASESI,))


def of_own_case(
    actor: Actor, permohonan_id: str, name: str, find: Callable[[Permohonan], Select[Any]]
) -> dict[str, object] | None:
    """What `find` selects of the asesi's own case, as `g.<name>` beside `g.permohonan`; None for another's."""
    found = own_permohonan(actor, permohonan_id)
    if found is None:
        return None
    permohonan = found["permohonan"]
    assert isinstance(permohonan, Permohonan)  # noqa: S101 - what the loader gives
    row = db.session.scalar(find(permohonan))
    return {**found, name: row} if row is not None else None


CLOSED = (
    "Permohonan ini sudah dikirim, jadi isiannya tidak dapat diubah. "
    "Jika ada yang keliru, hubungi admin LSP."
)


def address(endpoint: str, permohonan: Permohonan, **more: Any) -> str:
    """Address of a panel of this case; `asesi.` need not be said."""
    return url_for(f"asesi.{endpoint}", permohonan_id=permohonan.public_id, **more)


@bp.context_processor
def _for_templates() -> dict[str, Any]:
    return {"address": address, "repair_note": repair_note}


def repair_note(permohonan: Permohonan, part: str) -> str:
    """What the admin wrote about a section that was sent back; empty where nothing is to be mended."""
    if permohonan.status is not PermohonanStatus.RETURNED or part not in list(FormSection):
        return ""
    item = dossier_of(permohonan).sections.get(FormSection(part))
    return item.note if item is not None and item.verdict is Verdict.FAILS else ""


def note_of_signature(permohonan: Permohonan, form: Form) -> str:
    """That a change asks for another signature; empty where nothing was signed or nothing can be changed."""
    if not editable(permohonan) or not dossier_of(permohonan).was_signed(form, Role.ASESI):
        return ""
    return "Sudah Anda tanda tangani. Bila isinya berubah, tanda tangani lagi sebelum dikirim."


def onward(endpoint: str, permohonan: Permohonan, message: str = "", **more: Any) -> Response:
    """To another panel of this case, with a message on arrival."""
    return redirect_after_post(address(endpoint, permohonan, **more), message)


def take_step(
    step: Callable[[int], object], *, again: Callable[..., ResponseReturnValue], to: str, said: str
) -> ResponseReturnValue:
    """A press on `g.permohonan`: its form, the step, the way on.

    step: given the version that the page was drawn from; raises DomainError. again: the page, with status and
    notice_text. to: where it leads.
    """
    form = ActionForm()
    if not form.validate():
        return again(status=422, notice_text=form.first_error())
    try:
        step(form.version.data or 0)
    except DomainError as refusal:
        db.session.rollback()
        return again(status=409, notice_text=str(refusal))
    db.session.commit()
    return onward(to, g.permohonan, said)


#: The page that a closed step leads back to -> what the link says.
_BACK = {
    "permohonan": "Kembali ke permohonan",
    "result": "Lihat hasil",
    "appeal": "Lihat banding",
}


def step_closed(
    title: str, sentence: str, *, back: str = "permohonan", status: int = 200
) -> ResponseReturnValue:
    """Instead of a step that cannot be taken now: why, and the way back."""
    return page(
        "asesi/step_closed.html",
        status=status,
        permohonan=g.permohonan,
        title=title,
        sentence=sentence,
        back_url=address(back, g.permohonan),
        back_label=_BACK[back],
    )


def editable(permohonan: Permohonan) -> bool:
    return can_edit_registration(g.actor, permohonan)


def must_be_editable(permohonan: Permohonan) -> None:
    if not editable(permohonan):
        raise NotAllowed(CLOSED)
