"""A case on the asesor's page: the order of the meeting on one side, one opened panel on the other.

Each panel has an address of its own; a saved panel is answered alone to HTMX, the order out of band beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, get_flashed_messages, render_template, request
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.models import Booking, Permohonan
from lsp.models.inforce import read_settings
from lsp.services import (
    case_reading,
    device_check,
    joining,
    meeting_news,
    mode_change,
    recording_consent as recording_consents,
)
from lsp.views.asesor.actions import actions_of
from lsp.views.asesor.panels import DRAWN
from lsp.views.asesor.shared import (
    CASE,
    answer,
    assigned,
    begins_early,
    bp,
    due_words,
    onward,
    own_seat,
)
from lsp.views.asesor.step_row import REWORK, Step
from lsp.views.asesor.steps import PANELS, consent_step, next_step, steps_of
from lsp.views.attempt_words import again_words
from lsp.views.html import page, panel, wants_fragment
from lsp.vocabulary import Mode, PermohonanStatus
from lsp.workflow.dossier import dossier_of

_KEYS = ",".join(f'"{key}"' for key in PANELS)
_CHANGED_BY_CONSENT = (
    "asesor/_meeting_news.html",
    "asesor/_meeting_now.html",
    "asesor/_meeting_count.html",
    "asesor/_meeting_actions.html",
)


#: Settings that the rules of the buttons ask for.
_ASKED_FOR = (
    "evidence_rounds",
    "absence_wait_minutes",
    "online_link_minutes_before",
    "portfolio_from_jenjang",
)


@bp.get(CASE)
@assigned
def permohonan(permohonan_id: str) -> ResponseReturnValue:
    """The order of the meeting; opened is what has to be done next."""
    key = _to_open(g.permohonan)
    return panel(
        "asesor/permohonan.html",
        "asesor/_meeting_order.html",
        again_words=again_words(g.permohonan),
        **order(g.permohonan, key),
        **drawn(key),
    )


def _to_open(permohonan: Permohonan) -> str:
    """The panel of the next step; of one that has none what it rests on, so that a phone need not scroll past more."""
    following = next_step(steps_of(permohonan))
    key = following.key if following is not None else ""
    if key in PANELS:
        return key
    if permohonan.status is not PermohonanStatus.IN_ASSESSMENT:
        return "data"
    return (
        "instrumen"
        if key in ("fr-ak-02", REWORK) and dossier_of(permohonan).instruments
        else "tanda-tangan"
    )


@bp.get(f"{CASE}/<any({_KEYS}):key>")
@assigned
def case_panel(permohonan_id: str, key: str) -> ResponseReturnValue:
    return show_panel(key)


@bp.get(f"{CASE}/persetujuan-rekam")
@assigned
def recording_consent(permohonan_id: str) -> ResponseReturnValue:
    """Asked for again and again while the asesi reads; a plain browser gets the page."""
    seat = dossier_of(g.permohonan).booking
    if seat is None or not wants_fragment():
        return onward("permohonan", g.permohonan)
    step = consent_step(g.permohonan, seat.record)
    if step.done:
        return _consent_given(step, request.args.get("buka", ""))
    asked = request.args.get("kali", 0, type=int)
    return page(
        "asesor/_recording_consent.html",
        step=step,
        poll=_poll(asked + 1, request.args.get("buka", "")),
    )


def _consent_given(step: Step, open_key: str) -> ResponseReturnValue:
    """Its row, and out of band only what it changes: whoever types or reads elsewhere keeps his place."""
    around = order(g.permohonan, open_key)
    row = render_template("asesor/_recording_consent.html", step=step, poll=_poll(0, open_key))
    return answer(
        row,
        *(render_template(part, oob=True, **around) for part in _CHANGED_BY_CONSENT),
        said="Asesi sudah setuju direkam.",
    )


@bp.get(f"{CASE}/kabar")
@assigned
def case_news(permohonan_id: str) -> ResponseReturnValue:
    """The order anew once the asesi did something; the opened panel, and what is typed in it, stays."""
    if not wants_fragment():
        return onward("permohonan", g.permohonan)
    open_key, asked = request.args.get("buka", ""), request.args.get("kali", 0, type=int)
    edition = meeting_news.edition(g.permohonan)
    if request.args.get("sejak", "") == edition:
        return page(
            "asesor/_meeting_news.html",
            permohonan=g.permohonan,
            own=True,
            open_key=open_key,
            news=edition,
            kali=asked + 1,
            wait=meeting_news.wait_before(asked + 1),
        )
    return _news(open_key)


def _news(open_key: str) -> ResponseReturnValue:
    """The order instead of the waiting line; of FR.AK.01 only where the asesi signs."""
    around = order(g.permohonan, open_key)
    parts = [render_template("asesor/_meeting_order.html", **around)]
    if open_key == "fr-ak-01":
        parts.append(
            render_template("asesor/_ak_01_asesi.html", oob=True, **around, **drawn(open_key))
        )
    response = answer(*parts)
    response.headers["HX-Retarget"] = "#meeting-order"
    return response


def _poll(asked: int, open_key: str) -> dict[str, Any]:
    """When to ask again: ever later, and at last no more."""
    return {"seconds": meeting_news.wait_before(asked), "kali": asked, "buka": open_key}


# --- What the templates need -------------------------------------------------------------------------------------


def order(permohonan: Permohonan, open_key: str) -> dict[str, Any]:
    """For `_meeting_order.html`: the card, the rows, the buttons."""
    read_settings(*_ASKED_FOR)
    steps = steps_of(permohonan, open_key)
    asked = [step for step in steps if step.done is not None]
    seat, door = dossier_of(permohonan).booking, joining.window()
    return {
        "permohonan": permohonan,
        "seat": seat,
        "own": own_seat(permohonan) is not None,
        "assessing": permohonan.status is PermohonanStatus.IN_ASSESSMENT,
        "may_write": seat is not None and joining.party_of(g.actor, seat) == "asesor",
        "steps": steps,
        "following": next_step(steps),
        "done": sum(1 for step in asked if step.done),
        "asked": len(asked),
        "actions": actions_of(permohonan),
        "open_key": open_key,
        "poll": _poll(0, open_key),
        "sent_back": case_reading.why_sent_back(permohonan),
        "news": meeting_news.edition(permohonan) if meeting_news.is_live(permohonan, door) else "",
        "kali": 0,
        "wait": meeting_news.wait_before(0),
        "consent_withdrawn": seat is not None and recording_consents.was_withdrawn(seat),
        "due": due_words(seat.slot.starts_at) if begins_early(permohonan) and seat else "",
        "over": seat is not None and seat.slot.ends_at < clock.now(),
        "mode_waits": seat is not None and mode_change.waits(permohonan),
        **_way_in(permohonan, seat, door),
    }


def _way_in(
    permohonan: Permohonan, seat: Booking | None, door: joining.JoinWindow
) -> dict[str, Any]:
    """Whether this asesor may go into the room now, who went in, and what the asesi's own test of his device said."""
    if seat is None or seat.slot.jadwal.mode is not Mode.DARING:
        return {"joinable": False, "joins": [], "device": None}
    began = seat.record is not None and seat.record.started_at is not None
    invited = joining.party_of(g.actor, seat) == "asesor"
    return {
        "joinable": invited and door.refusal(seat) is None,
        "joins": joining.joins_of([seat]).get(seat.id, []),
        "device": None if began else device_check.verdict_of(permohonan.asesi_id),
    }


def drawn(key: str, typed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The context of a panel. typed: forms as they were sent and refused."""
    read_settings(*_ASKED_FOR)
    made = DRAWN[key]
    return {
        "panel_template": made.template,
        "panel_title": PANELS[key],
        "notice_text": "",
        **made.context(g.permohonan),
        **(typed or {}),
    }


def show_panel(
    key: str, *, status: int = 200, said: str = "", notice: str = "", **typed: Any
) -> ResponseReturnValue:
    """The page with this panel open; for HTMX the panel, and the order out of band where something changed."""
    context = drawn(key, typed) | ({"notice_text": notice} if notice else {})
    context["saved_text"] = said or ("" if wants_fragment() else _arrived_with())
    if not wants_fragment():
        return page(
            "asesor/permohonan.html",
            status=status,
            again_words=again_words(g.permohonan),
            **order(g.permohonan, key),
            **context,
        )
    around = order(g.permohonan, key)
    parts = [render_template(DRAWN[key].template, **around, **context)]
    if said:
        parts.append(render_template("asesor/_meeting_order.html", oob=True, **around))
    return answer(*parts, status=status, said=said)


def _arrived_with() -> str:
    """What a plain browser brought along from its last press; the page says it at its top as well."""
    return str(next(iter(get_flashed_messages(category_filter=["ok"])), ""))


def saved(key: str, said: str) -> ResponseReturnValue:
    """After a panel was stored."""
    if wants_fragment():
        return show_panel(key, said=said)
    return onward("case_panel", g.permohonan, said, key=key, _anchor=key)


def show_order(*, status: int = 200, said: str = "", notice: str = "") -> ResponseReturnValue:
    """The order of the meeting after a press in it; the opened panel (`buka`) stays as it is."""
    key = request.form.get("buka", "")
    if wants_fragment():
        text = render_template(
            "asesor/_meeting_order.html", **order(g.permohonan, key), order_notice=notice
        )
        return answer(text, status=status, said=said)
    if status != 200:
        return show_panel(key if key in PANELS else "data", status=status, order_notice=notice)
    if key in PANELS:
        return onward("case_panel", g.permohonan, said, key=key)
    return onward("permohonan", g.permohonan, said)


__all__ = ["drawn", "order", "saved", "show_order", "show_panel"]
