"""FR.IA.07, FR.IA.08 and FR.IA.09 as the asesor fills them: rows that save themselves, and one form without scripts."""

from __future__ import annotations

import re

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import FilledInstrument
from lsp.services import instruments
from lsp.vocabulary import Conclusion, InstrumentPaper, PermohonanStatus
from tests.html import errors, notices, soup, words
from tests.htmx import HX
from tests.support.assessment import make_filled, make_instrument, make_third_party
from tests.support.instruments import (
    judged_before,
    name_evidence,
    portfolio_case,
    portfolio_cast,
    statements,
)
from tests.views.asesor.conftest import Desk, typed

CVP, PW, DPL = InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.DPL
VPK = InstrumentPaper.VPK
YES = {"valid": "ya", "authentic": "ya", "current": "ya", "sufficient": "ya"}


@pytest.fixture
def cast(app):
    return portfolio_cast()


@pytest.fixture
def desk(cast, sign_in) -> Desk:
    return Desk(portfolio_case(cast), cast, sign_in(cast.asesor))


@pytest.fixture
def begun(desk) -> Desk:
    """FR.IA.08 with a file in both units."""
    name_evidence(desk.case, "Surat kerja", [1, 2])
    name_evidence(desk.case, "Laporan K3", [2])
    desk.save("/fr-ia-08/mulai", {})
    return desk


def paper_of(desk, paper=CVP) -> FilledInstrument:
    db.session.expire_all()
    found = instruments.newest_of(desk.case, paper)
    assert found is not None
    return found


def seen(desk, key, tail="/fr-ia-08"):
    return desk.get(tail).select_one(f'[name="{key}-seen"]')["value"]


def row(key, seen_value="", **said):
    return {f"{key}-{name}": value for name, value in said.items()} | {f"{key}-seen": seen_value}


def tick(desk, key, seen_value, **said):
    """As the browser sends a row that changed."""
    data = row(key, seen_value, **said) | {"autosave": key}
    return desk.post("/fr-ia-08", data, hx=True)


def whole(desk, tail="/fr-ia-08"):
    """The form of the page as a browser without scripts would send it."""
    return typed(desk.get(tail).find("form", attrs={"method": "post", "data-guard": True}))


class TestTheList:
    def test_it_stands_first_in_the_meeting_and_says_how_far_each_is(self, desk):
        page = desk.get()
        assert words(page.find(id="instrumen")) == "Instrumen asesmen"
        assert "Isi FR.IA.07, FR.IA.08 dan FR.IA.09" in words(page.find(id="meeting-now"))
        badges = [words(each) for each in page.select("#instruments-panel .badge")]
        assert badges == ["belum dibuka"] * 3
        desk.save("/fr-ia-08/mulai", {})
        page = desk.get("/instrumen")
        assert "0 dari 2" in words(page.find(id="instruments-panel"))
        assert page.find("a", href=desk.url("/fr-ia-08"))

    def test_an_instrument_that_cannot_be_filled_here_says_so(self, sign_in):
        cast = portfolio_cast(codes=("CVP", "CL"))
        desk = Desk(portfolio_case(cast), cast, sign_in(cast.asesor))
        panel = words(desk.get("/instrumen").find(id="instruments-panel"))
        assert "FR.IA.01" in panel
        assert "belum dapat diisi di portal" in panel

    def test_fr_ia_10_leads_to_its_own_page_before_anybody_was_asked(self, sign_in):
        cast = portfolio_cast(codes=("CVP", "PW", "VPK"))
        desk = Desk(portfolio_case(cast), cast, sign_in(cast.asesor))
        panel = desk.get("/instrumen").find(id="instruments-panel")
        row = panel.find("a", href=desk.url("/pihak-ketiga")).find_parent("li")
        assert words(row) == "FR.IA.10 Verifikasi Pihak Ketiga belum diminta"

    def test_fr_ia_10_that_the_asesor_asked_for_is_not_said_to_come_from_fr_ia_08(self, desk):
        make_third_party(desk.case, answered_at=clock.now())
        make_filled(desk.case, VPK)
        db.session.commit()
        page = desk.get("/instrumen")
        row = page.find(id="instruments-panel").find("a", href=desk.url("/pihak-ketiga"))
        told = words(row.find_parent("li"))
        assert "Tidak di rencana; asesor sendiri yang menghubungi pihak ketiga." in told
        assert "0 dari 0" not in told
        # The recommendation does not wait for it, so the order of the meeting does not either.
        assert "0 dari 3 selesai" in words(page.find(id="meeting-order"))

    def test_begin_twice_leads_to_the_same_page(self, desk):
        for _ in range(2):
            answer = desk.post("/fr-ia-08/mulai")
            assert (answer.status_code, answer.location) == (303, desk.url("/fr-ia-08"))
        assert len(db.session.query(FilledInstrument).all()) == 1

    def test_what_the_plan_does_not_ask_for_is_refused_with_a_sentence(self, sign_in):
        cast = portfolio_cast(codes=("CVP",))
        desk = Desk(portfolio_case(cast), cast, sign_in(cast.asesor))
        answer = desk.post("/fr-ia-07/mulai")
        assert answer.location == desk.url("/instrumen")
        assert "tidak meminta FR.IA.07" in words(soup(desk.browser.get(answer.location)))


class TestARow:
    def test_it_saves_itself_and_is_answered_with_a_line(self, begun):
        answer = tick(begun, "c1", seen(begun, "c1"), valid="ya")
        assert answer.status_code == 200
        page = soup(answer)
        assert re.match(
            r"tersimpan \d\d\.\d\d WIB Belum lengkap", words(page.find(id="ia-saved-c1"))
        )
        assert "0 dari 2 bukti dinilai" in words(page.find(id="ia-08-count"))
        assert len(answer.get_data()) < 700
        assert paper_of(begun).checks[0].valid is True
        # The row goes on from the edition that the line brought.
        again = page.select_one('[name="c1-seen"]')["value"]
        assert tick(begun, "c1", again, **YES).status_code == 200
        assert "1 dari 2" in words(begun.get("/fr-ia-08").find(id="ia-08-count"))

    def test_a_no_asks_for_its_note(self, begun):
        line = soup(tick(begun, "c1", seen(begun, "c1"), **YES | {"current": "tidak"}))
        assert "tulis catatannya" in words(line)

    def test_sent_twice_is_no_conflict_and_another_tab_is(self, begun):
        old = seen(begun, "c1")
        for _ in range(2):
            assert tick(begun, "c1", old, **YES).status_code == 200
        answer = tick(begun, "c1", old, **YES | {"valid": "tidak"})
        assert answer.status_code == 409
        assert "Belum tersimpan" in words(soup(answer).find(id="ia-saved-c1"))
        assert paper_of(begun).checks[0].valid is True

    def test_all_four_at_once_draws_the_row_anew(self, begun):
        data = row("c1", seen(begun, "c1")) | {"autosave": "c1", "aksi": "semua-1", "nomor": "1"}
        fresh = soup(begun.post("/fr-ia-08", data, hx=True)).find(id="ia-08-check-1")
        assert len(fresh.select("[value=ya][checked]")) == 4
        assert "tersimpan" in words(fresh)

    def test_too_long_a_note_is_told_and_kept_out(self, begun):
        answer = tick(begun, "c1", seen(begun, "c1"), note="x" * 2001)
        assert answer.status_code == 409
        assert "Paling panjang 2000 huruf" in words(soup(answer))
        assert paper_of(begun).checks[0].note == ""

    def test_it_takes_at_most_eight_queries(self, begun):
        old = seen(begun, "c1")
        data = row("c1", old, **YES) | {"autosave": "c1"}
        address = begun.url("/fr-ia-08")
        sent = statements(lambda: begun.browser.post(address, data=data, headers=HX))
        assert len(sent) <= 8, "\n".join(sent)

    def test_a_foreign_row_is_not_found_and_nonsense_is_refused(self, begun):
        assert tick(begun, "c99", "", **YES).status_code == 409
        assert tick(begun, "x1", "", **YES).status_code == 400


class TestTheInterviewTicks:
    def elemen(self, desk, unit=1):
        return desk.case.skema_version.units[unit - 1].elements[0].id

    def test_a_tick_brings_the_kuk_and_untick_takes_them_away(self, begun):
        key = f"t{self.elemen(begun)}"
        data = {key: "1", "autosave": key, f"{key}-seen": seen(begun, key)}
        answer = begun.post("/fr-ia-08", data, hx=True)
        assert answer.headers["HX-Retarget"] == f"#ia-08-topic-{key[1:]}"
        page = soup(answer)
        assert "Bahaya 1 diidentifikasi." in words(page.find(id=f"{key}-substance"))
        assert "1 elemen wawancara" in words(page)
        changed = {
            key: "1", "autosave": key, f"{key}-substance": "Tanyakan izin kerja",
            f"{key}-seen": page.select_one(f'[name="{key}-seen"]')["value"],
        }  # fmt: skip
        assert begun.post("/fr-ia-08", changed, hx=True).status_code == 200
        assert [each.substance for each in paper_of(begun).topics] == ["Tanyakan izin kerja"]
        begun.post("/fr-ia-08", {"autosave": key, f"{key}-seen": seen(begun, key)}, hx=True)
        assert paper_of(begun).topics == []

    def test_what_a_no_suggests_is_offered_and_not_ticked_by_itself(self, begun):
        tick(begun, "c1", seen(begun, "c1"), **YES | {"current": "tidak"}, note="Tahun 2015")
        page = begun.get("/fr-ia-08")
        assert "Disarankan: ada “Tidak” pada Surat kerja" in words(page)
        assert paper_of(begun).topics == []
        begun.save("/fr-ia-08", whole(begun) | {"aksi": "disarankan"})
        assert len(paper_of(begun).topics) == 2


class TestWithoutScripts:
    def test_one_form_saves_all_of_it(self, begun):
        data = whole(begun) | {f"c1-{name}": value for name, value in YES.items()}
        data |= {"s-feedback": "Bukti Anda rapi.", "s-conclusion": "met", "c2-note": "Lihat lagi"}
        begun.save("/fr-ia-08", data)
        paper = paper_of(begun)
        assert [each.valid for each in paper.checks] == [True, None]
        assert (paper.checks[1].note, paper.feedback) == ("Lihat lagi", "Bukti Anda rapi.")
        assert paper.conclusion is Conclusion.MET

    def test_a_button_of_a_row_loses_nothing_typed_elsewhere(self, begun):
        begun.save("/fr-ia-08", whole(begun) | {"s-not_met": "Unit 2", "aksi": "semua-2"})
        paper = paper_of(begun)
        assert paper.checks[1].sufficient is True
        assert paper.not_met == "Unit 2"

    def test_an_old_tab_overwrites_nothing_that_it_did_not_change(self, begun):
        old = whole(begun)
        tick(begun, "c1", old["c1-seen"], **YES)
        begun.save("/fr-ia-08", old | {"c2-note": "Dari tab lama"})
        paper = paper_of(begun)
        assert (paper.checks[0].valid, paper.checks[1].note) == (True, "Dari tab lama")

    @pytest.mark.parametrize("hx", [False, True])
    def test_the_same_row_changed_twice_is_refused_with_what_was_typed(self, begun, hx):
        old = whole(begun)
        tick(begun, "c1", old["c1-seen"], **YES)
        mine = old | {"c1-valid": "tidak", "c1-note": "Salah unit"}
        answer = begun.post("/fr-ia-08", mine, hx=hx)
        assert answer.status_code == 409
        page = soup(answer)
        assert "sudah berubah" in notices(page)[0]
        kept = typed(page.find("form", attrs={"data-guard": True}))
        assert kept["c1-note"] == "Salah unit"
        assert begun.post("/fr-ia-08", kept).status_code == 303

    @pytest.mark.parametrize("hx", [False, True])
    def test_bad_input_is_told_by_its_field_and_kept(self, begun, hx):
        bad = whole(begun) | {"c1-note": "x" * 2001, "s-feedback": "Baik."}
        answer = begun.post("/fr-ia-08", bad, hx=hx)
        assert answer.status_code == 422
        page = soup(answer)
        assert errors(page) == {"c1-note": "Paling panjang 2000 huruf. Pendekkan isian ini."}
        assert typed(page.find("form", attrs={"data-guard": True}))["s-feedback"] == "Baik."

    def test_evidence_in_words_and_a_mistake_taken_back(self, begun):
        shown = {"kata": "ditunjukkan saat rapat: buku harian K3", "aksi": "kata"}
        begun.save("/fr-ia-08", whole(begun) | shown)
        assert paper_of(begun).checks[-1].title == shown["kata"]
        begun.save("/fr-ia-08", whole(begun) | {"aksi": "hapus-3"})
        assert len(paper_of(begun).checks) == 2

    def test_what_the_pre_assessment_said_is_marked_and_confirmed_at_once(self, desk):
        letter = name_evidence(desk.case, "Surat kerja", [1, 2])
        judged_before(desk.case, letter, 1)
        desk.save("/fr-ia-08/mulai", {})
        page = desk.get("/fr-ia-08")
        assert "dari pra-asesmen" in words(page.find(id="ia-saved-c1"))
        assert words(page.find(id="c1-all")).startswith("Benar")
        desk.save("/fr-ia-08", whole(desk) | {"aksi": "benarkan"})
        assert paper_of(desk).checks[0].carried is False


class TestFinishing:
    def test_refused_with_what_is_open_and_the_typing_is_saved(self, begun):
        answer = begun.post("/fr-ia-08", whole(begun) | {"s-feedback": "Baik.", "aksi": "selesai"})
        assert answer.status_code == 409
        notice = notices(soup(answer))[0]
        assert "Isian Anda tersimpan. FR.IA.08 belum selesai." in notice
        assert "V-A-T-M belum lengkap: “Surat kerja”, “Laporan K3”" in notice
        assert paper_of(begun).feedback == "Baik."

    def test_finished_and_open_again_once_it_is_no_longer_whole(self, begun):
        data = whole(begun) | {"s-conclusion": "met", "aksi": "selesai"}
        data |= {f"{key}-{name}": value for key in ("c1", "c2") for name, value in YES.items()}
        begun.save("/fr-ia-08", data)
        assert paper_of(begun).finished_at is not None
        # All evidence met the rules, so nobody waits for FR.IA.09.
        assert "1 dari 2 selesai" in words(begun.get().find(id="meeting-order"))
        assert "FR.IA.09 Pertanyaan Wawancara tidak diperlukan" in words(begun.get("/instrumen"))
        line = tick(begun, "c1", seen(begun, "c1"), **YES | {"valid": "tidak"})
        assert "selesai" not in words(soup(line).find(id="ia-08-count"))
        assert paper_of(begun).finished_at is None

    def test_an_interview_with_nothing_to_ask_is_not_asked_for_and_may_be_held(self, begun):
        data = whole(begun) | {"s-conclusion": "met", "aksi": "selesai"}
        data |= {f"{key}-{name}": value for key in ("c1", "c2") for name, value in YES.items()}
        begun.save("/fr-ia-08", data)
        assert words(begun.get().select_one("#meeting-now h2")) == "Isi FR.IA.07"
        [line] = begun.get("/instrumen").select('#instruments-panel li:-soup-contains("FR.IA.09")')
        assert words(line.select_one(".badge")) == "tidak diperlukan"
        assert line.find("form") is not None
        begun.save("/fr-ia-09/mulai", {})
        assert words(begun.get().select_one("#meeting-now h2")) == "Isi FR.IA.07"
        tick(begun, "c1", seen(begun, "c1"), **YES | {"valid": "tidak"})
        assert "FR.IA.09" in words(begun.get().select_one("#meeting-now h2"))


class TestQuestions:
    @pytest.fixture
    def asked(self, desk):
        make_instrument(desk.cast.skema, DPL, questions=("Apa itu bahaya?", "Apa itu risiko?"))
        db.session.commit()
        desk.save("/fr-ia-07/mulai", {})
        return desk

    def save(self, desk, seen_value, **said):
        data = row("q1", seen_value, **said) | {"autosave": "q1"}
        return desk.post("/fr-ia-07", data, hx=True)

    def test_the_key_is_drawn_for_the_asesor_behind_a_press(self, asked):
        page = asked.get("/fr-ia-07")
        key = page.find(string=re.compile("Kunci rekaan"))
        assert key.find_parent("details") is not None

    def test_a_question_saves_itself(self, asked):
        old = seen(asked, "q1", "/fr-ia-07")
        said = {"question": "Apa itu bahaya kerja?", "answer": "Sumber celaka", "achieved": "ya"}
        address, data = asked.url("/fr-ia-07"), row("q1", old, **said) | {"autosave": "q1"}
        sent = statements(lambda: asked.browser.post(address, data=data, headers=HX))
        assert len(sent) <= 8, "\n".join(sent)
        [first, _] = paper_of(asked, DPL).answers
        assert (first.question, first.answer, first.achieved) == (*tuple(said.values())[:2], True)
        assert self.save(asked, old, **said).status_code == 200
        assert self.save(asked, old, **said | {"answer": "Lain"}).status_code == 409

    def test_own_question_and_finish(self, asked):
        asked.save(
            "/fr-ia-07", whole(asked, "/fr-ia-07") | {"baru": "Apa tugas Anda?", "aksi": "tambah"}
        )
        asked.save("/fr-ia-07", whole(asked, "/fr-ia-07") | {"aksi": "hapus-2"})
        data = whole(asked, "/fr-ia-07")
        data |= {f"{key}-{name}": value for key in ("q1", "q3") for name, value in
                 (("answer", "Dijawab"), ("achieved", "ya"))}  # fmt: skip
        asked.save("/fr-ia-07", data | {"aksi": "selesai"})
        paper = paper_of(asked, DPL)
        assert (paper.conclusion, len(paper.answers)) == (Conclusion.MET, 2)

    def test_finishing_names_what_is_open(self, asked):
        answer = asked.post("/fr-ia-07", whole(asked, "/fr-ia-07") | {"aksi": "selesai"})
        assert "2 pertanyaan belum dijawab" in notices(soup(answer))[0]

    def test_an_emptied_question_is_refused_by_its_field(self, asked):
        answer = asked.post("/fr-ia-07", whole(asked, "/fr-ia-07") | {"q1-question": " "})
        assert answer.status_code == 422
        assert "q1-question" in errors(soup(answer))

    def test_the_interview_shows_the_evidence_and_asks_the_ticked(self, begun):
        elemen = begun.case.skema_version.units[0].elements[0].id
        begun.save("/fr-ia-08", whole(begun) | {f"t{elemen}": "1"})
        begun.save("/fr-ia-09/mulai", {})
        page = begun.get("/fr-ia-09")
        assert "Surat kerja" in words(page.find("ol").find_next("ol"))
        assert "Jelaskan bagaimana Anda mengenali bahaya 1," in words(page.find(id="q1-question"))


class TestReading:
    def test_after_the_assessment_it_is_only_read(self, begun):
        begun.case.status = PermohonanStatus.READY
        db.session.commit()
        page = begun.get("/fr-ia-08")
        assert "diisi saat asesmen berlangsung" in notices(page)[0]
        assert page.find("form", attrs={"data-guard": True}) is None
        assert "Surat kerja" in words(page)
        assert begun.post("/fr-ia-08", {"aksi": "selesai"}).status_code == 409

    def test_the_edition_that_was_sent_stays_to_be_read(self, begun):
        paper = paper_of(begun)
        paper.frozen_at = clock.now()
        db.session.commit()
        page = begun.get("/fr-ia-08")
        assert "sudah dikirim" in words(page)
        tick(begun, "c1", seen(begun, "c1"), **YES)
        assert paper_of(begun).edition == 2
        link = begun.get("/fr-ia-08").find("a", href=begun.url("/fr-ia-08/edisi/1"))
        assert words(link) == "Baca edisi 1, sebelum dikembalikan"
        assert "Surat kerja" in words(begun.get("/fr-ia-08/edisi/1"))
        assert begun.browser.get(begun.url("/fr-ia-08/edisi/3")).status_code == 404
