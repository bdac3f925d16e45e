"""The file store against an S3 server of somebody else's making (moto), over HTTP, as against a real bucket."""

from __future__ import annotations

import http.client
import io
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import obstore
import pytest

from lsp.gateways.files import CHUNK, FileKeys, FileMissing, FileStore, S3Config, StoreUnavailable

BUCKET = "berkas-contoh"
CONTENT = b"KENARI-9d41c07e" * 200_000


def _request(port: int, method: str, path: str) -> tuple[int, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request(method, path)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def _come_up(port: int) -> None:
    for _ in range(200):
        try:
            _request(port, "GET", "/moto-api/")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the S3 server did not come up")


@pytest.fixture(scope="module")
def s3() -> Iterator[int]:
    """The port of a server with one empty bucket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _come_up(port)
        assert _request(port, "PUT", f"/{BUCKET}")[0] == 200
        yield port
    finally:
        server.terminate()
        server.wait(20)


def store(port: int, bucket: str = BUCKET, prefix: str = "lsp") -> FileStore:
    config = S3Config(
        bucket, "us-east-1", "contoh", "rahasia", f"http://127.0.0.1:{port}", prefix, allow_http=True
    )  # fmt: skip
    return FileStore.s3(config, FileKeys({1: b"k" * 32}))


@pytest.mark.parametrize("size", [0, 1, CHUNK, len(CONTENT)])
def test_what_goes_in_comes_out_and_lies_there_sealed(s3, size):
    files = store(s3)
    stored = files.put(CONTENT[:size])
    assert files.open(stored.key) == CONTENT[:size]
    path = f"{stored.key[:2]}/{stored.key}"
    assert _request(s3, "GET", f"/{BUCKET}/lsp/{path}")[0] == 403  # nobody without the keys
    lying = bytes(obstore.get(files._store, path).bytes())
    assert len(lying) > size
    assert b"KENARI" not in lying


def test_a_large_file_goes_in_pieces_and_is_read_from_any_byte_on(s3):
    files, whole = store(s3), CONTENT * 7  # more than two pieces of a bucket
    stored = files.put_stream(io.BytesIO(whole))
    assert (stored.size, files.open(stored.key) == whole) == (len(whole), True)
    start, end = CHUNK - 3, len(whole) - 1
    assert (
        b"".join(files.part(stored.key, size=len(whole), start=start, end=end)) == whole[start:end]
    )
    assert files.sweep_halves() == 0


def test_listed_under_its_prefix_alone_until_deleted(s3):
    ours, others = store(s3, prefix="satu"), store(s3, prefix="dua")
    keys = {ours.put(b"x").key for _ in range(3)}
    others.put(b"y")
    assert set(ours.list_keys()) == keys
    for key in keys:
        ours.delete(key)
        ours.delete(key)  # again is no error
        assert not ours.exists(key)
        with pytest.raises(FileMissing):
            ours.open(key)
    assert set(ours.list_keys()) == set()


def test_the_mark_of_the_installation_is_written_once(s3):
    files = store(s3, prefix="tanda")
    assert files.read_mark() == ""
    files.write_mark("LSP-1")
    assert files.read_mark() == "LSP-1"
    with pytest.raises(StoreUnavailable):
        files.write_mark("LSP-2")
    assert files.read_mark() == "LSP-1"


def test_a_bucket_that_is_not_there_is_said_as_such(s3):
    with pytest.raises((StoreUnavailable, FileMissing)):
        store(s3, bucket="tidak-ada").put(b"x")
