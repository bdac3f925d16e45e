"""The result in plain words, opened by a press of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import db
from lsp.models import FrAk02Unit, Permohonan
from lsp.permissions import writes
from lsp.services import banding, reassessment, results
from lsp.views.appeal_window import window_words
from lsp.views.asesi.shared import CASE, bp, onward, own
from lsp.views.html import panel, wants_fragment
from lsp.vocabulary import Answer, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.after_decision import (
    appeal_answer_until,
    appeal_until,
    reassessment_left,
    reassessment_until,
)
from lsp.workflow.permohonan import PERMOHONAN

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
    results.open_result(g.actor, g.permohonan)
    db.session.commit()
    return _result_page() if wants_fragment() else onward("result", g.permohonan)


def _result_page() -> ResponseReturnValue:
    permohonan = g.permohonan
    unread = results.is_unread(permohonan)
    return panel(
        "asesi/result.html",
        "asesi/_result_panel.html",
        permohonan=permohonan,
        unread=unread,
        **({"window": window_words(permohonan)} if unread else _known(permohonan)),
    )


def _known(permohonan: Permohonan) -> dict[str, Any]:
    not_yet = permohonan.status in _NOT_YET
    appealed = permohonan.status is PermohonanStatus.APPEALED
    return {
        "recommended": permohonan.status is PermohonanStatus.RECOMMENDED,
        "competent": permohonan.decision is Answer.K,
        "certificate": certificate_link(permohonan),
        "not_yet": not_yet,
        "paper": dossier_of(permohonan).fr_ak_02,
        "units": _failed_units(permohonan) if not_yet else [],
        "fee": reassessment.fee_of(permohonan) if not_yet else None,
        "failed_only": permohonan.skema_version.reassess_failed_units_only,
        "appeal": PERMOHONAN.choice(permohonan, g.actor, "appeal"),
        "appeal_until": appeal_until(permohonan) if not_yet else None,
        "appealed": not_yet and banding.has_any(permohonan),
        "answer_until": appeal_answer_until(permohonan) if appealed else None,
        "reassess_until": _reassess_until(permohonan),
        "accept": PERMOHONAN.choice(permohonan, g.actor, "close_not_yet"),
        "reassessment_asked": not_yet and not appealed and reassessment.is_asked(permohonan),
        "reassessment_invoice": reassessment.open_invoice(permohonan),
        "may_take_back": not_yet and reassessment.take_back_refusal(permohonan) is None,
    }


def certificate_link(permohonan: Permohonan) -> str:
    """What the link to the certificate says; empty where there is none to come, or he has yet to open his result."""
    if permohonan.decision is not Answer.K or results.is_unread(permohonan):
        return ""
    issued = permohonan.status is PermohonanStatus.ISSUED
    return "Lihat sertifikat" if issued else "Sampai mana sertifikat saya"


def _reassess_until(permohonan: Permohonan) -> date | None:
    """The last day to ask for a re-assessment, where one is left."""
    if permohonan.status is not PermohonanStatus.NOT_YET_COMPETENT:
        return None
    if reassessment_left(permohonan, g.actor, "") is not None:
        return None
    return reassessment_until(permohonan).astimezone(clock.WIB).date()


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
