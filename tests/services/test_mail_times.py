"""Times in mails of meetings: the reader's zone, and the LSP's beside it."""

from __future__ import annotations

import pytest

from lsp.gateways import mail

BASE = {"name": "Budi Contoh", "base_url": "https://lsp.example", "lembaga_name": "LSP Contoh"}
FACTS = {
    "meeting": "Pra-asesmen",
    "starts_at": "2026-11-28T02:00:00+00:00",
    "ends_at": "2026-11-28T03:00:00+00:00",
    "asesor_name": "Ir. Contoh",
    "asesi_name": "Siti Contoh",
    "skema": "Pelaksana Lapangan Pekerjaan Gedung",
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


class TestTimesOfMeetings:
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
        told = "\n".join(mail.render(template, {**BASE, **FACTS, "zone": zone}))
        assert f"Sabtu, 28 November 2026 pukul {said}" in told
        assert "T02:00" not in told

    @pytest.mark.parametrize("template", ["meeting_invitation", "meeting_reminder"])
    def test_luring_says_where_and_nothing_of_links(self, template: str) -> None:
        facts = {**BASE, **FACTS, "zone": "Asia/Jakarta", "mode": "luring"}
        told = mail.render(template, facts)[1]
        assert "Tempat: TUK Contoh, Jl. Rekaan No. 7, Kota Contoh\n" in told
        assert "KTP asli" in told
        for foreign in ("Tautan", "kamera", "mikrofon", "panduan-jarak-jauh"):
            assert foreign not in told

    @pytest.mark.parametrize("template", ["meeting_invitation", "meeting_reminder"])
    def test_daring_says_nothing_of_a_place(self, template: str) -> None:
        told = mail.render(template, {**BASE, **FACTS, "zone": "Asia/Jakarta"})[1]
        assert "Tautan rapat" in told
        assert "TUK Contoh" not in told

    def test_the_asesor_and_a_cancelled_meeting_name_the_place_too(self) -> None:
        facts = {**BASE, **FACTS, "zone": "Asia/Jakarta", "mode": "luring"}
        assert "Tempat: TUK Contoh" in mail.render("meeting_invitation_asesor", facts)[1]
        assert "tidak perlu datang ke TUK Contoh" in mail.render("meeting_cancelled", facts)[1]

    def test_the_hour_of_the_lsp_stands_beside_with_its_date_where_that_differs(self) -> None:
        facts = {**BASE, **FACTS, "home_zone": "Asia/Jakarta", "zone": "Asia/Jayapura"}
        assert "11.00 WIT (09.00 WIB)" in mail.render("meeting_moved", facts)[1]
        facts["starts_at"] = "2026-12-31T16:30:00+00:00"
        subject, _ = mail.render("meeting_moved", facts)
        assert "Jumat, 1 Januari 2027 pukul 01.30 WIT" in subject
        assert "(Kamis, 31 Desember pukul 23.30 WIB)" in subject

    def test_a_meeting_taken_over_says_that_the_hour_stays(self) -> None:
        facts = {**BASE, **FACTS, "zone": "Asia/Jakarta", "old_asesor_name": "Asesor Lama"}
        subject, told = mail.render("meeting_moved", facts | {"old_starts_at": facts["starts_at"]})
        assert "dipimpin asesor lain" in subject
        assert "menggantikan Asesor Lama. Waktunya tetap." in told
        assert "Semula" not in told

    def test_his_own_cancelling_is_told_to_him_and_not_about_him(self) -> None:
        facts = {**BASE, **FACTS, "zone": "Asia/Jakarta", "by": "Anda"}
        subject, told = mail.render("meeting_cancelled", facts | {"own": True})
        assert "Pra-asesmen Anda dibatalkan" in subject
        assert "Rapat Pra-asesmen Anda (skema" in told
        assert "Siti Contoh" not in told
        assert "Pilih waktu baru di halaman Anda" in told
        assert "Rapat Pra-asesmen untuk Siti Contoh" in mail.render("meeting_cancelled", facts)[1]

    @pytest.mark.parametrize(
        "template",
        [
            "evidence_added_admin", "mode_agreed_admin", "appeal_filed_ketua", "reassessment_asked_admin",
            "permohonan_submitted_admin", "appeal_filed_admin", "banding_accepted_ketua", "banding_reminder",
        ],
    )  # fmt: skip
    def test_staff_are_told_of_a_person_and_no_number(self, template: str) -> None:
        subject, told = mail.render(
            template, {**BASE, **FACTS, "until": "2026-11-29", "zone": "Asia/Jakarta"}
        )
        assert "Siti Contoh" in subject
        said = "\n".join(line for line in told.splitlines() if "https://" not in line)
        assert "7Q9K2M" not in said

    @pytest.mark.parametrize(
        ("movable", "way"), [(True, "Pindahkan di halaman Anda."), (False, "Hubungi admin LSP.")]
    )
    def test_who_cannot_move_it_is_sent_to_the_admin(self, movable: bool, way: str) -> None:
        facts = {**BASE, **FACTS, "zone": "Asia/Jakarta", "movable": movable}
        told = mail.render("meeting_moved", facts)[1]
        assert f"Waktu ini tidak cocok? {way}" in told
        assert "\n\nAlasannya:" in told

    def test_a_reminder_queued_before_the_place_was_known_still_goes(self) -> None:
        facts = {**BASE, **FACTS, "zone": "Asia/Jakarta"}
        for name in ("mode", "place", "address"):
            del facts[name]
        assert "Tautan rapat" in mail.render("meeting_reminder", facts)[1]
