"""Laporan jadwal: where an asesor's FR.AK.05 and FR.AK.06 lie, by jadwal, and what asesi said of him, summed."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from lsp.actor import Actor
from lsp.database import db, is_writing
from lsp.models import Jadwal, Slot
from lsp.models.inforce import setting
from lsp.permissions import access
from lsp.services import feedback_sums, fr_ak_05, fr_ak_06, jadwal_reports
from lsp.views.asesor.shared import asesor_only, bp
from lsp.views.html import page
from lsp.vocabulary import JadwalStatus, Role


def own_jadwal(actor: Actor, jadwal_id: str) -> Mapping[str, object] | None:
    """A jadwal that names the asesor, or in which he held a meeting, as `g.jadwal`."""
    held = select(Slot.jadwal_id).where(Slot.asesor_id == actor.id)
    query = select(Jadwal).where(
        Jadwal.public_id == jadwal_id,
        Jadwal.status != JadwalStatus.DRAFT,
        or_(Jadwal.asesor_1_id == actor.id, Jadwal.asesor_2_id == actor.id, Jadwal.id.in_(held)),
    )
    if is_writing():
        # PostgreSQL: two tabs that begin the same report take turns.
        query = query.with_for_update(of=Jadwal)
    found = db.session.scalar(
        query.options(joinedload(Jadwal.skema_version), joinedload(Jadwal.tuk))
    )
    return {"jadwal": found} if found is not None else None


JADWAL = "/asesor/jadwal/<jadwal_id>"
of_own_jadwal = access(roles=(Role.ASESOR,), load=own_jadwal)


@bp.get("/asesor/laporan")
@asesor_only
def report_list() -> ResponseReturnValue:
    return page(
        "asesor/report_list.html",
        reports=jadwal_reports.of_asesor(g.actor),
        most=jadwal_reports.MOST,
    )


@bp.get(f"{JADWAL}/laporan")
@of_own_jadwal
def jadwal_report(jadwal_id: str) -> ResponseReturnValue:
    batch = jadwal_reports.batch_of(g.jadwal, g.actor.id)
    ak_05 = fr_ak_05.paper_of(g.jadwal, g.actor.id)
    ak_06 = fr_ak_06.paper_of(g.jadwal, g.actor.id)
    signed = ak_05 if ak_05 is not None and ak_05.signed_at is not None else None
    both = signed is not None and ak_06 is not None and ak_06.signed_at is not None
    return page(
        "asesor/jadwal_report.html",
        jadwal=g.jadwal,
        rows=fr_ak_05.signed_rows(signed, batch) if signed else fr_ak_05.rows_of(batch),
        papers=(("FR.AK.05", "Laporan Asesmen", "fr_ak_05", ak_05),
                ("FR.AK.06", "Meninjau Proses Asesmen", "fr_ak_06", ak_06)),
        reason=None if both else jadwal_reports.why_not_signed(batch, g.actor.id),
    )  # fmt: skip


@bp.get("/asesor/umpan-balik")
@asesor_only
def feedback() -> ResponseReturnValue:
    """Sums and notes alone, and only from some answers on."""
    return page(
        "asesor/feedback.html",
        sums=feedback_sums.of_asesor(g.actor.id),
        least=int(setting("ak03_least_answers")),
        days=int(setting("ak03_days")),
    )
