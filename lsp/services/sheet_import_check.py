"""Rows of a sheet compared with each other and with what stands: who is there already, who is somebody else.

Reading only, in a few queries whatever the number of rows. What it finds is said again by the worker if it has
changed meanwhile (sheet_import_run.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.models import FrApl01, Permohonan, SkemaVersion, User, UserRole, nik_index
from lsp.services.intake import holds_its_number
from lsp.services.sheet_import_rows import SheetRow, Weight
from lsp.vocabulary import FINAL, PermohonanStatus, Role

#: SQLite takes some thousands of values in one question; a sheet may hold more rows.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """A permohonan that holds the ID Izin of a row."""

    permohonan_id: int
    email: str
    name: str
    status: PermohonanStatus


def compare(rows: list[SheetRow], actor: Actor) -> None:
    """Say about each row what the others and the database say."""
    _among_themselves(rows)
    _accounts(rows, actor)
    _id_izin(rows)
    _open_elsewhere(rows)


# --- With each other ---------------------------------------------------------------------------------------------


def _among_themselves(rows: list[SheetRow]) -> None:
    by_id_izin: dict[str, SheetRow] = {}
    by_nik: dict[str, SheetRow] = {}
    by_email: dict[str, SheetRow] = {}
    for row in rows:
        first = by_id_izin.setdefault(row.id_izin, row) if row.id_izin else row
        if first is not row:
            row.say(
                Weight.FAULT,
                "id_izin",
                f"ID Izin ini sudah ada di baris {first.number}. Satu ID Izin untuk satu permohonan: "
                "hapus salah satunya.",
            )
        other = by_email.setdefault(row.email, row) if row.email else row
        if other is not row and row.nik and other.nik and other.nik != row.nik:
            row.say(
                Weight.DOUBT,
                "email",
                f"E-mail ini juga di baris {other.number} dengan NIK lain. "
                "Satu e-mail untuk satu orang: periksa keduanya.",
            )
        same = by_nik.setdefault(row.nik, row) if row.nik else row
        if same is not row and same.email != row.email:
            row.say(
                Weight.DOUBT,
                "nik",
                f"NIK ini juga di baris {same.number} dengan e-mail lain. Periksa keduanya.",
            )
        elif same is not row and same.offer == row.offer:
            row.say(
                Weight.DOUBT,
                "nik",
                f"NIK ini juga di baris {same.number} untuk skema yang sama. Centang hanya bila memang dua permohonan.",
            )


# --- With what stands --------------------------------------------------------------------------------------------


def _accounts(rows: list[SheetRow], actor: Actor) -> None:
    """Whose address it is: a colleague's and one's own cannot be an asesi's here."""
    wanted = sorted({row.email for row in rows if row.email})
    found = {each.email: each for each in _ask(_users(), User.email, wanted)}
    for row in rows:
        user = found.get(row.email)
        if user is None:
            continue
        if user.id == actor.id:
            row.say(Weight.FAULT, "email", "Ini e-mail Anda sendiri. Minta admin lain mencatatnya.")
        elif not user.is_asesi:
            row.say(
                Weight.FAULT,
                "email",
                "E-mail ini milik akun petugas. Minta asesi memakai alamat e-mail lain.",
            )
        elif user.closed:
            row.say(
                Weight.FAULT, "email", "Akun dengan e-mail ini sudah ditutup. Periksa alamatnya."
            )
        elif user.verified and _other_name(user.name, str(row.values.get("full_name", ""))):
            row.say(
                Weight.DOUBT,
                "email",
                f"E-mail ini milik akun {user.name}. Periksa apakah orangnya sama.",
            )


def _users() -> Any:
    is_asesi = (
        select(UserRole.id).where(UserRole.user_id == User.id, UserRole.role == Role.ASESI).exists()
    )
    return select(
        User.id,
        User.email,
        User.name,
        is_asesi.label("is_asesi"),
        User.disabled_at.is_not(None).label("closed"),
        User.verified_at.is_not(None).label("verified"),
    )


def _other_name(one: str, two: str) -> bool:
    return bool(two) and "".join(one.split()).casefold() != "".join(two.split()).casefold()


def _id_izin(rows: list[SheetRow]) -> None:
    standing = standing_under([row.id_izin for row in rows if row.id_izin])
    same: dict[int, SheetRow] = {}
    for row in rows:
        for found in standing.get(row.id_izin, []):
            if found.email == row.email:
                row.present = True
                if found.status is PermohonanStatus.DRAFT:
                    same[found.permohonan_id] = row
            else:
                row.say(Weight.FAULT, "id_izin", _held_by(found))
    for form in _ask(select(FrApl01), FrApl01.permohonan_id, sorted(same), entities=True):
        same[form.permohonan_id].gains = len(missing_in(form, same[form.permohonan_id].values))


def _held_by(found: Standing) -> str:
    """The worker would refuse the row as well, so nobody is asked to tick it."""
    if found.status is PermohonanStatus.DRAFT:
        return (
            f"ID Izin ini ada di draf {found.name} dengan e-mail lain. Periksa nomor dan e-mailnya, "
            "di lembar ini dan di draf itu."
        )
    return f"ID Izin ini sudah dipakai permohonan {found.name}. Periksa nomor dan e-mailnya."


def standing_under(id_izin: Sequence[str]) -> dict[str, list[Standing]]:
    """Permohonan that hold an ID Izin, by that number, as plain values."""
    query = (
        select(
            Permohonan.id,
            Permohonan.id_izin,
            User.email,
            Permohonan.asesi_name,
            Permohonan.status,
        )
        .join(User, User.id == Permohonan.asesi_id)
        .where(holds_its_number())
    )
    found: dict[str, list[Standing]] = {}
    for row in _ask(query, Permohonan.id_izin, sorted(set(id_izin))):
        found.setdefault(row.id_izin, []).append(
            Standing(row.id, row.email, row.asesi_name, row.status)
        )
    return found


def missing_in(form: FrApl01, values: dict[str, Any]) -> dict[str, Any]:
    """What the sheet knows and the form does not have yet."""
    return {name: value for name, value in values.items() if getattr(form, name) in (None, "")}


def _open_elsewhere(rows: list[SheetRow]) -> None:
    """The same NIK with an open permohonan of the same skema is asked about."""
    by_index = {nik_index(row.nik): row for row in rows if row.nik and not row.present}
    query = (
        select(FrApl01.nik_index, SkemaVersion.skema_id, Permohonan.id_izin)
        .join(Permohonan, Permohonan.id == FrApl01.permohonan_id)
        .join(SkemaVersion, SkemaVersion.id == Permohonan.skema_version_id)
        .where(Permohonan.status.not_in(tuple(FINAL)))
    )
    for found in _ask(query, FrApl01.nik_index, sorted(by_index)):
        row = by_index[found.nik_index]
        if row.offer and row.offer.skema_id == found.skema_id and row.id_izin != found.id_izin:
            row.say(
                Weight.DOUBT,
                "nik",
                f"Orang ini sudah punya permohonan skema yang sama (ID Izin {found.id_izin}). Centang hanya "
                "bila memang permohonan baru.",
            )


def _ask(
    query: Any, column: Any, values: Sequence[Any], *, entities: bool = False
) -> Iterator[Any]:
    """The rows whose column has one of the values, so many at a time."""
    for start in range(0, len(values), _AT_ONCE):
        found = db.session.execute(query.where(column.in_(values[start : start + _AT_ONCE])))
        yield from found.scalars() if entities else found
