"""What is kept of an online pleno: where its recording lies and who keeps it, and screenshots.

The same things as of an assessment's meeting (REMOTE_RECORD), by the same rules for links and files.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Pleno, PlenoEvidence, PlenoMember
from lsp.models.jadwal import REMOTE_RECORD, Kept
from lsp.services import audit, recordings
from lsp.services.documents import Received, UploadNotKept
from lsp.vocabulary import Mode, Role

#: Those of them that a pleno has: identity and room are the asesi's.
KEPT = tuple(kept for kept in REMOTE_RECORD if kept.may_follow)
RECORDING, SCREENSHOT = (kept.name for kept in KEPT)
MOST_SCREENSHOTS = 10


def of_pleno(pleno: Pleno) -> Sequence[PlenoEvidence]:
    """Oldest first."""
    return db.session.scalars(
        select(PlenoEvidence)
        .where(PlenoEvidence.pleno_id == pleno.id)
        .order_by(PlenoEvidence.id)
        .options(joinedload(PlenoEvidence.stored_by))
    ).all()


def lacking(pleno: Pleno, kept: Sequence[PlenoEvidence]) -> list[Kept]:
    """Nothing of a pleno that was face to face, or of which nobody noted where it was."""
    if pleno.mode is not Mode.DARING:
        return []
    there = {row.name for row in kept}
    return [each for each in KEPT if each.name not in there]


def refuse_stranger(actor: Actor, pleno: Pleno) -> None:
    """Its members and the admin keep what belongs to a pleno."""
    member = select(PlenoMember.user_id).where(
        PlenoMember.pleno_id == pleno.id, PlenoMember.user_id == actor.id
    )
    if not actor.has(Role.ADMIN) and db.session.scalar(member) is None:
        raise DomainError("Hanya anggota rapat ini dan admin yang menyimpan rekamannya.")
    if pleno.mode is not Mode.DARING:
        raise DomainError("Rapat ini tatap muka, jadi tidak ada rekaman layarnya.")


def add_recording(actor: Actor, pleno: Pleno, *, url: str, keeper: str) -> PlenoEvidence:
    """The same link twice is one recording. Raises DomainError."""
    refuse_stranger(actor, pleno)
    try:
        recordings.check_link(url)
    except DomainError as refusal:
        raise DomainError(str(refusal), field="url") from refusal
    if not keeper.strip():
        raise DomainError("Tulis siapa yang menyimpan rekaman ini.", field="keeper")
    for standing in of_pleno(pleno):
        if standing.place == url:
            return standing
    return _add(actor, pleno, RECORDING, place=url, keeper=keeper.strip())


def add_screenshot(actor: Actor, pleno: Pleno, received: Received) -> PlenoEvidence:
    """Record a picture that was rebuilt and stored already. Raises UploadNotKept."""
    refuse_stranger(actor, pleno)
    shots = [row for row in of_pleno(pleno) if row.name == SCREENSHOT]
    if any(row.sha256 == received.rebuilt.sha256 for row in shots):
        raise UploadNotKept("Berkas yang sama sudah ada di sini, jadi tidak disimpan dua kali.")
    if len(shots) >= MOST_SCREENSHOTS:
        raise UploadNotKept(f"Paling banyak {MOST_SCREENSHOTS} tangkapan layar untuk satu rapat.")
    return _add(
        actor,
        pleno,
        SCREENSHOT,
        original_name=received.original_name,
        content_type=received.rebuilt.content_type,
        size=received.stored.size,
        sha256=received.rebuilt.sha256,
        storage_key=received.stored.key,
    )


def _add(actor: Actor, pleno: Pleno, name: str, **columns: object) -> PlenoEvidence:
    row = PlenoEvidence(pleno_id=pleno.id, name=name, stored_by_id=actor.id, **columns)
    db.session.add(row)
    db.session.flush()
    action = "pleno.recording" if name == RECORDING else "pleno.screenshot"
    audit.note(actor, action, "pleno", pleno.public_id, role=None, sha256=row.sha256)
    return row


def note_opening(actor: Actor, evidence_id: str) -> None:
    """Seal that somebody opened a screenshot. The caller commits."""
    audit.note(actor, "pleno.screenshot_open", "pleno_evidence", evidence_id, role=None)
