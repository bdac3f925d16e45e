"""FR.APL.02, one press for a whole unit: every elemen K, or one proof for all of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp.database import db
from lsp.models import Elemen, FrApl02Evidence
from lsp.vocabulary import Answer, PermohonanStatus
from tests.html import filled, form, links, main, notices, soup, words
from tests.htmx import HX
from tests.support.apl02 import answers, typed, url
from tests.views.asesi import situations


class TestAllK:
    """Every elemen of a unit in one press, asked before and taken back after."""

    def address(self, permohonan) -> str:
        return f"{url(permohonan)}/semua-k"

    @pytest.fixture
    def permohonan(self, browser):
        """A unit of three elemen, the first answered BK with words."""
        case = situations.draft(browser.user)
        unit = case.skema_version.units[0]
        for number in ("2", "3"):
            unit.elements.append(
                Elemen(position=int(number), number=number, title=f"Elemen {number}")
            )
        db.session.commit()
        browser.post(url(case), data=typed(browser, case, e1_answer="BK", e1_note="Baru belajar."))
        return case

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_one_proof_serves_the_whole_unit_and_can_be_taken_back(
        self, browser, permohonan, headers
    ):
        file = situations.add_document(permohonan, purpose="evidence")
        changes = {"e1_answer": "K", "e1_documents": [file.public_id], "e2_answer": "BK"}
        sent = typed(browser, permohonan, **changes) | {"spread": "1"}
        page = soup(browser.post(url(permohonan), data=sent, headers=headers))
        assert any("kecuali yang dijawab BK" in each for each in notices(page))
        chosen = [words(each) for each in page.select("input:checked[name$=documents]")]
        assert len(chosen) == 2, "the first and the third, not the one answered BK"
        button = soup(browser.get(url(permohonan))).select_one(
            f"form[action='{url(permohonan)}'] button"
        )
        assert not button.get("name"), "Enter saves, whatever stands first"
        undo = next(
            each for each in page.select("form") if each.find("button", attrs={"name": "undo"})
        )
        browser.post(url(permohonan), data=filled(undo) | {"undo": "1"})
        assert db.session.scalars(select(FrApl02Evidence)).all() == []
        assert answers()[0].answer is Answer.BK, "as it stood before"

    def test_without_a_file_there_is_nothing_to_use_for_all(self, browser, permohonan):
        situations.add_document(permohonan, purpose="evidence")
        sent = typed(browser, permohonan, e1_note="Masih ada.") | {"spread": "1"}
        answer = browser.post(url(permohonan), data=sent)
        assert answer.status_code == 422
        assert "Masih ada." in words(soup(answer).find(id="e1-note"))

    def test_the_unit_leads_to_the_question(self, browser, permohonan):
        page = soup(browser.get(url(permohonan)))
        assert links(page)["Tandai semua K di unit ini"] == self.address(permohonan)
        text = words(main(soup(browser.get(self.address(permohonan)))))
        assert "3 dari 3 elemen" in text
        assert "2 elemen belum ada buktinya" in text
        assert len(answers()) == 3

    def test_it_marks_all_and_can_be_taken_back(self, browser, permohonan):
        where = self.address(permohonan)
        sent = filled(form(soup(browser.get(where)), where))
        page = soup(browser.post(where, data=sent))
        assert [row.answer for row in answers()] == [Answer.K] * 3
        assert answers()[0].evidence_note == "Baru belajar."
        assert "Setiap K perlu bukti" in notices(page)[0]
        undo = page.select_one(".notice form")
        back = browser.post(undo["action"], data=filled(undo) | {"undo": "1"})
        assert back.location == url(permohonan)
        db.session.expire_all()
        assert [row.answer for row in answers()] == [Answer.BK, None, None]
        assert answers()[0].evidence_note == "Baru belajar."

    def test_what_was_changed_meanwhile_is_not_overwritten(self, browser, permohonan):
        where = self.address(permohonan)
        sent = filled(form(soup(browser.get(where)), where))
        browser.post(url(permohonan), data=typed(browser, permohonan, e2_answer="BK"))
        answer = browser.post(where, data=sent)
        assert answer.status_code == 409
        db.session.expire_all()
        assert [row.answer for row in answers()] == [Answer.BK, Answer.BK, None]

    def test_pressed_twice_it_stands(self, browser, permohonan):
        where = self.address(permohonan)
        sent = filled(form(soup(browser.get(where)), where))
        assert [browser.post(where, data=sent).status_code for _ in range(2)] == [200, 200]

    def test_when_it_was_sent_it_is_closed(self, browser):
        permohonan = situations.draft(browser.user, status=PermohonanStatus.SUBMITTED)
        assert browser.post(self.address(permohonan)).status_code == 409
        assert answers() == []
