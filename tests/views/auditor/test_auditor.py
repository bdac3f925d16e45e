"""The auditor reads cases and the audit chain, and changes nothing."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import text

from lsp.actor import SYSTEM
from lsp.database import db, write_transaction
from lsp.models import FrApl01
from lsp.services import audit
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN
from tests.html import main, notices, soup, table_rows, words
from tests.htmx import HX, same, swap
from tests.workflow.cases import make_permohonan
from tests.workflow.rows import upload


@pytest.fixture
def auditor(sign_in):
    return sign_in(Role.AUDITOR)


class TestCases:
    @pytest.mark.parametrize(
        "status", [PermohonanStatus.SUBMITTED, PermohonanStatus.INVOICED, PermohonanStatus.ISSUED]
    )
    def test_a_case_is_read_and_nothing_can_be_pressed(self, auditor, status):
        case = make_permohonan(status)
        page = soup(auditor.get(url_for("auditor.permohonan", permohonan_id=case.public_id)))
        assert words(page.select_one("#case h2")) == case.asesi_name
        assert page.select("#case form, #case button") == []
        assert db.session.get(FrApl01, case.id).nik not in str(page)
        assert "/admin" not in str(main(page))

    def test_the_proof_of_payment_is_offered_to_the_admin_alone(self, auditor, sign_in):
        case = make_permohonan(PermohonanStatus.INVOICED)
        proof = upload(case, "Bukti bayar", "payment_proof", original_name="struk.jpg")
        dossier_of(case).invoices[-1].proof_document_id = proof.id
        db.session.commit()
        for browser, endpoint, offered in (
            (auditor, "auditor.permohonan", False),
            (sign_in(Role.ADMIN), "admin.permohonan", True),
        ):
            page = soup(browser.get(url_for(endpoint, permohonan_id=case.public_id)))
            assert ("struk.jpg" in words(page)) is offered

    def test_finds_a_case_by_name(self, auditor):
        case = make_permohonan(PermohonanStatus.PAID)
        found = auditor.post("/auditor/cari", data={"cari": case.asesi_name}, follow_redirects=True)
        assert [words(each) for each in soup(found).select("#work-list tbody a")] == [
            case.asesi_name
        ]

    def test_a_panel_equals_the_page(self, auditor):
        case = make_permohonan(PermohonanStatus.PAID)
        before = soup(auditor.get("/auditor?kerja=semua"))
        link = before.find("a", string=case.asesi_name)["href"]
        answer = auditor.get(link, headers=HX)
        assert same(main(swap(before, answer, "#workbench")), main(soup(auditor.get(link))))


class TestChain:
    def write(self, count):
        with write_transaction():
            for number in range(count):
                audit.note(SYSTEM, f"contoh.{number}", "contoh", "X")

    def test_newest_first_by_pages(self, auditor):
        self.write(60)
        first = soup(auditor.get("/auditor/rantai"))
        second = soup(auditor.get(first.select_one("a[rel=next]")["href"]))
        numbers = [
            int(row["Baris"])
            for page in (first, second)
            for row in table_rows(page.select_one("table"))
        ]
        assert numbers == sorted(numbers, reverse=True)
        assert numbers[-1] == 1
        assert len(numbers) == len(set(numbers)) >= 60

    def test_it_speaks_words_and_no_codes(self, auditor):
        with write_transaction():
            audit.note(
                SYSTEM,
                "permohonan.submit",
                "permohonan",
                "X1",
                **{"from": "draft", "to": "submitted"},
            )
            audit.note(SYSTEM, "pleno.vote", "pleno_case", "X2", agrees=True)
        vote, sent = table_rows(soup(auditor.get("/auditor/rantai")).select_one("table"))[:2]
        assert (vote["Langkah"], vote["Objek"]) == ("Memberi suara", "Agenda pleno X2")
        assert vote["Rincian"].startswith("setuju ya")
        assert sent["Langkah"] == next(
            row.label for row in PERMOHONAN.transitions if row.name == "submit"
        )
        assert f"dari {PermohonanStatus.DRAFT.label}, menjadi" in sent["Rincian"]

    @pytest.mark.parametrize("how", [{}, HX])
    def test_a_whole_chain_holds(self, auditor, how):
        self.write(3)
        answer = auditor.post("/auditor/rantai", headers=how)
        assert "Rantai utuh" in notices(soup(answer))[0]

    def test_a_changed_row_is_named(self, auditor):
        self.write(3)
        db.session.execute(text("DROP TRIGGER audit_event_no_update"))
        db.session.execute(text("UPDATE audit_event SET action = 'lain' WHERE seq = 2"))
        db.session.commit()
        assert (
            "Rantai putus di baris 2: baris ini berubah"
            in notices(soup(auditor.post("/auditor/rantai")))[0]
        )

    @pytest.mark.parametrize("place", ["x", "-1", "9" * 40, "0"])
    def test_a_broken_place_is_left_out(self, auditor, place):
        assert auditor.get(f"/auditor/rantai?sebelum={place}").status_code == 200


def test_a_name_with_many_digits_is_still_a_name(auditor):
    case = make_permohonan(PermohonanStatus.PAID)
    case.asesi_name = "Asesi Rekaan 1234567"
    db.session.commit()
    found = auditor.post("/auditor/cari", data={"cari": case.asesi_name}, follow_redirects=True)
    assert case.asesi_name in words(soup(found).select_one("#work-list tbody"))
