"""Files are served as files: only to those in whose scope they lie, never as something a page would run."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp.gateways import storage
from lsp.gateways.files import FileStore, StoreUnavailable
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
