"""A banding in words: its steps, FR.AK.04 as it was filled, what its answer means. For asesi and LSP alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import db
from lsp.models import Banding, FrAk02, Permohonan
from lsp.models.inforce import form_template
from lsp.services.banding import QUESTIONS
from lsp.views.filters import NOTHING, tanggal
from lsp.vocabulary import BandingStatus, Form
from lsp.workflow import history
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.banding import answer_until

#: Step → what happened, said to everybody.
_STEPS = {
    "appeal": "Banding diajukan",
    "accept": "Banding diterima untuk diproses",
    "ask_completion": "LSP meminta banding dilengkapi",
    "complete": "Asesi mengirim kelengkapan",
    "expire": "Banding gugur karena tidak dilengkapi",
    "name_panel": "Panel ditunjuk",
    "examine": "Panel selesai memeriksa",
    "uphold": "Banding dijawab: ditolak, keputusan tetap",
    "reassess": "Banding dijawab: diterima, asesmen diulang",
    "redecide": "Banding dijawab: diterima, penetapan diulang",
    "withdraw_banding": "Asesi mencabut bandingnya",
}
#: What the end of a banding means for the asesi, in plain words.
MEANS = {
    BandingStatus.UPHELD: (
        "Banding Anda ditolak. Keputusan belum kompeten tetap berlaku, dan di LSP ini tidak dapat dibanding lagi. "
        "Bila skema ini masih memberi kesempatan asesmen ulang, caranya ada di halaman hasil."
    ),
    BandingStatus.REASSESS: (
        "Banding Anda diterima. Asesmen diulang tanpa biaya dengan asesor lain. Hasil yang lama tetap tersimpan."
    ),
    BandingStatus.REDECIDE: (
        "Banding Anda diterima. Asesmen tidak diulang; hasilnya ditetapkan lagi oleh tim teknis yang tidak ikut "
        "memutuskan sebelumnya. Anda tidak perlu melakukan apa-apa."
    ),
    BandingStatus.DISMISSED: (
        "Banding ini tidak dilengkapi sampai batas waktunya, jadi gugur. Keputusan belum kompeten tetap berlaku."
    ),
    BandingStatus.WITHDRAWN: "Anda mencabut banding ini. Keputusan belum kompeten tetap berlaku.",
}
#: The same in the letter of the LSP.
DECIDES = {
    BandingStatus.UPHELD: "Banding ditolak. Keputusan yang dibanding tetap berlaku.",
    BandingStatus.REASSESS: "Banding diterima. Asesmen diulang tanpa biaya oleh asesor lain.",
    BandingStatus.REDECIDE: (
        "Banding diterima. Hasil asesmen ditetapkan ulang oleh tim teknis yang tidak ikut memutuskan sebelumnya."
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A line of components/timeline.html."""

    at: datetime
    text: str
    note: str = ""


def steps_of(banding: Banding) -> list[Step]:
    """Newest first. The reasons of the answer stand apart, above it."""
    made = []
    for event in banding.events:
        text = _STEPS.get(event.transition, event.target.label)
        if event.transition == "accept":
            text += f", nomor {banding.number}"
        note = event.note if event.transition in ("ask_completion", "complete") else ""
        made.append(Step(event.at, text, note))
    for member in banding.members:
        if member.released_at is not None:
            made.append(
                Step(member.released_at, f"{member.user.name} diganti sebagai anggota panel")
            )
    return sorted(made, key=lambda step: step.at)[::-1]


def head_of(permohonan: Permohonan, banding: Banding | None = None) -> list[tuple[str, str]]:
    """The head of FR.AK.04, prefilled: who, by whom assessed, when, against which decision.

    Of a banding that was filed: its attempt's and its decision's, whatever followed.
    """
    attempt = permohonan.attempt if banding is None else banding.attempt
    paper = db.session.scalar(
        select(FrAk02)
        .where(FrAk02.permohonan_id == permohonan.id, FrAk02.attempt == attempt)
        .order_by(FrAk02.edition.desc())
        .limit(1)
        .options(joinedload(FrAk02.asesor))
    )
    held = [
        seat.slot.starts_at
        for seat in dossier_of(permohonan).bookings
        if seat.attempt == attempt and seat.closed_at is not None
    ]
    decided = [
        step.at
        for step in history.steps_of(permohonan)
        if (step.transition, step.attempt) == ("decide_not_yet", attempt)
        and (banding is None or step.at <= banding.filed_at)
    ]
    version = permohonan.skema_version
    return [
        ("Nama asesi", permohonan.asesi_name),
        ("Nama asesor", paper.asesor.name if paper is not None else NOTHING),
        ("Tanggal asesmen", tanggal(max(held, default=None), jam=False)),
        ("Skema sertifikasi", version.title),
        ("Nomor skema sertifikasi", version.skema.number),
        (
            "Keputusan",
            f"Belum kompeten, ditetapkan {tanggal(max(decided, default=None), jam=False)}",
        ),
    ]


def paper_of(banding: Banding) -> dict[str, Any]:
    """FR.AK.04 as it was filled, with the words it was filled with."""
    words = form_template(Form.FR_AK_04.value, version=banding.words_version).body
    printed, given = dict(words["questions"]), banding.fr_ak_04
    rows = [(printed[key], "Ya" if given[key] else "Tidak") for key in QUESTIONS if key in given]
    if given.get("helper"):
        rows.append(("Yang membantu", given["helper"]))
    signatures = (
        row
        for row in dossier_of(banding.permohonan).signatures
        if (row.form, row.attempt) == (Form.FR_AK_04, banding.attempt)
        and row.signed_at >= banding.filed_at
    )
    signature = next(signatures, None)
    return {"words": words, "answers": rows, "banding": banding, "signature": signature}


def about(banding: Banding) -> dict[str, Any]:
    """What banding/_about.html draws for the LSP: whose, against what, why, by when, what was done."""
    until = answer_until(banding)
    return {
        "banding": banding,
        "head": head_of(banding.permohonan, banding),
        "paper": paper_of(banding),
        "steps": steps_of(banding),
        "until": until,
        "late": banding.is_open and clock.today_wib() > until,
    }
