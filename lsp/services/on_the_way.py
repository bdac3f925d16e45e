"""Cases on their way to the certificate: a page of them and what its buttons ask, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from lsp.database import db
from lsp.models import Permohonan
from lsp.services.dossiers import prefill_registrations
from lsp.vocabulary import PermohonanStatus
from lsp.workflow import duty
from lsp.workflow.guards.certificate_life import FOLLOWS, open_proposals, previous_certificates

_LONGEST_ID = 9


@dataclass(frozen=True, slots=True)
class Page:
    """next_key: where the next page begins; empty on the last one."""

    cases: list[Permohonan]
    next_key: str


def page(*states: PermohonanStatus, size: int, after: str = "") -> Page:
    """Oldest first, each with its numbers."""
    query = (
        select(Permohonan)
        .where(Permohonan.status.in_(states))
        .order_by(Permohonan.status_at, Permohonan.id)
        .limit(size + 1)
        .options(joinedload(Permohonan.skema_version))
    )
    begins = _key(after)
    if begins is not None:
        moment, last_id = begins
        query = query.where(
            or_(
                Permohonan.status_at > moment,
                and_(Permohonan.status_at == moment, Permohonan.id > last_id),
            )
        )
    found = list(db.session.scalars(query))
    cases, more = found[:size], len(found) > size
    prefill_registrations(cases)
    last = cases[-1] if more else None
    return Page(cases, f"{last.status_at.isoformat()}~{last.id}" if last is not None else "")


def prefill_issue(cases: Sequence[Permohonan]) -> None:
    """What the step `issue` asks about each case beside its numbers: who had a part in it, and what it follows."""
    ids = [case.id for case in cases]
    for read in (duty.asesor_of, duty.pleno_of, duty.panels, duty.waivers):
        read(ids)
    previous = previous_certificates(case.id for case in cases if case.kind in FOLLOWS)
    open_proposals(row.certificate_id for row in previous.values() if row and row.certificate_id)


def _key(text: str) -> tuple[datetime, int] | None:
    moment, _, number = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if at.tzinfo is None or not (number.isascii() and number.isdigit()):
        return None
    return (at, int(number)) if len(number) <= _LONGEST_ID else None
