"""The meetings a case may take, each with what bars it, said before anybody presses.

The workflow asks again when a seat is taken: the sentences are those of its guards (workflow/guards/meeting.py), and
a test holds the two together. Here they are asked of all meetings at once, in a fixed number of queries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import db
from lsp.models import (
    AsesorDayOff,
    AsesorProfile,
    AssessmentPlan,
    Booking,
    FrApl01,
    Jadwal,
    Permohonan,
    Peserta,
    RemotePermission,
    Slot,
)
from lsp.models.inforce import (
    days_off_between,
    read_settings,
    remote_permissions_between,
    setting,
)
from lsp.services.schedule import OPEN
from lsp.vocabulary import MeetingKind, Mode
from lsp.workflow.dossier import dossier_of
from lsp.workflow.fitness import OF_PLAN, why_no_permission, why_unfit
from lsp.workflow.guards import meeting as rules
from lsp.workflow.guards.after_decision import (
    ASSESSED_BEFORE,
    JUDGED_BANDING,
    asesor_before_banding,
    named_by_banding,
    unwaived_panels,
)
from lsp.workflow.guards.reassessment import asesor_of_earlier_attempts
from lsp.workflow.seats import DUE

FULL = "Kursinya sudah habis."
TWIN = "NIK asesi ini sudah terdaftar di jadwal yang sama."
#: Meetings looked at, the soonest first; more would make the page of a phone long, and the later ones come in time.
MOST = 60


@dataclass(frozen=True, slots=True)
class Offer:
    """A meeting; times in UTC. bar: why this case cannot take it, empty when it can."""

    public_id: str
    kind: MeetingKind
    starts_at: datetime
    ends_at: datetime
    asesor_id: int
    asesor_name: str
    jadwal_id: int
    jadwal_name: str
    seats_left: int
    #: Name and address of the TUK, for luring.
    place: str
    bar: str = ""

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= clock.now()


def offers_for(
    permohonan: Permohonan, *, for_admin: bool = False, asesor_id: int | None = None
) -> list[Offer]:
    """Coming meetings of the kind that is due, soonest first, but for the one it holds.

    An assessment is offered with the asesor and in the jadwal of the pre-assessment, or with the asesor whom a banding
    named; the admin may choose others.
    asesor_id: only his.
    """
    kind = DUE.get(permohonan.status)
    if kind is None:
        return []
    seat, plan = dossier_of(permohonan).booking, dossier_of(permohonan).plan
    query = coming(kind, permohonan.skema_version_id, permohonan.mode)
    if seat is not None:
        # Nobody is moved into a meeting that runs already; a first booking may still join it.
        query = query.where(Slot.id != seat.slot_id, Slot.starts_at > clock.now())
    if asesor_id is not None:
        query = query.where(Slot.asesor_id == asesor_id)
    if kind is MeetingKind.ASSESSMENT and not for_admin:
        before, named = rules.jadwal_before(permohonan), named_by_banding(permohonan)
        if plan is not None:
            query = query.where(Slot.asesor_id == plan.asesor_id)
        elif named is not None:
            query = query.where(Slot.asesor_id == named.id)
        elif earlier := asesor_of_earlier_attempts(permohonan):
            query = query.where(Slot.asesor_id.not_in(earlier))
        if before is not None:
            query = query.where(Slot.jadwal_id == before)
    slots = db.session.scalars(query).all()
    return Reading([permohonan], slots).offers(permohonan, slots, seat) if slots else []


def coming(kind: MeetingKind, version_id: int, mode: Mode) -> Select[Slot]:
    """Meetings of this kind, skema and mode that are not over, soonest first."""
    return (
        select(Slot)
        .join(Jadwal, Jadwal.id == Slot.jadwal_id)
        .where(
            Slot.kind == kind,
            Slot.cancelled_at.is_(None),
            Slot.ends_at > clock.now(),
            Jadwal.skema_version_id == version_id,
            Jadwal.mode == mode,
            Jadwal.status.in_(OPEN),
        )
        .order_by(Slot.starts_at, Slot.id)
        .limit(MOST)
        .options(joinedload(Slot.asesor), joinedload(Slot.jadwal).joinedload(Jadwal.tuk))
    )


@dataclass(frozen=True, slots=True)
class _Seat:
    """A seat that is taken already, of the asesi or of an asesor concerned."""

    booking_id: int
    slot_id: int
    asesor_id: int
    asesi_id: int
    starts_at: datetime
    ends_at: datetime
    standing: bool

    def meets(self, slot: Slot) -> bool:
        return self.standing and self.starts_at < slot.ends_at and self.ends_at > slot.starts_at


class Reading:
    """What stands around some meetings, read once, however many cases ask (services/ways_out.py asks for many).

    slots: at least one. more_asesor: others who may take one of these meetings over.
    """

    def __init__(
        self,
        cases: Sequence[Permohonan],
        slots: Sequence[Slot],
        *,
        more_asesor: Iterable[int] = (),
    ) -> None:
        asesor_ids = {slot.asesor_id for slot in slots} | set(more_asesor)
        self.first = min(slot.starts_at for slot in slots)
        self.last = max(slot.ends_at for slot in slots)
        self.seats = _seats(cases, self.first, self.last, asesor_ids)
        self.profiles = _profiles(asesor_ids)
        self.days_off = days_off_between(self.first, self.last)
        self.twins = _twins(cases)
        self.panels = unwaived_panels(cases)
        read_settings("asesor_daily_load", "asesor_jenjang", *_OF_MOVES)
        self.most = int(setting("asesor_daily_load"))
        self.highest: Mapping[str, int] = setting("asesor_jenjang")
        self._permitted: dict[int, Sequence[RemotePermission]] = {}
        held = any(slot.kind is MeetingKind.ASSESSMENT for slot in slots)
        self.planned = _planned(cases) if held else {}

    def permitted(self, skema_id: int) -> Sequence[RemotePermission]:
        if skema_id not in self._permitted:
            days = (moment.astimezone(clock.WIB).date() for moment in (self.first, self.last))
            self._permitted[skema_id] = remote_permissions_between(skema_id, *days)
        return self._permitted[skema_id]

    def judge(self, case: Permohonan, own: Booking | None) -> Judge:
        """For one case. own: the seat that would be given up, which bars nothing."""
        own_id = own.id if own is not None else 0
        return Judge(
            permohonan=case,
            seats=[seat for seat in self.seats if seat.booking_id != own_id],
            profiles=self.profiles,
            permitted=self.permitted(case.skema_version.skema_id),
            days_off=self.days_off,
            twins={jadwal_id for case_id, jadwal_id in self.twins if case_id == case.id},
            planned=self.planned.get(case.id, ()),
            before_banding=asesor_before_banding(case),
            panel=self.panels[case.id],
            most=self.most,
            highest=self.highest,
        )

    def offers(
        self,
        case: Permohonan,
        slots: Iterable[Slot],
        own: Booking | None,
        judge: Judge | None = None,
    ) -> list[Offer]:
        judge = judge or self.judge(case, own)
        taken = Counter(seat.slot_id for seat in judge.seats)
        return [_offer(slot, max(0, slot.capacity - taken[slot.id]), judge) for slot in slots]

    def take(self, case: Permohonan, slot: Slot) -> None:
        """From here on count a seat that is about to be taken."""
        self.seats.append(
            _Seat(0, slot.id, slot.asesor_id, case.asesi_id, slot.starts_at, slot.ends_at, True)
        )


def _offer(slot: Slot, left: int, judge: Judge) -> Offer:
    return Offer(
        slot.public_id,
        slot.kind,
        slot.starts_at,
        slot.ends_at,
        slot.asesor_id,
        slot.asesor.name,
        slot.jadwal_id,
        slot.jadwal.name,
        left,
        ", ".join(filter(None, (slot.jadwal.tuk.name, slot.jadwal.tuk.address))),
        judge.bar(slot) if left else FULL,
    )


@dataclass(frozen=True, slots=True)
class Judge:
    """Whether one case may take a meeting; of a meeting not opened yet too."""

    permohonan: Permohonan
    seats: Sequence[_Seat]
    profiles: dict[int, AsesorProfile]
    permitted: Sequence[RemotePermission]
    days_off: Sequence[AsesorDayOff]
    twins: set[int]
    planned: Sequence[str]
    before_banding: set[int]
    panel: set[int]
    most: int
    highest: Mapping[str, int]

    def bar(self, slot: Slot) -> str:
        """The first sentence against it, in the order of the guards; empty when there is none."""
        case, day = self.permohonan, slot.starts_at.astimezone(clock.WIB).date()
        if slot.jadwal_id in self.twins:
            return TWIN
        if refusal := rules.why_mode_waits(case):
            return refusal
        if case.mode is Mode.DARING:
            methods = case.skema_version.methods
            if refusal := why_no_permission(self.permitted, methods, day, day):
                return refusal
            if not slot.meeting_url:
                return rules.NO_LINK
        if slot.asesor_id == case.asesi_id:
            return rules.OWN_ASESOR
        if slot.asesor_id in self.before_banding:
            return ASSESSED_BEFORE
        if slot.asesor_id in self.panel:
            return JUDGED_BANDING
        profile = self.profiles.get(slot.asesor_id)
        unfit = why_unfit(
            profile, case.skema_version, until=day, who="asesor jadwal ini", table=self.highest
        )
        return unfit or self._off(slot) or self._busy(slot, day) or self._planned(slot, day)

    def _planned(self, slot: Slot, day: date) -> str:
        if slot.kind is not MeetingKind.ASSESSMENT or self.permohonan.mode is not Mode.DARING:
            return ""
        refusal = why_no_permission(self.permitted, self.planned, day, day, whose=OF_PLAN)
        return refusal or ""

    def _off(self, slot: Slot) -> str:
        off = any(
            each.user_id == slot.asesor_id
            and each.from_moment < slot.ends_at
            and each.until_moment > slot.starts_at
            for each in self.days_off
        )
        return rules.ASESOR_OFF if off else ""

    def _busy(self, slot: Slot, day: date) -> str:
        his = [seat for seat in self.seats if seat.asesor_id == slot.asesor_id]
        if sum(seat.starts_at.astimezone(clock.WIB).date() == day for seat in his) >= self.most:
            return rules.day_is_full(self.most)
        if any(
            seat.asesi_id == self.permohonan.asesi_id and seat.meets(slot) for seat in self.seats
        ):
            return rules.ASESI_ELSEWHERE
        if any(seat.slot_id != slot.id and seat.meets(slot) for seat in his):
            return rules.ASESOR_ELSEWHERE
        return ""


def _seats(
    cases: Sequence[Permohonan], first: datetime, last: datetime, asesor_ids: Iterable[int]
) -> list[_Seat]:
    """Seats of the asesi and of the asesor around these meetings."""
    day = timedelta(days=1)
    rows = db.session.execute(
        select(
            Booking.id,
            Slot.id,
            Slot.asesor_id,
            Permohonan.asesi_id,
            Slot.starts_at,
            Slot.ends_at,
            Booking.closed_at.is_(None),
        )
        .join(Booking, Booking.slot_id == Slot.id)
        .join(Permohonan, Permohonan.id == Booking.permohonan_id)
        .where(
            Booking.cancelled_at.is_(None),
            Slot.starts_at > first - day,
            Slot.starts_at < last + day,
            or_(
                Slot.asesor_id.in_(asesor_ids),
                Permohonan.asesi_id.in_({case.asesi_id for case in cases}),
            ),
        )
    )
    return [_Seat(*row) for row in rows]


def _profiles(asesor_ids: Iterable[int]) -> dict[int, AsesorProfile]:
    rows = db.session.scalars(select(AsesorProfile).where(AsesorProfile.user_id.in_(asesor_ids)))
    return {row.user_id: row for row in rows}


def _twins(cases: Sequence[Permohonan]) -> set[tuple[int, int]]:
    """(case, batch) where its NIK stands in that batch for another case or attempt."""
    rows = db.session.execute(
        select(Permohonan.id, Peserta.jadwal_id)
        .join(FrApl01, FrApl01.permohonan_id == Permohonan.id)
        .join(Peserta, Peserta.nik_index == FrApl01.nik_index)
        .where(
            Permohonan.id.in_([case.id for case in cases]),
            FrApl01.nik_index != "",
            or_(Peserta.permohonan_id != Permohonan.id, Peserta.attempt != Permohonan.attempt),
        )
    )
    return {(case_id, jadwal_id) for case_id, jadwal_id in rows}


def _planned(cases: Sequence[Permohonan]) -> dict[int, Sequence[str]]:
    """The methods of the MAPA chosen in the present attempt, by case."""
    rows = db.session.execute(
        select(Permohonan.id, AssessmentPlan.methods)
        .join(AssessmentPlan, AssessmentPlan.permohonan_id == Permohonan.id)
        .where(
            Permohonan.id.in_([case.id for case in cases if case.mode is Mode.DARING]),
            AssessmentPlan.attempt == Permohonan.attempt,
            AssessmentPlan.mapa_chosen_at.is_not(None),
        )
    )
    return {row.id: row.methods for row in rows}


_OF_MOVES = ("asesi_moves", "move_until_hours")


@dataclass(frozen=True, slots=True)
class Moves:
    """How often and until when the asesi himself may still move a meeting."""

    left: int
    until: datetime | None

    @property
    def may_move(self) -> bool:
        return self.left > 0 and (self.until is None or self.until > clock.now())


def moves_of(permohonan: Permohonan, starts_at: datetime | None = None) -> Moves:
    """As guard `may_still_move` asks. starts_at: of a meeting not taken yet; else of the one that stands."""
    read_settings(*_OF_MOVES)
    seat = dossier_of(permohonan).booking
    begins = starts_at or (seat.slot.starts_at if seat is not None else None)
    hours = int(setting("move_until_hours"))
    return Moves(
        max(0, int(setting("asesi_moves")) - permohonan.asesi_moves),
        begins - timedelta(hours=hours) if begins is not None else None,
    )
