"""What an asesi prepares before sending, in the order in which it is easiest: each task is done or says what lacks.

The rules are the guards of the transition `submit`; here they are only sorted by the page that mends them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lsp.actor import Actor
from lsp.models import Permohonan
from lsp.workflow.guards import registration

Rule = Callable[[Permohonan, Actor, str], str | None]


@dataclass(frozen=True, slots=True)
class TaskKind:
    """label and help for the list; `verb` for the button; the endpoint where it is done; the guards it answers to."""

    label: str
    help: str
    verb: str
    endpoint: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A task of one permohonan. `reason` is None when it is done."""

    kind: TaskKind
    reason: str | None

    @property
    def done(self) -> bool:
        return self.reason is None


TASKS = (
    TaskKind("FR.APL.01 Permohonan", "Data diri, pekerjaan, dan tujuan asesmen", "Isi FR.APL.01", "fr_apl_01",
             (registration.fr_apl_01_complete, registration.old_enough, registration.education_rule_claimed)),
    TaskKind("Dokumen", "KTP, ijazah, surat referensi, dan lainnya", "Unggah dokumen", "documents",
             (registration.required_documents_present, registration.failed_documents_replaced)),
    TaskKind("FR.APL.02 Asesmen mandiri", "Menilai kemampuan Anda sendiri", "Isi FR.APL.02", "fr_apl_02",
             (registration.fr_apl_02_answered,)),
    TaskKind("Persetujuan", "Tiga teks untuk dibaca dan disetujui", "Baca dan setujui", "consents",
             (registration.consents_given,)),
    TaskKind("Tanda tangan", "FR.APL.01 dan FR.APL.02", "Tanda tangani", "signing",
             (registration.fr_apl_01_signed, registration.fr_apl_02_signed)),
)  # fmt: skip
#: Guards of `submit` that no task mends: they are about the permohonan as it was begun, and are asked on sending.
ASKED_ON_SENDING = (
    registration.skema_open,
    registration.id_izin_well_formed,
    registration.id_izin_held_by_no_other,
)


def tasks_of(permohonan: Permohonan, actor: Actor) -> list[Task]:
    return [Task(kind, _first_reason(kind.rules, permohonan, actor)) for kind in TASKS]


def first_open(tasks: list[Task]) -> Task | None:
    return next((task for task in tasks if not task.done), None)


def _first_reason(rules: tuple[Rule, ...], permohonan: Permohonan, actor: Actor) -> str | None:
    reasons = (rule(permohonan, actor, "") for rule in rules)
    return next((reason for reason in reasons if reason is not None), None)
