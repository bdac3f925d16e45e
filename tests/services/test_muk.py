"""MUK: which instruments are asked on a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.services import mapa as mapas, muk, muk_overview, muk_rows, muk_versions
from lsp.services.demo.base import load_skema
from lsp.services.demo.mapa import authors, put_mapa_in_force
from lsp.services.demo.muk import put_muk_in_force
from lsp.services.muk_values import RowValues
from lsp.vocabulary import InstrumentPaper, ItemKind, Role
from tests import factories
from tests.support.assessment import make_instrument
from tests.test_pages import count_queries
from tests.workflow.people import actor_of


@pytest.fixture
def skema(app):
    return factories.make_skema()


@pytest.mark.both
class TestInForce:
    def test_of_each_kelompok_the_newest_version_of_the_day(self, skema):
        tomorrow = clock.today_wib() + timedelta(days=1)
        group = skema.units[0].kelompok
        grouped = make_instrument(skema, kelompok=group)
        make_instrument(skema, version_number=1)
        whole = make_instrument(skema, version_number=2)
        make_instrument(skema, version_number=3, in_force=False)
        make_instrument(skema, InstrumentPaper.DPL)
        coming = make_instrument(skema, kelompok=group, version_number=2, in_force=False)
        coming.effective_from, coming.published_at = tomorrow, clock.now()
        db.session.flush()
        assert muk.instruments_in_force(skema.id, InstrumentPaper.PW) == [whole, grouped]
        assert muk.instruments_in_force(skema.id, InstrumentPaper.PW, tomorrow) == [whole, coming]

    def test_one_query_brings_the_rows_in_their_order(self, skema):
        make_instrument(skema, questions=("Satu?", "Dua?"))
        key = skema.id
        db.session.expunge_all()

        def read():
            found = muk.instruments_in_force(key, InstrumentPaper.PW)
            assert [item.text for item in found[0].items] == ["Satu?", "Dua?"]

        assert count_queries(read) == 1

    def test_a_skema_without_any(self, skema):
        assert muk.instruments_in_force(skema.id, InstrumentPaper.PW) == []


@pytest.mark.both
class TestRows:
    def test_a_draft_is_written_ordered_and_put_in_force(self, skema):
        actor = actor_of(factories.make_user(Role.ADMIN))
        draft = muk_versions.begin(actor, skema, InstrumentPaper.PW, "")
        rows = [RowValues(ItemKind.QUESTION, f"Baris {number}?", "Kunci") for number in (1, 2, 3)]
        assert muk_rows.add(actor, draft, [*rows, rows[0]]) == 3
        muk_rows.step(actor, draft, draft.items[2], "naik")
        muk_rows.step(actor, draft, draft.items[0], "hapus")
        assert muk_rows.restore(actor, draft) == 1
        assert [item.text for item in draft.items] == ["Baris 1?", "Baris 3?", "Baris 2?"]
        muk_versions.save(actor, draft, "people", authors(clock.today_wib()))
        muk_versions.publish(actor, draft, clock.today_wib())
        assert muk.instruments_in_force(skema.id, InstrumentPaper.PW) == [draft]
        for work in (
            lambda: muk_rows.add(actor, draft, rows),
            lambda: muk_rows.step(actor, draft, draft.items[0], "hapus"),
            lambda: muk_versions.save(actor, draft, "head", {}),
            lambda: muk_versions.discard(actor, draft),
        ):
            with pytest.raises(DomainError, match="Buat versi barunya"):
                work()

    def test_what_was_taken_out_together_comes_back_together(self, skema):
        actor = actor_of(factories.make_user(Role.ADMIN))
        draft = make_instrument(skema, questions=("Satu?", "Dua?"), in_force=False)
        new = [RowValues(ItemKind.QUESTION, "Baru?")]
        assert [muk_rows.replace(actor, draft, new) for _ in range(2)] == [1, 0]
        assert muk_rows.restore(actor, draft) == 2
        assert [item.text for item in draft.items] == ["Satu?", "Dua?", "Baru?"]


class TestDemo:
    def test_its_skema_has_questions_with_keys_about_its_units(self, app):
        since = clock.today_wib()
        version = load_skema("petugas-k3-lsp-p1", since)
        put_mapa_in_force(version, since)
        put_muk_in_force(version, since)
        for paper in (InstrumentPaper.DPL, InstrumentPaper.PW):
            (made,) = muk.instruments_in_force(version.id, paper)
            assert all(item.key for item in made.items)
            # Six about an elemen; the interview has one that is asked of everybody beside them.
            bare = [item for item in made.items if item.elemen_id is None]
            assert (len(made.items) - len(bare), len(bare)) == (6, int(paper is InstrumentPaper.PW))
        lacks = [line.lacks for line in muk_overview.overview() if line.in_force]
        assert lacks == [()]
        assert [mapa.approach for mapa in mapas.in_force(version.id)] == ["portofolio"]
