"""Guards of FR.APL.01: what it lacks, its signature, the number the nationality asks for, its payer."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.vocabulary import Form, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import registration as guards
from tests.workflow.asking import answer
from tests.workflow.cases import actor_of, make_permohonan, sign

S = PermohonanStatus


def test_nothing_filled_names_every_field_of_fr_apl_01(app):
    case = make_permohonan(S.DRAFT, work_done=False)
    assert guards.missing_in_apl_01(case) == list(guards.APL_01_REQUIRED.values())
    said = answer(guards.fr_apl_01_complete, case, actor_of(case.asesi))
    assert "nama lengkap, NIK, tempat lahir" in said


def test_signature_after_a_change_fits_again(app):
    case = make_permohonan(S.DRAFT)
    dossier_of(case).fr_apl_01.address = "Jl. Lain"
    db.session.flush()
    assert answer(guards.fr_apl_01_signed, case, actor_of(case.asesi)) is not None
    sign(case, Form.FR_APL_01, case.asesi, Role.ASESI)
    assert answer(guards.fr_apl_01_signed, case, actor_of(case.asesi)) is None


def test_a_foreigner_sends_a_passport_number(app):
    case = make_permohonan(S.DRAFT)
    form = dossier_of(case).fr_apl_01
    form.nik, form.nationality = "P99001A", "Malaysia"
    assert answer(guards.fr_apl_01_complete, case, actor_of(case.asesi)) is None
    form.nationality = " WNI "
    assert "16 angka" in answer(guards.fr_apl_01_complete, case, actor_of(case.asesi))


class TestTheNumberThatTheNationalityAsksFor:
    @pytest.mark.parametrize(
        ("nationality", "number", "said"),
        [
            ("Indonesia", "9901014101900001", None),
            ("WNI", "A1234567", "NIK terdiri dari 16 angka"),
            ("Malaysia", "A1234567", None),
            ("Malaysia", "K55012", None),
            ("Indonesa", "9901014101900001", "tulis Indonesia di kebangsaan"),
            ("Malaysia", "PASPORT", "Nomor paspor"),
        ],
    )
    def test_citizens_and_others(self, app, nationality, number, said):
        case = make_permohonan(S.DRAFT)
        form = dossier_of(case).fr_apl_01
        form.nationality, form.nik = nationality, number
        db.session.flush()
        found = guards.fr_apl_01_complete(case, actor_of(case.asesi), "")
        assert found is None if said is None else said in found


def test_a_public_budget_names_its_payer(app):
    case = make_permohonan(S.DRAFT)
    form = dossier_of(case).fr_apl_01
    form.funding = guards.PUBLIC_BUDGET
    db.session.flush()
    assert guards.PAYER in guards.fr_apl_01_complete(case, actor_of(case.asesi), "")
    form = dossier_of(case).fr_apl_01
    form.ministry = "Pemerintah Kota Contoh"
    db.session.flush()
    assert guards.fr_apl_01_complete(case, actor_of(case.asesi), "") is None
