"""A lost phone: an admin asks, the ketua takes the second factor off; of the only ketua another admin."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db, write_transaction
from lsp.models import TotpRemoval
from lsp.services import totp, totp_removal
from lsp.vocabulary import Role
from tests import factories
from tests.html import h1, soup, words
from tests.test_pages import count_queries
from tests.views.auth.steps import enter, is_in
from tests.views.auth.totp import acts, with_factor
from tests.workflow.cases import actor_of

pytestmark = [pytest.mark.usefixtures("quick_passwords"), pytest.mark.asvs("V6.5.1", "V6.4.3")]


class TestLostPhone:
    def lost(self, role=Role.ASESOR):
        user = factories.make_user(role)
        with_factor(user)
        return user

    def ask(self, browser, user):
        return browser.post(
            url_for("admin.request_totp_removal", user_id=user.public_id),
            data={"note": "Sudah bertemu orangnya, HP hilang di proyek."},
        )

    @pytest.mark.asvs("V6.4.4", "V2.3.5")
    def test_an_admin_asks_and_the_ketua_approves(self, sign_in, client, steady_clock):
        user, admin, ketua = self.lost(), sign_in(Role.ADMIN), sign_in(Role.KETUA)
        other_place = sign_in(user)
        assert "HP hilang" in words(soup(admin.get(url_for("admin.staff_list"))))
        assert self.ask(admin, user).status_code == 303
        assert self.ask(admin, user).status_code == 409, "once"
        row = db.session.scalars(select(TotpRemoval)).one()
        take_off = url_for("totp_removal.take_off", removal_id=row.public_id)
        assert admin.post(take_off).status_code == 409, "not he who asked"
        assert sign_in(Role.ADMIN).post(take_off).status_code == 409, "there is a ketua"
        db.session.rollback()
        assert totp.is_on(user.id)
        assert user.name in words(soup(ketua.get(url_for("ketua.home"))))
        page = soup(ketua.get(url_for("totp_removal.ask_decide", removal_id=row.public_id)))
        assert h1(page) == f"Lepas verifikasi dua langkah {user.name}?"
        assert ketua.post(take_off).status_code == 303
        assert ketua.post(take_off).status_code == 409, "once"
        assert not is_in(other_place)
        assert is_in(client) is False
        enter(client, user.email)
        assert is_in(client)
        asked, decided = [each for each in acts(user) if "removal" in each]
        assert (asked, decided) == ("account.totp_removal_ask", "account.totp_removal_decide")

    def test_the_ketua_may_leave_it_on(self, sign_in, steady_clock):
        user, admin, ketua = self.lost(), sign_in(Role.ADMIN), sign_in(Role.KETUA)
        self.ask(admin, user)
        row = db.session.scalars(select(TotpRemoval)).one()
        ketua.post(url_for("totp_removal.keep", removal_id=row.public_id))
        assert totp.is_on(user.id)
        ketua.get(url_for("ketua.home"))  # tells it once
        assert user.name not in words(soup(ketua.get(url_for("ketua.home"))))

    def test_of_the_only_ketua_another_admin_decides(self, sign_in, steady_clock):
        ketua, admin, second = self.lost(Role.KETUA), sign_in(Role.ADMIN), sign_in(Role.ADMIN)
        self.ask(admin, ketua)
        row = db.session.scalars(select(TotpRemoval)).one()
        assert "Putuskan" in words(soup(second.get(url_for("admin.staff_list"))))
        take_off = url_for("totp_removal.take_off", removal_id=row.public_id)
        assert sign_in(ketua).post(take_off).status_code == 409, "not he himself"
        assert admin.post(take_off).status_code == 409
        assert second.post(take_off).status_code == 303
        assert not totp.is_on(ketua.id)

    @pytest.mark.both
    def test_the_database_wants_two_others_as_well(self, app, steady_clock):
        user, admin = self.lost(), factories.make_user(Role.ADMIN)
        with write_transaction():
            row = totp_removal.ask(actor_of(admin), user, reason="HP hilang di proyek.")
        for columns in (
            {"decided_by_id": admin.id, "decided_at": clock.now(), "approved": True},
            {"decided_by_id": user.id, "decided_at": clock.now(), "approved": True},
            {"proposed_by_id": user.id},
        ):
            for column, value in columns.items():
                setattr(row, column, value)
            with pytest.raises(Exception, match=r"two_others|not_for_oneself"):
                db.session.commit()
            db.session.rollback()

    def test_the_pages_read_as_much_for_many_as_for_one(self, sign_in, steady_clock):
        admin, ketua = sign_in(Role.ADMIN), sign_in(Role.KETUA)
        pages = [(admin, url_for("admin.staff_list")), (ketua, url_for("ketua.home"))]
        self.ask(admin, self.lost())
        one = [count_queries(lambda b=browser, u=url: b.get(u)) for browser, url in pages]
        for _ in range(4):
            self.ask(admin, self.lost())
        many = [count_queries(lambda b=browser, u=url: b.get(u)) for browser, url in pages]
        assert many == one
