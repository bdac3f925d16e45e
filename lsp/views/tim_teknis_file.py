"""The whole file of a case in its order, read for the pleno: facts ready to be drawn, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lsp.database import db
from lsp.models import (
    Apl02Review,
    AssessmentPlan,
    Booking,
    Document,
    DocumentRequirement,
    Elemen,
    FrAk02,
    FrApl02Answer,
    FrApl02Evidence,
    Incident,
    Permohonan,
    PermohonanEvent,
    PlenoCase,
    Signature,
    UnitKompetensi,
)
from lsp.services import case_reading, regions
from lsp.services.instrument_reading import Reading, newest_readings
from lsp.views.apl01_words import RowWords, all_rows, number_word
from lsp.views.filters import samar
from lsp.views.plan_words import plan_rows
from lsp.vocabulary import Answer, Form, Role, Verdict
from lsp.workflow.dossier import Dossier, dossier_of
from lsp.workflow.guards.decision import missing_papers

#: Papers of a complete file (workflow 4), in the order in which the pleno reads them.
PAPERS = (
    "FR.APL.01",
    "FR.APL.02",
    "FR.MAPA.01 dan FR.MAPA.02",
    "FR.AK.07",
    "FR.AK.01",
    "FR.AK.02",
)
_PLANNED = frozenset(PAPERS[2:5])


@dataclass(frozen=True, slots=True)
class PaperState:
    """A line of the completeness list. tone: ok, bad, or "" for a paper this case does not need."""

    name: str
    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A stored document."""

    label: str
    name: str
    size: int
    url: str
    verdict: Verdict | None
    note: str


@dataclass(frozen=True, slots=True)
class ElemenRow:
    number: str
    title: str
    answer: Answer | None
    evidence: str


@dataclass(frozen=True, slots=True)
class UnitRows:
    """A unit with the asesi's own answers (FR.APL.02)."""

    code: str
    title: str
    rows: list[ElemenRow]

    @property
    def competent(self) -> int:
        return sum(row.answer is Answer.K for row in self.rows)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What tim_teknis/case.html draws, top to bottom."""

    papers: list[PaperState]
    apl_01: list[tuple[str, str]]
    apl_01_rows: list[tuple[str, list[RowWords]]]
    documents: list[FileRow]
    apl_02: list[UnitRows]
    reviews: list[Apl02Review]
    meetings: list[Booking]
    incidents: dict[int, list[Incident]]
    plan: AssessmentPlan | None
    plan_rows: list[tuple[str, str]]
    ak_02: FrAk02
    ak_02_editions: int
    instruments: list[Reading]
    signatures: list[Signature]
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ak_02_by_asesi(self) -> Signature | None:
        """The asesi's newest signature on FR.AK.02; it was held to the content when the paper was sent."""
        attempt = self.ak_02.attempt
        found = [
            each
            for each in self.signatures
            if (each.form, each.signer_role, each.attempt) == (Form.FR_AK_02, Role.ASESI, attempt)
        ]
        return found[-1] if found else None

    @property
    def replaced(self) -> set[int]:
        """Signatures after which the same person signed the same form again; ids."""
        newest = {(each.form, each.signer_role, each.attempt): each.id for each in self.signatures}
        return {each.id for each in self.signatures} - set(newest.values())

    @property
    def complete(self) -> bool:
        return all(paper.tone != "bad" for paper in self.papers)


def read_file(place: PlenoCase) -> CaseFile:
    """Everything the pleno may look at, each kind of row read once."""
    case = place.permohonan
    dossier = dossier_of(case)
    meetings = [seat for seat in dossier.bookings if seat.cancelled_at is None]
    return CaseFile(
        papers=completeness(case),
        apl_01=_apl_01(dossier),
        apl_01_rows=all_rows(dossier.fr_apl_01, dossier.documents),
        documents=_documents(case, dossier),
        apl_02=_apl_02(case),
        reviews=dossier.reviews,
        meetings=meetings,
        incidents=_incidents(meetings),
        plan=dossier.plan,
        plan_rows=plan_rows(dossier.plan),
        ak_02=place.fr_ak_02,
        ak_02_editions=place.fr_ak_02.edition,
        instruments=newest_readings(case),
        signatures=[each for each in dossier.signatures if each.attempt in (1, case.attempt)],
        history=_history(case),
    )


def completeness(case: Permohonan) -> list[PaperState]:
    """The file's papers, present or missing, by the very guard that the decision asks."""
    missing = missing_papers(case)
    planned = dossier_of(case).plan is not None
    made = []
    for name in PAPERS:
        if name in missing:
            made.append(PaperState(name, "Belum ada", "bad"))
        elif name in _PLANNED and not planned:
            made.append(PaperState(name, "Tidak diperlukan", ""))
        else:
            made.append(PaperState(name, "Ada", "ok"))
    made += [
        PaperState(name.capitalize(), "Belum ada", "bad") for name in missing if name not in PAPERS
    ]
    return made


def _apl_01(dossier: Dossier) -> list[tuple[str, str]]:
    """FR.APL.01 as the pleno needs it: no NIK but its last four digits, no birth date, no phone."""
    form = dossier.fr_apl_01
    if form is None:
        return []
    rule = dossier.permohonan.met_rule
    met = ""
    if rule is not None:
        met = f"{rule.education}, pengalaman {rule.years} tahun" if rule.years else rule.education
    rows = [
        ("Nama", form.full_name),
        (number_word(form), samar(form.nik_last4, len(form.nik or ""))),
        ("Kota", regions.city_name(form.city_code)),
        (
            "Pendidikan",
            ", ".join(filter(None, (form.education, form.study_programme, form.school))),
        ),
        ("Tahun lulus", str(form.graduation_year or "")),
        ("Pekerjaan", ", ".join(filter(None, (form.position, form.institution)))),
        ("Tujuan asesmen", form.purpose.label if form.purpose else ""),
        ("Syarat dasar yang dipenuhi", met),
    ]
    return [(name, value) for name, value in rows if value]


def _documents(case: Permohonan, dossier: Dossier) -> list[FileRow]:
    rows = db.session.execute(
        select(Document, DocumentRequirement.label)
        .outerjoin(DocumentRequirement, DocumentRequirement.id == Document.requirement_id)
        .where(
            Document.permohonan_id == case.id,
            Document.replaced_at.is_(None),
            # The admin alone reads it (lsp/views/files.py), and nobody decides on a competence by it.
            Document.purpose != "payment_proof",
        )
        .order_by(DocumentRequirement.position, Document.id)
    ).all()
    made = []
    for document, requirement in rows:
        item = dossier.checklist.get(document.requirement_id or 0)
        made.append(
            FileRow(
                label=requirement or document.label,
                name=document.original_name,
                size=document.size,
                url=url_for("files.document", document_id=document.public_id),
                verdict=item.verdict if item else None,
                note=item.note if item else "",
            )
        )
    return made


def _apl_02(case: Permohonan) -> list[UnitRows]:
    units = db.session.scalars(
        select(UnitKompetensi)
        .where(UnitKompetensi.skema_version_id == case.skema_version_id)
        .order_by(UnitKompetensi.position)
        .options(selectinload(UnitKompetensi.elements))
    ).all()
    answers = {
        answer.elemen_id: answer
        for answer in db.session.scalars(
            select(FrApl02Answer).where(FrApl02Answer.permohonan_id == case.id)
        )
    }
    files: dict[int, list[str]] = {}
    for answer_id, label in db.session.execute(
        select(FrApl02Evidence.answer_id, Document.label)
        .join(FrApl02Answer, FrApl02Answer.id == FrApl02Evidence.answer_id)
        .join(Document, Document.id == FrApl02Evidence.document_id)
        .where(FrApl02Answer.permohonan_id == case.id)
        .order_by(Document.id)
    ):
        files.setdefault(answer_id, []).append(label)
    return [
        UnitRows(unit.code, unit.title, [_elemen(each, answers, files) for each in unit.elements])
        for unit in units
    ]


def _elemen(
    elemen: Elemen, answers: dict[int, FrApl02Answer], files: dict[int, list[str]]
) -> ElemenRow:
    answer = answers.get(elemen.id)
    evidence = ""
    if answer is not None:
        parts = [answer.evidence_note, ", ".join(files.get(answer.id, []))]
        evidence = "; ".join(filter(None, parts))
    return ElemenRow(elemen.number, elemen.title, answer.answer if answer else None, evidence)


def _incidents(meetings: list[Booking]) -> dict[int, list[Incident]]:
    found: dict[int, list[Incident]] = {}
    for incident in db.session.scalars(
        select(Incident)
        .where(Incident.booking_id.in_([seat.id for seat in meetings]))
        .order_by(Incident.id)
    ):
        found.setdefault(incident.booking_id, []).append(incident)
    return found


def _history(case: Permohonan) -> list[dict[str, Any]]:
    """Newest first, with who did it: the pleno sees what the LSP itself did."""
    events = db.session.scalars(
        select(PermohonanEvent)
        .where(PermohonanEvent.permohonan_id == case.id)
        .order_by(PermohonanEvent.id.desc())
        .options(joinedload(PermohonanEvent.actor))
    )
    return [
        {
            "at": event.at,
            "text": f"{case_reading.step_words(event.transition, event.source)} · "
            + (event.actor.name if event.actor else event.actor_role.label),
            "note": event.note,
        }
        for event in events
    ]
