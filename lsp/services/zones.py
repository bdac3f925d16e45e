"""The time zone in which a person reads and types hours: suggested by his province, or chosen by himself."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import AsesorDayOff, User
from lsp.services import audit

ZONES = (("Asia/Jakarta", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT"))


def choose(actor: Actor, zone: str) -> User:
    """From now on the province of his address suggests none. His coming days off begin at his new midnight."""
    user = db.session.get_one(User, actor.id)
    user.zone, user.zone_chosen = zone, True
    coming = select(AsesorDayOff).where(
        AsesorDayOff.user_id == user.id, AsesorDayOff.from_moment > clock.now()
    )
    for row in db.session.scalars(coming):
        row.from_moment, row.until_moment = clock.day_span(
            row.starts_on, row.ends_on, ZoneInfo(zone)
        )
    db.session.flush()
    audit.note(actor, "account.zone", "user", user.public_id, zone=zone)
    return user
