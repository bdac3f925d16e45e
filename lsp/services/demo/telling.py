"""SIKI and BNSP in the demo: what was typed in there some days ago, with the ids that BNSP would have answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.models import Jadwal, OutboxMessage
from lsp.services import lpjk_reports, outbox_answers, to_send
from lsp.services.demo.linking import SENT_BESIDE
from lsp.vocabulary import Channel


def tell(admin: Actor, row: OutboxMessage) -> None:
    """Done by hand as an admin does it; what only a step of the case answers is left to that step."""
    if row.kind in outbox_answers.BY_STEP or row.done_at is not None:
        return
    jadwal: Jadwal | None = to_send.jadwal_of(row, row.payload)
    serial = 4_000 + row.id
    # An example says of itself that it is one.
    values = {"id_jadwal": f"CONTOH-{serial}", "id_peserta": f"CONTOH-{serial}"}
    if jadwal is not None:
        values["kode_jadwal"] = f"BNSP.UJKK.CONTOH.{serial}"
    note = SENT_BESIDE if row.kind in lpjk_reports.REPORTS else ""
    outbox_answers.answer(admin, row, jadwal, values, note=note)
    db.session.flush()


def tell_all(admin: Actor, before: datetime) -> None:
    """What had to be typed into SIKI and BNSP and was asked for before that moment."""
    rows = db.session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.channel.in_((Channel.SIKI, Channel.BNSP)),
            OutboxMessage.created_at < before,
            OutboxMessage.done_at.is_(None),
        )
        .order_by(OutboxMessage.id)
    ).all()
    for row in rows:
        tell(admin, row)
