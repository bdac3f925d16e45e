"""The whole file of a case in its order, read for the pleno: facts ready to be drawn, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

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
)
from lsp.services import case_reading, regions
from lsp.services.fr_ak_02_matrix import all_editions
from lsp.services.instrument_reading import Reading, newest_readings
from lsp.views.apl01_words import RowWords, all_rows, number_word
from lsp.views.file_address import file_url
from lsp.views.filters import samar, tanggal_singkat
from lsp.views.plan_words import plan_rows
from lsp.views.third_party_reading import Asked, reading_of
from lsp.vocabulary import Answer, Form, Role, Verdict
from lsp.workflow.dossier import Dossier, digest_of_fr_ak_02, dossier_of
from lsp.workflow.history import keep_steps

#: What stands before the name of who spoke for asesor 2.
SECOND_WORDS = {
    "agrees": "Setuju:",
    "dissents": "Tidak setuju:",
    "released": "Tidak ditunggu lagi, dilepas",
}


#: What is said of an asesi who did not sign FR.AK.02, by what the asesor noted.
DECLINED_WORDS = {"refused": "Menolak", "unsigned": "Tidak menandatangani"}


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

    apl_01: list[tuple[str, str]]
    apl_01_rows: list[tuple[str, list[RowWords]]]
    documents: list[FileRow]
    apl_02: list[UnitRows]
    reviews: list[Apl02Review]
    meetings: list[Booking]
    incidents: dict[int, list[Incident]]
    plan: AssessmentPlan | None
    plan_rows: list[tuple[str, str]]
    third_parties: list[Asked]
    #: None only for a banding of a case that was brought in without its papers.
    ak_02: FrAk02 | None
    ak_02_editions: int
    #: What asesor 2 said of it: (label, word, his reason); None where none was asked or none spoke.
    second: tuple[str, str, str] | None
    #: The FR.IA of the attempt, and FR.AK.02: all of it, newest first, and what it said before.
    instruments: list[Reading]
    editions: list[FrAk02]
    earlier: list[FrAk02]
    signatures: list[Signature]
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ak_02_by_asesi(self) -> str:
        """What is said of the asesi's signature on FR.AK.02: it counts for the words that it was given for alone."""
        paper, outdated = self.ak_02, self.outdated
        if paper is None:
            return ""
        signed = [each for each in self._on_ak_02(paper) if each.signer_role is Role.ASESI]
        valid = [each for each in signed if each.id not in outdated]
        if valid:
            return f"Ditandatangani {tanggal_singkat(valid[-1].signed_at)}"
        if paper.asesi_signature in DECLINED_WORDS:
            return DECLINED_WORDS[paper.asesi_signature]
        if signed:
            return (
                f"Belum. Yang ditandatangani asesi {tanggal_singkat(signed[-1].signed_at)} adalah isi sebelumnya, "
                "yang sudah diubah sesudah itu."
            )
        return "Belum"

    @property
    def outdated(self) -> set[int]:
        """Signatures on FR.AK.02, of the attempt shown, that stand for other words than those shown; ids."""
        if self.ak_02 is None:
            return set()
        shown = digest_of_fr_ak_02(self.ak_02)
        return {each.id for each in self._on_ak_02(self.ak_02) if each.content_digest != shown}

    def _on_ak_02(self, paper: FrAk02) -> list[Signature]:
        """All on FR.AK.02 of this attempt, oldest first."""
        return [
            each
            for each in self.signatures
            if each.form is Form.FR_AK_02 and each.attempt == paper.attempt
        ]

    @property
    def replaced(self) -> set[int]:
        """Signatures after which the same person signed the same form again; ids."""
        newest = {(each.form, each.signer_role, each.attempt): each.id for each in self.signatures}
        return {each.id for each in self.signatures} - set(newest.values())

    def url_of(self, endpoint: str, document_id: str) -> str:
        return file_url(endpoint, document_id)


def read_file(place: PlenoCase) -> CaseFile:
    """Everything the pleno may look at, each kind of row read once."""
    return read_case(place.permohonan, place.fr_ak_02)


def read_case(case: Permohonan, ak_02: FrAk02 | None = None) -> CaseFile:
    """The same for others who judge the case; `ak_02`: another edition than the newest."""
    # What the pages read whole comes first: the dossier takes it along, and the rules ask for nothing twice.
    history, instruments, editions = _history(case), newest_readings(case), all_editions(case)
    dossier = dossier_of(case)
    documents = _documents(case, dossier)
    ak_02 = ak_02 or dossier.fr_ak_02
    meetings = [seat for seat in dossier.bookings if seat.cancelled_at is None]
    return CaseFile(
        apl_01=_apl_01(dossier),
        apl_01_rows=all_rows(dossier.fr_apl_01, dossier.documents),
        documents=documents,
        apl_02=_apl_02(case),
        reviews=dossier.reviews,
        meetings=meetings,
        incidents=_incidents(meetings),
        plan=dossier.plan,
        plan_rows=plan_rows(dossier.plan),
        third_parties=reading_of(case),
        ak_02=ak_02,
        ak_02_editions=ak_02.edition if ak_02 is not None else 0,
        second=_second(ak_02),
        instruments=instruments,
        editions=editions,
        earlier=[paper for paper in editions if paper is not dossier.fr_ak_02],
        signatures=[each for each in dossier.signatures if each.attempt in (1, case.attempt)],
        history=history,
    )


def _second(ak_02: FrAk02 | None) -> tuple[str, str, str] | None:
    """Asesor 2 on this edition of FR.AK.02; where the admin released him, the admin's reason."""
    row = ak_02.second_word if ak_02 is not None else None
    if row is None:
        return None
    word = f"{SECOND_WORDS[row.word]} {row.by.name}, {tanggal_singkat(row.created_at)}"
    return "Asesor 2", word, row.note


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
    """The standing files as they are asked for, but for proofs of payment; the dossier takes all of them."""
    rows = db.session.execute(
        select(Document, DocumentRequirement.label)
        .outerjoin(DocumentRequirement, DocumentRequirement.id == Document.requirement_id)
        .where(Document.permohonan_id == case.id, Document.replaced_at.is_(None))
        .order_by(DocumentRequirement.position, Document.id)
    ).all()
    dossier.documents = sorted((row[0] for row in rows), key=lambda document: document.id)
    made = []
    for document, requirement in rows:
        # The admin alone reads it (lsp/views/files.py), and nobody decides on a competence by it.
        if document.purpose == "payment_proof":
            continue
        item = dossier.checklist.get(document.requirement_id or 0)
        made.append(
            FileRow(
                label=requirement or document.label,
                name=document.original_name,
                size=document.size,
                url=file_url("files.document", document.public_id),
                verdict=item.verdict if item else None,
                note=item.note if item else "",
            )
        )
    return made


def _apl_02(case: Permohonan) -> list[UnitRows]:
    units = case.skema_version.units
    elements: dict[int, list[Elemen]] = {unit.id: [] for unit in units}
    for elemen in db.session.scalars(
        select(Elemen).where(Elemen.unit_id.in_(elements)).order_by(Elemen.position)
    ):
        elements[elemen.unit_id].append(elemen)
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
        UnitRows(
            unit.code, unit.title, [_elemen(each, answers, files) for each in elements[unit.id]]
        )
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
    ).all()
    keep_steps(case, reversed(events))
    return [
        {
            "at": event.at,
            "text": f"{case_reading.step_words(event.transition, event.source)} · "
            + (event.actor.name if event.actor else event.actor_role.label),
            "note": event.note,
        }
        for event in events
    ]
