"""FR.APL.02: reading a unit for its page in two queries, saving answers one by one or a unit at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, bindparam, case, delete, func, select
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Document,
    Elemen,
    FrApl02Answer,
    FrApl02Evidence,
    Kuk,
    Permohonan,
    UnitKompetensi,
)
from lsp.vocabulary import Answer


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """A unit in the overview; counts are over its elemen. `gaps`: K without evidence."""

    id: int
    position: int
    code: str
    title: str
    total: int
    answered: int
    gaps: int

    @property
    def done(self) -> bool:
        return self.answered == self.total and not self.gaps


@dataclass(slots=True)
class ElemenRow:
    """An elemen with its KUK texts and the asesi's answer."""

    id: int
    number: str
    title: str
    answer: Answer | None
    evidence_note: str
    kuk: list[tuple[str, str]] = field(default_factory=list)
    documents: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What the asesi chose for one elemen: answer, words, and documents by their ids."""

    answer: Answer | None
    evidence_note: str
    document_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class EvidenceChoice:
    """A standing file that may be named as evidence."""

    id: int
    public_id: str
    label: str
    original_name: str


@dataclass(slots=True)
class UnitPage:
    """One unit with its place among the `count` units, its elemen and the files to choose from."""

    id: int
    position: int
    code: str
    title: str
    count: int
    elements: list[ElemenRow] = field(default_factory=list)
    files: list[EvidenceChoice] = field(default_factory=list)
    saved_at: datetime | None = None


_all_units = aliased(UnitKompetensi)
_GAP = and_(
    FrApl02Answer.answer == Answer.K,
    FrApl02Answer.evidence_note == "",
    ~select(FrApl02Evidence.document_id)
    .where(FrApl02Evidence.answer_id == FrApl02Answer.id)
    .exists(),
)
_UNITS = (
    select(
        UnitKompetensi.id,
        UnitKompetensi.position,
        UnitKompetensi.code,
        UnitKompetensi.title,
        func.count(Elemen.id),
        func.count(FrApl02Answer.answer),
        func.coalesce(func.sum(case((_GAP, 1), else_=0)), 0),
    )
    .join(Elemen, Elemen.unit_id == UnitKompetensi.id)
    .outerjoin(
        FrApl02Answer,
        and_(
            FrApl02Answer.elemen_id == Elemen.id,
            FrApl02Answer.permohonan_id == bindparam("permohonan"),
        ),
    )
    .where(UnitKompetensi.skema_version_id == bindparam("version"))
    .group_by(UnitKompetensi.id)
    .order_by(UnitKompetensi.position)
)
_ELEMENTS = (
    select(
        Elemen.id,
        Elemen.number,
        Elemen.title,
        FrApl02Answer.answer,
        FrApl02Answer.evidence_note,
        FrApl02Evidence.document_id,
    )
    .outerjoin(
        FrApl02Answer,
        and_(
            FrApl02Answer.elemen_id == Elemen.id,
            FrApl02Answer.permohonan_id == bindparam("permohonan"),
        ),
    )
    .outerjoin(FrApl02Evidence, FrApl02Evidence.answer_id == FrApl02Answer.id)
    .where(Elemen.unit_id == bindparam("unit"))
    .order_by(Elemen.position)
)
_KUK = (
    select(Kuk.elemen_id, Kuk.number, Kuk.text)
    .join(Elemen, Elemen.id == Kuk.elemen_id)
    .where(Elemen.unit_id == bindparam("unit"))
    .order_by(Elemen.position, Kuk.position)
)


_UNIT_PAGE = (
    select(
        UnitKompetensi.id,
        UnitKompetensi.position,
        UnitKompetensi.code,
        UnitKompetensi.title,
        select(func.count())
        .where(_all_units.skema_version_id == bindparam("version"))
        .select_from(_all_units)
        .scalar_subquery()
        .label("unit_count"),
        Elemen.id.label("elemen_id"),
        Elemen.number,
        Elemen.title.label("elemen_title"),
        FrApl02Answer.answer,
        FrApl02Answer.evidence_note,
        FrApl02Answer.updated_at,
        Kuk.number.label("kuk_number"),
        Kuk.text.label("kuk_text"),
    )
    .join(Elemen, Elemen.unit_id == UnitKompetensi.id)
    .outerjoin(
        FrApl02Answer,
        and_(
            FrApl02Answer.elemen_id == Elemen.id,
            FrApl02Answer.permohonan_id == bindparam("permohonan"),
        ),
    )
    .outerjoin(Kuk, Kuk.elemen_id == Elemen.id)
    .where(
        UnitKompetensi.skema_version_id == bindparam("version"),
        UnitKompetensi.position == bindparam("position"),
    )
    .order_by(Elemen.position, Kuk.position)
)
_chosen = (
    select(FrApl02Evidence.document_id, FrApl02Answer.elemen_id)
    .join(FrApl02Answer, FrApl02Answer.id == FrApl02Evidence.answer_id)
    .join(Elemen, Elemen.id == FrApl02Answer.elemen_id)
    .where(
        FrApl02Answer.permohonan_id == bindparam("permohonan"), Elemen.unit_id == bindparam("unit")
    )
    .subquery()
)
_FILES = (
    select(
        Document.id, Document.public_id, Document.label, Document.original_name, _chosen.c.elemen_id
    )
    .outerjoin(_chosen, _chosen.c.document_id == Document.id)
    .where(
        Document.permohonan_id == bindparam("permohonan"),
        Document.replaced_at.is_(None),
        Document.purpose.in_(("requirement", "evidence")),
    )
    .order_by(Document.id)
)


def unit_page(permohonan: Permohonan, position: int) -> UnitPage | None:
    """The unit at a position with everything its page shows, in two queries; None when there is none."""
    rows = db.session.execute(
        _UNIT_PAGE,
        {
            "permohonan": permohonan.id,
            "version": permohonan.skema_version_id,
            "position": position,
        },
    ).all()
    if not rows:
        return None
    page = UnitPage(rows[0].id, rows[0].position, rows[0].code, rows[0].title, rows[0].unit_count)
    found: dict[int, ElemenRow] = {}
    for row in rows:
        if row.elemen_id not in found:
            found[row.elemen_id] = ElemenRow(
                row.elemen_id, row.number, row.elemen_title, row.answer, row.evidence_note or ""
            )
        if row.kuk_text is not None:
            found[row.elemen_id].kuk.append((row.kuk_number, row.kuk_text))
    page.elements = list(found.values())
    page.saved_at = max((row.updated_at for row in rows if row.updated_at), default=None)
    _read_files(permohonan, page, found)
    return page


def _read_files(permohonan: Permohonan, page: UnitPage, found: dict[int, ElemenRow]) -> None:
    files: dict[int, EvidenceChoice] = {}
    for row in db.session.execute(_FILES, {"permohonan": permohonan.id, "unit": page.id}):
        files.setdefault(
            row.id, EvidenceChoice(row.id, row.public_id, row.label, row.original_name)
        )
        if row.elemen_id in found:
            found[row.elemen_id].documents.add(row.id)
    page.files = list(files.values())


def units(permohonan: Permohonan) -> list[UnitProgress]:
    """All units with their progress, in one query."""
    rows = db.session.execute(
        _UNITS, {"permohonan": permohonan.id, "version": permohonan.skema_version_id}
    ).all()
    return [
        UnitProgress(row[0], row[1], row[2], row[3], int(row[4]), int(row[5]), int(row[6]))
        for row in rows
    ]


def elements(permohonan: Permohonan, unit_id: int) -> list[ElemenRow]:
    """The elemen of a unit with KUK and answers, in two queries."""
    found: dict[int, ElemenRow] = {}
    for row in db.session.execute(_ELEMENTS, {"permohonan": permohonan.id, "unit": unit_id}):
        elemen = found.setdefault(row[0], ElemenRow(row[0], row[1], row[2], row[3], row[4] or ""))
        if row[5] is not None:
            elemen.documents.add(row[5])
    for elemen_id, number, text in db.session.execute(_KUK, {"unit": unit_id}):
        found[elemen_id].kuk.append((number, text))
    return list(found.values())


def save_answers(permohonan: Permohonan, answers: Mapping[int, GivenAnswer]) -> None:
    """Store answers by elemen id. Raises DomainError for an elemen of another skema or a foreign document."""
    _check_elements(permohonan, answers)
    _check_documents(permohonan, answers)
    standing = {
        row.elemen_id: row
        for row in db.session.scalars(
            select(FrApl02Answer).where(
                FrApl02Answer.permohonan_id == permohonan.id, FrApl02Answer.elemen_id.in_(answers)
            )
        )
    }
    chosen: dict[int, set[int]] = defaultdict(set)
    for elemen_id, given in answers.items():
        row = standing.get(elemen_id)
        if row is None:
            row = FrApl02Answer(
                permohonan_id=permohonan.id, elemen_id=elemen_id, updated_at=clock.now()
            )
            db.session.add(row)
            standing[elemen_id] = row
        row.answer, row.evidence_note = given.answer, given.evidence_note
        row.updated_at = clock.now()
    db.session.flush()
    for elemen_id, given in answers.items():
        chosen[standing[elemen_id].id] = set(given.document_ids)
    _replace_evidence(chosen)


def _replace_evidence(chosen: Mapping[int, set[int]]) -> None:
    present: dict[int, set[int]] = defaultdict(set)
    for answer_id, document_id in db.session.execute(
        select(FrApl02Evidence.answer_id, FrApl02Evidence.document_id).where(
            FrApl02Evidence.answer_id.in_(chosen)
        )
    ):
        present[answer_id].add(document_id)
    for answer_id, wanted in chosen.items():
        gone = present[answer_id] - wanted
        if gone:
            db.session.execute(
                delete(FrApl02Evidence).where(
                    FrApl02Evidence.answer_id == answer_id, FrApl02Evidence.document_id.in_(gone)
                )
            )
        db.session.add_all(
            FrApl02Evidence(answer_id=answer_id, document_id=document_id)
            for document_id in wanted - present[answer_id]
        )
    db.session.flush()


def _check_elements(permohonan: Permohonan, answers: Mapping[int, GivenAnswer]) -> None:
    known = db.session.scalar(
        select(func.count(Elemen.id))
        .join(UnitKompetensi, UnitKompetensi.id == Elemen.unit_id)
        .where(
            Elemen.id.in_(answers), UnitKompetensi.skema_version_id == permohonan.skema_version_id
        )
    )
    if known != len(answers):
        raise DomainError(
            "Sebagian jawaban bukan untuk skema ini. Muat ulang halaman, lalu coba lagi."
        )


def _check_documents(permohonan: Permohonan, answers: Mapping[int, GivenAnswer]) -> None:
    wanted = {document_id for given in answers.values() for document_id in given.document_ids}
    if not wanted:
        return
    own = set(
        db.session.scalars(
            select(Document.id).where(
                Document.permohonan_id == permohonan.id,
                Document.replaced_at.is_(None),
                Document.id.in_(wanted),
            )
        )
    )
    if own != wanted:
        raise DomainError(
            "Bukti yang dipilih sudah tidak ada. Muat ulang halaman, lalu pilih lagi."
        )
