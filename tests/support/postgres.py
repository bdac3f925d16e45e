"""A private PostgreSQL server for tests: made in a temporary folder, reached by a socket in it, gone afterwards.

Not for data anyone wants to keep: nothing is synced to disk. On the command line it runs a program on such a
server (`python -m tests.support.postgres script/server`), or with `--find` prints where the binaries are.
"""

from __future__ import annotations

import getpass
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

HOW_TO_ENABLE = (
    "no PostgreSQL binaries were found; install them (Debian, Ubuntu: apt install postgresql) "
    "or set PG_BIN to the folder that holds initdb and postgres"
)
START_SECONDS = 60
STOP_SECONDS = 30
# Durability is what tests do without; the memory suits two servers beside a browser on a small machine.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "150",
    "listen_addresses": "",
    "timezone": "UTC",
}
COMMON_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)


class PostgresNotFound(Exception):
    """There are no binaries to start; the text says how to get them."""


def find_binaries() -> Path | None:
    """The folder with initdb and postgres: PG_BIN, else on the PATH, else the newest in the usual places."""
    named = os.environ.get("PG_BIN")
    if named:
        return Path(named) if _has_binaries(Path(named)) else None
    on_path = shutil.which("initdb")
    if on_path and _has_binaries(Path(on_path).resolve().parent):
        return Path(on_path).resolve().parent
    for pattern in COMMON_FOLDERS:
        found = [folder for folder in Path("/").glob(pattern.lstrip("/")) if _has_binaries(folder)]
        if found:
            return max(found, key=_major_version)
    return None


def _has_binaries(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _major_version(folder: Path) -> int:
    digits = "".join(letter for letter in folder.parent.name if letter.isdigit())
    return int(digits or 0)


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server and give the SQLAlchemy URL of its database `postgres`. Raises PostgresNotFound.

    Works as root too: PostgreSQL refuses to run as root, so it is then run as `postgres` or `nobody`.
    """
    binaries = find_binaries()
    if binaries is None:
        raise PostgresNotFound(HOW_TO_ENABLE)
    # Straight under /tmp: the path of a socket may have about 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="lsp-pg-", dir="/tmp"))
    try:
        run_as = _unprivileged(folder)
        _initialise(binaries, folder, run_as)
        server = _start(binaries, folder, run_as)
        try:
            _wait_until_ready(server, folder)
            yield f"postgresql+psycopg://lsp@/postgres?host={folder}"
        finally:
            _stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """A new database on a running server, as URL; a copy of `template`. Dropped at the end.

    Dispose of engines bound to it first: a connection collected after the drop logs an error, anywhere later.
    """
    name = "test_" + secrets.token_hex(8)
    with psycopg.connect(_plain(server_url), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield server_url.replace("/postgres?", f"/{name}?", 1)
    finally:
        with psycopg.connect(_plain(server_url), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _plain(url: str) -> str:
    """The URL as psycopg itself reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Arguments for subprocess that leave root behind; none are needed for anyone else."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, account.pw_uid, account.pw_gid)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise PostgresNotFound(
        "PostgreSQL does not run as root, and there is no account `postgres` or `nobody`"
    )


def _environment() -> dict[str, str]:
    """Ours without PG… variables, which would point the server elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {
        "LC_ALL": "C"
    }


def _initialise(binaries: Path, folder: Path, run_as: dict[str, Any]) -> None:
    command = [
        *(str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "lsp"),
        *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
    ]
    done = subprocess.run(
        command,
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
        **run_as,
    )
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _start(binaries: Path, folder: Path, run_as: dict[str, Any]) -> subprocess.Popen[bytes]:
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal is for pytest; the server is ended by us, after the tests.
            start_new_session=True,
            **run_as,
        )


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(f"postgresql://lsp@/postgres?host={folder}", connect_timeout=5).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                log = (folder / "log").read_text(errors="replace")
                _stop(server)
                raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
            time.sleep(0.05)
        else:
            return


def _stop(server: subprocess.Popen[bytes]) -> None:
    """A fast shutdown (SIGINT) of the process we started; by force when it does not come."""
    if server.poll() is not None:
        return
    server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def main(arguments: list[str]) -> int:
    """`--find` prints the folder of the binaries; anything else is a command to run with DATABASE_URL set."""
    if arguments == ["--find"]:
        folder = find_binaries()
        if folder is not None:
            print(folder)  # noqa: T201 - a command line
        return 0 if folder is not None else 1
    if not arguments:
        print(__doc__)  # noqa: T201
        return 2
    with running_postgres() as url:
        return subprocess.run(
            arguments, env={**os.environ, "DATABASE_URL": url}, check=False
        ).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except PostgresNotFound as problem:
        sys.exit(f"{problem} ({getpass.getuser()})")
