"""Choosing, moving and giving back a time."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import (
    Booking,
    OutboxMessage,
    Slot,
    SlotWait,
)
from lsp.services import moving
from lsp.views.filters import jam, tanggal
from lsp.vocabulary import (
    InvoiceKind,
    PermohonanStatus,
    Role,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.payment import new_invoice
from tests.factories import make_lembaga, saved
from tests.html import filled, form, links, main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.services.test_meetings import book, slot_for
from tests.support.meetings import make_jadwal
from tests.views.asesi import situations
from tests.views.asesi.pages import status_of, text_of, url
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus


class TestSchedule:
    @pytest.fixture
    def permohonan(self, browser):
        return situations.paid(browser.user)

    def test_a_slot_is_read_once_more_and_booked(self, browser, permohonan):
        slot = situations.slot_for(permohonan)
        page = soup(browser.get(url("schedule", permohonan)))
        [link] = [href for label, href in links(main(page)).items() if label.startswith("Pilih")]
        assert link == url("choose", permohonan, slot_id=slot.public_id)
        page = soup(browser.get(link))
        said = words(main(page))
        assert slot.asesor.name in said
        assert "KTP asli, ruangan yang tenang" in said
        assert "Masih dapat Anda pindahkan 2 kali, sampai" in said
        answer = browser.post(
            url("book", permohonan), data=filled(form(page, url("book", permohonan)))
        )
        assert answer.status_code == 303
        assert answer.location == url("meeting", permohonan)
        assert status_of(permohonan) is S.PRE_SCHEDULED

    def test_a_meeting_that_began_promises_nothing_that_is_over(self, browser, permohonan):
        slot = situations.slot_for(permohonan, hours=-0.1)
        assert "sudah mulai" in text_of(browser, url("schedule", permohonan))
        said = text_of(browser, url("choose", permohonan, slot_id=slot.public_id))
        assert "Rapat ini sudah mulai." in said
        assert "Masih dapat Anda pindahkan" not in said
        assert "hanya dapat dipindahkan oleh admin LSP" in said
        assert "Tautannya tampil" not in said

    def test_a_meeting_of_tomorrow_can_no_longer_be_moved(self, browser, permohonan):
        slot = situations.slot_for(permohonan, hours=20)
        said = text_of(browser, url("choose", permohonan, slot_id=slot.public_id))
        assert "Masih dapat Anda pindahkan" not in said
        assert "Tautannya tampil 30 menit sebelum mulai." in said

    def test_an_hour_is_one_row_with_its_end_and_its_asesor(self, browser, permohonan):
        first = situations.slot_for(permohonan, capacity=1)
        second = situations.slot_for(permohonan, capacity=3)
        second.starts_at, second.ends_at = first.starts_at, first.ends_at
        db.session.commit()
        [row] = (
            soup(browser.get(url("schedule", permohonan)))
            .find(id="pilihan")
            .find_parent("section")
            .find_all("li")
        )
        assert f"sampai {jam(first.ends_at)}" in words(row)
        assert "sisa 1" not in words(row)
        assert f"{second.asesor.name}, sisa 3 kursi" in words(row)
        assert {each["href"] for each in row.find_all("a")} == {
            url("choose", permohonan, slot_id=slot.public_id) for slot in (first, second)
        }

    def test_a_difference_is_paid_first_and_the_page_says_so(self, browser, permohonan):
        slot = situations.slot_for(permohonan)
        assert "Pilih" in text_of(browser, url("schedule", permohonan))
        new_invoice(permohonan, InvoiceKind.SELISIH, 200_000)
        db.session.commit()
        page = soup(browser.get(url("schedule", permohonan)))
        assert "belum lunas" in words(main(page))
        assert url("payment", permohonan) in links(page).values()
        data = {"slot": slot.public_id, "version": permohonan.version}
        assert browser.post(url("book", permohonan), data=data).status_code == 409
        assert status_of(permohonan) is S.PAID
        assert "Bayar Rp200.000" in text_of(browser, url_for("asesi.home"))
        assert "belum menunjukkan" not in text_of(browser, url("payment", permohonan))

    def test_with_htmx_it_leads_on_by_header(self, browser, permohonan):
        slot = situations.slot_for(permohonan)
        data = {"slot": slot.public_id, "version": permohonan.version}
        answer = browser.post(url("book", permohonan), data=data, headers=HX)
        assert answer.headers["HX-Redirect"] == url("meeting", permohonan)

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_the_last_seat_is_gone(self, browser, permohonan, headers):
        slot = situations.slot_for(permohonan, capacity=1)
        other = situations.booked()
        seat = db.session.scalars(select(Booking).where(Booking.permohonan_id == other.id)).one()
        seat.slot_id = slot.id
        db.session.commit()
        data = {"slot": slot.public_id, "version": permohonan.version}
        answer = browser.post(url("book", permohonan), data=data, headers=headers)
        assert answer.status_code == 409
        assert "diambil orang lain" in notices(soup(answer))[0]

    def test_a_refused_panel_equals_the_page_but_for_its_notice(self, browser, permohonan):
        situations.slot_for(permohonan)
        page = soup(browser.get(url("schedule", permohonan)))
        answer = browser.post(
            url("book", permohonan), data={"slot": "X", "version": permohonan.version}, headers=HX
        )
        swap(page, answer, "#schedule-panel")
        page.select_one(".notice").decompose()
        assert same(page.main, soup(browser.get(url("schedule", permohonan))).main)

    @pytest.mark.parametrize(
        ("data", "status"),
        [({}, 422), ({"slot": "X" * 17, "version": 1}, 422), ({"slot": "X", "version": 1}, 409)],
    )
    def test_bad_input(self, browser, permohonan, data, status):
        assert browser.post(url("book", permohonan), data=data).status_code == status
        assert status_of(permohonan) is S.PAID

    def test_stale_and_twice(self, browser, permohonan):
        slot = situations.slot_for(permohonan)
        data = {"slot": slot.public_id, "version": 99}
        assert browser.post(url("book", permohonan), data=data).status_code == 409
        data["version"] = permohonan.version
        assert [browser.post(url("book", permohonan), data=data).status_code for _ in range(2)] == [
            303,
            409,
        ]

    def test_empty_lists_say_how_they_fill(self, browser, permohonan):
        assert "Belum ada jadwal yang terbuka" in text_of(browser, url("schedule", permohonan))
        early = situations.draft(browser.user)
        assert "setelah berkas lengkap" in text_of(browser, url("schedule", early))

    def test_what_cannot_be_taken_is_said_before_it_is_pressed(self, browser, permohonan):
        mine = situations.booked(browser.user, hours=72)
        seat = db.session.scalars(select(Booking).where(Booking.permohonan_id == mine.id)).one()
        clash, full = (situations.slot_for(permohonan, hours=hours) for hours in (72, 80))
        clash.starts_at, clash.ends_at = seat.slot.starts_at, seat.slot.ends_at
        full.capacity = 1
        other = situations.booked(hours=80)
        taken = db.session.scalars(select(Booking).where(Booking.permohonan_id == other.id)).one()
        taken.slot_id = full.id
        db.session.commit()
        said = text_of(browser, url("schedule", permohonan))
        assert "2 waktu lain tidak dapat Anda pilih" in said
        assert "Anda sudah punya rapat lain pada jam itu." in said
        assert "Kursinya sudah habis." in said
        answer = browser.get(url("choose", permohonan, slot_id=clash.public_id))
        assert answer.status_code == 409
        assert "rapat lain pada jam itu" in notices(soup(answer))[0]

    @pytest.mark.parametrize("slot_id", ["X", "0123456789ABCDEF"])
    def test_a_time_that_is_not_there(self, browser, permohonan, slot_id):
        answer = browser.get(url("choose", permohonan, slot_id=slot_id))
        assert answer.status_code == 409
        assert "sudah tidak ada" in notices(soup(answer))[0]

    def test_another_skema_is_not_there_either(self, browser, permohonan):
        foreign = situations.slot_for(situations.paid())
        answer = browser.get(url("choose", permohonan, slot_id=foreign.public_id))
        assert answer.status_code == 409

    def test_who_finds_no_time_tells_the_admin_once(self, browser, permohonan, sign_in):
        page = soup(browser.get(url("schedule", permohonan)))
        address = url("wait_for_slot", permohonan)
        for _ in range(2):
            answer = browser.post(address, data=filled(form(page, address)))
            assert answer.status_code == 303
        assert "Admin tahu bahwa Anda menunggu" in text_of(browser, url("schedule", permohonan))
        admin = sign_in(Role.ADMIN)
        assert "Menunggu slot" in words(soup(admin.get("/admin")))
        found = words(soup(admin.get("/admin?kerja=slot")))
        assert permohonan.asesi_name in found
        slot = situations.slot_for(permohonan)
        data = {"slot": slot.public_id, "version": permohonan.version}
        assert browser.post(url("book", permohonan), data=data).status_code == 303
        assert db.session.scalars(select(SlotWait)).all() == []
        assert browser.post(address).status_code == 409

    def test_the_page_stays_small_with_many_times(self, browser, permohonan):
        slot = situations.slot_for(permohonan, hours=30)
        for number in range(1, 70):
            saved(
                Slot(
                    jadwal_id=slot.jadwal_id,
                    kind=slot.kind,
                    asesor_id=slot.asesor_id,
                    starts_at=slot.starts_at + timedelta(hours=number),
                    ends_at=slot.ends_at + timedelta(hours=number),
                    meeting_url=slot.meeting_url,
                )
            )
        answer = browser.get(url("schedule", permohonan))
        assert len(soup(answer).select("#schedule-panel .list li")) == 60
        assert len(gzip.compress(answer.get_data())) <= 14_000

    @pytest.mark.parametrize(
        ("zone", "said"),
        [
            ("Asia/Jakarta", "Kamis, 31 Desember 2026 pukul 23.30 WIB"),
            (
                "Asia/Makassar",
                "Jumat, 1 Januari 2027 pukul 00.30 WITA (Kamis, 31 Desember pukul 23.30",
            ),
            (
                "Asia/Jayapura",
                "Jumat, 1 Januari 2027 pukul 01.30 WIT (Kamis, 31 Desember pukul 23.30",
            ),
        ],
    )
    def test_new_years_eve_in_every_zone(self, browser, permohonan, zone, said):
        browser.user.zone = zone
        slot = situations.slot_for(permohonan)
        slot.starts_at = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
        slot.ends_at = slot.starts_at + timedelta(hours=1)
        db.session.commit()
        page = soup(browser.get(url("schedule", permohonan)))
        day = page.select_one("#schedule-panel h3")
        assert day is not None
        assert said.startswith(words(day))
        chosen = url("choose", permohonan, slot_id=slot.public_id)
        assert said in text_of(browser, chosen)
        data = {"slot": slot.public_id, "version": permohonan.version}
        assert browser.post(url("book", permohonan), data=data).status_code == 303
        assert said in text_of(browser, url("meeting", permohonan))
        assert said in text_of(browser, url_for("asesi.home"))

    def test_another_time_in_one_step(self, browser):
        permohonan = situations.paid(browser.user)
        first = situations.slot_for(permohonan)
        data = {"slot": first.public_id, "version": permohonan.version}
        assert browser.post(url("book", permohonan), data=data).status_code == 303
        slot = situations.slot_for(permohonan, hours=100)
        page = soup(browser.get(url("schedule", permohonan)))
        assert "Dapat Anda pindahkan 2 kali lagi, sampai" in words(main(page))
        page = soup(browser.get(url("choose", permohonan, slot_id=slot.public_id)))
        assert "Masih dapat Anda pindahkan 1 kali" in words(main(page))
        address = url("move_booking", permohonan)
        sent = filled(form(page, address))
        short = browser.post(address, data=sent | {"note": "sakit"})
        assert (short.status_code, soup(short).find(id="alasan").get_text()) == (409, "sakit")
        why = {"note": "Lembur mendadak di proyek."}
        assert browser.post(address, data=sent | why).location == url("meeting", permohonan)
        assert status_of(permohonan) is S.PRE_SCHEDULED
        again = browser.post(address, data=sent | why)
        assert again.status_code == 409
        history = text_of(browser, url("history", permohonan))
        assert "Anda memindahkan jadwal pra-asesmen ke" in history
        assert "Anda melepas jadwal pra-asesmen" in history
        assert "Lembur mendadak di proyek." in history

    def test_his_own_time_opened_again_says_that_it_is_his(self, browser):
        permohonan = situations.booked(browser.user, hours=72)
        slot = dossier_of(permohonan).booking.slot.public_id
        answer = browser.get(url("choose", permohonan, slot_id=slot))
        assert answer.location == url("meeting", permohonan)
        assert "Waktu ini sudah Anda pesan" in words(soup(browser.get(answer.location)))
        sent = {"slot": slot, "version": permohonan.version, "note": "Lembur di proyek."}
        again = browser.post(url("move_booking", permohonan), data=sent)
        assert again.status_code == 409
        assert "sudah Anda pesan" in notices(soup(again))[0]

    def test_no_move_left_says_whom_to_ask(self, browser):
        permohonan = situations.booked(browser.user, hours=72)
        permohonan.asesi_moves = 2
        db.session.commit()
        slot = situations.slot_for(permohonan, hours=100)
        assert "Hubungi admin LSP" in text_of(browser, url("schedule", permohonan))
        answer = browser.get(url("choose", permohonan, slot_id=slot.public_id))
        assert answer.status_code == 409

    def test_giving_the_seat_back(self, browser):
        permohonan = situations.booked(browser.user)
        meeting = soup(browser.get(url("meeting", permohonan)))
        assert links(main(meeting))["Pindahkan rapat"] == url("schedule", permohonan)
        schedule = soup(browser.get(url("schedule", permohonan)))
        assert links(main(schedule))["Lepas jadwal…"] == url("cancel", permohonan)
        page = soup(browser.get(url("cancel", permohonan)))
        address = url("cancel_booking", permohonan)
        sent = filled(form(page, address))
        short = browser.post(address, data=sent | {"note": "sakit"})
        assert short.status_code == 409
        assert "10 huruf" in notices(soup(short))[0]
        assert soup(short).find(id="alasan").get_text() == "sakit"
        assert (
            browser.post(address, data=sent | {"note": "Lembur mendadak di proyek."}).status_code
            == 303
        )
        assert status_of(permohonan) is S.PAID

    def test_too_late_the_reason_stands_under_the_button(self, browser):
        permohonan = situations.booked(browser.user, hours=2)
        page = soup(browser.get(url("meeting", permohonan)))
        assert "24 jam sebelumnya" in words(page.find(id="alasan-ulang"))

        late = browser.get(url("cancel", permohonan))
        assert "24 jam sebelumnya" in notices(soup(late))[0]
        assert soup(late).find("button", string="Lepas jadwal") is None, "nothing to press in vain"

    def test_who_moved_it_from_when_and_why(self, browser):
        cast = make_cast()
        permohonan = make_permohonan(S.PAID, cast=cast, asesi=browser.user)
        book(permohonan, slot_for(permohonan, cast))
        was = tanggal(dossier_of(permohonan).booking.slot.starts_at)
        for actor, hours in ((browser.user, 60), (cast.admin, 90)):
            slot = slot_for(permohonan, cast, hours=hours)
            version, why = permohonan.version, "Ruang uji dipakai rapat lain."
            moving.move(actor_of(actor), permohonan, slot.public_id, version=version, reason=why)
            db.session.commit()
            said = text_of(browser, url("meeting", permohonan))
            moved = f"Dipindahkan oleh {cast.admin.name} dari {was}: {why}"
            assert (moved in said) is (actor is cast.admin)
            assert ("Dipindahkan oleh" in said) is (actor is cast.admin)
            was = tanggal(slot.starts_at)

    def test_too_late_the_lsp_can_be_reached_at_once(self, browser):
        make_lembaga(phone="0800-0000", whatsapp="+62 811-0000", email="lsp@contoh.example")
        permohonan = situations.booked(browser.user, hours=2)
        db.session.commit()
        for endpoint in ("meeting", "schedule"):
            found = set(links(main(soup(browser.get(url(endpoint, permohonan))))).values())
            reached = {"tel:08000000", "https://wa.me/628110000", "mailto:lsp@contoh.example"}
            assert reached <= found

    def test_no_calendar_for_a_meeting_that_is_over(self, browser):
        permohonan = situations.booked(browser.user, hours=2)
        address = url("meeting_calendar", permohonan)
        assert address in links(soup(browser.get(url("meeting", permohonan)))).values()
        seat = db.session.scalars(
            select(Booking).where(Booking.permohonan_id == permohonan.id)
        ).one()
        seat.slot.starts_at -= timedelta(hours=5)
        seat.slot.ends_at -= timedelta(hours=5)
        db.session.commit()
        assert address not in links(soup(browser.get(url("meeting", permohonan)))).values()

    def test_a_substitute_is_no_move(self, browser):
        cast = make_cast()
        jadwal = make_jadwal(cast.asesor, skema=cast.skema, asesor_2_id=cast.second_asesor.id)
        permohonan = make_permohonan(S.PAID, cast=cast, asesi=browser.user)
        book(permohonan, slot_for(permohonan, cast, jadwal=jadwal, hours=20))
        twin = slot_for(permohonan, cast, jadwal=jadwal, hours=20, asesor_id=cast.second_asesor.id)
        twin.starts_at = dossier_of(permohonan).booking.slot.starts_at
        db.session.flush()
        version, why = permohonan.version, "Asesor sakit sampai akhir pekan."
        moving.move(actor_of(cast.admin), permohonan, twin.public_id, version=version, reason=why)
        db.session.commit()
        meeting = text_of(browser, url("meeting", permohonan))
        assert f"sebelumnya {cast.asesor.name}. Waktunya tetap." in meeting
        told = text_of(browser, url("history", permohonan))
        assert f"menunjuk asesor pengganti, {cast.second_asesor.name}. Waktunya tetap:" in told
        assert f"Asesor {cast.asesor.name} diganti pada pra-asesmen" in told
        assert "ipindahkan oleh" not in meeting
        assert "memindahkan jadwal" not in told
        kind = OutboxMessage.kind == "meeting_moved"
        [mailed] = db.session.scalars(select(OutboxMessage).where(kind))
        assert mailed.payload["context"]["movable"] is False, "too late: the page would refuse"
