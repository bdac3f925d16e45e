"""The result in plain words, opened by a press of its own, and the certificate."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import current_app, g, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import db
from lsp.models import Certificate, FrAk02Unit, Permohonan
from lsp.permissions import writes
from lsp.services import audit
from lsp.views.asesi.next_step import result_is_unread
from lsp.views.asesi.shared import CASE, bp, onward, own, panel
from lsp.views.html import page, wants_fragment
from lsp.vocabulary import Answer, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.decision import appeal_until

_NOT_YET = (
    PermohonanStatus.NOT_YET_COMPETENT,
    PermohonanStatus.APPEALED,
    PermohonanStatus.CLOSED_NOT_YET,
)


@bp.get(f"{CASE}/hasil", endpoint="result")
@own
def show_result(permohonan_id: str) -> ResponseReturnValue:
    return _result_page()


@bp.post(f"{CASE}/hasil/buka")
@own
@writes
def open_result(permohonan_id: str) -> ResponseReturnValue:
    """The moment of receipt: written once, at the first opening."""
    if result_is_unread(g.permohonan):
        g.permohonan.result_opened_at = clock.now()
        audit.note(g.actor, "result.open", "permohonan", g.permohonan.public_id, role=Role.ASESI)
        db.session.commit()
    return _result_page() if wants_fragment() else onward("result", g.permohonan)


def _result_page() -> ResponseReturnValue:
    permohonan = g.permohonan
    unread = result_is_unread(permohonan)
    return panel(
        "asesi/result.html",
        "asesi/_result_panel.html",
        permohonan=permohonan,
        unread=unread,
        **({} if unread else _known(permohonan)),
    )


def _known(permohonan: Permohonan) -> dict[str, Any]:
    not_yet = permohonan.status in _NOT_YET
    return {
        "recommended": permohonan.status is PermohonanStatus.RECOMMENDED,
        "competent": permohonan.decision is Answer.K,
        "not_yet": not_yet,
        "paper": dossier_of(permohonan).fr_ak_02,
        "units": _failed_units(permohonan) if not_yet else [],
        "appeal_until": _running(appeal_until(permohonan)) if _may_appeal(permohonan) else None,
        "reassess_until": _running(_reassess_until(permohonan))
        if _may_appeal(permohonan)
        else None,
    }


def _may_appeal(permohonan: Permohonan) -> bool:
    return permohonan.status is PermohonanStatus.NOT_YET_COMPETENT


def _running(day: date | None) -> date | None:
    return day if day is not None and day >= clock.today_wib() else None


def _reassess_until(permohonan: Permohonan) -> date | None:
    version = permohonan.skema_version
    if permohonan.decided_at is None or permohonan.attempt > version.reassessment_max:
        return None
    end = permohonan.decided_at + timedelta(days=version.reassessment_days)
    return end.astimezone(clock.WIB).date()


def _failed_units(permohonan: Permohonan) -> list[FrAk02Unit]:
    paper = dossier_of(permohonan).fr_ak_02
    if paper is None:
        return []
    return list(
        db.session.scalars(
            select(FrAk02Unit)
            .where(FrAk02Unit.fr_ak_02_id == paper.id, FrAk02Unit.failed)
            .order_by(FrAk02Unit.id)
            .options(joinedload(FrAk02Unit.unit))
        )
    )


@bp.get(f"{CASE}/sertifikat", endpoint="certificate")
@own
def show_certificate(permohonan_id: str) -> ResponseReturnValue:
    certificate = db.session.scalar(
        select(Certificate).where(Certificate.permohonan_id == g.permohonan.id)
    )
    return page(
        "asesi/certificate.html",
        permohonan=g.permohonan,
        certificate=certificate,
        registration=None if certificate else _visible_numbers(g.permohonan),
        verify_url=_address("verification.show", token=certificate.token) if certificate else "",
        download_url=_address("verification.download", permohonan_id=permohonan_id),
        unread=result_is_unread(g.permohonan),
    )


def _visible_numbers(permohonan: Permohonan) -> Any:
    return None if result_is_unread(permohonan) else dossier_of(permohonan).registration


def _address(endpoint: str, **values: Any) -> str:
    """Address of a page of the certificate check, where this installation has it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""
