"""Antrean kirim: what leaves the portal, what failed, and what a person does in the ministries' own screens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import defer

from lsp.actor import Actor
from lsp.database import begin_write, db, is_writing
from lsp.errors import DomainError
from lsp.forms.decision import LpjkForm
from lsp.forms.outbox import AnswerForm, RefusedForm
from lsp.models import OutboxMessage, Permohonan, User
from lsp.models.queue import BLANKO, PENCATATAN
from lsp.permissions import access, writes
from lsp.services import blanko_requests, outbox, outbox_answers, outbox_list, to_send, to_send_zip
from lsp.services.outbox_words import call_of
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post, wants_fragment
from lsp.vocabulary import Channel

#: Both ministries in the address: what a person types into their screens, as the tile of the work list counts it.
BY_HAND = "siki-bnsp"


def any_message(_actor: Actor, message_id: str) -> Mapping[str, object] | None:
    """A row of the outbox as `g.message`; locked while writing, since the worker writes there too."""
    # Closed: a payload that cannot be decrypted must not keep its row from being shown.
    closed = defer(OutboxMessage.payload)
    query = select(OutboxMessage).options(closed).where(OutboxMessage.public_id == message_id)
    if is_writing():
        query = query.with_for_update()
    found = db.session.scalar(query)
    return {"message": found} if found is not None else None


@bp.get("/antrean")
@access(roles=ADMIN)
def queue() -> ResponseReturnValue:
    return _show(None)


@bp.get("/antrean/<message_id>")
@access(roles=ADMIN, load=any_message)
def message(message_id: str) -> ResponseReturnValue:
    return show_message()


def answered_to(endpoint: str, **more: Any) -> str:
    """An address with the filter that the row was opened from; of the open row unless another is named."""
    # From the address: a row that was just written would be read anew, also one that cannot be decrypted.
    values = dict(request.view_args or {}) | more
    if endpoint == "admin.queue":
        values = {}
    return _to(_filter(), endpoint, **values)


def show_message(*, notice: str = "", status: int = 200, **forms: Any) -> ResponseReturnValue:
    """The open row; after a press that was refused with its forms as they were typed.

    The whole NIK of what is still to be typed there stands on it, and each look is sealed in the audit chain.
    """
    answer = _show(g.message, notice=notice, status=status, **forms)
    case_id = g.get("nik_of", "")
    if case_id and not outbox_answers.was_seen_today(g.actor, g.message, case_id):
        begin_write()
        outbox_answers.note_sight(g.actor, g.message, case_id)
        db.session.commit()
    return answer


@bp.post("/antrean/<message_id>/kirim-lagi")
@access(roles=ADMIN, load=any_message)
@writes
def send_again(message_id: str) -> ResponseReturnValue:
    return _changed(
        lambda: outbox.send_again(g.message, g.actor),
        "Kiriman masuk antrean lagi dan segera dicoba.",
    )


def _changed(change: Callable[[], None], sentence: str) -> ResponseReturnValue:
    try:
        change()
    except DomainError as refusal:
        db.session.rollback()
        return show_message(notice=str(refusal), status=409)
    db.session.commit()
    return redirect_after_post(_to(_filter()), sentence)


def _filter() -> dict[str, Any]:
    """Channel, state and place from the query string; what is unknown falls back to what waits."""
    channel = request.args.get("kanal", "")
    state = request.args.get("keadaan", "")
    place = request.args.get("posisi", "")
    return {
        "kanal": channel if channel in (BY_HAND, *Channel) else "",
        "keadaan": state if state in outbox_list.STATES else "menunggu",
        # Ten digits could pass what an integer column of PostgreSQL holds.
        "posisi": place if place.isascii() and place.isdigit() and len(place) < 10 else "",
    }


def _channels(chosen: str) -> tuple[Channel, ...]:
    if chosen == BY_HAND:
        return (Channel.SIKI, Channel.BNSP)
    return (Channel(chosen),) if chosen else tuple(Channel)


def _to(wanted: Mapping[str, Any], endpoint: str = "admin.queue", **more: Any) -> str:
    values = {name: value for name, value in wanted.items() if value}
    return url_for(endpoint, **values, **more)


def _show(
    opened: OutboxMessage | None, *, notice: str = "", status: int = 200, **forms: Any
) -> Response:
    config, wanted = current_app.config["LSP"], _filter()
    after = int(wanted["posisi"]) if wanted["posisi"] else None
    found = outbox_list.page(
        config, channels=_channels(wanted["kanal"]), state=wanted["keadaan"], after=after
    )
    first = {**wanted, "posisi": ""}
    reading = outbox_list.one(config, opened) if opened is not None else None
    by_hand = opened is not None and reading is not None and reading[0].by_hand
    answer = page(
        "admin/queue.html",
        fragment="admin/_queue.html",
        status=status,
        rows=found.rows,
        wanted=wanted,
        channels=[
            ("", "Semua"),
            (BY_HAND, "SIKI dan BNSP"),
            *((each.value, each.label) for each in Channel),
        ],
        states=outbox_list.STATES,
        to=_to,
        first=first,
        next_url=_to({**first, "posisi": str(found.next_before)}) if found.next_before else "",
        first_url=_to(first) if after else "",
        opened=reading[0] if reading else None,
        reading=reading[1] if reading else None,
        notice=notice,
        with_smtp=bool(config.smtp_url),
        **(_twin(opened, **forms) if by_hand and opened is not None else {"twin": None}),
    )
    if wants_fragment():
        endpoint = "admin.message" if opened is not None else "admin.queue"
        more = {"message_id": opened.public_id} if opened is not None else {}
        answer.headers["HX-Push-Url"] = _to(wanted, endpoint, **more)
    return answer


def _twin(
    message: OutboxMessage,
    *,
    answer_form: AnswerForm | None = None,
    lpjk_form: LpjkForm | None = None,
    refused_form: RefusedForm | None = None,
) -> dict[str, Any]:
    """What `admin/_to_send.html` draws: what to type in there, and the forms for what came back."""
    payload, sent, jadwal = outbox_list.payload_of(message), None, None
    case = db.session.get(Permohonan, message.permohonan_id) if message.permohonan_id else None
    request_id = str((payload or {}).get("permintaan_blanko", ""))
    own = case is not None and case.asesi_id == g.actor.id
    # A request for blanko goes for many cases; one of them may be the reader's own.
    own = own or bool(request_id and blanko_requests.one(g.actor, request_id) is None)
    if payload is not None and not own:
        sent = to_send.to_send(message, payload, base_url=current_app.config["LSP"].base_url)
        jadwal = to_send.jadwal_of(message, payload)
    if sent is not None and message.done_at is not None:
        sent = to_send.without_nik(sent)
    elif sent is not None and sent.has_nik and case is not None:
        g.nik_of = case.public_id
    words = outbox_answers.history(message)
    standing = outbox_answers.standing_answer(words)
    if answer_form is None:
        answer_form = AnswerForm(formdata=None, data=standing)
    done_by = db.session.get(User, message.done_by_id) if message.done_by_id else None
    return {
        "twin": message,
        "sent": sent,
        "own": own,
        "text": to_send_zip.as_text(sent.fields) if sent is not None else "",
        "zip_refusal": to_send_zip.why_not_zipped(sent.files) if sent is not None else None,
        "steps_in_all": to_send.STEPS,
        "earlier": outbox_answers.earlier_open(message, jadwal),
        "replayed": outbox_answers.earlier_statuses(message),
        "call_of": call_of,
        "words": words,
        "standing": standing,
        "asked": outbox_answers.ANSWERS.get(message.kind, ()),
        "blanko_request": request_id,
        "is_blanko": message.kind == BLANKO,
        "lacking": outbox.lacking_fields(message) if message.done_at is None and not own else [],
        "is_pencatatan": message.kind == PENCATATAN,
        "case": case,
        "done_by": done_by,
        "not_reopened": outbox_answers.why_not_reopened(message, words),
        "reopen_until": outbox_answers.reopen_until(message.done_at) if message.done_at else None,
        "answer_form": answer_form,
        "lpjk_form": lpjk_form or LpjkForm(formdata=None),
        "refused_form": refused_form or RefusedForm(formdata=None),
    }
