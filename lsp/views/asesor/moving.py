"""Another time for a meeting of the asesor's own, and saying that he cannot hold one at all."""

from __future__ import annotations

from functools import partial

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import ReasonForm
from lsp.forms.schedule import MoveForm
from lsp.permissions import access, writes
from lsp.services import hindrance, moving, offers
from lsp.views import moving as shared
from lsp.views.asesor.home import own_slot
from lsp.views.asesor.shared import CASE, address, assigned, bp, own_seat
from lsp.views.filters import tanggal
from lsp.views.html import page, reason_field, redirect_after_post
from lsp.views.offer_words import Times
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of


@bp.get(f"{CASE}/pindah-jadwal")
@assigned
def move_form(permohonan_id: str) -> ResponseReturnValue:
    return _move_page(MoveForm(formdata=None))


@bp.post(f"{CASE}/pindah-jadwal")
@assigned
@writes
def move(permohonan_id: str) -> ResponseReturnValue:
    form = shared.offer(MoveForm(), _own_times())
    return shared.answer(
        form,
        draw=partial(_move_page, form),
        back=address("permohonan", g.permohonan),
        told="Asesi diberi tahu.",
    )


def _own_times() -> Times:
    """Only his own hours: another asesor is the admin's to name."""
    return shared.times(lambda: offers.offers_for(g.permohonan, asesor_id=g.actor.id))


def _move_page(form: MoveForm, status: int = 200, notice: str = "") -> ResponseReturnValue:
    movable = moving.is_movable(g.permohonan) and own_seat(g.permohonan) is not None
    return page(
        "asesor/move.html",
        status=status,
        permohonan=g.permohonan,
        form=form,
        seat=dossier_of(g.permohonan).booking if movable else None,
        times=_own_times() if movable else None,
        back_url=address("permohonan", g.permohonan),
        notice_text=notice,
    )


# --- He cannot hold it -------------------------------------------------------------------------------------------


@bp.get("/asesor/slot/<slot_id>/berhalangan")
@access(roles=(Role.ASESOR,), load=own_slot)
def ask_hindered(slot_id: str) -> ResponseReturnValue:
    refusal = hindrance.why_not_let_go(g.slot)
    if refusal is not None:
        return redirect_after_post(url_for("asesor.home"), refusal, tone="bad")
    return _hindered_page(ReasonForm(formdata=None, version=0))


@bp.post("/asesor/slot/<slot_id>/berhalangan")
@access(roles=(Role.ASESOR,), load=own_slot)
@writes
def hindered(slot_id: str) -> ResponseReturnValue:
    """Everybody with a seat in it chooses again, by the steps of their own cases."""
    form = ReasonForm()
    form.version.validators = ()  # a meeting carries none: its seats are asked for anew
    if not form.validate():
        return _hindered_page(form, status=422)
    try:
        freed = hindrance.let_go(g.actor, g.slot, reason=form.note.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _hindered_page(form, status=409, notice=str(refusal))
    db.session.commit()
    said = f"Slot ditutup. {freed} asesi diberi tahu." if freed else "Slot ditutup."
    return redirect_after_post(url_for("asesor.home"), said)


def _told(held: int) -> list[str]:
    """Who reads the reason: nobody, one asesi, or several."""
    who = {0: "", 1: "Asesi"}.get(held, "Mereka")
    return [f"{who} menerima alasan Anda lewat e-mail."] if who else []


def _hindered_page(form: ReasonForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    held = hindrance.seats_in([g.slot.id])
    return page(
        "confirm.html",
        status=status,
        title="Anda berhalangan?",
        happens=[
            f"{g.slot.kind.label} {tanggal(g.slot.starts_at)} ditutup.",
            f"{len(held)} asesi kembali memilih waktu lain; kesempatan pindahnya tidak berkurang."
            if held
            else "Belum ada asesi di slot ini.",
            *_told(len(held)),
            "Sebaiknya asesor lain yang menggantikan? Hubungi admin LSP sebelum menekan ini.",
        ],
        listed=[(seat.permohonan.asesi_name, seat.permohonan.id_izin or "") for seat in held],
        listed_title="Asesi di slot ini",
        action=url_for("asesor.hindered", slot_id=g.slot.public_id),
        label="Saya berhalangan",
        back_url=url_for("asesor.home"),
        tone="bad",
        notice_text=notice,
        reason_field=reason_field(form, hint="Asesi membaca alasan ini."),
    )
