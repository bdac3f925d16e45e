"""One field of what another system is told: its own name there, our value, and where that value was captured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportField:
    """name: as the other system spells it; label: in words; value: as it is sent, "" when there is none.

    source: where it was captured, in words; paper, subject: keys of the paper list (views/paper_links.py) for the way
    there; gap: a sentence when it should be there and is not.
    """

    name: str
    label: str
    value: str
    source: str = ""
    paper: str = ""
    subject: str = ""
    gap: str = ""
