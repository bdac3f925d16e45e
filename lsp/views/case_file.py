"""The whole file of a case for those who read every case and act on none here: ketua and auditor.

From the certificate back to the first document by links alone: each paper of the list leads to where it is read.
"""

from __future__ import annotations

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.models import Jadwal
from lsp.permissions import access, visible_permohonan
from lsp.views.html import page
from lsp.views.paper_links import checklist
from lsp.views.plan_words import kinds
from lsp.views.tim_teknis_file import read_case
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of

bp = Blueprint("case_file", __name__, url_prefix="/isi-berkas")
READERS = (Role.KETUA, Role.AUDITOR)


@bp.get("/<permohonan_id>")
@access(roles=READERS, load=visible_permohonan)
def show(permohonan_id: str) -> ResponseReturnValue:
    """Read only. ?cetak opens everything that is folded, so that it is on the paper too."""
    file = read_case(g.permohonan)
    return page(
        "case_file/show.html",
        case=g.permohonan,
        file=file,
        kinds=kinds,
        unfolded="cetak" in request.args,
        back_url=_back(),
        **checklist(g.permohonan, file, g.actor, _role()),
    )


@bp.get("/<permohonan_id>/penugasan")
@access(roles=READERS, load=visible_permohonan)
def assignments(permohonan_id: str) -> ResponseReturnValue:
    """Surat tugas and TUK of each jadwal in which the case had a meeting."""
    found: dict[int, Jadwal] = {
        seat.slot.jadwal_id: seat.slot.jadwal for seat in dossier_of(g.permohonan).bookings
    }
    return page("case_file/assignments.html", case=g.permohonan, jadwal=list(found.values()))


def _role() -> Role:
    return Role.AUDITOR if g.actor.has(Role.AUDITOR) else Role.KETUA


def _back() -> str:
    """The auditor has a page of the case; the ketua comes from what waits for him."""
    if g.actor.has(Role.AUDITOR):
        return url_for("auditor.permohonan", permohonan_id=g.permohonan.public_id)
    return url_for("ketua.home")
