"""When and where a pleno meets, who writes its notulen, and what its papers say of the tim teknis."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.pleno import CommitteeForm, PlaceForm, drawn
from lsp.models import AsesorProfile, Pleno, User
from lsp.permissions import access, writes
from lsp.services import pleno_meeting as meeting
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.pleno import any_pleno
from lsp.views.editions import check_edition, edition_of
from lsp.views.html import page, redirect_after_post
from lsp.workflow.pleno_members import possible_members


@bp.get("/pleno/<pleno_id>/tempat")
@access(roles=ADMIN, load=any_pleno)
def pleno_place(pleno_id: str) -> ResponseReturnValue:
    if g.pleno.closed_at is not None:
        return redirect_after_post(url_for("admin.pleno_home"), meeting.OVER, tone="wait")
    return _place_page(_as_it_stands(g.pleno))


@bp.post("/pleno/<pleno_id>/tempat")
@access(roles=ADMIN, load=any_pleno)
@writes
def change_place(pleno_id: str) -> ResponseReturnValue:
    people, form = _members(g.pleno), PlaceForm()
    form.offer(people)
    if not form.validate():
        return _place_page(form, status=422)
    try:
        stands = drawn(_as_it_stands(g.pleno))
        check_edition(
            seen=form.seen.data, stored=stands, wanted=drawn(form), what="Jam dan tempat rapat"
        )
        meeting.change(g.actor, g.pleno, form.meets(people))
    except DomainError as refusal:
        db.session.rollback()
        form.seen.data = edition_of(drawn(_as_it_stands(g.pleno)))
        return _place_page(form, status=409, notice=form.put_by_its_field(refusal))
    number = g.pleno.berita_acara_number
    db.session.commit()
    return redirect_after_post(
        url_for("admin.pleno_home"), f"Jam dan tempat rapat pleno {number} tersimpan."
    )


def _members(held: Pleno) -> list[User]:
    return [member.user for member in meeting.members_said(held)]


def _as_it_stands(held: Pleno) -> PlaceForm:
    people = _members(held)
    form = PlaceForm(formdata=None)
    form.offer(people)
    form.begin()
    if held.mode is not None:
        form.starts.data, form.ends.data, form.mode.data = held.starts, held.ends, held.mode.value
    form.place.data, form.meeting_url.data = held.place, held.meeting_url
    names = {person.id: person.public_id for person in people}
    form.notulis.data = names.get(held.notulis_id or 0, "")
    form.seen.data = edition_of(drawn(form))
    return form


def _place_page(form: PlaceForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page("admin/pleno/place.html", status=status, pleno=g.pleno, form=form, notice=notice)


# --- Jabatan and MET numbers -------------------------------------------------------------------------------------


@bp.get("/pleno/anggota")
@access(roles=ADMIN)
def committee() -> ResponseReturnValue:
    return _committee_page(CommitteeForm(formdata=None))


@bp.post("/pleno/anggota")
@access(roles=ADMIN)
@writes
def set_committee() -> ResponseReturnValue:
    people, form = possible_members(), CommitteeForm()
    form.person.choices = [SelectChoice(each.public_id, each.name) for each in people]
    if not form.validate():
        return _committee_page(form, status=422)
    person = next(each for each in people if each.public_id == form.person.data)
    try:
        meeting.set_profile(
            g.actor,
            person,
            jabatan=form.jabatan.data or "",
            met_number=form.met_number.data or "",
        )
    except DomainError as refusal:
        db.session.rollback()
        return _committee_page(form, status=409, notice=str(refusal))
    name = person.name
    db.session.commit()
    return redirect_after_post(url_for("admin.committee"), f"Jabatan {name} tersimpan.")


def _committee_page(
    form: CommitteeForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    people = possible_members()
    ids = [person.id for person in people]
    form.person.choices = [SelectChoice(each.public_id, each.name) for each in people]
    own = select(AsesorProfile.user_id).where(AsesorProfile.user_id.in_(ids))
    return page(
        "admin/pleno/committee.html",
        status=status,
        people=people,
        known=meeting.profiles(ids),
        asesor=set(db.session.scalars(own)),
        form=form,
        notice=notice,
    )
