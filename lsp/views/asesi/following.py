"""Renewing or correcting a certificate: begun from it, and saying which one a permohonan is about."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import begin_write, db
from lsp.errors import DomainError, NotAllowed
from lsp.forms.administration import offered
from lsp.forms.certificate_life import FollowForm, PreviousForm
from lsp.models import Certificate
from lsp.permissions import access, writes, writes_itself
from lsp.services import following, intake, throttle
from lsp.views.asesi.certificate_notice import own_certificate
from lsp.views.asesi.id_izin import ask_the_admin, own_way
from lsp.views.asesi.shared import CASE, bp, onward, own, step_closed
from lsp.views.asesi.start import MODE_HELP, NOT_REMOTE
from lsp.views.html import page
from lsp.vocabulary import Mode, RequestKind, Role
from lsp.vocabulary.dates import day_words
from lsp.workflow.fitness import why_not_remote
from lsp.workflow.guards.certificate_life import previous_of

WAYS = {"perpanjang": RequestKind.PERPANJANGAN, "perbaiki": RequestKind.PERUBAHAN}
ELSEWHERE = "lain"


def following_of(certificate: Certificate) -> list[tuple[str, str, str]]:
    """(address, words, why not now) of both ways on from a certificate, for asesi/_certificate_life.html."""
    follower = following.open_follower(certificate)
    if follower is not None:
        href = url_for("asesi.permohonan", permohonan_id=follower.public_id)
        return [(href, f"Buka permohonan {follower.kind.label.lower()}", "")]
    words = {"perpanjang": "Perpanjang", "perbaiki": "Ajukan perbaikan data"}
    return [
        (
            url_for("asesi.begin_following", certificate_id=certificate.public_id, way=way),
            words[way],
            following.why_not_begun(certificate, kind),
        )
        for way, kind in WAYS.items()
    ]


@bp.get("/asesi/sertifikat/<certificate_id>/<any(perpanjang, perbaiki):way>")
@access(roles=(Role.ASESI,), load=own_certificate)
def begin_following(certificate_id: str, way: str) -> ResponseReturnValue:
    form = FollowForm(formdata=None, mode=g.certificate.permohonan.mode.value)
    return _page(form, way)


@bp.post("/asesi/sertifikat/<certificate_id>/<any(perpanjang, perbaiki):way>")
@access(roles=(Role.ASESI,), load=own_certificate)
@writes_itself
def follow(certificate_id: str, way: str) -> ResponseReturnValue:
    form, kind = FollowForm(), WAYS[way]
    if not form.validate():
        return _page(form, way, status=422)
    throttle.count_try((throttle.ID_IZIN_ACCOUNT, str(g.actor.id)))
    begin_write()
    found = own_certificate(g.actor, certificate_id)
    if found is None:
        raise NotAllowed("Sertifikat ini tidak ada.")
    certificate = g.certificate = found["certificate"]
    assert isinstance(certificate, Certificate)  # noqa: S101 - what the loader gives
    mode, version = Mode(form.mode.data), following.open_version(certificate)
    today = clock.today_wib()
    if mode is Mode.DARING and version and why_not_remote(version, today, today) is not None:
        form.mode.errors = [NOT_REMOTE]
        return _page(form, way, status=422)
    try:
        made = following.begin(
            g.actor,
            certificate,
            kind,
            id_izin=form.id_izin.data or "",
            mode=mode,
            correction=form.correction.data or "",
        )
    except intake.IdIzinHeld as held:
        try:
            return ask_the_admin(held.permohonan, version=version, kind=kind, mode=mode)
        except DomainError as refusal:
            return _refused(form, way, certificate_id, refusal)
    except DomainError as refusal:
        return _refused(form, way, certificate_id, refusal)
    db.session.commit()
    return onward(
        "permohonan", made, "Permohonan dibuat dengan data Anda yang lama. Periksa FR.APL.01 dulu."
    )


def _refused(
    form: FollowForm, way: str, certificate_id: str, refusal: DomainError
) -> ResponseReturnValue:
    lead = own_way(refusal)
    db.session.rollback()
    g.certificate = (own_certificate(g.actor, certificate_id) or {})["certificate"]
    return _page(form, way, status=409, notice=form.put_by_its_field(refusal), lead=lead)


def _page(
    form: FollowForm,
    way: str,
    *,
    status: int = 200,
    notice: str = "",
    lead: tuple[str, str] | None = None,
) -> ResponseReturnValue:
    certificate: Certificate = g.certificate
    follower = following.open_follower(certificate)
    barred = following.TAKEN if follower else following.why_not_begun(certificate, WAYS[way])
    return page(
        "asesi/follow.html",
        status=status,
        notice_text=notice,
        certificate=certificate,
        permohonan=certificate.permohonan,
        way=way,
        corrects=WAYS[way] is RequestKind.PERUBAHAN,
        barred=barred,
        lead=lead,
        form=form,
        modes=[(mode.value, mode.label, MODE_HELP[mode]) for mode in Mode],
    )


# --- Which certificate a permohonan is about, where it was begun otherwise -------------------------------------------

CLOSED = "Sertifikat lama disebut sebelum permohonan perpanjangan atau perubahan dikirim."


@bp.get(f"{CASE}/sertifikat-lama", endpoint="previous_certificate")
@own
def show_previous(permohonan_id: str) -> ResponseReturnValue:
    row = previous_of(g.permohonan)
    form = PreviousForm(formdata=None)
    if row is not None:
        form.certificate.data = row.certificate.public_id if row.certificate else ELSEWHERE
        form.typed_number.data, form.correction.data = row.typed_number, row.correction
    return _previous_page(form)


@bp.post(f"{CASE}/sertifikat-lama")
@own
@writes
def name_previous(permohonan_id: str) -> ResponseReturnValue:
    form = PreviousForm()
    rows = _set_choices(form)
    if not form.validate():
        return _previous_page(form, status=422)
    chosen = next((row for row in rows if row.public_id == form.certificate.data), None)
    try:
        following.name_previous(
            g.actor,
            g.permohonan,
            certificate=chosen,
            typed_number=form.typed_number.data or "",
            correction=form.correction.data or "",
        )
    except DomainError as refusal:
        db.session.rollback()
        return _previous_page(form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return onward("permohonan", g.permohonan, "Sertifikat lama tersimpan.")


def _set_choices(form: PreviousForm) -> list[Certificate]:
    rows = following.own_certificates(g.permohonan)
    form.certificate.choices = offered(
        [
            *((row.public_id, f"{row.certificate_number}, sampai {_day(row)}") for row in rows),
            (ELSEWHERE, "Diterbitkan LSP lain, atau tidak ada di daftar ini"),
        ]
    )
    return rows


def _day(row: Certificate) -> str:
    return day_words(row.valid_until)


def _previous_page(
    form: PreviousForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    if not following.may_name(g.permohonan):
        return step_closed("Sertifikat lama", CLOSED, status=status)
    if len(_set_choices(form)) == 0 and not form.certificate.data:
        form.certificate.data = ELSEWHERE
    return page(
        "asesi/previous_certificate.html",
        status=status,
        notice_text=notice,
        permohonan=g.permohonan,
        corrects=g.permohonan.kind is RequestKind.PERUBAHAN,
        form=form,
    )
