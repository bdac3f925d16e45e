"""One row of the order of a meeting, and the row of what the tim teknis asked to be mended."""

from __future__ import annotations

from dataclasses import dataclass

from lsp.models import Permohonan
from lsp.views.asesor.shared import address
from lsp.workflow.dossier import Dossier

REWORK = "perbaikan"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the order. `done` None: there to be read, nothing is asked of anybody.

    href: where it is done or read; tick: address that records it by one press; poll: it waits for the asesi.
    """

    key: str
    label: str
    todo: str
    done: bool | None
    badge: str = ""
    tone: str = ""
    href: str = ""
    tick: str = ""
    #: Where a wrong tick is taken back; empty while it cannot be.
    undo: str = ""
    poll: bool = False
    here: bool = False
    #: What is read out or shown at this step, while it is not done.
    lines: tuple[str, ...] = ()
    #: Files that the step compares: (label, address).
    files: tuple[tuple[str, str], ...] = ()


def rework_step(permohonan: Permohonan, dossier: Dossier) -> Step:
    done = dossier.is_reworked
    return Step(
        key=REWORK,
        label="Perbaikan menurut alasan tim teknis",
        todo="Perbaiki menurut alasan tim teknis",
        done=done,
        badge="ada perubahan" if done else "belum",
        tone="ok" if done else "wait",
        href=address("fr_ak_02", permohonan),
    )
