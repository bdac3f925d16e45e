"""Routes of the ketua: bandings that wait, naming the panel, replacing a member of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, g, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.banding import PanelForm, ReplaceMemberForm
from lsp.models import Banding, BandingMember
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import banding, banding_panel
from lsp.services.banding_panel import Candidate
from lsp.views.banding_words import about
from lsp.views.filters import tanggal
from lsp.views.html import page, redirect_after_post
from lsp.views.ketua import KETUA, PANELS, Panel, bp
from lsp.vocabulary import BandingStatus
from lsp.workflow.banding import BANDING
from lsp.workflow.guards.banding import answer_until, panel_least, remind_on

__all__ = ["bp"]


def _waiting() -> Mapping[str, Any]:
    rows = banding.unanswered(without=g.actor.id)
    return {
        "bandings": [
            (row, row.status is BandingStatus.ACCEPTED, remind_on(row), answer_until(row))
            for row in rows
        ],
        "today": clock.today_wib(),
        "sits_on": banding_panel.sits_on(g.actor.id),
    }


PANELS.append(Panel("ketua/_bandings.html", _waiting))


def _case(actor: Actor, permohonan_id: str, **_: object) -> dict[str, object] | None:
    """A case that was ever contested, as `g.permohonan`."""
    found = visible_permohonan(actor, permohonan_id)
    if found is None or not banding.has_any(found["permohonan"]):  # type: ignore[arg-type]
        return None
    return dict(found)


@bp.get("/banding/<permohonan_id>", endpoint="banding")
@access(roles=KETUA, load=_case)
def show_banding(permohonan_id: str) -> ResponseReturnValue:
    return _page(PanelForm(formdata=None))


@bp.post("/banding/<permohonan_id>/panel")
@access(roles=KETUA, load=_case)
@writes
def name_panel(permohonan_id: str) -> ResponseReturnValue:
    form = PanelForm()
    form.people.choices = _choices(banding_panel.candidates(g.permohonan))
    if not form.validate():
        return _page(form, status=422)
    try:
        banding_panel.name_panel(
            g.actor, g.permohonan, form.people.data or [], version=form.version.data or 0
        )
    except DomainError as refusal:
        db.session.rollback()
        return _page(form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return redirect_after_post(
        _address(), "Panel ditunjuk. Asesi dan para anggota menerima e-mail."
    )


@bp.get("/banding/<permohonan_id>/ganti/<member_id>")
@access(roles=KETUA, load=_case)
def ask_replace_member(permohonan_id: str, member_id: str) -> ResponseReturnValue:
    return _replace_page(member_id, ReplaceMemberForm(formdata=None))


@bp.post("/banding/<permohonan_id>/ganti/<member_id>")
@access(roles=KETUA, load=_case)
@writes
def replace_member(permohonan_id: str, member_id: str) -> ResponseReturnValue:
    form = ReplaceMemberForm()
    form.people.choices = _choices(banding_panel.candidates(g.permohonan))
    if not form.validate():
        return _replace_page(member_id, form, status=422)
    try:
        banding_panel.replace_member(
            g.actor,
            g.permohonan,
            member_id,
            form.people.data or [],
            reason=form.note.data or "",
            version=form.version.data or 0,
        )
    except DomainError as refusal:
        db.session.rollback()
        return _replace_page(member_id, form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return redirect_after_post(_address(), "Anggota panel diganti. Tanda tangan diminta lagi.")


def _address() -> str:
    return url_for("ketua.banding", permohonan_id=g.permohonan.public_id)


def _choices(found: list[Candidate]) -> list[SelectChoice]:
    return [
        SelectChoice(each.person.public_id, f"{each.person.name} ({each.roles})")
        for each in banding_panel.free(found)
    ]


def _page(form: PanelForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    found, people = banding.of_case(g.permohonan), banding_panel.candidates(g.permohonan)
    form.people.choices = _choices(people)
    naming = BANDING.choice(found, g.actor, "name_panel")
    return page(
        "ketua/banding.html",
        status=status,
        notice=notice,
        permohonan=g.permohonan,
        naming=naming is not None,
        not_yet_accepted=_not_yet_accepted(found),
        form=form,
        barred=[each for each in people if each.why],
        too_few=banding_panel.too_few(people),
        least=panel_least(),
        may_replace=found.status in (BandingStatus.PANEL_NAMED, BandingStatus.EXAMINED),
        letter_url=url_for("banding.letter", banding_id=found.public_id),
        **about(found),
    )


def _not_yet_accepted(found: Banding) -> str:
    """What is done before a panel can be named; empty once the banding was accepted."""
    if found.status is BandingStatus.FILED:
        return "Admin LSP memeriksa FR.AK.04 ini."
    if found.status is BandingStatus.INCOMPLETE:
        return f"Asesi diminta melengkapi paling lambat {tanggal(found.completion_due)}."
    return ""


def _member(found: Banding, member_id: str) -> BandingMember:
    member = next((each for each in found.panel if each.user.public_id == member_id), None)
    if member is None or not found.is_open:
        abort(404)
    return member


def _replace_page(
    member_id: str, form: ReplaceMemberForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    found, people = banding.of_case(g.permohonan), banding_panel.candidates(g.permohonan)
    form.people.choices = _choices(people)
    return page(
        "ketua/banding_member.html",
        status=status,
        notice=notice,
        permohonan=g.permohonan,
        banding=found,
        member=_member(found, member_id),
        form=form,
        least=panel_least(),
        barred=[each for each in people if each.why],
    )
