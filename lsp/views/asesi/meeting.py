"""The meeting: when, with whom, the link, consent to its recording, and the papers signed in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.registration import ConsentForm, SignForm
from lsp.models import Booking, Permohonan
from lsp.models.inforce import consent_text, read_settings
from lsp.permissions import writes
from lsp.services import (
    consents,
    device_check,
    fr_ak_01,
    joining,
    meetings,
    mode_change,
    recording_consent,
    seat_history,
)
from lsp.services.meeting_news import edition, is_live, wait_before
from lsp.services.offers import moves_of
from lsp.services.seat_history import SeatLine
from lsp.views.asesi.meeting_papers import (
    PAPERS,
    papers_of,
    rows_of,
    sign_paper_of,
    signed_rows,
)
from lsp.views.asesi.mode import about_the_fee
from lsp.views.asesi.schedule import cancel_choice
from lsp.views.asesi.shared import CASE, address, bp, onward, own
from lsp.views.asesi.signing import TEXT_CHANGED
from lsp.views.attempt_words import again_words
from lsp.views.calendars import meeting_file
from lsp.views.editions import ChangedElsewhere
from lsp.views.filters import tanggal
from lsp.views.html import page, panel, wants_fragment
from lsp.vocabulary import ConsentKind, Form, Mode, Role
from lsp.workflow.dossier import dossier_of

#: How long before its opening a page of the meeting may be waiting for the way in.
_WAITED_FOR = timedelta(hours=2)
#: Settings that its links and buttons ask for.
_ASKED_FOR = ("online_link_minutes_before", "asesi_moves", "move_until_hours")


@bp.get(f"{CASE}/rapat", endpoint="meeting")
@own
def show_meeting(permohonan_id: str) -> ResponseReturnValue:
    return _meeting_page()


@bp.get(f"{CASE}/rapat.ics")
@own
def meeting_calendar(permohonan_id: str) -> ResponseReturnValue:
    return meeting_file(g.permohonan.id, Role.ASESI, g.actor.zone)


@bp.get(f"{CASE}/rapat/kabar")
@own
def meeting_news(permohonan_id: str) -> ResponseReturnValue:
    """Asked for again while the meeting is on: nothing, or a word that there is more. What is typed stays."""
    if not wants_fragment():
        return onward("meeting", g.permohonan)
    sejak, asked = request.args.get("sejak", ""), request.args.get("kali", 0, type=int)
    news = edition(g.permohonan)
    if sejak == news:
        return _waits(news, asked + 1)
    if not is_live(g.permohonan):
        return _waits("", 0)
    rows = rows_of(g.permohonan, "", None, "")
    if request.args.get("kertas", "") or not rows:
        # A paper may be half signed on the screen: it is left alone, and a link tells that there is more.
        return page("asesi/_meeting_news.html", permohonan=g.permohonan, news=news, changed=True)
    response = page(
        "asesi/_meeting_papers.html",
        permohonan=g.permohonan,
        rows=rows,
        arrived=True,
        news=news,
        kali=0,
        wait=wait_before(0),
        **papers_of(g.permohonan),
    )
    response.headers["HX-Retarget"] = "#meeting-papers"
    return response


def _waits(news: str, asked: int) -> ResponseReturnValue:
    """Nothing new: the same line, which asks again later. It is asked often, so it is small and reads little."""
    return page(
        "asesi/_meeting_news.html",
        permohonan=g.permohonan,
        news=news,
        kali=asked,
        wait=wait_before(asked),
        papers=request.args.get("kertas", ""),
    )


def _news(permohonan: Permohonan) -> str:
    return edition(permohonan) if is_live(permohonan) else ""


@bp.post(f"{CASE}/rapat/rekaman")
@own
@writes
def agree_to_recording(permohonan_id: str) -> ResponseReturnValue:
    form = ConsentForm()
    if not form.validate():
        return _meeting_page(status=422, notice_text=form.first_error())
    text = consent_text(ConsentKind.RECORDING)
    if text is not None and text.version_number != form.text_version.data:
        return _meeting_page(status=409, notice_text=TEXT_CHANGED)
    try:
        meetings.agree_to_recording(g.actor, g.permohonan)
    except DomainError as refusal:
        db.session.rollback()
        return _meeting_page(status=409, notice_text=str(refusal))
    db.session.commit()
    said = "Anda menyetujui perekaman rapat."
    return _meeting_page(said=said) if wants_fragment() else onward("meeting", g.permohonan, said)


@bp.get(f"{CASE}/rapat/rekaman/tarik")
@own
def ask_withdraw_recording(permohonan_id: str) -> ResponseReturnValue:
    return _withdraw_page()


@bp.post(f"{CASE}/rapat/rekaman/tarik")
@own
@writes
def withdraw_recording(permohonan_id: str) -> ResponseReturnValue:
    try:
        recording_consent.withdraw(g.actor, g.permohonan)
    except DomainError as refusal:
        db.session.rollback()
        return _withdraw_page(status=409, notice=str(refusal))
    db.session.commit()
    return onward("meeting", g.permohonan, "Persetujuan perekaman ditarik. Asesor diberi tahu.")


def _withdraw_page(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title="Tarik persetujuan perekaman?",
        happens=[
            "Asesor diberi tahu dan menghentikan perekam.",
            "Rapat tidak dilanjutkan jarak jauh, tetapi dengan tatap muka di waktu lain.",
            "Selama rapat belum selesai, Anda dapat menyetujui lagi.",
        ],
        action=address("withdraw_recording", g.permohonan),
        label="Tarik persetujuan",
        tone="bad",
        back_url=address("meeting", g.permohonan),
        notice_text=notice,
    )


@bp.post(f"{CASE}/rapat/<any('fr-ak-01', 'fr-ak-02'):form_key>")
@own
@writes
def sign_paper(permohonan_id: str, form_key: str) -> ResponseReturnValue:
    form, paper = SignForm(), PAPERS[form_key]
    if not form.validate():
        return _meeting_page(form_key, form, form.first_error(), status=422)
    try:
        sign_paper_of(g.permohonan, form_key, form)
    except ChangedElsewhere as refusal:
        db.session.rollback()
        return _meeting_page(form_key, form, str(refusal), status=409)
    except DomainError as refusal:
        db.session.rollback()
        return _meeting_page(form_key, form, str(refusal), status=422)
    db.session.commit()
    said = (
        "Sudah Anda tandatangani."
        if paper is Form.FR_AK_02
        else f"{paper.label} sudah Anda tandatangani."
    )
    return _meeting_page(said=said) if wants_fragment() else onward("meeting", g.permohonan, said)


def _meeting_page(
    key: str = "",
    form: SignForm | None = None,
    error: str = "",
    *,
    status: int = 200,
    said: str = "",
    notice_text: str = "",
) -> ResponseReturnValue:
    permohonan, dossier = g.permohonan, dossier_of(g.permohonan)
    seat = dossier.booking
    read_settings(*_ASKED_FOR)
    rows = rows_of(permohonan, key, form, error) if seat is not None else []
    return panel(
        "asesi/meeting.html",
        "asesi/_meeting_panel.html",
        status=status,
        said=said,
        notice_text=notice_text,
        permohonan=permohonan,
        seat=seat,
        rows=rows,
        to_sign=[row for row in rows if row.signature is None and not row.reason],
        result_signed=any(row.form is Form.FR_AK_02 and row.signature for row in rows),
        signed=signed_rows(permohonan),
        recorded=consents.newest(permohonan, ConsentKind.RECORDING),
        **papers_of(permohonan),
        **(_about(permohonan, seat) if seat is not None else {}),
    )


def _seconds_until(moment: datetime) -> int:
    """For a page that shows the way in by itself; 0 when that lies behind, or too far ahead to leave a page open."""
    left = moment - clock.now()
    return int(left.total_seconds()) + 1 if timedelta() < left <= _WAITED_FOR else 0


def _about(permohonan: Permohonan, seat: Any) -> dict[str, Any]:
    remote, door = permohonan.mode is Mode.DARING, joining.window()
    ended = seat.record is not None and seat.record.ended_at is not None
    agreed = seat.record is not None and seat.record.recording_consent_at is not None
    asks_recording = remote and not agreed
    return {
        "why_not_join": door.refusal(seat),
        "opens_in": _seconds_until(door.opens_at(seat.slot)),
        "device": device_check.verdict_of(permohonan.asesi_id) if remote and not ended else None,
        "again_words": again_words(permohonan),
        "remote": remote,
        "other_mode": mode_change.wanted(permohonan).plain if mode_change.waits(permohonan) else "",
        "recording": consent_text(ConsentKind.RECORDING) if remote else None,
        "recording_agreed": agreed,
        "taken_back": recording_consent.withdrawn_at(seat) if remote else None,
        "may_refuse": asks_recording and mode_change.refusal(permohonan) is None,
        "fee_words": about_the_fee(mode_change.difference(permohonan)) if asks_recording else "",
        "held_differs": _held_differs(permohonan),
        "ended": ended,
        "over": ended or seat.slot.ends_at <= clock.now(),
        "news": _news(permohonan),
        "kali": 0,
        "wait": wait_before(0),
        "moved": _moved(permohonan, seat),
        "cancel": cancel_choice(),
        "moves": moves_of(permohonan),
    }


def _moved(permohonan: Permohonan, seat: Booking) -> SeatLine | None:
    """The seat whose place this one took, with who moved it and why; None where he moved it himself."""
    if seat.moved_from_id is None:
        return None
    before = next(
        line for line in seat_history.lines_of(permohonan) if line.booking.id == seat.moved_from_id
    )
    return before if seat.booked_by_id != permohonan.asesi_id else None


def _held_differs(permohonan: Permohonan) -> str:
    """FR.AK.01 promised another time than the seat that was booked; it bars nothing."""
    times = fr_ak_01.other_time(permohonan)
    if times is None:
        return ""
    agreed, booked = times
    return (
        f"FR.AK.01 menyebut {tanggal(agreed)}, tetapi asesmen Anda dipesan {tanggal(booked)}. "
        "Yang berlaku waktu yang dipesan."
    )
