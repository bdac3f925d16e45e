"""Mails about banding and the change of mode draw with what the workflow gives them, and say who, why and by when."""

from __future__ import annotations

import pytest

from lsp.gateways.mail import render

ALWAYS = {
    "name": "Budi",
    "skema": "Petugas K3",
    "public_id": "7Q9K2M4X8TPA0B1C",
    "base_url": "https://lsp.contoh.id",
    "lembaga_name": "LSP Contoh",
}
WHY = "Surat 007: bukti belum dibahas."
PAID = {"number": "INV/1", "amount": "Rp3"}
AGREED = {"mode": "Tatap muka (luring)", "asesi_name": "Siti", "refuses": False}

#: Of a proposal about a certificate.
ABOUT = {
    "word": "pencabutan", "number": "F 0001", "certificate": "7Q", "proposal": "8Q", "letter": "2",
    "permohonan": "9Q", "asesi_name": "Siti",
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "context", "told"),
    [
        ("permohonan_received", {"days": 3}, "biasanya dalam 3 hari kerja"),
        ("appeal_filed", {"until": "2026-12-11"}, "paling lambat 11 Desember 2026"),
        ("appeal_filed_ketua", {"until": "2026-12-11", "asesi_name": "Siti"}, "11 Desember 2026"),
        ("appeal_filed_admin", {"until": "2026-12-11", "asesi_name": "Siti"}, "/banding"),
        (
            "banding_accepted",
            {"until": "2026-12-11", "number": "0001/BANDING/2026"},
            "0001/BANDING",
        ),
        ("banding_accepted_ketua", {"until": "2026-12-11", "asesi_name": "Siti"}, "Tunjuk panel"),
        ("banding_incomplete", {"until": "2026-12-11", "asked": "Sebutkan unitnya."}, "Sebutkan"),
        ("banding_completed_admin", {"asesi_name": "Siti"}, "Siti mengirim kelengkapan"),
        ("banding_dismissed", {}, "jadi gugur"),
        ("banding_panel", {"until": "2026-12-11", "names": ["Andi", "Dewi"]}, "Andi, Dewi"),
        (
            "banding_panel",
            {"until": "2026-12-11", "names": ["Andi"], "relaxed": ["Andi"]},
            "Pengecualian tertulis diberikan untuk Andi",
        ),
        ("banding_panel_member", {"until": "2026-12-11", "banding": "7Q"}, "/banding/7Q"),
        ("banding_answered", {}, "dapat Anda baca di portal"),
        # As it was queued when the outcome still went by mail: the reason stays unsaid.
        ("banding_answered", {"reason": WHY}, "dapat Anda baca di portal"),
        ("banding_answered_admin", {"asesi_name": "Siti", "outcome": "Diterima"}, "Diterima"),
        ("banding_withdrawn", {"asesi_name": "Siti"}, "Siti mencabut"),
        *(
            (f"certificate_{name}", ABOUT | {"step": step, "until": until}, told)
            for name, step, until, told in (
                ("notice", "suspend", "2026-12-11", "menjawab sampai 11 Desember 2026"),
                ("notice", "revoke", "", "segera"),
                ("decided", "revoke", "", "berhak mengajukan banding"),
                ("decided", "reinstate", "", "Anda berlaku lagi"),
                ("kept", "revoke", "", "tetap seperti semula"),
                ("proposal_declined", "suspend", "", "atas nama Siti"),
                ("proposed_ketua", "suspend", "2026-12-11", "11 Desember 2026"),
                ("answered_ketua", "suspend", "", "sudah menjawab"),
            )
        ),
        (
            "banding_reminder",
            {"asesi_name": "Siti", "until": "2026-12-11", "status_label": "Diajukan"},
            "Batasnya 11 Desember 2026",
        ),
        ("mode_changed", {"mode": "Tatap muka (luring)", "differs": True}, "Tagihan selisihnya"),
        ("mode_changed", {"mode": "Tatap muka (luring)", "differs": False}, "Tidak ada biaya"),
        ("mode_agreed_admin", AGREED | {"meeting": "Asesmen"}, "Lepas jadwal"),
        ("mode_agreed_admin", AGREED | {"meeting": ""}, "Ganti cara asesmennya"),
        (
            "mode_agreed_admin",
            AGREED | {"meeting": "", "refuses": True},
            "tidak mau direkam dan setuju",
        ),
        ("payment_confirmed", PAID | {"receipt": "KW/1"}, "Kuitansi KW/1 dapat diunduh"),
        ("payment_confirmed", PAID | {"overpaid": "Rp5.000"}, "lebih Rp5.000 dari tagihan"),
        ("payment_confirmed", PAID | {"what": "selisih biaya"}, "ada di halaman Anda"),
        ("payment_confirmed", PAID | {"what": "asesmen ulang"}, "admin membuka asesmen ulang"),
        ("payment_confirmed", PAID | {"amount": ""}, "tidak ada yang perlu dibayar"),
        (
            "payment_short",
            PAID | {"received": "Rp1", "rest": "Rp2", "due": "2026-11-29"},
            "Masih kurang: Rp2",
        ),
        ("mode_agreed_asesor", AGREED | {"meeting": "Asesmen"}, "Jangan nyalakan perekam"),
    ],
)
def test_each_draws(template, context, told):
    subject, text = render(template, ALWAYS | context)
    assert 10 < len(subject) < 80
    assert told in text
    assert "\n\n\n" not in text
    assert "{" not in text
