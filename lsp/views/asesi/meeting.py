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
from lsp.models import Permohonan
from lsp.models.inforce import consent_text
from lsp.permissions import writes
from lsp.services import device_check, joining, meetings, mode_change, recording_consent, signing
from lsp.services.meeting_news import edition as meeting_news_of, is_live
from lsp.services.offers import moves_of
from lsp.views.asesi.mode import about_the_fee
from lsp.views.asesi.schedule import cancel_choice
from lsp.views.asesi.shared import CASE, address, bp, onward, own
from lsp.views.asesi.signing import TEXT_CHANGED, SignRow
from lsp.views.editions import ChangedElsewhere
from lsp.views.html import page, panel, wants_fragment
from lsp.vocabulary import ConsentKind, Form, Mode, Role
from lsp.workflow.dossier import dossier_of

#: How long before its opening a page of the meeting may be waiting for the way in.
_WAITED_FOR = timedelta(hours=2)
#: Papers the asesi signs in a meeting, by their word in the address.
PAPERS = {"fr-ak-01": Form.FR_AK_01, "fr-ak-02": Form.FR_AK_02}


@bp.get(f"{CASE}/rapat", endpoint="meeting")
@own
def show_meeting(permohonan_id: str) -> ResponseReturnValue:
    return _meeting_page()


@bp.get(f"{CASE}/rapat/kabar")
@own
def meeting_news(permohonan_id: str) -> ResponseReturnValue:
    """Asked for again while the meeting is on: nothing, or a word that there is more. What is typed stays."""
    if not wants_fragment():
        return onward("meeting", g.permohonan)
    news = _news(g.permohonan)
    if news and request.args.get("sejak", "") == news:
        return "", 204
    return page("asesi/_meeting_news.html", permohonan=g.permohonan, news=news, changed=True)


def _news(permohonan: Permohonan) -> str:
    return meeting_news_of(permohonan) if is_live(permohonan) else ""


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
        _sign(g.permohonan, form_key, form)
    except ChangedElsewhere as refusal:
        db.session.rollback()
        return _meeting_page(form_key, form, str(refusal), status=409)
    except DomainError as refusal:
        db.session.rollback()
        return _meeting_page(form_key, form, str(refusal), status=422)
    db.session.commit()
    said = f"{paper.label} sudah Anda tandatangani."
    return _meeting_page(said=said) if wants_fragment() else onward("meeting", g.permohonan, said)


def _sign(permohonan: Permohonan, key: str, form: SignForm) -> None:
    paper, dossier = PAPERS[key], dossier_of(permohonan)
    reason = signing.refusal(g.actor, permohonan, paper, Role.ASESI)
    if reason is not None:
        raise DomainError(reason)
    if form.seen.data != dossier.content_digest(paper):
        raise ChangedElsewhere
    if dossier.signature(paper, Role.ASESI, attempt=permohonan.attempt) is None:
        signing.sign(g.actor, permohonan, paper, Role.ASESI, typed_name=form.typed_name.data or "")


def _rows(permohonan: Permohonan, key: str, form: SignForm | None, error: str) -> list[SignRow]:
    dossier, rows = dossier_of(permohonan), []
    for each, paper in PAPERS.items():
        if signing.refusal(g.actor, permohonan, paper, Role.ASESI) is not None:
            continue
        here = each == key
        rows.append(
            SignRow(
                each,
                paper,
                signing.STATEMENTS[paper, Role.ASESI],
                dossier.content_digest(paper),
                dossier.signature(paper, Role.ASESI, attempt=permohonan.attempt),
                outdated=False,
                reason="",
                typed=(form.typed_name.data or "") if here and form is not None else "",
                error=error if here else "",
            )
        )
    return rows


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
    return panel(
        "asesi/meeting.html",
        "asesi/_meeting_panel.html",
        status=status,
        said=said,
        notice_text=notice_text,
        permohonan=permohonan,
        seat=seat,
        rows=_rows(permohonan, key, form, error) if seat is not None else [],
        **(_about(permohonan, seat) if seat is not None else {}),
    )


def _seconds_until(moment: datetime) -> int:
    """For a page that shows the way in by itself; 0 when that lies behind, or too far ahead to leave a page open."""
    left = moment - clock.now()
    return int(left.total_seconds()) + 1 if timedelta() < left <= _WAITED_FOR else 0


def _about(permohonan: Permohonan, seat: Any) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    remote, door = permohonan.mode is Mode.DARING, joining.window()
    return {
        "why_not_join": door.refusal(seat),
        "opens_in": _seconds_until(door.opens_at(seat.slot)),
        "device": device_check.verdict_of(permohonan.asesi_id) if remote else None,
        "remote": remote,
        "recording": consent_text(ConsentKind.RECORDING) if remote else None,
        "recording_agreed": seat.record is not None
        and seat.record.recording_consent_at is not None,
        "may_refuse": remote and mode_change.refusal(permohonan) is None,
        "fee_words": about_the_fee(mode_change.difference(permohonan)) if remote else "",
        "ended": seat.record is not None and seat.record.ended_at is not None,
        "news": _news(permohonan),
        "cancel": cancel_choice(),
        "moves": moves_of(permohonan),
        "plan": dossier.plan,
        "paper": dossier.fr_ak_02,
    }
