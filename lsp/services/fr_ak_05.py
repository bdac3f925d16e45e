"""FR.AK.05, Laporan Asesmen of an asesor and a jadwal: rows are the batch, texts the asesor's, fixed when signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import FormTemplate, FrAk02, FrAk05, Jadwal
from lsp.models.inforce import form_template
from lsp.services import audit, jadwal_reports, signing
from lsp.services.jadwal_reports import Batch
from lsp.vocabulary import Answer, Form, Role, Stage
from lsp.workflow.jadwal_reports import Seat

#: What FR.AK.02 notes in place of the asesi's signature -> in words.
_UNSIGNED = {
    "refused": "menolak menandatangani FR.AK.02",
    "unsigned": "tidak dapat menandatangani FR.AK.02",
}
TEXTS = ("aspects", "refusals", "suggestions", "note")
SIGNED = "FR.AK.05 sudah ditandatangani dan tidak dapat diubah lagi."


@dataclass(frozen=True, slots=True)
class Row:
    """An asesi of the batch. why: what stands for a recommendation that is not there, or beside it."""

    permohonan: str
    name: str
    attempt: int
    recommendation: str
    units: list[list[str]]
    why: str
    #: What became of him after the report was signed; empty where it still holds.
    since: str = ""

    @property
    def answer(self) -> Answer | None:
        return Answer(self.recommendation) if self.recommendation else None

    def as_json(self) -> dict[str, Any]:
        """As it is kept in the signed report."""
        return {
            "permohonan": self.permohonan, "name": self.name, "attempt": self.attempt,
            "recommendation": self.recommendation, "units": self.units, "why": self.why,
        }  # fmt: skip


def paper_of(jadwal: Jadwal, asesor_id: int) -> FrAk05 | None:
    return db.session.scalar(
        select(FrAk05).where(FrAk05.jadwal_id == jadwal.id, FrAk05.asesor_id == asesor_id)
    )


def words_of(paper: FrAk05 | None) -> FormTemplate:
    return form_template(Form.FR_AK_05.value, version=paper.words_version if paper else None)


def rows_of(batch: Batch) -> list[Row]:
    """The batch as it stands now, by name."""
    made = [
        _row(seat, batch.papers.get((seat.permohonan_id, seat.attempt))) for seat in batch.seats
    ]
    return sorted(made, key=lambda row: row.name.casefold())


def _row(seat: Seat, paper: FrAk02 | None) -> Row:
    """A recommendation that was returned is none: the asesor may still change it."""
    holds = paper if seat.stands else None
    answer = holds.recommendation if holds is not None else None
    failed = [unit.unit for unit in holds.units if unit.failed] if holds is not None else []
    failed.sort(key=lambda unit: unit.position)
    return Row(
        permohonan=seat.public_id,
        name=seat.name,
        attempt=seat.attempt,
        recommendation=answer.value if answer is not None else "",
        units=[[unit.code, unit.title] for unit in failed],
        why=_why(seat, recommended=answer is not None, returned=paper is not None),
    )


def _why(seat: Seat, *, recommended: bool, returned: bool) -> str:
    if seat.followed:
        return ""
    if seat.waits:
        return "Dikembalikan tim teknis" if returned else "Belum direkomendasikan"
    if seat.status.stage is Stage.END and not recommended:
        return f"{'Tidak hadir, ' if seat.absent == 'asesi' else ''}{seat.status.label.lower()}".capitalize()
    if seat.absent == "asesi" and not recommended:
        return "Tidak hadir"
    return ""


def signed_rows(paper: FrAk05, batch: Batch) -> list[Row]:
    """The rows as they were signed, each with what changed since; then those who came after."""
    now = {(row.permohonan, row.attempt): row for row in rows_of(batch)}
    waits = {(seat.public_id, seat.attempt) for seat in batch.seats if seat.waits}
    rows = []
    for kept in paper.rows:
        key = (kept["permohonan"], kept["attempt"])
        row = now.pop(key, None)
        rows.append(Row(**kept, since=_since(kept, row, waits=key in waits)))
    later = [Row(**row.as_json(), since="Menjadi peserta sesudah laporan.") for row in now.values()]
    return rows + later


def _since(kept: Mapping[str, Any], row: Row | None, *, waits: bool) -> str:
    if row is None:
        return "Tidak lagi di jadwal ini."
    if waits:
        return "Dikembalikan sesudah laporan; rekomendasinya dapat berubah."
    if (kept["recommendation"], kept["units"]) == (row.recommendation, row.units):
        return ""
    codes = ", ".join(code for code, _title in row.units)
    told = row.answer.label if row.answer is not None else "belum ada"
    return f"Rekomendasi berubah sesudah laporan: {told}{f' ({codes})' if codes else ''}."


def refusals_noted(batch: Batch) -> list[str]:
    """What FR.AK.02 says of asesi who did not sign it, a sentence each."""
    found = []
    for seat in batch.seats:
        paper = batch.papers.get((seat.permohonan_id, seat.attempt))
        if paper is not None and paper.asesi_signature in _UNSIGNED:
            found.append(
                f"{seat.name} {_UNSIGNED[paper.asesi_signature]}. Alasan: {paper.asesi_refusal_reason}"
            )
    return found


def texts_of(paper: FrAk05 | None, batch: Batch) -> dict[str, str]:
    """What the form begins with: what was saved, else the refusals as FR.AK.02 has them."""
    if paper is not None:
        return {name: getattr(paper, name) for name in TEXTS}
    return dict.fromkeys(TEXTS, "") | {"refusals": "\n".join(refusals_noted(batch))}


def save(actor: Actor, jadwal: Jadwal, texts: Mapping[str, str]) -> FrAk05:
    """Store the texts as far as they are written. Raises DomainError when it is signed."""
    paper = paper_of(jadwal, actor.id or 0)
    if paper is None:
        version = form_template(Form.FR_AK_05.value).version_number
        paper = FrAk05(jadwal_id=jadwal.id, asesor_id=actor.id or 0, words_version=version)
        db.session.add(paper)
    elif paper.signed_at is not None:
        raise DomainError(SIGNED)
    for name in TEXTS:
        setattr(paper, name, texts[name].strip())
    audit.note(actor, "fr_ak_05.save", "jadwal", jadwal.public_id, role=Role.ASESOR)
    db.session.flush()
    return paper


def why_not_signed(paper: FrAk05 | None, batch: Batch, asesor_id: int) -> str | None:
    if paper is None or not paper.aspects:
        return "Tulis dulu aspek negatif dan positif dalam asesmen."
    return jadwal_reports.why_not_signed(batch, asesor_id)


def sign(actor: Actor, jadwal: Jadwal, *, typed_name: str) -> FrAk05:
    """Fix the report with its rows as they are now. Raises DomainError with a sentence."""
    paper = paper_of(jadwal, actor.id or 0)
    if paper is not None and paper.signed_at is not None:
        raise DomainError(SIGNED)
    batch = jadwal_reports.batch_of(jadwal, actor.id or 0)
    reason = why_not_signed(paper, batch, actor.id or 0)
    if paper is None or reason is not None:
        raise DomainError(reason or SIGNED)
    signing.check_typed_name(typed_name, actor.name)
    paper.rows = [row.as_json() for row in rows_of(batch)]
    paper.signed_name, paper.signed_at = actor.name, clock.now()
    audit.note(
        actor, "fr_ak_05.sign", "jadwal", jadwal.public_id, role=Role.ASESOR, rows=len(paper.rows)
    )
    db.session.flush()
    return paper
