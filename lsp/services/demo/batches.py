"""A jadwal of the demo: remote, confirmed, with one asesor."""

from __future__ import annotations

from datetime import timedelta

from lsp import clock
from lsp.actor import Actor
from lsp.models import Jadwal, SkemaVersion, Tuk
from lsp.services import schedule
from lsp.vocabulary import Mode
from lsp.workflow.jadwal import JADWAL


def confirmed_jadwal(
    admin: Actor, asesor: Actor, version: SkemaVersion, tuk: Tuk, *, name: str, days: int
) -> Jadwal:
    """From today over that many days."""
    start = clock.today_wib()
    jadwal = schedule.make_jadwal(
        admin,
        name=name,
        version=version,
        tuk=tuk,
        mode=Mode.DARING,
        starts_on=start,
        ends_on=start + timedelta(days=days),
        asesor_1_id=asesor.id or 0,
    )
    JADWAL.perform(jadwal, "confirm", admin, version=jadwal.version)
    return jadwal
