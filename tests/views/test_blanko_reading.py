"""Ketua and auditor read the book of blanko from their own pages; nothing there can be pressed."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import AuditEvent
from lsp.vocabulary import PermohonanStatus, Role
from tests.html import links, main, soup, words
from tests.workflow.cases import make_cast, make_permohonan


@pytest.mark.parametrize("role", [Role.KETUA, Role.AUDITOR])
def test_they_read_it_from_their_home(app, sign_in, role):
    case = make_permohonan(PermohonanStatus.BLANKO_RECEIVED, cast=make_cast())
    browser, number = sign_in(role), f"BLK-{case.id:07d}"
    home = soup(browser.get(url_for("ketua.home" if role is Role.KETUA else "auditor.home")))
    url = next(url for name, url in links(home).items() if name.startswith("Buku blangko"))
    page = soup(browser.get(url))
    assert "1 diterima = 0 terpakai + 1 dipesan" in words(main(page))
    assert "Kembalikan yang rusak" not in words(page)
    one = soup(browser.get(links(page)[number]))
    assert "Dipesan" in words(main(one))
    assert one.main.find("form") is None
    assert browser.get(links(one)[case.asesi_name]).status_code == 200
    narrowed = soup(browser.get(url, query_string={"keadaan": "spoiled", "cari": "BLK"}))
    assert number not in links(narrowed)
    file = browser.get(links(narrowed)["Unduh CSV"])
    assert number not in file.get_data(as_text=True)
    told = db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
    assert (told.action, told.actor_role) == ("blanko.download", role)


def test_a_number_that_never_stood_there_leads_back(sign_in, app):
    answer = sign_in(Role.AUDITOR).get(url_for("blanko_papers.number", nomor="tidak-ada"))
    assert (answer.status_code, answer.location) == (303, url_for("blanko_papers.book"))
