"""Asesor 2 speaks on what he read; what the asesi refused, or signed after all, is told as it is."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Countersignature
from lsp.services import assessment, fr_ak_02, signing
from lsp.services.fr_ak_05 import refusals_noted
from lsp.services.jadwal_reports import batch_of
from lsp.vocabulary import InstrumentPaper, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.html import filled, notices, soup
from tests.views.asesor.conftest import Desk
from tests.workflow.cases import actor_of, make_permohonan

S = PermohonanStatus


@pytest.fixture
def case(cast):
    """All filled, nothing signed; with an asesor 2."""
    made = make_permohonan(S.IN_ASSESSMENT, cast=cast)
    touch(made)
    dossier = dossier_of(made)
    dossier.instruments[InstrumentPaper.CVP].feedback += "."
    dossier.booking.slot.jadwal.asesor_2_id = cast.second_asesor.id
    db.session.commit()
    return made


def touch(case, comment="Berubah."):
    dossier_of(case).fr_ak_02.comment += comment
    db.session.commit()


def first_signs(case, cast):
    assessment.sign_result(actor_of(cast.asesor), case, typed_name=cast.asesor.name)
    db.session.commit()


def save(case, cast, **words):
    """FR.AK.02 with its rows as they are."""
    paper = dossier_of(case).fr_ak_02
    said = {
        name: getattr(paper, name)
        for name in ("recommendation", "follow_up", "comment", "written_feedback")
    }
    fr_ak_02.save_fr_ak_02(actor_of(cast.asesor), case, units={}, **said | words)
    db.session.commit()


def refuse(case, cast):
    fr_ak_02.note_asesi_refusal(
        actor_of(cast.asesor), case, refused=True, reason="Menunggu penjelasan."
    )
    db.session.commit()


def asesi_signs(case):
    signing.sign_result(actor_of(case.asesi), case, Role.ASESI, typed_name=case.asesi_name)
    db.session.commit()


@pytest.mark.parametrize("changed", ["fr_ak_02", "instrument", None])
def test_asesor_2_speaks_on_what_stood_on_his_screen(case, cast, sign_in, changed):
    first_signs(case, cast)
    desk = Desk(case, cast, sign_in(cast.second_asesor))
    address = desk.url("/tanda-tangan/asesor-2")
    form = filled(desk.get("/tanda-tangan").find("form", action=address)) | {"word": "agrees"}
    if changed == "fr_ak_02":
        touch(case)
    if changed == "instrument":
        dossier_of(case).instruments[InstrumentPaper.CVP].feedback += "."
        db.session.commit()
    if changed:
        first_signs(case, cast)
    answer = desk.post("/tanda-tangan/asesor-2", form)
    count = db.session.query(Countersignature).count()
    assert (answer.status_code, count) == ((409, 0) if changed else (303, 1))
    if changed:
        page = soup(answer)
        assert "Hasil asesmen ini sudah berubah" in notices(page)[0]
        again = filled(page.find("form", action=address)) | {"word": "agrees"}
        assert desk.post("/tanda-tangan/asesor-2", again).status_code == 303


def test_who_signs_after_he_refused_is_told_to_have_signed(case, cast):
    refuse(case, cast)
    asesi_signs(case)
    paper = dossier_of(case).fr_ak_02
    assert paper.asesi_signature == "signed"
    seat = dossier_of(case).booking
    batch = batch_of(seat.slot.jadwal, cast.asesor.id)
    papers = {(case.id, case.attempt): paper}
    assert refusals_noted(type(batch)(batch.jadwal, batch.seats, papers, [])) == []


def test_an_old_page_notes_no_refusal_of_what_he_signed(case, cast):
    asesi_signs(case)
    with pytest.raises(DomainError, match="sudah menandatangani semuanya"):
        refuse(case, cast)


def test_a_refusal_is_of_what_stood_there_and_its_reason_is_offered_again(case, cast, sign_in):
    refuse(case, cast)
    save(case, cast)
    assert dossier_of(case).fr_ak_02.asesi_signature == "refused", "nothing was changed"
    save(case, cast, comment="Rekomendasi ditinjau lagi.")
    assert dossier_of(case).fr_ak_02.asesi_signature == ""
    desk = Desk(case, cast, sign_in(cast.asesor))
    form = desk.get("/tanda-tangan").find("form", action=desk.url("/tanda-tangan/asesi"))
    assert filled(form)["reason"].strip() == "Menunggu penjelasan."
