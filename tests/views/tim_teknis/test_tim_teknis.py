"""The tim teknis: his plenos only, and the whole file without what is not his to see."""

from __future__ import annotations

from flask import url_for
from sqlalchemy import func, select

from lsp import clock
from lsp.database import db
from lsp.models import Signature, Vote
from lsp.services import observing, pleno
from lsp.services.case_reading import step_words
from lsp.vocabulary import InstrumentPaper, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.assessment import open_new_edition
from tests import factories
from tests.html import h1, links, soup, words
from tests.support.assessment import make_filled
from tests.support.votes import VOTE, all_vote, to
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, make_permohonan, person
from tests.workflow.rows import upload

S = PermohonanStatus


def checklist(page):
    return page.find(id="daftar-periksa").find_parent("section")


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
        assert count_queries(lambda: browser.get(url)) == one <= 15


def test_the_first_line_of_a_case_is_no_assessment():
    assert step_words("start", None) == "Permohonan dibuka"
    assert step_words("start", S.SCHEDULED) == "Mulai asesmen"


class TestCase:
    def test_the_file_in_its_order_completeness_first(self, cast, place, sign_in):
        page = soup(sign_in(cast.chair).get(to("case", place)))
        assert h1(page) == place.permohonan.asesi_name
        heads = [words(each) for each in page.select("main h2")]
        assert heads == [
            "Daftar periksa berkas", "Suara dan keputusan", "FR.AK.02 · Rekomendasi asesor", "Instrumen asesmen",
            "FR.APL.01 · Permohonan", "Dokumen", "FR.APL.02 · Asesmen mandiri", "Rapat pra-asesmen dan asesmen",
            "Rencana asesmen", "Tanda tangan", "Riwayat",
        ]  # fmt: skip

    def test_units_are_folded_under_one_line_save_those_that_call_for_a_look(
        self, cast, place, sign_in
    ):
        units = dossier_of(place.permohonan).fr_ak_02.units
        browser, address = sign_in(cast.chair), to("case", place)
        card = soup(browser.get(address)).find(id="rekomendasi").find_parent("section")
        [folded] = card.select("details:not([open])")
        assert words(folded.summary) == f"{len(units)} unit, semuanya kompeten"
        assert len(folded.select("tbody tr")) == len(units)
        open_new_edition(place.permohonan, actor_of(cast.chair), "")
        fresh = dossier_of(place.permohonan).fr_ak_02
        units = fresh.units
        units[0].changed_reason = "Bukti diganti saat rapat."
        db.session.flush()
        fresh.frozen_at, place.fr_ak_02_id = clock.now(), fresh.id
        db.session.commit()
        card = soup(browser.get(address)).find(id="rekomendasi").find_parent("section")
        assert words(card.summary) == f"{len(units) - 1} unit lain kompeten"
        shown = [row for row in card.select("tbody tr") if row.find_parent("details") is None]
        assert [units[0].unit.title in words(row) for row in shown] == [True]

    def test_each_needed_instrument_is_named_and_can_be_read(self, cast, place, sign_in):
        page = soup(sign_in(cast.chair).get(to("case", place)))
        listed = [words(row) for row in checklist(page).select("li")]
        assert any(row.startswith("FR.IA.08 Ceklis Verifikasi Portofolio *") for row in listed)
        assert next(row for row in listed if row.startswith("FR.IA.09")).endswith("Ada")
        assert links(page)["FR.IA.08 Ceklis Verifikasi Portofolio"] == "#instrumen"
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
        section = checklist(page)
        assert "Pleno menunggu: FR.IA.09 Pertanyaan Wawancara." in words(section)
        opened = [words(each.summary) for each in section.select("details[open]")]
        assert opened == ["Asesmen 3 dari 4"]
        row = next(each for each in section.select("li") if words(each).startswith("FR.IA.09"))
        assert words(row).endswith("Belum ada")

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
        old = shown.find_all("details")[-1]
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
        assert "Kurang: tangkapan layar asesmen." in words(page)

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
        browser, address = sign_in(cast.chair), to("case", place)
        browser.get(address)
        assert count_queries(lambda: browser.get(address)) <= 38
