"""The day of a pleno against its cases: nobody decides before there is something to decide, nor before the day itself.

A case waits for its pleno since `status_at`: the recommendation, or what sent it back for a new decision (a banding, an
annulment). The meetings it rests on are all over by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lsp import clock
from lsp.actor import Actor
from lsp.models import Permohonan, PlenoCase
from lsp.vocabulary.dates import day_words
from lsp.workflow.dossier import dossier_of


def waits_since(case: Permohonan) -> date:
    """The first day on which a pleno may decide this case; of one that waits for a pleno."""
    return case.status_at.astimezone(clock.WIB).date()


def too_early_for(held_on: date, cases: Sequence[Permohonan]) -> str | None:
    """Why a pleno of this day cannot have these cases on its agenda; all of them are named at once."""
    later = [(waits_since(case), case.asesi_name) for case in cases if waits_since(case) > held_on]
    if not later:
        return None
    names = ", ".join(f"{name} (sejak {day_words(since)})" for since, name in later)
    return (
        f"Rapat pleno tidak dapat bertanggal sebelum permohonannya menunggu penetapan: {names}. "
        f"Pilih {day_words(max(later)[0])} atau sesudahnya."
    )


def day_of_pleno_fits(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Asked of a vote as well as of the decision, so that the berita acara never names a day before either."""
    place = dossier_of(case).pleno_case
    if place is None:
        return "Permohonan ini belum ada di agenda pleno."
    return why_not_now(place)


def why_not_now(place: PlenoCase) -> str | None:
    """Why no word is taken today on this open place of an agenda."""
    held_on, since = place.pleno.held_on, waits_since(place.permohonan)
    if held_on > clock.today_wib():
        return (
            f"Rapat pleno ini bertanggal {day_words(held_on)}. Suara dan keputusan diterima mulai hari itu. "
            "Bila rapatnya dimajukan, minta admin mengubah tanggal rapat."
        )
    if held_on < since:
        return (
            f"Rapat pleno ini bertanggal {day_words(held_on)}, padahal permohonan ini baru menunggu penetapan sejak "
            f"{day_words(since)}. Minta admin membetulkan tanggal rapat."
        )
    return None
