"""Guards of the pleno, of appeal and re-assessment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.database import db
from lsp.models import (
    Banding,
    BandingMember,
    DutyWaiver,
    Permohonan,
    Pleno,
    PlenoCase,
    User,
)
from lsp.models.inforce import add_working_days, setting
from lsp.vocabulary import (
    Answer,
    BandingStatus,
    DutyRule,
    InvoiceKind,
    InvoiceStatus,
    Role,
)
from lsp.workflow import duty
from lsp.workflow.dossier import dossier_of
from lsp.workflow.history import steps_of, taken_in_attempt
from lsp.workflow.machine import LEAST_REASON, Guard, named
from lsp.workflow.required_papers import required_papers
from lsp.workflow.said_elsewhere import said_elsewhere


def quorum_and_rule_hold(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Enough unbarred members voted and the rule (default: unanimous) holds (workflow 5)."""
    place = dossier_of(case).pleno_case
    if place is None:
        return "Permohonan ini belum ada di agenda pleno."
    quorum = int(setting("pleno_quorum"))
    if len(place.votes) < quorum:
        return f"Baru {len(place.votes)} dari {quorum} anggota yang memberi suara."
    words = _words(case)
    agreeing, anew = sum(words), decides_anew(case)
    if anew:  # both answers stand open, so a vote against the one is a vote for the other
        agreeing = max(agreeing, len(words) - agreeing)
    if setting("pleno_rule") == "unanimous" and agreeing < len(words):
        where = " di sini atau di rapat sebelumnya" if len(words) > len(place.votes) else ""
        return (
            f"Suara anggota{where} terbagi. Kembalikan permohonan ini ke asesor."
            if anew
            else f"Ada anggota yang tidak setuju{where}. Kembalikan permohonan ini ke asesor."
        )
    if agreeing * 2 <= len(words):
        return "Suara setuju belum lebih dari separuh."
    return None


def _words(case: Permohonan) -> list[bool]:
    """Of each member, whether he agrees."""
    place = dossier_of(case).pleno_case
    return [*(vote.agrees for vote in place.votes), *words_brought_along(place)] if place else []


def words_brought_along(place: PlenoCase) -> list[bool]:
    """Out of a pleno that the case had to leave: who did not agree; decided anew, as both answers stand open, all."""
    said = said_elsewhere(place)
    return said if said and decides_anew(place.permohonan) else [each for each in said if not each]


def someone_disagrees(case: Permohonan, actor: Actor, note: str) -> str | None:
    """A case comes back to its asesor over a vote against him.

    Decided anew after a banding such a vote is one for K, and nobody sends back what all members agree on.
    """
    words = set(_words(case))
    if False not in words:
        return "Belum ada suara “tidak setuju”."
    if decides_anew(case) and not stopped_at_pre_assessment(case) and True not in words:
        return "Suara anggota tidak terbagi, jadi permohonan ini ditetapkan, tidak dikembalikan."
    return None


def recommendation_is(answer: Answer) -> Guard[Permohonan]:
    """The recommendation decided on. After `grant_redecision` a BK may become K, where the members say so."""

    @named(f"recommendation_is_{answer.value}")
    def recommendation_fits(case: Permohonan, actor: Actor, note: str) -> str | None:
        if decides_anew(case):
            return None if answer is _voted_for(case) else f"Suara anggota bukan {answer.label}."
        paper = dossier_of(case).fr_ak_02
        if paper is not None and paper.recommendation is answer:
            return None
        return f"Rekomendasi asesor bukan {answer.label}. Pleno tidak dapat mengubahnya, hanya mengembalikan."

    return recommendation_fits


_RECOMMENDS = ("recommend", "recommend_not_continue")


def decides_anew(case: Permohonan) -> bool:
    """Whether the pleno may find K against a recommended BK: a banding sent the case to it."""
    paper = dossier_of(case).fr_ak_02
    if paper is None or paper.recommendation is not Answer.BK:
        return False
    # An annulment brings the case back too, and leaves what the banding asked for standing.
    return _last_event(case, *_RECOMMENDS, "grant_redecision") == "grant_redecision"


def _voted_for(case: Permohonan) -> Answer:
    """What most members said of a recommended BK: who does not agree finds the asesi competent."""
    words = _words(case)
    return Answer.K if words.count(False) * 2 > len(words) else Answer.BK


def stopped_at_pre_assessment(case: Permohonan) -> bool:
    """Whether the asesor's word on this attempt is `recommend_not_continue`."""
    return _last_event(case, *_RECOMMENDS) == "recommend_not_continue"


def assessment_was_held(case: Permohonan, actor: Actor, note: str) -> str | None:
    """What was never assessed cannot go back into an assessment."""
    if stopped_at_pre_assessment(case):
        return "Permohonan ini berhenti di pra-asesmen. Kembalikan ke pra-asesmen."
    return None


def only_pre_assessment_was_held(case: Permohonan, actor: Actor, note: str) -> str | None:
    if not stopped_at_pre_assessment(case):
        return "Asesmen permohonan ini sudah berlangsung. Kembalikan ke asesmen."
    return None


def _last_event(case: Permohonan, *names: str) -> str | None:
    """Which of these steps the present attempt took last."""
    taken = taken_in_attempt(case, names)
    return taken[-1].transition if taken else None


def file_complete(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The pleno decides on a complete file (workflow 4)."""
    missing = missing_papers(case)
    if missing:
        return "Berkas belum lengkap: " + ", ".join(missing) + "."
    return None


def missing_papers(case: Permohonan) -> list[str]:
    """What the file still lacks, in words, empty when complete."""
    wanted = required_papers(dossier_of(case), stopped=stopped_at_pre_assessment(case))
    return [each.words for each in wanted if not each.is_there]


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
    if _last_event(case, "decide_not_yet", "appeal") == "appeal":
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
    if case.attempt == 1 or _last_event(case, "grant_reassessment") is None:
        return set()
    return duty.asesor_ids(case, before=case.attempt)


def opened_by_reassessment(case: Permohonan) -> bool:
    """Whether the present attempt came of the asesi's own wish, not of a banding."""
    return _last_event(case, "reassess") is not None


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


def sk_signed(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The SK of the pleno that decided last; one of a decision since annulled does not count."""
    decided_in = db.session.scalar(
        select(Pleno)
        .join(PlenoCase, PlenoCase.pleno_id == Pleno.id)
        .where(
            PlenoCase.permohonan_id == case.id,
            PlenoCase.outcome == Answer.K.value,
            PlenoCase.attempt == case.attempt,
        )
        .order_by(PlenoCase.id.desc())
        .limit(1)
    )
    if decided_in is None or decided_in.sk_signed_at is None:
        return "SK penetapan belum ditandatangani ketua."
    return None
