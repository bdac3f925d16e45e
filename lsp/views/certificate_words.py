"""How each answer of the certificate check reads: six of them, each unlike the others at the first glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lsp.papers.words import date_words
from lsp.vocabulary import CertificateStatus


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """key: for machines; look: of the seal; sentence: what it means for whoever checks."""

    key: str
    look: str
    title: str
    sentence: str

    def meaning(
        self, *, name: str = "", since: date | None = None, until: date | None = None
    ) -> str:
        """The sentence with the holder's name and the days in the words of the paper."""
        return self.sentence.format(
            name=name,
            since=date_words(since).id if since else "",
            until=date_words(until).id if until else "",
        )


ANSWERS = {
    CertificateStatus.ACTIVE: CheckAnswer(
        "berlaku",
        "valid",
        "Sertifikat ini berlaku",
        "Atas nama {name}, sampai {until}.",
    ),
    CertificateStatus.SUSPENDED: CheckAnswer(
        "dibekukan",
        "suspended",
        "Sertifikat ini dibekukan",
        "Sejak {since} sertifikat ini untuk sementara tidak boleh dipakai. Periksa lagi sebelum Anda mengandalkannya.",
    ),
    CertificateStatus.REVOKED: CheckAnswer(
        "dicabut",
        "revoked",
        "Sertifikat ini dicabut",
        "Sejak {since} sertifikat ini tidak berlaku dan tidak boleh dipakai lagi, walaupun kertasnya masih ada.",
    ),
    CertificateStatus.EXPIRED: CheckAnswer(
        "kedaluwarsa",
        "expired",
        "Masa berlaku sertifikat ini sudah habis",
        "Sertifikat ini asli, tetapi hanya berlaku sampai {until}. Minta sertifikat perpanjangannya.",
    ),
    CertificateStatus.REPLACED: CheckAnswer(
        "diganti",
        "expired",
        "Sertifikat ini sudah diganti",
        "Sejak {since} yang berlaku adalah sertifikat penggantinya. Minta pemegangnya menunjukkan yang baru.",
    ),
    CertificateStatus.RENEWED: CheckAnswer(
        "diperpanjang",
        "expired",
        "Sertifikat ini sudah diperpanjang",
        "Sejak {since} yang berlaku adalah sertifikat perpanjangannya. Minta pemegangnya menunjukkan yang baru.",
    ),
}
UNKNOWN = CheckAnswer(
    "tidak_ditemukan",
    "unknown",
    "Sertifikat tidak ditemukan",
    "Tidak ada sertifikat dengan alamat ini di catatan kami.",
)
