"""From an ID Izin to a certificate the public can check, walked with scripts off and as HTMX does."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import Certificate, Permohonan
from lsp.services import audit, certificates
from lsp.vocabulary import PermohonanStatus
from tests.html import h1, soup, words
from tests.journeys.certification import BLANKO, LPJK, Certification
from tests.journeys.hands import PlainHands


@pytest.mark.parametrize("htmx", [False, True], ids=["scripts off", "htmx"])
@pytest.mark.timeout(300)
@pytest.mark.both
def test_from_id_izin_to_a_certificate_the_public_checks(app, client, demo_people, htmx):
    def browser():
        return PlainHands(app.test_client(), htmx=htmx)

    walk = Certification.of(browser, 1)
    walk.walk()
    db.session.rollback()
    certificate = db.session.scalars(select(Certificate)).one()
    permohonan = db.session.scalars(select(Permohonan)).one()
    assert permohonan.status is PermohonanStatus.ISSUED
    assert (certificate.blanko_number, certificate.lpjk_number) == (BLANKO, LPJK)
    assert audit.first_fault() is None
    certificates.make_pdf(certificate.public_id, base_url="http://localhost")
    page = soup(client.get(url_for("verification.show", token=certificate.token)))
    assert walk.row["nama"] in words(page)
    assert walk.row["nik"] not in words(page)
    assert h1(page)
