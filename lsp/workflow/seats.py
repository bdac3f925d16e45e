"""What the table says of meetings: in which state which one is booked, by which step, and by which it is given back.

Read from the rows, so that a row that changes is not contradicted by a list kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsp.models import Permohonan
from lsp.vocabulary import FINAL, MeetingKind, PermohonanStatus
from lsp.workflow import duty
from lsp.workflow.guards.meeting import seat_held
from lsp.workflow.machine import Transition
from lsp.workflow.permohonan import TRANSITIONS

S = PermohonanStatus
_Rows = Iterator[tuple[S, S, Transition[Permohonan]]]


def _rows() -> _Rows:
    """Every row as (from, to, row), once for each state it leaves."""
    for row in TRANSITIONS:
        for source in row.source:
            yield S(source.value), S(row.target.value), row


def _booking(kind: MeetingKind) -> _Rows:
    """Those that ask for a seat in a meeting of this kind."""
    asked = seat_held(kind).__name__
    return (
        each
        for each in _rows()
        if asked in (getattr(rule, "__name__", "") for rule in each[2].guards)
    )


#: State in which a meeting is chosen -> its kind, and the step that books it.
BOOKS = {source: (kind, row.name) for kind in MeetingKind for source, _to, row in _booking(kind)}
#: State in which a seat is held -> the step by which its holder gives it back.
CANCELS = {
    source: row.name for source, _to, row in _rows() if duty.holder_of_the_meeting in row.duties
}
#: State in which a meeting is chosen or may be moved -> its kind.
DUE = {
    state: kind
    for kind in MeetingKind
    for source, target, _row in _booking(kind)
    for state in (source, target)
}


def _leading_to(state: S) -> frozenset[S]:
    """States from which steps lead there while no seat is held on the way."""
    found: set[S] = set()
    new = {state}
    while new:
        new = {
            source for source, target, _row in _rows()
            if target in new and source not in DUE and source not in found
        }  # fmt: skip
        found |= new
    return frozenset(found)


def _following(state: S) -> frozenset[S]:
    """States to which steps lead from there, sooner or later, itself among them."""
    found, new = {state}, {state}
    while new:
        new = {target for source, target, _row in _rows() if source in new} - found
        found |= new
    return frozenset(found)


#: Before the first meeting can be chosen, or while evidence is waited for that it needs.
TOO_EARLY = _leading_to(S.PAID)
#: A pre-assessment was booked once, and the case has not ended.
FROM_PRE_ASSESSMENT = tuple(state for state in S if state in _following(S.PRE_SCHEDULED) - FINAL)
