"""Pengaturan, registers: the LSP itself, TUK, asesor; without them no meeting can be planned."""

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
from lsp.forms.register import AsesorForm, LembagaForm, TukForm
from lsp.forms.schedule import DayOffForm
from lsp.models import AsesorProfile, Tuk
from lsp.permissions import access, writes
from lsp.services import days_off, register
from lsp.services.installation import UNKNOWN_LICENCE, UNNAMED_LSP
from lsp.services.lembaga import current_or_none
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.editions import ChangedElsewhere, check_edition, edition_of
from lsp.views.html import page, redirect_after_post
from lsp.views.noting_days_off import blank_form
from lsp.vocabulary import TukKind

#: What an installation lacks -> the words, the page that takes it, its place on that page.
_LACKS = {
    "lembaga": ("Nama, lisensi, dan alamat LSP", "admin.lembaga", ""),
    "skema": ("Skema yang dibuka untuk pendaftaran", "admin.settings", "#skema"),
    "fee": ("Biaya", "admin.settings", "#biaya"),
    "payment_account": ("Rekening tujuan pembayaran", "admin.payment_accounts_page", ""),
    "tuk": ("TUK yang sudah diverifikasi", "admin.tuk_list", ""),
    "asesor": ("Asesor dengan sertifikat MET dan SKK yang berlaku", "admin.asesor_list", ""),
    "remote_permission": ("Izin asesmen jarak jauh dari BNSP", "admin.remote_permissions_page", ""),
    "mapa": ("MAPA yang berlaku untuk setiap skema yang dibuka", "admin.mapa_list", ""),
}


def lacks(*only: str) -> list[tuple[str, str]]:
    """(words, address) of what is not filled in yet; all of it, or what is named."""
    return [
        (words, url_for(endpoint) + place)
        for words, endpoint, place in (
            _LACKS[name] for name in register.lacking() if not only or name in only
        )
    ]


def one_tuk(_actor: Actor, tuk_id: str) -> Mapping[str, object] | None:
    """A TUK as `g.tuk`."""
    found = register.tuk(tuk_id)
    return {"tuk": found} if found is not None else None


def one_asesor(_actor: Actor, user_id: str) -> Mapping[str, object] | None:
    """An open account with the role asesor as `g.person`."""
    found = register.asesor(user_id)
    return {"person": found} if found is not None else None


# --- The LSP itself ----------------------------------------------------------------------------------------------


@bp.get("/pengaturan/lembaga")
@access(roles=ADMIN)
def lembaga() -> ResponseReturnValue:
    form = LembagaForm(formdata=None, obj=current_or_none())
    form.effective_from.data = clock.today_wib()
    for field, unknown in ((form.name, UNNAMED_LSP), (form.licence_number, UNKNOWN_LICENCE)):
        if field.data == unknown:
            field.data = ""
    return _lembaga_page(form)


@bp.post("/pengaturan/lembaga")
@access(roles=ADMIN)
@writes
def change_lembaga() -> ResponseReturnValue:
    form = LembagaForm()
    if not form.validate():
        return _lembaga_page(form, status=422)
    try:
        register.change_lembaga(g.actor, **_values(form))
    except DomainError as refusal:
        db.session.rollback()
        form.effective_from.errors = [str(refusal)]
        return _lembaga_page(form, status=422)
    db.session.commit()
    return redirect_after_post(url_for("admin.settings"), "Data lembaga disimpan.")


def _lembaga_page(form: LembagaForm, *, status: int = 200) -> ResponseReturnValue:
    return page(
        "admin/register/lembaga.html", status=status, form=form, coming=register.coming_lembaga()
    )


# --- TUK ---------------------------------------------------------------------------------------------------------


@bp.get("/pengaturan/tuk")
@access(roles=ADMIN)
def tuk_list() -> ResponseReturnValue:
    return _tuk_page(TukForm(formdata=None), None)


@bp.post("/pengaturan/tuk")
@access(roles=ADMIN)
@writes
def add_tuk() -> ResponseReturnValue:
    return _save_tuk(None)


@bp.get("/pengaturan/tuk/<tuk_id>")
@access(roles=ADMIN, load=one_tuk)
def tuk(tuk_id: str) -> ResponseReturnValue:
    form = TukForm(formdata=None, data=_stored_tuk(g.tuk))
    form.seen.data = edition_of(_stored_tuk(g.tuk))
    return _tuk_page(form, g.tuk)


@bp.post("/pengaturan/tuk/<tuk_id>")
@access(roles=ADMIN, load=one_tuk)
@writes
def change_tuk(tuk_id: str) -> ResponseReturnValue:
    return _save_tuk(g.tuk)


def _save_tuk(row: Tuk | None) -> ResponseReturnValue:
    form = TukForm()
    if not form.validate():
        return _tuk_page(form, row, status=422)
    public_id = row.public_id if row is not None else ""
    try:
        if row is not None:
            stored = _stored_tuk(row)
            check_edition(seen=form.seen.data, stored=stored, wanted=_values(form), what="TUK ini")
        register.save_tuk(g.actor, row, **(_values(form) | {"kind": TukKind(form.kind.data)}))
    except DomainError as refusal:
        db.session.rollback()
        row = register.tuk(public_id)
        if isinstance(refusal, ChangedElsewhere) and row is not None:
            return _changed_tuk(form, row, refusal)
        form.code.errors = [str(refusal)]
        return _tuk_page(form, row, status=422)
    db.session.commit()
    return redirect_after_post(url_for("admin.tuk_list"), "TUK disimpan.")


def _changed_tuk(form: TukForm, row: Tuk, refusal: ChangedElsewhere) -> ResponseReturnValue:
    form.seen.data = edition_of(_stored_tuk(row))
    form.name.errors = [str(refusal)]
    return _tuk_page(form, row, status=409)


def _stored_tuk(row: Tuk) -> dict[str, Any]:
    """A TUK as its form would hold it."""
    names = _values(TukForm(formdata=None))
    return {name: getattr(row, name) for name in names} | {"kind": row.kind.value}


def _tuk_page(form: TukForm, row: Tuk | None, *, status: int = 200) -> ResponseReturnValue:
    return page(
        "admin/register/tuk.html", status=status, form=form, tuk=row, rows=register.tuk_list()
    )


# --- Asesor ------------------------------------------------------------------------------------------------------


@bp.get("/pengaturan/asesor")
@access(roles=ADMIN)
def asesor_list() -> ResponseReturnValue:
    return page(
        "admin/register/asesor_list.html", rows=register.asesor_list(), today=clock.today_wib()
    )


@bp.get("/pengaturan/asesor/<user_id>")
@access(roles=ADMIN, load=one_asesor)
def asesor(user_id: str) -> ResponseReturnValue:
    return asesor_page(stored_asesor_form())


@bp.post("/pengaturan/asesor/<user_id>")
@access(roles=ADMIN, load=one_asesor)
@writes
def save_asesor(user_id: str) -> ResponseReturnValue:
    profile = register.asesor_profile(g.person)
    form = _asesor_form(profile)
    if not form.validate():
        return asesor_page(form, status=422)
    name, wanted = g.person.name, _values(form)
    try:
        if profile is not None:
            stored = _stored_asesor(profile)
            check_edition(seen=form.seen.data, stored=stored, wanted=wanted, what="Data asesor ini")
        register.save_asesor(g.actor, g.person, **wanted)
    except ChangedElsewhere as refusal:
        db.session.rollback()
        return _changed_asesor(form, refusal)
    except DomainError as refusal:
        db.session.rollback()
        form.met_number.errors = [str(refusal)]
        return asesor_page(form, status=422)
    db.session.commit()
    return redirect_after_post(url_for("admin.asesor_list"), f"Data asesor {name} disimpan.")


def _changed_asesor(form: AsesorForm, refusal: ChangedElsewhere) -> ResponseReturnValue:
    profile = register.asesor_profile(g.person)
    form.seen.data = _asesor_edition(profile) if profile is not None else ""
    form.met_number.errors = [str(refusal)]
    return asesor_page(form, status=409)


def _asesor_form(profile: AsesorProfile | None, **data: Any) -> AsesorForm:
    form = AsesorForm(**data)
    groups = register.scope_groups(profile.scope if profile is not None else ())
    form.scope.choices = choices(pair for group in groups for pair in group.codes)
    form.scope_groups = groups
    return form


def stored_asesor_form() -> AsesorForm:
    """The data of `g.person` as they stand; empty where none do yet."""
    profile = register.asesor_profile(g.person)
    form = _asesor_form(profile, formdata=None, obj=profile)
    form.seen.data = _asesor_edition(profile) if profile is not None else ""
    return form


def _stored_asesor(profile: AsesorProfile) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in _values(AsesorForm(formdata=None))}


def _asesor_edition(profile: AsesorProfile) -> str:
    return edition_of(_stored_asesor(profile))


def asesor_page(
    form: AsesorForm, *, off_form: DayOffForm | None = None, status: int = 200
) -> ResponseReturnValue:
    return page(
        "admin/register/asesor.html",
        status=status,
        form=form,
        person=g.person,
        off_form=off_form or blank_form(),
        off_lines=days_off.coming(g.person),
    )


def _values(form: Any) -> dict[str, Any]:
    """What was typed, as columns take it: an empty line is an empty text, an empty date none."""
    return {name: value for name, value in form.data.items() if name != "seen"}
