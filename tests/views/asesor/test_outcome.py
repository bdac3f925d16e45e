"""How a meeting ends: on to the assessment, further evidence, start, recommendation; and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lsp import clock
from lsp.database import db
from lsp.models import PermohonanEvent
from lsp.services.demo.pre_assessing import walk_evidence
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.html import filled, h1, notices, soup, words
from tests.workflow.cases import actor_of

S = PermohonanStatus


def events_of(desk):
    return db.session.scalar(
        select(func.count(PermohonanEvent.id)).where(PermohonanEvent.permohonan_id == desk.case.id)
    )


def button(desk, label):
    """The button or link of that name in the case's continuation, and the sentence beside it."""
    card = desk.get().find(id="kelanjutan").find_parent("section")
    node = card.find(lambda tag: tag.name in ("a", "button") and words(tag) == label)
    assert node is not None, words(card)
    beside = card.find(id=node.get("aria-describedby")) if node.get("aria-describedby") else None
    return node, words(beside)


def leave_nothing_undone(desk):
    """What bars no step is done too: data confirmed, evidence judged, rights told."""
    walk_evidence(actor_of(desk.cast.asesor), desk.case)
    dossier_of(desk.case).booking.record.rights_explained_at = clock.now()
    db.session.commit()


class TestMakeReady:
    def test_the_reason_stands_beside_the_button(self, pre):
        node, reason = button(pre, "Lanjut ke asesmen")
        assert node.has_attr("disabled")
        assert reason == "Catat kehadiran asesor dan asesi."

    @pytest.mark.parametrize("hx", [False, True])
    def test_pressed_all_the_same_it_is_refused_with_that_reason(self, pre, hx):
        answer = pre.post("/langkah/make_ready", {"version": pre.version}, hx=hx)
        assert answer.status_code == 409
        assert "Catat kehadiran" in notices(soup(answer))[0]
        assert pre.status is S.PRE_SCHEDULED

    def test_plain(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED)
        leave_nothing_undone(desk)
        node, reason = button(desk, "Lanjut ke asesmen")
        assert not reason
        assert node["href"] == desk.url("/lanjut")
        answer = desk.post("/langkah/make_ready", filled(desk.get("/lanjut").main.form))
        assert (answer.status_code, answer.location) == (303, desk.url())
        assert desk.status is S.READY
        assert "Pra-asesmen selesai" in notices(desk.get())[0]

    def test_what_nothing_bars_is_named_on_a_page_first(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED)
        dossier_of(desk.case).booking.record.rights_explained_at = None
        db.session.commit()
        node, _reason = button(desk, "Lanjut ke asesmen")
        assert node["href"] == desk.url("/lanjut")
        page = desk.get("/lanjut")
        told = words(page.find(id="akibat").find_parent("section"))
        assert "9 data FR.APL.01 belum dikonfirmasi" in told
        assert "2 unit belum diperiksa" in told
        assert "belum dijelaskan" in told
        assert desk.post("/langkah/make_ready", filled(page.main.form)).status_code == 303
        assert desk.status is S.READY

    def test_that_page_is_not_for_a_meeting_that_cannot_go_on(self, pre):
        assert pre.browser.get(pre.url("/lanjut")).location == pre.url()

    def test_htmx_is_led_on(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED)
        answer = desk.post("/langkah/make_ready", {"version": desk.version}, hx=True)
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, desk.url())

    @pytest.mark.parametrize("hx", [False, True])
    def test_a_stale_form(self, desk_at, hx):
        desk = desk_at(S.PRE_SCHEDULED)
        answer = desk.post("/langkah/make_ready", {"version": desk.version + 1}, hx=hx)
        assert answer.status_code == 409
        assert "Data sudah berubah" in notices(soup(answer))[0]
        assert desk.status is S.PRE_SCHEDULED

    def test_pressed_twice(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED)
        data, before = {"version": desk.version}, events_of(desk)
        assert desk.post("/langkah/make_ready", data).status_code == 303
        assert desk.post("/langkah/make_ready", data).status_code == 409
        assert events_of(desk) == before + 1

    def test_only_steps_of_this_page_are_pressed_here(self, pre):
        for name in ("withdraw", "recommend", "verify", "x"):
            assert pre.post(f"/langkah/{name}", {"version": pre.version}).status_code == 404

    def test_without_a_version_nothing_happens(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED)
        assert desk.post("/langkah/make_ready").status_code == 422
        assert desk.status is S.PRE_SCHEDULED


class TestAskEvidence:
    def test_with_what_is_missing(self, pre):
        pre.post("/fr-apl-02", {"can_continue": "tidak", "missing_evidence": "IBPR proyek kedua"})
        assert pre.post("/langkah/ask_evidence", {"version": pre.version}).status_code == 303
        assert pre.status is S.EVIDENCE_NEEDED

    def test_when_the_rounds_are_used_up_the_way_leads_to_the_pleno(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED, work_done=False, evidence_rounds=2)
        desk.post("/fr-apl-02", {"can_continue": "tidak", "missing_evidence": "IBPR"})
        page = desk.get()
        assert "Minta bukti tambahan" not in words(page.find(id="meeting-order"))
        assert "FR.AK.02" in words(page.find(id="meeting-order"))
        node, reason = button(desk, "Usulkan belum kompeten")
        assert node.has_attr("disabled")
        assert reason


class TestStart:
    @pytest.fixture
    def early(self, desk_at):
        desk = desk_at(S.SCHEDULED)
        slot = dossier_of(desk.case).booking.slot
        slot.starts_at, slot.ends_at = (
            clock.now() + timedelta(hours=1),
            clock.now() + timedelta(hours=2),
        )
        db.session.commit()
        return desk

    def test_on_time(self, desk_at):
        desk = desk_at(S.SCHEDULED)
        assert desk.post("/langkah/start", {"version": desk.version}).status_code == 303
        assert desk.status is S.IN_ASSESSMENT

    def test_early_it_is_asked_once_more_and_not_refused(self, early):
        node, _ = button(early, "Mulai asesmen")
        page = soup(early.browser.get(node["href"]))
        assert h1(page) == "Mulai sebelum waktunya?"
        data = filled(page.find("main").form)
        assert early.browser.post(page.find("main").form["action"], data=data).status_code == 303
        assert early.status is S.IN_ASSESSMENT

    @pytest.mark.parametrize("hx", [False, True])
    def test_a_press_without_that_answer_leads_to_the_question(self, early, hx):
        answer = early.post("/langkah/start", {"version": early.version}, hx=hx)
        assert (answer.location or answer.headers["HX-Redirect"]) == early.url("/mulai")
        assert early.status is S.SCHEDULED

    def test_on_time_nothing_is_asked(self, desk_at):
        desk = desk_at(S.SCHEDULED)
        assert desk.browser.get(desk.url("/mulai")).location == desk.url()


class TestRecommend:
    def test_the_page_says_what_will_happen(self, desk_at):
        desk = desk_at(S.IN_ASSESSMENT)
        node, reason = button(desk, "Kirim rekomendasi")
        assert not reason
        page = words(soup(desk.browser.get(node["href"])))
        for sentence in (
            "rekomendasi Kompeten",
            "2 dari 2 unit punya bukti",
            "FR.AK.02 dan instrumen FR.IA terkunci",
            "belum keputusan",
        ):
            assert sentence in page

    def test_the_card_on_top_leads_there_once_nothing_is_left(self, desk_at):
        desk = desk_at(S.IN_ASSESSMENT)
        node, _reason = button(desk, "Kirim rekomendasi")
        link = desk.get().select_one("#meeting-now a.main")
        assert (words(link), link["href"]) == ("Kirim rekomendasi", node["href"])

    def test_sent_it_is_frozen(self, desk_at):
        desk = desk_at(S.IN_ASSESSMENT)
        form = filled(desk.get("/kirim-rekomendasi").find("main").form)
        assert desk.post("/kirim-rekomendasi", form).location == desk.url()
        assert desk.status is S.RECOMMENDED
        assert dossier_of(desk.case).fr_ak_02.frozen_at is not None
        assert desk.post("/kirim-rekomendasi", form).status_code == 409

    def test_a_stale_form(self, desk_at):
        desk = desk_at(S.IN_ASSESSMENT)
        answer = desk.post("/kirim-rekomendasi", {"version": desk.version + 1})
        assert answer.status_code == 409
        assert "Data sudah berubah" in notices(soup(answer))[0]

    def test_unready_it_is_refused_with_the_reason(self, running):
        answer = running.post("/kirim-rekomendasi", {"version": running.version})
        assert answer.status_code == 409
        assert "Isi FR.AK.02 dulu" in notices(soup(answer))[0]

    def test_when_it_came_back_the_reason_stands_on_the_case(self, desk_at):
        desk = desk_at(S.RECOMMENDED)
        from lsp.workflow.effects import assessment
        from lsp.workflow.permohonan import PERMOHONAN, record
        from tests.workflow.cases import actor_of

        row = PERMOHONAN.index["send_back", "recommended"]
        chair = actor_of(desk.cast.chair)
        reason = "Bukti unit kedua belum menjawab KUK 2.3."
        assessment.open_new_edition(desk.case, chair, "")
        assessment.reopen_seat(desk.case, chair, "")
        record(desk.case, row, S.RECOMMENDED, chair, Role.TIM_TEKNIS, reason, clock.now())
        desk.case.status = S.IN_ASSESSMENT
        db.session.commit()
        assert any(reason in each for each in notices(desk.get()))
        assert desk.get("/fr-ak-02").select("#ak-02-panel [type=checkbox]"), "a copy to work on"
