"""Pengaturan, phrases for notes: adding, changing, retiring, taking back into use; where each is offered."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import NotePhrase
from lsp.services import installation, phrases
from lsp.vocabulary import PermohonanStatus
from lsp.workflow.dossier import dossier_of
from tests.html import errors, notices, soup, words
from tests.workflow.cases import make_permohonan


@pytest.fixture
def case(app):
    for phrase in db.session.scalars(select(NotePhrase)):
        db.session.delete(phrase)
    case = make_permohonan(PermohonanStatus.SUBMITTED, work_done=False)
    db.session.commit()
    return case


def add(admin, code="", text="Foto buram."):
    return admin.post(url_for("admin.add_phrase"), data={"code": code, "text": text})


def standing():
    db.session.rollback()
    rows = db.session.scalars(select(NotePhrase).where(NotePhrase.retired_at.is_(None)))
    return [(row.code, row.text) for row in rows]


def only(admin):
    return db.session.scalars(select(NotePhrase).where(NotePhrase.retired_at.is_(None))).one()


def test_one_is_added_for_a_row(admin, case):
    code = dossier_of(case).requirements[0].code
    assert add(admin, code).status_code == 303
    assert standing() == [(code, "Foto buram.")]


@pytest.mark.parametrize(
    ("code", "text", "field", "sentence"),
    [
        ("", "", "text", "kalimatnya"),
        ("", "x" * 301, "text", "Pendekkan"),
        ("zz", "Foto buram.", "code", "Pilih butir"),
    ],
)
def test_what_is_wrong_is_said_and_kept(admin, case, code, text, field, sentence):
    answer = add(admin, code, text)
    assert answer.status_code == 422
    assert sentence in errors(soup(answer))[field]
    assert soup(answer).select_one("[name=text]")["value"] == text
    assert standing() == []


def test_the_same_words_stand_once(admin, case):
    add(admin)
    answer = add(admin, text="Foto  buram. ")
    assert "sudah ada" in errors(soup(answer))["text"]
    assert len(standing()) == 1


def test_a_change_retires_the_old_words(admin, case):
    add(admin)
    old = only(admin).public_id
    answer = admin.post(
        url_for("admin.change_phrase", phrase_id=old), data={"code": "", "text": "Foto kabur."}
    )
    assert answer.status_code == 303
    assert standing() == [("", "Foto kabur.")]
    answer = admin.post(
        url_for("admin.change_phrase", phrase_id=old), data={"code": "", "text": "Lagi."}
    )
    assert answer.status_code == 422, "a second tab still shows the old words"
    assert any("tidak dipakai" in each for each in notices(soup(answer)))


def test_retired_it_is_offered_no_more_and_can_be_taken_back(admin, case):
    add(admin)
    phrase = only(admin).public_id
    for _twice in range(2):
        assert admin.post(url_for("admin.retire_phrase", phrase_id=phrase)).status_code == 303
    assert standing() == []
    assert phrases.offered("") == []
    again = url_for("admin.use_phrase_again", phrase_id=phrase)
    assert admin.post(again).status_code == 303
    assert standing() == [("", "Foto buram.")]
    assert admin.post(again).status_code == 409


def test_those_of_the_row_come_first_and_no_more_than_keys(admin, case):
    for number in range(10):
        phrases.add(admin_actor(admin), code="", text=f"Umum {number}.")
    code = dossier_of(case).requirements[0].code
    phrases.add(admin_actor(admin), code=code, text="Buram di sini.")
    offered = [row.text for row in phrases.offered(code)]
    assert offered[0] == "Buram di sini."
    assert len(offered) == phrases.MOST_OFFERED
    assert "Buram di sini." not in [row.text for row in phrases.offered("9z")]


def admin_actor(admin):
    from tests.workflow.cases import actor_of

    return actor_of(admin.user)


def test_defaults_come_once_and_not_after_all_were_retired(admin, case):
    installation.prepare_database()
    db.session.commit()
    assert len(standing()) > 10
    for row in db.session.scalars(select(NotePhrase)):
        phrases.retire(admin_actor(admin), row)
    db.session.commit()
    installation.prepare_database()
    db.session.commit()
    assert standing() == []


class TestInTheChecklist:
    def press(self, admin, case, phrase, **data):
        row = dossier_of(case).requirements[0].public_id
        return admin.post(
            url_for("admin.judge", permohonan_id=case.public_id),
            data={"version": case.version, "requirement": row, "phrase": phrase} | data,
        )

    @pytest.fixture
    def phrase(self, admin, case):
        add(admin)
        return only(admin).public_id

    def test_without_scripts_a_press_puts_it_into_the_note(self, admin, case, phrase):
        answer = self.press(admin, case, phrase, note="Halaman 2.")
        assert answer.status_code == 200
        assert words(soup(answer).select_one("#note")) == "Halaman 2. Foto buram."
        assert dossier_of(case).verdicts[0].verdict is None

    def test_twice_it_stands_once(self, admin, case, phrase):
        answer = self.press(admin, case, phrase, note="Foto buram.")
        assert words(soup(answer).select_one("#note")) == "Foto buram."

    def test_one_that_is_gone_leaves_the_note_as_it_was(self, admin, case):
        answer = self.press(admin, case, "TIDAKADA", note="Halaman 2.")
        assert words(soup(answer).select_one("#note")) == "Halaman 2."
