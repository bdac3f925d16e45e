"""FR.APL.02: a unit a page, each answer saved, evidence from files already sent."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import Document, FrApl02Answer, FrApl02Evidence
from lsp.services import documents
from lsp.vocabulary import Answer, PermohonanStatus
from tests import factories
from tests.html import errors, filled, form, links, main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.views.asesi import situations
from tests.views.asesi.test_pages import queries, weight


@pytest.fixture
def browser(sign_in):
    return sign_in()


@pytest.fixture
def permohonan(browser):
    return situations.draft(browser.user)


def url(permohonan, position=1) -> str:
    return url_for("asesi.unit", permohonan_id=permohonan.public_id, unit_position=position)


def overview(permohonan) -> str:
    return url_for("asesi.fr_apl_02", permohonan_id=permohonan.public_id)


def typed(browser, permohonan, position=1, **changes):
    page = soup(browser.get(url(permohonan, position)))
    return filled(form(page, url(permohonan, position))) | {
        k.replace("_", "-"): v for k, v in changes.items()
    }


def answers() -> list[FrApl02Answer]:
    return list(db.session.scalars(select(FrApl02Answer).order_by(FrApl02Answer.elemen_id)))


class TestTheUnitPage:
    def test_it_lists_the_kuk_and_asks_per_elemen(self, browser, permohonan):
        page = soup(browser.get(url(permohonan)))
        assert words(page.h1) == "Unit contoh 1"
        assert "Bahaya 1 diidentifikasi." in words(page.select_one("details"))
        assert [each["value"] for each in page.select('input[name="e1-answer"]')] == ["K", "BK"]

    def test_it_takes_four_queries_however_much_it_shows(self, browser, permohonan):
        big = factories.make_skema(units=9)
        large = situations.draft(browser.user, skema_version_id=big.id)
        for _ in range(12):
            situations.add_document(large, purpose="evidence")
        for address in [url(each) for each in (permohonan, large)]:
            sent = queries(lambda address=address: browser.get(address))
            assert len(sent) <= 4, "\n".join(sent)

    def test_it_is_light(self, browser, permohonan):
        for _ in range(15):
            situations.add_document(permohonan, purpose="evidence")
        assert weight(browser.get(url(permohonan))) <= 14_000

    @pytest.mark.parametrize("position", ["0", "99", "1000", "99999999999999999999", "-1", "satu"])
    def test_a_unit_that_is_not_there(self, browser, permohonan, position):
        assert browser.get(f"{overview(permohonan)}/{position}").status_code == 404


class TestSaving:
    def test_the_button_saves_and_leads_to_the_next_unit(self, browser, permohonan):
        file = situations.add_document(permohonan, purpose="evidence")
        sent = typed(
            browser,
            permohonan,
            e1_answer="K",
            e1_note="Setiap hari.",
            e1_documents=[file.public_id],
        )
        answer = browser.post(url(permohonan), data=sent)
        assert answer.status_code == 303
        assert answer.location == url(permohonan, 2)
        (row,) = answers()
        assert (row.answer, row.evidence_note) == (Answer.K, "Setiap hari.")
        assert db.session.scalars(select(FrApl02Evidence.document_id)).all() == [file.id]

    def test_the_last_unit_leads_to_the_overview(self, browser, permohonan):
        answer = browser.post(
            url(permohonan, 2), data=typed(browser, permohonan, 2, e1_answer="BK")
        )
        assert answer.location == overview(permohonan)

    def test_with_htmx_it_leads_on_by_header(self, browser, permohonan):
        answer = browser.post(
            url(permohonan), data=typed(browser, permohonan, e1_answer="K"), headers=HX
        )
        assert answer.headers["HX-Redirect"] == url(permohonan, 2)

    def test_what_was_saved_stands_there_again(self, browser, permohonan):
        file = situations.add_document(permohonan, purpose="evidence")
        sent = typed(
            browser, permohonan, e1_answer="K", e1_note="a\n  b", e1_documents=[file.public_id]
        )
        browser.post(url(permohonan), data=sent)
        again = typed(browser, permohonan)
        assert (again["e1-answer"], again["e1-note"], again["e1-documents"]) == (
            ["K"],
            "a\n  b",
            [file.public_id],
        )

    def test_the_overview_counts_and_names_what_is_open(self, browser, permohonan):
        browser.post(url(permohonan), data=typed(browser, permohonan, e1_answer="K"))
        page = soup(browser.get(overview(permohonan)))
        assert "1 dari 2 elemen dijawab" in words(main(page))
        assert "1 elemen dijawab K tetapi belum ada buktinya" in words(main(page))
        assert links(page)["Lanjut isi unit 1"] == url(permohonan)


class TestAutosave:
    def test_an_answer_is_kept_at_once_and_the_line_equals_the_page(self, browser, permohonan):
        page = soup(browser.get(url(permohonan)))
        sent = typed(browser, permohonan, e1_answer="K", autosave="1")
        swap(page, browser.post(url(permohonan), data=sent, headers=HX), "#autosave")
        assert same(
            page.find(id="autosave"), soup(browser.get(url(permohonan))).find(id="autosave")
        )
        assert answers()[0].answer is Answer.K

    def test_what_is_too_long_waits_and_is_said(self, browser, permohonan):
        sent = typed(browser, permohonan, e1_note="x" * 1001, autosave="1")
        answer = browser.post(url(permohonan), data=sent, headers=HX)
        assert answer.status_code == 422
        assert "Belum tersimpan" in words(soup(answer).select_one(".err"))


class TestBadInput:
    @pytest.mark.parametrize(
        ("changes", "field", "sentence"),
        [
            ({"e1_answer": "X"}, "e1-answer", "Pilih K atau BK"),
            ({"e1_note": "x" * 1001}, "e1-note", "Paling panjang 1000"),
            ({"e1_documents": ["TIDAKADA"]}, "", "Ada bukti yang sudah dihapus"),
        ],
    )
    def test_each_gets_its_sentence(self, browser, permohonan, changes, field, sentence):
        situations.add_document(permohonan, purpose="evidence")
        sent = typed(browser, permohonan, **{"e1_note": "tetap ada"} | changes)
        for headers in ({}, HX):
            answer = browser.post(url(permohonan), data=sent, headers=headers)
            page = soup(answer)
            assert answer.status_code == 422
            assert sentence in (errors(page).get(field) or words(page))
        assert answers() == []

    def test_anothers_file_is_no_evidence(self, browser, permohonan):
        foreign = situations.add_document(situations.draft(), purpose="evidence")
        sent = typed(browser, permohonan, e1_answer="K", e1_documents=[foreign.public_id])
        assert browser.post(url(permohonan), data=sent).status_code == 422

    def test_a_proof_of_payment_is_no_evidence(self, browser, permohonan):
        proof = situations.add_document(permohonan, purpose="payment_proof", label="Bukti bayar")
        assert "Bukti bayar" not in words(main(soup(browser.get(url(permohonan)))))
        sent = typed(browser, permohonan, e1_documents=[proof.public_id])
        assert browser.post(url(permohonan), data=sent).status_code == 422

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_two_tabs(self, browser, permohonan, headers):
        first, second = (typed(browser, permohonan, e1_answer=answer) for answer in ("K", "BK"))
        browser.post(url(permohonan), data=first)
        answer = browser.post(url(permohonan), data=second, headers=headers)
        page = soup(answer)
        assert answer.status_code == 409
        assert any("sudah berubah" in each for each in notices(page))
        assert page.select_one('input[name="e1-answer"][checked]')["value"] == "BK", (
            "what was chosen stays chosen"
        )
        assert answers()[0].answer is Answer.K
        assert (
            browser.post(url(permohonan), data=filled(form(page, url(permohonan)))).status_code
            == 303
        )

    def test_the_same_form_twice_is_no_conflict(self, browser, permohonan):
        sent = typed(browser, permohonan, e1_answer="K")
        assert [browser.post(url(permohonan), data=sent).status_code for _ in range(2)] == [
            303,
            303,
        ]

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_when_it_was_sent_it_is_closed(self, browser, headers):
        permohonan = situations.draft(browser.user, status=PermohonanStatus.SUBMITTED)
        answer = browser.post(url(permohonan), data={"e1-answer": "K"}, headers=headers)
        assert answer.status_code == 409
        assert "sudah dikirim" in notices(soup(answer))[0]
        assert answers() == []


class TestEvidenceThatGoes:
    """A file that was replaced or taken back proves nothing more."""

    def test_a_replaced_file_hands_its_place_to_the_new_one(self, browser, permohonan):
        requirement = permohonan.skema_version.requirements[0]
        old = situations.add_document(permohonan, requirement=requirement)
        browser.post(
            url(permohonan),
            data=typed(browser, permohonan, e1_answer="K", e1_documents=[old.public_id]),
        )
        browser.post(
            url_for(
                "asesi.upload_document",
                permohonan_id=permohonan.public_id,
                requirement_id=requirement.public_id,
            ),
            data={"file": situations.upload()},
        )
        new = db.session.scalars(select(Document).where(Document.replaced_at.is_(None))).one()
        assert db.session.scalars(select(FrApl02Evidence.document_id)).all() == [new.id]
        assert typed(browser, permohonan)["e1-documents"] == [new.public_id]

    def test_a_removed_file_leaves_a_gap(self, browser, permohonan):
        file = situations.add_document(permohonan, purpose="evidence")
        browser.post(
            url(permohonan),
            data=typed(browser, permohonan, e1_answer="K", e1_documents=[file.public_id]),
        )
        documents.remove(situations.actor_of(browser.user), db.session.get(Document, file.id))
        db.session.commit()
        assert "belum ada buktinya" in words(main(soup(browser.get(overview(permohonan)))))
