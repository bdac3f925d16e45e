"""Claiming: a permohonan that the LSP opened for somebody becomes his once he has proved that it is.

Two proofs: a link mailed to the address that the LSP has, and the NIK. Until then nothing of the case is shown to the
account (`permissions.is_claimed`), because the address may be a stranger's.
"""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import contains_eager

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Claim, FrApl01, OneUseLink, Permohonan, User, nik_index
from lsp.permissions import is_claimed
from lsp.services import accounts, apl01, audit
from lsp.vocabulary import LinkPurpose, PermohonanStatus, Role
from lsp.workflow.effects.common import tell_role

#: NIK typed that is not the one on the form; then the admin has to look at it.
MOST_TRIES = 5
#: Rows of the admin's list.
MOST_SHOWN = 100
STUCK = (
    f"NIK sudah {MOST_TRIES} kali tidak cocok. Permohonan ini menunggu admin LSP, yang sudah kami beri tahu. "
    "Hubungi LSP bila Anda yakin permohonan ini milik Anda."
)
GONE = "Permohonan ini sudah ditutup LSP, jadi tidak dapat diambil lagi."
TAKEN = "Permohonan ini sudah diambil asesinya."


def claim_of(permohonan: Permohonan) -> Claim | None:
    """The claim of a permohonan that the LSP opened; None when its asesi began it himself."""
    return db.session.get(Claim, permohonan.id)


def waits(permohonan: Permohonan) -> bool:
    """Whether nobody has claimed this permohonan yet, though somebody must."""
    claim = claim_of(permohonan)
    return claim is not None and claim.claimed_at is None


def account_for(actor: Actor, *, email: str, name: str) -> User:
    """The account a case is opened for: that of the address, or a new one.

    Raises DomainError for staff, for oneself and for a closed account.
    """
    asesi = accounts.find_by_email(email)
    if asesi is None:
        asesi = accounts.new_account(email, name, Role.ASESI, by=actor.id)
    elif all(held.role is not Role.ASESI for held in asesi.roles):
        raise DomainError(
            "E-mail ini milik akun petugas. Minta asesi memakai alamat e-mail lain.", field="email"
        )
    if asesi.id == actor.id:
        raise DomainError(
            "Anda tidak dapat mencatat permohonan untuk diri sendiri. Minta admin lain.",
            field="email",
        )
    if asesi.disabled_at is not None:
        raise DomainError("Akun dengan e-mail ini sudah ditutup. Pakai alamat lain.", field="email")
    if asesi.verified_at is None:
        asesi.name = (
            name.strip()
        )  # whoever signed up with the address without confirming it may be a stranger
    return asesi


def open_claim(actor: Actor, permohonan: Permohonan) -> None:
    """Say that this permohonan waits for its asesi, and write to him."""
    db.session.add(Claim(permohonan_id=permohonan.id, opened_by_id=actor.id, mailed_at=clock.now()))
    _mail(permohonan)


def _mail(permohonan: Permohonan) -> None:
    """The link to his account where he has one, else the invitation, which leads on to the permohonan."""
    asesi = permohonan.asesi
    if asesi.verified_at is None:
        accounts.invite_anew(asesi, name=asesi.name, permohonan=permohonan)
    else:
        accounts.mail_link(asesi, LinkPurpose.CLAIM, permohonan=permohonan)


def _mail_anew(claim: Claim, permohonan: Permohonan) -> None:
    claim.mailed_at = clock.now()
    _mail(permohonan)


def send_again(actor: Actor, permohonan: Permohonan) -> None:
    """The admin sends a new link; wrong tries are forgotten, for he knows the person. Raises DomainError."""
    claim = _open(permohonan)
    claim.tries = 0
    _mail_anew(claim, permohonan)
    audit.note(actor, "claim.send_again", "permohonan", permohonan.public_id)


def ask_again(actor: Actor) -> int:
    """The account itself asks for its links once more; how many went. Tries stay counted."""
    rows = [row for row in waiting_for(actor.id) if row.tries < MOST_TRIES]
    for row in rows:
        _mail_anew(row, row.permohonan)
    return len(rows)


def change_email(actor: Actor, permohonan: Permohonan, email: str) -> None:
    """The admin corrects a mistyped address; the old link is dead, the new address gets one. Raises DomainError."""
    claim, old = _open(permohonan), permohonan.asesi
    if email.strip().lower() == old.email:
        raise DomainError(
            "Alamat ini sudah tercatat. Untuk mengirim lagi, tekan “Kirim tautan lagi”.",
            field="email",
        )
    new = account_for(actor, email=email, name=permohonan.asesi_name)
    form = apl01.form_of(permohonan)
    if form.email == old.email:
        form.email = new.email
    accounts.end_links(old, LinkPurpose.CLAIM, permohonan=permohonan)
    permohonan.asesi_id, permohonan.asesi, claim.tries = new.id, new, 0
    db.session.flush()
    if old.verified_at is None and not _has_cases(old):
        accounts.end_links(old)
    _mail_anew(claim, permohonan)
    audit.note(actor, "claim.email", "permohonan", permohonan.public_id, user=new.public_id)


def _has_cases(user: User) -> bool:
    return bool(db.session.scalar(select(exists().where(Permohonan.asesi_id == user.id))))


def _open(permohonan: Permohonan) -> Claim:
    """The waiting claim of a draft. Raises DomainError when there is none."""
    claim = db.session.get(Claim, permohonan.id, with_for_update=True)
    if claim is None or claim.claimed_at is not None:
        raise DomainError(TAKEN)
    if permohonan.status is not PermohonanStatus.DRAFT:
        raise DomainError(GONE)
    return claim


def waiting_for(user_id: int | None) -> list[Claim]:
    """What an account has yet to claim, oldest first."""
    return list(
        db.session.scalars(
            select(Claim)
            .join(Permohonan, Permohonan.id == Claim.permohonan_id)
            .where(
                Permohonan.asesi_id == user_id,
                Claim.claimed_at.is_(None),
                Permohonan.status == PermohonanStatus.DRAFT,
            )
            .order_by(Claim.permohonan_id)
        )
    )


def all_waiting() -> list[Claim]:
    """What nobody has claimed yet: those that are stuck first, then the oldest."""
    return list(
        db.session.scalars(
            select(Claim)
            .join(Permohonan, Permohonan.id == Claim.permohonan_id)
            .where(Claim.claimed_at.is_(None), Permohonan.status == PermohonanStatus.DRAFT)
            .options(
                contains_eager(Claim.permohonan).joinedload(Permohonan.asesi),
                contains_eager(Claim.permohonan).joinedload(Permohonan.skema_version),
            )
            .order_by((Claim.tries >= MOST_TRIES).desc(), Claim.permohonan_id)
            .limit(MOST_SHOWN)
        )
    )


def niks_of(user_id: int) -> list[FrApl01]:
    """The forms of a person's own permohonan that name a NIK, newest first: who he says he is elsewhere.

    Of one that he has not claimed the LSP wrote the NIK, so it says nothing about him.
    """
    return list(
        db.session.scalars(
            select(FrApl01)
            .join(Permohonan, Permohonan.id == FrApl01.permohonan_id)
            .where(Permohonan.asesi_id == user_id, is_claimed(), FrApl01.nik_last4 != "")
            .order_by(FrApl01.permohonan_id.desc())
            .limit(3)
        )
    )


def way_on(user: User) -> str:
    """The token of a fresh link to the first permohonan that waits for this person; empty when none does.

    For who has just come by a mailed link: that link proved the address.
    """
    waiting = waiting_for(user.id)
    if not waiting:
        return ""
    permohonan = waiting[0].permohonan
    return accounts.make_link(user, LinkPurpose.CLAIM, permohonan=permohonan)


def case_of(link: OneUseLink) -> Permohonan | None:
    """The permohonan that a link hands over."""
    return db.session.get(Permohonan, link.permohonan_id) if link.permohonan_id else None


def taken_by(actor: Actor, token: str) -> Permohonan | None:
    """The permohonan that this person has claimed with this very link already (the form was sent twice)."""
    link = accounts.find_link(token)
    permohonan = case_of(link) if link is not None else None
    if permohonan is None or permohonan.asesi_id != actor.id or waits(permohonan):
        return None
    return permohonan


def take(actor: Actor, token: str, nik: str) -> str:
    """Claim with the NIK. Returns what to say when it does not fit: the try is counted, so the caller commits.

    Raises LinkSpent for a link that does not work or is another person's, DomainError when the case is not to be had.
    """
    link = accounts.read_link(token, claims=True)
    permohonan = case_of(link)
    if permohonan is None or link.user_id != actor.id or permohonan.asesi_id != actor.id:
        raise accounts.LinkSpent
    claim = _open(permohonan)
    if claim.tries >= MOST_TRIES:
        return STUCK
    form = apl01.form_of(permohonan)
    if form.nik and nik_index(nik.upper()) != nik_index(form.nik.upper()):
        return _count_wrong(actor, claim, permohonan)
    claim.nik_matched = bool(form.nik)
    form.nik = form.nik or nik
    claim.claimed_at = link.used_at = clock.now()
    accounts.end_links(link.user, LinkPurpose.CLAIM, permohonan=permohonan)
    audit.note(actor, "claim.take", "permohonan", permohonan.public_id, matched=claim.nik_matched)
    db.session.flush()
    return ""


def _count_wrong(actor: Actor, claim: Claim, permohonan: Permohonan) -> str:
    claim.tries += 1
    audit.note(actor, "claim.wrong_nik", "permohonan", permohonan.public_id)
    if claim.tries < MOST_TRIES:
        left = MOST_TRIES - claim.tries
        return f"NIK ini tidak cocok dengan catatan LSP. Periksa lagi di KTP Anda. Sisa percobaan: {left}."
    tell_role(permohonan, Role.ADMIN, "claim_stuck_admin", tries=MOST_TRIES)
    return STUCK
