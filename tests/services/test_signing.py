"""What must hold before a form is signed, asked of the service, so that no other caller can skip it."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Signature
from lsp.services import signing, verification
from lsp.vocabulary import Answer, Form, PermohonanStatus, Role
from tests.views.asesi import situations
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus


def signs(case, form: Form, role: Role = Role.ASESI, who=None):
    who = who or case.asesi
    name = case.asesi_name if role is Role.ASESI else who.name
    return signing.sign(actor_of(who), case, form, role, typed_name=name)


class TestRegistration:
    def test_not_before_the_form_is_complete(self, app):
        case = situations.draft()
        with pytest.raises(DomainError, match=r"FR\.APL\.01 belum lengkap"):
            signs(case, Form.FR_APL_01)
        with pytest.raises(DomainError, match=r"FR\.APL\.02 belum selesai"):
            signs(case, Form.FR_APL_02)
        situations.fill_apl_01(case)
        assert signs(case, Form.FR_APL_01).form is Form.FR_APL_01

    def test_not_after_it_was_sent(self, app):
        case = make_permohonan(S.SUBMITTED)
        with pytest.raises(DomainError, match="tidak dapat ditandatangani sekarang"):
            signs(case, Form.FR_APL_01)


class TestMeeting:
    def test_fr_ak_01_not_before_the_asesor_prepared_it(self, app):
        case = situations.booked()
        with pytest.raises(DomainError, match="tidak dapat ditandatangani sekarang"):
            signs(case, Form.FR_AK_01)
        situations.plan_for(case)
        assert signs(case, Form.FR_AK_01).form is Form.FR_AK_01

    def test_fr_ak_02_not_before_it_recommends(self, app):
        case = situations.booked(status=S.IN_ASSESSMENT)
        with pytest.raises(DomainError, match="tidak dapat ditandatangani sekarang"):
            signs(case, Form.FR_AK_02)
        situations.recommendation_for(case, Answer.K)
        assert signs(case, Form.FR_AK_02).form is Form.FR_AK_02

    def test_neither_outside_its_meeting(self, app):
        case = make_permohonan(S.RECOMMENDED)
        for form in (Form.FR_AK_01, Form.FR_AK_02):
            with pytest.raises(DomainError, match="tidak dapat ditandatangani sekarang"):
                signs(case, form)


class TestAccepted:
    def test_only_while_it_waits_for_verification(self, app):
        cast = make_cast()
        for status in (S.RETURNED, S.VERIFIED):
            case = make_permohonan(status, cast=cast)
            with pytest.raises(DomainError, match="menunggu verifikasi"):
                verification.accept(actor_of(cast.admin), case, typed_name=cast.admin.name)
            with pytest.raises(DomainError, match="menunggu verifikasi"):
                signs(case, Form.FR_APL_01, Role.ADMIN, cast.admin)

    def test_once_for_what_stands_there(self, app):
        cast = make_cast()
        case = make_permohonan(S.SUBMITTED, cast=cast, work_done=False)
        for _ in range(2):
            verification.accept(actor_of(cast.admin), case, typed_name=cast.admin.name)
        rows = db.session.query(Signature).filter_by(signer_role=Role.ADMIN)
        assert rows.count() == 1

    def test_nobody_accepts_his_own(self, app):
        cast = make_cast()
        case = make_permohonan(S.SUBMITTED, cast=cast, asesi=cast.admin, work_done=False)
        with pytest.raises(DomainError, match="orang lain"):
            signs(case, Form.FR_APL_01, Role.ADMIN, cast.admin)
