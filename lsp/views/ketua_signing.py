"""What the ketua signs: the SK of a pleno, and certificates. One or a batch, all or none.

Both ask the password again when it was last typed more than ten minutes ago; it is compared outside the write
transaction, because hashing is slow by design.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.decision import SigningForm
from lsp.models import Permohonan, Pleno, SignIn, User
from lsp.permissions import access, writes_itself
from lsp.services import accounts, audit, certificates, dossiers, pleno, pleno_sk, throttle
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN

bp = Blueprint("ketua_signing", __name__, url_prefix="/ketua")
KETUA = (Role.KETUA,)
PASSWORD_GOOD_FOR = timedelta(minutes=10)
#: So many at once as a page can show and a person can read before he signs.
MOST_AT_ONCE = 50
_NONE_CHOSEN = "Pilih dulu SK yang akan ditandatangani."
_WRONG = "Kata sandi tidak cocok. Belum ada yang ditandatangani."


def signing_panels() -> Mapping[str, Any]:
    """What ketua/_signing_panels.html needs; for the ketua's home page and for the page of its own."""
    waiting = certificates.waiting(PermohonanStatus.RECORDED, limit=MOST_AT_ONCE)
    dossiers.prefill_registrations(waiting)
    return {
        "sk_waiting": [
            (each, [place for place in pleno_sk.sk_list(each) if pleno_sk.stands(place)])
            for each in pleno_sk.waiting_for_sk()
            if not pleno.holds_own_case(each, g.actor.id)
        ],
        "stands": pleno_sk.stands,
        "to_issue": [
            (case, PERMOHONAN.choice(case, g.actor, "issue"), dossier_of(case).registration)
            for case in waiting
        ],
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
    db.session.commit()
    told = f"{len(cases)} sertifikat terbit. Berkas PDF-nya sedang dibuat."
    return redirect_after_post(url_for("ketua.home"), told)


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
    listed = [(case, PERMOHONAN.choice(case, g.actor, "issue")) for case in _cases(chosen)]
    ready = [(case, choice) for case, choice in listed if choice is not None]
    if not ready:
        return _nothing(notice or "Pilih dulu sertifikat yang akan diterbitkan.")
    return page(
        "ketua/signing_confirm_issue.html",
        status=status,
        form=form,
        notice=notice,
        asks_password=_asks_password(),
        ready=[(case, dossier_of(case).registration) for case, choice in ready if choice.possible],
        refused=[(case, choice.reason) for case, choice in ready if not choice.possible],
    )


# --- The password, once more -------------------------------------------------------------------------------------


def _asks_password() -> bool:
    typed = g.actor.password_at
    return typed is None or clock.now() - typed > PASSWORD_GOOD_FOR


def _password_holds(form: SigningForm) -> bool:
    """Compare the typed password where it is asked for. No transaction is open while the hash is made."""
    if not _asks_password():
        return True
    if not form.password.data:
        form.password.errors = ["Isi kata sandi Anda untuk menandatangani."]
        return False
    throttle.count_try((throttle.SIGN_IN_ACCOUNT, f"{g.actor.email}|signing"))
    user = db.session.get_one(User, g.actor.id)
    db.session.expunge_all()
    db.session.rollback()
    if accounts.password_matches(user, form.password.data):
        return True
    begin_write()
    audit.note(g.actor, "account.password_refused", "user", g.actor.public_id, role=Role.KETUA)
    db.session.commit()
    form.password.errors = [_WRONG]
    return False


def _note_password(form: SigningForm) -> None:
    """In the same transaction as what is signed."""
    if _asks_password() and form.password.data:
        db.session.execute(
            update(SignIn).where(SignIn.id == g.actor.sign_in_id).values(password_at=clock.now())
        )


#: Also for the ketua's word about a certificate (ketua_certificates.py).
asks_password, password_holds, note_password = _asks_password, _password_holds, _note_password


def _nothing(sentence: str) -> ResponseReturnValue:
    """Nothing to sign here (any more): signed meanwhile, or none chosen."""
    return redirect_after_post(url_for("ketua.home"), sentence, tone="wait")
