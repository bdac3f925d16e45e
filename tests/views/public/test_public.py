"""What anybody may read: the front page, a skema, the guide, the address for watchdogs."""

from __future__ import annotations

import gzip
import random
from datetime import date, timedelta

import pytest
from flask import url_for

from lsp import clock
from lsp.database import DatabaseBusy, db
from lsp.models import Elemen, Kuk, Lembaga, UnitKompetensi
from lsp.vocabulary import Mode, RequestKind, Role
from tests import factories
from tests.html import h1, links, soup, words
from tests.support.app import build


def card(client, title):
    """The words about one skema on the front page."""
    found = [
        words(each) for each in soup(client.get("/")).select("article") if title in words(each)
    ]
    assert len(found) == 1, f"{title} stands {len(found)} times"
    return found[0]


class TestPortalGuide:
    def test_says_what_is_needed_before_the_id_izin_is_copied(self, client):
        page = client.get(url_for("public.portal_guide"))
        text = words(soup(page).main)
        for fact in (
            "1 Januari 2021",
            "20 MB",
            "tidak dapat diubah",
            "I-2026111809150100042",
            "Tidak dapat masuk",
        ):
            assert fact in text
        assert len(gzip.compress(page.get_data())) <= 14_000
        assert links(soup(page))["perizinan.pu.go.id/portal"] == "https://perizinan.pu.go.id/portal"

    def test_the_name_of_the_lsp_stands_once(self, client):
        lembaga = factories.make_lembaga(name="LSP Contoh Karya")
        text = words(soup(client.get(url_for("public.portal_guide"))).main)
        assert f"dan {lembaga.name}" in text
        assert "LSP LSP" not in text

    def test_the_start_of_a_permohonan_leads_to_it(self, sign_in):
        factories.make_skema()
        page = soup(sign_in().get(url_for("asesi.begin")))
        assert links(page)["Panduan langkah demi langkah"] == url_for("public.portal_guide")


class TestHome:
    def test_says_who_the_lsp_is(self, client):
        factories.make_lembaga(
            name="LSP Uji",
            licence_number="BNSP-LSP-1234-ID",
            licence_until=date(2029, 2, 28),
            phone="021-555",
        )
        text = words(soup(client.get("/")).main)
        assert "LSP Uji" in text
        assert "Lisensi BNSP-LSP-1234-ID, berlaku sampai 28 Feb 2029" in text
        assert "021-555" in text

    @pytest.mark.parametrize("is_sample", [True, False])
    def test_a_sample_lsp_says_that_it_is_none(self, client, is_sample):
        factories.make_lembaga(is_sample=is_sample)
        assert ("Ini LSP contoh" in words(soup(client.get("/")))) is is_sample

    def test_works_before_the_lsp_and_its_skema_are_entered(self, client):
        db.session.query(Lembaga).delete()
        page = soup(client.get("/"))
        assert h1(page) == "Sertifikasi kompetensi kerja konstruksi"
        assert "Belum ada skema" in words(page)

    def test_leads_nobody_to_sign_up_and_a_person_to_his_page(self, client, sign_in):
        assert links(soup(client.get("/")).main)["Daftar"] == url_for("auth.sign_up")
        assert "Daftar" not in links(soup(sign_in().get("/")).main)
        assert "Buka halaman saya" in links(soup(sign_in().get("/")).main)

    def test_a_skema_shows_requirements_units_and_fees(self, client):
        version = factories.make_skema(title="Skema Uji", units=3, remote=True)
        factories.make_fee(1_100_000, mode=Mode.DARING)
        factories.make_fee(1_250_000, mode=Mode.LURING)
        factories.make_fee(900_000, kind=RequestKind.PERPANJANGAN, mode=Mode.LURING)
        text = card(client, "Skema Uji")
        assert (
            "Biaya permohonan baru Rp1.100.000 jarak jauh (daring) Rp1.250.000 tatap muka (luring)"
            in text
        )
        assert "Biaya permohonan perpanjangan Rp900.000 tatap muka (luring)" in text
        assert "SMK dan pengalaman 4 tahun" in text
        assert "D2, tanpa syarat pengalaman" in text
        assert "3 unit kompetensi" in text
        assert version.units[2].title in text

    def test_the_newest_fee_in_force_is_shown(self, client):
        factories.make_skema(title="Skema Uji")
        factories.make_fee(1, mode=Mode.LURING, effective_from=date(2024, 1, 1))
        factories.make_fee(2, mode=Mode.LURING, effective_from=clock.today_wib())
        factories.make_fee(
            3, mode=Mode.LURING, effective_from=clock.today_wib() + timedelta(days=1)
        )
        assert "Rp2 tatap muka" in card(client, "Skema Uji")

    def test_without_a_fee_it_says_so(self, client):
        factories.make_skema(title="Skema Uji", jenjang=9)
        assert "Biayanya belum ditetapkan" in card(client, "Skema Uji")

    def test_a_skema_that_is_not_open_says_why(self, client):
        factories.make_skema(title="Skema Kurang", incomplete_reason="Unit 4 tanpa KUK.")
        text = card(client, "Skema Kurang")
        assert "Belum dibuka" in text
        assert "Unit 4 tanpa KUK." in text

    def test_open_skema_come_first(self, client):
        factories.make_skema(title="A tertutup", incomplete_reason="Belum lengkap.")
        factories.make_skema(title="B terbuka")
        assert [words(each.h3) for each in soup(client.get("/")).select("article")] == [
            "B terbuka",
            "A tertutup",
        ]

    def test_a_newer_version_that_is_not_open_does_not_hide_the_open_one(self, client):
        version = factories.make_skema(title="Versi satu")
        newer = factories.make_skema(title="Versi dua", opened_at=None)
        newer.skema_id, newer.version_number, newer.effective_from = (
            version.skema_id,
            2,
            date(2026, 2, 1),
        )
        assert "Versi dua" not in words(soup(client.get("/")).main)
        newer.opened_at = clock.now()
        assert "Versi dua" in words(soup(client.get("/")).main)
        assert "Versi satu" not in words(soup(client.get("/")).main)

    def test_forty_skema_still_fit_the_first_round_trip(self, client):
        for number in range(40):
            factories.make_skema(
                title=f"Pelaksana Pekerjaan Contoh Nomor {number}", units=12, remote=number % 2 == 0
            )
            factories.make_fee(1_000_000 + number, mode=Mode.LURING)
        page = client.get("/")
        assert len(soup(page).select("article")) == 40
        assert len(gzip.compress(page.get_data())) <= 14_000


class TestRemoteMark:
    """Process 2.2: remote only while BNSP's permission for this skema is in force."""

    @pytest.mark.parametrize(
        ("start", "end", "remote"), [(-1, 1, True), (0, 0, True), (-9, -1, False), (1, 9, False)]
    )
    def test_stands_while_the_permission_is_in_force(self, client, start, end, remote):
        today = clock.today_wib()
        version = factories.make_skema(title="Skema Uji")
        factories.make_remote_permission(
            version.skema,
            valid_from=today + timedelta(days=start),
            valid_until=today + timedelta(days=end),
        )
        factories.make_fee(1_100_000, mode=Mode.DARING)
        text = card(client, "Skema Uji")
        assert ("Dapat jarak jauh" in text) is remote
        assert ("Rp1.100.000" in text) is remote, "a mode that cannot be had has no price"

    def test_the_permission_of_another_skema_does_not_count(self, client):
        factories.make_skema(title="Skema Satu", remote=True)
        factories.make_skema(title="Skema Dua")
        assert "Dapat jarak jauh" not in card(client, "Skema Dua")


class TestSkema:
    def page(self, client, version):
        return soup(client.get(url_for("public.skema", skema_id=version.skema.public_id)))

    def test_shows_all_down_to_the_kuk(self, client):
        version = factories.make_skema(
            title="Skema Uji", units=2, documents=2, remote=True, skkni="SKKNI 1-2020"
        )
        text = words(self.page(client, version).main)
        for each in (
            "Skema Uji", "Unit contoh 2", "M.71KKK00.002.1", "1. Mengenali bahaya 2", "1.1 Bahaya 2",
            "Dokumen 2", "SMK dan pengalaman 4 tahun", "CONTOH/SJJ/001", "71102 dan 2142", "SKKNI 1-2020",
        ):  # fmt: skip
            assert each in text

    def test_an_incomplete_unit_and_a_missing_code_are_said(self, client):
        version = factories.make_skema(incomplete_reason="Belum lengkap.", units=0)
        version.units.append(UnitKompetensi(position=1, title="Unit tanpa isi", complete=False))
        page = self.page(client, version)
        assert "Kode unit belum ada di sumbernya" in words(page)
        assert "belum lengkap di sumbernya" in words(page)
        assert "Daftar" not in links(page.main), "nobody signs up for what is not open"

    def test_what_is_written_in_a_skema_is_text(self, client):
        version = factories.make_skema(title="<script>alert(1)</script>", note="'\"><x-canary>")
        answer = client.get(url_for("public.skema", skema_id=version.skema.public_id))
        assert b"<x-canary" not in answer.data
        assert b"<script>alert" not in answer.data

    def test_a_hundred_and_twenty_kuk_fit_the_first_round_trip(self, client):
        chance = random.Random(7)
        stems = [
            "prosedur",
            "bahaya",
            "risiko",
            "pekerjaan",
            "alat",
            "laporan",
            "lokasi",
            "tenaga",
            "standar",
            "dokumen",
            "ukur",
            "periksa",
        ]
        version = factories.make_skema(units=0)
        for number in range(1, 13):
            sentences = [
                " ".join(chance.choices(stems, k=12)).capitalize() + "." for _ in range(10)
            ]
            kuk = [
                Kuk(position=at, number=f"1.{at}", text=text)
                for at, text in enumerate(sentences, 1)
            ]
            elemen = Elemen(position=1, number="1", title=sentences[0], kuk_list=kuk)
            version.units.append(
                UnitKompetensi(position=number, title=sentences[1], elements=[elemen])
            )
        answer = client.get(url_for("public.skema", skema_id=version.skema.public_id))
        assert len(soup(answer).select("main details")) >= 12
        assert len(gzip.compress(answer.get_data())) <= 14_000

    def test_an_unknown_one_is_not_found(self, client):
        assert client.get(url_for("public.skema", skema_id="0" * 16)).status_code == 404


class TestTheRest:
    def test_the_guide_names_device_network_and_room(self, client):
        page = soup(client.get(url_for("public.remote_guide")))
        assert [words(each) for each in page.select("main h2")][:3] == [
            "Perangkat",
            "Jaringan",
            "Ruang",
        ]

    def test_health_answers_without_a_database(self, tmp_path):
        answer = (
            build(tmp_path, database_url="sqlite:////nonexistent/folder/x")
            .test_client()
            .get("/healthz")
        )
        assert (answer.status_code, answer.get_data(as_text=True), answer.mimetype) == (
            200,
            "ok",
            "text/plain",
        )

    def test_private_areas_are_closed_to_search_engines(self, client):
        text = client.get("/robots.txt").get_data(as_text=True)
        assert "Disallow: /asesi\n" in text
        assert "Disallow: /\n" not in text

    def test_public_pages_set_no_cookie_for_nobody(self, client):
        for endpoint in ("public.home", "public.remote_guide", "public.health"):
            assert "Set-Cookie" not in client.get(url_for(endpoint)).headers

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
    def test_every_role_may_read_them(self, sign_in, role):
        assert sign_in(role).get("/").status_code == 200


def test_health_asks_no_database_even_for_a_signed_in_browser(sign_in, monkeypatch):
    browser = sign_in()
    monkeypatch.setattr("lsp.services.signing_in.read_actor", None)
    answer = browser.get(url_for("public.health"))
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "ok")


@pytest.mark.both
@pytest.mark.parametrize(
    "address",
    ["/admin?cari=%00", "/admin/pengaturan?cari=%1b", "/admin?skema=%00", "/admin/pleno?kasus=%00"],
)
def test_control_characters_break_no_page(sign_in, address):
    """PostgreSQL takes no text with NUL."""
    assert sign_in(Role.ADMIN).get(address).status_code in (200, 400)


def test_busy_portal_tells_how_to_keep_what_was_typed(client, monkeypatch):
    def busy(*_args, **_named):
        raise DatabaseBusy

    monkeypatch.setattr("lsp.views.gate.begin_write", busy)
    monkeypatch.setattr("lsp.services.throttle.count_try", busy)
    answer = client.post(
        url_for("auth.enter"), data={"email": "a@lsp.example", "password": "x" * 12}
    )
    assert answer.status_code == 503
    assert "Tekan tombol Kembali" in soup(answer).main.get_text()
