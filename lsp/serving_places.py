"""How many large answers one process sends at once: each holds a piece, a pipe and a thread of granian's."""

from __future__ import annotations

import threading
from collections import Counter

#: Of one person: whoever fetches more waits behind himself.
DOWNLOADS_EACH = 4
#: ... and of all.
DOWNLOADS = 16


class Downloads:
    """The places of one process. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()

    def take(self, person: str) -> bool:
        with self._lock:
            if self._held[person] >= DOWNLOADS_EACH or self._held.total() >= DOWNLOADS:
                return False
            self._held[person] += 1
            return True

    def free(self, person: str) -> None:
        with self._lock:
            self._held[person] -= 1
            if not self._held[person]:
                del self._held[person]


class Place:
    """What one request may take of them, once; let go of when its answer is over, however it ended."""

    def __init__(self, downloads: Downloads) -> None:
        self._downloads, self._person = downloads, ""

    def take(self, person: str) -> bool:
        """Whether there was a place for this person."""
        if not self._downloads.take(person):
            return False
        self._person = person
        return True

    def free(self) -> None:
        if self._person:
            self._downloads.free(self._person)
            self._person = ""
