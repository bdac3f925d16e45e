"""Phrases for the notes of the checklist: which are offered for a row, and adding, changing, retiring one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import DocumentRequirement, NotePhrase
from lsp.services import audit
from lsp.vocabulary import FormSection

#: As many as have a key: 1 to 9.
MOST_OFFERED = 9
_STANDS = "Kalimat ini sudah ada untuk butir itu."


def offered(code: str) -> list[NotePhrase]:
    """The phrases for a row: first those of its code, then for a document those for all of them. One query."""
    codes = (code,) if code in list(FormSection) else (code, "")
    rows = db.session.scalars(
        select(NotePhrase)
        .where(NotePhrase.code.in_(codes), NotePhrase.retired_at.is_(None))
        .order_by(NotePhrase.code.desc(), NotePhrase.id)
        .limit(MOST_OFFERED)
    )
    return list(rows)


def names_a_fault(note: str) -> bool:
    """Whether a note holds a phrase that is in use: each of them says what the asesi is to put right."""
    if not note:
        return False
    rows = db.session.scalars(select(NotePhrase.text).where(NotePhrase.retired_at.is_(None)))
    return any(text in note for text in rows)


def every() -> Sequence[NotePhrase]:
    """All phrases, those in use first, by code and age."""
    return db.session.scalars(
        select(NotePhrase).order_by(
            NotePhrase.retired_at.is_not(None), NotePhrase.code, NotePhrase.id
        )
    ).all()


def one(public_id: str) -> NotePhrase | None:
    return db.session.scalar(select(NotePhrase).where(NotePhrase.public_id == public_id))


def places() -> list[tuple[str, str]]:
    """(code, words) of what a phrase can be for: everything, a document, a section of a form."""
    rows = db.session.execute(
        select(DocumentRequirement.code, DocumentRequirement.label)
        .distinct()
        .order_by(DocumentRequirement.code, DocumentRequirement.label)
    )
    documents: dict[str, str] = {}
    for code, label in rows:
        documents.setdefault(code, f"{code} {label}")
    sections = [(section.value, section.label) for section in FormSection]
    return [("", "Semua dokumen"), *documents.items(), *sections]


def add(actor: Actor, *, code: str, text: str) -> NotePhrase:
    """Raises DomainError when the same words stand for the same row already, or the row is none."""
    text = " ".join(text.split())
    if code not in dict(places()):
        raise DomainError("Pilih butir dari daftar.", field="code")
    same = select(NotePhrase.id).filter_by(code=code, text=text, retired_at=None)
    if db.session.scalar(same) is not None:
        raise DomainError(_STANDS, field="text")
    phrase = NotePhrase(code=code, text=text)
    db.session.add(phrase)
    db.session.flush()
    audit.note(actor, "note_phrase.add", "note_phrase", phrase.public_id, code=code)
    return phrase


def change(actor: Actor, phrase: NotePhrase, *, code: str, text: str) -> NotePhrase:
    """The old words are retired and the new ones added. Raises DomainError as `add`, or for a retired one."""
    if phrase.retired_at is not None:
        raise DomainError("Kalimat ini sudah tidak dipakai. Pakai lagi dulu, lalu ubah.")
    retire(actor, phrase)
    return add(actor, code=code, text=text)


def retire(actor: Actor, phrase: NotePhrase) -> None:
    """Offer it no more; again changes nothing."""
    if phrase.retired_at is None:
        phrase.retired_at = clock.now()
        db.session.flush()
        audit.note(actor, "note_phrase.retire", "note_phrase", phrase.public_id)


def use_again(actor: Actor, phrase: NotePhrase) -> NotePhrase:
    """The way back from `retire`: the same words as a new phrase. Raises DomainError when they stand already."""
    return add(actor, code=phrase.code, text=phrase.text)
