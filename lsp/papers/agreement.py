"""A text that somebody agreed to, as a paper: the very version, and who agreed when.

The text is the row that was agreed to, never the one in force now; made again it is the same to the byte.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

from lsp.clock import WIB
from lsp.papers.letterhead import Letterhead
from lsp.papers.typeset import typeset
from lsp.papers.words import date_words, printable


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPaper:
    letterhead: Letterhead
    title: str
    body: str
    version_number: int
    agreed_by: str
    case: str
    agreed_at: datetime
    withdrawn_at: datetime | None = None


def agreement_pdf(paper: AgreementPaper, *, lock_path: Path) -> bytes:
    """The text with its proof of agreement as PDF/A-2b. Raises what `typeset` raises."""
    withdrawn = paper.withdrawn_at
    return typeset(
        "agreement",
        {
            "head": paper.letterhead.printed(),
            "title": printable(paper.title),
            "blocks": blocks(paper.body),
            "version": str(paper.version_number),
            "agreed_by": printable(paper.agreed_by),
            "case": printable(paper.case),
            "agreed_at": _moment(paper.agreed_at),
            "withdrawn_at": _moment(withdrawn) if withdrawn else None,
            "digest": text_digest(paper.title, paper.body),
        },
        assets={},
        timestamp=datetime.combine(paper.agreed_at.astimezone(WIB).date(), time(), UTC),
        lock_path=lock_path,
    )


def text_digest(title: str, body: str) -> str:
    """SHA-256 of a text, so that a printed one can be held against the row it came from."""
    return hashlib.sha256(f"{title}\n\n{body}".encode()).hexdigest()


def blocks(body: str) -> list[tuple[str, str]]:
    """(kind, text) in order, by the rules of the page (asesi/reading.html): head, point or line."""
    found: list[tuple[str, str]] = []
    for paragraph in body.replace("\r", "").split("\n\n"):
        lines = [line for line in paragraph.strip().split("\n") if line.strip()]
        headed = len(lines) > 1 and not lines[0].endswith((".", ":")) and not lines[0].startswith("- ")  # fmt: skip
        for index, line in enumerate(lines):
            if headed and index == 0:
                found.append(("head", printable(line)))
            elif line.startswith("- "):
                found.append(("point", printable(line[2:])))
            else:
                found.append(("line", printable(line)))
    return found


def _moment(moment: datetime) -> str:
    local = moment.astimezone(WIB)
    return f"{date_words(local.date()).id} pukul {local:%H.%M} WIB"
