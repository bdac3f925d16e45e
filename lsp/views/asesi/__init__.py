"""The asesi's page: one permohonan from the first form to the certificate, panel by panel.

The page itself reads and leads on; each panel stands on an address of its own, where the work is done.
"""

from __future__ import annotations

from lsp.views.asesi.shared import bp

# Each module hangs its views on `bp`.
from lsp.views.asesi import (  # noqa: F401 isort: skip
    answers,
    apl01,
    apl01_rows,
    apl02,
    appeal,
    asking_again,
    banding,
    certificate,
    certificate_notice,
    claims,
    documents,
    evidence,
    feedback,
    following,
    home,
    id_izin,
    joining,
    meeting,
    meeting_papers,
    mode,
    my_data,
    payment,
    pkb,
    removal,
    result,
    schedule,
    signing,
    start,
    submit,
    surveilan,
    tus,
)

__all__ = ["bp"]
