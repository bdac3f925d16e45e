"""The tim teknis: his plenos only, the whole file without what is not his to see, vote, decision, annulment."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import func, select

from lsp import clock
from lsp.database import db
from lsp.models import PermohonanEvent, PlenoCase, Signature, Vote
from lsp.services import observing, pleno
from lsp.services.case_reading import step_words
from lsp.vocabulary import Answer, InstrumentPaper, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.assessment import open_new_edition
from tests import factories
from tests.html import errors, filled, form, h1, links, main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.support.assessment import make_filled
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person, tell
from tests.workflow.rows import upload

S = PermohonanStatus
REASON = "Nomor unit pada FR.AK.02 tidak sesuai dengan skema."
VOTE = {"word": "setuju", "note": "", "declared": "y"}


def place_of(case):
    return db.session.scalar(
        select(PlenoCase).where(PlenoCase.permohonan_id == case.id).order_by(PlenoCase.id.desc())
    )


@pytest.fixture
def cast(app):
    made = make_cast()
    db.session.commit()
    return made


@pytest.fixture
def place(cast):
    """A case of a running pleno, not voted on yet."""
    case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
    made = pleno.open_pleno(
        actor_of(cast.admin), held_on=clock.today_wib(), member_ids=[each.id for each in cast.members],
        chair_id=cast.chair.id, cases=[case],
    )  # fmt: skip
    db.session.commit()
    return made.cases[0]


def all_vote(cast, place, *, agrees=True):
    for member in cast.members:
        pleno.vote(
            actor_of(member), place, agrees=agrees, note="" if agrees else REASON, declared=True
        )
    db.session.commit()


def to(name, place, **more):
    return url_for(f"tim_teknis.{name}", place_id=place.public_id, **more)


class TestHome:
    def test_it_says_what_waits(self, cast, place, sign_in):
        page = soup(sign_in(cast.chair).get(url_for("tim_teknis.home")))
        assert "Beri suara untuk 1 permohonan" in words(page)
        assert links(page)[place.permohonan.asesi_name] == to("case", place)

    def test_plenos_of_others_are_not_there(self, cast, place, sign_in):
        page = soup(sign_in(Role.TIM_TEKNIS).get(url_for("tim_teknis.home")))
        assert place.permohonan.asesi_name not in words(page)
        assert "Belum ada rapat pleno" in words(page)

    def test_nothing_waits_after_the_vote(self, cast, place, sign_in):
        all_vote(cast, place)
        assert "Tidak ada yang menunggu suara Anda" in words(
            soup(sign_in(cast.chair).get(url_for("tim_teknis.home")))
        )

    def test_the_number_of_queries_is_that_of_one_case(self, cast, place, sign_in):
        browser = sign_in(cast.chair)
        url = url_for("tim_teknis.home")
        browser.get(url)
        one = count_queries(lambda: browser.get(url))
        for _ in range(4):
            make_permohonan(S.RECOMMENDED, cast=cast)
        assert count_queries(lambda: browser.get(url)) == one <= 20


def test_the_first_line_of_a_case_is_no_assessment():
    assert step_words("start", None) == "Permohonan dibuka"
    assert step_words("start", S.SCHEDULED) == "Mulai asesmen"


class TestCase:
    def test_the_file_in_its_order_completeness_first(self, cast, place, sign_in):
        page = soup(sign_in(cast.chair).get(to("case", place)))
        assert h1(page) == place.permohonan.asesi_name
        heads = [words(each) for each in page.select("main h2")]
        assert heads == [
            "Kelengkapan berkas", "Suara dan keputusan", "FR.AK.02 · Rekomendasi asesor", "Instrumen asesmen",
            "FR.APL.01 · Permohonan", "Dokumen", "FR.APL.02 · Asesmen mandiri", "Rapat pra-asesmen dan asesmen",
            "Rencana asesmen", "Tanda tangan", "Riwayat",
        ]  # fmt: skip

    def test_each_needed_instrument_is_named_and_can_be_read(self, cast, place, sign_in):
        page = soup(sign_in(cast.chair).get(to("case", place)))
        listed = [
            words(row) for row in page.select("#kelengkapan")[0].find_parent("section").select("li")
        ]
        assert "FR.IA.08 Ada" in listed
        assert "FR.IA.09 Ada" in listed
        papers = page.find(id="instrumen").find_parent("section")
        assert [words(each) for each in papers.select("summary")] == [
            "FR.IA.08 · Ceklis Verifikasi Portofolio: Memenuhi",
            "FR.IA.09 · Pertanyaan Wawancara: Memenuhi",
        ]
        assert "Saya periksa dulu, lalu saya catat." in words(papers)
        assert "Unit 1, elemen 1" in words(papers)

    def test_a_paper_that_is_missing_is_named_by_its_code(self, cast, place, sign_in):
        make_filled(place.permohonan, InstrumentPaper.PW, edition=2)
        db.session.commit()
        page = soup(sign_in(cast.chair).get(to("case", place)))
        section = words(page.find(id="kelengkapan").find_parent("section"))
        assert "FR.IA.09 Belum ada" in section
        assert "FR.IA.08 Ada" in section

    def test_earlier_editions_of_fr_ak_02_stay_readable(self, cast, place, sign_in):
        case = place.permohonan
        paper = dossier_of(case).fr_ak_02
        open_new_edition(case, actor_of(cast.chair), "")
        fresh = dossier_of(case).fr_ak_02
        fresh.written_feedback, fresh.frozen_at = "Edisi kedua yang lebih jelas.", clock.now()
        place.fr_ak_02_id, case.recommendation = fresh.id, fresh.recommendation
        db.session.commit()
        page = soup(sign_in(cast.chair).get(to("case", place)))
        shown = page.find(id="rekomendasi").find_parent("section")
        assert "Edisi kedua yang lebih jelas." in words(shown)
        old = shown.find("details")
        assert "Asesmen ke-1, edisi 1" in words(old)
        assert paper.written_feedback in words(old)

    def test_the_nik_is_masked(self, cast, place, sign_in):
        paper = dossier_of(place.permohonan).fr_apl_01
        nik, phone = paper.nik, paper.phone_mobile
        text = sign_in(cast.chair).get(to("case", place)).get_data(as_text=True)
        assert nik not in text
        assert f"************{nik[-4:]}" in text
        assert not phone or phone not in text

    def test_a_note_of_the_penyelia_is_no_disturbance(self, cast, place, sign_in):
        observing.add_note(
            actor_of(person(Role.PENYELIA)),
            dossier_of(place.permohonan).bookings[0],
            "Asesor datang tepat waktu.",
        )
        db.session.commit()
        page = words(soup(sign_in(cast.chair).get(to("case", place))))
        assert "Catatan penyelia" in page
        assert "Asesor datang tepat waktu." in page
        assert "Gangguan" not in page
        assert "Tindakan" not in page

    def test_the_proof_of_payment_is_not_offered(self, cast, place, sign_in):
        upload(place.permohonan, "Bukti bayar", "payment_proof", original_name="struk.jpg")
        db.session.commit()
        assert "struk.jpg" not in words(soup(sign_in(cast.chair).get(to("case", place))))

    def test_the_asesi_signed_and_the_history_names_each_start(self, cast, place, sign_in):
        page = soup(sign_in(cast.chair).get(to("case", place)))
        assert "Tanda tangan asesi Ditandatangani" in words(page)
        lines = [words(each) for each in page.select("section[aria-labelledby=riwayat] li")]
        assert sum("Mulai asesmen" in each for each in lines) == 1

    def test_a_signature_that_was_given_again_is_marked(self, cast, place, sign_in):
        first = dossier_of(place.permohonan).signatures[0]
        values = {c.name: getattr(first, c.name) for c in first.__table__.columns}
        again = {key: value for key, value in values.items() if key not in ("id", "public_id")}
        db.session.add(Signature(**again))
        db.session.commit()
        page = soup(sign_in(cast.chair).get(to("case", place)))
        lines = [words(each) for each in page.select("section[aria-labelledby=tanda-tangan] li")]
        assert [line.endswith("diganti") for line in lines].count(True) == 1

    def test_a_missing_paper_is_named(self, cast, place, sign_in):
        dossier_of(place.permohonan).bookings[-1].record.screenshot_document_id = None
        db.session.commit()
        page = soup(sign_in(cast.chair).get(to("case", place)))
        assert "Belum lengkap" in words(page)
        assert "Tangkapan layar asesmen" in words(page)

    def test_who_is_barred_and_why(self, cast, sign_in):
        spare = person(Role.TIM_TEKNIS)
        case = make_permohonan(
            S.RECOMMENDED, cast=cast, work_done=False, verifier_id=cast.members[2].id
        )
        made = pleno.open_pleno(
            actor_of(cast.admin), held_on=clock.today_wib(), chair_id=cast.chair.id, cases=[case],
            member_ids=[each.id for each in [*cast.members, spare]],
        )  # fmt: skip
        db.session.commit()
        browser = sign_in(cast.members[2])
        page = soup(browser.get(to("case", made.cases[0])))
        assert "Anda: memeriksa berkas permohonan ini." in words(page)
        assert page.find("form", action=to("vote", made.cases[0])) is None
        answer = browser.post(to("vote", made.cases[0]), data=VOTE)
        assert answer.status_code == 409
        assert "Anda memeriksa berkas permohonan ini" in words(soup(answer))
        assert db.session.scalar(select(func.count(Vote.id))) == 0

    def test_another_pleno_is_not_found(self, place, sign_in):
        stranger = sign_in(Role.TIM_TEKNIS)
        for name in ("case", "ask_annulment"):
            assert stranger.get(to(name, place)).status_code == 404
        assert stranger.post(to("vote", place), data=VOTE).status_code == 404
        assert stranger.post(to("decide", place, word="kompeten")).status_code == 404

    def test_other_roles_may_not(self, place, sign_in):
        for role in (Role.ADMIN, Role.ASESOR, Role.KETUA, Role.ASESI):
            assert sign_in(role).get(to("case", place)).status_code == 403

    def test_the_asesi_never_reads_his_own_file_as_a_member(self, cast, app, sign_in):
        both = factories.make_user(Role.ASESI, Role.TIM_TEKNIS)
        case = make_permohonan(S.RECOMMENDED, cast=cast, asesi=both, work_done=False)
        made = pleno.open_pleno(
            actor_of(cast.admin), held_on=clock.today_wib(), chair_id=cast.chair.id, cases=[case],
            member_ids=[each.id for each in [*cast.members, both]],
        )  # fmt: skip
        db.session.commit()
        assert sign_in(both).get(to("case", made.cases[0])).status_code == 404

    def test_a_fixed_number_of_queries(self, cast, place, sign_in):
        browser = sign_in(cast.chair)
        browser.get(to("case", place))
        assert count_queries(lambda: browser.get(to("case", place))) <= 62


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
