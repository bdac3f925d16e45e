"""Filling FR.APL.01 with what is known from elsewhere (the admin, a sheet, SIKI), each value with its source.

Filling twice changes nothing the second time, and what the asesi typed himself is never overwritten.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, cast

from sqlalchemy import Table, insert, select

from lsp import clock
from lsp.database import db
from lsp.models import (
    FieldSource,
    FrApl01,
    LinkedDocument,
    Permohonan,
)
from lsp.services import apl01, apl01_rows
from lsp.services.apl01_rows import EDUCATION_FIELDS, RowKind
from lsp.vocabulary import FieldOrigin

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A document known by its address only. code: of the requirement it answers (1a …), or empty."""

    code: str
    label: str
    address: str


@dataclass(slots=True)
class Known:
    """What is known of a person and his work, in the kinds the tables hold.

    values: by attribute of FrApl01 (birth_date as ISO text, sex as Sex). experiences, educations, trainings: by
    attribute of WorkExperience, FormalEducation and Training. What is not known is left out.
    """

    values: Row = field(default_factory=dict)
    experiences: list[Row] = field(default_factory=list)
    educations: list[Row] = field(default_factory=list)
    trainings: list[Row] = field(default_factory=list)
    files: list[NamedFile] = field(default_factory=list)


class Fate(Enum):
    """What filling does to one field, in words for the preview."""

    NEW = "diisikan"
    SAME = "sudah sama"
    REPLACED = "menggantikan isian sebelumnya"
    KEPT = "isian asesi dibiarkan"


@dataclass(slots=True)
class Filled:
    """What became of it: fields written, fields kept because the asesi typed them otherwise, rows added."""

    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    rows: int = 0


def fill(
    permohonan: Permohonan, known: Known, origin: FieldOrigin, *, fresh: FrApl01 | None = None
) -> Filled:
    """Write what is known into the draft. Empty values of `known` are nothing known, and change nothing.

    fresh: its FR.APL.01 from a caller who has only just made it, so that nothing about it is asked: a sheet makes
    two thousand of them.
    """
    done = Filled()
    known = _with_education_row(known)
    form = fresh or _form_for(permohonan, known)
    sources = {} if fresh is not None else _sources(permohonan)
    _fill_fields(permohonan, form, known, origin, done, sources)
    for name, rows in (
        ("pengalaman", known.experiences),
        ("pendidikan", known.educations),
        ("pelatihan", known.trainings),
    ):
        if rows:
            done.rows += _add_rows(form, apl01_rows.KINDS[name], rows, origin)
    _name_files(permohonan, known.files)
    if done.written or done.rows:
        form.updated_at = clock.now()
    if done.rows and form.educations:
        apl01_rows.follow_highest(form)
    _note_sources(permohonan, origin, done.written, sources)
    db.session.flush()
    return done


def _form_for(permohonan: Permohonan, known: Known) -> FrApl01:
    """The form; where rows of education come, an education from before there were rows is one of them first."""
    if known.educations:
        return apl01_rows.form_in_rows(permohonan, "pendidikan")
    return apl01.form_of(permohonan)


def _with_education_row(known: Known) -> Known:
    """The form prints what its highest row of education says: what came as its fields becomes that row."""
    fields = {name: known.values.get(name) for name in EDUCATION_FIELDS}
    if not fields["education"]:
        return known
    row = {EDUCATION_FIELDS[name]: value for name, value in fields.items() if value}
    rest = {name: value for name, value in known.values.items() if name not in fields}
    return replace(known, values=rest, educations=[*known.educations, row])


def origins(permohonan_id: int) -> dict[str, FieldOrigin]:
    """Where fields came from that the asesi did not type himself; one query."""
    rows = db.session.execute(
        select(FieldSource.field, FieldSource.origin).where(
            FieldSource.permohonan_id == permohonan_id
        )
    )
    return {name: origin for name, origin in rows if origin is not FieldOrigin.ASESI}


def foresee(permohonan: Permohonan, known: Known) -> dict[str, Fate]:
    """What filling would do to each field, without doing it. Education is none of them: it comes as a row."""
    known = _with_education_row(known)
    return _fates(permohonan, apl01.form_of(permohonan), known, _sources(permohonan))


def _sources(permohonan: Permohonan) -> dict[str, FieldSource]:
    return {
        row.field: row
        for row in db.session.scalars(
            select(FieldSource).where(FieldSource.permohonan_id == permohonan.id)
        )
    }


def _fates(
    permohonan: Permohonan, form: FrApl01, known: Known, sources: dict[str, FieldSource]
) -> dict[str, Fate]:
    found = {}
    for name, value in known.values.items():
        if value in (None, ""):
            continue
        standing, source = getattr(form, name), sources.get(name)
        own = source is None or source.origin is FieldOrigin.ASESI
        if standing == value:
            found[name] = Fate.SAME
        elif standing in (None, "") or _is_default(permohonan, name, standing):
            found[name] = Fate.NEW
        else:
            found[name] = Fate.KEPT if own else Fate.REPLACED
    return found


def _fill_fields(
    permohonan: Permohonan,
    form: FrApl01,
    known: Known,
    origin: FieldOrigin,
    done: Filled,
    sources: dict[str, FieldSource],
) -> None:
    for name, fate in _fates(permohonan, form, known, sources).items():
        if fate is Fate.KEPT:
            done.kept.append(name)
        elif fate is not Fate.SAME:
            setattr(form, name, known.values[name])
            done.written.append(name)
    apl01.follow(permohonan, form)


def _is_default(permohonan: Permohonan, name: str, standing: Any) -> bool:
    """Whether the portal wrote this itself when the draft was opened: account's name and address, nationality."""
    first = {
        "full_name": permohonan.asesi.name,
        "email": permohonan.asesi.email,
        "nationality": "Indonesia",
    }
    return bool(first.get(name) == standing)


def _note_sources(
    permohonan: Permohonan, origin: FieldOrigin, names: list[str], sources: dict[str, FieldSource]
) -> None:
    """The source of each field that was written; new ones in one statement, without objects of their own."""
    at = clock.now()
    for name in names:
        if name in sources:
            sources[name].origin, sources[name].at = origin, at
    fresh = [
        {"permohonan_id": permohonan.id, "field": name, "origin": origin, "at": at}
        for name in names
        if name not in sources
    ]
    if fresh:
        db.session.execute(insert(cast(Table, FieldSource.__table__)), fresh)


def _add_rows(form: FrApl01, kind: RowKind, rows: list[Row], origin: FieldOrigin) -> int:
    """Add the rows that do not stand yet, as long as there is room; how many."""
    standing, added = getattr(form, kind.relation), 0
    for values in rows:
        if len(standing) >= kind.most:
            break
        if any(
            all(getattr(row, key) == value for key, value in values.items()) for row in standing
        ):
            continue
        standing.append(kind.table(fr_apl_01_id=form.permohonan_id, origin=origin, **values))
        added += 1
    return added


def _name_files(permohonan: Permohonan, files: list[NamedFile]) -> None:
    """Remember documents by their address; one address stands once."""
    if not files:
        return
    standing = {
        row.address
        for row in db.session.scalars(
            select(LinkedDocument).where(LinkedDocument.permohonan_id == permohonan.id)
        )
    }
    requirements = {
        row.code: row.id
        for row in permohonan.skema_version.requirements
        if row.kind is permohonan.kind
    }
    for file in files:
        if file.address in standing:
            continue
        standing.add(file.address)
        db.session.add(
            LinkedDocument(
                permohonan_id=permohonan.id,
                requirement_id=requirements.get(file.code),
                label=file.label[:160],
                address=file.address,
                named_at=clock.now(),
            )
        )
