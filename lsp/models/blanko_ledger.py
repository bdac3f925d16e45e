"""The only writer of a blanko's state: first the move, then the state it leads to, in the present transaction."""

from __future__ import annotations

from lsp.database import db
from lsp.models.blanko import BlankoMove
from lsp.models.certificate import Blanko
from lsp.vocabulary import BlankoState


def enter(number: str, *, nik_index: str, permohonan_id: int, actor_id: int) -> Blanko:
    """A number that BNSP gave for a NIK; it is not reserved yet. Raises IntegrityError for one that stands."""
    blanko = Blanko(
        number=number,
        state=BlankoState.RECEIVED,
        permohonan_id=permohonan_id,
        nik_index=nik_index,
        received_by_id=actor_id,
    )
    db.session.add(blanko)
    db.session.flush()
    _note(blanko, None, BlankoState.RECEIVED, actor_id=actor_id)
    return blanko


def move(
    blanko: Blanko,
    target: BlankoState,
    *,
    actor_id: int | None,
    note: str = "",
    return_id: int | None = None,
) -> None:
    """Take a number to its next state. The database refuses a step that is none of the ledger's."""
    db.session.flush()
    _note(blanko, blanko.state, target, actor_id=actor_id, note=note, return_id=return_id)
    blanko.state, blanko.note = target, note
    db.session.flush()


def _note(
    blanko: Blanko,
    source: BlankoState | None,
    target: BlankoState,
    *,
    actor_id: int | None,
    note: str = "",
    return_id: int | None = None,
) -> None:
    db.session.add(
        BlankoMove(
            blanko_id=blanko.id,
            source=source,
            target=target,
            permohonan_id=blanko.permohonan_id,
            return_id=return_id,
            actor_id=actor_id or None,
            note=note,
        )
    )
    db.session.flush()
