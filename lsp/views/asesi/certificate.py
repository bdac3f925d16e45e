"""The Sertifikat panel: what is to do now, then the certificate with its picture, its surveilan, PKB and renewal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import abort, current_app, g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import begin_write, db
from lsp.models import Certificate, Permohonan, Surveilan
from lsp.models.inforce import read_settings
from lsp.services import (
    certificate_pictures,
    certificates,
    official_certificates,
    pkb,
    results,
    surveilan,
)
from lsp.views.asesi.certificate_notice import life_of
from lsp.views.asesi.following import following_of
from lsp.views.asesi.shared import CASE, address, bp, own
from lsp.views.files import stored_file
from lsp.views.html import page
from lsp.views.public import PORTAL_URL
from lsp.vocabulary import FILLED_BY_HOLDER, CertificateStatus
from lsp.vocabulary.dates import day_words, span_words
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.certificate_life import renewal_from

S = CertificateStatus
#: What a state that is not in force means to its holder.
_MEANS = {
    S.SUSPENDED: ("Sertifikat Anda dibekukan", "Untuk sementara jangan memakainya. Alasan dan cara menjawabnya kami "
                  "kirim ke e-mail Anda. Belum jelas? Hubungi admin LSP."),
    S.REVOKED: ("Sertifikat Anda dicabut", "Sertifikat ini tidak boleh dipakai lagi. Alasannya kami kirim ke e-mail "
                "Anda. Bila keberatan, hubungi LSP: pencabutan dapat dibanding."),
    S.EXPIRED: ("Masa berlaku sertifikat Anda habis", "Sertifikat ini tidak dapat dipakai bekerja lagi. Ajukan "
                "perpanjangan di Portal Perizinan, lalu di sini."),
    S.REPLACED: ("Sertifikat ini sudah diganti", "Pakai sertifikat penggantinya."),
    S.RENEWED: ("Sertifikat ini sudah diperpanjang", "Pakai sertifikat perpanjangannya."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Now:
    """The one sentence at the top. url is empty where there is nothing to press."""

    title: str
    sentence: str
    label: str = ""
    url: str = ""
    tone: str = ""
    due: str = ""


@bp.get(f"{CASE}/sertifikat", endpoint="certificate")
@own
def show_certificate(permohonan_id: str) -> ResponseReturnValue:
    read_settings("renewal_months_before", "pkb_credits")
    every = surveilan.certificates_of(g.permohonan.asesi_id)
    mine = next((each for each in every if each.permohonan_id == g.permohonan.id), None)
    unread = results.is_unread(g.permohonan)
    return page(
        "asesi/certificate.html",
        permohonan=g.permohonan,
        certificate=mine,
        unread=unread,
        others=[
            (each, certificates.state_now(each)) for each in every if mine and each.id != mine.id
        ],
        registration=None if mine or unread else dossier_of(g.permohonan).registration,
        **(_shown(g.permohonan, mine) if mine is not None else {}),
    )


def _shown(permohonan: Permohonan, certificate: Certificate) -> dict[str, Any]:
    state = certificates.state_now(certificate)
    tasks = surveilan.of_certificates([certificate.id])
    picture = certificate_pictures.of_certificate(certificate.id)
    ways = following_of(certificate)
    life = life_of(certificate)
    renewal = _renewal(certificate, state, ways)
    link = current_app.config["LSP"].base_url + url_for(
        "verification.show", token=certificate.token
    )
    said = f"Sertifikat {certificate.jabatan_kerja} atas nama {certificate.holder_name}: {link}"
    return {
        "state": state,
        "since": certificates.state_since(certificate),
        "left": _left(certificate, state),
        "now": _notice(certificate, life) or _now(permohonan, certificate, state, tasks, renewal),
        "life": life,
        "ways": ways,
        "tasks": tasks,
        "filling": FILLED_BY_HOLDER,
        "verify_url": link,
        "share_url": f"https://wa.me/?text={quote(said, safe='')}",
        "download_url": url_for("verification.download", permohonan_id=permohonan.public_id),
        "official_sha256": official_certificates.sha256_of(certificate),
        "picture": picture,
        "renewal": renewal,
        "portal_url": PORTAL_URL,
        "pkb": pkb.sum_of(certificate, pkb.activities(certificate)) if pkb.asked_of(certificate) else None,
    }  # fmt: skip


def _left(certificate: Certificate, state: CertificateStatus) -> str:
    """berlaku 4 tahun 8 bulan lagi; empty for one that is over."""
    if state not in (S.ACTIVE, S.SUSPENDED):
        return ""
    today = clock.today_wib()
    if certificate.valid_from > today:
        return f"mulai berlaku {day_words(certificate.valid_from)}"
    if certificate.valid_until == today:
        return "hari terakhir"
    return f"berlaku {span_words(today, certificate.valid_until)} lagi"


def _notice(certificate: Certificate, life: dict[str, Any]) -> Now | None:
    """A proposal to suspend or revoke that waits for the holder's word comes before all else."""
    waits = life["waits"]
    if waits is None:
        return None
    until = f" sampai {day_words(waits.answer_until)}" if waits.answer_until else ""
    return Now(
        f"LSP mengusulkan {waits.step.label.lower()} sertifikat Anda",
        f"Belum diputuskan. Baca alasannya dan jawab{until}.",
        "Baca dan jawab",
        url_for("asesi.certificate_notice", certificate_id=certificate.public_id),
        "late",
    )


def _now(
    permohonan: Permohonan,
    certificate: Certificate,
    state: CertificateStatus,
    tasks: Sequence[Surveilan],
    renewal: dict[str, Any] | None,
) -> Now:
    if state in _MEANS and state is not S.SUSPENDED:
        return Now(*_MEANS[state], tone="late")
    task = next((each for each in tasks if each.status in FILLED_BY_HOLDER), None)
    if task is not None:
        late = task.until < clock.today_wib()
        sentence = (
            f"Jatuh temponya {day_words(task.until)} sudah lewat. Bila tetap tidak dikirim, sertifikat dapat dibekukan."
            if late
            else f"Isi sampai {day_words(task.until)}, sekitar 15 menit. Yang sudah Anda tulis tersimpan."
        )
        url = address("surveilan", permohonan, surveilan_id=task.public_id)
        return Now("Isi surveilan sertifikat Anda", sentence, "Isi surveilan", url, "late" if late else "")  # fmt: skip
    if state is S.SUSPENDED:
        return Now(*_MEANS[state], tone="late")
    if renewal is not None and renewal["open"]:
        sentence = f"Sertifikat berakhir {day_words(certificate.valid_until)}. Ajukan sebelum itu."
        return Now("Perpanjang sertifikat Anda", sentence, "Cara memperpanjang", "#perpanjangan")
    if certificate.pdf_key is None:
        return Now(
            "Sertifikat Anda sedang dibuat",
            "Biasanya siap dalam satu menit. Muat ulang halaman ini.",
        )
    return Now(
        "Sertifikat Anda berlaku",
        "Simpan berkasnya. Selebihnya tidak ada yang perlu Anda lakukan sekarang.",
        "Unduh sertifikat (PDF)",
        url_for("verification.download", permohonan_id=permohonan.public_id),
        "done",
    )


def _renewal(
    certificate: Certificate, state: CertificateStatus, ways: Sequence[tuple[str, str, str]]
) -> dict[str, Any] | None:
    """From when it may be renewed, and where it is begun; None for one that another has taken the place of."""
    if state in (S.REVOKED, S.REPLACED, S.RENEWED):
        return None
    since = renewal_from(certificate)
    # The way that renews, or the permohonan that was begun already.
    url, words, refusal = next(way for way in ways if not way[0].endswith("/perbaiki"))
    return {
        "since": since,
        "open": since <= clock.today_wib(),
        "until": certificate.valid_until,
        "url": url,
        "words": "Mulai perpanjangan" if url.endswith("/perpanjang") else words,
        "refusal": refusal,
    }


@bp.get(f"{CASE}/sertifikat/gambar", endpoint="certificate_picture")
@own
def show_picture(permohonan_id: str) -> ResponseReturnValue:
    """The picture as it was drawn once; every download leaves a line in the audit chain, as the PDF's does."""
    every = surveilan.certificates_of(g.permohonan.asesi_id)
    mine = next((each for each in every if each.permohonan_id == g.permohonan.id), None)
    picture = certificate_pictures.of_certificate(mine.id) if mine is not None else None
    if mine is None or picture is None:
        abort(404)
    name = f"sertifikat-{mine.public_id}.jpg"
    answer = stored_file(picture.storage_key, "image/jpeg", name)
    begin_write()
    certificates.note_download(g.actor, mine)
    db.session.commit()
    return answer
