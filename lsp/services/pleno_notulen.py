"""The notulen of a pleno: a text of the meeting and a note of each case. The notulis writes until the SK is signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Pleno, PlenoCase, PlenoCaseNote, PlenoNotulen
from lsp.models.inforce import form_template
from lsp.services import audit
from lsp.services.meetings import MEETING_WORDS
from lsp.vocabulary import Role

CLOSED = "SK rapat ini sudah ditandatangani, jadi notulennya tidak dapat diubah lagi."


@dataclass(frozen=True, slots=True)
class Note:
    """Of one case: the rules of evidence that were found kept, and what was said."""

    rules: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Notulen:
    """What is stored: the text of the meeting, and a note by the public id of each place that has one."""

    text: str
    notes: Mapping[str, Note]

    @property
    def is_empty(self) -> bool:
        return not self.text and not any(note.text or note.rules for note in self.notes.values())

    def as_json(self) -> list[object]:
        """For its edition (views/editions.py)."""
        notes = {
            key: [list(note.rules), note.text]
            for key, note in self.notes.items()
            if note.rules or note.text
        }
        return [self.text, notes]


def rules() -> list[tuple[str, str, str]]:
    """Name, label and meaning of each rule of evidence (V-A-T-M), in the words of the pra-asesmen."""
    return [
        (name, label, meaning)
        for name, label, meaning in form_template(MEETING_WORDS).body["rules_of_evidence"]
    ]


def places_of(pleno: Pleno) -> list[PlenoCase]:
    """The cases the notulen speaks of: not those that were taken off."""
    return [place for place in pleno.cases if place.outcome != "removed"]


def stored(pleno: Pleno) -> Notulen:
    """Two queries."""
    row = db.session.get(PlenoNotulen, pleno.id)
    keys = {place.id: place.public_id for place in pleno.cases}
    rows = db.session.scalars(
        select(PlenoCaseNote).where(PlenoCaseNote.pleno_case_id.in_(list(keys)))
    )
    return Notulen(
        row.text if row is not None else "",
        {keys[each.pleno_case_id]: Note(tuple(each.rules), each.text) for each in rows},
    )


def without(plenos: Iterable[Pleno]) -> set[int]:
    """Those (`Pleno.id`) of whose meeting nothing was written; one query for all."""
    ids = {pleno.id for pleno in plenos}
    written = select(PlenoNotulen.pleno_id).where(
        PlenoNotulen.pleno_id.in_(ids), PlenoNotulen.text != ""
    )
    return ids - set(db.session.scalars(written))


def why_not_written(actor: Actor, pleno: Pleno) -> str | None:
    """Why this person does not write now; None when he does."""
    if pleno.sk_signed_at is not None:
        return CLOSED
    if pleno.notulis_id is None:
        return "Rapat ini belum punya notulis. Minta admin menunjuk salah satu anggota."
    if pleno.notulis_id != actor.id:
        return "Notulen ditulis oleh notulis rapat ini."
    if clock.today_wib() < pleno.held_on:
        return "Notulen dapat ditulis mulai hari rapat."
    return None


def save(actor: Actor, pleno: Pleno, wanted: Notulen) -> Notulen:
    """Store what the notulis wrote. Raises DomainError."""
    db.session.refresh(pleno, ["sk_signed_at", "notulis_id", "held_on"])
    reason = why_not_written(actor, pleno)
    if reason is not None:
        raise DomainError(reason)
    known = {name for name, _label, _meaning in rules()}
    was, changed = stored(pleno), 0
    writer = {"saved_at": clock.now(), "saved_by_id": actor.id or 0}
    if wanted.text != was.text:
        db.session.merge(PlenoNotulen(pleno_id=pleno.id, text=wanted.text, **writer))
        changed += 1
    for place in places_of(pleno):
        note = wanted.notes.get(place.public_id, Note())
        if note == was.notes.get(place.public_id, Note()):
            continue
        kept = [name for name in note.rules if name in known]
        row = PlenoCaseNote(pleno_case_id=place.id, rules=kept, text=note.text, **writer)
        db.session.merge(row)
        changed += 1
    if changed:
        audit.note(actor, "pleno.notulen", "pleno", pleno.public_id, role=Role.TIM_TEKNIS)
    db.session.flush()
    return stored(pleno)
