"""Nobody of the LSP moves his own permohonan through the pleno, whatever roles he holds."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.services import pleno, pleno_sk
from lsp.vocabulary import PermohonanStatus, Role
from tests.html import soup, words
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person, put_on_agenda, vote

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def official(cast):
    """Admin and ketua, and an asesi of this LSP besides."""
    return person(Role.ASESI, Role.ADMIN, Role.KETUA)


@pytest.fixture
def own(cast, official):
    return make_permohonan(S.RECOMMENDED, cast=cast, asesi=official, work_done=False)


def call(cast, who, case):
    return pleno.open_pleno(
        actor_of(who), held_on=clock.today_wib(), member_ids=[each.id for each in cast.members],
        chair_id=cast.chair.id, cases=[case],
    )  # fmt: skip


def test_he_calls_no_pleno_over_it(cast, official, own):
    with pytest.raises(DomainError, match="permohonan Anda sendiri"):
        call(cast, official, own)
    db.session.rollback()
    assert call(cast, cast.admin, own).cases


def test_it_is_not_offered_to_him(cast, official, own, sign_in):
    assert pleno.cases_ready(reader=actor_of(official)) == []
    assert pleno.cases_ready(reader=actor_of(cast.admin)) == [own]
    page = soup(sign_in(official).get(url_for("admin.pleno_form")))
    assert not page.select(f"input[value='{own.public_id}']")
    page = soup(sign_in(cast.admin).get(url_for("admin.pleno_form")))
    assert page.select(f"input[value='{own.public_id}']")


def test_he_does_not_take_it_off_the_agenda(cast, official, own, sign_in):
    place = put_on_agenda(own, cast)
    db.session.commit()
    with pytest.raises(DomainError, match="permohonan Anda sendiri"):
        pleno.take_off_agenda(actor_of(official), place)
    address = url_for("admin.ask_take_off", place_id=place.public_id)
    browser = sign_in(official)
    assert browser.get(address).status_code == 404
    assert browser.post(address).status_code == 404
    assert "Keluarkan" not in words(soup(browser.get(url_for("admin.pleno_home"))))
    assert "Keluarkan" in words(soup(sign_in(cast.admin).get(url_for("admin.pleno_home"))))


def test_he_does_not_sign_the_sk_that_holds_it(cast, official, own):
    made = call(cast, cast.admin, own)
    for member in cast.members:
        vote(made.cases[0], member.id)
    pleno.settle(actor_of(cast.chair), made.cases[0], "decide_competent", version=own.version)
    with pytest.raises(DomainError, match="ketua lain"):
        pleno_sk.sign_sk(actor_of(official), made)
    pleno_sk.sign_sk(actor_of(cast.ketua), made)
    assert made.sk_number
