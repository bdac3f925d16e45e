"""The papers that a document link leads to, drawn as the staff read them but without a way to anywhere else.

Each is of one case alone: where a paper holds rows of others (FR.AK.05, the minutes of a pleno) only its own are shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from flask import render_template
from sqlalchemy import select

from lsp.database import db
from lsp.models import AsesorProfile, Banding, FrAk03, FrAk05, FrAk06, Permohonan
from lsp.services import (
    document_links,
    fr_ak_03 as feedback,
    fr_ak_05 as report,
    fr_ak_06 as review,
    jadwal_reports,
    pleno,
)
from lsp.services.lpjk_facts import Facts
from lsp.views.banding_words import paper_of
from lsp.views.filters import tanggal_singkat
from lsp.views.mapa_reading import reading
from lsp.views.plan_words import kinds
from lsp.views.tim_teknis_file import read_case
from lsp.vocabulary import Form, MeetingKind

#: Drawn by the same parts as pages of the staff, whose ways lead to addresses that ask who is there. Our templates
#: escape every ">" in a value, so a tag ends where it seems to.
_WAYS = re.compile(r"</?a(?:\s[^>]*)?>")
_PICTURES = re.compile(r"<img\s[^>]*>")
_FOLDED = re.compile(r"<details(?![^>]*\sopen[\s>])")


def paper_html(case: Permohonan, key: str) -> str:
    """The page of a paper; "" when the case does not have it any more, or it cannot be drawn."""
    facts = Facts(case)
    paper = facts.papers.get(key)
    draw = _drawer(key)
    if paper is None or draw is None or not document_links.can_be_linked(paper):
        return ""
    context = draw(facts, key)
    if context is None:
        return ""
    html = render_template("links/paper.html", name=paper.name, case=case, kinds=kinds, **context)
    return _FOLDED.sub("<details open", _PICTURES.sub("", _WAYS.sub("", html)))


Drawer = Callable[[Facts, str], dict[str, Any] | None]


def _drawer(key: str) -> Drawer | None:
    return _INSTRUMENT if key.startswith("FR.IA.") and key != "FR.IA.10" else _DRAWN.get(key)


def _of_file(kind: str, form: Form | None = None) -> Drawer:
    """A part of the case's file, with the signatures on that form."""

    def draw(facts: Facts, _key: str) -> dict[str, Any]:
        file = read_case(facts.case)
        signed = [each for each in file.signatures if each.form is form]
        current = [each for each in signed if each.id not in file.outdated | file.replaced]
        return {"kind": kind, "file": file, "signed": current}

    return draw


def _mapa(facts: Facts, _key: str) -> dict[str, Any] | None:
    plan = facts.dossier.plan
    if plan is None:
        return None
    mapa = reading(plan.mapa, case_changes=plan.mapa_changes) if plan.mapa is not None else None
    return {"kind": "mapa", "mapa": mapa, "file": read_case(facts.case)}


def _agreed(facts: Facts, key: str) -> dict[str, Any]:
    """FR.AK.01 and FR.AK.07: what the plan says under that code; both are signed with FR.AK.01."""
    file = read_case(facts.case)
    rows = [(label.replace(f" ({key})", ""), said) for label, said in file.plan_rows if key in label]  # fmt: skip
    form, attempt = Form.FR_AK_01, facts.case.attempt
    signed = [
        each
        for each in file.signatures
        if each.form is form and each.attempt == attempt and each.id not in file.replaced
    ]
    return {"kind": "rows", "rows": rows, "signed": signed}


def _instrument(facts: Facts, key: str) -> dict[str, Any] | None:
    reads = [each for each in read_case(facts.case).instruments if each.paper.value == key]
    return {"kind": "instrument", "reads": reads} if reads else None


def _ak_03(facts: Facts, _key: str) -> dict[str, Any]:
    rows = db.session.scalars(
        select(FrAk03).where(
            FrAk03.permohonan_id == facts.case.id, FrAk03.attempt == facts.case.attempt
        )
    ).all()
    return {"kind": "ak_03", "papers": [(row, feedback.words_of(row).body) for row in rows]}


def _ak_04(facts: Facts, _key: str) -> dict[str, Any]:
    rows = db.session.scalars(
        select(Banding).where(Banding.permohonan_id == facts.case.id).order_by(Banding.id)
    ).all()
    return {"kind": "ak_04", "papers": [paper_of(row) for row in rows]}


def _ak_05(facts: Facts, key: str) -> dict[str, Any] | None:
    found = _signed_report(FrAk05, facts, key)
    if found is None:
        return None
    batch = jadwal_reports.batch_of(found.jadwal, found.asesor_id)
    own = [
        row
        for row in report.signed_rows(found, batch)
        if row.permohonan == facts.case.public_id and row.attempt == facts.case.attempt
    ]
    words = report.words_of(found).body
    return {"kind": "ak_05", "rows": own, "words": words, **_about(found)}


def _ak_06(facts: Facts, key: str) -> dict[str, Any] | None:
    found = _signed_report(FrAk06, facts, key)
    if found is None:
        return None
    return {"kind": "ak_06", "words": review.words_of(found).body, **_about(found)}


def _signed_report(model: Any, facts: Facts, key: str) -> Any:
    subject = facts.papers[key].subject
    return db.session.scalar(
        select(model).where(model.public_id == subject, model.signed_at.is_not(None))
    )


def _about(found: FrAk05 | FrAk06) -> dict[str, Any]:
    profile = db.session.get(AsesorProfile, found.asesor_id)
    return {
        "paper": found,
        "jadwal": found.jadwal,
        "held": jadwal_reports.meetings_held(found),
        "asesor": found.asesor.name,
        "met_number": profile.met_number if profile is not None else "",
    }


def _attended(kind: MeetingKind) -> Drawer:
    def draw(facts: Facts, _key: str) -> dict[str, Any] | None:
        seats = [
            each
            for each in facts.seats
            if each.slot.kind is kind
            and each.record is not None
            and each.record.asesi_present_at is not None
            and each.record.asesor_present_at is not None
        ]
        return {"kind": "attendance", "seat": seats[-1]} if seats else None

    return draw


def _pleno(facts: Facts, _key: str) -> dict[str, Any] | None:
    place = facts.place
    if place is None:
        return None
    voted = {vote.member_id: vote.created_at for vote in place.votes}
    return {"kind": "pleno", "place": place, "outcomes": pleno.OUTCOMES, "voted": voted}


def _committee_letter(facts: Facts, _key: str) -> dict[str, Any] | None:
    """Number, day and members; of the cases on the agenda only the own."""
    place = facts.place
    if place is None or not place.pleno.surat_tugas_number:
        return None
    held = place.pleno
    rows = [
        ("Nomor", held.surat_tugas_number),
        ("Tanggal", tanggal_singkat(held.surat_tugas_date)),
        ("Tugas", f"Rapat pleno tim teknis pada {tanggal_singkat(held.held_on)}"),
        *(
            (each.user.name, ", ".join(filter(None, (each.jabatan, each.met_number))))
            for each in held.members
        ),
    ]
    return {"kind": "rows", "rows": rows, "signed": []}


_INSTRUMENT: Final[Drawer] = _instrument
_DRAWN: Final[dict[str, Drawer]] = {
    "FR.APL.01": _of_file("apl_01", Form.FR_APL_01),
    "FR.APL.02": _of_file("apl_02", Form.FR_APL_02),
    "FR.MAPA.01": _mapa,
    "FR.MAPA.02": _mapa,
    "FR.AK.01": _agreed,
    "FR.AK.07": _agreed,
    "FR.AK.02": _of_file("ak_02", Form.FR_AK_02),
    "rekomendasi_asesor": _of_file("ak_02", Form.FR_AK_02),
    "FR.AK.03": _ak_03,
    "FR.AK.04": _ak_04,
    "FR.AK.05": _ak_05,
    "FR.AK.06": _ak_06,
    "FR.IA.10": _of_file("third_party"),
    "daftar_hadir_pra": _attended(MeetingKind.PRE_ASSESSMENT),
    "daftar_hadir_asesmen": _attended(MeetingKind.ASSESSMENT),
    "daftar_hadir_pleno": _pleno,
    "berita_acara_pleno": _pleno,
    "surat_tugas_komite": _committee_letter,
}
