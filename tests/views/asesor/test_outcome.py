"""How a meeting ends: on to the assessment, further evidence, start, recommendation; and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lsp import clock
from lsp.database import db
from lsp.models import PermohonanEvent
from lsp.services import third_party
from lsp.services.demo.pre_assessing import walk_evidence
from lsp.vocabulary import Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.html import filled, h1, main, notices, soup, words
from tests.support.third_party import answered, ask
from tests.views.asesor.conftest import typed
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
    def test_the_case_opens_at_what_the_next_step_rests_on(self, desk_at):
        desk = desk_at(S.IN_ASSESSMENT)
        assert desk.get().find(id="sign-panel") is not None  # all is done: what was signed
        dossier_of(desk.case).fr_ak_02.written_feedback = ""
        db.session.commit()
        page = desk.get()
        assert "Isi FR.AK.02" in words(page.find(id="meeting-now"))
        assert page.find(id="instruments-panel") is not None

    def test_face_to_face_no_recording_is_listed(self, running):
        assert "Rekaman dan tangkapan layar" in words(running.get().find(id="meeting-order"))
        seat = dossier_of(running.case).booking
        running.case.mode = seat.slot.jadwal.mode = Mode.LURING
        for each in dossier_of(running.case).bookings:
            each.slot.jadwal.mode = Mode.LURING
        db.session.commit()
        assert "Rekaman dan tangkapan" not in words(running.get().find(id="meeting-order"))

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

    def test_a_third_party_who_is_not_heard_is_named(self, desk_at):
        desk = desk_at(S.IN_ASSESSMENT)
        assert "FR.IA.10" not in words(desk.get("/kirim-rekomendasi").main)
        row, _ = ask(desk.case, desk.cast)
        told = words(desk.get("/kirim-rekomendasi").main)
        assert f"FR.IA.10: {row.name} belum menjawab." in told
        third_party.withdraw(actor_of(desk.cast.asesor), row)
        db.session.commit()
        assert row.name not in words(desk.get("/kirim-rekomendasi").main)

    def test_a_letter_that_waits_to_be_judged_is_named(self, desk_at):
        desk = desk_at(S.IN_ASSESSMENT)
        row = answered(desk.case, desk.cast)
        told = words(desk.get("/kirim-rekomendasi").main)
        assert f"FR.IA.10: jawaban {row.name} belum Anda nilai." in told
        assert "belum menjawab" not in told

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

    def test_the_second_tab_reads_that_it_was_sent_and_is_led_back(self, desk_at):
        desk = desk_at(S.IN_ASSESSMENT)
        form = filled(desk.get("/kirim-rekomendasi").find("main").form)
        desk.browser.get(desk.post("/kirim-rekomendasi", form).location)
        for pressed in (True, False):
            url = desk.url("/kirim-rekomendasi")
            answer = desk.browser.post(url, data=form) if pressed else desk.browser.get(url)
            assert (answer.status_code, answer.location) == (303, desk.url())
            case = soup(desk.browser.get(answer.location))
            assert "Rekomendasi ini sudah terkirim ke tim teknis." in notices(case)

    def test_halted_meanwhile_nothing_is_called_sent(self, desk_at):
        desk = desk_at(S.READY)
        answer = desk.post("/kirim-rekomendasi", {"version": 0})
        case = soup(desk.browser.get(answer.location))
        assert "Rekomendasi tidak dapat dikirim pada tahap ini." in notices(case)

    def test_a_stale_form(self, desk_at):
        desk = desk_at(S.IN_ASSESSMENT)
        answer = desk.post("/kirim-rekomendasi", {"version": desk.version + 1})
        assert answer.status_code == 409
        assert "Data sudah berubah" in notices(soup(answer))[0]

    def test_unready_it_is_refused_with_the_reason(self, running):
        answer = running.post("/kirim-rekomendasi", {"version": running.version})
        assert answer.status_code == 409
        assert "Isi FR.AK.02 dulu" in notices(soup(answer))[0]

    @pytest.fixture
    def returned(self, desk_at):
        """Sent back by the tim teknis; nothing was changed yet."""
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
        return desk

    def test_changed_after_the_asesi_signed_he_reads_why_first_of_all(self, desk_at, sign_in):
        desk = desk_at(S.IN_ASSESSMENT)
        form = typed(desk.get("/fr-ak-02").find("form", attrs={"data-guard": True}))
        desk.post("/fr-ak-02", form | {"comment": "Bukti unit kedua dibuka sekali lagi."})
        asesi = sign_in(desk.case.asesi)
        for tail in ("", "/rapat"):
            page = soup(asesi.get(f"/asesi/permohonan/{desk.case.public_id}{tail}"))
            assert "FR.AK.02 berubah sesudah Anda tanda tangani" in words(
                page.find(class_="now")
            ), tail

    def test_when_it_came_back_the_reason_stands_on_the_case_and_on_its_paper(self, returned):
        reason = "Bukti unit kedua belum menjawab KUK 2.3."
        assert any(reason in each for each in notices(returned.get()))
        paper = returned.get("/fr-ak-02")
        assert paper.select("#ak-02-panel [type=checkbox]"), "a copy to work on"
        assert any(reason in each for each in notices(paper))
        assert "jawab alasan tim teknis di sini" in words(main(paper))

    def test_the_next_step_is_to_mend_and_nobody_is_asked_to_sign(self, returned, sign_in):
        shown = returned.get()
        assert "Perbaiki menurut alasan tim teknis" in words(shown.find(class_="now"))
        panel = words(returned.get("/tanda-tangan").find(id="sign-panel"))
        assert "belum ada yang Anda ubah" in panel
        assert "berubah sesudah" not in panel
        asesi = sign_in(returned.case.asesi)
        home = words(
            soup(asesi.get(f"/asesi/permohonan/{returned.case.public_id}")).find(class_="now")
        )
        assert "Asesor memperbaiki hasil asesmen" in home
        assert "Tim teknis memintanya memperbaiki" in home
        meeting = soup(asesi.get(f"/asesi/permohonan/{returned.case.public_id}/rapat"))
        assert meeting.find("input", attrs={"name": "typed_name"}) is None

    def test_answered_it_is_signed_once_more_for_the_true_reason(self, returned, sign_in):
        form = typed(returned.get("/fr-ak-02").find("form", attrs={"data-guard": True}))
        returned.post("/fr-ak-02", form)
        assert "belum ada yang Anda ubah" in words(main(returned.get("/tanda-tangan")))
        returned.post("/fr-ak-02", form | {"comment": "KUK 2.3 dijawab pada menit ke-12."})
        why = "Tim teknis meminta perbaikan, jadi FR.AK.02 ditandatangani sekali lagi."
        assert why in words(returned.get("/tanda-tangan").find(id="sign-panel"))
        asesi = sign_in(returned.case.asesi)
        for tail in ("", "/rapat"):
            page = soup(asesi.get(f"/asesi/permohonan/{returned.case.public_id}{tail}"))
            assert why in words(page.find(class_="now")), tail
