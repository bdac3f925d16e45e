"""Signing with a second factor: password and code beside each other, and a code used up whatever becomes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for

from lsp.database import db
from tests.factories import PASSWORD
from tests.html import errors, soup
from tests.views.auth.totp import acts, code_of, with_factor
from tests.views.ketua.test_signing import long_ago, unsigned

pytestmark = pytest.mark.asvs("V7.5.3")


@pytest.fixture
def ketua(cast, sign_in, steady_clock, quick_passwords):
    """His browser; the password was typed long ago."""
    with_factor(cast.ketua)
    browser = sign_in(cast.ketua)
    long_ago(cast.ketua)
    steady_clock.shift(timedelta(seconds=40))
    return browser


def sign(browser, pleno, **typed):
    data = {"pilih": pleno.public_id} | typed
    return browser.post(url_for("ketua_signing.sign_sk"), data=data)


def is_signed(pleno) -> bool:
    db.session.refresh(pleno)
    return pleno.sk_signed_at is not None


def test_both_are_asked_and_neither_alone_signs(cast, ketua):
    (made,) = unsigned(cast)
    page = soup(ketua.get(url_for("ketua_signing.ask_sk"), query_string={"pilih": made.public_id}))
    control = page.find(id="code")
    assert (control["autocomplete"], control["inputmode"]) == ("one-time-code", "numeric")
    for typed, field in (
        ({"password": PASSWORD}, "code"),
        ({"password": PASSWORD, "code": "000000"}, "code"),
        ({"password": "salah", "code": code_of(cast.ketua)}, "password"),
        ({"code": code_of(cast.ketua)}, "password"),
    ):
        answer = sign(ketua, made, **typed)
        assert (answer.status_code, list(errors(soup(answer)))) == (422, [field])
        assert not is_signed(made)
    assert sign(ketua, made, password=PASSWORD, code=code_of(cast.ketua)).status_code == 303
    assert is_signed(made)
    assert "account.code_refused" in acts(cast.ketua)


def test_ten_minutes_hold_for_both(cast, ketua):
    first, second = unsigned(cast, 2)
    sign(ketua, first, password=PASSWORD, code=code_of(cast.ketua))
    assert sign(ketua, second).status_code == 303
    assert is_signed(second)


def test_a_code_of_a_signature_is_not_good_again(cast, ketua):
    first, second = unsigned(cast, 2)
    code = code_of(cast.ketua)
    sign(ketua, first, password=PASSWORD, code=code)
    long_ago(cast.ketua)
    assert sign(ketua, second, password=PASSWORD, code=code).status_code == 422
    assert not is_signed(second)


def test_certificates_ask_the_same(cast, ketua):
    from lsp.vocabulary import PermohonanStatus
    from tests.workflow.cases import make_permohonan

    case = make_permohonan(PermohonanStatus.RECORDED, cast=cast)
    db.session.commit()
    data = {"pilih": case.public_id, f"version-{case.public_id}": case.version}
    issue = url_for("ketua_signing.issue")
    refused = ketua.post(issue, data=data | {"password": PASSWORD})
    assert list(errors(soup(refused))) == ["code"]
    answer = ketua.post(issue, data=data | {"password": PASSWORD, "code": code_of(cast.ketua)})
    assert answer.status_code == 303
    db.session.refresh(case)
    assert case.status is PermohonanStatus.ISSUED
