"""The page itself: the open permohonan of a person, his other ones, and the history on its own address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from lsp.models import Document, Invoice, Permohonan, PermohonanEvent
from lsp.services import attempts, disputes, intake, meetings, mode_change, results
from lsp.views.asesi.certificate_notice import notice_step
from lsp.views.asesi.feedback import feedback_words
from lsp.views.asesi.mode import TITLES
from lsp.views.asesi.next_step import next_step
from lsp.views.asesi.result import certificate_link
from lsp.views.asesi.shared import CASE, asesi_only, bp, editable, own
from lsp.views.asesi.story import events_of, history, sent_at, stages
from lsp.views.asesi.surveilan import surveilan_step
from lsp.views.asesi.tasks import tasks_of
from lsp.views.attempt_words import again_words
from lsp.views.filters import tanggal_singkat
from lsp.views.html import page
from lsp.vocabulary import InvoiceStatus, PermohonanStatus, Stage
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN

#: States in which nothing was invoiced or verified yet, so there is nothing of it to read.
_FILLING = (PermohonanStatus.DRAFT, PermohonanStatus.RETURNED)
RECENT = 4


@bp.get("/asesi")
@asesi_only
def home() -> ResponseReturnValue:
    """The latest open permohonan (else the latest of all), with the others in a list."""
    held = intake.of_asesi(g.actor.id)
    rows = held.permohonan
    waiting: dict[str, Any] = {
        "unclaimed": held.unclaimed,
        "disputes": disputes.waiting_for(g.actor.id) if held.has_asked else (),
    }
    if not rows:
        return page("asesi/empty.html", **waiting)
    return page(
        "asesi/permohonan.html",
        **waiting,
        **_overview(rows[0]),
        others=[(row, results.is_unread(row)) for row in rows[1:]],
    )


@bp.get(CASE)
@own
def permohonan(permohonan_id: str) -> ResponseReturnValue:
    return page(
        "asesi/permohonan.html", **_overview(g.permohonan), others=(), unclaimed=0, disputes=()
    )


@bp.get(f"{CASE}/riwayat", endpoint="history")
@own
def show_history(permohonan_id: str) -> ResponseReturnValue:
    happenings = history(g.permohonan, events_of(g.permohonan))
    return page(
        "asesi/history.html",
        permohonan=g.permohonan,
        happenings=happenings,
        earlier=attempts.earlier_attempts(g.permohonan),
    )


def _overview(permohonan: Permohonan) -> dict[str, Any]:
    """What the page shows. At most 12 queries; each state reads only what its panels say."""
    filling = permohonan.status in _FILLING
    tasks = tasks_of(permohonan, g.actor) if filling else []
    events = [] if filling else events_of(permohonan)
    return {
        "permohonan": permohonan,
        "tasks": tasks,
        "note_of_return": dossier_of(permohonan).note_of_return if filling else "",
        "filling": filling,
        "again_words": again_words(permohonan),
        "editable": editable(permohonan),
        "step": notice_step(permohonan)
        or surveilan_step(permohonan)
        or next_step(permohonan, tasks),
        "stages": stages(permohonan, events),
        "happenings": history(permohonan, events)[:RECENT],
        "sent_at": sent_at(events),
        "unread": results.is_unread(permohonan),
        "mode_words": _mode_words(permohonan),
        "may_correct": intake.may_correct_id_izin(permohonan),
        "contested": _contested(permohonan, events),
        "certificate": certificate_link(permohonan),
        "may_withdraw": PERMOHONAN.choice(permohonan, g.actor, "withdraw") is not None,
        **(_later(permohonan) if not filling else {}),
    }


def _mode_words(permohonan: Permohonan) -> str:
    """The button to the other way of assessing; empty where it cannot be agreed to."""
    if mode_change.refusal(permohonan) is not None:
        return ""
    if permohonan.mode_agreed_at is not None:
        return "Ganti cara asesmen: menunggu admin"
    return TITLES[mode_change.wanted(permohonan)]


def _contested(permohonan: Permohonan, events: Sequence[PermohonanEvent]) -> str:
    """What the card of the banding says; empty where there is none, or where it would tell an unread result."""
    appealed = any(event.transition == "appeal" for event in events)
    if not appealed or results.is_unread(permohonan):
        return ""
    pending = permohonan.status is PermohonanStatus.APPEALED
    return "Sedang diperiksa." if pending else "Jawaban dan suratnya."


def _later(permohonan: Permohonan) -> dict[str, Any]:
    dossier = dossier_of(permohonan)
    invoice = _standing_invoice(dossier.invoices)
    open_one = invoice if invoice and invoice.status is InvoiceStatus.OPEN else None
    files = [row for row in dossier.documents if row.purpose in ("requirement", "evidence")]
    return {
        "invoice": invoice,
        "to_pay": open_one is not None,
        "proof_waits": open_one is not None and open_one.proof_document_id is not None,
        "documents": _count(files),
        "may_book": meetings.is_bookable(permohonan) and not mode_change.waits(permohonan),
        "result_words": _result_words(permohonan),
        "feedback": feedback_words(permohonan),
        "seat": dossier.booking if permohonan.status.stage is not Stage.AFTER else None,
    }


def _result_words(permohonan: Permohonan) -> str:
    """What the card says of the result; empty while there is neither decision nor recommendation."""
    if results.is_unread(permohonan):
        return "Hasil sudah ada."
    if permohonan.decision is not None:
        when = tanggal_singkat(permohonan.decided_at)
        return f"{permohonan.decision.label}, ditetapkan {when}."
    return "Menunggu penetapan." if permohonan.status is PermohonanStatus.RECOMMENDED else ""


def _standing_invoice(invoices: list[Invoice]) -> Invoice | None:
    return invoices[-1] if invoices else None


def _count(files: list[Document]) -> str:
    return f"{len(files)} berkas" if files else "Belum ada berkas"
