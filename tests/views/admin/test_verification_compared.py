"""What stands beside a document: what it is compared with, and where the same file answers another row."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp.data import read_json
from lsp.database import db
from lsp.models import AuditEvent, FrApl01
from lsp.services.skema_import import document_requirements
from lsp.views.admin.compared import compared_with
from lsp.views.filters import tanggal_singkat
from lsp.vocabulary import PermohonanStatus
from lsp.workflow.dossier import dossier_of
from tests.html import filled, soup, words
from tests.support.verification import address, real_rows
from tests.workflow.cases import make_permohonan

S = PermohonanStatus


class TestSameFile:
    def test_one_that_stands_in_two_rows_is_remarked_upon_in_both(self, admin, cast):
        real_rows(cast)
        case = make_permohonan(S.SUBMITTED, cast=cast, work_done=False)
        rows = {row.code: row for row in dossier_of(case).requirements}
        files = {file.requirement_id: file for file in dossier_of(case).documents}
        for number, file in enumerate(files.values()):
            file.sha256 = f"{number:064d}"
        files[rows["2a"].id].sha256 = files[rows["1a"].id].sha256
        db.session.commit()

        def said(code):
            page = soup(admin.get(address(case, berkas=rows[code].public_id)))
            return words(page.select_one("#preview"))

        assert f"juga dikirim untuk 2a {rows['2a'].label}." in said("1a")
        assert f"juga dikirim untuk 1a {rows['1a'].label}." in said("2a")
        assert "persis sama" not in said("1b")


class TestCompared:
    """Beside the document what it is compared with, without opening anything else."""

    @pytest.fixture
    def case(self, cast):
        real_rows(cast)
        return make_permohonan(S.SUBMITTED, cast=cast, work_done=False)

    def shown(self, page):
        return words(page.select_one("#checklist li:has(#verdict) #compared"))

    def test_a_ktp_stands_beside_name_birth_and_the_end_of_the_nik(self, admin, case):
        paper = dossier_of(case).fr_apl_01
        said = self.shown(soup(admin.get(address(case))))
        assert paper.full_name in said
        assert tanggal_singkat(paper.born_on) in said
        assert paper.nik_last4 in said
        assert paper.nik not in said

    def test_the_whole_nik_is_shown_there_once_and_sealed(self, admin, case):
        nik, reveal = dossier_of(case).fr_apl_01.nik, address(case, "admin.reveal_nik")
        page = soup(admin.get(address(case)))
        values = filled(page.select_one(f'#compared form[action="{reveal}"]'))
        answer = soup(admin.post(reveal, data=values))
        assert nik in self.shown(answer)
        assert "1a" in words(answer.select_one("#checklist [data-focus]"))
        assert not answer.select_one("#apl-01").has_attr("open")
        sealed = select(AuditEvent).where(AuditEvent.action == "nik.reveal")
        assert "match_ktp" in db.session.scalars(sealed).one().details
        assert nik not in self.shown(soup(admin.get(address(case))))

    def test_what_is_not_compared_shows_nothing(self, admin, case):
        photo = next(row for row in dossier_of(case).requirements if row.code == "1d")
        assert self.shown(soup(admin.get(address(case, berkas=photo.public_id)))) == ""

    def test_each_code_is_one_of_the_checklist_and_each_field_has_words(self, cast):
        codes = {row.code for row in document_requirements(9)} | {
            row.code for row in document_requirements(4)
        }
        paper = FrApl01(full_name="Rosmaida", nik="9901", nik_last4="9901")
        for code in read_json("defaults/document_facts.json"):
            assert code in codes
            assert compared_with(code, paper, nik="").facts
