"""The buttons of a case, drawn from the workflow's own table, each with the reason when it cannot be pressed now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import g

from lsp import clock
from lsp.models import Permohonan
from lsp.models.inforce import setting
from lsp.views.asesor.shared import address, own_seat
from lsp.views.asesor.steps import SCHEDULED, evidence_may_be_asked
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.guards.assessment import INCIDENT_FIRST
from lsp.workflow.guards.meeting import ABSENT_PARTY_FIRST
from lsp.workflow.machine import Choice
from lsp.workflow.permohonan import PERMOHONAN

#: Steps that are one press; the others have a page that asks or tells first.
PRESSED = ("make_ready", "ask_evidence", "start")
SENT = ("recommend", "recommend_not_continue")


@dataclass(frozen=True, slots=True)
class Action:
    """A button under the order. post: where it posts; href: the page that asks first. One of them is set."""

    name: str
    label: str
    reason: str = ""
    tone: str = ""
    post: str = ""
    href: str = ""


def actions_of(permohonan: Permohonan) -> list[Action]:
    """What this asesor may do with the case in this state, the way forward first."""
    if own_seat(permohonan) is None:
        return []
    made: list[Action] = []
    hidden: tuple[str, ...] = (
        ("recommend_not_continue",) if evidence_may_be_asked(permohonan) else ("ask_evidence",)
    )
    if _both_came(permohonan):
        hidden += ("absent_pre", "absent_assessment")
    for name, draw in _DRAWN.items():
        choice = PERMOHONAN.choice(permohonan, g.actor, name) if name not in hidden else None
        if choice is not None and Role.ASESOR in choice.transition.roles:
            made.append(draw(permohonan, choice))
    if permohonan.status in (*SCHEDULED, PermohonanStatus.IN_ASSESSMENT):
        made.append(Action("incident", "Catat gangguan…", href=address("incident", permohonan)))
    return sorted(made, key=lambda action: action.tone != "main")


def _both_came(permohonan: Permohonan) -> bool:
    seat = own_seat(permohonan)
    record = seat.record if seat is not None else None
    return record is not None and None not in (record.asesor_present_at, record.asesi_present_at)


def starts_early(permohonan: Permohonan) -> bool:
    """Whether the meeting's time has not come: then starting asks once more."""
    seat = own_seat(permohonan)
    return seat is not None and clock.now() < seat.slot.starts_at


def _press(permohonan: Permohonan, choice: Choice[Permohonan]) -> Action:
    return Action(
        choice.name,
        choice.label,
        choice.reason or "",
        tone="main" if choice.name in ("make_ready", "start") else "",
        post=address("step", permohonan, name=choice.name),
    )


def _start(permohonan: Permohonan, choice: Choice[Permohonan]) -> Action:
    if choice.possible and starts_early(permohonan):
        asks = address("confirm_start", permohonan)
        return Action(choice.name, choice.label, tone="main", href=asks)
    return _press(permohonan, choice)


def _make_ready(permohonan: Permohonan, choice: Choice[Permohonan]) -> Action:
    """It closes the pre-assessment for good, so a page says first what is undone and what follows."""
    if choice.possible:
        asks = address("confirm_ready", permohonan)
        return Action(choice.name, choice.label, tone="main", href=asks)
    return _press(permohonan, choice)


def _ask_evidence(permohonan: Permohonan, choice: Choice[Permohonan]) -> Action:
    page = address("confirm_evidence", permohonan)
    label = f"{choice.label} ({permohonan.evidence_rounds + 1} dari {rounds()})…"
    return Action(choice.name, label, choice.reason or "", href=page)


def rounds() -> int:
    """How often further evidence may be asked for."""
    return int(setting("evidence_rounds"))


def _send(permohonan: Permohonan, choice: Choice[Permohonan]) -> Action:
    page = address("confirm_recommend", permohonan)
    return Action(choice.name, choice.label, choice.reason or "", tone="main", href=page)


def _reschedule(permohonan: Permohonan, choice: Choice[Permohonan]) -> Action:
    page = address("move_form", permohonan)
    return Action(choice.name, "Pindahkan rapat…", choice.reason or "", href=page)


def _absent(permohonan: Permohonan, choice: Choice[Permohonan]) -> Action:
    reason = _unless(choice, ABSENT_PARTY_FIRST)
    return Action("absent", "Tidak hadir…", reason, href=address("absence", permohonan))


def _halt(permohonan: Permohonan, choice: Choice[Permohonan]) -> Action:
    reason = _unless(choice, INCIDENT_FIRST)
    page = address("incident", permohonan, henti=1)
    return Action("halt", "Hentikan sementara…", reason, href=page)


def _unless(choice: Choice[Permohonan], asked_there: str) -> str:
    """What the next page asks for is no reason to keep people from it."""
    return "" if choice.reason in (None, asked_there) else str(choice.reason)


_DRAWN: dict[str, Callable[[Permohonan, Choice[Permohonan]], Action]] = {
    "make_ready": _make_ready,
    "ask_evidence": _ask_evidence,
    "recommend_not_continue": _send,
    "start": _start,
    "recommend": _send,
    "halt": _halt,
    "cancel_pre": _reschedule,
    "cancel_assessment": _reschedule,
    "absent_pre": _absent,
    "absent_assessment": _absent,
}
