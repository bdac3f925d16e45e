"""The dashboard: tiles, work list, search, and the case beside the list on its own address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.forms.administration import REVEAL_REASONS, RevealForm
from lsp.permissions import access, visible_permohonan, writes, writes_itself
from lsp.services import audit
from lsp.services.worklist_rows import nik_in
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.case_page import case_context
from lsp.views.admin.desk import ADMIN_DESK, NO_NIK, Desk, answer, list_context, wants_case_alone
from lsp.views.admin.list_filter import ListFilter
from lsp.views.html import redirect_after_post, wants_fragment
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of


@bp.get("")
@access(roles=ADMIN)
def home() -> ResponseReturnValue:
    return show_list(ADMIN_DESK)


@bp.post("/cari")
@access(roles=ADMIN)
@writes_itself
def search() -> ResponseReturnValue:
    return find(ADMIN_DESK)


@bp.get("/permohonan/<permohonan_id>")
@access(roles=ADMIN, load=visible_permohonan)
def permohonan(permohonan_id: str) -> ResponseReturnValue:
    return show_case(ADMIN_DESK)


@bp.post("/permohonan/<permohonan_id>/nik")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def reveal_nik(permohonan_id: str) -> ResponseReturnValue:
    """Show the whole NIK once, in the answer itself; who looked and why is sealed in the audit chain."""
    form = RevealForm()
    dari = form.dari.data or ""
    if not form.validate() or form.reason.data not in REVEAL_REASONS:
        return show_case(ADMIN_DESK, dari=dari, status=422, typed={"reveal_form": form})
    paper = dossier_of(g.permohonan).fr_apl_01
    nik = (paper.nik or "") if paper is not None else ""
    audit.note(
        g.actor, "nik.reveal", "permohonan", permohonan_id, role=Role.ADMIN, reason=form.reason.data
    )
    db.session.commit()
    return show_case(ADMIN_DESK, dari=dari, row=form.berkas.data or None, nik=nik)


def show_list(desk: Desk) -> ResponseReturnValue:
    """The list alone, narrowed by the query string."""
    asked_for_nik = nik_in(request.args.get("cari", ""))
    all_ticked = request.args.get("centang", "") == "semua"
    listed = list_context(desk, ListFilter.read(request.args), all_ticked=all_ticked)
    return answer(
        desk, listed, None, push=listed["list_url"], list_notice=NO_NIK if asked_for_nik else ""
    )


def find(desk: Desk) -> ResponseReturnValue:
    """Search by name or ID Izin leads to an address; a NIK is answered here and stays out of every address."""
    nik = nik_in(request.form.get("cari", ""))
    wanted = ListFilter.read(request.form).first_page()
    if wanted.search:
        wanted = replace(wanted, work="")  # who looks for a name looks everywhere
    if nik:
        return answer(desk, list_context(desk, wanted, nik=nik), None)
    if wants_fragment():
        listed = list_context(desk, wanted)
        return answer(desk, listed, None, push=listed["list_url"])
    values: dict[str, Any] = {**wanted.query}
    return redirect_after_post(url_for(desk.home, **values))


def show_case(
    desk: Desk, *, dari: str | None = None, row: str | None = None, status: int = 200, **case: Any
) -> ResponseReturnValue:
    """The case beside the list it was opened from; for HTMX perhaps the case alone, without reading the list."""
    packed = ListFilter.unpack(request.args.get("dari", "") if dari is None else dari).packed
    opened = request.args.get("berkas", "") if row is None else row
    public_id = g.permohonan.public_id
    if wants_case_alone():
        listed: dict[str, Any] = {"desk": desk, "dari": packed}
    else:
        listed = list_context(desk, ListFilter.unpack(packed), open_case=public_id)
    case["limits"] = listed.get("limits")
    context = case_context(desk, g.permohonan, dari=packed, row=opened, **case)
    address = url_for(
        desk.case, permohonan_id=public_id, berkas=opened or None, dari=packed or None
    )
    return answer(desk, listed | {"dari": packed}, context, push=address, status=status)
