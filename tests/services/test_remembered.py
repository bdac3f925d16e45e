"""What a unit of work remembers of what it read: once however many rules ask, and never past a write."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, text, update

from lsp import clock
from lsp.database import begin_write, db, remembered
from lsp.models import FormTemplate, Setting
from lsp.models.inforce import SettingMissing, form_template, read_settings, read_words, setting
from tests.support.instruments import statements

KEY = "pleno_quorum"


def version(value):
    """A later version of the setting, as a row's columns."""
    return {"key": KEY, "effective_from": clock.today_wib(), "value": value, "label": KEY}


def by_flush():
    db.session.add(Setting(**version(7)))
    db.session.flush()


def by_insert():
    db.session.execute(insert(Setting).values(doubt="", **version(7)))


def by_update():
    db.session.execute(update(Setting).where(Setting.key == KEY).values(value=7))


def by_commit():
    with db.engine.begin() as other:
        other.execute(text("UPDATE setting SET value = '7' WHERE key = :key"), {"key": KEY})
    db.session.commit()


class TestSettings:
    def test_asked_often_they_are_read_once(self, app):
        assert len(statements(lambda: [setting(KEY) for _ in range(3)])) == 1

    @pytest.mark.parametrize("write", [by_flush, by_insert, by_update, by_commit])
    def test_after_a_write_they_are_read_anew(self, app, write):
        assert setting(KEY) != 7
        write()
        assert setting(KEY) == 7

    def test_a_writer_judges_by_what_is_stored_when_his_turn_comes(self, app):
        assert setting(KEY) != 7
        with db.engine.connect() as other:
            other.execute(text("UPDATE setting SET value = '7' WHERE key = :key"), {"key": KEY})
            other.commit()
        begin_write()
        assert setting(KEY) == 7

    def test_read_ahead_over_unsaved_work_they_are_still_known_after_it(self, app):
        db.session.add(Setting(**version(7)))
        read_settings(KEY, "evidence_rounds")
        assert statements(lambda: (setting(KEY), setting("evidence_rounds"))) == []
        assert setting(KEY) == 7

    def test_read_ahead_they_are_one_query(self, app):
        def ask():
            read_settings(KEY, "pleno_rule")
            read_settings(KEY)
            setting(KEY), setting("pleno_rule")

        assert len(statements(ask)) == 1

    def test_a_missing_one_is_not_remembered_as_missing(self, app):
        with pytest.raises(SettingMissing):
            setting("unheard_of")
        db.session.add(Setting(**version(1) | {"key": "unheard_of"}))
        db.session.flush()
        assert setting("unheard_of") == 1


class TestWords:
    def test_of_many_papers_they_are_one_query(self, app):
        papers = [("fr_ia_08", 1), ("fr_ia_09", 1), ("fr_ak_07", 1)]

        def ask():
            read_words(papers)
            return [form_template(code, version=number) for code, number in papers]

        assert len(statements(ask)) == 1
        assert [(row.form_code, row.version_number) for row in ask()] == papers

    def test_those_in_force_are_not_those_of_a_version(self, app):
        now = form_template("fr_ia_08")
        later = FormTemplate(
            form_code="fr_ia_08", version_number=now.version_number + 1, body=now.body,
            effective_from=clock.today_wib(),
        )  # fmt: skip
        db.session.add(later)
        db.session.flush()
        assert form_template("fr_ia_08") is later
        assert form_template("fr_ia_08", version=now.version_number) is now

    def test_unknown_words_are_said(self, app):
        read_words([("fr_ia_08", 99)])
        with pytest.raises(LookupError):
            form_template("fr_ia_08", version=99)


def test_a_rolled_back_unit_of_work_leaves_nothing(app):
    remembered("dossiers")[1] = "read"
    db.session.rollback()
    db.session.execute(text("SELECT 1"))
    db.session.rollback()
    assert remembered("dossiers") == {}
