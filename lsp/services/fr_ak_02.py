"""FR.AK.02 as it is written: ticks, recommendation, and what asesi and asesor 2 say to it. Read: fr_ak_02_matrix.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.models import (
    Booking,
    Countersignature,
    FrAk02,
    FrAk02Unit,
    Permohonan,
    Signature,
)
from lsp.models.inforce import add_working_days, setting
from lsp.services import audit
from lsp.vocabulary import Answer, EvidenceKind, Form, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.assessment import copy_fr_ak_02
from lsp.workflow.evidence_found import ticks_follow
from lsp.workflow.instruments import listed, units_to_assess, unsigned
from lsp.workflow.machine import check_reason

_FILLED_IN = (PermohonanStatus.IN_ASSESSMENT, PermohonanStatus.PRE_SCHEDULED)


@dataclass(frozen=True, slots=True)
class UnitJudgement:
    """A row of FR.AK.02: kinds ticked, whether the unit failed and why, why the ticks are not the instruments'."""

    evidence: Sequence[str]
    failed: bool
    reason: str
    changed_reason: str = ""


def is_fillable(permohonan: Permohonan) -> bool:
    """Whether FR.AK.02 is written in this state: in the assessment, or where a pre-assessment ends the case."""
    return permohonan.status in _FILLED_IN


def save_fr_ak_02(
    actor: Actor,
    permohonan: Permohonan,
    *,
    units: Mapping[int, UnitJudgement],
    recommendation: Answer | None,
    follow_up: str,
    comment: str,
    written_feedback: str,
) -> FrAk02:
    """Store FR.AK.02 as far as it is filled.

    Raises DomainError when it is frozen, a unit is foreign, or ticks differ from the instruments without a reason.
    """
    words = {
        "recommendation": recommendation,
        "follow_up": follow_up.strip(),
        "comment": comment.strip(),
        "written_feedback": written_feedback.strip(),
    }
    paper = open_paper(actor, permohonan)
    units = _as_found(permohonan, _known_units(permohonan, units))
    rows = {row.unit_id: row for row in paper.units}
    changed = any(getattr(paper, name) != value for name, value in words.items()) or any(
        _differs(rows.get(unit_id), judgement) for unit_id, judgement in units.items()
    )
    if changed and dossier_of(permohonan).countersignature is not None:
        # What asesor 2 signed stays as he signed it; he is asked again for what it says now.
        paper = next_edition(paper, own_meeting(actor, permohonan))
        rows = {row.unit_id: row for row in paper.units}
    for unit_id, judgement in units.items():
        row = rows.get(unit_id)
        if row is None:
            row = FrAk02Unit(fr_ak_02_id=paper.id, unit_id=unit_id)
            paper.units.append(row)
        row.evidence = [str(kind) for kind in judgement.evidence]
        row.failed, row.reason = judgement.failed, judgement.reason.strip()
        row.changed_reason = judgement.changed_reason.strip()
    for name, value in words.items():
        setattr(paper, name, value)
    if changed:
        # He refused what stood there before; the reason stays to be noted again.
        paper.asesi_signature = ""
    audit.note(actor, "fr_ak_02.save", "permohonan", permohonan.public_id, role=Role.ASESOR)
    db.session.flush()
    return paper


def _known_units(
    permohonan: Permohonan, units: Mapping[int, UnitJudgement]
) -> dict[int, tuple[int, UnitJudgement]]:
    """The judgements with the position of each unit. Raises DomainError for a unit or a kind that is not asked for."""
    positions = {unit.id: unit.position for unit in units_to_assess(permohonan)}
    if set(units) - set(positions):
        raise DomainError(
            "Sebagian unit bukan dari skema ini atau tidak dinilai lagi. Muat ulang halaman."
        )
    if any(set(judgement.evidence) - set(EvidenceKind) for judgement in units.values()):
        raise DomainError("Jenis bukti tidak dikenal. Muat ulang halaman.")
    return {unit_id: (positions[unit_id], judgement) for unit_id, judgement in units.items()}


def _as_found(
    permohonan: Permohonan, units: Mapping[int, tuple[int, UnitJudgement]]
) -> dict[int, UnitJudgement]:
    """Ticks that are the instruments' own go without a reason; others need one, where the paper follows them."""
    dossier = dossier_of(permohonan)
    if not ticks_follow(dossier):
        return {unit_id: judgement for unit_id, (_, judgement) in units.items()}
    kept = {}
    for unit_id, (position, judgement) in units.items():
        found = dossier.findings.kinds(unit_id)
        if set(judgement.evidence) == set(found):
            judgement = replace(judgement, evidence=found, changed_reason="")
        elif not judgement.changed_reason.strip():
            raise DomainError(f"Unit {position}: tulis alasan centangnya berbeda dari instrumen.")
        kept[unit_id] = judgement
    return kept


def _differs(row: FrAk02Unit | None, judgement: UnitJudgement) -> bool:
    said = (
        sorted(judgement.evidence),
        judgement.failed,
        judgement.reason.strip(),
        judgement.changed_reason.strip(),
    )
    if row is None:
        return said != ([], False, "", "")
    return said != (sorted(row.evidence), row.failed, row.reason, row.changed_reason)


def note_asesi_refusal(actor: Actor, permohonan: Permohonan, *, refused: bool, reason: str) -> None:
    """The asesi refuses to sign FR.AK.02, or cannot: the reason goes into the report of the batch."""
    if not reason.strip():
        raise DomainError("Tulis alasan asesi tidak menandatangani.")
    paper = open_paper(actor, permohonan)
    if not unsigned(dossier_of(permohonan), Role.ASESI):
        raise DomainError("Asesi sudah menandatangani semuanya. Muat ulang halaman.")
    paper.asesi_signature = "refused" if refused else "unsigned"
    paper.asesi_refusal_reason = reason.strip()
    audit.note(
        actor,
        "fr_ak_02.unsigned",
        "permohonan",
        permohonan.public_id,
        role=Role.ASESOR,
        refused=refused,
    )
    db.session.flush()


def countersign(actor: Actor, permohonan: Permohonan, *, word: str, note: str) -> Countersignature:
    """Asesor 2 agrees or dissents; the admin may release the case from waiting for him (word `released`)."""
    dossier = dossier_of(permohonan)
    paper, booking = dossier.fr_ak_02, dossier.booking
    if paper is None or booking is None:
        raise DomainError("FR.AK.02 belum diisi.")
    signed = dossier.signature(Form.FR_AK_02, Role.ASESOR, attempt=permohonan.attempt)
    left = unsigned(dossier, Role.ASESOR)
    if signed is None or left:
        raise DomainError(f"Asesor 1 belum menandatangani {listed([form.label for form in left])}.")
    if word == "released":
        _check_release(actor, signed)
        check_reason(note, field="note")
    elif word not in ("agrees", "dissents"):
        raise DomainError("Pilih setuju atau tidak setuju.")
    elif booking.slot.jadwal.asesor_2_id != actor.id:
        raise DomainError("Hanya asesor 2 yang dapat menandatangani di sini.")
    if word != "agrees" and not note.strip():
        raise DomainError("Tulis alasannya.")
    if dossier.countersignature is not None:
        raise DomainError("FR.AK.02 ini sudah ditandatangani asesor 2.")
    made = Countersignature(fr_ak_02_id=paper.id, by_id=actor.id or 0, word=word, note=note.strip())
    db.session.add(made)
    audit.note(actor, f"fr_ak_02.{word}", "permohonan", permohonan.public_id)
    db.session.flush()
    return made


def _check_release(actor: Actor, signed: Signature) -> None:
    if not actor.has(Role.ADMIN):
        raise NotAllowed("Hanya admin yang dapat melepas asesor 2.")
    days = int(setting("asesor2_release_working_days"))
    since = signed.signed_at.astimezone(clock.WIB).date()
    if clock.today_wib() < add_working_days(since, days):
        raise DomainError(
            f"Asesor 2 baru dapat dilepas {days} hari kerja sejak asesor 1 menandatangani."
        )


def open_paper(actor: Actor, permohonan: Permohonan) -> FrAk02:
    """The edition to work on. Raises DomainError when it was sent, or the meeting is another's."""
    booking = own_meeting(actor, permohonan)
    paper = dossier_of(permohonan).fr_ak_02
    if paper is not None and paper.frozen_at is not None:
        raise DomainError("FR.AK.02 sudah dikirim dan tidak dapat diubah lagi.")
    if permohonan.status not in _FILLED_IN:
        raise DomainError("FR.AK.02 diisi saat asesmen berlangsung.")
    if paper is None:
        paper = FrAk02(
            permohonan_id=permohonan.id,
            booking_id=booking.id,
            attempt=permohonan.attempt,
            asesor_id=booking.slot.asesor_id,
        )
        db.session.add(paper)
        db.session.flush()
    elif paper.asesor_id != booking.slot.asesor_id:
        # The admin gave the meeting to another asesor: he goes on in an edition of his own.
        paper = next_edition(paper, booking)
    return paper


def next_edition(old: FrAk02, booking: Booking) -> FrAk02:
    """A copy for the asesor of this meeting to work on."""
    return copy_fr_ak_02(old, booking_id=booking.id, asesor_id=booking.slot.asesor_id)


def own_meeting(actor: Actor, permohonan: Permohonan) -> Booking:
    booking = dossier_of(permohonan).booking
    if booking is None or booking.slot.asesor_id != actor.id:
        raise DomainError("Hanya asesor rapat ini yang dapat mengisinya.")
    return booking
