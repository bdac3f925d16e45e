"""Between the password and the code: the browser carries, signed, who has shown his password a moment ago.

It holds no place yet, so nothing behind the door opens with it. It names the password it rests on by a digest, so a
password changed meanwhile ends it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from flask import session

from lsp import clock, ids
from lsp.models import User

_KEY = "second_step"
SECONDS = 600


@dataclass(frozen=True, slots=True)
class Halfway:
    user_id: int
    wanted: str
    _proof: str

    def holds_for(self, user: User) -> bool:
        """Whether the account stands and its password is still the one that was shown."""
        return user.disabled_at is None and hmac.compare_digest(self._proof, _proof(user))


def remember(user: User, wanted: str) -> None:
    session[_KEY] = [user.id, wanted[:500], _proof(user), int(clock.now().timestamp())]


def halfway() -> Halfway | None:
    """Who showed his password in this browser not long ago."""
    try:
        user_id, wanted, proof, at = session[_KEY]
        age = int(clock.now().timestamp()) - int(at)
    except (KeyError, ValueError, TypeError):
        return None
    if not 0 <= age < SECONDS:
        return None
    return Halfway(int(user_id), str(wanted), str(proof))


def forget() -> None:
    session.pop(_KEY, None)


def _proof(user: User) -> str:
    return ids.digest(f"second step {user.password_hash}")
