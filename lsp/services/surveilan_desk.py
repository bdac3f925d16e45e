"""Surveilan as the LSP sees it: the admin's list by what it waits for, the asesor who judges, and his verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Certificate, PkbActivity, Surveilan, SurveilanVerdict, User, UserRole
from lsp.models.inforce import setting
from lsp.services.surveilan import words_of
from lsp.vocabulary import FILLED_BY_HOLDER, CertificateStatus, Role, SurveilanStatus
from lsp.vocabulary.dates import day_words
from lsp.workflow.machine import LEAST_GROUNDS, LEAST_REASON, check_reason
from lsp.workflow.surveilan import SURVEILAN, report_of, why_not_asesor

S = SurveilanStatus
PER_PAGE = 25
OVERDUE, DUE, ASSIGN, JUDGE, NOT_MET, DONE = (
    "terlambat", "jatuh-tempo", "tunjuk", "dinilai", "tidak-terpenuhi", "selesai",
)  # fmt: skip
#: What the admin's list shows, in the order of what presses.
KINDS = {
    OVERDUE: "Terlambat",
    ASSIGN: "Tunjuk asesor",
    JUDGE: "Dinilai asesor",
    DUE: "Menunggu pemegang",
    NOT_MET: "Tidak terpenuhi",
    DONE: "Selesai",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list. key: until and id, where the next page begins."""

    public_id: str
    key: str
    certificate_id: str
    holder: str
    jabatan_kerja: str
    number: int
    status: SurveilanStatus
    until: date
    reminders: int
    asesor: str
    late: bool
    suspended: bool


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    next_key: str


def _kind(kind: str) -> ColumnElement[bool]:
    filling, today = Surveilan.status.in_(FILLED_BY_HOLDER), clock.today_wib()
    return {
        OVERDUE: and_(filling, Surveilan.until < today),
        DUE: and_(filling, Surveilan.until >= today),
        ASSIGN: Surveilan.status == S.SENT,
        JUDGE: Surveilan.status == S.EXAMINED,
        NOT_MET: Surveilan.status == S.NOT_MET,
        DONE: Surveilan.status.in_((S.MET, S.DROPPED)),
    }[kind]


def page(kind: str, after: str = "") -> Page:
    """One page of the list, the longest waiting first. after: the key of the last row before."""
    asesor = select(User.name).where(User.id == Surveilan.asesor_id).scalar_subquery()
    query = select(
        Surveilan.public_id, Surveilan.id, Surveilan.number, Surveilan.status, Surveilan.until, Surveilan.reminders,
        Certificate.public_id.label("certificate_id"), Certificate.holder_name, Certificate.jabatan_kerja,
        Certificate.status.label("state"), func.coalesce(asesor, "").label("asesor"),
    ).join(Certificate, Certificate.id == Surveilan.certificate_id).where(_kind(kind))  # fmt: skip
    place = _place(after)
    if place is not None:
        day, number = place
        query = query.where(
            or_(Surveilan.until > day, and_(Surveilan.until == day, Surveilan.id > number))
        )
    found = db.session.execute(
        query.order_by(Surveilan.until, Surveilan.id).limit(PER_PAGE + 1)
    ).all()
    today = clock.today_wib()
    rows = [
        Row(
            public_id=each.public_id,
            key=f"{each.until.isoformat()}.{each.id}",
            certificate_id=each.certificate_id,
            holder=each.holder_name,
            jabatan_kerja=each.jabatan_kerja,
            number=each.number,
            status=each.status,
            until=each.until,
            reminders=each.reminders,
            asesor=each.asesor,
            late=each.status in FILLED_BY_HOLDER and each.until < today,
            suspended=each.state is CertificateStatus.SUSPENDED,
        )
        for each in found[:PER_PAGE]
    ]
    return Page(rows, rows[-1].key if len(found) > PER_PAGE else "")


def _place(after: str) -> tuple[date, int] | None:
    day, _, number = after.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None


def counts() -> dict[str, int]:
    """How many of each kind that still waits for somebody; one query over the index of the states."""
    waiting = (OVERDUE, ASSIGN, JUDGE, DUE)
    row = db.session.execute(
        select(*(func.count(Surveilan.id).filter(_kind(kind)) for kind in waiting)).where(
            Surveilan.status.in_((*FILLED_BY_HOLDER, S.SENT, S.EXAMINED))
        )
    ).one()
    return dict(zip(waiting, row, strict=True))


def consequence(row: Row) -> str:
    """What follows for a holder who did not send it; nothing follows by itself."""
    if row.suspended:
        return "Sertifikat sedang dibekukan. Pencabutan diusulkan di halaman sertifikatnya."
    if row.reminders < len(setting("surveilan_reminder_days")):
        return "Pemegang sedang diingatkan. Bila tetap diam, ia mendapat peringatan."
    return (
        "Peringatan terakhir sudah dikirim. Usulkan pembekuan di halaman sertifikatnya; "
        "pemegang diberi waktu menjawab."
    )


# --- Naming the asesor -------------------------------------------------------------------------------------------


def candidates(case: Surveilan) -> list[User]:
    """Asesor with an open account who may judge it, by name."""
    people = db.session.scalars(
        select(User)
        .where(User.disabled_at.is_(None), User.roles.any(UserRole.role == Role.ASESOR))
        .order_by(User.name, User.id)
    ).all()
    return [each for each in people if why_not_asesor(case, each.id) is None]


def assign(actor: Actor, case: Surveilan, person: str, *, version: int, note: str = "") -> None:
    """Name who judges it, or another instead. Raises DomainError."""
    chosen = next((each for each in candidates(case) if each.public_id == person), None)
    if chosen is None:
        raise DomainError("Pilih asesor.", field="person")
    again = case.status is S.EXAMINED
    if again and case.asesor_id == chosen.id:
        raise DomainError("Asesor ini sudah ditunjuk. Pilih yang lain.", field="person")
    # Not flushed before the step: the version that the page was drawn from is compared there.
    with db.session.no_autoflush:
        case.asesor = chosen
        case.asesor_id = chosen.id
        SURVEILAN.perform(
            case, "reassign" if again else "assign", actor, version=version, note=note
        )


# --- Judging -----------------------------------------------------------------------------------------------------


def assigned_to(asesor_id: int | None) -> Sequence[Surveilan]:
    """What waits for this asesor's verdict, the longest first."""
    return db.session.scalars(
        select(Surveilan)
        .where(Surveilan.asesor_id == asesor_id, Surveilan.status == S.EXAMINED)
        .order_by(Surveilan.status_at, Surveilan.id)
        .limit(PER_PAGE)
        .options(joinedload(Surveilan.certificate))
    ).all()


@dataclass(frozen=True, slots=True)
class Found:
    """What the asesor found. outcome: met, chance or not_met."""

    points: Mapping[str, tuple[bool | None, str]]
    methods: Collection[str]
    other_method: str
    outcome: str
    reason: str
    second_until: date | None = None


_STEPS = {"met": "find_met", "chance": "grant_chance", "not_met": "find_not_met"}


def judge(actor: Actor, case: Surveilan, found: Found, *, version: int) -> None:
    """Keep the verdict and take the step it means. Raises DomainError by the field that lacks."""
    words = words_of(case).body
    points = _points(words, found)
    known = {each["key"] for each in words["methods"]}
    methods = sorted(known & set(found.methods))
    if not methods and not found.other_method:
        raise DomainError("Pilih sedikitnya satu cara, atau tulis cara lain.", field="methods")
    if found.outcome not in _STEPS:
        raise DomainError("Pilih kesimpulannya.", field="outcome")
    met = found.outcome == "met"
    if met and not all(each["met"] for each in points.values()):
        raise DomainError(
            "Ada butir yang belum terpenuhi, jadi kesimpulannya bukan terpenuhi.", field="outcome"
        )
    reason = check_reason(found.reason, LEAST_GROUNDS, field="reason")
    until = _second(found) if found.outcome == "chance" else None
    with db.session.no_autoflush:
        case.verdicts.append(
            SurveilanVerdict(
                surveilan_id=case.id,
                attempt=case.attempt,
                asesor_id=actor.id,
                words_version=_version(case),
                methods=methods,
                other_method=found.other_method,
                points=points,
                met=met,
                reason=reason,
                second_until=until,
            )
        )
        SURVEILAN.perform(
            case, _STEPS[found.outcome], actor, version=version, verdict="meets" if met else "fails"
        )


def _version(case: Surveilan) -> int:
    report = report_of(case)
    return report.words_version if report is not None else 1


def _points(words: dict[str, Any], found: Found) -> dict[str, dict[str, Any]]:
    made = {}
    for number, point in enumerate(words["points"], 1):
        met, note = found.points.get(point["key"], (None, ""))
        if met is None:
            raise DomainError(f"No. {number}: pilih Ya atau Tidak.", field=f"p-{point['key']}")
        if not met:
            note = check_reason(note, LEAST_REASON, what="catatan", field=f"c-{point['key']}")
        made[point["key"]] = {"met": met, "note": note}
    return made


def _second(found: Found) -> date:
    most = clock.today_wib() + timedelta(days=int(setting("surveilan_second_days")))
    if found.second_until is None or not clock.today_wib() < found.second_until <= most:
        raise DomainError(
            f"Pilih tanggal kesempatan kedua, besok sampai {day_words(most)}.", field="second_until"
        )
    return found.second_until


def pkb_waiting() -> Sequence[Any]:
    """Certificates with proofs of PKB that nobody has judged, those soonest to end first."""
    return db.session.execute(
        select(
            Certificate.public_id,
            Certificate.holder_name,
            Certificate.valid_until,
            func.count(PkbActivity.id).label("count"),
        )
        .join(PkbActivity, PkbActivity.certificate_id == Certificate.id)
        .where(PkbActivity.judged_at.is_(None), PkbActivity.withdrawn_at.is_(None))
        .group_by(Certificate.id)
        .order_by(Certificate.valid_until, Certificate.id)
        .limit(PER_PAGE)
    ).all()
