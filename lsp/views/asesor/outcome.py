"""How a meeting ends for the case: on to the assessment, further evidence, start, recommendation."""

from __future__ import annotations

from flask import abort, g, redirect, request
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import NotAllowed
from lsp.forms.base import ActionForm
from lsp.models import Permohonan
from lsp.permissions import writes
from lsp.services import third_party
from lsp.services.fr_ak_02_matrix import matrix
from lsp.views.asesor.actions import PRESSED, SENT, rounds, starts_early
from lsp.views.asesor.case import show_order
from lsp.views.asesor.pre_steps import unfinished
from lsp.views.asesor.shared import CASE, address, assigned, bp, onward
from lsp.views.done_words import permohonan_done
from lsp.views.filters import tanggal
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import Answer
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import listed
from lsp.workflow.permohonan import PERMOHONAN


@bp.post(f"{CASE}/langkah/<name>")
@assigned
@writes
def step(permohonan_id: str, name: str) -> ResponseReturnValue:
    """A step that is one press. Starting before the time asks once more on a page of its own."""
    if name not in PRESSED:
        abort(404)
    if name == "start" and starts_early(g.permohonan) and "yakin" not in request.form:
        db.session.rollback()
        return redirect_after_post(address("confirm_start", g.permohonan))
    return _perform(name)


def _perform(name: str) -> ResponseReturnValue:
    form = ActionForm()
    if not form.validate():
        return show_order(status=422, notice=form.first_error())
    try:
        done = PERMOHONAN.perform(g.permohonan, name, g.actor, version=form.version.data or 0)
    except NotAllowed as refusal:
        db.session.rollback()
        return show_order(status=409, notice=str(refusal))
    db.session.commit()
    return onward("permohonan", g.permohonan, permohonan_done(done.name, done.label))


@bp.get(f"{CASE}/lanjut")
@assigned
def confirm_ready(permohonan_id: str) -> ResponseReturnValue:
    """On to the assessment: what follows, and what is undone though it bars nothing; never refused."""
    seat = dossier_of(g.permohonan).booking
    choice = PERMOHONAN.choice(g.permohonan, g.actor, "make_ready")
    if seat is None or choice is None or not choice.possible:
        return redirect(address("permohonan", g.permohonan))
    return page(
        "confirm.html",
        title="Lanjut ke asesmen?",
        happens=(
            *unfinished(g.permohonan, seat),
            "Rapat ini ditutup dan tidak dapat dilengkapi lagi sesudahnya.",
            f"{g.permohonan.asesi_name} menerima e-mail dan memesan jadwal asesmen.",
        ),
        action=address("step", g.permohonan, name="make_ready"),
        label="Lanjut ke asesmen",
        back_url=address("permohonan", g.permohonan),
        version=g.permohonan.version,
    )


@bp.get(f"{CASE}/minta-bukti")
@assigned
def confirm_evidence(permohonan_id: str) -> ResponseReturnValue:
    """Says what is asked for and how many rounds are left, before the seat is given up."""
    choice = PERMOHONAN.choice(g.permohonan, g.actor, "ask_evidence")
    review = dossier_of(g.permohonan).reviews
    if choice is None or not choice.possible or not review:
        return redirect(address("permohonan", g.permohonan))
    left = rounds() - g.permohonan.evidence_rounds - 1
    return page(
        "confirm.html",
        title="Minta bukti tambahan?",
        happens=(
            f"Ini permintaan ke-{g.permohonan.evidence_rounds + 1} dari {rounds()}. "
            + (f"Sesudah ini tersisa {left}." if left else "Sesudah ini tidak ada lagi."),
            f"{g.permohonan.asesi_name} menerima daftar di bawah dengan tanggal akhirnya.",
            "Rapat ini ditutup. Asesi mengirim buktinya, lalu memesan pra-asesmen lagi.",
        ),
        listed=[(line, "") for line in review[-1].missing_evidence.splitlines() if line.strip()],
        listed_title="Bukti yang kurang",
        action=address("step", g.permohonan, name="ask_evidence"),
        label="Minta bukti tambahan",
        back_url=address("permohonan", g.permohonan),
        version=g.permohonan.version,
    )


@bp.get(f"{CASE}/mulai")
@assigned
def confirm_start(permohonan_id: str) -> ResponseReturnValue:
    """Before the time: said once more, never refused."""
    seat = dossier_of(g.permohonan).booking
    if seat is None or not starts_early(g.permohonan):
        return redirect(address("permohonan", g.permohonan))
    return page(
        "confirm.html",
        title="Mulai sebelum waktunya?",
        happens=(
            f"Asesmen ini dijadwalkan {tanggal(seat.slot.starts_at)}.",
            "Jam mulai dicatat sekarang. Pastikan asesi dan Anda memang sudah siap.",
        ),
        action=address("step", g.permohonan, name="start"),
        hidden={"yakin": "1"},
        label="Mulai sekarang",
        back_url=address("permohonan", g.permohonan),
        version=g.permohonan.version,
    )


@bp.get(f"{CASE}/kirim-rekomendasi")
@assigned
def confirm_recommend(permohonan_id: str) -> ResponseReturnValue:
    return _recommend_page() if _sending() is not None else _not_to_send()


@bp.post(f"{CASE}/kirim-rekomendasi")
@assigned
@writes
def recommend(permohonan_id: str) -> ResponseReturnValue:
    """The recommendation goes to the tim teknis; FR.AK.02 is frozen from here."""
    name, form = _sending(), ActionForm()
    if name is None:
        db.session.rollback()
        return _not_to_send()
    if not form.validate():
        return _recommend_page(status=422, notice=form.first_error())
    try:
        PERMOHONAN.perform(g.permohonan, name, g.actor, version=form.version.data or 0)
    except NotAllowed as refusal:
        db.session.rollback()
        return _recommend_page(status=409, notice=str(refusal))
    db.session.commit()
    return onward("permohonan", g.permohonan, "Rekomendasi terkirim ke tim teknis.")


def _sending() -> str | None:
    """Which of the two ways to recommend stands open in this state."""
    return next(
        (name for name in SENT if PERMOHONAN.choice(g.permohonan, g.actor, name) is not None), None
    )


def _not_to_send() -> ResponseReturnValue:
    """Another tab sent it, or the case went elsewhere: back to the case, which says where it stands."""
    paper = dossier_of(g.permohonan).fr_ak_02
    sent = paper is not None and paper.frozen_at is not None
    said = (
        "Rekomendasi ini sudah terkirim ke tim teknis."
        if sent
        else "Rekomendasi tidak dapat dikirim pada tahap ini."
    )
    return onward("permohonan", g.permohonan, said, tone="ok" if sent else "bad")


def _recommend_page(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    found = matrix(g.permohonan)
    recommended = found.paper.recommendation if found.paper is not None else None
    failed = sum(1 for row in found.rows if row.failed)
    locked = "FR.AK.02 dan instrumen FR.IA" if dossier_of(g.permohonan).instruments else "FR.AK.02"
    happens = [
        f"{g.permohonan.asesi_name}: rekomendasi {recommended.label if recommended else 'belum dipilih'}.",
        f"{found.filled} dari {len(found.rows)} unit punya bukti, {failed} unit belum memenuhi.",
        f"{locked} terkunci dan tidak dapat diubah lagi, kecuali tim teknis mengembalikannya.",
        "Asesi diberi tahu bahwa ini rekomendasi, belum keputusan. Yang memutuskan tim teknis.",
    ]
    if recommended is Answer.BK:
        happens.insert(1, "Alasan setiap unit dan tindak lanjut ikut terkirim.")
    happens += _not_heard(g.permohonan)
    return page(
        "confirm.html",
        status=status,
        title="Kirim rekomendasi?",
        happens=happens,
        action=address("recommend", g.permohonan),
        label="Kirim rekomendasi",
        back_url=address("permohonan", g.permohonan),
        version=g.permohonan.version,
        notice_text=notice,
    )


def _not_heard(permohonan: Permohonan) -> list[str]:
    """Third parties whose word is not in it: nothing bars the recommendation, but the asesor sends it knowing."""
    asked = [row for row in third_party.of_case(permohonan) if row.withdrawn_at is None]
    silent = [row.name for row in asked if row.answered_at is None]
    unread = [row.name for row in asked if row.answered_at and not row.judged_at]
    made = []
    if silent:
        made.append(
            f"FR.IA.10: {listed(silent)} belum menjawab. Jawaban yang masuk sesudah ini dibaca tim teknis "
            "sebagai jawaban terlambat."
        )
    if unread:
        made.append(f"FR.IA.10: jawaban {listed(unread)} belum Anda nilai.")
    return made
