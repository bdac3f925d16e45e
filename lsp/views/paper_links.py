"""Where each paper of the list is read: a part of the file below it, or a page that this very reader may open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask import url_for
from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.models import Permohonan, Pleno, PlenoCase
from lsp.services.case_papers import case_papers
from lsp.services.certificate_papers import ANSWER_FILE, LETTER as LIFE_LETTER
from lsp.services.paper_entry import Paper, Phase
from lsp.views.banding import READS_LETTER
from lsp.views.blanko_papers import READERS as READS_BLANKO
from lsp.views.life_words import CERTIFICATE_READERS
from lsp.views.reports import READERS
from lsp.views.tim_teknis_file import CaseFile
from lsp.vocabulary import PaperState, PermohonanStatus, Role

#: Parts of tim_teknis/_file.html, which stands on the page of the list.
_PARTS = {
    "FR.APL.01": "apl-01",
    "FR.APL.02": "apl-02",
    "portofolio": "dokumen",
    "FR.MAPA.01": "rencana",
    "FR.MAPA.02": "rencana",
    "FR.AK.07": "rencana",
    "FR.AK.01": "rencana",
    "daftar_hadir_pra": "rapat",
    "daftar_hadir_asesmen": "rapat",
    "FR.AK.02": "rekomendasi",
    "rekomendasi_asesor": "rekomendasi",
}
_PACKS = ("dokumentasi_pra", "dokumentasi_asesmen", "penjelasan_banding", "tata_tertib")
_ASSIGNED = ("surat_tugas_asesor", "verifikasi_tuk")
_PLENO = {
    "surat_tugas_komite": "rapat.surat_tugas",
    "daftar_hadir_pleno": "rapat.daftar_hadir",
    "notulen_pleno": "rapat.notulen",
    "berita_acara_pleno": "tim_teknis.berita_acara",
    "sk_hasil": "rapat.sk",
}
_REPORTS = {"FR.AK.05": "reports.fr_ak_05", "FR.AK.06": "reports.fr_ak_06"}


def checklist(
    case: Permohonan,
    file: CaseFile,
    reader: Actor,
    role: Role,
    *,
    plenos: Collection[str] | None = None,
) -> dict[str, Any]:
    """What components/case_papers.html draws above the file of a case.

    role: in which he reads the page. plenos: those that he may open; None: any, but one on a case of his own.
    """
    phases = case_papers(case)
    return {
        "phases": phases,
        "links": _links(phases, case, file, reader, role, plenos),
        "pleno_waits": case.status is PermohonanStatus.RECOMMENDED,
    }


def _links(
    phases: Sequence[Phase],
    case: Permohonan,
    file: CaseFile,
    reader: Actor,
    role: Role,
    plenos: Collection[str] | None,
) -> dict[str, str]:
    """Key of a paper -> address, only where there is something that the reader may open."""
    made = {}
    for paper in (paper for phase in phases for paper in phase.papers):
        if paper.state is PaperState.NOT_NEEDED:
            continue
        address = _part(paper, file) or _page(paper, file, case, reader, role)
        if not address and paper.key in _PLENO and _may_open(paper.subject, reader, plenos):
            address = url_for(_PLENO[paper.key], pleno_id=paper.subject)
        if address:
            made[paper.key] = address
    return made


def _part(paper: Paper, file: CaseFile) -> str:
    """An anchor on the same page; none where that part is not drawn."""
    name = _PARTS.get(paper.key, "")
    if name == "rekomendasi" and file.ak_02 is None:
        name = ""
    if paper.key.startswith("asesmen_ke_") and file.earlier:
        name = "rekomendasi"
    if paper.key in {read.paper.value for read in file.instruments}:
        name = "instrumen"
    if paper.key == "FR.IA.10" and file.third_parties:
        name = "fr-ia-10"
    return f"#{name}" if name else ""


def _page(paper: Paper, file: CaseFile, case: Permohonan, reader: Actor, role: Role) -> str:
    key, subject = paper.key, paper.subject
    if key == "FR.AK.03":
        # Who assessed the case does not read what its asesi said of him (permissions.visible_without_asesor).
        assessed = {each.asesor_id for each in (file.ak_02, *file.earlier) if each is not None}
        # Also before this attempt is decided: those of earlier ones stand there.
        if (case.decided_at or case.attempt > 1) and reader.id not in assessed:
            return url_for("reports.fr_ak_03", permohonan_id=case.public_id)
    elif key in _PACKS and subject:
        return url_for("packs.pack", booking_id=subject)
    elif key in _REPORTS and subject and reader.has(*READERS):
        return url_for(_REPORTS[key], report_id=subject)
    elif key == "sertifikat" and subject:
        # The page of it leads to the public check; who may not read it there goes to that at once.
        if role in CERTIFICATE_READERS:
            return url_for("certificate_pages.show", permohonan_id=case.public_id)
        return url_for("verification.show", token=subject)
    elif key.startswith(LIFE_LETTER) and role in CERTIFICATE_READERS:
        return url_for("certificate_pages.letter", proposal_id=subject)
    elif key.startswith(ANSWER_FILE) and role in CERTIFICATE_READERS:
        return url_for("files.document", document_id=subject)
    found = _letter(paper, case, reader, role)
    return found or (_page_of_admin(paper, case) if role is Role.ADMIN else "")


def _letter(paper: Paper, case: Permohonan, reader: Actor, role: Role) -> str:
    """Of a banding, of a request for blanko, and what the asesor was sent with."""
    key, subject = paper.key, paper.subject
    if not subject:
        return ""
    if key.startswith("banding") and reader.has(*READS_LETTER):
        return url_for("banding.letter", banding_id=subject)
    if key == "permohonan_blanko" and reader.has(*READS_BLANKO):
        return url_for("blanko_papers.letter", blanko_request_id=subject)
    if key in _ASSIGNED and role in (Role.KETUA, Role.AUDITOR):
        return url_for("case_file.assignments", permohonan_id=case.public_id)
    return ""


def _page_of_admin(paper: Paper, case: Permohonan) -> str:
    if paper.key in _ASSIGNED and paper.subject:
        return url_for("admin.jadwal", jadwal_id=paper.subject)
    if paper.key in ("nomor_blanko", "pencatatan"):
        return url_for("admin.numbers", permohonan_id=case.public_id)
    if paper.key.startswith("FR.AK.04"):
        return url_for("admin.banding", permohonan_id=case.public_id)
    return ""


def _may_open(pleno_id: str, reader: Actor, plenos: Collection[str] | None) -> bool:
    """As views/tim_teknis_scope.readable_pleno: never one that holds a case of his own."""
    if not pleno_id or (plenos is not None and pleno_id not in plenos):
        return False
    if not reader.has(Role.ASESI):
        return True
    own = (
        select(PlenoCase.id)
        .join(Pleno, Pleno.id == PlenoCase.pleno_id)
        .join(Permohonan, Permohonan.id == PlenoCase.permohonan_id)
        .where(
            Pleno.public_id == pleno_id,
            PlenoCase.outcome != "removed",
            Permohonan.asesi_id == reader.id,
        )
    )
    return db.session.scalar(own.limit(1)) is None
