"""Texts people agree to, as the LSP writes them: reading versions and adding one. None is ever edited.

What becomes of consents that stand: a case once sent keeps the version agreed to; a draft is asked anew from the
day a new version holds (Dossier.consents).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Consent, ConsentText, Permohonan, Setting
from lsp.papers.coverage import unprintable_in
from lsp.services import audit, retention
from lsp.vocabulary import ConsentKind, PermohonanStatus

LONGEST_BODY = 20_000
SHORTEST_BODY = 100
_RETENTION = "retention_"


@dataclass(frozen=True, slots=True)
class TextLine:
    """A kind of text: the version in force, the one that comes, and how many there are."""

    kind: ConsentKind
    standing: ConsentText | None
    coming: ConsentText | None
    count: int
    #: The day a retention rule changed after this version was written; its periods may be old.
    outdated_since: date | None


@dataclass(frozen=True, slots=True)
class NewText:
    """A version to be written. `after`: the newest number its writer saw."""

    title: str
    body: str
    effective_from: date
    after: int


@dataclass(frozen=True, slots=True)
class Version:
    """A version with how many agreements to it stand."""

    text: ConsentText
    given: int


def lines() -> list[TextLine]:
    """Every kind in the order of the vocabulary; two queries."""
    by_kind: dict[ConsentKind, list[ConsentText]] = {}
    for row in db.session.scalars(select(ConsentText).order_by(ConsentText.version_number)):
        by_kind.setdefault(row.kind, []).append(row)
    changed = _retention_changed()
    return [_line(kind, by_kind.get(kind, []), changed) for kind in ConsentKind]


def line(kind: ConsentKind) -> TextLine:
    rows = db.session.scalars(
        select(ConsentText).where(ConsentText.kind == kind).order_by(ConsentText.version_number)
    ).all()
    return _line(kind, rows, _retention_changed())


def _line(kind: ConsentKind, rows: Sequence[ConsentText], changed: date | None) -> TextLine:
    today = clock.today_wib()
    past = [row for row in rows if row.effective_from <= today]
    standing = past[-1] if past else None
    coming = [row for row in rows if row.effective_from > today]
    names_periods = kind in (ConsentKind.DATA_PROCESSING, ConsentKind.RECORDING)
    is_old = names_periods and standing and changed and standing.effective_from < changed
    return TextLine(
        kind, standing, coming[-1] if coming else None, len(rows), changed if is_old else None
    )


def _retention_changed() -> date | None:
    """The newest day, until today, from which a retention rule holds."""
    return db.session.scalar(
        select(func.max(Setting.effective_from)).where(
            Setting.key.startswith(_RETENTION, autoescape=True),
            Setting.effective_from <= clock.today_wib(),
        )
    )


def versions(kind: ConsentKind) -> list[Version]:
    """All versions of a kind, the newest first, in one query."""
    rows = db.session.execute(
        select(ConsentText, func.count(Consent.id))
        .outerjoin(Consent, (Consent.text_id == ConsentText.id) & Consent.withdrawn_at.is_(None))
        .where(ConsentText.kind == kind)
        .group_by(ConsentText.id)
        .order_by(ConsentText.version_number.desc())
    )
    return [Version(text, count) for text, count in rows]


def version(kind: ConsentKind, number: int) -> ConsentText | None:
    return db.session.scalar(
        select(ConsentText).where(ConsentText.kind == kind, ConsentText.version_number == number)
    )


def drafts_to_ask_anew(kind: ConsentKind) -> int:
    """Drafts never sent whose asesi agreed to a version of this kind."""
    found = db.session.scalar(
        select(func.count(func.distinct(Consent.permohonan_id)))
        .join(ConsentText, ConsentText.id == Consent.text_id)
        .join(Permohonan, Permohonan.id == Consent.permohonan_id)
        .where(
            ConsentText.kind == kind,
            Consent.withdrawn_at.is_(None),
            Permohonan.status == PermohonanStatus.DRAFT,
        )
    )
    return found or 0


def as_agreed_to(body: str, effective_from: date) -> str:
    """The text as the asesi will read it, with the periods that hold from its first day.

    Raises DomainError with what to mend.
    """
    clean = "\n".join(line.rstrip() for line in body.replace("\r", "").strip().split("\n"))
    filled = retention.fill(clean, effective_from)
    if not SHORTEST_BODY <= len(filled) <= LONGEST_BODY:
        raise DomainError(
            f"Isi teks harus {SHORTEST_BODY} sampai {LONGEST_BODY} huruf; sekarang {len(filled)}.",
            field="body",
        )
    return filled


def write(actor: Actor, kind: ConsentKind, new: NewText) -> ConsentText:
    """Add a version. Raises DomainError with what to mend."""
    row = ConsentText(
        kind=kind,
        body=check(kind, new),
        version_number=new.after + 1,
        effective_from=new.effective_from,
        title=new.title,
    )
    db.session.add(row)
    db.session.flush()
    audit.note(
        actor, "consent_text.write", "consent_text", str(row.id), kind=kind.value,
        version=row.version_number, since=new.effective_from.isoformat(),
    )  # fmt: skip
    return row


def check(kind: ConsentKind, new: NewText) -> str:
    """The text as it would be stored. Raises DomainError with the field and what to mend."""
    if new.effective_from < clock.today_wib():
        raise DomainError(
            "Teks berlaku paling cepat hari ini: yang sudah lewat tidak diubah.",
            field="effective_from",
        )
    newest = _newest(kind)
    if newest is not None and newest.version_number != new.after:
        raise DomainError(
            f"Versi {newest.version_number} baru saja ditulis. Buka halaman ini lagi di tab lain, "
            "baca versi itu, lalu salin isian Anda ke sana bila masih perlu."
        )
    filled = as_agreed_to(new.body, new.effective_from)
    if newest is not None and (newest.title, newest.body) == (new.title, filled):
        raise DomainError(
            f"Isinya sama dengan versi {new.after}. Tidak ada yang dicatat.", field="body"
        )
    _check_letters(f"{new.title} {filled}")
    return filled


def _newest(kind: ConsentKind) -> ConsentText | None:
    return db.session.scalar(
        select(ConsentText)
        .where(ConsentText.kind == kind)
        .order_by(ConsentText.version_number.desc())
        .limit(1)
    )


def _check_letters(text: str) -> None:
    missing = unprintable_in(text)
    if missing:
        named = ", ".join(f"“{letters}”" for letters in missing[:3])
        raise DomainError(
            f"Ada huruf yang tidak dapat dicetak di PDF: {named}. Ganti dengan huruf Latin.",
            field="body",
        )
