"""Pengaturan: BNSP's permissions to assess remotely, each noted, corrected or ended; no row is rewritten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import choices
from lsp.forms.register import (
    CorrectPermissionForm,
    EndPermissionForm,
    RemotePermissionForm,
)
from lsp.permissions import access, writes
from lsp.services import register, remote_permissions as letters
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.filters import tanggal
from lsp.views.html import page, redirect_after_post

_ONE = "/pengaturan/izin-jarak-jauh/<int(max=999999999):permission_id>"


def one_permission(_actor: Actor, permission_id: int) -> Mapping[str, object] | None:
    """A permission as `g.permission`."""
    found = letters.one(permission_id)
    return {"permission": found} if found is not None else None


@bp.get("/pengaturan/izin-jarak-jauh")
@access(roles=ADMIN)
def remote_permissions_page() -> ResponseReturnValue:
    return _permission_page(_permission_form(formdata=None))


@bp.post("/pengaturan/izin-jarak-jauh")
@access(roles=ADMIN)
@writes
def add_remote_permission() -> ResponseReturnValue:
    form = _permission_form()
    if not form.validate():
        return _permission_page(form, status=422)
    values = _values(form)
    if form.doubts(_overlap(letters.skema_named(values["skema"]).id, values)):
        return _permission_page(form, status=422)
    try:
        letters.add(g.actor, skema_id=values.pop("skema"), **values)
    except DomainError as refusal:
        db.session.rollback()
        form.put_by_its_field(refusal)
        return _permission_page(form, status=422)
    db.session.commit()
    return _back("Izin asesmen jarak jauh dicatat.")


def _back(message: str) -> ResponseReturnValue:
    return redirect_after_post(url_for("admin.remote_permissions_page"), message)


def _permission_form(**data: Any) -> RemotePermissionForm:
    form = RemotePermissionForm(**data)
    form.skema.choices = choices(
        (skema.public_id, f"{title} ({skema.number})") for skema, title in register.skema_list()
    )
    return form


def _permission_page(form: RemotePermissionForm, *, status: int = 200) -> ResponseReturnValue:
    return page(
        "admin/register/remote_permissions.html",
        status=status,
        form=form,
        rows=letters.standing(),
        has_skema=bool(form.skema.choices),
        today=clock.today_wib(),
    )


@bp.get(_ONE)
@access(roles=ADMIN, load=one_permission)
def remote_permission(permission_id: int) -> ResponseReturnValue:
    return _one_page(CorrectPermissionForm(formdata=None, obj=g.permission))


@bp.post(_ONE)
@access(roles=ADMIN, load=one_permission)
@writes
def correct_remote_permission(permission_id: int) -> ResponseReturnValue:
    form = CorrectPermissionForm()
    if not form.validate():
        return _one_page(form, status=422)
    values, row = _values(form), g.permission
    waiting = letters.booked_outside(row, values["valid_from"], values["valid_until"])
    asked = [f"{waiting} {_BOOKED_OUTSIDE}"] if waiting else []
    asked += _overlap(row.skema_id, values, but=row.id)
    # Corrected elsewhere meanwhile: that is refused below, and nothing is asked.
    if letters.correction_of(row) is None and form.doubts(asked):
        return _one_page(form, status=422)
    try:
        letters.correct(g.actor, row, reason=values.pop("reason") or "", **values)
    except DomainError as refusal:
        db.session.rollback()
        form.put_by_its_field(refusal)
        return _one_page(form, status=409)
    db.session.commit()
    more = f" {waiting} rapat di luar masa itu tetap ada: ganti ke luring atau pindahkan rapatnya."
    said = "Izin dibetulkan. Catatan yang lama tetap tersimpan."
    return _back(said + (more if waiting else ""))


_BOOKED_OUTSIDE = "rapat di luar masa itu sudah dipesan dan tidak dibatalkan: ganti ke luring atau pindahkan rapatnya."


def _values(form: RemotePermissionForm | CorrectPermissionForm) -> dict[str, Any]:
    """What is stored; the tick under a question is not."""
    return {name: value for name, value in form.data.items() if name != "sure"}


def _overlap(skema_id: int, values: Mapping[str, Any], *, but: int | None = None) -> list[str]:
    """Another letter for the same skema and days: two lists of methods are rarely meant."""
    other = letters.overlapping(skema_id, values["valid_from"], values["valid_until"], but=but)
    if other is None or other.number == values["number"]:  # that one is refused by its number
        return []
    days = f"{tanggal(other.valid_from)} sampai {tanggal(other.last_day)}"
    return [f"Izin {other.number} untuk skema ini juga berlaku pada hari-hari itu: {days}."]


def _one_page(form: CorrectPermissionForm, *, status: int = 200) -> ResponseReturnValue:
    return page(
        "admin/register/remote_permission.html", status=status, form=form, permission=g.permission
    )


@bp.get(f"{_ONE}/akhiri")
@access(roles=ADMIN, load=one_permission)
def ask_end_remote_permission(permission_id: int) -> ResponseReturnValue:
    form = EndPermissionForm(formdata=None)
    form.last_day.data = min(max(clock.today_wib(), g.permission.valid_from), g.permission.last_day)
    return _end_page(form)


@bp.post(f"{_ONE}/akhiri")
@access(roles=ADMIN, load=one_permission)
@writes
def end_remote_permission(permission_id: int) -> ResponseReturnValue:
    form = EndPermissionForm()
    if not form.validate():
        return _end_page(form, status=422)
    last_day = form.last_day.data or clock.today_wib()
    try:
        letters.end(g.actor, g.permission, last_day=last_day, reason=form.reason.data or "")
    except DomainError as refusal:
        db.session.rollback()
        form.put_by_its_field(refusal)
        return _end_page(form, status=409)
    waiting = letters.booked_after(g.permission, last_day)
    db.session.commit()
    more = f" {waiting} rapat sesudahnya tetap ada: ganti ke luring atau pindahkan rapatnya."
    return _back("Izin diakhiri." + (more if waiting else ""))


def _end_page(form: EndPermissionForm, *, status: int = 200) -> ResponseReturnValue:
    return page(
        "admin/register/end_permission.html",
        status=status,
        form=form,
        permission=g.permission,
        booked=letters.booked_after(g.permission, clock.today_wib()),
    )
