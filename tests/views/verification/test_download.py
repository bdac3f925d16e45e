"""The holder's own PDF: his alone and the LSP's, as a file and never as a page, with a line in the audit chain."""

from __future__ import annotations

import hashlib

import pytest
from flask import url_for
from sqlalchemy import func, select

from lsp.database import db
from lsp.models import AuditEvent, Certificate
from lsp.services import certificates
from lsp.vocabulary import PermohonanStatus, Role
from tests.html import h1, soup
from tests.workflow.cases import make_cast, make_permohonan


@pytest.fixture
def case(app):
    return make_permohonan(PermohonanStatus.ISSUED, cast=make_cast())


def url(case):
    return url_for("verification.download", permohonan_id=case.public_id)


def ready(case):
    made = db.session.scalar(select(Certificate).where(Certificate.permohonan_id == case.id))
    certificates.make_pdf(made.public_id, base_url="http://localhost")
    db.session.expire_all()
    return made


def test_until_the_worker_was_there_it_is_being_made(case, sign_in):
    answer = sign_in(case.asesi).get(url(case))
    assert answer.status_code == 202
    assert h1(soup(answer)) == "Sertifikat sedang dibuat"


def test_the_holder_gets_the_very_file(case, sign_in):
    made = ready(case)
    answer = sign_in(case.asesi).get(url(case))
    assert answer.mimetype == "application/pdf"
    assert hashlib.sha256(answer.get_data()).hexdigest() == made.pdf_sha256
    number = made.certificate_number.replace(" ", "-")
    assert (
        answer.headers["Content-Disposition"] == f'attachment; filename="sertifikat-{number}.pdf"'
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_each_download_leaves_a_line(case, sign_in):
    made = ready(case)
    browser = sign_in(case.asesi)
    for _ in range(2):
        browser.get(url(case))
    lines = select(func.count(AuditEvent.seq)).where(
        AuditEvent.action == "certificate.download", AuditEvent.object_id == made.public_id
    )
    assert db.session.scalar(lines) == 2


def test_another_asesi_does_not_find_it(case, sign_in):
    ready(case)
    assert sign_in(Role.ASESI).get(url(case)).status_code == 404


@pytest.mark.parametrize("role", [Role.ADMIN, Role.KETUA, Role.AUDITOR])
def test_the_lsp_may(case, sign_in, role):
    ready(case)
    assert sign_in(role).get(url(case)).status_code == 200


def test_nobody_is_sent_to_sign_in(case, client):
    assert client.get(url(case)).status_code == 302


def test_a_case_without_certificate(sign_in):
    case = make_permohonan(PermohonanStatus.RECORDED, cast=make_cast())
    assert sign_in(case.asesi).get(url(case)).status_code == 404
