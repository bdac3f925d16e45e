"""A certificate's life in words: the lines of its history, and what each letter decides."""

from __future__ import annotations

from typing import Any

from lsp.models import CertificateEvent
from lsp.vocabulary import LifeStep, Role

#: Who reads a certificate as the LSP has it.
CERTIFICATE_READERS = (Role.ADMIN, Role.KETUA, Role.TIM_TEKNIS, Role.AUDITOR)

EVENTS = {
    "issue": "Diterbitkan",
    "suspend": "Dibekukan",
    "reinstate": "Dipulihkan, berlaku lagi",
    "revoke": "Dicabut",
    "expire": "Masa berlaku habis",
    "replace": "Diganti karena perbaikan data",
    "renew": "Diperpanjang",
}
LETTER_SENTENCES = {
    LifeStep.SUSPEND: "Sertifikat ini dibekukan. Selama dibekukan, sertifikat tidak boleh dipakai.",
    LifeStep.REINSTATE: "Pembekuan sertifikat ini dicabut. Sertifikat berlaku lagi sampai akhir masa berlakunya.",
    LifeStep.REVOKE: "Sertifikat ini dicabut. Sertifikat tidak berlaku lagi dan tidak boleh dipakai.",
}


def event_lines(events: list[tuple[CertificateEvent, str]]) -> list[dict[str, Any]]:
    """For components/timeline.html, newest first."""
    return [
        {
            "at": event.at,
            "text": EVENTS.get(event.transition, event.transition)
            + (f" oleh {name}" if name else ""),
            "note": event.note,
        }
        for event, name in events
    ]
