"""Keluhan for everybody: writing one, its receipt, following it. No script, nothing of it stands in an address."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from lsp import ids
from lsp.database import begin_write, db
from lsp.forms.complaints import ComplaintForm, FollowForm
from lsp.permissions import access, writes_itself
from lsp.services import complaints, throttle
from lsp.services.complaints import Told
from lsp.views import devices
from lsp.views.html import page, redirect_after_post
from lsp.workflow.complaint import is_mailed

bp = Blueprint("keluhan", __name__)
#: The receipt of the keluhan that was sent last from this browser; a number, nothing of what it says.
_SENT = "keluhan"
#: Whether it went out by mail as well.
_MAILED = "keluhan_mailed"
_KEY_LENGTH = 24
NO_MATCH = "Tidak ada keluhan dengan nomor dan kontak itu. Keduanya harus sama dengan yang Anda tulis dulu."


@bp.get("/keluhan")
@access(public=True)
def write() -> ResponseReturnValue:
    return _form_page(ComplaintForm(formdata=None, sent_key=ids.random_id(_KEY_LENGTH)))


@bp.post("/keluhan")
@access(public=True)
@writes_itself
def send() -> ResponseReturnValue:
    """Kept once however often it is pressed; refused, it comes back as it was typed."""
    form = ComplaintForm()
    if not form.validate():
        return _form_page(form, status=422)
    sent_key = form.sent_key.data or ""
    if complaints.by_key(sent_key) is None:
        try:
            throttle.count_try((throttle.COMPLAINT_ADDRESS, devices.address()))
        except throttle.TooOften as refusal:
            return _form_page(form, status=429, notice=str(refusal), seconds=refusal.seconds)
    begin_write()
    made = complaints.take_in(
        Told(
            sent_key=sent_key,
            name=form.name.data or "",
            contact=form.contact.data or "",
            relation=form.relation.data or "",
            about=form.about.data or "",
            body=form.body.data or "",
            certificate_number=form.certificate_number.data or "",
        )
    )
    receipt, mailed = made.receipt, is_mailed(made)
    db.session.commit()
    session[_SENT], session[_MAILED] = receipt, mailed
    return redirect_after_post(url_for("keluhan.receipt"))


def _form_page(
    form: ComplaintForm, *, status: int = 200, notice: str = "", seconds: int = 0
) -> Response:
    answer = page("keluhan/write.html", status=status, inline_css=True, form=form, notice=notice)
    if seconds:
        answer.headers["Retry-After"] = str(seconds)
    return answer


@bp.get("/keluhan/tanda-terima")
@access(public=True)
def receipt() -> ResponseReturnValue:
    """Of this browser alone: to be printed or written down."""
    number = session.get(_SENT)
    if not number:
        return redirect(url_for("keluhan.follow"))
    return page(
        "keluhan/receipt.html", inline_css=True, number=number, mailed=session.get(_MAILED, False)
    )


@bp.get("/keluhan/ikuti")
@access(public=True)
def follow() -> ResponseReturnValue:
    return _follow_page(FollowForm(formdata=None, receipt=session.get(_SENT, "")))


@bp.post("/keluhan/ikuti")
@access(public=True)
@writes_itself
def look_up() -> ResponseReturnValue:
    """Shown in the answer to the form: neither number nor contact stands in an address or a log."""
    form = FollowForm()
    if not form.validate():
        return _follow_page(form, status=422)
    throttle.count_try(
        (throttle.FOLLOW_ADDRESS, devices.address()),
        (throttle.FOLLOW_RECEIPT, (form.receipt.data or "").upper()),
    )
    found = complaints.followed(form.receipt.data or "", form.contact.data or "")
    if found is None:
        return _follow_page(form, status=422, notice=NO_MATCH)
    return page(
        "keluhan/status.html",
        inline_css=True,
        complaint=found,
        events=[
            {
                "at": each.at,
                "text": complaints.TOLD_WORDS.get(each.step, each.step),
                "note": each.note,
            }
            for each in complaints.told_events(found)
        ],
    )


def _follow_page(form: FollowForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page("keluhan/follow.html", status=status, inline_css=True, form=form, notice=notice)


@bp.after_request
def _result_is_nobodys(response: Response) -> Response:
    if request.endpoint != "keluhan.write":
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
