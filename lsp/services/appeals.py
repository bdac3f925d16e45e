"""Banding in its first form: the asesi files it, the panel meets on paper, the ketua records its outcome.

The case is frozen meanwhile by its state. Who took part in the case records nothing here.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AsesorProfile, Permohonan, User, holders_of
from lsp.models.inforce import setting
from lsp.services import audit, results
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow import duty
from lsp.workflow.machine import LEAST_GROUNDS
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


def asesor_outside(permohonan: Permohonan) -> list[User]:
    """Who may assess the case anew: fit for its skema today and with no part in the case so far, by name."""
    version = permohonan.skema_version
    profiles = db.session.scalars(
        select(AsesorProfile)
        .join(User, User.id == AsesorProfile.user_id)
        .where(
            AsesorProfile.user_id.not_in(_involved(permohonan)),
            AsesorProfile.met_valid_until >= clock.today_wib(),
            User.disabled_at.is_(None),
            User.id.in_(holders_of(Role.ASESOR)),
        )
        .order_by(User.name)
        .options(joinedload(AsesorProfile.user))
    )
    highest: dict[str, int] = setting("asesor_jenjang")
    return [
        profile.user
        for profile in profiles
        if version.subklasifikasi_code in profile.scope
        and version.jenjang <= int(highest.get(str(profile.jenjang), 0))
    ]


def _involved(permohonan: Permohonan) -> set[int]:
    verified = duty.verifier_ids([permohonan.id])[permohonan.id]
    return (
        duty.asesor_ids(permohonan) | duty.pleno_ids(permohonan) | verified | {permohonan.asesi_id}
    )


def record_outcome(
    actor: Actor,
    permohonan: Permohonan,
    *,
    outcome: str,
    letter: str,
    reason: str,
    version: int,
    asesor: str = "",
) -> None:
    """Write the panel's outcome and move the case. Raises DomainError with a sentence.

    `asesor`: public id of the one the panel names for a new assessment.
    """
    if outcome not in OUTCOMES:
        raise DomainError("Pilih hasil banding.")
    if not letter.strip() or len(reason.strip()) < LEAST_GROUNDS:
        raise DomainError(
            f"Isi nomor surat keputusan banding dan alasannya, sedikitnya {LEAST_GROUNDS} huruf."
        )
    if actor.id in _involved(permohonan):
        raise DomainError(
            "Anda terlibat dalam permohonan ini, jadi orang lain yang harus mencatat hasil bandingnya."
        )
    note = f"Surat {letter.strip()}: {reason.strip()}"
    named = {}
    if outcome == "grant_reassessment":
        person = _named_asesor(permohonan, asesor)
        note += f" Asesor baru: {person.name}."
        named = {"asesor": person.public_id}
    PERMOHONAN.perform(permohonan, outcome, SYSTEM, version=version, note=note)
    audit.note(
        actor, f"banding.{outcome}", "permohonan", permohonan.public_id, role=Role.KETUA, **named
    )


def _named_asesor(permohonan: Permohonan, public_id: str) -> User:
    outside = asesor_outside(permohonan)
    if not outside:
        raise DomainError(
            "Belum ada asesor lain yang memenuhi syarat skema ini dan tidak terlibat dalam permohonannya. "
            "Minta admin mengusulkan asesor di halaman Petugas, lalu catat hasil ini lagi."
        )
    for person in outside:
        if person.public_id == public_id:
            return person
    raise DomainError("Pilih asesor yang akan mengulang asesmen.")
