"""Pengaturan, teks persetujuan: reading versions, writing one, seeing it as the asesi will, then publishing it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.consent import ConsentTextForm
from lsp.permissions import access, writes
from lsp.services import consent_texts, retention
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post
from lsp.views.text_keys import TEXT_KEYS, TEXT_KINDS
from lsp.vocabulary import ConsentKind

#: What a new version does to agreements that stand, by when the text is asked for.
_EFFECT = (
    "Permohonan yang sudah dikirim tetap memakai versi yang disetujui asesinya. "
    "Asesi yang belum mengirim diminta membaca dan menyetujui versi baru."
)
EFFECTS = {
    ConsentKind.DATA_PROCESSING: _EFFECT,
    ConsentKind.PERJANJIAN: _EFFECT,
    ConsentKind.PERNYATAAN: _EFFECT,
    ConsentKind.RECORDING: (
        "Persetujuan diminta pada setiap rapat jarak jauh dengan versi yang berlaku hari itu. "
        "Persetujuan yang sudah diberikan tetap memakai versinya."
    ),
}


def text_kind(_actor: Actor, text_key: str, **_: object) -> Mapping[str, object] | None:
    """A kind of text as `g.kind`."""
    kind = TEXT_KINDS.get(text_key)
    return {"kind": kind} if kind is not None else None


def text_version(_actor: Actor, text_key: str, version_number: int) -> Mapping[str, object] | None:
    """A version of a text as `g.kind` and `g.text`."""
    kind = TEXT_KINDS.get(text_key)
    found = consent_texts.version(kind, version_number) if kind is not None else None
    return {"kind": kind, "text": found} if found is not None else None


@bp.get("/pengaturan/teks")
@access(roles=ADMIN)
def consent_texts_page() -> ResponseReturnValue:
    return page("admin/consent_texts.html", lines=consent_texts.lines(), keys=TEXT_KEYS)


@bp.get("/pengaturan/teks/<text_key>")
@access(roles=ADMIN, load=text_kind)
def consent_text(text_key: str) -> ResponseReturnValue:
    """The versions, and a form that begins from the newest one."""
    versions = consent_texts.versions(g.kind)
    newest = versions[0].text if versions else None
    form = ConsentTextForm(
        formdata=None,
        title=newest.title if newest else g.kind.label,
        body=newest.body if newest else "",
        effective_from=clock.today_wib(),
        after=newest.version_number if newest else 0,
    )
    return _page(form)


@bp.get("/pengaturan/teks/<text_key>/<int(max=999999999):version_number>")
@access(roles=ADMIN, load=text_version)
def consent_version(text_key: str, version_number: int) -> ResponseReturnValue:
    return page("admin/consent_version.html", kind=g.kind, text=g.text, text_key=text_key)


@bp.post("/pengaturan/teks/<text_key>")
@access(roles=ADMIN, load=text_kind)
@writes
def write_consent_text(text_key: str) -> ResponseReturnValue:
    """First the text as the asesi will see it; published from there."""
    form = ConsentTextForm()
    if not form.validate():
        return _page(form, status=422)
    if form.step.data == "ubah":
        return _page(form)
    new = consent_texts.NewText(
        title=form.title.data or "",
        body=form.body.data or "",
        effective_from=form.effective_from.data or clock.today_wib(),
        after=form.after.data or 0,
    )
    try:
        if form.step.data != "terbitkan":
            return _preview(form, consent_texts.check(g.kind, new))
        made = consent_texts.write(g.actor, g.kind, new)
    except DomainError as refusal:
        db.session.rollback()
        return _page(form, status=422, notice=form.put_by_its_field(refusal))
    number = made.version_number
    db.session.commit()
    return redirect_after_post(
        url_for("admin.consent_text", text_key=text_key), f"{g.kind.label} versi {number} dicatat."
    )


def _preview(form: ConsentTextForm, body: str) -> ResponseReturnValue:
    return page(
        "admin/consent_preview.html",
        kind=g.kind,
        text_key=TEXT_KEYS[g.kind],
        form=form,
        body=body,
        number=(form.after.data or 0) + 1,
        effect=EFFECTS[g.kind],
        drafts=consent_texts.drafts_to_ask_anew(g.kind),
        starts_later=form.effective_from.data and form.effective_from.data > clock.today_wib(),
    )


def _page(form: ConsentTextForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "admin/consent_text.html",
        status=status,
        kind=g.kind,
        text_key=TEXT_KEYS[g.kind],
        form=form,
        notice_text=notice,
        line=consent_texts.line(g.kind),
        versions=consent_texts.versions(g.kind),
        effect=EFFECTS[g.kind],
        marks=retention.periods(),
        today=clock.today_wib(),
    )
