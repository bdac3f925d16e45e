"""Times in mails of meetings: the reader's zone, and the LSP's beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lsp.gateways import mail
from tests.support import outbox_app

_, _, made_folder_store = outbox_app.FIXTURES
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
BASE = {"name": "Budi Contoh", "base_url": "https://lsp.example", "lembaga_name": "LSP Contoh"}
SKEMA = "Pelaksana Lapangan Pekerjaan Gedung"
CONTEXTS: dict[str, dict[str, Any]] = {
    "verify_email": {"token": "tok-en", "hours": 72},
    "reset_password": {"token": "tok-en", "hours": 1},
    "invite": {"token": "tok-en", "hours": 72},
    "claim": {"token": "tok-en", "hours": 72, "skema": SKEMA},
    "claim_stuck_admin": {"asesi_name": "Siti Contoh", "skema": SKEMA, "public_id": "7Q9K2M", "tries": 5},
    "id_izin_kept": {"id_izin": "I-2026111809150100042"},
    "id_izin_given": {"id_izin": "I-2026111809150100042"},
    "account_exists": {},
    "password_changed": {},
    "permohonan_submitted_admin": {"asesi_name": "Siti Contoh", "skema": SKEMA, "public_id": "7Q9K2M"},
    "remind_draft": {"skema": SKEMA},
    "remind_returned": {"skema": SKEMA, "due": "6 Desember 2026"},
    "remind_invoiced": {
        "skema": SKEMA, "number": "INV/0001/2026", "amount": "Rp1.500.000", "due": "29 November 2026",
    },
    "remind_schedule": {"skema": SKEMA, "meeting": "pra-asesmen"},
    "remind_evidence": {"skema": SKEMA, "due": "6 Desember 2026"},
    "work_assigned": {"count": "3", "by": "Ratna Contoh"},
    "permohonan_returned": {
        "skema": SKEMA,
        "due": "6 Desember 2026",
        "items": ["KTP: buram, foto ulang", "Ijazah: <halaman> 2 & 3 belum ada"],
    },
    "permohonan_received": {"skema": SKEMA, "public_id": "7Q9K2M", "days": 3},
    "permohonan_verified": {"skema": SKEMA},
    "permohonan_rejected": {"skema": SKEMA, "reason": "Pengalaman kerja belum cukup."},
    "invoice_issued": {
        "skema": SKEMA, "number": "INV/0001/2026", "amount": "Rp1.500.000", "due": "29 November 2026", "extended": 0,
        "what": "sertifikasi",
    },
    "invoice_reminder": {
        "number": "INV/0001/2026", "amount": "Rp1.500.000", "due": "29 November 2026", "what": "selisih biaya",
    },
    "payment_confirmed": {"number": "INV/0001/2026", "amount": "Rp1.500.000"},
    "payment_short": {
        "skema": "Petugas K3",
        "number": "INV/0001/2026",
        "amount": "Rp1.500.000",
        "received": "Rp1.000.000",
        "rest": "Rp500.000",
        "due": "29 November 2026",
    },
    "invoice_lapsed": {"skema": SKEMA, "number": "INV/0001/2026", "until": "6 Desember 2026", "extended": False},
    "permohonan_withdrawn": {"skema": SKEMA},
    "permohonan_dropped": {"skema": SKEMA, "reason": "Tidak ada kegiatan selama 60 hari."},
    "proof_declined": {
        "skema": SKEMA, "number": "INV/0001/2026", "due": "29 November 2026", "reason": "Jumlahnya tidak terbaca.",
    },
    "proposal_declined": {
        "person": "Calon Contoh", "role": "Asesor", "decided_by": "Ketua Contoh", "reason": "Asesor masih cukup.",
    },
    "idle_reminder": {"skema": SKEMA, "status_label": "Perlu perbaikan", "days_left": 7},
}  # fmt: skip


class TestTimesOfMeetings:
    FACTS = {  # noqa: RUF012 - read only
        "meeting": "Pra-asesmen",
        "starts_at": "2026-11-28T02:00:00+00:00",
        "ends_at": "2026-11-28T03:00:00+00:00",
        "asesor_name": "Ir. Contoh",
        "asesi_name": "Siti Contoh",
        "skema": SKEMA,
        "public_id": "7Q9K2M",
        "hours": 24,
        "reason": "Sambungan terputus.",
        "old_starts_at": "2026-11-27T02:00:00+00:00",
        "old_asesor_name": "Rina Rekaan",
        "by": "admin LSP",
        "mode": "daring",
        "place": "TUK Contoh",
        "address": "Jl. Rekaan No. 7\nKota Contoh",
    }

    @pytest.mark.parametrize(
        ("zone", "said"),
        [
            ("Asia/Jakarta", "09.00 WIB"),
            ("Asia/Makassar", "10.00 WITA"),
            ("Asia/Jayapura", "11.00 WIT"),
        ],
    )
    @pytest.mark.parametrize(
        "template",
        [
            "meeting_invitation",
            "meeting_invitation_asesor",
            "meeting_reminder",
            "meeting_cancelled",
            "meeting_moved",
            "meeting_moved_asesor",
        ],
    )
    def test_stand_in_the_readers_own_zone(self, template: str, zone: str, said: str) -> None:
        told = "\n".join(mail.render(template, {**BASE, **self.FACTS, "zone": zone}))
        assert f"Sabtu, 28 November 2026 pukul {said}" in told
        assert "T02:00" not in told

    @pytest.mark.parametrize("template", ["meeting_invitation", "meeting_reminder"])
    def test_luring_says_where_and_nothing_of_links(self, template: str) -> None:
        facts = {**BASE, **self.FACTS, "zone": "Asia/Jakarta", "mode": "luring"}
        told = mail.render(template, facts)[1]
        assert "Tempat: TUK Contoh, Jl. Rekaan No. 7, Kota Contoh\n" in told
        assert "KTP asli" in told
        for foreign in ("Tautan", "kamera", "mikrofon", "panduan-jarak-jauh"):
            assert foreign not in told

    @pytest.mark.parametrize("template", ["meeting_invitation", "meeting_reminder"])
    def test_daring_says_nothing_of_a_place(self, template: str) -> None:
        told = mail.render(template, {**BASE, **self.FACTS, "zone": "Asia/Jakarta"})[1]
        assert "Tautan rapat" in told
        assert "TUK Contoh" not in told

    def test_the_asesor_and_a_cancelled_meeting_name_the_place_too(self) -> None:
        facts = {**BASE, **self.FACTS, "zone": "Asia/Jakarta", "mode": "luring"}
        assert "Tempat: TUK Contoh" in mail.render("meeting_invitation_asesor", facts)[1]
        assert "tidak perlu datang ke TUK Contoh" in mail.render("meeting_cancelled", facts)[1]

    def test_the_hour_of_the_lsp_stands_beside_with_its_date_where_that_differs(self) -> None:
        facts = {**BASE, **self.FACTS, "home_zone": "Asia/Jakarta", "zone": "Asia/Jayapura"}
        assert "11.00 WIT (09.00 WIB)" in mail.render("meeting_moved", facts)[1]
        facts["starts_at"] = "2026-12-31T16:30:00+00:00"
        subject, _ = mail.render("meeting_moved", facts)
        assert "Jumat, 1 Januari 2027 pukul 01.30 WIT" in subject
        assert "(Kamis, 31 Desember pukul 23.30 WIB)" in subject

    def test_a_meeting_taken_over_says_that_the_hour_stays(self) -> None:
        facts = {**BASE, **self.FACTS, "zone": "Asia/Jakarta", "old_asesor_name": "Asesor Lama"}
        told = mail.render("meeting_moved", facts | {"old_starts_at": facts["starts_at"]})[1]
        assert "menggantikan Asesor Lama. Waktunya tetap." in told
        assert "Semula" not in told

    def test_a_reminder_queued_before_the_place_was_known_still_goes(self) -> None:
        facts = {**BASE, **self.FACTS, "zone": "Asia/Jakarta"}
        for name in ("mode", "place", "address"):
            del facts[name]
        assert "Tautan rapat" in mail.render("meeting_reminder", facts)[1]
