"""The holder's answer to a proposal about his certificate, with the one file that may go with it."""

from __future__ import annotations

import io

import pytest
from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from lsp.database import db
from lsp.gateways import storage
from lsp.models import CertificateAnswerFile, CertificateProposal, Document
from lsp.services.certificate_life import PURPOSE
from lsp.vocabulary import LifeGround, LifeStep, PermohonanStatus, Role
from tests.corpus import card, encode
from tests.html import links, main, soup, words
from tests.support.certificates import answered, approved, certificate_of, proposed
from tests.workflow.cases import actor_of, make_permohonan, person
from tests.workflow.rows import upload

SAID = "Kartu itu hilang di proyek dan sudah saya laporkan ke polisi."


@pytest.fixture
def waiting(browser):
    """A proposal about the certificate of the person at the browser."""
    case = make_permohonan(PermohonanStatus.ISSUED, asesi=browser.user)
    return proposed(actor_of(person(Role.ADMIN)), certificate_of(case))


def notice_of(proposal):
    return url_for("asesi.certificate_notice", certificate_id=proposal.certificate.public_id)


def photo():
    return io.BytesIO(encode(card(), "JPEG")), "laporan.jpg"


def post(browser, proposal, file):
    data = {"version": proposal.version, "note": SAID, "file": file}
    return browser.post(notice_of(proposal), data=data)


def kept_files():
    """How many files the store holds, previews among them."""
    return sum(1 for _ in storage.store().list_keys())


class TestAnswerWithAFile:
    def test_the_ketua_and_the_case_file_lead_to_it(self, browser, sign_in, waiting):
        page = soup(browser.get(notice_of(waiting)))
        assert page.select_one("form[enctype='multipart/form-data'] input[type=file]") is not None
        assert post(browser, waiting, photo()).status_code == 303
        document = db.session.scalars(select(Document).where(Document.purpose == PURPOSE)).one()
        address = url_for("files.document", document_id=document.public_id)
        own = links(soup(browser.get(notice_of(waiting))))
        assert own["Bukti yang Anda kirim: laporan.jpg"] == address
        case_id, proposal_id = waiting.certificate.permohonan.public_id, waiting.public_id
        assert sign_in(Role.ASESI).get(address).status_code == 404
        ketua = sign_in(Role.KETUA)
        whole = soup(ketua.get(url_for("ketua_certificates.show", proposal_id=proposal_id)))
        assert links(whole)["Buka bukti dari pemegang"] == address
        opened = ketua.get(address)
        assert (opened.status_code, opened.content_type) == (200, "image/jpeg")
        # Before anything is decided it stands among the papers, on screen and in print.
        for role, endpoint in ((Role.AUDITOR, "case_file.show"), (Role.ADMIN, "admin.case_file")):
            file = soup(sign_in(role).get(url_for(endpoint, permohonan_id=case_id)))
            assert "Bukti pemegang atas usulan pembekuan sertifikat" in words(main(file))
            assert address in links(file).values()

    def test_what_cannot_be_read_loses_no_words_and_answers_nothing(self, browser, waiting):
        told = post(browser, waiting, (io.BytesIO(b"bukan gambar"), "catatan.txt"))
        assert told.status_code == 422
        page = soup(told)
        assert page.select_one("textarea[name=note]").text.strip() == SAID
        assert page.select_one("#file-error") is not None
        db.session.refresh(waiting)
        assert waiting.answered_at is None
        assert post(browser, waiting, (io.BytesIO(b""), "")).status_code == 303  # without a file

    def test_refused_afterwards_nothing_stays_in_the_store(self, browser, waiting):
        before = kept_files()
        data = {"version": waiting.version + 1, "note": SAID, "file": photo()}
        assert browser.post(notice_of(waiting), data=data).status_code == 409
        assert kept_files() == before
        assert db.session.scalar(select(func.count(CertificateAnswerFile.id))) == 0

    def test_the_same_file_answers_a_second_proposal(self, browser, waiting):
        ketua, admin = actor_of(person(Role.KETUA)), actor_of(person(Role.ADMIN))
        assert post(browser, waiting, photo()).status_code == 303
        db.session.refresh(waiting)
        approved(ketua, waiting)
        again = proposed(admin, waiting.certificate, LifeStep.REVOKE, LifeGround.MISUSE)
        assert post(browser, again, photo()).status_code == 303
        assert db.session.scalar(select(func.count(CertificateAnswerFile.id))) == 2

    @pytest.mark.both
    def test_the_database_takes_no_file_once_it_is_answered(self, waiting):
        answered(waiting)
        late = upload(waiting.certificate.permohonan, "Terlambat", PURPOSE)
        db.session.add(CertificateAnswerFile(proposal_id=waiting.id, document_id=late.id))
        with pytest.raises(IntegrityError, match="frozen: certificate_answer_file"):
            db.session.flush()
        db.session.rollback()
        assert db.session.scalars(select(CertificateProposal.answer)).one()
