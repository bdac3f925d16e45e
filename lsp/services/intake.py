"""Taking an ID Izin in: a permohonan in DRAFT, opened by the asesi himself or by the admin for him."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import FrApl01, IdIzinDispute, Permohonan, PermohonanEvent, SkemaVersion, User
from lsp.permissions import is_claimed
from lsp.services import audit, claims, id_izin as id_izins, prefill
from lsp.services.prefill import Known
from lsp.vocabulary import FINAL, FieldOrigin, Mode, PermohonanStatus, RequestKind, Role
from lsp.workflow.guards.registration import ID_IZIN, ID_IZIN_WRONG

#: How many drafts one person may keep open; a limit against filling the disk, not a rule of the procedure.
MOST_DRAFTS = 5
#: Why an admin who is also an asesi does not fill his own form from elsewhere, as if the LSP had found it there.
OWN_CASE = "Ini permohonan Anda sendiri. Minta admin lain yang mengisinya."


class IdIzinTaken(DomainError):
    """The ID Izin stands on a permohonan of this very person; `permohonan` is that one."""

    def __init__(self, sentence: str, permohonan: Permohonan) -> None:
        super().__init__(sentence, field="id_izin")
        self.permohonan = permohonan


class IdIzinHeld(IdIzinTaken):
    """Somebody else's permohonan holds it. The sentence does not tell whose; the admin decides (disputes.py)."""

    def __init__(self, permohonan: Permohonan) -> None:
        super().__init__(
            "ID Izin ini perlu diperiksa LSP sebelum dapat dipakai. Periksa lagi nomornya, atau tanyakan kepada "
            "admin LSP.",
            permohonan,
        )


def open_skema_versions() -> list[SkemaVersion]:
    """Versions open for registration, by title; the newest of each skema."""
    versions = db.session.scalars(
        select(SkemaVersion)
        .where(
            SkemaVersion.opened_at.is_not(None), SkemaVersion.effective_from <= clock.today_wib()
        )
        .order_by(SkemaVersion.title, SkemaVersion.version_number.desc())
    )
    newest: dict[int, SkemaVersion] = {}
    for version in versions:
        newest.setdefault(version.skema_id, version)
    return list(newest.values())


def normal_id_izin(text: str) -> str:
    """The ID Izin without what copying brings, letters in capitals."""
    return id_izins.normal(text)


def holder_of(id_izin: str) -> Permohonan | None:
    """The permohonan that holds an ID Izin: one that was ever sent, else a draft."""
    return db.session.scalar(
        select(Permohonan)
        .where(Permohonan.id_izin == id_izin, holds_its_number())
        .order_by(Permohonan.submitted_at.is_(None), Permohonan.id)
        .limit(1)
    )


def holds_its_number() -> ColumnElement[bool]:
    """Condition on Permohonan: its ID Izin is not free. One that ended before it was sent holds nothing."""
    return or_(Permohonan.submitted_at.is_not(None), Permohonan.status == PermohonanStatus.DRAFT)


def check_id_izin(id_izin: str, *, asesi_id: int | None) -> None:
    """Raise with a sentence when this ID Izin (normal) cannot begin a new permohonan of this person."""
    if not ID_IZIN.fullmatch(id_izin) or id_izins.is_final_doubt(id_izin):
        raise DomainError(ID_IZIN_WRONG, field="id_izin")
    holder = holder_of(id_izin)
    if holder is None:
        return
    if holder.asesi_id != asesi_id:
        raise IdIzinHeld(holder)
    if claims.waits(holder):
        sentence = "LSP sudah mencatat ID Izin ini untuk Anda. Ambil permohonannya lewat tautan di e-mail Anda."
    elif holder.status is PermohonanStatus.DRAFT:
        sentence = "Permohonan dengan ID Izin ini sudah Anda mulai. Lanjutkan yang sudah ada."
    else:
        sentence = "Permohonan dengan ID Izin ini sudah Anda kirim. Buka permohonan itu."
    raise IdIzinTaken(sentence, holder)


def start(
    actor: Actor,
    *,
    asesi: User,
    id_izin: str,
    version: SkemaVersion,
    kind: RequestKind,
    mode: Mode,
    known: Known | None = None,
    origin: FieldOrigin = FieldOrigin.ADMIN,
) -> Permohonan:
    """Open a permohonan in DRAFT, its FR.APL.01 filled with what is known. Raises DomainError with a sentence."""
    id_izin = normal_id_izin(id_izin)
    check_id_izin(id_izin, asesi_id=asesi.id)
    if version.opened_at is None:
        raise DomainError(
            version.incomplete_reason or "Skema ini belum dibuka untuk pendaftaran.", field="skema"
        )
    drafts = db.session.scalar(
        select(func.count(Permohonan.id)).where(
            Permohonan.asesi_id == asesi.id, Permohonan.status == PermohonanStatus.DRAFT
        )
    )
    if (drafts or 0) >= MOST_DRAFTS:
        raise DomainError(
            f"Sudah ada {MOST_DRAFTS} permohonan yang belum dikirim. Kirim atau batalkan salah satunya dulu."
        )
    now = clock.now()
    permohonan = Permohonan(
        id_izin=id_izin,
        asesi_id=asesi.id,
        skema_version_id=version.id,
        asesi_name=asesi.name,
        kind=kind,
        mode=mode,
        status=PermohonanStatus.DRAFT,
        status_at=now,
    )
    _hold(permohonan)
    form = FrApl01(
        permohonan_id=permohonan.id,
        full_name=asesi.name,
        email=asesi.email,
        nationality="Indonesia",
    )
    event = PermohonanEvent(
        permohonan_id=permohonan.id,
        at=now,
        transition="start",
        source=None,
        target=PermohonanStatus.DRAFT,
        actor_id=actor.id,
        actor_role=Role.ASESI if actor.id == asesi.id else Role.ADMIN,
        attempt=1,
    )
    db.session.add_all([form, event])
    if known is not None:
        prefill.fill(permohonan, known, origin, fresh=form)
    audit.note(actor, "permohonan.start", "permohonan", permohonan.public_id)
    db.session.flush()
    return permohonan


def _hold(permohonan: Permohonan) -> None:
    """Write the draft, or raise as `check_id_izin` when another took its ID Izin meanwhile."""
    try:
        with db.session.begin_nested():
            db.session.add(permohonan)
    except IntegrityError:
        check_id_izin(permohonan.id_izin, asesi_id=permohonan.asesi_id)
        raise


def may_correct_id_izin(permohonan: Permohonan) -> bool:
    return permohonan.status is PermohonanStatus.DRAFT


def correct_id_izin(actor: Actor, permohonan: Permohonan, text: str) -> bool:
    """Give a draft another ID Izin; whether it changed. Raises DomainError, IdIzinHeld when it is somebody else's."""
    if not may_correct_id_izin(permohonan):
        raise DomainError("ID Izin hanya dapat dibetulkan sebelum permohonan dikirim.")
    id_izin = id_izins.normal(text)
    if id_izin == permohonan.id_izin:
        return False
    check_id_izin(id_izin, asesi_id=permohonan.asesi_id)
    permohonan.id_izin = id_izin
    db.session.flush()
    audit.note(actor, "permohonan.id_izin", "permohonan", permohonan.public_id)
    return True


def take_in(
    actor: Actor,
    *,
    email: str,
    name: str,
    id_izin: str,
    version: SkemaVersion,
    kind: RequestKind,
    mode: Mode,
    known: Known | None = None,
    origin: FieldOrigin = FieldOrigin.ADMIN,
) -> Permohonan:
    """The admin opens a permohonan for a person, who claims it: his account is found by e-mail, or made and invited.

    Who signed up but never confirmed the address may be a stranger; the holder of the address is invited.
    Raises IdIzinTaken, naming who holds it, for an ID Izin that is in use.
    """
    asesi = claims.account_for(actor, email=email, name=name)
    try:
        permohonan = start(
            actor, asesi=asesi, id_izin=id_izin, version=version, kind=kind, mode=mode, known=known, origin=origin
        )  # fmt: skip
    except IdIzinTaken as refusal:
        raise IdIzinTaken(told_to_admin(refusal.permohonan), refusal.permohonan) from refusal
    claims.open_claim(actor, permohonan)
    return permohonan


def told_to_admin(holder: Permohonan) -> str:
    """Who holds an ID Izin, for whom that is no secret."""
    return (
        f"ID Izin ini sudah ada pada permohonan {holder.asesi_name} ({holder.status.label}). "
        "Periksa nomornya, atau buka permohonan itu."
    )


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an asesi has: his permohonan, how many wait to be claimed, and whether he asked for an ID Izin."""

    permohonan: list[Permohonan]
    unclaimed: int
    has_asked: bool


def of_asesi(asesi_id: int) -> Holdings:
    """A person's permohonan: open ones first, then the newest. Those not yet claimed are only counted. One query."""
    asked = (
        select(IdIzinDispute.id)
        .where(IdIzinDispute.asker_id == asesi_id, IdIzinDispute.decided_at.is_(None))
        .exists()
    )
    found = db.session.execute(
        select(Permohonan, is_claimed(), asked)
        .where(Permohonan.asesi_id == asesi_id)
        .options(joinedload(Permohonan.skema_version))
        .order_by(Permohonan.status_at.desc(), Permohonan.id.desc())
    ).all()
    rows = sorted(
        (row for row, claimed, _ in found if claimed), key=lambda row: row.status in FINAL
    )
    unclaimed = sum(
        not claimed and row.status is PermohonanStatus.DRAFT for row, claimed, _ in found
    )
    has_asked = found[0][2] if found else bool(db.session.scalar(select(asked)))
    return Holdings(rows, unclaimed, has_asked)
