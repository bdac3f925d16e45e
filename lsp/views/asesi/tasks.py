"""What an asesi prepares before sending, in the order in which it is easiest: each task is done or says what lacks.

The rules are the guards of the transition `submit`; here they are only sorted by the page that mends them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lsp.actor import Actor
from lsp.models import Permohonan
from lsp.vocabulary import FormSection, PermohonanStatus, RequestKind
from lsp.workflow.effects.registration import AT_SIKI
from lsp.workflow.guards import certificate_life, registration
from lsp.workflow.repairs import Repair, repairs_of
from lsp.workflow.sections import ROWS_OF

Rule = Callable[[Permohonan, Actor, str], str | None]


@dataclass(frozen=True, slots=True)
class TaskKind:
    """label and help for the list; `verb` for the button; the endpoint where it is done; the guards it answers to."""

    label: str
    help: str
    verb: str
    endpoint: str
    rules: tuple[Rule, ...]
    #: Further parts of its address: the section, or the row on the page.
    where: Mapping[str, str] = field(default_factory=dict)
    #: The kinds of permohonan that have it; none named: all.
    kinds: tuple[RequestKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A task of one permohonan. `reason` is None when it is done; `asked`: the admin sent exactly this back.

    at_siki: what was sent back may be repaired at SIKI, so nothing is lacking here. answered: with words instead.
    """

    kind: TaskKind
    reason: str | None
    asked: bool = False
    at_siki: bool = False
    answered: bool = False

    @property
    def done(self) -> bool:
        return self.reason is None

    @property
    def word(self) -> str:
        """For the badge."""
        if self.answered:
            return "Sudah dijawab"
        if self.at_siki:
            return "Di SIKI"
        return ("Sudah diubah" if self.asked else "Selesai") if self.done else "Belum"


TASKS = (
    TaskKind("Sertifikat lama", "Sertifikat yang diperpanjang atau dibetulkan", "Sebutkan sertifikat lama",
             "previous_certificate", (certificate_life.previous_certificate_named,),
             kinds=tuple(certificate_life.FOLLOWS)),
    TaskKind("FR.APL.01 Permohonan", "Data diri, pekerjaan, dan tujuan asesmen", "Isi FR.APL.01", "fr_apl_01",
             (registration.fr_apl_01_complete, registration.old_enough, registration.education_rule_claimed,
              registration.failed_sections_changed)),
    TaskKind("Dokumen", "KTP, ijazah, surat referensi, dan lainnya", "Unggah dokumen", "documents",
             (registration.required_documents_present, registration.failed_documents_replaced)),
    TaskKind("FR.APL.02 Asesmen mandiri", "Menilai kemampuan Anda sendiri", "Isi FR.APL.02", "fr_apl_02",
             (registration.fr_apl_02_answered,)),
    TaskKind("Persetujuan", "Tiga teks untuk dibaca dan disetujui", "Baca dan setujui", "consents",
             (registration.consents_given,)),
    TaskKind("Tanda tangan", "FR.APL.01 dan FR.APL.02", "Tanda tangani", "signing",
             (registration.fr_apl_01_signed, registration.fr_apl_02_signed)),
)  # fmt: skip


def task_kinds(permohonan: Permohonan) -> list[TaskKind]:
    """Those that a permohonan of this kind has."""
    return [kind for kind in TASKS if not kind.kinds or permohonan.kind in kind.kinds]


#: What a return asks of an item stands with the item itself, not once more with the whole page.
_ASKED_BY_ITEM = (registration.failed_documents_replaced, registration.failed_sections_changed)


def tasks_of(permohonan: Permohonan, actor: Actor) -> list[Task]:
    """Before the first sending all of them; after a return what was sent back, then the others as they stand."""
    if permohonan.status is not PermohonanStatus.RETURNED:
        return [
            Task(kind, _first_reason(kind.rules, permohonan, actor))
            for kind in task_kinds(permohonan)
        ]
    others = [
        Task(kind, _first_reason(_without_items(kind.rules), permohonan, actor))
        for kind in task_kinds(permohonan)
    ]
    return [*(_repair(each) for each in repairs_of(permohonan)), *others]


def _without_items(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule not in _ASKED_BY_ITEM)


def _repair(repair: Repair) -> Task:
    endpoint, where = _place(repair)
    verb = f"Perbaiki {repair.label}"
    help_text = f"{repair.note} Ini {AT_SIKI}." if repair.at_siki else repair.note
    kind = TaskKind(repair.label, help_text, verb, endpoint, (), where)
    return Task(kind, repair.reason, asked=True, at_siki=repair.at_siki, answered=repair.answered)


def _place(repair: Repair) -> tuple[str, dict[str, str]]:
    """The page where an item is mended, at its row."""
    if repair.requirement is not None:
        return "documents", {"_anchor": f"document-row-{repair.requirement.public_id}"}
    if repair.section is FormSection.FR_APL_02:
        return "fr_apl_02", {}
    section = repair.section.value if repair.section else ""
    if repair.section in ROWS_OF:
        return "rows", {"kind": section}
    return "fr_apl_01_section", {"section": section}


def first_open(tasks: list[Task]) -> Task | None:
    return next((task for task in tasks if not task.done), None)


def _first_reason(rules: tuple[Rule, ...], permohonan: Permohonan, actor: Actor) -> str | None:
    reasons = (rule(permohonan, actor, "") for rule in rules)
    return next((reason for reason in reasons if reason is not None), None)
