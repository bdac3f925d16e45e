"""A new skema version takes over the instruments of the one before: by unit code and elemen number."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import Instrument, InstrumentItem
from lsp.services import muk_copy
from lsp.vocabulary import InstrumentPaper, ItemKind, Role
from tests import factories
from tests.html import soup, words
from tests.support.assessment import make_instrument
from tests.workflow.people import actor_of

P = InstrumentPaper


@pytest.fixture
def earlier(app):
    return factories.make_skema(units=3)


@pytest.fixture
def version(earlier):
    """The next version: unit 2 has another elemen, unit 3 is gone."""
    made = factories.make_skema(units=2)
    made.skema, made.version_number = earlier.skema, 2
    made.units[1].elements[0].number = "4"
    db.session.flush()
    return made


@pytest.fixture
def source(earlier):
    """A row for the whole skema, one for each unit down to its KUK."""
    made = make_instrument(earlier, P.DPL, questions=("Umum?",), in_force=False)
    for position, unit in enumerate(earlier.units, 2):
        elemen = unit.elements[0]
        made.items.append(
            InstrumentItem(
                position=position, kind=ItemKind.QUESTION, text=f"Unit {unit.position}?", key="Kunci",
                unit=unit, elemen=elemen, kuk=elemen.kuk_list[0],
            )
        )  # fmt: skip
    made.people = {"penyusun": [{"name": "Rekaan", "met": "MET.1", "date": "2026-01-05"}]}
    db.session.flush()
    made.effective_from, made.published_at = earlier.effective_from, factories.clock.now()
    db.session.flush()
    return made


def drafts(version):
    return db.session.scalars(
        select(Instrument).where(Instrument.skema_version_id == version.id)
    ).all()


class TestTakingOver:
    def test_rows_find_their_places_and_what_does_not_is_said(self, earlier, version, source):
        assert muk_copy.before(version) is earlier
        (found,) = muk_copy.prepared(version, earlier)
        assert found.unmatched == (
            "Baris 3: elemen 1 unit M.71KKK00.002.1 tidak ada, disalin di unitnya.",
            "Baris 4: unit M.71KKK00.003.1 tidak ada di seluruh skema versi ini, baris tidak disalin.",
        )
        assert drafts(version) == []

    def test_it_becomes_a_draft_once(self, earlier, version, source):
        actor = actor_of(factories.make_user(Role.ADMIN))
        made = [muk_copy.take_over(actor, version, earlier) for _ in range(2)]
        assert made == [1, 0]
        (draft,) = drafts(version)
        first, second = version.units
        elemen = first.elements[0]
        assert [(row.text, row.unit_id, row.elemen_id, row.kuk_id) for row in draft.items] == [
            ("Umum?", None, None, None),
            ("Unit 1?", first.id, elemen.id, elemen.kuk_list[0].id),
            ("Unit 2?", second.id, None, None),
        ]
        assert draft.published_at is None
        assert draft.people["penyusun"][0] == {"name": "Rekaan", "met": "MET.1", "date": ""}

    def test_a_kelompok_that_is_gone_stays_behind(self, earlier, version):
        make_instrument(earlier, P.PW, kelompok="Kelompok lama")
        (found,) = muk_copy.prepared(version, earlier)
        assert "tidak ada di versi ini" in found.refusal

    def test_a_draft_of_the_version_before_is_nothing_to_take_over(self, earlier, version):
        make_instrument(earlier, P.PW, in_force=False)
        assert muk_copy.before(version) is None


class TestItsPage:
    def test_asks_first_and_says_what_finds_no_place(self, sign_in, version, source):
        admin = sign_in(Role.ADMIN)
        db.session.commit()
        address = url_for("admin.ask_copy_muk", version_id=version.public_id)
        page = soup(admin.get(address))
        assert "3 dari 4 baris" in words(page)
        assert "baris tidak disalin" in words(page)
        said = soup(admin.get(admin.post(address).location))
        assert "1 draf dibuat" in words(said)
        assert "Tidak disalin" in words(soup(admin.get(address)))
