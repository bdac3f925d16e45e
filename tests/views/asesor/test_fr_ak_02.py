"""FR.AK.02: the matrix saves itself, keeps what was typed, and is frozen once it was sent."""

from __future__ import annotations

import re

import pytest

from lsp.database import db
from lsp.services import fr_ak_02
from lsp.vocabulary import Answer, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.html import errors, filled, notices, soup, words
from tests.support.assessment import fill_instruments
from tests.test_pages import count_queries
from tests.views.asesor.conftest import typed
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus
FEEDBACK = "Anda menjelaskan pekerjaan dengan runtut."


def units_of(desk):
    return [unit.id for unit in desk.cast.skema.units]


def paper_of(desk):
    db.session.expire_all()
    return dossier_of(desk.case).fr_ak_02


@pytest.fixture
def running(running):
    """An assessment under way whose instruments are filled: an interview about each unit."""
    fill_instruments(running.case)
    db.session.commit()
    return running


@pytest.fixture
def good(running):
    data = {f"u{unit}": ["wawancara"] for unit in units_of(running)}
    return data | {
        "recommendation": "K",
        "written_feedback": FEEDBACK,
        "follow_up": "",
        "comment": "Baik.",
    }


def seen(desk):
    """The edition that the form stands on."""
    return desk.get("/fr-ak-02").select_one('[name="seen"]')["value"]


class TestSaving:
    def test_plain(self, running, good):
        answer = running.post("/fr-ak-02", good | {"seen": seen(running)})
        assert (answer.status_code, answer.location) == (303, running.url("/fr-ak-02"))
        kept = typed(running.get("/fr-ak-02").find(id="ak-02-panel").form)
        for name, value in good.items():
            assert kept[name] in (value, [value])

    def test_and_back_to_the_meeting(self, running, good):
        answer = running.post("/fr-ak-02", good | {"seen": seen(running), "lanjut": "1"})
        assert answer.location == running.url()

    def test_htmx_and_page_agree(self, running, good):
        running.assert_htmx_equals_page(
            "/fr-ak-02", "#ak-02-panel", "/fr-ak-02", good | {"seen": seen(running)}
        )

    def test_a_change_saves_itself_and_is_answered_with_a_line(self, running, good):
        answer = running.post("/fr-ak-02", good | {"seen": seen(running), "autosave": "1"}, hx=True)
        line = soup(answer)
        assert re.match(r"Tersimpan \d\d\.\d\d WIB", words(line.find(id="ak-02-saved")))
        assert len(answer.get_data()) < 600
        assert paper_of(running).recommendation is Answer.K
        # The form goes on from the edition that the line brought.
        again = good | {
            "seen": line.select_one('[name="seen"]')["value"],
            "autosave": "1",
            "comment": "Lagi",
        }
        assert "Tersimpan" in words(soup(running.post("/fr-ak-02", again, hx=True)))
        assert paper_of(running).comment == "Lagi"

    def test_it_may_be_saved_half_typed(self, running):
        ticks = {f"u{unit}": "wawancara" for unit in units_of(running)}
        answer = running.post("/fr-ak-02", ticks | {"seen": seen(running)})
        assert answer.status_code == 303
        assert [row.evidence for row in paper_of(running).units] == [["wawancara"]] * 2
        assert paper_of(running).recommendation is None

    def test_sent_twice_is_no_conflict(self, running, good):
        data = good | {"seen": seen(running)}
        assert running.post("/fr-ak-02", data).status_code == 303
        assert running.post("/fr-ak-02", data).status_code == 303

    @pytest.mark.parametrize("hx", [False, True])
    def test_another_tab_was_quicker(self, running, good, hx):
        old = seen(running)
        running.save("/fr-ak-02", good | {"seen": old})
        mine = good | {"seen": old, "comment": "Tulisan saya"}
        answer = running.post("/fr-ak-02", mine, hx=hx)
        assert answer.status_code == 409
        page = soup(answer)
        assert "FR.AK.02 sudah berubah" in notices(page)[0]
        kept = typed(page.find(id="ak-02-panel").form)
        assert kept["comment"] == "Tulisan saya"
        assert running.post("/fr-ak-02", mine | {"seen": kept["seen"]}).status_code == 303

    @pytest.mark.parametrize("hx", [False, True])
    def test_bad_input_is_told_and_kept(self, running, good, hx):
        unit = units_of(running)[1]
        bad = good | {f"u{unit}-failed": "1", f"u{unit}-reason": "x" * 2001, "seen": seen(running)}
        answer = running.post("/fr-ak-02", bad, hx=hx)
        assert answer.status_code == 422
        page = soup(answer)
        assert errors(page) == {
            f"u{unit}-reason": "Paling panjang 2000 huruf. Pendekkan isian ini."
        }
        kept = typed(page.find(id="ak-02-panel").form)
        assert kept[f"u{unit}-reason"] == "x" * 2001
        assert kept["comment"] == "Baik."
        assert paper_of(running) is None

    def test_a_change_that_cannot_be_saved_says_so(self, running, good):
        data = good | {"comment": "x" * 2001, "seen": seen(running), "autosave": "1"}
        answer = running.post("/fr-ak-02", data, hx=True)
        assert answer.status_code == 422
        assert "Belum tersimpan: Paling panjang 2000" in words(soup(answer))

    def test_units_of_another_skema_and_unknown_kinds_change_nothing(self, running):
        foreign = factories.make_skema().units[0].id
        ticks = {f"u{unit}": ["wawancara", "sulap"] for unit in units_of(running)}
        running.post("/fr-ak-02", ticks | {f"u{foreign}": "observasi", "seen": seen(running)})
        assert all(row.evidence == ["wawancara"] for row in paper_of(running).units)
        assert {row.unit_id for row in paper_of(running).units} == set(units_of(running))


class TestFrozen:
    @pytest.mark.parametrize("status", [S.RECOMMENDED, S.ISSUED])
    def test_after_sending_it_cannot_be_changed(self, desk_at, status):
        desk = desk_at(status)
        page = desk.get("/fr-ak-02")
        assert not page.select("#ak-02-panel input[type=checkbox]")
        before = [row.evidence for row in paper_of(desk).units]
        unit = units_of(desk)[0]
        data = {f"u{unit}": "lainnya", "seen": "", "recommendation": "BK"}
        for hx in (False, True):
            for autosave in ({}, {"autosave": "1"}):
                answer = desk.post("/fr-ak-02", data | autosave, hx=hx)
                assert answer.status_code == 409
        assert [row.evidence for row in paper_of(desk).units] == before
        assert "sudah dikirim" in words(page)

    def test_neither_signed_nor_refused_anew(self, desk_at):
        desk = desk_at(S.RECOMMENDED)
        for tail, data in (
            ("/tanda-tangan", {"typed_name": desk.browser.user.name}),
            ("/tanda-tangan/asesi", {"how": "refused", "reason": "Tidak setuju"}),
        ):
            assert desk.post(tail, data).status_code == 409


class TestWhoFills:
    def test_another_asesor_of_the_batch_reads(self, running, sign_in):
        running.cast.jadwal[running.case.mode].asesor_2_id = running.cast.second_asesor.id
        db.session.commit()
        other = sign_in(running.cast.second_asesor)
        page = soup(other.get(running.url("/fr-ak-02")))
        assert "Hanya asesor rapat ini" in notices(page)[0]
        assert not page.select("#ak-02-panel [type=checkbox]")
        answer = other.post(running.url("/fr-ak-02"), data={"seen": ""})
        assert answer.status_code in (409, 422)
        assert paper_of(running) is None

    def test_a_stranger_finds_nothing(self, running, sign_in):
        assert sign_in(Role.ASESOR).get(running.url("/fr-ak-02")).status_code == 404


class TestWhatIsRead:
    def test_at_most_six_queries_for_nine_units(self, app, sign_in):
        cast = make_cast()
        cast.skema = factories.make_skema(units=9, remote=True)
        cast.skema.methods = ["wawancara"]
        db.session.commit()
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        browser = sign_in(cast.asesor)
        address = f"/asesor/permohonan/{case.public_id}/fr-ak-02"
        assert count_queries(lambda: browser.get(address)) <= 6
        assert len(soup(browser.get(address)).select("tbody tr")) == 9


class TestSigning:
    def test_by_the_asesor(self, running, good):
        running.save("/fr-ak-02", good | {"seen": seen(running)})
        running.assert_htmx_equals_page(
            "/tanda-tangan",
            "#sign-panel",
            "/tanda-tangan",
            {"typed_name": running.browser.user.name},
        )

    def test_the_step_says_whose_name_lacks(self, running, good):
        running.save("/fr-ak-02", good | {"seen": seen(running)})
        page = running.get()
        assert "Tanda tangani hasil asesmen" in words(page.find(id="meeting-now"))
        assert "menunggu Anda dan asesi" in words(page.find(id="meeting-order"))
        running.save("/tanda-tangan", {"typed_name": running.browser.user.name})
        step = words(running.get().find(id="meeting-now"))
        assert "Hasil asesmen menunggu tanda tangan asesi" in step

    def test_not_without_a_recommendation(self, running, good):
        running.save("/fr-ak-02", good | {"recommendation": "", "seen": seen(running)})
        answer = running.post("/tanda-tangan", {"typed_name": running.browser.user.name})
        assert answer.status_code == 409
        assert "Pilih rekomendasi" in notices(soup(answer))[0]

    def test_a_change_afterwards_voids_it(self, running, good):
        running.save("/fr-ak-02", good | {"seen": seen(running)})
        running.save("/tanda-tangan", {"typed_name": running.browser.user.name})
        running.post("/fr-ak-02", good | {"comment": "Berubah", "seen": seen(running)})
        assert "Tanda tangani FR.AK.02" in words(running.get("/tanda-tangan").find(id="sign-panel"))

    def test_the_asesi_who_refuses(self, running, good):
        running.save("/fr-ak-02", good | {"seen": seen(running)})
        assert running.post("/tanda-tangan/asesi", {"how": "refused"}).status_code == 422
        running.assert_htmx_equals_page(
            "/tanda-tangan",
            "#sign-panel",
            "/tanda-tangan/asesi",
            {"how": "refused", "reason": "Merasa pertanyaannya tidak jelas."},
        )
        assert "Asesi menolak" in words(running.get("/tanda-tangan").find(id="sign-panel"))

    def test_asesor_2_countersigns_after_asesor_1(self, running, good, sign_in):
        running.cast.jadwal[running.case.mode].asesor_2_id = running.cast.second_asesor.id
        db.session.commit()
        second = sign_in(running.cast.second_asesor)
        running.save("/fr-ak-02", good | {"seen": seen(running)})
        url = running.url("/tanda-tangan/asesor-2")
        assert second.post(url, data={"word": "agrees"}).status_code == 409
        running.save("/tanda-tangan", {"typed_name": running.browser.user.name})
        assert second.post(url, data={"word": "dissents"}).status_code == 422
        assert running.post("/tanda-tangan/asesor-2", {"word": "agrees"}).status_code == 409
        page = soup(second.get(running.url("/tanda-tangan")))
        read = filled(page.find("form", action=url)) | {"word": "agrees"}
        assert second.post(url, data=read).status_code == 303
        assert second.post(url, data=read).status_code == 409, "once"
        assert dossier_of(running.case).countersignature.word == "agrees"

    def test_what_asesor_2_signed_stays_when_asesor_1_changes_it(self, running, good, sign_in):
        self.test_asesor_2_countersigns_after_asesor_1(running, good, sign_in)
        signed = paper_of(running)
        running.post("/fr-ak-02", good | {"comment": "Berubah", "seen": seen(running)})
        fresh = paper_of(running)
        assert (signed.edition, fresh.edition) == (1, 2)
        assert signed.comment == "Baik."
        assert dossier_of(running.case).countersignature is None


def test_another_asesor_who_takes_over_goes_on_in_an_edition_of_his_own(desk_at):
    """Before, the case was stuck: the paper belonged to somebody who no longer held the meeting."""
    desk = desk_at(S.IN_ASSESSMENT)
    first = paper_of(desk)
    seat = dossier_of(desk.case).booking
    seat.slot.asesor_id = desk.cast.second_asesor.id
    db.session.commit()
    db.session.expire_all()
    second = actor_of(desk.cast.second_asesor)
    made = fr_ak_02.save_fr_ak_02(
        second,
        desk.case,
        units={},
        recommendation=Answer.K,
        follow_up="",
        comment="",
        written_feedback="x",
    )
    db.session.commit()
    assert (made.edition, made.asesor_id) == (2, second.id)
    assert first.asesor_id == desk.cast.asesor.id


def test_a_save_says_what_still_lacks(running):
    values = typed(running.get("/fr-ak-02").select_one("#ak-02-panel form"))
    running.post("/fr-ak-02", values | {"written_feedback": "Baik."})
    said = notices(running.get("/fr-ak-02"))[0]
    assert "Masih kurang: rekomendasi, umpan balik tertulis (20 huruf)." in said
