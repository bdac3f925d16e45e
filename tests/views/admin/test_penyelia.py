"""The admin names who watches the meetings of a jadwal."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import MeetingPenyelia, UserRole
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.html import errors, soup, words
from tests.workflow.cases import make_permohonan, seat_of


@pytest.fixture
def admin(sign_in):
    return sign_in(Role.ADMIN)


@pytest.fixture
def slot(app):
    return seat_of(make_permohonan(PermohonanStatus.PRE_SCHEDULED)).slot


def url(slot, tail=""):
    return f"/admin/jadwal/{slot.jadwal.public_id}/penyelia{tail}"


def standing():
    db.session.expire_all()
    return db.session.scalars(
        select(MeetingPenyelia).where(MeetingPenyelia.ended_at.is_(None))
    ).all()


@pytest.mark.parametrize("one_meeting", [False, True])
def test_named_and_released(admin, slot, one_meeting):
    person = factories.make_user(Role.PENYELIA)
    sent = {"person": person.public_id, "slot": slot.public_id if one_meeting else ""}
    for _ in range(2):  # pressed twice
        assert admin.post(url(slot), data=sent).status_code == 303
    (row,) = standing()
    assert (row.user_id, row.slot_id) == (person.id, slot.id if one_meeting else None)
    page = soup(admin.get(url(slot)))
    assert person.name in words(page.find(attrs={"aria-labelledby": "ditunjuk"}))
    for _ in range(2):
        assert admin.post(url(slot, f"/{row.public_id}/akhiri")).status_code == 303
    assert standing() == []


def test_who_is_none_or_assesses_there_is_not_offered(admin, slot):
    asesor = slot.asesor
    asesor.roles.append(UserRole(role=Role.PENYELIA, granted_at=clock.now()))
    other = factories.make_user(Role.AUDITOR)
    factories.make_user(Role.PENYELIA)
    for person in (asesor, other):
        answer = admin.post(url(slot), data={"person": person.public_id, "slot": ""})
        assert answer.status_code == 422
        assert "person" in errors(soup(answer))
    assert standing() == []


def test_without_such_an_account_it_says_where_to_propose_one(admin, slot):
    assert "Belum ada akun penyelia" in words(soup(admin.get(url(slot))))
