"""Signing up and in, the account page. Mailed links: test_links.py. How long a sign-in lasts: test_sessions.py."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, OutboxMessage, User
from lsp.vocabulary import Role
from tests import factories
from tests.factories import PASSWORD
from tests.html import errors, form, links, notices, soup, words
from tests.views.auth.steps import NEW, enter, is_in, mails

pytestmark = pytest.mark.usefixtures("quick_passwords")


class TestSignIn:
    def test_leads_to_where_work_waits(self, client):
        user = factories.make_user(Role.ANGGOTA_LUAR)
        answer = enter(client, user.email)
        assert (answer.status_code, answer.location) == (303, url_for("banding.home"))
        assert is_in(client)

    def test_takes_the_e_mail_in_any_case_and_with_space(self, client):
        user = factories.make_user()
        assert enter(client, f"  {user.email.upper()} ").status_code == 303

    def test_goes_on_to_the_page_that_was_asked_for(self, client):
        user = factories.make_user()
        first = client.get("/akun?dari=surat")
        assert first.status_code == 302
        page = soup(client.get(first.location))
        asked_for = form(page, url_for("auth.enter")).find("input", attrs={"name": "next"})["value"]
        assert asked_for == "/akun?dari=surat"
        assert enter(client, user.email, next=asked_for).location == "/akun?dari=surat"

    def test_after_a_form_it_leads_back_to_the_page_of_the_form(self, client):
        answer = client.post(
            url_for("auth.change_password"), headers={"Referer": "http://localhost/akun?x=1"}
        )
        assert answer.location == url_for("auth.sign_in", next="/akun?x=1")

    @pytest.mark.parametrize(
        "payload",
        [
            "//jahat.example", "https://jahat.example", "http:jahat.example", "/\\jahat.example", "\\\\jahat.example",
            "/\t/jahat.example", "/\r\n/jahat.example", "javascript:alert(1)", "///jahat.example", " //jahat.example",
            "/%5cjahat.example\\x", "data:text/html,x", "jahat.example", "@jahat.example",
        ],
    )  # fmt: skip
    def test_never_leads_to_another_site(self, client, payload):
        user = factories.make_user()
        answer = enter(client, user.email, next=payload)
        assert (answer.status_code, answer.location) == (303, "/asesi")

    def test_a_form_sent_from_another_site_is_not_led_back_there(self, client):
        answer = client.post(
            url_for("auth.change_password"), headers={"Referer": "https://jahat.example/akun"}
        )
        assert answer.location == url_for("auth.sign_in")

    def test_wrong_password_is_said_by_the_field_and_the_e_mail_is_kept(self, client):
        user = factories.make_user()
        answer = enter(client, user.email, "salah sekali")
        page = soup(answer)
        assert answer.status_code == 422
        assert errors(page)["password"].startswith("E-mail atau kata sandi tidak cocok.")
        assert page.find(id="email")["value"] == user.email
        assert "salah sekali" not in answer.get_data(as_text=True)
        assert not is_in(client)

    def test_empty_says_what_to_fill(self, client):
        page = soup(client.post(url_for("auth.enter"), data={}))
        assert errors(page) == {"email": "Isi alamat e-mail.", "password": "Isi kata sandi."}

    @pytest.mark.parametrize("changed", [{"disabled_at": clock.now()}, {"password_hash": ""}])
    def test_a_closed_or_uninvited_account_answers_as_an_unknown_one(self, client, changed):
        user = factories.make_user(**changed)
        texts = {
            words(soup(enter(client, email)).main) for email in (user.email, "tidak.ada@contoh.id")
        }
        assert len({text.replace(user.email, "") for text in texts}) == 1

    def test_an_unconfirmed_address_gets_a_new_link(self, client):
        user = factories.make_user(verified_at=None)
        page = soup(enter(client, user.email))
        assert "belum dikonfirmasi" in errors(page)["email"]
        assert mails() == ["verify_email"]
        assert not is_in(client)

    def test_unconfirmed_with_a_wrong_password_tells_nothing(self, client):
        user = factories.make_user(verified_at=None)
        assert "password" in errors(soup(enter(client, user.email, "salah")))
        assert mails() == []

    def test_one_who_is_in_is_led_home(self, sign_in):
        assert sign_in(Role.ANGGOTA_LUAR).get(url_for("auth.sign_in")).location == url_for(
            "banding.home"
        )

    def test_each_is_noted_in_the_audit_chain_without_personal_data(self, client):
        user = factories.make_user()
        enter(client, user.email, "salah")
        enter(client, user.email)
        events = list(db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq)))[-2:]
        assert [event.action for event in events] == ["account.sign_in_refused", "account.sign_in"]
        assert not any(user.email in str(vars(event)) for event in events)


class TestNobodyLearnsWhoHasAnAccount:
    @pytest.mark.parametrize(
        ("endpoint", "fields"),
        [
            ("auth.enter", {"password": "salah sekali"}),
            ("auth.send_reset", {}),
            ("auth.create_account", {"name": "Siapa Saja", "password": NEW}),
        ],
    )
    def test_known_and_unknown_look_the_same(self, client, endpoint, fields):
        known = factories.make_user().email
        answers = []
        for email in (known, "tidak.ada@contoh.id"):
            answer = client.post(url_for(endpoint), data=fields | {"email": email})
            answers.append(
                (answer.status_code, answer.location, words(soup(answer)).replace(email, ""))
            )
        assert answers[0] == answers[1]

    def test_an_unknown_account_costs_the_same_hash(self, client, monkeypatch):
        verified = []
        real = factories.QUICK_HASHER.verify
        monkeypatch.setattr(
            factories.QUICK_HASHER, "verify", lambda *a, **k: verified.append(1) or real(*a, **k)
        )
        enter(client, factories.make_user().email, "salah")
        enter(client, "tidak.ada@contoh.id", "salah")
        assert len(verified) == 2


class TestSignUp:
    def sign_up(self, client, **changes):
        data = {
            "name": "Rosmaida Hutagaol",
            "email": "Rosmaida@Contoh.id",
            "password": NEW,
        } | changes
        return client.post(url_for("auth.create_account"), data=data)

    def test_the_page_after_it_shows_the_typed_address_and_ways_to_mend_it(self, client):
        page = soup(client.get(self.sign_up(client).location))
        assert "rosmaida@contoh.id" in words(page).lower()
        found = links(page)
        assert found["Alamat salah, daftar lagi"] == url_for("auth.sign_up")
        assert found["Minta tautan baru"] == url_for("auth.forgotten")

    def test_makes_an_asesi_who_can_enter_after_confirming(self, client):
        assert self.sign_up(client).location == url_for("auth.check_mail")
        user = db.session.scalars(select(User)).one()
        assert (user.email, user.name, [held.role for held in user.roles]) == (
            "rosmaida@contoh.id", "Rosmaida Hutagaol", [Role.ASESI],
        )  # fmt: skip
        assert mails() == ["verify_email"]
        token = db.session.scalars(select(OutboxMessage)).one().payload["context"]["token"]
        wrong = client.post(url_for("auth.use_link", token=token), data={"password": "bukan ini"})
        assert "tidak sama" in errors(soup(wrong))["password"]
        assert user.verified_at is None, "an address is confirmed by whoever signed up, nobody else"
        right = client.post(url_for("auth.use_link", token=token), data={"password": NEW})
        assert right.status_code == 303
        assert is_in(client)

    def test_a_known_address_gets_a_mail_and_keeps_its_password(self, client):
        user = factories.make_user(email="rosmaida@contoh.id")
        before = user.password_hash
        self.sign_up(client)
        assert mails() == ["account_exists"]
        assert user.password_hash == before

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("name", "", "Isi nama lengkap."),
            ("name", "a" * 121, "Paling panjang 120 huruf."),
            ("name", "Rosmaida\r\nBcc: x@y.id", "satu baris"),
            ("name", "Rosmaida\x85Hutagaol", "satu baris"),
            ("name", "Rosmaida\u2029Hutagaol", "satu baris"),
            ("name", "Rosmaida\u202eloagatuH", "membalik arah tulisan"),
            ("name", "\u200b\u2060", "Isi nama lengkap."),
            ("name", "\u3164\u3164", "belum berisi huruf yang dapat dibaca"),
            (
                "name",
                "Budi 😀",
                "memuat huruf yang tidak dapat dicetak di sertifikat: “😀” (U+1F600)",
            ),
            ("name", "李伟", "tidak dapat dicetak"),
            ("email", "", "Isi alamat e-mail."),
            ("email", "bukan", "belum lengkap"),
            ("email", "a@b.id, c@d.id", "belum lengkap"),
            ("email", "a@b.id\nBcc: c@d.id", "belum lengkap"),
            ("email", "a" * 250 + "@b.id", "Paling panjang 254"),
            ("password", "", "Isi kata sandi."),
            ("password", "pendek", "minimal 8"),
            ("password", "a" * 129, "paling panjang 128"),
            ("password", "password123", "mudah ditebak"),
            ("password", "aaaaaaaaaa", "mudah ditebak"),
            ("password", "rosmaida@contoh.id", "mudah ditebak"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_the_rest(self, client, field, value, sentence):
        answer = self.sign_up(client, **{field: value})
        page = soup(answer)
        assert answer.status_code == 422
        assert sentence in errors(page)[field]
        kept = "email" if field == "name" else "name"
        assert page.find(id=kept)["value"] in ("Rosmaida Hutagaol", "Rosmaida@Contoh.id")
        assert mails() == []

    def test_a_name_is_stored_composed_and_without_what_copying_left_in_it(self, client):
        self.sign_up(client, name="Andre\u0301 Mu\u200bn\u0303oz\ufeff")
        assert db.session.scalars(select(User)).one().name == "André Muñoz"

    def test_sent_twice_it_makes_one_account(self, client):
        self.sign_up(client)
        self.sign_up(client)
        assert len(db.session.scalars(select(User)).all()) == 1


class TestAccount:
    def test_shows_name_e_mail_and_roles(self, sign_in):
        browser = sign_in(Role.ASESOR, Role.TIM_TEKNIS)
        text = words(soup(browser.get(url_for("auth.account"))).main)
        for each in (browser.user.name, browser.user.email, "Asesor, Tim teknis"):
            assert each in text

    def test_a_new_password_needs_the_present_one(self, sign_in):
        browser = sign_in()
        data = {"present": "bukan ini", "password": NEW}
        page = soup(browser.post(url_for("auth.change_password"), data=data))
        assert errors(page)["present"] == "Kata sandi sekarang tidak cocok. Tidak ada yang diubah."

    def test_changing_it_says_so_and_works_next_time(self, client, sign_in):
        browser = sign_in()
        data = {"present": PASSWORD, "password": NEW}
        answer = browser.post(url_for("auth.change_password"), data=data, follow_redirects=True)
        assert notices(soup(answer)) == [
            "Kata sandi diganti. Semua perangkat lain sudah dikeluarkan."
        ]
        assert enter(client, browser.user.email, NEW).status_code == 303

    def test_a_place_is_put_out_by_its_button(self, app, sign_in):
        browser = sign_in()
        other = factories.browser_of(app, browser.user, device="Windows, Edge")
        page = soup(browser.get(url_for("auth.account")))
        assert "Perangkat ini" in words(page)
        buttons = [
            each
            for each in page.select("form[action*=keluarkan]")
            if "Windows, Edge" in words(each)
        ]
        assert len(buttons) == 1
        browser.post(buttons[0]["action"])
        assert not is_in(other)
        assert is_in(browser)


class TestDemo:
    def test_the_buttons_stand_only_on_a_demo_installation(self, client):
        assert "Masuk sebagai" not in words(soup(client.get(url_for("auth.sign_in"))))

    def test_a_button_signs_in_without_a_password(self, client, demo):
        factories.make_user(Role.ADMIN, email="admin@demo.example")
        page = soup(client.get(url_for("auth.sign_in")))
        assert "Masuk sebagai admin" in [words(each) for each in page.select("button")]
        assert client.post(url_for("auth.enter_demo"), data={"akun": "admin"}).status_code == 303
        assert is_in(client)

    def test_a_closed_one_says_so(self, client, demo):
        user = factories.make_user(Role.ADMIN, email="admin@demo.example")
        user.disabled_at = clock.now()
        answer = client.post(url_for("auth.enter_demo"), data={"akun": "admin"})
        assert answer.status_code == 409
        assert "sudah ditutup" in errors(soup(answer))["email"]
        assert not is_in(client)

    @pytest.mark.parametrize("name", ["", "tamu", "admin@demo.example", "asesi1' OR 1=1"])
    def test_only_the_listed_names(self, client, demo, name):
        assert client.post(url_for("auth.enter_demo"), data={"akun": name}).status_code == 404

    def test_an_ordinary_installation_knows_no_such_way_in(self, client):
        factories.make_user(Role.ADMIN, email="admin@demo.example")
        assert client.post(url_for("auth.enter_demo"), data={"akun": "admin"}).status_code == 404

    def test_without_a_mail_server_it_says_where_mails_are(self, client, demo):
        assert "Antrean" in words(soup(client.get(url_for("auth.check_mail"))))

    def test_elsewhere_it_does_not(self, client):
        assert "Antrean" not in words(soup(client.get(url_for("auth.check_mail"))))
