"""Accounts: sign up, sign in and out, one-use links, password, signed-in places.

No page tells whether an address has an account: the same sentence, status and work for a known and an unknown one.
"""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.accounts import (
    ChangePasswordForm,
    EmailForm,
    NewPasswordForm,
    SignInForm,
    SignUpForm,
)
from lsp.models import OneUseLink, User
from lsp.permissions import access, writes, writes_itself
from lsp.services import accounts, audit, claims, signing_in, staff, throttle, totp
from lsp.services.demo_accounts import DEMO_ACCOUNTS, DemoAccount
from lsp.views import devices, second_step
from lsp.views.context import home_url
from lsp.views.html import is_safe_next, page, redirect_after_post
from lsp.vocabulary import STAFF_ROLES, LinkPurpose, Role

bp = Blueprint("auth", __name__)
ANY_ROLE = tuple(role for role in Role if role is not Role.SYSTEM)
NO_MATCH = "E-mail atau kata sandi tidak cocok. Periksa lagi, lalu coba sekali lagi."
NOT_CONFIRMED = "Alamat e-mail ini belum dikonfirmasi. Kami baru saja mengirim tautan baru ke sana."


# --- Signing in and out ----------------------------------------------------------------------------------


@bp.get("/masuk")
@access(public=True)
def sign_in() -> ResponseReturnValue:
    if g.actor.is_authenticated:
        return redirect(home_url(g.actor))
    return _sign_in_page(SignInForm(formdata=None, next=request.args.get("next", "")))


@bp.post("/masuk")
@access(public=True)
@writes_itself
def enter() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, status=422)
    email = (form.email.data or "").lower()
    throttle.count_sign_in(email, device=devices.known_device(email), address=devices.address())
    user = accounts.find_by_email(email)
    # The connection goes back before the slow part; what was read of the person stays readable.
    db.session.expunge_all()
    db.session.rollback()
    matches = accounts.password_matches(user, form.password.data or "")
    if user is None or not matches or user.disabled_at is not None:
        return _sign_in_refused(form, NO_MATCH)
    if user.verified_at is None:
        return _confirm_address_first(user.id, form)
    return open_place(user.id, form.next.data or "", proven=user.password_hash)


@bp.post("/masuk/demo")
@access(public=True)
@writes_itself
def enter_demo() -> ResponseReturnValue:
    """One button an account on a demo installation; does not exist elsewhere."""
    name = request.form.get("akun", "")
    if name not in {account.name for account in _demo_accounts()}:
        abort(404)
    user = accounts.find_by_email(f"{name}@demo.example")
    if user is None:
        abort(404)
    if user.disabled_at is not None:
        form = SignInForm(formdata=None)
        form.email.errors = ["Akun contoh ini sudah ditutup admin. Pilih akun contoh yang lain."]
        return _sign_in_page(form, status=409)
    return open_place(user.id, "", asks_code=False)  # no password either: fictional people only


@bp.post("/keluar")
@access(roles=ANY_ROLE)
@writes
def sign_out() -> ResponseReturnValue:
    signing_in.end_place(g.actor.token)
    audit.note(g.actor, "account.sign_out", "user", g.actor.public_id)
    db.session.commit()
    session.clear()
    answer = redirect_after_post(url_for("public.home"), "Anda sudah keluar.")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _sign_in_page(form: SignInForm, *, status: int = 200) -> ResponseReturnValue:
    return page("auth/sign_in.html", status=status, form=form, demo_accounts=_demo_accounts())


def _sign_in_refused(form: SignInForm, sentence: str) -> ResponseReturnValue:
    begin_write()
    audit.note(g.actor, "account.sign_in_refused", "user", "")
    db.session.commit()
    form.password.errors = [sentence]
    return _sign_in_page(form, status=422)


def _confirm_address_first(user_id: int, form: SignInForm) -> ResponseReturnValue:
    throttle.count_try(*_mail_tries((form.email.data or "").lower()))
    begin_write()
    accounts.mail_link(db.session.get_one(User, user_id), LinkPurpose.VERIFY_EMAIL)
    db.session.commit()
    form.email.errors = [NOT_CONFIRMED]
    return _sign_in_page(form, status=422)


def open_place(
    user_id: int, wanted: str, *, proven: str = "", asks_code: bool = True
) -> ResponseReturnValue:
    """Sign in, or go on to the code where the account has a second factor: of a mailed link too.

    proven: the hash that the typed password was compared with, which took a while.
    """
    begin_write()
    user = db.session.get_one(User, user_id)
    if proven and user.password_hash != proven:
        raise DomainError("Kata sandi akun ini baru saja diganti. Masuk lagi dengan yang baru.")
    if asks_code and totp.is_on(user.id):
        second_step.remember(user, wanted)
        db.session.commit()
        return redirect(url_for("auth.ask_code"), code=303)
    return signed_in(user, wanted)


def signed_in(user: User, wanted: str) -> ResponseReturnValue:
    """Make the place of somebody who has shown all that his account asks, in the open unit of work, and commit."""
    token = signing_in.open_place(user, is_staff=_is_staff(user), device=devices.device_words())
    actor = Actor(id=user.id, name=user.name, roles=frozenset(held.role for held in user.roles))
    audit.note(actor, "account.sign_in", "user", user.public_id)
    email = user.email
    db.session.commit()
    # A new cookie: nothing that was in the browser before signing in lives on.
    session.clear()
    session["_user_id"] = token
    g.actor = g._login_user = actor
    answer = make_response(redirect(wanted if is_safe_next(wanted) else home_url(actor), code=303))
    devices.remember_device(answer, email)
    return answer


def _demo_accounts() -> tuple[DemoAccount, ...]:
    return DEMO_ACCOUNTS if current_app.config["DEMO"] else ()


def _is_staff(user: User) -> bool:
    return any(held.role in STAFF_ROLES for held in user.roles)


# --- Making an account, and mailed links -----------------------------------------------------------------


@bp.get("/daftar")
@access(public=True)
def sign_up() -> ResponseReturnValue:
    return _sign_up_page(SignUpForm(formdata=None))


@bp.post("/daftar")
@access(public=True)
@writes_itself
def create_account() -> ResponseReturnValue:
    form = SignUpForm()
    if not form.validate():
        return _sign_up_page(form, status=422)
    email, name, password = form.email.data or "", form.name.data or "", form.password.data or ""
    try:
        accounts.check_new_password(password, is_staff=False, about=(email, name))
    except accounts.WeakPassword as refusal:
        form.password.errors = [str(refusal)]
        return _sign_up_page(form, status=422)
    throttle.count_try((throttle.SIGN_UP_ADDRESS, devices.address()), *_mail_tries(email.lower()))
    password_hash = accounts.hash_password(password)
    begin_write()
    accounts.sign_up(email=email, name=name, password_hash=password_hash)
    db.session.commit()
    return _mailed(email)


@bp.get("/daftar/periksa-email")
@access(public=True)
def check_mail() -> ResponseReturnValue:
    without_smtp = not current_app.config["LSP"].smtp_url
    return page("auth/check_mail.html", mail_stays_here=current_app.config["DEMO"] and without_smtp)


@bp.get("/lupa-sandi")
@access(public=True)
def forgotten() -> ResponseReturnValue:
    return page("auth/forgotten.html", form=EmailForm(formdata=None))


@bp.post("/lupa-sandi")
@access(public=True)
@writes_itself
def send_reset() -> ResponseReturnValue:
    form = EmailForm()
    if not form.validate():
        return page("auth/forgotten.html", status=422, form=form)
    email = (form.email.data or "").lower()
    throttle.count_try(*_mail_tries(email))
    begin_write()
    # Whether there is such an account is looked up by the worker: here it would show in the time of the answer.
    accounts.ask_reset(email)
    db.session.commit()
    return _mailed(email)


def _mailed(email: str) -> ResponseReturnValue:
    """On to the page that says so, with the address as it was typed: a mistyped one is seen there."""
    said = f"Alamat yang Anda tulis: {email}"
    return redirect_after_post(url_for("auth.check_mail"), said, tone="info")


def _mail_tries(email: str) -> tuple[tuple[throttle.Limit, str], ...]:
    return throttle.mail_tries(email, device=devices.known_device(email), address=devices.address())


@bp.get("/tautan/<token>")
@access(public=True)
def link(token: str) -> ResponseReturnValue:
    """Show what a one-use link will do. Looking never uses it up: mail scanners open links."""
    throttle.count_try((throttle.LINK_ADDRESS, devices.address()))
    try:
        standing = accounts.read_link(token)
    except accounts.LinkSpent as refusal:
        return _link_spent(refusal)
    return _link_page(NewPasswordForm(formdata=None), standing, token)


@bp.post("/tautan/<token>")
@access(public=True)
@writes_itself
def use_link(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    try:
        standing = accounts.read_link(token)
        if not form.validate():
            return _link_page(form, standing, token, status=422)
        password, password_hash = form.password.data or "", ""
        if standing.purpose is LinkPurpose.VERIFY_EMAIL:
            _check_chosen_password(standing.user, password)
        else:
            about = (standing.user.email, standing.user.name)
            accounts.check_new_password(password, is_staff=_is_staff(standing.user), about=about)
            # The row is read again inside the write: nothing is held while the hash is made.
            db.session.rollback()
            password_hash = accounts.hash_password(password)
        begin_write()
        user = accounts.use_link(token, password_hash=password_hash)
        waits = claims.way_on(user)
    except accounts.LinkSpent as refusal:
        return _link_spent(refusal)
    except accounts.WeakPassword as refusal:
        form.password.errors = [str(refusal)]
        return _link_page(form, standing, token, status=422)
    db.session.commit()
    return open_place(user.id, url_for("asesi.claim", token=waits) if waits else "")


def _check_chosen_password(user: User, password: str) -> None:
    """Whoever confirms an address must know the password typed at sign-up.

    Else somebody could sign up with another person's address and share the account once that person confirms.
    """
    throttle.count_try((throttle.SIGN_IN_ACCOUNT, f"{user.email}|confirm"))
    db.session.rollback()
    if not accounts.password_matches(user, password):
        raise accounts.WeakPassword(
            "Kata sandi ini tidak sama dengan yang dipilih saat mendaftar. Coba lagi."
        )


def _sign_up_page(form: SignUpForm, *, status: int = 200) -> ResponseReturnValue:
    return page("auth/sign_up.html", status=status, form=form, least=accounts.MIN_ASESI)


def _link_page(
    form: NewPasswordForm, link: OneUseLink, token: str, *, status: int = 200
) -> ResponseReturnValue:
    return page(
        "auth/link.html",
        status=status,
        form=form,
        token=token,
        title=_LINK_TITLES[link.purpose],
        email=link.user.email,
        is_new=link.purpose is not LinkPurpose.VERIFY_EMAIL,
        least=_least(is_staff=_is_staff(link.user)),
    )


def _link_spent(refusal: DomainError) -> ResponseReturnValue:
    return page("auth/link_spent.html", status=404, reason=str(refusal))


_LINK_TITLES = {
    LinkPurpose.VERIFY_EMAIL: "Konfirmasi alamat e-mail",
    LinkPurpose.RESET_PASSWORD: "Buat kata sandi baru",
    LinkPurpose.INVITE: "Selamat datang, buat kata sandi Anda",
}


def _least(*, is_staff: bool) -> int:
    return accounts.MIN_STAFF if is_staff else accounts.MIN_ASESI


# --- One's own account -----------------------------------------------------------------------------------


@bp.get("/akun")
@access(roles=ANY_ROLE)
def account() -> ResponseReturnValue:
    return _account_page(ChangePasswordForm(formdata=None))


@bp.post("/akun/kata-sandi")
@access(roles=ANY_ROLE)
@writes_itself
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    if not form.validate():
        return _account_page(form, status=422)
    throttle.count_try((throttle.SIGN_IN_ACCOUNT, f"{g.actor.email}|change"))
    user = db.session.get_one(User, g.actor.id)
    about = (user.email, user.name)
    db.session.expunge_all()
    db.session.rollback()
    if not accounts.password_matches(user, form.present.data or ""):
        form.present.errors = ["Kata sandi sekarang tidak cocok. Tidak ada yang diubah."]
        return _account_page(form, status=422)
    try:
        accounts.check_new_password(
            form.password.data or "", is_staff=g.actor.is_staff, about=about
        )
    except accounts.WeakPassword as refusal:
        form.password.errors = [str(refusal)]
        return _account_page(form, status=422)
    password_hash = accounts.hash_password(form.password.data or "")
    begin_write()
    accounts.set_password(
        db.session.get_one(User, g.actor.id), password_hash, keep_token=g.actor.token
    )
    audit.note(g.actor, "account.change_password", "user", g.actor.public_id)
    db.session.commit()
    return redirect_after_post(
        url_for("auth.account"), "Kata sandi diganti. Semua perangkat lain sudah dikeluarkan."
    )


def own_place(actor: Actor, place_id: str) -> dict[str, object] | None:
    place = signing_in.place_of(actor.id, place_id)
    return {"place": place} if place is not None else None


@bp.post("/akun/perangkat/<place_id>/keluarkan")
@access(roles=ANY_ROLE, load=own_place)
@writes
def end_place(place_id: str) -> ResponseReturnValue:
    db.session.delete(g.place)
    audit.note(g.actor, "account.end_place", "sign_in", place_id)
    db.session.commit()
    return redirect_after_post(url_for("auth.account"), "Perangkat itu sudah dikeluarkan.")


def _account_page(form: ChangePasswordForm, *, status: int = 200) -> ResponseReturnValue:
    return page(
        "auth/account.html",
        status=status,
        form=form,
        places=signing_in.places_of(g.actor.id),
        least=_least(is_staff=g.actor.is_staff),
        unnamed=staff.is_unnamed(g.actor.name),
    )
