"""Ground of the demo: the LSP, its accounts, asesor, TUK, skema, fees. Cases in every state are built upon it."""

from __future__ import annotations

from datetime import date, timedelta

from lsp import clock
from lsp.actor import SYSTEM
from lsp.data import read_csv, read_json
from lsp.database import db
from lsp.models import (
    AsesorProfile,
    Fee,
    Lembaga,
    PaymentAccount,
    RemotePermission,
    SkemaVersion,
    Tuk,
    User,
    UserRole,
)
from lsp.services import accounts, audit, regions
from lsp.services.demo.mapa import put_mapa_in_force
from lsp.services.demo.muk import put_muk_in_force
from lsp.services.demo_accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from lsp.services.installation import DEMO_DOMAIN, InstallationProblem, is_fresh
from lsp.services.skema_import import SkemaHeader, import_skema, open_skema
from lsp.vocabulary import InvoiceKind, Mode, RequestKind, Role, TukKind

ASESI_COUNT = 20
#: How long ago the LSP of the demo began: its first certificate is then more than a year old (past.py).
BEGAN_DAYS = 480
JENJANG = 4
#: Of the published price lists (luring); the daring tariff is not confirmed and set alike.
#: Of one asesmen ulang, whatever the kind of request.
REASSESSMENT_FEE = 450_000
FEES = {
    RequestKind.BARU: 800_000,
    RequestKind.PERPANJANGAN: 800_000,
    RequestKind.FRESH_GRADUATE: 700_000,
    RequestKind.PERUBAHAN: 0,
}
ASESOR_JENJANG = {"asesor1": 6, "asesor2": 7, "asesor3": 8}


def load_base(password_hash: str | None = None) -> None:
    """Fill an empty, prepared database. Flushes, does not commit. Raises InstallationProblem when not empty.

    password_hash: of DEMO_PASSWORD; give it from outside a write transaction, hashing is slow by design.
    """
    if not is_fresh():
        raise InstallationProblem("Data demo hanya dimuat ke basis data yang masih kosong.")
    password_hash = password_hash or accounts.hash_password(DEMO_PASSWORD)
    # The audit chain never runs back: what comes before every case is noted on the LSP's first day.
    with clock.pretend(clock.now() - timedelta(days=BEGAN_DAYS)):
        _load_ground(clock.today_wib(), password_hash)


def _load_ground(since: date, password_hash: str) -> None:
    _add_lembaga(since)
    people = _add_people(password_hash)
    _add_asesor(people)
    _add_tuk(since)
    skema = load_skema("petugas-k3-lsp-p1", since)
    open_skema(skema)
    other = load_skema("personil-keselamatan-dan-kesehatan-kerja", since)
    for version in (skema, other):
        put_mapa_in_force(version, since)
    put_muk_in_force(skema, since)
    _add_remote_permission(skema, since)
    _add_fees(since)
    _add_payment_account(since)
    db.session.flush()
    audit.note(SYSTEM, "demo.load", "lembaga", "demo", accounts=len(people))


def fictional_asesi() -> list[dict[str, str]]:
    """Rows of the invented people, in order; asesiN@demo.example is row N."""
    return read_csv("asesi_fictional.csv")[:ASESI_COUNT]


def fictional_holders() -> dict[str, dict[str, str]]:
    """Invented people whose certificates are older than the rest, by account name; they follow the others."""
    rows = read_csv("asesi_fictional.csv")[ASESI_COUNT:]
    return {f"asesi{number}": row for number, row in enumerate(rows, ASESI_COUNT + 1)}


def load_skema(slug: str, effective_from: date) -> SkemaVersion:
    """Import a shipped scheme under its shipped header."""
    header = SkemaHeader.from_dict(
        {**read_json(f"schemes/{slug}.header.json"), "effective_from": effective_from.isoformat()}
    )
    return import_skema(read_json(f"schemes/{slug}.json"), header)


def _add_lembaga(since: date) -> None:
    db.session.add(
        Lembaga(
            effective_from=since,
            name="LSP Bina Karya Contoh",
            name_en="Bina Karya Contoh Professional Certification Agency",
            licence_number="BNSP-LSP-0000-ID",
            licence_from=since,
            licence_until=since + timedelta(days=3 * 365),
            address="Jl. Contoh Fiktif No. 1, Jakarta",
            city="Jakarta",
            phone="0800-0000-0100",
            email="halo" + DEMO_DOMAIN,
            is_sample=True,
        )
    )


def _add_people(password_hash: str) -> dict[str, User]:
    """All accounts by name. Staff roles were granted by the ketua, whose own came first."""
    now = clock.now()
    people: dict[str, User] = {}
    staff = [account for account in DEMO_ACCOUNTS if account.roles != (Role.ASESI,)]
    staff.sort(key=lambda account: account.name != "ketua")
    for account in staff:
        user = _person(account.name, account.person, "Asia/Jakarta", password_hash)
        ketua = people.get("ketua")
        user.roles = [
            UserRole(role=role, granted_at=now, granted_by_id=ketua.id if ketua else None)
            for role in account.roles
        ]
        db.session.add(user)
        db.session.flush()
        people[account.name] = user
    asesi = {f"asesi{number}": row for number, row in enumerate(fictional_asesi(), 1)}
    for name, row in (asesi | fictional_holders()).items():
        user = _person(name, row["nama"], regions.zone_of(row["kode_provinsi"]), password_hash)
        user.roles = [UserRole(role=Role.ASESI, granted_at=now)]
        db.session.add(user)
        people[name] = user
    db.session.flush()
    return people


def _person(name: str, person: str, zone: str, password_hash: str) -> User:
    return User(
        email=name + DEMO_DOMAIN,
        name=person,
        zone=zone,
        password_hash=password_hash,
        verified_at=clock.now(),
    )


def _add_asesor(people: dict[str, User]) -> None:
    for number, (name, jenjang) in enumerate(ASESOR_JENJANG.items(), 1):
        db.session.add(
            AsesorProfile(
                user=people[name],
                met_number=f"MET.000.{number:06d}.2024",
                met_valid_until=clock.today_wib() + timedelta(days=3 * 365),
                jenjang=jenjang,
                scope=["MP01"],
                skk_number=f"SKK-CONTOH-{number:04d}",
                skk_valid_until=clock.today_wib() + timedelta(days=3 * 365),
            )
        )


def _add_tuk(since: date) -> None:
    db.session.add(
        Tuk(
            name="TUK Sewaktu Jarak Jauh",
            kind=TukKind.SEWAKTU,
            code="TUK-CONTOH-01",
            bnsp_id="0",
            siki_code="TUK-CONTOH-01",
            address="Jl. Contoh Fiktif No. 1, Jakarta",
            verification_letter="0001/VER-TUK/CONTOH",
            verification_signer="Lina Contoh Sihombing",
            verified_on=since,
        )
    )


def _add_remote_permission(skema: SkemaVersion, since: date) -> None:
    db.session.add(
        RemotePermission(
            skema_id=skema.skema_id,
            number="CONTOH/SJJ/001",
            valid_from=since,
            valid_until=since + timedelta(days=3 * 365),
            methods=list(skema.methods),
        )
    )


def _add_payment_account(since: date) -> None:
    db.session.add(
        PaymentAccount(
            effective_from=since,
            bank="Bank Contoh",
            number="000-000-0001",
            holder="LSP Bina Karya Contoh",
        )
    )


def _add_fees(since: date) -> None:
    for kind, amount in FEES.items():
        for mode in Mode:
            db.session.add(
                Fee(jenjang=JENJANG, kind=kind, mode=mode, amount=amount, effective_from=since)
            )
            db.session.add(
                Fee(
                    purpose=InvoiceKind.REASESMEN,
                    jenjang=JENJANG,
                    kind=kind,
                    mode=mode,
                    amount=REASSESSMENT_FEE,
                    effective_from=since,
                )
            )
