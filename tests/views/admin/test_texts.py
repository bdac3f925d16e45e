"""Pengaturan, teks persetujuan: read, write, see it as the asesi will, publish."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, ConsentText
from lsp.vocabulary import ConsentKind, Role
from tests.html import errors, filled, form, h1, links, soup, words
from tests.views.asesi import situations

LIST, ONE = "/admin/pengaturan/teks", "/admin/pengaturan/teks/perjanjian"
BODY = (
    "Judul bagian\nIsi <b>perjanjian</b> contoh yang cukup panjang untuk diterima. "
    + "Kalimat lain. " * 10
)


def newest():
    return db.session.scalars(
        select(ConsentText)
        .where(ConsentText.kind == ConsentKind.PERJANJIAN)
        .order_by(ConsentText.version_number.desc())
    ).first()


def written(admin, **changes):
    values = filled(form(soup(admin.get(ONE)), ONE))
    return values | {"title": "Perjanjian baru", "body": BODY} | changes


def press(page, step):
    return filled(form(page, ONE)) | {"step": step}


def test_the_list_leads_to_each(admin):
    found = links(soup(admin.get(LIST)))
    for name, href in found.items():
        if name.startswith("Buka "):
            assert admin.get(href).status_code == 200
    assert sum(name.startswith("Buka ") for name in found) == 4


def test_a_version_is_seen_then_published(admin):
    situations.agree_all(situations.draft())
    page = soup(admin.post(ONE, data=written(admin)))
    assert h1(page) == "Terbitkan perjanjian sertifikasi versi 2?"
    assert "<b>perjanjian</b>" in words(page), "what was typed is never markup"
    assert "1 permohonan yang belum dikirim" in words(page)
    assert newest().version_number == 1
    answer = admin.post(ONE, data=press(page, "terbitkan"))
    assert answer.status_code == 303
    assert (newest().version_number, newest().title) == (2, "Perjanjian baru")
    assert db.session.query(AuditEvent).filter_by(action="consent_text.write").count() == 1
    assert "versi 2 dicatat" in words(soup(admin.get(answer.location)))


def test_back_to_writing_keeps_every_word(admin):
    page = soup(admin.post(ONE, data=written(admin)))
    again = soup(admin.post(ONE, data=press(page, "ubah")))
    assert again.select_one("[name=body]").get_text().strip() == BODY.strip()
    assert again.select_one("[name=title]")["value"] == "Perjanjian baru"


def test_pressed_twice_is_published_once(admin):
    values = press(soup(admin.post(ONE, data=written(admin))), "terbitkan")
    assert admin.post(ONE, data=values).status_code == 303
    answer = admin.post(ONE, data=values)
    assert answer.status_code == 422
    assert newest().version_number == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("body", "pendek"), ("effective_from", "2020-01-01"), ("effective_from", "")],
)
def test_what_is_refused_stands_by_its_field(admin, field, value):
    answer = admin.post(ONE, data=written(admin, **{field: value}))
    assert answer.status_code == 422
    assert field in errors(soup(answer))
    assert newest().version_number == 1


def test_an_old_version_is_read_as_it_was(admin):
    old = newest().body.split("\n")[0]
    page = soup(admin.post(ONE, data=written(admin, effective_from=clock.today_wib().isoformat())))
    admin.post(ONE, data=press(page, "terbitkan"))
    assert old in words(soup(admin.get(f"{ONE}/1")))
    assert "Kalimat lain." in words(soup(admin.get(f"{ONE}/2")))
    assert admin.get(f"{ONE}/3").status_code == 404


def test_a_version_past_all_numbers_is_not_found(sign_in):
    assert sign_in(Role.ADMIN).get(f"{ONE}/9223372036854775808").status_code == 404
