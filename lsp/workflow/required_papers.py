"""What the pleno waits for: the papers without which the file of a case is not complete (workflow 4).

The guard of the decision names those that lack; the list of the whole file (lsp/services/case_papers.py) draws all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lsp.models import Booking
from lsp.models.jadwal import REMOTE_RECORD
from lsp.vocabulary import InstrumentPaper, MeetingKind
from lsp.workflow.dossier import Dossier
from lsp.workflow.instruments import papers_needed
from lsp.workflow.remote_record import is_held_remotely, still_to_hand_in

MAPA = ("FR.MAPA.01", "FR.MAPA.02")
#: What is kept of a remote meeting, as the list of the file names it.
RECORDED = {
    MeetingKind.PRE_ASSESSMENT: "dokumentasi_pra",
    MeetingKind.ASSESSMENT: "dokumentasi_asesmen",
}


@dataclass(frozen=True, slots=True)
class Required:
    """keys: the entries of the file that it is; words: how it is called where it lacks."""

    keys: tuple[str, ...]
    words: str
    is_there: bool


def required_papers(dossier: Dossier, *, stopped: bool) -> list[Required]:
    """In the order in which what lacks is told.

    stopped: at the pre-assessment. Such a case never had an assessment to plan, so nobody filled FR.MAPA, FR.AK.07 and
    FR.AK.01 for it.
    """
    plan, paper = dossier.plan, dossier.fr_ak_02
    wanted = [
        _form("FR.APL.01", dossier.fr_apl_01 is not None),
        _form("FR.APL.02", dossier.apl_02.answered == dossier.apl_02.total),
    ]
    if not stopped:
        chosen = plan is not None and plan.mapa_chosen_at is not None
        wanted += [
            Required(MAPA, " dan ".join(MAPA), chosen),
            _form("FR.AK.07", plan is not None and plan.fr_ak_07_at is not None),
            _form("FR.AK.01", plan is not None and plan.fr_ak_01_at is not None),
        ]
        wanted += [_form(each.value, is_kept(dossier, each)) for each in papers_needed(dossier)]
    wanted.append(_form("FR.AK.02", paper is not None and paper.frozen_at is not None))
    for seat in dossier.bookings:
        if seat.closed_at is not None and seat.attempt == dossier.permohonan.attempt:
            wanted += _recorded(seat)
    return wanted


def _form(code: str, is_there: bool) -> Required:
    return Required((code,), code, is_there)


def _recorded(seat: Booking) -> Iterator[Required]:
    if not is_held_remotely(seat):
        return
    kind, lacking = seat.slot.kind, still_to_hand_in(seat)
    for kept in REMOTE_RECORD:
        if kept.may_follow:
            yield Required(
                (RECORDED[kind],), f"{kept.words} {kind.label.lower()}", kept not in lacking
            )


def is_kept(dossier: Dossier, paper: InstrumentPaper) -> bool:
    """A needed FR.IA is finished and frozen. Of a plan made before, one that was never begun here lies on paper."""
    filled = dossier.instruments.get(paper)
    if filled is None:
        return dossier.plan is not None and dossier.plan.papers_outside
    return filled.finished_at is not None and filled.frozen_at is not None
