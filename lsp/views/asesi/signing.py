"""Agreeing to the three texts, and signing FR.APL.01 and FR.APL.02 by typing one's name."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g
from flask.typing import ResponseReturnValue

from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.registration import ConsentForm, SignForm
from lsp.models import Consent, ConsentText, Permohonan, Signature
from lsp.models.inforce import consent_text, texts_in_force
from lsp.permissions import writes, writes_itself
from lsp.services import consents, drawn_signature, signing
from lsp.views.asesi.shared import CASE, bp, editable, must_be_editable, onward, own
from lsp.views.asesi.uploads import reload_case
from lsp.views.editions import ChangedElsewhere
from lsp.views.html import panel, wants_fragment
from lsp.vocabulary import ConsentKind, Form, Role
from lsp.workflow.dossier import dossier_of

#: Form in the address -> the form.
SIGNED_HERE = {"fr-apl-01": Form.FR_APL_01, "fr-apl-02": Form.FR_APL_02}
#: Word in the address -> the text.
TEXTS = {
    "data-pribadi": ConsentKind.DATA_PROCESSING,
    "perjanjian": ConsentKind.PERJANJIAN,
    "pernyataan": ConsentKind.PERNYATAAN,
}
TEXT_CHANGED = "Teks ini baru saja diperbarui. Baca yang baru di bawah, lalu setujui."


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A text to read, and the asesi's standing agreement to it; none where he is still asked."""

    key: str
    kind: ConsentKind
    text: ConsentText | None
    given: Consent | None
    #: An agreement to a version that has been replaced since.
    older: Consent | None = None


@dataclass(frozen=True, slots=True)
class SignRow:
    """A form to sign: what is declared, the signature that fits its content, or why it cannot be signed yet."""

    key: str
    form: Form
    statement: str
    seen: str
    signature: Signature | None
    outdated: bool
    reason: str
    typed: str = ""
    error: str = ""
    drawn: str = ""
    #: Where one press signs several forms: their names, and why some are signed once more.
    names: str = ""
    anew: str = ""


@bp.get(f"{CASE}/persetujuan", endpoint="consents")
@own
def show_consents(permohonan_id: str) -> ResponseReturnValue:
    return _consents_page()


@bp.post(f"{CASE}/persetujuan/<any('data-pribadi', perjanjian, pernyataan):text_key>")
@own
@writes
def agree(permohonan_id: str, text_key: str) -> ResponseReturnValue:
    form, wanted = ConsentForm(), TEXTS[text_key]
    if not form.validate():
        return _consents_page(status=422, notice_text=form.first_error())
    text = consent_text(wanted)
    if text is not None and text.version_number != form.text_version.data:
        return _consents_page(status=409, notice_text=TEXT_CHANGED)
    try:
        must_be_editable(g.permohonan)
        signing.agree(g.actor, g.permohonan, wanted)
    except DomainError as refusal:
        db.session.rollback()
        return _consents_page(status=409, notice_text=str(refusal))
    db.session.commit()
    said = f"{wanted.label}: disetujui."
    return _consents_page(said=said) if wants_fragment() else onward("consents", g.permohonan, said)


def _consents_page(
    *, status: int = 200, said: str = "", notice_text: str = ""
) -> ResponseReturnValue:
    return panel(
        "asesi/consents.html",
        "asesi/_consents_panel.html",
        status=status,
        said=said,
        permohonan=g.permohonan,
        rows=_consent_rows(g.permohonan),
        editable=editable(g.permohonan),
        signed_in_meeting=dossier_of(g.permohonan).was_signed(Form.FR_AK_01, Role.ASESI),
        notice_text=notice_text,
    )


def _consent_rows(permohonan: Permohonan) -> list[ConsentRow]:
    """Each text with the agreement that counts; of a draft an agreement to an older version is named beside it."""
    in_force = texts_in_force()
    agreed = {row.text.kind: row for row in consents.standing(permohonan)}
    rows = []
    for key, kind in TEXTS.items():
        given, text = agreed.get(kind), in_force.get(kind)
        if given is not None and (permohonan.submitted_at is not None or given.text is text):
            rows.append(ConsentRow(key, kind, given.text, given))
        else:
            rows.append(ConsentRow(key, kind, text, None, older=given))
    return rows


@bp.get(f"{CASE}/tanda-tangan", endpoint="signing")
@own
def show_signing(permohonan_id: str) -> ResponseReturnValue:
    return _signing_page(sign_rows(g.permohonan))


@bp.post(f"{CASE}/tanda-tangan/<any('fr-apl-01', 'fr-apl-02'):form_key>")
@own
@writes_itself
def sign(permohonan_id: str, form_key: str) -> ResponseReturnValue:
    """Sign with the typed name; a drawing is sealed in the file store before anything is written here."""
    form, wanted = SignForm(), SIGNED_HERE[form_key]
    if not form.validate():
        return _signing_page(_rows_with(form_key, form, form.first_error()), status=422)
    db.session.remove()
    drawing = drawn_signature.keep(form.drawing.data)
    begin_write()
    reload_case(permohonan_id)
    try:
        must_be_editable(g.permohonan)
        drawing = _sign(g.permohonan, form_key, form, drawing)
    except DomainError as refusal:
        db.session.rollback()
        drawn_signature.discard(drawing)
        status = 409 if isinstance(refusal, ChangedElsewhere) else 422
        return _signing_page(_rows_with(form_key, form, str(refusal)), status=status)
    db.session.commit()
    drawn_signature.discard(drawing)
    said = f"{wanted.label} sudah Anda tandatangani."
    if wants_fragment():
        return _signing_page(sign_rows(g.permohonan), said=said)
    return onward("signing", g.permohonan, said)


def _sign(permohonan: Permohonan, key: str, form: SignForm, drawing: str | None) -> str | None:
    """Sign what stood on the screen; returns a drawing that no signature took.

    Raises DomainError when the form is incomplete or no longer what was seen.
    """
    wanted = SIGNED_HERE[key]
    reason = signing.refusal(g.actor, permohonan, wanted, Role.ASESI)
    if reason is not None:
        raise DomainError(reason)
    dossier = dossier_of(permohonan)
    if form.seen.data != dossier.content_digest(wanted):
        raise ChangedElsewhere
    if dossier.signature(wanted, Role.ASESI) is not None:
        return drawing
    name = form.typed_name.data or ""
    signing.sign(g.actor, permohonan, wanted, Role.ASESI, typed_name=name, drawing_key=drawing)
    return None


def sign_rows(permohonan: Permohonan) -> list[SignRow]:
    return [_sign_row(permohonan, key) for key in SIGNED_HERE]


def _rows_with(key: str, form: SignForm, error: str) -> list[SignRow]:
    return [
        _sign_row(
            g.permohonan,
            each,
            typed=form.typed_name.data or "",
            drawn=form.drawing.data or "",
            error=error,
        )
        if each == key
        else _sign_row(g.permohonan, each)
        for each in SIGNED_HERE
    ]


def _sign_row(
    permohonan: Permohonan, key: str, *, typed: str = "", drawn: str = "", error: str = ""
) -> SignRow:
    form = SIGNED_HERE[key]
    dossier = dossier_of(permohonan)
    signature = dossier.signature(form, Role.ASESI)
    earlier = any(row.form is form and row.signer_role is Role.ASESI for row in dossier.signatures)
    return SignRow(
        key,
        form,
        signing.STATEMENTS[form, Role.ASESI],
        dossier.content_digest(form),
        signature,
        earlier and signature is None,
        signing.missing(g.actor, permohonan, form, Role.ASESI) or "",
        typed,
        error,
        drawn if drawn_signature.picture(drawn) else "",
    )


def _signing_page(rows: list[SignRow], *, status: int = 200, said: str = "") -> ResponseReturnValue:
    return panel(
        "asesi/signing.html",
        "asesi/_signing_panel.html",
        status=status,
        said=said,
        permohonan=g.permohonan,
        rows=rows,
        editable=editable(g.permohonan),
    )
