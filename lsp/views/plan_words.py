"""The plan of an assessment in words, with FR.AK.07 and FR.AK.01, for pages that only tell of it."""

from __future__ import annotations

from lsp.models import AssessmentPlan
from lsp.models.inforce import form_template, read_words
from lsp.services import fr_ak_01, fr_ak_07
from lsp.services.assessment import APPROACHES
from lsp.views.filters import tanggal
from lsp.vocabulary import EvidenceKind
from lsp.workflow.mapa import instruments_of


def plan_rows(plan: AssessmentPlan | None) -> list[tuple[str, str]]:
    if plan is None:
        return []
    read_words_of(plan)
    adjusted = fr_ak_07.in_words(plan.fr_ak_07, fr_ak_07.words_for(plan.fr_ak_07).body)
    words = form_template(fr_ak_01.CODE, version=plan.fr_ak_01_version).body
    known = dict(words["evidence"])
    agreed = [known.get(kind, kind) for kind in plan.fr_ak_01_evidence]
    held = f"{tanggal(plan.agreed_starts_at)}, {plan.agreed_place}" if plan.agreed_starts_at else ""
    rows = [
        ("MAPA", f"{plan.mapa.name}, versi {plan.mapa.version_number}" if plan.mapa else ""),
        ("Pendekatan", APPROACHES.get(plan.approach, plan.approach)),
        ("Metode (FR.MAPA)", kinds(plan.methods)),
        ("Instrumen (FR.MAPA)", ", ".join(sorted(instruments_of(plan)))),
        ("Modifikasi untuk asesi ini (FR.MAPA.01)", "; ".join(plan.mapa_changes.values())),
        ("Penyesuaian (FR.AK.07)", "" if adjusted else "Tidak ada"),
        *((f"FR.AK.07: {label}", said) for label, said in adjusted),
        (
            "Bukti yang disepakati (FR.AK.01)",
            "; ".join(filter(None, [*agreed, plan.fr_ak_01_other])),
        ),
        ("Pelaksanaan yang disepakati (FR.AK.01)", held),
    ]
    return [(name, value) for name, value in rows if value]


def read_words_of(plan: AssessmentPlan) -> None:
    """The words of FR.AK.07 and FR.AK.01 ahead, as they were filled."""
    agreed_by = (fr_ak_01.CODE, plan.fr_ak_01_version)
    read_words([(fr_ak_07.CODE, fr_ak_07.version_of(plan.fr_ak_07)), agreed_by])


def kinds(values: list[str]) -> str:
    """Evidence kinds in words."""
    known = {kind.value: kind.label for kind in EvidenceKind}
    return ", ".join(known.get(value, value) for value in values)
