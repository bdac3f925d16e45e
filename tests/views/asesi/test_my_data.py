"""Data saya: who opened files and NIK, what was agreed to; and the public page of what is kept."""

from __future__ import annotations

import gzip

import pytest
from flask import url_for
from sqlalchemy import event

from lsp import clock
from lsp.database import begin_write, db
from lsp.models import ConsentText
from lsp.services import audit, openings
from lsp.vocabulary import ConsentKind, PermohonanStatus, Role
from tests import factories
from tests.html import links, notices, soup, words
from tests.papers.reading import page_texts
from tests.test_pages import MOST_BYTES, count_queries
from tests.views.asesi import situations

ADDRESS = "/asesi/data-saya"
TOO_LARGE = "9223372036854775808"


@pytest.fixture
def browser(sign_in):
    return sign_in(Role.ASESI)


@pytest.fixture
def case(browser):
    return situations.draft(browser.user, status=PermohonanStatus.SUBMITTED)


@pytest.fixture
def officer(app):
    return factories.make_user(Role.ADMIN, name="Budi Petugas Contoh")


def opened(person, object_id, action="document.open", kind="document", **details):
    begin_write()
    audit.note(situations.actor_of(person), action, kind, object_id, **details)
    db.session.commit()


def rows_of(page):
    return [words(row) for row in page.select("section:has(#dibuka) .list > li")]


class TestWhoOpened:
    def test_nobody_yet(self, browser, case):
        assert "Belum ada yang membuka." in words(soup(browser.get(ADDRESS)))

    @pytest.mark.both
    def test_each_opening_names_person_role_file_and_permohonan(self, browser, case, officer):
        document = situations.add_document(case, label="KTP Contoh")
        opened(officer, document.public_id)
        opened(officer, document.public_id, "document.preview")
        opened(officer, case.public_id, "nik.reveal", "permohonan", reason="match_ktp")
        nik, glance, whole = rows_of(soup(browser.get(ADDRESS)))
        for row in (nik, glance, whole):
            assert (
                "Budi Petugas Contoh , Admin LSP" in row or "Budi Petugas Contoh, Admin LSP" in row
            )
            assert case.id_izin in row
        assert "NIK lengkap: mencocokkan dengan ktp" in nik
        assert "KTP Contoh (gambar kecil)" in glance
        assert "gambar kecil" not in whole

    def test_ones_own_and_others_are_left_out(self, browser, case, officer):
        own = situations.add_document(case)
        opened(browser.user, own.public_id)
        stranger = situations.add_document(situations.draft())
        opened(officer, stranger.public_id)
        opened(officer, case.public_id, "permohonan.verify", "permohonan")
        assert rows_of(soup(browser.get(ADDRESS))) == []

    def test_a_real_opening_by_an_officer_is_on_it(self, app, browser, case, officer):
        document = situations.add_document(case, label="Ijazah Contoh")
        factories.browser_of(app, officer).get(
            url_for("files.document", document_id=document.public_id)
        )
        assert "Ijazah Contoh" in rows_of(soup(browser.get(ADDRESS)))[0]

    @pytest.mark.both
    def test_pages_follow_one_another_without_gap_or_double(self, browser, case, officer):
        document = situations.add_document(case)
        begin_write()
        for _ in range(45):
            audit.note(
                situations.actor_of(officer), "document.open", "document", document.public_id
            )
        db.session.commit()
        seen, before = [], None
        while True:
            found = openings.page(case.asesi_id, before)
            seen += [row.seq for row in found.rows]
            if found.next_before is None:
                break
            before = found.next_before
        assert len(seen) == len(set(seen)) == 45
        assert seen == sorted(seen, reverse=True)
        page = soup(browser.get(ADDRESS))
        assert len(rows_of(page)) == openings.PAGE_SIZE
        second = links(page)["Berikutnya"].partition("#")[0]
        assert len(rows_of(soup(browser.get(second)))) == openings.PAGE_SIZE

    @pytest.mark.parametrize("position", ["x", "-1", "9" * 30, "٣"])
    def test_an_odd_position_shows_the_newest(self, browser, case, position):
        assert browser.get(ADDRESS, query_string={"sebelum": position}).status_code == 200

    def test_queries_do_not_grow_with_openings_and_agreements(self, browser, case, officer):
        document = situations.add_document(case)
        opened(officer, document.public_id)
        few = count_queries(lambda: browser.get(ADDRESS))
        situations.agree_all(case)
        for _ in range(8):
            opened(officer, situations.add_document(case).public_id)
        assert count_queries(lambda: browser.get(ADDRESS)) == few

    def test_the_chain_is_asked_through_its_index(self, app, case):
        sent = []

        def note(_connection, _cursor, statement, parameters, *_rest):
            sent.append((statement, parameters))

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            openings.page(case.asesi_id)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        ((statement, parameters),) = [each for each in sent if "audit_event" in each[0]]
        plan = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", parameters
        )
        said = " ".join(str(row[3]) for row in plan)
        assert "ix_audit_event_object_id" in said
        assert "SCAN audit_event" not in said


class TestAgreements:
    def test_an_agreed_text_is_read_and_downloaded_in_its_version(self, browser, case):
        situations.agree_all(case)
        old = db.session.query(ConsentText).filter_by(kind=ConsentKind.PERJANJIAN).one()
        title, first = old.title, old.body.split("\n")[0][:40]
        factories.saved(
            ConsentText(
                kind=ConsentKind.PERJANJIAN, version_number=2, effective_from=clock.today_wib(), title="Baru",
                body="Teks yang sama sekali lain.",
            )
        )  # fmt: skip
        address = links(soup(browser.get(ADDRESS)))["Perjanjian sertifikasi, versi 1"]
        page = soup(browser.get(address))
        assert first in words(page)
        pdf = browser.get(links(page)["Unduh (PDF)"])
        text = " ".join(page_texts(pdf.get_data()))
        for said in (
            title,
            first,
            "versi 1",
            browser.user.name,
            case.id_izin,
            "Disetujui secara elektronik",
        ):
            assert said in text
        assert "sama sekali lain" not in text
        assert browser.get(links(page)["Unduh (PDF)"]).get_data() == pdf.get_data()

    def test_what_was_never_agreed_to_is_not_found(self, browser, case):
        values = {"permohonan_id": case.public_id, "text_key": "perjanjian", "version_number": 1}
        address = url_for("asesi.agreed_text", **values)
        assert browser.get(address).status_code == 404

    def test_a_draft_reads_why_it_is_asked_again(self, browser):
        case = situations.draft(browser.user)
        situations.agree_all(case)
        factories.saved(
            ConsentText(
                kind=ConsentKind.PERJANJIAN, version_number=2, effective_from=clock.today_wib(), title="Baru",
                body="Teks baru yang panjang. " * 10,
            )
        )  # fmt: skip
        page = soup(browser.get(url_for("asesi.consents", permohonan_id=case.public_id)))
        assert "Anda menyetujui versi 1; baca versi 2" in words(page)
        assert len(page.select("form[action*=persetujuan]")) == 1
        assert notices(page) == []

    def test_the_way_out_stands_beside_a_case_that_runs(self, browser, case):
        page = soup(browser.get(ADDRESS))
        assert url_for("asesi.withdraw", permohonan_id=case.public_id) in links(page).values()


class TestPersonalData:
    def test_it_is_led_to_from_signing_up_and_from_every_foot(self, client):
        for path in ("/", "/daftar", "/masuk"):
            assert url_for("public.personal_data") in links(soup(client.get(path))).values()

    def test_it_names_every_kind_with_its_period(self, client):
        page = soup(client.get("/data-pribadi"))
        rows = [words(row) for row in page.select("tbody tr")]
        assert len(rows) == 13
        assert any("10 tahun sejak dibayar" in row for row in rows)
        assert "{" not in words(page.select_one("table"))

    def test_it_weighs_little(self, client):
        assert len(gzip.compress(client.get("/data-pribadi").get_data())) <= MOST_BYTES

    def test_my_data_weighs_little(self, browser, case, officer):
        situations.agree_all(case)
        document = situations.add_document(case)
        for _ in range(21):
            opened(officer, document.public_id)
        assert len(gzip.compress(browser.get(ADDRESS).get_data())) <= MOST_BYTES


@pytest.mark.parametrize(
    "address",
    ["/persetujuan/{}/data-pribadi/{}", "/asesi/permohonan/{}/persetujuan/data-pribadi/{}"],
)
def test_a_version_past_all_numbers_is_not_found(browser, case, address):
    assert browser.get(address.format(case.public_id, TOO_LARGE)).status_code == 404
