"""What the worker does with one mail: ask whether it still holds, draw it with its calendar, hand it over.

A mail may be sent hours after it was written (the server was down, a worker was killed). Its words are those of the
row; whether its meeting still stands, and what a calendar is told of it, is asked of the database just before.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app

from lsp import clock
from lsp.config import Config
from lsp.database import db
from lsp.gateways import mail
from lsp.models import User
from lsp.models.inforce import setting
from lsp.papers.calendar_file import Organizer, invitation
from lsp.services import calendars, lembaga, outbox, third_party
from lsp.services.calendars import METHOD_OF, PAGES, REMINDER, Seat
from lsp.vocabulary import Role

#: Of mails that also go as HTML: it leads to the reader's own page of the meeting.
_BUTTON = "Buka halaman rapat"
#: Of mails to a third party.
_ANSWER = "Jawab sekarang"


def send(kind: str, payload: dict[str, Any], *, row_id: str, queued_at: datetime) -> None:
    """Draw the mail that a row describes and hand it over. Raises MailProblem, and outbox.Overtaken."""
    config: Config = current_app.config["LSP"]
    in_force = lembaga.current_or_none()
    lsp_name = in_force.name if in_force else "Lembaga Sertifikasi Profesi"
    given = payload.get("context", {})
    seat = _standing_seat(kind, given)
    reader = _reader(seat, payload["to"]) if seat is not None else Role.ASESI
    asks = kind in (third_party.MAIL, third_party.REMINDER)
    if asks and not third_party.is_wanted(given["token"]):
        raise outbox.Overtaken("the third party is no longer asked by this link")
    db.session.remove()  # a slow mail server must not hold a connection
    context = {
        **given,
        "name": payload["name"],
        "base_url": config.base_url,
        "lembaga_name": lsp_name,
        "home_zone": in_force.zone if in_force else "",
    }
    subject, text = mail.render(kind, context)
    html = calendar = None
    if asks:
        url = f"{config.base_url}/pihak-ketiga/{given['token']}"
        html = mail.render_html(kind, context, url=url, label=_ANSWER)
    if seat is not None:
        url = config.base_url + PAGES[reader].format(seat.case_id)
        html = mail.render_html(kind, context, url=url, label=_BUTTON)
        calendar = _calendar(
            kind, payload, seat, reader, config=config, lsp_name=lsp_name, stamp=queued_at
        )
    mail.deliver(
        message_id=row_id,
        to=payload["to"],
        subject=subject,
        text=text,
        html=html,
        calendar=calendar,
        sent_at=clock.now(),
        queued_at=queued_at,
    )


def _standing_seat(kind: str, given: dict[str, Any]) -> Seat | None:
    """The seat that a mail of a meeting is about; none for other mails, and for rows of before it was written down.

    Raises Overtaken when the mail would tell of a meeting that is no more.
    """
    if kind != REMINDER and kind not in METHOD_OF:
        return None
    seat = calendars.seat_of(given.get("booking", ""))
    if seat is None:
        if kind == REMINDER and datetime.fromisoformat(given["starts_at"]) <= clock.now():
            raise outbox.Overtaken("the meeting has begun")
        return None
    hours = int(given.get("hours", 0))
    nearer = setting("meeting_reminder_hours") if kind == REMINDER else ()
    if reason := calendars.overtaken(kind, seat, hours=hours, nearer=nearer):
        raise outbox.Overtaken(reason)
    return seat


def _reader(seat: Seat, email: str) -> Role:
    """Whether a mail about the seat goes to its asesi; else to an asesor, past ones of a moved meeting too."""
    asesi = db.session.get(User, seat.asesi_id)
    return Role.ASESI if asesi is not None and asesi.email == email else Role.ASESOR


def _calendar(
    kind: str,
    payload: dict[str, Any],
    seat: Seat,
    reader: Role,
    *,
    config: Config,
    lsp_name: str,
    stamp: datetime,
) -> mail.MailCalendar | None:
    method = METHOD_OF.get(kind)
    if method is None:
        return None
    event = calendars.event_for(seat, reader, base_url=config.base_url, method=method)
    content = invitation(
        event,
        method=method,
        zone=payload["context"]["zone"],
        organizer=Organizer(lsp_name, mail.sender_address(config)),
        attendee=payload["to"],
        stamp=stamp,
    )
    return mail.MailCalendar(method.value, content)
