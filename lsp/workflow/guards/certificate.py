"""Guards of blanko, registration and issue."""

from __future__ import annotations

from lsp.actor import Actor
from lsp.models import Permohonan
from lsp.papers.certificate import LONGEST_NUMBER, LONGEST_TEXT
from lsp.papers.coverage import why_unprintable
from lsp.papers.qr import fits_on_paper
from lsp.vocabulary import BlankoState
from lsp.workflow.dossier import dossier_of


def blanko_for_this_nik(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The number BNSP gave is for this NIK and on no other certificate (process 9.5, 6)."""
    dossier = dossier_of(case)
    registration, form = dossier.registration, dossier.fr_apl_01
    if registration is None or registration.blanko is None:
        return "Isi nomor blangko dari BNSP."
    if form is None or registration.blanko.nik_index != form.nik_index:
        return "Nomor blangko ini bukan untuk NIK asesi ini."
    if registration.blanko.state is not BlankoState.RESERVED:
        return "Nomor blangko ini tidak dapat dipakai lagi."
    return None


def lpjk_answer_recorded(case: Permohonan, actor: Actor, note: str) -> str | None:
    registration = dossier_of(case).registration
    if registration is None or not registration.lpjk_number or not registration.lpjk_qr:
        return "Isi nomor registrasi LPJK dan isi kode QR-nya."
    return None


def blanko_still_reserved(case: Permohonan, actor: Actor, note: str) -> str | None:
    registration = dossier_of(case).registration
    if registration is None or registration.blanko is None:
        return "Nomor blangko belum ada."
    if registration.blanko.state is not BlankoState.RESERVED:
        return "Nomor blangko ini tidak dapat dipakai lagi."
    return None


def can_be_printed(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Everything the certificate freezes has its letters in our fonts: once issued, no text can be repaired."""
    registration, version = dossier_of(case).registration, case.skema_version
    if registration is None or registration.blanko is None:
        return "Nomor blangko belum ada."
    numbers = {
        "Nomor blangko BNSP": registration.blanko.number,
        "Nomor registrasi LPJK": registration.lpjk_number or "",
        "Nomor sertifikat": registration.certificate_entry.text,
    }
    texts = {
        "Nama asesi": case.asesi_name,
        "Nama ketua": actor.name,
        "Jabatan kerja pada skema": version.title,
        "Klasifikasi pada skema": version.klasifikasi,
        "Subklasifikasi pada skema": version.subklasifikasi,
        "Kualifikasi pada skema": version.kualifikasi,
    }
    english = (
        version.title_en,
        version.klasifikasi_en,
        version.subklasifikasi_en,
        version.kualifikasi_en,
    )
    texts |= {f"Teks Inggris “{text}” pada skema": text for text in english if text}
    for longest, group in ((LONGEST_NUMBER, numbers), (LONGEST_TEXT, texts)):
        for what, text in group.items():
            reason = why_unprintable(what, text, longest=longest)
            if reason is not None:
                return reason
    if not fits_on_paper(registration.lpjk_qr):
        return "Isi kode QR LPJK terlalu panjang untuk dicetak. Minta admin membetulkannya."
    return None


def annulment_proposed(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Two people: the tim teknis proposes, the ketua approves (workflow 1, annul)."""
    if case.annulment_proposed_by_id is None:
        return "Tim teknis belum mengusulkan pembatalan."
    if case.annulment_proposed_by_id == actor.id:
        return "Anda yang mengusulkan, jadi orang lain yang harus menyetujui."
    return None


def no_annulment_waits(case: Permohonan, actor: Actor, note: str) -> str | None:
    """A decision somebody wants undone goes no further until the ketua has answered."""
    if case.annulment_proposed_by_id is not None:
        return "Tim teknis mengusulkan pembatalan penetapan ini. Ketua harus menjawabnya dulu."
    return None
