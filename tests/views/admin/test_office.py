"""Catat ID Izin, Petugas, Pengaturan: forms that keep what was typed, and rows that are only ever added."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.data import read_json
from lsp.database import db
from lsp.models import AuditEvent, OutboxMessage, Permohonan, Setting, StaffProposal, User
from lsp.models.inforce import setting
from lsp.services import settings as rules
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.html import errors, filled, form, h1, notices, soup, words


def everything(row):
    return db.session.scalars(select(row)).all()


class TestIdIzin:
    def values(self, version, **data):
        return {
            "id_izin": "i-2026111809150100042", "name": "Rosmaida Contoh", "email": "Rosmaida@contoh.id",
            "skema": version.public_id, "kind": "baru", "mode": "daring",
        } | data  # fmt: skip

    def test_opens_a_draft_and_invites(self, admin):
        skema = factories.make_skema()
        answer = admin.post("/admin/id-izin", data=self.values(skema))
        case = everything(Permohonan)[0]
        assert answer.location == url_for("admin.permohonan", permohonan_id=case.public_id)
        assert (case.status, case.id_izin) == (PermohonanStatus.DRAFT, "I-2026111809150100042")
        assert "invite" in {row.kind for row in everything(OutboxMessage)}

    def test_the_next_one_is_typed_at_once(self, admin):
        answer = admin.post("/admin/id-izin", data=self.values(factories.make_skema(), lagi="ya"))
        assert answer.location == url_for("admin.take_in_form")
        assert "I-2026111809150100042 dicatat" in " ".join(
            notices(soup(admin.get(answer.location)))
        )

    def test_a_fresh_draft_says_whom_it_waits_for(self, admin):
        answer = admin.post("/admin/id-izin", data=self.values(factories.make_skema()))
        steps = soup(admin.get(answer.location)).select_one("#steps")
        assert "Menunggu asesi mengambil permohonan ini" in words(steps)

    def test_twice_opens_one(self, admin):
        skema = factories.make_skema()
        admin.post("/admin/id-izin", data=self.values(skema))
        answer = admin.post("/admin/id-izin", data=self.values(skema))
        assert answer.status_code == 422
        assert "id_izin" in errors(soup(answer))
        assert len(everything(Permohonan)) == 1

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("id_izin", "", "Isi ID Izin."), ("id_izin", "abc", "tidak seperti biasanya"),
            ("id_izin", "x" * 200, "Paling panjang 80 huruf."), ("name", "", "Isi nama lengkap."),
            ("name", "x" * 121, "Paling panjang 120 huruf."), ("name", "علي", "tidak dapat dicetak"),
            ("email", "bukan alamat", "belum lengkap"),
            ("skema", "TIDAKADA", "Pilih dari daftar yang ada."), ("kind", "lain", "Pilih dari daftar yang ada."),
            ("mode", "", "Pilih salah satu."),
        ],
    )  # fmt: skip
    def test_what_is_wrong_stands_by_its_field_and_the_rest_is_kept(
        self, admin, field, value, sentence
    ):
        answer = admin.post(
            "/admin/id-izin", data=self.values(factories.make_skema(), **{field: value})
        )
        page = soup(answer)
        assert answer.status_code == 422
        assert sentence in errors(page)[field]
        kept = filled(form(page, "/admin/id-izin"))
        assert kept["name" if field != "name" else "email"] in (
            "Rosmaida Contoh",
            "Rosmaida@contoh.id",
        )
        assert everything(Permohonan) == []

    def test_not_for_a_colleague(self, admin):
        colleague = factories.make_user(Role.ASESOR)
        answer = admin.post(
            "/admin/id-izin", data=self.values(factories.make_skema(), email=colleague.email)
        )
        assert "akun petugas" in errors(soup(answer))["email"]

    def test_without_an_open_skema_it_says_so(self, admin):
        assert "Belum ada skema yang dibuka" in words(soup(admin.get("/admin/id-izin")))


class TestStaff:
    def propose(self, admin, **data):
        values = {
            "name": "Calon Asesor", "email": "calon@contoh.id", "role": "asesor", "reason": "Asesor ketiga kami.",
        }  # fmt: skip
        return admin.post("/admin/petugas", data=values | data)

    def test_a_proposal_waits_for_the_ketua(self, admin):
        assert self.propose(admin).status_code == 303
        page = soup(admin.get("/admin/petugas"))
        assert "Calon Asesor sebagai Asesor" in words(page)
        assert db.session.scalar(select(User).where(User.email == "calon@contoh.id")) is None

    def test_twice_proposes_once(self, admin):
        self.propose(admin)
        answer = self.propose(admin)
        assert answer.status_code == 422
        assert "sudah menunggu" in errors(soup(answer))["email"]
        assert len(everything(StaffProposal)) == 1

    def test_never_for_oneself(self, admin):
        answer = self.propose(admin, email=admin.user.email, role="ketua")
        assert "diri sendiri" in errors(soup(answer))["email"]

    @pytest.mark.parametrize("role", ["asesi", "system", "", "raja"])
    def test_only_roles_of_staff(self, admin, role):
        answer = self.propose(admin, role=role)
        assert answer.status_code == 422
        assert everything(StaffProposal) == []

    def test_closing_an_account_ends_its_places(self, admin, sign_in):
        colleague = sign_in(Role.ASESOR)
        address = url_for("admin.disable", user_id=colleague.user.public_id)
        page = soup(admin.get(address))
        assert h1(page) == f"Tutup akun {colleague.user.name}?"
        assert admin.post(address, data=filled(form(page, address))).status_code == 303
        assert colleague.get("/akun").status_code == 302
        again = admin.post(address)
        assert again.status_code == 409
        assert any("sudah ditutup" in each for each in notices(soup(again)))

    def test_never_ones_own(self, admin):
        answer = admin.post(url_for("admin.disable", user_id=admin.user.public_id))
        assert answer.status_code == 409
        assert admin.get("/akun").status_code == 200

    def test_an_asesi_is_not_staff(self, admin):
        asesi = factories.make_user()
        assert admin.get(url_for("admin.disable", user_id=asesi.public_id)).status_code == 404


class TestSettings:
    def change(self, admin, key, value, **data):
        values = {
            "value": value,
            "effective_from": clock.today_wib().isoformat(),
            "doubt": "",
        } | data
        return admin.post(url_for("admin.change_setting", key=key), data=values)

    def test_lists_value_since_and_doubt(self, admin):
        text = words(soup(admin.get("/admin/pengaturan")).select_one("#aturan"))
        row = text.partition("Batas pembayaran sejak tagihan dikirim (hari)")[2]
        assert "· belum pasti" in row[:60]
        page = soup(admin.get(url_for("admin.setting", key="invoice_days")))
        assert "7 hari berasal" in page.select_one("[name=doubt]").get_text()
        assert "semua setuju" in text

    def test_a_change_is_a_new_row(self, admin):
        before = len(everything(Setting))
        assert self.change(admin, "invoice_days", "10").status_code == 303
        assert setting("invoice_days") == 10
        assert len(everything(Setting)) == before + 1
        assert "setting.change" in {row.action for row in everything(AuditEvent)}

    def test_of_two_tabs_the_second_is_told_and_the_first_stands(self, admin):
        address = url_for("admin.setting", key="invoice_days")
        first = filled(form(soup(admin.get(address)), address))
        first |= {"effective_from": clock.today_wib().isoformat(), "value": "10"}
        before = len(everything(Setting))
        assert admin.post(address, data=first).status_code == 303
        assert admin.post(address, data=first).status_code == 303, "the same form sent twice"
        assert len(everything(Setting)) == before + 1
        answer = admin.post(address, data=first | {"value": "12"})
        assert answer.status_code == 409
        page = soup(answer)
        assert "sudah berubah" in errors(page)["value"]
        assert setting("invoice_days") == 10
        again = filled(form(page, address))
        assert again["value"].strip() == "12"
        assert admin.post(address, data=again).status_code == 303
        assert setting("invoice_days") == 12

    def test_a_change_to_come_stands_beside_what_holds(self, admin):
        later = (clock.today_wib() + timedelta(days=9)).isoformat()
        self.change(admin, "invoice_days", "10", effective_from=later)
        assert setting("invoice_days") == 7
        assert "Mulai" in words(soup(admin.get("/admin/pengaturan")).select_one("#aturan"))

    @pytest.mark.parametrize(
        ("key", "value", "stored"),
        [
            ("pleno_rule", "suara terbanyak", "majority"),
            ("meeting_reminder_hours", "48\n2", [48, 2]),
            (
                "asesor_jenjang",
                "5: 3\n6: 6\n7: 7\n8: 8\n9: 9",
                {"5": 3, "6": 6, "7": 7, "8": 8, "9": 9},
            ),
            ("jitsi_base", "https://rapat.contoh.id", "https://rapat.contoh.id"),
        ],
    )
    def test_each_shape(self, admin, key, value, stored):
        assert self.change(admin, key, value).status_code == 303
        assert setting(key) == stored

    def test_the_jenjang_are_typed_as_a_table(self, admin):
        url = url_for("admin.change_setting", key="asesor_jenjang")
        page = soup(admin.get(url))
        assert "Asesor jenjang 5" in words(page)
        assert page.find("textarea", attrs={"name": "value"}) is None
        sent = filled(form(page, url))
        assert [sent[f"baris-{jenjang}"] for jenjang in range(5, 10)] == list("36689")
        wrong = admin.post(url, data=sent | {"baris-8": "99"})
        assert wrong.status_code == 422
        assert "99 tidak dapat dipakai" in errors(soup(wrong))["value"]
        assert filled(form(soup(wrong), url))["baris-8"] == "99"
        assert admin.post(url, data=sent | {"baris-8": ""}).status_code == 422
        assert admin.post(url, data=sent | {"baris-5": "4"}).status_code == 303
        assert setting("asesor_jenjang")["5"] == 4

    @pytest.mark.parametrize(
        "line", ["idle_days", "invoice_days", "link_hosts", "pleno_rule", "meeting_reminder_hours"]
    )
    def test_what_is_shown_can_be_saved_as_it_is(self, admin, line):
        address = url_for("admin.setting", key=line)
        before = setting(line)
        assert (
            admin.post(address, data=filled(form(soup(admin.get(address)), address))).status_code
            == 303
        )
        assert setting(line) == before

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("invoice_days", "tujuh"), ("invoice_days", "-1"), ("invoice_days", "9" * 30), ("invoice_days", ""),
            ("pleno_rule", "sesuka ketua"), ("asesor_jenjang", "5: 3"), ("asesor_jenjang", "x"),
            ("meeting_reminder_hours", "24\ndua"),
        ],
    )  # fmt: skip
    def test_another_shape_is_refused_and_kept(self, admin, key, value):
        before = setting(key)
        answer = self.change(admin, key, value)
        assert answer.status_code == 422
        assert "value" in errors(soup(answer))
        assert soup(answer).select_one("textarea[name=value]").get_text().split() == value.split()
        assert setting(key) == before

    @pytest.mark.parametrize(
        ("key", "value", "least", "most"),
        [
            ("repair_days", "999999999", 1, 365), ("repair_days", "0", 1, 365), ("pleno_quorum", "1", 2, 15),
            ("absences_until_dropped", "0", 1, 10), ("quota_mb_per_permohonan", "0", 20, 2_000),
            ("meeting_reminder_hours", "24\n0", 1, 336),
            ("asesor_jenjang", "5: 3\n6: 6\n7: 7\n8: 8\n9: 99", 1, 9),
        ],
    )  # fmt: skip
    def test_an_absurd_number_is_refused_with_what_may_be_written(
        self, admin, key, value, least, most
    ):
        before = setting(key)
        found = errors(soup(self.change(admin, key, value)))
        assert f"Tulis angka {least} sampai {most}." in found["value"]
        assert setting(key) == before

    def test_every_number_of_the_defaults_lies_inside_its_limits(self):
        for row in read_json("defaults/settings.json"):
            value = row["value"]
            if isinstance(value, str) or (isinstance(value, list) and isinstance(value[0], str)):
                continue
            assert row["key"] in rules.limits(), row["key"]
            assert rules.parse(row["key"], rules.as_text(value), value) == value

    @pytest.mark.parametrize("days", [0, 9])
    def test_a_mistake_is_corrected_by_a_further_version_of_the_same_day(self, admin, days):
        day = clock.today_wib() + timedelta(days=days)
        for value in ("80", "8"):
            answer = self.change(admin, "invoice_days", value, effective_from=day.isoformat())
            assert answer.status_code == 303
        assert setting("invoice_days", day) == 8
        text = words(soup(admin.get("/admin/pengaturan")).select_one("#aturan"))
        assert "80" not in text.partition("Batas pembayaran")[2][:200]
        kept = [row.value for row in everything(Setting) if row.key == "invoice_days"]
        assert kept == [7, 80, 8], "nothing is overwritten"

    def test_the_past_is_refused(self, admin):
        day = (clock.today_wib() - timedelta(days=1)).isoformat()
        answer = self.change(admin, "invoice_days", "9", effective_from=day)
        assert answer.status_code == 422
        assert "effective_from" in errors(soup(answer))


class TestGroups:
    ADDRESS = "/admin/pengaturan"

    def test_each_rule_stands_under_one_heading(self, admin):
        section = soup(admin.get(self.ADDRESS)).select_one("#aturan")
        heads = [words(each) for each in section.select("h3")]
        assert heads[0] == "Tagihan dan pembayaran"
        assert "Lainnya" not in heads, "setting_groups.json names every rule that ships"
        assert len(section.select(".list > li")) == len(rules.all_settings())

    def test_words_narrow_them(self, admin):
        section = soup(admin.get(f"{self.ADDRESS}?cari=RAPAT+tautan")).select_one("#aturan")
        found = [words(each) for each in section.select(".list > li")]
        assert any("Tautan rapat tampil" in each for each in found)
        assert all("rapat" in each.lower() or "tautan" in each.lower() for each in found)
        assert len(found) < 12
        assert section.select_one("[name=cari]")["value"] == "RAPAT tautan"

    def test_they_are_folded_by_group_and_open_where_words_were_found(self, admin):
        section = soup(admin.get(self.ADDRESS)).select_one("#aturan")
        groups = section.select("details")
        assert len(groups) == len(section.select("summary h3")) > 5
        assert not section.select("details[open]")
        assert words(groups[0].summary).startswith("Tagihan dan pembayaran")
        found = soup(admin.get(f"{self.ADDRESS}?cari=rapat")).select_one("#aturan")
        assert found.select("details") == found.select("details[open]")

    def test_nothing_found_says_so(self, admin):
        section = soup(admin.get(f"{self.ADDRESS}?cari=zzz")).select_one("#aturan")
        assert "Tidak ada aturan dengan kata “zzz”" in words(section)

    def test_one_that_is_named_nowhere_comes_last(self, admin):
        row = Setting(
            key="baru_sekali", effective_from=clock.today_wib(), value=1, label="Aturan baru"
        )
        factories.saved(row)
        last = soup(admin.get(self.ADDRESS)).select("#aturan h3")[-1]
        assert words(last) == "Lainnya"


class TestOpenSkema:
    def test_opens_through_a_page(self, admin):
        version = factories.make_skema(opened_at=None)
        link = soup(admin.get("/admin/pengaturan")).select_one("#skema .list a")["href"]
        page = soup(admin.get(link))
        assert version.title in words(page)
        assert admin.post(link, data=filled(form(page, link))).status_code == 303
        db.session.expire_all()
        assert version.opened_at is not None

    def test_an_incomplete_one_says_why(self, admin):
        version = factories.make_skema(incomplete_reason="Enam unit belum lengkap.")
        section = soup(admin.get("/admin/pengaturan")).select_one("#skema")
        assert "Enam unit belum lengkap." in words(section)
        assert section.select_one(".list a") is None
        address = url_for("admin.open_for_registration", version_id=version.public_id)
        assert admin.post(address).status_code == 409
