"""Jadwal and slots: what may be made and opened, and which meetings are offered to whom."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from lsp import clock
from lsp.database import db, write_transaction
from lsp.errors import DomainError
from lsp.models import Slot
from lsp.models.inforce import setting
from lsp.services import jadwal_plan, offers, schedule
from lsp.services.demo.base import load_base
from lsp.services.demo.meetings import load_meetings
from lsp.vocabulary import JadwalStatus, MeetingKind, Mode, PermohonanStatus, Role
from lsp.workflow.jadwal import JADWAL
from tests import factories
from tests.support.meetings import make_jadwal, make_profile, make_slot, make_tuk
from tests.workflow.cases import actor_of, hold_seat, make_cast, make_permohonan

PRE = MeetingKind.PRE_ASSESSMENT


@pytest.fixture
def asesor(app):
    user = factories.make_user(Role.ASESOR)
    make_profile(user)
    return user


@pytest.fixture
def admin(app):
    return actor_of(factories.make_user(Role.ADMIN))


def in_hours(hours: float):
    return clock.now() + timedelta(hours=hours)


@pytest.mark.both
def test_nobody_books_between_the_count_of_slots_outside_and_their_closing(app, admin, asesor):
    if db.engine.dialect.name == "sqlite":
        return  # one writer at a time there
    jadwal = make_jadwal(asesor)
    slot = make_slot(asesor, jadwal=jadwal, starts_at=in_hours(9 * 24))
    db.session.commit()
    with pytest.raises(jadwal_plan.EmptySlotsOutside):
        jadwal_plan.change(admin, jadwal, ends_on=clock.today_wib() + timedelta(days=3))
    with db.engine.connect() as booker, pytest.raises(OperationalError, match="lock"):
        booker.execute(select(Slot.id).where(Slot.id == slot.id).with_for_update(nowait=True))


class TestMakingAJadwal:
    def make(self, admin, asesor, **changes):
        today = clock.today_wib()
        values = {
            "name": " Angkatan 1 ", "version": factories.make_skema(remote=True), "tuk": make_tuk(),
            "mode": Mode.DARING, "starts_on": today, "ends_on": today, "asesor_1_id": asesor.id,
        }  # fmt: skip
        return schedule.make_jadwal(admin, **(values | changes))

    def test_a_draft(self, admin, asesor):
        made = self.make(admin, asesor)
        assert (made.status, made.name, made.surat_tugas_number) == (
            JadwalStatus.DRAFT,
            "Angkatan 1",
            "",
        )

    def test_dates_in_order(self, admin, asesor):
        with pytest.raises(DomainError, match="lebih awal"):
            self.make(admin, asesor, ends_on=clock.today_wib() - timedelta(days=1))

    def test_two_different_asesor(self, admin, asesor):
        with pytest.raises(DomainError, match="orang yang berbeda"):
            self.make(admin, asesor, asesor_2_id=asesor.id)

    def test_only_registered_asesor(self, admin, asesor):
        with pytest.raises(DomainError, match="belum terdaftar"):
            self.make(admin, asesor, asesor_2_id=factories.make_user(Role.ASESOR).id)

    def test_confirming_gives_the_surat_tugas(self, admin, asesor):
        made = self.make(admin, asesor)
        JADWAL.perform(made, "confirm", admin, version=made.version)
        assert made.surat_tugas_number
        assert made.surat_tugas_date == clock.today_wib()

    def test_the_reason_speaks_before_anybody_presses(self, admin, asesor):
        made = self.make(admin, asesor, tuk=make_tuk(verified_on=None))
        confirm = next(step for step in JADWAL.available(made, admin) if step.name == "confirm")
        assert "TUK ini belum diverifikasi" in (confirm.reason or "")


class TestOpening:
    def open(self, asesor, jadwal, **changes):
        values = {"kind": PRE, "starts_at": in_hours(2), "minutes": 60, "on_holiday": True}
        return schedule.open_slot(actor_of(asesor), jadwal, **(values | changes))

    def test_a_room_of_the_lsp_when_no_link_is_given(self, asesor):
        slot = self.open(asesor, make_jadwal(asesor))
        base, room = slot.meeting_url.rsplit("/", 1)
        assert (base, len(room)) == (setting("jitsi_base"), 20)

    def test_face_to_face_needs_no_link(self, asesor):
        assert self.open(asesor, make_jadwal(asesor, mode=Mode.LURING)).meeting_url == ""

    def test_only_by_an_asesor_the_jadwal_names(self, asesor):
        stranger = factories.make_user(Role.ASESOR)
        with pytest.raises(DomainError, match="namanya ada di jadwal"):
            self.open(stranger, make_jadwal(asesor))

    def test_the_admin_opens_for_one(self, asesor, admin):
        slot = schedule.open_slot(
            admin,
            make_jadwal(asesor),
            kind=PRE,
            starts_at=in_hours(2),
            minutes=60,
            asesor_id=asesor.id,
            on_holiday=True,
        )
        assert slot.asesor_id == asesor.id
        with pytest.raises(DomainError, match="Asesor ini sudah punya slot"):
            schedule.open_slot(
                admin,
                slot.jadwal,
                kind=PRE,
                starts_at=in_hours(2.5),
                minutes=60,
                asesor_id=asesor.id,
            )

    @pytest.mark.parametrize(
        ("status", "sentence"),
        [
            (JadwalStatus.DRAFT, "belum dikonfirmasi"),
            (JadwalStatus.CANCELLED, "dibatalkan"),
            (JadwalStatus.DONE, "selesai"),
        ],
    )
    def test_only_while_the_jadwal_is_open(self, asesor, status, sentence):
        with pytest.raises(DomainError, match=sentence):
            self.open(asesor, make_jadwal(asesor, status=status))

    @pytest.mark.parametrize(
        "changes", [{"minutes": 5}, {"minutes": 481}, {"capacity": 0}, {"capacity": 41}]
    )
    def test_within_bounds(self, asesor, changes):
        with pytest.raises(DomainError, match="di luar batas"):
            self.open(asesor, make_jadwal(asesor), **changes)

    def test_not_over_the_last_day(self, asesor):
        jadwal = make_jadwal(asesor, ends_on=clock.today_wib())
        with pytest.raises(DomainError, match="di dalam tanggal jadwal"):
            self.open(asesor, jadwal, starts_at=in_hours(48))

    def test_side_by_side_is_no_clash(self, asesor):
        jadwal, begins = make_jadwal(asesor), in_hours(2)
        self.open(asesor, jadwal, starts_at=begins)
        self.open(asesor, jadwal, starts_at=begins + timedelta(hours=1))
        self.open(asesor, jadwal, starts_at=begins - timedelta(hours=1))
        with pytest.raises(DomainError, match="sudah punya slot"):
            self.open(asesor, jadwal, starts_at=begins + timedelta(minutes=59))


class TestOffers:
    @pytest.fixture
    def cast(self, app):
        return make_cast()

    @pytest.fixture
    def case(self, cast):
        return make_permohonan(PermohonanStatus.PAID, cast=cast)

    def open_to(self, case, **how):
        return [row.public_id for row in offers.offers_for(case, **how) if not row.bar]

    def test_soonest_first_and_only_what_fits(self, cast, case):
        asesor = cast.asesor
        jadwal = make_jadwal(asesor, skema=cast.skema)
        late, soon = (
            make_slot(asesor, jadwal=jadwal, starts_at=in_hours(hours)) for hours in (5, 2)
        )
        make_slot(asesor, jadwal=jadwal, kind=MeetingKind.ASSESSMENT, starts_at=in_hours(8))
        make_slot(asesor, jadwal=jadwal, starts_at=in_hours(9), cancelled_at=clock.now())
        make_slot(asesor, jadwal=jadwal, starts_at=in_hours(-2))
        make_slot(asesor, starts_at=in_hours(11))  # of another skema
        make_slot(asesor, jadwal=make_jadwal(asesor, skema=cast.skema, status=JadwalStatus.DRAFT))
        assert self.open_to(case) == [soon.public_id, late.public_id]

    def test_not_when_the_asesor_sits_elsewhere(self, cast, case):
        other = make_permohonan(PermohonanStatus.PAID, cast=cast)
        jadwal = hold_seat(other, PRE, cast, starts_at=in_hours(2)).slot.jadwal
        make_slot(cast.asesor, jadwal=jadwal, starts_at=in_hours(3))
        free = make_slot(cast.asesor, jadwal=jadwal, starts_at=in_hours(4.5))
        assert self.open_to(case) == [free.public_id]

    def test_of_one_asesor_however_many_others_there_are(self, cast, case, monkeypatch):
        """Before, the limit was counted over everybody's meetings and could hide his."""
        monkeypatch.setattr(offers, "MOST", 3)
        jadwal = make_jadwal(cast.asesor, skema=cast.skema, asesor_2_id=cast.second_asesor.id)
        for hours in range(2, 7):
            make_slot(cast.second_asesor, jadwal=jadwal, starts_at=in_hours(hours))
        mine = make_slot(cast.asesor, jadwal=jadwal, starts_at=in_hours(20))
        assert self.open_to(case, asesor_id=cast.asesor.id) == [mine.public_id]


class TestTheDemo:
    def test_each_asesor_has_of_each_kind_one_now_and_five_to_come(self, app):
        with write_transaction():
            load_base(factories.QUICK_HASH)
            load_meetings()
        with write_transaction():
            load_meetings()  # once more adds none
        now, found = clock.now(), db.session.query(Slot).all()
        assert len(found) == 3 * 2 * 6
        running = Counter(
            (slot.asesor_id, slot.kind) for slot in found if slot.starts_at <= now < slot.ends_at
        )
        assert list(running.values()) == [1] * 6
        days = {
            (
                slot.asesor_id,
                slot.kind,
                slot.starts_at.astimezone(clock.WIB).date() - clock.today_wib(),
            )
            for slot in found
            if slot.starts_at > now
        }
        assert len(days) == 3 * 2 * 5
        assert all(slot.meeting_url for slot in found)
