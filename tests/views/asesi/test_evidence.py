"""Further evidence, and sending it when the asesor asked for more."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import Apl02Review, Booking, Permohonan
from lsp.vocabulary import PermohonanStatus
from tests.html import main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.support.documents import page_url, standing, url
from tests.views.asesi import situations


def evidence_url(permohonan) -> str:
    return url_for("asesi.upload_evidence", permohonan_id=permohonan.public_id)


class TestFurtherEvidence:
    def data(self, label="Foto inspeksi perancah"):
        return {"file": situations.upload(), "label": label}

    def test_it_is_kept_with_its_label(self, browser, permohonan):
        answer = browser.post(evidence_url(permohonan), data=self.data())
        assert answer.status_code == 303
        assert [(each.purpose, each.label) for each in standing()] == [
            ("evidence", "Foto inspeksi perancah")
        ]

    def test_panel_equals_page(self, browser, permohonan):
        page = soup(browser.get(page_url(permohonan)))
        swap(
            page,
            browser.post(evidence_url(permohonan), data=self.data(), headers=HX),
            "#evidence-panel",
        )
        assert same(page.main, soup(browser.get(page_url(permohonan))).main)

    @pytest.mark.parametrize("headers", [{}, HX])
    @pytest.mark.parametrize(
        ("label", "sentence"), [("", "Isi apa isi berkas ini."), ("x" * 121, "Paling panjang 120")]
    )
    def test_bad_labels(self, browser, permohonan, headers, label, sentence):
        answer = browser.post(evidence_url(permohonan), data=self.data(label), headers=headers)
        assert answer.status_code == 422
        assert sentence in words(soup(answer))
        assert standing() == []

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_a_refused_file_keeps_the_label(self, browser, permohonan, headers):
        data = {"file": situations.upload(b"bukan foto"), "label": "Foto kerja"}
        page = soup(browser.post(evidence_url(permohonan), data=data, headers=headers))
        assert page.find(id="label")["value"] == "Foto kerja"
        assert "tidak diterima" in words(page.select_one(".err"))


class TestEvidenceThatWasAskedFor:
    @pytest.fixture
    def asked(self, browser):
        permohonan = situations.booked(browser.user, status=PermohonanStatus.EVIDENCE_NEEDED)
        seat = db.session.scalars(select(Booking)).one()
        seat.closed_at = seat.created_at
        db.session.add(
            Apl02Review(
                permohonan_id=permohonan.id, booking_id=seat.id, attempt=1, asesor_id=seat.slot.asesor_id,
                can_continue=False, missing_evidence="Laporan inspeksi harian.",
            )
        )  # fmt: skip
        db.session.commit()
        return permohonan

    def send_url(self, permohonan) -> str:
        return url_for("asesi.send_evidence", permohonan_id=permohonan.public_id)

    def test_what_the_asesor_wants_is_said_and_the_documents_are_closed(self, browser, asked):
        page = soup(browser.get(page_url(asked)))
        assert "Laporan inspeksi harian." in words(main(page))
        assert page.select_one(f'form[action="{url(asked)}"]') is None
        assert "Laporan inspeksi harian." in words(main(soup(browser.get(url_for("asesi.home")))))

    def test_it_cannot_be_sent_empty(self, browser, asked):
        page = soup(browser.get(page_url(asked)))
        button = page.select_one(f'form[action="{self.send_url(asked)}"] button')
        assert button.has_attr("disabled")
        answer = browser.post(self.send_url(asked), data={"version": asked.version})
        assert answer.status_code == 409

    def test_one_new_piece_and_it_goes_on(self, browser, asked):
        browser.post(evidence_url(asked), data={"file": situations.upload(), "label": "Laporan"})
        version = db.session.get(Permohonan, asked.id).version
        answer = browser.post(self.send_url(asked), data={"version": version})
        assert answer.status_code == 303
        assert db.session.get(Permohonan, asked.id).status is PermohonanStatus.PAID

    @pytest.mark.parametrize("version", ["", "satu", "999"])
    def test_a_stale_form(self, browser, asked, version):
        browser.post(evidence_url(asked), data={"file": situations.upload(), "label": "Laporan"})
        answer = browser.post(self.send_url(asked), data={"version": version})
        assert answer.status_code in (409, 422)
        said = "tekan sekali lagi" if answer.status_code == 409 else "Muat ulang halaman ini"
        assert any(said in each for each in notices(soup(answer)))

    def test_a_requirement_is_not_changed_now(self, browser, asked):
        assert browser.post(url(asked), data={"file": situations.upload()}).status_code == 422
