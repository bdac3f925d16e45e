"""Guards of what follows a decision: windows of banding and asesmen ulang, who assesses the attempt they open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.database import db
from lsp.models import Banding, BandingMember, DutyWaiver, Permohonan, User
from lsp.models.inforce import add_working_days, setting
from lsp.vocabulary import BandingStatus, DutyRule, InvoiceKind, InvoiceStatus, Role
from lsp.workflow import duty
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.decision import last_event
from lsp.workflow.history import steps_of, taken_in_attempt
from lsp.workflow.machine import LEAST_REASON


def receipt_of(case: Permohonan) -> datetime | None:
    """When the asesi received the decision: first opening while signed in, or some days after the mail went."""
    days = int(setting("receipt_after_mail_days"))
    by_mail = case.result_mailed_at + timedelta(days=days) if case.result_mailed_at else None
    moments = [moment for moment in (case.result_opened_at, by_mail) if moment is not None]
    return min(moments) if moments else None


def appeal_until(case: Permohonan) -> date | None:
    """Last day of the appeal window; None while the decision has not been received."""
    received = receipt_of(case)
    if received is None:
        return None
    return add_working_days(
        received.astimezone(clock.WIB).date(), int(setting("appeal_working_days"))
    )


def appeal_window_open(case: Permohonan) -> bool:
    """Whether the decision may still be contested; one that has not been received may."""
    last_day = appeal_until(case)
    return last_day is None or clock.today_wib() <= last_day


def appeal_answer_until(case: Permohonan) -> date:
    """Last day for the panel's answer; of a case whose appeal was filed when it got its present status."""
    filed = case.status_at.astimezone(clock.WIB).date()
    return add_working_days(filed, int(setting("appeal_answer_working_days")))


def may_be_contested(case: Permohonan) -> bool:
    """Whether the asesi still has the right of banding against the decision that stands."""
    return appeal_window_open(case) and first_appeal_of_decision(case, SYSTEM, "") is None


def inside_appeal_window(case: Permohonan, actor: Actor, note: str) -> str | None:
    last_day = appeal_until(case)
    if last_day is not None and clock.today_wib() > last_day:
        return "Batas waktu banding sudah lewat."
    return None


def first_appeal_of_decision(case: Permohonan, actor: Actor, note: str) -> str | None:
    """One banding a decision; the decision taken anew after `grant_redecision` is another one."""
    if last_event(case, "decide_not_yet", "appeal") == "appeal":
        return "Keputusan ini sudah pernah dibanding."
    return None


def reassessment_until(case: Permohonan) -> datetime:
    """When the window for another attempt closes, counted from the decision."""
    days = case.skema_version.reassessment_days
    return (case.decided_at or case.status_at) + timedelta(days=days)


def asesor_new_after_banding(case: Permohonan, actor: Actor, note: str) -> str | None:
    """An attempt that a banding opened is assessed by somebody outside the old ones (workflow 2)."""
    seat = dossier_of(case).booking
    if seat is None:
        return None
    if seat.slot.asesor_id in asesor_before_banding(case):
        return ASSESSED_BEFORE
    return JUDGED_BANDING if seat.slot.asesor_id in unwaived_panels([case])[case.id] else None


ASSESSED_BEFORE = (
    "Asesor jadwal ini menilai permohonan ini sebelum banding. Pilih jadwal dengan asesor lain."
)
JUDGED_BANDING = (
    "Asesor jadwal ini anggota panel banding permohonan ini. Pilih jadwal dengan asesor lain."
)


def unwaived_panels(cases: Sequence[Permohonan]) -> dict[int, set[int]]:
    """Case → who ever sat on a panel of its bandings and may not assess it, as the trigger asks."""
    waived = exists().where(
        DutyWaiver.permohonan_id == Banding.permohonan_id,
        DutyWaiver.person_id == BandingMember.user_id,
        DutyWaiver.rule == DutyRule.PANEL_NOT_INVOLVED,
    )
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, person in db.session.execute(
        select(Banding.permohonan_id, BandingMember.user_id)
        .join(BandingMember, BandingMember.banding_id == Banding.id)
        .where(Banding.permohonan_id.in_([case.id for case in cases]), ~waived)
    ):
        found[case_id].add(person)
    return found


def named_by_banding(case: Permohonan) -> User | None:
    """The asesor whom the panel of a banding named for the present attempt."""
    if case.attempt == 1:
        return None
    return db.session.scalar(
        select(User)
        .join(Banding, Banding.new_asesor_id == User.id)
        .where(
            Banding.permohonan_id == case.id,
            Banding.attempt == case.attempt - 1,
            Banding.status == BandingStatus.REASSESS,
        )
    )


def asesor_named_by_banding(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The one whom the panel named, unless the admin takes another with a reason; then the plan names that one."""
    dossier = dossier_of(case)
    seat, plan = dossier.booking, dossier.plan
    if seat is None or (plan is not None and plan.asesor_id == seat.slot.asesor_id):
        return None
    named = named_by_banding(case)
    if named is None or named.id == seat.slot.asesor_id:
        return None
    if actor.has(Role.ADMIN) and len(note.strip()) >= LEAST_REASON:
        return None
    return f"Panel banding menunjuk asesor {named.name}. Admin dapat memilih asesor lain dengan alasan."


def asesor_before_banding(case: Permohonan) -> set[int]:
    """Who may not assess the attempt that a banding opened; nobody where none did."""
    if case.attempt == 1 or last_event(case, "grant_reassessment") is None:
        return set()
    return duty.asesor_ids(case, before=case.attempt)


def opened_by_reassessment(case: Permohonan) -> bool:
    """Whether the present attempt came of the asesi's own wish, not of a banding."""
    return last_event(case, "reassess") is not None


def enough_others_for_redecision(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Nobody of the old pleno sits again, so without others the case would wait for ever."""
    left, quorum = duty.left_for_redecision(case), int(setting("pleno_quorum"))
    if left < quorum:
        return (
            f"Penetapan ulang perlu {quorum} anggota tim teknis yang belum memutus permohonan ini. Baru ada {left}. "
            "Minta admin mengusulkan anggota tim teknis baru di halaman Petugas, setujui, lalu catat hasil ini lagi."
        )
    return None


def reassessments_taken(case: Permohonan) -> int:
    """How often the asesi was assessed again at his own wish; what a banding granted is not counted against him."""
    return sum(step.transition == "reassess" for step in steps_of(case))


#: The line of the history by which the asesi asks for a re-assessment; the status stays.
ASKED_AGAIN = "ask_reassessment"
#: And the one by which he takes that back.
NOT_AGAIN = "take_back_reassessment"
#: After these steps no request of before counts: he took it back, or asks anew of a decision that was taken anew.
ENDS_REQUEST = (NOT_AGAIN, "decide_not_yet")


def reassessment_asked_at(case: Permohonan) -> datetime | None:
    """When the asesi asked to be assessed again after the decision that stands; None where he took it back since.

    A banding that is refused leaves decision and request standing; one that led to a new decision leaves neither.
    """
    asked: datetime | None = None
    for step in taken_in_attempt(case, [ASKED_AGAIN, *ENDS_REQUEST]):
        asked = asked or step.at if step.transition == ASKED_AGAIN else None
    return asked


def _reassessment_under_way(case: Permohonan) -> bool:
    """Asked for, and not left lying by the asesi himself: the invoice is made, looked at, or may still be paid.

    Money that came for a request of before a banding holds the case too, although the request counts no more.
    """
    asked = reassessment_asked_at(case) is not None
    invoices = [row for row in dossier_of(case).invoices if row.kind is InvoiceKind.REASESMEN]
    if not invoices:
        return asked
    last = invoices[-1]
    if reassessment_paid(case, SYSTEM, "") is None:
        return asked or last.amount > 0
    return last.status is InvoiceStatus.OPEN and (
        last.proof_document_id is not None or (asked and clock.today_wib() <= last.due_on)
    )


def reassessment_left(case: Permohonan, actor: Actor, note: str) -> str | None:
    version = case.skema_version
    if reassessments_taken(case) >= version.reassessment_max:
        return f"Asesmen ulang paling banyak {version.reassessment_max} kali."
    # Who asked in time is not late because the LSP was slow.
    if (reassessment_asked_at(case) or clock.now()) > reassessment_until(case):
        return f"Asesmen ulang hanya dapat dilakukan dalam {version.reassessment_days} hari."
    return None


def reassessment_paid(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Each re-assessment has an invoice of its own, paid or over nothing; one granted by a banding has none."""
    settled = [
        row
        for row in dossier_of(case).invoices
        if row.kind is InvoiceKind.REASESMEN
        and (
            row.status is InvoiceStatus.PAID
            or (row.amount == 0 and row.status is InvoiceStatus.OPEN)
        )
    ]
    return (
        None if len(settled) > reassessments_taken(case) else "Tagihan asesmen ulang belum lunas."
    )


def windows_over_or_declined(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The asesi may end it himself; the clock only when appeal and re-assessment have run out."""
    if actor.id == case.asesi_id:
        return None
    last_day = appeal_until(case)
    if last_day is None or clock.today_wib() <= last_day or clock.now() <= reassessment_until(case):
        return "Jangka waktu banding atau asesmen ulang masih berjalan."
    if _reassessment_under_way(case):
        return "Permintaan asesmen ulang dari asesi sedang diproses."
    return None
