"""The first admin and ketua may carry their role for a name: each types his own, once."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.models import User
from lsp.vocabulary import Role
from tests import factories
from tests.html import errors, links, soup


@pytest.fixture
def ketua(sign_in):
    return sign_in(factories.make_user(Role.KETUA, name="Ketua LSP"))


class TestOwnName:
    def test_is_asked_for_on_the_account_page(self, ketua):
        assert links(soup(ketua.get("/akun")))["Isi nama Anda"] == "/akun/nama"

    def test_is_typed_once(self, ketua):
        assert ketua.post("/akun/nama", data={"name": "Sari Rekaan"}).status_code == 303
        assert db.session.get(User, ketua.user.id).name == "Sari Rekaan"
        assert "Isi nama Anda" not in links(soup(ketua.get("/akun")))
        again = ketua.post("/akun/nama", data={"name": "Orang Lain"})
        assert "sudah diisi" in errors(soup(again))["name"]
        assert db.session.get(User, ketua.user.id).name == "Sari Rekaan"

    @pytest.mark.parametrize("name", ["", "Admin LSP", "a\u2028b", "x" * 121])
    def test_is_the_name_of_a_person(self, ketua, name):
        assert "name" in errors(soup(ketua.post("/akun/nama", data={"name": name})))
