"""The machine behind every workflow table. `perform` is the only writer of a status.

A row answers four questions in four places: from where, by whom, only if, and then what. The database keeps the
promise too (CHECK constraints, unique indexes, triggers), and the version refuses the second of two officials.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.orm.exc import StaleDataError

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, NotAllowed, StaleCase, StepGone
from lsp.models import append_audit
from lsp.vocabulary import Labelled, Role


class Case(Protocol):
    """What the machine needs of a thing with a status."""

    id: Any
    public_id: Any
    status: Any
    status_at: Any
    version: Any


C = TypeVar("C", bound=Case)
#: (case, actor, note) -> None, or the reason in Indonesian why not.
Guard = Callable[[C, Actor, str], str | None]
#: (case, actor, note) -> None; writes rows only, nothing leaves the process here.
Effect = Callable[[C, Actor, str], None]


# No slots: a generic alias sets __orig_class__ on the instance.
@dataclass(frozen=True, kw_only=True)
class Transition(Generic[C]):
    """One row of a table."""

    name: str
    label: str
    source: tuple[Labelled, ...]
    target: Labelled
    roles: tuple[Role, ...]
    duties: tuple[Guard[C], ...] = ()
    guards: tuple[Guard[C], ...] = ()
    #: Effects that fill columns the new state must have (CHECK constraints); they run before the status moves.
    fills: tuple[Effect[C], ...] = ()
    effects: tuple[Effect[C], ...] = ()

    @property
    def asks_note(self) -> int:
        """Least length of the note this step asks for; 0 when it asks for none."""
        return max((_note_length(guard) for guard in self.guards), default=0)


@dataclass(frozen=True)
class Choice(Generic[C]):
    """A step that this person's role has in this state, and the reason when it cannot be done now."""

    transition: Transition[C]
    reason: str | None
    #: Least length of the note that is asked of this very person; 0 when none is.
    asks_note: int = 0

    @property
    def name(self) -> str:
        return self.transition.name

    @property
    def label(self) -> str:
        return self.transition.label

    @property
    def possible(self) -> bool:
        return self.reason is None


@dataclass(frozen=True)
class Machine(Generic[C]):
    """A table with the two questions that differ between machines: whose case is it, and how is a step recorded."""

    name: str
    statuses: type[Labelled]
    transitions: tuple[Transition[C], ...]
    #: In which of the row's roles the person acts on this very case; None when in none.
    acting_role: Callable[[Transition[C], C, Actor], Role | None]
    #: Duties that hold for every row.
    duties: tuple[Guard[C], ...]
    record: Callable[[C, Transition[C], Labelled, Actor, Role, str, datetime], None]
    index: dict[tuple[str, str], Transition[C]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.transitions:
            for source in row.source:
                key = (row.name, source.value)
                if key in self.index:
                    raise ValueError(f"{self.name}: two rows for {key}")
                self.index[key] = row

    def available(self, case: C, actor: Actor) -> list[Choice[C]]:
        """The steps that a person may see in this state; templates draw their buttons from it."""
        choices = []
        for row in self.transitions:
            if case.status not in row.source or row.roles == (Role.SYSTEM,):
                continue
            if self.acting_role(row, case, actor) is None:
                continue
            choices.append(self._choice(row, case, actor))
        return choices

    def choice(self, case: C, actor: Actor, name: str) -> Choice[C] | None:
        """One step by name, when it stands open to this person at all."""
        row = self.index.get((name, case.status.value))
        if row is None or self.acting_role(row, case, actor) is None:
            return None
        return self._choice(row, case, actor)

    def _choice(self, row: Transition[C], case: C, actor: Actor) -> Choice[C]:
        asked = (
            _note_length(rule)
            for rule in row.guards
            if _note_length(rule) and rule(case, actor, "")
        )
        return Choice(row, self._reason(row, case, actor, note=None), max(asked, default=0))

    def perform(
        self, case: C, name: str, actor: Actor, *, version: int, note: str = "", **details: str
    ) -> Transition[C]:
        """Do a step, or raise NotAllowed with a sentence and leave no trace. Flushes; the caller commits.

        details: what the audit chain says beside the two states.
        Raises StaleCase when the form was drawn from another version; StepGone when its step has gone with that.
        """
        row = self.index.get((name, case.status.value))
        if case.version != version:
            raise StaleCase if row is not None else StepGone
        if row is None:
            raise NotAllowed(
                f"Langkah ini tidak dapat dilakukan pada status “{case.status.label}”."
            )
        role = self.acting_role(row, case, actor)
        if role is None:
            raise NotAllowed("Langkah ini bukan wewenang Anda.")
        reason = self._reason(row, case, actor, note=note)
        if reason is not None:
            # What would be allowed with a note is about the note.
            unwritten = self._reason(row, case, actor, note=None) is None
            raise NotAllowed(reason, field="note" if unwritten else "")
        try:
            self._do(row, case, actor, role, note, details)
        except StaleDataError as error:
            # Two at once: any flush on the way, an effect's too, may find the row changed by the other.
            raise StaleCase from error
        return row

    def _do(
        self,
        row: Transition[C],
        case: C,
        actor: Actor,
        role: Role,
        note: str,
        details: Mapping[str, str],
    ) -> None:
        source, moment = case.status, clock.now()
        for effect in row.fills:
            effect(case, actor, note)
        case.status, case.status_at = row.target, moment
        for effect in row.effects:
            effect(case, actor, note)
        self.record(case, row, source, actor, role, note, moment)
        append_audit(
            db.session(),
            actor_id=actor.id,
            actor_role=role,
            action=f"{self.name}.{row.name}",
            object_type=self.name,
            object_id=case.public_id,
            details={"from": source.value, "to": row.target.value, **details},
        )
        db.session.flush()

    def _reason(self, row: Transition[C], case: C, actor: Actor, *, note: str | None) -> str | None:
        """The first sentence against it. With note None (drawing a button) the note itself is not yet asked for."""
        rules: Iterable[Guard[C]] = (*self.duties, *row.duties, *row.guards)
        for rule in rules:
            reason = rule(case, actor, _UNWRITTEN if note is None else note)
            if reason is not None:
                return reason
        return None

    def as_mermaid(self) -> str:
        """The diagram, as Mermaid `stateDiagram-v2`: state labels, then source --> target: name (roles)."""
        lines = ["stateDiagram-v2"]
        lines += [f"    {status.name}: {status.label}" for status in self.statuses]
        for row in self.transitions:
            who = ", ".join(role.value for role in row.roles)
            lines += [
                f"    {source.name} --> {row.target.name}: {row.name} ({who})"
                for source in row.source
            ]
        return "\n".join(lines)


#: Stands for the note that a person has not been asked for yet: long enough for every rule.
_UNWRITTEN = "…" * 1000

F = TypeVar("F", bound=Callable[..., Any])


def named(name: str) -> Callable[[F], F]:
    """Give a rule or effect made by a factory the name that docs/workflow.md prints."""

    def rename(function: F) -> F:
        function.__name__ = name
        return function

    return rename


#: Letters of a reason that somebody else reads, and of one that decides over a person's case.
LEAST_REASON, LEAST_GROUNDS = 10, 20


def check_reason(
    reason: str, least: int = LEAST_REASON, *, what: str = "alasan", field: str = ""
) -> str:
    """A reason without the blanks around it. Raises DomainError, by its field, where it is too short."""
    if len(reason.strip()) < least:
        raise DomainError(_too_short(what, least), field=field)
    return reason.strip()


def _too_short(what: str, least: int) -> str:
    return f"Tulis {what} sedikitnya {least} huruf."


def _note_length(rule: object) -> int:
    return rule.note_length if isinstance(rule, NoteGiven) else 0


@dataclass(frozen=True, slots=True)
class NoteGiven:
    """Guard: the person wrote a reason of at least `note_length` letters."""

    note_length: int
    what: str = "alasan"

    def __call__(self, case: Any, actor: Actor, note: str) -> str | None:
        if len(note.strip()) < self.note_length:
            return _too_short(self.what, self.note_length)
        return None
