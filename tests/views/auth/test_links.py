"""Mailed one-use links: confirming, resetting, inviting."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import url_for
from sqlalchemy import select

from lsp import clock, worker
from lsp.database import db
from lsp.models import OneUseLink
from lsp.services import throttle
from lsp.services.accounts import LINK_LIFE
from lsp.vocabulary import LinkPurpose, Role
from tests import factories
from tests.factories import PASSWORD
from tests.html import errors, h1, soup, words
from tests.test_pages import count_queries
from tests.views.auth.steps import NEW, asked, enter, is_in, mails, work_off

pytestmark = pytest.mark.usefixtures("quick_passwords")


class TestLinks:
    def test_looking_changes_nothing(self, client):
        """Mail scanners and chat previews open links (HEAD and GET)."""
        user = factories.make_user(verified_at=None)
        token = factories.make_link(user)
        for method in ("HEAD", "GET", "GET"):
            assert client.open(url_for("auth.link", token=token), method=method).status_code == 200
        assert user.verified_at is None
        assert db.session.scalars(select(OneUseLink)).one().used_at is None
        assert not is_in(client)

    def test_the_button_confirms_once(self, app, client):
        user = factories.make_user(verified_at=None)
        token = factories.make_link(user)
        address, data = url_for("auth.use_link", token=token), {"password": PASSWORD}
        assert client.post(address, data=data).status_code == 303
        assert user.verified_at is not None
        again = app.test_client().post(address, data=data)
        assert again.status_code == 404
        assert h1(soup(again)) == "Tautan tidak berlaku lagi"

    @pytest.mark.parametrize("purpose", [each for each in LinkPurpose if each != LinkPurpose.CLAIM])
    def test_each_ends_at_its_time(self, client, purpose):
        token = factories.make_link(factories.make_user(), purpose)
        with time_machine.travel(
            clock.now() + LINK_LIFE[purpose] - timedelta(seconds=5), tick=False
        ):
            assert client.get(url_for("auth.link", token=token)).status_code == 200
        with time_machine.travel(clock.now() + LINK_LIFE[purpose], tick=False):
            assert client.get(url_for("auth.link", token=token)).status_code == 404
            assert (
                client.post(
                    url_for("auth.use_link", token=token), data={"password": NEW}
                ).status_code
                == 404
            )

    @pytest.mark.parametrize("purpose", [LinkPurpose.RESET_PASSWORD, LinkPurpose.INVITE])
    def test_a_new_password_enters_here_and_ends_every_other_place(self, client, sign_in, purpose):
        user = factories.make_user(Role.ADMIN)
        elsewhere = sign_in(user)
        answer = client.post(
            url_for("auth.use_link", token=factories.make_link(user, purpose)),
            data={"password": NEW},
        )
        assert answer.status_code == 303
        assert is_in(client)
        assert not is_in(elsewhere)
        assert mails() == ["password_changed"]
        assert enter(client, user.email, NEW).status_code == 303

    @pytest.mark.parametrize(("role", "least"), [(Role.ASESI, 8), (Role.ADMIN, 12)])
    def test_staff_need_a_longer_password(self, client, role, least):
        user = factories.make_user(role)
        token = factories.make_link(user, LinkPurpose.RESET_PASSWORD)
        assert f"Minimal {least} karakter" in words(
            soup(client.get(url_for("auth.link", token=token)))
        )
        short = client.post(
            url_for("auth.use_link", token=token), data={"password": "kata-7!x"[: least - 1]}
        )
        assert f"minimal {least}" in errors(soup(short))["password"]
        good = client.post(
            url_for("auth.use_link", token=token), data={"password": "kuda batu lima"}
        )
        assert good.status_code == 303

    def test_a_link_to_confirm_never_sets_a_password(self, client):
        user = factories.make_user()
        before = user.password_hash
        client.post(
            url_for("auth.use_link", token=factories.make_link(user)), data={"password": NEW}
        )
        assert user.password_hash == before

    def test_a_link_to_reset_does_nothing_without_a_password(self, client):
        user = factories.make_user(verified_at=None)
        token = factories.make_link(user, LinkPurpose.RESET_PASSWORD)
        assert client.post(url_for("auth.use_link", token=token)).status_code == 422
        assert user.verified_at is None
        assert client.get(url_for("auth.link", token=token)).status_code == 200, "it still stands"

    def test_a_newer_link_ends_the_older(self, client):
        user = factories.make_user()
        old, _new = (factories.make_link(user, LinkPurpose.RESET_PASSWORD) for _ in range(2))
        assert client.get(url_for("auth.link", token=old)).status_code == 404

    def test_of_a_closed_account_holds_no_more(self, client):
        user = factories.make_user()
        token = factories.make_link(user, LinkPurpose.RESET_PASSWORD)
        user.disabled_at = clock.now()
        assert (
            client.post(url_for("auth.use_link", token=token), data={"password": NEW}).status_code
            == 404
        )

    def test_only_the_digest_is_stored(self, client):
        token = factories.make_link(factories.make_user())
        stored = db.session.scalars(select(OneUseLink)).one()
        assert token not in str(vars(stored))

    @pytest.mark.usefixtures("steady_clock")
    def test_asking_again_and_again_sends_three_mails(self, client):
        email = factories.make_user().email
        codes = [
            client.post(url_for("auth.send_reset"), data={"email": email}).status_code
            for _ in range(5)
        ]
        assert codes == [303] * throttle.MAIL_ACCOUNT.count + [429] * 2
        work_off()
        assert mails() == ["reset_password"] * 3

    def ask(self, browser, email, address):
        environ = {"REMOTE_ADDR": address}
        url = url_for("auth.send_reset")
        return browser.post(url, data={"email": email}, environ_base=environ).status_code

    @pytest.mark.usefixtures("steady_clock")
    def test_others_cannot_use_up_the_owners_links_and_cannot_bomb_him(self, app, client):
        user = factories.make_user()
        enter(client, user.email)
        client.post(url_for("auth.sign_out"))
        taken = [
            self.ask(app.test_client(), user.email, f"203.0.113.{network}")
            for network in range(1, 8)
            for _ in range(4)
        ].count(303)
        assert taken == throttle.MAIL_ACCOUNT_ALL.count
        assert self.ask(client, user.email, "203.0.113.1") == 303

    def test_the_answer_does_the_same_work_for_an_unknown_address(self, client):
        known = factories.make_user().email
        queries = [
            count_queries(lambda email=email: self.ask(client, email, "127.0.0.1"))
            for email in (known, "tidak.ada@contoh.id")
        ]
        assert queries[0] == queries[1]
        assert (len(asked()), mails()) == (2, [])
        work_off()
        work_off()
        assert mails() == ["reset_password"]
        assert [row.payload for row in asked()] == [{}, {}], "no address of a stranger is kept"

    def test_the_worker_knows_the_job(self, client):
        self.ask(client, factories.make_user().email, "127.0.0.1")
        assert {row.kind for row in asked()} <= worker.JOBS.keys()
