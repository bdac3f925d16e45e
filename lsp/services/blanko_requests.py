"""Requests for blanko: whose number is asked for, the one press that asks, and the three papers that go with it.

A request belongs to one pleno and one jadwal, since BNSP keys results and blanko by its jadwal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    BlankoRequest,
    BlankoRequestCase,
    FrAk02,
    Jadwal,
    Permohonan,
    Pleno,
    PlenoCase,
)
from lsp.services import audit, blanko_sheet
from lsp.services.blanko_sheet import Line
from lsp.services.pleno_sk import sk_list, stands
from lsp.vocabulary import Answer, PermohonanStatus
from lsp.workflow.effects.blanko import jadwal_of, open_request
from lsp.workflow.guards.registration import PUBLIC_BUDGET
from lsp.workflow.permohonan import PERMOHONAN

#: What the address says of cases that never met in a jadwal here.
NO_JADWAL = "tanpa-jadwal"
MOST_REQUESTS = 50
_BNSP = ("bnsp", "badan nasional sertifikasi profesi")
_ANNULMENT = "Tim teknis mengusulkan pembatalan penetapan ini. Ketua harus menjawabnya dulu."


@dataclass(slots=True)
class Group:
    """The cases of a pleno that go in one request. held: K that cannot go now, with the reason."""

    jadwal: Jadwal | None
    competent: list[Permohonan]
    not_yet: list[Permohonan]
    held: list[tuple[Permohonan, str]]
    asked: int = 0

    @property
    def key(self) -> str:
        return self.jadwal.public_id if self.jadwal is not None else NO_JADWAL

    @property
    def people(self) -> list[tuple[Permohonan, Answer]]:
        return [(case, Answer.K) for case in self.competent] + [
            (case, Answer.BK) for case in self.not_yet
        ]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that goes to BNSP. key and subject: which page prints it, and of what (see views/blanko_papers.py)."""

    form_id: int
    name: str
    number: str
    dated: date | None
    key: str
    subject: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What the letter counts: the competent by who pays, who was not, and everybody."""

    bnsp: int
    ministry: int
    own: int
    other: int
    not_yet: int

    @property
    def competent(self) -> int:
        return self.bnsp + self.ministry + self.own + self.other

    @property
    def total(self) -> int:
        return self.competent + self.not_yet


# --- Before it is sent -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToAsk:
    """A pleno with competent cases that BNSP was not asked for. own: the reader is an asesi of it."""

    public_id: str
    berita_acara_number: str
    held_on: date
    is_signed: bool
    cases: int
    own: bool


def plenos_to_ask(reader: Actor) -> list[ToAsk]:
    """The oldest first; one query."""
    of_reader = (
        select(PlenoCase.id)
        .join(Permohonan, Permohonan.id == PlenoCase.permohonan_id)
        .where(PlenoCase.pleno_id == Pleno.id, PlenoCase.outcome != "removed")
        .where(Permohonan.asesi_id == reader.id)
        .correlate(Pleno)
        .exists()
    )
    rows = db.session.execute(
        select(
            Pleno.public_id,
            Pleno.berita_acara_number,
            Pleno.held_on,
            Pleno.sk_signed_at.is_not(None).label("is_signed"),
            func.count().label("cases"),
            of_reader.label("own"),
        )
        .join(PlenoCase, PlenoCase.pleno_id == Pleno.id)
        .join(Permohonan, Permohonan.id == PlenoCase.permohonan_id)
        .where(
            Permohonan.status == PermohonanStatus.COMPETENT,
            PlenoCase.outcome == Answer.K.value,
            # As `stands` says of one place.
            PlenoCase.attempt == Permohonan.attempt,
            Permohonan.decided_at <= PlenoCase.closed_at,
        )
        .group_by(Pleno.id)
        .order_by(Pleno.held_on, Pleno.id)
    )
    return [ToAsk(*row) for row in rows]


def groups_of(pleno: Pleno) -> list[Group]:
    """Standing decisions of a pleno by jadwal; of the BK those that no request has named yet."""
    places = [place for place in sk_list(pleno) if stands(place)]
    where = jadwal_of([place.permohonan_id for place in places])
    jadwals = {
        jadwal.id: jadwal
        for jadwal in db.session.scalars(
            select(Jadwal)
            .where(Jadwal.id.in_(set(where.values())))
            .options(joinedload(Jadwal.skema_version), joinedload(Jadwal.tuk))
        )
    }
    listed = set(
        db.session.scalars(
            select(BlankoRequestCase.permohonan_id)
            .join(BlankoRequest, BlankoRequest.id == BlankoRequestCase.request_id)
            .where(BlankoRequest.pleno_id == pleno.id)
        )
    )
    groups: dict[int, Group] = {}
    for place in places:
        case, jadwal_id = place.permohonan, where.get(place.permohonan_id, 0)
        group = groups.setdefault(jadwal_id, Group(jadwals.get(jadwal_id), [], [], []))
        if place.outcome == Answer.BK:
            if case.id not in listed:
                group.not_yet.append(case)
        elif case.status is not PermohonanStatus.COMPETENT:
            group.asked += 1
        elif case.annulment_proposed_by_id is not None:
            group.held.append((case, _ANNULMENT))
        else:
            group.competent.append(case)
    return list(groups.values())


def people_decided(pleno: Pleno) -> list[tuple[Permohonan, Answer]]:
    """Everybody whose decision of this pleno stands, asked for already or not."""
    return [(place.permohonan, Answer(place.outcome)) for place in sk_list(pleno) if stands(place)]


def group_of(pleno: Pleno, key: str) -> Group | None:
    return next((group for group in groups_of(pleno) if group.key == key), None)


def send(actor: Actor, pleno: Pleno, key: str, versions: Mapping[str, int]) -> BlankoRequest:
    """Ask BNSP for all competent cases of a pleno and jadwal: all or none. Raises DomainError.

    versions: of each case that stood on the page, by public id; with another list nothing goes.
    """
    if pleno.sk_signed_at is None:
        raise DomainError("SK penetapan belum ditandatangani ketua.")
    group = group_of(pleno, key)
    if group is None or not group.competent:
        raise DomainError("Blangko untuk jadwal ini sudah diajukan semuanya.")
    if {case.public_id for case in group.competent} != set(versions):
        raise DomainError(
            "Daftar asesinya berubah sejak halaman itu dibuka. Belum ada yang diajukan. Periksa daftar yang baru."
        )
    jadwal_id = group.jadwal.id if group.jadwal is not None else None
    request = open_request(actor, pleno, jadwal_id, group.competent)
    for case in group.competent:
        try:
            PERMOHONAN.perform(case, "request_blanko", actor, version=versions[case.public_id])
        except DomainError as refusal:
            raise DomainError(f"{case.asesi_name}: {refusal} Belum ada yang diajukan.") from refusal
    audit.note(
        actor, "blanko_request.send", "blanko_request", request.public_id,
        number=request.number, cases=len(group.competent),
    )  # fmt: skip
    return request


# --- A request ---------------------------------------------------------------------------------------------------


def one(actor: Actor, public_id: str) -> BlankoRequest | None:
    """A request with its cases; never one that names the reader as asesi."""
    request = db.session.scalar(
        select(BlankoRequest)
        .where(BlankoRequest.public_id == public_id)
        .options(
            selectinload(BlankoRequest.cases)
            .joinedload(BlankoRequestCase.permohonan)
            .joinedload(Permohonan.skema_version),
            joinedload(BlankoRequest.pleno),
            joinedload(BlankoRequest.jadwal).joinedload(Jadwal.tuk),
            joinedload(BlankoRequest.made_by),
        )
    )
    if request is None or any(row.permohonan.asesi_id == actor.id for row in request.cases):
        return None
    return request


@dataclass(frozen=True, slots=True)
class Summary:
    """A request on a list. open: K cases that wait for BNSP; own: it names the reader as asesi, who may not open it."""

    request: BlankoRequest
    competent: int
    open: int
    refused: int
    own: bool


def latest(
    reader: Actor, limit: int = MOST_REQUESTS, *, pleno_id: int | None = None, before: int = 0
) -> list[Summary]:
    """Requests, the newest first, those made before the one with this id where it is given; one query."""
    K, row = Answer.K, BlankoRequestCase
    of_reader = (
        select(row.id)
        .join(Permohonan, Permohonan.id == row.permohonan_id)
        .where(row.request_id == BlankoRequest.id, Permohonan.asesi_id == reader.id)
        .correlate(BlankoRequest)
        .exists()
    )
    counted = (
        select(
            row.request_id,
            func.count().filter(row.result == K).label("competent"),
            func.count().filter(row.result == K, row.outcome == "").label("open"),
            func.count().filter(row.outcome == "refused").label("refused"),
        )
        .group_by(row.request_id)
        .subquery()
    )
    query = (
        select(
            BlankoRequest,
            counted.c.competent,
            counted.c.open,
            counted.c.refused,
            of_reader.label("own"),
        )
        .join(counted, counted.c.request_id == BlankoRequest.id)
        .options(joinedload(BlankoRequest.jadwal), joinedload(BlankoRequest.pleno))
        .order_by(BlankoRequest.id.desc())
        .limit(limit)
    )
    if pleno_id is not None:
        query = query.where(BlankoRequest.pleno_id == pleno_id)
    if before:
        query = query.where(BlankoRequest.id < before)
    return [Summary(*found) for found in db.session.execute(query).all()]


def pleno_is_own(reader: Actor, request: BlankoRequest) -> bool:
    """Whether the pleno of a request decided on the reader himself: its papers and pages are not his to open."""
    return bool(
        db.session.scalar(
            select(PlenoCase.id)
            .join(Permohonan, Permohonan.id == PlenoCase.permohonan_id)
            .where(
                PlenoCase.pleno_id == request.pleno_id,
                PlenoCase.outcome != "removed",
                Permohonan.asesi_id == reader.id,
            )
            .limit(1)
        )
    )


def people_of(request: BlankoRequest) -> list[tuple[Permohonan, Answer]]:
    return [(row.permohonan, row.result) for row in request.cases]


def lines_of(request: BlankoRequest) -> list[Line]:
    return blanko_sheet.lines_of(people_of(request), request.jadwal)


def sheet_of(request: BlankoRequest) -> bytes:
    """BNSP's sheet of a request as XLSX, whole NIKs in it: the caller notes the download (`note_sheet`)."""
    return blanko_sheet.xlsx(lines_of(request))


def note_sheet(actor: Actor, request: BlankoRequest) -> None:
    """One line a download in the audit chain. The caller commits."""
    audit.note(
        actor, "blanko_request.sheet", "blanko_request", request.public_id,
        number=request.number, rows=len(request.cases),
    )  # fmt: skip


def papers_of(request: BlankoRequest) -> list[Paper]:
    """The three numbered, dated papers of BNSP's call (process 4.5), in its order."""
    pleno = request.pleno
    return [
        Paper(
            1, "Surat permohonan blangko dan berita acara asesmen", request.number, request.dated,
            "blanko_letter", request.public_id,
        ),
        Paper(
            2, "Berita Acara Pleno Komite Teknis", pleno.berita_acara_number, pleno.held_on,
            "berita_acara", pleno.public_id,
        ),
        Paper(3, "SK Hasil Sertifikasi Kompetensi", pleno.sk_number, pleno.sk_date, "sk", pleno.public_id),
    ]  # fmt: skip


def counts_of(request: BlankoRequest) -> Counts:
    """As the letter said when it was sent: who paid is kept with each row."""
    competent = [row for row in request.cases if row.result is Answer.K]
    public = [row for row in competent if row.funding == PUBLIC_BUDGET]
    bnsp = sum(any(name in row.ministry.casefold() for name in _BNSP) for row in public)
    own = sum(row.funding == "Mandiri" for row in competent)
    return Counts(
        bnsp=bnsp,
        ministry=len(public) - bnsp,
        own=own,
        other=len(competent) - len(public) - own,
        not_yet=len(request.cases) - len(competent),
    )


def recommendations_of(request: BlankoRequest) -> dict[int, FrAk02]:
    """By permohonan, the FR.AK.02 that the pleno of the request decided on."""
    rows = db.session.scalars(
        select(FrAk02)
        .join(PlenoCase, PlenoCase.fr_ak_02_id == FrAk02.id)
        .where(
            PlenoCase.pleno_id == request.pleno_id,
            PlenoCase.permohonan_id.in_([row.permohonan_id for row in request.cases]),
            PlenoCase.outcome.in_(("K", "BK")),
        )
        .order_by(PlenoCase.id)
        .options(joinedload(FrAk02.asesor))
    )
    return {paper.permohonan_id: paper for paper in rows}


def waiting_rows(request: BlankoRequest) -> Sequence[BlankoRequestCase]:
    """K cases that BNSP has not answered."""
    return [row for row in request.cases if row.result is Answer.K and not row.outcome]
