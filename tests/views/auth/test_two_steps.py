"""Verifikasi dua langkah: turned on with password and code, asked after the password, never the same code twice."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import url_for
from sqlalchemy import func, select

from lsp import clock
from lsp.database import db, write_transaction
from lsp.models import (
    AuditEvent,
    OutboxMessage,
    RecoveryCode,
    Setting,
    SignIn,
    TotpKey,
)
from lsp.services import totp
from lsp.vocabulary import LinkPurpose, Role
from tests import factories
from tests.factories import PASSWORD
from tests.html import errors, notices, soup, words
from tests.views.auth.steps import NEW, enter, is_in
from tests.views.auth.totp import acts, app_of, code_of, with_factor
from tests.workflow.cases import actor_of

pytestmark = [pytest.mark.usefixtures("quick_passwords"), pytest.mark.asvs("V6.5.1", "V6.4.3")]


def type_code(client, code: str):
    return client.post(url_for("auth.enter_code"), data={"code": code})


class TestTurningOn:
    def test_password_qr_code_and_ten_codes_shown_once(self, sign_in, steady_clock):
        asesor = sign_in(Role.ASESOR)
        user = asesor.user
        elsewhere = sign_in(user)
        assert "Aktifkan verifikasi dua langkah" in words(soup(asesor.get(url_for("auth.account"))))
        wrong = asesor.post(url_for("auth.begin_two_steps"), data={"password": "salah sekali"})
        assert (wrong.status_code, "tidak cocok" in errors(soup(wrong))["password"]) == (422, True)
        assert db.session.get(TotpKey, user.id) is None
        asesor.post(url_for("auth.begin_two_steps"), data={"password": PASSWORD})
        page = soup(asesor.get(url_for("auth.set_up_two_steps")))
        assert page.select_one("main svg path") is not None
        secret = app_of(user).secret
        assert secret in words(page).replace(" ", "")
        control = page.find(id="code")
        assert (control["autocomplete"], control["inputmode"]) == ("one-time-code", "numeric")
        assert is_in(elsewhere)
        off = asesor.post(url_for("auth.confirm_two_steps"), data={"code": "000000"})
        assert "Kode tidak cocok" in errors(soup(off))["code"]
        answer = asesor.post(url_for("auth.confirm_two_steps"), data={"code": code_of(user)})
        codes = [words(each) for each in soup(answer).select("main ol li")]
        assert len(set(codes)) == 10
        assert all(re.fullmatch(r"\d{4} \d{4} \d{4}", each) for each in codes)
        assert not is_in(elsewhere), "every other place ends"
        assert is_in(asesor)
        assert secret not in words(
            soup(asesor.get(url_for("auth.set_up_two_steps"), follow_redirects=True))
        )
        later = words(soup(asesor.get(url_for("auth.two_steps"))))
        assert not any(each in later for each in codes)
        assert acts(user)[-1] == "account.totp_on"
        kinds = db.session.scalars(select(OutboxMessage.kind)).all()
        assert "second_factor" in kinds

    def test_the_qr_names_the_lsp_and_the_address_and_nothing_else(self, app):
        uri = totp.setup_uri("A" * 32, "siti@contoh.id")
        read = pyotp.parse_uri(uri)
        assert (read.name, read.secret) == ("siti@contoh.id", "A" * 32)
        assert set(re.findall(r"[?&](\w+)=", uri)) <= {
            "secret",
            "issuer",
            "digits",
            "period",
            "algorithm",
        }

    def test_neither_secret_nor_codes_lie_readable_in_the_database(self, app, steady_clock):
        user = factories.make_user(Role.KETUA)
        codes = with_factor(user)
        secret = app_of(user).secret
        db.session.rollback()
        folder = app.config["LSP"].data_folder
        dump = b"".join(path.read_bytes() for path in folder.glob("portal.sqlite3*"))
        assert user.email.encode() in dump
        for hidden in (secret, *(each.replace(" ", "") for each in codes)):
            assert hidden.encode() not in dump

    def test_a_setup_left_alone_ends(self, app, steady_clock):
        user = factories.make_user(Role.ADMIN)
        with write_transaction():
            totp.begin(actor_of(user))
        steady_clock.shift(timedelta(minutes=totp.SETUP_MINUTES))
        with pytest.raises(Exception, match="lewat waktunya"), write_transaction():
            totp.confirm(actor_of(user), code_of(user))

    def test_an_asesi_has_no_such_page(self, sign_in):
        assert sign_in(Role.ASESI).get(url_for("auth.two_steps")).status_code == 403


class TestSigningIn:
    def test_the_password_alone_opens_nothing(self, client, steady_clock):
        user = factories.make_user(Role.ADMIN)
        with_factor(user)
        answer = enter(client, user.email, next="/admin")
        assert answer.location == url_for("auth.ask_code")
        assert not is_in(client)
        assert db.session.scalar(select(func.count()).select_from(SignIn)) == 0
        page = soup(client.get(url_for("auth.ask_code")))
        assert page.find(id="code")["autocomplete"] == "one-time-code"
        answer = type_code(client, code_of(user))
        assert (answer.status_code, answer.location) == (303, "/admin")
        assert is_in(client)

    def test_without_a_password_there_is_no_code_to_type(self, client):
        for answer in (client.get(url_for("auth.ask_code")), type_code(client, "123456")):
            assert answer.location == url_for("auth.sign_in")

    @pytest.mark.both
    def test_no_code_twice_nor_an_older_one_after_it(self, client, app, steady_clock):
        user = factories.make_user(Role.ADMIN)
        with_factor(user)
        used = code_of(user)
        enter(client, user.email)
        assert type_code(client, used).status_code == 303
        other = app.test_client()
        enter(other, user.email)
        for again in (used, code_of(user, steps=-1)):
            answer = type_code(other, again)
            assert (answer.status_code, is_in(other)) == (422, False)
        assert type_code(other, code_of(user, steps=1)).status_code == 303

    @pytest.mark.parametrize(
        ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
    )
    def test_one_step_before_and_after(self, client, steady_clock, steps, taken):
        user = factories.make_user(Role.ADMIN)
        with_factor(user)
        steady_clock.shift(timedelta(minutes=5))
        enter(client, user.email)
        type_code(client, code_of(user, steps=steps))
        assert is_in(client) is taken

    def test_a_clock_set_back_revives_no_code(self, client, steady_clock):
        user = factories.make_user(Role.ADMIN)
        with_factor(user)
        steady_clock.shift(timedelta(minutes=5))
        enter(client, user.email)
        type_code(client, code_of(user))
        steady_clock.shift(timedelta(minutes=-5))
        other = client.application.test_client()
        enter(other, user.email)
        type_code(other, code_of(user, steps=1))
        assert not is_in(other)

    def test_a_recovery_code_once_and_its_owner_is_told(self, client, app, steady_clock):
        user = factories.make_user(Role.ADMIN)
        codes = with_factor(user)
        enter(client, user.email)
        assert type_code(client, codes[0].replace(" ", "-")).status_code == 303
        other = app.test_client()
        enter(other, user.email)
        assert type_code(other, codes[0]).status_code == 422
        assert acts(user)[-3:] == [
            "account.recovery_code",
            "account.sign_in",
            "account.code_refused",
        ]
        mails = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "second_factor")
        )
        assert "Sisanya 9 kode" in mails.all()[-1].payload["context"]["said"]
        sealed = "".join(db.session.scalars(select(AuditEvent.details)))
        assert codes[0].replace(" ", "") not in sealed

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "٣٤٥٦٧٨", "abcdef", "1" * 4000])
    def test_what_is_no_code(self, client, steady_clock, typed):
        user = factories.make_user(Role.ADMIN)
        with_factor(user)
        enter(client, user.email)
        assert type_code(client, typed).status_code == 422
        assert not is_in(client)

    def test_five_tries_and_the_owners_own_device_is_not_kept_out(self, client, app, steady_clock):
        user = factories.make_user(Role.ADMIN)
        with_factor(user)
        enter(client, user.email)
        type_code(client, code_of(user))  # from here this device is known
        steady_clock.shift(timedelta(minutes=5))
        client.post(url_for("auth.sign_out"))
        stranger = app.test_client()
        enter(stranger, user.email)
        statuses = [type_code(stranger, "000000").status_code for _ in range(6)]
        assert statuses == [422] * 5 + [429]
        right = type_code(stranger, code_of(user))
        assert right.status_code == 429
        assert int(right.headers["Retry-After"]) > 0
        enter(client, user.email)
        assert type_code(client, code_of(user)).status_code == 303

    def test_twenty_in_an_hour(self, client, steady_clock):
        user = factories.make_user(Role.ADMIN)
        with_factor(user)
        enter(client, user.email)
        statuses = []
        for _ in range(5):
            statuses += [type_code(client, "000000").status_code for _ in range(5)]
            steady_clock.shift(timedelta(minutes=5))
            enter(client, user.email)
        assert statuses == [422] * 20 + [429] * 5

    def test_the_way_from_password_to_code_ends(self, client, steady_clock):
        user = factories.make_user(Role.ADMIN)
        with_factor(user)
        enter(client, user.email)
        steady_clock.shift(timedelta(minutes=10))
        answer = type_code(client, code_of(user))
        assert answer.location == url_for("auth.sign_in")
        assert not is_in(client)

    def test_a_password_changed_meanwhile_ends_it(self, client, steady_clock):
        user = factories.make_user(Role.ADMIN)
        with_factor(user)
        enter(client, user.email)
        user.password_hash = factories.QUICK_HASHER.hash(NEW)
        db.session.commit()
        type_code(client, code_of(user))
        assert not is_in(client)

    def test_a_reset_password_still_asks_the_code(self, client, steady_clock):
        user = factories.make_user(Role.ADMIN)
        with_factor(user)
        token = factories.make_link(user, LinkPurpose.RESET_PASSWORD)
        answer = client.post(url_for("auth.use_link", token=token), data={"password": NEW})
        assert answer.location == url_for("auth.ask_code")
        assert not is_in(client)
        type_code(client, code_of(user))
        assert is_in(client)

    def test_an_account_without_it_is_asked_nothing(self, client):
        user = factories.make_user(Role.ADMIN)
        assert enter(client, user.email).location == "/admin"


class TestItsOwnPage:
    def own(self, sign_in):
        user = factories.make_user(Role.ADMIN)
        codes = with_factor(user)
        return user, sign_in(user), codes

    def test_off_needs_password_and_code(self, sign_in, steady_clock):
        user, browser, _ = self.own(sign_in)
        elsewhere = sign_in(user)
        for typed in (
            {"mati-password": PASSWORD, "mati-code": "000000"},
            {"mati-password": "salah", "mati-code": code_of(user)},
            {},
        ):
            assert browser.post(url_for("auth.end_two_steps"), data=typed).status_code == 422
            assert totp.is_on(user.id)
        typed = {"mati-password": PASSWORD, "mati-code": code_of(user)}
        assert browser.post(url_for("auth.end_two_steps"), data=typed).status_code == 303
        assert not totp.is_on(user.id)
        assert db.session.scalars(select(RecoveryCode)).all() == []
        assert (is_in(browser), is_in(elsewhere)) == (True, False)
        assert acts(user)[-1] == "account.totp_off"

    def test_new_recovery_codes_end_the_old_ones(self, sign_in, client, steady_clock):
        user, browser, old = self.own(sign_in)
        typed = {"baru-password": PASSWORD, "baru-code": code_of(user)}
        new = soup(browser.post(url_for("auth.new_recovery_codes"), data=typed)).select(
            "main ol li"
        )
        enter(client, user.email)
        assert type_code(client, old[1]).status_code == 422
        assert type_code(client, words(new[1])).status_code == 303

    def test_it_cannot_be_begun_over_one_that_stands(self, sign_in, steady_clock):
        user, browser, _ = self.own(sign_in)
        before = app_of(user).secret
        browser.post(url_for("auth.begin_two_steps"), data={"password": PASSWORD})
        assert app_of(user).secret == before


class TestRequiredOfTheKetua:
    @pytest.fixture(autouse=True)
    def _required(self, app):
        db.session.add(
            Setting(key="ketua_totp", value="required", label="x", effective_from=clock.today_wib())
        )
        db.session.commit()

    def test_nothing_else_opens_until_it_is_on(self, sign_in, steady_clock):
        ketua = sign_in(Role.KETUA)
        for name in ("ketua.home", "ketua_signing.ask_sk", "ketua_signing.ask_issue"):
            assert ketua.get(url_for(name)).location == url_for("auth.two_steps")
        signed = ketua.post(url_for("ketua_signing.sign_sk"), data={"password": PASSWORD})
        assert signed.location == url_for("auth.two_steps")
        page = soup(ketua.get(url_for("auth.two_steps")))
        assert "LSP mewajibkan ini untuk ketua" in notices(page)[0]
        with_factor(ketua.user)
        assert sign_in(ketua.user).get(url_for("ketua.home")).status_code == 200

    def test_he_cannot_turn_it_off(self, sign_in, steady_clock):
        user = factories.make_user(Role.KETUA)
        with_factor(user)
        typed = {"mati-password": PASSWORD, "mati-code": code_of(user)}
        sign_in(user).post(url_for("auth.end_two_steps"), data=typed)
        assert totp.is_on(user.id)

    def test_others_are_not_asked(self, sign_in):
        assert sign_in(Role.ADMIN).get(url_for("admin.home")).status_code == 200


def test_a_moment_before_the_code_and_the_clock_of_the_server_only(app):
    """The step is the server's: travelling with the test's clock moves it."""
    user = factories.make_user(Role.ADMIN)
    with time_machine.travel(clock.now() + timedelta(days=400), tick=False):
        with_factor(user)
        key = db.session.get_one(TotpKey, user.id)
        assert key.last_step == int(clock.now().timestamp()) // 30 - 1
