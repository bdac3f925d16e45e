"""An asesmen ulang is offered with another asesor; the same one takes the admin and his reason."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import Setting
from lsp.services import offers, reassessment
from lsp.vocabulary import MeetingKind, PermohonanStatus
from lsp.workflow.permohonan import PERMOHONAN
from tests.html import main, soup, words
from tests.services.test_meetings import book, slot_for
from tests.services.test_moving import WHY
from tests.services.test_offers import make_asesor
from tests.support.meetings import make_jadwal
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def again(cast):
    """A case in its second attempt, opened at the asesi's wish."""
    case = make_permohonan(S.NOT_YET_COMPETENT, cast=cast, result_opened_at=clock.now())
    admin = actor_of(cast.admin)
    reassessment.make_invoice(admin, case, amount=0, version=case.version)
    PERMOHONAN.perform(case, "reassess", admin, version=case.version)
    db.session.commit()
    return case


@pytest.fixture
def slots(again, cast):
    """Of the same asesor, and of another."""
    made = [
        slot_for(
            again,
            cast,
            asesor=asesor,
            jadwal=make_jadwal(asesor, skema=cast.skema),
            kind=MeetingKind.ASSESSMENT,
            hours=hours,
        )
        for asesor, hours in ((cast.asesor, 30), (make_asesor(cast), 40))
    ]
    db.session.commit()
    return made


def test_the_asesi_is_offered_the_others(again, slots):
    same, other = slots
    assert [each.public_id for each in offers.offers_for(again)] == [other.public_id]
    for_admin = {each.public_id for each in offers.offers_for(again, for_admin=True)}
    assert {same.public_id, other.public_id} <= for_admin
    with pytest.raises(NotAllowed, match="dinilai asesor lain"):
        book(again, same)
    db.session.rollback()
    book(again, other)
    assert again.status is S.SCHEDULED


def test_the_admin_takes_the_same_one_with_a_reason(cast, again, slots, sign_in):
    same, _other = slots
    admin = actor_of(cast.admin)
    with pytest.raises(NotAllowed, match="dinilai asesor lain"):
        book(again, same, actor=admin)
    db.session.rollback()
    address = url_for("admin.book", permohonan_id=again.public_id)
    page = words(main(soup(sign_in(cast.admin).get(address))))
    assert "Asesor yang sama perlu alasan Anda" in page
    book(again, same, actor=admin, note=WHY)
    assert again.status is S.SCHEDULED


def test_an_lsp_may_leave_it_open(again, slots):
    same, _other = slots
    rule = db.session.query(Setting).filter_by(key="reassessment_asesor").one()
    rule.value = "any"
    db.session.commit()
    assert same.public_id in {each.public_id for each in offers.offers_for(again)}
    book(again, same)
    assert again.status is S.SCHEDULED
