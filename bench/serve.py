"""Start the portal as a dyno would (granian, one worker process) on a free loopback port, and end it.

What the measurements share: a signed-in client over HTTP and the memory of all processes.
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
#: The Python that serves: name one that holds requirements.txt alone to measure what a dyno runs.
SERVING = os.environ.get("BENCH_PYTHON", sys.executable)


@dataclass
class Running:
    """A running installation: its address and the processes that make it up."""

    base: str
    web: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]
    environment: dict[str, str] = field(default_factory=dict, repr=False)

    def kill_worker(self) -> None:
        """As a power cut would, and begin another as the host would."""
        self.worker.kill()
        self.worker.wait()
        self.worker = _worker(self.environment)

    def memory_mb(self) -> dict[str, float]:
        """Resident memory of the web process tree, the worker tree, and both (PSS, so shared pages count once)."""
        web, worker = (self._tree(process.pid) for process in (self.web, self.worker))
        return {"web": web, "worker": worker, "all": web + worker}

    def web_mb(self) -> float:
        """Of the web process and granian's main one, without the children that decode strangers' files."""
        total = 0
        for process in (main := psutil.Process(self.web.pid), *main.children()):
            total += process.memory_full_info().pss
        return total / 2**20

    @staticmethod
    def _tree(pid: int) -> float:
        total = 0
        try:
            parent = psutil.Process(pid)
            for process in (parent, *parent.children(recursive=True)):
                total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            pass
        return total / 2**20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def portal(data: Path, *, port: int = 0, base_url: str = "") -> Iterator[Running]:
    """Serve the installation in `data` (prepared before) until the block ends.

    base_url: the address people type, where it is not that of `port`.
    """
    port = port or free_port()
    environment = os.environ | {
        "LSP_DATA": str(data),
        "BASE_URL": base_url or f"http://127.0.0.1:{port}",
        "MALLOC_ARENA_MAX": "2",  # as script/lib.sh sets it
    }
    web = subprocess.Popen(
        [SERVING, "-m", "granian", "--interface", "rsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws",
         "--log-level", "error", "--factory", "lsp.serving:portal"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    running = Running(f"http://127.0.0.1:{port}", web, _worker(environment), environment)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz")
        yield running
    finally:
        for process in (web, running.worker):
            process.terminate()
        for process in (web, running.worker):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _worker(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [SERVING, "-m", "flask", "--app", "app", "worker"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def prepare(data: Path) -> None:
    """A fresh demo installation in `data`."""
    environment = os.environ | {"LSP_DATA": str(data)}
    command = [SERVING, "-m", "flask", "--app", "app", "lsp", "prepare", "--no-input"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _wait(address: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("the portal did not come up")


@dataclass
class Browser:
    """A plain client that keeps cookies and sends forms found in pages."""

    base: str
    opener: urllib.request.OpenerDirector = field(init=False)

    def __post_init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def get(self, path: str) -> tuple[int, str]:
        return self._send(urllib.request.Request(self.base + path))

    def post(self, path: str, values: dict[str, str] | list[tuple[str, str]]) -> tuple[int, str]:
        body = urllib.parse.urlencode(values).encode()
        headers = {"Referer": self.base + path}
        return self._send(urllib.request.Request(self.base + path, data=body, headers=headers))

    def _send(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")

    def sign_in(self, account: str) -> Browser:
        """Through the demo's own button."""
        _status, page = self.get("/masuk")
        self.post("/masuk/demo", {"csrf_token": token_in(page), "akun": account})
        return self


def token_in(page: str) -> str:
    """The form token a page carries."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return found.group(1) if found else ""
