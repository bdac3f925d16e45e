"""The admin's verification: verdicts on documents and sections, the met alternative, the recommendation."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm.attributes import flag_modified

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import ChecklistItem, DocumentRequirement, Permohonan
from lsp.services import audit, eligibility, signing, worklist_rows
from lsp.services.work_kinds import Limits, limits_in_force
from lsp.services.worklist_rows import Wanted
from lsp.vocabulary import Form, FormSection, PermohonanStatus, Role, Verdict
from lsp.workflow.at_siki import unseen_at_siki
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.registration import rule_fits

NO_FILE = "Belum ada berkas untuk butir ini. Tulis catatan untuk asesi, lalu tekan “Tidak ada”."
NOT_NEEDED = "Butir ini tidak wajib dan tidak ada berkasnya, jadi tidak perlu dinilai. Lanjutkan ke butir lain."

NOT_SEEN = (
    "Isian ini dari SIKI dan belum berubah di sini. Buka SIKI; bila perbaikannya sudah terlihat di sana, centang "
    "“Perbaikannya sudah saya lihat di SIKI”, lalu tekan Memenuhi lagi."
)


def judge(
    actor: Actor,
    permohonan: Permohonan,
    about: DocumentRequirement | FormSection,
    *,
    verdict: Verdict,
    note: str,
    seen_at_siki: bool = False,
) -> ChecklistItem:
    """Write one verdict. Raises DomainError outside SUBMITTED, for one's own case, for a failure without a note,
    about a file that is not there, or for a repair at SIKI that nobody saw there."""
    _while_submitted(actor, permohonan)
    if verdict is not Verdict.MEETS and not note.strip():
        raise DomainError("Tulis catatan: apa yang salah dan apa yang harus dilakukan asesi.")
    item = _item(permohonan, about, verdict)
    if verdict is Verdict.MEETS and unseen_at_siki(permohonan, item):
        if not seen_at_siki:
            raise DomainError(NOT_SEEN)
        item.siki_seen_at = clock.now()
        audit.note(
            actor, "checklist.seen_at_siki", "permohonan", permohonan.public_id, item=_key(about)
        )
    item.verdict, item.note = verdict, note.strip()
    item.judged_by_id, item.judged_at = actor.id, clock.now()
    db.session.add(item)
    # A verdict raises the version of its case, so the second of two officials is told to look again.
    flag_modified(permohonan, "kind")
    db.session.flush()
    audit.note(
        actor,
        "checklist.judge",
        "permohonan",
        permohonan.public_id,
        item=_key(about),
        verdict=verdict.value,
    )
    return item


def _key(about: DocumentRequirement | FormSection) -> str:
    return about.value if isinstance(about, FormSection) else about.code


def _item(
    permohonan: Permohonan, about: DocumentRequirement | FormSection, verdict: Verdict
) -> ChecklistItem:
    """The row that is judged. Raises DomainError where this verdict cannot be about it."""
    dossier = dossier_of(permohonan)
    if isinstance(about, FormSection):
        if verdict is Verdict.ABSENT:
            raise DomainError("Isian dinilai “Memenuhi” atau “Tidak memenuhi”.")
        return dossier.sections.get(about) or ChecklistItem(
            permohonan_id=permohonan.id, section=about
        )
    if about not in dossier.requirements:
        raise DomainError("Dokumen ini tidak diminta untuk permohonan ini.")
    if verdict is not Verdict.ABSENT and not _has_file(permohonan, about):
        raise DomainError(NO_FILE if about.required else NOT_NEEDED)
    return dossier.checklist.get(about.id) or ChecklistItem(
        permohonan_id=permohonan.id, requirement_id=about.id
    )


def _has_file(permohonan: Permohonan, requirement: DocumentRequirement) -> bool:
    return any(file.requirement_id == requirement.id for file in dossier_of(permohonan).documents)


def record_met_rule(
    actor: Actor, permohonan: Permohonan, rule_id: int, *, education: str = ""
) -> None:
    """Which alternative of the education and experience rule is met, and by which education of FR.APL.01.

    education: the key of a stated education; without one the first. Raises DomainError for a foreign rule or key.
    """
    _while_submitted(actor, permohonan)
    # Among those that are listed: a number from outside may be larger than a database takes.
    listed = permohonan.skema_version.education_rules
    rule = next((each for each in listed if each.id == rule_id), None)
    if rule is None or not rule_fits(permohonan, rule_id):
        raise DomainError("Pilih salah satu syarat dari daftar.")
    stated = eligibility.stated_educations(dossier_of(permohonan).fr_apl_01)
    used = [each for each in stated if not education or each.key == education]
    if education and not used:
        raise DomainError("Pilih salah satu pendidikan dari daftar.")
    permohonan.met_rule_id = rule.id
    permohonan.met_education = used[0].words[:300] if used else None
    audit.note(actor, "permohonan.met_rule", "permohonan", permohonan.public_id, rule=rule.position)
    db.session.flush()


@dataclass(frozen=True, slots=True)
class NextCase:
    """The case to verify after this one."""

    public_id: str
    asesi_name: str


def next_waiting(
    actor: Actor, permohonan: Permohonan, wanted: Wanted, *, limits: Limits | None = None
) -> NextCase | None:
    """Among those that wait in the list as it is narrowed and ordered: the one after this case, else its first.

    limits: from a caller who has read them already.
    """
    waiting = replace(wanted, work="verifikasi", status=None)
    limits = limits_in_force() if limits is None else limits
    for cursor in (worklist_rows.encode(permohonan.status_at, permohonan.id), ""):
        found = worklist_rows.page(actor, replace(waiting, cursor=cursor), limits=limits)
        for row in found.rows:
            if row.public_id != permohonan.public_id:
                return NextCase(row.public_id, row.asesi_name)
    return None


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
