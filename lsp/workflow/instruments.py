"""Which instruments and units an attempt asks for, and which instruments can be filled here (workflow 1, forms 7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lsp.database import db
from lsp.models import (
    AssessmentPlan,
    FilledInstrument,
    FrAk02,
    FrAk02Unit,
    Permohonan,
    PermohonanEvent,
    UnitKompetensi,
)
from lsp.vocabulary import Conclusion, Form, InstrumentPaper, Role
from lsp.workflow.mapa import instruments_by_unit, instruments_of
from lsp.workflow.signed_content import PAPER_OF

if TYPE_CHECKING:
    from lsp.workflow.dossier import Dossier

#: A MAPA may ask for these only, until the written tests and the observation papers are built.
FILLABLE = frozenset(
    {InstrumentPaper.DPL, InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.VPK}
)
#: The papers of questions; the first that a plan has asks about elemen without evidence.
_ASKING = (InstrumentPaper.PW, InstrumentPaper.DPL)


def papers_asked(plan: AssessmentPlan | None) -> list[InstrumentPaper]:
    """The FR.IA that the plan of an attempt asks for, in order; also those that cannot be filled here."""
    wanted = instruments_of(plan) if plan is not None else set()
    return [paper for paper in InstrumentPaper if paper.value in wanted]


def papers_needed(dossier: Dossier) -> list[InstrumentPaper]:
    """The FR.IA without which this attempt cannot end, in order.

    What the plan asks for, and the interview by its own rule. A paper that was finished unasked counts too: it gives
    evidence.
    """
    asked, filled = set(papers_asked(dossier.plan)), dossier.instruments
    asked |= {paper for paper, row in filled.items() if row.finished_at is not None}
    asked.discard(InstrumentPaper.PW)
    if interview_is_due(dossier):
        asked.add(InstrumentPaper.PW)
    return [paper for paper in InstrumentPaper if paper in asked]


def interview_is_due(dossier: Dossier) -> bool:
    """Whether FR.IA.09 must be held, and so with at least one question.

    Where FR.IA.08 ticked an elemen for it, and where something was answered already: that is not left lying. Else where
    the plan asks for it, unless FR.IA.08 is finished, every piece met the rules of evidence (panduan 5 of FR.IA.08
    and the panduan of FR.IA.09: one that did not is asked about), and no elemen stands there without any piece.
    """
    portfolio = dossier.instruments.get(InstrumentPaper.CVP)
    if (portfolio is not None and portfolio.topics) or _was_answered(
        dossier.instruments.get(InstrumentPaper.PW)
    ):
        return True
    if InstrumentPaper.PW not in papers_asked(dossier.plan):
        return False
    return not (
        _leaves_nothing_to_ask(dossier, portfolio) and _interview_follows_portfolio(dossier.plan)
    )


def _was_answered(interview: FilledInstrument | None) -> bool:
    rows = interview.answers if interview is not None else ()
    return any(row.answer or row.achieved is not None for row in rows)


def _leaves_nothing_to_ask(dossier: Dossier, portfolio: FilledInstrument | None) -> bool:
    """FR.IA.08 is finished, all its evidence is valid, authentic, current and sufficient, and no elemen lacks any.

    A FR.IA.08 that was sent is judged by its evidence alone: elemen without any were not asked about before that was a
    rule, and since then none is sent without. So no file that lies before a pleno loses its completeness. Only a MAPA
    that was chosen later, after a send-back, asks what the one before had no paper for.
    """
    if portfolio is None or portfolio.finished_at is None or not portfolio.checks:
        return False
    all_met = all(
        row.valid and row.authentic and row.current and row.sufficient for row in portfolio.checks
    )
    return all_met and (
        _sent_under(dossier, portfolio) or not bare_for(dossier, InstrumentPaper.PW)
    )


def _sent_under(dossier: Dossier, filled: FilledInstrument) -> bool:
    """Whether a paper was sent, by itself or as part of a file, since the MAPA that stands now was chosen."""
    if filled.frozen_at is None or dossier.plan is None:
        return False
    chosen = dossier.plan.mapa_chosen_at
    if chosen is None or chosen <= filled.frozen_at:
        return True
    whole = dossier.fr_ak_02
    return whole is not None and whole.frozen_at is not None and chosen <= whole.frozen_at


def _interview_follows_portfolio(plan: AssessmentPlan | None) -> bool:
    """No unit is assessed by an interview alone: that one is held whatever the documents of others are worth."""
    if plan is None:
        return True
    pw, cvp = InstrumentPaper.PW.value, InstrumentPaper.CVP.value
    if plan.mapa is None:
        return cvp in instruments_of(plan)
    return all(cvp in papers for papers in instruments_by_unit(plan).values() if pw in papers)


# --- Elemen without evidence ---------------------------------------------------------------------------------------


def question_paper(plan: AssessmentPlan | None) -> InstrumentPaper | None:
    """The paper of a plan that asks about elemen without evidence: the interview, else the oral questions."""
    asked = papers_asked(plan)
    return next((paper for paper in _ASKING if paper in asked), None)


def bare_for(dossier: Dossier, paper: InstrumentPaper) -> frozenset[int]:
    """Elemen answered K without evidence that this paper must ask about: not those that another has an answer on.

    Of a paper that was sent none: it stays what it was.
    """
    if paper is not question_paper(dossier.plan) or not dossier.bare_elements:
        return frozenset()
    filled = dossier.instruments.get(paper)
    if filled is not None and filled.frozen_at is not None:
        return frozenset()
    others = (other for other in _ASKING if other is not paper and _counts(dossier, other))
    return dossier.bare_elements.difference(
        *(_answered_about(dossier.instruments.get(other)) for other in others)
    )


def _counts(dossier: Dossier, paper: InstrumentPaper) -> bool:
    """Whether the recommendation waits for this paper: one begun under another MAPA and left lying answers nothing.

    An interview in which anything was answered is held to its end, whatever the plan.
    """
    if paper is InstrumentPaper.PW or paper in papers_asked(dossier.plan):
        return True
    filled = dossier.instruments.get(paper)
    return filled is not None and filled.finished_at is not None


def bare_unasked(dossier: Dossier, paper: InstrumentPaper) -> frozenset[int]:
    """Of these: on which the paper has no question yet."""
    wanted = bare_for(dossier, paper)
    filled = dossier.instruments.get(paper) if wanted else None
    return wanted.difference(row.elemen_id for row in filled.answers) if filled else wanted


def bare_unanswered(dossier: Dossier, paper: InstrumentPaper) -> frozenset[int]:
    """Of these: on which it has no answer yet."""
    wanted = bare_for(dossier, paper)
    return wanted - _answered_about(dossier.instruments.get(paper)) if wanted else wanted


def bare_and_passed_over(dossier: Dossier) -> frozenset[int]:
    """Elemen without evidence that nothing asks about: the plan has no paper for it, or it was sent without.

    The asesor may still tick one in FR.IA.08, which brings the interview.
    """
    if dossier.plan is None or not dossier.bare_elements:
        return frozenset()
    paper = question_paper(dossier.plan)
    if paper in papers_needed(dossier) and bare_for(dossier, paper):
        return frozenset()
    portfolio = dossier.instruments.get(InstrumentPaper.CVP)
    ticked = {row.elemen_id for row in portfolio.topics} if portfolio is not None else set()
    answered = (
        _answered_about(dossier.instruments.get(each)) for each in _ASKING if _counts(dossier, each)
    )
    return dossier.bare_elements.difference(ticked, *answered)


def bare_words(count: int) -> str:
    """How a sentence begins that tells of them."""
    return f"{count} elemen dijawab K tanpa bukti"


def _answered_about(filled: FilledInstrument | None) -> set[int | None]:
    rows = filled.answers if filled is not None else ()
    return {row.elemen_id for row in rows if row.answer and row.achieved is not None}


def listed(names: Sequence[str]) -> str:
    """ "FR.IA.08, FR.IA.09 dan FR.AK.02" """
    *others, last = names
    return f"{', '.join(others)} dan {last}" if others else last


def open_papers(dossier: Dossier) -> list[InstrumentPaper]:
    """Of the needed FR.IA that are filled here: which are not finished."""
    return [
        paper
        for paper in papers_needed(dossier)
        if paper in FILLABLE and not _is_finished(dossier, dossier.instruments.get(paper))
    ]


def _is_finished(dossier: Dossier, filled: FilledInstrument | None) -> bool:
    """An interview in which nothing was asked is none, whatever an older portal let stand as finished.

    Nor is one that passes over elemen without evidence, until it is sent.
    """
    if filled is None or filled.finished_at is None:
        return False
    if filled.paper is InstrumentPaper.PW and not filled.answers:
        return False
    return filled.frozen_at is not None or not bare_unasked(dossier, filled.paper)


def concluded_against(dossier: Dossier) -> list[InstrumentPaper]:
    """Finished FR.IA whose asesor concluded that the criteria are not met."""
    concluded = dossier.findings.concluded
    return [paper for paper in InstrumentPaper if concluded.get(paper) is Conclusion.NOT_MET]


def forms_to_sign(dossier: Dossier, role: Role) -> list[Form]:
    """What this person signs at the end of the attempt with one press: each needed FR.IA that is here, and FR.AK.02.

    FR.IA.10 is the asesor's alone: it has no place for the asesi, who does not read it.
    """
    needed, filled = papers_needed(dossier), dossier.instruments
    forms = [
        form
        for form, paper in PAPER_OF.items()
        if paper in needed
        and paper in filled
        and not (role is Role.ASESI and paper is InstrumentPaper.VPK)
    ]
    return [*forms, Form.FR_AK_02]


def unsigned(dossier: Dossier, role: Role, signer_id: int | None = None) -> list[Form]:
    """Of those: which have no signature that fits what is written now; of this very person where he is named."""
    left = []
    for form in forms_to_sign(dossier, role):
        found = dossier.signature(form, role, attempt=dossier.permohonan.attempt)
        if found is None or signer_id not in (None, found.signer_id):
            left.append(form)
    return left


def units_to_assess(permohonan: Permohonan) -> list[UnitKompetensi]:
    """The units of the present attempt, in order: all, or after a re-assessment those that failed before.

    Only where the skema says so. An attempt that a banding opened looks at every unit again: what is in doubt there
    is the assessment, not the asesi.
    """
    units, failed = permohonan.skema_version.units, failed_before(permohonan)
    return [unit for unit in units if unit.id in failed] if failed else list(units)


def carried_units(permohonan: Permohonan) -> dict[int, int]:
    """Units that this attempt does not ask for, by id: the attempt that last assessed them."""
    failed = failed_before(permohonan)
    if not failed:
        return {}
    assessed = (
        select(func.max(FrAk02.attempt))
        .join(FrAk02Unit, FrAk02Unit.fr_ak_02_id == FrAk02.id)
        .where(
            FrAk02.permohonan_id == permohonan.id,
            FrAk02.attempt < permohonan.attempt,
            FrAk02Unit.unit_id == UnitKompetensi.id,
        )
        .scalar_subquery()
    )
    met = select(UnitKompetensi.id, func.coalesce(assessed, permohonan.attempt - 1)).where(
        UnitKompetensi.skema_version_id == permohonan.skema_version_id,
        UnitKompetensi.id.not_in(failed),
    )
    return {row.id: row[1] for row in db.session.execute(met)}


def failed_before(permohonan: Permohonan) -> set[int]:
    """Units still failing in the attempt before, where only these are asked for again; empty where all are.

    A banding that opened this attempt has all of them looked at again.
    """
    if permohonan.attempt == 1 or not permohonan.skema_version.reassess_failed_units_only:
        return set()
    opened_by = (
        select(PermohonanEvent.transition)
        .where(
            PermohonanEvent.permohonan_id == permohonan.id,
            PermohonanEvent.transition.in_(("reassess", "grant_reassessment")),
        )
        .order_by(PermohonanEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    newest = (
        select(FrAk02.id)
        .where(FrAk02.permohonan_id == permohonan.id, FrAk02.attempt == permohonan.attempt - 1)
        .order_by(FrAk02.edition.desc())
        .limit(1)
        .scalar_subquery()
    )
    failed = select(FrAk02Unit.unit_id).where(
        FrAk02Unit.fr_ak_02_id == newest, FrAk02Unit.failed.is_(True), opened_by == "reassess"
    )
    return set(db.session.scalars(failed))
