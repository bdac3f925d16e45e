"""What the ketua signs: the SK of a pleno, and certificates. One or a batch, all or none.

Both ask the password again when it was last typed more than ten minutes ago, and beside it the code where his account
has a second factor; the password is compared outside the write transaction, because hashing is slow by design.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock, ids
from lsp.actor import Actor
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.decision import SigningForm
from lsp.models import Permohonan, Pleno
from lsp.permissions import access, writes_itself
from lsp.services import dossiers, issue_batches, on_the_way, pleno, pleno_notulen, pleno_sk
from lsp.views import proving
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN

bp = Blueprint("ketua_signing", __name__, url_prefix="/ketua")
KETUA = (Role.KETUA,)
PASSWORD_GOOD_FOR = timedelta(minutes=10)
#: So many at once as a page can show and a person can read before he signs.
MOST_AT_ONCE = 100
_NONE_CHOSEN = "Pilih dulu SK yang akan ditandatangani."
_WRONG = "Kata sandi tidak cocok. Belum ada yang ditandatangani."


def signing_panels() -> Mapping[str, Any]:
    """What ketua/_signing_panels.html needs; for the ketua's home page and for the page of its own."""
    after = request.args.get("sesudah", "")
    waiting = on_the_way.page(PermohonanStatus.RECORDED, size=MOST_AT_ONCE, after=after)
    on_the_way.prefill_issue(waiting.cases)
    return {
        "sk_waiting": [
            (each, [place for place in pleno_sk.sk_list(each) if pleno_sk.stands(place)])
            for each in pleno_sk.waiting_for_sk()
            if not pleno.holds_own_case(each, g.actor.id)
        ],
        "stands": pleno_sk.stands,
        "issuing": issue_batches.open_batches(),
        "to_issue": [
            (case, PERMOHONAN.choice(case, g.actor, "issue"), dossier_of(case).registration)
            for case in waiting.cases
        ],
        "issue_next_url": url_for("ketua_signing.home", sesudah=waiting.next_key)
        if waiting.next_key
        else "",
        "issue_first_url": url_for("ketua_signing.home") if after else "",
    }


@bp.get("/tanda-tangan")
@access(roles=KETUA)
def home() -> ResponseReturnValue:
    return page(
        "ketua/signing_page.html", fragment="ketua/_signing_panels.html", **signing_panels()
    )


# --- SK ----------------------------------------------------------------------------------------------------------


@bp.get("/sk")
@access(roles=KETUA)
def ask_sk() -> ResponseReturnValue:
    return _sk_page(SigningForm(formdata=None), request.args.getlist("pilih"))


@bp.post("/sk")
@access(roles=KETUA)
@writes_itself
def sign_sk() -> ResponseReturnValue:
    form, chosen = SigningForm(), request.form.getlist("pilih")
    if not form.validate() or not _password_holds(form):
        return _sk_page(form, chosen, status=422)
    begin_write()
    _note_password(form)
    signed = _plenos(chosen)
    if not signed:
        db.session.rollback()
        return _nothing(_NONE_CHOSEN)
    try:
        for each in signed:
            pleno_sk.sign_sk(g.actor, each)
    except DomainError as refusal:
        db.session.rollback()
        return _sk_page(form, chosen, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(
        url_for("ketua.home"), f"{len(signed)} SK ditandatangani. Admin dapat mengajukan blangko."
    )


def _plenos(chosen: list[str]) -> list[Pleno]:
    rows = db.session.scalars(
        select(Pleno)
        .where(Pleno.public_id.in_(chosen[:MOST_AT_ONCE]))
        .order_by(Pleno.held_on, Pleno.id)
        .options(*pleno.AGENDA)
    )
    return list(rows)


def _sk_page(
    form: SigningForm, chosen: list[str], *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    plenos = [
        each
        for each in _plenos(chosen)
        if pleno_sk.needs_sk(each) and not pleno.holds_own_case(each, g.actor.id)
    ]
    if not plenos:
        return _nothing(notice or _NONE_CHOSEN)
    return page(
        "ketua/signing_confirm_sk.html",
        status=status,
        form=form,
        notice=notice,
        asks_password=_asks_password(),
        plenos=[(each, pleno_sk.sk_list(each)) for each in plenos],
        without_notulen=pleno_notulen.without(plenos),
        stands=pleno_sk.stands,
    )


# --- Certificates ------------------------------------------------------------------------------------------------


@bp.get("/sertifikat")
@access(roles=KETUA)
def ask_issue() -> ResponseReturnValue:
    return _issue_page(SigningForm(formdata=None), request.args.getlist("pilih"))


@bp.post("/sertifikat")
@access(roles=KETUA)
@writes_itself
def issue() -> ResponseReturnValue:
    """All or none: a list that was half signed would have to be read again."""
    form, chosen = SigningForm(), request.form.getlist("pilih")
    batch_id = request.form.get("kali", "")
    if issue_batches.standing(batch_id) is not None:
        return _to_batch(batch_id)  # pressed twice
    if not form.validate() or not _password_holds(form):
        return _issue_page(form, chosen, status=422)
    begin_write()
    _note_password(form)
    cases = _cases(chosen, locked=True)
    for case in cases:
        name, version = case.asesi_name, request.form.get(f"version-{case.public_id}", 0, type=int)
        try:
            PERMOHONAN.perform(case, "issue", g.actor, version=version)
        except DomainError as refusal:
            db.session.rollback()
            told = f"{name}: {refusal} Belum ada sertifikat yang diterbitkan."
            return _issue_page(form, chosen, status=409, notice=told)
    if not cases:
        db.session.rollback()
        return _nothing("Pilih dulu sertifikat yang akan diterbitkan.")
    batch = issue_batches.note(g.actor, batch_id, [case.id for case in cases])
    address = batch.public_id
    db.session.commit()
    return _to_batch(address, f"{len(cases)} sertifikat terbit. Berkas PDF-nya sedang dibuat.")


def issued_at_once(_actor: Actor, batch_id: str) -> Mapping[str, object] | None:
    """How far the files of a batch are, as `g.progress`."""
    found = issue_batches.progress(batch_id)
    return {"progress": found} if found is not None else None


@bp.get("/sertifikat/terbit/<batch_id>")
@access(roles=KETUA, load=issued_at_once)
def batch(batch_id: str) -> ResponseReturnValue:
    """Its own address: it may be closed and opened again while the worker goes on."""
    return page(
        "ketua/issue_batch.html", fragment="ketua/_issue_progress.html", progress=g.progress
    )


def _to_batch(batch_id: str, told: str = "") -> ResponseReturnValue:
    return redirect_after_post(url_for("ketua_signing.batch", batch_id=batch_id), told)


def _cases(chosen: list[str], *, locked: bool = False) -> list[Permohonan]:
    """The chosen cases, by id: two who lock several lock them in the same order."""
    query = (
        select(Permohonan)
        .where(Permohonan.public_id.in_(chosen[:MOST_AT_ONCE]), Permohonan.asesi_id != g.actor.id)
        .order_by(Permohonan.id)
        .options(joinedload(Permohonan.skema_version))
    )
    return list(db.session.scalars(query.with_for_update(of=Permohonan) if locked else query))


def _issue_page(
    form: SigningForm, chosen: list[str], *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    cases = _cases(chosen)
    dossiers.prefill_registrations(cases)
    on_the_way.prefill_issue(cases)
    listed = [(case, PERMOHONAN.choice(case, g.actor, "issue")) for case in cases]
    ready = [(case, choice) for case, choice in listed if choice is not None]
    if not ready:
        return _nothing(notice or "Pilih dulu sertifikat yang akan diterbitkan.")
    return page(
        "ketua/signing_confirm_issue.html",
        status=status,
        form=form,
        notice=notice,
        batch_id=ids.public_id(),
        asks_password=_asks_password(),
        ready=[(case, dossier_of(case).registration) for case, choice in ready if choice.possible],
        refused=[(case, choice.reason) for case, choice in ready if not choice.possible],
    )


# --- The password, once more -------------------------------------------------------------------------------------


def _asks_password() -> bool:
    typed = g.actor.password_at
    return typed is None or clock.now() - typed > PASSWORD_GOOD_FOR


def _password_holds(form: SigningForm) -> bool:
    """Compare the typed password, and take the code, where they are asked for.

    No transaction is open while the hash is made. A code is used up whatever becomes of the signature, so that both
    were shown is noted with it; else a refused signature would wait for the next code.
    """
    if not _asks_password():
        return True
    if not form.password.data:
        form.password.errors = ["Isi kata sandi Anda untuk menandatangani."]
        return False
    if not proving.password_is(form.password, what="signing", wrong=_WRONG):
        return False
    return not g.actor.has_totp or proving.code_is(form.code, noting_password=True)


def _note_password(form: SigningForm) -> None:
    """In the same transaction as what is signed."""
    if _asks_password() and form.password.data:
        proving.note_password()


#: Also for the ketua's word about a certificate (ketua_certificates.py).
asks_password, password_holds, note_password = _asks_password, _password_holds, _note_password


def _nothing(sentence: str) -> ResponseReturnValue:
    """Nothing to sign here (any more): signed meanwhile, or none chosen."""
    return redirect_after_post(url_for("ketua.home"), sentence, tone="wait")
