"""Skema as the public reads them: which version stands, what it asks, what it costs, whether it may be remote.

Reading only. Importing and opening a skema stand elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, exists, literal, select, union_all
from sqlalchemy.orm import joinedload, load_only, selectinload

from lsp import clock
from lsp.database import db
from lsp.models import (
    DocumentRequirement,
    EducationRule,
    Elemen,
    Fee,
    RemotePermission,
    Skema,
    SkemaVersion,
    UnitKompetensi,
)
from lsp.models.inforce import permission_holds
from lsp.vocabulary import InvoiceKind, Mode, RequestKind

#: With more skema than this the list names each in a few lines and leaves its units to its own page.
MOST_WITH_UNITS = 8


@dataclass(frozen=True, slots=True)
class FeeLine:
    """What one kind of request costs, by mode; only modes that are offered."""

    kind: RequestKind
    amounts: tuple[tuple[Mode, int], ...]


@dataclass(frozen=True, slots=True)
class SkemaSummary:
    """A skema in the public list. `units` and `requirements` are empty where the list is long."""

    version: SkemaVersion
    remote: bool
    fees: tuple[FeeLine, ...]
    units: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.version.opened_at is not None

    @property
    def why_closed(self) -> str:
        """A sentence for a skema that takes no registration now; empty when it does."""
        if self.is_open:
            return ""
        return self.version.incomplete_reason or "Pendaftaran untuk skema ini belum dibuka."


@dataclass(frozen=True, slots=True)
class SkemaDetail:
    """One skema with everything an applicant may want to read before signing up."""

    summary: SkemaSummary
    permission: RemotePermission | None
    documents: tuple[tuple[RequestKind, tuple[DocumentRequirement, ...]], ...]


def public_list(on: date | None = None) -> list[SkemaSummary]:
    """Every skema by its standing version, open ones first. Three queries, however many there are."""
    day = on or clock.today_wib()
    rows = db.session.execute(_standing_versions(day)).all()
    versions = _one_per_skema((row[0], row[1]) for row in rows)
    if not versions:
        return []
    fees = _fees_in_force(day)
    lines = (
        _lines([version.id for version, _ in versions]) if len(versions) <= MOST_WITH_UNITS else {}
    )
    found = [
        SkemaSummary(
            version=version,
            remote=remote,
            fees=_fee_lines(fees, version.jenjang, remote=remote),
            units=tuple(lines.get((version.id, "unit"), ())),
            requirements=tuple(lines.get((version.id, "education"), ())),
        )
        for version, remote in versions
    ]
    return sorted(
        found, key=lambda each: (not each.is_open, each.version.title.lower(), each.version.jenjang)
    )


def public_detail(public_id: str, on: date | None = None) -> SkemaDetail | None:
    """One skema by the public id of the skema itself, or None. A constant number of queries."""
    day = on or clock.today_wib()
    rows = db.session.execute(_standing_versions(day).where(Skema.public_id == public_id)).all()
    versions = _one_per_skema((row[0], row[1]) for row in rows)
    if not versions:
        return None
    version, remote = versions[0]
    whole = (
        select(SkemaVersion)
        .where(SkemaVersion.id == version.id)
        .options(
            selectinload(SkemaVersion.units)
            .selectinload(UnitKompetensi.elements)
            .selectinload(Elemen.kuk_list),
            selectinload(SkemaVersion.requirements),
            selectinload(SkemaVersion.education_rules),
        )
        .execution_options(populate_existing=True)
    )
    version = db.session.scalars(whole).one()
    fees = _fee_lines(_fees_in_force(day), version.jenjang, remote=remote)
    return SkemaDetail(
        summary=SkemaSummary(version=version, remote=remote, fees=fees),
        permission=remote_permission(version.skema_id, day) if remote else None,
        documents=_documents_by_kind(version.requirements),
    )


def remote_permission(skema_id: int, on: date | None = None) -> RemotePermission | None:
    """BNSP's permission to assess this skema remotely that is in force on a day, or None (process 2.2)."""
    day = on or clock.today_wib()
    return db.session.scalar(
        select(RemotePermission)
        .where(RemotePermission.skema_id == skema_id, permission_holds(day, day))
        .order_by(RemotePermission.valid_until.desc())
        .limit(1)
    )


def _standing_versions(day: date) -> Select[SkemaVersion, bool]:
    """Versions in force with their skema, and whether a remote permission stands; newest first."""
    remote = exists().where(RemotePermission.skema_id == Skema.id, permission_holds(day, day))
    return (
        select(SkemaVersion, remote)
        .join(Skema, Skema.id == SkemaVersion.skema_id)
        .where(SkemaVersion.effective_from <= day)
        .order_by(SkemaVersion.effective_from.desc(), SkemaVersion.version_number.desc())
        .options(joinedload(SkemaVersion.skema).options(load_only(Skema.public_id, Skema.number)))
    )


def _one_per_skema(rows: Iterable[tuple[SkemaVersion, bool]]) -> list[tuple[SkemaVersion, bool]]:
    """Of each skema the newest open version, else the newest."""
    best: dict[int, tuple[SkemaVersion, bool]] = {}
    for version, remote in rows:
        standing = best.get(version.skema_id)
        if standing is None or (standing[0].opened_at is None and version.opened_at is not None):
            best[version.skema_id] = (version, remote)
    return list(best.values())


def fees_by_jenjang(
    versions: Iterable[SkemaVersion], on: date | None = None
) -> list[tuple[int, tuple[FeeLine, ...]]]:
    """What permohonan for these skema cost today, in both modes; no lines where no fee is set. One query."""
    fees = _fees_in_force(on or clock.today_wib())
    found = sorted({version.jenjang for version in versions})
    return [(jenjang, _fee_lines(fees, jenjang, remote=True)) for jenjang in found]


def _fees_in_force(day: date) -> dict[tuple[int, RequestKind, Mode], int]:
    rows = db.session.execute(
        select(Fee.jenjang, Fee.kind, Fee.mode, Fee.amount)
        .where(Fee.purpose == InvoiceKind.SERTIFIKASI, Fee.effective_from <= day)
        .order_by(Fee.effective_from)
    )
    return {(jenjang, kind, mode): amount for jenjang, kind, mode, amount in rows}


def _fee_lines(
    fees: dict[tuple[int, RequestKind, Mode], int], jenjang: int, *, remote: bool
) -> tuple[FeeLine, ...]:
    modes = [mode for mode in Mode if remote or mode is not Mode.DARING]
    lines = []
    for kind in RequestKind:
        amounts = tuple(
            (mode, fees[jenjang, kind, mode]) for mode in modes if (jenjang, kind, mode) in fees
        )
        if amounts:
            lines.append(FeeLine(kind, amounts))
    return tuple(lines)


def _lines(version_ids: Sequence[int]) -> dict[tuple[int, str], list[str]]:
    """Titles of units and education alternatives of many versions, in one query."""
    units = select(
        UnitKompetensi.skema_version_id.label("version_id"),
        literal("unit").label("what"),
        UnitKompetensi.position.label("position"),
        UnitKompetensi.title.label("text"),
        literal(0).label("years"),
    ).where(UnitKompetensi.skema_version_id.in_(version_ids))
    alternatives = select(
        EducationRule.skema_version_id,
        literal("education"),
        EducationRule.position,
        EducationRule.education,
        EducationRule.years,
    ).where(EducationRule.skema_version_id.in_(version_ids))
    both = union_all(units, alternatives).subquery()
    found: dict[tuple[int, str], list[str]] = {}
    for row in db.session.execute(
        select(both).order_by(both.c.version_id, both.c.what, both.c.position)
    ):
        text = (
            EducationRule(education=row.text, years=row.years).label
            if row.what == "education"
            else row.text
        )
        found.setdefault((row.version_id, row.what), []).append(text)
    return found


def _documents_by_kind(
    requirements: Sequence[DocumentRequirement],
) -> tuple[tuple[RequestKind, tuple[DocumentRequirement, ...]], ...]:
    groups = (
        (kind, tuple(each for each in requirements if each.kind is kind)) for kind in RequestKind
    )
    return tuple((kind, rows) for kind, rows in groups if rows)
