"""A duty relaxed by the ketua: offered where somebody is barred, read by the workflow, kept for ever."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, DutyWaiver, UserRole
from lsp.services import case_reading
from lsp.vocabulary import DutyRule, PermohonanStatus, Role
from lsp.workflow import duty
from lsp.workflow.pleno_members import barred_reason
from tests.html import errors, filled, form, notices, soup, words
from tests.workflow.cases import actor_of, make_permohonan

S = PermohonanStatus
REASON = "LSP hanya punya tiga anggota tim teknis; yang lain sakit."


@pytest.fixture
def verified(cast):
    """A case before the pleno whose verifier also is in the tim teknis."""
    case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
    cast.admin.roles.append(UserRole(role=Role.TIM_TEKNIS, granted_at=clock.now()))
    db.session.commit()
    return case


def address(case):
    return url_for("ketua.grant_waiver", permohonan_id=case.public_id)


def send(browser, case, **values):
    data = filled(form(soup(browser.get(address(case))), address(case)))
    key = f"{DutyRule.VERIFIER_NOT_PLENO.value}:{case.verifier.public_id}"
    return browser.post(address(case), data=data | {"who": key, "reason": REASON} | values)


def test_who_is_barred_stands_on_the_page_of_the_ketua(ketua, cast, verified):
    panel = words(soup(ketua.get("/ketua")).select_one("#waivers"))
    assert cast.admin.name in panel
    assert verified.asesi_name in panel


def test_given_it_lets_the_person_vote_and_is_read_on_the_case(ketua, cast, verified):
    assert "memeriksa berkas" in barred_reason(verified, cast.admin.id)
    assert send(ketua, verified).status_code == 303
    db.session.expire_all()
    assert barred_reason(verified, cast.admin.id) is None
    (line,) = case_reading.waivers(verified)
    assert (line.person, line.reason) == (cast.admin.name, REASON)
    assert db.session.query(AuditEvent).filter_by(action="duty.waive").count() == 1
    assert "Pengecualian tugas" not in words(soup(ketua.get("/ketua")))


def test_what_is_missing_is_said_and_kept(ketua, verified):
    answer = send(ketua, verified, reason="pendek")
    assert answer.status_code == 422
    page = soup(answer)
    assert "reason" in errors(page)
    assert "pendek" in words(page.find("textarea"))
    assert db.session.query(DutyWaiver).count() == 0


def test_twice_gives_one(ketua, verified):
    data = filled(form(soup(ketua.get(address(verified))), address(verified)))
    key = f"{DutyRule.VERIFIER_NOT_PLENO.value}:{verified.verifier.public_id}"
    data |= {"who": key, "reason": REASON}
    ketua.post(address(verified), data=data)
    assert ketua.post(address(verified), data=data).status_code in (409, 422)
    assert db.session.query(DutyWaiver).count() == 1


@pytest.mark.parametrize("key", ["asesor_not_pleno:X", "own_case:X", "x"])
def test_rules_that_are_never_relaxed_are_not_offered(ketua, verified, key):
    assert send(ketua, verified, who=key).status_code == 422
    assert db.session.query(DutyWaiver).count() == 0


def test_an_involved_signer_gets_it_from_another_ketua_never_from_himself(cast, sign_in):
    case = make_permohonan(S.RECORDED, cast=cast)
    cast.chair.roles.append(UserRole(role=Role.KETUA, granted_at=clock.now()))
    db.session.commit()
    own = soup(sign_in(cast.chair).get(address(case)))
    assert "Tidak ada yang perlu dikecualikan" in words(own)
    key = f"{DutyRule.SIGNER_NOT_INVOLVED.value}:{cast.chair.public_id}"
    assert send(sign_in(cast.ketua), case, who=key).status_code == 303
    db.session.expire_all()
    assert duty.not_involved_signer(case, actor_of(cast.chair), "") is None


def test_nothing_to_relax_is_said(ketua, cast):
    case = make_permohonan(S.SUBMITTED, cast=cast)
    assert notices(soup(ketua.get(address(case)))) == []
    assert "Tidak ada yang perlu dikecualikan" in words(soup(ketua.get(address(case))))
