"""Number series in Pengaturan: what each gives next, a new pattern that is checked, the ledger and its proof."""

from __future__ import annotations

import gzip
from datetime import date, timedelta

import pytest
from flask import url_for
from sqlalchemy import delete, select, update

from lsp import clock
from lsp.database import db, write_transaction
from lsp.models import AuditEvent, NumberCounter, NumberEntry, NumberSeries
from lsp.models.numbers import take_number, void_number
from lsp.services import number_series
from lsp.vocabulary import Role
from tests.html import errors, links, soup, words
from tests.test_pages import count_queries


@pytest.fixture(autouse=True)
def _still(steady_clock):
    """Nobody crosses a year's end here."""


@pytest.fixture
def admin(sign_in):
    return sign_in(Role.ADMIN)


def take(code, count=1, **fields):
    with write_transaction():
        return [take_number(code, **fields).id for _ in range(count)]


def change(browser, code="sk", *, step="simpan", **typed):
    data = {
        "pattern": "{serial:03d}/SK/{year}",
        "start": "1",
        "effective_from": clock.today_wib().isoformat(),
        "langkah": step,
    }
    return browser.post(url_for("admin.change_number_series", series_code=code), data=data | typed)


def versions(code="sk"):
    db.session.rollback()
    return db.session.scalars(
        select(NumberSeries.pattern).where(NumberSeries.code == code).order_by(NumberSeries.id)
    ).all()


class TestList:
    def test_every_series_whoever_added_it(self, admin):
        year = clock.today_wib().year
        db.session.add(
            NumberSeries(
                code="tamu", label="Nomor buku tamu", pattern="TAMU-{serial:04d}-{year}",
                scope="year", start=70, effective_from=date(2026, 1, 1),
            )
        )  # fmt: skip
        db.session.commit()
        take("invoice", 2)
        text = words(soup(admin.get(url_for("admin.number_series"))))
        for each in db.session.scalars(select(NumberSeries.label)):
            assert each in text
        assert f"Terakhir: INV/00002/{year} Berikutnya: INV/00003/{year}" in text
        assert f"Terakhir: belum ada Berikutnya: TAMU-0070-{year}" in text
        assert links(soup(admin.get(url_for("admin.settings"))))["Buka deret nomor"] == url_for(
            "admin.number_series"
        )

    def test_the_next_as_it_is_then_taken(self, admin):
        line = number_series.one_series("keluhan")
        (taken,) = take("keluhan")
        assert db.session.get_one(NumberEntry, taken).text == line.next


class TestNewPattern:
    def test_example_first_then_kept_and_the_count_goes_on(self, admin):
        year = clock.today_wib().year
        take("sk", 3)
        shown = change(admin, step="contoh", effective_from=_tomorrow())
        assert shown.status_code == 200
        assert all(f"{n:03d}/SK/{year}" in words(soup(shown)) for n in (4, 5, 6))
        assert len(versions()) == 1, "only shown"
        assert change(admin).status_code == 303
        (taken,) = take("sk")
        assert db.session.get_one(NumberEntry, taken).text == f"004/SK/{year}"
        note = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "number_series.change")
        ).one()
        assert note.object_id == "sk"

    def test_one_from_tomorrow_stands_as_coming(self, admin):
        change(admin, effective_from=_tomorrow())
        take("sk")
        line = number_series.one_series("sk")
        assert (line.standing.pattern, line.coming.pattern) == tuple(versions())

    @pytest.mark.parametrize(
        ("pattern", "sentence"),
        [
            ("SK/{year}", "harus memuat nomor urut"),
            ("{serial:04d}/SK", "harus memuat {year}"),
            ("{serial}/{kbli}/{year}", "tidak dikenal di sini"),
            ("{serial}/{year}/{}", "tidak dikenal di sini"),
            ("{serial.__class__}/{year}", "tidak dikenal di sini"),
            ("{serial!r}/{year}", "tidak dikenal di sini"),
            ("{serial:>90}/{year}", "Banyak angka hanya"),
            ("{serial}/{year:{serial}}", "Banyak angka hanya"),
            ("{serial/{year}", "kurung kurawal"),
            ("{serial}/{year}" + "A" * 70, "paling panjang 80"),
            ("INV/{serial:03d}/{year}", "sama dengan “Nomor tagihan”"),
        ],
    )
    def test_a_pattern_that_cannot_be_used(self, admin, pattern, sentence):
        for step in ("simpan", "contoh"):
            answer = change(admin, pattern=pattern, step=step)
            assert answer.status_code == 422
            assert sentence in errors(soup(answer))["pattern"]
        assert len(versions()) == 1

    def test_not_in_the_past_and_not_twice_from_one_day(self, admin):
        yesterday = (clock.today_wib() - timedelta(days=1)).isoformat()
        assert (
            "paling cepat hari ini"
            in errors(soup(change(admin, effective_from=yesterday)))["effective_from"]
        )
        change(admin)
        assert (
            "tanggal itu"
            in errors(soup(change(admin, pattern="{serial}/{year}")))["effective_from"]
        )
        assert len(versions()) == 2

    def test_the_first_number_is_the_lsps_only_while_none_was_taken(self, admin):
        change(admin, start="120")
        (taken,) = take("sk")
        assert db.session.get_one(NumberEntry, taken).serial == 120
        answer = change(admin, start="900", effective_from=_tomorrow())
        assert (answer.status_code, len(versions())) == (422, 2)
        page = soup(admin.get(url_for("admin.one_number_series", series_code="sk")))
        assert page.find(id="start") is None
        assert number_series.prove(number_series.all_series()).faults == []

    def test_a_certificate_prints_what_its_skema_gives(self, admin):
        answer = change(admin, "certificate", pattern="{kbli}.{kbji}.{jenjang}.{serial:08d}.{year}")
        assert answer.status_code == 303


def _tomorrow() -> str:
    return (clock.today_wib() + timedelta(days=1)).isoformat()


class TestLedger:
    def ledger(self, browser, **narrowed):
        return soup(browser.get(url_for("admin.number_ledger", **narrowed)))

    def rows(self, page):
        return [words(each.b) for each in page.select("ul.list li")]

    def test_narrowed_by_word_series_year_and_state(self, admin):
        year = clock.today_wib().year
        take("invoice", 2)
        (gone,) = take("sk")
        with write_transaction():
            void_number(db.session.get_one(NumberEntry, gone), "Salah ketik tanggal rapat.")
        voided = f"0001/SK-LSP/{year}"
        for narrowed in (
            {"cari": "sk-lsp"},
            {"cari": "SALAH ketik"},
            {"deret": "sk"},
            {"status": "voided"},
        ):
            page = self.ledger(admin, **narrowed)
            assert self.rows(page) == [voided], narrowed
            assert "Salah ketik tanggal rapat." in words(page)
        assert len(self.rows(self.ledger(admin, tahun=year))) == 3
        for odd in ({"tahun": year - 1}, {"cari": "%"}, {"deret": "x"}):
            assert self.rows(self.ledger(admin, **odd)) == [], odd
        for ignored in ({"tahun": "x" * 50}, {"status": "y"}, {"sebelum": "-1"}):
            assert len(self.rows(self.ledger(admin, **ignored))) == 3

    def test_keyset_pages_constant_queries_and_bytes(self, admin):
        take("invoice", 1)
        few = count_queries(lambda: admin.get(url_for("admin.number_ledger")))
        series = count_queries(lambda: admin.get(url_for("admin.number_series")))
        take("invoice", 119)
        answer = admin.get(url_for("admin.number_ledger", deret="invoice"))
        assert len(gzip.compress(answer.get_data())) <= 14_000
        assert count_queries(lambda: admin.get(url_for("admin.number_ledger"))) == few <= 9
        assert count_queries(lambda: admin.get(url_for("admin.number_series"))) == series <= 9
        read, page = [], soup(answer)
        while True:
            read += self.rows(page)
            if "Berikutnya" not in links(page):
                break
            page = soup(admin.get(links(page)["Berikutnya"]))
        year = clock.today_wib().year
        assert read == [f"INV/{n:05d}/{year}" for n in range(120, 0, -1)]


class TestProof:
    def faults(self):
        db.session.rollback()
        return number_series.prove(number_series.all_series()).faults

    def test_whole(self, admin):
        take("invoice", 5)
        take("certificate", 2, kbli="71102", kbji="2142", jenjang=4)
        for name in ("number_series", "number_ledger"):
            text = words(soup(admin.get(url_for(f"admin.{name}"))))
            assert "Tidak ada nomor yang terlewat dan tidak ada yang kembar" in text
            assert "7 nomor" in text

    @pytest.mark.parametrize("which", [1, 3, 5], ids=["first", "middle", "last"])
    def test_a_number_that_was_removed_is_missed(self, admin, which):
        """Past the portal: its trigger refuses this, so it is dropped first."""
        entries = take("invoice", 5)
        _without_triggers(delete(NumberEntry).where(NumberEntry.id == entries[which - 1]))
        assert self.faults() == [f"Nomor tagihan {clock.today_wib().year}: 1 nomor urut terlewat."]
        text = words(soup(admin.get(url_for("admin.number_series"))))
        assert "Ada nomor yang terlewat atau kembar" in text

    def test_a_counter_set_back(self, admin):
        take("invoice", 5)
        _without_triggers(update(NumberCounter).values(last_serial=3))
        assert "penghitung tidak sama" in self.faults()[0]


def _without_triggers(statement) -> None:
    from lsp.models.triggers import drop_triggers

    drop_triggers(db.session.connection())
    db.session.execute(statement)
    db.session.commit()
