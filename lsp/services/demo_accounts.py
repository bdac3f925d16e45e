"""The accounts of a demo installation, by name; shown on its sign-in page. Never made in production."""

from __future__ import annotations

from dataclasses import dataclass

from lsp.vocabulary import Role

DEMO_PASSWORD = "portal-demo-2026"  # noqa: S105 - printed in the README, for fictional people only


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """name: part before @demo.example; person: full name; what: a few words about it."""

    name: str
    person: str
    roles: tuple[Role, ...]
    what: str


DEMO_ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount("admin", "Ratna Contoh Dewi", (Role.ADMIN,), "Admin LSP"),
    DemoAccount("asesor1", "Ir. Ni Luh Contoh Wahyuni", (Role.ASESOR,), "Asesor"),
    DemoAccount("asesor2", "Drs. Contoh Siregar", (Role.ASESOR,), "Asesor"),
    DemoAccount("asesor3", "Yohanes Contoh Lele", (Role.ASESOR,), "Asesor"),
    DemoAccount("komite1", "Dr. Contoh Prabowo", (Role.TIM_TEKNIS,), "Tim teknis"),
    DemoAccount("komite2", "Siti Contoh Rahmawati", (Role.TIM_TEKNIS,), "Tim teknis"),
    DemoAccount("komite3", "Markus Contoh Tambunan", (Role.TIM_TEKNIS,), "Tim teknis"),
    DemoAccount(
        "luar1", "Andi Contoh Mappiasse", (Role.ANGGOTA_LUAR,), "Anggota luar: panel banding"
    ),
    DemoAccount(
        "luar2", "Dewi Contoh Lestari", (Role.ANGGOTA_LUAR,), "Anggota luar: panel banding"
    ),
    DemoAccount(
        "luar3", "Rudi Contoh Hartono", (Role.ANGGOTA_LUAR,), "Anggota luar: panel banding"
    ),
    DemoAccount("ketua", "Ir. Contoh Nasution", (Role.KETUA,), "Ketua LSP"),
    DemoAccount("penyelia", "Lina Contoh Sihombing", (Role.PENYELIA,), "Penyelia"),
    DemoAccount("auditor", "Agus Contoh Wijaya", (Role.AUDITOR,), "Auditor"),
    DemoAccount("asesi1", "", (Role.ASESI,), "Asesi: draf"),
    DemoAccount("asesi2", "", (Role.ASESI,), "Asesi: perlu perbaikan"),
    DemoAccount("asesi3", "", (Role.ASESI,), "Asesi: menunggu pembayaran"),
    DemoAccount("asesi4", "", (Role.ASESI,), "Asesi: siap dijadwalkan"),
    DemoAccount("asesi5", "", (Role.ASESI,), "Asesi: siap asesmen"),
    DemoAccount("asesi6", "", (Role.ASESI,), "Asesi: asesmen terjadwal"),
    DemoAccount("asesi7", "", (Role.ASESI,), "Asesi: menunggu penetapan"),
    DemoAccount("asesi8", "", (Role.ASESI,), "Asesi: belum kompeten"),
    DemoAccount("asesi9", "", (Role.ASESI,), "Asesi: sertifikat terbit"),
    DemoAccount("asesi10", "", (Role.ASESI,), "Asesi: menunggu verifikasi"),
    DemoAccount("asesi11", "", (Role.ASESI,), "Asesi: berkas lengkap"),
    DemoAccount("asesi12", "", (Role.ASESI,), "Asesi: pra-asesmen terjadwal"),
    DemoAccount("asesi13", "", (Role.ASESI,), "Asesi: perlu bukti tambahan"),
    DemoAccount("asesi14", "", (Role.ASESI,), "Asesi: asesmen berlangsung"),
    DemoAccount("asesi15", "", (Role.ASESI,), "Asesi: kompeten"),
    DemoAccount("asesi16", "", (Role.ASESI,), "Asesi: blangko diajukan"),
    DemoAccount("asesi17", "", (Role.ASESI,), "Asesi: nomor blangko diterima"),
    DemoAccount("asesi18", "", (Role.ASESI,), "Asesi: tercatat di LPJK"),
    DemoAccount("asesi19", "", (Role.ASESI,), "Asesi: ditolak"),
    DemoAccount("asesi20", "", (Role.ASESI,), "Asesi: banding diproses"),
    DemoAccount("asesi21", "", (Role.ASESI,), "Asesi: surveilan harus diisi"),
    DemoAccount("asesi22", "", (Role.ASESI,), "Asesi: sertifikat hampir habis"),
    DemoAccount("asesi23", "", (Role.ASESI,), "Asesi: sertifikat dibekukan"),
)
