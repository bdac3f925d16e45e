"""A new asesi on a cheap phone over 400 kbit/s and 400 ms, whose signal goes three times: nothing is lost."""

from __future__ import annotations

import sqlite3

import pytest

from bench import phone_walk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(590)]


def stored(data, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(data / "portal.sqlite3") as database:
        return database.execute(query, {"id_izin": phone_walk.ID_IZIN}).fetchall()


def test_sign_up_to_sent_over_a_line_that_breaks(tmp_path, chromium):
    person = phone_walk.walk(tmp_path, chromium)

    assert person.link.cuts == 3
    # htmx says each request that found no signal; anything else would be ours.
    assert [each for each in person.hands.complaints if not each.startswith("htmx:")] == []
    mine = "permohonan_id = (SELECT id FROM permohonan WHERE id_izin = :id_izin)"
    assert stored(tmp_path, "SELECT status FROM permohonan WHERE id_izin = :id_izin") == [
        ("submitted",)
    ]
    form = "SELECT full_name, institution, funding FROM fr_apl_01 WHERE "
    wanted = phone_walk.PERSON
    assert stored(tmp_path, form + mine) == [
        (wanted["nama"], wanted["instansi"] or "Perorangan", "Mandiri")
    ]
    files = "SELECT count(*), count(DISTINCT sha256) FROM document WHERE replaced_at IS NULL AND "
    assert stored(tmp_path, files + mine) == [(8, 8)]
    answers = "SELECT answer, evidence_note, count(*) FROM fr_apl_02_answer WHERE {} GROUP BY 1, 2"
    assert stored(tmp_path, answers.format(mine)) == [
        ("K", "Pernah saya kerjakan di proyek rumah susun contoh.", 27)
    ]
    assert stored(tmp_path, f"SELECT count(*) FROM signature WHERE {mine}") == [(2,)]
