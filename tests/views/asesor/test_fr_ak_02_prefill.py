"""FR.AK.02 is filled from the instruments, follows them, and asks why where the asesor ticks otherwise."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.vocabulary import Conclusion, Form, InstrumentPaper, PermohonanStatus, Role
from lsp.workflow import signed_content
from lsp.workflow.dossier import dossier_of
from tests.html import errors, notices, soup, words
from tests.support.assessment import fill_instruments
from tests.test_pages import count_queries
from tests.views.asesor.conftest import typed
from tests.workflow.cases import make_cast, make_permohonan
from tests.workflow.rows import tell

S = PermohonanStatus
PW = InstrumentPaper.PW
FEEDBACK = "Anda menjelaskan pekerjaan dengan runtut."


@pytest.fixture
def units(running):
    return [unit.id for unit in running.cast.skema.units]


@pytest.fixture
def filled(running, units):
    """An interview in which the first unit was answered well and the second was not."""
    fill_instruments(running.case, passed={units[0]})
    db.session.commit()
    return running


def form_of(desk):
    return typed(desk.get("/fr-ak-02").find(id="ak-02-panel").form)


def rows_of(desk):
    db.session.expire_all()
    return {row.unit_id: row for row in dossier_of(desk.case).fr_ak_02.units}


def panel(desk):
    return words(desk.get("/fr-ak-02").find(id="ak-02-panel"))


def answer_well(desk, unit_id, *, well=True):
    """FR.IA.09 is changed: the questions about this unit."""
    db.session.expire_all()
    for row in dossier_of(desk.case).instruments[PW].answers:
        if row.elemen.unit_id == unit_id:
            row.achieved = well
    db.session.commit()


class TestPrefilled:
    def test_what_was_not_found_is_marked_to_be_folded_on_a_phone(self, filled, units):
        row = filled.get("/fr-ak-02").find(id=f"u{units[0]}")
        folded = {box["value"] for box in row.select("td.off input")}
        assert "wawancara" not in folded
        assert len(folded) == len(row.select("td input[type=checkbox]")) - 2  # and "Belum memenuhi"
        assert words(row.summary) == "Ubah centang"

    def test_ticks_stand_there_with_the_paper_they_come_from(self, filled, units):
        page = filled.get("/fr-ak-02")
        first, second = (page.find(id=f"u{unit}") for unit in units)
        assert [box["value"] for box in first.select("[type=checkbox][checked]")] == ["wawancara"]
        assert "dari FR.IA.09" in words(first)
        assert "dari FR.IA" not in words(second)
        assert dossier_of(filled.case).fr_ak_02 is None, "reading writes nothing"

    def test_a_unit_for_which_nothing_speaks_is_proposed_to_fail(self, filled, units):
        values = form_of(filled)
        assert f"u{units[0]}-failed" not in values
        assert values[f"u{units[1]}-failed"] in ("1", ["1"])
        assert values[f"u{units[1]}-reason"] == "Instrumen tidak memberi bukti untuk unit ini."
        assert "saran, tidak ada bukti" in panel(filled)

    def test_the_proposal_is_his_to_refuse(self, filled, units):
        values = form_of(filled)
        del values[f"u{units[1]}-failed"]
        filled.save("/fr-ak-02", values | {f"u{units[1]}-reason": ""})
        assert not rows_of(filled)[units[1]].failed
        assert f"u{units[1]}-failed" not in form_of(filled)
        assert "saran, tidak ada bukti" not in panel(filled)

    def test_saved_as_they_stand_they_need_no_reason(self, filled, units):
        filled.save("/fr-ak-02", form_of(filled))
        rows = rows_of(filled)
        assert [rows[unit].evidence for unit in units] == [["wawancara"], []]
        assert [rows[unit].changed_reason for unit in units] == ["", ""]

    def test_before_any_instrument_nothing_is_proposed(self, running):
        assert "saran" not in panel(running)
        assert not running.get("/fr-ak-02").select("#ak-02-panel tbody [checked]")
        assert "Belum ada instrumen FR.IA yang selesai" in panel(running)
        assert "belum kompeten." not in panel(running), "what nobody filled speaks against nobody"


class TestChangedByHand:
    @pytest.mark.parametrize("hx", [False, True])
    def test_another_tick_needs_a_reason_and_nothing_typed_is_lost(self, filled, units, hx):
        values = form_of(filled) | {f"u{units[0]}": ["wawancara", "portofolio"], "comment": "Baik."}
        answer = filled.post("/fr-ak-02", values, hx=hx)
        assert answer.status_code == 422
        page = soup(answer)
        asked = "Unit 1: tulis alasan centangnya berbeda dari instrumen."
        assert errors(page) == {f"u{units[0]}-changed": asked}
        kept = typed(page.find(id="ak-02-panel").form)
        assert kept[f"u{units[0]}"] == ["portofolio", "wawancara"]
        assert kept["comment"] == "Baik."
        assert page.find(id=f"u{units[0]}-changed").find_parent("details").has_attr("open")
        assert dossier_of(filled.case).fr_ak_02 is None

    def test_taking_one_off_needs_a_reason_too(self, filled, units):
        values = form_of(filled)
        del values[f"u{units[0]}"]
        assert filled.post("/fr-ak-02", values).status_code == 422

    def test_with_a_reason_it_is_kept_and_shown(self, filled, units):
        change = {f"u{units[1]}": "lisan", f"u{units[1]}-changed": "Dijawab lisan di luar daftar."}
        filled.save("/fr-ak-02", form_of(filled) | change)
        row = rows_of(filled)[units[1]]
        assert (row.evidence, row.changed_reason) == (["lisan"], "Dijawab lisan di luar daftar.")
        assert form_of(filled)[f"u{units[1]}-changed"] == "Dijawab lisan di luar daftar."

    def test_the_reason_goes_with_the_change(self, filled, units):
        change = {f"u{units[0]}-changed": "Tidak perlu."}
        filled.save("/fr-ak-02", form_of(filled) | change)
        assert rows_of(filled)[units[0]].changed_reason == ""

    def test_the_autosave_says_what_is_missing(self, filled, units):
        values = form_of(filled) | {f"u{units[1]}": "lisan", "autosave": "1"}
        answer = filled.post("/fr-ak-02", values, hx=True)
        assert answer.status_code == 422
        assert "Belum tersimpan: Unit 2: tulis alasan" in words(soup(answer))


class TestFollowing:
    def test_unchanged_ticks_follow_and_changed_ones_stay(self, filled, units):
        change = {f"u{units[1]}": "lisan", f"u{units[1]}-changed": "Dijawab lisan di luar daftar."}
        filled.save("/fr-ak-02", form_of(filled) | change)
        answer_well(filled, units[0], well=False)
        answer_well(filled, units[1])
        values = form_of(filled)
        assert f"u{units[0]}" not in values
        assert values[f"u{units[1]}"] in ("lisan", ["lisan"])
        assert "Centang unit 1 sudah mengikutinya" in notices(filled.get("/fr-ak-02"))[0]
        filled.save("/fr-ak-02", values)
        assert rows_of(filled)[units[0]].evidence == []
        assert "sudah mengikutinya" not in panel(filled)

    def test_a_form_drawn_before_the_instrument_changed_is_not_taken_for_a_change(
        self, filled, units
    ):
        old = form_of(filled)
        answer_well(filled, units[1])
        answer = filled.post("/fr-ak-02", old | {"comment": "Tulisan saya"})
        assert answer.status_code == 409
        page = soup(answer)
        assert "FR.AK.02 sudah berubah" in notices(page)[0]
        kept = typed(page.find(id="ak-02-panel").form)
        assert kept["comment"] == "Tulisan saya"
        assert kept[f"u{units[1]}"] in ("wawancara", ["wawancara"])
        assert filled.post("/fr-ak-02", kept).status_code == 303

    def test_a_plan_of_the_time_before_keeps_its_own_ticks(self, filled, units):
        dossier_of(filled.case).plan.papers_outside = True
        db.session.commit()
        filled.save("/fr-ak-02", form_of(filled) | {f"u{units[0]}": "observasi"})
        assert form_of(filled)[f"u{units[0]}"] in ("observasi", ["observasi"])
        assert rows_of(filled)[units[0]].changed_reason == ""


class TestContradiction:
    def test_it_is_shown_and_competent_needs_the_reason(self, running, units):
        fill_instruments(running.case)
        dossier_of(running.case).instruments[PW].conclusion = Conclusion.NOT_MET
        db.session.commit()
        assert "FR.IA.09 Anda simpulkan belum memenuhi" in panel(running)
        competent = {"recommendation": "K", "written_feedback": FEEDBACK}
        running.save("/fr-ak-02", form_of(running) | competent)
        name = {"typed_name": running.browser.user.name}
        answer = running.post("/tanda-tangan", name)
        assert answer.status_code == 409
        assert "FR.IA.09 disimpulkan belum memenuhi" in notices(soup(answer))[0]
        running.save("/fr-ak-02", form_of(running) | {"comment": "Dibuktikan kemudian."})
        assert running.post("/tanda-tangan", name).status_code == 303

    def test_a_unit_without_evidence_cannot_end_in_competent(self, filled, units):
        values = form_of(filled) | {"recommendation": "K", "written_feedback": FEEDBACK}
        del values[f"u{units[1]}-failed"]
        filled.save("/fr-ak-02", values)
        answer = filled.post("/tanda-tangan", {"typed_name": filled.browser.user.name})
        assert "1 unit belum punya bukti (unit 2)" in notices(soup(answer))[0]


class TestUnitsOfBefore:
    @pytest.fixture
    def again(self, filled, units):
        """A second attempt at the one unit that failed in the first."""
        values = form_of(filled) | {"recommendation": "BK", "follow_up": "Ulang unit 2."}
        filled.save("/fr-ak-02", values)
        case = filled.case
        case.skema_version.reassess_failed_units_only = True
        tell(case, "reassess", S.NOT_YET_COMPETENT, S.READY, filled.cast, Role.ASESI)
        plan = dossier_of(case).plan
        case.attempt = plan.attempt = dossier_of(case).booking.attempt = 2
        db.session.commit()
        return filled

    def test_only_the_failed_unit_is_asked_for(self, again, units):
        assert f"u{units[0]}-reason" not in form_of(again)
        assert f"u{units[1]}-reason" in form_of(again)
        assert "1. Unit contoh 1" in panel(again)
        assert "sudah memenuhi pada asesmen ke-1" in panel(again)
        assert "0 dari 1 unit punya bukti" in panel(again)

    def test_a_tick_for_the_other_is_not_stored(self, again, units):
        again.save("/fr-ak-02", form_of(again) | {f"u{units[0]}": "lisan"})
        assert set(rows_of(again)) == {units[1]}

    def test_two_queries_more_than_the_first_attempt(self, again):
        address = again.url("/fr-ak-02")
        assert count_queries(lambda: again.browser.get(address)) <= 8


class TestQueries:
    @pytest.mark.parametrize("papers", ["none", "all"])
    def test_the_whole_request_is_six_queries(self, running, papers):
        if papers == "all":
            fill_instruments(running.case)
            db.session.commit()
            running.save("/fr-ak-02", form_of(running))
        address = running.url("/fr-ak-02")
        # With the sign-in, the case, and the name of the LSP in the frame.
        assert count_queries(lambda: running.browser.get(address)) <= 6


def test_a_reason_is_part_of_what_is_signed_and_none_leaves_old_digests(app):
    case = make_permohonan(S.IN_ASSESSMENT, cast=make_cast())
    signed = dossier_of(case).content_digest(Form.FR_AK_02)
    row = dossier_of(case).fr_ak_02.units[0]
    row.changed_reason = "Surat dari proyek."
    db.session.flush()
    assert dossier_of(case).content_digest(Form.FR_AK_02) != signed
    paper = dossier_of(case).fr_ak_02
    assert signed_content.content_of(dossier_of(case), Form.FR_AK_02)[-1][1] == [
        paper.units[1].unit_id,
        paper.units[1].evidence,
        False,
        "",
    ]
