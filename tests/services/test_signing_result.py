"""One press signs FR.AK.02 and every FR.IA beside it; what changes afterwards is signed again, and only that."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Signature
from lsp.services import assessment, fr_ak_02, signing
from lsp.vocabulary import Conclusion, Form, InstrumentPaper, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import forms_to_sign
from tests.support.assessment import make_filled, make_third_party
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus
CVP, PW, VPK = InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.VPK
THREE = [Form.FR_IA_08, Form.FR_IA_09, Form.FR_AK_02]


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    """All filled, nothing signed."""
    made = make_permohonan(S.IN_ASSESSMENT, cast=cast)
    change(made)
    return made


def change(case, *papers):
    """Touch papers, all unless said, so that no signature fits them."""
    dossier = dossier_of(case)
    for paper in papers or dossier.instruments:
        dossier.instruments[paper].feedback += "."
    if not papers:
        dossier.fr_ak_02.comment += "."
    db.session.commit()


def asesi_signs(case):
    who = actor_of(case.asesi)
    return signing.sign_result(who, case, Role.ASESI, typed_name=case.asesi_name)


def asesor_signs(case, user):
    return assessment.sign_result(actor_of(user), case, typed_name=user.name)


def signed(rows):
    return sorted(row.form.value for row in rows)


def test_the_asesi_signs_all_in_one_moment(case):
    rows = asesi_signs(case)
    assert signed(rows) == sorted(form.value for form in THREE)
    assert len({row.signed_at for row in rows}) == 1
    assert len({row.content_digest for row in rows}) == 3
    assert all(row.statement == signing.STATEMENTS[row.form, Role.ASESI] for row in rows)


def test_the_asesor_signs_all_in_one_moment(case, cast):
    rows = asesor_signs(case, cast.asesor)
    assert signed(rows) == sorted(form.value for form in THREE)
    assert len({row.signed_at for row in rows}) == 1


def test_pressing_twice_signs_once(case, cast):
    asesi_signs(case)
    asesor_signs(case, cast.asesor)
    count = db.session.query(Signature).count()
    assert asesi_signs(case) == []
    assert asesor_signs(case, cast.asesor) == []
    assert db.session.query(Signature).count() == count


def test_only_the_changed_paper_is_asked_for_again(case, cast):
    asesi_signs(case)
    asesor_signs(case, cast.asesor)
    change(case, CVP)
    for role, who in ((Role.ASESI, case.asesi), (Role.ASESOR, cast.asesor)):
        pack = signing.result_pack(case, role, who.id)
        assert (pack.left, pack.anew) == ([Form.FR_IA_08], [Form.FR_IA_08])
        assert pack.why_anew.startswith("FR.IA.08 berubah sesudah Anda")
    assert signed(asesi_signs(case)) == ["fr_ia_08"]
    assert signed(asesor_signs(case, cast.asesor)) == ["fr_ia_08"]


def test_nobody_signs_while_an_instrument_is_open(case, cast):
    paper = dossier_of(case).instruments[PW]
    paper.finished_at = None
    db.session.commit()
    with pytest.raises(DomainError, match=r"FR\.IA\.09 belum selesai"):
        asesor_signs(case, cast.asesor)
    with pytest.raises(DomainError, match="tidak dapat ditandatangani sekarang"):
        asesi_signs(case)


def test_a_wrong_name_signs_nothing(case):
    count = db.session.query(Signature).count()
    with pytest.raises(DomainError, match="Ketik nama lengkap"):
        signing.sign_result(actor_of(case.asesi), case, Role.ASESI, typed_name="Orang Lain")
    assert db.session.query(Signature).count() == count


def test_another_asesor_signs_all_for_himself(case, cast):
    asesor_signs(case, cast.asesor)
    dossier_of(case).booking.slot.asesor_id = cast.second_asesor.id
    db.session.commit()
    db.session.expire_all()
    pack = signing.result_pack(case, Role.ASESOR, cast.second_asesor.id)
    assert (pack.left, pack.anew) == (THREE, [])


def test_the_third_party_s_word_is_the_asesor_s_alone(case):
    make_filled(case, VPK, conclusion=Conclusion.MET, finished_at=clock.now())
    make_third_party(case, supports=True, judged_at=clock.now())
    assert Form.FR_IA_10 in forms_to_sign(dossier_of(case), Role.ASESOR)
    assert Form.FR_IA_10 not in forms_to_sign(dossier_of(case), Role.ASESI)
    assert (Form.FR_IA_10, Role.ASESI) not in signing.STATEMENTS


def test_a_paper_changed_after_asesor_2_brings_an_edition_of_its_own(case, cast):
    dossier_of(case).booking.slot.jadwal.asesor_2_id = cast.second_asesor.id
    db.session.commit()
    second = actor_of(cast.second_asesor)
    with pytest.raises(
        DomainError, match=r"Asesor 1 belum menandatangani FR\.IA\.08, FR\.IA\.09 dan FR\.AK\.02"
    ):
        fr_ak_02.countersign(second, case, word="agrees", note="")
    asesor_signs(case, cast.asesor)
    fr_ak_02.countersign(second, case, word="agrees", note="")
    db.session.commit()
    change(case, CVP)
    asesor_signs(case, cast.asesor)
    assert dossier_of(case).fr_ak_02.edition == 2
    assert dossier_of(case).countersignature is None
    fr_ak_02.countersign(second, case, word="agrees", note="")
    assert dossier_of(case).countersignature is not None
