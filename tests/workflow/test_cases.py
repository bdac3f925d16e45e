"""The cases that tests build are whole: each takes the next step of the procedure as it stands."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from lsp.actor import SYSTEM
from lsp.database import db
from lsp.models import AuditEvent, OutboxMessage, PermohonanEvent
from lsp.vocabulary import Answer, MeetingKind, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow import cases
from tests.workflow.cases import MAIN_ROUTE, hold_seat, make_cast, make_permohonan, route_to, upload

S = PermohonanStatus
STATES = [S.DRAFT, *(state for _, state, _ in MAIN_ROUTE)]


@pytest.mark.parametrize(
    ("start", "step"),
    list(zip(STATES, MAIN_ROUTE, strict=False)),
    ids=[step[0] for step in MAIN_ROUTE],
)
def test_case_takes_next_step_of_main_route(app, start, step):
    name, target, role = step
    cast = make_cast()
    case = make_permohonan(start, cast=cast)
    if name == "book_pre":
        hold_seat(case, MeetingKind.PRE_ASSESSMENT, cast)
    if name == "book_assessment":
        hold_seat(case, MeetingKind.ASSESSMENT, cast)
    events = len(case.events)
    actor = cast.of(role, case)

    PERMOHONAN.perform(case, name, actor, version=case.version)
    db.session.commit()

    assert case.status is target
    db.session.refresh(case)
    event = case.events[-1]
    assert len(case.events) == events + 1
    assert (event.transition, event.source, event.target) == (name, start, target)
    assert (event.actor_id, event.actor_role) == (actor.id, role)
    sealed = db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
    assert sealed.action == f"permohonan.{name}"
    assert sealed.object_id == case.public_id


@pytest.mark.parametrize(
    ("start", "name", "role", "note", "target"),
    [
        (S.RETURNED, "submit", Role.ASESI, "", S.SUBMITTED),
        (S.EVIDENCE_NEEDED, "add_evidence", Role.ASESI, "", S.PAID),
        (S.LAPSED, "extend", Role.ADMIN, "", S.INVOICED),
        (S.NOT_YET_COMPETENT, "appeal", Role.ASESI, "Penilaian unit kedua keliru.", S.APPEALED),
        (S.APPEALED, "uphold", Role.SYSTEM, "", S.NOT_YET_COMPETENT),
        (S.SUBMITTED, "reject", Role.ADMIN, "ID Izin milik orang lain.", S.REJECTED),
        (S.PAID, "withdraw", Role.ASESI, "", S.WITHDRAWN),
    ],
    ids=lambda value: value.name if isinstance(value, S) else str(value)[:12],
)
def test_case_beside_main_route_takes_its_step(app, start, name, role, note, target):
    cast = make_cast()
    case = make_permohonan(start, cast=cast)
    actor = SYSTEM if role is Role.SYSTEM else cast.of(role, case)
    PERMOHONAN.perform(case, name, actor, version=case.version, note=note)
    db.session.commit()
    assert case.status is target


def test_negative_recommendation_is_decided_not_yet_competent(app):
    cast = make_cast()
    case = make_permohonan(S.RECOMMENDED, cast=cast, recommendation=Answer.BK)
    PERMOHONAN.perform(case, "decide_not_yet", cast.of(Role.TIM_TEKNIS, case), version=case.version)
    db.session.commit()
    assert case.status is S.NOT_YET_COMPETENT
    assert case.decision is Answer.BK


@pytest.mark.parametrize("status", list(S), ids=lambda status: status.name)
def test_history_of_case_leads_to_its_state(app, status):
    case = make_permohonan(status)
    assert case.status is status
    told = db.session.scalars(
        select(PermohonanEvent)
        .where(PermohonanEvent.permohonan_id == case.id)
        .order_by(PermohonanEvent.id)
    ).all()
    assert [event.target for event in told] == [state for _, state, _ in route_to(status)]
    if told:
        assert told[-1].target is status


@pytest.mark.both
def test_whole_way_from_draft_to_certificate_queues_mail_and_ministry_calls(app):
    """One case through `perform` alone, with what people do in between written as the builders write it."""
    cast = make_cast()
    case = make_permohonan(S.DRAFT, cast=cast)
    story = cases.Story(cast, Answer.K)
    for name, target, role in MAIN_ROUTE:
        if name == "book_pre":
            hold_seat(case, MeetingKind.PRE_ASSESSMENT, cast)
        elif name == "book_assessment":
            hold_seat(case, MeetingKind.ASSESSMENT, cast)
        PERMOHONAN.perform(case, name, cast.of(role, case), version=case.version)
        db.session.commit()
        if target in cases._WORK:
            cases._WORK[target](case, story)
        if target is S.READY or target is S.RECOMMENDED:
            _follow_up_recordings(case)
        db.session.commit()
    assert case.status is S.ISSUED
    codes = db.session.scalars(
        select(OutboxMessage.kind)
        .where(OutboxMessage.permohonan_id == case.id, OutboxMessage.kind.startswith("status"))
        .order_by(OutboxMessage.id)
    ).all()
    assert codes == ["status 20", "status 10", "status 30", "status 31"]
    assert db.session.scalar(select(func.count(PermohonanEvent.id))) == len(MAIN_ROUTE)


def _follow_up_recordings(case):
    for seat in dossier_of(case).bookings:
        if seat.closed_at and seat.record and not seat.record.recording_reference:
            seat.record.recording_reference = "https://contoh.id/rekaman"
            seat.record.screenshot_document_id = upload(case, "Tangkapan layar", "screenshot").id
    db.session.flush()
