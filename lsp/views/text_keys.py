"""Words in addresses for the texts that people agree to, the same for the asesi and the admin."""

from __future__ import annotations

from typing import Final

from lsp.vocabulary import ConsentKind

TEXT_KINDS: Final = {
    "data-pribadi": ConsentKind.DATA_PROCESSING,
    "perjanjian": ConsentKind.PERJANJIAN,
    "pernyataan": ConsentKind.PERNYATAAN,
    "perekaman": ConsentKind.RECORDING,
}
TEXT_KEYS: Final = {kind: key for key, kind in TEXT_KINDS.items()}
