"""Banding in its first form: the ketua records what the panel decided on paper."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp.database import db
from lsp.models import Permohonan
from lsp.services import accounts, appeals
from lsp.vocabulary import PermohonanStatus, Role
from tests.html import errors, filled, form, notices, soup, words
from tests.workflow.cases import make_permohonan

S = PermohonanStatus
GIVEN = {
    "letter": "007/BANDING/2026",
    "reason": "Panel memeriksa rekaman dan menilai alasannya tepat.",
}


@pytest.fixture
def case(app):
    return make_permohonan(S.APPEALED)


@pytest.fixture
def ketua(sign_in):
    return sign_in(Role.KETUA)


def send(browser, case, **values):
    address = url_for("ketua.record_appeal", permohonan_id=case.public_id)
    page = soup(browser.get(address))
    return browser.post(address, data=filled(form(page, address)) | GIVEN | values)


def test_it_waits_on_the_page_of_the_ketua(ketua, case):
    assert case.asesi_name in words(soup(ketua.get("/ketua")).select_one("#appeals"))


@pytest.mark.parametrize(
    ("outcome", "target"),
    [
        ("uphold", S.NOT_YET_COMPETENT),
        ("grant_reassessment", S.READY),
        ("grant_redecision", S.RECOMMENDED),
    ],
)
def test_each_outcome_moves_the_case(ketua, case, outcome, target):
    assert send(ketua, case, outcome=outcome).status_code == 303
    moved = db.session.get_one(Permohonan, case.id, populate_existing=True)
    assert moved.status is target
    assert "007/BANDING/2026" in moved.events[-1].note
    assert appeals.waiting() == []


def test_what_is_missing_is_said_and_what_was_typed_is_kept(ketua, case):
    answer = send(ketua, case, reason="pendek")
    assert answer.status_code == 422
    page = soup(answer)
    assert set(errors(page)) == {"outcome", "reason"}
    assert page.find("input", attrs={"name": "letter"})["value"] == "007/BANDING/2026"


def test_who_took_part_in_the_case_records_nothing(sign_in, case):
    accounts.grant_role(case.verifier, Role.KETUA, by=None)
    db.session.commit()
    answer = send(sign_in(case.verifier), case, outcome="uphold")
    assert answer.status_code == 409
    assert "terlibat" in notices(soup(answer))[0]


def test_the_second_of_two_reads_that_it_changed(ketua, case):
    stale = send(ketua, case, outcome="uphold", version="99")
    assert stale.status_code == 409
    assert "Data sudah berubah" in notices(soup(stale))[0]
