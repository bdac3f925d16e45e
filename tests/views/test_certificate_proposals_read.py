"""What is read of proposals about a certificate, and by whom: declined, waiting, or past its last day."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import url_for

from lsp.services import certificate_life as life
from lsp.vocabulary import LifeGround, LifeStep, PermohonanStatus, Role
from tests.html import main, soup, words
from tests.support.certificates import WORDS, answered, approved, certificate_of, noon, proposed
from tests.workflow.cases import actor_of, make_permohonan, person


def issued(asesi=None):
    return certificate_of(make_permohonan(PermohonanStatus.ISSUED, asesi=asesi))


def test_what_was_declined_has_no_letter_and_what_waits_in_his_favour_is_no_notice(sign_in):
    asesi, admin = person(Role.ASESI), actor_of(person(Role.ADMIN))
    ketua = actor_of(person(Role.KETUA))
    certificate = issued(asesi)
    declined = proposed(admin, certificate, LifeStep.REVOKE, LifeGround.FRAUD)
    life.decline(ketua, declined, words=WORDS, version=declined.version)
    suspended = proposed(admin, certificate)
    answered(suspended)
    approved(ketua, suspended)
    proposed(admin, certificate, LifeStep.REINSTATE, LifeGround.CLEARED)
    client = sign_in(asesi)
    letter = url_for("certificate_pages.letter", proposal_id=declined.public_id)
    assert client.get(letter).status_code == 404
    notices = soup(
        client.get(url_for("asesi.certificate_notice", certificate_id=certificate.public_id))
    )
    told = [words(each) for each in main(notices).select("section h2")[1:]]
    assert told == ["Pembekuan", "Pencabutan"]


def test_past_its_last_day_nobody_reads_that_it_is_in_force(sign_in):
    """Also while the clock of the portal stands still."""
    certificate = issued()
    waiting = proposed(actor_of(person(Role.ADMIN)), certificate)
    with time_machine.travel(noon(certificate.valid_until + timedelta(days=1)), tick=False):
        client = sign_in(Role.ADMIN)
        for state, shown in (("berlaku", False), ("kedaluwarsa", True)):
            page = soup(client.get(url_for("admin.certificate_list", keadaan=state)))
            assert (certificate.certificate_number in words(main(page))) is shown
        whole = sign_in(Role.KETUA).get(
            url_for("ketua_certificates.show", proposal_id=waiting.public_id)
        )
        assert words(main(soup(whole)).select_one(".badge")) == "Kedaluwarsa"
