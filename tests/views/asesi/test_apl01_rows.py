"""The rows of FR.APL.01: added, changed, removed and taken back; two tabs, bad input, proofs, the highest education."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp.database import db, write_transaction
from lsp.models import FrApl01, Permohonan
from lsp.services import prefill
from lsp.services.prefill import Known
from lsp.vocabulary import FieldOrigin, Form, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.html import errors, filled, form, links, main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.views.asesi import situations
from tests.views.asesi.test_pages import MOST_BYTES, weight

EDUCATION = {
    "level": "SMA/SMK", "school": "SMK Contoh", "study_programme": "Bangunan", "graduation_year": "2009",
    "diploma_number": "DN-01/2009", "diploma_date": "2009-06-20",
}  # fmt: skip
EXPERIENCE = {
    "position": "Pengawas K3", "project": "Rusun Contoh", "employer": "CV Bangun Rekaan", "started_on": "2018-01-01",
    "ended_on": "31/12/2020",
}  # fmt: skip
TRAINING = {"name": "K3 Konstruksi", "organiser": "Balai Contoh", "hours": "32"}
ROWS = {"pendidikan": EDUCATION, "pengalaman": EXPERIENCE, "pelatihan": TRAINING}
KINDS = list(ROWS)
RELATIONS = {"pendidikan": "educations", "pengalaman": "experiences", "pelatihan": "trainings"}


def url(permohonan, kind="pengalaman") -> str:
    return url_for("asesi.rows", permohonan_id=permohonan.public_id, kind=kind)


def stored(permohonan, kind="pengalaman") -> list:
    db.session.expire_all()
    return getattr(db.session.get_one(FrApl01, permohonan.id), RELATIONS[kind])


def row_url(permohonan, kind="pengalaman", number=0) -> str:
    return f"{url(permohonan, kind)}/{stored(permohonan, kind)[number].public_id}"


class TestAdding:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_row_is_added_and_stands_once_when_sent_twice(self, browser, permohonan, kind):
        for _ in range(2):
            answer = browser.post(url(permohonan, kind), data=ROWS[kind])
            assert answer.location == url(permohonan, kind)
        assert len(stored(permohonan, kind)) == 1

    @pytest.mark.parametrize("kind", KINDS)
    def test_panel_equals_page(self, browser, permohonan, kind):
        page = soup(browser.get(url(permohonan, kind)))
        answer = browser.post(url(permohonan, kind), data=ROWS[kind], headers=HX)
        swap(page, answer, "#rows-panel")
        assert same(page.main, soup(browser.get(url(permohonan, kind))).main)

    def test_what_a_row_holds_is_shown(self, browser, permohonan):
        more = {"project_value": "Rp1.500.000.000", "location": "Medan", "simpan_number": "1-01"}
        browser.post(url(permohonan), data=EXPERIENCE | more)
        text = words(main(soup(browser.get(url(permohonan)))))
        for part in ("Rusun Contoh, Medan", "31 Des 2020", "Nilai Rp1.500.000.000, SIMPAN 1-01",
                     "Surat referensi: belum diunggah", "3 tahun 0 bulan"):  # fmt: skip
            assert part in text
        browser.post(url(permohonan, "pendidikan"), data=EDUCATION)
        text = words(main(soup(browser.get(url(permohonan, "pendidikan")))))
        assert "SMK Contoh, lulus 2009 Ijazah DN-01/2009, 20 Jun 2009" in text

    def test_work_that_goes_on_has_no_end(self, browser, permohonan):
        browser.post(url(permohonan), data=EXPERIENCE | {"ended_on": "", "still": "y"})
        assert stored(permohonan)[0].ended_on is None
        assert "1 Jan 2018 – sekarang" in words(main(soup(browser.get(url(permohonan)))))

    def test_the_list_ends(self, browser, permohonan):
        for number in range(10):
            browser.post(url(permohonan, "pendidikan"), data=EDUCATION | {"school": f"S{number}"})
        answer = browser.post(url(permohonan, "pendidikan"), data=EDUCATION)
        assert answer.status_code == 409
        assert any("Paling banyak 10" in each for each in notices(soup(answer)))

    def test_twenty_rows_of_work_are_light(self, browser, permohonan):
        for number in range(20):
            row = EXPERIENCE | {"project": f"Pembangunan rumah susun contoh nomor {number}"}
            browser.post(url(permohonan), data=row | {"location": f"Kota Contoh {number}"})
        assert weight(browser.get(url(permohonan))) <= MOST_BYTES


class TestBadInput:
    @pytest.mark.parametrize(
        ("kind", "changes", "sentence"),
        [
            ("pengalaman", {"position": ""}, "Isi jabatan Anda."),
            ("pengalaman", {"project": "x" * 201}, "Paling panjang 200"),
            ("pengalaman", {"started_on": "besok"}, "31/12/1990"),
            ("pengalaman", {"started_on": ""}, "Isi tanggal mulai."),
            ("pengalaman", {"started_on": "2035-01-01", "ended_on": "2036-01-01"}, "belum tiba"),
            ("pengalaman", {"ended_on": ""}, "Isi tanggal selesai, atau centang"),
            ("pengalaman", {"still": "y"}, "Kosongkan tanggal selesai"),
            ("pengalaman", {"project_value": "satu miliar"}, "angka saja"),
            ("pengalaman", {"proof": "TIDAKADA"}, "berkas dari daftar"),
            ("pendidikan", {"level": "S9"}, "Pilih jenjang pendidikan."),
            ("pendidikan", {"level": ""}, "Pilih jenjang pendidikan."),
            ("pendidikan", {"diploma_date": "2035-01-01"}, "belum tiba"),
            ("pelatihan", {"organiser": ""}, "Isi nama penyelenggara."),
            ("pelatihan", {"hours": "banyak"}, "angka saja"),
        ],
    )
    def test_it_is_said_and_what_was_typed_stays(
        self, browser, permohonan, kind, changes, sentence
    ):
        for headers in ({}, HX):
            answer = browser.post(url(permohonan, kind), data=ROWS[kind] | changes, headers=headers)
            assert answer.status_code == 422
            assert sentence in words(soup(answer))
            first = next(name for name in ROWS[kind] if name not in changes)
            sent = filled(form(soup(answer), url(permohonan, kind)))
            assert sent[first] in (ROWS[kind][first], [ROWS[kind][first]])
        assert stored(permohonan, kind) == []

    def test_dates_that_run_backwards(self, browser, permohonan):
        answer = browser.post(url(permohonan), data=EXPERIENCE | {"ended_on": "2017-01-01"})
        assert answer.status_code == 409
        assert "lebih awal" in errors(soup(answer))["ended_on"]
        assert soup(answer).find(id="project")["value"] == "Rusun Contoh"


class TestChanging:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("headers", [{}, HX])
    def test_a_row_is_changed_and_the_change_taken_back(self, browser, permohonan, kind, headers):
        browser.post(url(permohonan, kind), data=ROWS[kind])
        name = {"pendidikan": "school", "pengalaman": "project", "pelatihan": "organiser"}[kind]
        where = row_url(permohonan, kind)
        sent = filled(form(soup(browser.get(where)), where)) | {name: "Lain"}
        answer = browser.post(where, data=sent, headers=headers)
        assert "diubah" in notices(soup(answer))[0]
        assert getattr(stored(permohonan, kind)[0], name) == "Lain"
        undo = soup(answer).select_one(".notice form")
        assert browser.post(undo["action"], data=filled(undo), headers=headers).status_code == 200
        (row,) = stored(permohonan, kind)
        assert getattr(row, name) == ROWS[kind][name]

    def test_the_form_shows_what_is_stored(self, browser, permohonan):
        more = {"ended_on": "", "still": "y", "project_value": "2.000"}
        browser.post(url(permohonan), data=EXPERIENCE | more)
        where = row_url(permohonan)
        sent = filled(form(soup(browser.get(where)), where))
        assert (sent["position"], sent["started_on"], sent["ended_on"], sent["still"], sent["project_value"]) == (
            "Pengawas K3", "2018-01-01", "", ["y"], "2000",
        )  # fmt: skip

    def test_the_second_tab_is_told_and_keeps_what_it_typed(self, browser, permohonan):
        browser.post(url(permohonan), data=EXPERIENCE)
        where = row_url(permohonan)
        first, second = (
            filled(form(soup(browser.get(where)), where)) | {"project": name} for name in ("A", "B")
        )
        browser.post(where, data=first)
        answer = browser.post(where, data=second)
        page = soup(answer)
        assert answer.status_code == 409
        assert page.find(id="project")["value"] == "B"
        assert stored(permohonan)[0].project == "A"
        assert browser.post(where, data=filled(form(page, where))).status_code == 200
        assert stored(permohonan)[0].project == "B"

    def test_a_row_from_elsewhere_says_so_until_it_is_changed(self, browser, permohonan):
        known = Known(trainings=[{"name": "SMKK", "organiser": "Balai Contoh"}])
        with write_transaction():
            prefill.fill(db.session.get_one(Permohonan, permohonan.id), known, FieldOrigin.SIKI)
        page = main(soup(browser.get(url(permohonan, "pelatihan"))))
        assert "Dari SIKI-LPJK" in words(page)
        where = row_url(permohonan, "pelatihan")
        sent = filled(form(soup(browser.get(where)), where)) | {"hours": "16"}
        browser.post(where, data=sent)
        page = main(soup(browser.get(url(permohonan, "pelatihan"))))
        assert "Dari SIKI-LPJK" not in words(page)

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("headers", [{}, HX])
    def test_of_a_row_removed_in_another_tab_the_typed_text_stays(
        self, browser, permohonan, kind, headers
    ):
        browser.post(url(permohonan, kind), data=ROWS[kind])
        where = row_url(permohonan, kind)
        name = {"pendidikan": "school", "pengalaman": "project", "pelatihan": "organiser"}[kind]
        typed = filled(form(soup(browser.get(where)), where)) | {name: "Baru saja diketik"}
        browser.post(f"{where}/hapus")
        answer = browser.post(where, data=typed, headers=headers)
        assert answer.status_code == 409
        page = soup(answer)
        assert "sudah tidak ada" in notices(page)[0]
        again = form(page, url(permohonan, kind))
        assert again.find(id=name)["value"] == "Baru saja diketik"
        browser.post(url(permohonan, kind), data=filled(again), headers=headers)
        (row,) = stored(permohonan, kind)
        assert getattr(row, name) == "Baru saja diketik"

    def test_a_row_of_another_form_is_as_one_that_is_gone(self, browser, permohonan):
        other = situations.draft()
        row = situations.add_experience(other)
        where = f"{url(permohonan)}/{row.public_id}"
        answers = [
            browser.get(where),
            browser.post(where, data=EXPERIENCE | {"project": "Lain"}),
            browser.post(f"{where}/hapus"),
        ]
        assert [each.status_code for each in answers] == [404, 409, 303]
        (untouched,) = stored(other)
        assert untouched.project != "Lain"
        assert untouched.project not in answers[1].get_data(as_text=True)


class TestRemoving:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("headers", [{}, HX])
    def test_a_removed_row_can_be_taken_back(self, browser, permohonan, kind, headers):
        browser.post(url(permohonan, kind), data=ROWS[kind])
        page = soup(browser.get(url(permohonan, kind)))
        answer = browser.post(page.select_one("#rows-panel li form")["action"], headers=headers)
        assert stored(permohonan, kind) == []
        after = soup(answer)
        assert "dihapus" in notices(after)[0]
        undo = after.select_one(".notice form")
        assert words(undo.button).startswith("Batalkan penghapusan")
        browser.post(undo["action"], data=filled(undo), headers=headers)
        assert len(stored(permohonan, kind)) == 1

    def test_removed_twice_it_says_so(self, browser, permohonan):
        browser.post(url(permohonan), data=EXPERIENCE)
        where = f"{row_url(permohonan)}/hapus"
        browser.post(where)
        again = browser.post(where)
        assert again.location == url(permohonan)
        assert "sudah dihapus" in words(soup(browser.get(again.location)))
        panel = browser.post(where, headers=HX)
        assert panel.status_code == 200
        assert "sudah dihapus" in panel.get_data(as_text=True)


class TestProof:
    def proof_of(self, permohonan, code):
        requirement = permohonan.skema_version.requirements[0]
        requirement.code = code
        return situations.add_document(
            permohonan, requirement=requirement, original_name="surat.pdf"
        )

    @pytest.mark.parametrize(("kind", "code"), [("pengalaman", "3"), ("pelatihan", "4")])
    def test_a_file_that_was_sent_may_be_chosen(self, browser, permohonan, kind, code):
        file = self.proof_of(permohonan, code)
        page = soup(browser.get(url(permohonan, kind)))
        options = {words(each): each["value"] for each in page.select("#proof option")}
        assert options == {"Belum dipilih": "", "surat.pdf": file.public_id}
        browser.post(url(permohonan, kind), data=ROWS[kind] | {"proof": file.public_id})
        assert "surat.pdf" in words(
            soup(browser.get(url(permohonan, kind))).select_one("#rows-panel li")
        )
        where = row_url(permohonan, kind)
        assert filled(form(soup(browser.get(where)), where))["proof"] == [file.public_id]

    def test_a_row_without_the_file_that_was_sent_leads_to_choosing_it(self, browser, permohonan):
        browser.post(url(permohonan), data=EXPERIENCE)
        self.proof_of(permohonan, "3")
        row = soup(browser.get(url(permohonan))).select_one("#rows-panel li")
        assert "belum diunggah" not in words(row)
        assert links(row)["pilih berkasnya"] == f"{row_url(permohonan, 'pengalaman')}#proof"

    def test_a_file_of_another_kind_is_none(self, browser, permohonan):
        self.proof_of(permohonan, "4")
        page = soup(browser.get(url(permohonan)))
        assert page.select_one("select#proof") is None
        assert "Belum ada surat referensi yang diunggah" in words(main(page))

    def test_a_removed_file_proves_nothing(self, browser, permohonan):
        file = self.proof_of(permohonan, "3")
        browser.post(url(permohonan), data=EXPERIENCE | {"proof": file.public_id})
        db.session.merge(file).replaced_at = file.created_at
        db.session.commit()
        assert "belum diunggah" in words(
            soup(browser.get(url(permohonan))).select_one("#rows-panel li")
        )


class TestTheHighestEducation:
    """The form prints one qualification, and everybody else reads it there."""

    def form_of(self, permohonan) -> FrApl01:
        db.session.expire_all()
        return db.session.get_one(FrApl01, permohonan.id)

    def test_the_form_follows_the_highest_row(self, browser, permohonan):
        browser.post(url(permohonan, "pendidikan"), data=EDUCATION)
        browser.post(
            url(permohonan, "pendidikan"),
            data={"level": "S1", "school": "Universitas Contoh", "graduation_year": "2014"},
        )
        browser.post(url(permohonan, "pendidikan"), data={"level": "SMP", "school": "SMP Contoh"})
        row = self.form_of(permohonan)
        assert (row.education, row.school, row.graduation_year) == (
            "S1",
            "Universitas Contoh",
            2014,
        )
        browser.post(f"{row_url(permohonan, 'pendidikan', 1)}/hapus")
        row = self.form_of(permohonan)
        assert (row.education, row.school, row.graduation_year) == ("SMA/SMK", "SMK Contoh", 2009)

    def test_a_form_filled_before_there_were_rows_shows_one(self, browser, permohonan):
        row = situations.fill_apl_01(permohonan)
        row.school = "SMK Lama"
        db.session.commit()
        page = soup(browser.get(url(permohonan, "pendidikan")))
        assert "SMK Lama" in words(page.select_one("#rows-panel li"))
        assert stored(permohonan, "pendidikan") == []
        browser.post(url(permohonan, "pendidikan"), data={"level": "D3", "school": "Politeknik"})
        assert [each.level for each in stored(permohonan, "pendidikan")] == ["SMA/SMK", "D3"]
        assert self.form_of(permohonan).education == "D3"

    def test_that_one_can_be_changed_and_removed(self, browser, permohonan):
        row = situations.fill_apl_01(permohonan)
        row.school = "SMK Lama"
        db.session.commit()
        where = f"{url(permohonan, 'pendidikan')}/semula"
        sent = filled(form(soup(browser.get(where)), where)) | {"school": "SMK Baru"}
        browser.post(where, data=sent)
        assert [each.school for each in stored(permohonan, "pendidikan")] == ["SMK Baru"]
        browser.post(f"{row_url(permohonan, 'pendidikan')}/hapus")
        assert self.form_of(permohonan).education == ""

    def test_looking_at_it_leaves_a_signature_standing(self, browser):
        permohonan = situations.ready_to_send(browser.user)
        browser.get(url(permohonan, "pendidikan"))
        assert dossier_of(permohonan).signature(Form.FR_APL_01, Role.ASESI) is not None

    def test_filling_from_elsewhere_is_followed_too(self, browser, permohonan):
        known = Known(educations=[{"level": "S2", "school": "Universitas Contoh"}])
        with write_transaction():
            prefill.fill(db.session.get_one(Permohonan, permohonan.id), known, FieldOrigin.SHEET)
        assert self.form_of(permohonan).education == "S2"


class TestWhenItWasSent:
    def test_the_pages_lead_to_what_was_filled(self, browser):
        permohonan = situations.draft(browser.user, status=PermohonanStatus.SUBMITTED)
        row = situations.add_experience(permohonan)
        for where in (url(permohonan), f"{url(permohonan)}/{row.public_id}"):
            assert browser.get(where).status_code == 303

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_late_presses_are_refused(self, browser, headers):
        permohonan = situations.draft(browser.user, status=PermohonanStatus.SUBMITTED)
        row = situations.add_experience(permohonan)
        where = f"{url(permohonan)}/{row.public_id}"
        for each in (url(permohonan), where, f"{where}/hapus"):
            answer = browser.post(each, data=EXPERIENCE | {"project": "Lain"}, headers=headers)
            assert answer.status_code == 409
            assert "sudah dikirim" in words(soup(answer))
        assert [each.project for each in stored(permohonan)] == ["Rusun Contoh"]
