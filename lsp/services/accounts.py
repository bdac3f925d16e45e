"""Accounts: sign-up, one-use links, passwords, staff proposals. Hashing happens outside the write transaction."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import cache
from pathlib import Path

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lsp import clock, ids
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import OneUseLink, OutboxMessage, Permohonan, StaffProposal, User, UserRole
from lsp.models.queue import add, add_mail
from lsp.services import audit, signing_in
from lsp.vocabulary import STAFF_ROLES, Channel, LinkPurpose, Role
from lsp.workflow.machine import check_reason

# argon2id with 19 MiB: the default takes 64 MiB a sign-in, four sign-ins would be half the dyno.
_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
_two_at_once = threading.Semaphore(2)

LINK_LIFE = {
    LinkPurpose.VERIFY_EMAIL: timedelta(hours=72),
    LinkPurpose.RESET_PASSWORD: timedelta(minutes=30),
    LinkPurpose.INVITE: timedelta(hours=72),
    LinkPurpose.CLAIM: timedelta(hours=72),
}
RESET_JOB = "reset_link"
MIN_ASESI, MIN_STAFF, MAX_LENGTH = 8, 12, 128


class WeakPassword(DomainError):
    """The password is too short, too long or too easily guessed."""


class LinkSpent(DomainError):
    """A one-use link that is unknown, used or too old."""

    def __init__(self) -> None:
        super().__init__("Tautan ini sudah dipakai atau sudah lewat waktunya. Minta tautan baru.")


def hash_password(password: str) -> str:
    """Argon2id hash. Slow by design: never call it inside a write transaction."""
    with _two_at_once:
        return _hasher.hash(password)


@cache
def _dummy_hash() -> str:
    return _hasher.hash("no such account")


def password_matches(user: User | None, password: str) -> bool:
    """Compare; for an unknown account the same work is done, so time tells nothing. Call outside a transaction."""
    stored = user.password_hash if user is not None and user.password_hash else _dummy_hash()
    with _two_at_once:
        matches = _hasher.verify(password[:MAX_LENGTH], stored)
    return matches and user is not None and bool(user.password_hash)


@cache
def _common_passwords() -> frozenset[str]:
    path = Path(__file__).resolve().parent.parent / "data" / "common_passwords.txt"
    return frozenset(path.read_text().split())


def check_new_password(password: str, *, is_staff: bool, about: tuple[str, ...] = ()) -> None:
    """Raise WeakPassword with a sentence when a new password is not good enough.

    about: words an attacker tries first (e-mail, name).
    """
    least = MIN_STAFF if is_staff else MIN_ASESI
    if len(password) < least:
        raise WeakPassword(
            f"Kata sandi minimal {least} karakter. Gabungkan beberapa kata yang mudah Anda ingat."
        )
    if len(password) > MAX_LENGTH:
        raise WeakPassword(f"Kata sandi paling panjang {MAX_LENGTH} karakter.")
    plain = password.lower()
    known = [text.lower() for text in about]
    words = known + [
        part for text in known for part in text.replace("@", " ").split() if len(part) >= 4
    ]
    if plain in _common_passwords() or plain in words or len(set(plain)) < 4:
        raise WeakPassword(
            "Kata sandi ini mudah ditebak. Pilih yang lain, misalnya tiga kata yang tidak berhubungan."
        )


def find_by_email(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def sign_up(*, email: str, name: str, password_hash: str, zone: str = "Asia/Jakarta") -> None:
    """Open an asesi account and mail its link. A known address gets a mail saying so; the screen says the same."""
    known = find_by_email(email)
    if known is not None:
        add_mail(known, "account_exists", dedupe=clock.now().isoformat(timespec="minutes"))
        return
    user = User(
        email=email.strip().lower(), name=name.strip(), password_hash=password_hash, zone=zone
    )
    user.roles.append(UserRole(role=Role.ASESI, granted_at=clock.now()))
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:
        return  # the same form sent twice at once (PostgreSQL): the other one mailed the link
    audit.note(_as_actor(user), "account.sign_up", "user", user.public_id, role=Role.ASESI)
    mail_link(user, LinkPurpose.VERIFY_EMAIL)


def mail_link(user: User, purpose: LinkPurpose, *, permohonan: Permohonan | None = None) -> str:
    """Make a one-use link and mail it, naming the skema of its permohonan alone. Returns the token."""
    token = make_link(user, purpose, permohonan=permohonan)
    skema = permohonan.skema_version.title if permohonan is not None else ""
    add_mail(
        user,
        purpose.value,
        dedupe=ids.digest(token)[:24],
        permohonan_id=permohonan.id if permohonan is not None else None,
        token=token,
        hours=hours_of(purpose),
        skema=skema,
    )
    return token


def ask_reset(email: str) -> None:
    """Queue the search for an account and its link: one row, whether there is such an account or not."""
    add(
        Channel.JOB,
        RESET_JOB,
        dedupe=f"{RESET_JOB}:{ids.secret_token()}",
        payload={"email": email},
    )


def send_reset(job_id: int) -> None:
    """Mail the link that a queued row asks for, if its address has an account. The caller commits.

    The address goes from the row in the same transaction: done twice it sends one mail, and the table does not
    keep the addresses of people who have no account here.
    """
    job = db.session.get_one(OutboxMessage, job_id, with_for_update=True)
    user = find_by_email(str(job.payload.get("email", "")))
    job.payload = {}
    if user is not None and user.disabled_at is None:
        mail_link(user, LinkPurpose.RESET_PASSWORD)


def make_link(user: User, purpose: LinkPurpose, *, permohonan: Permohonan | None = None) -> str:
    """A new one-use token; earlier ones of its purpose (and permohonan) end. Only its digest is stored."""
    claimed = permohonan if purpose is LinkPurpose.CLAIM else None
    end_links(user, purpose, permohonan=claimed)
    token = ids.secret_token()
    db.session.add(
        OneUseLink(
            token_digest=ids.digest(token),
            purpose=purpose,
            user_id=user.id,
            expires_at=clock.now() + LINK_LIFE[purpose],
            permohonan_id=claimed.id if claimed is not None else None,
        )
    )
    return token


def end_links(user: User, *purposes: LinkPurpose, permohonan: Permohonan | None = None) -> None:
    """No mailed link of these purposes (to this permohonan) works any more; of any purpose when none is named."""
    standing = select(OneUseLink).where(
        OneUseLink.user_id == user.id,
        OneUseLink.purpose.in_(purposes or tuple(LinkPurpose)),
        OneUseLink.used_at.is_(None),
    )
    if permohonan is not None:
        standing = standing.where(OneUseLink.permohonan_id == permohonan.id)
    for link in db.session.scalars(standing):
        link.used_at = clock.now()


def find_link(token: str) -> OneUseLink | None:
    """The link of a token, spent or not."""
    return db.session.scalar(
        select(OneUseLink).where(OneUseLink.token_digest == ids.digest(token)).with_for_update()
    )


def read_link(token: str, *, claims: bool = False) -> OneUseLink:
    """The standing link of a token, of the purpose CLAIM or of another. Looking changes nothing (mail scanners
    open links). Raises LinkSpent."""
    link = find_link(token)
    if link is None or link.used_at is not None or link.expires_at <= clock.now():
        raise LinkSpent
    if (link.purpose is LinkPurpose.CLAIM) is not claims:
        raise LinkSpent
    if link.user.disabled_at is not None:
        raise LinkSpent
    return link


def use_link(token: str, *, password_hash: str = "") -> User:
    """Use a link up: confirm the address; for reset and invitation set the password and end every other place."""
    link = read_link(token)
    user = link.user
    link.used_at = clock.now()
    user.verified_at = user.verified_at or clock.now()
    if link.purpose is not LinkPurpose.VERIFY_EMAIL:
        if not password_hash:
            raise DomainError("Isi kata sandi baru.")
        set_password(user, password_hash)
    audit.note(_as_actor(user), f"account.{link.purpose.value}", "user", user.public_id)
    db.session.flush()
    return user


def set_password(user: User, password_hash: str, *, keep_token: str = "") -> None:
    """Store a new password; every other signed-in place ends and the person is told."""
    user.password_hash = password_hash
    user.password_changed_at = clock.now()
    signing_in.end_other_places(user.id, keep_token=keep_token)
    add_mail(user, "password_changed", dedupe=clock.now().isoformat())


def propose_staff(actor: Actor, *, email: str, name: str, role: Role, reason: str) -> StaffProposal:
    """The admin proposes a staff role for a person; it holds only once the ketua approves (two people)."""
    if role not in STAFF_ROLES:
        raise DomainError("Peran ini tidak diusulkan lewat halaman ini.", field="role")
    holder = find_by_email(email)
    if holder is not None and holder.id == actor.id:
        raise DomainError(
            "Anda tidak dapat mengusulkan peran untuk diri sendiri. Minta admin lain."
        )
    holds = holder is not None and any(held.role is role for held in holder.roles)
    if holder is not None and holds and holder.disabled_at is None:
        raise DomainError(f"{holder.name} sudah memegang peran {role.label}.")
    standing = select(StaffProposal.id).where(
        StaffProposal.email == email.strip().lower(),
        StaffProposal.role == role,
        StaffProposal.decided_at.is_(None),
    )
    if db.session.scalar(standing) is not None:
        raise DomainError("Usulan yang sama sudah menunggu persetujuan ketua.")
    proposal = StaffProposal(
        email=email.strip().lower(),
        # Of a person who is known the ketua reads the name of the account, not what was typed for it. An address
        # that was never confirmed may be a stranger's who signed up with it.
        name=holder.name if holder is not None and holder.verified_at else name.strip(),
        role=role,
        reason=check_reason(reason, field="reason"),
        proposed_by_id=actor.id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(proposal)
    except IntegrityError as error:  # two admins at once (PostgreSQL)
        raise DomainError("Usulan yang sama sudah menunggu persetujuan ketua.") from error
    audit.note(
        actor,
        "staff.propose",
        "staff_proposal",
        proposal.public_id,
        role=Role.ADMIN,
        given=role.value,
    )
    return proposal


def decide_proposal(
    actor: Actor, proposal: StaffProposal, *, approve: bool, reason: str = ""
) -> bool:
    """The ketua approves, or declines with a reason that goes to whoever proposed.

    Returns whether the person was invited to choose a password. Raises DomainError for one's own proposal or role.
    """
    if proposal.decided_at is not None:
        raise DomainError("Usulan ini sudah diputus.")
    if proposal.proposed_by_id == actor.id:
        raise DomainError("Anda yang mengusulkan, jadi orang lain yang harus menyetujui.")
    user = find_by_email(proposal.email)
    if user is not None and user.id == actor.id:
        raise DomainError("Anda tidak dapat menyetujui peran untuk diri sendiri.")
    proposal.decided_by_id, proposal.decided_at, proposal.approved = actor.id, clock.now(), approve
    invited = approve and _take_on(user, proposal, by=actor.id)
    if not approve:
        add_mail(
            proposal.proposed_by,
            "proposal_declined",
            dedupe=proposal.public_id,
            person=proposal.name,
            role=proposal.role.label,
            decided_by=actor.name,
            reason=check_reason(reason, field="note"),
        )
    audit.note(
        actor,
        "staff.decide",
        "staff_proposal",
        proposal.public_id,
        role=Role.KETUA,
        approved=approve,
    )
    return invited


def _take_on(user: User | None, proposal: StaffProposal, *, by: int | None) -> bool:
    """Give the role. The first one of staff asks for a new password: that of an asesi may be short."""
    is_first = user is None or all(held.role not in STAFF_ROLES for held in user.roles)
    if user is None:
        user = new_account(proposal.email, proposal.name, proposal.role, by=by)
    else:
        grant_role(user, proposal.role, by=by)
    if is_first or user.verified_at is None:
        invite_anew(user, name=proposal.name)
        return True
    return False


def new_account(email: str, name: str, role: Role, *, by: int | None) -> User:
    """An account without password; who opens it invites the person (`invite_anew`)."""
    user = User(email=email.strip().lower(), name=name.strip(), roles=[])
    db.session.add(user)
    grant_role(user, role, by=by)
    return user


def invite_anew(user: User, *, name: str, permohonan: Permohonan | None = None) -> None:
    """Only the holder of the address chooses the password from here: nothing set before lets anybody in.

    Whoever signed up with an address that he never confirmed may be a stranger, so his name goes too.
    """
    if user.verified_at is None:
        user.name = name.strip()
    user.password_hash = ""
    signing_in.end_other_places(user.id)
    end_links(user)
    mail_link(user, LinkPurpose.INVITE, permohonan=permohonan)


def grant_role(user: User, role: Role, *, by: int | None) -> None:
    """Give a role; a closed account is open again, for the two who agreed on it knew that it was."""
    if user.disabled_at is not None:
        user.disabled_at = None
    if all(held.role is not role for held in user.roles):
        user.roles.append(UserRole(role=role, granted_by_id=by, granted_at=clock.now()))
    db.session.flush()


def disable(actor: Actor, user: User) -> None:
    """Close an account at once: its places and links end.

    Raises DomainError for one's own, for that of the last admin or ketua, without whom nobody could be given a role
    again, and for that of a ketua when no ketua closes it: an admin alone must not choose who watches him.
    """
    if user.id == actor.id:
        raise DomainError("Anda tidak dapat menutup akun sendiri.")
    if user.disabled_at is not None:
        raise DomainError("Akun ini sudah ditutup.")
    held = {each.role for each in user.roles}
    for role in (Role.KETUA, Role.ADMIN):
        if role in held and _open_holders(role) == {user.id}:
            raise DomainError(
                f"{user.name} satu-satunya {role.label}. Usulkan {role.label} lain dulu, baru tutup akun ini."
            )
    if Role.KETUA in held and not actor.has(Role.KETUA):
        raise DomainError("Akun ketua hanya dapat ditutup oleh ketua lain.")
    user.disabled_at = clock.now()
    signing_in.end_other_places(user.id)
    audit.note(actor, "account.disable", "user", user.public_id)


def _open_holders(role: Role) -> set[int]:
    """Who holds a role with an open account; locked, so that two do not close each other at once (PostgreSQL)."""
    return set(
        db.session.scalars(
            select(User.id)
            .join(UserRole, UserRole.user_id == User.id)
            .where(UserRole.role == role, User.disabled_at.is_(None))
            .order_by(User.id)
            .with_for_update()
        )
    )


def _as_actor(user: User) -> Actor:
    return Actor(id=user.id, name=user.name, roles=frozenset(held.role for held in user.roles))


def hours_of(purpose: LinkPurpose) -> int:
    """How long a mailed link works, as people read it."""
    return max(1, int(LINK_LIFE[purpose] / timedelta(hours=1)))
