"""Cases under assessment whose plan asks for FR.IA.07, FR.IA.08 and FR.IA.09, with evidence named in FR.APL.02."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, event, select

from lsp import clock
from lsp.actor import Actor
from lsp.data import read_json
from lsp.database import db
from lsp.models import (
    Document,
    Elemen,
    EvidenceNote,
    FilledInstrument,
    FrApl02Answer,
    FrApl02Evidence,
    Permohonan,
    SkemaVersion,
    UnitKompetensi,
    UnitReview,
)
from lsp.services import fr_ia_08, skema_import
from lsp.services.skema_import import SkemaHeader
from lsp.vocabulary import PermohonanStatus
from tests import factories
from tests.workflow.cases import Cast, actor_of, make_cast, make_permohonan, seat_of, upload

#: rule -> ya, as the walk of the pre-assessment stores it.
YES: Mapping[str, bool] = {"valid": True, "authentic": True, "current": True, "sufficient": True}


def real_skema() -> SkemaVersion:
    """9 units, 27 elemen, 91 KUK (lsp/data/schemes), open."""
    head = SkemaHeader.from_dict(read_json("schemes/petugas-k3-lsp-p1.header.json"))
    version = skema_import.import_skema(read_json("schemes/petugas-k3-lsp-p1.json"), head)
    version.opened_at = clock.now()
    db.session.flush()
    return version


def portfolio_cast(*, real: bool = False, codes: tuple[str, ...] = ("CVP", "PW", "DPL")) -> Cast:
    """People whose skema is assessed by portfolio, interview and oral questions."""
    cast = make_cast()
    if real:
        cast.skema = real_skema()
    cast.mapa = factories.make_mapa(cast.skema, codes=codes, series=7)
    return cast


def portfolio_case(cast: Cast, *, work_done: bool = False, **columns: Any) -> Permohonan:
    """Under assessment; what each unit shows is said by `name_evidence`, before that it is only words."""
    case = make_permohonan(
        PermohonanStatus.IN_ASSESSMENT, cast=cast, work_done=work_done, **columns
    )
    plan_of(case)
    return case


def plan_of(case: Permohonan) -> None:
    """Nothing but the MAPA decides which papers are asked for."""
    from lsp.workflow.dossier import dossier_of

    plan = dossier_of(case).plan
    assert plan is not None
    plan.methods = ["portofolio", "wawancara", "lisan"]
    db.session.commit()


def name_evidence(case: Permohonan, label: str, units: Sequence[int], **columns: Any) -> Document:
    """A file that FR.APL.02 names for every elemen of these units (by place)."""
    document = upload(case, label, **columns)
    answers = db.session.scalars(
        select(FrApl02Answer)
        .join(Elemen, Elemen.id == FrApl02Answer.elemen_id)
        .join(UnitKompetensi, UnitKompetensi.id == Elemen.unit_id)
        .where(FrApl02Answer.permohonan_id == case.id, UnitKompetensi.position.in_(units))
    )
    for answer in answers:
        db.session.add(FrApl02Evidence(answer_id=answer.id, document_id=document.id))
    db.session.commit()
    return document


def leave_bare(case: Permohonan, *elements: Elemen) -> None:
    """FR.APL.02 calls these elemen competent, and shows nothing for them."""
    answers = db.session.scalars(
        select(FrApl02Answer).where(
            FrApl02Answer.permohonan_id == case.id,
            FrApl02Answer.elemen_id.in_([row.id for row in elements]),
        )
    ).all()
    assert len(answers) == len(elements)
    for answer in answers:
        answer.evidence_note = ""
    named = FrApl02Evidence.answer_id.in_([answer.id for answer in answers])
    db.session.execute(delete(FrApl02Evidence).where(named))
    db.session.commit()


def judged_before(case: Permohonan, document: Document | None, unit: int, **said: Any) -> None:
    """A note of the walk through the units in the pre-assessment."""
    unit_id = case.skema_version.units[unit - 1].id
    where = (UnitReview.permohonan_id == case.id, UnitReview.unit_id == unit_id)
    review = db.session.scalar(select(UnitReview).where(*where))
    if review is None:
        review = UnitReview(
            permohonan_id=case.id,
            attempt=case.attempt,
            booking_id=seat_of(case).id,
            unit_id=unit_id,
            can_continue=True,
            reviewed_by_id=seat_of(case).slot.asesor_id,
        )
        db.session.add(review)
        db.session.flush()
    key = document.id if document is not None else None
    db.session.add(EvidenceNote(unit_review_id=review.id, document_id=key, **{**YES, **said}))
    db.session.commit()


def asesor_of(cast: Cast) -> Actor:
    return actor_of(cast.asesor)


def statements(work: Callable[[], object]) -> list[str]:
    """SELECT, INSERT and UPDATE that `work` sends."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            sent.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sent


def judged(paper: FilledInstrument, **no: bool) -> None:
    """Every piece of FR.IA.08 judged with ya, but the rules named."""
    for row in paper.checks:
        fr_ia_08.judge(row, {**YES, **no}, "Tidak jelas." if no else "")


def elemen_of(case: Permohonan, unit: int = 1) -> Elemen:
    return case.skema_version.units[unit - 1].elements[0]
