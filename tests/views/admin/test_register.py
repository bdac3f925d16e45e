"""From an empty installation to a meeting that can be booked, through the pages of Pengaturan and one command."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.config import ROOT
from lsp.database import db
from lsp.models import AsesorProfile, AuditEvent, RemotePermission, SkemaVersion, Slot, Tuk
from lsp.models.inforce import current_lembaga
from lsp.services import installation, skema_import
from lsp.vocabulary import JadwalStatus, Role
from tests import factories
from tests.html import errors, filled, form, links, soup, words
from tests.support.meetings import make_profile, make_tuk

HEADER = ROOT / "docs" / "examples" / "skema.header.json"
UNITS = ROOT / "docs" / "examples" / "skema.json"
LEMBAGA = {
    "name": "LSP Rekaan Sejahtera", "name_en": "", "licence_number": "BNSP-LSP-9999-ID", "licence_from": "",
    "licence_until": "", "address": "Jalan Rekaan 1", "city": "Sleman", "phone": "0274 555 0100",
    "email": "halo@lsp.example", "whatsapp": "", "zone": "Asia/Jakarta",
}  # fmt: skip
TUK = {
    "name": "TUK Sewaktu Rekaan", "kind": "sewaktu", "code": "TUK-01", "address": "Jalan Rekaan 1",
    "verification_letter": "001/VER/2026", "verification_signer": "Rekaan", "verified_on": "2026-01-05",
}  # fmt: skip


def day(days: int = 0) -> str:
    return (clock.today_wib() + timedelta(days=days)).isoformat()


SKK = {
    "skk_number": "SKK.1",
    "skk_valid_until": (clock.today_wib() + timedelta(days=900)).isoformat(),
}


class TestFromEmptyToASlot:
    def test_every_page_in_turn(self, app, admin):
        installation.add_lembaga()
        db.session.commit()
        person = factories.make_user(Role.ASESOR)
        assert "Belum lengkap" in words(soup(admin.get("/admin/pengaturan")))
        self.fill(admin, person)
        todo = words(soup(admin.get("/admin/pengaturan")).select_one("[aria-labelledby=belum]"))
        assert "Rekening" in todo  # a rule with a page of its own, not needed for a meeting
        assert "TUK" not in todo
        assert "Asesor" not in todo
        self.plan(admin, person)
        assert db.session.scalars(select(Slot)).one().asesor_id == person.id

    def fill(self, admin, person):
        admin.post("/admin/pengaturan/lembaga", data=LEMBAGA | {"effective_from": day()})
        data, header = json.loads(UNITS.read_text()), json.loads(HEADER.read_text())
        version = skema_import.import_skema(data, skema_import.SkemaHeader.from_dict(header))
        db.session.commit()
        admin.post(url_for("admin.open_for_registration", version_id=version.public_id))
        admin.post("/admin/pengaturan/tuk", data=TUK)
        address = url_for("admin.save_asesor", user_id=person.public_id)
        values = {"met_number": "MET.000.000001.2026", "met_valid_until": day(900)} | SKK
        admin.post(address, data=values | {"jenjang": "7", "scope": header["subklasifikasi_code"]})
        values = {
            "skema": version.skema.public_id,
            "number": "001/SJJ",
            "methods": version.methods or "portofolio",
        }
        admin.post(
            "/admin/pengaturan/izin-jarak-jauh",
            data=values | {"valid_from": day(), "valid_until": day(900)},
        )

    def plan(self, admin, person):
        version = db.session.scalars(select(SkemaVersion)).one()
        tuk = db.session.scalars(select(Tuk)).one()
        values = {
            "name": "Pertama",
            "skema": version.public_id,
            "tuk": tuk.public_id,
            "mode": "daring",
        }
        made = admin.post(
            "/admin/jadwal/baru",
            data=values | {"starts_on": day(1), "ends_on": day(9), "asesor_1": person.public_id},
        )
        page = soup(admin.get(made.location))
        confirm = form(page, made.location + "/langkah/confirm")
        assert admin.post(confirm["action"], data=filled(confirm)).status_code == 303
        values = {"asesor": person.public_id, "kind": "pre_assessment", "minutes": "60"}
        admin.post(
            made.location + "/slot",
            data=values | {"day": day(2), "time": "09.00", "capacity": "1", "meeting_url": ""},
        )
        assert version.skema.versions[0].opened_at is not None
        assert JadwalStatus.CONFIRMED.label in words(soup(admin.get(made.location)))


class TestJadwalBaru:
    def test_names_what_is_missing_with_links(self, admin):
        page = soup(admin.get("/admin/jadwal/baru"))
        assert "Jadwal belum dapat dibuat" in words(page)
        assert links(page)["TUK yang sudah diverifikasi"] == "/admin/pengaturan/tuk"
        assert page.select_one("select") is None


class TestLembaga:
    def change(self, admin, **values):
        sent = LEMBAGA | {"effective_from": day()} | values
        return admin.post("/admin/pengaturan/lembaga", data=sent)

    def test_the_placeholder_is_not_offered_as_a_name(self, admin):
        installation.add_lembaga()
        db.session.commit()
        page = soup(admin.get("/admin/pengaturan/lembaga"))
        assert filled(form(page, "/admin/pengaturan/lembaga"))["name"] == ""

    def test_a_later_day_is_a_new_version(self, admin):
        installation.add_lembaga("LSP Sekarang")
        db.session.commit()
        before = current_lembaga().name
        assert self.change(admin, effective_from=day(5)).status_code == 303
        assert current_lembaga().name == before
        assert current_lembaga(clock.today_wib() + timedelta(days=5)).name == LEMBAGA["name"]
        assert "lembaga.change" in {row.action for row in db.session.scalars(select(AuditEvent))}

    def test_today_is_corrected_in_place(self, admin):
        self.change(admin)
        assert self.change(admin, city="Bantul").status_code == 303
        assert current_lembaga().city == "Bantul"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""), ("licence_number", "123"), ("email", "x"), ("phone", "telepon"),
            ("effective_from", "2020-02-02"), ("licence_until", "nanti"), ("zone", "Mars"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_stands_by_its_field(self, admin, field, value):
        answer = self.change(admin, **{field: value})
        assert answer.status_code == 422
        assert field in errors(soup(answer))


class TestTuk:
    def test_a_code_stands_once_and_nothing_typed_is_lost(self, admin):
        make_tuk(code="TUK-01")
        answer = admin.post("/admin/pengaturan/tuk", data=TUK)
        page = soup(answer)
        assert "code" in errors(page)
        assert filled(form(page, "/admin/pengaturan/tuk"))["name"] == TUK["name"]

    def test_can_be_verified_later(self, admin):
        row = make_tuk(verified_on=None, address="Jalan Rekaan 1")
        address = url_for("admin.tuk", tuk_id=row.public_id)
        values = filled(form(soup(admin.get(address)), address))
        assert admin.post(address, data=values | {"verified_on": "2026-02-01"}).status_code == 303
        assert db.session.get(Tuk, row.id).verified_on.isoformat() == "2026-02-01"

    def test_of_two_tabs_the_second_is_told_and_keeps_what_it_typed(self, admin):
        row = make_tuk(address="Jalan Rekaan 1")
        address = url_for("admin.tuk", tuk_id=row.public_id)
        first = filled(form(soup(admin.get(address)), address)) | {"address": "Jalan Baru 2"}
        second = first | {"address": "Jalan Rekaan 1", "siki_code": "S-9"}
        assert admin.post(address, data=first).status_code == 303
        assert admin.post(address, data=first).status_code == 303, "the same form sent twice"
        answer = admin.post(address, data=second)
        assert answer.status_code == 409
        page = soup(answer)
        assert "sudah berubah" in errors(page)["name"]
        again = filled(form(page, address))
        assert (again["siki_code"], again["address"].strip()) == ("S-9", "Jalan Rekaan 1")
        db.session.expire_all()
        assert db.session.get_one(Tuk, row.id).address == "Jalan Baru 2"
        assert admin.post(address, data=again).status_code == 303


class TestAsesor:
    def test_of_two_tabs_the_second_is_told_and_keeps_what_it_typed(self, admin):
        person = factories.make_user(Role.ASESOR)
        address = url_for("admin.save_asesor", user_id=person.public_id)
        values = {
            "met_number": "MET.1",
            "met_valid_until": day(9),
            "jenjang": "7",
            "scope": "MP01",
        } | SKK
        new = filled(form(soup(admin.get(address)), address)) | values
        assert admin.post(address, data=new).status_code == 303
        assert admin.post(address, data=new).status_code == 303, "the same form sent twice"
        assert admin.post(address, data=new | {"jenjang": "8"}).status_code == 409
        first = filled(form(soup(admin.get(address)), address))
        assert admin.post(address, data=first | {"met_number": "MET.2"}).status_code == 303
        answer = admin.post(address, data=first | {"jenjang": "9"})
        assert answer.status_code == 409
        again = filled(form(soup(answer), address))
        assert (again["jenjang"], again["met_number"]) == ("9", "MET.1")
        assert admin.post(address, data=again).status_code == 303

    def test_scope_is_chosen_from_the_known_codes(self, admin):
        person = factories.make_user(Role.ASESOR)
        address = url_for("admin.save_asesor", user_id=person.public_id)
        values = {"met_number": "MET.1", "met_valid_until": day(9), "jenjang": "7"} | SKK
        assert "scope" in [each.partition("-")[0] for each in self.wrong(admin, address, values)]
        assert self.wrong(admin, address, values | {"scope": "k3 umum"})
        sent = values | {"scope": ["MP01", "SI04"]}
        assert admin.post(address, data=sent).status_code == 303
        assert db.session.get(AsesorProfile, person.id).scope == ["MP01", "SI04"]
        shown = filled(form(soup(admin.get(address)), address))
        assert shown["scope"] == ["MP01", "SI04"]

    def wrong(self, admin, address, values):
        """Fields that the summary of a refused form leads to."""
        answer = admin.post(address, data=values)
        assert answer.status_code == 422
        return [a["href"].lstrip("#") for a in soup(answer).select(".notice.bad a")]

    def test_an_own_code_that_no_list_has_can_be_kept(self, admin):
        person = factories.make_user(Role.ASESOR)
        make_profile(person, scope=["ZZ99"])
        address = url_for("admin.save_asesor", user_id=person.public_id)
        values = filled(form(soup(admin.get(address)), address))
        assert values["scope"] == ["ZZ99"] or values["scope"] == "ZZ99"
        assert admin.post(address, data=values | {"jenjang": "8"}).status_code == 303

    @pytest.mark.parametrize("field", ["skk_number", "skk_valid_until"])
    def test_the_own_skk_is_asked(self, admin, field):
        person = factories.make_user(Role.ASESOR)
        address = url_for("admin.save_asesor", user_id=person.public_id)
        values = {
            "met_number": "MET.1",
            "met_valid_until": day(9),
            "jenjang": "7",
            "scope": "MP01",
        } | SKK
        assert self.wrong(admin, address, values | {field: ""}) == [field]

    def test_the_list_says_whose_skk_is_missing_or_over(self, admin):
        for columns in (
            {"skk_valid_until": None},
            {"skk_valid_until": clock.today_wib() - timedelta(days=1)},
        ):
            make_profile(factories.make_user(Role.ASESOR), **columns)
        page = words(soup(admin.get("/admin/pengaturan/asesor")))
        assert "SKK belum diisi" in page
        assert "SKK habis" in page

    def test_the_list_says_in_how_many_days_it_ends(self, admin):
        last = clock.today_wib() + timedelta(days=40)
        make_profile(factories.make_user(Role.ASESOR), skk_valid_until=last)
        page = words(soup(admin.get("/admin/pengaturan/asesor")))
        assert "SKK sampai" in page
        assert "habis dalam 40 hari" in page


class TestRemotePermission:
    def test_the_same_letter_once(self, admin):
        skema = factories.make_skema().skema
        values = {
            "skema": skema.public_id, "number": "7/SJJ", "valid_from": day(), "valid_until": day(9),
            "methods": "portofolio",
        }  # fmt: skip
        admin.post("/admin/pengaturan/izin-jarak-jauh", data=values)
        answer = admin.post("/admin/pengaturan/izin-jarak-jauh", data=values)
        assert "number" in errors(soup(answer))
        assert len(db.session.scalars(select(RemotePermission)).all()) == 1
