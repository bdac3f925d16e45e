"""What bars a meeting: days off, holidays, load, papers of the asesor, dates as Jakarta counts them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy.exc import IntegrityError

from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Holiday, Setting
from lsp.services import schedule
from lsp.vocabulary import MeetingKind, Mode, Role
from tests import factories
from tests.support.meetings import make_day_off, make_jadwal, make_profile, make_slot
from tests.workflow.cases import actor_of

MONDAY = datetime(2026, 11, 30, 3, tzinfo=UTC)  # 10.00 WIB, 12.00 WIT


@pytest.fixture(autouse=True)
def _on_a_day_in_november():
    with time_machine.travel("2026-11-23T03:00:00Z", tick=False):
        yield


def asesor_with(zone="Asia/Jakarta", **columns):
    person = factories.make_user(Role.ASESOR, zone=zone)
    make_profile(person, **columns)
    return person


def open_slot(person, jadwal=None, starts_at=MONDAY, **changes):
    values = {"kind": MeetingKind.PRE_ASSESSMENT, "starts_at": starts_at, "minutes": 60}
    jadwal = jadwal or make_jadwal(person)
    return schedule.open_slot(actor_of(person), jadwal, **(values | changes))


def refused(*args, **named):
    with pytest.raises(DomainError) as refusal:
        open_slot(*args, **named)
    return refusal.value


class TestDaysOff:
    def test_bar_the_day_where_he_lives_and_no_other(self, app):
        person = asesor_with("Asia/Jayapura")
        make_day_off(person, starts_on=date(2026, 11, 30))
        jadwal = make_jadwal(person)
        assert "Anda tidak bertugas" in str(refused(person, jadwal))
        last = datetime(2026, 11, 30, 15, tzinfo=UTC)  # midnight in Jayapura
        assert "tidak bertugas" in str(refused(person, jadwal, last - timedelta(minutes=1)))
        assert open_slot(person, jadwal, last).id


class TestHolidays:
    def test_ask_for_a_tick(self, app):
        db.session.add(Holiday(day=date(2026, 11, 30), name="Libur rekaan", movable=True))
        person = asesor_with()
        refusal = refused(person)
        assert ("Libur rekaan" in str(refusal), refusal.field) == (True, "on_holiday")
        assert open_slot(person, on_holiday=True).id


class TestLoad:
    def test_counts_the_seats_of_a_day(self, app):
        db.session.query(Setting).filter_by(key="asesor_daily_load").one().value = 3
        person = asesor_with()
        jadwal = make_jadwal(person)
        open_slot(person, jadwal, capacity=2)
        later = MONDAY + timedelta(hours=3)
        assert "sudah dibuka 2 kursi" in str(refused(person, jadwal, later, capacity=2))
        assert open_slot(person, jadwal, later, capacity=1).id
        assert open_slot(person, jadwal, MONDAY + timedelta(days=1), capacity=3).id


class TestPapers:
    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"met_valid_until": date(2026, 11, 29)}, "Sertifikat MET Anda"),
            ({"skk_valid_until": date(2026, 11, 29)}, "SKK milik Anda"),
            ({"scope": ["SI01"]}, "lingkup subklasifikasi MP01"),
            ({"jenjang": 2}, "Jenjang Anda tidak mencukupi"),
        ],
    )
    def test_must_hold_on_the_day(self, app, columns, words):
        assert words in str(refused(asesor_with(**columns)))

    def test_the_permission_too_and_only_for_remote_ones(self, app):
        person, skema = asesor_with(), factories.make_skema()
        assert "izin asesmen jarak jauh" in str(refused(person, make_jadwal(person, skema=skema)))
        assert open_slot(person, make_jadwal(person, skema=skema, mode=Mode.LURING)).id


class TestTheTurnOfTheYear:
    """31 December 16.30 UTC: 23.30 in Jakarta, already next year in Makassar and Jayapura."""

    @pytest.mark.parametrize("zone", ["Asia/Makassar", "Asia/Jayapura"])
    def test_dates_of_a_jadwal_are_those_of_jakarta(self, app, zone):
        person = asesor_with(zone)
        jadwal = make_jadwal(person, ends_on=date(2026, 12, 31))
        begins = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
        sentence = str(refused(person, jadwal, begins, minutes=60))
        assert (
            "mulai 31 Desember 2026 pukul 23.30 dan selesai 1 Januari 2027 pukul 00.30" in sentence
        )
        assert open_slot(person, jadwal, begins, minutes=15).id

    def test_a_year_that_begins_there_only(self, app):
        person = asesor_with("Asia/Jayapura")
        jadwal = make_jadwal(person, starts_on=date(2027, 1, 1), ends_on=date(2027, 1, 31))
        begins = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
        assert "menurut WIB" in str(refused(person, jadwal, begins, on_holiday=True))


class TestAClosedSlot:
    def test_leaves_its_minute_to_the_next_one(self, app):
        person = asesor_with()
        closed = make_slot(person, starts_at=MONDAY, cancelled_at=MONDAY - timedelta(days=6))
        assert open_slot(person, closed.jadwal).starts_at == closed.starts_at

    def test_is_not_opened_again_over_the_next_one(self, app):
        person = asesor_with()
        closed = make_slot(person, starts_at=MONDAY, cancelled_at=MONDAY - timedelta(days=6))
        open_slot(person, closed.jadwal)
        with pytest.raises(DomainError, match="sudah punya slot pada jam itu"):
            schedule.reopen_slot(actor_of(person), closed)

    def test_and_no_two_standing_ones_begin_together(self, app):
        first = make_slot(asesor_with(), starts_at=MONDAY)
        with pytest.raises(IntegrityError):
            make_slot(first.asesor, starts_at=MONDAY, jadwal=first.jadwal)
