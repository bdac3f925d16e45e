"""Jadwal by the admin: made, confirmed with reasons shown before, meetings opened, seats booked for an asesi."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import Jadwal, OutboxMessage, Slot
from lsp.vocabulary import JadwalStatus, MeetingKind, Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.html import errors, filled, form, h1, links, notices, soup, table_rows, words
from tests.htmx import HX
from tests.support.meetings import make_jadwal, make_profile, make_slot, make_tuk
from tests.support.reports import make_ak_05, make_ak_06
from tests.test_pages import count_queries
from tests.workflow.cases import make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def asesor(app):
    user = factories.make_user(Role.ASESOR, name="Ir. Contoh Asesor")
    make_profile(user)
    return user


@pytest.fixture
def jadwal(asesor):
    return make_jadwal(
        asesor, status=JadwalStatus.DRAFT, surat_tugas_number="", surat_tugas_date=None
    )


def at(endpoint, **values):
    return url_for(f"admin.{endpoint}", **values)


class TestTheList:
    def test_empty_it_says_how_to_begin(self, admin):
        page = soup(admin.get("/admin/jadwal"))
        assert "Belum ada jadwal" in words(page)
        assert links(page)["Buat jadwal"] == "/admin/jadwal/baru"

    def test_rows(self, admin, jadwal, asesor):
        page = soup(admin.get("/admin/jadwal"))
        [row] = table_rows(page.table)
        assert row["Status"] == "Draf"
        assert asesor.name in row["Asesor"]
        assert links(page)[jadwal.name] == at("jadwal", jadwal_id=jadwal.public_id)

    def test_its_queries_do_not_grow(self, admin, asesor):
        make_jadwal(asesor)
        one = count_queries(lambda: admin.get("/admin/jadwal"))
        for _ in range(4):
            make_jadwal(asesor)
        db.session.rollback()
        assert count_queries(lambda: admin.get("/admin/jadwal")) <= one


class TestMaking:
    @pytest.fixture
    def good(self, asesor):
        today = clock.today_wib()
        skema = factories.make_skema(remote=True)
        return {
            "name": "Petugas K3 angkatan 1", "skema": skema.public_id, "tuk": make_tuk().public_id, "mode": "daring",
            "starts_on": today.isoformat(), "ends_on": (today + timedelta(days=5)).strftime("%d/%m/%Y"),
            "asesor_1": asesor.public_id, "asesor_2": "",
        }  # fmt: skip

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_a_draft(self, admin, good, headers):
        answer = admin.post("/admin/jadwal/baru", data=good, headers=headers)
        [made] = db.session.query(Jadwal).all()
        assert (answer.location or answer.headers["HX-Redirect"]) == at(
            "jadwal", jadwal_id=made.public_id
        )
        assert (made.status, made.mode, made.asesor_2_id) == (JadwalStatus.DRAFT, Mode.DARING, None)

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"name": ""}, "Isi nama jadwal"),
            ({"name": "x" * 161}, "Paling panjang 160"),
            ({"skema": "X" * 16}, "Pilih dari daftar"),
            ({"tuk": ""}, "Pilih"),
            ({"mode": "telepati"}, "Pilih salah satu"),
            ({"starts_on": "kapan-kapan"}, "Tulis tanggal"),
            ({"ends_on": "2020-01-01"}, "lebih awal"),
            ({"asesor_1": "X"}, "Pilih dari daftar"),
        ],
    )
    def test_bad_input_is_told_and_kept(self, admin, good, changes, sentence):
        answer = admin.post("/admin/jadwal/baru", data=good | changes)
        assert answer.status_code == 422
        page = soup(answer)
        assert any(sentence in each for each in errors(page).values()), errors(page)
        assert filled(form(page, "/admin/jadwal/baru"))["name"] == (good | changes)["name"]
        assert db.session.query(Jadwal).count() == 0

    def test_one_person_is_not_both_asesor(self, admin, good):
        answer = admin.post("/admin/jadwal/baru", data=good | {"asesor_2": good["asesor_1"]})
        assert errors(soup(answer)) == {
            "asesor_2": "Asesor 2 harus orang yang berbeda dari asesor 1."
        }


class TestSteps:
    def step(self, admin, jadwal, name, headers=None, **data):
        return admin.post(
            at("jadwal_step", jadwal_id=jadwal.public_id, name=name),
            data=data,
            headers=headers or {},
        )

    def test_confirm(self, admin, jadwal):
        answer = self.step(admin, jadwal, "confirm", version=jadwal.version)
        assert answer.status_code == 303
        page = soup(admin.get(answer.location))
        assert "Dikonfirmasi" in words(page)
        assert jadwal.surat_tugas_number in words(page)

    def test_the_reason_stands_there_before_anybody_presses(self, admin, asesor):
        skema = factories.make_skema()  # no remote permission
        jadwal = make_jadwal(asesor, skema=skema, status=JadwalStatus.DRAFT)
        page = soup(admin.get(at("jadwal", jadwal_id=jadwal.public_id)))
        button = page.find("button", string="Konfirmasi jadwal")
        assert button.has_attr("disabled")
        reason = words(page.find(id=button["aria-describedby"]))
        assert "izin asesmen jarak jauh" in reason
        answer = self.step(admin, jadwal, "confirm", version=jadwal.version)
        assert (answer.status_code, notices(soup(answer))[0]) == (409, reason)

    def test_a_stale_form_and_a_second_press(self, admin, jadwal):
        version = jadwal.version
        assert "Data sudah berubah" in words(
            soup(self.step(admin, jadwal, "confirm", version=version + 1))
        )
        assert self.step(admin, jadwal, "confirm", version=version).status_code == 303
        assert self.step(admin, jadwal, "confirm", version=version).status_code == 409

    def test_finish_waits_for_the_peserta(self, admin, app):
        cast = make_cast()
        make_permohonan(S.PRE_SCHEDULED, cast=cast)
        jadwal = cast.jadwal[Mode.DARING]
        answer = self.step(admin, jadwal, "finish", version=jadwal.version)
        assert answer.status_code == 409
        assert "Masih ada 1 peserta" in notices(soup(answer))[0]

    def test_finish_and_close(self, admin, app):
        cast = make_cast()
        make_permohonan(S.ISSUED, cast=cast)
        jadwal = cast.jadwal[Mode.DARING]
        make_ak_05(jadwal, cast.asesor)
        make_ak_06(jadwal, cast.asesor)
        for name, status in (("finish", JadwalStatus.DONE), ("close", JadwalStatus.CLOSED)):
            assert self.step(admin, jadwal, name, version=jadwal.version).status_code == 303
            db.session.expire_all()
            assert jadwal.status is status

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            (JadwalStatus.DRAFT, "Slot dapat dibuka setelah jadwal dikonfirmasi"),
            (JadwalStatus.DONE, "Jadwal ini selesai, jadi slotnya tidak dibuka lagi"),
            (JadwalStatus.CLOSED, "Jadwal ini ditutup, jadi slotnya tidak dibuka lagi"),
        ],
    )
    def test_where_no_slot_is_left_it_says_whether_more_come(self, admin, asesor, status, said):
        jadwal = make_jadwal(asesor, status=status)
        text = words(soup(admin.get(at("jadwal", jadwal_id=jadwal.public_id))))
        assert said in text
        assert ("setelah jadwal dikonfirmasi" in text) == (status is JadwalStatus.DRAFT)

    @pytest.mark.parametrize("name", ["begin", "cancel", "x"])
    def test_other_steps_are_not_pressed_here(self, admin, jadwal, name):
        assert self.step(admin, jadwal, name, version=jadwal.version).status_code == 404

    def test_cancel_with_a_reason(self, admin, jadwal):
        url = at("cancel_jadwal", jadwal_id=jadwal.public_id)
        page = soup(admin.get(url))
        assert h1(page) == "Batalkan jadwal ini?"
        data = filled(form(page, url))
        answer = admin.post(url, data=data | {"note": "singkat"})
        assert (answer.status_code, "singkat" in words(soup(answer))) == (422, True)
        assert admin.post(url, data=data | {"note": "TUK tidak dapat dipakai."}).status_code == 303
        db.session.expire_all()
        assert jadwal.status is JadwalStatus.CANCELLED

    def test_cancelling_sends_everybody_back_with_the_reason(self, admin, app):
        cast = make_cast()
        cases = [make_permohonan(state, cast=cast) for state in (S.PRE_SCHEDULED, S.SCHEDULED)]
        jadwal = cast.jadwal[Mode.DARING]
        jadwal.status = JadwalStatus.CONFIRMED
        db.session.commit()
        url, reason = at("cancel_jadwal", jadwal_id=jadwal.public_id), "TUK tidak dapat dipakai."
        assert "2 asesi yang memegang kursi" in words(soup(admin.get(url)))
        stale = admin.post(url, data={"version": jadwal.version + 1, "note": reason})
        assert stale.status_code == 409
        assert reason in words(soup(stale))
        assert admin.post(url, data={"version": jadwal.version, "note": reason}).status_code == 303
        db.session.expire_all()
        assert jadwal.status is JadwalStatus.CANCELLED
        assert [case.status for case in cases] == [S.PAID, S.READY]
        assert [case.asesi_moves for case in cases] == [0, 0]
        assert all(slot.cancelled_at is not None for slot in jadwal.slots)
        mails = db.session.query(OutboxMessage).filter_by(kind="meeting_cancelled")
        told = [(mail.payload["to"], mail.payload["context"]["reason"]) for mail in mails]
        assert {(case.asesi.email, reason) for case in cases} < set(told)
        assert (cast.asesor.email, reason) in told

    def test_a_batch_that_has_begun_is_not_cancelled_and_nobody_loses_his_seat(self, admin, app):
        cast = make_cast()
        case = make_permohonan(S.PRE_SCHEDULED, cast=cast)
        jadwal = cast.jadwal[Mode.DARING]
        jadwal.status = JadwalStatus.RUNNING
        db.session.commit()
        url = at("cancel_jadwal", jadwal_id=jadwal.public_id)
        data = {"version": jadwal.version, "note": "TUK tidak dapat dipakai."}
        assert admin.post(url, data=data).status_code == 409
        db.session.expire_all()
        assert case.status is S.PRE_SCHEDULED


class TestMeetings:
    @pytest.fixture
    def open_jadwal(self, asesor):
        return make_jadwal(asesor)

    def test_opened_for_an_asesor(self, admin, open_jadwal, asesor):
        url = at("jadwal_open_slot", jadwal_id=open_jadwal.public_id)
        data = filled(form(soup(admin.get(url)), url)) | {
            "asesor": asesor.public_id,
            "kind": "assessment",
            "day": (clock.today_wib() + timedelta(days=2)).isoformat(),
            "time": "13.00",
        }
        assert admin.post(url, data=data).status_code == 303
        [slot] = db.session.query(Slot).all()
        assert (slot.asesor_id, slot.kind) == (asesor.id, MeetingKind.ASSESSMENT)
        answer = admin.post(url, data=data)
        assert answer.status_code == 409
        assert "Asesor ini sudah punya slot" in " ".join(notices(soup(answer)))

    def test_only_for_one_of_the_jadwal(self, admin, open_jadwal):
        stranger = factories.make_user(Role.ASESOR)
        url = at("jadwal_open_slot", jadwal_id=open_jadwal.public_id)
        assert admin.post(url, data={"asesor": stranger.public_id}).status_code == 422

    def test_closed_only_in_its_own_jadwal_and_only_when_empty(self, admin, open_jadwal, asesor):
        slot = make_slot(asesor, jadwal=open_jadwal)
        other = make_jadwal(asesor)
        wrong = at("jadwal_close_slot", jadwal_id=other.public_id, slot_id=slot.public_id)
        assert admin.post(wrong).status_code == 404
        right = at("jadwal_close_slot", jadwal_id=open_jadwal.public_id, slot_id=slot.public_id)
        closed = admin.post(right)
        assert closed.status_code == 303
        assert admin.post(right).status_code == 404
        undo = at("jadwal_reopen_slot", jadwal_id=open_jadwal.public_id, slot_id=slot.public_id)
        assert form(soup(admin.get(closed.location)), undo)
        assert admin.post(undo).status_code == 303
        db.session.expire_all()
        assert slot.cancelled_at is None

    def test_one_with_a_seat_taken_is_refused(self, admin, app):
        cast = make_cast()
        slot = dossier_of(make_permohonan(S.PRE_SCHEDULED, cast=cast)).booking.slot
        url = at("jadwal_close_slot", jadwal_id=slot.jadwal.public_id, slot_id=slot.public_id)
        answer = admin.post(url)
        assert answer.status_code == 409
        assert "sudah dipesan" in notices(soup(answer))[0]

    def test_the_peserta_with_their_state(self, admin, app):
        cast = make_cast()
        case = make_permohonan(S.PRE_SCHEDULED, cast=cast)
        page = soup(admin.get(at("jadwal", jadwal_id=cast.jadwal[Mode.DARING].public_id)))
        assert links(page)[case.asesi_name] == at("permohonan", permohonan_id=case.public_id)
        assert "Pra-asesmen terjadwal" in words(page)


class TestBookingForAnAsesi:
    @pytest.fixture
    def cast(self, app):
        return make_cast()

    @pytest.fixture
    def paid(self, cast):
        return make_permohonan(S.PAID, cast=cast)

    @pytest.fixture
    def slot(self, paid, cast):
        return make_slot(cast.asesor, jadwal=make_jadwal(cast.asesor, skema=cast.skema))

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_a_seat(self, admin, paid, slot, headers):
        url = at("book", permohonan_id=paid.public_id)
        data = filled(form(soup(admin.get(url)), url)) | {"slot": slot.public_id}
        answer = admin.post(url, data=data, headers=headers)
        assert (answer.location or answer.headers["HX-Redirect"]) == at(
            "permohonan", permohonan_id=paid.public_id
        )
        db.session.expire_all()
        assert paid.status is S.PRE_SCHEDULED

    def test_nothing_chosen_or_something_strange(self, admin, paid, slot):
        url = at("book", permohonan_id=paid.public_id)
        for chosen in ({}, {"slot": "X" * 16}):
            assert admin.post(url, data=chosen | {"version": paid.version}).status_code == 422

    def test_a_stale_form(self, admin, paid, slot):
        url = at("book", permohonan_id=paid.public_id)
        answer = admin.post(url, data={"slot": slot.public_id, "version": paid.version + 1})
        assert answer.status_code == 409
        assert "Data sudah berubah" in notices(soup(answer))[0]

    def test_when_nothing_is_open_it_says_what_to_do(self, admin, paid, cast):
        page = soup(admin.get(at("book_form", permohonan_id=paid.public_id)))
        assert "Belum ada slot yang cocok" in words(page)

    def test_out_of_turn(self, admin, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        assert "Tidak ada rapat" in words(
            soup(admin.get(at("book_form", permohonan_id=case.public_id)))
        )


class TestWhatHappened:
    @pytest.fixture
    def case(self, app):
        return make_permohonan(S.PRE_SCHEDULED, work_done=False)

    def test_an_asesor_who_did_not_come(self, admin, case):
        url = at("note_absence", permohonan_id=case.public_id)
        data = filled(form(soup(admin.get(url)), url)) | {"party": "asesor"}
        assert admin.post(url, data=data).status_code == 303
        db.session.expire_all()
        assert (case.status, case.asesi_absences) == (S.PAID, 0)

    def test_a_disturbance(self, admin, case):
        url = at("note_incident", permohonan_id=case.public_id)
        assert admin.post(url, data={"version": case.version}).status_code == 422
        data = {"kind": "Listrik padam", "action": "Padam 20 menit.", "version": case.version}
        assert admin.post(url, data=data).status_code == 303

    def test_asesor_2_is_not_released_on_the_same_day(self, admin, app):
        cast = make_cast()
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        cast.jadwal[case.mode].asesor_2_id = cast.second_asesor.id
        db.session.commit()
        url = at("release_second", permohonan_id=case.public_id)
        data = filled(form(soup(admin.get(url)), url)) | {"note": "Tidak menjawab pesan."}
        answer = admin.post(url, data=data)
        assert answer.status_code == 409
        assert "2 hari kerja" in notices(soup(answer))[0]
        assert "Tidak menjawab pesan." in words(soup(answer))


def test_the_buttons_of_the_list_stand_in_one_row(admin, app):
    """Laid out one by one they were scattered over the width of the card."""
    header = soup(admin.get(at("jadwal_list"))).find(id="daftar").find_parent("header")
    assert [each.name for each in header.find_all(recursive=False)] == ["h2", "p"]
    assert len(header.find("p", class_="row").find_all("a")) == 4
