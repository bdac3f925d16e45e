"""“Masuk rapat”, for whoever is invited: the moment is written, then the room opens in another tab."""

from __future__ import annotations

from flask import Response, g

from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Booking
from lsp.services import joining
from lsp.views.html import redirect_after_post
from lsp.views.leaving import leave_for


def go_in(seat: Booking | None, *, door: str, back_url: str, hint: str) -> Response:
    """Write the moment and go on to the room. Commits; a refusal leads back with its sentence.

    door: the party whose page this is. Needs no version: going in changes nothing of the case.
    """
    if seat is None:
        return redirect_after_post(back_url, "Tidak ada rapat yang terjadwal.", tone="bad")
    try:
        room = joining.enter(g.actor, seat, door=door)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(back_url, str(refusal), tone="bad")
    db.session.commit()
    return leave_for(
        room,
        title="Masuk ke ruang rapat",
        label="Buka ruang rapat",
        back_url=back_url,
        hint=hint,
    )
