"""The fields of each call to SIKI-LPJK, under its own names and in its own order (process 4.3)."""

from __future__ import annotations

from collections.abc import Iterable

from lsp.services.report_fields import ReportField
from lsp.services.to_send_bnsp import link_of
from lsp.services.to_send_parts import Facts, said

Fields = Iterable[ReportField]


def id_izin(facts: Facts) -> ReportField:
    """Not a field of the call but what the request is found by."""
    return said(
        "id_izin", "ID Izin (untuk mencari permohonannya)", facts.about.id_izin, "FR.APL.01"
    )


def status(facts: Facts) -> Fields:
    payload = facts.about.payload
    return [
        id_izin(facts),
        said("kd_status", "Kode status", payload.get("kd_status"), "langkah permohonan"),
        said("keterangan", "Keterangan", payload.get("keterangan"), "langkah permohonan"),
    ]


def pencatatan(facts: Facts) -> Fields:
    dossier = facts.about.dossier
    row = dossier.registration if dossier is not None else None
    blanko = row.blanko if row is not None else None
    return [
        id_izin(facts),
        said("nomor_registrasi_lsp", "Nomor registrasi LSP", row.registration_entry.text if row else "",
             "penetapan kompeten"),
        said("nomor_sertifikasi_lsp", "Nomor sertifikat LSP", row.certificate_entry.text if row else "",
             "penetapan kompeten"),
        said("nomor_blangko_bnsp", "Nomor blangko BNSP", blanko.number if blanko else "", "jawaban BNSP",
             paper="nomor_blanko"),
    ]  # fmt: skip


def final(facts: Facts) -> Fields:
    return [
        id_izin(facts),
        said("link_e_sertifikat", "Tautan sertifikat", link_of(facts), "halaman pemeriksaan",
             gap="Sertifikatnya belum dibuat."),
    ]  # fmt: skip
