"""Files lie sealed: they come back whole or not at all, and the folder shows nothing of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lsp.gateways.files import (
    CHUNK,
    FileDamaged,
    FileKeys,
    FileMissing,
    FileStore,
    S3Config,
    StoreUnavailable,
)

MIB = 2**20
HEADER, TAG = 32, 16
CANARY = b"KENARI-3175-rahasia"
SIZES = [0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB]


@pytest.fixture
def keys() -> FileKeys:
    return FileKeys({1: b"\x01" * 32, 2: b"\x02" * 32})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "berkas"


@pytest.fixture
def store(folder: Path, keys: FileKeys) -> FileStore:
    return FileStore.local(folder, keys)


def on_disk(folder: Path, key: str) -> Path:
    return folder / key[:2] / key


def content(size: int) -> bytes:
    return (CANARY * (size // len(CANARY) + 1))[:size]


def damage(path: Path, data: bytes) -> None:
    path.write_bytes(data)


class TestRoundTrip:
    @pytest.mark.parametrize("size", SIZES)
    def test_what_goes_in_comes_out(self, store, size):
        stored = store.put(content(size))
        assert stored.size == size
        assert store.open(stored.key) == content(size)

    def test_pieces_are_at_most_a_chunk(self, store):
        stored = store.put(content(5 * MIB + 1))
        assert [len(piece) for piece in store.chunks(stored.key)] == [MIB] * 5 + [1]

    def test_same_content_twice_looks_different_on_disk(self, store, folder):
        first, second = store.put(CANARY), store.put(CANARY)
        assert first.key != second.key
        assert first.sha256 == second.sha256
        assert (
            on_disk(folder, first.key).read_bytes()[HEADER:]
            != on_disk(folder, second.key).read_bytes()[HEADER:]
        )

    @pytest.mark.parametrize("size", [len(CANARY), 100_000, 2 * MIB])
    def test_nothing_readable_lies_on_disk(self, store, folder, size):
        store.put(content(size))
        for path in folder.rglob("*"):
            assert CANARY not in os.fsencode(path)
            assert path.is_dir() or CANARY not in path.read_bytes()

    def test_delete_and_exists(self, store):
        stored = store.put(b"x")
        assert store.exists(stored.key)
        store.delete(stored.key)
        store.delete(stored.key)  # a sweep may come twice
        assert not store.exists(stored.key)
        with pytest.raises(FileMissing):
            store.open(stored.key)

    def test_list_keys_passes_over_what_is_not_ours(self, store, folder):
        known = {store.put(b"x").key for _ in range(5)}
        (folder / "catatan.txt").write_text("bukan berkas")
        (folder / "ab").mkdir(exist_ok=True)
        (folder / "ab" / ("c" * 32)).write_bytes(b"di tempat yang salah")
        assert set(store.list_keys()) == known


class TestDamage:
    @pytest.fixture
    def stored(self, store):
        return store.put(content(3 * MIB + 5))

    @pytest.fixture
    def path(self, stored, folder):
        return on_disk(folder, stored.key)

    @pytest.mark.parametrize("where", [0, 4, 8, 10, 25, HEADER, HEADER + MIB, -1, -TAG])
    def test_a_flipped_bit_is_found(self, store, stored, path, where):
        data = bytearray(path.read_bytes())
        data[where] ^= 1
        damage(path, bytes(data))
        with pytest.raises(FileDamaged):
            store.open(stored.key)

    @pytest.mark.parametrize("chunks", [0, 1, 2, 3])
    def test_a_cut_at_a_chunk_boundary_is_found(self, store, stored, path, chunks):
        damage(path, path.read_bytes()[: HEADER + chunks * (CHUNK + TAG)])
        with pytest.raises(FileDamaged):
            store.open(stored.key)

    @pytest.mark.parametrize("length", [0, 5, HEADER - 1, HEADER, HEADER + 10, HEADER + 2 * MIB])
    def test_a_cut_elsewhere_is_found(self, store, stored, path, length):
        damage(path, path.read_bytes()[:length])
        with pytest.raises(FileDamaged):
            store.open(stored.key)

    def test_swapped_chunks_are_found(self, store, stored, path):
        data, size = path.read_bytes(), CHUNK + TAG
        first, second = data[HEADER : HEADER + size], data[HEADER + size : HEADER + 2 * size]
        damage(path, data[:HEADER] + second + first + data[HEADER + 2 * size :])
        with pytest.raises(FileDamaged):
            store.open(stored.key)

    def test_something_behind_the_end_is_found(self, store, stored, path):
        damage(path, path.read_bytes() + b"\0")
        with pytest.raises(FileDamaged):
            store.open(stored.key)

    def test_another_file_under_this_key_is_found(self, store, stored, path, folder):
        other = store.put(content(3 * MIB + 5))
        damage(path, on_disk(folder, other.key).read_bytes())
        with pytest.raises(FileDamaged):
            store.open(stored.key)

    def test_header_of_another_file_is_found(self, store, stored, path, folder):
        other = on_disk(folder, store.put(b"lain").key).read_bytes()
        damage(path, other[:HEADER] + path.read_bytes()[HEADER:])
        with pytest.raises(FileDamaged):
            store.open(stored.key)


class TestKeys:
    def test_newest_key_seals_and_older_ones_still_open(self, folder):
        old = FileStore.local(folder, FileKeys({1: b"\x01" * 32}))
        stored = old.put(CANARY)
        both = FileStore.local(folder, FileKeys({1: b"\x01" * 32, 7: b"\x07" * 32}))
        assert both.open(stored.key) == CANARY
        newer = both.put(CANARY)
        with pytest.raises(FileDamaged, match="file key 7"):
            old.open(newer.key)

    def test_wrong_key_under_the_right_number_is_refused(self, store, folder):
        stored = store.put(CANARY)
        with pytest.raises(FileDamaged):
            FileStore.local(folder, FileKeys({2: b"\x09" * 32})).open(stored.key)

    @pytest.mark.parametrize("bad", [{}, {1: b"short"}, {0: b"\0" * 32}, {2**32: b"\0" * 32}])
    def test_unfit_keys_stop_at_the_start(self, bad):
        with pytest.raises(ValueError, match="file key"):
            FileKeys(bad)

    def test_keys_and_secrets_are_not_shown(self, keys):
        assert repr(keys) == "FileKeys([1, 2])"
        assert "rahasia" not in repr(S3Config("b", "r", "a", "rahasia"))


class TestPaths:
    @pytest.mark.parametrize(
        "key",
        ["", "../" * 5 + "etc/passwd", "/etc/passwd", "a" * 31, "a" * 33, "A" * 32, "a" * 32 + "\n",
         "g" * 32, "..%2f" + "a" * 27, "\0" * 32, "a" * 30 + "/b", "١" * 32],
    )  # fmt: skip
    def test_only_our_keys_pass(self, store, key):
        for ask in (store.open, store.delete, store.exists):
            with pytest.raises(FileMissing):
                ask(key)

    def test_a_key_is_never_written_twice(self, store, folder, monkeypatch):
        monkeypatch.setattr("lsp.gateways.files.secrets.token_hex", lambda size: "ab" * 16)
        store.put(b"pertama")
        with pytest.raises(StoreUnavailable):
            store.put(b"kedua")
        assert store.open("ab" * 16) == b"pertama"


class TestDurability:
    def test_file_and_folders_are_synced_before_put_returns(self, store, folder, monkeypatch):
        synced = []
        real = os.fsync
        monkeypatch.setattr(
            "lsp.gateways.files.os.fsync",
            lambda handle: (synced.append(os.readlink(f"/proc/self/fd/{handle}")), real(handle)),
        )
        key = store.put(b"x").key
        path = on_disk(folder, key)
        assert synced == [str(path), str(path.parent), str(folder)]

    def test_full_disk_is_said_as_such_and_leaves_no_file(self, store, monkeypatch):
        def full(handle):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("lsp.gateways.files.os.fsync", full)
        with pytest.raises(StoreUnavailable, match="No space"):
            store.put(b"x")
        assert list(store.list_keys()) == []


class BucketServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Bucket)
        self.daemon_threads = True
        self.objects: dict[str, bytes] = {}
        self.seen: list[tuple] = []
        self.mode = ""  # "error", or the address to redirect to


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as one object at a time needs; `mode` of the server makes it misbehave."""

    server: BucketServer

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.seen.append(("PUT", self.path, body))
        if not self._misbehaves():
            self.server.objects[self.path] = body
            self._answer(200, b"", ETag='"e"')

    def do_GET(self) -> None:
        self.server.seen.append(("GET", self.path, self.headers.get("Authorization")))
        if self._misbehaves():
            return
        body = self.server.objects.get(self.path.partition("?")[0])
        if body is None:
            self._answer(404, b"")
        else:
            stamp = "Wed, 21 Oct 2026 07:28:00 GMT"
            self._answer(200, body, **{"ETag": '"e"', "Last-Modified": stamp})

    do_HEAD = do_GET

    def _misbehaves(self) -> bool:
        mode = self.server.mode
        if mode == "error":
            self._answer(500, b"")
        elif mode.startswith("http"):
            self._answer(302, b"", Location=mode + self.path)
        return bool(mode)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def bucket_server() -> Iterator[BucketServer]:
    server = BucketServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def server() -> Iterator[BucketServer]:
    with bucket_server() as running:
        yield running


def address(server: BucketServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def bucket(server, keys) -> FileStore:
    return FileStore.s3(
        S3Config(
            "ember", "us-east-1", "contoh", "rahasia", address(server), "berkas", allow_http=True
        ),
        keys,
    )


class TestBucket:
    @pytest.mark.parametrize("size", [0, 1, MIB + 1])
    def test_round_trip_shows_the_bucket_nothing(self, bucket, server, size):
        stored = bucket.put(content(size))
        assert list(server.objects) == [f"/ember/berkas/{stored.key[:2]}/{stored.key}"]
        assert CANARY not in b"".join(server.objects.values())
        assert bucket.open(stored.key) == content(size)
        assert bucket.exists(stored.key)

    def test_nothing_is_contacted_before_the_first_use(self, bucket, server):
        assert server.seen == []

    def test_missing_object(self, bucket):
        assert not bucket.exists("a" * 32)
        with pytest.raises(FileMissing):
            bucket.open("a" * 32)

    def test_errors_of_the_bucket_are_said_as_such(self, bucket, server):
        key = bucket.put(b"x").key
        server.mode = "error"
        for ask in (lambda: bucket.put(b"y"), lambda: bucket.open(key), lambda: bucket.exists(key)):
            with pytest.raises(StoreUnavailable):
                ask()

    def test_nobody_there(self, keys):
        with bucket_server() as gone:
            nobody = address(gone)
        store = FileStore.s3(S3Config("ember", "r", "a", "b", nobody, allow_http=True), keys)
        with pytest.raises(StoreUnavailable):
            store.put(b"x")

    def test_plain_http_is_refused_unless_a_test_asks(self, server, keys):
        store = FileStore.s3(S3Config("ember", "r", "a", "b", address(server)), keys)
        with pytest.raises(StoreUnavailable):
            store.put(b"x")
        assert server.seen == []


class TestRedirectToAnotherHost:
    """obstore follows a redirect of a read and has no switch for it; what that can and cannot do."""

    @pytest.fixture
    def other(self) -> Iterator[BucketServer]:
        with bucket_server() as running:
            yield running

    def test_upload_is_not_redirected(self, bucket, server, other):
        server.mode = address(other)
        with pytest.raises(StoreUnavailable):
            bucket.put(CANARY)
        assert other.seen == []

    def test_read_carries_no_credentials_there_and_foreign_bytes_do_not_open(
        self, bucket, server, other
    ):
        key = bucket.put(CANARY).key
        path = f"/ember/berkas/{key[:2]}/{key}"
        other.objects[path] = b"berkas milik orang lain" * 10
        server.mode = address(other)
        with pytest.raises(FileDamaged):
            bucket.open(key)
        assert other.seen == [("GET", path, None)]
