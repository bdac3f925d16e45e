"""The asesor's papers: review of FR.APL.02, plan (FR.MAPA), FR.AK.07, FR.AK.01. FR.AK.02 is fr_ak_02.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Apl02Review, AssessmentPlan, Mapa, Permohonan, Signature
from lsp.services import audit, mapa as mapa_service, signing
from lsp.services.fr_ak_02 import open_paper, own_meeting
from lsp.vocabulary import EvidenceKind, Form, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.mapa import all_codes, evidence_kinds, template, template_of

APPROACHES = {key: approach.label for key, approach in template().approaches.items()}

#: The kinds of evidence as FR.AK.01 words them (forms 4); the keys are those of FR.AK.02.
FR_AK_01_EVIDENCE: dict[EvidenceKind, str] = {
    EvidenceKind.PORTOFOLIO: "Hasil Verifikasi Portofolio",
    EvidenceKind.OBSERVASI: "Hasil Observasi Langsung",
    EvidenceKind.PROYEK: "Hasil Kegiatan Terstruktur",
    EvidenceKind.LISAN: "Hasil Pertanyaan Lisan",
    EvidenceKind.TERTULIS: "Hasil Pertanyaan Tertulis",
    EvidenceKind.WAWANCARA: "Hasil Pertanyaan Wawancara",
    EvidenceKind.PIHAK_KETIGA: "Pernyataan Pihak Ketiga",
    EvidenceKind.LAINNYA: "Lainnya",
}

#: Items of FR.AK.07 part A (forms 6), each answered ya or tidak; a "ya" carries the agreed adjustment.
FR_AK_07_ITEMS: dict[str, str] = {
    "bahasa": "Keterbatasan asesi terhadap persyaratan bahasa, literasi, numerasi",
    "dukungan": "Penyediaan dukungan pembaca, penerjemah, pelayan, penulis",
    "teknologi": "Penggunaan teknologi adaptif atau peralatan khusus",
    "kelelahan": "Pelaksanaan asesmen secara fleksibel karena alasan keletihan atau keperluan pengobatan",
    "peralatan": "Penyediaan peralatan asesmen berupa braille, audio/video-tape",
    "tempat": "Penyesuaian tempat fisik/lingkungan asesmen",
    "usia": "Pertimbangan umur/usia lanjut/gender asesi",
    "budaya": "Pertimbangan budaya/tradisi/agama",
}


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


def choose_plan(
    actor: Actor, permohonan: Permohonan, *, mapa: Mapa, changes: Mapping[str, str] | None = None
) -> AssessmentPlan:
    """FR.MAPA.01 and FR.MAPA.02: the MAPA, and what is changed in it for this asesi (section 3, row -> words).

    Raises DomainError for a MAPA that is not in force for this skema.
    """
    if mapa not in choosable(permohonan):
        raise DomainError("MAPA itu tidak berlaku untuk skema ini. Pilih salah satu yang berlaku.")
    plan = _plan(actor, permohonan)
    plan.mapa, plan.approach = mapa, mapa.approach
    plan.methods = [kind.value for kind in evidence_kinds(all_codes(mapa), template_of(mapa))]
    plan.mapa_changes = {key: words for key, words in (changes or {}).items() if words}
    plan.mapa_chosen_at = clock.now()
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


def fill_fr_ak_07(
    actor: Actor, permohonan: Permohonan, answers: Mapping[str, Mapping[str, Any]]
) -> None:
    """FR.AK.07: every item ya or tidak; a "ya" needs its adjustment in words."""
    missing = [
        item
        for item in FR_AK_07_ITEMS
        if answers.get(item, {}).get("answer") not in ("ya", "tidak")
    ]
    if missing:
        raise DomainError(f"FR.AK.07: {len(missing)} butir belum dijawab.")
    silent = [
        item
        for item in FR_AK_07_ITEMS
        if answers[item]["answer"] == "ya" and not str(answers[item].get("note", "")).strip()
    ]
    if silent:
        raise DomainError("FR.AK.07: tulis penyesuaian untuk setiap butir yang dijawab “ya”.")
    plan = _plan(actor, permohonan)
    plan.fr_ak_07 = {
        item: {
            "answer": answers[item]["answer"],
            "note": str(answers[item].get("note", "")).strip(),
        }
        for item in FR_AK_07_ITEMS
    }
    plan.fr_ak_07_at = clock.now()
    audit.note(actor, "fr_ak_07.fill", "permohonan", permohonan.public_id, role=Role.ASESOR)
    db.session.flush()


def prepare_fr_ak_01(actor: Actor, permohonan: Permohonan, *, evidence: Sequence[str]) -> None:
    """FR.AK.01: the evidence that will be collected; then both sign it."""
    _check_kinds(evidence, "Pilih bukti yang akan dikumpulkan.")
    plan = _plan(actor, permohonan)
    plan.fr_ak_01_evidence, plan.fr_ak_01_at = list(evidence), clock.now()
    audit.note(actor, "fr_ak_01.prepare", "permohonan", permohonan.public_id, role=Role.ASESOR)
    db.session.flush()


def sign(actor: Actor, permohonan: Permohonan, form: Form, *, typed_name: str) -> Signature:
    """The asesor of the meeting signs FR.AK.01 or FR.AK.02 as it stands; pressing twice signs once."""
    own_meeting(actor, permohonan)
    dossier = dossier_of(permohonan)
    if form is Form.FR_AK_01:
        if not is_plannable(permohonan):
            raise DomainError("FR.AK.01 ditandatangani saat rapat terjadwal.")
        if dossier.plan is None or dossier.plan.fr_ak_01_at is None:
            raise DomainError(
                "Pilih dulu bukti yang akan dikumpulkan, lalu tanda tangani FR.AK.01."
            )
        if dossier.plan.asesor_id != actor.id:
            # The agreement was made with another asesor: the asesi is asked again, now with this one.
            dossier.plan.asesor_id = actor.id or 0
            db.session.flush()
            dossier = dossier_of(permohonan)
    else:
        paper = open_paper(actor, permohonan)
        if paper.recommendation is None:
            raise DomainError("Pilih rekomendasi di FR.AK.02 dulu, baru tanda tangani.")
    standing = dossier.signature(form, Role.ASESOR, attempt=permohonan.attempt)
    if standing is not None and standing.signer_id == actor.id:
        return standing
    return signing.sign(actor, permohonan, form, Role.ASESOR, typed_name=typed_name)


def _plan(actor: Actor, permohonan: Permohonan) -> AssessmentPlan:
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


def _check_kinds(kinds: Sequence[str], sentence: str) -> None:
    if not kinds or set(kinds) - set(EvidenceKind):
        raise DomainError(sentence)
