"""Rows of an instrument out of a spreadsheet: looked at first, then taken in; the present rows go out in that shape."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from lsp.database import db
from lsp.models import AuditEvent, Instrument
from lsp.services import muk_sheet
from lsp.vocabulary import InstrumentPaper, ItemKind
from lsp.workflow.muk import SHAPES
from tests import factories
from tests.html import errors, filled, form, notices, soup, table_rows, words
from tests.support.assessment import make_instrument
from tests.support.sheets import xlsx

P = InstrumentPaper
HEAD = "Kode unit\tNo. elemen\tNo. KUK\tPertanyaan\tKunci jawaban\n"
GOOD = "M.71KKK00.001.1\t1\t1.1\tApa bahaya galian?\tLongsor.\n"


@pytest.fixture
def draft(skema):
    made = make_instrument(skema, P.DPL, questions=("Apa itu JSA?",), in_force=False)
    db.session.commit()
    return made


def url(instrument, tail=""):
    return f"/admin/pengaturan/muk/{instrument.public_id}/impor{tail}"


def check(admin, draft, text, **more):
    return admin.post(url(draft), data={"lines": text, "mode": "tambah", **more})


def take(admin, draft, page, **more):
    """Press "Ambil" on the page of what was understood."""
    return admin.post(url(draft, "/ambil"), data=filled(form(page, url(draft))) | more)


def stored(instrument):
    db.session.expire_all()
    return db.session.get_one(Instrument, instrument.id)


def understood(page):
    return table_rows(page.select_one("main table"))


class TestLooking:
    def test_what_was_understood_is_shown_and_nothing_stored(self, admin, draft):
        page = soup(check(admin, draft, HEAD + GOOD))
        row = understood(page)[0]
        assert row["Baris"] == "2"
        assert row["Tentang"] == "M.71KKK00.001.1, elemen 1, KUK 1.1"
        assert (row["Pertanyaan"], row["Kunci jawaban"]) == ("Apa bahaya galian?", "Longsor.")
        assert len(stored(draft).items) == 1

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            ("M.99\t1\t1.1\tApa?\tItu", "Unit “M.99” tidak ada di sini"),
            ("M.71KKK00.001.1\t7\t\tApa?\tItu", "Nomor elemen “7” tidak ada di unit M.71KKK00.001.1"),
            ("M.71KKK00.001.1\t1\t1.9\tApa?\tItu", "Nomor KUK “1.9” tidak ada di elemen 1"),
            ("M.71KKK00.001.1\t1\t2026-01-01\tApa?\tItu", "jadikan kolomnya teks"),
            ("\t1\t\tApa?\tItu", "Tulis kode unitnya"),
            ("M.71KKK00.001.1\t1\t1.1\t\tItu", "Isi kolom Pertanyaan"),
            ("M.71KKK00.001.1\t1\t1.1\t" + "x" * 2001 + "\tItu", "lebih dari 2000 huruf"),
        ],
    )  # fmt: skip
    def test_a_faulty_line_says_its_number_and_what_to_do(self, admin, draft, line, sentence):
        page = soup(check(admin, draft, HEAD + "\n" + line + "\n" + GOOD))
        rows = understood(page)
        assert rows[0]["Baris"] == "3", "blank lines count as in the spreadsheet"
        assert sentence in rows[0]["Pertanyaan"]
        assert "Ambil 1 baris, lewati 1" in words(page)

    def test_without_a_header_the_columns_are_those_of_the_form(self, admin, draft):
        assert understood(soup(check(admin, draft, GOOD)))[0]["Kunci jawaban"] == "Longsor."

    @pytest.mark.parametrize(
        ("text", "unread"),
        [
            ("Pertanyaan\tKunci jawaban\tTentang\nApa?\tItu\tM.71KKK00.001.1\n", "Tentang"),
            ("Pertanyaan\tKunci\tPilihan 1\tSoal\nApa?\tItu\tSatu\tDua\n", "Pilihan 1, Soal"),
            (GOOD.strip() + "\tcatatan\n", "kolom F"),
            ("Pertanyaan\tKunci\n" + "Apa?\tItu" + "\t" * 25 + "jauh\n", "kolom AA"),
        ],
    )
    def test_columns_that_are_not_read_are_named_before_anything_is_stored(
        self, admin, draft, text, unread
    ):
        told = notices(soup(check(admin, draft, text)))
        assert [each for each in told if f"Tidak dibaca dari lembar ini: {unread}." in each]

    def test_a_column_with_nothing_in_it_is_not_named(self, admin, draft):
        page = soup(check(admin, draft, HEAD.strip() + "\tCatatan\n" + GOOD))
        assert "Tidak dibaca" not in words(page)

    def test_of_its_own_kelompok_only(self, admin, skema):
        skema.units[1].kelompok = "Kelompok 2"
        grouped = make_instrument(skema, P.DPL, questions=(), in_force=False, kelompok="Kelompok 2")
        db.session.commit()
        page = soup(check(admin, grouped, HEAD + GOOD + GOOD.replace("001", "002")))
        assert "tidak ada di sini" in understood(page)[0]["Pertanyaan"]
        assert understood(page)[1]["Tentang"].startswith("M.71KKK00.002.1")

    def test_a_unit_without_a_code_by_its_number(self, admin, skema, draft):
        skema.units[1].code = ""
        db.session.commit()
        page = soup(check(admin, draft, HEAD + "2\tElemen 1.\t\tApa?\tItu"))
        assert understood(page)[0]["Tentang"] == "nomor 2, elemen 1"

    @pytest.mark.parametrize("text", ["", HEAD, "\n\n"])
    def test_nothing_to_read(self, admin, draft, text):
        answer = check(admin, draft, text)
        assert answer.status_code == 422
        assert "Belum ada baris" in errors(soup(answer))["lines"]

    def test_an_xlsx(self, admin, draft):
        content = xlsx([HEAD.strip().split("\t"), GOOD.strip().split("\t")])
        page = soup(check(admin, draft, "", sheet=(io.BytesIO(content), "muk.xlsx")))
        assert understood(page)[0]["Tentang"].endswith("KUK 1.1")
        assert take(admin, draft, page).status_code == 303
        assert stored(draft).items[-1].text == "Apa bahaya galian?"

    def test_a_file_that_is_none_is_told_by_its_field(self, admin, draft):
        answer = check(admin, draft, "", sheet=(io.BytesIO(b"%PDF-1.7"), "muk.xlsx"))
        assert answer.status_code == 422
        assert "bukan lembar Excel" in errors(soup(answer))["sheet"]


class TestTaking:
    def test_the_good_rows_come_in_once(self, admin, draft):
        page = soup(check(admin, draft, HEAD + GOOD + "M.99\t1\t1.1\tApa?\tItu\n"))
        for _ in range(2):
            assert take(admin, draft, page).status_code == 303
        rows = stored(draft).items
        assert [row.text for row in rows] == ["Apa itu JSA?", "Apa bahaya galian?"]
        assert rows[1].kuk_id == draft.skema_version.units[0].elements[0].kuk_list[0].id

    def test_replacing_waits_for_faulty_lines_and_can_be_undone(self, admin, draft):
        page = soup(check(admin, draft, HEAD + GOOD + "M.99\t1\t1.1\tApa?\tItu\n", mode="ganti"))
        answer = take(admin, draft, page)
        assert answer.status_code == 409
        assert "isi yang lama tidak diganti" in notices(soup(answer))[0]
        page = soup(check(admin, draft, HEAD + GOOD, mode="ganti"))
        for _ in range(2):
            assert take(admin, draft, page).status_code == 303
        assert [row.text for row in stored(draft).items] == ["Apa bahaya galian?"]
        back = url(draft).replace("/impor", "/kembalikan")
        admin.post(back, data=filled(form(soup(admin.get(back.removesuffix("/kembalikan"))), back)))
        assert "Apa itu JSA?" in [row.text for row in stored(draft).items]

    def test_replacing_what_another_tab_changed_is_asked_again(self, admin, draft):
        page = soup(check(admin, draft, HEAD + GOOD, mode="ganti"))
        take(admin, draft, soup(check(admin, draft, HEAD + GOOD.replace("galian", "listrik"))))
        answer = take(admin, draft, page)
        assert answer.status_code == 409
        assert len(stored(draft).items) == 2
        assert take(admin, draft, soup(answer)).status_code == 303
        assert [row.text for row in stored(draft).items] == ["Apa bahaya galian?"]

    def test_more_rows_than_an_instrument_holds(self, admin, draft):
        many = "".join(GOOD.replace("galian", f"ke-{number}") for number in range(300))
        answer = take(admin, draft, soup(check(admin, draft, HEAD + many)))
        assert answer.status_code == 409
        assert "paling banyak 300 baris" in notices(soup(answer))[0]
        assert len(stored(draft).items) == 1


class TestExport:
    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_what_goes_out_comes_in_again_unchanged(self, admin, draft, kind):
        more = 'M.71KKK00.002.1\t1\t1.1\t"Dua baris\ndi sini?"\t=Kunci; ""petik""\n'
        take(admin, draft, soup(check(admin, draft, HEAD + GOOD + more)))
        answer = admin.get(url(draft).replace("/impor", f"/ekspor.{kind}"))
        sent = (io.BytesIO(answer.data), f"muk.{kind}")
        page = soup(check(admin, draft, "", sheet=sent))
        assert "3 baris sudah ada persis seperti itu" in words(page)
        take(admin, draft, page)
        assert len(stored(draft).items) == 3

    def test_a_download_of_keys_leaves_a_line_in_the_chain(self, admin, draft):
        admin.get(url(draft).replace("/impor", "/ekspor.csv"))
        line = db.session.scalars(select(AuditEvent).filter_by(action="muk.export")).one()
        assert (line.object_id, line.actor_id) == (draft.public_id, admin.user.id)

    def test_choices_and_kinds_have_columns_of_their_own(self, admin, skema):
        exam = make_instrument(skema, P.DPT_PG, questions=(), in_force=False)
        third = make_instrument(skema, P.VPK, questions=(), in_force=False)
        db.session.commit()
        head = HEAD.replace("Kunci jawaban", "Kunci\tPilihan a\tPilihan b")
        take(admin, exam, soup(check(admin, exam, head + "\t\t\tYang mana?\tB.\tHelm\tSepatu\n")))
        take(
            admin,
            third,
            soup(check(admin, third, "Jenis\tPertanyaan\nPertanyaan terbuka\tBerapa lama?\n")),
        )
        row = stored(exam).items[0]
        assert (row.key, row.options) == ("b", ["Helm", "Sepatu"])
        assert stored(third).items[0].kind is ItemKind.OPEN
        wrong = soup(check(admin, exam, head + "\t\t\tLagi?\tc\tHelm\tSepatu\n"))
        assert "bukan huruf salah satu dari 2 pilihannya" in words(wrong)

    def test_every_paper_knows_its_own_header_again(self, app):
        for paper, shape in SHAPES.items():
            version = factories.make_skema()
            made = make_instrument(version, paper, in_force=False)
            made.items[0].kind = shape.kinds[0]
            made.items[0].options = ["Satu", "Dua"] if shape.options else []
            made.items[0].key = ("b" if shape.key_is_letter else "Kunci") if shape.key else ""
            made.items[0].unit = version.units[0]
            made.items[0].elemen = version.units[0].elements[0]
            made.items[0].kuk = version.units[0].elements[0].kuk_list[0]
            db.session.flush()
            text = muk_sheet.export(made, "csv").decode("utf-8-sig")
            rows = muk_sheet.understand(made, version.units, muk_sheet.records_of_text(text))
            assert [(row.errors, row.is_standing) for row in rows] == [((), True)], paper
