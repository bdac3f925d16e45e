"""What an employer sees when he scans the QR: six answers, the facts of the paper, never a NIK."""

from __future__ import annotations

import gzip
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import url_for
from sqlalchemy import select

from lsp import clock, ids
from lsp.database import db
from lsp.gateways import storage
from lsp.models import Certificate, OfficialCertificate
from lsp.services import certificates, throttle
from lsp.vocabulary import CertificateStatus, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.html import errors, filled, form, h1, links, main, notices, soup, words
from tests.papers.reading import page_image, qr_contents
from tests.support.certificate_files import make_certificate_files
from tests.test_pages import count_queries
from tests.workflow.cases import make_cast, make_permohonan

S = CertificateStatus


@pytest.fixture
def issued(app):
    case = make_permohonan(PermohonanStatus.ISSUED, cast=make_cast())
    return db.session.scalar(select(Certificate).where(Certificate.permohonan_id == case.id))


def seen(client, certificate):
    return soup(client.get(url_for("verification.show", token=certificate.token)))


def put(certificate, status, **columns):
    certificate.status, certificate.status_at = status, clock.now()
    for name, value in columns.items():
        setattr(certificate, name, value)
    db.session.commit()


class TestSixAnswers:
    @pytest.mark.parametrize(
        ("status", "title"),
        [
            (S.ACTIVE, "Sertifikat ini berlaku"),
            (S.SUSPENDED, "Sertifikat ini dibekukan"),
            (S.REVOKED, "Sertifikat ini dicabut"),
            (S.EXPIRED, "Masa berlaku sertifikat ini sudah habis"),
            (S.REPLACED, "Sertifikat ini sudah diganti"),
            (S.RENEWED, "Sertifikat ini sudah diperpanjang"),
        ],
    )
    def test_each_in_words(self, client, issued, status, title):
        put(issued, status)
        page = seen(client, issued)
        assert words(page.select_one(".seal h2")) == title
        machine = client.get(url_for("verification.show_json", token=issued.token)).get_json()
        assert machine["keterangan"] == title

    def test_no_two_of_them_look_or_read_alike(self, client, issued):
        """Title, meaning, seal and the machine's word: an employer who knows one answer cannot take another for it."""
        told = []
        for status in S:
            put(issued, status)
            seal = seen(client, issued).select_one(".seal")
            machine = client.get(url_for("verification.show_json", token=issued.token)).get_json()
            told.append((words(seal.h2), words(seal), machine["status"]))
        answer = soup(client.get(url_for("verification.show", token=ids.certificate_token())))
        told.append(
            (
                words(answer.select_one(".seal h2")),
                words(answer.select_one(".seal")),
                "tidak_ditemukan",
            )
        )
        assert [len(set(column)) for column in zip(*told, strict=True)] == [7, 7, 7]

    def test_an_unknown_token_is_404_and_says_what_to_do(self, client):
        answer = client.get(url_for("verification.show", token=ids.certificate_token()))
        page = soup(answer)
        assert answer.status_code == 404
        assert words(page.select_one(".seal h2")) == "Sertifikat tidak ditemukan"
        assert links(page)["Cari dengan nomor dan nama"] == url_for("verification.search")
        machine = client.get(url_for("verification.show_json", token="x"))
        assert (machine.status_code, machine.get_json()["status"]) == (404, "tidak_ditemukan")

    def test_revoked_shows_at_the_very_next_look(self, client, issued):
        assert "berlaku" in words(seen(client, issued).select_one(".seal h2"))
        put(issued, S.REVOKED)
        page = seen(client, issued)
        assert words(page.select_one(".seal h2")) == "Sertifikat ini dicabut"
        assert "✓" not in words(page)

    def test_past_its_last_day_before_the_clock_has_run(self, client, app):
        case = make_permohonan(PermohonanStatus.ISSUED, cast=make_cast())
        made = db.session.scalar(select(Certificate).where(Certificate.permohonan_id == case.id))
        with time_machine.travel(clock.now() + timedelta(days=5 * 365 + 2), tick=False):
            page = seen(client, made)
        assert "sudah habis" in words(page.select_one(".seal h2"))

    def test_a_replaced_one_names_its_successor(self, client, issued):
        other = make_permohonan(PermohonanStatus.ISSUED, cast=make_cast())
        fresh = db.session.scalar(select(Certificate).where(Certificate.permohonan_id == other.id))
        fresh.replaces_id = issued.id
        put(issued, S.REPLACED)
        assert fresh.certificate_number in words(seen(client, issued))


class TestWhatItTells:
    def test_the_facts_of_the_paper(self, client, issued):
        text = words(main(seen(client, issued)))
        for fact in (
            issued.holder_name, issued.jabatan_kerja, issued.certificate_number, issued.lpjk_number,
            issued.blanko_number, "Bandingkan dengan kertas Anda", "Diperiksa", "localhost", "Ada yang tidak cocok?",
        ):  # fmt: skip
            assert fact in text, fact

    def test_never_a_nik_nor_what_else_is_private(self, client, issued):
        paper = dossier_of(issued.permohonan).fr_apl_01
        urls = [
            url_for(f"verification.{name}", token=issued.token) for name in ("show", "show_json")
        ]
        secrets = [
            paper.nik,
            paper.nik[-4:] if paper.nik[-4:] not in issued.certificate_number else paper.nik,
        ]
        secrets += [
            each
            for each in (paper.phone_mobile, paper.birth_date, issued.permohonan.id_izin)
            if each
        ]
        for url in urls:
            text = client.get(url).get_data(as_text=True)
            assert [
                each for each in secrets if each in text and each not in issued.lpjk_number
            ] == []

    def test_public_small_without_script_and_never_kept(self, client, issued):
        answer = client.get(url_for("verification.show", token=issued.token))
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert soup(answer).find("script") is None
        assert "Set-Cookie" not in answer.headers
        assert len(gzip.compress(answer.get_data())) <= 8_000
        machine = client.get(url_for("verification.show_json", token=issued.token))
        assert machine.headers["Cache-Control"] == "no-store"
        for each in (answer, machine):
            assert {"ETag", "Last-Modified", "Expires"}.isdisjoint(dict(each.headers))
            assert "Set-Cookie" not in each.headers
        searched = client.get(url_for("verification.search"))
        assert len(gzip.compress(searched.get_data())) <= 8_000

    def test_no_cookie_with_any_of_the_answers(self, client, issued):
        """Nothing by which an employer who checks two people could be known again; only the search's form has one."""
        unknown = ids.certificate_token()
        for token in (issued.token, unknown):
            for name in ("short", "show", "show_json"):
                answer = client.get(url_for(f"verification.{name}", token=token))
                assert "Set-Cookie" not in answer.headers, (name, token == unknown)
        client.get(url_for("verification.search"))  # its form needs one
        again = client.get(url_for("verification.show", token=issued.token))
        assert "Set-Cookie" not in again.headers

    def test_two_queries_and_light_with_all_that_it_may_show(self, client, issued):
        """The certificate, the one that took its place, both files' hashes; the LSP's own name on the page."""
        admin, ketua = factories.make_user(Role.ADMIN), factories.make_user(Role.KETUA)
        make_certificate_files(issued.permohonan, admin, ketua)
        other = make_permohonan(PermohonanStatus.ISSUED, cast=make_cast())
        db.session.scalar(
            select(Certificate).where(Certificate.permohonan_id == other.id)
        ).replaces_id = issued.id
        put(issued, S.REPLACED)
        for name in ("show", "show_json"):
            url = url_for(f"verification.{name}", token=issued.token)
            answer = client.get(url)
            assert count_queries(lambda url=url: client.get(url)) <= 2
            assert len(gzip.compress(answer.get_data())) <= 8_000

    def test_the_hash_of_both_files_to_compare(self, client, issued):
        page = seen(client, issued)
        assert page.select_one("#hashes") is None, "no file yet, nothing to compare"
        make_certificate_files(
            issued.permohonan, factories.make_user(Role.ADMIN), factories.make_user(Role.KETUA)
        )
        db.session.commit()
        official = db.session.scalars(select(OfficialCertificate)).one()
        text = words(seen(client, issued).select_one("#hashes"))
        for whole in (issued.pdf_sha256, official.sha256):
            assert whole in text
            assert f"{whole[:4]} {whole[4:8]} … {whole[-8:-4]} {whole[-4:]}" in text
        machine = client.get(url_for("verification.show_json", token=issued.token)).get_json()
        assert (machine["sha256"], machine["sha256_resmi"]) == (issued.pdf_sha256, official.sha256)


class TestTheAddressOfTheQr:
    @pytest.mark.parametrize("letter", ["V", "v"])
    def test_in_capitals_it_leads_on(self, client, issued, letter):
        for token in (issued.token, issued.token.lower()):
            answer = client.get(f"/{letter}/{token}", follow_redirects=True)
            assert issued.holder_name in words(soup(answer))

    def test_the_code_on_the_paper_leads_to_the_page_of_that_certificate(self, client, issued):
        certificates.make_pdf(issued.public_id, base_url="http://localhost")
        db.session.expire_all()
        content = storage.store().open(issued.pdf_key)
        ours = [code for code in qr_contents(page_image(content, 0)) if "/V/" in code]
        assert len(ours) == 1
        address = urlsplit(ours[0])
        assert address.netloc == "LOCALHOST"
        answer = client.get(address.path, follow_redirects=True)
        assert answer.status_code == 200
        text = words(soup(answer))
        assert issued.holder_name in text
        assert issued.certificate_number in text

    @pytest.mark.parametrize(
        "token", ["x", "0" * 400, "%00", "..%2fmasuk", "ſ" * 26, "<script>", "'--"]
    )
    def test_hostile_tokens(self, client, token):
        for path in (f"/V/{token}", f"/verifikasi/{token}", f"/verifikasi/{token}.json"):
            assert client.get(path, follow_redirects=True).status_code == 404


class TestSearch:
    def find(self, client, **typed):
        return client.post(url_for("verification.find"), data=typed)

    def test_number_and_name(self, client, issued):
        url = url_for("verification.find")
        sent = filled(form(soup(client.get(url_for("verification.search"))), url))
        answer = client.post(
            url,
            data=sent | {"number": issued.certificate_number, "name": issued.holder_name.upper()},
        )
        assert answer.status_code == 303
        assert answer.location == url_for("verification.show", token=issued.token)

    @pytest.mark.parametrize("wrong", ["number", "name"])
    def test_one_that_does_not_fit(self, client, issued, wrong):
        typed = {"number": issued.certificate_number, "name": issued.holder_name} | {
            wrong: "Orang Lain"
        }
        answer = self.find(client, **typed)
        page = soup(answer)
        assert answer.status_code == 422
        assert "Tidak ada sertifikat kami" in notices(page)[0]
        sent = filled(form(page, url_for("verification.find")))
        assert {name: sent[name] for name in typed} == typed, "what was typed is kept"

    def test_empty(self, client):
        answer = self.find(client)
        assert answer.status_code == 422
        assert set(errors(soup(answer))) == {"number", "name"}

    def test_names_cannot_be_tried_by_the_list(self, client, issued):
        for _ in range(throttle.CERTIFICATE_ADDRESS.count):
            self.find(client, number=issued.certificate_number, name="Salah")
        answer = self.find(client, number=issued.certificate_number, name=issued.holder_name)
        assert answer.status_code == 429
        assert seen(client, issued), "a QR is still answered"

    def test_the_front_page_leads_here(self, client):
        assert links(soup(client.get("/")))["Periksa sertifikat"] == url_for("verification.search")
        assert h1(soup(client.get(url_for("verification.search")))) == "Periksa sertifikat"
