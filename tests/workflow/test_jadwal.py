"""A batch: its table, its last day, who belongs to it: it waits for those, and its asesor read their cases alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import AuditEvent, Permohonan
from lsp.permissions import visible_to
from lsp.services import asesor_desk, jadwal_plan, meetings, schedule
from lsp.vocabulary import JadwalStatus, Mode, PermohonanStatus, Role
from lsp.workflow.jadwal import JADWAL, every_peserta_at_the_end
from tests.support.meetings import make_jadwal, make_slot
from tests.workflow.cases import actor_of, make_cast, make_permohonan
from tests.workflow.test_table import name_of

S = PermohonanStatus
#: The procedure of a batch, written by hand: step, from, to, who, only if.
PROCEDURE = """
change  | DRAFT           | DRAFT     | admin  |
change  | CONFIRMED       | CONFIRMED | admin  | asesor_eligible tuk_verified remote_permission_in_force
change  | RUNNING         | RUNNING   | admin  | asesor_eligible tuk_verified remote_permission_in_force
confirm | DRAFT           | CONFIRMED | admin  | asesor_eligible tuk_verified remote_permission_in_force not_over
begin   | CONFIRMED       | RUNNING   | system |
finish  | RUNNING         | DONE      | admin  | every_peserta_recommended_or_left
close   | DONE            | CLOSED    | admin  | every_peserta_at_the_end asesor_reported
cancel  | DRAFT CONFIRMED | CANCELLED | admin  | note_10
"""


def test_the_table_is_the_procedure():
    assert [
        " | ".join(
            (
                row.name,
                " ".join(source.name for source in row.source),
                row.target.name,
                " ".join(role.value for role in row.roles),
                " ".join(name_of(guard) for guard in row.guards),
            )
        )
        for row in JADWAL.transitions
    ] == [
        " | ".join(part.strip() for part in line.split("|"))
        for line in PROCEDURE.strip().splitlines()
    ]


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


class TestClosingWaitsForTheEnd:
    """Process 9.4: not while anybody of it is before his certificate or the end of a belum kompeten."""

    def why(self, cast, *states):
        for state in states:
            make_permohonan(state, cast=cast)
        return every_peserta_at_the_end(cast.jadwal[Mode.DARING], actor_of(cast.admin), "")

    @pytest.mark.parametrize(
        "state", [S.COMPETENT, S.NOT_YET_COMPETENT, S.BLANKO_REQUESTED, S.RECORDED]
    )
    def test_who_is_on_the_way_is_named_by_his_state(self, cast, state):
        why = self.why(cast, S.ISSUED, state)
        assert f"Masih ada 1 peserta yang belum sampai akhir: 1 “{state.label}”." in why

    def test_issued_and_closed_it_may_close(self, cast):
        assert self.why(cast, S.ISSUED, S.CLOSED_NOT_YET, S.DROPPED) is None


def test_a_later_attempt_does_not_hold_up_the_batch_of_the_earlier(cast, moved):
    _old, case, new = moved
    case.attempt = 2
    new.status = JadwalStatus.RUNNING
    db.session.flush()
    finish(new, cast)
    assert new.status is JadwalStatus.DONE
    assert [row.permohonan_id for row in schedule.peserta_of(new)] == [case.id], "he was there"


class TestItsLastDay:
    @pytest.fixture
    def over(self, cast):
        """A batch whose last day was yesterday."""
        yesterday = clock.today_wib() - timedelta(days=1)
        return make_jadwal(
            cast.asesor, skema=cast.skema, starts_on=yesterday, ends_on=yesterday,
            status=JadwalStatus.DRAFT, surat_tugas_number="", surat_tugas_date=None,
        )  # fmt: skip

    def test_the_form_and_the_step_say_the_same(self, cast, over):
        [told] = jadwal_plan.bars(
            over.skema_version, over.tuk, over.mode, over.starts_on, over.ends_on
        )
        with pytest.raises(NotAllowed) as refused:
            JADWAL.perform(over, "confirm", actor_of(cast.admin), version=over.version)
        assert str(refused.value) == told == "Tanggal selesai sudah lewat."

    def test_today_is_not_over(self, cast, over):
        over.ends_on = clock.today_wib()
        db.session.flush()
        JADWAL.perform(over, "confirm", actor_of(cast.admin), version=over.version)
        assert over.status is JadwalStatus.CONFIRMED

    def test_a_running_one_may_still_be_mended(self, cast, over):
        over.surat_tugas_number, over.surat_tugas_date = "ST-1", over.starts_on
        over.status = JadwalStatus.RUNNING
        db.session.commit()
        jadwal_plan.change(actor_of(cast.admin), over, name="Nama yang benar")
        assert (over.name, over.status) == ("Nama yang benar", JadwalStatus.RUNNING)
        noted = db.session.query(AuditEvent).filter_by(action="jadwal.change").one()
        assert '"changed":"name"' in noted.details.replace(" ", "")


def test_a_changed_batch_is_asked_what_its_row_asks(cast, monkeypatch):
    """Whatever guard the row gets, also one nobody thought of yet."""
    jadwal = make_jadwal(cast.asesor, skema=cast.skema)
    key = ("change", jadwal.status.value)
    row = replace(JADWAL.index[key], guards=(lambda case, actor, note: f"Bukan {case.name}.",))
    monkeypatch.setitem(JADWAL.index, key, row)
    with pytest.raises(NotAllowed, match="Bukan Nama lain"):
        jadwal_plan.change(actor_of(cast.admin), jadwal, name="Nama lain")
