"""Sequences of presses in parts, each from starts of its own, so that two processes can share them.

The cases of every start stand in one database together. Before a sequence, the database and the clock go back to
where they were then: each sequence begins alike, however many ran before it, and cases of the others stand beside.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, seed, settings, strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test

from lsp import clock
from lsp.database import db
from lsp.models import Permohonan, User
from lsp.vocabulary import Answer, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from tests.properties.assessment_machine import Assessment
from tests.properties.assessment_papers import SENT
from tests.support.app import PortalClient
from tests.support.assessment import fill_instruments
from tests.support.instruments import (
    elemen_of,
    leave_bare,
    name_evidence,
    portfolio_case,
    portfolio_cast,
)
from tests.views.asesor.conftest import Desk
from tests.workflow.cases import upload

S = PermohonanStatus
#: In every run as many as a person waits for; with --slow, as in .ci/run, as many as the figure asks for.
SHORT, LONG = 200, 2_000
#: Presses of a sequence; each may be several requests.
PRESSES = 6


@dataclass(frozen=True)
class Start:
    """How far a case is brought before people press, and what was recommended by then."""

    ready: str
    recommended: Answer = Answer.K

    @property
    def status(self) -> PermohonanStatus:
        """Where it stands then."""
        decided = {Answer.K: S.COMPETENT, Answer.BK: S.NOT_YET_COMPETENT}[self.recommended]
        return {"sent": S.RECOMMENDED, "decided": decided}.get(self.ready, S.IN_ASSESSMENT)


def _both(ready: str) -> tuple[Start, Start]:
    return Start(ready, Answer.K), Start(ready, Answer.BK)


@dataclass(frozen=True)
class Part:
    """A share of the sequences: its starts belong to no other part, so no sequence is run twice."""

    number: int
    starts: tuple[Start, ...]
    short: int = SHORT // 4
    long: int = LONG // 4


PARTS = {
    "empty": Part(1, (Start("empty"), Start("bare"))),
    "filled": Part(2, (Start("filled"),)),
    "signed": Part(3, _both("signed")),
    "decided": Part(4, _both("sent") + _both("decided")),
}


class Prepared:
    """A database with a case at each start, the people signed in, and the moment this was so."""

    def __init__(self, app: Flask, sign_in: Callable[..., PortalClient]) -> None:
        self.app, self._sign_in = app, sign_in
        self.cast = portfolio_cast(codes=("CVP", "PW"))
        self._cookies: dict[int, str] = {}
        starts = [start for part in PARTS.values() for start in part.starts]
        self.cases = {start: self._bring_to(start).id for start in starts}
        self.at = clock.now()
        db.session.commit()
        self._kept = sqlite3.connect(":memory:")
        _portal_database().backup(self._kept)

    def _bring_to(self, start: Start) -> Permohonan:
        case = self._case(start)
        record = dossier_of(case).bookings[-1].record
        assert record is not None
        record.recording_reference = "https://contoh.id/rekaman/rekaan"
        record.screenshot_document_id = upload(case, "Tangkapan layar", "screenshot").id
        if start.ready == "filled":
            fill_instruments(case)
        db.session.commit()
        machine = self.seated(Assessment(), case, start)
        if start.ready in ("sent", "decided"):
            machine.recommend(1)
        if start.ready == "decided":
            machine.pleno_does_its_work()
        assert machine.desk.status is start.status, f"{start} stands at {machine.desk.status}"
        return case

    def _case(self, start: Start) -> Permohonan:
        if start.ready not in ("empty", "bare", "filled"):
            return portfolio_case(self.cast, work_done=True, recommendation=start.recommended)
        case = portfolio_case(self.cast)
        name_evidence(case, "Surat kerja", [1, 2])
        name_evidence(case, "Laporan kerja", [1, 2])
        if start.ready == "bare":
            leave_bare(case, elemen_of(case))
        return case

    def seated(self, machine: Assessment, case: Permohonan, start: Start) -> Assessment:
        """The people of this case at their browsers."""
        desk = Desk(case, self.cast, self._browser(self.cast.asesor))
        members = [self._browser(each) for each in (self.cast.chair, *_others(self.cast))]
        machine.sit_down(desk, self._browser(case.asesi), members, bare=start.ready == "bare")
        return machine

    def _browser(self, person: User) -> PortalClient:
        """A new browser at the place where this person is signed in."""
        name = self.app.config["SESSION_COOKIE_NAME"]
        if person.id not in self._cookies:
            cookie = self._sign_in(person).get_cookie(name)
            assert cookie is not None
            self._cookies[person.id] = cookie.value
        browser = self.app.test_client()
        assert isinstance(browser, PortalClient)
        browser.set_cookie(name, self._cookies[person.id])
        return browser

    def begin(self, machine: Assessment, start: Start) -> None:
        """Everything as it was, and people before the case of this start."""
        db.session.rollback()
        self._kept.backup(_portal_database())
        db.session.expire_all()
        self.seated(machine, db.session.get_one(Permohonan, self.cases[start]), start)


def _portal_database() -> sqlite3.Connection:
    found = db.session.connection().connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def _others(cast: Any) -> list[User]:
    return [each for each in cast.members if each.id != cast.chair.id]


@dataclass
class Tally:
    """What a part did: the sequences that were played to their end, and the states that were reached."""

    played: set[str] = field(default_factory=set)
    reached: set[PermohonanStatus] = field(default_factory=set)


def run(app: Flask, sign_in: Callable[..., PortalClient], part: Part, sequences: int) -> Tally:
    """Play this many sequences of a part, no two alike, and the same ones in every run."""
    prepared, tally = Prepared(app, sign_in), Tally()
    with time_machine.travel(prepared.at) as moment:

        class OfThisPart(Assessment):
            @initialize(start=st.sampled_from(part.starts))
            def begin(self, start: Start) -> None:
                self.start = start

            def teardown(self) -> None:
                if len(self.drawn) < PRESSES or len(tally.played) == sequences:
                    return
                told = f"{self.start}: {self.told}"
                if told in tally.played:
                    return
                moment.move_to(prepared.at)
                prepared.begin(self, self.start)
                self.play()
                tally.played.add(told)
                tally.reached |= self.reached

        run_state_machine_as_test(
            seed(part.number)(OfThisPart),
            settings=settings(
                # Enough for as many whole and different ones; what is left over is drawn and not played.
                max_examples=2 * sequences + 100,
                stateful_step_count=1 + PRESSES,
                deadline=None,
                database=None,
                phases=(Phase.explicit, Phase.generate),
                suppress_health_check=list(HealthCheck),
            ),
        )
    return tally


def play_part(app: Flask, sign_in: Callable[..., PortalClient], name: str, *, slow: bool) -> None:
    """The share of this part, counted; and it must have got far enough to prove anything."""
    part = PARTS[name]
    wanted = part.long if slow else part.short
    tally = run(app, sign_in, part, wanted)
    assert len(tally.played) == wanted
    assert S.RECOMMENDED in tally.reached
    if slow:
        assert tally.reached >= set(SENT)
