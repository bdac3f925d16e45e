"""The second factor: a code of an authenticator app (TOTP, RFC 6238) or one of ten recovery codes.

A code is good one step before and after its own, and once: the step of the last one taken is stored, so neither a
second press nor a clock set back lets it in again. Taking one writes, so the caller is in a write transaction.
"""

from __future__ import annotations

import hmac
import io
import re
import secrets
from datetime import timedelta

import pyotp
import segno
from sqlalchemy import delete, func, select

from lsp import clock, crypto, ids
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import RecoveryCode, TotpKey, User
from lsp.models.inforce import setting
from lsp.models.queue import add_mail
from lsp.services import audit, signing_in
from lsp.services.lembaga import current_or_none
from lsp.vocabulary import Role

STEP_SECONDS, DIGITS = 30, 6
RECOVERY_CODES, RECOVERY_DIGITS = 10, 12
#: So long may pass between the QR and the first code.
SETUP_MINUTES = 15
ALREADY_ON = "Verifikasi dua langkah akun ini sudah aktif."
IS_OFF = "Verifikasi dua langkah akun ini tidak aktif."
NO_MATCH = (
    "Kode tidak cocok, atau sudah dipakai. Tunggu kode berikutnya di aplikasi, lalu coba lagi."
)
REQUIRED = "LSP mewajibkan verifikasi dua langkah untuk ketua, jadi tidak dapat dimatikan."


def is_on(user_id: int) -> bool:
    return bool(
        db.session.scalar(
            select(TotpKey.user_id).where(
                TotpKey.user_id == user_id, TotpKey.confirmed_at.is_not(None)
            )
        )
    )


def is_required(actor: Actor) -> bool:
    """Whether the LSP asks a second factor of this person."""
    return actor.has(Role.KETUA) and setting("ketua_totp") == "required"


def codes_left(user_id: int) -> int:
    """How many recovery codes are unused."""
    return (
        db.session.scalar(
            select(func.count()).where(
                RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
            )
        )
        or 0
    )


# --- Turning on --------------------------------------------------------------------------------------------------


def begin(actor: Actor) -> None:
    """Make a new secret that waits for its first code. Raises DomainError when the factor is on already."""
    standing = _locked(actor.id)
    if standing is not None and standing.confirmed_at is not None:
        raise DomainError(ALREADY_ON)
    if standing is not None:
        db.session.delete(standing)
        db.session.flush()
    db.session.add(TotpKey(user_id=actor.id, secret=pyotp.random_base32()))
    db.session.flush()


def waiting_secret(user_id: int | None) -> str:
    """The secret that waits for its first code; "" when none was begun lately."""
    key = db.session.get(TotpKey, user_id)
    if key is None or key.confirmed_at is not None:
        return ""
    return key.secret if clock.now() - key.created_at < timedelta(minutes=SETUP_MINUTES) else ""


def confirm(actor: Actor, typed: str) -> list[str]:
    """Turn the factor on with its first code; every other place ends. Returns the recovery codes, to be shown once.

    Raises DomainError for a wrong code, one that came too late, or a factor that is on already.
    """
    if actor.id is None or not waiting_secret(actor.id):
        raise DomainError("Penyiapan ini sudah lewat waktunya. Mulai lagi dari awal.")
    key = _locked(actor.id)
    if key is None or not _take_step(key, _digits(typed)):
        raise DomainError(NO_MATCH, field="code")
    key.confirmed_at = clock.now()
    codes = _fresh_codes(actor.id)
    signing_in.end_other_places(actor.id, keep_token=actor.token)
    audit.note(actor, "account.totp_on", "user", actor.public_id)
    _tell(
        actor.id,
        "Verifikasi dua langkah diaktifkan. Perangkat lain yang sedang masuk sudah dikeluarkan.",
    )
    return codes


def setup_uri(secret: str, email: str) -> str:
    """What the QR holds: the LSP's name, the e-mail, the secret, and nothing else of the person."""
    standing = current_or_none()
    issuer = standing.name.replace(":", " ") if standing is not None else "Portal LSP"
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
        name=email, issuer_name=issuer
    )


def setup_qr(uri: str) -> str:
    """As SVG to stand inside the page: nothing is fetched, and no picture of a secret is kept anywhere."""
    drawn = io.BytesIO()
    segno.make_qr(uri, error="m").save(
        drawn, kind="svg", scale=5, border=4, dark="#000", light="#fff",
        xmldecl=False, svgns=False, svgclass=None, lineclass=None, nl=False,
    )  # fmt: skip
    return drawn.getvalue().decode()


def in_groups(text: str) -> str:
    """As people copy it: four signs at a time."""
    return " ".join(re.findall(".{1,4}", text))


# --- A code ------------------------------------------------------------------------------------------------------


def take_code(actor: Actor, typed: str) -> bool:
    """Take a code of the app, or use a recovery code up. That one was refused is noted in the audit chain."""
    key = _locked(actor.id)
    digits = _digits(typed)
    if key is not None and key.confirmed_at is not None:
        if _take_step(key, digits):
            db.session.flush()
            return True
        if _use_recovery(actor, digits):
            return True
    audit.note(actor, "account.code_refused", "user", actor.public_id)
    return False


def _take_step(key: TotpKey, digits: str) -> bool:
    if len(digits) != DIGITS:
        return False
    app = pyotp.TOTP(key.secret, digits=DIGITS, interval=STEP_SECONDS)
    now = int(clock.now().timestamp()) // STEP_SECONDS
    for step in (now - 1, now, now + 1):
        if step > key.last_step and hmac.compare_digest(app.generate_otp(step), digits):
            key.last_step = step
            return True
    return False


def _use_recovery(actor: Actor, digits: str) -> bool:
    if actor.id is None or len(digits) != RECOVERY_DIGITS:
        return False
    code = db.session.scalar(
        select(RecoveryCode)
        .where(
            RecoveryCode.user_id == actor.id,
            RecoveryCode.digest == _digest(actor.id, digits),
            RecoveryCode.used_at.is_(None),
        )
        .with_for_update()
    )
    if code is None:
        return False
    code.used_at = clock.now()
    db.session.flush()
    left = codes_left(actor.id)
    audit.note(actor, "account.recovery_code", "user", actor.public_id, left=left)
    _tell(actor.id, f"Satu kode cadangan dipakai. Sisanya {left} kode.")
    return True


def new_codes(actor: Actor) -> list[str]:
    """Ten new recovery codes; the old ones are no longer good. Raises DomainError when the factor is off."""
    key = _locked(actor.id)
    if actor.id is None or key is None or key.confirmed_at is None:
        raise DomainError(IS_OFF)
    codes = _fresh_codes(actor.id)
    audit.note(actor, "account.recovery_codes", "user", actor.public_id, count=len(codes))
    _tell(actor.id, "Kode cadangan dibuat ulang. Kode yang lama tidak berlaku lagi.")
    return codes


def _fresh_codes(user_id: int) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    made: set[str] = set()
    while len(made) < RECOVERY_CODES:
        made.add(f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}}")
    db.session.add_all(
        RecoveryCode(user_id=user_id, digest=_digest(user_id, each)) for each in made
    )
    db.session.flush()
    return sorted(in_groups(each) for each in made)


def _digits(typed: str) -> str:
    """As typed, without the spaces and dashes people put in; what is no plain digit makes it no code."""
    digits = re.sub(r"[\s-]", "", typed)
    return digits if digits.isascii() and digits.isdigit() else ""


def _digest(user_id: int, digits: str) -> str:
    # Keyed: whoever reads the table without the key cannot try the twelve digits one by one.
    return crypto.keyring().blind_index(f"{user_id}\0{digits}", context="recovery_code.digest")


def _locked(user_id: int | None) -> TotpKey | None:
    return db.session.scalar(
        select(TotpKey)
        .where(TotpKey.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


# --- Turning off -------------------------------------------------------------------------------------------------


def turn_off(actor: Actor) -> None:
    """By the person himself, who has just shown password and code. Raises DomainError where the LSP requires it."""
    if actor.id is None or not is_on(actor.id):
        raise DomainError(IS_OFF)
    if is_required(actor):
        raise DomainError(REQUIRED)
    take_off(actor.id, keep_token=actor.token)
    audit.note(actor, "account.totp_off", "user", actor.public_id)


def take_off(user_id: int, *, keep_token: str = "") -> None:
    """Forget secret and recovery codes, end every other place, and tell the person."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    db.session.execute(delete(TotpKey).where(TotpKey.user_id == user_id))
    signing_in.end_other_places(user_id, keep_token=keep_token)
    _tell(
        user_id,
        "Verifikasi dua langkah dimatikan. Semua perangkat lain dikeluarkan, dan masuk cukup dengan kata sandi.",
    )


def _tell(user_id: int, said: str) -> None:
    user = db.session.get_one(User, user_id)
    add_mail(user, "second_factor", dedupe=ids.secret_token(), said=said)
