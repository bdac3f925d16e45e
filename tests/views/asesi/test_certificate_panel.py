"""The Sertifikat panel, the form of a surveilan and PKB on a phone: what is to do now, nothing lost, light pages."""

from __future__ import annotations

import gzip
import io
from datetime import timedelta

import pytest
from flask import url_for
from PIL import Image
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.gateways import storage
from lsp.gateways.picture import MOST_BYTES as MOST_OF_PICTURE
from lsp.models import (
    Certificate,
    CertificatePicture,
    OutboxMessage,
    PkbActivity,
    Setting,
    Surveilan,
)
from lsp.services import certificate_pictures, surveilan
from lsp.vocabulary import CertificateStatus, Role, SurveilanStatus
from lsp.vocabulary.dates import span_words
from tests.corpus import card, encode
from tests.corpus_pdf import pdf
from tests.html import form, h1, links, main, soup, words
from tests.support.surveilan import BODY, assign, make_certificate, make_task, send
from tests.test_pages import MOST_BYTES, count_queries
from tests.views.asesi.pages import url

S = SurveilanStatus


def weigh(answer):
    assert len(gzip.compress(answer.data)) <= MOST_BYTES
    return soup(answer)


def rule(key, value):
    """A rule of the LSP from today on."""
    db.session.add(Setting(key=key, effective_from=clock.today_wib(), label=key, value=value))
    db.session.commit()


def panel(browser, certificate):
    return weigh(browser.get(url("certificate", certificate.permohonan)))


class TestThePanel:
    def test_says_first_what_is_to_do_and_how_long_it_holds(self, browser):
        certificate = make_certificate(browser.user, days_ago=100)
        certificate.pdf_key, certificate.pdf_sha256 = "a" * 32, "b" * 64
        db.session.commit()
        said = words(main(panel(browser, certificate)))
        assert "Sertifikat Anda berlaku" in said
        assert f"Berlaku {span_words(clock.today_wib(), certificate.valid_until)} lagi" in said
        assert "Dapat diajukan mulai" in said
        assert certificate.lpjk_number in said

    def test_surveilan_that_waits_comes_before_all_else(self, browser):
        task = make_task(browser.user)
        page = panel(browser, task.certificate)
        address = url("surveilan", task.permohonan, surveilan_id=task.public_id)
        assert page.select_one(".card.now a")["href"] == address
        assert links(soup(browser.get(url_for("asesi.home"))))["Isi surveilan"] == address

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            (CertificateStatus.SUSPENDED, "Sertifikat Anda dibekukan"),
            (CertificateStatus.REVOKED, "Sertifikat Anda dicabut"),
        ],
    )
    def test_a_state_with_its_day_and_meaning(self, browser, state, said):
        certificate = make_certificate(browser.user, days_ago=100)
        certificate.status, certificate.status_at = state, clock.now()
        db.session.commit()
        told = words(main(panel(browser, certificate)))
        assert said in told
        assert "sejak" in told

    def test_near_its_end_it_leads_to_the_renewal(self, browser):
        certificate = make_certificate(browser.user, days_ago=10)
        rule("renewal_months_before", 59)
        assert "Dapat diajukan mulai" in certificate_words(browser, certificate)
        rule("renewal_months_before", 60)
        said = certificate_words(browser, certificate)
        assert "Perpanjang sertifikat Anda" in said
        assert "Mulai perpanjangan" in said

    def test_shared_by_links_that_need_no_script(self, browser):
        certificate = make_certificate(browser.user, days_ago=10)
        found = links(panel(browser, certificate))
        assert found["Kirim lewat WhatsApp"].startswith("https://wa.me/?text=")
        assert certificate.token in found["Kirim lewat WhatsApp"]

    def test_others_of_the_same_person_cost_no_further_query(self, browser):
        certificate = make_certificate(browser.user, days_ago=10)
        others = [make_certificate(browser.user, days_ago=20)]
        one = count_queries(lambda: panel(browser, certificate))
        others += [make_certificate(browser.user, days_ago=20) for _ in range(3)]
        assert count_queries(lambda: panel(browser, certificate)) <= one
        page = panel(browser, certificate)
        shown = {each["href"] for each in page.select("a.tap")}
        assert {url("certificate", each.permohonan) for each in others} <= shown


def certificate_words(browser, certificate):
    return words(
        soup(browser.get(url("certificate", certificate.permohonan), follow_redirects=True))
    )


class TestThePicture:
    def test_drawn_once_small_and_served_from_the_store(self, browser):
        certificate = make_certificate(browser.user, days_ago=10)
        stored = storage.store().put(pdf())
        certificate.pdf_key, certificate.pdf_sha256 = stored.key, stored.sha256
        db.session.commit()
        assert certificate_pictures.make_missing() == 1
        assert certificate_pictures.make_missing() == 0
        row = db.session.scalars(select(CertificatePicture)).one()
        answer = browser.get(url("certificate_picture", certificate.permohonan))
        assert answer.mimetype == "image/jpeg"
        assert len(answer.data) == row.size <= MOST_OF_PICTURE
        assert max(Image.open(io.BytesIO(answer.data)).size) == 1800
        assert "Simpan gambarnya" in words(main(panel(browser, certificate)))


def at(task, name="surveilan"):
    return url(name, task.permohonan, surveilan_id=task.public_id)


class TestTheForm:
    def fill(self, browser, task, **more):
        page = soup(browser.get(at(task)))
        seen = form(page, at(task, "save_surveilan")).select_one("[name=seen]")["value"]
        typed = {
            "seen": seen, "bekerja": "ya", "tempat": BODY["tempat"], "ada_keluhan": "tidak",
            "logbook-0-proyek": "Rusun Contoh", "logbook-0-masa": "2026", "logbook-0-peran": "Petugas K3",
        }  # fmt: skip
        return browser.post(at(task, "save_surveilan"), data=typed | more)

    def test_saves_itself_goes_on_and_is_sent_signed(self, browser):
        task = make_task(browser.user)
        weigh(browser.get(at(task)))
        line = self.fill(browser, task, autosave="1")
        assert "Tersimpan" in line.get_data(as_text=True)
        db.session.expire_all()
        assert surveilan.body_of(task) == BODY
        onward = self.fill(browser, task, next="1")
        assert onward.location == at(task, "ask_send_surveilan")
        page = weigh(browser.get(at(task, "ask_send_surveilan")))
        sheet = form(page, at(task, "send_surveilan"))
        data = {each["name"]: each["value"] for each in sheet.select("[type=hidden]")}
        data |= {"agreed": "y", "typed_name": task.certificate.holder_name}
        assert browser.post(at(task, "send_surveilan"), data=data).status_code == 303
        db.session.expire_all()
        assert task.status is S.SENT
        told = words(main(weigh(browser.get(at(task)))))
        assert "Asesor menilai isian Anda" in told
        assert "Rusun Contoh" in told

    def test_another_tab_overwrites_nothing(self, browser):
        task = make_task(browser.user)
        self.fill(browser, task)
        answer = browser.post(
            at(task, "save_surveilan"), data={"seen": "0" * 16, "tempat": "Lain sama sekali"}
        )
        assert answer.status_code == 409
        assert "Lain sama sekali" in answer.get_data(as_text=True)
        db.session.expire_all()
        assert surveilan.body_of(task)["tempat"] == BODY["tempat"]

    def test_what_lacks_is_linked_before_it_is_sent(self, browser):
        task = make_task(browser.user)
        said = words(main(weigh(browser.get(at(task, "ask_send_surveilan")))))
        assert "Belum lengkap" in said
        assert "No. 1: pilih Ya atau Tidak." in said

    def test_a_file_comes_in_by_the_gateway_and_its_asesor_alone_opens_it(self, browser, sign_in):
        task = make_task(browser.user)
        photo = (io.BytesIO(encode(card(), "JPEG")), "foto.jpg")
        sent = browser.post(at(task, "upload_surveilan"), data={"label": "Foto K3", "file": photo})
        assert sent.status_code == 303
        db.session.expire_all()
        (file,) = surveilan.files_of(task)
        send(task)
        address = url_for("files.document", document_id=file.public_id)
        asesor = sign_in(Role.ASESOR)
        assert asesor.get(address).status_code == 404
        assign(task, asesor.user)
        assert asesor.get(address).status_code == 200
        page = soup(asesor.get(url_for("asesor.surveilan", surveilan_id=task.public_id)))
        assert "Rusun Contoh" in words(main(page))
        home = soup(asesor.get(url_for("asesor.home")))
        assert f"Nilai {task.certificate.holder_name}" in links(home)


class TestTheSuperior:
    def test_two_questions_answered_once_without_an_account(self, browser, client):
        task = make_task(browser.user)
        data = {
            "name": "Atasan Rekaan", "position": "Mandor", "phone": "0812 9999 0004", "email": "atasan@contoh.example",
        }  # fmt: skip
        assert browser.post(at(task, "name_superior"), data=data).status_code == 303
        mail = db.session.scalars(select(OutboxMessage).filter_by(kind="surveilan_superior")).one()
        address = url_for("superiors.ask", superior_token=mail.payload["context"]["token"])
        page = weigh(client.get(address))
        assert task.certificate.holder_name in h1(page)
        assert client.post(address, data={"bekerja": "Ya"}).status_code == 422
        whole = {"bekerja": "Ya, sebagai petugas.", "mutu": "Rapi dan aman.", "agreed": "1"}
        done = client.post(address, data=whole, follow_redirects=True)
        assert "sudah kami terima" in h1(soup(done))
        own = browser.get(at(task)).get_data(as_text=True)
        assert "Sudah menjawab" in own
        assert "Rapi dan aman." not in own


class TestPkb:
    def test_noted_with_its_proof_summed_and_judged(self, browser, sign_in):
        certificate = make_certificate(browser.user, days_ago=100)
        rule("pkb_credits", {str(certificate.jenjang): 100})
        here = url("pkb", certificate.permohonan)
        day = (clock.today_wib() - timedelta(days=3)).isoformat()
        photo = (io.BytesIO(encode(card(), "JPEG")), "sertifikat.jpg")
        data = {"label": "Pelatihan Contoh", "held_on": day, "credits": "40", "file": photo}
        assert browser.post(here, data=data).status_code == 303
        said = words(main(panel(browser, certificate)))
        assert "40 dari 100" in said
        assert "tidak meneruskannya selama angka yang diterima kurang" in said
        row = db.session.scalars(select(PkbActivity)).one()
        admin = sign_in(Role.ADMIN)
        judged = url_for(
            "admin.judge_pkb", certificate_id=certificate.public_id, activity_id=row.public_id
        )
        assert admin.post(judged, data={"accepted": "tidak"}).status_code == 409
        assert admin.post(judged, data={"accepted": "ya"}).status_code == 303
        assert "Diterima admin: 40" in words(main(weigh(browser.get(here))))
        listed = soup(admin.get(url_for("admin.surveilan_list")))
        assert "Bukti PKB" not in words(main(listed))


class TestTheAdmin:
    def test_the_list_costs_the_same_for_many(self, sign_in):
        admin = sign_in(Role.ADMIN)
        address = url_for("admin.surveilan_list", keadaan="jatuh-tempo")
        make_task()
        one = count_queries(lambda: admin.get(address))
        for _ in range(3):
            make_task()
        assert count_queries(lambda: admin.get(address)) <= one
        page = weigh(admin.get(address))
        assert len(page.select("#list .list > li")) == 4

    def test_the_overdue_leads_to_the_certificate(self, sign_in):
        task = make_task(days_ago=360)
        db.session.execute(
            Surveilan.__table__.update().values(
                until=clock.today_wib() - timedelta(days=31), reminders=2
            )
        )
        db.session.commit()
        admin = sign_in(Role.ADMIN)
        page = weigh(admin.get(url_for("admin.surveilan_list")))
        assert "Terlambat 31 hari" in words(main(page))
        certificate = db.session.get_one(Certificate, task.certificate_id)
        assert links(page)[f"Halaman sertifikat {certificate.holder_name}"].endswith(
            f"/admin/sertifikat/{certificate.public_id}"
        )
