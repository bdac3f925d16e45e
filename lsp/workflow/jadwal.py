"""The workflow of a jadwal: a batch of asesi for one skema at one TUK."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import AsesorProfile, Booking, Jadwal, Permohonan, Peserta, Slot
from lsp.models.inforce import peserta_stays
from lsp.models.numbers import take_number
from lsp.models.queue import add
from lsp.vocabulary import (
    FINAL,
    Channel,
    JadwalStatus,
    Labelled,
    Mode,
    PermohonanStatus,
    Role,
    Stage,
)
from lsp.workflow.fitness import why_not_remote, why_tuk_unverified, why_unfit
from lsp.workflow.jadwal_reports import why_unreported
from lsp.workflow.machine import LEAST_REASON, Machine, NoteGiven, Transition
from lsp.workflow.permohonan import PERMOHONAN
from lsp.workflow.seats import CANCELS

S = JadwalStatus
ADMIN, SYSTEM = Role.ADMIN, Role.SYSTEM


def tuk_verified(case: Jadwal, actor: Actor, note: str) -> str | None:
    return why_tuk_unverified(case.tuk)


def asesor_eligible(case: Jadwal, actor: Actor, note: str) -> str | None:
    """MET and own SKK valid to the last day, scope and jenjang fit, for each named asesor."""
    for person in filter(None, (case.asesor_1, case.asesor_2)):
        profile = db.session.get(AsesorProfile, person.id)
        reason = why_unfit(profile, case.skema_version, until=case.ends_on, who=person.name)
        if reason is not None:
            return reason
    return None


def remote_permission_in_force(case: Jadwal, actor: Actor, note: str) -> str | None:
    if case.mode is not Mode.DARING:
        return None
    return why_not_remote(case.skema_version, case.starts_on, case.ends_on)


def why_over(last_day: date) -> str | None:
    return "Tanggal selesai sudah lewat." if last_day < clock.today_wib() else None


def not_over(case: Jadwal, actor: Actor, note: str) -> str | None:
    """A surat tugas is not written for days that are gone."""
    return why_over(case.ends_on)


def every_peserta_recommended_or_left(case: Jadwal, actor: Actor, note: str) -> str | None:
    waiting = [
        status
        for status in _peserta_statuses(case)
        if status.stage in (Stage.REGISTRATION, Stage.PRE_ASSESSMENT, Stage.ASSESSMENT)
        and status is not PermohonanStatus.RECOMMENDED
    ]
    if waiting:
        return f"Masih ada {len(waiting)} peserta yang belum direkomendasikan."
    return None


def every_peserta_at_the_end(case: Jadwal, actor: Actor, note: str) -> str | None:
    """Certificate issued, not-yet-competent for good, or left: until then LPJK and BNSP ask for this very jadwal."""
    ended = (*FINAL, PermohonanStatus.LAPSED)
    waiting = Counter(status.label for status in _peserta_statuses(case) if status not in ended)
    if waiting:
        told = ", ".join(f"{count} “{label}”" for label, count in waiting.items())
        return (
            f"Masih ada {waiting.total()} peserta yang belum sampai akhir: {told}. "
            "Jadwal ditutup setelah sertifikat mereka terbit atau permohonannya ditutup."
        )
    return None


def asesor_reported(case: Jadwal, actor: Actor, note: str) -> str | None:
    """FR.AK.05 and FR.AK.06 signed by each asesor who held a meeting of this jadwal."""
    return why_unreported(case)


def _peserta_statuses(case: Jadwal) -> list[PermohonanStatus]:
    """Of those who are here now: not of who moved, nor of an attempt that a later one followed."""
    return list(
        db.session.scalars(
            select(Permohonan.status)
            .join(Peserta, Peserta.permohonan_id == Permohonan.id)
            .where(
                Peserta.jadwal_id == case.id,
                Peserta.attempt == Permohonan.attempt,
                peserta_stays(),
            )
        )
    )


def seats_held(case: Jadwal) -> Sequence[Booking]:
    """The standing seats in a batch, in the order of their meetings."""
    return db.session.scalars(
        select(Booking)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(
            Slot.jadwal_id == case.id, Booking.cancelled_at.is_(None), Booking.closed_at.is_(None)
        )
        .order_by(Slot.starts_at, Booking.id)
        .options(joinedload(Booking.permohonan))
    ).all()


def send_everybody_back(case: Jadwal, actor: Actor, note: str) -> None:
    """Each seat is given back by the step of its own case, which mails asesi and asesor; the meetings are closed."""
    for seat in seats_held(case):
        permohonan = seat.permohonan
        name = CANCELS.get(permohonan.status, "")  # no step: refused with its state
        PERMOHONAN.perform(permohonan, name, actor, version=permohonan.version, note=note)
    for slot in case.slots:
        # A closed meeting leaves its hour to the asesor.
        slot.cancelled_at = slot.cancelled_at or clock.now()


def number_surat_tugas(case: Jadwal, actor: Actor, note: str) -> None:
    if not case.surat_tugas_number:
        case.surat_tugas_number = take_number("surat_tugas").text
        case.surat_tugas_date = clock.today_wib()


def report_jadwal_to_bnsp(case: Jadwal, actor: Actor, note: str) -> None:
    for kind in ("jadwal", "jadwal/confirm"):
        add(
            Channel.BNSP,
            kind,
            dedupe=f"bnsp:{kind}:{case.public_id}",
            payload={"jadwal": case.public_id, "nama_jadwal": case.name},
        )


T = Transition[Jadwal]

#: What the surat tugas stands on; it must hold of a jadwal that is changed after it was confirmed, too.
_PAPERS_HOLD = (asesor_eligible, tuk_verified, remote_permission_in_force)

TRANSITIONS: tuple[T, ...] = (
    T(name="change", label="Ubah jadwal", source=(S.DRAFT,), target=S.DRAFT, roles=(ADMIN,)),
    T(name="change", label="Ubah jadwal",
      source=(S.CONFIRMED,), target=S.CONFIRMED, roles=(ADMIN,), guards=_PAPERS_HOLD),
    T(name="change", label="Ubah jadwal",
      source=(S.RUNNING,), target=S.RUNNING, roles=(ADMIN,), guards=_PAPERS_HOLD),
    T(name="confirm", label="Konfirmasi jadwal",
      source=(S.DRAFT,), target=S.CONFIRMED, roles=(ADMIN,),
      guards=(*_PAPERS_HOLD, not_over),
      fills=(number_surat_tugas,), effects=(report_jadwal_to_bnsp,)),
    T(name="begin", label="Mulai", source=(S.CONFIRMED,), target=S.RUNNING, roles=(SYSTEM,)),
    T(name="finish", label="Nyatakan selesai",
      source=(S.RUNNING,), target=S.DONE, roles=(ADMIN,), guards=(every_peserta_recommended_or_left,)),
    T(name="close", label="Tutup jadwal",
      source=(S.DONE,), target=S.CLOSED, roles=(ADMIN,), guards=(every_peserta_at_the_end, asesor_reported)),
    T(name="cancel", label="Batalkan jadwal",
      source=(S.DRAFT, S.CONFIRMED), target=S.CANCELLED, roles=(ADMIN,), guards=(NoteGiven(LEAST_REASON),),
      effects=(send_everybody_back,)),
)  # fmt: skip


def acting_role(row: T, case: Jadwal, actor: Actor) -> Role | None:
    return next((role for role in row.roles if role in actor.roles), None)


def record(
    case: Jadwal, row: T, source: Labelled, actor: Actor, role: Role, note: str, moment: datetime
) -> None:
    """A jadwal's history is the audit chain alone."""


JADWAL: Machine[Jadwal] = Machine(
    name="jadwal",
    statuses=JadwalStatus,
    transitions=TRANSITIONS,
    acting_role=acting_role,
    duties=(),
    record=record,
)
