"""Keluhan for everybody: sent once, printed, followed by receipt and contact; no script, little weight."""

from __future__ import annotations

import gzip

import pytest
from flask import url_for
from sqlalchemy import func, select

from lsp.database import db
from lsp.models import Complaint
from lsp.services import complaint_handling as handling, throttle
from lsp.vocabulary import Role
from tests import factories
from tests.html import errors, filled, form, h1, links, main, notices, soup, words
from tests.test_pages import MOST_BYTES
from tests.workflow.cases import actor_of

TYPED = {
    "name": "Warga Rekaan",
    "contact": "warga@contoh.example",
    "relation": "Pemberi kerja",
    "about": "Pelayanan admin",
    "body": "Surat saya tidak dijawab selama dua minggu.",
}


def page_of(client, endpoint):
    return soup(client.get(url_for(endpoint)))


def typed_form(client, **changes):
    """What the page posts when it was filled."""
    return filled(form(page_of(client, "keluhan.write"), url_for("keluhan.send"))) | TYPED | changes


def send(client, **changes):
    return client.post(url_for("keluhan.send"), data=typed_form(client, **changes))


def count():
    db.session.expire_all()
    return db.session.scalar(select(func.count(Complaint.id)))


def newest():
    return db.session.scalars(select(Complaint).order_by(Complaint.id.desc())).first()


class TestSending:
    @pytest.mark.parametrize(
        ("contact", "said"),
        [
            ("warga@contoh.example", "juga kami kirim ke e-mail"),
            ("0812 9999 0003", "hanya ada di sini"),
        ],
    )
    def test_the_receipt_says_whether_its_number_was_mailed(self, client, contact, said):
        answer = send(client, contact=contact)
        assert said in words(main(soup(client.get(answer.location))))

    def test_every_page_leads_there(self, client):
        assert url_for("keluhan.write") in links(page_of(client, "public.home")).values()

    def test_it_is_kept_and_the_receipt_is_shown(self, client):
        answer = send(client)
        assert answer.status_code == 303
        page = soup(client.get(answer.location))
        assert h1(page) == "Keluhan Anda sudah kami terima"
        assert newest().receipt in words(main(page))
        assert newest().body == TYPED["body"]

    def test_pressed_twice_it_is_one(self, client):
        data = typed_form(client)
        for _ in range(2):
            assert client.post(url_for("keluhan.send"), data=data).status_code == 303
        assert count() == 1

    def test_what_is_missing_is_named_and_what_was_typed_stays(self, client):
        answer = send(client, contact="besok", body="Pendek")
        assert answer.status_code == 422
        page = soup(answer)
        assert {"contact", "body"} <= set(errors(page))
        assert "Ada 2 isian" in " ".join(notices(page))
        kept = filled(form(page, url_for("keluhan.send")))
        assert (kept["name"], kept["about"]) == (TYPED["name"], TYPED["about"])
        assert count() == 0

    def test_a_number_is_a_contact_too(self, client):
        assert send(client, contact="0812 9999 0003").status_code == 303

    def test_what_fills_every_field_is_refused(self, client):
        assert send(client, website="https://jual.example").status_code == 422
        assert count() == 0

    def test_many_from_one_place_are_slowed_and_lose_nothing(self, client):
        for _ in range(throttle.COMPLAINT_ADDRESS.count):
            assert send(client).status_code == 303
        answer = send(client, body="Ini keluhan yang kesekian, dan isinya panjang.")
        assert answer.status_code == 429
        page = soup(answer)
        assert "kesekian" in filled(form(page, url_for("keluhan.send")))["body"]
        assert "masih ada di bawah" in " ".join(notices(page))

    def test_the_receipt_is_this_browsers_alone(self, app, client):
        send(client)
        other = app.test_client()
        assert other.get(url_for("keluhan.receipt")).status_code == 302


class TestFollowing:
    def follow(self, client, **changes):
        data = {"receipt": newest().receipt, "contact": TYPED["contact"]} | changes
        return client.post(url_for("keluhan.look_up"), data=data)

    def test_with_receipt_and_contact(self, client):
        send(client)
        page = soup(self.follow(client))
        assert newest().receipt in h1(page)
        assert "Keluhan diterima" in words(main(page))
        assert TYPED["body"] not in words(main(page))

    def test_what_was_told_is_read_and_what_was_jotted_is_not(self, client):
        send(client)
        admin = actor_of(factories.make_user(Role.ADMIN))
        case = newest()
        handling.register(admin, case, people=(), about_case="", version=case.version)
        for step, text in (("tell", "Sedang kami periksa."), ("jot", "Untuk LSP saja ini.")):
            handling.note(admin, case, step, text=text, version=case.version)
        db.session.commit()
        said = words(main(soup(self.follow(client))))
        assert "Sedang kami periksa." in said
        assert "Untuk LSP saja" not in said
        assert "Terdaftar" in said

    def test_a_wrong_contact_and_a_wrong_number_say_the_same(self, client):
        send(client)
        answers = [
            self.follow(client, contact="lain@contoh.example"),
            self.follow(client, receipt="KEL-9999-2026"),
        ]
        assert {answer.status_code for answer in answers} == {422}
        assert len({" ".join(notices(soup(answer))) for answer in answers}) == 1

    def test_a_contact_of_signs_alone_opens_to_nobody(self, client):
        send(client, contact="- - - -")
        assert self.follow(client, contact="tebakan").status_code == 422

    def test_who_tries_contacts_of_one_receipt_is_slowed(self, client):
        send(client)
        for _ in range(throttle.FOLLOW_RECEIPT.count):
            assert self.follow(client, contact="lain@contoh.example").status_code == 422
        assert self.follow(client).status_code == 429


@pytest.mark.parametrize("endpoint", ["keluhan.write", "keluhan.follow", "keluhan.receipt"])
def test_each_page_is_light_and_loads_no_script(client, endpoint):
    send(client)
    answer = client.get(url_for(endpoint))
    assert len(gzip.compress(answer.data, 6)) <= MOST_BYTES
    assert soup(answer).find("script") is None


def test_nothing_of_it_stands_in_an_address(client):
    send(client)
    for answer in (send(client), TestFollowing().follow(client)):
        assert TYPED["contact"] not in (answer.location or "")
        assert "KEL-" not in (answer.location or "")
