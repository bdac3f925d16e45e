"""Uploads: a row each, replaced, taken back, what a row takes, what the admin said of it."""

from __future__ import annotations

import gzip

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.config import ROOT
from lsp.database import db, write_transaction
from lsp.gateways import storage
from lsp.models import ChecklistItem, Document, FrApl02Evidence, Permohonan
from lsp.services import apl02
from lsp.services.apl02 import GivenAnswer
from lsp.services.skema_import import document_requirements
from lsp.vocabulary import AcceptedFiles, Answer, PhotoExample, RequestKind, Verdict
from tests import factories
from tests.corpus_pdf import pdf
from tests.html import filled, form, links, notices, soup, words
from tests.htmx import HX, same, swap
from tests.support.documents import page_url, requirement_of, row_id, standing, stored_files, url
from tests.views.asesi import situations


class TestUploading:
    def test_the_file_is_rebuilt_and_stands_in_its_row(self, browser, permohonan):
        answer = browser.post(url(permohonan), data={"file": situations.upload()})
        assert answer.status_code == 303
        assert answer.location == f"{page_url(permohonan)}#{row_id(permohonan)}"
        (document,) = standing()
        assert (document.content_type, document.original_name) == ("image/jpeg", "ktp.jpg")
        assert storage.store().open(document.storage_key) != situations.photo(), (
            "never what came in"
        )
        row = soup(browser.get(page_url(permohonan))).find(id=row_id(permohonan))
        assert "Ada" in words(row)
        assert links(row)["ktp.jpg"] == url_for("files.document", document_id=document.public_id)

    def test_row_and_count_equal_the_fresh_page(self, browser, permohonan):
        page = soup(browser.get(page_url(permohonan)))
        for number in (0, 1):
            answer = browser.post(
                url(permohonan, number), data={"file": situations.upload()}, headers=HX
            )
            assert "tersimpan" in words(soup(answer).find(id="status"))
            swap(page, answer, f"#{row_id(permohonan, number)}")
            assert same(page.main, soup(browser.get(page_url(permohonan))).main)
        assert "Semua dokumen wajib sudah ada" in words(page.find(id="documents-progress"))

    def test_a_second_file_replaces_the_first(self, browser, permohonan):
        for colour in ("red", "blue"):
            browser.post(
                url(permohonan), data={"file": situations.upload(situations.photo(colour))}
            )
        assert len(standing()) == 1
        assert db.session.query(Document).count() == 2, "the old one stays as history"

    def test_a_row_for_several_takes_them_until_it_is_full(self, browser, permohonan):
        requirement_of(permohonan).max_count = 2
        db.session.commit()
        for colour in ("red", "blue"):
            assert (
                browser.post(
                    url(permohonan), data={"file": situations.upload(situations.photo(colour))}
                ).status_code
                == 303
            )
        answer = browser.post(
            url(permohonan), data={"file": situations.upload(situations.photo("green"))}
        )
        assert answer.status_code == 422
        assert "paling banyak 2 berkas" in words(soup(answer).find(id=row_id(permohonan)))
        assert len(standing()) == 2

    def test_the_same_file_twice_stands_once(self, browser, permohonan):
        requirement_of(permohonan).max_count = 5
        db.session.commit()
        answers = [
            browser.post(url(permohonan), data={"file": situations.upload()}) for _ in range(2)
        ]
        assert [each.status_code for each in answers] == [303, 422]
        assert "sudah ada di sini" in words(soup(answers[1]))
        assert len(standing()) == 1

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_a_file_is_taken_back(self, browser, permohonan, headers):
        requirement_of(permohonan).max_count = 5
        file = situations.add_document(permohonan, requirement=requirement_of(permohonan))
        address = url_for(
            "asesi.remove_document", permohonan_id=permohonan.public_id, document_id=file.public_id
        )
        answer = browser.post(address, headers=headers)
        assert standing() == []
        onward = answer.headers["HX-Redirect" if headers else "Location"]
        page = soup(browser.get(onward))
        assert any("dihapus" in each for each in notices(page))
        action = address.replace("/hapus", "/kembalikan")
        back = browser.post(action, data=filled(form(page, action)))
        assert back.status_code == 303
        assert [each.public_id for each in standing()] == [file.public_id]
        assert browser.post(action).status_code == 409, "it stands already"
        browser.post(address)
        assert browser.post(address).status_code == 404, "a second press finds nothing"

    @pytest.mark.parametrize("answer", ["9999999999999999999", "-9223372036854775809", "x"])
    def test_it_comes_back_whatever_answers_are_named(self, browser, permohonan, answer):
        file = situations.add_document(permohonan, purpose="evidence", replaced_at=clock.now())
        action = url_for(
            "asesi.restore_document", permohonan_id=permohonan.public_id, document_id=file.public_id
        )
        assert browser.post(action, data={"jawaban": answer}).status_code == 303
        assert [each.public_id for each in standing()] == [file.public_id]

    def test_what_fr_apl_02_loses_is_said_before_and_comes_back(self, browser, permohonan):
        file = situations.add_document(permohonan, purpose="evidence")
        elemen = permohonan.skema_version.units[0].elements[0]
        with write_transaction():
            case = db.session.get_one(Permohonan, permohonan.id)
            apl02.save_answers(case, {elemen.id: GivenAnswer(Answer.K, "", [file.id])})
        address = url_for(
            "asesi.remove_document", permohonan_id=permohonan.public_id, document_id=file.public_id
        )
        assert browser.post(address).location == address, "first the page that asks"
        page = soup(browser.get(address))
        assert f"{elemen.title} kehilangan bukti ini." in words(page)
        after = soup(browser.get(browser.post(address, data=filled(form(page, address))).location))
        assert db.session.scalars(select(FrApl02Evidence)).all() == []
        action = address.replace("/hapus", "/kembalikan")
        browser.post(action, data=filled(form(after, action)))
        assert [each.document_id for each in db.session.scalars(select(FrApl02Evidence))] == [
            file.id
        ]

    def test_a_replaced_file_does_not_come_back(self, browser, permohonan):
        old = situations.add_document(
            permohonan, requirement=requirement_of(permohonan), replaced_at=clock.now()
        )
        action = url_for(
            "asesi.restore_document", permohonan_id=permohonan.public_id, document_id=old.public_id
        )
        assert browser.post(action).status_code == 409
        assert standing() == []


class TestWhatARowTakes:
    """Data of the row drives the file chooser, the words on the page and the refusal."""

    @pytest.fixture
    def row(self, browser, permohonan):
        requirement_of(permohonan).accepts = AcceptedFiles.PDF
        requirement_of(permohonan).example = PhotoExample.PAPER
        db.session.commit()
        return soup(browser.get(page_url(permohonan))).find(id=row_id(permohonan))

    def test_the_chooser_offers_it(self, row):
        assert row.select_one("[type=file]")["accept"] == "application/pdf"
        assert "capture" not in row.select_one("[type=file]").attrs, "a file stays a choice"

    def test_the_page_says_it_and_draws_an_example(self, row, browser):
        assert "Hanya PDF." in words(row)
        picture = row.select_one("details img")
        assert "Benar: seluruh surat terlihat" in picture["alt"]
        with browser.get(picture["src"]) as drawing:
            assert drawing.mimetype == "image/svg+xml"
            assert len(drawing.get_data()) < 2_000

    def test_the_refusal_says_it(self, app, browser, permohonan, row):
        answer = browser.post(url(permohonan), data={"file": situations.upload()})
        said = words(soup(answer).select_one(".err"))
        assert said == (
            "Foto tidak dapat dipakai untuk dokumen ini. Berkas Anda yang lain tetap tersimpan. Unggah PDF."
        )
        assert stored_files(app) == 0
        good = situations.upload(pdf(), "surat.pdf")
        assert browser.post(url(permohonan), data={"file": good}).status_code == 303

    def test_every_example_is_drawn(self, browser):
        for example in PhotoExample:
            assert example.words.startswith("Benar: ")
            assert (ROOT / f"lsp/static/contoh-{example}.svg").stat().st_size < 2_000


@pytest.mark.parametrize("kind", RequestKind)
def test_the_page_fits_the_first_round_trip_of_a_slow_phone(browser, kind):
    """With the rows that a skema of jenjang 7 asks for, and with its style sheet in it."""
    version = factories.make_skema(documents=0)
    version.requirements = document_requirements(7)
    permohonan = situations.draft(browser.user, skema_version_id=version.id, kind=kind)
    html = browser.get(page_url(permohonan)).get_data()
    assert len(soup(html.decode()).select("li[id^=document-row]")) >= 6
    assert len(gzip.compress(html)) <= 14_000


def test_what_may_stay_empty_is_folded_until_it_is_wanted(browser, permohonan):
    requirement_of(permohonan, 1).required = False
    db.session.commit()
    page = soup(browser.get(page_url(permohonan)))
    needed, optional = (page.find(id=row_id(permohonan, number)) for number in (0, 1))
    assert needed.form.find_parent("details") is None
    assert "Unggah, bila ada" in words(optional.form.find_parent("details").summary)
    answer = browser.post(url(permohonan, 1), data={"file": situations.upload(b"bukan gambar")})
    refused = soup(answer).find(id=row_id(permohonan, 1))
    assert refused.form.find_parent("details") is None, "what went wrong stands open"


class TestReturned:
    def test_the_admins_note_stands_in_its_row(self, browser):
        permohonan = situations.returned(browser.user)
        row = soup(browser.get(page_url(permohonan))).find(id=row_id(permohonan))
        assert "Foto buram." in words(row)
        assert "Ganti" in words(row.select_one(".badge"))

    def test_a_file_to_be_replaced_is_not_called_missing(self, browser):
        permohonan = situations.returned(browser.user)
        progress = soup(browser.get(page_url(permohonan))).find(id="documents-progress")
        assert words(progress) == "1 dokumen perlu diganti"

    def test_a_newer_file_settles_the_row(self, browser):
        permohonan = situations.returned(browser.user)
        browser.post(url(permohonan), data={"file": situations.upload()})
        page = soup(browser.get(page_url(permohonan)))
        assert "Foto buram." not in words(page.find(id=row_id(permohonan)))
        assert "Semua dokumen wajib" in words(page.find(id="documents-progress"))

    def test_a_row_that_meets_says_so(self, browser):
        permohonan = situations.returned(browser.user)
        item = db.session.scalars(select(ChecklistItem)).one()
        item.verdict, item.note = Verdict.MEETS, ""
        db.session.commit()
        row = soup(browser.get(page_url(permohonan))).find(id=row_id(permohonan))
        assert words(row.select_one(".badge")) == "Memenuhi syarat"


class TestWhoseItIs:
    def test_anothers_row(self, browser, permohonan):
        other = situations.draft()
        address = url_for(
            "asesi.upload_document",
            permohonan_id=other.public_id,
            requirement_id=requirement_of(other).public_id,
        )
        assert browser.post(address, data={"file": situations.upload()}).status_code == 404

    def test_a_row_of_another_skema(self, browser, permohonan):
        other = situations.draft()
        address = url_for(
            "asesi.upload_document", permohonan_id=permohonan.public_id,
            requirement_id=requirement_of(other).public_id,
        )  # fmt: skip
        assert browser.post(address, data={"file": situations.upload()}).status_code == 404

    def test_anothers_file_is_not_taken_back(self, browser, permohonan):
        foreign = situations.add_document(situations.draft(), purpose="evidence")
        address = url_for(
            "asesi.remove_document",
            permohonan_id=permohonan.public_id,
            document_id=foreign.public_id,
        )
        assert browser.post(address).status_code == 404
