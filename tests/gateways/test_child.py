"""The one place for heavy work: first come, first served, and no queue of uploads keeps a certificate waiting."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from lsp.gateways import rebuild
from lsp.gateways.child import ChildError, ChildRefused, HeavyWorkBusy, heavy_slot, run_child

OTHER_PROCESS = """
import sys
from pathlib import Path
from lsp.gateways.child import heavy_slot
print("ready", flush=True)
sys.stdin.readline()
with heavy_slot(Path(sys.argv[1])):
    print("in", flush=True)
"""


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "heavy.lock"


def test_first_come_first_served(lock):
    order, threads = [], []

    def wait(number):
        with heavy_slot(lock):
            order.append(number)

    with heavy_slot(lock):
        for number in range(8):
            threads.append(threading.Thread(target=wait, args=(number,)))
            threads[-1].start()
            time.sleep(0.02)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_whoever_gave_up_keeps_no_place_in_the_line(lock):
    with heavy_slot(lock), pytest.raises(HeavyWorkBusy), heavy_slot(lock, wait_seconds=0.01):
        pass
    with heavy_slot(lock, wait_seconds=0.01):
        pass


def test_another_process_gets_in_between_two_of_a_queue(lock):
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    done = []

    def work():
        with heavy_slot(lock):
            time.sleep(0.3)
            done.append(time.monotonic())

    with other:
        other.stdout.readline()
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        other.stdin.write(b"go\n")
        other.stdin.flush()
        assert other.stdout.readline() == b"in\n"
        assert len(done) < 5
        for thread in threads:
            thread.join()


def test_a_file_has_five_seconds_of_cpu(lock, monkeypatch):
    given = {}

    def watch(*_args, **named):
        given.update(named)
        raise ChildRefused("empty")

    monkeypatch.setattr(rebuild, "run_child", watch)
    with pytest.raises(rebuild.UploadRefused):
        rebuild.rebuild(b"%PDF-1.7", lock_path=lock)
    assert given["cpu_seconds"] == 5


def test_cpu_time_ends_a_child(lock, tmp_path):
    busy = tmp_path / "busy.py"
    busy.write_text("while True:\n    pass\n")
    began = time.monotonic()
    with pytest.raises(ChildError, match="ended with -"):
        run_child(busy, b"", seconds=30, cpu_seconds=1, memory_mb=512, lock_path=lock)
    assert time.monotonic() - began < 20
