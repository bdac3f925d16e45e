"""The way from a field of a report to where its value was captured, for the admin."""

from __future__ import annotations

from typing import Any

from flask import url_for

from lsp.models import Permohonan
from lsp.services.report_fields import ReportField

#: Parts of tim_teknis/_file.html on the page of a case's file.
_PARTS = {
    "FR.APL.01": "apl-01", "FR.APL.02": "apl-02", "FR.MAPA.01": "rencana", "FR.MAPA.02": "rencana",
    "FR.AK.01": "rencana", "FR.AK.07": "rencana", "FR.AK.02": "rekomendasi", "rekomendasi_asesor": "rekomendasi",
    "FR.IA.10": "fr-ia-10",
}  # fmt: skip
_MEETINGS = ("daftar_hadir_pra", "daftar_hadir_asesmen", "dokumentasi_asesmen")
_PLENO = ("berita_acara_pleno", "daftar_hadir_pleno")
_JADWAL = ("data_jadwal", "surat_tugas_asesor", "verifikasi_tuk")
_REPORTS = {"FR.AK.05": "reports.fr_ak_05", "FR.AK.06": "reports.fr_ak_06"}


def way_to(field: ReportField, case: Permohonan) -> str:
    """An address that every admin may open; "" where there is nothing to open."""
    key, subject = field.paper, field.subject
    by_subject = {
        "data_tuk": ("admin.tuk", "tuk_id"),
        "aturan": ("admin.setting", "key"),
        **dict.fromkeys(_JADWAL, ("admin.jadwal", "jadwal_id")),
        **dict.fromkeys(_MEETINGS, ("packs.pack", "booking_id")),
        **dict.fromkeys(_PLENO, ("tim_teknis.berita_acara", "pleno_id")),
        **{code: (endpoint, "report_id") for code, endpoint in _REPORTS.items()},
    }
    if subject and key in by_subject:
        endpoint, argument = by_subject[key]
        values: dict[str, Any] = {argument: subject}
        return url_for(endpoint, **values)
    if key == "data_asesor":
        return url_for("admin.asesor_list")
    if key == "tautan":
        return "#tautan"
    if key in ("pencatatan", "nomor_blanko"):
        return url_for("admin.numbers", permohonan_id=case.public_id)
    if key == "FR.AK.04":
        return url_for("admin.banding", permohonan_id=case.public_id)
    if key:
        part = "instrumen" if key.startswith("FR.IA.") else ""
        address = url_for("admin.case_file", permohonan_id=case.public_id)
        anchor = _PARTS.get(key, part)
        return f"{address}#{anchor}" if anchor else address
    return ""
