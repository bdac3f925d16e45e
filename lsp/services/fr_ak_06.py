"""FR.AK.06, Meninjau Proses Asesmen of an asesor and a jadwal. The portal lays facts beside each question; he judges.

A tick says that this part of the procedure met the principle. What he leaves open needs a recommendation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AssessmentPlan, FilledInstrument, FormTemplate, FrAk03, FrAk06, Jadwal
from lsp.models.inforce import form_template
from lsp.services import audit, jadwal_reports, signing
from lsp.services.jadwal_reports import Batch
from lsp.vocabulary import Answer, Form, Role

TEXTS = ("explanation", "recommendation_process", "recommendation_consistency")
SIGNED = "FR.AK.06 sudah ditandatangani dan tidak dapat diubah lagi."


@dataclass(frozen=True, slots=True)
class Shape:
    """The cells that the words of a version ask for: ticks (`rencana.valid`) and dimensions (`ts`)."""

    ticks: tuple[str, ...]
    dimensions: tuple[str, ...]


def shape_of(words: FormTemplate) -> Shape:
    body = words.body
    return Shape(
        tuple(
            f"{row['key']}.{principle}"
            for row in body["procedure"]
            for principle, _label in body["principles"]
            if principle not in row["blocked"]
        ),
        tuple(key for key, _label in body["dimensions"]),
    )


def paper_of(jadwal: Jadwal, asesor_id: int) -> FrAk06 | None:
    return db.session.scalar(
        select(FrAk06).where(FrAk06.jadwal_id == jadwal.id, FrAk06.asesor_id == asesor_id)
    )


def words_of(paper: FrAk06 | None) -> FormTemplate:
    return form_template(Form.FR_AK_06.value, version=paper.words_version if paper else None)


# --- Facts beside the questions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What the portal knows of the batch. procedure: sentence by key of the row; forms: filled FR.IA with how often."""

    procedure: dict[str, str]
    forms: dict[str, int]


def facts_of(batch: Batch) -> Facts:
    """Three queries beside those of the batch."""
    pairs = {(seat.permohonan_id, seat.attempt) for seat in batch.seats}
    count, forms = len(pairs), _forms(pairs)
    plans = _plans(pairs)
    given = _given(pairs)
    filled = ", ".join(f"{code} {times}" for code, times in forms.items())
    return Facts(
        {
            "rencana": f"MAPA dipilih untuk {_of(plans['mapa'], count)}.",
            "persiapan": f"FR.AK.01 untuk {_of(plans['ak_01'], count)}, FR.AK.07 untuk {_of(plans['ak_07'], count)}.",
            "implementasi": f"Instrumen selesai: {filled or 'belum ada'}. Gangguan rapat: {len(batch.incidents)}.",
            "keputusan": _recommended(batch),
            "umpan_balik": f"FR.AK.03 diisi {_of(given, count)}.",
        },
        forms,
    )


def _recommended(batch: Batch) -> str:
    """Only what holds is counted; what the pleno returned is named apart until it is sent again."""
    told: Counter[Answer | None] = Counter()
    again = returned = 0
    for seat in batch.seats:
        paper = batch.papers.get((seat.permohonan_id, seat.attempt))
        if paper is None:
            continue
        if seat.stands:
            told[paper.recommendation] += 1
            again += paper.edition > 1
        returned += seat.waits
    return (
        f"Kompeten {told[Answer.K]}, belum kompeten {told[Answer.BK]}, "
        f"diperbaiki sesudah dikembalikan {again}, masih diperbaiki {returned}."
    )


def _of(some: int, all_: int) -> str:
    return f"{some} dari {all_} asesi"


def _plans(pairs: set[tuple[int, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for plan in db.session.scalars(
        select(AssessmentPlan).where(AssessmentPlan.permohonan_id.in_({case for case, _ in pairs}))
    ):
        if (plan.permohonan_id, plan.attempt) in pairs:
            found["mapa"] += plan.mapa_chosen_at is not None
            found["ak_07"] += plan.fr_ak_07_at is not None
            found["ak_01"] += plan.fr_ak_01_at is not None
    return found


def _forms(pairs: set[tuple[int, int]]) -> dict[str, int]:
    """Finished instruments, each attempt counted once however many editions it has."""
    rows = db.session.execute(
        select(FilledInstrument.permohonan_id, FilledInstrument.attempt, FilledInstrument.paper)
        .where(
            FilledInstrument.permohonan_id.in_({case for case, _ in pairs}),
            FilledInstrument.finished_at.is_not(None),
        )
        .distinct()
    )
    papers = Counter(row.paper.value for row in rows if (row.permohonan_id, row.attempt) in pairs)
    return dict(sorted(papers.items()))


def _given(pairs: set[tuple[int, int]]) -> int:
    rows = db.session.execute(
        select(FrAk03.permohonan_id, FrAk03.attempt).where(
            FrAk03.permohonan_id.in_({case for case, _ in pairs}), FrAk03.given_at.is_not(None)
        )
    )
    return sum(tuple(row) in pairs for row in rows)


# --- Writing -----------------------------------------------------------------------------------------------------


def save(
    actor: Actor, jadwal: Jadwal, *, answers: Mapping[str, Any], texts: Mapping[str, str]
) -> FrAk06:
    """Store the review as far as it is filled. Raises DomainError when it is signed or a cell is foreign."""
    paper = paper_of(jadwal, actor.id or 0)
    if paper is not None and paper.signed_at is not None:
        raise DomainError(SIGNED)
    words = words_of(paper)
    shape = shape_of(words)
    if set(answers) - {*shape.ticks, *shape.dimensions}:
        raise DomainError("Sebagian isian bukan dari formulir ini. Muat ulang halaman.")
    if paper is None:
        paper = FrAk06(jadwal_id=jadwal.id, asesor_id=actor.id or 0)
        paper.words_version = words.version_number
        db.session.add(paper)
    paper.answers = dict(answers)
    for name in TEXTS:
        setattr(paper, name, texts[name].strip())
    audit.note(actor, "fr_ak_06.save", "jadwal", jadwal.public_id, role=Role.ASESOR)
    db.session.flush()
    return paper


def why_not_signed(paper: FrAk06 | None, batch: Batch, asesor_id: int) -> str | None:
    """An empty cell is a judgement too, so it needs its words."""
    if paper is None or not any(paper.answers.values()):
        return "Isi dulu peninjauannya."
    shape = shape_of(words_of(paper))
    if not all(paper.answers.get(key) for key in shape.ticks) and not paper.recommendation_process:
        return "Ada bagian yang tidak Anda centang. Tulis rekomendasi untuk peningkatan proses asesmen."
    if (
        not all(paper.answers.get(key) for key in shape.dimensions)
        and not paper.recommendation_consistency
    ):
        return "Ada dimensi kompetensi yang kosong. Isi, atau tulis rekomendasi untuk konsistensi keputusan."
    return jadwal_reports.why_not_signed(batch, asesor_id)


def sign(actor: Actor, jadwal: Jadwal, *, typed_name: str) -> FrAk06:
    """Fix the review. Raises DomainError with a sentence."""
    paper = paper_of(jadwal, actor.id or 0)
    if paper is not None and paper.signed_at is not None:
        raise DomainError(SIGNED)
    batch = jadwal_reports.batch_of(jadwal, actor.id or 0)
    reason = why_not_signed(paper, batch, actor.id or 0)
    if paper is None or reason is not None:
        raise DomainError(reason or SIGNED)
    signing.check_typed_name(typed_name, actor.name)
    paper.signed_name, paper.signed_at = actor.name, clock.now()
    audit.note(actor, "fr_ak_06.sign", "jadwal", jadwal.public_id, role=Role.ASESOR)
    db.session.flush()
    return paper
