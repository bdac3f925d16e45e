"""Uploads in pieces, by a strict client of tus 1.0: what goes on, what is refused, and that a file comes in once."""

from __future__ import annotations

import base64
import io
import itertools
import time
from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import begin_write, db
from lsp.gateways import storage
from lsp.gateways.files import StoreUnavailable
from lsp.models import Document, Permohonan, Upload
from lsp.services import documents, throttle, uploads
from lsp.services.throttle import HEAVY_UPLOAD_ACCOUNT
from lsp.vocabulary import PermohonanStatus
from tests.corpus_pdf import pdf
from tests.html import soup, words
from tests.htmx import HX
from tests.views.asesi import situations

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"


@pytest.fixture
def browser(sign_in):
    return sign_in()


@pytest.fixture
def permohonan(browser):
    return situations.draft(browser.user)


@pytest.fixture
def content() -> bytes:
    return pdf()


class TusClient:
    """Knows the protocol and nothing of the portal: an address to begin at, and what it is answered."""

    def __init__(self, browser, address: str, **headers) -> None:
        self.browser, self.address, self.headers, self.at = browser, address, TUS | headers, ""

    def begin(self, length, name="ijazah.pdf", **headers):
        said = f"filename {base64.b64encode(name.encode()).decode()}"
        answer = self.browser.post(
            self.address,
            headers=self.headers
            | {"Upload-Length": str(length), "Upload-Metadata": said}
            | headers,
        )
        self.at = answer.headers.get("Location", "")
        return answer

    def state(self):
        return self.browser.head(self.at, headers=self.headers)

    def offset(self) -> int:
        return int(self.state().headers["Upload-Offset"])

    def send(self, data: bytes, offset: int, kind=PIECE, **headers):
        given = self.headers | {"Upload-Offset": str(offset)} | headers
        return self.browser.patch(self.at, data=data, headers=given, content_type=kind)

    def drop(self):
        return self.browser.delete(self.at, headers=self.headers)


def requirement_of(permohonan):
    return permohonan.skema_version.requirements[0]


def row_of(permohonan) -> str:
    return f"document-row-{requirement_of(permohonan).public_id}"


@pytest.fixture
def client_of(permohonan):
    def made(browser, **headers) -> TusClient:
        address = url_for(
            "asesi.begin_upload",
            permohonan_id=permohonan.public_id,
            requirement_id=requirement_of(permohonan).public_id,
        )
        return TusClient(browser, address, **headers)

    return made


@pytest.fixture
def tus(client_of, browser):
    return client_of(browser)


def standing() -> list[Document]:
    db.session.rollback()
    return list(db.session.scalars(select(Document).where(Document.replaced_at.is_(None))))


def stored_files(app) -> int:
    folder = app.config["LSP"].data_folder / "files"
    return sum(1 for each in folder.rglob("*") if each.is_file())


class TestTheWay:
    def test_in_three_pieces(self, app, tus, content, permohonan, browser):
        answer = tus.begin(len(content))
        assert answer.status_code == 201
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        assert "Upload-Expires" in answer.headers
        assert tus.offset() == 0
        cuts = [0, 100, 333, len(content)]
        for start, end in itertools.pairwise(cuts):
            answer = tus.send(content[start:end], start)
            assert answer.status_code == 204
            assert answer.get_data() == b""
            assert int(answer.headers["Upload-Offset"]) == tus.offset() == end
        (document,) = standing()
        assert (document.original_name, document.content_type) == ("ijazah.pdf", "application/pdf")
        assert document.requirement_id == requirement_of(permohonan).id
        assert storage.parts().names() == []
        page = soup(browser.get(url_for("asesi.documents", permohonan_id=permohonan.public_id)))
        assert "ijazah.pdf" in words(page.find(id=row_of(permohonan)))

    def test_what_the_server_can_is_told(self, tus, content):
        tus.begin(len(content))
        for address in (tus.address, tus.at):
            answer = tus.browser.options(address)
            assert answer.status_code == 204
            assert answer.headers["Tus-Version"] == "1.0.0"
            assert answer.headers["Tus-Max-Size"] == "10000000"
            assert "creation" in answer.headers["Tus-Extension"]

    def test_state_tells_length_and_what_was_said(self, tus):
        said = tus.begin(500, "kartu.pdf").request.headers["Upload-Metadata"]
        state = tus.state()
        assert state.status_code == 200
        assert state.headers["Upload-Length"] == "500"
        assert state.headers["Upload-Metadata"] == said
        assert state.headers["Cache-Control"] == "no-store"
        assert state.headers["Tus-Resumable"] == "1.0.0"

    def test_our_script_gets_the_row_with_the_last_piece(self, client_of, browser, content):
        tus = client_of(browser, **HX)
        tus.begin(len(content))
        assert tus.send(content[:50], 0).status_code == 204
        answer = tus.send(content[50:], 50)
        assert answer.status_code == 200
        page = soup(answer)
        assert "ijazah.pdf" in words(page.li)
        assert page.find(id="documents-progress") is not None
        assert "tersimpan" in words(page.find(id="status"))

    def test_what_lies_on_disk_shows_nothing(self, app, tus, content):
        tus.begin(len(content))
        tus.send(content[:-10], 0)
        (name,) = storage.parts().names()
        path = app.config["LSP"].data_folder / "parts" / name
        assert path.stat().st_mode & 0o777 == 0o600
        sealed = path.read_bytes()
        assert len(sealed) == len(content) - 10
        assert b"%PDF" not in sealed
        assert b"endobj" not in sealed

    def test_dropped_by_its_sender(self, tus, content):
        tus.begin(len(content))
        tus.send(content[:10], 0)
        assert tus.drop().status_code == 204
        assert storage.parts().names() == []
        assert tus.state().status_code == 404


class TestStrictness:
    @pytest.mark.parametrize("version", ["", "0.2.2", "1.0", "2.0.0"])
    def test_another_version(self, tus, content, version):
        answer = tus.begin(len(content), **{"Tus-Resumable": version})
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
        assert db.session.query(Upload).count() == 0
        tus.begin(len(content))
        for answer in (
            tus.send(b"a", 0, **{"Tus-Resumable": version}),
            tus.browser.head(tus.at, headers={"Tus-Resumable": version}),
            tus.browser.delete(tus.at, headers={"Tus-Resumable": version}),
        ):
            assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
        assert tus.offset() == 0

    @pytest.mark.parametrize("offset", [0, 99, 101, 5_000])
    def test_a_wrong_offset_changes_nothing(self, tus, content, offset):
        tus.begin(len(content))
        tus.send(content[:100], 0)
        answer = tus.send(content[100:200], offset)
        assert answer.status_code == 409
        assert answer.headers["Upload-Offset"] == "100"
        assert tus.offset() == 100

    @pytest.mark.parametrize("offset", ["", "-1", "1.5", "x", "9" * 30])
    def test_an_offset_that_is_no_number(self, tus, content, offset):
        tus.begin(len(content))
        assert tus.send(b"a", 0, **{"Upload-Offset": offset}).status_code == 400

    @pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", ""])
    def test_another_kind_of_body(self, tus, content, kind):
        tus.begin(len(content))
        assert tus.send(b"a", 0, kind=kind).status_code == 415
        assert tus.offset() == 0

    def test_more_than_announced(self, tus, content):
        tus.begin(len(content))
        tus.send(content[:100], 0)
        assert tus.send(content[100:] + b"x", 100).status_code == 413
        assert tus.offset() == 100, "nothing of it is kept"
        assert tus.send(content[100:], 100).status_code == 204

    @pytest.mark.parametrize("length", ["", "-5", "x", "1e3"])
    def test_a_length_that_is_no_number(self, tus, length):
        assert tus.begin(length).status_code == 400

    @pytest.mark.parametrize(
        "said", ["filename ***", "filename /w==", "a " + "b" * 3_000, "é YQ==", "a\tb YQ=="]
    )
    def test_what_cannot_be_read_about_it(self, tus, said):
        assert tus.begin(5, **{"Upload-Metadata": said}).status_code == 400

    @pytest.mark.parametrize(("length", "status"), [(0, 422), (10_000_000, 201), (10_000_001, 413)])
    def test_the_largest(self, tus, length, status):
        answer = tus.begin(length)
        assert answer.status_code == status
        if status == 413:
            assert "lebih besar dari 10 MB" in words(soup(answer))

    def test_a_name_that_leads_elsewhere_is_a_name(self, tus, content):
        tus.begin(len(content), "../../etc/pass\r\nwd‮.pdf")
        tus.send(content, 0)
        (document,) = standing()
        assert document.original_name == "passwd.pdf"


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
        _send_case(permohonan)
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
            _send_case(permohonan)
            return done

        monkeypatch.setattr(documents, "rebuild", slow)
        assert tus.send(content, 0).status_code == 422
        assert standing() == []


def _send_case(permohonan):
    begin_write()
    case = db.session.get(Permohonan, permohonan.id)
    case.status, case.submitted_at = PermohonanStatus.SUBMITTED, clock.now()
    db.session.commit()
    db.session.remove()


class TestWhose:
    def test_anothers_upload_is_not_found(self, tus, client_of, sign_in, content):
        tus.begin(len(content))
        other = client_of(sign_in())
        other.at = tus.at
        for answer in (other.begin(5), *_ask_all(other, tus.at)):
            assert answer.status_code == 404
        assert tus.offset() == 0

    def test_another_case_of_the_same_person(self, tus, browser, content):
        tus.begin(len(content))
        mine = situations.draft(browser.user)
        upload = db.session.scalars(select(Upload)).one()
        address = url_for(
            "asesi.send_piece", permohonan_id=mine.public_id, upload_id=upload.public_id
        )
        for answer in _ask_all(tus, address):
            assert answer.status_code == 404

    def test_time_is_over(self, tus, content):
        tus.begin(len(content))
        tus.send(content[:10], 0)
        db.session.query(Upload).update({"expires_at": clock.now() - timedelta(seconds=1)})
        assert tus.state().status_code == 404
        assert tus.send(content[10:], 10).status_code == 404
        assert len(uploads.sweep()) == 1
        assert storage.parts().names() == []
        assert db.session.query(Upload).count() == 0

    def test_not_without_our_token(self, app, tus, client_of, content):
        tus.begin(len(content))
        app.config["WTF_CSRF_ENABLED"] = True
        for answer in (tus.send(content, 0), tus.drop()):
            assert answer.status_code == 400
        assert client_of(tus.browser).begin(len(content)).status_code == 400
        page = soup(tus.browser.get(tus.address.partition("/dokumen/")[0] + "/dokumen"))
        token = page.select_one("[name=csrf_token]")["value"]
        assert tus.send(content, 0, **{"X-CSRFToken": token}).status_code == 204


def _ask_all(client, address):
    client.at = address
    return [client.state(), client.send(b"a", 0), client.drop(), client.browser.options(address)]


class TestLimits:
    def test_unfinished_ones_count_against_the_room_of_the_case(self, tus, monkeypatch):
        monkeypatch.setattr(documents, "setting", lambda _key: 25)
        assert [tus.begin(10_000_000).status_code for _ in range(3)] == [201, 201, 422]

    def test_the_oldest_unfinished_one_makes_room(self, tus):
        first = tus.begin(100).headers["Location"]
        for _ in range(uploads.UNFINISHED_EACH):
            assert tus.begin(100).status_code == 201
        assert db.session.query(Upload).count() == uploads.UNFINISHED_EACH
        assert tus.browser.head(first, headers=TUS).status_code == 404

    def test_everybodys_together(self, tus, monkeypatch):
        monkeypatch.setattr(uploads, "UNFINISHED_BYTES", 150)
        answers = [tus.begin(100) for _ in range(2)]
        assert [each.status_code for each in answers] == [201, 503]
        assert "oleh banyak orang" in answers[1].get_data(as_text=True)

    def test_the_sweep_keeps_what_is_waited_for(self, tus, content):
        tus.begin(len(content))
        tus.send(content[:10], 0)
        assert uploads.sweep() == []
        assert tus.offset() == 10
        db.session.query(Upload).delete()
        db.session.commit()
        assert len(uploads.sweep()) == 1

    def test_the_sweep_leaves_a_file_that_is_written(self, tus, content):
        tus.begin(len(content))
        upload = db.session.scalars(select(Upload)).one()
        name, key = upload.public_id, upload.part_key
        with storage.parts().held(name, key):
            uploads.forget(name)
            assert uploads.sweep() == []
        assert uploads.sweep() == [name]


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


def test_expiry_is_a_day(tus):
    tus.begin(10)
    upload = db.session.scalars(select(Upload)).one()
    assert timedelta(hours=23) < upload.expires_at - clock.now() <= timedelta(hours=24)
