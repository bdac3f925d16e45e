"""Uploads in pieces that broke off or came to their end: a file comes in once, or not at all."""

from __future__ import annotations

import io
import time

import pytest
from sqlalchemy import select

from lsp.database import db
from lsp.gateways import storage
from lsp.gateways.files import StoreUnavailable
from lsp.models import Document, Upload
from lsp.services import documents, throttle
from lsp.services.throttle import HEAVY_UPLOAD_ACCOUNT
from tests.html import soup, words
from tests.htmx import HX
from tests.support.documents import standing, stored_files
from tests.support.tus import send_case
from tests.views.asesi import situations


class TestBrokenOff:
    def test_no_file_means_begin_again(self, app, tus, content):
        """The disk of a dyno was emptied."""
        tus.begin(len(content))
        tus.send(content[:200], 0)
        for each in (app.config["LSP"].data_folder / "parts").iterdir():
            each.unlink()
        assert tus.offset() == 0
        assert tus.send(content, 0).status_code == 204
        assert len(standing()) == 1

    def test_the_server_died_between_the_last_byte_and_the_row(self, tus, content):
        """Asked for the last byte again, a client sends it, and the file comes in."""
        tus.begin(len(content))
        upload = db.session.scalars(select(Upload)).one()
        with storage.parts().held(upload.public_id, upload.part_key) as part:
            part.append(io.BytesIO(content), offset=0, most=len(content))
        assert standing() == []
        offset = tus.offset()
        assert offset == len(content) - 1
        assert tus.send(content[offset:], offset).status_code == 204
        assert len(standing()) == 1
        assert tus.offset() == len(content)

    def test_the_last_answer_was_lost(self, tus, content):
        tus.begin(len(content))
        tus.send(content, 0)
        again = tus.send(content[-1:], len(content) - 1)
        assert (again.status_code, again.headers["Upload-Offset"]) == (409, str(len(content)))
        assert db.session.query(Document).count() == 1

    def test_two_tabs_send_the_same_upload(self, client_of, browser, content):
        first, second = client_of(browser), client_of(browser)
        first.begin(len(content))
        second.at = first.at
        assert first.send(content[:100], 0).status_code == 204
        assert second.send(content[:100], 0).status_code == 409
        assert second.send(content[100:], second.offset()).status_code == 204
        assert first.send(content[100:], 100).status_code == 409
        assert first.offset() == len(content)
        assert db.session.query(Document).count() == 1

    def test_two_uploads_of_one_file_are_one_document(self, client_of, browser, content):
        for _ in range(2):
            tus = client_of(browser)
            tus.begin(len(content))
            assert tus.send(content, 0).status_code == 204
        assert db.session.query(Document).count() == 1, "a repeat within minutes"

    def test_while_another_request_writes_it(self, tus, content):
        tus.begin(len(content))
        upload = db.session.scalars(select(Upload)).one()
        with storage.parts().held(upload.public_id, upload.part_key):
            assert tus.send(content, 0).status_code == 423
        assert tus.send(content, 0).status_code == 204

    def test_a_full_disk(self, tus, content, monkeypatch):
        tus.begin(len(content))
        tus.send(content[:100], 0)

        def full(*_args):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("lsp.gateways.parts._write", full)
        answer = tus.send(content[100:], 100)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        monkeypatch.undo()
        assert tus.offset() == 100
        assert tus.send(content[100:], 100).status_code == 204


class TestTakingIn:
    @pytest.mark.parametrize("headers", [{}, HX])
    def test_refused_with_the_sentence_of_its_row(self, app, client_of, browser, headers):
        tus = client_of(browser, **headers)
        bad = b"GIF89a" + bytes(300)
        tus.begin(len(bad))
        answer = tus.send(bad, 0)
        assert answer.status_code == 422
        assert "Jenis berkas ini tidak diterima" in words(soup(answer).select_one("li .err"))
        assert standing() == []
        assert stored_files(app) == 0
        assert storage.parts().names() == []
        assert tus.state().status_code == 404

    def test_a_bucket_that_fails_costs_only_the_last_byte(self, tus, content, monkeypatch):
        tus.begin(len(content))

        def broken(*_args):
            raise StoreUnavailable("no answer")

        with monkeypatch.context() as patch:
            patch.setattr("lsp.gateways.files.FileStore.put", broken)
            answer = tus.send(content, 0)
        assert answer.status_code == 503
        assert "gangguan di server" in answer.get_data(as_text=True)
        assert standing() == []
        offset = tus.offset()
        assert offset == len(content) - 1
        assert tus.send(content[offset:], offset).status_code == 204
        assert len(standing()) == 1

    def test_an_account_held_back_for_heavy_files(self, tus, content, browser):
        for _ in range(HEAVY_UPLOAD_ACCOUNT.count):
            throttle.count_try((HEAVY_UPLOAD_ACCOUNT, browser.user.public_id))
        tus.begin(len(content))
        answer = tus.send(content, 0)
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
        assert tus.offset() == len(content) - 1

    def test_no_connection_is_held_while_it_is_rebuilt(self, tus, content, monkeypatch):
        held = []

        def watch(file, *, lock_path):
            held.append(db.engine.pool.checkedout())
            raise documents.UploadRefused("busy", "Server sedang mengolah berkas lain.")

        tus.begin(len(content))
        monkeypatch.setattr(documents, "rebuild", watch)
        db.session.remove()
        assert tus.send(content, 0).status_code == 503
        assert held == [0]

    def test_the_case_was_sent_meanwhile(self, tus, content, permohonan):
        tus.begin(len(content))
        tus.send(content[:100], 0)
        send_case(permohonan)
        answer = tus.send(content[100:], 100)
        assert answer.status_code == 422
        assert storage.parts().names() == []
        assert tus.state().status_code == 404
        assert tus.begin(len(content)).status_code == 422

    def test_the_case_is_sent_while_the_file_is_rebuilt(
        self, tus, content, permohonan, monkeypatch
    ):
        tus.begin(len(content))
        rebuild = documents.rebuild

        def slow(file, *, lock_path):
            done = rebuild(file, lock_path=lock_path)
            send_case(permohonan)
            return done

        monkeypatch.setattr(documents, "rebuild", slow)
        assert tus.send(content, 0).status_code == 422
        assert standing() == []


def test_ten_megabytes_come_in(tus):
    """The largest file there may be, in the pieces our script sends."""
    content = situations.photo() + bytes(10_000_000 - len(situations.photo()))
    tus.begin(len(content), "foto.jpg")
    began = time.monotonic()
    for start in range(0, len(content), 512 * 1024):
        assert tus.send(content[start : start + 512 * 1024], start).status_code == 204
    assert time.monotonic() - began < 10
    (document,) = standing()
    assert document.content_type == "image/jpeg"
