"""Letters of the LSP as pages to read and print."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from lsp.models import Banding
from lsp.views.banding_words import DECIDES, head_of
from lsp.views.html import page
from lsp.workflow.effects.banding import relaxed


def banding_letter(banding: Banding, *, back_url: str) -> ResponseReturnValue:
    """The answer to a banding; only of one that has a number."""
    return page(
        "packs/banding_letter.html",
        banding=banding,
        head=head_of(banding.permohonan, banding),
        decides=DECIDES[banding.status],
        relaxed=relaxed(banding),
        back_url=back_url,
    )
