"""The dashboard: what waits, the list, search, and a case beside the list on its own address."""

from __future__ import annotations

import base64
import gzip
from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import event, select

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, FrApl01
from lsp.services.worklist_rows import nik_in
from lsp.vocabulary import InvoiceKind, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.payment import new_invoice
from tests import factories
from tests.html import main, notices, soup, table_rows, words
from tests.htmx import HX, same, swap
from tests.workflow.cases import make_permohonan, upload

S = PermohonanStatus
#: The sign-in one is read on a connection of its own.
SIGN_IN = 1


def case_url(case, **query):
    return url_for("admin.permohonan", permohonan_id=case.public_id, **query)


def names(page):
    return [words(each) for each in page.select("#work-list tbody td:first-child a")]


def queries(app, work):
    """How many SELECTs `work()` sends, whatever connection they use."""
    return len(selects(work))


def selects(work):
    """The SELECTs that `work()` sends."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return sent


def many(count, skema_version, status=S.SUBMITTED):
    asesi = factories.make_user()
    for number in range(count):
        factories.make_permohonan(
            asesi,
            status=status,
            skema_version_id=skema_version.id,
            asesi_name=f"Asesi {number:03}",
            status_at=clock.now() - timedelta(minutes=count - number),
        )


class TestWhatWaits:
    def test_the_first_kind_of_work_that_waits_is_open(self, admin, cast):
        case = make_permohonan(S.VERIFIED, cast=cast)
        page = soup(admin.get("/admin"))
        assert words(page.select_one("#work-list h2")) == "Kirim tagihan"
        assert names(page) == [case.asesi_name]
        assert words(page.select_one(".tiles [aria-current]")).startswith("1 Kirim tagihan")

    def test_an_empty_installation_says_what_would_be_here(self, admin):
        page = soup(admin.get("/admin"))
        assert "Belum ada permohonan" in words(page.select_one(".empty"))

    def test_old_work_is_named_late(self, admin, cast):
        make_permohonan(S.SUBMITTED, cast=cast, status_at=clock.now() - timedelta(days=6))
        page = soup(admin.get("/admin"))
        assert words(page.select_one(".tiles .late")) == "tertua 6 hari, terlambat"

    def test_a_meeting_long_over_without_outcome_is_work(self, admin, cast):
        late, fresh = (make_permohonan(S.PRE_SCHEDULED, cast=cast) for _ in range(2))
        for case, hours in ((late, 25), (fresh, 23)):
            slot = dossier_of(case).booking.slot
            slot.ends_at = clock.now() - timedelta(hours=hours)
            slot.starts_at = slot.ends_at - timedelta(hours=1, minutes=hours)
        db.session.commit()
        page = soup(admin.get("/admin?kerja=hasil"))
        assert words(page.select_one(".tiles [aria-current]")).startswith("1 Rapat tanpa hasil")
        assert names(page) == [late.asesi_name]

    def test_without_such_a_meeting_there_is_no_tile(self, admin, cast):
        make_permohonan(S.PRE_SCHEDULED, cast=cast)
        assert "Rapat tanpa hasil" not in words(soup(admin.get("/admin")).select_one(".tiles"))

    def test_the_proof_of_a_difference_is_work_too(self, admin, cast):
        make_permohonan(S.READY, cast=cast)
        case = make_permohonan(S.READY, cast=cast)
        invoice = new_invoice(case, InvoiceKind.SELISIH, 200_000)
        invoice.proof_document_id = upload(case, "Bukti bayar", "payment_proof").id
        db.session.commit()
        page = soup(admin.get("/admin?kerja=bukti"))
        assert names(page) == [case.asesi_name]
        assert "ada bukti bayar" in words(page.select_one("#work-list"))

    def test_failed_mails_are_work_too(self, admin):
        factories.make_message(dead_at=clock.now())
        assert "1 Kiriman gagal" in words(soup(admin.get("/admin")).select_one(".tiles"))

    def test_my_own_permohonan_is_not_my_work(self, sign_in):
        both = sign_in(Role.ADMIN, Role.ASESI)
        own = factories.make_permohonan(both.user, status=S.SUBMITTED)
        assert names(soup(both.get("/admin?kerja=semua"))) == []
        assert both.get(case_url(own)).status_code == 404


class TestList:
    def test_a_proof_of_payment_stands_out(self, admin, cast):
        make_permohonan(S.INVOICED, cast=cast)
        make_permohonan(S.INVOICED, cast=cast, work_done=False)
        rows = table_rows(soup(admin.get("/admin?kerja=bayar")).select_one("#work-list table"))
        assert sorted(row["Keadaan"] for row in rows) == ["ada bukti bayar", "belum dibayar"]

    def test_25_rows_a_page_and_each_case_once(self, admin, cast):
        many(30, cast.skema)
        first = soup(admin.get("/admin?kerja=verifikasi"))
        second = soup(admin.get(first.select_one("a[rel=next]")["href"]))
        assert len(names(first)) == 25
        assert names(first) + names(second) == [f"Asesi {number:03}" for number in range(30)]
        assert second.select_one("a[rel=next]") is None

    def test_at_most_four_queries_and_as_many_for_300_rows(self, app, admin, cast):
        many(30, cast.skema)
        few = queries(app, lambda: admin.get("/admin"))
        many(270, cast.skema)
        assert queries(app, lambda: admin.get("/admin")) == few <= 4 + SIGN_IN

    def test_narrowed_to_a_skema(self, admin, cast):
        many(2, cast.skema)
        other = make_permohonan(S.SUBMITTED)
        page = soup(admin.get(f"/admin?kerja=verifikasi&skema={other.skema_version.public_id}"))
        assert names(page) == [other.asesi_name]

    @pytest.mark.parametrize(
        "query", ["kerja=xx", "posisi=%00", "posisi=abc", "skema=%27", "cari=%25_", "dari=x"]
    )
    def test_a_broken_filter_is_left_out(self, admin, query):
        assert admin.get(f"/admin?{query}").status_code == 200

    @pytest.mark.parametrize(
        "position",
        [
            '["0001-01-01T00:00:00+14:00", 1]', '["9999-12-31T23:59:00-14:00", 1]',
            '["2026-01-01T00:00:00+00:00", Infinity]', '["2026-01-01T00:00:00+00:00", NaN]', "[1, 2]",
        ],
    )  # fmt: skip
    def test_a_position_that_is_none_begins_at_the_beginning(self, admin, cast, position):
        case = make_permohonan(PermohonanStatus.SUBMITTED, cast=cast)
        cursor = base64.urlsafe_b64encode(position.encode()).decode()
        assert case.asesi_name in words(soup(admin.get(f"/admin?kerja=periksa&posisi={cursor}")))

    def test_a_panel_equals_the_page(self, admin, cast):
        many(30, cast.skema)
        before = soup(admin.get("/admin?kerja=verifikasi"))
        address = before.select_one("a[rel=next]")["href"]
        answer = admin.get(address, headers=HX)
        fresh = soup(admin.get(answer.headers["HX-Push-Url"]))
        assert same(main(swap(before, answer, "#workbench")), main(fresh))

    def test_it_is_light(self, admin, cast):
        many(30, cast.skema)
        assert len(gzip.compress(admin.get("/admin").get_data())) < 6_000


class TestSearch:
    def test_by_name_leads_to_an_address(self, admin, cast):
        case = make_permohonan(S.PAID, cast=cast, asesi=factories.make_user(name="Rosmaida Contoh"))
        make_permohonan(S.PAID, cast=cast)
        answer = admin.post("/admin/cari", data={"cari": "rosmaida", "kerja": "verifikasi"})
        assert answer.status_code == 303
        assert answer.location == "/admin?cari=rosmaida", "everywhere, whichever list was open"
        assert names(soup(admin.get(answer.location))) == [case.asesi_name]

    def test_by_id_izin(self, admin, cast):
        case = make_permohonan(S.PAID, cast=cast)
        make_permohonan(S.PAID, cast=cast)
        found = admin.post(
            "/admin/cari", data={"cari": case.id_izin.lower()}, follow_redirects=True
        )
        assert names(soup(found)) == [case.asesi_name]

    @pytest.mark.parametrize("written", ["{0}", "NIK {0}", "{0[0]}{0[1]} {1}", "Budi {0}"])
    def test_by_nik_is_answered_without_an_address(self, admin, cast, written):
        case = make_permohonan(S.PAID, cast=cast)
        make_permohonan(S.PAID, cast=cast)
        nik = db.session.get(FrApl01, case.id).nik
        answer = admin.post("/admin/cari", data={"cari": written.format(nik, nik[2:])})
        assert answer.status_code == 200
        assert names(soup(answer)) == [case.asesi_name]
        assert nik not in answer.get_data(as_text=True)

    def test_by_nik_with_htmx_leaves_the_address_alone(self, admin, cast):
        case = make_permohonan(S.PAID, cast=cast)
        nik = db.session.get(FrApl01, case.id).nik
        answer = admin.post("/admin/cari", data={"cari": nik}, headers=HX)
        assert answer.headers["HX-Push-Url"] == "false"
        assert nik not in answer.get_data(as_text=True)

    def test_a_nik_in_an_address_is_not_searched(self, admin, cast):
        case = make_permohonan(S.PAID, cast=cast)
        nik = db.session.get(FrApl01, case.id).nik
        answer = admin.get(f"/admin?cari={nik}")
        assert any("NIK tidak boleh ada di alamat" in each for each in notices(soup(answer)))
        assert nik not in answer.get_data(as_text=True)

    def test_a_panel_equals_the_page(self, admin, cast):
        make_permohonan(S.PAID, cast=cast)
        before = soup(admin.get("/admin"))
        answer = admin.post("/admin/cari", data={"cari": "rekaan"}, headers=HX)
        fresh = soup(admin.get(answer.headers["HX-Push-Url"]))
        assert same(main(swap(before, answer, "#workbench")), main(fresh))

    def test_nothing_found_says_what_to_do(self, admin):
        page = soup(admin.get("/admin?cari=tidakada"))
        assert "Periksa ejaannya" in words(page.select_one(".empty"))

    @pytest.mark.parametrize(
        ("text", "nik"),
        [
            ("9971010101010004", "9971010101010004"),
            ("9971 0101 0101 0004", "9971010101010004"),
            ("I-2026111809150100042", ""),
            ("I-9971010101010004", ""),
            ("99710101010100045", ""),
            ("081234567890", ""),
            ("Rosmaida", ""),
        ],
    )
    def test_what_counts_as_a_nik(self, text, nik):
        assert nik_in(text) == nik


class TestCase:
    def test_it_opens_beside_the_list_it_came_from(self, admin, cast):
        many(3, cast.skema, S.PAID)
        case = make_permohonan(S.SUBMITTED, cast=cast)
        page = soup(admin.get(case_url(case, dari="kerja=jadwal")))
        assert words(page.select_one("#case h2")) == case.asesi_name
        assert words(page.select_one("#work-list h2")) == "Belum dijadwalkan"
        assert len(names(page)) == 3

    def test_a_panel_equals_the_page(self, admin, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast)
        before = soup(admin.get("/admin"))
        link = before.find("a", string=case.asesi_name)
        answer = admin.get(link["href"], headers=HX)
        fresh = soup(admin.get(answer.headers["HX-Push-Url"]))
        assert same(main(swap(before, answer, "#workbench")), main(fresh))

    @pytest.mark.parametrize("status", list(S))
    def test_every_state_can_be_read(self, admin, cast, status):
        case = make_permohonan(status, cast=cast)
        page = soup(admin.get(case_url(case)))
        assert words(page.select_one("#case .badge")) == status.label
        assert page.select_one("#riwayat li") or status is S.DRAFT

    def test_the_nik_is_masked(self, admin, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast)
        nik = db.session.get(FrApl01, case.id).nik
        text = admin.get(case_url(case)).get_data(as_text=True)
        assert nik not in text
        assert "*" * 12 + nik[-4:] in text

    def test_the_mask_is_as_long_as_the_number_and_its_length_is_doubted(self, admin, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast)
        db.session.get_one(FrApl01, case.id).nik = "990001"
        text = words(soup(admin.get(case_url(case))))
        assert "NIK **0001" in text
        assert "NIK terdiri dari 16 angka, yang tertulis 6." in text

    def test_another_role_may_not(self, sign_in, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast)
        assert sign_in(Role.ASESOR).get(case_url(case)).status_code == 403

    def test_its_queries_do_not_grow_with_the_list(self, app, admin, cast):
        """Another waits after it: past the last of the list its first one is asked for."""
        case, _ = (make_permohonan(S.SUBMITTED, cast=cast) for _ in range(2))
        few = queries(app, lambda: admin.get(case_url(case)))
        many(60, cast.skema)
        assert queries(app, lambda: admin.get(case_url(case))) == few <= 25


class TestRevealNik:
    def test_shows_it_once_and_seals_who_looked(self, admin, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast)
        nik = db.session.get(FrApl01, case.id).nik
        address = url_for("admin.reveal_nik", permohonan_id=case.public_id)
        answer = admin.post(address, data={"reason": "match_ktp"})
        assert nik in answer.get_data(as_text=True)
        assert nik not in answer.request.url
        sealed = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "nik.reveal")
        ).one()
        assert sealed.actor_id == admin.user.id
        assert "match_ktp" in sealed.details
        assert nik not in sealed.details
        assert nik not in admin.get(case_url(case)).get_data(as_text=True)

    def test_with_htmx_only_the_case_answers(self, admin, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast)
        address = url_for("admin.reveal_nik", permohonan_id=case.public_id)
        answer = admin.post(
            address, data={"reason": "fill_siki"}, headers=HX | {"HX-Target": "case"}
        )
        assert soup(answer).find(True)["id"] == "case"
        assert db.session.get(FrApl01, case.id).nik in answer.get_data(as_text=True)

    @pytest.mark.parametrize("reason", ["", "karena ingin tahu"])
    def test_not_without_a_reason_from_the_list(self, admin, cast, reason):
        case = make_permohonan(S.SUBMITTED, cast=cast)
        answer = admin.post(
            url_for("admin.reveal_nik", permohonan_id=case.public_id), data={"reason": reason}
        )
        assert answer.status_code == 422
        assert db.session.get(FrApl01, case.id).nik not in answer.get_data(as_text=True)
        assert (
            db.session.scalar(select(AuditEvent).where(AuditEvent.action == "nik.reveal")) is None
        )


def test_the_list_names_its_columns(admin, cast):
    make_permohonan(S.SUBMITTED, cast=cast)
    row = table_rows(soup(admin.get("/admin")).select_one("#work-list table"))[0]
    assert set(row) == {"Asesi", "Keadaan", "Sejak"}


def test_two_states_of_one_kind_of_work_are_one_list_by_age(admin, cast):
    """Each state is read along its own index; pages must still hold every case once, the oldest first."""
    asesi = factories.make_user()
    for number in range(60):
        factories.make_permohonan(
            asesi,
            status=S.PAID if number % 3 else S.READY,
            skema_version_id=cast.skema.id,
            asesi_name=f"Asesi {number:03}",
            status_at=clock.now() - timedelta(minutes=100 - number),
        )
    found, address = [], "/admin?kerja=jadwal"
    while address:
        page = soup(admin.get(address))
        found += names(page)
        following = page.select_one("a[rel=next]")
        address = following["href"] if following else ""
    assert found == [f"Asesi {number:03}" for number in range(60)]
