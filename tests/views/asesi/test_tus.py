"""Uploads in pieces, by a strict client of tus 1.0: what goes on, what is refused, whose they are and how many."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.gateways import storage
from lsp.models import Upload
from lsp.services import documents, uploads
from tests.html import soup, words
from tests.htmx import HX
from tests.support.documents import requirement_of, row_id, standing
from tests.support.tus import TUS
from tests.views.asesi import situations


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
        assert "ijazah.pdf" in words(page.find(id=row_id(permohonan)))

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


def test_expiry_is_a_day(tus):
    tus.begin(10)
    upload = db.session.scalars(select(Upload)).one()
    assert timedelta(hours=23) < upload.expires_at - clock.now() <= timedelta(hours=24)
