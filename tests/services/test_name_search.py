"""Names are found by any part of them, along an index that the database keeps by itself, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update

from lsp.actor import Actor
from lsp.database import db
from lsp.models import Permohonan, name_search
from lsp.models.triggers import drop_triggers, install_triggers
from lsp.services import worklist, worklist_rows
from lsp.services.worklist_rows import Wanted
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories

S = PermohonanStatus
ADMIN = Actor(id=0, name="Admin", roles=frozenset({Role.ADMIN}))
NAMES = ("Rosmaida Contoh", "I Made Rekaan", "Nu’man Fiktif", "André Umpama", "Li Percobaan")


@pytest.fixture
def people(app):
    asesi, skema = factories.make_user(), factories.make_skema()
    for name in NAMES:
        add(asesi, skema, name)
    return asesi, skema


def add(asesi, skema, name, status=S.SUBMITTED):
    return factories.make_permohonan(
        asesi, status=status, skema_version_id=skema.id, asesi_name=name
    )


def found(words, **more):
    """Names on the first page, as the work list asks for them."""
    wanted = Wanted(search=words, **more)
    above = worklist.overview(ADMIN, name=wanted.name)
    page = worklist_rows.page(ADMIN, wanted, limits=above.limits, hits=above.hits)
    return sorted(row.asesi_name for row in page.rows)


@pytest.mark.both
class TestWhatIsFound:
    @pytest.mark.parametrize(
        ("words", "name"),
        [
            ("smai", "Rosmaida Contoh"),
            ("ROSMAIDA", "Rosmaida Contoh"),
            ("rosmaida  con", "Rosmaida Contoh"),
            ("nu'man", "Nu’man Fiktif"),
            ("nu’man", "Nu’man Fiktif"),
            ("andre", "André Umpama"),
            ("ANDRÉ", "André Umpama"),
        ],
    )
    @pytest.mark.parametrize("few", [name_search.FEW, -1])
    def test_any_part_in_any_writing(self, people, monkeypatch, words, name, few):
        """Both ways through SQLite: asked of the index first, and row by row along the order of the list."""
        monkeypatch.setattr(name_search, "FEW", few)
        assert found(words) == [name]
        assert found(words, work="verifikasi") == [name]
        assert found(words, status=S.PAID) == []

    @pytest.mark.parametrize(
        ("words", "name"),
        [("li", "Li Percobaan"), ("co", "Rosmaida Contoh"), ("i", "I Made Rekaan")],
    )
    def test_two_letters_begin_a_word_and_one_is_a_word(self, people, words, name):
        assert found(words) == [name]

    @pytest.mark.parametrize(
        "words", ["zzz", "rosmaidax", '"', '" OR "a', "%", "___", "*", "ro%da"]
    )
    def test_what_no_name_holds_is_not_found(self, people, words):
        assert found(words) == []

    def test_a_new_name_is_found_and_the_old_one_no_more(self, people):
        case = db.session.scalars(select(Permohonan).limit(1)).one()
        case.asesi_name = "Berubah Sekali"
        db.session.commit()
        assert found("rosmaida") == []
        assert found("berubah") == ["Berubah Sekali"]
        db.session.execute(update(Permohonan).values(asesi_name="Sama Semua"))
        db.session.commit()
        assert found("berubah") == []
        assert len(found("sama semua")) == len(NAMES)

    def test_what_is_rolled_back_is_not_found(self, people):
        asesi, skema = people
        db.session.execute(update(Permohonan).values(asesi_name="Tidak Jadi"))
        db.session.rollback()
        assert found("tidak jadi") == []
        assert found("rosmaida") == ["Rosmaida Contoh"]
        add(asesi, skema, "Masih Ada")
        assert found("masih ada") == ["Masih Ada"]

    def test_names_that_stood_before_the_index_are_in_it(self, people):
        connection = db.session.connection()
        drop_triggers(connection)
        connection.execute(text("UPDATE permohonan SET asesi_name = 'Dari Dulu' WHERE id = 1"))
        install_triggers(connection)
        db.session.commit()
        assert found("dari dulu") == ["Dari Dulu"]
        assert found("umpama") == ["André Umpama"]


class TestAlongAnIndex:
    """What SQLite says it will do; seconds are measured elsewhere (bench/RESULTS.md)."""

    def plan(self, hits, **more):
        wanted = Wanted(search="rosmaida", **more)
        limits = worklist.overview(ADMIN).limits
        first = worklist_rows.places(ADMIN, wanted, limits=limits, hits=hits, size=26)
        sent = select(first.c.id).compile(db.engine, compile_kwargs={"literal_binds": True})
        rows = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sent}")
        return [row.detail for row in rows]

    @pytest.mark.parametrize(
        "more",
        [{}, {"work": "verifikasi"}, {"work": "jadwal"}, {"verifier": "belum"}, {"age": "30"}],
    )
    def test_a_few_names_are_looked_up_by_their_keys(self, people, more):
        steps = self.plan(3, **more)
        assert any(f"SCAN {name_search.TABLE} VIRTUAL TABLE" in step for step in steps), steps
        assert any("SEARCH permohonan USING INTEGER PRIMARY KEY" in step for step in steps), steps
        assert "SCAN permohonan" not in steps, steps

    @pytest.mark.parametrize(
        ("more", "index"),
        [
            ({}, "SCAN permohonan USING INDEX ix_permohonan_recent"),
            ({"work": "verifikasi"}, "SEARCH permohonan USING INDEX ix_permohonan_status_recent"),
            ({"verifier": "belum"}, "SEARCH permohonan USING INDEX ix_permohonan_assigned_recent"),
            ({"age": "merah"}, "SCAN permohonan USING INDEX ix_permohonan_recent"),
        ],
    )
    def test_many_are_asked_along_the_order_of_the_list(self, people, more, index):
        steps = self.plan(name_search.FEW + 1, **more)
        assert any(index in step for step in steps), steps
        assert not any("TEMP B-TREE" in step for step in steps), steps

    def test_counting_goes_no_further_than_many(self, app, monkeypatch, people):
        monkeypatch.setattr(name_search, "FEW", 2)
        asesi, skema = people
        for number in range(5):
            add(asesi, skema, f"Serupa {number}")
        assert worklist.overview(ADMIN, name="serupa").hits == 3


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
class TestPostgresql:
    def plan(self):
        connection = db.session.connection()
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        asked = select(Permohonan.id).where(name_search.holds("smai"))
        sent = asked.compile(connection, compile_kwargs={"literal_binds": True})
        steps = connection.exec_driver_sql(f"EXPLAIN {sent}")
        return "\n".join(str(row[0]) for row in steps)

    def test_the_index_answers(self, people):
        assert name_search.INDEX in self.plan()

    def test_folding_a_name_counts_as_work_for_the_search_alone(self, people):
        assert found("smai") == ["Rosmaida Contoh"]
        price = text("SELECT current_setting('cpu_operator_cost')")
        assert db.session.scalar(price) == "0.04"
        db.session.rollback()
        assert db.session.scalar(price) == "0.0025"

    def test_where_the_extension_is_not_allowed_the_search_works_without(self, people):
        connection = db.session.connection()
        connection.execute(text("DROP EXTENSION pg_trgm CASCADE"))
        connection.execute(text("CREATE ROLE guest"))
        connection.execute(text("SET LOCAL ROLE guest"))
        assert name_search.install(connection) is False
        connection.execute(text("RESET ROLE"))
        db.session.commit()
        assert name_search.INDEX not in self.plan()
        db.session.rollback()
        assert found("smai") == ["Rosmaida Contoh"]
        assert name_search.install(db.session.connection()) is True
        db.session.execute(text("DROP ROLE guest"))
        db.session.commit()
