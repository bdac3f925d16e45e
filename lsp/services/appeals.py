"""Banding in its first form: the asesi files it, the panel meets on paper, the ketua records its outcome.

The case is frozen meanwhile by its state. Who took part in the case records nothing here.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp.actor import SYSTEM, Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Permohonan
from lsp.services import audit, results
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow import duty
from lsp.workflow.permohonan import PERMOHONAN

#: The three outcomes: transition of the permohonan and the words on the screen.
OUTCOMES: dict[str, str] = {
    "uphold": "Banding ditolak, keputusan tetap",
    "grant_reassessment": "Banding diterima, asesmen diulang tanpa biaya",
    "grant_redecision": "Banding diterima, penetapan diulang oleh pleno lain",
}


def waiting() -> list[Permohonan]:
    """Cases under appeal, oldest first."""
    return list(
        db.session.scalars(
            select(Permohonan)
            .where(Permohonan.status == PermohonanStatus.APPEALED)
            .order_by(Permohonan.status_at)
            .options(joinedload(Permohonan.skema_version))
        )
    )


def file(actor: Actor, permohonan: Permohonan, *, reason: str, version: int) -> None:
    """The asesi contests the decision; his reason stays in the history. Raises DomainError with a sentence."""
    results.must_be_read(permohonan)
    PERMOHONAN.perform(permohonan, "appeal", actor, version=version, note=reason)


def record_outcome(
    actor: Actor, permohonan: Permohonan, *, outcome: str, letter: str, reason: str, version: int
) -> None:
    """Write the panel's outcome and move the case. Raises DomainError with a sentence."""
    if outcome not in OUTCOMES:
        raise DomainError("Pilih hasil banding.")
    if not letter.strip() or len(reason.strip()) < 20:
        raise DomainError("Isi nomor surat keputusan banding dan alasannya, sedikitnya 20 huruf.")
    involved = duty.asesor_ids(permohonan) | duty.pleno_ids(permohonan) | {permohonan.asesi_id}
    if actor.id in involved or actor.id == permohonan.verifier_id:
        raise DomainError(
            "Anda terlibat dalam permohonan ini, jadi orang lain yang harus mencatat hasil bandingnya."
        )
    note = f"Surat {letter.strip()}: {reason.strip()}"
    PERMOHONAN.perform(permohonan, outcome, SYSTEM, version=version, note=note)
    audit.note(actor, f"banding.{outcome}", "permohonan", permohonan.public_id, role=Role.KETUA)
