"""What is said when a day off was noted: it cancels nothing, so the meetings that stand on it are counted."""

from __future__ import annotations

from lsp.services.days_off import DayOffLine


def noted(line: DayOffLine) -> tuple[str, str]:
    """(sentence, tone)."""
    count = len(line.touched)
    if not count:
        return "Dicatat. Slot pada hari itu tidak dapat dibuka.", "ok"
    return (
        f"Dicatat. {count} rapat pada hari itu tetap ada dan tidak dibatalkan. "
        "Jadwalkan ulang atau tutup sendiri lewat daftar di halaman ini.",
        "wait",
    )
