"""From a certificate back to the first document by links alone, as the auditor and the ketua walk it."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp.database import db
from lsp.vocabulary import PermohonanStatus as S, Role
from lsp.workflow.dossier import dossier_of
from tests.html import links, soup, words
from tests.support.auditor_walk import NUMBERS, walk
from tests.support.reports import make_ak_05, make_ak_06
from tests.workflow.cases import make_permohonan


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.KETUA])
def test_every_paper_that_is_there_can_be_opened(cast, sign_in, role):
    case = make_permohonan(S.ISSUED, cast=cast)
    jadwal = dossier_of(case).bookings[-1].slot.jadwal
    make_ak_05(jadwal, cast.asesor)
    make_ak_06(jadwal, cast.asesor)
    db.session.commit()
    closed = walk(sign_in(role), case, with_files=False)
    # Cases of factories stand in no request for blanko, so no letter was written.
    assert set(closed) <= NUMBERS | {"Permohonan blangko"}


def test_the_auditor_comes_to_it_from_the_case(cast, sign_in):
    case = make_permohonan(S.ISSUED, cast=cast)
    browser = sign_in(Role.AUDITOR)
    around = browser.get(url_for("auditor.permohonan", permohonan_id=case.public_id))
    address = url_for("case_file.show", permohonan_id=case.public_id)
    assert address in links(soup(around)).values()
    page = soup(browser.get(address))
    assert page.select("main form") == []
    sent = soup(browser.get(url_for("case_file.assignments", permohonan_id=case.public_id)))
    jadwal = dossier_of(case).bookings[-1].slot.jadwal
    assert jadwal.surat_tugas_number in words(sent)
    assert jadwal.tuk.name in words(sent)
