"""Pengaturan, MUK: what stands above the rows of a draft, and who drew it up and validated it."""

from __future__ import annotations

from flask import g, request
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.mapa import Typed, read_authors
from lsp.forms.muk import read_head
from lsp.permissions import access, writes
from lsp.services import muk_versions as versions
from lsp.services.muk_check import gaps_of
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.drafts import edition_drawn, store_part
from lsp.views.admin.muk import (
    address,
    name_of_instrument,
    one_instrument,
    only_a_draft,
    read_again,
)
from lsp.views.html import page, redirect_after_post
from lsp.workflow.muk import shape_of

#: Word in the address -> (attribute of Instrument, title).
PARTS = {"kepala": ("head", "Kepala instrumen"), "penyusun": ("people", "Penyusun dan validator")}


@bp.get('/pengaturan/muk/<instrument_id>/<any("kepala","penyusun"):muk_part>')
@access(roles=ADMIN, load=one_instrument)
def muk_part(instrument_id: str, muk_part: str) -> ResponseReturnValue:
    return only_a_draft() or _page(muk_part, Typed(_stored(muk_part)))


@bp.post('/pengaturan/muk/<instrument_id>/<any("kepala","penyusun"):muk_part>')
@access(roles=ADMIN, load=one_instrument)
@writes
def save_muk_part(instrument_id: str, muk_part: str) -> ResponseReturnValue:
    attribute, title = PARTS[muk_part]
    typed = _read(muk_part)
    if typed.errors:
        return _page(muk_part, typed, status=422)
    refusal = store_part(
        typed,
        stored=_stored(muk_part),
        save=lambda: versions.save(g.actor, g.instrument, attribute, typed.value),
    )
    if refusal is not None:
        read_again(instrument_id)
        return _page(muk_part, typed, status=409, refusal=refusal)
    target = address()
    db.session.commit()
    return redirect_after_post(target, f"{title}: tersimpan.")


def _read(word: str) -> Typed:
    if word == "penyusun":
        return read_authors(request.form)
    return read_head(request.form, shape_of(g.instrument))


def _stored(word: str) -> dict[str, object]:
    stored: dict[str, object] = getattr(g.instrument, PARTS[word][0])
    return stored


def _page(
    word: str, typed: Typed, *, status: int = 200, refusal: DomainError | None = None
) -> ResponseReturnValue:
    return page(
        "admin/muk/part.html",
        status=status,
        instrument=g.instrument,
        name=name_of_instrument(),
        word=word,
        title=PARTS[word][1],
        shape=shape_of(g.instrument),
        value=typed.value,
        errors=dict(typed.errors),
        seen=edition_drawn(_stored(word), typed_anew=status != 200, refusal=refusal),
        gaps=[gap.sentence for gap in gaps_of(g.instrument) if gap.part == PARTS[word][0]],
        notice_text=str(refusal) if refusal is not None else "",
    )
