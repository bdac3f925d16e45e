"""Guards of the assessment itself: incident, FR.AK.02, recommendation."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.models import FrAk02, FrAk02Unit, Incident, Permohonan
from lsp.models.jadwal import NO_DISTURBANCE
from lsp.vocabulary import Answer, InstrumentPaper, Role
from lsp.workflow.dossier import Dossier, dossier_of
from lsp.workflow.evidence_found import ticks_follow
from lsp.workflow.instruments import (
    FILLABLE,
    bare_unanswered,
    bare_words,
    concluded_against,
    listed,
    open_papers,
    papers_needed,
    units_to_assess,
    unsigned,
)
from lsp.workflow.mapa import kind_of_paper

#: Said where the incident is not written yet; the page that halts asks for it.
INCIDENT_FIRST = "Catat gangguannya dulu."
#: Letters of the written feedback.
LEAST_FEEDBACK = 20


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


def reworked_since_sent_back(case: Permohonan, actor: Actor, note: str) -> str | None:
    """What the tim teknis sent back does not come before them again as it was: something is mended, or answered."""
    if not dossier_of(case).awaits_rework:
        return None
    return (
        "Tim teknis mengembalikan rekomendasi ini, dan belum ada yang Anda ubah. Perbaiki menurut alasannya. Bila "
        "tidak ada yang perlu diubah, jawab alasannya di Komentar/ Observasi oleh asesor."
    )


def every_unit_has_evidence(case: Permohonan, actor: Actor, note: str) -> str | None:
    """A unit without an evidence tick cannot end in K; for BK it is one of those that fail (forms 8.1)."""
    paper = dossier_of(case).fr_ak_02
    if paper is None:
        return "Isi FR.AK.02 dulu."
    rows = {row.unit_id: row for row in paper.units}
    bare = [
        unit.position
        for unit in units_to_assess(case)
        if unit.id not in rows or not (rows[unit.id].evidence or _fails(paper, rows[unit.id]))
    ]
    if not bare:
        return None
    return (
        f"FR.AK.02: {len(bare)} unit belum punya bukti ({_numbers(bare)}). Unit tanpa bukti tidak dapat dinyatakan "
        "kompeten; tandai belum memenuhi."
    )


def _fails(paper: FrAk02, row: FrAk02Unit) -> bool:
    return paper.recommendation is Answer.BK and row.failed


def _numbers(positions: Sequence[int]) -> str:
    return f"unit {', '.join(map(str, positions))}"


def evidence_as_found(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Ticks that nobody changed are those of the instruments as they are now."""
    dossier = dossier_of(case)
    paper = dossier.fr_ak_02
    if paper is None:
        return "Isi FR.AK.02 dulu."
    if not ticks_follow(dossier):
        return None
    findings = dossier.findings
    stale = [
        row.unit.position
        for row in paper.units
        if not row.changed_reason.strip() and set(row.evidence) != set(findings.kinds(row.unit_id))
    ]
    if stale:
        return f"FR.AK.02: bukti {_numbers(sorted(stale))} tidak sama lagi dengan instrumen. Buka dan simpan lagi."
    return None


def each_instrument_complete(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Every FR.IA that the attempt needs was filled and finished here.

    Of a plan made before instruments were filled here, a paper that still cannot be is shown by a tick in FR.AK.02.
    """
    dossier = dossier_of(case)
    plan = dossier.plan
    if plan is None:
        return "Rencana asesmen (FR.MAPA) belum ada."
    needed = papers_needed(dossier)
    left = open_papers(dossier)
    if left:
        names = listed([paper.value for paper in left])
        return f"{names} belum selesai.{_bare_to_ask(dossier, left)}"
    outside = [paper for paper in needed if paper not in FILLABLE]
    if outside and not plan.papers_outside:
        return (
            f"{listed([paper.value for paper in outside])} diminta MAPA ini, tetapi belum dapat diisi di portal. "
            "Hentikan asesmen dan pilih MAPA lain, atau hubungi admin."
        )
    unseen = [paper.value for paper in outside if not _is_ticked(dossier.fr_ak_02, paper)]
    if unseen:
        return f"FR.AK.02 belum memuat bukti dari {listed(unseen)}."
    return None


def _bare_to_ask(dossier: Dossier, papers: Sequence[InstrumentPaper]) -> str:
    """Where elemen without evidence wait for their question."""
    told = ((paper, len(bare_unanswered(dossier, paper))) for paper in papers)
    return "".join(
        f" {bare_words(count)}: tanyakan di {paper.value}." for paper, count in told if count
    )


def _is_ticked(paper: FrAk02 | None, instrument: InstrumentPaper) -> bool:
    kind = kind_of_paper(instrument.value)
    return paper is not None and any(kind in row.evidence for row in paper.units)


def recommendation_reasoned(case: Permohonan, actor: Actor, note: str) -> str | None:
    """K or BK for the whole skema; BK needs reasons per failed unit and a follow-up.

    K over an instrument that was concluded with "belum memenuhi" needs the asesor's reason, in his comment.
    """
    paper = dossier_of(case).fr_ak_02
    if paper is None or paper.recommendation is None:
        return "Pilih rekomendasi: Kompeten atau Belum kompeten."
    failed = [unit for unit in paper.units if unit.failed]
    if paper.recommendation is Answer.K and failed:
        return "Rekomendasi Kompeten tidak dapat diberikan bila ada unit yang belum memenuhi."
    if paper.recommendation is Answer.K and not paper.comment.strip():
        against = [paper.value for paper in concluded_against(dossier_of(case))]
        if against:
            return (
                f"{listed(against)} disimpulkan belum memenuhi, tetapi rekomendasinya Kompeten. Tulis alasannya di "
                "Komentar/ Observasi oleh asesor."
            )
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
    if paper is None or len(paper.written_feedback.strip()) < LEAST_FEEDBACK:
        return f"Tulis umpan balik untuk asesi, sedikitnya {LEAST_FEEDBACK} huruf."
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
    left = [form.label for form in unsigned(dossier, Role.ASESI)]
    return f"{listed(left)} belum ditandatangani asesi." if left else None


def asesor_signed(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Every paper by the very asesor who sends it: a signature of the one before him is not his."""
    left = [form.label for form in unsigned(dossier_of(case), Role.ASESOR, actor.id or 0)]
    return f"{listed(left)} belum Anda tandatangani." if left else None


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
