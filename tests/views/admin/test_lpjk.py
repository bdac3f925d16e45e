"""Laporan LPJK of a case: what lacks first with the way to mend it, links by one press, and sending with gaps."""

from __future__ import annotations

import gzip

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import DocumentLink, OutboxMessage
from lsp.models.queue import add
from lsp.services import document_links, lpjk_reports
from lsp.vocabulary import Channel, PermohonanStatus as S
from tests.html import form, main, soup, words
from tests.test_pages import count_queries
from tests.workflow.cases import make_permohonan

WHY = "Surat tugas dan verifikasi TUK saya unggah di layar SIKI."


@pytest.fixture
def case(cast):
    return make_permohonan(S.ISSUED, cast=cast)


def to(case, endpoint="admin.lpjk_report", **query):
    return url_for(endpoint, permohonan_id=case.public_id, **query)


def press(admin, page, action):
    """Send the form of a page that posts there."""
    found = next(each for each in page.select("form") if each["action"].endswith(action))
    return admin.post(found["action"])


class TestThePage:
    def test_what_lacks_comes_first_and_leads_to_where_it_is_mended(self, admin, case, cast):
        page = soup(admin.get(to(case)))
        cards = page.select("main section.card h2")
        assert [words(each) for each in cards[:2]] == ["Yang masih kurang", "Tautan dokumen"]
        gaps = page.select_one("section.card")
        assert url_for("admin.tuk", tuk_id=cast.tuk.public_id) in [
            a["href"] for a in gaps.select("a")
        ]
        assert "Kode SIKI TUK Rekaan belum dicatat" in words(gaps)
        assert "Surat tugas tim teknis belum dicatat di portal" in words(gaps)

    def test_every_field_stands_in_a_table_with_its_source(self, admin, case):
        page = soup(admin.get(to(case)))
        names = [words(each) for each in page.select("td small.mono")]
        kinds = ("assessor", "committee", "registration")
        assert names == [each.name for kind in kinds for each in lpjk_reports.specs(kind)]
        for link in {each["href"].split("#")[0] for each in page.select("td a")} - {""}:
            assert admin.get(link).status_code == 200, link

    def test_it_is_found_from_the_case_and_from_its_numbers(self, admin, case):
        for endpoint in ("admin.permohonan", "admin.numbers"):
            assert f'href="{to(case)}"' in admin.get(to(case, endpoint)).text

    def test_bytes_and_queries_are_counted(self, admin, case):
        admin.post(to(case, "admin.make_document_links"))
        answer = admin.get(to(case))
        assert len(gzip.compress(answer.data)) <= 14_000
        assert count_queries(lambda: admin.get(to(case))) <= 45


class TestLinks:
    def test_are_made_by_one_press_and_stand_in_the_report(self, admin, case):
        page = soup(admin.get(to(case)))
        press(admin, page, "/tautan")
        after = soup(admin.get(to(case)))
        links = db.session.query(DocumentLink).all()
        shown = words(main(after))
        assert len(links) > 10
        assert all(f"/d/{each.token}" in shown for each in links)
        assert "http" in next(
            words(each) for each in after.select("td .mono") if "/d/" in words(each)
        )
        assert not [each for each in after.select("form") if each["action"].endswith("/tautan")]

    def test_reads_are_told(self, admin, client, case):
        admin.post(to(case, "admin.make_document_links"))
        link = document_links.of_case(case)[0].link
        for _ in range(2):
            client.get(document_links.path_of(link))
        assert "dibuka 2 kali" in words(main(soup(admin.get(to(case)))))

    def test_one_is_revoked_with_a_reason(self, admin, client, case):
        admin.post(to(case, "admin.make_document_links"))
        line = document_links.of_case(case)[0]
        asked = admin.get(to(case, "admin.ask_revoke_links", tautan=line.link.public_id))
        action = form(soup(asked), to(case, "admin.revoke_links"))["action"]
        values = {"tautan": line.link.public_id, "version": str(case.version)}
        assert admin.post(action, data=values | {"note": "keliru"}).status_code == 422
        assert admin.post(action, data=values | {"note": WHY}).status_code == 303
        assert client.get(document_links.path_of(line.link)).status_code == 404
        found = document_links.of_case(case)
        assert [each.link.revoke_reason for each in found if each.link.revoked_at] == [WHY]
        assert WHY in words(main(soup(admin.get(to(case)))))

    def test_all_are_revoked_and_made_anew_under_other_addresses(self, admin, case):
        admin.post(to(case, "admin.make_document_links"))
        before = {each.link.token for each in document_links.of_case(case)}
        admin.post(to(case, "admin.revoke_links"), data={"note": WHY, "version": str(case.version)})
        assert all(each.link.revoked_at for each in document_links.of_case(case))
        admin.post(to(case, "admin.make_document_links"))
        after = document_links.standing(case, document_links.of_case(case))
        assert len(after) == len(before)
        assert not {each.token for each in after.values()} & before

    def test_of_another_case_is_not_revoked_here(self, admin, case, cast):
        other = make_permohonan(S.ISSUED, cast=cast)
        admin.post(to(other, "admin.make_document_links"))
        link = document_links.of_case(other)[0].link
        data = {"note": WHY, "tautan": link.public_id, "version": str(case.version)}
        admin.post(to(case, "admin.revoke_links"), data=data)
        db.session.expire_all()
        assert link.revoked_at is None


class TestMarkingItDone:
    @pytest.fixture
    def message(self, case):
        add(
            Channel.SIKI, lpjk_reports.COMMITTEE, dedupe="rekaan", payload={}, permohonan_id=case.id
        )
        made = db.session.query(OutboxMessage).filter_by(dedupe="rekaan").one()
        for row in db.session.query(OutboxMessage).filter(OutboxMessage.id < made.id):
            row.done_at, row.done_how = clock.now(), "sent"
        db.session.commit()
        return made

    def test_names_what_lacks_and_asks_why(self, admin, case, message):
        page = soup(admin.get(url_for("admin.message", message_id=message.public_id)))
        assert "Surat tugas tim teknis belum dicatat di portal" in words(main(page))
        assert "masih kurang" in words(main(page))
        done = url_for("admin.answer_message", message_id=message.public_id, keadaan="menunggu")
        action = form(page, done)["action"]
        for note in ("", "sudah dikirim"):
            answer = admin.post(action, data={"note": note})
            assert answer.status_code == 422
            assert "sedikitnya 20 huruf" in words(main(soup(answer)))
        db.session.expire_all()
        assert message.done_at is None
        assert admin.post(action, data={"note": WHY}).status_code == 303
        db.session.expire_all()
        assert message.done_how == "by_hand"
        for page in (to(case), url_for("admin.message", message_id=message.public_id)):
            assert WHY in words(main(soup(admin.get(page))))

    def test_the_queue_leads_to_the_report(self, admin, case, message):
        page = admin.get(url_for("admin.message", message_id=message.public_id))
        assert to(case) in page.text
