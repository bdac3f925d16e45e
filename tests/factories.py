"""Makers of rows for tests: each commits and returns a whole, valid object; keywords change its columns.

They build situations by hand. A case that must have walked the workflow is walked there by the test itself.
"""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any, TypeVar

from flask import Flask
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select

from lsp import clock
from lsp.database import db, write_transaction
from lsp.models import (
    Claim,
    DocumentRequirement,
    EducationRule,
    Elemen,
    Fee,
    IdIzinDispute,
    Invoice,
    Kuk,
    Lembaga,
    Mapa,
    OutboxMessage,
    PaymentReceipt,
    Permohonan,
    RemotePermission,
    Signature,
    SignIn,
    Skema,
    SkemaVersion,
    StaffProposal,
    TotpRemoval,
    UnitKompetensi,
    User,
    UserRole,
)
from lsp.models.permohonan import _DECIDED, _PAST_VERIFICATION
from lsp.services import accounts, disputes, signing_in
from lsp.vocabulary import (
    STAFF_ROLES,
    Answer,
    Channel,
    EvidenceKind,
    Form,
    InvoiceKind,
    LinkPurpose,
    Mode,
    PermohonanStatus,
    RequestKind,
    Role,
)
from lsp.workflow import mapa as mapa_rules
from tests.support.app import PortalClient

PASSWORD = "tiga kata lepas"
QUICK_HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
QUICK_HASH = QUICK_HASHER.hash(PASSWORD)

Row = TypeVar("Row")
_serial = itertools.count(1)


def saved(row: Row) -> Row:
    """Commit a row (and what hangs on it), so that a request sees it and `begin_write` cannot drop it."""
    db.session.add(row)
    db.session.commit()
    return row


# --- People ----------------------------------------------------------------------------------------------


def make_user(*roles: Role, **columns: Any) -> User:
    """A verified person with `PASSWORD`; an asesi when no role is named."""
    number = next(_serial)
    held = roles or (Role.ASESI,)
    values: dict[str, Any] = {
        "email": f"{held[0].value}{number}@contoh.id",
        "name": f"{held[0].label} Contoh {number}",
        "password_hash": QUICK_HASH,
        "verified_at": clock.now(),
    }
    user = User(**(values | columns))
    user.roles = [UserRole(role=role, granted_at=clock.now()) for role in held]
    return saved(user)


def browser_of(app: Flask, user: User, *, device: str = "Android, Chrome") -> PortalClient:
    """A browser in which this person is signed in, without password and form."""
    is_staff = any(held.role in STAFF_ROLES for held in user.roles)
    with write_transaction():
        token = signing_in.open_place(
            db.session.get_one(User, user.id), is_staff=is_staff, device=device
        )
    client = app.test_client()
    assert isinstance(client, PortalClient)
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], serializer.dumps({"_user_id": token}))
    client.user = user
    return client


def make_place(user: User, *, device: str = "Windows, Edge") -> SignIn:
    """A place at which the person is signed in, in a browser that the test does not drive."""
    is_staff = any(held.role in STAFF_ROLES for held in user.roles)
    with write_transaction():
        signing_in.open_place(db.session.get_one(User, user.id), is_staff=is_staff, device=device)
    return places_of(user)[-1]


def places_of(user: User) -> list[SignIn]:
    return list(
        db.session.scalars(select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.id))
    )


def make_link(user: User, purpose: LinkPurpose = LinkPurpose.VERIFY_EMAIL) -> str:
    """The token of a standing one-use link."""
    with write_transaction():
        return accounts.make_link(db.session.get_one(User, user.id), purpose)


# --- The LSP and its skema -------------------------------------------------------------------------------


def make_lembaga(**columns: Any) -> Lembaga:
    """The LSP's row in force; changed when the prepared database has one."""
    standing = db.session.scalar(select(Lembaga).order_by(Lembaga.effective_from.desc()).limit(1))
    lembaga = standing or Lembaga(
        effective_from=date(2026, 1, 1),
        name="LSP Bina Karya Contoh",
        licence_number="BNSP-LSP-0000-ID",
    )
    for name, value in columns.items():
        setattr(lembaga, name, value)
    return saved(lembaga)


def make_skema(
    *, units: int = 2, documents: int = 2, remote: bool = False, number: str = "", **columns: Any
) -> SkemaVersion:
    """The first version of a new skema, open for registration unless `incomplete_reason` is given."""
    serial = next(_serial)
    values: dict[str, Any] = {
        "version_number": 1,
        "effective_from": date(2026, 1, 1),
        "title": f"Petugas K3 Contoh {serial}",
        "klasifikasi_code": "MP",
        "klasifikasi": "Manajemen Pelaksanaan",
        "subklasifikasi_code": "MP01",
        "subklasifikasi": "Keselamatan Konstruksi",
        "kualifikasi": "Teknisi/Analis",
        "jenjang": 4,
        "kbli": "71102",
        "kbji": "2142",
    } | columns
    if not values.get("incomplete_reason"):
        values.setdefault("opened_at", clock.now())
    version = SkemaVersion(skema=Skema(number=number or f"SKM/CONTOH/{serial:03}/2026"), **values)
    version.units = [_unit(position) for position in range(1, units + 1)]
    version.requirements = [
        DocumentRequirement(
            kind=RequestKind.BARU,
            position=position,
            code=f"{position}a",
            label=f"Dokumen {position}",
        )
        for position in range(1, documents + 1)
    ]
    version.education_rules = [
        EducationRule(position=1, education="SMK", years=4),
        EducationRule(position=2, education="D2", years=0),
    ]
    saved(version)
    if remote:
        make_remote_permission(version.skema)
    return version


def _unit(position: int) -> UnitKompetensi:
    kuk = [Kuk(position=1, number="1.1", text=f"Bahaya {position} diidentifikasi.")]
    elemen = Elemen(position=1, number="1", title=f"Mengenali bahaya {position}", kuk_list=kuk)
    return UnitKompetensi(
        position=position,
        code=f"M.71KKK00.{position:03}.1",
        title=f"Unit contoh {position}",
        elements=[elemen],
    )


def make_mapa(
    version: SkemaVersion, *, codes: tuple[str, ...] = ("CVP", "PW"), draft: bool = False, **columns: Any
) -> Mapa:  # fmt: skip
    """A complete MAPA of a skema version whose units all ask for `codes`; in force unless a draft."""
    known = mapa_rules.template()
    codes = tuple(code for code in known.codes if code in codes)
    papers = {
        paper for code in codes for paper in known.codes[code].must or known.codes[code].papers[:1]
    }
    person = {"name": "Penyusun Rekaan", "met": "MET.000.009901.2026", "date": "2026-01-05"}
    values: dict[str, Any] = {
        "series": 1,
        "version_number": 1,
        "name": "MAPA rekaan",
        "approach": "observasi" if "CL" in codes else "portofolio",
        "mapa_01_version": mapa_rules.MAPA_01,
        "mapa_02_version": mapa_rules.MAPA_02,
        "choices": {
            question.key: {
                "ticks": [question.options[0].key],
                "words": {option.key: "SKKNI rekaan" for option in question.options[:1] if option.ask},
            }
            for question in known.questions
        },
        "matrix": {
            str(unit.id): {"evidence": f"Bukti {unit.position}", "types": ["TL"], "codes": list(codes)}
            for unit in version.units
        },
        "changes": {line.key: {"answer": "tidak", "words": ""} for line in known.changes},
        "instrument_map": {
            unit.kelompok: {paper: list(known.potensi) for paper in sorted(papers)} for unit in version.units
        },
        "people": {
            "relevant": {"manajer_sertifikasi": {"name": "Manajer Rekaan", "date": "2026-01-05"}},
            "penyusun": [person, {"name": "", "met": "", "date": ""}],
            "validator": [person | {"name": "Validator Rekaan"}, {"name": "", "met": "", "date": ""}],
        },
    }  # fmt: skip
    if not draft:
        values |= {"effective_from": version.effective_from, "published_at": clock.now()}
    return saved(Mapa(skema_version_id=version.id, **(values | columns)))


def make_remote_permission(skema: Skema, **columns: Any) -> RemotePermission:
    today = clock.today_wib()
    values: dict[str, Any] = {
        "number": "CONTOH/SJJ/001",
        "valid_from": today - timedelta(days=30),
        "valid_until": today + timedelta(days=300),
        "methods": [kind.value for kind in EvidenceKind],
    }
    return saved(RemotePermission(skema_id=skema.id, **(values | columns)))


def make_fee(
    amount: int = 1_100_000, *, jenjang: int = 4, kind: RequestKind = RequestKind.BARU, mode: Mode = Mode.DARING,
    effective_from: date = date(2026, 1, 1), purpose: InvoiceKind = InvoiceKind.SERTIFIKASI,
) -> Fee:  # fmt: skip
    """A fee; one of the same day in the prepared database is changed."""
    same = {
        "purpose": purpose,
        "jenjang": jenjang,
        "kind": kind,
        "mode": mode,
        "effective_from": effective_from,
    }
    fee = db.session.scalar(select(Fee).filter_by(**same)) or Fee(**same)
    fee.amount = amount
    return saved(fee)


# --- Cases -----------------------------------------------------------------------------------------------


def make_permohonan(
    asesi: User | None = None, *, status: PermohonanStatus = PermohonanStatus.DRAFT, **columns: Any
) -> Permohonan:
    """A case standing in `status`, with what the database demands of that state and no more."""
    asesi = asesi or make_user(Role.ASESI)
    now = clock.now()
    values: dict[str, Any] = {
        "id_izin": f"I-{next(_serial):010}",
        "asesi_id": asesi.id,
        "asesi_name": asesi.name,
        "kind": RequestKind.BARU,
        "mode": Mode.DARING,
        "status": status,
        "status_at": now,
    }
    if status is not PermohonanStatus.DRAFT:
        values["submitted_at"] = now
    if status in _PAST_VERIFICATION and "verifier_id" not in columns:
        values |= {"verifier_id": make_user(Role.ADMIN).id, "verified_at": now}
    if status in _DECIDED:
        competent = status not in (
            PermohonanStatus.NOT_YET_COMPETENT, PermohonanStatus.APPEALED, PermohonanStatus.CLOSED_NOT_YET,
        )  # fmt: skip
        values |= {"decision": Answer.K if competent else Answer.BK, "decided_at": now}
    if "skema_version_id" not in columns:
        values["skema_version_id"] = make_skema().id
    return saved(Permohonan(**(values | columns)))


def make_receipt(invoice: Invoice, **columns: Any) -> PaymentReceipt:
    """The kuitansi of a paid invoice, as `mark_paid` makes it out."""
    values: dict[str, Any] = {
        "invoice_id": invoice.id,
        "number": f"KW/{next(_serial):05}/2026",
        "issued_at": clock.now(),
        "amount": invoice.amount,
        "received": invoice.amount,
        "received_from": "Asesi Contoh",
        "purpose": "Biaya sertifikasi, Petugas K3 Contoh (jenjang 4), ID Izin I-0000000001",
        "confirmed_by": "Admin Contoh",
        "lembaga_name": "LSP Bina Karya Contoh",
        "lembaga_address": "Jl. Contoh Fiktif No. 1",
        "lembaga_contact": "admin@lsp.example",
        "city": "Jakarta",
    }
    return saved(PaymentReceipt(**(values | columns)))


def make_signature(permohonan: Permohonan, **columns: Any) -> Signature:
    """The asesi's name under FR.APL.01; its digest fits nothing."""
    values: dict[str, Any] = {
        "permohonan_id": permohonan.id, "form": Form.FR_APL_01, "signer_id": permohonan.asesi_id,
        "signer_role": Role.ASESI, "typed_name": permohonan.asesi_name, "statement": "Benar.",
        "content_digest": "0" * 64, "signed_at": clock.now(),
    }  # fmt: skip
    return saved(Signature(**(values | columns)))


# --- What waits elsewhere --------------------------------------------------------------------------------


def make_message(channel: Channel = Channel.SIKI, **columns: Any) -> OutboxMessage:
    """A row of the outbox that waits; a call to SIKI unless another channel is named."""
    number = next(_serial)
    payload = {"id_izin": f"I-{number:010}", "kd_status": 20, "keterangan": "Validasi"}
    values: dict[str, Any] = {
        "kind": "status 20", "dedupe": f"contoh:{number}", "payload": payload, "run_at": clock.now(),
    }  # fmt: skip
    return saved(OutboxMessage(channel=channel, **(values | columns)))


def make_proposal(role: Role = Role.ASESOR, **columns: Any) -> StaffProposal:
    """A staff role proposed by an admin, which waits for the ketua."""
    number = next(_serial)
    values: dict[str, Any] = {
        "email": f"calon{number}@contoh.id",
        "name": f"Calon Contoh {number}",
        "reason": "Mengisi kekurangan petugas.",
    }
    if "proposed_by_id" not in columns:
        values["proposed_by_id"] = make_user(Role.ADMIN).id
    return saved(StaffProposal(role=role, **(values | columns)))


def make_totp_removal() -> TotpRemoval:
    """An admin's request to take the second factor off an account, which waits for the ketua."""
    return saved(
        TotpRemoval(
            user_id=make_user(Role.ASESOR).id,
            proposed_by_id=make_user(Role.ADMIN).id,
            reason="HP hilang di proyek.",
        )
    )


def make_claim(asesi: User | None = None, **columns: Any) -> tuple[Permohonan, str]:
    """A draft that the LSP opened for this person, not yet claimed, and the token of its link."""
    permohonan = make_permohonan(asesi, **columns)
    with write_transaction():
        db.session.add(Claim(permohonan_id=permohonan.id))
        owner = db.session.get_one(User, permohonan.asesi_id)
        token = accounts.make_link(
            owner, LinkPurpose.CLAIM, permohonan=db.session.get_one(Permohonan, permohonan.id)
        )
    return permohonan, token


def make_dispute(holder: Permohonan | None = None, asker: User | None = None) -> IdIzinDispute:
    """Somebody asks for the ID Izin of a draft that another holds."""
    holder, asker = holder or make_permohonan(), asker or make_user(Role.ASESI)
    with write_transaction():
        case = db.session.get_one(Permohonan, holder.id)
        return disputes.ask(
            db.session.get_one(User, asker.id), holder=case, version=case.skema_version,
            kind=case.kind, mode=case.mode,
        )  # fmt: skip
