"""Changing the day of a pleno that is not over: it was typed wrongly, or the members meet on another day."""

from __future__ import annotations

from datetime import date

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Pleno, PlenoCase
from lsp.services import audit
from lsp.vocabulary import PermohonanStatus, Role
from lsp.vocabulary.dates import day_words
from lsp.workflow.guards.pleno_day import too_early_for
from lsp.workflow.history import read_steps, steps_of

OVER = "Rapat pleno ini sudah selesai, jadi tanggal di berita acaranya tetap."


class MovedElsewhere(DomainError):
    """Another admin, or another tab, has moved it since the form was drawn."""

    def __init__(self, stands: date) -> None:
        super().__init__(
            f"Tanggal rapat ini sudah diubah sejak halaman ini Anda buka, sekarang {day_words(stands)}. Tanggal yang "
            "Anda isi belum tersimpan. Bila itu yang benar, tekan sekali lagi.",
            field="held_on",
        )


def drawn_from(pleno: Pleno) -> str:
    """Names the day that a page shows, for its form to send back."""
    return pleno.held_on.isoformat()


def move(actor: Actor, pleno: Pleno, held_on: date, *, seen: str) -> None:
    """seen: as drawn_from.

    Raises DomainError when it is over, when it was moved since the page was drawn (MovedElsewhere), or when the new
    day does not fit its cases and what was already voted.
    """
    db.session.refresh(pleno, ["closed_at", "held_on", "cases"])
    if pleno.closed_at is not None:
        raise DomainError(OVER)
    # The same day sent twice is no conflict.
    if seen != drawn_from(pleno) and held_on != pleno.held_on:
        raise MovedElsewhere(pleno.held_on)
    reason = _why_not(pleno, held_on)
    if reason is not None:
        raise DomainError(reason, field="held_on")
    was, pleno.held_on = pleno.held_on, held_on
    if was != held_on:
        audit.note(
            actor,
            "pleno.move",
            "pleno",
            pleno.public_id,
            role=Role.ADMIN,
            was=was.isoformat(),
            now=held_on.isoformat(),
        )
    db.session.flush()


def _why_not(pleno: Pleno, held_on: date) -> str | None:
    open_cases = [place.permohonan for place in pleno.cases if place.closed_at is None]
    early = too_early_for(held_on, open_cases)
    if early is not None:
        return early
    said = [vote.declared_at for place in pleno.cases for vote in place.votes]
    if said and held_on > (first := min(said).astimezone(clock.WIB).date()):
        return f"Suara pertama sudah masuk {day_words(first)}. Pilih hari itu atau sebelumnya."
    places = [place for place in pleno.cases if place.outcome not in ("", "removed")]
    read_steps([place.permohonan for place in places])
    settled = [day for place in places if (day := _waited_since(place)) is not None]
    if settled and held_on < max(settled):
        return (
            f"Rapat ini sudah memutus permohonan yang menunggu penetapan sejak {day_words(max(settled))}. "
            "Pilih hari itu atau sesudahnya."
        )
    return None


def _waited_since(place: PlenoCase) -> date | None:
    """Of a settled place: its case has moved on, and its own status no longer says it.

    The last step before the place was settled that brought the case to a pleno: the recommendation, a banding, an
    annulment, or another pleno that could not settle it.
    """
    settled = place.closed_at
    came = [
        step.at
        for step in steps_of(place.permohonan)
        if step.target is PermohonanStatus.RECOMMENDED and settled and step.at <= settled
    ]
    moment = came[-1] if came else place.fr_ak_02.frozen_at
    return moment.astimezone(clock.WIB).date() if moment is not None else None
