"""Calendars over HTTP: the file of one meeting, and the secret address of an asesor's own calendar."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from lsp.papers.calendar_file import published
from lsp.permissions import access
from lsp.services import calendar_feed, calendars, throttle
from lsp.views import devices
from lsp.vocabulary import Role

bp = Blueprint("calendars", __name__)
#: Characters of a token of 256 bits: anything else is not looked up.
_TOKEN_LENGTH = 43


def meeting_file(permohonan_id: int, reader: Role, zone: str) -> Response:
    """The standing meeting of a case as a file to open in a calendar; 404 when there is none any more.

    A file of a cancelled meeting would have to be opened to do anything: whoever has the entry gets the mail.
    """
    seat = calendars.standing_seat(permohonan_id)
    if seat is None:
        abort(404)
    base_url = current_app.config["LSP"].base_url
    event = calendars.event_for(seat, reader, base_url=base_url)
    return _answer(published([event], zone=zone), f"rapat-{seat.case_id}.ics")


@bp.get("/kalender/<feed_token>.ics")
@access(public=True)
def feed(feed_token: str) -> ResponseReturnValue:
    """For calendar programs, which sign in nowhere. Wrong or ended: 404, and counted against the network.

    A right address always answers: fetchers of many asesor share one network, which somebody else may use up.
    """
    owner = calendar_feed.owner_of(feed_token) if len(feed_token) == _TOKEN_LENGTH else None
    if owner is None:
        throttle.count_try((throttle.FEED_ADDRESS, devices.address()))
        abort(404)
    base_url = current_app.config["LSP"].base_url
    seats = calendar_feed.seats_of(owner)
    edition = calendar_feed.edition(owner, seats, base_url)
    if request.if_none_match.contains(edition):
        answer = Response(status=304)
    else:
        answer = _answer(calendar_feed.drawn(owner, seats, base_url), "rapat.ics")
    answer.set_etag(edition)
    return answer


def _answer(content: bytes, name: str) -> Response:
    answer = Response(content, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
