"""Meetings of the demo: each asesor has, per kind, one that starts now and one on each of the next five days.

The two that start now overlap: who comes to try the portal holds a pre-assessment and goes straight on to the
assessment. Real slots may not (schedule.open_slot); seats of one asesor never do, here neither.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import or_, select

from lsp import clock, ids
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Jadwal, SkemaVersion, Slot, Tuk, User
from lsp.models.inforce import setting
from lsp.services import schedule
from lsp.services.demo.driver import actor_of
from lsp.services.installation import DEMO_DOMAIN
from lsp.vocabulary import MeetingKind, Mode
from lsp.workflow.jadwal import JADWAL

ASESOR = ("asesor1", "asesor2", "asesor3")
DAYS = 5
#: Minutes from the rounded present, how long, and the hour (WIB) and length on the days after.
#: Both of now have begun, the pre-assessment first: a walk goes from one to the other without waiting.
_NOW = {MeetingKind.PRE_ASSESSMENT: (-5, 120), MeetingKind.ASSESSMENT: (0, 180)}
_LATER = {MeetingKind.PRE_ASSESSMENT: (time(9), 60), MeetingKind.ASSESSMENT: (time(13), 120)}


def load_meetings() -> None:
    """Open the meetings inside the demo's jadwal, making those that are missing. Flushes; calling again adds none."""
    admin = actor_of(_person("admin"))
    for name in ASESOR:
        asesor = actor_of(_person(name))
        jadwal = _jadwal_of(asesor) or _make_jadwal(admin, asesor, ASESOR.index(name) + 1)
        for kind in MeetingKind:
            _open_now(asesor, jadwal, kind)
            _open_later(asesor, jadwal, kind)
    db.session.flush()


def _person(name: str) -> User:
    return db.session.scalars(select(User).where(User.email == name + DEMO_DOMAIN)).one()


def _jadwal_of(asesor: Actor) -> Jadwal | None:
    """A confirmed remote jadwal that names him and holds all of the coming days."""
    today = clock.today_wib()
    return db.session.scalar(
        select(Jadwal)
        .where(
            or_(Jadwal.asesor_1_id == asesor.id, Jadwal.asesor_2_id == asesor.id),
            Jadwal.mode == Mode.DARING,
            Jadwal.status.in_(schedule.OPEN),
            Jadwal.starts_on <= today,
            Jadwal.ends_on > today + timedelta(days=DAYS),
        )
        .order_by(Jadwal.id)
        .limit(1)
    )


def _make_jadwal(admin: Actor, asesor: Actor, number: int) -> Jadwal:
    today = clock.today_wib()
    version = db.session.scalars(
        select(SkemaVersion).where(SkemaVersion.opened_at.is_not(None)).order_by(SkemaVersion.id)
    ).first()
    tuk = db.session.scalars(select(Tuk).order_by(Tuk.id)).first()
    if version is None or tuk is None or asesor.id is None:
        raise LookupError("the ground of the demo is not loaded")
    jadwal = schedule.make_jadwal(
        admin,
        name=f"Asesmen jarak jauh, gelombang {number}",
        version=version,
        tuk=tuk,
        mode=Mode.DARING,
        starts_on=today,
        ends_on=today + timedelta(days=60),
        asesor_1_id=asesor.id,
    )
    JADWAL.perform(jadwal, "confirm", admin, version=jadwal.version)
    return jadwal


def _open_now(asesor: Actor, jadwal: Jadwal, kind: MeetingKind) -> None:
    shift, minutes = _NOW[kind]
    present = clock.now().replace(second=0, microsecond=0)
    starts_at = present - timedelta(minutes=present.minute % 5) + timedelta(minutes=shift)
    standing = select(Slot.id).where(
        Slot.asesor_id == asesor.id,
        Slot.kind == kind,
        Slot.starts_at > starts_at - timedelta(minutes=minutes),
        Slot.starts_at <= starts_at,
        Slot.ends_at > clock.now(),
    )
    if db.session.scalar(standing.limit(1)) is not None:
        return
    db.session.add(
        Slot(
            jadwal_id=jadwal.id,
            kind=kind,
            starts_at=_free_moment(asesor, starts_at),
            ends_at=starts_at + timedelta(minutes=minutes),
            asesor_id=asesor.id,
            meeting_url=f"{str(setting('jitsi_base')).rstrip('/')}/{ids.random_id(20)}",
        )
    )
    db.session.flush()


def _free_moment(asesor: Actor, moment: datetime) -> datetime:
    """Two meetings of one asesor cannot begin in the very same minute: the next minute then."""
    begun = set(
        db.session.scalars(
            select(Slot.starts_at).where(
                Slot.asesor_id == asesor.id,
                Slot.starts_at >= moment,
                Slot.starts_at < moment + timedelta(minutes=5),
            )
        )
    )
    while moment in begun:
        moment += timedelta(minutes=1)
    return moment


def _open_later(asesor: Actor, jadwal: Jadwal, kind: MeetingKind) -> None:
    hour, minutes = _LATER[kind]
    for day in range(1, DAYS + 1):
        starts_at = datetime.combine(clock.today_wib() + timedelta(days=day), hour, clock.WIB)
        taken = select(Slot.id).where(
            Slot.asesor_id == asesor.id,
            Slot.starts_at < starts_at + timedelta(minutes=minutes),
            Slot.ends_at > starts_at,
        )
        if db.session.scalar(taken.limit(1)) is None:
            schedule.open_slot(
                asesor, jadwal, kind=kind, starts_at=starts_at, minutes=minutes, on_holiday=True
            )
