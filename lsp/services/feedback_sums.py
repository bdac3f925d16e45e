"""FR.AK.03 summed: how often ya and tidak were answered to each item, and the notes, never with a name.

The LSP sums over a period and an asesor. An asesor sees what was said of himself only from some answers on, and only
those that nobody can change any more: fewer, or fresh ones, would name the asesi
(docs/decisions/feedback-without-names.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import FrAk02, FrAk03, User
from lsp.models.inforce import form_template, setting
from lsp.services import audit
from lsp.services.sheets import CsvSheet
from lsp.vocabulary import Form

#: Answers that one page sums, the newest; an LSP of the size this portal is made for has fewer in years.
MOST = 5_000


@dataclass(slots=True)
class Item:
    """One of the ten: its words in force, and what was said."""

    number: str
    text: str
    yes: int = 0
    no: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sums:
    """count: answers summed; left_empty: asesi who gave none in time."""

    count: int
    left_empty: int
    items: list[Item]
    comments: list[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A period by the LSP's days (both included) and an asesor (public id), or all of them."""

    since: date
    until: date
    asesor: str = ""


def of_period(actor: Actor, wanted: Wanted) -> Sums:
    """What the LSP reads. Of himself nobody reads more here than `of_asesor` tells: an admin may be an asesor too."""
    conditions: list[ColumnElement[bool]] = [FrAk02.asesor_id != actor.id]
    if wanted.asesor:
        conditions.append(User.public_id == wanted.asesor)
    first, last = clock.day_begins(wanted.since), clock.day_begins(wanted.until + timedelta(days=1))
    given = _read(FrAk03.given_at >= first, FrAk03.given_at < last, *conditions)
    empty = _papers(FrAk03.id).where(
        FrAk03.left_empty_at >= first, FrAk03.left_empty_at < last, *conditions
    )
    return _sums(given, left_empty=len(db.session.scalars(empty.limit(MOST)).all()))


def of_asesor(asesor_id: int) -> Sums | None:
    """What an asesor reads about himself; None while too few answered."""
    fixed = clock.now() - timedelta(days=int(setting("ak03_days")))
    given = _read(FrAk03.given_at < fixed, FrAk02.asesor_id == asesor_id)
    return _sums(given) if len(given) >= int(setting("ak03_least_answers")) else None


def asesor_with_feedback() -> list[tuple[str, str]]:
    """(public id, name) for the filter."""
    query = _papers(User.public_id, User.name).distinct().order_by(User.name)
    return [(row.public_id, row.name) for row in db.session.execute(query)]


def _papers(*columns: Any) -> Select[Any]:
    """FR.AK.03 with the asesor of the attempt: of its newest FR.AK.02."""
    other = aliased(FrAk02)
    newest = (
        select(other.id)
        .where(other.permohonan_id == FrAk03.permohonan_id, other.attempt == FrAk03.attempt)
        .order_by(other.edition.desc())
        .limit(1)
        .correlate(FrAk03)
        .scalar_subquery()
    )
    return (
        select(*columns)
        .select_from(FrAk03)
        .join(FrAk02, FrAk02.id == newest)
        .join(User, User.id == FrAk02.asesor_id)
    )


def _read(*conditions: ColumnElement[bool]) -> Sequence[Any]:
    query = _papers(FrAk03.answers, FrAk03.comment).where(FrAk03.given_at.is_not(None), *conditions)
    return db.session.execute(query.order_by(FrAk03.given_at.desc()).limit(MOST)).all()


def _sums(given: Iterable[Any], *, left_empty: int = 0) -> Sums:
    words = form_template(Form.FR_AK_03.value).body["rows"]
    items = {number: Item(number, text) for number, text in words}
    comments, count = [], 0
    for answers, comment in given:
        count += 1
        comments += [comment] if comment else []
        for number, answer in answers.items():
            if number in items:
                _add(items[number], answer)
    for item in items.values():
        item.notes.sort(key=str.casefold)  # the order of coming would tell who wrote it
    return Sums(count, left_empty, list(items.values()), sorted(comments, key=str.casefold))


def _add(item: Item, answer: dict[str, Any]) -> None:
    if answer["yes"]:
        item.yes += 1
    else:
        item.no += 1
    if answer["note"]:
        item.notes.append(answer["note"])


def as_csv(actor: Actor, wanted: Wanted) -> bytes:
    """The sums as a file, a line an item and then a line a note; the download is noted."""
    sums = of_period(actor, wanted)
    sheet = CsvSheet(("Nomor", "Komponen", "Ya", "Tidak", "Catatan"))
    for item in sums.items:
        sheet.add((item.number, item.text, item.yes, item.no, ""))
    for item in sums.items:
        for note in item.notes:
            sheet.add((item.number, item.text, "", "", note))
    for comment in sums.comments:
        sheet.add(("", "Catatan/komentar lainnya", "", "", comment))
    audit.note(
        actor, "feedback.download", "lembaga", "umpan-balik", first=wanted.since.isoformat(),
        last=wanted.until.isoformat(), count=sums.count,
    )  # fmt: skip
    return sheet.finish()
