"""Sixty-four chairs decide at the same moment: no number twice, none left out; on one case one wins."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from lsp import clock
from lsp.database import db, write_transaction
from lsp.errors import DomainError, StaleCase, StepGone
from lsp.models import (
    Certificate,
    NumberEntry,
    Permohonan,
    PermohonanEvent,
    Pleno,
    PlenoCase,
    Registration,
)
from lsp.services import pleno, pleno_sk
from lsp.vocabulary import Answer, PermohonanStatus
from tests.workflow.cases import actor_of, make_cast, make_permohonan

pytestmark = [pytest.mark.both, pytest.mark.timeout(300)]
S = PermohonanStatus
CHANGED = str(StaleCase())
AT_ONCE = 64


def all_at_once(app: Flask, acts: list[Callable[[], object]]) -> list[str]:
    """Each act in a thread and a write transaction of its own, begun together. Returns what was said to each."""
    together, said = threading.Barrier(len(acts)), [""] * len(acts)

    def run(number: int) -> None:
        with app.app_context():
            try:
                together.wait(60)
                with write_transaction():
                    acts[number]()
            except DomainError as refusal:
                said[number] = str(refusal)
            except Exception as error:  # shown by the assertion of the test
                said[number] = f"{type(error).__name__}: {error}"
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    return said


def decide(
    place_id: int, chair, version: int, step: str = "decide_competent", note: str = ""
) -> None:
    """As the view does it: the case is locked and read anew inside the transaction."""
    place = db.session.get_one(PlenoCase, place_id)
    db.session.refresh(place.permohonan, with_for_update=True)
    pleno.settle(chair, place, step, version=version, note=note)


def open_places(cast, count: int, **how) -> list[PlenoCase]:
    """Cases that all members have voted on, waiting for the chair."""
    cases = [make_permohonan(S.RECOMMENDED, cast=cast, **how) for _ in range(count)]
    return [
        db.session.scalars(select(PlenoCase).where(PlenoCase.permohonan_id == case.id)).one()
        for case in cases
    ]


def serials(series: str) -> list[int]:
    return sorted(
        db.session.scalars(select(NumberEntry.serial).where(NumberEntry.series_code == series))
    )


def test_no_number_twice_and_none_left_out(app):
    cast = make_cast()
    places = open_places(cast, AT_ONCE)
    chair = actor_of(cast.chair)
    acts = [
        (
            lambda place_id=place.id, version=place.permohonan.version: decide(
                place_id, chair, version
            )
        )
        for place in places
    ]
    db.session.commit()
    assert set(all_at_once(app, acts)) == {""}
    for series in ("certificate", "lsp_registration"):
        assert serials(series) == list(range(1, AT_ONCE + 1)), series
    assert len(set(db.session.scalars(select(Registration.certificate_entry_id)))) == AT_ONCE
    states = db.session.scalars(select(Permohonan.status)).all()
    assert states == [S.COMPETENT] * AT_ONCE
    assert db.session.scalars(select(Pleno.closed_at).where(Pleno.closed_at.is_(None))).all() == []


def test_half_of_them_refused_leave_no_gap(app):
    """A refusal rolls its numbers back: every other one comes with a version that is not the case's."""
    cast = make_cast()
    places = open_places(cast, 16)
    chair = actor_of(cast.chair)
    acts = [
        (
            lambda place_id=place.id, version=place.permohonan.version + number % 2: decide(
                place_id, chair, version
            )
        )
        for number, place in enumerate(places)
    ]
    db.session.commit()
    assert sorted(all_at_once(app, acts)) == [""] * 8 + [CHANGED] * 8
    for series in ("certificate", "lsp_registration"):
        assert serials(series) == list(range(1, 9)), series


def test_two_chairs_at_once_on_one_case(app):
    """Two windows of the chair: one wins, the other reads that the data changed."""
    cast = make_cast()
    (place,) = open_places(cast, 1)
    chair, version, place_id = actor_of(cast.chair), place.permohonan.version, place.id
    db.session.commit()
    said = all_at_once(app, [lambda: decide(place_id, chair, version)] * 2)
    assert sorted(said) == ["", CHANGED]
    assert serials("certificate") == [1]
    decided = select(PermohonanEvent).where(PermohonanEvent.transition == "decide_competent")
    assert len(db.session.scalars(decided).all()) == 1


def test_the_last_two_cases_of_a_pleno_decided_at_once_end_it(app):
    cast = make_cast()
    cases = [
        make_permohonan(S.RECOMMENDED, cast=cast, work_done=False, recommendation=answer)
        for answer in (Answer.K, Answer.BK)
    ]
    made = pleno.open_pleno(
        actor_of(cast.admin),
        held_on=clock.today_wib(),
        member_ids=[member.id for member in cast.members],
        chair_id=cast.chair.id,
        cases=cases,
    )
    for place in made.cases:
        for member in cast.members:
            pleno.vote(actor_of(member), place, agrees=True, note="", declared=True)
    chair, pleno_id = actor_of(cast.chair), made.id
    steps = ("decide_competent", "decide_not_yet")
    acts = [
        (lambda p=place.id, v=place.permohonan.version, s=step: decide(p, chair, v, s))
        for place, step in zip(made.cases, steps, strict=True)
    ]
    db.session.commit()
    assert all_at_once(app, acts) == ["", ""]
    assert db.session.get_one(Pleno, pleno_id).closed_at is not None


def test_a_vote_and_the_decision_at_once_never_leave_a_vote_behind_the_decision(app):
    """The fourth member disagrees while the chair decides: the decision counts his vote, or he is too late."""
    cast = make_cast()
    from lsp.models import PlenoMember
    from lsp.vocabulary import Role
    from tests.workflow.cases import person

    (place,) = open_places(cast, 1)
    late = person(Role.TIM_TEKNIS)
    db.session.add(PlenoMember(pleno_id=place.pleno_id, user_id=late.id))
    chair, member, version, place_id = (
        actor_of(cast.chair),
        actor_of(late),
        place.permohonan.version,
        place.id,
    )
    db.session.commit()

    def disagree() -> None:
        at = db.session.get_one(PlenoCase, place_id)
        db.session.refresh(at.permohonan, with_for_update=True)
        pleno.vote(member, at, agrees=False, note="Buktinya kurang.", declared=True)

    said = all_at_once(app, [lambda: decide(place_id, chair, version), disagree])
    assert sorted(each[:20] for each in said) in (
        ["", "Permohonan ini sudah"],
        ["", "Ada anggota yang tid"],
    )


def test_two_ketua_sign_the_same_sk_at_once(app):
    cast = make_cast()
    case = make_permohonan(S.COMPETENT, cast=cast, work_done=False)
    place = db.session.scalars(select(PlenoCase).where(PlenoCase.permohonan_id == case.id)).one()
    pleno.close_when_settled(place.pleno)
    ketua, pleno_id = actor_of(cast.ketua), place.pleno_id
    db.session.commit()
    said = all_at_once(
        app, [lambda: pleno_sk.sign_sk(ketua, db.session.get_one(Pleno, pleno_id))] * 2
    )
    assert sorted(said) == ["", "SK ini sudah ditandatangani."]
    assert serials("sk") == [1]


def test_two_ketua_issue_the_same_certificate_at_once(app):
    from lsp.workflow.permohonan import PERMOHONAN

    cast = make_cast()
    case = make_permohonan(S.RECORDED, cast=cast)
    ketua, case_id, version = actor_of(cast.ketua), case.id, case.version
    db.session.commit()

    def issue() -> None:
        query = select(Permohonan).where(Permohonan.id == case_id).with_for_update()
        PERMOHONAN.perform(db.session.scalars(query).one(), "issue", ketua, version=version)

    assert sorted(all_at_once(app, [issue] * 2)) == ["", str(StepGone())]
    assert len(db.session.scalars(select(Certificate)).all()) == 1
