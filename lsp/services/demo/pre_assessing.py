"""What an asesor writes in a fictional pre-assessment: data confirmed, evidence judged, FR.AK.07 and FR.AK.01."""

from __future__ import annotations

from datetime import timedelta

from lsp import clock
from lsp.actor import Actor
from lsp.models import Permohonan
from lsp.services import data_check, evidence_walk, fr_ak_01, fr_ak_07
from lsp.services.data_check import Answer
from lsp.services.evidence_walk import Judged, UnitWords
from lsp.workflow.dossier import dossier_of

#: Worked in a firm whose practice can be traced to the standard.
POTENTIAL = "3"


def walk_evidence(asesor: Actor, case: Permohonan) -> None:
    """Data confirmed and every unit looked at, each piece by the rules of evidence."""
    data_check.confirm(asesor, case, {name: Answer(fits=True) for name in data_check.FIELDS})
    for unit in case.skema_version.units:
        judged: dict[int | None, Judged] = {
            file.id: Judged(dict.fromkeys(evidence_walk.RULES, True))
            for file in evidence_walk.documents_of(case, unit.id)
        }
        words = UnitWords(can_continue=True, missing_evidence="", evidence=judged)
        evidence_walk.save_unit(asesor, case, unit.id, words)


def fill_papers(asesor: Actor, case: Permohonan) -> None:
    """FR.AK.07 without an adjustment, when and where, and FR.AK.01 laid out."""
    words = fr_ak_07.words_for(None)
    paper = fr_ak_07.preset(case, dossier_of(case).plan, words.body)
    paper.potential = [POTENTIAL]
    fr_ak_07.nothing_needed(paper, words.body)
    fr_ak_07.fill(asesor, case, paper, words)
    form, seat = dossier_of(case).fr_apl_01, dossier_of(case).booking
    fr_ak_01.agree_on(
        asesor,
        case,
        starts_at=clock.now() + timedelta(days=3),
        place=seat.slot.jadwal.tuk.name if seat is not None else "TUK",
        contact=(form.phone_mobile if form is not None else "") or "WhatsApp",
    )
    fr_ak_01.prepare(asesor, case, evidence=list(case.skema_version.methods))
