"""Who watches the meetings of a jadwal: named for all of them or for one, and released again."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import choices
from lsp.forms.schedule import PenyeliaForm
from lsp.models import MeetingPenyelia
from lsp.permissions import access, writes
from lsp.services import penyelia, schedule
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.jadwal import any_jadwal
from lsp.views.filters import tanggal_singkat
from lsp.views.html import page, redirect_after_post


def naming_of_jadwal(actor: Actor, jadwal_id: str, naming_id: str) -> Mapping[str, object] | None:
    """A naming of that very batch, as `g.naming`."""
    found = any_jadwal(actor, jadwal_id)
    if found is None:
        return None
    row = db.session.scalar(select(MeetingPenyelia).where(MeetingPenyelia.public_id == naming_id))
    if row is None or row.jadwal is not found["jadwal"]:
        return None
    return {**found, "naming": row}


@bp.get("/jadwal/<jadwal_id>/penyelia")
@access(roles=ADMIN, load=any_jadwal)
def jadwal_penyelia(jadwal_id: str) -> ResponseReturnValue:
    return _page(_form(formdata=None))


@bp.post("/jadwal/<jadwal_id>/penyelia")
@access(roles=ADMIN, load=any_jadwal)
@writes
def name_penyelia(jadwal_id: str) -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return _page(form, status=422)
    try:
        penyelia.name(g.actor, g.jadwal, person=form.person.data or "", slot=form.slot.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _page(form, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(_url(), "Penyelia ditunjuk.")


@bp.post("/jadwal/<jadwal_id>/penyelia/<naming_id>/akhiri")
@access(roles=ADMIN, load=naming_of_jadwal)
@writes
def release_penyelia(jadwal_id: str, naming_id: str) -> ResponseReturnValue:
    penyelia.release(g.actor, g.naming)
    db.session.commit()
    return redirect_after_post(_url(), "Penunjukan diakhiri. Catatannya tetap tersimpan.")


def _url() -> str:
    return url_for("admin.jadwal_penyelia", jadwal_id=g.jadwal.public_id)


def _form(**data: object) -> PenyeliaForm:
    form = PenyeliaForm(**data)
    form.person.choices = choices(
        (each.public_id, each.name) for each in penyelia.candidates(g.jadwal)
    )
    meetings = [
        (slot.public_id, f"{slot.kind.label}, {tanggal_singkat(slot.starts_at)}")
        for slot in (offer.slot for offer in schedule.coming_slots(jadwal_id=g.jadwal.id))
    ]
    form.slot.choices = choices([("", "Semua rapat jadwal ini"), *meetings])
    return form


def _page(form: PenyeliaForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "admin/jadwal/penyelia.html",
        status=status,
        jadwal=g.jadwal,
        form=form,
        named=penyelia.named_for(g.jadwal),
        notice_text=notice,
    )
