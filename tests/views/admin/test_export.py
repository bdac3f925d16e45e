"""The work list as a file: made by the worker, for who asked, for a day; no whole NIK and no formula in it."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from flask import url_for
from sqlalchemy import event, select

from lsp import clock, worker
from lsp.database import db
from lsp.gateways import storage
from lsp.models import AuditEvent, FrApl01, ListExport, User
from lsp.services import file_keeping, list_export
from lsp.services.sheets import CsvSheet, XlsxSheet
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.html import soup, words
from tests.htmx import HX
from tests.workflow.cases import make_cast, make_permohonan

S = PermohonanStatus
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def ask(admin, dari="kerja=semua", bentuk="csv"):
    """Where the page of the new list stands."""
    answer = admin.post("/admin/unduh", data={"dari": dari, "bentuk": bentuk})
    assert answer.status_code == 303
    return answer.location


def work():
    """What the worker does: all that is due."""
    db.session.rollback()
    worker.drain()


def file_of(admin, address):
    link = soup(admin.get(address)).select_one("#export a.main")["href"]
    answer = admin.get(link)
    assert answer.status_code == 200
    return answer


def csv_rows(content):
    assert content.startswith(b"\xef\xbb\xbf"), "a byte order mark, or names break in a spreadsheet"
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def xlsx_rows(content):
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        for name in book.namelist():
            ElementTree.fromstring(book.read(name))  # noqa: S314 - our own file
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314
    assert sheet.find(f".//{CELL}f") is None, "no formula"
    return [
        ["".join(cell.itertext()) for cell in row.iter(f"{CELL}c")]
        for row in sheet.iter(f"{CELL}row")
    ]


class TestExport:
    def test_waits_for_the_worker_then_downloads(self, admin):
        case = make_permohonan(S.SUBMITTED)
        nik, name = db.session.get(FrApl01, case.id).nik, case.asesi_name
        address = ask(admin)
        page = soup(admin.get(address))
        assert words(page.select_one("#export h2")) == "Daftar sedang dibuat"
        assert page.find("a", string="Muat ulang")["href"] == address
        assert page.select_one("#export")["hx-get"] == address
        work()
        again = soup(admin.get(address, headers=HX))
        assert words(again.h2) == "Daftar siap: 1 permohonan"
        assert "hx-get" not in again.select_one("#export").attrs, "nothing is asked for ever"
        answer = file_of(admin, address)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        (row,) = csv_rows(answer.data)
        assert row["Nama"] == name
        assert row["NIK"] == "*" * 12 + nik[-4:]
        assert nik.encode() not in answer.data

    def test_as_narrowed_and_in_its_order(self, admin):
        cast = make_cast()
        for number, days in enumerate((2, 9, 40)):
            factories.make_permohonan(
                factories.make_user(),
                status=S.PAID,
                skema_version_id=cast.skema.id,
                asesi_name=f"Asesi {number}",
                status_at=clock.now() - timedelta(days=days),
            )
        address = ask(admin, "kerja=jadwal&umur=7")
        work()
        found = csv_rows(file_of(admin, address).data)
        assert [row["Nama"] for row in found] == ["Asesi 2", "Asesi 1"]
        assert [row["Umur (hari)"] for row in found] == ["40", "9"]

    @pytest.mark.both
    def test_all_rows_once_in_batches_of_the_same_few_queries(self, app, monkeypatch):
        monkeypatch.setattr(list_export, "BATCH", 7)
        asesi, skema = factories.make_user(), factories.make_skema()
        moment = clock.now()
        for number in range(20):
            factories.make_permohonan(
                asesi,
                status=(S.PAID, S.READY)[number % 2],
                skema_version_id=skema.id,
                asesi_name=f"Asesi {number:02}",
                status_at=moment - timedelta(minutes=number // 3),
            )
        actor = list_export.Actor(id=0, name="", roles=frozenset({Role.ADMIN}))
        sent = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
        for work_key, search in (("jadwal", ""), ("", ""), ("jadwal", "asesi")):
            del sent[:]
            wanted = list_export.Wanted(work=work_key, search=search)
            names = [row[1] for row in list_export.rows(actor, wanted)]
            assert sorted(names) == [f"Asesi {number:02}" for number in range(20)]
            assert len([each for each in sent if "permohonan.id_izin" in each]) == 3

    def test_excel(self, admin):
        case = make_permohonan(S.SUBMITTED)
        written = [case.id_izin, case.asesi_name]
        address = ask(admin, bentuk="xlsx")
        work()
        header, row = xlsx_rows(file_of(admin, address).data)
        assert tuple(header) == list_export.HEADER
        assert row[:2] == written

    def test_who_took_what_is_sealed_without_the_name_that_was_sought(self, admin):
        make_permohonan(S.PAID, asesi=factories.make_user(name="Rosmaida Contoh"))
        admin_id = admin.user.id
        address = ask(admin, "cari=rosmaida&keadaan=paid")
        work()
        file_of(admin, address)
        events = {
            row.action: row
            for row in db.session.scalars(
                select(AuditEvent).where(AuditEvent.object_type == "list_export")
            )
        }
        assert set(events) == {"list.export", "list.download"}
        assert {row.actor_id for row in events.values()} == {admin_id}
        assert '"rows":1' in events["list.export"].details.replace(" ", "")
        assert "paid" in events["list.export"].details
        assert "rosmaida" not in "".join(row.details for row in events.values()).lower()

    def test_done_twice_makes_one_file(self, admin):
        ask(admin)
        work()
        made = db.session.scalars(select(ListExport)).one()
        key = made.storage_key
        db.session.rollback()
        list_export.make(made.public_id)
        db.session.expire_all()
        assert db.session.scalars(select(ListExport)).one().storage_key == key

    def test_nothing_is_made_for_who_is_admin_no_more(self, admin):
        ask(admin)
        admin.user.disabled_at = clock.now()
        db.session.commit()
        work()
        assert db.session.scalars(select(ListExport)).one().storage_key is None

    def test_an_unknown_format_is_refused(self, admin):
        answer = admin.post("/admin/unduh", data={"dari": "", "bentuk": "exe"})
        assert answer.location == "/admin"
        assert list(db.session.scalars(select(ListExport))) == []

    def test_a_colleagues_list_is_not_found(self, admin, sign_in):
        address = ask(admin)
        work()
        other = sign_in(Role.ADMIN)
        assert other.get(address).status_code == 404
        export_id = db.session.scalars(select(ListExport.public_id)).one()
        file = url_for("admin.download_export", export_id=export_id)
        assert other.get(file).status_code == 404


class TestSweep:
    def test_after_a_day_the_file_goes_and_the_page_says_so(self, steady_clock, sign_in):
        user = factories.make_user(Role.ADMIN)
        user_id, admin = user.id, sign_in(user)
        address = ask(admin)
        work()
        key = db.session.scalars(select(ListExport.storage_key)).one()
        db.session.rollback()
        assert list_export.sweep() == 0
        assert storage.store().exists(key)
        steady_clock.shift(timedelta(days=1, minutes=1))
        assert list_export.sweep() == 1
        assert not storage.store().exists(key)
        admin = sign_in(db.session.get_one(User, user_id))
        page = soup(admin.get(address))
        assert words(page.select_one("#export h2")) == "Berkas ini sudah dihapus"

    def test_a_list_that_stands_is_no_orphan(self, admin):
        ask(admin)
        work()
        key = db.session.scalars(select(ListExport.storage_key)).one()
        assert key in file_keeping._named_keys()

    def test_the_worker_does_it_each_hour(self):
        assert ("sweep_exports", timedelta(hours=1), list_export.sweep) in [
            (chore.name, chore.every, chore.run) for chore in worker.CHORES
        ]


class TestSheets:
    NASTY = ("=1+1", "+62", "-2", "@SUM(A1)", "\tx", "\rx", 'a;"b"', "<&>", " spasi ", "é’")

    def test_csv_holds_no_formula(self):
        sheet = CsvSheet(["A"])
        for text in self.NASTY:
            sheet.add([text])
        rows = list(csv.reader(io.StringIO(sheet.finish().decode("utf-8-sig")), delimiter=";"))
        defused = [f"'{text}" for text in self.NASTY[:6]]
        assert [row[0] for row in rows[1:]] == [*defused, *self.NASTY[6:]]

    def test_xlsx_holds_the_text_itself(self):
        sheet = XlsxSheet(["A", "B"], title="Daftar <1>", widths=[10, 10])
        for number, text in enumerate(self.NASTY):
            sheet.add([text + "\x01", number])
        rows = xlsx_rows(sheet.finish())
        # XML reads a carriage return as a line feed.
        assert [row[0].replace("\n", "\r") for row in rows[1:]] == [*self.NASTY]
        assert [row[1] for row in rows[1:]] == [str(number) for number in range(len(self.NASTY))]
