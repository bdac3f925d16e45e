"""Two at once at a banding, on both databases: the last signatures, an answer and a withdrawal, two that file."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from lsp import clock
from lsp.database import db, write_transaction
from lsp.errors import NotAllowed
from lsp.models import AuditEvent, Banding, Permohonan
from lsp.services import audit, banding, banding_outcome
from lsp.vocabulary import BandingStatus, PermohonanStatus, Role
from tests.services.test_banding import FINDING, REASON, judged
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person
from tests.workflow.test_race import together

B, S = BandingStatus, PermohonanStatus


@pytest.mark.both
def test_of_two_last_signatures_at_once_one_moves_the_case(app):
    """Each sees the other's: neither is lost, and the case moves once."""
    from lsp.permissions import own_panel

    cast = make_cast()
    case = make_permohonan(S.APPEALED, cast=cast)
    judges = [person(Role.ANGGOTA_LUAR), person(Role.TIM_TEKNIS)]
    made = judged(case, *judges, outcome="uphold", outcome_reason=REASON)
    for member in made.members:
        member.finding, member.found_at = FINDING, clock.now()
    made.status = B.EXAMINED
    db.session.commit()
    public_id, version = made.public_id, made.version
    actors = [actor_of(judge) for judge in judges]
    db.session.rollback()

    def press(actor):
        def work():
            with write_transaction():
                found = own_panel(actor, public_id)["banding"]
                banding_outcome.sign(actor, found, typed_name=actor.name, version=version)

        return work

    assert together(app, *(press(actor) for actor in actors)) == [None, None]
    db.session.expire_all()
    assert db.session.get_one(Permohonan, case.id).status is S.NOT_YET_COMPETENT
    moved = select(func.count(AuditEvent.seq)).where(AuditEvent.action == "banding.uphold")
    assert db.session.scalar(moved) == 1
    assert audit.first_fault() is None


@pytest.mark.both
def test_an_answer_and_a_withdrawal_at_once_end_it_once(app):
    from lsp.permissions import own_panel, own_permohonan

    cast = make_cast()
    case = make_permohonan(S.APPEALED, cast=cast)
    judge, other = person(Role.ANGGOTA_LUAR), person(Role.TIM_TEKNIS)
    made = judged(case, judge, other, outcome="uphold", outcome_reason=REASON)
    for member in made.members:
        member.finding, member.found_at = FINDING, clock.now()
    made.members[1].signed_at, made.status = clock.now(), B.EXAMINED
    db.session.commit()
    banding_id, case_id = made.public_id, case.public_id
    version, actor, asesi = made.version, actor_of(judge), actor_of(case.asesi)
    db.session.rollback()

    def answer():
        with write_transaction():
            found = own_panel(actor, banding_id)["banding"]
            banding_outcome.sign(actor, found, typed_name=actor.name, version=version)

    def withdraw():
        with write_transaction():
            found = own_permohonan(asesi, case_id)["permohonan"]
            banding.withdraw(asesi, found, version=version)

    ended = together(app, answer, withdraw)
    assert len([error for error in ended if error is None]) == 1, ended
    assert isinstance(next(error for error in ended if error is not None), NotAllowed)
    db.session.expire_all()
    assert db.session.get_one(Permohonan, case.id).status is S.NOT_YET_COMPETENT
    assert audit.first_fault() is None


@pytest.mark.both
def test_of_two_tabs_that_file_at_once_one_does(app):
    from lsp.permissions import own_permohonan

    case = make_permohonan(S.NOT_YET_COMPETENT, result_opened_at=clock.now())
    case_id, version, asesi = case.public_id, case.version, actor_of(case.asesi)
    name = case.asesi_name
    db.session.rollback()

    def press():
        with write_transaction():
            found = own_permohonan(asesi, case_id)["permohonan"]
            banding.file(
                asesi, found, answers=dict.fromkeys(banding.QUESTIONS, True), reason=REASON,
                typed_name=name, version=version,
            )  # fmt: skip

    ended = together(app, press, press)
    assert len([error for error in ended if error is None]) == 1, ended
    assert "Data sudah berubah" in str(next(error for error in ended if error is not None))
    db.session.expire_all()
    assert db.session.scalar(select(func.count(Banding.id))) == 1
