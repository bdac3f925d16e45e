"""What waits for its asesi: permohonan not yet claimed, and ID Izin that two people ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.intake import ClaimEmailForm, CorrectIdIzinForm, GiveForm
from lsp.models import Claim
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import claims, disputes, intake
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post, wants_fragment
from lsp.workflow.dossier import dossier_of

CASE = "/permohonan/<permohonan_id>"
of_case = access(roles=ADMIN, load=visible_permohonan)


@bp.context_processor
def _for_frame() -> dict[str, Any]:
    """The count beside the tab, for whole pages: a panel draws no tabs."""
    return {} if wants_fragment() else {"waits_at_claims": disputes.count_waiting()}


def loaded_dispute(_actor: Actor, dispute_id: str, **_: object) -> Mapping[str, object] | None:
    found = disputes.by_public_id(dispute_id)
    return {"dispute": found} if found is not None else None


of_dispute = access(roles=ADMIN, load=loaded_dispute)


@bp.get("/belum-diambil")
@access(roles=ADMIN)
def claim_list() -> ResponseReturnValue:
    return page(
        "admin/claims.html",
        disputes=disputes.open_disputes(),
        waiting=claims.all_waiting(),
        most=claims.MOST_SHOWN,
        most_tries=claims.MOST_TRIES,
    )


@bp.get(f"{CASE}/klaim")
@of_case
def claim_case(permohonan_id: str) -> ResponseReturnValue:
    return _case_page()


@bp.post(f"{CASE}/klaim/kirim")
@of_case
@writes
def send_claim(permohonan_id: str) -> ResponseReturnValue:
    return _do(
        lambda: claims.send_again(g.actor, g.permohonan),
        "Tautan baru dikirim. Yang lama tidak berlaku lagi.",
    )


@bp.post(f"{CASE}/klaim/email")
@of_case
@writes
def change_claim_email(permohonan_id: str) -> ResponseReturnValue:
    form = ClaimEmailForm()
    if not form.validate():
        return _case_page(email_form=form, status=422)
    email = form.email.data or ""
    return _do(
        lambda: claims.change_email(g.actor, g.permohonan, email),
        f"Alamat diganti menjadi {email.lower()}, dan tautannya dikirim ke sana. Tautan ke alamat lama mati.",
        email_form=form,
    )


@bp.post(f"{CASE}/id-izin")
@of_case
@writes
def correct_id_izin(permohonan_id: str) -> ResponseReturnValue:
    form = CorrectIdIzinForm()
    form.standing = {"id_izin": g.permohonan.id_izin}
    if not form.validate():
        return _case_page(id_izin_form=form, status=422)

    def correct() -> None:
        try:
            intake.correct_id_izin(g.actor, g.permohonan, form.id_izin.data or "")
        except intake.IdIzinTaken as taken:
            sentence = intake.told_to_admin(taken.permohonan)
            raise DomainError(sentence, field="id_izin") from taken

    return _do(correct, "ID Izin dibetulkan.", id_izin_form=form)


def _do(act: Callable[[], object], said: str, **forms: Any) -> ResponseReturnValue:
    """Do it and come back to the page; a refusal stands by its field or above."""
    try:
        act()
    except DomainError as refusal:
        db.session.rollback()
        told = next((form.put_by_its_field(refusal) for form in forms.values()), str(refusal))
        return _case_page(**forms, notice=told, status=409)
    db.session.commit()
    return redirect_after_post(
        url_for("admin.claim_case", permohonan_id=g.permohonan.public_id), said
    )


def _case_page(*, status: int = 200, notice: str = "", **forms: Any) -> ResponseReturnValue:
    permohonan = g.permohonan
    standing = {
        "email_form": ClaimEmailForm(formdata=None, email=permohonan.asesi.email),
        "id_izin_form": CorrectIdIzinForm(formdata=None, id_izin=permohonan.id_izin),
    }
    return page(
        "admin/claim.html",
        status=status,
        permohonan=permohonan,
        claim=db.session.get(Claim, permohonan.id),
        form=dossier_of(permohonan).fr_apl_01,
        is_draft=intake.may_correct_id_izin(permohonan),
        most_tries=claims.MOST_TRIES,
        notice_text=notice,
        **(standing | forms),
    )


@bp.get("/id-izin-ganda/<dispute_id>")
@of_dispute
def dispute(dispute_id: str) -> ResponseReturnValue:
    return _dispute_page(GiveForm(formdata=None, seen=disputes.drawn_from(g.dispute)))


@bp.post("/id-izin-ganda/<dispute_id>/tetap")
@of_dispute
@writes
def keep_id_izin(dispute_id: str) -> ResponseReturnValue:
    return _decide(
        GiveForm(),
        lambda form: disputes.keep(g.actor, g.dispute, seen=form.seen.data or ""),
        "Tetap pada pemegang sekarang. Peminta diberi tahu lewat e-mail.",
    )


@bp.post("/id-izin-ganda/<dispute_id>/berikan")
@of_dispute
@writes
def give_id_izin(dispute_id: str) -> ResponseReturnValue:
    form = GiveForm()
    if not form.validate():
        return _dispute_page(form, status=422)
    return _decide(
        form,
        lambda form: disputes.give(
            g.actor, g.dispute, reason=form.note.data or "", seen=form.seen.data or ""
        ),
        "ID Izin diberikan kepada peminta. Keduanya diberi tahu lewat e-mail.",
    )


def _decide(form: GiveForm, act: Callable[[GiveForm], object], said: str) -> ResponseReturnValue:
    try:
        act(form)
    except DomainError as refusal:
        db.session.rollback()
        if isinstance(refusal, disputes.HolderChanged):
            form.seen.data = disputes.drawn_from(g.dispute)
        return _dispute_page(form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return redirect_after_post(url_for("admin.claim_list"), said)


def _dispute_page(form: GiveForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    found = g.dispute
    holder = dossier_of(found.permohonan).fr_apl_01
    return page(
        "admin/dispute.html",
        status=status,
        dispute=found,
        holder_form=holder,
        holder_waits=claims.waits(found.permohonan),
        asker_cases=claims.niks_of(found.asker_id),
        refusal=disputes.may_give(found),
        reason_needed=disputes.reason_needed(found),
        form=form,
        notice_text=notice,
    )
