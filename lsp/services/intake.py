"""Taking an ID Izin in: a permohonan in DRAFT, opened by the asesi himself or by the admin for him."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import FrApl01, Permohonan, PermohonanEvent, SkemaVersion, User
from lsp.services import accounts, audit, prefill
from lsp.services.prefill import Known
from lsp.vocabulary import FINAL, FieldOrigin, Mode, PermohonanStatus, RequestKind, Role
from lsp.workflow.guards.registration import ID_IZIN

#: How many drafts one person may keep open; a limit against filling the disk, not a rule of the procedure.
MOST_DRAFTS = 5


class IdIzinTaken(DomainError):
    """The ID Izin stands on another permohonan past DRAFT, or on one's own draft."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="id_izin")


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
    """The ID Izin without the spaces that copying brings, letters in capitals."""
    return "".join(text.split()).upper()


def check_id_izin(id_izin: str, *, asesi_id: int | None) -> None:
    """Raise with a sentence when this ID Izin cannot begin a new permohonan."""
    if not ID_IZIN.fullmatch(id_izin):
        raise DomainError(
            "ID Izin belum benar. Salin lagi dari Portal Perizinan, contohnya I-2026111809150100042.",
            field="id_izin",
        )
    standing = db.session.scalars(select(Permohonan).where(Permohonan.id_izin == id_izin)).all()
    for permohonan in standing:
        if permohonan.asesi_id == asesi_id and permohonan.status is PermohonanStatus.DRAFT:
            raise IdIzinTaken(
                "Permohonan dengan ID Izin ini sudah Anda mulai. Lanjutkan yang sudah ada."
            )
        if permohonan.submitted_at is not None:
            raise IdIzinTaken(
                "ID Izin ini sudah dipakai pada permohonan lain. Periksa nomornya, atau tanyakan kepada admin LSP."
            )


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
    db.session.add(permohonan)
    db.session.flush()
    db.session.add(
        FrApl01(
            permohonan_id=permohonan.id,
            full_name=asesi.name,
            email=asesi.email,
            nationality="Indonesia",
        )
    )
    db.session.add(
        PermohonanEvent(
            permohonan_id=permohonan.id,
            at=now,
            transition="start",
            source=None,
            target=PermohonanStatus.DRAFT,
            actor_id=actor.id,
            actor_role=Role.ASESI if actor.id == asesi.id else Role.ADMIN,
            attempt=1,
        )
    )
    audit.note(actor, "permohonan.start", "permohonan", permohonan.public_id)
    db.session.flush()
    if known is not None:
        prefill.fill(permohonan, known, origin)
    return permohonan


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
    """The admin opens a permohonan for a person: his account is found by e-mail, or made and invited.

    Who signed up but never confirmed the address may be a stranger; the holder of the address is invited.
    """
    asesi = accounts.find_by_email(email)
    if asesi is None:
        asesi = accounts.new_account(email, name)
        accounts.grant_role(asesi, Role.ASESI, by=actor.id)
    elif all(held.role is not Role.ASESI for held in asesi.roles):
        raise DomainError(
            "E-mail ini milik akun petugas. Minta asesi memakai alamat e-mail lain.", field="email"
        )
    if asesi.id == actor.id:
        raise DomainError(
            "Anda tidak dapat mencatat permohonan untuk diri sendiri. Minta admin lain.",
            field="email",
        )
    if asesi.verified_at is None:
        accounts.invite_anew(asesi, name=name)
    return start(
        actor, asesi=asesi, id_izin=id_izin, version=version, kind=kind, mode=mode, known=known, origin=origin
    )  # fmt: skip


def of_asesi(asesi_id: int) -> list[Permohonan]:
    """A person's permohonan: open ones first, then the newest."""
    rows = db.session.scalars(
        select(Permohonan)
        .where(Permohonan.asesi_id == asesi_id)
        .options(joinedload(Permohonan.skema_version))
        .order_by(Permohonan.status_at.desc(), Permohonan.id.desc())
    ).all()
    return sorted(rows, key=lambda row: row.status in FINAL)
