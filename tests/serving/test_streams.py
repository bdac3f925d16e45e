"""Files on their way out: sent piece by piece to a reader who may be slow, gone or one of too many."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest
from flask import url_for

from lsp.gateways.files import CHUNK, FileDamaged
from lsp.gateways.sealing import OneFile
from lsp.serving_places import Downloads
from lsp.vocabulary import Role
from tests.support.recordings import add_recording, held_seat, video
from tests.support.serving import FORM, Sender, ask, ask_async


class TestStreams:
    """A recording is read and sent piece by piece: it is never in memory as a whole."""

    @pytest.fixture
    def asked(self, app, sign_in):
        row = add_recording(held_seat(), content=video(5 * CHUNK + 9))
        name = app.config["SESSION_COOKIE_NAME"]
        cookie = f"{name}={sign_in(Role.AUDITOR).get_cookie(name).value}"
        path = url_for("packs.recording", recording_id=row.public_id)
        return {"method": "GET", "path": path, "cookie": cookie}, row

    def test_in_pieces(self, portal, asked):
        answer = ask(portal, Sender(), length=0, **asked[0])
        assert answer.whole() == video(5 * CHUNK + 9)
        assert answer.headers["Content-Length"] == str(5 * CHUNK + 9)

    def test_who_opens_late_still_gets_this_file_and_no_other(self, portal, asked, tmp_path):
        """The first piece is shorter than a pipe holds; what is opened meanwhile is somebody else's."""
        late = Sender()
        late.late = 0.3
        other = tmp_path / "other"
        other.write_bytes(b"KTP" * 30_000)

        def open_others():
            held = []
            for _ in range(40):
                held.append(other.open("rb"))
                time.sleep(0.01)
            for each in held:
                each.close()

        busy = threading.Thread(target=open_others)
        busy.start()
        start = CHUNK - 1
        ask(portal, late, length=0, headers=[("range", f"bytes={start}-")], **asked[0])
        busy.join()
        assert late.whole() == video(5 * CHUNK + 9)[start:]

    def test_a_reader_who_never_opens_is_not_waited_for(self, portal, asked, monkeypatch):
        class Away(Sender):
            def response_file(self, status, headers, path):
                self.path = path

        monkeypatch.setattr("lsp.serving_pipes.OPEN_SECONDS", 0.1)
        away = Away()
        ask(portal, away, length=0, **asked[0])
        assert not Path(away.path).exists()

    def test_the_next_piece_is_read_when_the_last_has_gone(self, portal, asked, monkeypatch):
        class Slow(Sender):
            def read_file(self):
                self.file.read(65_536)

        monkeypatch.setattr("lsp.serving_pipes.READER_SECONDS", 0.1)
        read = []
        opened = OneFile.opened
        monkeypatch.setattr(
            OneFile,
            "opened",
            lambda file, *chunk, **more: read.append(1) or opened(file, *chunk, **more),
        )
        slow = Slow()
        ask(portal, slow, length=0, **asked[0])
        slow.file.close()
        assert len(read) == 1

    def test_no_more_than_some_at_once(self, portal, asked, monkeypatch):
        """A place is taken while the reader takes, and free again when he has gone or has it all."""
        monkeypatch.setattr("lsp.serving_places.DOWNLOADS_EACH", 1)
        monkeypatch.setattr("lsp.serving_pipes.READER_SECONDS", 0.5)

        class Stalled(Sender):
            def read_file(self):
                self.file.read(65_536)

        async def both():
            first, second = Stalled(), Sender()
            one = asyncio.create_task(ask_async(portal, first, FORM, 0, **asked[0]))
            while not hasattr(first, "file"):
                await asyncio.sleep(0.01)
            await ask_async(portal, second, FORM, 0, **asked[0])
            await one
            first.file.close()
            return second

        refused = asyncio.run(both())
        assert refused.status == 503
        assert refused.headers["Retry-After"] == "60"
        assert "sedang diunduh sekaligus" in refused.content.decode()
        for _ in range(2):
            assert len(ask(portal, Sender(), length=0, **asked[0]).whole()) == 5 * CHUNK + 9

    def test_one_person_does_not_take_the_places_of_all(self, monkeypatch):
        downloads = Downloads()
        assert [downloads.take("1") for _ in range(5)] == [True] * 4 + [False]
        assert downloads.take("2")
        for person in range(3, 14):
            assert downloads.take(str(person))
        assert not downloads.take("99")
        downloads.free("1")
        assert downloads.take("99")

    def test_who_has_gone_is_sent_no_more(self, portal, asked, monkeypatch):
        class Gone(Sender):
            def read_file(self):
                with self.file:
                    while len(self.content) < 2 * CHUNK:
                        self.content += self.file.read(65_536)

        read, opened = [], OneFile.opened
        monkeypatch.setattr(
            OneFile,
            "opened",
            lambda file, *chunk, **more: read.append(1) or opened(file, *chunk, **more),
        )
        ask(portal, Gone(), length=0, **asked[0])
        assert len(read) < 6

    def test_what_is_damaged_in_the_middle_breaks_the_line(self, app, portal, asked):
        row = asked[1]
        path = app.config["LSP"].data_folder / "files" / row.storage_key[:2] / row.storage_key
        sealed = bytearray(path.read_bytes())
        sealed[3 * CHUNK] ^= 1
        path.write_bytes(sealed)
        sender = Sender()
        with pytest.raises(FileDamaged):
            ask(portal, sender, length=0, **asked[0])
        assert len(sender.whole()) < int(sender.headers["Content-Length"])
