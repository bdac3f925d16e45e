"""The asesi agrees to the other way of assessing, luring instead of daring or back, and may think better of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import g, request
from flask.typing import ResponseReturnValue

from lsp.models import Permohonan
from lsp.permissions import writes
from lsp.services import mode_change
from lsp.views.asesi.shared import CASE, address, bp, own, step_closed, take_step
from lsp.views.filters import rupiah, tanggal
from lsp.views.html import page
from lsp.vocabulary import Mode, PermohonanStatus

TITLES = {Mode.LURING: "Ganti ke tatap muka", Mode.DARING: "Ganti ke jarak jauh"}
BUTTONS = {
    Mode.LURING: "Saya setuju ganti ke tatap muka",
    Mode.DARING: "Saya setuju ganti ke jarak jauh",
}
AGREED = "Persetujuan Anda tersimpan. Admin LSP mengganti cara asesmennya dan mengabari Anda lewat e-mail."
REFUSED = (
    "Anda menolak direkam. Rapat ini tidak dilanjutkan jarak jauh. "
    "Admin LSP menggantinya dengan tatap muka dan mengabari Anda lewat e-mail."
)
TAKEN_BACK = "Persetujuan ganti cara asesmen Anda batalkan. Cara asesmennya tetap seperti semula."


@bp.get(f"{CASE}/ganti-cara", endpoint="mode")
@own
def show_mode(permohonan_id: str) -> ResponseReturnValue:
    return _mode_page()


@bp.post(f"{CASE}/ganti-cara")
@own
@writes
def agree_to_mode(permohonan_id: str) -> ResponseReturnValue:
    refuses = _refuses_recording()
    return _done(
        partial(mode_change.agree, refuses_recording=refuses), REFUSED if refuses else AGREED
    )


@bp.post(f"{CASE}/ganti-cara/batal")
@own
@writes
def take_back_mode(permohonan_id: str) -> ResponseReturnValue:
    return _done(mode_change.take_back, TAKEN_BACK)


def _refuses_recording() -> bool:
    """Whether he came from the question whether the meeting may be recorded."""
    return "rekam" in request.values and mode_change.wanted(g.permohonan) is Mode.LURING


def _done(step: Callable[..., None], said: str) -> ResponseReturnValue:
    return take_step(
        lambda version: step(g.actor, g.permohonan, version=version),
        again=_mode_page,
        to="permohonan",
        said=said,
    )


def _mode_page(*, status: int = 200, notice_text: str = "") -> ResponseReturnValue:
    permohonan: Permohonan = g.permohonan
    mode, refusal = mode_change.wanted(permohonan), mode_change.refusal(permohonan)
    if refusal is not None:
        return step_closed(TITLES[mode], refusal, status=status)
    agreed = permohonan.mode_agreed_at
    refuses = not agreed and _refuses_recording()
    return page(
        "confirm.html",
        status=status,
        title="Anda tidak mau direkam?" if refuses else TITLES[mode],
        happens=_waits(permohonan) if agreed else _what_happens(permohonan, mode),
        action=address("take_back_mode" if agreed else "agree_to_mode", permohonan),
        hidden={"rekam": "1"} if refuses else {},
        label="Batalkan persetujuan saya"
        if agreed
        else "Saya tidak mau direkam"
        if refuses
        else BUTTONS[mode],
        back_url=address("meeting" if refuses else "permohonan", permohonan),
        back_label="Kembali" if agreed else "Batal, kembali",
        version=permohonan.version,
        notice_text=notice_text,
    )


def _waits(permohonan: Permohonan) -> list[str]:
    why = "menolak direkam" if permohonan.refuses_recording else "sudah setuju"
    return [
        f"Anda {why} pada {tanggal(permohonan.mode_agreed_at)}. Admin LSP belum mengganti cara asesmennya.",
        f"Selama itu jadwal {permohonan.mode.plain} tidak dapat dipesan.",
        "Bila Anda batalkan sekarang, cara asesmennya tetap seperti semula.",
    ]


def _what_happens(permohonan: Permohonan, mode: Mode) -> list[str]:
    """Place, recording, meeting, money: in that order, as people ask it."""
    if mode is Mode.LURING:
        sentences = [
            "Anda bertemu asesor di tempat uji (TUK). Alamatnya ada di undangan jadwal Anda yang baru.",
            "Rapat tidak direkam lewat aplikasi rapat. Bawa KTP asli.",
        ]
    else:
        sentences = [
            "Anda bertemu asesor lewat rapat video. Siapkan kamera, mikrofon, dan ruangan yang tenang.",
            "Rapat hanya berlangsung bila Anda setuju direkam.",
        ]
    if mode_change.meeting_first(permohonan):
        sentences.append(
            "Rapat Anda yang sekarang dijadwalkan ulang oleh LSP. Ini tidak dihitung sebagai absen."
        )
    if permohonan.status not in (PermohonanStatus.PAID, PermohonanStatus.PRE_SCHEDULED):
        sentences.append("Jadwal asesmen yang baru dipesankan oleh admin LSP.")
    return [
        *sentences,
        about_the_fee(mode_change.difference(permohonan)),
        "Berkas, jawaban, dan pembayaran Anda tetap berlaku. Cara asesmen berganti setelah admin LSP mengaturnya.",
    ]


def about_the_fee(difference: int) -> str:
    if difference > 0:
        return f"Cara ini lebih mahal {rupiah(difference)}. Anda menerima tagihan selisihnya."
    return "Tidak ada biaya tambahan."
