"""Reading the dossiers of many cases at once, so that a list of cases costs a handful of queries and not some each.

What is put in is what `lsp/workflow/dossier.py` would read one by one; a test compares the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from lsp.database import db
from lsp.models import (
    AssessmentPlan,
    Booking,
    Elemen,
    FilledInstrument,
    FrAk02,
    FrApl01,
    FrApl02Answer,
    FrApl02Evidence,
    Permohonan,
    Registration,
    Slot,
    UnitKompetensi,
)
from lsp.vocabulary import Answer, InstrumentPaper
from lsp.workflow import fr_apl_01
from lsp.workflow.apl02_progress import Apl02Progress
from lsp.workflow.dossier import dossier_of
from lsp.workflow.history import read_steps
from lsp.workflow.signed_content import WITH_ROWS


def prefill_files(cases: Sequence[Permohonan]) -> None:
    """What `missing_papers` asks of each case, in a fixed number of queries."""
    if not cases:
        return
    ids = [each.id for each in cases]
    forms = _by_case(select(FrApl01).where(FrApl01.permohonan_id.in_(ids)))
    fr_apl_01.read_rows(list(forms.values()))
    plans = _by_attempt(
        select(AssessmentPlan)
        .where(AssessmentPlan.permohonan_id.in_(ids))
        .options(joinedload(AssessmentPlan.mapa))
    )
    papers = _by_attempt(
        select(FrAk02)
        .where(FrAk02.permohonan_id.in_(ids))
        .order_by(FrAk02.edition)
        .options(selectinload(FrAk02.units))
    )
    instruments: dict[tuple[int, int], dict[InstrumentPaper, FilledInstrument]] = defaultdict(dict)
    for row in db.session.scalars(
        select(FilledInstrument)
        .where(FilledInstrument.permohonan_id.in_(ids))
        .order_by(FilledInstrument.edition)
        .options(*WITH_ROWS)
    ):
        instruments[row.permohonan_id, row.attempt][row.paper] = row
    seats: dict[int, list[Booking]] = defaultdict(list)
    for seat in db.session.scalars(
        select(Booking)
        .where(Booking.permohonan_id.in_(ids))
        .order_by(Booking.id)
        .options(
            joinedload(Booking.slot).options(joinedload(Slot.asesor), joinedload(Slot.jadwal)),
            joinedload(Booking.record),
        )
    ):
        seats[seat.permohonan_id].append(seat)
    progress = _progress(cases)
    read_steps(cases)
    for each in cases:
        known = dossier_of(each).__dict__
        known["fr_apl_01"] = forms.get(each.id)
        known["plan"] = plans.get((each.id, each.attempt))
        known["fr_ak_02"] = papers.get((each.id, each.attempt))
        known["instruments"] = instruments[each.id, each.attempt]
        known["bookings"] = seats[each.id]
        known["apl_02"] = progress[each.id]


def prefill_registrations(cases: Sequence[Permohonan]) -> None:
    """The numbers of each case, in one query."""
    rows = _by_case(
        select(Registration)
        .where(Registration.permohonan_id.in_([each.id for each in cases]))
        .options(
            joinedload(Registration.certificate_entry),
            joinedload(Registration.registration_entry),
            joinedload(Registration.blanko),
        )
    )
    for each in cases:
        dossier_of(each).__dict__["registration"] = rows.get(each.id)


def _by_case(query: Any) -> dict[int, Any]:
    return {row.permohonan_id: row for row in db.session.scalars(query)}


def _by_attempt(query: Any) -> dict[tuple[int, int], Any]:
    """The last row wins, so newest editions come last."""
    return {(row.permohonan_id, row.attempt): row for row in db.session.scalars(query)}


def _progress(cases: Sequence[Permohonan]) -> dict[int, Apl02Progress]:
    """Counts over FR.APL.02, as `Dossier.apl_02` has them."""
    totals = dict(
        db.session.execute(
            select(UnitKompetensi.skema_version_id, func.count(Elemen.id))
            .join(Elemen, Elemen.unit_id == UnitKompetensi.id)
            .where(UnitKompetensi.skema_version_id.in_({each.skema_version_id for each in cases}))
            .group_by(UnitKompetensi.skema_version_id)
        ).all()
    )
    has_document = (
        select(FrApl02Evidence.document_id)
        .where(FrApl02Evidence.answer_id == FrApl02Answer.id)
        .exists()
    )
    bare = and_(FrApl02Answer.answer == Answer.K, FrApl02Answer.evidence_note == "", ~has_document)
    counted = {
        row[0]: row
        for row in db.session.execute(
            select(
                FrApl02Answer.permohonan_id,
                func.count(FrApl02Answer.answer),
                func.sum(case((bare, 1), else_=0)),
            )
            .join(Elemen, Elemen.id == FrApl02Answer.elemen_id)
            .join(UnitKompetensi, UnitKompetensi.id == Elemen.unit_id)
            .join(
                Permohonan,
                and_(
                    Permohonan.id == FrApl02Answer.permohonan_id,
                    Permohonan.skema_version_id == UnitKompetensi.skema_version_id,
                ),
            )
            .where(FrApl02Answer.permohonan_id.in_([each.id for each in cases]))
            .group_by(FrApl02Answer.permohonan_id)
        )
    }
    return {
        each.id: Apl02Progress(
            totals.get(each.skema_version_id, 0),
            int(counted[each.id][1]) if each.id in counted else 0,
            int(counted[each.id][2] or 0) if each.id in counted else 0,
        )
        for each in cases
    }
