"""The admin's verification: a verdict per document row, the met alternative, the recommendation of FR.APL.01."""

from __future__ import annotations

from sqlalchemy.orm.attributes import flag_modified

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import ChecklistItem, DocumentRequirement, Permohonan
from lsp.services import audit, signing
from lsp.vocabulary import Form, PermohonanStatus, Role, Verdict
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.registration import rule_fits

NO_FILE = "Belum ada berkas untuk butir ini. Tulis catatan untuk asesi, lalu tekan “Tidak ada”."
NOT_NEEDED = "Butir ini tidak wajib dan tidak ada berkasnya, jadi tidak perlu dinilai. Lanjutkan ke butir lain."


def judge(
    actor: Actor,
    permohonan: Permohonan,
    requirement: DocumentRequirement,
    *,
    verdict: Verdict,
    note: str,
) -> ChecklistItem:
    """Write one verdict. Raises DomainError outside SUBMITTED, for one's own case, for a failure without a note,
    or about a file that is not there."""
    _while_submitted(actor, permohonan)
    if requirement not in dossier_of(permohonan).requirements:
        raise DomainError("Dokumen ini tidak diminta untuk permohonan ini.")
    if verdict is not Verdict.MEETS and not note.strip():
        raise DomainError("Tulis catatan: apa yang salah dan apa yang harus dilakukan asesi.")
    if verdict is not Verdict.ABSENT and not _has_file(permohonan, requirement):
        raise DomainError(NO_FILE if requirement.required else NOT_NEEDED)
    item = dossier_of(permohonan).checklist.get(requirement.id)
    if item is None:
        item = ChecklistItem(permohonan_id=permohonan.id, requirement_id=requirement.id)
        db.session.add(item)
    item.verdict, item.note = verdict, note.strip()
    item.judged_by_id, item.judged_at = actor.id, clock.now()
    # A verdict raises the version of its case, so the second of two officials is told to look again.
    flag_modified(permohonan, "kind")
    db.session.flush()
    audit.note(
        actor,
        "checklist.judge",
        "permohonan",
        permohonan.public_id,
        item=requirement.code,
        verdict=verdict.value,
    )
    return item


def _has_file(permohonan: Permohonan, requirement: DocumentRequirement) -> bool:
    return any(file.requirement_id == requirement.id for file in dossier_of(permohonan).documents)


def record_met_rule(actor: Actor, permohonan: Permohonan, rule_id: int) -> None:
    """Which alternative of the education and experience rule is met. Raises DomainError for a foreign rule."""
    _while_submitted(actor, permohonan)
    # Among those that are listed: a number from outside may be larger than a database takes.
    listed = permohonan.skema_version.education_rules
    rule = next((each for each in listed if each.id == rule_id), None)
    if rule is None or not rule_fits(permohonan, rule_id):
        raise DomainError("Pilih salah satu syarat dari daftar.")
    permohonan.met_rule_id = rule.id
    audit.note(actor, "permohonan.met_rule", "permohonan", permohonan.public_id, rule=rule.position)
    db.session.flush()


def accept(actor: Actor, permohonan: Permohonan, *, typed_name: str) -> None:
    """Sign the recommendation “Diterima” of FR.APL.01, once for what stands there now."""
    _while_submitted(actor, permohonan)
    if dossier_of(permohonan).signature(Form.FR_APL_01, Role.ADMIN) is None:
        signing.sign(actor, permohonan, Form.FR_APL_01, Role.ADMIN, typed_name=typed_name)


def refusal(actor: Actor, permohonan: Permohonan) -> str | None:
    """Why this person cannot judge this file now, in a sentence; None when he can."""
    if permohonan.status is not PermohonanStatus.SUBMITTED:
        return f"Berkas hanya diperiksa saat permohonan menunggu verifikasi, bukan “{permohonan.status.label}”."
    if actor.id == permohonan.asesi_id:
        return "Anda asesi permohonan ini, jadi orang lain yang harus memeriksanya."
    return None


def _while_submitted(actor: Actor, permohonan: Permohonan) -> None:
    reason = refusal(actor, permohonan)
    if reason is not None:
        raise DomainError(reason)
