"""Uploads that are refused, by a sentence at their row only, and faults of store, disk and database."""

from __future__ import annotations

import errno

import pytest
from sqlalchemy.exc import OperationalError

from lsp.database import db
from lsp.gateways.files import FileStore, StoreUnavailable
from lsp.gateways.rebuild import UploadRefused
from lsp.models import Permohonan
from lsp.services import documents
from lsp.services.throttle import HEAVY_UPLOAD_ACCOUNT
from lsp.vocabulary import PHOTO_CODE, AcceptedFiles, PermohonanStatus
from tests.corpus_pdf import pdf
from tests.html import soup, words
from tests.htmx import HX
from tests.support.documents import page_url, requirement_of, row_id, standing, stored_files, url
from tests.views.asesi import situations


class TestRefused:
    """A sentence by that row only; the others, the store and the database stay as they were."""

    @pytest.mark.parametrize(
        ("content", "name", "sentence"),
        [
            (b"", "ktp.jpg", "kosong"),
            (b"MZ\x90\x00 not a picture", "ktp.jpg", "tidak diterima"),
            (b"\xff\xd8\xff\xe0 not a picture either", "ktp.jpg", "tidak bisa dibaca"),
            (b"%PDF-1.7 broken", "ktp.pdf", "rusak"),
            (b"<html><script>alert(1)</script>", "ktp.jpg", "tidak diterima"),
            (b"x" * 10_000_001, "ktp.jpg", "lebih besar dari 10 MB"),
        ],
        ids=["empty", "program", "no picture", "broken pdf", "page", "too large"],
    )
    @pytest.mark.parametrize("headers", [{}, HX], ids=["plain", "htmx"])
    def test_what_is_not_what_it_says(
        self, app, browser, permohonan, content, name, sentence, headers
    ):
        answer = browser.post(
            url(permohonan), **situations.large_upload(content, name), headers=headers
        )
        page = soup(answer)
        assert answer.status_code == 422
        assert sentence in words(page.select_one(f"#{row_id(permohonan)} .err"))
        assert len(page.select(".err")) == 1
        assert standing() == []
        assert stored_files(app) == 0

    def test_without_scripts_the_page_opens_at_the_row_and_says_it_first(self, browser, permohonan):
        page = soup(browser.get(page_url(permohonan)))
        row = page.find(id=row_id(permohonan, 1))
        assert row.form["action"] == f"{url(permohonan, 1)}#{row_id(permohonan, 1)}"
        answer = browser.post(url(permohonan, 1), data={"file": situations.upload(b"bukan gambar")})
        page = soup(answer)
        (link,) = page.select(".notice.bad a")
        assert link["href"] == f"#{row_id(permohonan, 1)}"
        assert words(link).startswith(requirement_of(permohonan, 1).label)
        assert words(page.select_one(f"#{row_id(permohonan, 1)} .err")) in words(link)

    @pytest.mark.parametrize("headers", [{}, HX])
    @pytest.mark.parametrize("file", [None, "no file but text", ""])
    def test_without_a_file(self, browser, permohonan, headers, file):
        data = (
            {"file": situations.upload(b"", "") if file == "" else file} if file is not None else {}
        )
        answer = browser.post(
            url(permohonan), data=data, headers=headers, content_type="multipart/form-data"
        )
        assert answer.status_code == 422
        assert "Belum ada berkas yang dipilih" in words(soup(answer))

    def test_a_body_past_the_limit_is_a_page_of_its_own(self, browser, permohonan):
        answer = browser.post(url(permohonan), **situations.large_upload(b"x" * 10_300_000))
        assert answer.status_code == 413

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_past_the_quota_of_the_case(self, app, browser, permohonan, headers):
        situations.add_document(permohonan, purpose="evidence", size=200_000_000)
        before = stored_files(app)
        answer = browser.post(url(permohonan), data={"file": situations.upload()}, headers=headers)
        assert answer.status_code == 422
        assert "penuh" in words(soup(answer).select_one(".err"))
        assert stored_files(app) == before, "what was stored meanwhile is taken out again"

    def test_a_name_like_an_attack_is_only_text(self, browser, permohonan):
        browser.post(url(permohonan), data={"file": situations.upload(name="../../<u>x.jpg")})
        assert standing()[0].original_name == "<u>x.jpg"
        assert soup(browser.get(page_url(permohonan))).find("u") is None

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_when_it_was_sent_meanwhile(self, app, browser, permohonan, headers, monkeypatch):
        """The case moves on while the file is being rebuilt: the check after it speaks."""
        received = documents.receive

        def slow(content, **named):
            kept = received(content, **named)
            case = db.session.get_one(Permohonan, case_id)
            case.status, case.submitted_at = PermohonanStatus.SUBMITTED, case.created_at
            db.session.commit()
            return kept

        case_id = permohonan.id
        monkeypatch.setattr(documents, "receive", slow)
        answer = browser.post(url(permohonan), data={"file": situations.upload()}, headers=headers)
        assert answer.status_code == 422
        assert "sudah dikirim" in words(soup(answer).select_one(".err"))
        assert standing() == []
        assert stored_files(app) == 0


class TestFaults:
    @pytest.mark.parametrize("headers", [{}, HX])
    def test_the_store_does_not_answer(self, browser, permohonan, headers, monkeypatch):
        def down(self, content):
            raise StoreUnavailable("no answer")

        monkeypatch.setattr(FileStore, "put", down)
        answer = browser.post(url(permohonan), data={"file": situations.upload()}, headers=headers)
        assert answer.status_code == 422
        assert "gangguan di server" in words(soup(answer).select_one(".err"))
        assert standing() == []

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_the_disk_is_full(self, browser, permohonan, headers, monkeypatch):
        def full(*_args, **_named):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(documents, "rebuild", full)
        answer = browser.post(url(permohonan), data={"file": situations.upload()}, headers=headers)
        assert answer.status_code == 422
        assert "gangguan di server" in words(soup(answer).select_one(".err"))

    def test_the_row_cannot_be_written(self, app, browser, permohonan, monkeypatch):
        def full(*_args, **_named):
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))

        monkeypatch.setattr(documents, "attach", full)
        answer = browser.post(url(permohonan), data={"file": situations.upload()})
        assert answer.status_code == 503
        assert stored_files(app) == 0, "no file without a row"

    def test_no_connection_is_held_while_a_file_is_rebuilt(self, browser, permohonan, monkeypatch):
        """A slow photo must not keep others from the database."""
        held = []

        def watch(content, *, lock_path):
            held.append(db.engine.pool.checkedout())
            raise UploadRefused("busy", "cukup")

        address = url(permohonan)
        monkeypatch.setattr(documents, "rebuild", watch)
        db.session.remove()
        browser.post(address, data={"file": situations.upload()})
        assert held == [0]

    @pytest.mark.parametrize("headers", [{}, HX])
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (pdf(), "PDF tidak dapat dipakai untuk dokumen ini"),
            (b"GIF89a", "Unggah foto (JPG, PNG, HEIC)."),
            (situations.photo(size=(400, 299)), "400 × 299 titik"),
        ],
    )
    def test_a_pas_foto_that_is_none(self, app, browser, permohonan, headers, content, said):
        address = url(permohonan)
        rows = permohonan.skema_version.requirements
        row = next(row for row in rows if row.public_id in address)
        row.code, row.accepts = PHOTO_CODE, AcceptedFiles.PICTURE
        db.session.commit()
        answer = browser.post(address, data={"file": situations.upload(content)}, headers=headers)
        assert answer.status_code == 422
        assert said in words(soup(answer).select_one(".err"))
        assert stored_files(app) == 0
        good = situations.upload(situations.photo(size=(300, 400)))
        assert browser.post(address, data={"file": good}, headers=headers).status_code in (200, 303)

    def test_an_account_that_only_sends_heavy_files_is_held_back(
        self, browser, permohonan, monkeypatch
    ):
        """Each of them keeps everybody else's uploads waiting for seconds."""
        tried = []

        def burn(content, *, lock_path):
            tried.append(content)
            raise UploadRefused("too_heavy", "Berkas ini terlalu berat untuk diolah.")

        monkeypatch.setattr(documents, "rebuild", burn)
        for _ in range(HEAVY_UPLOAD_ACCOUNT.count + 1):
            answer = browser.post(url(permohonan), data={"file": situations.upload()})
        assert len(tried) == HEAVY_UPLOAD_ACCOUNT.count
        assert answer.status_code == 422
        assert "Terlalu banyak percobaan" in words(soup(answer).select_one(".err"))
