"""The LSP's registers: its own data, TUK, asesor profiles, remote permissions, and what an installation still lacks.

Not for settings and fees (settings.py) or accounts (accounts.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from lsp import clock
from lsp.actor import Actor
from lsp.data import read_csv
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    AsesorProfile,
    Fee,
    Lembaga,
    Mapa,
    PaymentAccount,
    Skema,
    SkemaVersion,
    Tuk,
    User,
    holders_of,
)
from lsp.models.inforce import permission_holds
from lsp.services import audit
from lsp.services.installation import UNNAMED_LSP
from lsp.services.lembaga import current_or_none
from lsp.vocabulary import InvoiceKind, Role


def change_lembaga(actor: Actor, *, effective_from: date, **values: Any) -> Lembaga:
    """The LSP's data from a day on. A version of that very day, not yet past, is corrected in place.

    Raises DomainError for a day that is over.
    """
    if effective_from < clock.today_wib():
        raise DomainError("Perubahan berlaku paling cepat hari ini: yang sudah lewat tidak diubah.")
    row = db.session.scalar(select(Lembaga).where(Lembaga.effective_from == effective_from))
    if row is None:
        before = current_or_none()
        row = Lembaga(
            effective_from=effective_from, is_sample=before.is_sample if before else False
        )
        db.session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    db.session.flush()
    audit.note(actor, "lembaga.change", "lembaga", str(row.id), since=effective_from.isoformat())
    return row


def coming_lembaga() -> Sequence[Lembaga]:
    """Versions of the LSP's data that hold from a later day."""
    return db.session.scalars(
        select(Lembaga)
        .where(Lembaga.effective_from > clock.today_wib())
        .order_by(Lembaga.effective_from)
    ).all()


def tuk_list() -> Sequence[Tuk]:
    return db.session.scalars(select(Tuk).order_by(Tuk.name, Tuk.id)).all()


def tuk(public_id: str) -> Tuk | None:
    return db.session.scalar(select(Tuk).where(Tuk.public_id == public_id))


def save_tuk(actor: Actor, row: Tuk | None, **values: Any) -> Tuk:
    """Add a TUK, or correct one. Raises DomainError for a code that another TUK has."""
    act = "tuk.change" if row is not None else "tuk.add"
    if row is None:
        row = Tuk()
        db.session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise DomainError("Kode ini sudah dipakai TUK lain. Beri kode yang berbeda.") from error
    audit.note(actor, act, "tuk", row.public_id)
    return row


def asesor_list() -> list[tuple[User, AsesorProfile | None]]:
    """Every open account with the role asesor, and its profile where one stands."""
    rows = db.session.execute(
        select(User, AsesorProfile)
        .outerjoin(AsesorProfile, AsesorProfile.user_id == User.id)
        .where(User.disabled_at.is_(None), User.id.in_(holders_of(Role.ASESOR)))
        .order_by(User.name, User.id)
    )
    return [(user, profile) for user, profile in rows]


def asesor(public_id: str) -> User | None:
    """An open account with the role asesor."""
    return db.session.scalar(
        select(User)
        .where(
            User.public_id == public_id,
            User.disabled_at.is_(None),
            User.id.in_(holders_of(Role.ASESOR)),
        )
        .options(selectinload(User.roles))
    )


@dataclass(frozen=True, slots=True)
class ScopeGroup:
    """A klasifikasi with its subklasifikasi: (code, words), and whether one of them is chosen."""

    label: str
    codes: list[tuple[str, str]]
    chosen: bool


def scope_groups(chosen: Collection[str] = ()) -> list[ScopeGroup]:
    """What an asesor's scope is chosen from: the published codes, those of the LSP's own skema, and his own."""
    names = {
        row["kode_subklasifikasi"]: (row["klasifikasi"], row["subklasifikasi"])
        for row in read_csv("reference/klasifikasi.csv")
    }
    for version in db.session.scalars(select(SkemaVersion).order_by(SkemaVersion.id)):
        names.setdefault(version.subklasifikasi_code, (version.klasifikasi, version.subklasifikasi))
    for code in chosen:
        names.setdefault(code, ("Kode lain", "tidak ada di daftar"))
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, (label, name) in sorted(names.items()):
        groups.setdefault(label, []).append((code, f"{code} {name}"))
    return [
        ScopeGroup(label, codes, any(code in chosen for code, _name in codes))
        for label, codes in groups.items()
    ]


def asesor_profile(user: User) -> AsesorProfile | None:
    return db.session.get(AsesorProfile, user.id)


def save_asesor(actor: Actor, user: User, **values: Any) -> AsesorProfile:
    """Write the MET certificate, own SKK and scope of an asesor. Raises DomainError for a number of another asesor."""
    row = asesor_profile(user)
    if row is None:
        row = AsesorProfile(user_id=user.id)
        db.session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise DomainError("Nomor MET ini sudah tercatat untuk asesor lain.") from error
    audit.note(actor, "asesor.profile", "user", user.public_id, scope=list(row.scope))
    return row


def skema_list() -> Sequence[tuple[Skema, str]]:
    """Every skema with the title of its newest version."""
    rows = db.session.execute(
        select(Skema, SkemaVersion.title)
        .join(SkemaVersion, SkemaVersion.skema_id == Skema.id)
        .order_by(Skema.number, SkemaVersion.version_number)
    )
    newest: dict[int, tuple[Skema, str]] = {}
    for skema, title in rows:
        newest[skema.id] = (skema, title)
    return list(newest.values())


def lacking() -> list[str]:
    """What stands between this installation and its first meeting, in the order to fill it in; empty when ready."""
    today = clock.today_wib()
    own = current_or_none()
    standing = {
        "lembaga": own is not None and own.name != UNNAMED_LSP,
        "skema": _any(SkemaVersion.opened_at.is_not(None)),
        "fee": _any(and_(Fee.purpose == InvoiceKind.SERTIFIKASI, Fee.effective_from <= today)),
        "payment_account": _any(PaymentAccount.effective_from <= today),
        "tuk": _any(Tuk.verified_on.is_not(None)),
        "asesor": _any(
            and_(AsesorProfile.met_valid_until >= today, AsesorProfile.skk_valid_until >= today)
        ),
        "remote_permission": _any(permission_holds(today, date.max)),
        "mapa": not _any(SkemaVersion.opened_at.is_not(None) & ~_has_mapa(today)),
    }
    return [name for name, stands in standing.items() if not stands]


def _has_mapa(today: date) -> ColumnElement[bool]:
    """Condition on SkemaVersion: an asesor finds a plan to choose."""
    return exists().where(Mapa.skema_version_id == SkemaVersion.id, Mapa.effective_from <= today)


def _any(condition: Any) -> bool:
    return bool(db.session.scalar(select(exists().where(condition))))
