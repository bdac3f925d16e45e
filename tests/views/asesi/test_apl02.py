"""FR.APL.02: a unit a page, each answer saved, evidence from files already sent."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.data import read_json
from lsp.database import db, write_transaction
from lsp.models import Document, FrApl02Evidence, Permohonan
from lsp.services import documents, skema_import
from lsp.services.skema_import import SkemaHeader
from lsp.vocabulary import Answer, PermohonanStatus
from tests import factories
from tests.factories import saved
from tests.html import errors, filled, form, links, main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.support.apl02 import answers, overview, typed, url
from tests.views.asesi import situations
from tests.views.asesi.test_pages import queries, weight


def whole_form(asesi) -> Permohonan:
    """A draft for the sample skema, answered throughout."""
    data = read_json("schemes/petugas-k3-lsp-p1.json")
    head = SkemaHeader.from_dict(read_json("schemes/petugas-k3-lsp-p1.header.json"))
    with write_transaction():
        version = skema_import.import_skema(data, head)
        version.opened_at, version_id = clock.now(), version.id
    case = situations.draft(asesi, skema_version_id=version_id)
    for _ in range(8):
        situations.add_document(case, purpose="evidence")
    situations.answer_all(case, note="Pernah saya kerjakan di proyek contoh.")
    return case


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
            browser.get(address)  # the texts of a skema are read once a process
            sent = queries(lambda address=address: browser.get(address))
            assert len(sent) <= 4, "\n".join(sent)

    def test_the_real_form_takes_four_queries_a_page(self, browser):
        """9 units, 27 elemen, 91 KUK (data/schemes), every elemen answered with words and a file."""
        case = whole_form(browser.user)
        browser.get(overview(case))  # its texts are read once a process
        pages = [overview(case), f"{overview(case)}/semua", *(url(case, n) for n in range(1, 10))]
        for address in pages:
            sent = queries(lambda address=address: browser.get(address))
            assert len(sent) <= 4, "\n".join(sent)
            assert weight(browser.get(address)) <= 14_000, address

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

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"e1_answer": "K"}, "Di unit 1 masih 1 jawaban K belum ada buktinya."),
            ({"e1_note": "Setiap hari."}, "Di unit 1 masih 1 elemen belum dijawab."),
            ({"e1_answer": "BK"}, "Tersimpan."),
        ],
    )
    def test_what_the_unit_lacks_is_said_on_leaving_it(self, browser, permohonan, changes, said):
        answer = browser.post(url(permohonan), data=typed(browser, permohonan, **changes))
        page = soup(browser.get(answer.location))
        assert any(said in words(each) for each in page.select("#flash, #status, .notice"))

    def test_a_ktp_is_no_proof_of_competence_unless_it_was_named_already(self, browser, permohonan):
        ktp, other = permohonan.skema_version.requirements[:2]
        ktp.code, other.code = "1a", "3"
        file = situations.add_document(permohonan, requirement=ktp)
        letter = situations.add_document(permohonan, requirement=other)

        def offered():
            page = soup(browser.get(url(permohonan)))
            return [each["value"] for each in page.select('[name="e1-documents"]')]

        assert offered() == [letter.public_id]
        browser.post(url(permohonan), data=typed(browser, permohonan, e1_answer="K"))
        (answer,) = answers()
        saved(FrApl02Evidence(answer_id=answer.id, document_id=file.id))
        assert offered() == [file.public_id, letter.public_id]

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


class TestGaps:
    def test_each_leads_to_its_very_elemen(self, browser, permohonan):
        browser.post(url(permohonan), data=typed(browser, permohonan, e1_answer="K"))
        page = soup(browser.get(overview(permohonan)))
        rows = page.select("[aria-labelledby=belum-lengkap] li")
        found = {str(row.a["href"]): words(row.small) for row in rows}
        assert found == {
            f"{url(permohonan)}#e1": "Dijawab K, belum ada buktinya",
            f"{url(permohonan, 2)}#e1": "Belum dijawab",
        }
        for address in found:
            goal = soup(browser.get(address.partition("#")[0])).find(id="e1")
            assert goal["tabindex"] == "-1"  # so that the link moves the focus there
            assert goal.name == "h2"


class TestTheWholeForm:
    def test_it_reads_as_it_will_be_signed(self, browser, permohonan):
        file = situations.add_document(permohonan, purpose="evidence", label="Foto kerja")
        sent = typed(
            browser, permohonan, e1_answer="K", e1_note="Harian.", e1_documents=[file.public_id]
        )
        browser.post(url(permohonan), data=sent)
        text = words(main(soup(browser.get(f"{overview(permohonan)}/semua"))))
        for part in ("Bahaya 1 diidentifikasi.", "Bukti: Foto kerja ; Harian.", "Belum dijawab"):
            assert part in text

    def test_signing_leads_to_it(self, browser, permohonan):
        page = soup(browser.get(url_for("asesi.signing", permohonan_id=permohonan.public_id)))
        assert links(page)["Baca lagi isi FR.APL.02"] == f"{overview(permohonan)}/semua"


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
        requirement.code = "3"  # a KTP would be no proof
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
