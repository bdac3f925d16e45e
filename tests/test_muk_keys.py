"""The key of a question is on no page of anybody but admin and asesor: every address the others may open is read."""

from __future__ import annotations

from typing import Any

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import Instrument, InstrumentItem, SkemaVersion
from lsp.views.muk_reading import asesi_reading
from lsp.vocabulary import InstrumentPaper, ItemKind, Role
from lsp.workflow.muk import SHAPES
from tests import factories
from tests.support.access import NOBODY, Row, address_values, read_table, routes
from tests.support.assessment import make_instrument

KEY = "Kunci7Q9K2Mrahasia"
OTHERS = [role.value for role in Role if role not in (Role.SYSTEM, Role.ADMIN, Role.ASESOR)]
PAGES = [
    (row, who)
    for row in read_table()
    if row.method == "GET" and row.relation in ("-", "own")
    for who in (NOBODY, *OTHERS)
    if row.expected[who] == "ok"
]


def give_every_skema_its_keys():
    """Each skema version that stands asks written, oral and interview questions, all with the key."""
    having = select(Instrument.skema_version_id)
    for version in db.session.scalars(select(SkemaVersion).where(SkemaVersion.id.not_in(having))):
        for paper in (InstrumentPaper.DPT_PG, InstrumentPaper.DPL, InstrumentPaper.PW):
            made = make_instrument(version, paper, questions=("Apa itu JSA?",), in_force=False)
            made.items[0].key = KEY
            made.items[0].elemen_id = version.units[0].elements[0].id if version.units else None
            db.session.flush()
            made.effective_from, made.published_at = version.effective_from, factories.clock.now()
            db.session.flush()
    db.session.commit()


@pytest.mark.parametrize(("row", "who"), PAGES, ids=lambda each: str(each))
def test_no_page_of_the_others_carries_a_key(row: Row, who, app, client, sign_in):
    browser = client if who == NOBODY else sign_in(Role(who))
    person = factories.make_user() if who == NOBODY else browser.user
    factories.make_skema(remote=True)
    values: dict[str, Any] = {}
    if row.relation == "own":
        arguments = routes(app)[row.endpoint, row.method].arguments
        values = address_values(row.endpoint, arguments, person, relation=row.relation)
    give_every_skema_its_keys()
    assert KEY.encode() not in browser.get(url_for(row.endpoint, **values)).data


class TestTheTestCanFail:
    def test_the_admin_reads_the_key(self, app, sign_in):
        factories.make_skema()
        give_every_skema_its_keys()
        made = db.session.scalars(select(Instrument)).first()
        answer = sign_in(Role.ADMIN).get(f"/admin/pengaturan/muk/{made.public_id}")
        assert KEY.encode() in answer.data

    def test_pages_of_asesi_and_penyelia_are_among_them(self):
        opened = {(row.endpoint, who) for row, who in PAGES}
        assert ("asesi.permohonan", "asesi") in opened
        assert {NOBODY, "penyelia", "tim_teknis"} <= {who for _, who in opened}


@pytest.mark.parametrize("paper", SHAPES)
def test_what_the_asesi_reads_is_made_without_the_key(app, paper):
    made = Instrument(
        paper=paper, kelompok="", version_number=1, head={}, people={},
        items=[InstrumentItem(id=1, position=1, kind=ItemKind.QUESTION, text="Apa?", key=KEY, options=[])],
    )  # fmt: skip
    assert KEY not in repr(asesi_reading(made))
