"""Whole permohonan in any state, with every row that stands there in truth: papers, seats, votes, numbers.

    case = make_permohonan(PermohonanStatus.READY)                      # people of its own
    cast = make_cast(); case = make_permohonan(PermohonanStatus.READY, cast=cast)   # people the test knows

The rows are written by hand, not by `perform`, so they can hold the workflow to account. In each state people
have done what its main next step asks (a SUBMITTED case is judged and signed, a RECOMMENDED one is voted on), so
that a test takes one thing away and watches; `work_done=False` leaves the work of the last state undone.
Further keywords are columns of Permohonan. Nobody here is real: each NIK begins with 99.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from lsp import clock
from lsp.database import db
from lsp.models import Permohonan, User
from lsp.vocabulary import Answer, Mode, PermohonanStatus, RequestKind, Role
from tests.workflow import stage_decision, stage_meetings, stage_registration
from tests.workflow.people import Cast, Story, actor_of, make_cast, person, serial
from tests.workflow.rows import attend, hold_seat, put_on_agenda, seat_of, sign, tell, upload, vote

__all__ = [
    "MAIN_ROUTE", "SIDE_ROUTES", "Cast", "Story", "actor_of", "attend", "hold_seat", "make_cast", "make_permohonan",
    "person", "put_on_agenda", "route_to", "seat_of", "sign", "tell", "upload", "vote",
]  # fmt: skip

S = PermohonanStatus
#: From the draft to the certificate: (step, the state it leads to, who takes it).
MAIN_ROUTE = (
    ("submit", S.SUBMITTED, Role.ASESI),
    ("verify", S.VERIFIED, Role.ADMIN),
    ("invoice", S.INVOICED, Role.ADMIN),
    ("confirm_payment", S.PAID, Role.ADMIN),
    ("book_pre", S.PRE_SCHEDULED, Role.ASESI),
    ("make_ready", S.READY, Role.ASESOR),
    ("book_assessment", S.SCHEDULED, Role.ASESI),
    ("start", S.IN_ASSESSMENT, Role.ASESOR),
    ("recommend", S.RECOMMENDED, Role.ASESOR),
    ("decide_competent", S.COMPETENT, Role.TIM_TEKNIS),
    ("request_blanko", S.BLANKO_REQUESTED, Role.ADMIN),
    ("receive_blanko", S.BLANKO_RECEIVED, Role.ADMIN),
    ("record", S.RECORDED, Role.ADMIN),
    ("issue", S.ISSUED, Role.KETUA),
)
#: States beside the main route: (state they leave it from, further steps).
SIDE_ROUTES: dict[PermohonanStatus, tuple[PermohonanStatus, tuple[tuple[str, PermohonanStatus, Role], ...]]] = {
    S.RETURNED: (S.SUBMITTED, (("return_for_repair", S.RETURNED, Role.ADMIN),)),
    S.REJECTED: (S.SUBMITTED, (("reject", S.REJECTED, Role.ADMIN),)),
    S.LAPSED: (S.INVOICED, (("lapse", S.LAPSED, Role.SYSTEM),)),
    S.WITHDRAWN: (S.SUBMITTED, (("withdraw", S.WITHDRAWN, Role.ASESI),)),
    S.DROPPED: (S.PAID, (("drop_idle", S.DROPPED, Role.SYSTEM),)),
    S.EVIDENCE_NEEDED: (S.PRE_SCHEDULED, (("ask_evidence", S.EVIDENCE_NEEDED, Role.ASESOR),)),
    S.NOT_YET_COMPETENT: (S.RECOMMENDED, (("decide_not_yet", S.NOT_YET_COMPETENT, Role.TIM_TEKNIS),)),
    S.APPEALED: (
        S.RECOMMENDED,
        (("decide_not_yet", S.NOT_YET_COMPETENT, Role.TIM_TEKNIS), ("appeal", S.APPEALED, Role.ASESI)),
    ),
    S.CLOSED_NOT_YET: (
        S.RECOMMENDED,
        (
            ("decide_not_yet", S.NOT_YET_COMPETENT, Role.TIM_TEKNIS),
            ("close_not_yet", S.CLOSED_NOT_YET, Role.ASESI),
        ),
    ),
}  # fmt: skip


def make_permohonan(
    status: PermohonanStatus = S.DRAFT,
    *,
    cast: Cast | None = None,
    asesi: User | None = None,
    work_done: bool = True,
    recommendation: Answer | None = None,
    **columns: Any,
) -> Permohonan:
    """A case that stands in `status` with all its rows; committed. See the head of this file."""
    cast = cast or make_cast()
    asesi = asesi or person(Role.ASESI)
    route = route_to(status)
    negative = any(state is S.NOT_YET_COMPETENT for _, state, _ in route)
    story = Story(cast, recommendation or (Answer.BK if negative else Answer.K))
    now = clock.now()
    values: dict[str, Any] = {
        "id_izin": f"I-{next(serial):019}",
        "asesi_id": asesi.id,
        "asesi_name": asesi.name,
        "skema_version_id": cast.skema.id,
        "kind": RequestKind.BARU,
        "mode": Mode.DARING,
        "status": status,
        "status_at": now - timedelta(minutes=5),
    }
    for _, state, _ in route:
        values |= _columns_after(state, story)
    case = Permohonan(**(values | columns))
    db.session.add(case)
    db.session.flush()
    states = [S.DRAFT, *(state for _, state, _ in route)]
    for number, state in enumerate(states):
        last = number == len(states) - 1
        if number:
            name, _, role = route[number - 1]
            tell(case, name, states[number - 1], state, story.cast, role)
        _enter(case, state, story)
        if not last or work_done:
            _work(case, state, story, towards=None if last else states[number + 1])
    db.session.commit()
    return case


def route_to(status: PermohonanStatus) -> list[tuple[str, PermohonanStatus, Role]]:
    """The steps from DRAFT to a state: along the main route, then aside."""
    if status is S.DRAFT:
        return []
    leaves_at, aside = SIDE_ROUTES.get(status, (status, ()))
    states = [state for _, state, _ in MAIN_ROUTE]
    return [*MAIN_ROUTE[: states.index(leaves_at) + 1], *aside]


def _columns_after(state: PermohonanStatus, story: Story) -> dict[str, Any]:
    """Columns of the case that hold from this state on."""
    now, cast = clock.now(), story.cast
    columns: dict[PermohonanStatus, dict[str, Any]] = {
        S.SUBMITTED: {"submitted_at": now},
        S.RETURNED: {"repair_due": clock.today_wib() + timedelta(days=14)},
        S.VERIFIED: {
            "verifier_id": cast.admin.id,
            "verified_at": now,
            "met_rule_id": cast.skema.education_rules[0].id,
        },
        S.EVIDENCE_NEEDED: {
            "evidence_rounds": 1,
            "evidence_due": clock.today_wib() + timedelta(days=14),
        },
        S.RECOMMENDED: {"recommendation": story.recommendation},
        S.COMPETENT: {"decision": Answer.K, "decided_at": now, "result_mailed_at": now},
        S.NOT_YET_COMPETENT: {"decision": Answer.BK, "decided_at": now, "result_mailed_at": now},
    }
    return columns.get(state, {})


def _enter(case: Permohonan, state: PermohonanStatus, story: Story) -> None:
    _call(_ENTER, state, case, story)


def _work(
    case: Permohonan, state: PermohonanStatus, story: Story, *, towards: PermohonanStatus | None
) -> None:
    """What people do in a state on the way to the next; with `towards` None, to the next of the main route."""
    special = _WORK_TOWARDS.get(towards) if towards else None
    if special is not None:
        special(case, story)
    else:
        _call(_WORK, state, case, story)


def _call(
    table: dict[PermohonanStatus, Step], state: PermohonanStatus, case: Permohonan, story: Story
) -> None:
    if state in table:
        table[state](case, story)
        db.session.flush()


Step = Callable[[Permohonan, Story], None]
_ENTER: dict[PermohonanStatus, Step] = {
    S.SUBMITTED: stage_registration.open_checklist,
    S.INVOICED: stage_registration.send_invoice,
    S.LAPSED: stage_registration.let_lapse,
    S.PAID: stage_registration.pay,
    S.PRE_SCHEDULED: stage_meetings.hold_pre_seat,
    S.EVIDENCE_NEEDED: stage_meetings.close_meeting,
    S.READY: stage_meetings.close_meeting,
    S.SCHEDULED: stage_meetings.hold_assessment_seat,
    S.IN_ASSESSMENT: stage_meetings.start,
    S.RECOMMENDED: stage_meetings.freeze,
    S.COMPETENT: stage_decision.decide_competent,
    S.NOT_YET_COMPETENT: stage_decision.decide,
    S.APPEALED: stage_decision.file_banding,
    S.ISSUED: stage_decision.issue,
}
_WORK: dict[PermohonanStatus, Step] = {
    S.DRAFT: stage_registration.fill_file,
    S.SUBMITTED: stage_registration.judge,
    S.RETURNED: stage_registration.replace_failing_file,
    S.INVOICED: stage_registration.upload_proof,
    S.PRE_SCHEDULED: stage_meetings.hold_pre_assessment,
    S.EVIDENCE_NEEDED: stage_meetings.add_evidence,
    S.SCHEDULED: stage_meetings.come,
    S.IN_ASSESSMENT: stage_meetings.assess,
    S.RECOMMENDED: stage_decision.all_agree,
    S.COMPETENT: stage_decision.sign_sk,
    S.BLANKO_REQUESTED: stage_decision.reserve_blanko,
    S.BLANKO_RECEIVED: stage_decision.note_lpjk_number,
}
#: Where the way leaves the main route, other work comes before it.
_WORK_TOWARDS: dict[PermohonanStatus, Step] = {
    S.RETURNED: stage_registration.judge_one_failing,
    S.EVIDENCE_NEEDED: stage_meetings.ask_evidence,
    S.LAPSED: lambda case, story: None,
}
