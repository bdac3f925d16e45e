"""The pages of who handles a keluhan: the register, the steps, the closing; not open to whom it is about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import Certificate, Complaint, OutboxMessage
from lsp.services import complaints
from lsp.services.complaint_handling import PER_PAGE
from lsp.services.complaints import Told
from lsp.vocabulary import ComplaintStatus, PermohonanStatus, Role
from tests import factories
from tests.html import filled, form, links, main, notices, soup, words
from tests.support.assessment import make_complaint
from tests.test_pages import count_queries
from tests.workflow.cases import make_cast, make_permohonan

BODY = "Surat saya tidak dijawab selama dua minggu."
FINDING = "Surat memang tidak dijawab selama dua minggu."
LETTER = "Kami minta maaf. Surat Anda sekarang sudah dijawab."


@pytest.fixture
def case(app):
    told = Told("K" * 24, "Warga Rekaan", "warga@contoh.example", "", "Pelayanan admin", BODY)
    made = complaints.take_in(told)
    db.session.commit()
    return made


@pytest.fixture
def admin(sign_in):
    return sign_in(Role.ADMIN)


def at(case, endpoint="complaint", **more):
    return url_for(f"complaints.{endpoint}", complaint_id=case.public_id, **more)


def press(browser, case, endpoint, page_at="complaint", **changes):
    """Fill the form of a step as the page draws it, and follow where it leads."""
    more = {"name": changes.pop("step")} if "step" in changes else {}
    action = at(case, endpoint, **more)
    typed = filled(form(soup(browser.get(at(case, page_at))), action)) | changes
    return browser.post(action, data=typed)


def now(case):
    db.session.expire_all()
    return db.session.get_one(Complaint, case.id)


class TestRegister:
    def test_a_row_is_called_by_what_it_is_about(self, admin, case):
        page = soup(admin.get(url_for("admin.complaint_list")))
        assert links(page)["Pelayanan admin"] == at(case)
        seen = [node for node in page.select("main h2") if "sr" not in node.get("class", [])]
        assert not seen, "the filter says already what is listed"

    def test_it_stands_in_the_admins_list_and_on_his_first_page(self, admin, case):
        listed = soup(admin.get(url_for("admin.complaint_list")))
        assert case.receipt in words(main(listed))
        first = soup(admin.get(url_for("admin.home")))
        tile = next(node for node in first.select(".tiles a") if "Keluhan" in words(node))
        assert "1" in words(tile)
        assert "terlambat" not in words(tile)

    def test_late_it_is_said_there(self, admin, case):
        case.register_due = clock.today_wib() - timedelta(days=1)
        db.session.commit()
        first = soup(admin.get(url_for("admin.home")))
        tile = next(node for node in first.select(".tiles a") if "Keluhan" in words(node))
        assert "1 terlambat" in words(tile)
        listed = soup(admin.get(tile["href"]))
        assert "Terlambat" in words(main(listed))
        assert case.receipt in words(main(listed))

    def test_a_filter_that_fits_none_is_empty(self, admin, case):
        answer = admin.get(url_for("admin.complaint_list", keadaan="closed"))
        assert "Tidak ada keluhan di sini" in words(main(soup(answer)))

    def test_a_list_takes_a_fixed_number_of_queries(self, admin, case):
        address = url_for("admin.complaint_list")
        few = count_queries(lambda: admin.get(address))
        for number in range(5):
            complaints.take_in(
                Told(f"{number:024d}", "Warga", "w@contoh.example", "", "Lain", BODY)
            )
        db.session.commit()
        assert count_queries(lambda: admin.get(address)) == few


class TestWhatComesFirst:
    """Above the text of the keluhan: what this person does now, or whom it waits for, and by when."""

    def first(self, browser, case):
        page = soup(browser.get(at(case)))
        return words(page.select_one("main section"))

    def test_the_admin_is_led_from_step_to_step(self, admin, sign_in, case):
        assert "Langkah Anda sekarang Daftarkan keluhan ini" in self.first(admin, case)
        assert "Daftarkan paling lambat" in self.first(admin, case)
        press(admin, case, "register")
        assert "Langkah Anda sekarang Tunjuk pemeriksa" in self.first(admin, case)
        examiner = sign_in(Role.ASESOR)
        press(admin, case, "name_investigator", person=examiner.user.public_id)
        waiting = self.first(admin, case)
        assert f"Menunggu orang lain {examiner.user.name} menulis temuannya" in waiting
        assert "Kabari pelapor paling lambat" in waiting
        assert "Langkah Anda sekarang Periksa, lalu tulis temuan" in self.first(examiner, case)
        press(examiner, case, "note", step="find", note=FINDING)
        assert "Langkah Anda sekarang Tutup dengan surat" in self.first(admin, case)
        assert "Menunggu orang lain Admin atau ketua menutup" in self.first(examiner, case)
        press(admin, case, "close", "ask_close", note=LETTER)
        assert self.first(admin, case).startswith("Pelayanan admin"), "nothing comes after the end"

    def test_the_auditor_learns_whom_it_waits_for(self, sign_in, case):
        first = self.first(sign_in(Role.AUDITOR), case)
        assert "Admin atau ketua mendaftarkan keluhan ini Anda hanya membaca." in first

    def test_a_clock_that_has_run_out_is_seen(self, admin, case):
        case.register_due = clock.today_wib() - timedelta(days=1)
        db.session.commit()
        page = soup(admin.get(at(case)))
        assert "late" in page.select_one("main section")["class"]

    def test_closing_is_no_link_before_there_is_a_finding(self, admin, sign_in, case):
        press(admin, case, "register")
        press(admin, case, "name_investigator", person=sign_in(Role.ASESOR).user.public_id)
        page = soup(admin.get(at(case)))
        assert at(case, "ask_close") not in links(page).values()
        button = page.select_one("button[disabled]")
        assert "Temuan pemeriksa belum ditulis" in words(button.parent)


class TestTheAdminsTabs:
    def test_he_keeps_them_and_comes_back_to_his_own_list(self, admin, case):
        page = soup(admin.get(at(case)))
        assert words(page.select_one("nav.tabs [aria-current]")) == "Keluhan"
        assert links(page)["← Daftar keluhan"] == url_for("admin.complaint_list")

    def test_nobody_else_has_them(self, sign_in, case):
        page = soup(sign_in(Role.AUDITOR).get(at(case)))
        assert page.select_one("nav.tabs") is None
        assert links(page)["← Daftar keluhan"] == url_for("complaints.mine")


class TestSteps:
    def test_from_the_register_to_the_letter(self, admin, sign_in, case):
        examiner = sign_in(Role.ASESOR)
        assert press(admin, case, "register").status_code == 303
        chosen = examiner.user.public_id
        assert press(admin, case, "name_investigator", person=chosen).status_code == 303
        assert case.receipt in words(main(soup(examiner.get(url_for("complaints.mine")))))
        page = soup(examiner.get(at(case)))
        assert BODY in words(main(page))
        assert f"(oleh {admin.user.name}; pelapor membacanya)" in words(main(page))
        assert at(case, "ask_close") not in links(page).values()
        assert press(examiner, case, "note", step="find", note=FINDING).status_code == 303
        answer = press(admin, case, "close", "ask_close", note=LETTER)
        assert answer.status_code == 303
        assert now(case).status is ComplaintStatus.CLOSED
        closed = words(main(soup(admin.get(at(case)))))
        assert now(case).letter_number in closed
        assert "Langkah berikutnya" not in closed

    @pytest.mark.parametrize(
        ("contact", "said"),
        [
            ("warga@contoh.example", "dikirim ke e-mail pelapor"),
            ("0800-0000-0199", "Pelapor tidak menulis alamat e-mail"),
        ],
    )
    def test_before_closing_one_reads_where_the_letter_goes(self, admin, case, contact, said):
        case.contact = contact
        db.session.commit()
        assert said in words(main(soup(admin.get(at(case, "ask_close")))))

    def test_closing_without_a_finding_keeps_the_letter_that_was_typed(self, admin, sign_in, case):
        examiner = sign_in(Role.ASESOR)
        press(admin, case, "register")
        press(admin, case, "name_investigator", person=examiner.user.public_id)
        answer = press(admin, case, "close", "ask_close", note=LETTER)
        assert answer.status_code == 409
        page = soup(answer)
        assert "Temuan pemeriksa belum ditulis" in " ".join(notices(page))
        assert filled(form(page, at(case, "close")))["note"] == LETTER

    def test_a_short_note_is_refused_where_it_was_typed(self, admin, case):
        press(admin, case, "register")
        answer = press(admin, case, "note", step="tell", note="Ya.")
        assert answer.status_code == 409
        page = soup(answer)
        area = page.find(id="note-tell")
        assert words(area) == "Ya."
        assert "sedikitnya 10 huruf" in words(page.find(id="note-tell-error"))

    def test_a_case_that_is_none_is_said_by_its_field(self, admin, case):
        answer = press(admin, case, "register", about_case="I-0000")
        assert answer.status_code == 409
        assert "Tidak ada permohonan" in words(soup(answer).find(id="about_case-error"))

    def test_two_tabs_the_second_is_told(self, admin, case):
        action = at(case, "register")
        typed = filled(form(soup(admin.get(at(case))), action))
        assert admin.post(action, data=typed).status_code == 303
        assert admin.post(action, data=typed).status_code == 409

    def test_the_ketua_handles_what_is_about_the_only_admin(self, admin, sign_in, case):
        ketua = sign_in(Role.KETUA)
        refused = press(admin, case, "register", people=[admin.user.public_id])
        assert refused.status_code == 409
        assert "Keluhan ini tentang Anda" in " ".join(notices(soup(refused)))
        assert press(ketua, case, "register", people=[admin.user.public_id]).status_code == 303
        assert admin.get(at(case)).status_code == 404
        assert case.receipt not in words(main(soup(admin.get(url_for("admin.complaint_list")))))

    def test_the_auditor_reads_without_a_button(self, sign_in, case):
        page = soup(sign_in(Role.AUDITOR).get(at(case)))
        assert BODY in words(main(page))
        assert main(page).find("form") is None


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (Role.ASESOR, "asesor.home"),
        (Role.TIM_TEKNIS, "tim_teknis.home"),
        (Role.KETUA, "ketua.home"),
    ],
)
def test_the_investigator_finds_it_on_his_first_page(admin, sign_in, case, role, home):
    examiner = sign_in(role)
    assert at(case) not in links(soup(examiner.get(url_for(home)))).values(), "not his yet"
    press(admin, case, "register")
    press(admin, case, "name_investigator", person=examiner.user.public_id)
    page = soup(examiner.get(url_for(home)))
    assert "Keluhan yang Anda periksa: 1" in words(main(page))
    assert at(case) in links(page).values()
    press(examiner, case, "note", step="find", note=FINDING)
    press(admin, case, "close", "ask_close", note=LETTER)
    assert "Keluhan yang Anda periksa" not in words(main(soup(examiner.get(url_for(home)))))


def test_more_than_a_page_of_them_are_told_and_led_to(sign_in):
    examiner = sign_in(Role.ASESOR)
    his = {"investigator_id": examiner.user.id, "status": ComplaintStatus.EXAMINED}
    for number in range(PER_PAGE):
        make_complaint(receipt=f"K-1{number:03}", **his)
    db.session.commit()
    first = main(soup(examiner.get(url_for("asesor.home"))))
    assert f"Keluhan yang Anda periksa: {PER_PAGE} " in words(first)
    assert url_for("complaints.mine") not in links(first).values()
    make_complaint(receipt="K-2000", **his)
    db.session.commit()
    section = soup(examiner.get(url_for("asesor.home"))).find(id="examines")
    assert f"Keluhan yang Anda periksa: lebih dari {PER_PAGE}" in words(section)
    assert len(section("li")) == PER_PAGE
    assert links(section)["Lihat semua keluhan"] == url_for("complaints.mine")


class TestItsLetters:
    def test_closing_shows_the_keluhan_and_the_finding(self, admin, sign_in, case):
        examiner = sign_in(Role.ASESOR)
        press(admin, case, "register")
        press(admin, case, "name_investigator", person=examiner.user.public_id)
        press(examiner, case, "note", step="find", note=FINDING)
        text = words(main(soup(admin.get(at(case, "ask_close")))))
        assert BODY in text
        assert FINDING in text
        assert text.index(FINDING) < text.index("Isi surat kepada pelapor")

    def test_what_its_complainant_was_mailed_is_read_on_its_page(self, admin, case):
        press(admin, case, "register")
        press(admin, case, "note", step="tell", note="Kami sedang meminta keterangan.")
        page = soup(admin.get(at(case)))
        mails = page.find(id="surat").find_parent("section")
        assert len(mails("details")) == 3, "the receipt, the register, the news"
        newest, receipt = words(mails("details")[0]), words(mails("details")[-1])
        assert "Kami sedang meminta keterangan." in newest
        assert f"Nomor tanda terimanya {case.receipt}" in receipt

    def test_another_keluhans_mails_are_not_among_them(self, admin, case):
        other = Told("O" * 24, "Orang Lain", "lain@contoh.example", "", "Hal lain", BODY)
        complaints.take_in(other)
        db.session.commit()
        section = soup(admin.get(at(case))).find(id="surat").find_parent("section")
        assert "Orang Lain" not in words(section)


class TestANumberOfACertificate:
    def asked(self, admin, number):
        made = complaints.take_in(
            Told("N" * 24, "Warga", "w@contoh.example", "", "Sertifikat", BODY, number)
        )
        db.session.commit()
        return made, soup(admin.get(at(made))).find(id="about_case")

    def test_one_the_lsp_never_gave_does_not_stop_the_register(self, admin):
        """It may be the very thing that is complained of."""
        made, field = self.asked(admin, "XX-1")
        assert not field.get("value")
        assert "“XX-1” yang ditulis pelapor tidak ada" in words(field.parent)
        assert press(admin, made, "register").status_code == 303

    def test_a_known_one_stands_in_the_form(self, admin):
        make_permohonan(PermohonanStatus.ISSUED, cast=make_cast())
        certificate = db.session.query(Certificate).one()
        made, field = self.asked(admin, certificate.certificate_number)
        assert field["value"] == certificate.certificate_number
        assert press(admin, made, "register").status_code == 303
        assert now(made).permohonan_id == certificate.permohonan_id


def test_staff_find_their_keluhan_from_their_account(sign_in, case):
    browser = sign_in(factories.make_user(Role.ASESOR))
    page = soup(browser.get(url_for("auth.account")))
    assert url_for("complaints.mine") in links(page).values()
    assert case.receipt not in words(main(soup(browser.get(url_for("complaints.mine")))))


def test_the_queue_of_mails_tells_nothing_of_a_keluhan(admin, case):
    """Whom it is about may be an admin: receipt and address together would open it to him."""
    mails = (
        db.session.query(OutboxMessage).filter(OutboxMessage.kind.startswith("complaint_")).all()
    )
    assert [each.kind for each in mails] == ["complaint_received", "complaint_arrived"]
    link = words(main(soup(admin.get(url_for("admin.message", message_id=mails[1].public_id)))))
    assert "hanya mengantar ke halaman sebuah keluhan" in link
    for address in (
        url_for("admin.queue"),
        url_for("admin.message", message_id=mails[0].public_id),
    ):
        said = words(main(soup(admin.get(address))))
        assert "Tanda terima keluhan" in said
        assert "pelapor keluhan" in said
        assert case.receipt not in said
        assert case.contact not in said
        assert case.name not in said
