"""The ketua's page: what waits for his word. Panels are listed here, so a new subject is one more line and partial."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.forms.administration import ReasonForm, StepForm
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import accounts, annulment, complaint_handling, staff, totp_removal
from lsp.views import ketua_certificates
from lsp.views.admin.steps import confirm_step, is_filled
from lsp.views.html import page, reason_field, redirect_after_post
from lsp.views.ketua_signing import signing_panels
from lsp.vocabulary import Role
from lsp.workflow.machine import LEAST_REASON
from lsp.workflow.permohonan import PERMOHONAN

bp = Blueprint("ketua", __name__, url_prefix="/ketua")
KETUA = (Role.KETUA,)


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page: its partial, and what the partial needs."""

    template: str
    context: Callable[[], Mapping[str, Any]]


def _proposals() -> Mapping[str, Any]:
    rows = staff.open_proposals()
    return {"proposals": rows, "known": staff.accounts_of(rows)}


def _annulments() -> Mapping[str, Any]:
    return {
        "annulments": [
            (row, event, PERMOHONAN.choice(row, g.actor, "annul"))
            for row, event in annulment.waiting()
            if row.asesi_id != g.actor.id
        ]
    }


#: Top to bottom.
PANELS = [
    Panel("ketua/_signing_panels.html", signing_panels),
    Panel("ketua/_proposals.html", _proposals),
    Panel("ketua/_totp_removals.html", lambda: {"removals": totp_removal.waiting_for(g.actor)}),
    Panel("ketua/_annulments.html", _annulments),
    Panel("ketua/_certificate_proposals.html", ketua_certificates.panel),
    Panel("complaints/_examines.html", lambda: {"examines": complaint_handling.examines(g.actor)}),
]


def open_proposal(_actor: Actor, proposal_id: str) -> Mapping[str, object] | None:
    """A proposal as `g.proposal`, decided or not."""
    found = staff.proposal(proposal_id)
    return {"proposal": found} if found is not None else None


@bp.get("")
@access(roles=KETUA)
def home() -> ResponseReturnValue:
    return _page()


@bp.get("/usulan/<proposal_id>/setujui")
@access(roles=KETUA, load=open_proposal)
def ask_approve(proposal_id: str) -> ResponseReturnValue:
    return _confirm_approve()


@bp.post("/usulan/<proposal_id>/setujui")
@access(roles=KETUA, load=open_proposal)
@writes
def approve(proposal_id: str) -> ResponseReturnValue:
    return _decide("disetujui.", approve=True)


@bp.get("/usulan/<proposal_id>/tolak")
@access(roles=KETUA, load=open_proposal)
def ask_decline(proposal_id: str) -> ResponseReturnValue:
    return _confirm_decline(ReasonForm(formdata=None))


@bp.post("/usulan/<proposal_id>/tolak")
@access(roles=KETUA, load=open_proposal)
@writes
def decline(proposal_id: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate() and g.proposal.decided_at is None:
        return _confirm_decline(form, status=422)
    return _decide("ditolak. Pengusul menerima alasan Anda.", approve=False, reason=form.note.data)


def _decide(word: str, *, approve: bool, reason: str | None = None) -> ResponseReturnValue:
    name, role = g.proposal.name, g.proposal.role.label
    try:
        invited = accounts.decide_proposal(
            g.actor, g.proposal, approve=approve, reason=reason or ""
        )
    except DomainError as refusal:
        db.session.rollback()
        return _page(notice=str(refusal), status=409)
    db.session.commit()
    if invited:
        word += " Ia menerima undangan lewat e-mail untuk membuat kata sandi."
    return redirect_after_post(url_for("ketua.home"), f"{name} sebagai {role}: {word}")


def _confirm_approve() -> ResponseReturnValue:
    row = g.proposal
    return page(
        "confirm.html",
        title="Setujui peran ini?",
        happens=[
            f"{row.name} ({row.email}) menjadi {row.role.label} dan dapat langsung bekerja dengan peran itu.",
            "Bila ia belum punya akun, akunnya dibuat dan undangan dikirim ke e-mail itu.",
            f"Diusulkan {row.proposed_by.name}: {row.reason}",
        ],
        action=url_for("ketua.approve", proposal_id=row.public_id),
        label="Setujui peran",
        back_url=url_for("ketua.home"),
    )


def _confirm_decline(form: ReasonForm, *, status: int = 200) -> ResponseReturnValue:
    row = g.proposal
    return page(
        "confirm.html",
        status=status,
        title="Tolak usulan ini?",
        happens=[
            f"{row.name} tidak menjadi {row.role.label}. Tidak ada akun yang dibuat.",
            f"{row.proposed_by.name}, yang mengusulkan, menerima alasan Anda lewat e-mail.",
        ],
        action=url_for("ketua.decline", proposal_id=row.public_id),
        label="Tolak usulan",
        tone="bad",
        back_url=url_for("ketua.home"),
        reason_field=reason_field(form, hint=f"Sedikitnya {LEAST_REASON} huruf."),
    )


@bp.get("/permohonan/<permohonan_id>/batalkan-penetapan")
@access(roles=KETUA, load=visible_permohonan)
def ask_annul(permohonan_id: str) -> ResponseReturnValue:
    return _confirm_annul(StepForm(formdata=None))


@bp.post("/permohonan/<permohonan_id>/batalkan-penetapan")
@access(roles=KETUA, load=visible_permohonan)
@writes
def annul(permohonan_id: str) -> ResponseReturnValue:
    form = StepForm()
    if not is_filled(form, "annul"):
        return _confirm_annul(form, status=422)
    try:
        PERMOHONAN.perform(
            g.permohonan,
            "annul",
            g.actor,
            version=form.version.data or 0,
            note=form.note.data or "",
        )
    except NotAllowed as refusal:
        db.session.rollback()
        return _confirm_annul(form, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(url_for("ketua.home"), "Penetapan dibatalkan.")


@bp.get("/permohonan/<permohonan_id>/biarkan-penetapan")
@access(roles=KETUA, load=visible_permohonan)
def ask_keep(permohonan_id: str) -> ResponseReturnValue:
    return _confirm_keep(StepForm(formdata=None))


@bp.post("/permohonan/<permohonan_id>/biarkan-penetapan")
@access(roles=KETUA, load=visible_permohonan)
@writes
def keep(permohonan_id: str) -> ResponseReturnValue:
    """Decline the proposal: the decision stands."""
    form = StepForm()
    if not form.validate():
        return _confirm_keep(form, status=422)
    try:
        annulment.decline(
            g.actor, g.permohonan, reason=form.note.data or "", version=form.version.data or 0
        )
    except DomainError as refusal:
        db.session.rollback()
        return _confirm_keep(form, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(url_for("ketua.home"), "Penetapan tetap berlaku.")


def _confirm_annul(form: StepForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    action = url_for("ketua.annul", permohonan_id=g.permohonan.public_id)
    back = url_for("ketua.home")
    if PERMOHONAN.choice(g.permohonan, g.actor, "annul") is None:
        # Annulled in another tab, or the case went on: nothing is left to press here.
        gone = "Penetapan ini sudah dibatalkan, atau tidak dapat dibatalkan lagi."
        return redirect_after_post(back, gone, tone="info")
    return confirm_step("annul", form, back, status=status, notice=notice, action=action)


def _confirm_keep(form: StepForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title="Biarkan penetapan ini berlaku?",
        happens=[
            f"{g.permohonan.asesi_name}, {g.permohonan.id_izin}.",
            "Usulan pembatalan ditutup dan permohonan berjalan terus.",
            "Alasan Anda tercatat di riwayat.",
        ],
        action=url_for("ketua.keep", permohonan_id=g.permohonan.public_id),
        label="Biarkan berlaku",
        back_url=url_for("ketua.home"),
        version=g.permohonan.version,
        notice_text=notice,
        reason_field=reason_field(form),
    )


def _page(*, notice: str = "", status: int = 200) -> ResponseReturnValue:
    context: dict[str, Any] = {}
    for panel in PANELS:
        context |= panel.context()
    templates = [panel.template for panel in PANELS]
    return page("ketua/home.html", status=status, panels=templates, notice=notice, **context)
