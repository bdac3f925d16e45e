"""The form of a jadwal: what bars it, who cannot be chosen and why, and what may still change once confirmed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, Jadwal
from lsp.vocabulary import JadwalStatus, MeetingKind, Mode, PermohonanStatus, Role
from tests import factories
from tests.html import errors, filled, form, notices, soup, words
from tests.htmx import HX
from tests.support.meetings import make_jadwal, make_profile, make_slot, make_tuk
from tests.workflow.cases import hold_seat, make_permohonan


def day(days=0):
    return (clock.today_wib() + timedelta(days=days)).isoformat()


def asesor_named(name, **columns):
    person = factories.make_user(Role.ASESOR, name=name)
    if columns.pop("registered", True):
        make_profile(person, **columns)
    return person


@pytest.fixture
def fit(app):
    return asesor_named("Asesor Cocok")


@pytest.fixture
def typed(fit):
    skema = factories.make_skema(remote=True)
    return {
        "name": "Angkatan 1", "skema": skema.public_id, "tuk": make_tuk().public_id, "mode": "daring",
        "starts_on": day(1), "ends_on": day(9), "asesor_1": fit.public_id, "asesor_2": "",
    }  # fmt: skip


class TestBeforeAnybodyPresses:
    def test_who_cannot_be_chosen_is_listed_with_the_reason(self, admin, typed):
        asesor_named("Asesor Tanpa SKK", skk_number="")
        asesor_named("Asesor Lain Lingkup", scope=["SI01"])
        asesor_named("Asesor Belum Diisi", registered=False)
        answer = admin.get("/admin/jadwal/cek", query_string=typed, headers=HX)
        panel = soup(answer)
        told = words(panel)
        for sentence in (
            "SKK milik Asesor Tanpa SKK belum dicatat", "Asesor Lain Lingkup tidak punya lingkup",
            "Asesor Belum Diisi belum terdaftar lengkap", "Tidak dapat dipilih (3)",
        ):  # fmt: skip
            assert sentence in told
        assert panel.h1 is None, "the panel alone"
        chosen = panel.select_one("select[name=asesor_1] option[selected]")
        assert chosen.text == "Asesor Cocok"

    def test_what_bars_the_confirmation(self, admin, typed):
        tuk = make_tuk(verified_on=None)
        skema = factories.make_skema()
        sent = typed | {"tuk": tuk.public_id, "skema": skema.public_id}
        told = words(soup(admin.get("/admin/jadwal/cek", query_string=sent, headers=HX)))
        assert "TUK ini belum diverifikasi" in told
        assert "tidak punya izin asesmen jarak jauh" in told
        face_to_face = sent | {"mode": "luring"}
        told = words(soup(admin.get("/admin/jadwal/cek", query_string=face_to_face, headers=HX)))
        assert "izin asesmen jarak jauh" not in told

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"skema": "X", "mode": "telepati"},
            {"ends_on": "besok"},
            {"starts_on": day(9), "ends_on": day(1)},
        ],
    )
    def test_half_a_form_is_no_fault(self, admin, typed, sent):
        answer = admin.get("/admin/jadwal/cek", query_string=sent)
        assert answer.status_code == 200

    def test_the_letter_of_the_tuk_stands_with_it(self, admin, typed):
        tuk = make_tuk(verification_letter="77/VER")
        assert "77/VER" in words(soup(admin.get("/admin/jadwal/baru")))
        assert tuk.name in words(soup(admin.get("/admin/jadwal/baru")))


class TestWithoutScripts:
    def test_the_answer_to_the_post_says_the_same_and_keeps_all(self, admin, typed):
        unfit = asesor_named("Asesor Habis", met_valid_until=clock.today_wib() + timedelta(days=5))
        answer = admin.post("/admin/jadwal/baru", data=typed | {"asesor_2": unfit.public_id})
        assert answer.status_code == 409
        page = soup(answer)
        assert "Sertifikat MET Asesor Habis hanya berlaku" in errors(page)["asesor_2"]
        drawn = filled(form(page, "/admin/jadwal/baru"))
        assert (drawn["name"], *drawn["asesor_2"]) == ("Angkatan 1", unfit.public_id)
        assert db.session.query(Jadwal).count() == 0

    def test_a_button_of_its_own_asks_and_saves_nothing(self, admin, typed):
        asesor_named("Asesor Tanpa SKK", skk_number="")
        ask = soup(admin.get("/admin/jadwal/baru")).select_one("noscript button")
        sent = typed | {"name": "", ask["name"]: ask["value"]}
        answer = admin.post("/admin/jadwal/baru", data=sent)
        page = soup(answer)
        assert (answer.status_code, answer.location) == (200, None), "nothing of it in an address"
        assert "SKK milik Asesor Tanpa SKK belum dicatat" in words(page)
        assert filled(form(page, "/admin/jadwal/baru"))["asesor_1"] == [typed["asesor_1"]]
        assert errors(page) == {}, "what is not yet typed is no fault"
        assert db.session.query(Jadwal).count() == 0


class TestChanging:
    def change(self, admin, jadwal, **changes):
        url = url_for("admin.change_jadwal", jadwal_id=jadwal.public_id)
        return admin.post(url, data=filled(form(soup(admin.get(url)), url)) | changes)

    def fresh(self, jadwal):
        db.session.expire_all()
        return db.session.get(Jadwal, jadwal.id)

    def test_a_draft_freely(self, admin, fit):
        jadwal = make_jadwal(
            fit, status=JadwalStatus.DRAFT, surat_tugas_number="", surat_tugas_date=None
        )
        other = asesor_named("Asesor Dua")
        answer = self.change(
            admin,
            jadwal,
            name="Nama baru",
            mode="luring",
            asesor_1=other.public_id,
            asesor_2=fit.public_id,
        )
        assert answer.status_code == 303
        row = self.fresh(jadwal)
        assert (row.name, row.mode, row.asesor_1_id, row.asesor_2_id) == (
            "Nama baru", Mode.LURING, other.id, fit.id,
        )  # fmt: skip
        assert "jadwal.change" in [event.action for event in db.session.query(AuditEvent)]

    def test_without_scripts_it_is_asked_before_it_is_changed(self, admin, fit):
        jadwal = make_jadwal(
            fit, status=JadwalStatus.DRAFT, surat_tugas_number="", surat_tugas_date=None
        )
        asesor_named("Asesor Tanpa SKK", skk_number="")
        answer = self.change(admin, jadwal, name="Nama baru", press="cek")
        assert answer.status_code == 200
        assert "SKK milik Asesor Tanpa SKK belum dicatat" in words(soup(answer))
        assert self.fresh(jadwal).name != "Nama baru"

    def test_a_confirmed_one_keeps_what_the_surat_tugas_names(self, admin, fit):
        jadwal = make_jadwal(fit)
        other = asesor_named("Asesor Dua")
        url = url_for("admin.change_jadwal", jadwal_id=jadwal.public_id)
        page = soup(admin.get(url))
        assert page.find(id="jadwal-check").get("hx-get") is None, "it would bring asesor 1 back"
        assert page.select_one("[name=skema], [name=mode], [name=asesor_1]") is None
        assert jadwal.surat_tugas_number in words(page)
        answer = self.change(
            admin,
            jadwal,
            name="Nama baru",
            asesor_1=other.public_id,
            mode="luring",
            asesor_2=other.public_id,
        )
        assert answer.status_code == 303
        row = self.fresh(jadwal)
        assert (row.name, row.asesor_1_id, row.mode, row.asesor_2_id) == (
            "Nama baru", fit.id, Mode.DARING, other.id,
        )  # fmt: skip

    def test_dates_hold_the_slots_that_stand(self, admin, fit):
        jadwal = make_jadwal(fit)
        make_slot(fit, jadwal=jadwal, starts_at=clock.now() + timedelta(days=10))
        answer = self.change(admin, jadwal, ends_on=day(8))
        assert answer.status_code == 409
        page = soup(answer)
        assert "1 slot kosong berada di luar tanggal itu" in errors(page)["ends_on"]
        assert filled(form(page, url_for("admin.change_jadwal", jadwal_id=jadwal.public_id)))[
            "ends_on"
        ] == day(8)
        assert self.change(admin, jadwal, ends_on=day(12)).status_code == 303

    def test_empty_slots_outside_are_closed_in_one_press_once_that_is_ticked(self, admin, fit):
        jadwal = make_jadwal(fit)
        outside = [
            make_slot(fit, jadwal=jadwal, starts_at=clock.now() + timedelta(days=days))
            for days in (9, 10)
        ]
        inside = make_slot(fit, jadwal=jadwal, starts_at=clock.now() + timedelta(days=7))
        refused = soup(self.change(admin, jadwal, ends_on=day(8)))
        action = url_for("admin.change_jadwal", jadwal_id=jadwal.public_id)
        assert refused.find("input", attrs={"name": "close_outside", "type": "checkbox"})
        sent = filled(form(refused, action)) | {"close_outside": "y"}
        answer = admin.post(action, data=sent)
        assert answer.status_code == 303
        db.session.expire_all()
        assert all(slot.cancelled_at is not None for slot in outside)
        assert inside.cancelled_at is None
        assert self.fresh(jadwal).ends_on.isoformat() == day(8)

    def test_a_booked_slot_outside_is_never_closed_with_the_others(self, admin, cast):
        case = make_permohonan(PermohonanStatus.PAID, cast=cast)
        seat = hold_seat(
            case, MeetingKind.PRE_ASSESSMENT, cast, starts_at=clock.now() + timedelta(days=10)
        )
        answer = self.change(admin, seat.slot.jadwal, ends_on=day(8), close_outside="y")
        assert answer.status_code == 409
        assert "1 di antaranya sudah dipesan" in errors(soup(answer))["ends_on"]
        db.session.expire_all()
        assert seat.slot.cancelled_at is None

    def test_longer_only_while_papers_and_permission_hold(self, admin, fit):
        jadwal = make_jadwal(fit)
        answer = self.change(admin, jadwal, ends_on=day(320))
        assert answer.status_code == 409
        assert "izin asesmen jarak jauh" in notices(soup(answer))[0]
        assert self.fresh(jadwal).ends_on != clock.today_wib() + timedelta(days=320)

    def test_not_the_tuk_of_those_who_booked(self, admin, cast):
        make_permohonan(PermohonanStatus.PRE_SCHEDULED, cast=cast)
        jadwal = cast.jadwal[Mode.DARING]
        answer = self.change(admin, jadwal, tuk=make_tuk().public_id)
        assert answer.status_code == 409
        assert "1 asesi sudah memesan" in errors(soup(answer))["tuk"]

    def test_not_an_asesor_2_who_has_slots(self, admin, fit):
        second = asesor_named("Asesor Dua")
        jadwal = make_jadwal(fit, asesor_2_id=second.id)
        make_slot(second, jadwal=jadwal)
        answer = self.change(admin, jadwal, asesor_2="")
        assert "punya 1 slot" in errors(soup(answer))["asesor_2"]

    def test_of_two_tabs_the_second_is_told_and_keeps_what_it_typed(self, admin, fit):
        jadwal = make_jadwal(fit)
        url = url_for("admin.change_jadwal", jadwal_id=jadwal.public_id)
        first = filled(form(soup(admin.get(url)), url)) | {"name": "Tab satu"}
        assert admin.post(url, data=first).status_code == 303
        assert admin.post(url, data=first).status_code == 303, "the same form sent twice"
        answer = admin.post(url, data=first | {"name": "Tab dua"})
        assert answer.status_code == 409
        again = filled(form(soup(answer), url))
        assert again["name"] == "Tab dua"
        assert self.fresh(jadwal).name == "Tab satu"
        assert admin.post(url, data=again).status_code == 303

    @pytest.mark.parametrize(
        "status", [JadwalStatus.DONE, JadwalStatus.CLOSED, JadwalStatus.CANCELLED]
    )
    def test_not_when_it_is_over(self, admin, fit, status):
        jadwal = make_jadwal(fit)
        url = url_for("admin.change_jadwal", jadwal_id=jadwal.public_id)
        sent = filled(form(soup(admin.get(url)), url)) | {"name": "Terlambat"}
        jadwal.status = status
        db.session.commit()
        assert "tidak dapat diubah" in notices(soup(admin.get(url)))[0]
        assert admin.post(url, data=sent | {"version": jadwal.version}).status_code == 409
        assert self.fresh(jadwal).name != "Terlambat"
