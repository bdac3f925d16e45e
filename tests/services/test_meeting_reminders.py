"""Reminders of meetings: when they go, what they name, and that none goes for a meeting that moved, ended or began."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from lsp import worker
from tests.support.calendars import (
    FIXTURES,
    MONDAY,
    Post,
    calendar_in,
    deliver_due,
    give_up,
    invite_both,
    meeting_at,
    move_seat,
    over_smtp,
    read_calendar,
    rows,
    to,
)
from tests.support.outbox_app import free_port
from tests.workflow.people import Cast

made_sink, made_post, made_cast = FIXTURES


class TestReminders:
    START = MONDAY + timedelta(hours=30)

    def reminded(self, post: Post, now: time_machine.Traveller, hours: float) -> list[str]:
        """Who gets one that long before the meeting."""
        now.move_to(self.START - timedelta(hours=hours))
        return [each["To"] for each in post()]

    def test_go_a_day_and_an_hour_before_and_name_the_hour_of_the_reader(
        self, cast: Cast, post: Post
    ) -> None:
        with time_machine.travel(MONDAY, tick=False) as now:
            case, _ = meeting_at(cast, self.START)
            invite_both(case)
            assert len(post()) == 2
            both = [case.asesi.email, cast.asesor.email]
            assert self.reminded(post, now, 24.01) == []
            assert sorted(self.reminded(post, now, 24)) == sorted(both)
            assert self.reminded(post, now, 1.01) == []
            now.move_to(self.START - timedelta(hours=1))
            mails = post()
        assert "pukul 15.00 WIB" in to(mails, case.asesi)["Subject"]
        assert "pukul 17.00 WIT" in to(mails, cast.asesor)["Subject"]
        assert to(mails, case.asesi).get_content_type() == "multipart/alternative"

    def test_of_a_moved_meeting_come_before_the_new_time_only(self, cast: Cast, post: Post) -> None:
        with time_machine.travel(MONDAY, tick=False) as now:
            case, seat = meeting_at(cast, self.START)
            invite_both(case)
            post()
            # Nobody took the old reminders back: the worker itself asks whether the seat still stands.
            move_seat(case, seat, self.START + timedelta(days=2))
            invite_both(case)
            assert len(post()) == 2
            assert self.reminded(post, now, 24) == []
            assert self.reminded(post, now, 1) == []
            assert len(self.reminded(post, now, 24 - 48)) == 2
            assert len(self.reminded(post, now, 1 - 48)) == 2

    def test_of_a_cancelled_meeting_come_no_more(self, cast: Cast, post: Post) -> None:
        with time_machine.travel(MONDAY, tick=False) as now:
            case, _ = meeting_at(cast, self.START)
            invite_both(case)
            give_up(case)
            post()
            assert self.reminded(post, now, 24) == []
            assert self.reminded(post, now, 1) == []
        assert {row.done_how for row in rows("meeting_reminder")} == {"cancelled"}

    def test_one_that_is_leased_while_the_seat_is_given_back_is_not_sent(
        self, cast: Cast, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between the lease and the sending somebody presses "Pindahkan rapat"."""
        real = worker._perform
        pressed: list[str] = []
        with time_machine.travel(MONDAY, tick=False) as now:
            case, _ = meeting_at(cast, self.START)
            invite_both(case)
            post()

            def press_first(item: worker.Item) -> tuple[str, dict[str, bool]]:
                if not pressed:
                    pressed.append(item.kind)
                    give_up(case)
                return real(item)

            monkeypatch.setattr(worker, "_perform", press_first)
            now.move_to(self.START - timedelta(hours=24))
            kinds = {read_calendar(calendar_in(each)).method.value for each in post()}
        assert pressed == ["meeting_reminder"]
        assert kinds == {"CANCEL"}

    def test_is_not_sent_after_the_meeting_began(self, cast: Cast, app: Flask, post: Post) -> None:
        with time_machine.travel(MONDAY, tick=False) as now:
            case, _ = meeting_at(cast, self.START)
            invite_both(case)
            now.move_to(self.START - timedelta(hours=24))
            assert len(post()) == 4
            now.move_to(self.START - timedelta(hours=1))
            with pytest.MonkeyPatch.context() as patch:
                over_smtp(app, patch, free_port())
                for _ in range(12):  # two hours without an answer
                    deliver_due(app)
                    now.shift(timedelta(minutes=10))
            now.shift(timedelta(hours=3))
            assert post() == []
        last = rows("meeting_reminder")
        assert [row.done_how for row in last] == ["sent", "cancelled"] * 2
        assert {row.error for row in last if row.done_how == "cancelled"} == {
            "Overtaken: the meeting has begun"
        }

    def test_the_days_reminder_is_not_sent_once_the_hours_is_due(
        self, cast: Cast, app: Flask, post: Post
    ) -> None:
        with time_machine.travel(MONDAY, tick=False) as now:
            case, _ = meeting_at(cast, self.START)
            invite_both(case)
            post()
            now.move_to(self.START - timedelta(minutes=50))
            assert sorted(each["To"] for each in post()) == sorted(
                [case.asesi.email, cast.asesor.email]
            )
