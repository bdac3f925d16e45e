"""The reports to LPJK (process 4.4) put together from what the case holds, each field with where it was captured.

Which fields there are and when they must be filled is data (reference/lpjk_report_fields.csv); a required one without
a value has a gap that says who does what where. The addresses of papers are links made for LPJK (document_links.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from lsp.actor import Actor
from lsp.data import read_csv
from lsp.models import Permohonan
from lsp.services import document_links
from lsp.services.lpjk_facts import Facts
from lsp.services.lpjk_values import REPORTED_BY_HAND, Found, paper_of_method, value_of
from lsp.services.report_fields import ReportField
from lsp.vocabulary import Answer, Mode, PaperState

#: Kinds of rows of the outbox that carry one of the two reports.
ASSESSOR, COMMITTEE = "asesor-lsp-penugasan", "komtek-lsp-penugasan"
REPORTS = frozenset({ASSESSOR, COMMITTEE})
NO_LINK = "Tautannya belum dibuat. Admin menekan “Siapkan tautan dokumen” di halaman Laporan LPJK."


@dataclass(frozen=True, slots=True)
class Spec:
    """A row of the data: a field, and when it must be filled.

    required: always, never, BK, remote, second (with an asesor 2), plan, member (of the pleno), method (the plan uses
    it) or paper (the case needs that paper). from_year: of the decision, 0 for any. paper: key of the paper list.
    """

    report: str
    name: str
    label: str
    required: str
    from_year: int
    paper: str


@cache
def specs(report: str) -> tuple[Spec, ...]:
    """The fields of a report ("assessor", "committee", "registration") in LPJK's order."""
    return tuple(
        Spec(
            row["report"], row["name"], row["label"], row["required"], int(row["from_year"] or 0), row["paper"]
        )
        for row in read_csv("reference/lpjk_report_fields.csv")
        if row["report"] == report
    )  # fmt: skip


def assessor_report(
    permohonan: Permohonan, *, facts: Facts | None = None, base_url: str = ""
) -> tuple[ReportField, ...]:
    """asesor-lsp-penugasan. facts: where the caller has read them. base_url: put before the links."""
    return _report("assessor", facts or Facts(permohonan), base_url)


def committee_report(
    permohonan: Permohonan, *, facts: Facts | None = None, base_url: str = ""
) -> tuple[ReportField, ...]:
    """komtek-lsp-penugasan."""
    return _report("committee", facts or Facts(permohonan), base_url)


def registration_report(
    permohonan: Permohonan, *, facts: Facts | None = None
) -> tuple[ReportField, ...]:
    """pencatatan-skk: the three numbers. Nothing is registered of a case that is not competent."""
    return _report("registration", facts or Facts(permohonan), "")


def report_of(kind: str, permohonan: Permohonan, *, base_url: str = "") -> tuple[ReportField, ...]:
    """By the kind of its row in the outbox; one of REPORTS."""
    make = assessor_report if kind == ASSESSOR else committee_report
    return make(permohonan, base_url=base_url)


def gaps(fields: Iterable[ReportField]) -> list[ReportField]:
    return [each for each in fields if each.gap]


def linked_papers() -> tuple[str, ...]:
    """Keys of the papers that some field is the address of."""
    every = (*specs("assessor"), *specs("committee"))
    named = [each.paper for each in every if each.name.startswith("url_") and each.paper]
    return tuple(dict.fromkeys(named))


def make_links(actor: Actor, permohonan: Permohonan) -> int:
    """A link to each paper of the reports that is there and has none; returns how many were made."""
    return document_links.make_links(actor, permohonan, Facts(permohonan).papers, linked_papers())


# --- One field ---------------------------------------------------------------------------------------------------


def _report(report: str, facts: Facts, base_url: str) -> tuple[ReportField, ...]:
    return tuple(_field(each, facts, base_url) for each in specs(report))


def _field(spec: Spec, facts: Facts, base_url: str) -> ReportField:
    found = _link(spec, facts, base_url) if spec.name.startswith("url_") else value_of(spec, facts)
    missing = not found.value and _is_required(spec, facts)
    gap = (found.gap or f"{spec.label} belum ada.") if missing else ""
    return ReportField(
        spec.name, spec.label, found.value, found.source, found.paper, found.subject, gap
    )


def _is_required(spec: Spec, facts: Facts) -> bool:
    if facts.year < spec.from_year:
        return False
    if spec.report == "registration" and facts.case.decision is Answer.BK:
        return False
    asked = _ASKED.get(spec.required)
    if asked is not None:
        return asked(facts)
    if spec.required == "method":
        return paper_of_method(spec.name, facts) != ""
    if spec.required == "member":
        return int(spec.name[-1]) <= max(1, len(facts.members))
    return spec.required == "paper" and facts.is_asked(spec.paper)


#: What a word of `required` asks of the case, where the field itself does not matter.
_ASKED: dict[str, Callable[[Facts], bool]] = {
    "always": lambda facts: True,
    "BK": lambda facts: Answer.BK in (facts.case.recommendation, facts.case.decision),
    "remote": lambda facts: facts.jadwal is None or facts.jadwal.mode is Mode.DARING,
    "second": lambda facts: facts.jadwal is not None and facts.jadwal.asesor_2_id is not None,
    # A case that ended at the pre-assessment never had one.
    "plan": lambda facts: facts.has_plan or facts.is_asked("FR.MAPA.01"),
}


def _link(spec: Spec, facts: Facts, base_url: str) -> Found:
    """The address of a paper, or why there is none."""
    key = spec.paper or paper_of_method(spec.name, facts)
    paper, link = facts.papers.get(key), facts.links.get(key)
    if paper is None or paper.state is PaperState.NOT_NEEDED:
        return Found("", paper.words if paper is not None else "")
    source = f"{paper.name}: {paper.words}" if paper.words else paper.name
    if paper.state is not PaperState.PRESENT:
        gap = f"{paper.name} belum ada. {paper.words}"
        if paper.state is PaperState.OUTSIDE:
            gap = f"{paper.name}: {paper.words} {REPORTED_BY_HAND}"
        return Found("", source, key, paper.subject, gap)
    if not document_links.can_be_linked(paper):
        gap = f"{paper.name} tercatat, tetapi lembarnya belum dibuat di portal. {REPORTED_BY_HAND}"
        return Found("", source, key, paper.subject, gap)
    if key == document_links.PICTURE and facts.picture is None:
        gap = (
            "Tangkapan layar asesmen belum disimpan. Asesor menyimpannya di halaman permohonan ini."
        )
        return Found("", source, key, paper.subject, gap)
    if link is None:
        return Found("", source, "tautan", "", NO_LINK)
    return Found(base_url + document_links.path_of(link), source, key, paper.subject)
