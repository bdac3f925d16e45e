"""The panel of a banding: the whole file, read only; each member's finding; the answer that all of them sign.

Open to whoever sits on it while the banding is open; afterwards he reads his own finding and nothing of the file.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.banding import (
    DeclareForm,
    FindingForm,
    OutcomeForm,
    SignOutcomeForm,
    VersionForm,
)
from lsp.forms.base import Form
from lsp.models import Banding
from lsp.permissions import PANEL_ROLES, access, own_panel, visible_banding, writes
from lsp.services import banding_outcome, banding_panel
from lsp.views.banding_file import recordings_of
from lsp.views.banding_words import about
from lsp.views.html import page, redirect_after_post
from lsp.views.letters import banding_letter
from lsp.views.plan_words import kinds
from lsp.views.tim_teknis_file import read_case
from lsp.vocabulary import BandingStatus, Role
from lsp.workflow.banding import BANDING
from lsp.workflow.guards.banding import OUTCOMES

bp = Blueprint("banding", __name__, url_prefix="/banding")
READS_LETTER = (Role.ADMIN, Role.KETUA, Role.AUDITOR)


@bp.get("")
@access(roles=PANEL_ROLES)
def home() -> ResponseReturnValue:
    sits_on = banding_panel.sits_on(g.actor.id, ended=True)
    return page("banding/home.html", sits_on=[(each, _asked_of_me(each)) for each in sits_on])


def _asked_of_me(banding: Banding) -> str:
    """What the banding waits for from this member; empty while it waits for others, or is answered."""
    member = banding.member_of(g.actor.id)
    if member is None or not banding.is_open:
        return ""
    if member.not_teaching_declared_at is None:
        return "Menunggu pernyataan Anda"
    if member.found_at is None:
        return "Menunggu temuan Anda"
    if banding.outcome:
        return "" if member.signed_at else "Menunggu tanda tangan Anda"
    whole = all(each.found_at for each in banding.panel)
    return "Menunggu jawaban panel" if whole else ""


@bp.get("/<banding_id>")
@access(roles=PANEL_ROLES, load=own_panel)
def show(banding_id: str) -> ResponseReturnValue:
    return _page()


@bp.post("/<banding_id>/pernyataan")
@access(roles=PANEL_ROLES, load=own_panel)
@writes
def declare(banding_id: str) -> ResponseReturnValue:
    form = DeclareForm()
    if not form.validate():
        return _page(form, status=422)
    return _do(form, "Pernyataan Anda tercatat. Berkasnya terbuka.", banding_outcome.declare)


@bp.post("/<banding_id>/temuan")
@access(roles=PANEL_ROLES, load=own_panel)
@writes
def find(banding_id: str) -> ResponseReturnValue:
    form = FindingForm()
    if not form.validate():
        return _page(form, status=422)
    return _do(
        form, "Temuan Anda tersimpan.", banding_outcome.find, finding=form.finding.data or ""
    )


@bp.post("/<banding_id>/selesai")
@access(roles=PANEL_ROLES, load=own_panel)
@writes
def finish(banding_id: str) -> ResponseReturnValue:
    return _versioned("Pemeriksaan selesai. Susun jawabannya.", banding_outcome.finish)


@bp.post("/<banding_id>/hasil")
@access(roles=PANEL_ROLES, load=own_panel)
@writes
def propose(banding_id: str) -> ResponseReturnValue:
    form = _outcome_form(OutcomeForm())
    if not form.validate():
        return _page(form, status=422)
    return _do(
        form,
        "Usulan tersimpan. Setiap anggota menandatanganinya.",
        banding_outcome.propose,
        outcome=form.outcome.data or "",
        reason=form.reason.data or "",
        asesor=form.asesor.data or "",
        version=form.version.data or 0,
    )


@bp.post("/<banding_id>/tanda-tangan")
@access(roles=PANEL_ROLES, load=own_panel)
@writes
def sign(banding_id: str) -> ResponseReturnValue:
    form = SignOutcomeForm()
    if not form.validate():
        return _page(form, status=422)
    return _do(
        form,
        "Tanda tangan Anda tercatat.",
        banding_outcome.sign,
        typed_name=form.typed_name.data or "",
        version=form.version.data or 0,
    )


@bp.post("/<banding_id>/tarik")
@access(roles=PANEL_ROLES, load=own_panel)
@writes
def take_back(banding_id: str) -> ResponseReturnValue:
    return _versioned("Tanda tangan Anda ditarik.", banding_outcome.take_back)


@bp.get("/<banding_id>/surat")
@access(roles=READS_LETTER, load=visible_banding)
def letter(banding_id: str) -> ResponseReturnValue:
    where = "admin.banding" if g.actor.has(Role.ADMIN) else "ketua.banding"
    back = url_for(where, permohonan_id=g.permohonan.public_id)
    if not g.actor.has(Role.ADMIN, Role.KETUA):
        back = url_for("auditor.permohonan", permohonan_id=g.permohonan.public_id)
    if not g.banding.letter_number:
        return redirect_after_post(back, "Banding ini belum dijawab panel.", tone="wait")
    return banding_letter(g.banding, back_url=back)


# --- Drawing -----------------------------------------------------------------------------------------------------


def _versioned(said: str, act: Any) -> ResponseReturnValue:
    form = VersionForm()
    if not form.validate():
        return _page(status=422, notice=form.first_error())
    return _do(form, said, act, version=form.version.data or 0)


def _do(form: Form, said: str, act: Any, **values: Any) -> ResponseReturnValue:
    """One act of this member; a refusal by the field it is about, with what was typed."""
    try:
        act(g.actor, g.banding, **values)
    except DomainError as refusal:
        db.session.rollback()
        return _page(form, status=409, notice=form.put_by_its_field(refusal))
    if not g.banding.is_open:
        said = f"Semua anggota menandatangani. {g.banding.status.label}; asesi menerima e-mail."
    db.session.commit()
    return redirect_after_post(url_for("banding.show", banding_id=g.banding.public_id), said)


def _outcome_form(form: OutcomeForm) -> OutcomeForm:
    form.outcome.choices = [SelectChoice(value, words) for value, words in OUTCOMES.items()]
    outside = banding_outcome.asesor_outside(g.permohonan)
    form.asesor.choices = [
        SelectChoice(
            "", "Pilih asesor…" if outside else "Belum ada asesor lain yang memenuhi syarat"
        ),
        *(SelectChoice(person.public_id, person.name) for person in outside),
    ]
    return form


def _drawn_with(banding: Banding) -> OutcomeForm:
    """What is proposed now, to be changed."""
    chosen = banding.new_asesor.public_id if banding.new_asesor is not None else ""
    return _outcome_form(
        OutcomeForm(
            formdata=None,
            outcome=banding.outcome or None,
            reason=banding.outcome_reason,
            asesor=chosen,
        )
    )


def _page(form: Form | None = None, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    found: Banding = g.banding
    member = found.member_of(g.actor.id)
    assert member is not None  # noqa: S101 - the loader found him on the panel
    reads = found.is_open and member.not_teaching_declared_at is not None
    # Who came in another's place finds by himself first, before he sees what the others propose.
    has_found = member.found_at is not None
    deciding = reads and has_found and found.status is BandingStatus.EXAMINED
    context: dict[str, Any] = {
        "notice": notice,
        "member": member,
        "reads": reads,
        "declare_form": form if isinstance(form, DeclareForm) else DeclareForm(formdata=None),
        "finding_form": form if isinstance(form, FindingForm) else FindingForm(formdata=None),
        "sign_form": form if isinstance(form, SignOutcomeForm) else SignOutcomeForm(formdata=None),
        "findings": banding_outcome.read_by(g.actor, found) if found.is_open else (member,),
        "finish": BANDING.choice(found, g.actor, "examine") if reads else None,
        "deciding": deciding,
        "outcomes": OUTCOMES,
    }
    if deciding:
        context["outcome_form"] = form if isinstance(form, OutcomeForm) else _drawn_with(found)
    if reads:
        file = read_case(g.permohonan)
        context |= {
            "file": file,
            "case": g.permohonan,
            "kinds": kinds,
            "reports": file.editions,
            "recordings": recordings_of(g.permohonan),
        }
    return page("banding/show.html", status=status, **context, **about(found))
