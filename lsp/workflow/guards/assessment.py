"""Guards of the assessment itself: incident, FR.AK.02, recommendation."""

from __future__ import annotations

from sqlalchemy import func, select

from lsp.actor import Actor
from lsp.database import db
from lsp.models import Incident, Permohonan, UnitKompetensi
from lsp.models.jadwal import NO_DISTURBANCE
from lsp.vocabulary import Answer, Form, Role
from lsp.workflow.dossier import dossier_of

#: Said where the incident is not written yet; the page that halts asks for it.
INCIDENT_FIRST = "Catat gangguannya dulu."


def incident_recorded(case: Permohonan, actor: Actor, note: str) -> str | None:
    seat = dossier_of(case).booking
    found = seat is not None and db.session.scalar(
        select(Incident.id)
        .where(Incident.booking_id == seat.id, Incident.kind.not_in(NO_DISTURBANCE))
        .limit(1)
    )
    return None if found else INCIDENT_FIRST


def asesor_one(case: Permohonan, actor: Actor, note: str) -> str | None:
    paper = dossier_of(case).fr_ak_02
    if paper is None or paper.asesor_id != actor.id:
        return "Isi FR.AK.02 dulu. Rekomendasi dikirim oleh asesor yang mengisinya."
    return None


def every_unit_has_evidence(case: Permohonan, actor: Actor, note: str) -> str | None:
    """A unit without an evidence tick cannot end in K; for BK each failed unit has a reason (forms 8.1)."""
    paper = dossier_of(case).fr_ak_02
    if paper is None:
        return "Isi FR.AK.02 dulu."
    total = db.session.scalar(
        select(func.count(UnitKompetensi.id)).where(
            UnitKompetensi.skema_version_id == case.skema_version_id
        )
    )
    ticked = [unit for unit in paper.units if unit.evidence]
    if len(ticked) < (total or 0):
        return f"FR.AK.02: {(total or 0) - len(ticked)} unit belum punya bukti."
    return None


def planned_methods_ticked(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Each method of the plan (FR.MAPA) shows up as evidence in FR.AK.02."""
    dossier = dossier_of(case)
    if dossier.plan is None or dossier.fr_ak_02 is None:
        return "Rencana asesmen (FR.MAPA) belum ada."
    ticked = {kind for unit in dossier.fr_ak_02.units for kind in unit.evidence}
    missing = [method for method in dossier.plan.methods if method not in ticked]
    if missing:
        return (
            "FR.AK.02 belum memuat bukti dari metode yang direncanakan: " + ", ".join(missing) + "."
        )
    return None


def recommendation_reasoned(case: Permohonan, actor: Actor, note: str) -> str | None:
    """K or BK for the whole skema; BK needs reasons per failed unit and a follow-up."""
    paper = dossier_of(case).fr_ak_02
    if paper is None or paper.recommendation is None:
        return "Pilih rekomendasi: Kompeten atau Belum kompeten."
    failed = [unit for unit in paper.units if unit.failed]
    if paper.recommendation is Answer.K and failed:
        return "Rekomendasi Kompeten tidak dapat diberikan bila ada unit yang belum memenuhi."
    if paper.recommendation is Answer.BK:
        if not failed:
            return "Tandai unit yang belum memenuhi."
        if any(not unit.reason.strip() for unit in failed):
            return "Tulis alasan untuk setiap unit yang belum memenuhi."
        if not paper.follow_up.strip():
            return "Tulis tindak lanjut yang dibutuhkan."
    return None


def recommendation_is_bk(case: Permohonan, actor: Actor, note: str) -> str | None:
    paper = dossier_of(case).fr_ak_02
    if paper is None or paper.recommendation is not Answer.BK:
        return "Rekomendasinya harus Belum kompeten."
    return None


def written_feedback_given(case: Permohonan, actor: Actor, note: str) -> str | None:
    paper = dossier_of(case).fr_ak_02
    if paper is None or len(paper.written_feedback.strip()) < 20:
        return "Tulis umpan balik untuk asesi, sedikitnya 20 huruf."
    return None


def asesi_signed_or_declined(case: Permohonan, actor: Actor, note: str) -> str | None:
    dossier = dossier_of(case)
    paper = dossier.fr_ak_02
    if paper is None:
        return "Isi FR.AK.02 dulu."
    if paper.asesi_signature in ("refused", "unsigned"):
        return (
            None
            if paper.asesi_refusal_reason.strip()
            else "Tulis alasan asesi tidak menandatangani."
        )
    if dossier.signature(Form.FR_AK_02, Role.ASESI, attempt=case.attempt) is None:
        return "FR.AK.02 belum ditandatangani asesi."
    return None


def asesor_signed(case: Permohonan, actor: Actor, note: str) -> str | None:
    """By the very asesor who sends it: a signature of the one before him is not his."""
    signed = dossier_of(case).signature(Form.FR_AK_02, Role.ASESOR, attempt=case.attempt)
    if signed is None or signed.signer_id != actor.id:
        return "FR.AK.02 belum Anda tandatangani."
    return None


def second_asesor_spoke(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Asesor 2, where named, countersigned, dissented, or was released by the admin."""
    dossier = dossier_of(case)
    seat = dossier.booking
    second = seat.slot.jadwal.asesor_2_id if seat is not None else None
    if second is not None and dossier.countersignature is None:
        return "Asesor 2 belum menandatangani FR.AK.02."
    return None


def meeting_ended(case: Permohonan, actor: Actor, note: str) -> str | None:
    seat = dossier_of(case).booking
    if seat is None or seat.record is None or seat.record.ended_at is None:
        return "Catat jam selesai rapat."
    return None
