"""Dates, money, sizes and ages as people in Indonesia read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from flask import Flask, g

from lsp.views.filters import (
    NOTHING,
    lama,
    register_filters,
    rupiah,
    samar,
    tanggal,
    tanggal_singkat,
    ukuran,
    umur,
    umur_lalu,
    whatsapp,
    zona_singkat,
)

MORNING = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)  # 09.00 WIB, 10.00 WITA, 11.00 WIT
NIGHT = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # 23.30 WIB, past midnight further east


class TestTanggal:
    def test_reader_in_the_zone_of_the_lsp_sees_one_hour(self):
        text = tanggal(MORNING, reader="Asia/Jakarta", home="Asia/Jakarta")
        assert text == "Sabtu, 28 November 2026 pukul 09.00 WIB"

    def test_reader_elsewhere_sees_own_hour_first_and_the_lsp_in_brackets(self):
        text = tanggal(MORNING, reader="Asia/Makassar", home="Asia/Jakarta")
        assert text == "Sabtu, 28 November 2026 pukul 10.00 WITA (09.00 WIB)"

    def test_brackets_name_the_day_where_it_differs(self):
        text = tanggal(NIGHT, reader="Asia/Jayapura", home="Asia/Jakarta")
        assert (
            text == "Selasa, 1 Desember 2026 pukul 01.30 WIT (Senin, 30 November pukul 23.30 WIB)"
        )

    @pytest.mark.parametrize(
        ("reader", "said"),
        [
            ("Asia/Jakarta", "Kamis, 31 Desember 2026 pukul 23.30 WIB"),
            (
                "Asia/Makassar",
                "Jumat, 1 Januari 2027 pukul 00.30 WITA (Kamis, 31 Desember pukul 23.30 WIB)",
            ),
            (
                "Asia/Jayapura",
                "Jumat, 1 Januari 2027 pukul 01.30 WIT (Kamis, 31 Desember pukul 23.30 WIB)",
            ),
        ],
    )
    def test_the_last_hour_of_a_year_says_both_dates(self, reader, said):
        moment = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
        assert tanggal(moment, reader=reader, home="Asia/Jakarta") == said

    def test_two_names_of_one_hour_are_not_repeated(self):
        assert "(" not in tanggal(MORNING, reader="Asia/Pontianak", home="Asia/Jakarta")

    def test_a_date_has_no_hour(self):
        assert tanggal(date(2026, 3, 1)) == "Minggu, 1 Maret 2026"

    def test_hour_can_be_left_out(self):
        assert tanggal(NIGHT, jam=False, reader="Asia/Jayapura") == "Selasa, 1 Desember 2026"

    def test_without_a_request_the_hour_is_that_of_jakarta(self):
        assert tanggal(MORNING).endswith("pukul 09.00 WIB")

    def test_request_says_who_reads_and_settings_say_where_the_lsp_is(self):
        app = Flask(__name__)
        app.config["LSP_ZONE"] = "Asia/Makassar"
        with app.app_context():
            assert tanggal(MORNING).endswith("pukul 10.00 WITA")
            g.reader_zone = "Asia/Jayapura"
            assert tanggal(MORNING).endswith("pukul 11.00 WIT (10.00 WITA)")
            g.lembaga_zone = "Asia/Jakarta"
            assert tanggal(MORNING).endswith("pukul 11.00 WIT (09.00 WIB)")

    @pytest.mark.parametrize("write", [tanggal, tanggal_singkat, umur])
    def test_time_without_a_zone_is_refused(self, write):
        with pytest.raises(ValueError, match="zone"):
            write(datetime(2026, 11, 28, 2, 0))  # noqa: DTZ001  the very thing that is refused

    def test_short_form_for_rows(self):
        assert tanggal_singkat(MORNING, reader="Asia/Makassar") == "28 Nov 2026, 10.00 WITA"
        assert tanggal_singkat(date(2026, 8, 17)) == "17 Agu 2026"
        far = tanggal_singkat(MORNING, reader="Asia/Jakarta", home="Asia/Jayapura")
        assert far == "28 Nov 2026, 09.00 WIB (11.00 WIT)"


@pytest.mark.parametrize(
    ("zone", "short"),
    [
        ("Asia/Jakarta", "WIB"),
        ("Asia/Pontianak", "WIB"),
        ("Asia/Makassar", "WITA"),
        ("Asia/Jayapura", "WIT"),
        ("Asia/Kuala_Lumpur", "waktu Kuala Lumpur"),
    ],
)
def test_zones_have_the_names_people_use(zone, short):
    assert zona_singkat(zone) == short


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "Rp0"),
        (950, "Rp950"),
        (1_500_000, "Rp1.500.000"),
        (Decimal("2500000.00"), "Rp2.500.000"),
        (Decimal("1234.50"), "Rp1.234,50"),
        (-75_000, "−Rp75.000"),
    ],
)
def test_money(amount, text):
    assert rupiah(amount) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (212_345, "212 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (1_240_000, "1,2 MB"),
        (10_000_000, "10 MB"),
    ],
)
def test_sizes(size, text):
    assert ukuran(size) == text


class TestUmurLalu:
    def test_what_is_new_has_no_lalu(self):
        assert umur_lalu(timedelta(seconds=3)) == "baru saja"
        assert umur_lalu(timedelta(hours=5)) == "5 jam lalu"
        assert umur_lalu(None) == "–"


class TestUmur:
    @pytest.mark.parametrize(
        ("age", "text"),
        [
            (timedelta(seconds=-5), "baru saja"),
            (timedelta(seconds=59), "baru saja"),
            (timedelta(minutes=12, seconds=40), "12 menit"),
            (timedelta(hours=5, minutes=59), "5 jam"),
            (timedelta(days=4, hours=23), "4 hari"),
            (timedelta(days=59), "59 hari"),
            (timedelta(days=61), "2 bulan"),
            (timedelta(days=800), "2 tahun"),
        ],
    )
    def test_one_unit_written_out(self, age, text):
        assert umur(age) == text

    @time_machine.travel(MORNING, tick=False)
    def test_a_moment_is_counted_from_now(self):
        assert umur(MORNING - timedelta(hours=5)) == "5 jam"
        assert umur(MORNING + timedelta(minutes=1)) == "baru saja"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1 detik"), (60, "60 detik"), (61, "2 menit"), (300, "5 menit"), (3601, "2 jam")],
)
def test_a_wait_is_never_promised_too_short(seconds, text):
    assert lama(seconds) == text


class TestSamar:
    def test_only_the_last_four_remain(self):
        assert samar("3201010101900004") == "************0004"

    def test_four_stored_digits_are_drawn_as_a_nik(self):
        assert samar("0004") == "************0004"

    def test_length_can_be_that_of_a_telephone(self):
        assert samar("7890", 12) == "********7890"

    def test_a_shorter_secret_shows_nothing(self):
        assert samar("123") == "*" * 16


@pytest.mark.parametrize("write", [tanggal, tanggal_singkat, rupiah, ukuran, umur, samar])
def test_nothing_is_a_dash(write):
    assert write(None) == NOTHING


def test_templates_have_them_under_their_own_names():
    app = Flask(__name__)
    register_filters(app)
    template = app.jinja_env.from_string("{{ 1500000|rupiah }} {{ 'Asia/Jayapura'|zona_singkat }}")
    assert template.render() == "Rp1.500.000 WIT"


def test_whatsapp_opens_with_the_figures_of_the_number_alone():
    assert whatsapp("+62 811-0000-0000") == "https://wa.me/6281100000000"
