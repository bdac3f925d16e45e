"""Taking over a permohonan that the LSP opened: the mailed link, then the NIK. Nothing of the case is shown before."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.registration import ClaimForm
from lsp.models import Permohonan
from lsp.permissions import writes_itself
from lsp.services import accounts, claims, throttle
from lsp.views import devices
from lsp.views.asesi.shared import asesi_only, bp, onward
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import LinkPurpose
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.registration import is_nik, number_fault

TAKEN = "Permohonan ini sekarang milik Anda. Periksa isiannya, lalu lengkapi."
_NOTHING = "Tidak ada permohonan yang menunggu tautan baru. Hubungi LSP bila Anda menunggunya."


@bp.get("/klaim/<token>")
@asesi_only
def claim(token: str) -> ResponseReturnValue:
    throttle.count_try((throttle.LINK_ADDRESS, devices.address()))
    try:
        permohonan = _offered(token)
    except accounts.LinkSpent as refusal:
        return _spent(token, refusal)
    return _page(ClaimForm(formdata=None), token, permohonan)


@bp.post("/klaim/<token>")
@asesi_only
@writes_itself
def take_claim(token: str) -> ResponseReturnValue:
    form = ClaimForm()
    try:
        permohonan = _offered(token)
        if not form.validate():
            return _page(form, token, permohonan, status=422)
        fault = _shape_fault(permohonan, form.nik.data or "")
        if fault:
            form.nik.errors = [f"{fault} Ini belum dihitung sebagai percobaan."]
            return _page(form, token, permohonan, status=422)
        throttle.count_try((throttle.CLAIM_ACCOUNT, str(g.actor.id)))
        begin_write()
        refusal = claims.take(g.actor, token, form.nik.data or "")
        db.session.commit()
    except accounts.LinkSpent as spent:
        return _spent(token, spent)
    permohonan = db.session.get_one(Permohonan, permohonan.id)
    if refusal:
        form.nik.errors = [refusal]
        return _page(form, token, permohonan, status=422)
    return onward("permohonan", permohonan, TAKEN)


def _shape_fault(permohonan: Permohonan, typed: str) -> str | None:
    """Why the typed number cannot be the recorded one whoever types it: it costs no try."""
    form = dossier_of(permohonan).fr_apl_01
    if form is None:
        return None
    if form.nik and not is_nik(form.nik):
        return None  # a passport, or mistyped by the LSP: its shape is nobody's business yet
    return number_fault("Indonesia" if form.nik else form.nationality, typed)


@bp.post("/asesi/klaim/kirim-lagi")
@asesi_only
@writes_itself
def ask_claim_again() -> ResponseReturnValue:
    throttle.count_try(
        *throttle.mail_tries(
            g.actor.email,
            device=devices.known_device(g.actor.email),
            address=devices.address(),
        )
    )
    begin_write()
    sent = claims.ask_again(g.actor)
    db.session.commit()
    hours = accounts.hours_of(LinkPurpose.CLAIM)
    said = f"Tautan baru sudah dikirim ke e-mail Anda. Berlaku {hours} jam." if sent else _NOTHING
    return redirect_after_post(url_for("asesi.home"), said, tone="ok" if sent else "wait")


def _offered(token: str) -> Permohonan:
    """The permohonan that this link hands to this very account. Raises LinkSpent."""
    link = accounts.read_link(token, claims=True)
    permohonan = claims.case_of(link)
    if permohonan is None or link.user_id != g.actor.id or permohonan.asesi_id != g.actor.id:
        raise accounts.LinkSpent
    return permohonan


def _spent(token: str, refusal: DomainError) -> ResponseReturnValue:
    taken = claims.taken_by(g.actor, token)
    if taken is not None:
        return onward("permohonan", taken, TAKEN)
    return page("asesi/claim_spent.html", status=404, reason=str(refusal))


def _page(
    form: ClaimForm, token: str, permohonan: Permohonan, *, status: int = 200
) -> ResponseReturnValue:
    return page(
        "asesi/claim.html",
        status=status,
        form=form,
        token=token,
        skema=permohonan.skema_version.title,
    )
