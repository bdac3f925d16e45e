"""The admin's list of surveilan by what it waits for, one of them with its asesor, and proofs of PKB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import choices
from lsp.forms.surveilan import AssignForm, PkbVerdictForm
from lsp.models import Certificate, Permohonan
from lsp.permissions import access, visible_to, writes
from lsp.services import pkb, surveilan, surveilan_desk as desk
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import SurveilanStatus
from lsp.workflow.surveilan import SURVEILAN


def certificate_url(certificate_id: str) -> str:
    """The page of a certificate, where its suspension is proposed."""
    if "admin.certificate" in current_app.view_functions:
        return url_for("admin.certificate", certificate_id=certificate_id)
    return f"/admin/sertifikat/{certificate_id}"


@bp.context_processor
def _for_templates() -> dict[str, Any]:
    return {"certificate_url": certificate_url}


@bp.get("/surveilan")
@access(roles=ADMIN)
def surveilan_list() -> ResponseReturnValue:
    kind = request.args.get("keadaan", "")
    kind = kind if kind in desk.KINDS else desk.OVERDUE
    after = request.args.get("sesudah", "")
    found = desk.page(kind, after)
    here = url_for("admin.surveilan_list", keadaan=kind)
    return page(
        "admin/surveilan/list.html",
        kinds=desk.KINDS,
        kind=kind,
        counts=desk.counts(),
        rows=[(row, desk.consequence(row) if row.late else "") for row in found.rows],
        today=clock.today_wib(),
        pkb_rows=desk.pkb_waiting(),
        next_url=url_for("admin.surveilan_list", keadaan=kind, sesudah=found.next_key)
        if found.next_key
        else "",
        first_url=here if after else "",
    )


def readable_surveilan(actor: Actor, surveilan_id: str, **_: object) -> Mapping[str, object] | None:
    """A surveilan in the scope of staff, as `g.surveilan`; never of one's own certificate."""
    query = surveilan.find(surveilan_id).join(Permohonan)
    found = db.session.scalar(query.where(visible_to(actor), Permohonan.asesi_id != actor.id))
    return {"surveilan": found} if found is not None else None


of_it = access(roles=ADMIN, load=readable_surveilan)


@bp.get("/surveilan/<surveilan_id>", endpoint="surveilan")
@of_it
def show_surveilan(surveilan_id: str) -> ResponseReturnValue:
    return _show(_form(formdata=None))


@bp.post("/surveilan/<surveilan_id>/asesor")
@of_it
@writes
def assign_surveilan(surveilan_id: str) -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return _show(form, status=422)
    try:
        desk.assign(
            g.actor,
            g.surveilan,
            form.person.data or "",
            version=form.version.data or 0,
            note=form.note.data or "",
        )
    except DomainError as refusal:
        db.session.rollback()
        found = readable_surveilan(g.actor, surveilan_id)
        if found is None:
            abort(404)
        g.surveilan = found["surveilan"]
        return _show(form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return redirect_after_post(
        url_for("admin.surveilan", surveilan_id=surveilan_id),
        "Asesor ditunjuk dan diberi tahu lewat e-mail.",
    )


def _form(**data: Any) -> AssignForm:
    form = AssignForm(**data)
    people = desk.candidates(g.surveilan)
    form.person.choices = choices(
        (("", "Pilih asesor…"), *((each.public_id, each.name) for each in people))
    )
    return form


def _show(form: AssignForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    case = g.surveilan
    steps = {each.name for each in SURVEILAN.available(case, g.actor)}
    return page(
        "admin/surveilan/one.html",
        status=status,
        surveilan=case,
        certificate=case.certificate,
        words=surveilan.words_of(case).body,
        body=case.reports[-1].body if case.reports and case.reports[-1].sent_at else {},
        files=surveilan.files_of(case, case.reports[-1].attempt if case.reports else 0),
        report=case.reports[-1] if case.reports and case.reports[-1].sent_at else None,
        letters=surveilan.letters_of(case),
        events=list(reversed(case.events)),
        labels=_labels(),
        form=form,
        may_assign="assign" in steps,
        may_reassign="reassign" in steps,
        waits=case.status is SurveilanStatus.SENT,
        notice_text=notice,
    )


def _labels() -> dict[str, str]:
    return {row.name: row.label for row in SURVEILAN.transitions} | {"open": "Surveilan dibuka"}


# --- PKB ---------------------------------------------------------------------------------------------------------


def readable_pkb(actor: Actor, certificate_id: str, **_: object) -> Mapping[str, object] | None:
    """A certificate with its holder, as `g.certificate`; never one's own."""
    found = db.session.scalar(
        select(Certificate)
        .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
        .where(
            Certificate.public_id == certificate_id,
            visible_to(actor),
            Permohonan.asesi_id != actor.id,
        )
        .options(joinedload(Certificate.permohonan))
    )
    return {"certificate": found} if found is not None else None


@bp.get("/surveilan/pkb/<certificate_id>")
@access(roles=ADMIN, load=readable_pkb)
def pkb_proofs(certificate_id: str) -> ResponseReturnValue:
    return _pkb_page()


@bp.post("/surveilan/pkb/<certificate_id>/<activity_id>")
@access(roles=ADMIN, load=readable_pkb)
@writes
def judge_pkb(certificate_id: str, activity_id: str) -> ResponseReturnValue:
    form = PkbVerdictForm()
    if not form.validate():
        return _pkb_page(status=422, notice=form.first_error())
    accepted = form.accepted.data == "ya"
    try:
        found = pkb.judge(
            g.actor, g.certificate, activity_id, accepted=accepted, reason=form.note.data or ""
        )
    except DomainError as refusal:
        db.session.rollback()
        loaded = readable_pkb(g.actor, certificate_id)
        if loaded is None:
            abort(404)
        g.certificate = loaded["certificate"]
        return _pkb_page(status=409, notice=str(refusal), wrong=activity_id)
    if not found:
        abort(404)
    db.session.commit()
    return redirect_after_post(
        url_for("admin.pkb_proofs", certificate_id=certificate_id), "Penilaian bukti tersimpan."
    )


def _pkb_page(*, status: int = 200, notice: str = "", wrong: str = "") -> ResponseReturnValue:
    rows = pkb.activities(g.certificate)
    return page(
        "admin/surveilan/pkb.html",
        status=status,
        certificate=g.certificate,
        rows=rows,
        sum=pkb.sum_of(g.certificate, rows),
        wrong=wrong,
        typed=request.form.get("note", ""),
        notice_text=notice,
    )
