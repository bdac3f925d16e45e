"""Antrean kirim: what leaves the portal, what failed, and what a person does in the ministries' own screens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import defer

from lsp.actor import Actor
from lsp.database import db, is_writing
from lsp.errors import DomainError
from lsp.forms.decision import DoneByHandForm
from lsp.models import OutboxMessage
from lsp.permissions import access, writes
from lsp.services import outbox, outbox_list
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, reason_field, redirect_after_post, wants_fragment
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
    return _show(g.message)


@bp.get("/antrean/<message_id>/selesai")
@access(roles=ADMIN, load=any_message)
def ask_done_by_hand(message_id: str) -> ResponseReturnValue:
    return _ask_done(DoneByHandForm(formdata=None))


def _ask_done(form: DoneByHandForm, *, status: int = 200) -> ResponseReturnValue:
    """What will happen; of a report to LPJK with gaps also which, and the reason for sending it so."""
    wanted = _filter()
    row = outbox_list.one(current_app.config["LSP"], g.message)[0]
    lacking = outbox.lacking_fields(g.message)
    work = "membetulkan hasilnya" if row.corrects else "mengisi nilainya"
    why = "Sedikitnya 20 huruf: apa yang Anda kirim sendiri, atau mengapa LPJK tidak memerlukannya."
    return page(
        "confirm.html",
        status=status,
        title="Tandai sudah dikerjakan?",
        happens=[
            f"{row.title}, ke {row.to}.",
            f"Anda menyatakan sudah {work} di layar {row.channel.label}. Nama Anda dan waktunya tercatat.",
            "Kiriman ini keluar dari antrean dan tidak dapat dibuka lagi untuk dikerjakan.",
        ],
        listed=[(field.label, field.gap) for field in lacking],
        listed_title="Yang masih kurang di laporan ini",
        reason_field=reason_field(form, label="Alasan mengirimnya sekarang", hint=why)
        if lacking
        else None,
        action=_to(wanted, "admin.done_by_hand", message_id=g.message.public_id),
        label="Ya, sudah dikerjakan",
        back_url=_to(wanted, "admin.message", message_id=g.message.public_id),
    )


@bp.post("/antrean/<message_id>/selesai")
@access(roles=ADMIN, load=any_message)
@writes
def done_by_hand(message_id: str) -> ResponseReturnValue:
    form = DoneByHandForm()
    if not form.validate():
        return _ask_done(form, status=422)

    try:
        if g.message.channel not in (Channel.SIKI, Channel.BNSP):
            raise DomainError("Hanya kiriman ke SIKI dan BNSP yang dikerjakan sendiri.")
        outbox.done_by_hand(g.message, g.actor, reason=form.note.data or "")
    except DomainError as refusal:
        db.session.rollback()
        notice = form.put_by_its_field(refusal)
        if not notice:
            return _ask_done(form, status=422)
        return _show(g.message, notice=notice, status=409)
    db.session.commit()
    return redirect_after_post(_to(_filter()), "Ditandai sudah dikerjakan.")


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
        return _show(g.message, notice=str(refusal), status=409)
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
    opened: OutboxMessage | None, *, notice: str = "", status: int = 200
) -> ResponseReturnValue:
    config, wanted = current_app.config["LSP"], _filter()
    after = int(wanted["posisi"]) if wanted["posisi"] else None
    found = outbox_list.page(
        config, channels=_channels(wanted["kanal"]), state=wanted["keadaan"], after=after
    )
    first = {**wanted, "posisi": ""}
    reading = outbox_list.one(config, opened) if opened is not None else None
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
    )
    if wants_fragment():
        endpoint = "admin.message" if opened is not None else "admin.queue"
        more = {"message_id": opened.public_id} if opened is not None else {}
        answer.headers["HX-Push-Url"] = _to(wanted, endpoint, **more)
    return answer
