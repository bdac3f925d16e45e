"""Slowing down guessing without locking anybody out: counts in the database, so a restart does not reset them.

A test venue or a carrier puts forty honest people behind one address, so the limit per address is wide and the
narrow limit is per account and device. What others try is never counted against a device that the owner is known by.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

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
#: Once SIGN_IN_ALL is used up: each network has a few tries left, and so much is the machine's own limit.
SIGN_IN_CROWDED_ADDRESS = Limit("sign-in address while crowded", 10)
SIGN_IN_CROWDED_ALL = Limit("sign-in everywhere while crowded", 2_000)
MAIL_ACCOUNT = Limit("mailed link account", 3, 30)
MAIL_ACCOUNT_ALL = Limit("mailed link account from everywhere", 9, 30)
MAIL_ADDRESS = Limit("mailed link address", 40, 30)
SIGN_UP_ADDRESS = Limit("sign-up address", 60, 30)
LINK_ADDRESS = Limit("one-use link address", 60)
HEAVY_UPLOAD_ACCOUNT = Limit("upload too heavy account", 5, 30)
#: An account that types ID Izin after ID Izin looks for those of others.
ID_IZIN_ACCOUNT = Limit("ID Izin typed account", 10, 30)
CLAIM_ACCOUNT = Limit("claim account", 10, 30)
PAPER_ACCOUNT = Limit("paper made on demand account", 20)
#: Wrong addresses of calendars; a right one is neither counted nor refused, a program asks every few minutes.
FEED_ADDRESS = Limit("calendar address", 30, 15)
#: A keluhan, and looking for one by its receipt: per network, and of one receipt from everywhere.
COMPLAINT_ADDRESS = Limit("complaint address", 10, 30)
FOLLOW_ADDRESS = Limit("complaint followed address", 20, 10)
FOLLOW_RECEIPT = Limit("complaint followed receipt", 10, 30)
#: Wrong links of third parties; a right one is neither counted nor refused.
THIRD_PARTY_ADDRESS = Limit("third party link address", 30, 15)
#: Links to documents that never were or lead nowhere any more; a living one is neither counted nor refused.
DOCUMENT_ADDRESS = Limit("document link address", 30, 15)
CERTIFICATE_ADDRESS = Limit("certificate search address", 30, 10)
#: Codes of an authenticator app, or recovery codes: a million are few, so they are counted over a day too.
CODE_FEW = Limit("second factor account and device", 5)
CODE_HOUR = Limit("second factor account and device in an hour", 20, 60)
CODE_DAY = Limit("second factor account and device in a day", 50, 1_440)


class TooOften(DomainError):
    """Tried too often; `seconds` until the window ends (for Retry-After)."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        minutes = max(1, -(-seconds // 60))
        super().__init__(f"Terlalu banyak percobaan. Tunggu {minutes} menit, lalu coba lagi.")


def count_sign_in(email: str, *, device: str, address: str) -> None:
    """Count a try to sign in. Raises TooOften.

    device: the name of a device that this account has signed in on before, or "". Such a one has a count of its own
    and no other, so nobody elsewhere can use up what its owner may try; all others share the wide limits.
    """
    account = (SIGN_IN_ACCOUNT, f"{email}|{device}")
    if device:
        count_try(account)
    elif is_used_up(SIGN_IN_ALL, ""):
        count_try(account, (SIGN_IN_CROWDED_ADDRESS, address), (SIGN_IN_CROWDED_ALL, ""))
    else:
        count_try(account, (SIGN_IN_ADDRESS, address), (SIGN_IN_ALL, ""))


def mail_tries(email: str, *, device: str, address: str) -> tuple[tuple[Limit, str], ...]:
    """What a mailed link counts against: the owner's known device alone, or this network and all of them together."""
    if device:
        return ((MAIL_ACCOUNT, f"{email}|{device}"),)
    return (
        (MAIL_ACCOUNT, f"{email}|{address}"),
        (MAIL_ACCOUNT_ALL, email),
        (MAIL_ADDRESS, address),
    )


def code_tries(email: str, *, device: str) -> tuple[tuple[Limit, str], ...]:
    """What a code of the second factor counts against; the owner's known device has a count of its own."""
    subject = f"{email}|{device}"
    return ((CODE_FEW, subject), (CODE_HOUR, subject), (CODE_DAY, subject))


def is_used_up(limit: Limit, subject: str) -> bool:
    """Whether a limit is reached in the present window. Counts nothing."""
    start = _window_start(clock.now(), limit.minutes)
    with db.engine.connect() as connection:
        count = connection.scalar(
            select(ThrottleCount.count).where(
                ThrottleCount.key == _key(limit, subject), ThrottleCount.window_start == start
            )
        )
    return (count or 0) >= limit.count


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


def refuse_past(limit: Limit, subject: str) -> None:
    """Raise TooOften when the limit is reached, without counting a try."""
    start = _window_start(clock.now(), limit.minutes)
    count = db.session.scalar(
        select(ThrottleCount.count).where(
            ThrottleCount.key == _key(limit, subject), ThrottleCount.window_start == start
        )
    )
    if count is not None and count >= limit.count:
        end = start + timedelta(minutes=limit.minutes)
        raise TooOften(int((end - clock.now()).total_seconds()) + 1)


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
