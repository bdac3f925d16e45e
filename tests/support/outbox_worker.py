"""`flask worker` in a process of its own, to be killed at any moment and started again without importing anew.

`python -m tests.support.outbox_worker FOLDER DATABASE_URL SMTP_URL LEASE_SECONDS` forks a worker for each line it
reads, says `pid N` when it has begun and `ended N` when it has ended (0, or minus the signal). `Workers` is the
test's side of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from datetime import timedelta
from pathlib import Path

from flask.cli import ScriptInfo

from lsp import worker
from lsp.services import outbox
from tests.support.outbox_app import Store, bare_app


def _be_a_worker(store: Store, smtp_url: str, lease_seconds: float) -> None:
    outbox.LEASE = timedelta(seconds=lease_seconds)
    worker.IDLE_SECONDS = 0.02
    worker.CHORES = ()  # they need an installation that is prepared
    app = bare_app(store.config(smtp_url=smtp_url))
    app.cli.main(args=["worker"], obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)


def main(folder: str, url: str, smtp_url: str, lease_seconds: str) -> None:
    store = Store(Path(folder), url)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                _be_a_worker(store, smtp_url, float(lease_seconds))
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        print(f"pid {pid}", flush=True)  # noqa: T201
        _, status = os.waitpid(pid, 0)
        print(f"ended {os.waitstatus_to_exitcode(status)}", flush=True)  # noqa: T201


class Workers:
    """Starts one worker after another: `with Workers(store) as workers: workers.start(); workers.end(SIGKILL)`.

    A short lease is for tests that kill: the row of a killed worker then need not wait for two minutes.
    """

    def __init__(self, store: Store, smtp_url: str = "", *, lease_seconds: float = 120) -> None:
        self._command = [
            sys.executable,
            "-m",
            "tests.support.outbox_worker",
            str(store.folder),
            store.url,
            smtp_url,
            str(lease_seconds),
        ]
        self._pid = 0

    def __enter__(self) -> Workers:
        self._harness = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        return self

    def __exit__(self, *_error: object) -> None:
        if self._pid:
            self.end(signal.SIGKILL)
        assert self._harness.stdin is not None
        assert self._harness.stdout is not None
        self._harness.stdin.close()
        self._harness.stdout.close()
        self._harness.wait(10)

    def start(self) -> None:
        assert self._harness.stdin is not None
        self._harness.stdin.write("go\n")
        self._pid = self._hear("pid")

    def end(self, number: signal.Signals) -> int:
        """Send the present worker a signal. Returns how it ended."""
        os.kill(self._pid, number)
        self._pid = 0
        return self._hear("ended")

    def _hear(self, word: str) -> int:
        assert self._harness.stdout is not None
        for line in self._harness.stdout:
            if line.startswith(word + " "):
                return int(line.split()[1])
        raise AssertionError("the harness has ended")


if __name__ == "__main__":
    main(*sys.argv[1:])
