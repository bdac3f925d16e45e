"""Verifikasi dua langkah: the code after the password, and one's own second factor: on, off, new recovery codes."""

from __future__ import annotations

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from lsp.actor import Actor
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.accounts import CODE_HINT, BothFactorsForm, CodeForm, PasswordForm
from lsp.models import User
from lsp.permissions import access, writes_itself
from lsp.services import throttle, totp
from lsp.views import devices, proving, second_step
from lsp.views.auth import signed_in
from lsp.views.context import home_url
from lsp.views.gate import sign_in_first
from lsp.views.html import page, redirect_after_post
from lsp.views.own_zone import bp  # with the views of name and zone on it
from lsp.vocabulary import STAFF_ROLES

_WRONG = "Kata sandi tidak cocok. Belum ada yang diubah."
_TOO_LATE = "Waktu untuk mengisi kode sudah lewat. Masuk lagi dengan kata sandi Anda."


# --- Signing in --------------------------------------------------------------------------------------------------


@bp.get("/masuk/kode")
@access(public=True)
def ask_code() -> ResponseReturnValue:
    if g.actor.is_authenticated:
        return redirect(home_url(g.actor))
    if second_step.halfway() is None:
        return sign_in_first(back=False)  # nobody who signed in has anything to do here
    return page("auth/code.html", form=CodeForm(formdata=None), hint=CODE_HINT)


@bp.post("/masuk/kode")
@access(public=True)
@writes_itself
def enter_code() -> ResponseReturnValue:
    found = second_step.halfway()
    if found is None:
        return redirect_after_post(url_for("auth.sign_in"), _TOO_LATE, tone="wait")
    form = CodeForm()
    if not form.validate():
        return page("auth/code.html", status=422, form=form, hint=CODE_HINT)
    user = db.session.get(User, found.user_id)
    if user is None or not found.holds_for(user):
        second_step.forget()
        return redirect_after_post(url_for("auth.sign_in"), _TOO_LATE, tone="wait")
    email = user.email
    throttle.count_try(*throttle.code_tries(email, device=devices.known_device(email)))
    begin_write()
    user = db.session.get_one(User, found.user_id, populate_existing=True)
    who = Actor(
        id=user.id,
        name=user.name,
        roles=frozenset(held.role for held in user.roles),
        public_id=user.public_id,
    )
    # Looked at once more inside the turn: a password changed meanwhile, or a factor taken off by two others.
    stands = found.holds_for(user)
    if not stands or (totp.is_on(user.id) and not totp.take_code(who, form.code.data or "")):
        db.session.commit()
        form.code.errors = [totp.NO_MATCH]
        return page("auth/code.html", status=422, form=form, hint=CODE_HINT)
    return signed_in(user, found.wanted)


# --- One's own second factor -------------------------------------------------------------------------------------


@bp.get("/akun/dua-langkah")
@access(roles=STAFF_ROLES)
def two_steps() -> ResponseReturnValue:
    return _own_page()


@bp.post("/akun/dua-langkah")
@access(roles=STAFF_ROLES)
@writes_itself
def begin_two_steps() -> ResponseReturnValue:
    """The password first: whoever finds an open browser must not bind the account to his own phone."""
    form = PasswordForm()
    if not form.validate() or not proving.password_is(form.password, what="totp", wrong=_WRONG):
        return _own_page(begin=form, status=422)
    begin_write()
    try:
        totp.begin(g.actor)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(url_for("auth.two_steps"), str(refusal), tone="wait")
    db.session.commit()
    return redirect_after_post(url_for("auth.set_up_two_steps"))


@bp.get("/akun/dua-langkah/pasang")
@access(roles=STAFF_ROLES)
def set_up_two_steps() -> ResponseReturnValue:
    return _setup_page(CodeForm(formdata=None))


@bp.post("/akun/dua-langkah/pasang")
@access(roles=STAFF_ROLES)
@writes_itself
def confirm_two_steps() -> ResponseReturnValue:
    form = CodeForm()
    if not form.validate():
        return _setup_page(form, status=422)
    email = g.actor.email
    throttle.count_try(*throttle.code_tries(email, device=devices.known_device(email)))
    begin_write()
    try:
        codes = totp.confirm(g.actor, form.code.data or "")
    except DomainError as refusal:
        db.session.rollback()
        if form.put_by_its_field(refusal):
            return redirect_after_post(url_for("auth.two_steps"), str(refusal), tone="wait")
        return _setup_page(form, status=422)
    db.session.commit()
    return _codes_page(codes, "Verifikasi dua langkah aktif.")


@bp.post("/akun/dua-langkah/kode-cadangan")
@access(roles=STAFF_ROLES)
@writes_itself
def new_recovery_codes() -> ResponseReturnValue:
    form = BothFactorsForm(prefix="baru-")
    if not _both_hold(form):
        return _own_page(renew=form, status=422)
    begin_write()
    try:
        codes = totp.new_codes(g.actor)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(url_for("auth.two_steps"), str(refusal), tone="wait")
    db.session.commit()
    return _codes_page(codes, "Kode cadangan baru dibuat.")


@bp.post("/akun/dua-langkah/matikan")
@access(roles=STAFF_ROLES)
@writes_itself
def end_two_steps() -> ResponseReturnValue:
    form = BothFactorsForm(prefix="mati-")
    if not _both_hold(form):
        return _own_page(end=form, status=422)
    begin_write()
    try:
        totp.turn_off(g.actor)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(url_for("auth.two_steps"), str(refusal), tone="wait")
    db.session.commit()
    return redirect_after_post(
        url_for("auth.account"),
        "Verifikasi dua langkah dimatikan. Semua perangkat lain sudah dikeluarkan.",
    )


def _both_hold(form: BothFactorsForm) -> bool:
    return (
        form.validate()
        and proving.password_is(form.password, what="totp", wrong=_WRONG)
        and proving.code_is(form.code)
    )


def _own_page(
    *,
    begin: PasswordForm | None = None,
    renew: BothFactorsForm | None = None,
    end: BothFactorsForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    on = totp.is_on(g.actor.id)
    return page(
        "auth/two_steps.html",
        status=status,
        on=on,
        required=totp.is_required(g.actor),
        left=totp.codes_left(g.actor.id) if on else 0,
        begin=begin or PasswordForm(formdata=None),
        renew=renew or BothFactorsForm(formdata=None, prefix="baru-"),
        end=end or BothFactorsForm(formdata=None, prefix="mati-"),
        hint=CODE_HINT,
    )


def _setup_page(form: CodeForm, *, status: int = 200) -> ResponseReturnValue:
    secret = totp.waiting_secret(g.actor.id)
    if not secret:
        return redirect(url_for("auth.two_steps"))
    drawn = totp.setup_qr(totp.setup_uri(secret, g.actor.email))
    return page(
        "auth/two_steps_setup.html",
        status=status,
        form=form,
        secret=totp.in_groups(secret),
        qr=Markup(drawn),  # noqa: S704 - drawn by segno here, of paths and numbers alone
        minutes=totp.SETUP_MINUTES,
    )


def _codes_page(codes: list[str], said: str) -> ResponseReturnValue:
    """The answer to the press itself, shown once: they are nowhere readable, so no other page could show them."""
    return page("auth/recovery_codes.html", codes=codes, said=said)


__all__ = ["bp"]
