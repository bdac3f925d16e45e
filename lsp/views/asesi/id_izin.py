"""The ID Izin of a draft, corrected; and what happens when somebody else holds the number."""

from __future__ import annotations

from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.database import begin_write, db
from lsp.errors import DomainError, NotAllowed
from lsp.forms.registration import CorrectIdIzinForm
from lsp.models import Permohonan, User
from lsp.permissions import own_permohonan, writes_itself
from lsp.services import claims, disputes, intake, throttle
from lsp.views.asesi.shared import CASE, address, bp, onward, own, step_closed
from lsp.views.html import page, redirect_after_post

ASKED = "LSP memeriksa dulu ID Izin itu, lalu menjawab lewat e-mail. Tidak ada yang perlu Anda kirim lagi."
SENT = "ID Izin hanya dapat dibetulkan sebelum permohonan dikirim. Hubungi admin LSP bila nomornya salah."


def ask_the_admin(holder: Permohonan, **wanted: Any) -> ResponseReturnValue:
    """Put the question about somebody else's ID Izin to the admin, and say so on the person's own page.

    Raises DomainError when too many of his questions wait.
    """
    disputes.ask(db.session.get_one(User, g.actor.id), holder=holder, **wanted)
    db.session.commit()
    return redirect_after_post(url_for("asesi.home"), ASKED, tone="wait")


def own_way(refusal: DomainError) -> tuple[str, str] | None:
    """(address, words) of the person's own permohonan that has this ID Izin already."""
    if not isinstance(refusal, intake.IdIzinTaken) or refusal.permohonan.asesi_id != g.actor.id:
        return None
    if claims.waits(refusal.permohonan):
        return url_for("asesi.home"), "Ke halaman saya"
    return address("permohonan", refusal.permohonan), "Buka permohonan itu"


@bp.get(f"{CASE}/id-izin", endpoint="id_izin")
@own
def show(permohonan_id: str) -> ResponseReturnValue:
    if not intake.may_correct_id_izin(g.permohonan):
        return step_closed("Betulkan ID Izin", SENT)
    return _page(CorrectIdIzinForm(formdata=None, id_izin=g.permohonan.id_izin))


@bp.post(f"{CASE}/id-izin")
@own
@writes_itself
def correct_id_izin(permohonan_id: str) -> ResponseReturnValue:
    form = CorrectIdIzinForm()
    form.standing = {"id_izin": g.permohonan.id_izin}
    if not form.validate():
        return _page(form, status=422)
    throttle.count_try((throttle.ID_IZIN_ACCOUNT, str(g.actor.id)))
    begin_write()
    found = own_permohonan(g.actor, permohonan_id)
    if found is None:
        raise NotAllowed(SENT)
    g.permohonan = found["permohonan"]
    permohonan: Permohonan = g.permohonan
    try:
        intake.correct_id_izin(g.actor, permohonan, form.id_izin.data or "")
    except intake.IdIzinHeld as held:
        return _ask(form, held.permohonan)
    except DomainError as refusal:
        return _refused(form, refusal)
    db.session.commit()
    return onward("permohonan", permohonan, f"ID Izin sekarang {permohonan.id_izin}.")


def _ask(form: CorrectIdIzinForm, holder: Permohonan) -> ResponseReturnValue:
    own: Permohonan = g.permohonan
    try:
        return ask_the_admin(
            holder, version=own.skema_version, kind=own.kind, mode=own.mode, own=own
        )
    except DomainError as refusal:
        return _refused(form, refusal)


def _refused(form: CorrectIdIzinForm, refusal: DomainError) -> ResponseReturnValue:
    way = own_way(refusal)
    db.session.rollback()
    told = form.put_by_its_field(refusal)
    return _page(form, status=409, notice=told, way=way)


def _page(
    form: CorrectIdIzinForm,
    *,
    status: int = 200,
    notice: str = "",
    way: tuple[str, str] | None = None,
) -> ResponseReturnValue:
    return page(
        "asesi/id_izin.html",
        status=status,
        form=form,
        permohonan=g.permohonan,
        notice_text=notice,
        way=way,
    )
