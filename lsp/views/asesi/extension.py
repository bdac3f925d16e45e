"""What can be said of extending a lapsed invoice: the same sentence on the page, in the panel and beside the button."""

from __future__ import annotations

from lsp.actor import SYSTEM
from lsp.models import Permohonan
from lsp.views.filters import tanggal
from lsp.workflow.guards.payment import (
    extended_never_before,
    extension_until,
    lapsed_not_too_long_ago,
)

EXTENDED_BEFORE = (
    "Tagihan ini sudah pernah diperpanjang, jadi tidak dapat diperpanjang lagi. Hubungi admin LSP."
)
TOO_LATE = "Waktu untuk memperpanjang tagihan ini sudah lewat. Hubungi admin LSP."


def about_extension(permohonan: Permohonan) -> str:
    """Whether the LSP may still extend the invoice of this case, and until when."""
    if extended_never_before(permohonan, SYSTEM, "") is not None:
        return EXTENDED_BEFORE
    if lapsed_not_too_long_ago(permohonan, SYSTEM, "") is not None:
        return TOO_LATE
    until = extension_until(permohonan)
    by = f", paling lambat {tanggal(until)}" if until else ""
    return f"Masih ingin melanjutkan? Hubungi admin LSP: tagihan dapat diperpanjang satu kali{by}."
