"""Payment, meeting, result and certificate."""

from __future__ import annotations

from datetime import timedelta

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
)
from lsp.services import meetings
from lsp.views.filters import jam
from lsp.vocabulary import (
    Answer,
    CertificateStatus,
    Form,
    PermohonanStatus,
    Role,
)
from tests import factories
from tests.factories import saved
from tests.html import errors, filled, form, links, notices, soup, words
from tests.htmx import HX, same, swap
from tests.views.asesi import situations
from tests.views.asesi.pages import text_of, url

S = PermohonanStatus


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

    def test_a_long_text_on_recording_is_folded_under_its_first_lines(self, browser):
        permohonan = situations.booked(browser.user, hours=0.2)
        card = (
            soup(browser.get(url("meeting", permohonan))).find(id="rekaman").find_parent("section")
        )
        folded = card.find("details")
        assert words(folded.find("summary")) == "Baca seluruhnya"
        whole = words(folded)
        assert folded.has_attr("open") == (len(whole) < 600)
        assert len(words(card.find("p", recursive=False))) > 40

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

    def test_what_nobody_explained_yet_is_neither_said_nor_signed(self, browser):
        permohonan = situations.booked(browser.user, hours=0.2)
        situations.plan_for(permohonan, explained=False)
        page = soup(browser.get(url("meeting", permohonan)))
        assert "belum ada yang dicatat dijelaskan" in words(page)
        assert "sudah menjelaskan" not in words(page)
        button = page.find("form", action=url("sign_paper", permohonan, form_key="fr-ak-01")).button
        assert button.has_attr("disabled")
        assert "Asesor belum mencatat" in words(page)
        assert self.paper(browser, permohonan).status_code == 422
        assert db.session.query(Signature).count() == 0
        meetings.record_of(
            db.session.scalars(select(Booking)).one()
        ).appeal_explained_at = clock.now()
        db.session.commit()
        page = words(soup(browser.get(url("meeting", permohonan))))
        assert f"Hak dan prosedur banding sudah dijelaskan, {jam(clock.now())}" in page
        assert self.paper(browser, permohonan).status_code == 303

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
        summary = soup(wrong).select_one(".notice.bad[autofocus]")
        assert soup(wrong).select_one(summary.a["href"])["name"] == "typed_name"
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

    def test_the_check_is_linked(self, browser, permohonan):
        certificate = db.session.scalars(
            select(Certificate).where(Certificate.permohonan_id == permohonan.id)
        ).one()
        address = url_for("verification.show", token=certificate.token)
        page = links(soup(browser.get(url("certificate", permohonan))))
        assert any(each.endswith(address) for each in page.values())

    def test_before_there_is_one(self, browser):
        assert "Belum ada sertifikat" in text_of(
            browser, url("certificate", situations.draft(browser.user))
        )
