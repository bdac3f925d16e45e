"""Laporan LPJK of a case: what lacks first, then both reports field by field, and the links to its papers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import defer

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.decision import ReasonForm
from lsp.models import DocumentLink, OutboxMessage, Permohonan, SentWithGaps
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import document_links, lpjk_reports
from lsp.services.lpjk_facts import Facts
from lsp.services.outbox_words import call_of
from lsp.services.report_fields import ReportField
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, reason_field, redirect_after_post
from lsp.views.report_ways import way_to

REPORT_URL = "/permohonan/<permohonan_id>/laporan-lpjk"
#: What a field of the report stands under on the page.
TITLES = (
    ("asesor", "Laporan penugasan asesor", lpjk_reports.ASSESSOR),
    ("tim-teknis", "Laporan penugasan tim teknis", lpjk_reports.COMMITTEE),
    ("pencatatan", "Pencatatan SKK", "pencatatan-skk"),
)


@bp.get(REPORT_URL)
@access(roles=ADMIN, load=visible_permohonan)
def lpjk_report(permohonan_id: str) -> ResponseReturnValue:
    return _page()


@bp.post(REPORT_URL + "/tautan")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def make_document_links(permohonan_id: str) -> ResponseReturnValue:
    made = lpjk_reports.make_links(g.actor, g.permohonan)
    db.session.commit()
    said = f"{made} tautan dokumen siap." if made else "Semua dokumen yang ada sudah punya tautan."
    return redirect_after_post(_url(), said)


@bp.get(REPORT_URL + "/tautan/cabut")
@access(roles=ADMIN, load=visible_permohonan)
def ask_revoke_links(permohonan_id: str) -> ResponseReturnValue:
    """?tautan=<id> is one of them; without it, all that lead somewhere."""
    return _revoke_page(ReasonForm(formdata=None), request.args.get("tautan", ""))


@bp.post(REPORT_URL + "/tautan/cabut")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def revoke_links(permohonan_id: str) -> ResponseReturnValue:
    form, wanted = ReasonForm(), request.form.get("tautan", "")
    if not form.validate():
        return _revoke_page(form, wanted, status=422)
    try:
        count = document_links.revoke(g.actor, g.permohonan, _chosen(wanted), form.note.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _page(notice=str(refusal), status=409)
    db.session.commit()
    return redirect_after_post(_url(), f"{count} tautan dicabut. Alamatnya langsung mati.")


# --- Drawing -----------------------------------------------------------------------------------------------------


def _url() -> str:
    return url_for("admin.lpjk_report", permohonan_id=g.permohonan.public_id)


def _chosen(wanted: str) -> list[DocumentLink]:
    if wanted:
        found = document_links.one(g.permohonan, wanted)
        return [found] if found is not None else []
    lines = document_links.of_case(g.permohonan)
    return [each.link for each in lines if each.link.revoked_at is None]


def _revoke_page(form: ReasonForm, wanted: str, *, status: int = 200) -> ResponseReturnValue:
    chosen = [each for each in _chosen(wanted) if each.revoked_at is None]
    if not chosen:
        return redirect_after_post(_url(), "Tidak ada tautan yang dapat dicabut.", tone="wait")
    names = Facts(g.permohonan).papers
    papers = [names[each.paper].name for each in chosen if each.paper in names]
    return page(
        "confirm.html",
        status=status,
        title="Cabut tautan dokumen?" if wanted else "Cabut semua tautan dokumen?",
        happens=[
            f"{g.permohonan.asesi_name}: {', '.join(papers) or f'{len(chosen)} dokumen'}.",
            "Alamatnya langsung mati. Bila sudah dikirim, LPJK tidak dapat lagi membuka dokumennya.",
            "Tautan baru dapat dibuat sesudahnya, dengan alamat lain yang harus dikirim lagi.",
        ],
        action=url_for("admin.revoke_links", permohonan_id=g.permohonan.public_id),
        hidden={"tautan": wanted},
        label="Cabut tautan" if wanted else f"Cabut {len(chosen)} tautan",
        tone="bad",
        version=g.permohonan.version,
        back_url=_url(),
        reason_field=reason_field(form, hint="Sedikitnya 20 huruf. Tersimpan bersama tautannya."),
    )


def _page(*, notice: str = "", status: int = 200) -> ResponseReturnValue:
    case: Permohonan = g.permohonan
    facts, base_url = Facts(case), current_app.config["LSP"].base_url
    found = (
        lpjk_reports.assessor_report(case, facts=facts, base_url=base_url),
        lpjk_reports.committee_report(case, facts=facts, base_url=base_url),
        lpjk_reports.registration_report(case, facts=facts),
    )
    reports = [
        {"key": key, "title": title, "call": call, "fields": fields, "gaps": _grouped(fields)}
        for (key, title, call), fields in zip(TITLES, found, strict=True)
    ]
    lacking = [field for fields in found[:2] for field in lpjk_reports.gaps(fields)]
    unlinked = sum(
        document_links.can_be_linked(facts.papers.get(key)) and key not in facts.links
        for key in lpjk_reports.linked_papers()
    )
    return page(
        "admin/lpjk/report.html",
        status=status,
        case=case,
        notice=notice,
        reports=reports,
        lacking=len(lacking),
        unlinked=unlinked,
        lines=facts.lines,
        standing={link.id for link in facts.links.values()},
        names={key: paper.name for key, paper in facts.papers.items()},
        way=lambda field: way_to(field, case),
        rows=_rows(case),
    )


def _grouped(fields: Sequence[ReportField]) -> list[dict[str, Any]]:
    """What lacks, each sentence once with the fields it is said of."""
    made: dict[str, dict[str, Any]] = {}
    for field in lpjk_reports.gaps(fields):
        entry = made.setdefault(field.gap, {"gap": field.gap, "field": field, "labels": []})
        entry["labels"].append(field.label)
    return list(made.values())


def _rows(case: Permohonan) -> list[tuple[OutboxMessage, str, str]]:
    """The rows of the queue that carry these reports: each with its title and why it went although something lacked."""
    found = db.session.execute(
        select(OutboxMessage, SentWithGaps.reason)
        .outerjoin(SentWithGaps, SentWithGaps.message_id == OutboxMessage.id)
        .where(OutboxMessage.permohonan_id == case.id, OutboxMessage.kind.in_(lpjk_reports.REPORTS))
        .order_by(OutboxMessage.id)
        .options(defer(OutboxMessage.payload))
    )
    return [(row, call_of(row.kind), reason or "") for row, reason in found]
