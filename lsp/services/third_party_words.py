"""FR.IA.10 in words: what a third party is asked, and his answers beside the questions they answer.

The words are those in force when he was first asked; they stay, also for a link that is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lsp import clock
from lsp.database import db
from lsp.models import Instrument, ThirdParty
from lsp.models.inforce import form_template
from lsp.services import third_party
from lsp.vocabulary import InstrumentPaper, ItemKind


@dataclass(frozen=True, slots=True)
class Question:
    """key: of its control on the page. yes_no: answered ya or tidak, else in words."""

    key: str
    text: str
    yes_no: bool
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Questions:
    """The paper as a third party fills it. more: of the skema's own instrument."""

    words: Mapping[str, Any]
    identity: list[tuple[str, str]]
    statements: list[Question]
    more: list[Question]
    open: list[Question]

    @property
    def yes_no(self) -> list[Question]:
        return [*self.statements, *(each for each in self.more if each.yes_no)]

    @property
    def in_words(self) -> list[Question]:
        return [*self.open, *(each for each in self.more if not each.yes_no)]

    @property
    def all(self) -> list[Question]:
        """As they are numbered on the page, from 1."""
        return self.yes_no + self.in_words


@dataclass(frozen=True, slots=True)
class Letter:
    """What a third party answered, ready to be drawn."""

    row: ThirdParty
    identity: list[tuple[str, str]]
    statements: list[tuple[str, bool]]
    open: list[tuple[str, str]]


def questions_of(row: ThirdParty) -> Questions:
    """What this third party is asked."""
    words = form_template(third_party.WORDS, version=row.words_version).body
    optional = set(words.get("optional", ()))
    return Questions(
        words,
        [(key, label) for key, label in words["identity"]],
        [Question(f"s-{key}", text, yes_no=True) for key, text in words["statements"]],
        _of_the_skema(row),
        [Question(f"o-{key}", text, False, key in optional) for key, text in words["open"]],
    )


def _of_the_skema(row: ThirdParty) -> list[Question]:
    """Further rows of the FR.IA.10 that was in force when he was asked, of each kelompok the newest."""
    asked_on = row.created_at.astimezone(clock.WIB).date()
    in_force = db.session.scalars(
        select(Instrument)
        .where(
            Instrument.skema_version_id == row.permohonan.skema_version_id,
            Instrument.paper == InstrumentPaper.VPK,
            Instrument.published_at <= row.created_at,
            Instrument.effective_from <= asked_on,
        )
        .order_by(Instrument.kelompok, Instrument.version_number)
        .options(selectinload(Instrument.items))
    )
    newest = {each.kelompok: each for each in in_force}
    return [
        Question(f"x-{item.id}", item.text, item.kind is ItemKind.STATEMENT)
        for instrument in newest.values()
        for item in instrument.items
    ]


def said_of(
    asked: Questions, identity: Mapping[str, str], answers: Mapping[str, bool | str]
) -> dict[str, Any]:
    """What is kept of an answer. Further questions with their words: their instrument may be replaced."""
    return {
        "identity": dict(identity),
        "statements": {
            each.key[2:]: answers[each.key] for each in asked.statements if each.key in answers
        },
        "open": {each.key[2:]: answers[each.key] for each in asked.open if each.key in answers},
        "more": [
            {"text": each.text, "answer": answers[each.key]}
            for each in asked.more
            if each.key in answers
        ],
        "consent": asked.words.get("consent", ""),
    }


def letters_of(rows: Sequence[ThirdParty]) -> list[Letter]:
    """The answers among these rows; the words of each version are read once."""
    words: dict[int, Mapping[str, Any]] = {}
    made = []
    for row in rows:
        if row.answered_at is None:
            continue
        if row.words_version not in words:
            found = form_template(third_party.WORDS, version=row.words_version)
            words[row.words_version] = found.body
        made.append(_letter(row, words[row.words_version]))
    return made


def _letter(row: ThirdParty, words: Mapping[str, Any]) -> Letter:
    said = row.said
    more = said.get("more", [])
    return Letter(
        row,
        [(label, said.get("identity", {}).get(key, "")) for key, label in words["identity"]],
        [(text, said["statements"][key]) for key, text in words["statements"] if key in said.get("statements", {})]
        + [(each["text"], each["answer"]) for each in more if isinstance(each["answer"], bool)],
        [(text, said["open"][key]) for key, text in words["open"] if key in said.get("open", {})]
        + [(each["text"], each["answer"]) for each in more if isinstance(each["answer"], str)],
    )  # fmt: skip
