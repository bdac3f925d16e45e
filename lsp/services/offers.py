"""The meetings a case may take, each with what bars it, said before anybody presses.

The workflow asks again when a seat is taken: the sentences are those of its guards (workflow/guards/meeting.py), and
a test holds the two together. Here they are asked of all meetings at once, in a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import db
from lsp.models import (
    AsesorDayOff,
    AsesorProfile,
    Booking,
    Jadwal,
    Permohonan,
    Peserta,
    RemotePermission,
    Slot,
)
from lsp.models.inforce import days_off_between, remote_permissions_between, setting
from lsp.services.schedule import OPEN
from lsp.vocabulary import MeetingKind, Mode, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.fitness import why_no_permission, why_unfit
from lsp.workflow.guards import meeting as rules
from lsp.workflow.guards.decision import ASSESSED_BEFORE, asesor_before_banding

FULL = "Kursinya sudah habis."
TWIN = "NIK asesi ini sudah terdaftar di jadwal yang sama."
#: Meetings looked at, the soonest first; more would make the page of a phone long, and the later ones come in time.
MOST = 60
_KINDS = {
    PermohonanStatus.PAID: MeetingKind.PRE_ASSESSMENT,
    PermohonanStatus.PRE_SCHEDULED: MeetingKind.PRE_ASSESSMENT,
    PermohonanStatus.READY: MeetingKind.ASSESSMENT,
    PermohonanStatus.SCHEDULED: MeetingKind.ASSESSMENT,
}


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

    An assessment is offered with the asesor and in the jadwal of the pre-assessment; the admin may choose others.
    asesor_id: only his.
    """
    kind = _KINDS.get(permohonan.status)
    if kind is None:
        return []
    seat, plan = dossier_of(permohonan).booking, dossier_of(permohonan).plan
    query = (
        select(Slot)
        .join(Jadwal, Jadwal.id == Slot.jadwal_id)
        .where(
            Slot.kind == kind,
            Slot.cancelled_at.is_(None),
            Slot.ends_at > clock.now(),
            Jadwal.skema_version_id == permohonan.skema_version_id,
            Jadwal.mode == permohonan.mode,
            Jadwal.status.in_(OPEN),
        )
        .order_by(Slot.starts_at, Slot.id)
        .limit(MOST)
        .options(joinedload(Slot.asesor), joinedload(Slot.jadwal).joinedload(Jadwal.tuk))
    )
    if seat is not None:
        query = query.where(Slot.id != seat.slot_id)
    if asesor_id is not None:
        query = query.where(Slot.asesor_id == asesor_id)
    if kind is MeetingKind.ASSESSMENT and not for_admin:
        before = rules.jadwal_before(permohonan)
        if plan is not None:
            query = query.where(Slot.asesor_id == plan.asesor_id)
        if before is not None:
            query = query.where(Slot.jadwal_id == before)
    slots = db.session.scalars(query).all()
    return _judged(permohonan, slots, seat) if slots else []


@dataclass(frozen=True, slots=True)
class _Seat:
    """A seat that is taken already, of the asesi or of an asesor concerned."""

    slot_id: int
    asesor_id: int
    asesi_id: int
    starts_at: datetime
    ends_at: datetime
    standing: bool

    def meets(self, slot: Slot) -> bool:
        return self.standing and self.starts_at < slot.ends_at and self.ends_at > slot.starts_at


def _judged(permohonan: Permohonan, slots: Sequence[Slot], own: Booking | None) -> list[Offer]:
    asesor_ids = {slot.asesor_id for slot in slots}
    seats = _seats(permohonan, slots, asesor_ids, own)
    first, last = slots[0].starts_at, max(slot.ends_at for slot in slots)
    judge = _Judge(
        permohonan=permohonan,
        seats=seats,
        profiles=_profiles(asesor_ids),
        permitted=remote_permissions_between(
            permohonan.skema_version.skema_id,
            first.astimezone(clock.WIB).date(),
            last.astimezone(clock.WIB).date(),
        ),
        days_off=days_off_between(first, last),
        twins=_twins(permohonan, {slot.jadwal_id for slot in slots}),
        before_banding=asesor_before_banding(permohonan),
        most=int(setting("asesor_daily_load")),
        highest=setting("asesor_jenjang"),
    )
    made = []
    for slot in slots:
        taken = sum(1 for seat in seats if seat.slot_id == slot.id)
        offer = Offer(
            slot.public_id,
            slot.kind,
            slot.starts_at,
            slot.ends_at,
            slot.asesor_id,
            slot.asesor.name,
            slot.jadwal_id,
            slot.jadwal.name,
            max(0, slot.capacity - taken),
            ", ".join(filter(None, (slot.jadwal.tuk.name, slot.jadwal.tuk.address))),
        )
        made.append(replace(offer, bar=judge.bar(slot) if offer.seats_left else FULL))
    return made


@dataclass(frozen=True, slots=True)
class _Judge:
    permohonan: Permohonan
    seats: Sequence[_Seat]
    profiles: dict[int, AsesorProfile]
    permitted: Sequence[RemotePermission]
    days_off: Sequence[AsesorDayOff]
    twins: set[int]
    before_banding: set[int]
    most: int
    highest: Mapping[str, int]

    def bar(self, slot: Slot) -> str:
        """The first sentence against it, in the order of the guards; empty when there is none."""
        case, day = self.permohonan, slot.starts_at.astimezone(clock.WIB).date()
        if slot.jadwal_id in self.twins:
            return TWIN
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
        profile = self.profiles.get(slot.asesor_id)
        unfit = why_unfit(
            profile, case.skema_version, until=day, who="asesor jadwal ini", table=self.highest
        )
        return unfit or self._off(slot) or self._busy(slot, day)

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
    permohonan: Permohonan, slots: Sequence[Slot], asesor_ids: Iterable[int], own: Booking | None
) -> list[_Seat]:
    """Seats of the asesi and of the asesor around these meetings; the one that would be given up is not among them."""
    day = timedelta(days=1)
    rows = db.session.execute(
        select(
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
            Booking.id != (own.id if own is not None else 0),
            Slot.starts_at > slots[0].starts_at - day,
            Slot.starts_at < max(slot.ends_at for slot in slots) + day,
            or_(Slot.asesor_id.in_(asesor_ids), Permohonan.asesi_id == permohonan.asesi_id),
        )
    )
    return [_Seat(*row) for row in rows]


def _profiles(asesor_ids: Iterable[int]) -> dict[int, AsesorProfile]:
    rows = db.session.scalars(select(AsesorProfile).where(AsesorProfile.user_id.in_(asesor_ids)))
    return {row.user_id: row for row in rows}


def _twins(permohonan: Permohonan, jadwal_ids: Iterable[int]) -> set[int]:
    """Batches in which this NIK stands for another case or attempt."""
    form = dossier_of(permohonan).fr_apl_01
    if form is None or not form.nik_index:
        return set()
    return set(
        db.session.scalars(
            select(Peserta.jadwal_id).where(
                Peserta.jadwal_id.in_(jadwal_ids),
                Peserta.nik_index == form.nik_index,
                or_(
                    Peserta.permohonan_id != permohonan.id,
                    Peserta.attempt != permohonan.attempt,
                ),
            )
        )
    )


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
    seat = dossier_of(permohonan).booking
    begins = starts_at or (seat.slot.starts_at if seat is not None else None)
    hours = int(setting("move_until_hours"))
    return Moves(
        max(0, int(setting("asesi_moves")) - permohonan.asesi_moves),
        begins - timedelta(hours=hours) if begins is not None else None,
    )
