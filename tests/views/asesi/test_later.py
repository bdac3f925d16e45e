"""Payment, schedule, meeting, result and certificate."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.gateways import storage
from lsp.models import (
    Booking,
    Certificate,
    Document,
    Invoice,
    MeetingRecord,
    Permohonan,
    Signature,
    Slot,
    SlotWait,
)
from lsp.vocabulary import (
    Answer,
    CertificateStatus,
    Form,
    InvoiceKind,
    PermohonanStatus,
    Role,
)
from lsp.workflow.effects.payment import new_invoice
from tests import factories
from tests.factories import saved
from tests.html import errors, filled, form, links, main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.views.asesi import situations

S = PermohonanStatus


def url(endpoint, permohonan, **more) -> str:
    return url_for(f"asesi.{endpoint}", permohonan_id=permohonan.public_id, **more)


def text_of(browser, address) -> str:
    return words(main(soup(browser.get(address))))


def status_of(permohonan) -> PermohonanStatus:
    return db.session.get_one(Permohonan, permohonan.id).status


class TestPayment:
    @pytest.fixture
    def permohonan(self, browser):
        return situations.invoiced(browser.user)

    def test_amount_number_and_last_day(self, browser, permohonan):
        invoice = permohonan.invoices[0]
        text = text_of(browser, url("payment", permohonan))
        assert "Rp800.000" in text
        assert invoice.number in text

    def test_the_proof_is_tied_to_the_invoice(self, browser, permohonan):
        answer = browser.post(url("upload_proof", permohonan), data={"file": situations.upload()})
        assert answer.status_code == 303
        document = db.session.scalars(select(Document)).one()
        assert document.purpose == "payment_proof"
        assert db.session.scalars(select(Invoice)).one().proof_document_id == document.id
        assert "Admin memeriksa pembayaran" in text_of(browser, url_for("asesi.home"))

    def test_panel_equals_page(self, browser, permohonan):
        page = soup(browser.get(url("payment", permohonan)))
        answer = browser.post(
            url("upload_proof", permohonan), data={"file": situations.upload()}, headers=HX
        )
        swap(page, answer, "#payment-panel")
        assert same(page.main, soup(browser.get(url("payment", permohonan))).main)

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_a_bad_file_and_the_same_file_twice(self, browser, permohonan, headers):
        address = url("upload_proof", permohonan)
        bad = browser.post(
            address, data={"file": situations.upload(b"bukan foto")}, headers=headers
        )
        assert bad.status_code == 422
        assert "tidak diterima" in words(soup(bad).select_one(".err"))
        browser.post(address, data={"file": situations.upload()})
        again = browser.post(address, data={"file": situations.upload()}, headers=headers)
        assert again.status_code == 422
        assert "sudah kami terima" in words(soup(again).select_one(".err"))
        assert len(db.session.scalars(select(Document)).all()) == 1

    def test_a_declined_proof_is_asked_for_again(self, browser, permohonan):
        browser.post(url("upload_proof", permohonan), data={"file": situations.upload()})
        db.session.scalars(select(Invoice)).one().proof_document_id = None
        db.session.commit()
        assert any(
            "belum menunjukkan pembayaran" in each
            for each in notices(soup(browser.get(url("payment", permohonan))))
        )
        same = browser.post(url("upload_proof", permohonan), data={"file": situations.upload()})
        assert same.status_code == 303, "the admin may have been mistaken"
        assert db.session.scalars(select(Invoice)).one().proof_document_id is not None

    def test_partly_paid_the_badge_says_so(self, browser, permohonan):
        db.session.scalars(select(Invoice)).one().paid_amount = 300_000
        db.session.commit()
        page = soup(browser.get(url("payment", permohonan)))
        assert words(page.select_one("[aria-labelledby=tagihan] .badge")) == "Baru sebagian"

    def test_without_an_invoice(self, browser):
        permohonan = situations.draft(browser.user)
        assert "Belum ada tagihan" in text_of(browser, url("payment", permohonan))
        answer = browser.post(url("upload_proof", permohonan), data={"file": situations.upload()})
        assert answer.status_code == 422
        assert db.session.scalars(select(Document)).all() == []


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


class TestMeeting:
    def test_the_link_shows_from_some_minutes_before(self, browser):
        early = situations.booked(browser.user, hours=2)
        address = url("join_meeting", early)
        page = soup(browser.get(url("meeting", early)))
        assert page.find("form", attrs={"action": address}) is None
        waits = page.find(attrs={"hx-get": url("meeting", early)})
        assert waits["hx-trigger"].startswith("load delay:5")
        assert "30 menit sebelum" in words(waits)
        seat = db.session.scalars(select(Booking)).one()
        seat.slot.starts_at = clock.now() + timedelta(minutes=20)
        db.session.commit()
        page = soup(browser.get(url("meeting", early)))
        assert form(page, address)["target"] == "_blank", "the page with the papers stays open"
        assert "meet.jit.si" not in str(page), "the address of the room is told to who goes in"

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_consent_to_the_recording(self, browser, headers):
        permohonan = situations.booked(browser.user, hours=0.2)
        page = soup(browser.get(url("meeting", permohonan)))
        address = url("agree_to_recording", permohonan)
        for _ in range(2):
            answer = browser.post(address, data=filled(form(page, address)), headers=headers)
        assert db.session.scalars(select(MeetingRecord)).one().recording_consent_at is not None
        if headers:
            swap(page, answer, "#meeting-panel")
            assert same(page.main, soup(browser.get(url("meeting", permohonan))).main)
        else:
            assert answer.status_code == 303

    def test_consent_to_another_version_is_asked_again(self, browser):
        permohonan = situations.booked(browser.user)
        address = url("agree_to_recording", permohonan)
        assert browser.post(address, data={"text_version": "7"}).status_code == 409
        assert browser.post(address, data={}).status_code == 422

    def paper(self, browser, permohonan, key="fr-ak-01", headers=None, **changes):
        page = soup(browser.get(url("meeting", permohonan)))
        address = url("sign_paper", permohonan, form_key=key)
        sent = filled(form(page, address)) | {"typed_name": permohonan.asesi_name} | changes
        return browser.post(address, data=sent, headers=headers)

    def test_fr_ak_01_is_signed_once_the_asesor_filled_it(self, browser):
        permohonan = situations.booked(browser.user, hours=0.2)
        assert "FR.AK.01" not in text_of(browser, url("meeting", permohonan))
        early = browser.post(
            url("sign_paper", permohonan, form_key="fr-ak-01"),
            data={"typed_name": "x", "seen": "y"},
        )
        assert early.status_code == 422
        situations.plan_for(permohonan)
        assert self.paper(browser, permohonan).status_code == 303
        assert db.session.scalars(select(Signature)).one().form is Form.FR_AK_01

    def test_panel_equals_page(self, browser):
        permohonan = situations.booked(browser.user, hours=0.2)
        situations.plan_for(permohonan)
        page = soup(browser.get(url("meeting", permohonan)))
        swap(page, self.paper(browser, permohonan, headers=HX), "#meeting-panel")
        assert same(page.main, soup(browser.get(url("meeting", permohonan))).main)

    @pytest.mark.parametrize("headers", [None, HX])
    def test_another_name_or_another_content(self, browser, headers):
        permohonan = situations.booked(browser.user, hours=0.2)
        plan = situations.plan_for(permohonan)
        wrong = self.paper(browser, permohonan, headers=headers, typed_name="Orang Lain")
        assert wrong.status_code == 422
        assert "persis seperti ini" in errors(soup(wrong))["typed_name"]
        stale = self.paper(browser, permohonan, headers=headers, seen="lama")
        assert stale.status_code == 409
        assert plan.id

    def test_fr_ak_02_says_that_it_is_a_recommendation(self, browser):
        permohonan = situations.booked(browser.user, status=S.IN_ASSESSMENT, hours=0)
        situations.recommendation_for(permohonan, Answer.K)
        assert "belum keputusan" in text_of(browser, url("meeting", permohonan))
        assert self.paper(browser, permohonan, "fr-ak-02").status_code == 303

    def test_without_a_meeting(self, browser):
        permohonan = situations.paid(browser.user)
        assert "Tidak ada rapat" in text_of(browser, url("meeting", permohonan))


class TestResult:
    def test_a_recommendation_is_not_the_decision(self, browser):
        permohonan = situations.draft(browser.user, status=S.RECOMMENDED, recommendation=Answer.K)
        assert "rekomendasi, belum keputusan" in text_of(browser, url("result", permohonan))

    def test_looking_writes_nothing_opening_writes_once(self, browser):
        permohonan = situations.decided(browser.user)
        assert "Buka hasil" in text_of(browser, url("result", permohonan))
        assert db.session.get(Permohonan, permohonan.id).result_opened_at is None
        assert browser.post(url("open_result", permohonan)).status_code == 303
        first = db.session.get(Permohonan, permohonan.id).result_opened_at
        browser.post(url("open_result", permohonan))
        assert db.session.get(Permohonan, permohonan.id).result_opened_at == first

    def test_panel_equals_page(self, browser):
        permohonan = situations.decided(browser.user)
        page = soup(browser.get(url("result", permohonan)))
        swap(page, browser.post(url("open_result", permohonan), headers=HX), "#result-panel")
        assert same(page.main, soup(browser.get(url("result", permohonan))).main)

    def test_not_yet_competent_says_which_units_why_and_what_now(self, browser):
        permohonan = situations.decided(browser.user, opened=True)
        text = text_of(browser, url("result", permohonan))
        for each in (
            "Unit contoh 1",
            "Bukti kurang.",
            "Banding",
            "Asesmen ulang",
            "paling lambat",
            "Umpan balik asesor",
        ):
            assert each in text
        assert "Unit contoh 2" not in text

    def test_competent(self, browser):
        permohonan = situations.decided(browser.user, status=S.COMPETENT, opened=True)
        assert "Anda dinyatakan kompeten" in text_of(browser, url("result", permohonan))

    def test_before_any_result(self, browser):
        assert "Belum ada hasil" in text_of(browser, url("result", situations.draft(browser.user)))

    def test_opening_where_nothing_is_decided_changes_nothing(self, browser):
        permohonan = situations.draft(browser.user)
        assert browser.post(url("open_result", permohonan)).status_code == 303
        assert db.session.get(Permohonan, permohonan.id).result_opened_at is None


class TestCertificate:
    @pytest.fixture
    def permohonan(self, browser):
        permohonan = situations.draft(browser.user, status=S.ISSUED)
        today = clock.today_wib()
        saved(
            Certificate(
                permohonan_id=permohonan.id, status=CertificateStatus.ACTIVE, status_at=clock.now(),
                certificate_number="71102 2142 4 00000001 2026", lsp_registration_number="F 0000 00001 2026",
                lpjk_number="LPJK-1", lpjk_qr="https://contoh.example/1", blanko_number="1234567",
                holder_name=permohonan.asesi_name, jabatan_kerja="Petugas K3", kualifikasi="Teknisi/Analis", jenjang=4,
                valid_from=today, valid_until=today + timedelta(days=1825),
                signed_by_id=factories.make_user(Role.KETUA).id,
            )
        )  # fmt: skip
        return permohonan

    def test_its_numbers_and_that_the_file_is_being_made(self, browser, permohonan):
        text = text_of(browser, url("certificate", permohonan))
        assert "71102 2142 4 00000001 2026" in text
        assert "sedang dibuat" in text
        assert "Unduh sertifikat (PDF)" not in links(
            soup(browser.get(url("certificate", permohonan)))
        )

    def test_the_file_once_it_is_made(self, browser, permohonan):
        certificate = db.session.scalars(select(Certificate)).one()
        stored = storage.store().put(b"%PDF-1.7 contoh")
        certificate.pdf_key, certificate.pdf_sha256 = stored.key, stored.sha256
        db.session.commit()
        page = soup(browser.get(url("certificate", permohonan)))
        answer = browser.get(links(page)["Unduh sertifikat (PDF)"])
        assert answer.data == b"%PDF-1.7 contoh"

    def test_the_check_is_linked_where_there_is_one(self, app, browser, permohonan):
        page = links(soup(browser.get(url("certificate", permohonan))))
        assert ("Lihat halaman pemeriksaan" in page) is ("verification.show" in app.view_functions)

    def test_before_there_is_one(self, browser):
        assert "Belum ada sertifikat" in text_of(
            browser, url("certificate", situations.draft(browser.user))
        )
