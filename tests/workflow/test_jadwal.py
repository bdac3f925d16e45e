"""Who belongs to a batch: it waits for those who are in it now, and its asesor read their cases alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import Permohonan
from lsp.permissions import visible_to
from lsp.services import asesor_desk, meetings, schedule
from lsp.vocabulary import JadwalStatus, PermohonanStatus, Role
from lsp.workflow.jadwal import JADWAL
from tests.support.meetings import make_jadwal, make_slot
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def moved(cast):
    """(the batch that was left, the case, the batch it moved to)."""
    old = make_jadwal(cast.second_asesor, skema=cast.skema, status=JadwalStatus.RUNNING)
    new = make_jadwal(cast.asesor, skema=cast.skema)
    case = make_permohonan(S.PAID, cast=cast)
    admin = cast.of(Role.ADMIN, case)
    for jadwal, asesor in ((old, cast.second_asesor), (new, cast.asesor)):
        slot = make_slot(asesor, jadwal=jadwal, starts_at=clock.now() + timedelta(days=2))
        meetings.book(admin, case, slot.public_id, version=case.version)
        if jadwal is old:
            meetings.cancel(admin, case, version=case.version, reason="Asesor berhalangan.")
    db.session.commit()
    return old, case, new


def reads(person, case):
    seen = db.session.query(Permohonan.id).filter(visible_to(actor_of(person)))
    return case.id in [row.id for row in seen]


def finish(jadwal, cast):
    JADWAL.perform(jadwal, "finish", actor_of(cast.admin), version=jadwal.version)


def test_a_batch_does_not_wait_for_whoever_left_it(cast, moved):
    old, _case, new = moved
    finish(old, cast)
    assert old.status is JadwalStatus.DONE
    assert [row.permohonan_id for row in schedule.peserta_of(old)] == []
    assert dict(schedule.jadwal_list())[old] == 0
    new.status = JadwalStatus.RUNNING
    db.session.flush()
    with pytest.raises(NotAllowed, match="1 peserta"):
        finish(new, cast)


def test_its_asesor_read_the_case_no_longer(cast, moved):
    _old, case, _new = moved
    assert not reads(cast.second_asesor, case)
    assert asesor_desk.cases_of(cast.second_asesor.id) == []
    assert reads(cast.asesor, case)
    assert asesor_desk.cases_of(cast.asesor.id) != []


def test_a_later_attempt_does_not_hold_up_the_batch_of_the_earlier(cast, moved):
    _old, case, new = moved
    case.attempt = 2
    new.status = JadwalStatus.RUNNING
    db.session.flush()
    finish(new, cast)
    assert new.status is JadwalStatus.DONE
    assert [row.permohonan_id for row in schedule.peserta_of(new)] == [case.id], "he was there"
