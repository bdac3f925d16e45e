"""The same certification in a real Chromium on a phone's screen, with scripts on and off."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp.database import db
from lsp.models import Certificate, Permohonan
from lsp.services import audit
from lsp.vocabulary import PermohonanStatus
from tests.journeys.certification import Certification
from tests.journeys.hands import ChromiumHands

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PHONE = {"width": 360, "height": 740}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_from_id_izin_to_certificate_on_a_phone(app, demo_people, address, chromium, scripts):
    all_hands = []

    def browser() -> ChromiumHands:
        context = chromium.new_context(viewport=PHONE, java_script_enabled=scripts, locale="id-ID")
        context.set_default_timeout(30_000)
        all_hands.append(ChromiumHands(context.new_page(), address, scripts=scripts))
        return all_hands[-1]

    Certification.of(browser, 2).walk()
    db.session.rollback()
    permohonan = db.session.scalars(select(Permohonan)).one()
    assert permohonan.status is PermohonanStatus.ISSUED
    certificate = db.session.scalars(select(Certificate)).one()
    public = browser()
    public.go(f"/verifikasi/{certificate.token}")
    assert certificate.holder_name in public.text()
    assert audit.first_fault() is None
    for hands in all_hands:
        assert hands.complaints == [], "nothing violates the policy or reaches another host"
