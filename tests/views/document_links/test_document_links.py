"""A paper behind a secret address: nobody signs in, dead addresses answer alike, each opening is kept."""

from __future__ import annotations

import random
import string
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lsp import clock, ids, logs
from lsp.database import db
from lsp.gateways import storage
from lsp.models import Document, DocumentLink, DocumentLinkRead
from lsp.services import document_links, lpjk_reports
from lsp.views import link_papers
from lsp.vocabulary import PermohonanStatus as S
from lsp.workflow.dossier import dossier_of
from tests.html import h1, main, soup, words
from tests.support.reports import make_ak_05, make_ak_06
from tests.workflow.cases import actor_of, make_permohonan

_LETTERS = string.ascii_letters + string.digits + "-_"
_SHOWN = ["X-Robots-Tag", "Referrer-Policy", "Cache-Control"]


@pytest.fixture
def case(cast):
    """Issued, with every paper that the portal has of a case and a link to each."""
    made = make_permohonan(S.ISSUED, cast=cast)
    other = make_permohonan(S.RECOMMENDED, cast=cast)
    other.asesi_name = "Orang Lain Rekaan"
    for make in (make_ak_05, make_ak_06):
        make(dossier_of(made).bookings[-1].slot.jadwal, cast.asesor)
    lpjk_reports.make_links(actor_of(cast.admin), made)
    db.session.commit()
    return made


@pytest.fixture
def links(case):
    return {each.link.paper: each.link for each in document_links.of_case(case)}


def address(link):
    return document_links.path_of(link)


def answers():
    return list(db.session.scalars(select(DocumentLinkRead.answer).order_by(DocumentLinkRead.id)))


def store_picture(link):
    """Behind the row of the picture lies a file."""
    row = db.session.get(Document, link.document_id)
    stored = storage.store().put(b"\xff\xd8 gambar rekaan")
    row.storage_key = stored.key
    db.session.commit()


class TestAPaper:
    def test_each_is_drawn_without_a_way_to_anywhere_else(self, client, case, links):
        drawn = set(links) - {document_links.PICTURE}
        assert {"FR.APL.01", "FR.AK.02", "FR.AK.05", "FR.IA.08", "berita_acara_pleno"} <= drawn
        for key in drawn:
            answer = client.get(address(links[key]))
            assert answer.status_code == 200, key
            page = soup(answer)
            assert h1(page), key
            assert case.asesi_name in words(main(page))
            assert not page.select(
                "a, form, button, script, link, img, iframe, [href], [hx-get]"
            ), key
            assert not page.select("details:not([open])"), key
            assert "Orang Lain Rekaan" not in answer.text, key
            assert len(words(main(page))) > 150, key
        assert answers() == ["served"] * len(drawn)

    def test_a_stored_file_is_sent_as_it_is(self, client, links):
        link = links[document_links.PICTURE]
        store_picture(link)
        answer = client.get(address(link))
        assert (answer.status_code, answer.data) == (200, b"\xff\xd8 gambar rekaan")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert [answer.headers[name] for name in _SHOWN] == [
            "noindex, nofollow, noarchive",
            "no-referrer",
            "no-store",
        ]

    def test_sets_no_cookie_and_tells_nobody_the_address(self, client, links):
        answer = client.get(address(links["FR.APL.02"]))
        assert "Set-Cookie" not in answer.headers
        assert [answer.headers[name] for name in _SHOWN] == [
            "noindex, nofollow, noarchive",
            "no-referrer",
            "no-store",
        ]
        assert 'name="robots" content="noindex, nofollow"' in answer.text

    def test_leads_to_its_own_case_alone(self, client, cast, case, links):
        """A row that somebody put another case's file into serves nothing."""
        other = make_permohonan(S.RECOMMENDED, cast=cast)
        picture = next(each for each in dossier_of(other).documents if each.purpose == "screenshot")
        db.session.add(
            DocumentLink(
                permohonan_id=case.id, attempt=1, purpose="bnsp", paper=document_links.PICTURE,
                document_id=picture.id, token="t" * 43, token_digest=ids.digest("t" * 43), made_by_id=cast.admin.id,
                ends_on=clock.today_wib(),
            )
        )  # fmt: skip
        db.session.commit()
        assert client.get("/d/" + "t" * 43).status_code == 404

    def test_a_paper_that_is_gone_is_absent(self, client, links, monkeypatch):
        monkeypatch.setattr(link_papers, "_drawer", lambda _key: None)
        assert client.get(address(links["FR.AK.02"])).status_code == 404
        assert answers() == ["absent"]

    def test_queries_are_counted(self, client, links):
        from tests.test_pages import count_queries

        assert count_queries(lambda: client.get(address(links["FR.IA.08"]))) <= 75


class TestDeadLinks:
    @pytest.fixture
    def dead(self, cast, case, links):
        """Addresses of one that was revoked, one of another attempt, and one that never was."""
        reason = "Alamatnya terkirim ke orang yang keliru."
        document_links.revoke(actor_of(cast.admin), case, [links["FR.AK.01"]], reason)
        case.attempt = 2
        db.session.commit()
        return [address(links["FR.AK.01"]), address(links["FR.AK.02"]), f"/d/{ids.secret_token()}"]

    def test_answer_alike_and_say_whom_to_ask(self, client, dead):
        found = [client.get(each) for each in dead]
        assert {each.status_code for each in found} == {404}
        assert len({each.text for each in found}) == 1
        ignored = {"Date", "X-Request-Id"}
        shown = [{(k, v) for k, v in each.headers if k not in ignored} for each in found]
        assert shown[0] == shown[1] == shown[2]
        assert "Minta tautan yang berlaku kepada admin" in words(main(soup(found[0])))
        assert answers() == ["revoked", "ended"]

    def test_one_that_ended(self, client, links):
        link = links["FR.AK.02"]
        with time_machine.travel(clock.day_begins(link.ends_on + timedelta(days=1)), tick=False):
            assert client.get(address(link)).status_code == 404
        assert answers() == ["ended"]

    def test_are_throttled_and_living_ones_are_not(self, client, links, dead, case):
        case.attempt = 1
        db.session.commit()
        found = [client.get(dead[number % 2 * 2]).status_code for number in range(34)]
        assert found == [404] * 30 + [429] * 4
        assert client.get(address(links["FR.AK.02"])).status_code == 200

    def test_2000_changed_tokens_find_nothing(self, links):
        tokens = {each.token for each in links.values()}
        chance, tried = random.Random(4), 0
        while tried < 2_000:
            token = list(chance.choice(sorted(tokens)))
            for _ in range(chance.randint(1, 3)):
                token[chance.randrange(len(token))] = chance.choice(_LETTERS)
            changed = "".join(token)[: chance.choice((43, 43, 43, 42))]
            if changed in tokens:
                continue
            assert document_links.by_token(changed) == (None, document_links.ABSENT)
            tried += 1
        for odd in ("", "é" * 43, "a" * 400, next(iter(tokens)).swapcase()):
            assert document_links.by_token(odd) == (None, document_links.ABSENT)


def test_no_log_line_names_the_token(client, links, monkeypatch, capsys):
    lines = []

    class Kept:
        def __getattr__(self, _name):
            return lambda *words, **facts: lines.append(repr((words, facts)))

    monkeypatch.setattr(logs, "logger", Kept)
    tokens = [links["FR.AK.02"].token, ids.secret_token()]
    for token in tokens:
        client.get(f"/d/{token}")
    assert any("document_links.read" in line for line in lines)
    printed = capsys.readouterr()
    told = "\n".join([*lines, printed.out, printed.err])
    assert not any(token in told for token in tokens)
