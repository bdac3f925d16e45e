"""A case that came back repaired: what changed in it, and what was repaired at SIKI."""

from __future__ import annotations

from datetime import date

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import FieldSource
from lsp.services import apl01, apl01_rows, repair_answers, signing, verification
from lsp.vocabulary import FieldOrigin, Form, FormSection, PermohonanStatus, Role, Verdict
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN
from tests.html import soup, words
from tests.support.verification import NOTE, address, judge
from tests.workflow.cases import actor_of, make_permohonan, upload

S = PermohonanStatus


def returned_and_sent_again(cast, change, *sections, siki=""):
    """A case that came back: what was marked, what the asesi changed, signed and sent once more.

    siki: the field of FR.APL.01 that a dossier had filled in.
    """
    case = make_permohonan(S.SUBMITTED, cast=cast)
    if siki:
        source = FieldSource(
            permohonan_id=case.id, field=siki, origin=FieldOrigin.SIKI, at=clock.now()
        )
        db.session.add(source)
    staff, asesi = cast.of(Role.ADMIN, case), actor_of(case.asesi)
    for section in sections:
        verification.judge(staff, case, section, verdict=Verdict.FAILS, note=NOTE)
    PERMOHONAN.perform(case, "return_for_repair", staff, version=case.version)
    db.session.commit()
    change(case)
    for paper in (Form.FR_APL_01, Form.FR_APL_02):
        if dossier_of(case).signature(paper, Role.ASESI) is None:
            signing.sign(asesi, case, paper, Role.ASESI, typed_name=case.asesi_name)
    PERMOHONAN.perform(case, "submit", asesi, version=case.version)
    db.session.commit()
    return case


class TestAtSiki:
    @pytest.fixture
    def case(self, cast):
        return returned_and_sent_again(cast, lambda case: None, FormSection.PRIBADI, siki="address")

    def test_it_meets_once_it_is_ticked_as_seen_there(self, admin, case):
        page = soup(admin.get(address(case, berkas="pribadi")))
        tick = page.select_one("#verdict [name=seen_at_siki]")
        assert words(tick.find_parent("label")) == "Perbaikannya sudah saya lihat di SIKI"
        refused = judge(admin, case, "pribadi", verdict="meets")
        assert refused.status_code == 422
        assert "Buka SIKI" in words(soup(refused).select_one("#note-error"))
        assert judge(admin, case, "pribadi", verdict="meets", seen_at_siki="y").status_code == 303
        db.session.expire_all()
        item = dossier_of(case).sections[FormSection.PRIBADI]
        assert (item.verdict, bool(item.siki_seen_at)) == (Verdict.MEETS, True)

    def test_nothing_is_ticked_where_it_was_repaired_here(self, admin, cast):
        def change(case):
            apl01.save_section(case, "pribadi", {"address": "Jl. Baru 5"})

        case = returned_and_sent_again(cast, change, FormSection.PRIBADI, siki="address")
        page = soup(admin.get(address(case, berkas="pribadi")))
        assert page.select_one("#verdict [name=seen_at_siki]") is None
        assert judge(admin, case, "pribadi", verdict="meets").status_code == 303


class TestAnswered:
    """The asesi left a section as it is and said why (`repair_answers`)."""

    def test_the_admin_reads_it_beside_the_section_and_judges_anew(self, admin, cast):
        def answer(case):
            asesi = actor_of(case.asesi)
            repair_answers.answer(asesi, case, FormSection.PRIBADI, "KTP saya memang begitu.")

        case = returned_and_sent_again(cast, answer, FormSection.PRIBADI)
        row = soup(admin.get(address(case, berkas="pribadi"))).find(id="butir-pribadi")
        assert "Jawaban asesi: KTP saya memang begitu." in words(row)
        assert "dijawab, nilai lagi" in words(row)
        assert judge(admin, case, "pribadi", verdict="meets").status_code == 303


def test_a_judged_section_is_no_document_of_the_summary(admin, cast):
    case = make_permohonan(S.SUBMITTED, cast=cast)
    count = len(dossier_of(case).requirements)
    verification.judge(
        cast.of(Role.ADMIN, case), case, FormSection.PRIBADI, verdict=Verdict.FAILS, note=NOTE
    )
    PERMOHONAN.perform(case, "return_for_repair", cast.of(Role.ADMIN, case), version=case.version)
    db.session.commit()
    assert f"dari {count} butir ada" in words(soup(admin.get(address(case))).main)


class TestWhatChanged:
    def table(self, page):
        return [
            [words(cell) for cell in row.select("th, td")]
            for row in page.select("#preview tbody tr")
        ]

    def test_a_field_shows_its_old_and_new_value(self, admin, cast):
        old = []

        def change(case):
            old.append(dossier_of(case).fr_apl_01.address)
            apl01.save_section(case, "pribadi", {"address": "Jl. Baru 5"})

        case = returned_and_sent_again(cast, change, FormSection.PRIBADI)
        page = soup(admin.get(address(case)))
        assert "berubah, nilai lagi" in words(page.select_one("#butir-pribadi"))
        assert f"Catatan yang lalu: {NOTE}" in words(page.select_one("#butir-pribadi"))
        page = soup(admin.get(address(case, berkas="pribadi")))
        assert self.table(page) == [["Alamat rumah", old[0], "Jl. Baru 5"]]

    def test_a_nik_is_not_shown_whole(self, admin, cast):
        def change(case):
            apl01.save_section(case, "pribadi", {"nik": "9901010101900009"})

        case = returned_and_sent_again(cast, change, FormSection.PRIBADI)
        ((label, before, after),) = self.table(soup(admin.get(address(case, berkas="pribadi"))))
        assert "NIK" in label
        assert after == "************0009"
        assert set(before[:12]) == {"*"}

    def test_a_row_of_experience_is_gone_and_another_came(self, admin, cast):
        def change(case):
            (row,) = dossier_of(case).fr_apl_01.experiences
            apl01_rows.remove(case, "pengalaman", row.public_id)
            apl01_rows.add(case, "pengalaman", {
                "employer": "PT Lain", "project": "Jembatan", "position": "Pelaksana",
                "started_on": date(2019, 1, 1), "ended_on": date(2025, 1, 1),
            })  # fmt: skip

        case = returned_and_sent_again(cast, change, FormSection.PENGALAMAN)
        rows = self.table(soup(admin.get(address(case, berkas="pengalaman"))))
        assert [row[0] for row in rows] == ["Dihapus", "Ditambah"]
        assert "PT Lain" in rows[1][2]

    def test_a_new_file_stands_beside_the_old_one(self, admin, cast):
        names = []

        def change(case):
            row = dossier_of(case).requirements[0]
            for file in dossier_of(case).documents:
                if file.requirement_id == row.id:
                    file.replaced_at = clock.now()
                    names.append(file.original_name)
            upload(case, "Baru", "requirement", requirement_id=row.id)

        case = make_permohonan(S.SUBMITTED, cast=cast)
        row = dossier_of(case).requirements[0]
        item = dossier_of(case).checklist[row.id]
        item.verdict, item.note = Verdict.FAILS, "Buram."
        db.session.commit()
        staff, asesi = cast.of(Role.ADMIN, case), actor_of(case.asesi)
        PERMOHONAN.perform(case, "return_for_repair", staff, version=case.version)
        change(case)
        PERMOHONAN.perform(case, "submit", asesi, version=case.version)
        db.session.commit()
        page = soup(admin.get(address(case, berkas=row.public_id)))
        figures = [words(each.select_one(".eyebrow")) for each in page.select("#preview figure")]
        assert figures == ["Berkas baru", "Berkas lama, yang dinilai sebelumnya"]
        old = page.select("#preview figure")[1]
        assert admin.get(old.select_one("[data-file]")["href"]).status_code in (200, 404)
        assert names[0] in words(old)
        judge(admin, case, row.public_id, verdict="meets")
        page = soup(admin.get(address(case, berkas=row.public_id)))
        assert len(page.select("#preview figure")) == 1, "judged, it is no news any more"
