"""Trying camera, microphone and line before a remote meeting. The portal keeps the verdict alone.

With scripts the page tries them and answers the questions itself; without, the person looks and answers.
"""

from __future__ import annotations

import os

from flask import Blueprint, g, make_response, request
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.forms.device_check import DeviceCheckForm
from lsp.models.inforce import setting
from lsp.permissions import access, writes, writes_itself
from lsp.services import device_check
from lsp.views.html import is_safe_next, page
from lsp.vocabulary import Role

bp = Blueprint("device_check", __name__, url_prefix="/uji-perangkat")
#: Who goes into remote meetings.
MEETING_PEOPLE = (Role.ASESI, Role.ASESOR, Role.PENYELIA)
#: What the test of the line sends down and up: long enough to be timed, short enough for a prepaid plan.
DOWN_BYTES, UP_BYTES = 96_000, 32_000


@bp.get("")
@access(roles=MEETING_PEOPLE)
def show() -> ResponseReturnValue:
    return _page(DeviceCheckForm(formdata=None))


@bp.post("")
@access(roles=MEETING_PEOPLE)
@writes
def keep() -> ResponseReturnValue:
    form = DeviceCheckForm()
    if not form.validate():
        return _page(form, status=422)
    device_check.keep_verdict(g.actor, is_fit=form.is_fit)
    db.session.commit()
    return _page(form, said="Hasil uji disimpan.")


@bp.get("/beban")
@access(roles=MEETING_PEOPLE)
def load_down() -> ResponseReturnValue:
    """Bytes that no proxy can make smaller, to time the way down."""
    answer = make_response(os.urandom(DOWN_BYTES))
    answer.headers["Content-Type"] = "application/octet-stream"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/beban")
@access(roles=MEETING_PEOPLE)
@writes_itself
def load_up() -> ResponseReturnValue:
    """Takes bytes and forgets them, to time the way up."""
    request.get_data(cache=False)
    return "", 204


def _page(form: DeviceCheckForm, *, status: int = 200, said: str = "") -> ResponseReturnValue:
    needed, back_url = setting("device_speed_kbps"), request.args.get("dari")
    return page(
        "device_check.html",
        status=status,
        form=form,
        said_here=said,
        needed=needed,
        down_bytes=DOWN_BYTES,
        up_bytes=UP_BYTES,
        last=device_check.verdict_of(g.actor.id),
        back_url=back_url if is_safe_next(back_url) else "",
    )
