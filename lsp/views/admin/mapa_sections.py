"""Pengaturan, MAPA: the sections of a draft, each a page and a form of its own."""

from __future__ import annotations

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.mapa import (
    Typed,
    read_changes,
    read_choices,
    read_map,
    read_matrix,
    read_people,
)
from lsp.models import Mapa
from lsp.permissions import access, writes
from lsp.services.mapa_check import gaps_of
from lsp.services.mapa_sections import fill_empty_units, save
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.drafts import edition_drawn, store_part
from lsp.views.admin.mapa import SECTIONS, one_mapa, read_again
from lsp.views.html import page, redirect_after_post
from lsp.workflow.mapa import template_of, units_by_group

_WORDS = ",".join(f'"{word}"' for word in SECTIONS)
_NEXT = dict(zip(SECTIONS, [*SECTIONS][1:], strict=False))


@bp.get(f"/pengaturan/mapa/<mapa_id>/<any({_WORDS}):mapa_section>")
@access(roles=ADMIN, load=one_mapa)
def mapa_section(mapa_id: str, mapa_section: str) -> ResponseReturnValue:
    if g.mapa.published_at is not None:
        return redirect_after_post(
            url_for("admin.mapa", mapa_id=mapa_id),
            "MAPA ini sudah diberlakukan dan tidak diubah lagi. Buat versi barunya.",
            tone="info",
        )
    return _page(mapa_section, Typed(_stored(mapa_section)))


@bp.post(f"/pengaturan/mapa/<mapa_id>/<any({_WORDS}):mapa_section>")
@access(roles=ADMIN, load=one_mapa)
@writes
def save_mapa_section(mapa_id: str, mapa_section: str) -> ResponseReturnValue:
    typed = _read(mapa_section, g.mapa)
    if typed.errors:
        return _page(mapa_section, typed, status=422)
    if mapa_section == "matriks" and request.form.get("step") == "isi":
        return _filled(typed)
    refusal = store_part(
        typed,
        stored=_stored(mapa_section),
        save=lambda: save(g.actor, g.mapa, SECTIONS[mapa_section].attribute, typed.value),
    )
    if refusal is not None:
        read_again(mapa_id)
        return _page(mapa_section, typed, status=409, notice=str(refusal), refusal=refusal)
    db.session.commit()
    return _onward(mapa_id, mapa_section)


def _onward(mapa_id: str, word: str) -> ResponseReturnValue:
    following = _NEXT.get(word)
    if request.form.get("step") != "lanjut":
        following = word
    if following is None:
        return redirect_after_post(url_for("admin.mapa", mapa_id=mapa_id), "Tersimpan.")
    address = url_for("admin.mapa_section", mapa_id=mapa_id, mapa_section=following)
    return redirect_after_post(address, f"{SECTIONS[word].title}: tersimpan.")


def _filled(typed: Typed) -> ResponseReturnValue:
    """The matrix as typed, its empty fields filled; nothing is stored until it is saved."""
    known, form = template_of(g.mapa), request.form
    changed = fill_empty_units(
        g.mapa,
        typed.value,
        types=[key for key in known.evidence_types if key in form.getlist("semua-t")],
        codes=[key for key in known.codes if key in form.getlist("semua-c")],
        evidence=typed.text(form, "semua", 2_000),
    )
    said = f"{changed} unit terisi di bawah. Belum tersimpan: periksa, lalu tekan Simpan."
    return _page(
        "matriks", typed, said=said if changed else "Tidak ada isian unit yang masih kosong."
    )


def _stored(word: str) -> dict[str, object]:
    stored: dict[str, object] = getattr(g.mapa, SECTIONS[word].attribute)
    return stored


def _read(word: str, mapa: Mapa) -> Typed:
    known, form = template_of(mapa), request.form
    units = mapa.skema_version.units
    if word == "matriks":
        return read_matrix(form, known, units)
    if word == "peta":
        return read_map(form, known, list(units_by_group(units)))
    reader = {"pendekatan": read_choices, "penyesuaian": read_changes, "penyusun": read_people}
    return reader[word](form, known)


def _page(
    word: str,
    typed: Typed,
    *,
    status: int = 200,
    notice: str = "",
    said: str = "",
    refusal: DomainError | None = None,
) -> ResponseReturnValue:
    typed_anew = status != 200 or bool(said)
    section = SECTIONS[word]
    return page(
        "admin/mapa/section.html",
        status=status,
        mapa=g.mapa,
        word=word,
        title=section.title,
        body_template=section.template,
        following=SECTIONS[_NEXT[word]].title if word in _NEXT else "",
        known=template_of(g.mapa),
        groups=units_by_group(g.mapa.skema_version.units),
        value=typed.value,
        errors=dict(typed.errors),
        seen=edition_drawn(_stored(word), typed_anew=typed_anew, refusal=refusal),
        gaps=[gap.sentence for gap in gaps_of(g.mapa) if gap.section == section.attribute],
        notice_text=notice,
        said_text=said,
    )
