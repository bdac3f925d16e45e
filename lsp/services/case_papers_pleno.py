"""The list of a case's papers: those of the tim teknis, from its surat tugas to the SK. One query for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from lsp.database import db
from lsp.models import (
    Permohonan,
    Pleno,
    PlenoAttendance,
    PlenoCase,
    PlenoMember,
    PlenoNotulen,
)
from lsp.services.paper_entry import Asked, Paper, Phase, day_of, outside
from lsp.vocabulary import Answer, PermohonanStatus as S, Stage

_ASSESSMENT = (Stage.ASSESSMENT,)
_REPORTED = (Stage.AFTER, Stage.END)
DECIDED = (Answer.K.value, Answer.BK.value)


def last_place(case: Permohonan) -> Any:
    """The place of the attempt whose pleno counts, or none: not one whose decision was annulled, or is taken anew."""
    places = _places(case)
    last = places[-1] if places else None
    if last is not None and last.outcome in DECIDED and case.decision is None:
        return None
    return last


def committee_letter(asked: Asked, last: Any) -> Paper:
    """The surat tugas of the tim teknis; last: of `last_place`."""
    key, name = "surat_tugas_komite", "Surat tugas tim teknis"
    if last is not None and not last.surat_tugas_number:
        why = "Rapatnya dibuka sebelum portal membuatnya; anggota tertulis di berita acara."
        return outside(key, name, why)
    return asked.entry(
        key,
        name,
        f"{last.surat_tugas_number}, {day_of(last.surat_tugas_date)}" if last else "",
        is_there=last is not None,
        absent="Diberi nomor saat rapat pleno dibuka.",
        due=_ASSESSMENT if asked.permohonan.status is S.RECOMMENDED else (),
        subject=last.public_id if last is not None else "",
    )


def technical_team(asked: Asked, last: Any) -> Phase:
    """last: of `last_place`."""
    decided = last is not None and last.outcome in DECIDED
    held = day_of(last.held_on) if last is not None else ""
    subject = last.public_id if last is not None else ""
    absent = f"Rapat pleno {held}." if last is not None else "Menunggu rapat pleno."
    due = _ASSESSMENT if asked.permohonan.status is S.RECOMMENDED else ()
    signed = last is not None and decided and last.sk_signed_at is not None
    papers = (
        asked.entry(
            "daftar_hadir_pleno",
            "Daftar hadir rapat pleno",
            f"{last.present} dari {last.members} anggota hadir, {held}" if last else "",
            is_there=decided,
            absent=absent,
            due=due,
            subject=subject,
        ),
        asked.entry(
            "notulen_pleno",
            "Notulen rapat pleno",
            f"ditulis notulis, {held}" if last else "",
            is_there=last is not None and last.notulen is not None,
            absent="Ditulis notulis sampai SK ditandatangani." if not signed else "Tidak ditulis.",
            due=(*due, *_REPORTED) if last is not None and not signed else (),
            subject=subject,
        ),
        asked.entry(
            "berita_acara_pleno",
            "Berita acara rapat pleno",
            f"{last.berita_acara_number}, {held}" if last else "",
            is_there=decided,
            absent=absent,
            due=due,
            subject=subject,
        ),
        asked.entry(
            "sk_hasil",
            "SK penetapan hasil",
            f"{last.sk_number}, {day_of(last.sk_date)}" if last else "",
            is_there=signed,
            absent="Ditandatangani ketua sesudah pleno selesai.",
            due=_REPORTED if decided else (),
            subject=subject if decided else "",
        ),
    )
    return Phase("tim_teknis", "Tim teknis", papers)


def _places(case: Permohonan) -> Sequence[Any]:
    """Each place of the attempt on an agenda, oldest first, without those that were taken off again."""
    there = select(func.count(PlenoAttendance.id)).where(PlenoAttendance.pleno_id == Pleno.id)
    members = select(func.count(PlenoMember.user_id)).where(PlenoMember.pleno_id == Pleno.id)
    return db.session.execute(
        select(
            PlenoCase.outcome,
            Pleno.public_id,
            Pleno.berita_acara_number,
            Pleno.held_on,
            Pleno.sk_number,
            Pleno.sk_date,
            Pleno.sk_signed_at,
            Pleno.surat_tugas_number,
            Pleno.surat_tugas_date,
            PlenoNotulen.pleno_id.label("notulen"),
            there.scalar_subquery().label("present"),
            members.scalar_subquery().label("members"),
        )
        .join(Pleno, Pleno.id == PlenoCase.pleno_id)
        .outerjoin(PlenoNotulen, PlenoNotulen.pleno_id == Pleno.id)
        .where(
            PlenoCase.permohonan_id == case.id,
            PlenoCase.attempt == case.attempt,
            PlenoCase.outcome.not_in(("removed", "sent_back")),
        )
        .order_by(PlenoCase.id)
    ).all()
