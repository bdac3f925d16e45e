"""The MAPA of the demo's skema: one by portofolio, in force, and one by observasi, a draft while nobody can fill it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.models import Mapa, SkemaVersion
from lsp.services import mapa as mapas
from lsp.services.mapa_check import gaps_of
from lsp.workflow.mapa import template

_TICKS: dict[str, list[str]] = {
    "asesi": ["3", "4"],
    "tujuan": ["sertifikasi"],
    "lingkungan": ["nyata"],
    "peluang": ["tersedia"],
    "hubungan": ["bukti", "aktivitas"],
    "siapa": ["lsp"],
    "konfirmasi": ["manajer_sertifikasi"],
    "standar": ["standar_kompetensi"],
}
_WORDS = {"standar": {"standar_kompetensi": "SKKNI yang tercantum di skema"}}
_EVIDENCE = {
    "portofolio": "Laporan, foto kerja, dan surat tugas yang dijelaskan asesi dalam wawancara.",
    "observasi": "Cara kerja asesi yang diamati di tempat kerja, dengan alat dan dokumen yang dipakainya.",
}
#: Kinds of evidence by approach (FR.MAPA.01, section 2).
_TYPES = {"portofolio": ["TL", "T"], "observasi": ["L"]}


def _signed(day: date, name: str, **more: str) -> dict[str, Any]:
    return {"name": name, "date": day.isoformat(), **more}


def authors(day: date) -> dict[str, Any]:
    """Who drew up and validated the documents of the demo."""
    return {
        "penyusun": [_signed(day, "Asri Contoh Wulandari", met="MET.000.009901.2024")],
        "validator": [_signed(day, "Bagus Contoh Hartono", met="MET.000.009902.2024")],
    }


def put_mapa_in_force(version: SkemaVersion, since: date) -> None:
    """Complete the draft that came with the skema, add one for the other approach, put in force what may be."""
    first = db.session.scalars(select(Mapa).where(Mapa.skema_version_id == version.id)).one()
    other = next(key for key in template().approaches if key != first.approach)
    label = template().approaches[other].label
    for mapa in (first, mapas.begin(SYSTEM, version, name=label, approach=other)):
        _complete(mapa, since)
        if mapa.approach == "observasi":
            continue  # asks for FR.IA.01, which cannot be filled here yet
        if gaps_of(mapa):
            raise AssertionError(gaps_of(mapa))
        # From the first day of the demo: publish() refuses days that have passed.
        mapa.effective_from, mapa.published_at = since, clock.now()
    db.session.flush()


def _complete(mapa: Mapa, day: date) -> None:
    mapa.choices = {
        key: {"ticks": ticks, "words": _WORDS.get(key, {})} for key, ticks in _TICKS.items()
    }
    row = {"evidence": _EVIDENCE[mapa.approach], "types": _TYPES[mapa.approach]}
    mapa.matrix = {unit: codes | row for unit, codes in mapa.matrix.items()}
    mapa.changes = {line.key: {"answer": "tidak", "words": ""} for line in template().changes}
    relevant = {"manajer_sertifikasi": _signed(day, "Lina Contoh Sihombing")}
    mapa.people = {"relevant": relevant, **authors(day)}
