"""The asesor's papers: review of FR.APL.02, plan (FR.MAPA), signing. FR.AK.01, .07 and .02 have files of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Apl02Review,
    AssessmentPlan,
    Mapa,
    Permohonan,
    Signature,
    UnitKompetensi,
    UnitReview,
)
from lsp.models.inforce import remote_permissions_between
from lsp.services import audit, mapa as mapa_service, plan_papers, signing
from lsp.services.fr_ak_02 import next_edition, open_paper, own_meeting
from lsp.services.meetings import TICKS
from lsp.vocabulary import Form, Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.fitness import why_no_permission
from lsp.workflow.instruments import FILLABLE, listed, unsigned
from lsp.workflow.mapa import (
    all_codes,
    evidence_kinds,
    papers_of_plan,
    template,
    template_of,
)

APPROACHES = {key: approach.label for key, approach in template().approaches.items()}

_PLANNED_IN = (PermohonanStatus.PRE_SCHEDULED, PermohonanStatus.SCHEDULED)


def is_reviewable(permohonan: Permohonan) -> bool:
    """Whether FR.APL.02 lies before the asesor for his word."""
    return permohonan.status is PermohonanStatus.PRE_SCHEDULED


def is_plannable(permohonan: Permohonan) -> bool:
    """Whether FR.MAPA, FR.AK.07 and FR.AK.01 may be written."""
    return permohonan.status in _PLANNED_IN


def review_apl_02(
    actor: Actor, permohonan: Permohonan, *, can_continue: bool, missing_evidence: str, note: str
) -> Apl02Review:
    """The asesor's word on FR.APL.02 in this meeting; it may be changed until the meeting has its outcome."""
    booking = own_meeting(actor, permohonan)
    if not is_reviewable(permohonan):
        raise DomainError("FR.APL.02 ditinjau dalam rapat pra-asesmen.")
    if not can_continue and not missing_evidence.strip():
        raise DomainError("Sebutkan bukti yang kurang.")
    if can_continue and (units := refused_units(permohonan)):
        raise DomainError(
            f"Unit {', '.join(map(str, units))} Anda nilai tidak dapat dilanjutkan. Ubah penilaian unit itu, "
            "atau pilih “tidak dapat dilanjutkan”."
        )
    review = db.session.scalar(select(Apl02Review).where(Apl02Review.booking_id == booking.id))
    if review is None:
        review = Apl02Review(
            permohonan_id=permohonan.id,
            booking_id=booking.id,
            attempt=permohonan.attempt,
            asesor_id=booking.slot.asesor_id,
        )
        db.session.add(review)
    review.can_continue, review.note = can_continue, note.strip()
    review.missing_evidence = "" if can_continue else missing_evidence.strip()
    audit.note(
        actor,
        "apl_02.review",
        "permohonan",
        permohonan.public_id,
        role=Role.ASESOR,
        can_continue=can_continue,
    )
    db.session.flush()
    return review


def choosable(permohonan: Permohonan) -> list[Mapa]:
    """The MAPA this plan may take: those in force today, and the one it has, though it was replaced meanwhile."""
    plan = dossier_of(permohonan).plan
    found = list(mapa_service.in_force(permohonan.skema_version_id))
    if plan is not None and plan.mapa is not None and plan.mapa not in found:
        found.append(plan.mapa)
    return found


def barred(permohonan: Permohonan, offered: Sequence[Mapa]) -> dict[str, str]:
    """Why a MAPA cannot be chosen, by public id: an instrument that is not built yet, or, of a remote case, a method
    that BNSP did not permit."""
    return _not_fillable(permohonan, offered) | _not_permitted(permohonan, offered)


def _not_fillable(permohonan: Permohonan, offered: Sequence[Mapa]) -> dict[str, str]:
    """The case could not end: nobody can fill that paper here. A plan of the time before keeps the one it has."""
    plan, fillable = dossier_of(permohonan).plan, {paper.value for paper in FILLABLE}
    kept = plan.mapa_id if plan is not None and plan.papers_outside else None
    left = {
        mapa.public_id: sorted(papers_of_plan(mapa, ()) - fillable)
        for mapa in offered
        if mapa.id != kept
    }
    return {
        public_id: f"MAPA ini meminta {listed(papers)}, yang belum dapat diisi di portal."
        for public_id, papers in left.items()
        if papers
    }


def _not_permitted(permohonan: Permohonan, offered: Sequence[Mapa]) -> dict[str, str]:
    seat = dossier_of(permohonan).booking
    if permohonan.mode is not Mode.DARING or seat is None or not offered:
        return {}
    day = seat.slot.starts_at.astimezone(clock.WIB).date()
    permissions = remote_permissions_between(permohonan.skema_version.skema_id, day, day)
    reasons = {
        mapa.public_id: why_no_permission(permissions, methods_of(mapa), day, day, whose="MAPA ini")
        for mapa in offered
    }
    return {public_id: reason for public_id, reason in reasons.items() if reason is not None}


def methods_of(mapa: Mapa) -> list[str]:
    """The kinds of evidence it asks for."""
    return [kind.value for kind in evidence_kinds(all_codes(mapa), template_of(mapa))]


def refused_units(permohonan: Permohonan) -> list[int]:
    """Positions of units that cannot go on, so that FR.APL.02 as a whole cannot either."""
    return list(
        db.session.scalars(
            select(UnitKompetensi.position)
            .join(UnitReview, UnitReview.unit_id == UnitKompetensi.id)
            .where(
                UnitReview.permohonan_id == permohonan.id,
                UnitReview.attempt == permohonan.attempt,
                UnitReview.can_continue.is_(False),
            )
            .order_by(UnitKompetensi.position)
        )
    )


def choose_plan(
    actor: Actor, permohonan: Permohonan, *, mapa: Mapa, changes: Mapping[str, str] | None = None
) -> AssessmentPlan:
    """FR.MAPA.01 and FR.MAPA.02: the MAPA, and what is changed in it for this asesi (section 3, row -> words).

    Another MAPA than before: FR.AK.07 and FR.AK.01 are asked anew (plan_papers.py).
    Raises DomainError for a MAPA that is not in force for this skema, or that a remote case may not take.
    """
    if mapa not in choosable(permohonan):
        raise DomainError("MAPA itu tidak berlaku untuk skema ini. Pilih salah satu yang berlaku.")
    if reason := _not_fillable(permohonan, [mapa]).get(mapa.public_id):
        raise DomainError(f"{reason} Pilih MAPA lain, atau minta admin membuatnya.")
    if reason := _not_permitted(permohonan, [mapa]).get(mapa.public_id):
        raise DomainError(f"{reason} Pilih MAPA lain, atau minta asesi setuju ganti ke tatap muka.")
    plan = open_plan(actor, permohonan)
    replaces = plan.mapa_chosen_at is not None and plan.mapa != mapa
    before = plan_papers.words_before(plan) if replaces else []
    # What is chosen now is chosen among papers that can be filled here.
    plan.papers_outside = plan.papers_outside and plan.mapa == mapa
    plan.mapa, plan.approach = mapa, mapa.approach
    plan.methods = methods_of(mapa)
    plan.mapa_changes = {key: words for key, words in (changes or {}).items() if words}
    plan.mapa_chosen_at = clock.now()
    if replaces:
        plan_papers.ask_anew(plan, before)
    audit.note(
        actor,
        "mapa.choose",
        "permohonan",
        permohonan.public_id,
        role=Role.ASESOR,
        approach=mapa.approach,
        mapa=mapa.public_id,
    )
    db.session.flush()
    return plan


#: What FR.AK.01 says was done, so it is noted before the asesor signs it.
_EXPLAINED = ("banding", "hak")
BEFORE_SIGNING = "Sebelum menandatangani, lakukan dan catat di urutan rapat:"


def unexplained(permohonan: Permohonan) -> list[str]:
    """Of the pre-assessment: what was not noted as explained to the asesi yet, in words."""
    seat = dossier_of(permohonan).booking
    if permohonan.status is not PermohonanStatus.PRE_SCHEDULED or seat is None:
        return []
    return [
        words.lower()
        for column, words in (TICKS[item] for item in _EXPLAINED)
        if seat.record is None or getattr(seat.record, column) is None
    ]


def sign_fr_ak_01(actor: Actor, permohonan: Permohonan, *, typed_name: str) -> Signature:
    """The asesor of the meeting signs FR.AK.01 as it stands; pressing twice signs once."""
    own_meeting(actor, permohonan)
    dossier = dossier_of(permohonan)
    if not is_plannable(permohonan):
        raise DomainError("FR.AK.01 ditandatangani saat rapat terjadwal.")
    if dossier.plan is None or dossier.plan.fr_ak_01_at is None:
        raise DomainError("Pilih dulu bukti yang akan dikumpulkan, lalu tanda tangani FR.AK.01.")
    if left := unexplained(permohonan):
        raise DomainError(f"{BEFORE_SIGNING} {'; '.join(left)}.")
    if dossier.plan.asesor_id != actor.id:
        # The agreement was made with another asesor: the asesi is asked again, now with this one.
        dossier.plan.asesor_id = actor.id or 0
        db.session.flush()
        dossier = dossier_of(permohonan)
    standing = dossier.signature(Form.FR_AK_01, Role.ASESOR, attempt=permohonan.attempt)
    if standing is not None and standing.signer_id == actor.id:
        return standing
    return signing.sign(actor, permohonan, Form.FR_AK_01, Role.ASESOR, typed_name=typed_name)


def sign_result(actor: Actor, permohonan: Permohonan, *, typed_name: str) -> list[Signature]:
    """The asesor signs FR.AK.02 and every FR.IA it rests on with one press; pressing twice signs once."""
    paper = open_paper(actor, permohonan)
    if paper.recommendation is None:
        raise DomainError("Pilih rekomendasi di FR.AK.02 dulu, baru tanda tangani.")
    if reason := signing.result_missing(permohonan, actor):
        raise DomainError(reason)
    dossier = dossier_of(permohonan)
    if dossier.countersignature is not None and unsigned(dossier, Role.ASESOR, actor.id):
        # A lembar changed after asesor 2 signed the whole: he is asked again, on an edition of its own.
        next_edition(paper, own_meeting(actor, permohonan))
    return signing.sign_result(actor, permohonan, Role.ASESOR, typed_name=typed_name)


def open_plan(actor: Actor, permohonan: Permohonan) -> AssessmentPlan:
    """The plan of this attempt, to be written in a meeting of this asesor; made when there is none yet."""
    booking = own_meeting(actor, permohonan)
    if not is_plannable(permohonan):
        raise DomainError("Rencana asesmen hanya diisi saat rapat terjadwal.")
    plan = dossier_of(permohonan).plan
    if plan is None:
        plan = AssessmentPlan(
            permohonan_id=permohonan.id,
            attempt=permohonan.attempt,
            asesor_id=booking.slot.asesor_id,
            methods=[],
            fr_ak_07={},
            fr_ak_01_evidence=[],
        )
        db.session.add(plan)
    plan.asesor_id = booking.slot.asesor_id
    return plan
