"""Pengaturan, MUK: which instruments stand, beginning one, reading one, its versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.muk import BeginForm
from lsp.permissions import access, writes
from lsp.services import (
    muk_copy,
    muk_overview,
    muk_rows,
    muk_versions as versions,
    settings as rules,
)
from lsp.services.muk_check import gaps_of, is_withdrawal
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.editions import edition_of
from lsp.views.html import page, redirect_after_post
from lsp.views.muk_reading import asesi_reading, asesor_reading, title_of


def one_instrument(_actor: Actor, instrument_id: str, **_: object) -> Mapping[str, object] | None:
    """A version of an instrument as `g.instrument`."""
    found = versions.one(instrument_id)
    return {"instrument": found} if found is not None else None


def skema_of_muk(_actor: Actor, version_id: str) -> Mapping[str, object] | None:
    """A version of a skema as `g.version`."""
    found = rules.skema_version(version_id)
    return {"version": found} if found is not None else None


def read_again(instrument_id: str) -> None:
    """After a refusal: the instrument as it is stored."""
    db.session.rollback()
    g.instrument = versions.one(instrument_id)


def name_of_instrument() -> str:
    """`FR.IA.07 Pertanyaan Lisan, versi 2`, the heading of its pages."""
    return f"{title_of(g.instrument)}, versi {g.instrument.version_number}"


def address(endpoint: str = "admin.muk", **more: Any) -> str:
    return url_for(endpoint, instrument_id=g.instrument.public_id, **more)


def only_a_draft() -> ResponseReturnValue | None:
    """The answer to a page that edits, for a version in force; None for a draft."""
    if g.instrument.published_at is None:
        return None
    sentence = "Versi ini sudah diberlakukan dan tidak diubah lagi. Buat versi barunya."
    return redirect_after_post(address(), sentence, tone="info")


@bp.get("/pengaturan/muk")
@access(roles=ADMIN)
def muk_list() -> ResponseReturnValue:
    return page("admin/muk/list.html", lines=muk_overview.overview())


@bp.get("/pengaturan/muk/skema/<version_id>")
@access(roles=ADMIN, load=skema_of_muk)
def muk_of_skema(version_id: str) -> ResponseReturnValue:
    places = muk_overview.of_skema(g.version)
    return page(
        "admin/muk/skema.html",
        version=g.version,
        places=places,
        lacks=[place.lack for place in places if place.lack is not None],
        earlier=muk_copy.before(g.version),
    )


# --- Beginning one -----------------------------------------------------------------------------------------------


@bp.get("/pengaturan/muk/skema/<version_id>/baru")
@access(roles=ADMIN, load=skema_of_muk)
def new_muk(version_id: str) -> ResponseReturnValue:
    """The list leads here with the paper and kelompok already chosen."""
    form = BeginForm(
        formdata=None,
        paper=request.args.get("instrumen", "FR.IA.09"),
        kelompok=request.args.get("kelompok", ""),
        start="kosong",
    )
    return _new_page(form)


@bp.post("/pengaturan/muk/skema/<version_id>/baru")
@access(roles=ADMIN, load=skema_of_muk)
@writes
def begin_muk(version_id: str) -> ResponseReturnValue:
    """A draft that stands already is opened, not doubled."""
    form = BeginForm()
    if not form.validate():
        return _new_page(form, status=422)
    try:
        made = versions.begin(
            g.actor,
            g.version,
            form.chosen_paper,
            form.kelompok.data or "",
            copied=form.start.data == "salin",
        )
    except DomainError as refusal:
        db.session.rollback()
        return _new_page(form, status=422, notice=form.put_by_its_field(refusal))
    target = url_for("admin.muk", instrument_id=made.public_id)
    db.session.commit()
    return redirect_after_post(target, "Ini drafnya. Lengkapi, lalu berlakukan.")


def _new_page(form: BeginForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "admin/muk/new.html",
        status=status,
        version=g.version,
        form=form.offer(versions.groups_of(g.version)),
        notice_text=notice,
    )


@bp.get("/pengaturan/muk/skema/<version_id>/salin")
@access(roles=ADMIN, load=skema_of_muk)
def ask_copy_muk(version_id: str) -> ResponseReturnValue:
    """What would come of each instrument of the version before, and which rows find no place."""
    earlier = muk_copy.before(g.version)
    return page(
        "admin/muk/copy.html",
        version=g.version,
        earlier=earlier,
        found=muk_copy.prepared(g.version, earlier) if earlier is not None else [],
    )


@bp.post("/pengaturan/muk/skema/<version_id>/salin")
@access(roles=ADMIN, load=skema_of_muk)
@writes
def copy_muk(version_id: str) -> ResponseReturnValue:
    earlier = muk_copy.before(g.version)
    made = muk_copy.take_over(g.actor, g.version, earlier) if earlier is not None else 0
    db.session.commit()
    said = f"{made} draf dibuat. Periksa isinya, lalu berlakukan satu per satu."
    return redirect_after_post(
        url_for("admin.muk_of_skema", version_id=version_id),
        said if made else "Tidak ada yang disalin: semuanya sudah ada di versi ini.",
    )


# --- One version -------------------------------------------------------------------------------------------------


@bp.get("/pengaturan/muk/<instrument_id>")
@access(roles=ADMIN, load=one_instrument)
def muk(instrument_id: str) -> ResponseReturnValue:
    """A draft with what is missing and its rows to be edited; a version in force as the asesor reads it."""
    return whole_page()


def whole_page(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    instrument = g.instrument
    standing = versions.versions_of(instrument)
    states = versions.states_of(instrument, standing)
    is_draft = instrument.published_at is None
    return page(
        "admin/muk/instrument.html" if is_draft else "admin/muk/standing.html",
        status=status,
        instrument=instrument,
        name=name_of_instrument(),
        read=asesor_reading(instrument),
        versions=list(zip(standing, states, strict=True)),
        state=next(
            state
            for row, state in zip(standing, states, strict=True)
            if row.version_number == instrument.version_number
        ),
        gaps=gaps_of(instrument) if is_draft else [],
        is_withdrawal=is_withdrawal(instrument),
        seen=edition_of(muk_rows.all_values(instrument)),
        notice_text=notice,
    )


@bp.post("/pengaturan/muk/<instrument_id>/versi-baru")
@access(roles=ADMIN, load=one_instrument)
@writes
def next_muk(instrument_id: str) -> ResponseReturnValue:
    """Pressed twice it leads to the same draft."""
    made = versions.begin(
        g.actor,
        g.instrument.skema_version,
        g.instrument.paper,
        g.instrument.kelompok,
        copied=True,
    )
    target, number = url_for("admin.muk", instrument_id=made.public_id), made.version_number
    db.session.commit()
    return redirect_after_post(target, f"Ini draf versi {number}, salinan versi terbaru.")


@bp.get('/pengaturan/muk/<instrument_id>/baca/<any("asesor","asesi"):reader>')
@access(roles=ADMIN, load=one_instrument)
def read_muk(instrument_id: str, reader: str) -> ResponseReturnValue:
    """As the asesor or the asesi will read it."""
    to_asesi = reader == "asesi"
    return page(
        "admin/muk/preview.html",
        instrument=g.instrument,
        name=name_of_instrument(),
        reader=reader,
        read=asesi_reading(g.instrument) if to_asesi else asesor_reading(g.instrument),
    )
