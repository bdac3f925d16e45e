"""Impor lembar asesi: from the file to the drafts, with and without scripts."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import func, select

from lsp import clock, worker
from lsp.database import db
from lsp.models import ImportBatch, ImportRow, Permohonan, Setting
from lsp.vocabulary import ImportStatus, PermohonanStatus, Role
from tests.html import errors, filled, form, h1, links, main, notices, soup, words
from tests.htmx import HX, swap
from tests.support.imports import batch, rows, send, to
from tests.support.sheets import person, table, xlsx


def cases():
    return db.session.scalar(select(func.count(Permohonan.id)))


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
