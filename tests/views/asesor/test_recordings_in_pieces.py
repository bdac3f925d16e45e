"""The recording of a meeting sent in pieces: broken off, gone on with, stored by the worker."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp.database import db
from lsp.gateways import storage
from lsp.services import recording_uploads
from lsp.worker import drain
from tests.html import soup, words
from tests.htmx import HX
from tests.support.recordings import MP4, rows, seat_of, video
from tests.support.tus import TUS, TusClient


class TestInPieces:
    @pytest.fixture
    def tus(self, held):
        return TusClient(held.browser, held.url(f"/rekaman/{seat_of(held).public_id}/unggahan"))

    def test_broken_off_it_goes_on_and_the_worker_stores_it(self, held, tus):
        content = video(30_000)
        assert tus.begin(len(content), "rapat.mp4").status_code == 201
        assert tus.send(content[:7_000], 0).status_code == 204
        assert tus.offset() == 7_000
        assert "23 %" in words(held.get("/rekaman"))
        assert tus.send(content[9_000:], 9_000).status_code == 409
        assert tus.send(content[7_000:], 7_000).status_code == 204
        assert tus.offset() == len(content)
        assert "sedang disimpan" in words(held.get("/rekaman"))
        assert rows() == []
        drain()
        (row,) = rows()
        assert (row.original_name, row.size, row.content_type) == ("rapat.mp4", 30_000, "video/mp4")
        assert storage.store().open(row.storage_key) == content
        assert storage.recording_parts().names() == []
        assert seat_of(held).record.recording_reference.startswith("rapat.mp4 (SHA-256")
        drain()
        assert len(rows()) == 1

    def test_what_lies_on_disk_shows_nothing(self, app, tus):
        tus.begin(30_000, "rapat.mp4")
        tus.send(video(20_000), 0)
        (name,) = storage.recording_parts().names()
        assert (
            MP4[4:20] not in (app.config["LSP"].data_folder / "recording-parts" / name).read_bytes()
        )

    def test_larger_than_any_document_is_announced(self, tus):
        assert tus.begin(5_000_000_000, "rapat.mp4").status_code == 201
        assert tus.offset() == 0

    def test_refused_where_the_disk_would_fall_under_its_reserve(self, tus, monkeypatch):
        monkeypatch.setattr(storage, "room", lambda: 2_000_000_000 + 2 * 600)
        assert tus.begin(400, "a.mp4").status_code == 201
        answer = tus.begin(400, "b.mp4")  # the first one has not come yet, but is counted
        assert answer.status_code == 507
        assert "Ruang penyimpanan server tidak cukup" in answer.get_data(as_text=True)

    def test_what_was_announced_and_does_not_come_holds_no_room_for_long(self, tus, monkeypatch):
        monkeypatch.setattr(storage, "room", lambda: 2_000_000_000 + 900)
        tus.begin(400, "a.mp4")
        tus.send(video(300), 0)
        assert tus.begin(300, "b.mp4").status_code == 507
        monkeypatch.setattr(recording_uploads, "COUNTS_FOR", timedelta(minutes=-1))
        assert tus.begin(301, "b.mp4").status_code == 507, "what has come still counts"
        assert tus.begin(300, "b.mp4").status_code == 201

    def test_a_bucket_takes_half_the_room(self, tus, monkeypatch):
        monkeypatch.setattr(storage, "room", lambda: 2_000_000_000 + 1_000)
        assert tus.begin(900, "a.mp4").status_code == 507
        monkeypatch.setattr(storage, "disk_copies", lambda: 1)
        assert tus.begin(900, "a.mp4").status_code == 201

    def test_what_is_no_recording_ends_with_its_first_piece(self, tus):
        tus.begin(5_000_000, "rapat.mp4")
        answer = tus.send(b"MZ" + bytes(5_000), 0)
        assert answer.status_code == 422
        assert tus.state().status_code == 404
        assert storage.recording_parts().names() == []

    def test_what_is_too_short_to_be_one_is_told_with_its_last_byte(self, tus):
        tus.begin(40, "rapat.mp4")
        assert tus.send(b"MZ" + bytes(30), 0).status_code == 204
        answer = tus.send(bytes(8), 32)
        assert answer.status_code == 422
        assert "bukan rekaman" in answer.get_data(as_text=True)
        assert tus.state().status_code == 404

    def test_our_script_gets_the_row(self, held):
        seat = seat_of(held).public_id
        tus = TusClient(held.browser, held.url(f"/rekaman/{seat}/unggahan"), **HX)
        tus.begin(3_000, "rapat.mp4")
        answer = tus.send(video(3_000), 0)
        assert answer.status_code == 200
        assert soup(answer).find(id=f"recording-upload-{seat}") is not None
        assert "sedang disimpan" in words(soup(answer))
        tus.begin(3_000, "rapat.mp4")
        refused = tus.send(b"MZ" + bytes(2_998), 0)
        assert refused.status_code == 422
        assert soup(refused).find(id=f"kirim-{seat}-error") is not None

    def test_no_more_than_some_at_a_time(self, tus):
        for _ in range(recording_uploads.UNFINISHED_EACH):
            assert tus.begin(500).status_code == 201
        assert tus.begin(500).status_code == 422

    def test_called_off(self, held, tus):
        tus.begin(500, "rapat.mp4")
        tus.send(video(100), 0)
        held.save(f"/kiriman-rekaman/{tus.at.rsplit('/', 1)[1]}/batal", {})
        assert storage.recording_parts().names() == []
        assert tus.state().status_code == 404

    def test_a_worker_that_dies_in_between_stores_it_once(self, tus, monkeypatch):
        content = video(5_000)
        tus.begin(len(content), "rapat.mp4")
        tus.send(content, 0)
        upload = tus.at.rsplit("/", 1)[1]
        monkeypatch.setattr(recording_uploads.recordings, "add_file", _dies)
        with pytest.raises(ZeroDivisionError):
            recording_uploads.take_in(upload)
        monkeypatch.undo()
        assert list(storage.store().list_keys()) != [] or rows() == []
        recording_uploads.take_in(upload)
        recording_uploads.take_in(upload)
        (row,) = rows()
        assert storage.store().open(row.storage_key) == content

    def test_what_never_came_whole_is_swept_after_its_time(self, steady_clock, tus):
        tus.begin(500, "rapat.mp4")
        tus.send(video(100), 0)
        assert recording_uploads.sweep() == []
        steady_clock.shift(recording_uploads.LIVES + timedelta(minutes=1))
        assert recording_uploads.sweep() == [tus.at.rsplit("/", 1)[1]]

    def test_another_asesor_does_not_go_on_with_it(self, held, tus, sign_in):
        tus.begin(500, "rapat.mp4")
        held.cast.jadwal[held.case.mode].asesor_2_id = held.cast.second_asesor.id
        db.session.commit()
        assert sign_in(held.cast.second_asesor).head(tus.at, headers=TUS).status_code == 404


def _dies(*_args, **_more):
    raise ZeroDivisionError
