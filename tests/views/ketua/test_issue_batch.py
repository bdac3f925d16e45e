"""Many certificates with one press: the decision stands at once, the files follow, and a page says how far."""

from __future__ import annotations

import re

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock, worker
from lsp.database import db
from lsp.gateways import signer
from lsp.models import IssueBatch, OutboxMessage
from lsp.vocabulary import PermohonanStatus
from tests.html import filled, form, h1, links, soup, words
from tests.htmx import HX
from tests.test_pages import count_queries
from tests.workflow.cases import make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def ketua(cast, sign_in):
    return sign_in(cast.ketua)


def confirm(ketua, cases):
    """The confirming page as a browser sends it."""
    query = {"pilih": [case.public_id for case in cases]}
    page = soup(ketua.get(url_for("ketua_signing.ask_issue"), query_string=query))
    return filled(form(page, url_for("ketua_signing.issue"))) | query


def test_progress_is_an_address_of_its_own_and_ends(cast, ketua, monkeypatch, tmp_path):
    cases = [make_permohonan(S.RECORDED, cast=cast) for _ in range(3)]
    last_name, sent = cases[-1].asesi_name, confirm(ketua, cases)
    first = ketua.post(url_for("ketua_signing.issue"), data=sent)
    twice = ketua.post(url_for("ketua_signing.issue"), data=sent)
    assert first.location == twice.location, "a second press finds the first one's batch"
    address, batch = first.location, db.session.scalars(select(IssueBatch)).one()
    assert address == url_for("ketua_signing.batch", batch_id=batch.public_id)
    page = soup(ketua.get(address))
    assert h1(page) == "Penerbitan 3 sertifikat"
    assert words(page.select_one("#issue-progress h2")) == "0 dari 3 berkas jadi"
    alone = soup(ketua.get(address, headers=HX))
    assert alone.select_one("#issue-progress")["hx-get"] == address
    assert alone.find("h1") is None
    # It survives closing: the ketua's home leads back.
    home = soup(ketua.get(url_for("ketua.home")))
    assert address in links(home).values()

    # One cannot be signed: it is named with what to do, and the others' files are made.
    worker.go_round()
    monkeypatch.setattr(signer._Installed, "signer", signer.Pkcs12Signer(tmp_path / "none.p12"))
    jobs = select(OutboxMessage).where(OutboxMessage.kind == "certificate_pdf")
    while db.session.scalars(
        jobs.where(OutboxMessage.done_at.is_(None), OutboxMessage.error == "")
    ).first():
        db.session.rollback()
        worker.go_round()
    page = soup(ketua.get(address))
    told = words(page)
    assert re.search(r"[01] dari 3 berkas jadi", told)
    assert last_name in told
    assert signer.SENTENCES["missing"] in told
    assert "Portal mencobanya lagi sendiri." in told
    monkeypatch.setattr(signer._Installed, "signer", signer.NoSigner())
    for row in db.session.scalars(jobs.where(OutboxMessage.done_at.is_(None))):
        row.run_at = clock.now()
    db.session.commit()
    worker.drain()
    page = soup(ketua.get(address))
    assert words(page.select_one("#issue-progress h2")) == "3 dari 3 berkas jadi"
    assert "hx-get" not in page.select_one("#issue-progress").attrs, "nothing to ask for any more"
    assert address not in links(soup(ketua.get(url_for("ketua.home")))).values()


def test_given_up_is_said_and_the_page_asks_no_more(cast, ketua):
    case = make_permohonan(S.RECORDED, cast=cast)
    address = ketua.post(url_for("ketua_signing.issue"), data=confirm(ketua, [case])).location
    row = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == "certificate_pdf")
    ).one()
    row.error = "ChildError in lsp/papers/typeset.py:64"
    db.session.commit()
    tried_again = soup(ketua.get(address)).select_one("#issue-progress")
    assert "hx-get" in tried_again.attrs, "one that is tried again is still waited for"
    row.dead_at = clock.now()
    db.session.commit()
    page = soup(ketua.get(address))
    assert "minta admin membuka Antrean" in words(page)
    assert "hx-get" not in page.select_one("#issue-progress").attrs


def test_queries_do_not_grow_with_the_batch(cast, ketua):
    counts = []
    for size in (1, 4):
        cases = [make_permohonan(S.RECORDED, cast=cast) for _ in range(size)]
        address = ketua.post(url_for("ketua_signing.issue"), data=confirm(ketua, cases)).location
        counts.append(count_queries(lambda address=address: ketua.get(address, headers=HX)))
    assert counts[0] == counts[1]
