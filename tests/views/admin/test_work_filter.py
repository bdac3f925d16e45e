"""The work list narrowed by state, age and verifikator: in the address, without scripts, and kept while one works."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import Setting
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.html import filled, form, main, soup, table_rows, words
from tests.htmx import HX, same, swap
from tests.views.admin.test_work import case_url, many, names, queries
from tests.workflow.cases import make_permohonan

S = PermohonanStatus
SIGN_IN = 1


def waiting(cast, status, *days, **columns):
    """A case for each of these ages in days; called by its age."""
    return [
        factories.make_permohonan(
            factories.make_user(),
            status=status,
            skema_version_id=cast.skema.id,
            asesi_name=f"{status.value} {day} hari",
            status_at=clock.now() - timedelta(days=day, minutes=1),
            **columns,
        )
        for day in days
    ]


def listed(browser, query):
    return names(soup(browser.get(f"/admin?{query}")))


class TestState:
    def test_narrows_within_a_kind_of_work(self, admin, cast):
        waiting(cast, S.PAID, 1)
        waiting(cast, S.READY, 2)
        assert listed(admin, "kerja=jadwal&keadaan=ready") == ["ready 2 hari"]

    def test_a_state_of_another_kind_is_looked_for_everywhere(self, admin, cast):
        waiting(cast, S.RETURNED, 1)
        page = soup(admin.get("/admin?kerja=jadwal&keadaan=returned"))
        assert names(page) == ["returned 1 hari"]
        assert words(page.select_one("#work-list h2")) == "Perlu perbaikan"


class TestAge:
    def test_colours_come_with_a_word(self, admin, cast):
        waiting(cast, S.SUBMITTED, 0, 2, 4)
        page = soup(admin.get("/admin?kerja=verifikasi"))
        ages = [row["Sejak"] for row in table_rows(page.select_one("#work-list table"))]
        assert ages == ["4 hari terlambat", "2 hari segera", "1 menit"]
        assert words(page.select_one(".tiles [aria-current] .late")) == "tertua 4 hari, terlambat"

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("kerja=verifikasi&umur=merah", ["submitted 4 hari"]),
            ("kerja=verifikasi&umur=kuning", ["submitted 2 hari"]),
            ("kerja=jadwal&umur=kuning", ["ready 9 hari", "paid 4 hari"]),
            ("kerja=semua&umur=merah", ["paid 20 hari", "submitted 4 hari"]),
            ("kerja=semua&umur=14", ["draft 20 hari", "paid 20 hari"]),
            ("keadaan=draft&umur=merah", []),
        ],
    )
    def test_each_kind_has_its_own_limits(self, admin, cast, query, found):
        waiting(cast, S.SUBMITTED, 0, 2, 4)
        waiting(cast, S.PAID, 2, 4, 20)
        waiting(cast, S.READY, 9)
        waiting(cast, S.DRAFT, 20)
        assert sorted(listed(admin, query)) == sorted(found)

    def test_the_limits_are_the_lsps(self, admin, cast):
        waiting(cast, S.SUBMITTED, 4)
        before = words(soup(admin.get("/admin")).select_one(".tiles .late"))
        address = url_for("admin.change_setting", key="work_age_days")
        page = soup(admin.get(address))
        values = filled(form(page, address))
        assert "Verifikasi berkas: 1, 3" in values["value"]
        changed = values["value"].replace("Verifikasi berkas: 1, 3", "Verifikasi berkas: 5, 9")
        assert admin.post(address, data=values | {"value": changed}).status_code == 303
        assert before == "tertua 4 hari, terlambat"
        assert soup(admin.get("/admin")).select_one(".tiles .late, .tiles .soon") is None

    @pytest.mark.parametrize("text", ["9, 5", "3", "3, x", "1, 999"])
    def test_limits_that_make_no_sense_are_refused(self, admin, text):
        address = url_for("admin.change_setting", key="work_age_days")
        values = filled(form(soup(admin.get(address)), address))
        changed = values["value"].replace("Kirim tagihan: 1, 3", f"Kirim tagihan: {text}")
        answer = admin.post(address, data=values | {"value": changed})
        assert answer.status_code == 422
        assert f"Kirim tagihan: {text}" in soup(answer).textarea.get_text(), (
            "what was typed is kept"
        )
        assert db.session.query(Setting).filter_by(key="work_age_days").count() == 1


class TestVerifikator:
    def test_mine_nobodys_and_a_colleagues(self, admin, cast):
        colleague = factories.make_user(Role.ADMIN, name="Ratna Contoh")
        waiting(cast, S.SUBMITTED, 1, assigned_verifier_id=admin.user.id)
        waiting(cast, S.SUBMITTED, 2, assigned_verifier_id=colleague.id)
        waiting(cast, S.SUBMITTED, 3)
        found = {
            who: listed(admin, f"kerja=verifikasi&verifikator={who}")
            for who in ("saya", "belum", colleague.public_id)
        }
        assert found == {
            "saya": ["submitted 1 hari"],
            "belum": ["submitted 3 hari"],
            colleague.public_id: ["submitted 2 hari"],
        }
        page = soup(admin.get("/admin?kerja=verifikasi"))
        assert "verifikator Ratna Contoh" in words(page.select_one("#work-list"))
        choices = [words(each) for each in page.select("select[name=verifikator] option")]
        assert "Ratna Contoh" in choices


class TestOrder:
    def test_either_way_and_onto_the_next_page(self, admin, cast):
        many(30, cast.skema)
        first = soup(admin.get("/admin?kerja=verifikasi&urut=terbaru"))
        second = soup(admin.get(first.select_one("a[rel=next]")["href"]))
        assert names(first) + names(second) == [
            f"Asesi {number:03}" for number in range(29, -1, -1)
        ]
        assert listed(admin, "kerja=semua&urut=terlama")[0] == "Asesi 000"


class TestKept:
    QUERY = "kerja=jadwal&keadaan=paid&umur=7&verifikator=belum&urut=terbaru"

    def test_while_a_case_is_open_and_after_a_step(self, admin, cast):
        long_ago = clock.now() - timedelta(days=8)
        case = make_permohonan(S.PAID, cast=cast, status_at=long_ago)
        waiting(cast, S.PAID, 9)
        page = soup(admin.get(f"/admin?{self.QUERY}"))
        opened = soup(admin.get(page.find("a", string=case.asesi_name)["href"]))
        assert names(opened) == names(page) == [case.asesi_name, "paid 9 hari"]
        back = opened.find("a", string="Kembali ke daftar")["href"]
        assert back == f"/admin?{self.QUERY}"
        reveal = url_for("admin.reveal_nik", permohonan_id=case.public_id)
        values = filled(form(opened, reveal)) | {"reason": "match_ktp"}
        assert names(soup(admin.post(reveal, data=values))) == names(page)

    def test_the_form_shows_what_is_chosen_and_posts_it_again(self, admin, cast):
        waiting(cast, S.PAID, 8)
        page = soup(admin.get(f"/admin?{self.QUERY}"))
        said = words(page.select_one(".filter summary"))
        assert said == "Saringan: Siap dijadwalkan · Lewat 7 hari · Belum ada · Terbaru dulu"
        answer = admin.post("/admin/cari", data=filled(form(page, "/admin/cari")))
        assert answer.status_code == 303
        assert names(soup(admin.get(answer.location))) == ["paid 8 hari"]
        assert sorted(answer.location.partition("?")[2].split("&")) == sorted(self.QUERY.split("&"))

    def test_it_can_be_let_go(self, admin, cast):
        waiting(cast, S.PAID, 1)
        page = soup(admin.get(f"/admin?{self.QUERY}"))
        assert "Buka Saringan" in words(page.select_one(".empty"))
        free = page.find("a", string="Lepas saringan")["href"]
        assert names(soup(admin.get(free))) == ["paid 1 hari"]

    def test_a_panel_equals_the_page(self, admin, cast):
        waiting(cast, S.PAID, 8)
        before = soup(admin.get("/admin"))
        values = {"kerja": "jadwal", "umur": "7", "skema": "", "urut": "terlama"}
        answer = admin.post("/admin/cari", data=values, headers=HX)
        fresh = soup(admin.get(answer.headers["HX-Push-Url"]))
        assert same(main(swap(before, answer, "#workbench")), main(fresh))

    @pytest.mark.parametrize(
        "query",
        [
            "keadaan=xx",
            "umur=8",
            "umur=-1",
            "verifikator=%27",
            "urut=x",
            "verifikator=0000000000000000",
        ],
    )
    def test_what_is_unknown_breaks_nothing(self, admin, cast, query):
        assert admin.get(f"/admin?{query}").status_code == 200


class TestQueries:
    @pytest.mark.parametrize(
        "query",
        [
            "kerja=semua&umur=merah",
            "kerja=jadwal&keadaan=paid&verifikator=saya",
            "cari=asesi",
            "cari=asesi&kerja=jadwal&umur=kuning",
        ],
    )
    def test_at_most_three_whatever_is_chosen(self, app, admin, cast, query):
        """And one for the number on a tab."""
        many(30, cast.skema)
        assert queries(app, lambda: admin.get(f"/admin?{query}")) <= 3 + 1 + SIGN_IN

    def test_the_auditor_filters_too_and_ticks_nothing(self, sign_in, cast):
        waiting(cast, S.PAID, 8)
        page = soup(sign_in(Role.AUDITOR).get("/auditor?kerja=jadwal&umur=7"))
        assert names(page) == ["paid 8 hari"]
        assert page.select_one("input[type=checkbox], #ticked, form[action='/admin/unduh']") is None


def test_the_address_of_a_case_carries_the_filter(admin, cast):
    case = make_permohonan(S.PAID, cast=cast)
    page = soup(admin.get("/admin?kerja=jadwal&urut=terbaru"))
    assert page.find("a", string=case.asesi_name)["href"] == case_url(
        case, dari="kerja=jadwal&urut=terbaru"
    )
