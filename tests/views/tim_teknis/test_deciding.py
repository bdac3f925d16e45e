"""The tim teknis votes, decides, proposes an annulment, and prints the berita acara."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import func, select

from lsp.database import db
from lsp.models import PermohonanEvent, Vote
from lsp.vocabulary import Answer, PermohonanStatus, Role
from tests.html import errors, filled, form, h1, links, main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.support.votes import REASON, VOTE, all_vote, place_of, to
from tests.workflow.cases import make_permohonan, person, tell

S = PermohonanStatus


class TestVote:
    def test_plain(self, cast, place, sign_in):
        answer = sign_in(cast.chair).post(
            to("vote", place), data=VOTE | {"note": "Cukup."}, follow_redirects=True
        )
        page = soup(answer)
        assert "Suara Anda tercatat." in notices(page)
        made = db.session.scalar(select(Vote))
        assert (made.member_id, made.agrees, made.note) == (cast.chair.id, True, "Cukup.")

    def test_with_htmx_the_panel_is_what_the_page_then_shows(self, cast, place, sign_in):
        browser = sign_in(cast.chair)
        page = soup(browser.get(to("case", place)))
        swap(page, browser.post(to("vote", place), data=VOTE, headers=HX), "#votes-panel")
        fresh = soup(browser.get(to("case", place)))
        assert same(main(page), main(fresh))
        assert words(page.find(id="status")) == "Suara Anda tercatat."

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_bad_input_keeps_what_was_typed(self, cast, place, sign_in, headers):
        browser = sign_in(cast.chair)
        answer = browser.post(
            to("vote", place), data={"word": "tidak", "note": "Ragu."}, headers=headers
        )
        page = soup(answer)
        assert answer.status_code == 422
        assert errors(page) == {"declared": "Centang pernyataan ini sebelum memberi suara."}
        sent = filled(form(page, to("vote", place)))
        assert (sent["word"], sent["note"].strip()) == (["tidak"], "Ragu.")

    def test_disagreeing_needs_words(self, cast, place, sign_in):
        answer = sign_in(cast.chair).post(
            to("vote", place), data={"word": "tidak", "declared": "y"}
        )
        assert answer.status_code == 422
        assert errors(soup(answer)) == {"note": "Tulis alasan Anda tidak setuju."}

    def test_sent_twice_it_counts_once(self, cast, place, sign_in):
        browser = sign_in(cast.chair)
        assert browser.post(to("vote", place), data=VOTE).status_code == 303
        again = browser.post(to("vote", place), data=VOTE)
        assert again.status_code == 409
        assert "sudah memberi suara" in words(soup(again))
        assert db.session.scalar(select(func.count(Vote.id))) == 1


class TestDecision:
    def test_reasons_stand_before_anyone_presses(self, cast, place, sign_in):
        page = soup(sign_in(cast.chair).get(to("case", place)))
        panel = page.find(id="votes-panel")
        assert "Baru 0 dari 3 anggota yang memberi suara." in words(panel)
        assert "Belum ada suara “tidak setuju”." in words(panel)
        assert [words(each) for each in panel.select("button[disabled]")] == [
            "Kembalikan ke asesor", "Tetapkan kompeten", "Tetapkan belum kompeten",
        ]  # fmt: skip

    def test_a_member_who_is_not_the_chair_has_no_buttons(self, cast, place, sign_in):
        all_vote(cast, place)
        page = soup(sign_in(cast.members[1]).get(to("case", place)))
        assert "Tetapkan kompeten" not in words(page)

    def test_kompeten(self, cast, place, sign_in):
        all_vote(cast, place)
        browser = sign_in(cast.chair)
        page = soup(browser.get(to("ask_decision", place, word="kompeten")))
        assert h1(page) == "Tetapkan kompeten?"
        url = to("decide", place, word="kompeten")
        answer = browser.post(url, data=filled(form(page, url)))
        assert answer.status_code == 303
        case = place.permohonan
        assert (case.status, case.decision, place.outcome) == (S.COMPETENT, Answer.K, "K")
        assert place.pleno.closed_at is not None

    def test_belum_kompeten(self, cast, sign_in):
        case = make_permohonan(S.RECOMMENDED, cast=cast, recommendation=Answer.BK)
        place = place_of(case)
        url = to("decide", place, word="belum-kompeten")
        sign_in(cast.chair).post(url, data={"version": case.version})
        assert (case.status, place.outcome) == (S.NOT_YET_COMPETENT, "BK")

    def test_sending_back_needs_its_reason_and_keeps_it(self, cast, place, sign_in):
        all_vote(cast, place, agrees=False)
        browser, url = sign_in(cast.chair), to("decide", place, word="kembalikan")
        version = place.permohonan.version
        short = browser.post(url, data={"version": version, "note": "Terlalu pendek"})
        page = soup(short)
        assert short.status_code == 409
        assert "Terlalu pendek" in words(page.find("textarea"))
        assert errors(page) == {"note": "Tulis alasan sedikitnya 20 huruf."}
        browser.post(url, data={"version": version, "note": REASON})
        assert (place.permohonan.status, place.outcome) == (S.IN_ASSESSMENT, "sent_back")

    def test_what_stopped_at_the_pre_assessment_goes_back_there(self, cast, place, sign_in):
        tell(place.permohonan, "recommend_not_continue", S.PRE_SCHEDULED, S.RECOMMENDED)
        all_vote(cast, place, agrees=False)
        browser = sign_in(cast.chair)
        shown = links(soup(browser.get(to("case", place))))
        assert "Kembalikan ke pra-asesmen" in shown
        assert "Kembalikan ke asesor" not in shown
        data = {"version": place.permohonan.version, "note": REASON}
        browser.post(to("decide", place, word="kembalikan-pra"), data=data)
        assert place.permohonan.status is S.PRE_SCHEDULED

    def test_a_stale_version(self, cast, place, sign_in):
        all_vote(cast, place)
        url = to("decide", place, word="kompeten")
        answer = sign_in(cast.chair).post(url, data={"version": place.permohonan.version + 1})
        assert answer.status_code == 409
        assert "Data sudah berubah" in words(soup(answer))
        assert place.permohonan.status is S.RECOMMENDED

    def test_pressed_twice(self, cast, place, sign_in):
        all_vote(cast, place)
        browser, url = sign_in(cast.chair), to("decide", place, word="kompeten")
        data = {"version": place.permohonan.version}
        assert browser.post(url, data=data).status_code == 303
        again = browser.post(url, data=data)
        assert again.status_code == 409
        assert "Data sudah berubah" in words(soup(again))
        steps = select(func.count(PermohonanEvent.id)).where(
            PermohonanEvent.transition == "decide_competent"
        )
        assert db.session.scalar(steps) == 1

    def test_what_cannot_be_done_now_leads_back_with_the_reason(self, cast, place, sign_in):
        answer = sign_in(cast.chair).get(
            to("ask_decision", place, word="kompeten"), follow_redirects=True
        )
        assert "Baru 0 dari 3 anggota yang memberi suara." in notices(soup(answer))

    def test_by_a_member_who_is_not_the_chair(self, cast, place, sign_in):
        all_vote(cast, place)
        url = to("decide", place, word="kompeten")
        answer = sign_in(cast.members[1]).post(url, data={"version": place.permohonan.version})
        assert answer.status_code == 409
        assert "Hanya ketua rapat" in words(soup(answer))

    @pytest.mark.parametrize("word", ["annul", "issue", "decide_competent", "x" * 300])
    def test_other_words_are_not_found(self, cast, place, sign_in, word):
        browser = sign_in(cast.chair)
        assert browser.get(to("ask_decision", place, word=word)).status_code == 404
        assert browser.post(to("decide", place, word=word), data={"version": 1}).status_code == 404

    @pytest.mark.parametrize("version", ["", "x", "9" * 30, "-1"])
    def test_a_version_that_is_none(self, cast, place, sign_in, version):
        all_vote(cast, place)
        url = to("decide", place, word="kompeten")
        assert sign_in(cast.chair).post(url, data={"version": version}).status_code in (409, 422)
        assert place.permohonan.status is S.RECOMMENDED


class TestAnnulment:
    def test_proposed_with_a_reason(self, cast, sign_in):
        case = make_permohonan(S.COMPETENT, cast=cast)
        place, browser = place_of(case), sign_in(cast.members[1])
        assert "Usulkan pembatalan penetapan" in links(soup(browser.get(to("case", place))))
        url = to("propose_annulment", place)
        data = filled(form(soup(browser.get(to("ask_annulment", place))), url))
        short = browser.post(url, data=data | {"note": "pendek"})
        assert short.status_code == 422
        assert "pendek" in words(soup(short).find("textarea"))
        assert browser.post(url, data=data | {"note": REASON}).status_code == 303
        db.session.refresh(case)
        assert case.annulment_proposed_by_id == cast.members[1].id
        again = browser.post(url, data=data | {"note": REASON})
        assert again.status_code == 409

    def test_before_a_decision_there_is_nothing_to_annul(self, cast, place, sign_in):
        answer = sign_in(cast.chair).get(to("ask_annulment", place))
        assert answer.status_code == 303


class TestBeritaAcara:
    def test_number_date_members_and_cases(self, cast, sign_in):
        first = make_permohonan(S.COMPETENT, cast=cast)
        made = place_of(first).pleno
        url = url_for("tim_teknis.berita_acara", pleno_id=made.public_id)
        for who in (cast.chair, cast.ketua, cast.admin):
            page = soup(sign_in(who).get(url))
            text = words(main(page))
            assert made.berita_acara_number in text
            assert first.asesi_name in text
            assert "1 kompeten, 0 belum kompeten" in text
            assert all(member.user.name in text for member in made.members)

    def test_a_member_of_another_pleno_does_not_find_it(self, cast, place, sign_in):
        url = url_for("tim_teknis.berita_acara", pleno_id=place.pleno.public_id)
        assert sign_in(Role.TIM_TEKNIS).get(url).status_code == 404
        assert "belum selesai" in words(soup(sign_in(cast.chair).get(url)))

    def test_nobody_reads_as_staff_the_one_on_his_own_case(self, cast, sign_in):
        both = {role: person(Role.ASESI, role) for role in (Role.KETUA, Role.ADMIN, Role.AUDITOR)}
        for who in both.values():
            own = place_of(make_permohonan(S.COMPETENT, cast=cast, asesi=who)).pleno
            url = url_for("tim_teknis.berita_acara", pleno_id=own.public_id)
            assert sign_in(who).get(url).status_code == 404
            assert sign_in(cast.ketua).get(url).status_code == 200
