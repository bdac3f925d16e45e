"""Incidents and halting, absence, another date, the end of the meeting, and the recording that may follow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, Incident
from lsp.vocabulary import PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.meeting import MOMENTS
from tests.html import errors, filled, form, h1, notices, soup, words

S = PermohonanStatus
INCIDENT = {"kind": "Sambungan terputus", "action": "Terputus 10 menit, lalu disambung lagi."}
NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
REASON = "Asesor sakit mendadak."


@pytest.fixture
def tomorrow(pre):
    """The same pre-assessment, but it begins tomorrow at this hour."""
    slot = dossier_of(pre.case).booking.slot
    slot.starts_at, slot.ends_at = (
        clock.now() + timedelta(days=1),
        clock.now() + timedelta(days=1, hours=1),
    )
    db.session.commit()
    return pre


class TestBeforeItsTime:
    @pytest.mark.parametrize("hx", [False, True])
    def test_the_first_tick_asks_once_and_is_not_refused(self, tomorrow, hx):
        answer = tomorrow.post("/catat/surat", {"buka": "data"}, hx=hx)
        asked = answer.headers["HX-Redirect"] if hx else answer.location
        assert asked.startswith(tomorrow.url("/catat/surat/awal"))
        assert dossier_of(tomorrow.case).booking.record is None
        page = soup(tomorrow.browser.get(asked))
        assert "dijadwalkan besok pukul" in words(page.main)
        sent = filled(form(page, tomorrow.url("/catat/surat")))
        assert tomorrow.post("/catat/surat", sent).location.startswith(tomorrow.url("/data"))
        # The meeting has begun: the next tick is one press again.
        tomorrow.save("/catat/asesor", {})
        db.session.expire_all()
        record = dossier_of(tomorrow.case).booking.record
        assert record.assignment_shown_at is not None
        assert record.asesor_present_at is not None

    def test_the_card_says_when_it_is_due_and_preparing_stays_open(self, tomorrow):
        card = tomorrow.get().find(id="meeting-now")
        assert "Rapat ini dimulai besok pukul" in words(card)
        assert "catat sekarang" not in words(card)
        assert tomorrow.post("/bukti/1", {"verdict": "ya"}).status_code == 303

    def test_nobody_is_asked_once_the_way_in_is_open(self, pre):
        slot = dossier_of(pre.case).booking.slot
        slot.starts_at = clock.now() + timedelta(minutes=20)
        db.session.commit()
        assert "catat sekarang" in words(pre.get().find(id="meeting-now"))
        pre.save("/catat/surat", {})
        assert dossier_of(pre.case).booking.record.assignment_shown_at is not None

    def test_the_page_of_a_tick_that_does_not_exist_is_not_found(self, tomorrow):
        assert tomorrow.browser.get(tomorrow.url("/catat/tarian/awal")).status_code == 404


class TestIncident:
    def test_it_is_written_down_and_the_meeting_goes_on(self, running):
        assert running.post("/gangguan", INCIDENT | {"version": running.version}).status_code == 303
        assert running.status is S.IN_ASSESSMENT
        assert INCIDENT["action"] in words(running.get("/riwayat"))

    def test_or_halts_the_assessment_in_one_press(self, running):
        page = running.get("/gangguan?henti=1")
        assert h1(page) == "Hentikan asesmen sementara"
        data = filled(form(page, running.url("/gangguan"))) | INCIDENT | {"henti": "1"}
        assert running.post("/gangguan", data).status_code == 303
        assert running.status is S.READY

    def test_halting_from_a_stale_form_leaves_no_trace(self, running):
        data = INCIDENT | {"version": running.version + 1, "henti": "1"}
        answer = running.post("/gangguan", data)
        assert answer.status_code == 409
        assert db.session.query(Incident).count() == 0
        assert filled(form(soup(answer), running.url("/gangguan")))["kind"] == [INCIDENT["kind"]]

    def test_bad_input_is_told_and_kept(self, running):
        answer = running.post("/gangguan", {"action": "Listrik", "version": running.version})
        assert answer.status_code == 422
        page = soup(answer)
        assert "Pilih jenis gangguan." in errors(page).values()
        assert "Listrik" in words(page)

    def test_another_asesor_is_refused(self, running, sign_in):
        running.cast.jadwal[running.case.mode].asesor_2_id = running.cast.second_asesor.id
        db.session.commit()
        answer = sign_in(running.cast.second_asesor).post(
            running.url("/gangguan"), data=INCIDENT | {"version": running.version}
        )
        assert answer.status_code == 409
        assert "Hanya asesor rapat ini" in notices(soup(answer))[0]


class TestAbsence:
    def test_not_before_fifteen_minutes(self, pre):
        slot = dossier_of(pre.case).booking.slot
        slot.starts_at = clock.now() - timedelta(minutes=14)
        db.session.commit()
        page = pre.get("/tidak-hadir")
        assert page.select_one("main button[type=submit]").has_attr("disabled")
        answer = pre.post("/tidak-hadir", {"party": "asesi", "version": pre.version})
        assert answer.status_code == 409
        assert "Tunggu 15 menit" in notices(soup(answer))[0]

    @pytest.mark.parametrize(("party", "counted"), [("asesi", 1), ("asesor", 0)])
    def test_the_case_goes_back_to_scheduling(self, pre, party, counted):
        data = filled(form(pre.get("/tidak-hadir"), pre.url("/tidak-hadir"))) | {"party": party}
        assert pre.post("/tidak-hadir", data).status_code == 303
        assert pre.status is S.PAID
        assert pre.case.asesi_absences == counted

    def test_the_second_time_it_is_dropped_and_the_page_says_so_before(self, desk_at):
        desk = desk_at(S.SCHEDULED, work_done=False, asesi_absences=1)
        assert "permohonannya gugur" in words(desk.get("/tidak-hadir"))
        desk.post("/tidak-hadir", {"party": "asesi", "version": desk.version})
        assert desk.status is S.DROPPED

    def test_who_was_seen_cannot_be_absent(self, pre):
        pre.save("/catat/asesi", {})
        answer = pre.post("/tidak-hadir", {"party": "asesi", "version": pre.version})
        assert answer.status_code == 409
        assert "sudah dicatat hadir" in notices(soup(answer))[0]

    def test_it_is_not_offered_when_both_came(self, pre):
        assert pre.get().find(id="langkah-absent") is not None
        pre.save("/catat/asesor", {})
        pre.save("/catat/asesi", {})
        actions = pre.get().find(id="meeting-actions")
        assert "Tidak hadir" not in words(actions)
        assert "Catat gangguan" in words(actions)

    @pytest.mark.parametrize("data", [{}, {"party": "tetangga"}])
    def test_somebody_must_be_named(self, pre, data):
        answer = pre.post("/tidak-hadir", data | {"version": pre.version})
        assert answer.status_code == 422
        assert errors(soup(answer))

    def test_a_stale_form_and_a_second_press(self, pre):
        data = {"party": "asesi", "version": pre.version}
        assert pre.post("/tidak-hadir", data | {"version": pre.version + 1}).status_code == 409
        assert pre.post("/tidak-hadir", data).status_code == 303
        assert pre.post("/tidak-hadir", data).status_code == 409
        assert pre.case.asesi_absences == 1


class TestReschedule:
    def test_with_a_reason(self, pre):
        data = filled(pre.get("/jadwal-ulang").find("main").form) | {"note": REASON}
        assert pre.post("/jadwal-ulang", data).location == "/asesor"
        assert pre.status is S.PAID
        assert dossier_of(pre.case).bookings[-1].cancel_reason == REASON

    def test_a_short_reason_is_told_and_kept(self, pre):
        answer = pre.post("/jadwal-ulang", {"note": "sakit", "version": pre.version})
        assert answer.status_code == 422
        assert "sakit" in words(soup(answer))
        assert pre.status is S.PRE_SCHEDULED

    def test_a_stale_form_keeps_the_reason(self, pre):
        answer = pre.post("/jadwal-ulang", {"note": REASON, "version": pre.version + 1})
        assert answer.status_code == 409
        assert "Data sudah berubah" in notices(soup(answer))[0]
        assert REASON in words(soup(answer))


class TestEnd:
    def test_htmx_and_page_agree(self, running):
        running.assert_htmx_equals_page("/data", "#meeting-order", "/selesai", {"buka": "data"})

    def test_the_first_press_counts(self, running):
        running.post("/selesai")
        first = dossier_of(running.case).booking.record.ended_at
        running.post("/selesai")
        db.session.expire_all()
        assert dossier_of(running.case).booking.record.ended_at == first is not None

    def at(self, desk, *, started, ends):
        """A meeting of so many minutes ago; now is noon in Jakarta."""
        seat = dossier_of(desk.case).booking
        seat.slot.starts_at = NOON - timedelta(minutes=started)
        seat.slot.ends_at = NOON - timedelta(minutes=ends)
        for name in MOMENTS:
            setattr(seat.record, name, seat.slot.starts_at)
        db.session.commit()
        return desk

    def ended(self, desk):
        db.session.expire_all()
        return dossier_of(desk.case).booking.record.ended_at

    @pytest.fixture
    def noon(self):
        with time_machine.travel(NOON, tick=False):
            yield

    def test_after_its_slot_the_hour_is_asked_for(self, noon, running):
        desk = self.at(running, started=120, ends=60)
        answer = desk.post("/selesai")
        assert answer.status_code == 303
        assert self.ended(desk) is None, "nothing is noted before he said when"
        asked = form(soup(desk.browser.get(answer.location)), desk.url("/selesai"))
        assert filled(asked)["time"] == "11:00", "the slot's end is proposed"
        said = desk.post("/selesai", filled(asked) | {"time": "11.20"})
        assert said.status_code == 303
        assert self.ended(desk) == NOON - timedelta(minutes=40)
        row = db.session.scalars(
            db.select(AuditEvent).where(AuditEvent.action == "meeting.end")
        ).one()
        assert row.at == NOON, "when he wrote it stays in the chain"

    @pytest.mark.parametrize("hour", ["09.59", "12.01"])
    def test_not_before_it_began_nor_later_than_now(self, noon, running, hour):
        desk = self.at(running, started=120, ends=60)
        answer = desk.post("/selesai", {"day": "2026-11-23", "time": hour})
        assert answer.status_code == 409
        assert "antara catatan terakhir rapat" in words(soup(answer).find(id="time-error"))
        assert soup(answer).find(id="time")["value"] in (hour, hour.replace(".", ":"))
        assert self.ended(desk) is None

    def test_what_was_recorded_after_the_slot_moves_the_proposal(self, noon, running):
        desk = self.at(running, started=120, ends=60)
        dossier_of(desk.case).booking.record.identity_checked_at = NOON - timedelta(minutes=15)
        db.session.commit()
        assert desk.get("/selesai").find(id="time")["value"] == "11:45"
        refused = desk.post("/selesai", {"day": "2026-11-23", "time": "11.44"})
        assert refused.status_code == 409, "it had not ended before what was noted last"

    def test_within_its_slot_nothing_is_asked(self, noon, running):
        desk = self.at(running, started=30, ends=-30)
        assert desk.browser.get(desk.url("/selesai")).status_code == 302
        desk.post("/selesai")
        assert self.ended(desk) == NOON

    def test_an_hour_from_a_second_tab_changes_nothing(self, noon, running):
        desk = self.at(running, started=120, ends=60)
        for hour in ("11.10", "11.30"):
            desk.post("/selesai", {"day": "2026-11-23", "time": hour})
        assert self.ended(desk) == NOON - timedelta(minutes=50)

    def test_not_of_a_meeting_that_never_began(self, desk_at):
        desk = desk_at(S.SCHEDULED, work_done=False)
        assert desk.post("/selesai").status_code == 409
