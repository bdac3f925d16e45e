"""Days off as they are noted by the asesor himself and by the admin for him: the same form, refusal and answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.schedule import DayOffForm
from lsp.models import AsesorDayOff, User
from lsp.services import days_off
from lsp.services.days_off import DayOffLine
from lsp.views.html import redirect_after_post

#: After a row was taken away: the form beside the list holds its days (`filled_again`).
MISTAKEN = "Keliru? Tanggalnya sudah terisi di bawah; tekan Catat."


def blank_form() -> DayOffForm:
    """The form for new days, with the days of a row that was taken away just now."""
    form = DayOffForm(formdata=None)
    form.starts_on.data = _day(request.args.get("mulai", ""))
    form.ends_on.data = _day(request.args.get("sampai", ""))
    return form


def filled_again(row: AsesorDayOff) -> dict[str, Any]:
    """For an address, so that one press notes these days again. The words beside them are his own and stay out."""
    return {"mulai": row.starts_on.isoformat(), "sampai": row.ends_on.isoformat()}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def note_days_off(
    asesor: User, *, again: Callable[[DayOffForm], ResponseReturnValue], back_url: str
) -> ResponseReturnValue:
    """Note what was sent, commit, and go back. again: answers with the form when it is refused."""
    form = DayOffForm()
    if not form.validate():
        return again(form)
    try:
        line = days_off.add(
            g.actor,
            asesor,
            starts_on=form.starts_on.data or clock.today_wib(),
            ends_on=form.ends_on.data,
            note=form.note.data or "",
        )
    except DomainError as refusal:
        db.session.rollback()
        form.put_by_its_field(refusal)
        return again(form)
    sentence, tone = _noted(line)
    db.session.commit()
    return redirect_after_post(back_url, sentence, tone=tone)


def _noted(line: DayOffLine) -> tuple[str, str]:
    """(sentence, tone). A day off cancels nothing, so the meetings that stand on it are counted."""
    count = len(line.touched)
    if not count:
        return "Dicatat. Slot pada hari itu tidak dapat dibuka.", "ok"
    return (
        f"Dicatat. {count} rapat pada hari itu tetap ada dan tidak dibatalkan. "
        "Pindahkan rapatnya atau tutup slotnya; daftarnya ada di halaman ini.",
        "wait",
    )
