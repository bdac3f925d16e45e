"""Banding in its first form: the ketua records what the panel decided on paper."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AsesorProfile, Permohonan
from lsp.services import accounts, appeals
from lsp.vocabulary import PermohonanStatus, Role
from tests.html import errors, filled, form, notices, soup, words
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person

S = PermohonanStatus
GIVEN = {
    "letter": "007/BANDING/2026",
    "reason": "Panel memeriksa rekaman dan menilai alasannya tepat.",
}


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    return make_permohonan(S.APPEALED, cast=cast)


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
def test_each_outcome_moves_the_case(ketua, case, cast, outcome, target):
    for _ in range(3):
        person(Role.TIM_TEKNIS)
    asesor = cast.second_asesor.public_id if outcome == "grant_reassessment" else ""
    assert send(ketua, case, outcome=outcome, asesor=asesor).status_code == 303
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


class TestNewAsesor:
    def offered(self, ketua, case):
        page = soup(ketua.get(url_for("ketua.appeal", permohonan_id=case.public_id)))
        return [option.text for option in page.select("select[name=asesor] option")]

    def test_only_those_outside_the_case_and_fit_for_it_are_offered(self, ketua, case, cast):
        assert self.offered(ketua, case) == ["Pilih asesor…", cast.second_asesor.name]
        profile = db.session.get_one(AsesorProfile, cast.second_asesor.id)
        profile.scope = ["LAIN"]
        db.session.commit()
        assert self.offered(ketua, case) == ["Belum ada asesor lain yang memenuhi syarat"]

    def test_the_history_names_him(self, ketua, case, cast):
        asesor = cast.second_asesor
        send(ketua, case, outcome="grant_reassessment", asesor=asesor.public_id)
        moved = db.session.get_one(Permohonan, case.id, populate_existing=True)
        assert moved.events[-1].note.endswith(f"Asesor baru: {asesor.name}.")

    def test_without_one_the_case_stays_and_what_was_typed_is_kept(self, ketua, case):
        answer = send(ketua, case, outcome="grant_reassessment")
        assert answer.status_code == 422
        page = soup(answer)
        assert set(errors(page)) == {"asesor"}
        assert page.find("input", attrs={"name": "letter"})["value"] == "007/BANDING/2026"

    def test_the_old_one_is_not_taken_from_a_made_up_form(self, case, cast):
        with pytest.raises(DomainError, match="Pilih asesor"):
            appeals.record_outcome(
                actor_of(cast.ketua), case, outcome="grant_reassessment", version=case.version,
                asesor=cast.asesor.public_id, **GIVEN,
            )  # fmt: skip

    def test_with_nobody_left_it_says_what_to_do(self, ketua, case, cast):
        cast.second_asesor.disabled_at = clock.now()
        db.session.commit()
        answer = send(ketua, case, outcome="grant_reassessment")
        assert answer.status_code == 409
        assert "mengusulkan asesor" in notices(soup(answer))[0]
