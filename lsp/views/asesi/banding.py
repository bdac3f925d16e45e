"""A banding after it was sent: where it stands, completing it, taking it back, its answer and the letter."""

from __future__ import annotations

from flask import abort, g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.banding import CompletionForm, VersionForm
from lsp.models import Banding
from lsp.permissions import writes
from lsp.services import banding, results
from lsp.views.asesi.shared import CASE, address, bp, onward, own, step_closed
from lsp.views.banding_words import MEANS, paper_of, steps_of
from lsp.views.html import page
from lsp.views.letters import banding_letter
from lsp.vocabulary import BandingStatus
from lsp.workflow.banding import BANDING
from lsp.workflow.effects.banding import relaxed
from lsp.workflow.guards.banding import answer_until

#: What happens now, said to the asesi, by state.
NOW = {
    BandingStatus.FILED: "Admin LSP memeriksa kelengkapan banding Anda.",
    BandingStatus.INCOMPLETE: "LSP meminta Anda melengkapi banding ini.",
    BandingStatus.ACCEPTED: "Ketua LSP menunjuk panel dari orang yang tidak terlibat dalam asesmen Anda.",
    BandingStatus.PANEL_NAMED: "Panel membaca berkas dan rekaman Anda. Tiap anggota menulis temuannya sendiri.",
    BandingStatus.EXAMINED: "Panel selesai memeriksa dan menyusun jawabannya.",
}
WITHDRAW = "Cabut banding"


def status_page(
    found: Banding,
    form: CompletionForm | None = None,
    *,
    status: int = 200,
    notice_text: str = "",
) -> ResponseReturnValue:
    complete = BANDING.choice(found, g.actor, "complete")
    return page(
        "asesi/banding.html",
        status=status,
        permohonan=g.permohonan,
        banding=found,
        now=NOW.get(found.status, ""),
        means=MEANS.get(found.status, ""),
        until=answer_until(found),
        steps=steps_of(found),
        paper=paper_of(found),
        complete=complete,
        form=form or CompletionForm(formdata=None),
        relaxed=relaxed(found),
        may_withdraw=BANDING.choice(found, g.actor, "withdraw_banding") is not None,
        notice_text=notice_text,
    )


def _own_banding() -> Banding:
    """The newest of the case; a decision that lies unopened says nothing of what came before it either."""
    found = None if results.is_unread(g.permohonan) else banding.newest_of(g.permohonan)
    if found is None:
        abort(404)
    return found


@bp.post(f"{CASE}/banding/lengkapi")
@own
@writes
def complete_banding(permohonan_id: str) -> ResponseReturnValue:
    found, form = _own_banding(), CompletionForm()
    if not form.validate():
        return status_page(found, form, status=422)
    try:
        banding.complete(
            g.actor, g.permohonan, words=form.note.data or "", version=form.version.data or 0
        )
    except DomainError as refusal:
        db.session.rollback()
        return status_page(_own_banding(), form, status=409, notice_text=str(refusal))
    db.session.commit()
    return onward("appeal", g.permohonan, "Kelengkapan banding Anda terkirim.")


@bp.get(f"{CASE}/banding/cabut", endpoint="withdraw_banding")
@own
def ask_withdraw_banding(permohonan_id: str) -> ResponseReturnValue:
    return _withdraw_page(_own_banding())


@bp.post(f"{CASE}/banding/cabut", endpoint="do_withdraw_banding")
@own
@writes
def withdraw_banding(permohonan_id: str) -> ResponseReturnValue:
    found, form = _own_banding(), VersionForm()
    if not form.validate():
        return _withdraw_page(found, status=422, notice_text=form.first_error())
    try:
        banding.withdraw(g.actor, g.permohonan, version=form.version.data or 0)
    except DomainError as refusal:
        db.session.rollback()
        return _withdraw_page(_own_banding(), status=409, notice_text=str(refusal))
    db.session.commit()
    return onward("result", g.permohonan, "Banding Anda dicabut. Keputusan tetap berlaku.")


def _withdraw_page(
    found: Banding, *, status: int = 200, notice_text: str = ""
) -> ResponseReturnValue:
    if BANDING.choice(found, g.actor, "withdraw_banding") is None:
        sentence = f"Banding ini sudah selesai: {found.status.label.lower()}."
        return step_closed(WITHDRAW, sentence, back="appeal", status=status)
    return page(
        "confirm.html",
        status=status,
        title=WITHDRAW,
        happens=[
            "Banding berhenti sekarang juga, tanpa jawaban panel.",
            "Keputusan belum kompeten tetap berlaku dan tidak dapat dibanding lagi.",
            "Asesmen ulang masih dapat diminta bila skema ini memberi kesempatan dan waktunya belum lewat.",
        ],
        action=address("do_withdraw_banding", g.permohonan),
        label="Ya, cabut banding",
        tone="bad",
        back_url=address("appeal", g.permohonan),
        version=found.version,
        notice_text=notice_text,
    )


@bp.get(f"{CASE}/banding/surat", endpoint="banding_letter")
@own
def show_banding_letter(permohonan_id: str) -> ResponseReturnValue:
    found = _own_banding()
    if not found.letter_number:
        abort(404)
    return banding_letter(found, back_url=address("appeal", g.permohonan))
