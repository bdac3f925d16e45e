"""Files are served as files: only to those in whose scope they lie, never as something a page would run."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.gateways import storage
from lsp.gateways.files import FileStore, StoreUnavailable
from lsp.models import AuditEvent
from lsp.services import audit
from lsp.vocabulary import Role
from tests import factories
from tests.html import h1, soup
from tests.views.asesi import situations


@pytest.fixture
def browser(sign_in):
    return sign_in()


@pytest.fixture
def permohonan(browser):
    return situations.draft(browser.user)


def url(document, endpoint="document") -> str:
    return url_for(f"files.{endpoint}", document_id=document.public_id)


class TestServing:
    def test_a_photo_shows_with_headers_that_keep_it_from_running(self, browser, permohonan):
        document = situations.add_document(
            permohonan, requirement=permohonan.skema_version.requirements[0]
        )
        answer = browser.get(url(document))
        assert answer.data == storage.store().open(document.storage_key)
        assert answer.mimetype == "image/jpeg"
        assert (
            answer.headers["Content-Disposition"]
            == f'inline; filename="1a_{permohonan.public_id}.jpg"'
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"

    def test_a_pdf_is_downloaded_under_our_name(self, browser, permohonan):
        stored = storage.store().put(b"%PDF-1.7 contoh")
        document = situations.add_document(
            permohonan, purpose="evidence", content_type="application/pdf", storage_key=stored.key,
            original_name='"; filename="jahat.html',
        )  # fmt: skip
        answer = browser.get(url(document))
        assert (
            answer.headers["Content-Disposition"]
            == f'attachment; filename="bukti_{permohonan.public_id}.pdf"'
        )

    def test_the_preview(self, browser, permohonan):
        without = situations.add_document(permohonan)
        assert browser.get(url(without, "preview")).status_code == 404
        stored = storage.store().put(b"\xff\xd8\xff small")
        document = situations.add_document(permohonan, preview_key=stored.key)
        assert browser.get(url(document, "preview")).data == b"\xff\xd8\xff small"

    @pytest.mark.parametrize(
        "use", ["script", "style", "worker", "sharedworker", "serviceworker", "object", "embed"]
    )
    def test_no_page_may_run_or_embed_it(self, browser, permohonan, use):
        document = situations.add_document(permohonan)
        assert browser.get(url(document), headers={"Sec-Fetch-Dest": use}).status_code == 403
        assert browser.get(url(document), headers={"Sec-Fetch-Dest": "image"}).status_code == 200


class TestTraces:
    """Who of the LSP opened whose KTP can be read afterwards, as for a NIK that was shown."""

    @pytest.fixture
    def document(self, permohonan):
        stored = storage.store().put(b"\xff\xd8\xff small")
        return situations.add_document(permohonan, preview_key=stored.key)

    def lines(self, document):
        return db.session.execute(
            select(AuditEvent.action, AuditEvent.actor_id)
            .where(AuditEvent.object_id == document.public_id)
            .order_by(AuditEvent.seq)
        ).all()

    def test_each_opening_by_staff_leaves_a_line(self, sign_in, document):
        admin = sign_in(Role.ADMIN)
        for _ in range(2):
            assert admin.get(url(document)).status_code == 200
        assert self.lines(document) == [("document.open", admin.user.id)] * 2
        assert audit.first_fault() is None

    def test_a_preview_leaves_one_a_day(self, sign_in, document):
        """A list of thumbnails is drawn again at each look."""
        readers = [sign_in(Role.ADMIN), sign_in(Role.AUDITOR)]
        for _ in range(2):
            for reader in readers:
                assert reader.get(url(document, "preview")).status_code == 200
        glances = [("document.preview", reader.user.id) for reader in readers]
        assert self.lines(document) == glances
        with time_machine.travel(clock.now() + timedelta(days=1)):
            sign_in(readers[0].user).get(url(document, "preview"))
        assert self.lines(document) == [*glances, glances[0]]

    def test_the_asesi_leaves_none_on_his_own(self, browser, document):
        browser.get(url(document))
        browser.get(url(document, "preview"))
        assert self.lines(document) == []

    def test_a_file_that_did_not_come_leaves_none(self, sign_in, document):
        storage.store().delete(document.storage_key)
        assert sign_in(Role.ADMIN).get(url(document)).status_code == 404
        assert self.lines(document) == []


class TestFaults:
    def test_a_file_that_is_gone(self, browser, permohonan):
        document = situations.add_document(permohonan)
        storage.store().delete(document.storage_key)
        answer = browser.get(url(document))
        assert answer.status_code == 404
        assert h1(soup(answer)) == "Halaman tidak ditemukan"

    def test_a_file_that_was_changed(self, app, browser, permohonan):
        document = situations.add_document(permohonan)
        path = next(
            each for each in (app.config["LSP"].data_folder / "files").rglob(document.storage_key)
        )
        path.write_bytes(b"something else")
        assert browser.get(url(document)).status_code == 404

    def test_a_store_that_does_not_answer(self, browser, permohonan, monkeypatch):
        document = situations.add_document(permohonan)

        def down(self, key):
            raise StoreUnavailable("no answer")

        monkeypatch.setattr(FileStore, "open", down)
        assert browser.get(url(document)).status_code == 503


class TestWho:
    def test_anothers_file_is_not_found(self, browser):
        document = situations.add_document(situations.draft())
        assert browser.get(url(document)).status_code == 404

    @pytest.mark.parametrize(
        ("role", "status"),
        [(Role.ADMIN, 200), (Role.KETUA, 404), (Role.AUDITOR, 404), (Role.ASESOR, 404)],
    )
    def test_a_proof_of_payment_is_read_by_the_admin_alone(self, sign_in, role, status):
        """The consent text promises it: Bukti pembayaran … hanya dilihat admin LSP."""
        document = situations.add_document(situations.draft(), purpose="payment_proof")
        assert sign_in(role).get(url(document)).status_code == status

    def test_and_by_him_who_sent_it(self, browser, permohonan):
        assert (
            browser.get(
                url(situations.add_document(permohonan, purpose="payment_proof"))
            ).status_code
            == 200
        )

    def test_nobody_signs_in_first(self, client):
        document = situations.add_document(situations.draft(factories.make_user()))
        assert client.get(url(document)).status_code == 302
