"""The head of the upright papers (`_letter.typ`): who writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lsp.models import Lembaga
from lsp.papers.words import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """The LSP's name, address, and how to reach it, as they stood when the paper was made out."""

    name: str
    address: str
    contact: str
    is_sample: bool = False

    def printed(self) -> dict[str, Any]:
        lines = [printable(each) for each in (self.address, self.contact)]
        return {
            "name": printable(self.name),
            "lines": [line for line in lines if line],
            "is_sample": self.is_sample,
        }


def letterhead_of(lembaga: Lembaga | None) -> Letterhead:
    """The head of a paper; one without address before the LSP has named itself."""
    if lembaga is None:
        return Letterhead(name="Lembaga Sertifikasi Profesi", address="", contact="")
    return Letterhead(
        name=lembaga.name,
        address=lembaga.address,
        contact=" · ".join(each for each in (lembaga.phone, lembaga.email) if each),
        is_sample=lembaga.is_sample,
    )
