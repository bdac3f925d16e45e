"""FR.IA.10 as staff of a case read it: who was asked, how far each is, what he answered. Never for the asesi."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from lsp import clock
from lsp.models import Permohonan, ThirdParty
from lsp.services import third_party
from lsp.services.third_party_words import Letter, letters_of

TO_JUDGE = ("perlu dinilai", "wait")


@dataclass(frozen=True, slots=True)
class Asked:
    """One who was asked. state and tone: of his badge; waits: his link still asks."""

    row: ThirdParty
    letter: Letter | None
    state: str
    tone: str
    waits: bool


def reading_of(permohonan: Permohonan, *, every_attempt: bool = False) -> list[Asked]:
    """Of the present attempt, or of all."""
    rows = third_party.of_case(permohonan, every_attempt=every_attempt)
    letters = {letter.row.id: letter for letter in letters_of(rows)}
    return [_asked(row, letters.get(row.id)) for row in rows]


def _asked(row: ThirdParty, letter: Letter | None) -> Asked:
    state, tone = state_of(row)
    waits = row.answered_at is None and row.withdrawn_at is None
    return Asked(row, letter, state, tone, waits)


def state_of(row: ThirdParty | Row[Any]) -> tuple[str, str]:
    """How far one is, and the tone of its badge."""
    if row.answered_at is not None:
        return _answered(row)
    if row.withdrawn_at is not None:
        return ("tanpa jawaban" if row.judged_at else "ditarik"), ""
    if row.expires_at <= clock.now():
        return "lewat waktunya", "bad"
    return ("tautan sudah dibuka" if row.opened_at else "menunggu jawaban"), "wait"


def _answered(row: ThirdParty | Row[Any]) -> tuple[str, str]:
    if row.judged_at is not None:
        return ("mendukung", "ok") if row.supports else ("tidak mendukung", "bad")
    return ("masuk setelah rekomendasi", "wait") if row.late else TO_JUDGE
