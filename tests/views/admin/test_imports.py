"""Impor lembar asesi: from the file to the drafts, with and without scripts."""

from __future__ import annotations

import io
from datetime import date

import pytest
from bs4 import BeautifulSoup
from flask import url_for
from sqlalchemy import func, select

from lsp import clock, worker
from lsp.config import ROOT
from lsp.data import read_csv
from lsp.database import db
from lsp.gateways import storage
from lsp.gateways.sheets import read_sheets
from lsp.models import AuditEvent, ImportBatch, ImportRow, Permohonan, Setting
from lsp.services.sheet_import_columns import COLUMNS
from lsp.vocabulary import ImportStatus, PermohonanStatus, Role
from tests import factories
from tests.html import errors, filled, form, h1, links, main, notices, soup, words
from tests.htmx import HX, swap
from tests.support.sheets import csv_text, person, table, xlsx


@pytest.fixture
def skema(app):
    return factories.make_skema()


@pytest.fixture
def admin(sign_in):
    return sign_in(Role.ADMIN)


def send(browser, content: bytes, name: str = "asesi.xlsx", **chosen):
    return browser.post(
        url_for("admin.upload_sheet"),
        data={"sheet": (io.BytesIO(content), name), **chosen},
        content_type="multipart/form-data",
    )


@pytest.fixture
def upload(admin, skema):
    """Send rows, follow to the page of the sheet."""
    public_id = skema.public_id

    def uploading(content, **chosen) -> BeautifulSoup:
        if not isinstance(content, bytes):
            content = xlsx(table(content))
        chosen = {"skema": public_id, "kind": "baru", "mode": "daring", **chosen}
        answer = send(admin, content, **chosen)
        assert answer.status_code == 303, notices(soup(answer)) or errors(soup(answer))
        return soup(admin.get(answer.location))

    return uploading


def batch():
    return db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first()


def to(endpoint: str, **more) -> str:
    return url_for(f"admin.{endpoint}", batch_id=batch().public_id, **more)


def rows(page) -> list[str]:
    return [words(row) for row in page.select("tbody tr")]


def cases():
    return db.session.scalar(select(func.count(Permohonan.id)))


def sheet_of(content: bytes) -> list[list[str]]:
    found = read_sheets(content, most_rows=100, lock_path=storage.heavy_lock())
    return [[cell.text for cell in cells] for _number, cells in found[0].rows]


class TestJourney:
    def test_from_the_file_to_the_drafts_without_scripts(self, admin, upload):
        page = upload([person(1), person(2), person(3, email="bukan alamat")])
        assert h1(page) == "Lembar asesi"
        assert "3 baris, 2 tercentang" in words(main(page))
        assert cases() == 0
        asked = admin.post(
            to("choose_rows"), data=filled(form(page, to("choose_rows"))) | {"ke": "mulai"}
        )
        question = soup(admin.get(asked.location))
        assert "2 permohonan dibuka sebagai draf" in words(main(question))
        started = admin.post(to("begin_import"))
        running = soup(admin.get(started.location))
        assert "0 dari 2 baris dikerjakan" in words(main(running))
        assert links(running)["Muat ulang"] == to("import_batch")
        worker.drain()
        done = soup(admin.get(to("import_batch")))
        assert "Hasil: permohonan dibuka 2" in words(main(done))
        opened = db.session.scalars(select(Permohonan)).all()
        assert {case.status for case in opened} == {PermohonanStatus.DRAFT}
        assert "Buka permohonan Siti Contoh 1" in links(done)

    def test_the_progress_panel_asks_for_itself_until_it_is_done(self, admin, upload):
        upload([person(1)])
        admin.post(to("begin_import"))
        page = soup(admin.get(to("import_batch")))
        panel = admin.get(to("import_batch"), headers=HX)
        assert soup(panel).select_one("#import-progress")["hx-trigger"] == "every 2s"
        swap(page, panel, "#import-progress")
        worker.drain()
        ended = admin.get(to("import_batch"), headers=HX)
        assert ended.headers["HX-Redirect"] == to("import_batch")

    def test_only_ticked_rows_go_in_and_ticks_outlive_the_page(self, admin, upload):
        page = upload([person(1), person(2), person(3)])
        values = filled(form(page, to("choose_rows"))) | {"baris": ["3"], "ke": "simpan"}
        admin.post(to("choose_rows"), data=values)
        assert "3 baris, 1 tercentang" in words(main(soup(admin.get(to("import_batch")))))
        admin.post(to("begin_import"))
        worker.drain()
        assert db.session.scalars(select(Permohonan.asesi_name)).all() == ["Siti Contoh 2"]

    def test_a_tick_with_scripts_changes_the_counts_alone(self, admin, upload):
        page = upload([person(1), person(2)])
        values = filled(form(page, to("choose_rows"))) | {"baris": ["2"]}
        swap(page, admin.post(to("choose_rows"), data=values, headers=HX), "#import-counts")
        assert "2 baris, 1 tercentang" in words(page.select_one("#import-counts"))

    def test_all_and_none(self, admin, upload):
        upload([person(number) for number in range(1, 61)])
        admin.post(to("choose_rows"), data={"ke": "kosong"})
        page = soup(admin.get(to("import_batch")))
        assert "60 baris, 0 tercentang" in words(main(page))
        assert admin.get(to("ask_begin_import")).status_code == 409
        assert "Centang dulu barisnya" in notices(soup(admin.post(to("begin_import"))))[0]
        admin.post(to("choose_rows"), data={"ke": "semua"})
        page = soup(admin.get(to("import_batch")))
        assert "60 baris, 60 tercentang" in words(main(page))
        asked = words(soup(admin.get(to("ask_begin_import"))))
        assert "yang sudah punya menerima tautan" in asked, "nobody finds an unclaimed draft"
        assert len(rows(page)) == 25

    def test_pages_keep_the_ticks_of_the_page_before(self, admin, upload):
        page = upload([person(number) for number in range(1, 61)])
        values = filled(form(page, to("choose_rows"))) | {"baris": [], "ke": "berikutnya"}
        second = admin.post(to("choose_rows"), data=values).location
        assert len(rows(soup(admin.get(second)))) == 25
        assert "60 baris, 35 tercentang" in words(main(soup(admin.get(second))))

    def test_stopping_and_going_on(self, admin, upload):
        upload([person(1)])
        admin.post(to("begin_import"))
        page = soup(admin.get(admin.post(to("stop_import")).location))
        assert "Dihentikan" in words(main(page))
        worker.drain()
        assert cases() == 0
        admin.post(to("begin_import"))
        worker.drain()
        assert cases() == 1

    def test_a_second_press_begins_nothing_twice(self, admin, upload):
        upload([person(1)])
        admin.post(to("begin_import"))
        assert admin.post(to("begin_import")).status_code == 409
        assert admin.post(to("choose_rows"), data={"ke": "kosong"}).status_code == 409
        assert admin.post(to("discard_import")).status_code == 409
        worker.drain()
        assert cases() == 1

    def test_a_sheet_can_be_taken_away(self, admin, upload):
        upload([person(1)])
        assert "Permohonan yang sudah dibuka" in words(
            main(soup(admin.get(to("ask_discard_import"))))
        )
        admin.post(to("discard_import"))
        assert db.session.scalar(select(func.count(ImportRow.id))) == 0

    def test_another_admin_sees_it(self, upload, sign_in):
        upload([person(1)])
        assert "asesi.xlsx" in words(main(soup(sign_in(Role.ADMIN).get(url_for("admin.imports")))))


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


class TestRefusedFiles:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "kosong"),
            (b"%PDF-1.7", "bukan lembar Excel"),
            (b"a;b\0;c", "bukan lembar Excel"),
            (b"PK\x03\x04 rusak", "rusak atau terpotong"),
            (b"satu kalimat saja, tanpa kolom", "Baris judul tidak ditemukan"),
            (xlsx([["x"] * 100] * 5), "Baris judul tidak ditemukan"),
            (xlsx([["ID Izin", "Nama", "E-mail"]]), "belum ada asesi"),
        ],
    )
    def test_a_sentence_each_and_nothing_kept(self, admin, skema, content, said):
        answer = send(admin, content, mode="luring")
        page = soup(answer)
        assert answer.status_code == 422
        assert said in errors(page)["sheet"]
        assert page.select_one("[name=mode] [selected]")["value"] == "luring"
        assert db.session.scalar(select(func.count(ImportBatch.id))) == 0

    def test_no_file(self, admin, skema):
        page = soup(admin.post(url_for("admin.upload_sheet"), data={}))
        assert "Pilih berkas" in errors(page)["sheet"]

    def test_limits_are_settings(self, admin, skema):
        for key, value in (("sheet_rows", 1), ("sheet_mb", 1)):
            db.session.add(
                Setting(key=key, value=value, label=key, effective_from=clock.today_wib())
            )
        page = soup(send(admin, xlsx(table([person(1), person(2)]))))
        assert "lebih dari 1 asesi" in errors(page)["sheet"]
        # The body as bytes: the test client would leave its own temporary file open.
        head = b'--x\r\nContent-Disposition: form-data; name="sheet"; filename="a.csv"\r\n\r\n'
        body = head + b"x" * 1_000_001 + b"\r\n--x--\r\n"
        kind = "multipart/form-data; boundary=x"
        page = soup(admin.post(url_for("admin.upload_sheet"), data=body, content_type=kind))
        assert "lebih besar dari 1 MB" in errors(page)["sheet"]

    def test_without_a_skema_nothing_can_be_uploaded(self, admin):
        page = soup(admin.get(url_for("admin.imports")))
        assert "Belum ada skema yang dibuka" in words(main(page))
        assert page.select_one("[type=file]") is None

    def test_no_connection_is_held_while_the_file_is_read(self, admin, skema, monkeypatch):
        from lsp.services import sheet_import

        read, held = sheet_import.sheets.read_sheets, []

        def watched(*args, **named):
            held.append(db.engine.pool.checkedout())
            return read(*args, **named)

        monkeypatch.setattr(sheet_import.sheets, "read_sheets", watched)
        send(admin, xlsx(table([person(1)])))
        assert held == [0]


def test_looking_asks_the_same_of_the_database_however_many_rows(admin, upload, app):
    from sqlalchemy import event

    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *_: asked.append(1))
    upload([person(1)])
    counts = []
    for number in (1, 24):
        upload([person(each) for each in range(1, number + 1)])
        asked.clear()
        admin.get(to("import_batch"))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10
    assert batch().status is ImportStatus.PREVIEW
