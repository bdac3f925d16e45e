"""What the papers of a pleno print: words of the version in force when it was called, members, counts, who signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lsp.database import db
from lsp.models import Lembaga, Pleno, PlenoMember, User
from lsp.models.inforce import form_template
from lsp.services import pleno_sk
from lsp.services.pleno_meeting import HOW, attendance_of, members_said
from lsp.vocabulary import Answer
from lsp.vocabulary.dates import day_words, weekday_words

PAPERS, SK = "rapat_pleno", "sk_penetapan"


@dataclass(frozen=True, slots=True)
class Attendant:
    """A member as the papers list him. present_at is empty for one who did not come."""

    name: str
    duty: str
    jabatan: str
    met_number: str
    present_at: datetime | None
    how: str
    votes: int
    last_word: datetime | None


def attendants(pleno: Pleno) -> list[Attendant]:
    there = attendance_of(pleno)
    return [_attendant(pleno, member, there) for member in members_said(pleno)]


def _attendant(pleno: Pleno, member: PlenoMember, there: Mapping[int, Any]) -> Attendant:
    words = [
        vote.declared_at
        for place in pleno.cases
        for vote in place.votes
        if vote.member_id == member.user_id and place.outcome != "removed"
    ]
    row = there.get(member.user_id)
    duties = [
        "Ketua rapat" if member.user_id == pleno.chair_id else "Anggota",
        *(["notulis"] if member.user_id == pleno.notulis_id else []),
    ]
    return Attendant(
        name=member.user.name,
        duty=", ".join(duties),
        jabatan=member.jabatan,
        met_number=member.met_number,
        present_at=row.present_at if row is not None else None,
        how=HOW[row.how] if row is not None else "",
        votes=len(words),
        last_word=max(words) if words else None,
    )


def words_of(pleno: Pleno) -> Mapping[str, Any]:
    """Words of surat tugas, daftar hadir, notulen and berita acara."""
    body: Mapping[str, Any] = form_template(PAPERS, version=pleno.words_version).body
    return body


def sk_words(pleno: Pleno) -> Mapping[str, Any]:
    """Words of the SK; before it is signed those that it would get."""
    body: Mapping[str, Any] = form_template(SK, version=pleno.sk_words_version).body
    return body


def facts(pleno: Pleno, lembaga: Lembaga | None) -> dict[str, str]:
    """What fills the blanks of the words. `filled` puts it in."""
    decided = pleno_sk.sk_list(pleno)
    competent = sum(place.outcome == Answer.K for place in decided)
    return {
        "lembaga": lembaga.name if lembaga is not None else "LSP",
        "lisensi": lembaga.licence_number if lembaga is not None else "",
        "hari": weekday_words(pleno.held_on),
        "tanggal_rapat": day_words(pleno.held_on),
        "berita_acara": pleno.berita_acara_number,
        "jumlah": str(len(decided)),
        "kompeten": str(competent),
        "belum": str(len(decided) - competent),
    }


def filled(words: Any, blanks: Mapping[str, str]) -> Any:
    """The same words with their blanks filled, whatever lists they stand in. A blank nobody knows stays as it is."""
    if isinstance(words, str):
        for name, value in blanks.items():
            words = words.replace("{" + name + "}", value)
        return words
    if isinstance(words, Mapping):
        return {key: filled(each, blanks) for key, each in words.items()}
    return [filled(each, blanks) for each in words]


def sk_rows(pleno: Pleno) -> list[tuple[Any, str]]:
    """Each decision with the name of its asesor."""
    decided = pleno_sk.sk_list(pleno)
    ids = {place.fr_ak_02.asesor_id for place in decided}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    names = {each.id: each.name for each in rows}
    return [(place, names.get(place.fr_ak_02.asesor_id, "")) for place in decided]


def notulis_of(pleno: Pleno) -> str:
    """Empty where nobody was named."""
    names = {member.user_id: member.user.name for member in pleno.members}
    return names.get(pleno.notulis_id or 0, "")


def signer_of(pleno: Pleno) -> str:
    """Who signed the SK; empty before."""
    found = db.session.get(User, pleno.sk_signed_by_id) if pleno.sk_signed_by_id else None
    return found.name if found is not None else ""
