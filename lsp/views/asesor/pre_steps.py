"""Rows of the order of a meeting in words, those of a pre-assessment above all; steps.py makes them into steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import g

from lsp.models import Booking, Permohonan
from lsp.models.inforce import form_template
from lsp.services.meetings import MEETING_WORDS
from lsp.services.pre_progress import Progress, progress_of
from lsp.views.file_address import file_url
from lsp.views.filters import tanggal_singkat
from lsp.vocabulary import MeetingKind, Mode
from lsp.workflow.dossier import Dossier, dossier_of

#: What the first card says while a tick is the next thing to do.
TODO = {
    "surat": "Sapa asesi dan perlihatkan surat tugas Anda",
    "asesor": "Catat kehadiran Anda",
    "asesi": "Catat kehadiran asesi",
    "identitas": "Cocokkan wajah asesi dengan KTP dan pas foto",
    "ruangan": "Minta asesi memperlihatkan ruangannya",
    "perekam": "Nyalakan perekam rapat",
    "benturan": "Nyatakan bahwa Anda tanpa benturan kepentingan",
    "banding": "Jelaskan hak dan prosedur banding",
    "hak": "Jelaskan kerahasiaan, keluhan, dan asesmen ulang",
}
#: Rows of the document checklist that show the face of the asesi: KTP and pas foto.
_FACES = ("1a", "1d")
_REMOTE_ONLY = ("ruangan", "perekam")
#: Ticks of a meeting before its papers. The consent to a recording is asked for before the recorder starts.
_OPENING = ("surat", "asesor", "asesi", "identitas", "ruangan", "perekam", "benturan")


def faces(permohonan: Permohonan) -> tuple[tuple[str, str], ...]:
    """KTP and pas foto, which the face on the screen is compared with."""
    dossier = dossier_of(permohonan)
    rows = {row.id for row in dossier.requirements if row.code in _FACES}
    files = (file for file in dossier.documents if file.requirement_id in rows)
    return tuple((file.label, file_url("files.document", file.public_id)) for file in files)


def opening(permohonan: Permohonan, *, pre: bool) -> list[str]:
    """Face to face nobody is seen through a camera and nothing is recorded."""
    remote = permohonan.mode is Mode.DARING
    return [
        item
        for item in _OPENING
        if (pre or item != "surat") and (remote or item not in _REMOTE_ONLY)
    ]


def spoken(permohonan: Permohonan, seat: Booking) -> dict[str, tuple[str, ...]]:
    """What is shown or read out at a step: the surat tugas, the declaration, the rights."""
    words = _progress(permohonan, seat).words
    jadwal, said = seat.slot.jadwal, {"benturan": tuple(words["conflict"])}
    if seat.slot.kind is MeetingKind.PRE_ASSESSMENT:
        day = tanggal_singkat(jadwal.surat_tugas_date)
        said["surat"] = (f"Surat tugas {jadwal.surat_tugas_number or '–'}, {day}.",)
        said["banding"], said["hak"] = tuple(words["appeal"]), tuple(words["rights"])
    return said


def walk_rows(permohonan: Permohonan, dossier: Dossier, seat: Booking) -> Iterator[dict[str, Any]]:
    """Data confirmed and evidence judged; neither bars a step, both are said while they are not done."""
    progress = _progress(permohonan, seat)
    done = progress.confirmed >= progress.fields
    unfit = f", {progress.unfit} tidak sesuai" if progress.unfit else ""
    yield {
        "key": "data",
        "label": "Data FR.APL.01 dikonfirmasi",
        "todo": "Bacakan data asesi dan konfirmasi satu per satu",
        "done": done,
        "badge": f"{progress.confirmed} dari {progress.fields}{unfit}",
        "tone": "wait" if unfit else "",
    }
    yield {
        "key": "bukti",
        "label": "Bukti diperiksa per unit",
        "todo": "Periksa bukti setiap unit bersama asesi",
        "done": progress.judged >= progress.units,
        "badge": f"{progress.judged} dari {progress.units} unit",
    }


def held_row(dossier: Dossier) -> dict[str, Any]:
    plan = dossier.plan
    at = plan.agreed_starts_at if plan is not None else None
    return {
        "key": "pelaksanaan",
        "label": "Waktu dan tempat asesmen disepakati",
        "todo": "Sepakati waktu, tempat, dan kontak cadangan",
        "done": at is not None,
        "badge": tanggal_singkat(at) if at else "",
    }


def unfinished(permohonan: Permohonan, seat: Booking) -> list[str]:
    """What the meeting leaves undone though nothing bars going on; said before the press."""
    progress, record, left = _progress(permohonan, seat), seat.record, []
    if progress.confirmed < progress.fields:
        left.append(f"{progress.fields - progress.confirmed} data FR.APL.01 belum dikonfirmasi.")
    if progress.unfit:
        left.append(f"{progress.unfit} data tidak sesuai. Admin menindaklanjutinya.")
    if progress.judged < progress.units:
        left.append(f"{progress.units - progress.judged} unit belum diperiksa buktinya.")
    if record is None or record.rights_explained_at is None:
        left.append("Kerahasiaan, keluhan, dan asesmen ulang belum dijelaskan.")
    return left


def meeting_words(permohonan: Permohonan) -> Mapping[str, Any]:
    """What is said in a meeting, in the wording of today."""
    seat = dossier_of(permohonan).booking
    known = g.get("pre_progress", {}).get(seat.id) if seat else None
    return known.words if known else form_template(MEETING_WORDS).body


def _progress(permohonan: Permohonan, seat: Booking) -> Progress:
    """Read once for a page."""
    known: dict[int, Progress] = g.setdefault("pre_progress", {})
    if seat.id not in known:
        known[seat.id] = progress_of(permohonan, seat)
    return known[seat.id]
