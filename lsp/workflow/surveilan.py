"""The workflow of a surveilan: filled by the holder, judged by an asesor, met or not (process 6.3 and 9.2, S05).

It changes no certificate. What follows a surveilan that was never sent, or not met, is proposed on the page of the
certificate and decided by others.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Certificate, Surveilan, SurveilanEvent, SurveilanReport, SurveilanVerdict
from lsp.models.queue import add_mail
from lsp.vocabulary import CertificateStatus, Labelled, Role, SurveilanStatus
from lsp.workflow import duty
from lsp.workflow.machine import LEAST_REASON, Machine, NoteGiven, Transition

S = SurveilanStatus
ASESI, ADMIN, ASESOR, SYSTEM = Role.ASESI, Role.ADMIN, Role.ASESOR, Role.SYSTEM
#: Mails that go to the holder while the task is his.
DUE_MAIL, REMINDER_MAIL, RESULT_MAIL = "surveilan_due", "surveilan_reminder", "surveilan_result"


def is_alive(certificate: Certificate) -> bool:
    """Whether a certificate is one that surveilan is for: in force or suspended, and not past its last day."""
    standing = certificate.status in (CertificateStatus.ACTIVE, CertificateStatus.SUSPENDED)
    return standing and clock.today_wib() <= certificate.valid_until


def report_of(case: Surveilan) -> SurveilanReport | None:
    """What the holder writes or wrote in the present attempt."""
    return next((each for each in case.reports if each.attempt == case.attempt), None)


def verdict_of(case: Surveilan) -> SurveilanVerdict | None:
    """The asesor's word on the present attempt."""
    return next((each for each in case.verdicts if each.attempt == case.attempt), None)


# --- Who may -----------------------------------------------------------------------------------------------------


def not_the_holder(case: Surveilan, actor: Actor, note: str) -> str | None:
    if actor.id == case.permohonan.asesi_id:
        return "Ini surveilan Anda sendiri. Orang lain yang menanganinya."
    return None


def why_not_asesor(case: Surveilan, person_id: int) -> str | None:
    """Why somebody cannot judge a surveilan; None when he can."""
    if person_id == case.permohonan.asesi_id:
        return "Pemegang sertifikat tidak menilai surveilannya sendiri. Pilih asesor lain."
    if person_id in duty.pleno_ids(case.permohonan):
        return "Asesor ini ikut memutuskan sertifikatnya di pleno. Pilih asesor lain."
    return None


# --- Only if -----------------------------------------------------------------------------------------------------


def certificate_alive(case: Surveilan, actor: Actor, note: str) -> str | None:
    if is_alive(case.certificate):
        return None
    return "Sertifikat ini tidak berlaku lagi, jadi surveilannya tidak diperlukan."


def certificate_over(case: Surveilan, actor: Actor, note: str) -> str | None:
    return "Sertifikat ini masih berlaku." if is_alive(case.certificate) else None


def statement_signed(case: Surveilan, actor: Actor, note: str) -> str | None:
    report = report_of(case)
    if report is None or report.sent_at is None:
        return "Isian surveilan belum ditandatangani."
    return None


def asesor_chosen(case: Surveilan, actor: Actor, note: str) -> str | None:
    return "Pilih asesor." if case.asesor_id is None else None


def asesor_independent(case: Surveilan, actor: Actor, note: str) -> str | None:
    return why_not_asesor(case, case.asesor_id) if case.asesor_id is not None else None


def found_met(case: Surveilan, actor: Actor, note: str) -> str | None:
    verdict = verdict_of(case)
    return None if verdict is not None and verdict.met else "Penilaian asesor belum ditulis."


def chance_given(case: Surveilan, actor: Actor, note: str) -> str | None:
    verdict = verdict_of(case)
    if case.attempt > 1:
        return "Kesempatan kedua hanya diberikan satu kali."
    if verdict is None or verdict.second_until is None:
        return "Tulis tanggal kesempatan kedua."
    return None


def found_not_met(case: Surveilan, actor: Actor, note: str) -> str | None:
    verdict = verdict_of(case)
    if verdict is None or verdict.met:
        return "Penilaian asesor belum ditulis."
    if case.attempt == 1:
        return "Beri kesempatan kedua dulu: pemegang berhak melengkapi satu kali."
    return None


# --- And then ----------------------------------------------------------------------------------------------------


def begin_second(case: Surveilan, actor: Actor, note: str) -> None:
    """The holder has until a new day, and is reminded anew."""
    verdict = verdict_of(case)
    if verdict is not None and verdict.second_until is not None:
        case.until, case.reminders = verdict.second_until, 0
    case.attempt = 2


def tell_asesor(case: Surveilan, actor: Actor, note: str) -> None:
    if case.asesor is not None:
        add_mail(
            case.asesor,
            "surveilan_assigned",
            dedupe=f"{case.public_id}:{case.version}",
            permohonan_id=case.permohonan_id,
            surveilan=case.public_id,
            holder=case.certificate.holder_name,
            skema=case.certificate.jabatan_kerja,
        )


def tell_holder(case: Surveilan, actor: Actor, note: str) -> None:
    add_mail(
        case.permohonan.asesi,
        RESULT_MAIL,
        dedupe=f"{case.public_id}:{len(case.verdicts)}",
        permohonan_id=case.permohonan_id,
        permohonan=case.permohonan.public_id,
        skema=case.certificate.jabatan_kerja,
        met=case.status is S.MET,
        again=case.status is S.REPEATED,
        until=case.until.isoformat(),
        reason=case.verdicts[-1].reason if case.verdicts else "",
    )


T = Transition[Surveilan]
_BY_ASESOR: dict[str, Any] = {"source": (S.EXAMINED,), "roles": (ASESOR,), "duties": (not_the_holder,)}  # fmt: skip

TRANSITIONS: tuple[T, ...] = (
    T(name="send", label="Kirim isian surveilan",
      source=(S.WAITING,), target=S.SENT, roles=(ASESI,), guards=(certificate_alive, statement_signed)),
    T(name="send", label="Kirim isian surveilan",
      source=(S.REPEATED,), target=S.EXAMINED, roles=(ASESI,), guards=(certificate_alive, statement_signed),
      effects=(tell_asesor,)),
    T(name="assign", label="Tunjuk asesor",
      source=(S.SENT,), target=S.EXAMINED, roles=(ADMIN,), duties=(not_the_holder,),
      guards=(asesor_chosen, asesor_independent), effects=(tell_asesor,)),
    T(name="reassign", label="Ganti asesor",
      source=(S.EXAMINED,), target=S.EXAMINED, roles=(ADMIN,), duties=(not_the_holder,),
      guards=(asesor_chosen, asesor_independent, NoteGiven(LEAST_REASON)), effects=(tell_asesor,)),
    T(name="find_met", label="Nyatakan terpenuhi", target=S.MET,
      guards=(asesor_independent, found_met), effects=(tell_holder,), **_BY_ASESOR),
    T(name="grant_chance", label="Beri kesempatan kedua", target=S.REPEATED,
      guards=(asesor_independent, chance_given), fills=(begin_second,), effects=(tell_holder,), **_BY_ASESOR),
    T(name="find_not_met", label="Nyatakan tidak terpenuhi", target=S.NOT_MET,
      guards=(asesor_independent, found_not_met), effects=(tell_holder,), **_BY_ASESOR),
    T(name="drop", label="Hentikan karena sertifikat berakhir",
      source=(S.WAITING, S.SENT, S.EXAMINED, S.REPEATED), target=S.DROPPED, roles=(SYSTEM,),
      guards=(certificate_over,)),
)  # fmt: skip


def acting_role(row: T, case: Surveilan, actor: Actor) -> Role | None:
    """The holder fills, the asesor who was named judges, the admin names him."""
    mine = {
        ASESI: actor.id is not None and actor.id == case.permohonan.asesi_id,
        ASESOR: actor.id is not None and actor.id == case.asesor_id,
        ADMIN: True,
        SYSTEM: True,
    }
    return next((role for role in row.roles if role in actor.roles and mine[role]), None)


def record(
    case: Surveilan,
    row: T,
    source: Labelled,
    actor: Actor,
    role: Role,
    note: str,
    moment: datetime,
) -> None:
    db.session.add(
        SurveilanEvent(
            surveilan_id=case.id,
            at=moment,
            step=row.name,
            actor_id=actor.id,
            note=note.strip(),
        )
    )


SURVEILAN: Machine[Surveilan] = Machine(
    name="surveilan",
    statuses=SurveilanStatus,
    transitions=TRANSITIONS,
    acting_role=acting_role,
    duties=(),
    record=record,
)
