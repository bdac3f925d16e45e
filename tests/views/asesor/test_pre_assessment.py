"""The pre-assessment on the asesor's page: data, evidence per unit, FR.AK.07, signing on two phones, outcome."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import FrApl02Answer
from lsp.services import data_check, evidence_walk
from lsp.services.meeting_news import POLL_SECONDS
from lsp.views.asesor.pre_panels import pieces_of
from lsp.vocabulary import Form, Mode, PermohonanStatus, Role
from lsp.workflow.apl02_answers import answers_of
from lsp.workflow.dossier import dossier_of
from lsp.workflow.mapa import instruments_of
from tests import factories
from tests.html import errors, filled, form, notices, soup, words
from tests.htmx import HX
from tests.test_pages import count_queries
from tests.views.asesor.test_papers import AK_01, AK_07, HELD
from tests.workflow.cases import make_cast, make_permohonan

S = PermohonanStatus


class TestOrder:
    def test_it_is_that_of_a_real_meeting(self, pre):
        page = pre.get().find(id="meeting-order")
        order = " ".join(words(row) for row in page.select("ol.list > li"))
        rows = (
            "Surat tugas diperlihatkan", "Asesor hadir", "Asesi hadir", "Wajah cocok",
            "Ruangan diperlihatkan", "Asesi setuju rapat direkam", "Perekam dinyalakan",
            "benturan kepentingan", "Data FR.APL.01 dikonfirmasi", "Bukti diperiksa", "Tinjau FR.APL.02",
            "FR.MAPA", "FR.AK.07", "Waktu dan tempat", "Hak dan prosedur banding", "Kerahasiaan, keluhan",
            "FR.AK.01 ditandatangani",
        )  # fmt: skip
        places = [order.index(each) for each in rows]
        assert places == sorted(places)
        assert "tidak melatih asesi ini dalam 2 tahun" in order
        assert "bukan atasan atau bawahan" in order

    def test_the_recorder_waits_for_the_consent(self, pre):
        answer = pre.post("/catat/perekam")
        assert answer.status_code == 409
        assert "belum menyetujui perekaman" in notices(soup(answer))[0]
        pre.agree_to_recording()
        assert pre.post("/catat/perekam").status_code == 303
        assert dossier_of(pre.case).booking.record.recorder_started_at is not None

    def test_refused_it_stays_off_and_the_order_says_why(self, pre):
        pre.case.mode_agreed_at, pre.case.refuses_recording = clock.now(), True
        db.session.commit()
        page = pre.get().find(id="meeting-order")
        (row,) = (row for row in page.select("li") if "Perekam dinyalakan" in words(row))
        assert "Asesi tidak mau direkam" in words(row)
        assert row.form is None
        assert "Jangan nyalakan perekam" in words(page.find(id="meeting-now"))
        assert "catat sekarang" not in words(page.find(id="meeting-now"))

    def test_ktp_and_photo_are_beside_the_step_that_compares_them(self, pre):
        page = pre.get().find(id="meeting-order")
        (row,) = (row for row in page.select("li") if "Wajah cocok" in words(row))
        codes = {row.id: row.code for row in dossier_of(pre.case).requirements}
        shown = [
            file
            for file in dossier_of(pre.case).documents
            if codes.get(file.requirement_id) in ("1a", "1d")
        ]
        assert shown
        for file in shown:
            assert any(file.public_id in a["href"] for a in row.find_all("a")), file.label

    def test_the_declaration_keeps_the_version_of_its_words(self, pre):
        pre.post("/catat/benturan")
        db.session.expire_all()
        assert dossier_of(pre.case).booking.record.conflict_text_version == 1

    def test_face_to_face_the_ktp_is_seen(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED, work_done=False, mode=Mode.LURING)
        order = words(desk.get().find(id="meeting-order"))
        assert "KTP asli dilihat" in order
        assert "Perekam" not in order
        assert desk.post("/catat/identitas").status_code == 303


def data_form(**changed):
    return dict.fromkeys(data_check.FIELDS, "ya") | changed


class TestData:
    def test_one_press_confirms_the_rest_and_can_be_undone(self, pre):
        answer = pre.post("/data", {"semua": "1", "work": "tidak", "work-note": "Sudah pindah"})
        assert answer.status_code == 303
        page = soup(pre.browser.get(answer.location))
        assert "9 dari 9 data terkonfirmasi" in notices(page)[0]
        undo = page.find("button", attrs={"name": "batal"})
        assert pre.post("/data", {"batal": undo["value"]}).status_code == 303
        assert set(data_check.confirmations(pre.case)) == {"work"}

    def test_htmx_offers_the_same_undo(self, pre):
        answer = pre.post("/data", {"semua": "1"}, hx=True)
        assert soup(answer).find("button", attrs={"name": "batal"})
        assert "9 dari 9" in words(soup(answer).find(id="meeting-order"))

    @pytest.mark.parametrize("hx", [False, True])
    def test_unfit_without_a_word_is_told_and_kept(self, pre, hx):
        data = data_form(address="tidak", work="tidak") | {"work-note": "Sudah pindah"}
        answer = pre.post("/data", data, hx=hx)
        assert answer.status_code == 422
        assert "Tulis apa yang tidak sesuai." in errors(soup(answer)).values()
        kept = filled(form(soup(answer), pre.url("/data")))
        assert kept["work-note"] == "Sudah pindah"
        assert not data_check.confirmations(pre.case)

    def test_a_value_that_changed_since_is_open_again_in_the_order_too(self, pre):
        pre.save("/data", data_form())
        assert "9 dari 9" in words(pre.get().find(id="meeting-order"))
        dossier_of(pre.case).fr_apl_01.position = "Kepala gudang"
        db.session.commit()
        assert "8 dari 9" in words(pre.get().find(id="meeting-order"))

    def test_htmx_and_page_agree(self, pre):
        pre.assert_htmx_equals_page("/data", "#data-panel", "/data", data_form())

    def test_it_is_work_of_the_admin_until_he_says_what_he_did(self, pre, sign_in):
        pre.post("/data", data_form(address="tidak") | {"address-note": "Jalan Mawar 2"})
        admin = sign_in(pre.cast.admin)
        assert "Data tidak sesuai" in words(soup(admin.get("/admin")))
        here = url_for("admin.permohonan", permohonan_id=pre.case.public_id)
        page = soup(admin.get(here))
        assert "Jalan Mawar 2" in words(page.find(id="unfit-data"))
        post = url_for("admin.resolve_data", permohonan_id=pre.case.public_id)
        answer = admin.post(post, data={"note": "singkat"})
        assert answer.status_code == 422
        assert words(soup(answer).find(id="unfit-note")) == "singkat"
        assert admin.post(post, data={"note": "Dibetulkan di SIKI."}).status_code == 303
        assert "Dibetulkan di SIKI." in words(soup(admin.get(here)).find(id="unfit-data"))
        assert "Data tidak sesuai" not in words(soup(admin.get("/admin")))


class TestEvidence:
    def test_the_walk_goes_from_unit_to_unit_and_ends_at_the_review(self, pre):
        page = pre.get("/bukti").find(id="evidence-panel")
        assert "Unit 1 dari 2" in words(page)
        data = filled(page.find("form")) | {"verdict": "ya"}
        assert pre.post("/bukti/1", data).location == pre.url("/bukti/2#bukti")
        answer = pre.post("/bukti/2", {"verdict": "tidak", "missing": "Unit 2: IBPR"}, hx=False)
        assert answer.location == pre.url("/fr-apl-02#fr-apl-02")
        review = pre.get("/fr-apl-02").find(id="apl-02-panel")
        kept = filled(review.find("form"))
        assert kept["can_continue"] == ["tidak"] or kept["can_continue"] == "tidak"
        assert "Unit 2: IBPR" in kept["missing_evidence"]

    def test_htmx_swaps_the_next_unit_in(self, pre):
        answer = pre.post("/bukti/1", {"verdict": "ya"}, hx=True)
        assert answer.headers["HX-Push-Url"] == pre.url("/bukti/2")
        assert "Unit 2 dari 2" in words(soup(answer).find(id="evidence-panel"))
        assert "1 dari 2 unit" in words(soup(answer).find(id="meeting-order"))

    @pytest.mark.parametrize("hx", [False, True])
    def test_what_was_saved_is_said_in_the_panel_with_the_way_on(self, pre, hx):
        answer = pre.post("/bukti/1", {"verdict": "ya"}, hx=hx)
        page = soup(answer if hx else pre.browser.get(answer.location))
        told = page.select_one("#evidence-panel #saved")
        assert "Unit 1 tersimpan." in words(told)
        # The order begins with the greeting; that step is recorded in the card.
        assert told.a["href"] == "#meeting-now"
        assert words(told.a) == "Ke langkah berikutnya"
        assert not pre.get("/bukti/1").find(id="saved")

    @pytest.mark.parametrize("hx", [False, True])
    def test_refused_nothing_typed_is_lost(self, pre, hx):
        page = pre.get("/bukti/1").find(id="evidence-panel")
        names = [each["name"] for each in page.select("fieldset.piece input[type=radio]")]
        data = dict.fromkeys(names, "ya") | {"verdict": "tidak", "missing": ""}
        answer = pre.post("/bukti/1", data, hx=hx)
        assert answer.status_code == 422
        assert "Sebutkan bukti yang kurang" in " ".join(errors(soup(answer)).values())
        drawn = soup(answer).find(id="evidence-panel")
        for name in set(names):
            assert drawn.find("input", attrs={"name": name, "value": "ya"}).has_attr("checked")
        assert not evidence_walk.reviews_of(pre.case)

    def test_a_no_says_why_and_a_half_answered_piece_is_said(self, pre):
        page = pre.get("/bukti/1").find(id="evidence-panel")
        first = page.select_one("fieldset.piece input[type=radio]")["name"]
        noted = first.rpartition("-")[0] + "-note"
        answer = pre.post("/bukti/1", {first: "tidak", "verdict": "ya"})
        assert answer.status_code == 422
        assert errors(soup(answer))[noted] == "Tulis apa yang tidak memenuhi."
        assert not evidence_walk.reviews_of(pre.case)
        answer = pre.post("/bukti/1", {first: "tidak", noted: "Tanpa stempel", "verdict": "ya"})
        told = words(soup(pre.browser.get(answer.location)))
        assert "Unit 1 tersimpan. V-A-T-M belum lengkap pada 1 bukti." in told
        assert "Belum lengkap: jawab keempatnya." in words(pre.get("/bukti/1"))

    def test_one_press_answers_what_is_open_and_stays(self, pre):
        page = pre.get("/bukti/1").find(id="evidence-panel")
        first = page.select_one("fieldset.piece input[type=radio]")["name"]
        noted = first.rpartition("-")[0] + "-note"
        sent = {first: "tidak", "semua": "1", noted: "Tanpa tanda tangan"}
        assert pre.post("/bukti/1", sent).location == pre.url("/bukti/1#bukti")
        (note, *_more) = evidence_walk.reviews_of(pre.case).popitem()[1].evidence
        assert (note.valid, note.authentic, note.current, note.sufficient) == (
            False, True, True, True,
        )  # fmt: skip

    def test_a_unit_the_skema_has_not_is_not_found(self, pre):
        assert pre.browser.get(pre.url("/bukti/99")).status_code == 404
        assert pre.post("/bukti/99", {}).status_code == 404

    def test_twenty_units_cost_what_two_do(self, app, sign_in):
        counts, sizes = [], []
        for units in (2, 20):
            cast = make_cast()
            cast.skema = factories.make_skema(units=units, remote=True)
            cast.skema.methods = ["wawancara"]
            db.session.commit()
            case = make_permohonan(S.PRE_SCHEDULED, cast=cast)
            browser = sign_in(cast.asesor)
            address = url_for("asesor.evidence_unit", permohonan_id=case.public_id, position=1)
            browser.get(address)
            counts.append(count_queries(lambda b=browser, a=address: b.get(a)))
            sizes.append(len(gzip.compress(browser.get(address).get_data())))
        assert counts[0] == counts[1]
        assert sizes[1] - sizes[0] < 300


class TestFrAk07:
    def test_no_adjustment_in_one_press_but_the_potential_is_asked(self, pre):
        page = filled(form(pre.get("/fr-ak-07"), pre.url("/fr-ak-07"))) | {"none": "1"}
        answer = pre.post("/fr-ak-07", page)
        assert answer.status_code == 422
        assert list(errors(soup(answer)).values()) == ["Centang potensi asesi."]
        kept = filled(form(soup(answer), pre.url("/fr-ak-07")))
        assert kept["a-usia"] in ("tidak", ["tidak"])
        assert pre.post("/fr-ak-07", page | {"potential": ["3"]}).status_code == 303
        assert dossier_of(pre.case).plan.fr_ak_07["potential"] == ["3"]

    @pytest.mark.parametrize("number", ["0", "-1", "2", "99999999999999999999", "satu"])
    @pytest.mark.parametrize("hx", [False, True])
    def test_the_browser_does_not_choose_the_words(self, pre, number, hx):
        sent = AK_07 | {"words": number, "agreed-benchmark": "SKKNI 60 yang diketik"}
        answer = pre.post("/fr-ak-07", sent, hx=hx)
        assert answer.status_code == 409
        assert "dimuat ulang" in notices(soup(answer))[0]
        kept = filled(form(soup(answer), pre.url("/fr-ak-07")))
        assert kept["agreed-benchmark"] == "SKKNI 60 yang diketik"
        assert kept["words"] == "1"
        assert pre.post("/fr-ak-07", kept).status_code == 303

    def test_the_instruments_are_those_of_the_chosen_mapa(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED)
        plan = dossier_of(desk.case).plan
        plan.fr_ak_07 = {}
        db.session.commit()
        kept = filled(form(desk.get("/fr-ak-07"), desk.url("/fr-ak-07")))
        assert kept["agreed-instruments"] == ", ".join(sorted(instruments_of(plan)))
        assert "FR.IA" in kept["agreed-instruments"]
        assert "FR.IA" not in kept["agreed-methods"]
        assert kept["agreed-instruments"] in kept["b-potensi-note"]

    def test_an_old_paper_is_still_read(self, desk_at):
        desk = desk_at(S.READY)
        dossier_of(desk.case).plan.fr_ak_07 = {"usia": {"answer": "ya", "note": "Huruf besar"}}
        db.session.commit()
        assert "Huruf besar" in words(desk.get("/fr-ak-07").find(id="ak-07-panel"))


class TestAgreedTime:
    def test_one_that_went_by_is_said(self, pre):
        pre.save("/pelaksanaan", HELD)
        assert "sudah lewat" not in words(pre.get("/pelaksanaan").find(id="held-panel"))
        dossier_of(pre.case).plan.agreed_starts_at = clock.now() - timedelta(days=2)
        db.session.commit()
        assert "sudah lewat" in words(pre.get("/pelaksanaan").find(id="held-panel"))

    def test_another_time_than_the_seat_is_told_to_both_and_bars_nothing(self, desk_at, sign_in):
        desk = desk_at(S.SCHEDULED, work_done=False)
        plan, seat = dossier_of(desk.case).plan, dossier_of(desk.case).booking
        plan.agreed_starts_at, plan.agreed_place = seat.slot.starts_at, "TUK Rekaan"
        db.session.commit()
        asesi = sign_in(desk.case.asesi)
        here = url_for("asesi.meeting", permohonan_id=desk.case.public_id)
        assert "Yang berlaku" not in words(soup(asesi.get(here)))
        plan.agreed_starts_at = seat.slot.starts_at + timedelta(days=1)
        db.session.commit()
        assert "Yang berlaku waktu yang dipesan" in words(soup(asesi.get(here)))
        assert "TUK TUK" not in words(soup(asesi.get(here)))
        assert "Yang berlaku kursi" in words(desk.get("/pelaksanaan").find(id="held-panel"))


class TestOnTwoPhones:
    @pytest.fixture
    def asesi(self, pre, sign_in):
        slot = dossier_of(pre.case).booking.slot
        slot.starts_at, slot.ends_at = clock.now(), clock.now() + timedelta(hours=1)
        db.session.commit()
        return sign_in(pre.case.asesi)

    def test_nothing_new_is_told_in_a_kilobyte_and_few_queries(self, pre, asesi):
        here = url_for("asesi.meeting", permohonan_id=pre.case.public_id)
        for browser, page in ((pre.browser, pre.get()), (asesi, soup(asesi.get(here)))):
            line, waits = page.find(id="meeting-news"), []
            while line.get("hx-get"):
                address = line["hx-get"]
                waits.append(int(line["hx-trigger"].removeprefix("load delay:").rstrip("s")))
                if len(waits) > 12:
                    break
                answer = browser.get(address, headers=HX)
                head = sum(len(name) + len(value) + 4 for name, value in answer.headers)
                assert len(answer.get_data()) <= 1000
                assert len(gzip.compress(answer.get_data())) + head <= 2000
                line = soup(answer).find(id="meeting-news")
            assert waits == sorted(waits) == list(POLL_SECONDS[: len(waits)])
            db.session.rollback()
            # Session, case, edition; the test's own session is read besides.
            assert count_queries(lambda b=browser, a=address: b.get(a, headers=HX)) <= 4

    def test_at_last_nobody_asks_any_more(self, pre):
        ask = pre.get().find(id="meeting-news")["hx-get"].replace("kali=0", "kali=998")
        assert not soup(pre.browser.get(ask, headers=HX)).find(id="meeting-news").get("hx-get")

    def test_the_paper_arrives_on_the_asesis_phone_and_his_signature_on_the_other(self, pre, asesi):
        here = url_for("asesi.meeting", permohonan_id=pre.case.public_id)
        ask = soup(asesi.get(here)).find(id="meeting-news")["hx-get"]
        pre.save("/fr-ak-07", AK_07 | {"a-usia": "ya", "a-usia-options": ["huruf"]})
        pre.save("/pelaksanaan", HELD)
        pre.save("/catat/banding", {})
        pre.save("/fr-ak-01", AK_01)
        wait = pre.get("/fr-ak-01").find(id="meeting-news")["hx-get"]
        answer = asesi.get(ask, headers=HX)
        assert answer.headers["HX-Retarget"] == "#meeting-papers"
        card = soup(answer).find(id="meeting-papers")
        told = words(card)
        for each in ("Hasil Verifikasi Portofolio", "TUK Rekaan", "09.30", "Huruf normal"):
            assert each in told, each
        assert "TUK TUK" not in told
        assert "asesmen jarak jauh" in told
        signing = card.find("form")
        name = pre.case.asesi_name
        sent = asesi.post(signing["action"], data=filled(signing) | {"typed_name": name})
        assert sent.status_code == 303, notices(soup(sent))
        news = soup(pre.browser.get(wait, headers=HX))
        assert name in words(news.find(id="ak-01-asesi"))
        assert "menunggu Anda" in words(news.find(id="meeting-order"))

    def test_what_lies_there_is_not_swapped_away_while_he_types(self, pre, asesi):
        pre.save("/pelaksanaan", HELD)
        pre.save("/fr-ak-01", AK_01)
        here = url_for("asesi.meeting", permohonan_id=pre.case.public_id)
        ask = soup(asesi.get(here)).find(id="meeting-news")["hx-get"]
        pre.save("/pelaksanaan", HELD | {"place": "TUK Lain"})
        answer = asesi.get(ask, headers=HX)
        assert "HX-Retarget" not in answer.headers
        assert "Ada yang baru" in words(soup(answer))

    def test_signed_under_a_date_that_changed_it_is_signed_anew(self, pre):
        pre.save("/pelaksanaan", HELD)
        pre.save("/fr-ak-01", AK_01)
        pre.asesi_signs(Form.FR_AK_01)
        pre.save("/pelaksanaan", HELD | {"time": "13.00"})
        assert dossier_of(pre.case).signature(Form.FR_AK_01, Role.ASESI) is None


class TestOutcome:
    def test_asking_for_evidence_says_what_and_how_often(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED, work_done=False)
        desk.save(
            "/fr-apl-02", {"can_continue": "tidak", "missing_evidence": "Laporan IBPR\nReferensi"}
        )
        link = desk.get().find(id="langkah-ask_evidence")
        assert "(1 dari 2)" in words(link)
        page = desk.get("/minta-bukti")
        assert link["href"] == desk.url("/minta-bukti")
        told = words(page.main)
        for each in ("permintaan ke-1 dari 2", "tersisa 1", "Laporan IBPR", "Referensi"):
            assert each in told, each
        assert desk.post("/langkah/ask_evidence", filled(page.main.form)).status_code == 303
        assert desk.status is S.EVIDENCE_NEEDED

    def test_before_the_review_there_is_nothing_to_ask(self, pre):
        assert pre.browser.get(pre.url("/minta-bukti")).location == pre.url()


def test_a_sentence_written_for_each_element_is_read_once(app):
    case = make_permohonan(S.PRE_SCHEDULED, cast=make_cast())
    for answer in db.session.scalars(select(FrApl02Answer)):
        answer.evidence_note = "Saya kerjakan setiap hari."
    db.session.commit()
    unit = answers_of(case)[0]
    (*_files, written) = pieces_of(case, replace(unit, rows=[*unit.rows, *unit.rows]))
    assert written.text == "Saya kerjakan setiap hari."
