"""Who pays from a public budget: the LSP's own list with BNSP's codes, loaded whole from a sheet.

Until a list is loaded the asesi types the name. What a form says is the name; its code is looked up when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Ministry

MOST_LETTERS, MOST_CODE = 160, 20


def names() -> list[str]:
    """Names to offer, in alphabetical order; empty until a list is loaded."""
    return list(
        db.session.scalars(
            select(Ministry.name).where(Ministry.withdrawn_on.is_(None)).order_by(Ministry.name)
        )
    )


def code_of(name: str) -> str:
    """BNSP's code of a name on the list, also one that is no longer offered; empty while it is not known."""
    found = db.session.scalar(select(Ministry.code).where(Ministry.name == name)) if name else None
    return found or ""


def load(rows: Iterable[Mapping[str, str | None]]) -> tuple[int, int]:
    """Put this list (columns nama and kode) in the place of the standing one; (how many stand, how many went).

    Names that left the list are kept for the forms that carry them. Raises DomainError for a list that is none.
    """
    wanted = _checked(rows)
    standing = {row.name: row for row in db.session.scalars(select(Ministry))}
    for name, code in wanted.items():
        row = standing.get(name)
        if row is None:
            db.session.add(Ministry(name=name, code=code))
        else:
            row.code, row.withdrawn_on = code or row.code, None
    gone = [
        row for name, row in standing.items() if name not in wanted and row.withdrawn_on is None
    ]
    for row in gone:
        row.withdrawn_on = clock.today_wib()
    db.session.flush()
    return len(wanted), len(gone)


def _checked(rows: Iterable[Mapping[str, str | None]]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for number, row in enumerate(rows, 2):
        name, code = (" ".join((row.get(key) or "").split()) for key in ("nama", "kode"))
        if not name:
            raise DomainError(f"Baris {number}: kolom nama kosong. Daftar lama tetap dipakai.")
        if len(name) > MOST_LETTERS or len(code) > MOST_CODE:
            raise DomainError(
                f"Baris {number}: nama paling panjang {MOST_LETTERS} huruf, kode {MOST_CODE} huruf. "
                "Daftar lama tetap dipakai."
            )
        if name in wanted:
            raise DomainError(
                f"Baris {number}: {name} tertulis dua kali. Daftar lama tetap dipakai."
            )
        wanted[name] = code
    if not wanted:
        raise DomainError("Daftar ini tidak berisi satu baris pun. Daftar lama tetap dipakai.")
    return wanted
