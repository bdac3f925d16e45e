"""The asesor's day: meetings with their links, what waits for him, his batches and the meetings he opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, is_writing
from lsp.errors import DomainError
from lsp.forms.assessment import choices
from lsp.forms.schedule import SlotForm
from lsp.models import Booking, Jadwal, Slot
from lsp.models.inforce import read_settings
from lsp.permissions import access, writes
from lsp.services import (
    asesor_desk,
    banding_panel,
    complaint_handling,
    jadwal_reports,
    joining,
    meetings,
    schedule,
    surveilan_desk,
)
from lsp.views.asesor.shared import asesor_only, bp
from lsp.views.filters import zona_singkat
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import MeetingKind, Role
from lsp.vocabulary.dates import day_words

#: How far the list of coming meetings looks.
COMING_DAYS = 60
#: Settings that its lists ask for.
_ASKED_FOR = (
    "online_link_minutes_before",
    "meeting_overdue_hours",
    "recording_follow_up_working_days",
)


@bp.get("/asesor")
@asesor_only
def home() -> ResponseReturnValue:
    zone = ZoneInfo(g.actor.zone)
    midnight = clock.day_begins(clock.now().astimezone(zone).date(), zone)
    seats = meetings.meetings_of_asesor(
        g.actor.id, since=midnight, until=midnight + timedelta(days=COMING_DAYS)
    )
    tomorrow = midnight + timedelta(days=1)
    read_settings(*_ASKED_FOR)
    return page(
        "asesor/home.html",
        today=[seat for seat in seats if seat.slot.starts_at < tomorrow],
        coming=[seat for seat in seats if seat.slot.starts_at >= tomorrow and not seat.closed_at],
        next_seat=_next(seats),
        moment=clock.now(),
        door=joining.window(),
        waiting=asesor_desk.waiting_for(g.actor.id),
        reports=jadwal_reports.due(g.actor),
        cases=asesor_desk.cases_of(g.actor.id),
        most_cases=asesor_desk.MOST,
        slot_days=_by_day(schedule.coming_slots(asesor_id=g.actor.id), zone),
        soon=tomorrow.date(),
        closed=schedule.just_closed(request.args.get("ditutup", ""), asesor_id=g.actor.id),
        jadwal_list=schedule.jadwal_of_asesor(g.actor.id),
        sits_on=banding_panel.sits_on(g.actor.id),
        examines=complaint_handling.examines(g.actor),
        surveils=surveilan_desk.assigned_to(g.actor.id),
    )


def _by_day(
    uses: Sequence[schedule.SlotUse], zone: ZoneInfo
) -> list[tuple[date, list[schedule.SlotUse]]]:
    by_day = groupby(uses, lambda use: use.slot.starts_at.astimezone(zone).date())
    return [(day, list(group)) for day, group in by_day]


def _next(seats: Sequence[Booking]) -> Booking | None:
    """The meeting under way or the next one to come."""
    standing = (seat for seat in seats if not seat.closed_at and seat.slot.ends_at > clock.now())
    return next(standing, None)


# --- Opening and closing meetings --------------------------------------------------------------------------------


def own_slot(actor: Actor, slot_id: str) -> Mapping[str, object] | None:
    """A standing meeting of the asesor himself, as `g.slot`."""
    found = own_slot_ever(actor, slot_id)
    return found if found is not None and found["slot"].cancelled_at is None else None


def own_slot_ever(actor: Actor, slot_id: str) -> Mapping[str, Slot] | None:
    """A meeting of the asesor himself, closed or not, as `g.slot`."""
    query = select(Slot).where(Slot.public_id == slot_id, Slot.asesor_id == actor.id)
    if is_writing():
        # PostgreSQL: who books a seat of it at this moment is waited for.
        query = query.with_for_update(of=Slot)
    slot = db.session.scalar(query.options(joinedload(Slot.jadwal)))
    return {"slot": slot} if slot is not None else None


@bp.get("/asesor/slot")
@asesor_only
def slot_form() -> ResponseReturnValue:
    own = schedule.jadwal_of_asesor(g.actor.id)
    return _slot_page(_form(own, formdata=None), own)


@bp.post("/asesor/slot")
@asesor_only
@writes
def open_slot() -> ResponseReturnValue:
    own = schedule.jadwal_of_asesor(g.actor.id)
    form = _form(own)
    if not form.validate():
        return _slot_page(form, own, status=422)
    try:
        schedule.open_slot(
            g.actor,
            next(each for each in own if each.public_id == form.jadwal.data),
            kind=MeetingKind(form.kind.data),
            starts_at=form.starts_at(g.actor.zone),
            minutes=form.minutes.data or 0,
            capacity=form.capacity.data or 1,
            meeting_url=form.meeting_url.data or "",
            on_holiday=form.on_holiday.data,
        )
    except DomainError as refusal:
        db.session.rollback()
        return _slot_page(form, own, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return redirect_after_post(
        url_for("asesor.home"), "Slot dibuka. Asesi dapat memesannya sekarang."
    )


@bp.post("/asesor/slot/<slot_id>/tutup")
@access(roles=(Role.ASESOR,), load=own_slot)
@writes
def close_slot(slot_id: str) -> ResponseReturnValue:
    try:
        schedule.cancel_slot(g.actor, g.slot)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(url_for("asesor.home"), str(refusal), tone="bad")
    db.session.commit()
    return redirect_after_post(url_for("asesor.home", ditutup=slot_id))


@bp.post("/asesor/slot/<slot_id>/buka-kembali")
@access(roles=(Role.ASESOR,), load=own_slot_ever)
@writes
def reopen_slot(slot_id: str) -> ResponseReturnValue:
    try:
        schedule.reopen_slot(g.actor, g.slot)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(url_for("asesor.home"), str(refusal), tone="bad")
    db.session.commit()
    return redirect_after_post(url_for("asesor.home"), "Slot terbuka kembali.")


def _form(own: Sequence[Jadwal], **data: Any) -> SlotForm:
    form = SlotForm(**data)
    form.jadwal.choices = choices((each.public_id, jadwal_words(each)) for each in own)
    del form.asesor  # he opens meetings for himself
    if form.day.data is None and data:
        form.day.data = max(own[0].starts_on, clock.today_wib()) if own else None
    return form


def jadwal_words(jadwal: Jadwal) -> str:
    """A jadwal in a list to choose from."""
    return f"{jadwal.name} ({day_words(jadwal.starts_on)} – {day_words(jadwal.ends_on)})"


def _slot_page(
    form: SlotForm, own: Sequence[Jadwal], *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    return page(
        "asesor/slot.html",
        status=status,
        form=form,
        jadwal_list=own,
        notice_text=notice,
        zone=zona_singkat(g.actor.zone),
    )
