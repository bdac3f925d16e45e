"""Files of any size: sealed as they are read, read from any byte on, never in memory as a whole."""

from __future__ import annotations

import hashlib
import os
import time
import tracemalloc

import pytest

from lsp.gateways.files import (
    CHUNK,
    FileDamaged,
    FileKeys,
    FileMissing,
    FileStore,
    StoreUnavailable,
)


class Drops:
    """A file that is nowhere as a whole: so many bytes, told by their place."""

    def __init__(self, size: int, breaks_at: int | None = None) -> None:
        self.size, self.at, self.breaks_at = size, 0, breaks_at

    def read(self, count: int) -> bytes:
        if self.breaks_at is not None and self.at >= self.breaks_at:
            raise OSError("gone")
        piece = drops(self.at, min(self.size, self.at + count))
        self.at += len(piece)
        return piece


def drops(start: int, end: int) -> bytes:
    whole = bytes(range(256)) * ((end - start) // 256 + 2)
    return whole[start % 256 : start % 256 + end - start]


@pytest.fixture
def store(tmp_path) -> FileStore:
    return FileStore.local(tmp_path / "berkas", FileKeys({1: b"\x01" * 32}))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 20 * CHUNK + 7])
def test_it_is_the_same_file_as_one_put_whole(store, size):
    stored = store.put_stream(Drops(size))
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(drops(0, size)).hexdigest())
    assert store.open(stored.key) == drops(0, size)


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 1), (0, 3 * CHUNK + 5), (CHUNK - 1, CHUNK + 1), (2 * CHUNK, 3 * CHUNK + 5), (3 * CHUNK + 4, 3 * CHUNK + 5)],
)  # fmt: skip
def test_it_is_read_from_any_byte_on(store, start, end):
    size = 3 * CHUNK + 5
    stored = store.put_stream(Drops(size))
    assert b"".join(store.part(stored.key, size=size, start=start, end=end)) == drops(start, end)


@pytest.mark.parametrize("change", ["flip", "cut", "swap"])
def test_a_part_that_is_not_what_was_stored_is_found(store, tmp_path, change):
    size = 3 * CHUNK
    stored = store.put_stream(Drops(size))
    path = tmp_path / "berkas" / stored.key[:2] / stored.key
    sealed, step = path.read_bytes(), CHUNK + 16
    path.write_bytes({
        "flip": sealed[:-1] + bytes([sealed[-1] ^ 1]),
        "cut": sealed[: 32 + 2 * step],
        "swap": sealed[: 32 + step] + sealed[32 + 2 * step :] + sealed[32 + step : 32 + 2 * step],
    }[change])  # fmt: skip
    with pytest.raises((FileDamaged, StoreUnavailable)):
        list(store.part(stored.key, size=size, start=2 * CHUNK, end=size))


def test_a_part_of_nothing_is_missing(store):
    with pytest.raises(FileMissing):
        list(store.part("0" * 32, size=5, start=0, end=5))


def test_a_source_that_fails_leaves_no_file(store):
    with pytest.raises(StoreUnavailable):
        store.put_stream(Drops(30 * CHUNK, breaks_at=12 * CHUNK))
    assert list(store.list_keys()) == []


def test_what_a_dead_process_left_half_written_goes_after_a_day(store, tmp_path):
    stored = store.put_stream(Drops(5))
    old, young = (tmp_path / "berkas" / stored.key[:2] / f"{stored.key}#{each}" for each in (1, 2))
    for each in (old, young):
        each.write_bytes(b"half")
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    assert store.sweep_halves() == 1
    assert (old.exists(), young.exists()) == (False, True)
    assert store.open(stored.key) == drops(0, 5)


def test_who_waits_for_a_slow_reader_holds_one_piece(store):
    readers, size = 12, 3 * CHUNK
    stored = store.put_stream(Drops(size))
    waiting = [store.part(stored.key, size=size, start=9, end=size) for _ in range(readers)]
    tracemalloc.start()
    try:
        pieces = [next(each) for each in waiting]
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(map(len, pieces)) <= held < 1.2 * readers * CHUNK
