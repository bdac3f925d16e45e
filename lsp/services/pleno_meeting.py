"""The meeting of a pleno: when and where, who of its members came, and the way into its room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, insert_or_keep
from lsp.errors import DomainError
from lsp.models import (
    AsesorProfile,
    CommitteeProfile,
    Pleno,
    PlenoAttendance,
    PlenoMember,
    User,
    UserRole,
)
from lsp.services import audit, joining, schedule
from lsp.vocabulary import Mode, Role
from lsp.vocabulary.dates import weekday_words

#: How it is known that a member was there, in words.
HOW = {
    "said": "menyatakan hadir sendiri",
    "voted": "memberi suara",
    "settled": "memutus sebagai ketua rapat",
}
NOT_MEMBER = "Anda bukan anggota rapat pleno ini."
OVER = "Rapat pleno ini sudah selesai, jadi waktu dan tempatnya tetap."


@dataclass(frozen=True, slots=True)
class Meets:
    """Hours in WIB on the day of the pleno, where, and who writes. An empty link of an online one becomes a room."""

    starts: time
    ends: time
    mode: Mode
    place: str = ""
    meeting_url: str = ""
    notulis_id: int | None = None


def apply(pleno: Pleno, meets: Meets) -> None:
    """Raises DomainError for hours or a place that cannot be; members must be known."""
    if meets.ends <= meets.starts:
        raise DomainError("Jam selesai harus sesudah jam mulai.", field="ends")
    if meets.mode is Mode.LURING and not meets.place.strip():
        raise DomainError("Isi tempat rapat.", field="place")
    if meets.notulis_id is not None and meets.notulis_id not in _member_ids(pleno):
        raise DomainError("Notulis harus salah satu anggota rapat.", field="notulis")
    online = meets.mode is Mode.DARING
    try:
        url = schedule.link_of(meets.mode, meets.meeting_url.strip()) if online else ""
    except DomainError as refusal:
        raise DomainError(str(refusal), field="meeting_url") from refusal
    pleno.starts, pleno.ends, pleno.mode = meets.starts, meets.ends, meets.mode
    pleno.place, pleno.meeting_url = "" if online else meets.place.strip(), url
    pleno.notulis_id = meets.notulis_id


def change(actor: Actor, pleno: Pleno, meets: Meets) -> None:
    """Other hours, another place or notulis, while the pleno is not over. Raises DomainError."""
    db.session.refresh(pleno, ["closed_at"])
    if pleno.closed_at is not None:
        raise DomainError(OVER)
    apply(pleno, meets)
    audit.note(actor, "pleno.place", "pleno", pleno.public_id, role=Role.ADMIN)
    db.session.flush()


def hours(pleno: Pleno) -> str:
    """09.00–12.00 WIB; empty where no hours were set."""
    if pleno.starts is None or pleno.ends is None:
        return ""
    return f"{pleno.starts:%H.%M}–{pleno.ends:%H.%M} WIB"


def when(pleno: Pleno) -> str:
    """Senin, 23 November 2026, pukul 09.00–12.00 WIB."""
    told = hours(pleno)
    return weekday_words(pleno.held_on) + (f", pukul {told}" if told else "")


def where(pleno: Pleno) -> str:
    """The place in words, without the link: whoever may go in has a button."""
    if pleno.mode is Mode.DARING:
        return "Daring, lewat tautan rapat di portal"
    return pleno.place or "Tidak dicatat"


def _member_ids(pleno: Pleno) -> set[int]:
    return {member.user_id for member in pleno.members}


# --- Attendance --------------------------------------------------------------------------------------------------


def attendance_of(pleno: Pleno) -> dict[int, PlenoAttendance]:
    """Member -> when he was first known to be there."""
    rows = db.session.scalars(select(PlenoAttendance).where(PlenoAttendance.pleno_id == pleno.id))
    return {row.user_id: row for row in rows}


def why_not_present(
    pleno: Pleno, attended: Mapping[int, PlenoAttendance], actor: Actor
) -> str | None:
    """Why this person cannot say now that he is there; None when he can."""
    if actor.id not in _member_ids(pleno):
        return NOT_MEMBER
    if actor.id in attended:
        return "Kehadiran Anda sudah tercatat."
    if pleno.sk_signed_at is not None:
        return "SK rapat ini sudah ditandatangani, jadi daftar hadirnya tetap."
    early = _too_early(pleno)
    if early:
        return early
    return _too_late(pleno)


def _too_late(pleno: Pleno) -> str | None:
    """Who did not say so while they met has his vote to show that he took part."""
    over, ends_at = pleno.closed_at is not None, pleno.ends_at
    if ends_at is not None and clock.now() <= ends_at + (timedelta() if over else joining.LINGERS):
        return None
    if over:
        return "Rapat ini sudah selesai, jadi daftar hadirnya tetap."
    if ends_at is not None:
        return "Jam rapat ini sudah lewat. Kehadiran Anda tercatat saat Anda memberi suara."
    return None


def _too_early(pleno: Pleno) -> str:
    if clock.today_wib() < pleno.held_on:
        return f"Kehadiran dicatat mulai {weekday_words(pleno.held_on)}."
    begins = pleno.starts_at
    if begins is not None and clock.now() < begins - joining.window().before:
        return f"Kehadiran dicatat menjelang rapat, pukul {pleno.starts:%H.%M} WIB."
    return ""


def say_present(actor: Actor, pleno: Pleno) -> None:
    """A member presses “Saya hadir”. Raises DomainError with a sentence."""
    db.session.refresh(pleno)
    reason = why_not_present(pleno, attendance_of(pleno), actor)
    if reason is not None:
        raise DomainError(reason)
    note_presence(pleno, actor.id or 0, how="said")
    audit.note(actor, "pleno.present", "pleno", pleno.public_id, role=Role.TIM_TEKNIS)
    db.session.flush()


def note_presence(pleno: Pleno, user_id: int, *, how: str) -> None:
    """A member's word shows that he is there; what was known before stays. Nobody but members is noted."""
    if user_id in _member_ids(pleno):
        key = {"pleno_id": pleno.id, "user_id": user_id}
        insert_or_keep(PlenoAttendance, **key, present_at=clock.now(), how=how)


# --- The room ----------------------------------------------------------------------------------------------------


def door_refusal(pleno: Pleno) -> str | None:
    """Why nobody can go in now, by the rules of every meeting (services/joining.py); None when the door is open."""
    starts_at, ends_at = pleno.starts_at, pleno.ends_at
    if pleno.mode is not Mode.DARING or starts_at is None or ends_at is None:
        return joining.FACE_TO_FACE if pleno.mode else joining.NO_LINK
    if not pleno.meeting_url:
        return joining.NO_LINK
    early = joining.window().too_early(starts_at)
    if early is not None:
        return early
    closes_at = ends_at if pleno.closed_at is not None else ends_at + joining.LINGERS
    return joining.OVER if clock.now() > closes_at else None


def enter(actor: Actor, pleno: Pleno) -> str:
    """Note that a member goes in, and tell the address of the room. Raises DomainError with a sentence."""
    if actor.id not in _member_ids(pleno):
        raise DomainError(NOT_MEMBER)
    refusal = door_refusal(pleno)
    if refusal is not None:
        raise DomainError(refusal)
    audit.note(actor, "pleno.join", "pleno", pleno.public_id, role=Role.TIM_TEKNIS)
    db.session.flush()
    return pleno.meeting_url


# --- What the papers say of a member -----------------------------------------------------------------------------


def profiles(user_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Person -> (jabatan, MET number); the MET number of an asesor's own profile comes first."""
    rows = db.session.execute(
        select(
            User.id, CommitteeProfile.jabatan, CommitteeProfile.met_number, AsesorProfile.met_number
        )
        .outerjoin(CommitteeProfile, CommitteeProfile.user_id == User.id)
        .outerjoin(AsesorProfile, AsesorProfile.user_id == User.id)
        .where(User.id.in_(list(user_ids)))
    )
    return {key: (jabatan or "", own or typed or "") for key, jabatan, typed, own in rows}


def write_down(pleno: Pleno) -> None:
    """Keep jabatan and MET number of each member as they are now: they stand on the surat tugas."""
    known = profiles([member.user_id for member in pleno.members])
    for member in pleno.members:
        member.jabatan, member.met_number = known.get(member.user_id, ("", ""))


def members_without_jabatan(people: Sequence[User]) -> list[str]:
    known = profiles([person.id for person in people])
    return [person.name for person in people if not known.get(person.id, ("", ""))[0]]


def set_profile(actor: Actor, person: User, *, jabatan: str, met_number: str) -> None:
    """What the next surat tugas says of a member. Of an asesor only his jabatan is kept here."""
    held = select(UserRole.id).where(
        UserRole.user_id == person.id, UserRole.role == Role.TIM_TEKNIS
    )
    if db.session.scalar(held.limit(1)) is None:
        raise DomainError("Orang ini bukan tim teknis.")
    row = db.session.get(CommitteeProfile, person.id)
    if row is None:
        row = CommitteeProfile(user_id=person.id)
        db.session.add(row)
    own = db.session.get(AsesorProfile, person.id)
    row.jabatan = jabatan.strip()
    row.met_number = "" if own is not None else met_number.strip()
    audit.note(actor, "committee.profile", "user", person.public_id, role=Role.ADMIN)
    db.session.flush()


def members_said(pleno: Pleno) -> list[PlenoMember]:
    """The chair first, then by name, as the papers list them."""
    return sorted(
        pleno.members,
        key=lambda member: (member.user_id != pleno.chair_id, member.user.name.casefold()),
    )
