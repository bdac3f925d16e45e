"""What an installation holds before anybody signs in: defaults, the head of the audit chain, keys, first people.

All of it may run at each start: it adds what is missing and never changes what the LSP has set.
"""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import exists, select

from lsp import clock, crypto, logs
from lsp.actor import SYSTEM
from lsp.crypto import PURPOSES, KeyProblem
from lsp.data import read_json, read_titled_text
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    AuditEvent,
    AuditHead,
    ConsentText,
    FormTemplate,
    Holiday,
    KeyCheck,
    Lembaga,
    NotePhrase,
    NumberSeries,
    OneUseLink,
    Setting,
    User,
    UserRole,
    WhatsappText,
)
from lsp.models.audit import GENESIS
from lsp.models.triggers import install_triggers
from lsp.papers.certificate import LONGEST_TEXT
from lsp.papers.coverage import why_unprintable
from lsp.services import accounts, audit, retention
from lsp.vocabulary import ConsentKind, LinkPurpose, Role, WhatsappKind

#: Defaults hold from before the first permohonan; what the LSP changes gets its own later date.
SINCE = date(2023, 1, 1)
#: Who must stand before anybody else can be given a role: one proposes, the other approves.
FIRST_ROLES = (Role.ADMIN, Role.KETUA)
#: Forms whose words are rows (lsp/data/forms). Those of FR.MAPA stay files: docs/decisions/mapa-templates-are-files.md.
FORM_WORDS = (
    "pra_asesmen", "fr_ak_01", "fr_ak_07", "fr_ak_03", "fr_ak_04", "fr_ak_05", "fr_ak_06",
    "fr_ia_07", "fr_ia_08", "fr_ia_09", "fr_ia_10", "surveilan", "rapat_pleno", "sk_penetapan",
)  # fmt: skip
DEMO_DOMAIN = "@demo.example"
UNNAMED_LSP, UNKNOWN_LICENCE = "LSP (nama belum diisi)", "(belum diisi)"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class InstallationProblem(DomainError):
    """The installation cannot be used as it is; the sentence says what to do."""


def prepare_database() -> None:
    """Add every default that is missing, check the keys, renew the triggers. The caller commits.

    Raises KeyProblem before anything is written.
    """
    check_keys()
    _add_settings()
    _add_number_series()
    _add_consent_texts()
    _add_holidays()
    _add_note_phrases()
    _add_form_templates()
    _add_whatsapp_texts()
    _add_audit_head()
    db.session.flush()
    if not install_triggers(db.session.connection()):
        logs.logger().warning("names.without_index", see="docs/deploy.md")


def check_keys() -> None:
    """Compare each key with the one the data was written with, and remember keys that are new.

    Raises KeyProblem with what to do when a key was exchanged or taken away.
    """
    ring = crypto.keyring()
    present = {pair: ring.fingerprint(*pair) for pair in ring.key_ids()}
    known = {
        (row.purpose, row.key_id): row.fingerprint
        for row in db.session.scalars(select(KeyCheck).where(KeyCheck.purpose.in_(PURPOSES)))
    }
    for (purpose, key_id), fingerprint in sorted(known.items()):
        found = present.get((purpose, key_id))
        if found is None:
            raise KeyProblem(
                _key_text(purpose, key_id, "tidak ada lagi, padahal data ditulis dengannya")
            )
        if found != fingerprint:
            raise KeyProblem(
                _key_text(purpose, key_id, "bukan kunci yang dipakai untuk menulis data ini")
            )
    for (purpose, key_id), fingerprint in present.items():
        if (purpose, key_id) not in known:
            db.session.add(KeyCheck(purpose=purpose, key_id=key_id, fingerprint=fingerprint))
    db.session.flush()


def _key_text(purpose: str, key_id: int, fault: str) -> str:
    return (
        f"Kunci nomor {key_id} di LSP_KEY_{purpose.upper()} {fault}. Portal tidak dijalankan supaya data tidak "
        f"rusak. Kembalikan kunci semula (di lingkungan, atau di berkas keys.json dalam folder LSP_DATA), atau "
        f"arahkan LSP_DATA dan DATABASE_URL ke data yang sesuai. Kunci baru ditambahkan dengan nomor baru, "
        f"tanpa menghapus yang lama."
    )


def is_fresh() -> bool:
    """Whether nothing of an LSP stands here yet: no account and no data of the LSP itself."""
    return not db.session.scalar(select(exists().where(User.id > 0))) and not db.session.scalar(
        select(exists().where(Lembaga.id > 0))
    )


def holds_demo_accounts() -> bool:
    """Whether accounts with the printed password are in the database."""
    return bool(db.session.scalar(select(exists().where(User.email.endswith(DEMO_DOMAIN)))))


def add_lembaga(name: str = "", licence_number: str = "") -> None:
    """The LSP's own data, to be completed in Pengaturan; nothing when it stands already."""
    if not db.session.scalar(select(exists().where(Lembaga.id > 0))):
        _refuse_unprintable("Nama LSP", name)
        db.session.add(
            Lembaga(
                effective_from=clock.today_wib(),
                name=name.strip() or UNNAMED_LSP,
                licence_number=licence_number.strip() or UNKNOWN_LICENCE,
            )
        )
        db.session.flush()


def _refuse_unprintable(what: str, text: str) -> None:
    """Both stand on every certificate. Empty text is replaced by words of ours."""
    reason = why_unprintable(what, text, longest=LONGEST_TEXT) if text.strip() else None
    if reason is not None:
        raise InstallationProblem(reason)


def missing_first_roles() -> list[Role]:
    """Which of admin and ketua nobody holds; without them nobody can be given a role."""
    held = set(
        db.session.scalars(
            select(UserRole.role)
            .join(User, User.id == UserRole.user_id)
            .where(UserRole.role.in_(FIRST_ROLES), User.disabled_at.is_(None))
        )
    )
    return [role for role in FIRST_ROLES if role not in held]


def add_first(role: Role, *, email: str, name: str = "") -> User:
    """The first admin or ketua, who has no password yet. Raises InstallationProblem for an unfit address."""
    email = email.strip().lower()
    if role not in missing_first_roles():
        raise InstallationProblem(f"{role.label} pertama sudah ada.")
    if not _EMAIL.fullmatch(email):
        raise InstallationProblem(f"'{email}' bukan alamat e-mail. Contoh: nama@contoh.id.")
    if accounts.find_by_email(email) is not None:
        raise InstallationProblem(
            f"{email} sudah dipakai akun lain. Admin dan ketua pertama harus dua orang yang berbeda, "
            "karena yang satu mengusulkan peran dan yang lain menyetujuinya."
        )
    _refuse_unprintable("Nama", name)
    user = User(email=email, name=name.strip() or role.label)
    user.roles.append(UserRole(role=role, granted_at=clock.now()))
    db.session.add(user)
    db.session.flush()
    audit.note(SYSTEM, "account.first", "user", user.public_id, given=role.value)
    return user


def renew_invitations() -> list[tuple[User, str]]:
    """(person, token) of each first person who has set no password and whose last link is used or too old."""
    waiting = db.session.scalars(
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            UserRole.role.in_(FIRST_ROLES),
            UserRole.granted_by_id.is_(None),
            User.password_hash == "",
            User.disabled_at.is_(None),
        )
        .distinct()
        .order_by(User.id)
    ).all()
    return [
        (user, accounts.mail_link(user, LinkPurpose.INVITE))
        for user in waiting
        if not _has_link(user)
    ]


def _has_link(user: User) -> bool:
    standing = exists().where(
        OneUseLink.user_id == user.id,
        OneUseLink.purpose == LinkPurpose.INVITE,
        OneUseLink.used_at.is_(None),
        OneUseLink.expires_at > clock.now(),
    )
    return bool(db.session.scalar(select(standing)))


def _add_settings() -> None:
    known = set(db.session.scalars(select(Setting.key)))
    for row in read_json("defaults/settings.json"):
        if row["key"] not in known:
            db.session.add(Setting(effective_from=SINCE, **row))


def _add_number_series() -> None:
    known = set(db.session.scalars(select(NumberSeries.code)))
    for row in read_json("defaults/number_series.json"):
        if row["code"] not in known:
            db.session.add(NumberSeries(effective_from=SINCE, **row))


def _add_consent_texts() -> None:
    known = set(db.session.scalars(select(ConsentText.kind)))
    for kind in ConsentKind:
        if kind not in known:
            title, body = read_titled_text(f"consent/{kind.value}.1.txt")
            db.session.add(
                ConsentText(
                    kind=kind,
                    version_number=1,
                    effective_from=SINCE,
                    title=title,
                    body=retention.fill(body),
                )
            )


def _add_holidays() -> None:
    # Only in years that have none: what the admin removed must not come back.
    known = {day.year for day in db.session.scalars(select(Holiday.day).where(~Holiday.movable))}
    table = read_json("defaults/holidays.json")
    first, last = table["years"]
    taken = set(db.session.scalars(select(Holiday.day)))
    for year in set(range(first, last + 1)) - known:
        for entry in table["days"]:
            day = date(year, entry["month"], entry["day"])
            if day not in taken:
                db.session.add(Holiday(day=day, name=entry["name"]))


def _add_note_phrases() -> None:
    # Only where there are none: what the LSP retired must not come back.
    if not db.session.scalar(select(exists().where(NotePhrase.id > 0))):
        rows = read_json("defaults/note_phrases.json")
        db.session.add_all(NotePhrase(code=row["code"], text=row["text"]) for row in rows)


def _add_form_templates() -> None:
    known = set(db.session.scalars(select(FormTemplate.form_code)))
    for code in FORM_WORDS:
        if code not in known:
            body = read_json(f"forms/{code}.1.json")
            db.session.add(
                FormTemplate(form_code=code, version_number=1, effective_from=SINCE, body=body)
            )


def _add_whatsapp_texts() -> None:
    known = set(db.session.scalars(select(WhatsappText.kind)))
    for row in read_json("defaults/whatsapp_texts.json"):
        if row["kind"] not in known:
            db.session.add(WhatsappText(kind=WhatsappKind(row["kind"]), text=row["text"]))


def _add_audit_head() -> None:
    # With events but no head the chain was cut: a new head would hide that from verify-audit.
    if db.session.get(AuditHead, 1) is None and not db.session.scalar(
        select(exists().where(AuditEvent.seq > 0))
    ):
        db.session.add(AuditHead(id=1, seq=0, hash=GENESIS))
