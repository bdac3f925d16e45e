"""What a page says after a step was done, one sentence a transition. Buttons take theirs from the table."""

from __future__ import annotations

PERMOHONAN_DONE = {
    "return_for_repair": "Permohonan dikembalikan kepada asesi untuk diperbaiki.",
    "verify": "Berkas dinyatakan lengkap.",
    "reject": "Permohonan ditolak. Asesi diberi tahu alasannya.",
    "invoice": "Tagihan dikirim kepada asesi.",
    "extend": "Tagihan diperpanjang.",
    "change_mode": "Cara asesmen diganti.",
    "cancel_pre": "Jadwal pra-asesmen dibatalkan.",
    "cancel_assessment": "Jadwal asesmen dibatalkan.",
    "ask_evidence": "Asesi diminta menambah bukti.",
    "make_ready": "Pra-asesmen selesai. Asesi dapat memesan asesmen.",
    "start": "Asesmen dimulai.",
    "halt": "Asesmen dihentikan sementara.",
    "recommend": "Rekomendasi dikirim ke tim teknis.",
    "recommend_not_continue": "Rekomendasi dikirim ke tim teknis.",
    "reassess": "Asesmen ulang dibuka.",
    "request_blanko": "Blangko diajukan.",
    "refuse_blanko": "Penolakan blangko dicatat.",
    "withdraw": "Pengunduran diri dicatat.",
}
JADWAL_DONE = {
    "confirm": "Jadwal dikonfirmasi. Slot dapat dibuka.",
    "finish": "Jadwal dinyatakan selesai.",
    "close": "Jadwal ditutup.",
}


def permohonan_done(name: str, label: str) -> str:
    """A step without a sentence of its own is said by the label of its button."""
    return PERMOHONAN_DONE.get(name, f"{label}: selesai.")


def jadwal_done(name: str, label: str) -> str:
    return JADWAL_DONE.get(name, f"{label}: selesai.")
