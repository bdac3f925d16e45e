"""The list of certificates: by state, by name or number, those that run out soon. Columns only, keyset pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Certificate, CertificateProposal, Permohonan, name_search
from lsp.services.certificates import one_line
from lsp.vocabulary import CertificateStatus, LifeStep

SIZE = 25
#: As far ahead as holders are reminded (process 5.3).
SOON = timedelta(days=183)
_HOLDING = (CertificateStatus.ACTIVE, CertificateStatus.SUSPENDED)
#: Choice of the filter -> its words.
STATES = {
    "": "Semua",
    "usulan": "Ada usulan",
    "berlaku": "Berlaku",
    "akan-habis": "Habis dalam 6 bulan",
    "dibekukan": "Dibekukan",
    "dicabut": "Dicabut",
    "kedaluwarsa": "Kedaluwarsa",
    "digantikan": "Diganti atau diperpanjang",
}


@dataclass(frozen=True, slots=True)
class Row:
    permohonan_id: str
    holder_name: str
    jabatan_kerja: str
    number: str
    state: CertificateStatus
    valid_until: date
    proposed: LifeStep | None


@dataclass(frozen=True, slots=True)
class Page:
    """next_key: where the next page begins; empty on the last one."""

    rows: list[Row]
    next_key: str


def page(actor: Actor, *, state: str = "", words: str = "", after: str = "") -> Page:
    """Newest first; those that run out soon by their last day. Of one's own certificate staff reads nothing here."""
    today, soon = clock.today_wib(), state == "akan-habis"
    open_one = and_(
        CertificateProposal.certificate_id == Certificate.id,
        CertificateProposal.decided_at.is_(None),
    )
    query = (
        select(
            Certificate.id,
            Permohonan.public_id,
            Certificate.holder_name,
            Certificate.jabatan_kerja,
            Certificate.certificate_number,
            Certificate.status,
            Certificate.valid_until,
            CertificateProposal.step,
        )
        .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
        .outerjoin(CertificateProposal, open_one)
        .where(Permohonan.asesi_id != actor.id, *_in_state(state, today), *_found(words))
        .limit(SIZE + 1)
    )
    begins = _key(after)
    if soon:
        query = query.order_by(Certificate.valid_until, Certificate.id)
        if begins is not None:
            day, number = date.fromordinal(begins[0]), begins[1]
            query = query.where(
                or_(
                    Certificate.valid_until > day,
                    and_(Certificate.valid_until == day, Certificate.id > number),
                )
            )
    else:
        query = query.order_by(Certificate.id.desc())
        if begins is not None:
            query = query.where(Certificate.id < begins[1])
    found = db.session.execute(query).all()
    more = len(found) > SIZE
    last = found[SIZE - 1] if more else None
    return Page(
        [_row(each, today) for each in found[:SIZE]],
        f"{last.valid_until.toordinal()}.{last.id}" if last is not None else "",
    )


def _row(found: Any, today: date) -> Row:
    state = found.status
    if state in _HOLDING and found.valid_until < today:
        state = CertificateStatus.EXPIRED
    return Row(
        found.public_id, found.holder_name, found.jabatan_kerja, found.certificate_number, state,
        found.valid_until, found.step,
    )  # fmt: skip


def _in_state(state: str, today: date) -> list[ColumnElement[bool]]:
    """By date, as the public page shows them, also before the clock has run."""
    status, until = Certificate.status, Certificate.valid_until
    found: dict[str, list[ColumnElement[bool]]] = {
        "usulan": [CertificateProposal.id.is_not(None)],
        "berlaku": [status == CertificateStatus.ACTIVE, until >= today],
        "akan-habis": [status.in_(_HOLDING), until >= today, until <= today + SOON],
        "dibekukan": [status == CertificateStatus.SUSPENDED, until >= today],
        "dicabut": [status == CertificateStatus.REVOKED],
        "kedaluwarsa": [
            or_(
                status == CertificateStatus.EXPIRED,
                and_(status.in_(_HOLDING), until < today),
            )
        ],
        "digantikan": [status.in_((CertificateStatus.REPLACED, CertificateStatus.RENEWED))],
    }
    return found.get(state, [])


def _found(words: str) -> list[ColumnElement[bool]]:
    """A text with a digit is a number and must be whole; anything else is part of a name, along its index."""
    if not words:
        return []
    if any(letter.isdigit() for letter in words):
        number = one_line(words)
        return [
            or_(
                Certificate.certificate_number == number,
                func.upper(Certificate.lpjk_number) == number,
                Certificate.blanko_number == number,
                Certificate.lsp_registration_number == number,
            )
        ]
    if db.engine.dialect.name != "sqlite":
        return [name_search.holds(words)]
    hits = db.session.scalar(select(name_search.count_up_to_many(words))) or 0
    few = hits <= name_search.FEW
    return [name_search.in_index(words) if few else name_search.along_order(words)]


def _key(text: str) -> tuple[int, int] | None:
    day, _, number = text.partition(".")
    if not (day.isascii() and day.isdigit() and number.isascii() and number.isdigit()):
        return None
    return (int(day), int(number)) if len(day) < 8 and len(number) < 10 and int(day) else None
