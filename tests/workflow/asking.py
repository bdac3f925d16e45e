"""One question to a guard: a case where it holds, what is taken away, and what it then says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lsp.actor import Actor
from lsp.database import db
from lsp.models import Permohonan
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.dossier import Dossier, dossier_of
from tests.workflow.cases import Cast, make_cast, make_permohonan

Change = Callable[[Permohonan, Cast], Any]


def nothing(case: Permohonan, cast: Cast) -> None:
    """The case as it is built."""


@dataclass
class Question:
    """`status`: where the guard holds once `prepare` was done; `spoil` makes it speak `words`."""

    guard: Any
    status: PermohonanStatus
    spoil: Change
    words: str
    prepare: Change = nothing
    role: Role = Role.ADMIN
    columns: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return getattr(self.guard, "__name__", type(self.guard).__name__)

    @property
    def id(self) -> str:
        return f"{self.name}-{'-'.join(self.words.split()[:4])}"

    def ask(self) -> None:
        cast = make_cast()
        case = make_permohonan(self.status, cast=cast, **self.columns)
        person = cast.of(self.role, case)
        self.prepare(case, cast)
        db.session.flush()
        assert answer(self.guard, case, person) is None
        self.spoil(case, cast)
        db.session.flush()
        said = answer(self.guard, case, person)
        assert said is not None, "the guard says nothing"
        assert self.words in said
        assert said[0].isupper()
        assert said.endswith(".")


def answer(guard: Any, case: Permohonan, actor: Actor, note: str = "") -> str | None:
    said: str | None = guard(case, actor, note)
    return said


def on_case(**columns: Any) -> Change:
    """Columns of the case itself."""

    def change(case: Permohonan, cast: Cast) -> None:
        for name, value in columns.items():
            setattr(case, name, value)

    return change


def on(find: Callable[[Dossier], Any], **columns: Any) -> Change:
    """Columns of a row of the dossier."""

    def change(case: Permohonan, cast: Cast) -> None:
        row = find(dossier_of(case))
        for name, value in columns.items():
            setattr(row, name, value)

    return change


def in_turn(*changes: Change) -> Change:
    def change(case: Permohonan, cast: Cast) -> None:
        for each in changes:
            each(case, cast)
            db.session.flush()

    return change
