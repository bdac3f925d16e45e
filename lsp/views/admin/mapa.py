"""Pengaturan, MAPA: which skema has which, beginning one, writing its sections, reading it, putting it in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.mapa import NewMapaForm, PublishForm
from lsp.models import SkemaVersion
from lsp.permissions import access, writes
from lsp.services import mapa as mapas, settings as rules
from lsp.services.mapa_check import gaps_of
from lsp.services.muk_overview import warnings_of
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.drafts import put_in_force
from lsp.views.editions import edition_of
from lsp.views.html import page, redirect_after_post
from lsp.views.mapa_reading import reading
from lsp.workflow.mapa import template


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a draft with a page of its own; `attribute` of Mapa holds it."""

    attribute: str
    title: str
    template: str


#: By their word in the address, in the order of the forms.
SECTIONS = {
    "pendekatan": Section(
        "choices", "1. Menentukan pendekatan asesmen", "admin/mapa/_choices_section.html"
    ),
    "matriks": Section(
        "matrix", "2. Mempersiapkan rencana asesmen", "admin/mapa/_matrix_section.html"
    ),
    "penyesuaian": Section(
        "changes",
        "3. Persyaratan modifikasi dan kontekstualisasi",
        "admin/mapa/_changes_section.html",
    ),
    "peta": Section(
        "instrument_map",
        "FR.MAPA.02 Peta instrumen asesmen",
        "admin/mapa/_instrument_map_section.html",
    ),
    "penyusun": Section(
        "people", "Orang yang relevan, penyusun, dan validator", "admin/mapa/_people_section.html"
    ),
}


def one_mapa(_actor: Actor, mapa_id: str, **_: object) -> Mapping[str, object] | None:
    """A version of a MAPA as `g.mapa`."""
    found = mapas.one(mapa_id)
    return {"mapa": found} if found is not None else None


def read_again(mapa_id: str) -> None:
    """After a refusal: the MAPA as it is stored."""
    db.session.rollback()
    g.mapa = mapas.one(mapa_id)


def skema_of_mapa(_actor: Actor, version_id: str) -> Mapping[str, object] | None:
    """A version of a skema as `g.version`."""
    found = rules.skema_version(version_id)
    return {"version": found} if found is not None else None


@bp.get("/pengaturan/mapa")
@access(roles=ADMIN)
def mapa_list() -> ResponseReturnValue:
    return page("admin/mapa/list.html", lines=mapas.overview(), approaches=template().approaches)


@bp.get("/pengaturan/mapa/baru/<version_id>")
@access(roles=ADMIN, load=skema_of_mapa)
def new_mapa(version_id: str) -> ResponseReturnValue:
    return _new_page(_new_form(g.version, formdata=None))


@bp.post("/pengaturan/mapa/baru/<version_id>")
@access(roles=ADMIN, load=skema_of_mapa)
@writes
def begin_mapa(version_id: str) -> ResponseReturnValue:
    form = _new_form(g.version)
    source = mapas.one(form.source.data) if form.source.data else None
    valid = form.validate()
    if form.source.data and source is None:
        form.source.errors, valid = ["MAPA itu tidak ada lagi. Pilih yang lain."], False
    if not valid:
        return _new_page(form, status=422)
    try:
        made = mapas.begin(
            g.actor,
            g.version,
            name=form.name.data or "",
            approach=form.approach.data,
            source=source,
        )
    except DomainError as refusal:
        db.session.rollback()
        return _new_page(form, status=422, notice=form.put_by_its_field(refusal))
    address = url_for("admin.mapa", mapa_id=made.public_id)
    db.session.commit()
    return redirect_after_post(address, "Draf MAPA dimulai. Lengkapi tiap bagian, lalu berlakukan.")


def _new_form(version: SkemaVersion, **more: Any) -> NewMapaForm:
    form = NewMapaForm(**more)
    form.source.choices = [("", "Kosong, dengan metode menurut pendekatan")]
    form.source.choices += mapas.sources_for(version)
    return form


def _new_page(form: NewMapaForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "admin/mapa/new.html", status=status, form=form, version=g.version, notice_text=notice
    )


@bp.get("/pengaturan/mapa/<mapa_id>")
@access(roles=ADMIN, load=one_mapa)
def mapa(mapa_id: str) -> ResponseReturnValue:
    """Both forms as a whole; for a draft also what is missing."""
    return _whole()


def _whole(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    is_draft = g.mapa.published_at is None
    warnings, hints = warnings_of(g.mapa)
    words = {section.attribute: word for word, section in SECTIONS.items()}
    return page(
        "admin/mapa/mapa.html",
        status=status,
        mapa=g.mapa,
        read=reading(g.mapa),
        state=mapas.state_of(g.mapa),
        versions=[(each, mapas.state_of(each)) for each in mapas.versions_of(g.mapa)],
        gaps=[(words[gap.section], gap.sentence) for gap in gaps_of(g.mapa)] if is_draft else [],
        sections=SECTIONS,
        can_take_back=mapas.why_not_taken_back(g.mapa) is None,
        warnings=warnings,
        hints=hints,
        notice_text=notice,
    )


@bp.post("/pengaturan/mapa/<mapa_id>/versi-baru")
@access(roles=ADMIN, load=one_mapa)
@writes
def copy_mapa(mapa_id: str) -> ResponseReturnValue:
    """Pressed twice it leads to the same draft."""
    made = mapas.new_version(g.actor, g.mapa)
    address, number = url_for("admin.mapa", mapa_id=made.public_id), made.version_number
    db.session.commit()
    return redirect_after_post(address, f"Ini draf versi {number}, salinan versi sebelumnya.")


@bp.get("/pengaturan/mapa/<mapa_id>/berlakukan")
@access(roles=ADMIN, load=one_mapa)
def ask_publish_mapa(mapa_id: str) -> ResponseReturnValue:
    return _publish_page(PublishForm(formdata=None, effective_from=clock.today_wib()))


@bp.post("/pengaturan/mapa/<mapa_id>/berlakukan")
@access(roles=ADMIN, load=one_mapa)
@writes
def publish_mapa(mapa_id: str) -> ResponseReturnValue:
    refused = put_in_force(
        PublishForm(),
        edition=_edition(),
        publish=lambda day: mapas.publish(g.actor, g.mapa, day),
        read_again=lambda: read_again(mapa_id),
        again=_publish_page,
    )
    if refused is not None:
        return refused
    db.session.commit()
    return redirect_after_post(url_for("admin.mapa_list"), "MAPA diberlakukan.")


def _edition() -> str:
    """Of everything a draft says: what is put in force is what was read."""
    return edition_of([getattr(g.mapa, section) for section in mapas.SECTIONS])


def _publish_page(form: PublishForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    warnings, hints = warnings_of(g.mapa)
    return page(
        "admin/mapa/publish.html",
        status=status,
        mapa=g.mapa,
        form=form,
        gaps=gaps_of(g.mapa),
        edition=_edition(),
        is_draft=g.mapa.published_at is None,
        warnings=warnings,
        hints=hints,
        notice_text=notice,
    )


@bp.get("/pengaturan/mapa/<mapa_id>/hapus")
@access(roles=ADMIN, load=one_mapa)
def ask_discard_mapa(mapa_id: str) -> ResponseReturnValue:
    return _confirm_discard()


@bp.post("/pengaturan/mapa/<mapa_id>/hapus")
@access(roles=ADMIN, load=one_mapa)
@writes
def discard_mapa(mapa_id: str) -> ResponseReturnValue:
    try:
        mapas.discard(g.actor, g.mapa)
    except DomainError as refusal:
        read_again(mapa_id)
        return _confirm_discard(status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(url_for("admin.mapa_list"), "Draf MAPA dihapus.")


def _confirm_discard(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title="Hapus draf MAPA ini?",
        happens=[
            f"Draf {g.mapa.name} versi {g.mapa.version_number} dihapus dengan semua isinya.",
            "Versi yang berlaku tetap berlaku. Penghapusan tidak dapat dibatalkan.",
        ],
        action=url_for("admin.discard_mapa", mapa_id=g.mapa.public_id),
        label="Hapus draf",
        tone="bad",
        back_url=url_for("admin.mapa", mapa_id=g.mapa.public_id),
        notice_text=notice,
    )


@bp.get("/pengaturan/mapa/<mapa_id>/tarik")
@access(roles=ADMIN, load=one_mapa)
def ask_take_back_mapa(mapa_id: str) -> ResponseReturnValue:
    return _confirm_take_back()


@bp.post("/pengaturan/mapa/<mapa_id>/tarik")
@access(roles=ADMIN, load=one_mapa)
@writes
def take_back_mapa(mapa_id: str) -> ResponseReturnValue:
    try:
        mapas.take_back(g.actor, g.mapa)
    except DomainError as refusal:
        read_again(mapa_id)
        return _confirm_take_back(status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(
        url_for("admin.mapa", mapa_id=mapa_id), "MAPA ditarik kembali. Isinya kini draf lagi."
    )


def _confirm_take_back(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title="Tarik kembali MAPA ini?",
        happens=[
            f"{g.mapa.name} versi {g.mapa.version_number} tidak jadi berlaku dan menjadi draf lagi.",
            "Versi yang berlaku sekarang tetap berlaku. Draf itu dapat diubah, diberlakukan lagi, atau dihapus.",
        ],
        action=url_for("admin.take_back_mapa", mapa_id=g.mapa.public_id),
        label="Tarik kembali",
        back_url=url_for("admin.mapa", mapa_id=g.mapa.public_id),
        notice_text=notice,
    )
