"""A wrong tick is taken back, both stay in the history, and nothing later is left without its ground."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AuditEvent, Incident
from lsp.models.jadwal import TAKEN_BACK
from lsp.services import assessment, corrections, meetings
from lsp.vocabulary import Form, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.assessment import incident_recorded
from tests.html import filled, form, h1, links, main, notices, soup, words
from tests.workflow.cases import actor_of

S = PermohonanStatus
WHY = "Salah tekan, asesi belum masuk."


def record(desk):
    db.session.expire_all()
    return dossier_of(desk.case).booking.record


def take_back(desk, item, reason=WHY):
    page = desk.get(f"/catat/{item}/batal")
    address = desk.url(f"/catat/{item}/batal")
    return desk.post(f"/catat/{item}/batal", filled(form(page, address)) | {"note": reason})


class TestThroughThePage:
    def test_a_wrong_attendance_no_longer_bars_an_absence(self, pre):
        pre.post("/catat/asesi")
        refused = pre.post("/tidak-hadir", {"party": "asesi", "version": pre.version})
        assert refused.status_code == 409
        assert any("batalkan dulu catatannya" in each for each in notices(soup(refused)))
        assert links(pre.get())["Batalkan… Asesi hadir"] == pre.url("/catat/asesi/batal")
        assert h1(pre.get("/catat/asesi/batal")) == "Batalkan catatan ini?"
        assert take_back(pre, "asesi").status_code == 303
        assert record(pre).asesi_present_at is None
        absent = pre.post("/tidak-hadir", {"party": "asesi", "version": pre.version})
        assert absent.status_code == 303
        assert pre.status is S.PAID

    def test_both_stand_in_the_history(self, pre):
        pre.post("/catat/asesor")
        take_back(pre, "asesor")
        text = words(main(pre.get("/riwayat")))
        assert TAKEN_BACK in text
        assert "“Asesor hadir”, dicatat pukul" in text
        assert WHY in text
        actions = [event.action for event in db.session.query(AuditEvent)]
        assert {"meeting.asesor", "meeting.asesor.take_back"} <= set(actions)

    def test_a_short_reason_is_kept_and_asked_again(self, pre):
        pre.post("/catat/asesor")
        answer = take_back(pre, "asesor", reason="keliru")
        assert answer.status_code == 422
        assert words(soup(answer).find("textarea")) == "keliru"
        assert record(pre).asesor_present_at is not None

    def test_the_last_one_first(self, pre):
        for item in ("asesor", "asesi"):
            pre.post(f"/catat/{item}")
        found = links(pre.get())
        assert "Batalkan… Asesi hadir" in found
        assert "Batalkan… Asesor hadir" not in found
        answer = pre.browser.get(pre.url("/catat/asesor/batal"), follow_redirects=True)
        assert "Batalkan dulu catatan sesudahnya: “Asesi hadir”" in answer.text

    def test_an_unknown_item_is_not_found(self, pre):
        assert pre.browser.get(pre.url("/catat/cuaca/batal")).status_code == 404
        assert pre.post("/catat/cuaca/batal").status_code == 404

    def test_the_end_of_a_meeting_too(self, running):
        running.post("/selesai")
        assert take_back(running, "selesai").status_code == 303
        assert record(running).ended_at is None
        running.post("/selesai")
        assert record(running).ended_at is not None


class TestTheService:
    def tick(self, desk, *items):
        for item in items:
            meetings.tick(actor_of(desk.cast.asesor), desk.case, item)
        db.session.commit()

    def refused(self, desk, item):
        return corrections.refusal(actor_of(desk.cast.asesor), desk.case, item)

    def test_a_pre_assessment_has_not_begun_after_all(self, pre):
        self.tick(pre, "asesor", "asesi")
        assert record(pre).started_at is not None
        corrections.take_back(actor_of(pre.cast.asesor), pre.case, "asesi", reason=WHY)
        assert record(pre).started_at is None

    def test_nobody_elses_record(self, pre):
        self.tick(pre, "asesor")
        for who in (pre.cast.second_asesor, pre.cast.admin, pre.case.asesi):
            with pytest.raises(DomainError, match="Hanya asesor rapat ini"):
                corrections.take_back(actor_of(who), pre.case, "asesor", reason=WHY)

    def test_what_was_never_ticked(self, pre):
        assert "belum dicatat" in self.refused(pre, "asesi")

    def test_not_once_fr_apl_02_was_reviewed_in_it(self, pre):
        self.tick(pre, "asesor", "asesi")
        assessment.review_apl_02(
            actor_of(pre.cast.asesor), pre.case, can_continue=True, missing_evidence="", note=""
        )
        assert "sudah ditinjau" in self.refused(pre, "asesi")

    def test_not_once_something_was_signed_after_it(self, pre):
        self.tick(pre, "asesi")
        pre.asesi_signs(Form.FR_AK_01)
        assert "tanda tangan" in self.refused(pre, "asesi")

    def test_not_once_the_assessment_began(self, running):
        assert "dasar langkah berikutnya" in self.refused(running, "asesi")

    def test_it_is_no_disturbance_to_halt_for(self, running):
        actor = actor_of(running.cast.asesor)
        meetings.end_meeting(actor, running.case)
        corrections.take_back(actor, running.case, "selesai", reason=WHY)
        assert db.session.query(Incident).count() == 1
        assert incident_recorded(running.case, actor, "") is not None
