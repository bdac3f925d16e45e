"""What a sheet is read as: its columns, and what is said about each row."""

from __future__ import annotations

from datetime import date

from flask import url_for
from sqlalchemy import select

from lsp import clock, worker
from lsp.config import ROOT
from lsp.data import read_csv
from lsp.database import db
from lsp.models import AuditEvent, ImportRow
from lsp.services.sheet_import_columns import COLUMNS
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.html import links, main, soup, words
from tests.support.imports import batch, rows, sheet_of, to
from tests.support.sheets import csv_text, person, table, xlsx


class TestWhatIsSaid:
    def test_each_fault_names_its_cell_and_what_to_do(self, upload):
        page = upload([person(1, id_izin=None, nik="123", birth_date="31/02/1990")])
        text = rows(page)[0]
        assert "Bermasalah" in text
        assert "ID Izin, sel A2. Belum diisi. Salin ID Izin" in text
        assert "NIK, sel D2. NIK terdiri dari 16 angka, yang tertulis 3." in text
        assert "Tanggal lahir, sel E2. “31/02/1990” bukan tanggal lahir." in text

    def test_a_nik_kept_as_a_number_waits_for_a_tick(self, upload):
        page = upload([person(1, nik=9901014101900000, birth_date=date(1990, 1, 1))])
        assert "Perlu dicek" in rows(page)[0]
        assert "NIK tersimpan sebagai angka" in rows(page)[0]
        assert "1 baris, 0 tercentang" in words(main(page))

    def test_twice_in_the_sheet(self, upload):
        page = upload(
            [person(1), person(1, email="lain@contoh.example"), person(3, nik=person(1)["nik"])]
        )
        assert "ID Izin ini sudah ada di baris 2" in rows(page)[1]
        assert "NIK ini juga di baris 2 dengan e-mail lain" in rows(page)[2]

    def test_an_address_of_staff_is_a_fault_of_its_row(self, admin, upload):
        officer = factories.make_user(Role.ASESOR)
        page = upload(
            [person(1, email=officer.email), person(2, email=admin.user.email), person(3)]
        )
        assert "milik akun petugas" in rows(page)[0]
        assert "e-mail Anda sendiri" in rows(page)[1]
        assert "Siap" in rows(page)[2]

    def test_a_closed_account_and_one_of_another_name(self, upload):
        closed = factories.make_user(disabled_at=clock.now())
        other = factories.make_user(name="Budi Contoh")
        page = upload([person(1, email=closed.email), person(2, email=other.email)])
        assert "sudah ditutup" in rows(page)[0]
        assert "Perlu dicek" in rows(page)[1]
        assert "milik akun Budi Contoh" in rows(page)[1]

    def test_an_open_permohonan_of_the_same_person_is_asked_about(self, admin, upload):
        upload([person(1)])
        admin.post(to("begin_import"))
        worker.drain()
        page = upload([person(2, nik=person(1)["nik"], email=person(1)["email"])])
        assert "sudah punya permohonan skema yang sama" in rows(page)[0]
        assert "Perlu dicek" in rows(page)[0]

    def test_an_id_izin_that_is_anothers(self, skema, upload):
        sent = factories.make_permohonan(
            factories.make_user(), status=PermohonanStatus.SUBMITTED, id_izin=person(1)["id_izin"]
        )
        page = upload([person(1)])
        assert f"sudah dipakai permohonan {sent.asesi_name}" in rows(page)[0]
        assert "Bermasalah" in rows(page)[0]

    def test_what_stands_already_says_what_would_change(self, admin, upload):
        upload([person(1)])
        admin.post(to("begin_import"))
        worker.drain()
        assert "Tidak ada yang berubah" in rows(upload([person(1)]))[0]
        page = upload([person(1, school="SMK Contoh", position="Mandor")])
        assert "2 isian yang kosong akan dilengkapi" in rows(page)[0]
        assert "1 baris, 1 tercentang" in words(main(page))

    def test_a_nik_that_does_not_fit_waits_for_a_tick(self, upload):
        page = upload([person(1, sex="L"), person(2, birth_date="02/02/1990")])
        for row in page.select("tbody tr"):
            assert "Perlu dicek" in words(row)
            assert "tidak cocok dengan NIK" in words(row)
            assert not row.select_one("[name=baris]").has_attr("checked")

    def test_what_still_waits_is_said_after_the_work(self, admin, upload):
        upload([person(1), person(2, sex="L")])
        admin.post(to("begin_import"))
        worker.drain()
        page = soup(admin.get(to("import_batch")))
        counts = words(page.select_one("#import-counts"))
        assert "1 masih perlu dicek" in counts
        assert "itu masih dapat dilakukan sekarang" in counts
        assert "Selesai" not in counts

    def test_only_those_that_are_ready(self, admin, upload):
        page = upload([person(1), person(2, email="x"), person(3, sex="L")])
        found = rows(soup(admin.get(links(page)["Siap"])))
        assert len(found) == 1
        assert "Siti Contoh 1" in found[0]

    def test_the_act_has_one_name(self, upload):
        page = upload([person(1)])
        named = [words(each) for each in page.select("main [value=mulai]")]
        assert named == ["Kerjakan yang tercentang…"] * 2

    def test_only_the_faulty_ones(self, admin, upload):
        upload([person(1), person(2, email="x")])
        page = soup(admin.get(to("import_batch", saring="bermasalah")))
        assert len(rows(page)) == 1
        assert "Siti Contoh 2" in rows(page)[0]

    def test_names_are_escaped_and_formulas_stay_text(self, admin, upload):
        page = upload(
            [
                person(1, full_name="<b>Siti</b>"),
                person(2, full_name='=HYPERLINK("x")', id_izin=None),
            ]
        )
        assert page.select_one("tbody b b") is None
        assert "<b>Siti</b>" in rows(page)[0]
        content = admin.get(to("faulty_rows")).get_data()
        assert "=HYPERLINK" in str(sheet_of(content))
        assert b"<f>" not in content


class TestColumns:
    def test_the_header_may_stand_anywhere_in_any_order(self, upload):
        people = [{"KETERANGAN LAIN": "x", **person(1)}]
        [header, row] = table(people)
        content = xlsx([["Daftar asesi 2026"], [], header[::-1], [], row[::-1]])
        page = upload(content)
        assert "Siti Contoh 1" in rows(page)[0]
        assert "sel G5" not in words(main(page))
        assert "tidak dikenal, jadi tidak dibaca: KETERANGAN LAIN" in words(main(page))

    def test_words_for_a_column_differ(self, upload):
        content = csv_text(
            [
                ["id_izin", "NAMA  ASESI", "Email", "no. hp", "Jenis Kelamin (L/P)"],
                [
                    "I-2026111809100000001",
                    "Siti Contoh",
                    "siti@contoh.example",
                    "0812 3456 7890",
                    "L",
                ],
            ]
        )
        upload(content.encode("cp1252"))
        values = db.session.scalars(select(ImportRow)).one().content["values"]
        assert values == {
            "full_name": "Siti Contoh",
            "email": "siti@contoh.example",
            "phone_mobile": "0812 3456 7890",
            "sex": "L",
        }

    def test_the_table_of_bnsp_is_understood_and_lacks_the_id_izin(self, upload):
        header = [row["header"] for row in read_csv("reference/bnsp_blanko_columns.csv")]
        cells = dict.fromkeys(header, "1") | {
            "NAMA ASESI": "SITI CONTOH",
            "NIK": "9901014101900001",
            "TEMPAT LAHIR": "BANDUNG",
            "TANGGAL LAHIR (dd/mm/yyyy)": "01/01/1990",
            "JENIS KELAMIN (L/P)": "P",
            "TELP": "081234567890",
            "EMAIL": "siti@contoh.example",
        }
        page = upload(xlsx([header, [cells[name] for name in header]]))
        text = words(main(page))
        assert "tidak punya kolom ID Izin" in text
        assert "Kolom BNSP ini tidak dipakai: KODE KOTA (H), KODE PROVINSI (I)" in text
        assert "tidak dikenal" not in text
        assert "ID Izin. Belum diisi." in rows(page)[0]

        page = upload(
            xlsx(
                [[*header, "ID Izin"], [*(cells[name] for name in header), "I-2026111809100000001"]]
            )
        )
        assert "Siap" in rows(page)[0]
        values = (
            db.session.scalars(select(ImportRow).order_by(ImportRow.id.desc()))
            .first()
            .content["values"]
        )
        assert (values["birth_place"], values["school"]) == ("BANDUNG", "1")

    def test_skema_kind_and_mode_stand_in_the_sheet_or_in_the_form(self, upload, skema):
        page = upload(
            [
                person(1, skema=skema.skema.number, kind="perpanjangan", mode="Luring"),
                person(2, skema=skema.title.upper()),
                person(3, skema="Skema lain", kind="apa", mode="?"),
                person(4),
            ],
            skema="",
            mode="",
        )
        assert "Siap" in rows(page)[0]
        assert "Cara asesmen, sel" in rows(page)[1]
        assert "bukan skema yang dibuka" in rows(page)[2]
        assert "Tulis salah satu: Baru, Perpanjangan" in rows(page)[2]
        assert "Skema, sel" in rows(page)[3]

    def test_the_template_is_read_back(self, admin, skema):
        found = sheet_of(admin.get(url_for("admin.import_template_xlsx")).get_data())
        assert found == [[column.title for column in COLUMNS]]
        assert sheet_of(admin.get(url_for("admin.import_template_csv")).get_data()) == found

    def test_the_sample_in_the_documents_goes_in_as_it_is(self, upload):
        page = upload((ROOT / "docs/examples/asesi.csv").read_bytes())
        assert "3 baris, 3 tercentang" in words(main(page))
        assert not page.select("tbody small b")

    def test_mended_rows_go_in_again(self, admin, upload):
        upload([person(1), person(2, email="x", birth_date=date(1990, 1, 1))])
        header, row = sheet_of(admin.get(to("faulty_rows")).get_data())
        assert header[-1] == "Alasan"
        assert row[-1].startswith("E-mail: Alamat e-mail ini belum lengkap")
        row[header.index("E-mail")] = "siti2@contoh.example"
        page = upload(xlsx([header, row]))
        assert "Siap" in rows(page)[0]

    def test_whole_niks_do_not_leave_without_a_trace(self, admin, upload):
        upload([person(1), person(2, email="x"), person(3, email="x")])
        admin.get(to("faulty_rows"))
        (line,) = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "import.download")
        )
        assert (line.actor_id, line.object_id) == (admin.user.id, batch().public_id)
        assert '"rows_faulty":2' in line.details

    def test_a_reason_names_rows_of_the_sheet_that_came_as_such(self, admin, upload):
        upload([person(1), person(2, id_izin=person(1)["id_izin"])])
        _header, row = sheet_of(admin.get(to("faulty_rows")).get_data())
        assert "sudah ada di baris 2 lembar semula" in row[-1]
        assert "sel " not in row[-1]
