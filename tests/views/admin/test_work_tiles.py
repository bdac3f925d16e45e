"""A tile above the work list counts what the page behind it shows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import ComplaintPerson
from lsp.services import complaints
from lsp.services.complaints import Told
from lsp.vocabulary import Channel, ComplaintStatus, Role
from tests import factories
from tests.html import main, soup, words


@pytest.fixture
def admin(sign_in):
    return sign_in(Role.ADMIN)


def tile(browser, label):
    """What the tile of this name counts, and the page it leads to."""
    nodes = soup(browser.get("/admin")).select(".tiles a")
    node = next(each for each in nodes if label in words(each))
    return words(node), soup(browser.get(node["href"]))


def keluhan(number):
    told = Told(str(number) * 24, "Warga Rekaan", "warga@contoh.example", "", "Pelayanan", "Isi.")
    return complaints.take_in(told)


def test_both_ministries_wait_behind_their_one_tile(admin):
    factories.make_message(Channel.SIKI)
    factories.make_message(Channel.BNSP, kind="jadwal/blanko", payload={"permohonan": "X"})
    factories.make_message(Channel.MAIL, payload={"to": "x@contoh.example"})
    factories.make_message(Channel.SIKI, dead_at=clock.now())
    said, page = tile(admin, "Kirim ke SIKI/BNSP")
    assert said.startswith("2 ")
    assert len(page.select("main .list > li")) == 2
    counted = [words(each) for each in page.select("main .list .badge")]
    assert counted == ["1", "1"], "as many as the tile says"


class TestKeluhan:
    def test_only_what_waits_for_the_office_late_or_not(self, admin):
        fresh, late, investigated = (keluhan(number) for number in (1, 2, 3))
        late.register_due = clock.today_wib() - timedelta(days=1)
        investigated.status = ComplaintStatus.EXAMINED
        db.session.commit()
        said, page = tile(admin, "Keluhan")
        assert said.startswith("2 Keluhan menunggu LSP")
        assert "1 terlambat" in said
        text = words(main(page))
        assert fresh.receipt in text
        assert late.receipt in text
        assert investigated.receipt not in text

    def test_not_what_the_admin_himself_is_complained_about(self, admin):
        about_me, other = keluhan(1), keluhan(2)
        about_me.people = [ComplaintPerson(user_id=admin.user.id)]
        db.session.commit()
        said, page = tile(admin, "Keluhan")
        assert said.startswith("1 Keluhan")
        assert other.receipt in words(main(page))
        assert about_me.receipt not in words(main(page))
