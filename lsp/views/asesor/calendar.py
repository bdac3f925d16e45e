"""Kalender Anda: the secret address under which the asesor's own calendar program reads his meetings."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.permissions import writes
from lsp.services import calendar_feed
from lsp.views.asesor.shared import CASE, asesor_only, assigned, bp
from lsp.views.calendars import meeting_file
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import Role


@bp.get(f"{CASE}/rapat.ics")
@assigned
def meeting_calendar(permohonan_id: str) -> ResponseReturnValue:
    return meeting_file(g.permohonan.id, Role.ASESOR, g.actor.zone)


@bp.get("/asesor/kalender", endpoint="calendar")
@asesor_only
def show_calendar() -> ResponseReturnValue:
    return _calendar_page()


@bp.post("/asesor/kalender")
@asesor_only
@writes
def make_feed() -> ResponseReturnValue:
    """Answers with the address itself: it is shown this once, and no redirect may carry it."""
    token = calendar_feed.renew(g.actor)
    db.session.commit()
    base_url = current_app.config["LSP"].base_url
    path = url_for("calendars.feed", feed_token=token)
    return _calendar_page(
        feed_url=base_url + path, webcal_url="webcal://" + base_url.partition("://")[2] + path
    )


@bp.get("/asesor/kalender/ganti")
@asesor_only
def ask_renew_feed() -> ResponseReturnValue:
    return page(
        "confirm.html",
        title="Ganti alamat kalender?",
        happens=[
            "Alamat yang lama langsung mati. Program kalender yang memakainya berhenti diperbarui.",
            "Alamat baru tampil satu kali. Pasang di program kalender Anda.",
        ],
        action=url_for("asesor.make_feed"),
        label="Ganti alamat",
        back_url=url_for("asesor.calendar"),
    )


@bp.get("/asesor/kalender/matikan")
@asesor_only
def ask_end_feed() -> ResponseReturnValue:
    return page(
        "confirm.html",
        title="Matikan alamat kalender?",
        happens=[
            "Alamatnya langsung mati. Program kalender yang memakainya berhenti diperbarui.",
            "Undangan lewat e-mail tetap datang. Alamat baru dapat dibuat kapan saja.",
        ],
        action=url_for("asesor.end_feed"),
        label="Matikan alamat",
        tone="bad",
        back_url=url_for("asesor.calendar"),
    )


@bp.post("/asesor/kalender/matikan")
@asesor_only
@writes
def end_feed() -> ResponseReturnValue:
    calendar_feed.end(g.actor)
    db.session.commit()
    return redirect_after_post(url_for("asesor.calendar"), "Alamat kalender dimatikan.")


def _calendar_page(**more: Any) -> ResponseReturnValue:
    return page("asesor/calendar.html", feed=calendar_feed.standing(g.actor.id), **more)
