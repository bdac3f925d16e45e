"""Slowing down guessing without locking anybody out: counts in the database, so a restart does not reset them.

A test venue or a carrier puts forty honest people behind one address, so the limit per address is wide and the
narrow limit is per account and device.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete

from lsp import clock, crypto
from lsp.database import db, insert_or_keep, write_transaction
from lsp.errors import DomainError
from lsp.models import ThrottleCount


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in `minutes`, per subject."""

    name: str
    count: int
    minutes: int = 5


SIGN_IN_ACCOUNT = Limit("sign-in account and device", 10)
SIGN_IN_ADDRESS = Limit("sign-in address", 100)
SIGN_IN_ALL = Limit("sign-in everywhere", 1_000)
MAIL_ACCOUNT = Limit("mailed link account", 3, 30)
MAIL_ADDRESS = Limit("mailed link address", 40, 30)
SIGN_UP_ADDRESS = Limit("sign-up address", 60, 30)
LINK_ADDRESS = Limit("one-use link address", 60)
CERTIFICATE_ADDRESS = Limit("certificate search address", 30, 10)


class TooOften(DomainError):
    """Tried too often; `seconds` until the window ends (for Retry-After)."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        minutes = max(1, -(-seconds // 60))
        super().__init__(f"Terlalu banyak percobaan. Tunggu {minutes} menit, lalu coba lagi.")


def count_try(*tries: tuple[Limit, str]) -> None:
    """Count one try against each (limit, subject), in a transaction of its own. Raises TooOften past a limit.

    A try past any limit is refused and counted nowhere: a guesser lengthens neither the owner's wait nor uses
    up what the other people behind his address may try.
    """
    now = clock.now()
    with write_transaction():
        late = 0
        rows = []
        for limit, subject in tries:
            row = _locked_count(_key(limit, subject), _window_start(now, limit.minutes))
            rows.append(row)
            if row.count >= limit.count:
                end = row.window_start + timedelta(minutes=limit.minutes)
                late = max(late, int((end - now).total_seconds()) + 1)
        if not late:
            for row in rows:
                row.count += 1
    if late:
        raise TooOften(late)


def _locked_count(key: str, start: datetime) -> ThrottleCount:
    """The row of a window, made if need be: two first tries at once (PostgreSQL) must not break the key."""
    insert_or_keep(ThrottleCount, key=key, window_start=start, count=0)
    return db.session.get_one(ThrottleCount, (key, start), with_for_update=True)


def forget_old_counts() -> int:
    """Delete windows older than a day; the worker's daily chore. Returns how many went."""
    gone = db.session.execute(
        delete(ThrottleCount).where(ThrottleCount.window_start < clock.now() - timedelta(days=1))
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _key(limit: Limit, subject: str) -> str:
    # Keyed, so the table does not tell which e-mail or address was tried.
    plain = hashlib.sha256(subject.encode()).hexdigest()
    return crypto.keyring().blind_index(f"{limit.name}\0{plain}", context="throttle")


def _window_start(now: datetime, minutes: int) -> datetime:
    seconds = int(now.timestamp()) // (minutes * 60) * (minutes * 60)
    return datetime.fromtimestamp(seconds, UTC)
