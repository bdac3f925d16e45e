"""The rows of FR.APL.01 read in one query, and what a signature on the form stands for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, literal, select, union_all
from sqlalchemy.orm.attributes import set_committed_value

from lsp.database import db
from lsp.models import FormalEducation, FrApl01, Training, WorkExperience

#: Of a row: what says how it is kept, not what it says.
_NOT_SIGNED = ("id", "public_id", "origin")
#: Columns that came after forms had been signed; empty, they change no signature given before.
_SINCE_SIGNED = frozenset({"location", "project_value", "reference_document_id", "ministry"})

_kind = union_all(*(select(literal(number).label("kind")) for number in range(3))).subquery()


def _of_kind(number: int, table: Any) -> Any:
    return and_(_kind.c.kind == number, table.fr_apl_01_id == FrApl01.permohonan_id)


#: A line for each row of each table, the other two empty in it: their sum, where plain joins would multiply them.
_ROWS = (
    select(WorkExperience, FormalEducation, Training)
    .select_from(FrApl01)
    .join(_kind, literal(value=True))
    .outerjoin(WorkExperience, _of_kind(0, WorkExperience))
    .outerjoin(FormalEducation, _of_kind(1, FormalEducation))
    .outerjoin(Training, _of_kind(2, Training))
    .where(FrApl01.permohonan_id.in_(bindparam("forms", expanding=True)))
)


def read_rows(forms: Sequence[FrApl01]) -> None:
    """Put experience, education and training into these forms, all in one query, in the order of the models."""
    if not forms:
        return
    found: dict[int, tuple[list[Any], ...]] = {form.permohonan_id: ([], [], []) for form in forms}
    lines: Iterable[Sequence[Any]] = db.session.execute(_ROWS, {"forms": list(found)})
    for line in lines:
        for number, row in enumerate(line):
            if row is not None:
                found[row.fr_apl_01_id][number].append(row)
    for form in forms:
        worked, learned, trained = found[form.permohonan_id]
        worked.sort(key=lambda row: (row.started_on, row.id))
        learned.sort(key=lambda row: row.id)
        trained.sort(key=lambda row: row.id)
        set_committed_value(form, "experiences", worked)
        set_committed_value(form, "educations", learned)
        set_committed_value(form, "trainings", trained)


def signed_content(form: FrApl01 | None) -> list[Any]:
    """What a signature on FR.APL.01 stands for; empty new fields leave older signatures as they are."""
    rows = [_values(row, skip=_NOT_SIGNED) for row in form.experiences] if form else []
    content = [_values(form, skip=("updated_at",)), rows]
    further = [*form.educations, *form.trainings] if form else []
    if further:
        content.append([_values(row, skip=_NOT_SIGNED) for row in further])
    return content


def _values(row: Any, *, skip: tuple[str, ...]) -> Any:
    if row is None:
        return None
    values = {
        column.key: getattr(row, column.key)
        for column in row.__table__.columns
        if column.key not in skip
    }
    return {
        key: value
        for key, value in values.items()
        if key not in _SINCE_SIGNED or value not in (None, "")
    }
