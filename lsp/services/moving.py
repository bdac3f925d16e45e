"""Another time for a meeting that stands: the seat is given back and another taken, both or neither."""

from __future__ import annotations

from lsp.actor import Actor
from lsp.errors import DomainError, StaleCase
from lsp.models import Booking, Permohonan
from lsp.services import meetings
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN
from lsp.workflow.seats import CANCELS


def is_movable(permohonan: Permohonan) -> bool:
    """Whether a meeting stands that has not begun to be an assessment."""
    return permohonan.status in CANCELS


def move(
    actor: Actor, permohonan: Permohonan, slot_public_id: str, *, version: int, reason: str
) -> Booking:
    """Cancel and book by the workflow's own steps; who may, how often and until when is said there.

    Raises DomainError with a sentence. The caller then rolls back, and the old seat stands as before.
    """
    seat, name = dossier_of(permohonan).booking, CANCELS.get(permohonan.status)
    if permohonan.version != version:
        raise StaleCase
    if seat is None or name is None:
        raise DomainError("Tidak ada rapat yang dapat dipindahkan.")
    if seat.slot.public_id == slot_public_id:
        raise DomainError("Itu waktu rapat yang sekarang. Pilih waktu lain.")
    seat.gives_way = True
    try:
        PERMOHONAN.perform(permohonan, name, actor, version=version, note=reason)
    finally:
        seat.gives_way = False
    # The reason stands with the seat that was given up. A second time it is asked of the admin alone, where he
    # names another asesor or batch (guards same_asesor_as_before, same_jadwal_as_before).
    note = reason if actor.has(Role.ADMIN) and actor.id != permohonan.asesi_id else ""
    return meetings.book(
        actor, permohonan, slot_public_id, version=permohonan.version, note=note, moved_from=seat
    )
