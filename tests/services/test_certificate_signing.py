"""The certificate's PDF proves itself: signed once, byte for byte what was signed, and the unsigned one made again."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pikepdf
import pytest
from sqlalchemy import select

from lsp import clock, worker
from lsp.database import db
from lsp.gateways import signer, storage
from lsp.models import Certificate, CertificateMaking, Lembaga, OutboxMessage, Setting, User
from lsp.services import certificate_file, certificates, outbox
from lsp.services.outbox_words import fault_of
from lsp.vocabulary import PermohonanStatus
from lsp.workflow.permohonan import PERMOHONAN
from tests.papers.reading import page_image, page_texts, photocopy, qr_contents
from tests.support.signing_key import PASSWORD, make_key
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus
BASE_URL = "http://localhost"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return make_key(tmp_path_factory.mktemp("key"))


@pytest.fixture
def signs(key, monkeypatch):
    adapter = signer.Pkcs12Signer(key.path, password=PASSWORD)
    monkeypatch.setattr(signer._Installed, "signer", adapter)
    return adapter


def issued(case=None):
    case = case or make_permohonan(S.ISSUED, cast=make_cast())
    return db.session.scalars(select(Certificate).where(Certificate.permohonan_id == case.id)).one()


def made(certificate):
    certificates.make_pdf(certificate.public_id, base_url=BASE_URL)
    db.session.expire_all()
    return storage.store().open(certificate.pdf_key), certificate_file.making_of(certificate)


def pdfsig(content, folder):
    """What poppler says, in a home of its own: without a store of roots it judges the signature alone."""
    path = folder / "file.pdf"
    path.write_bytes(content)
    done = subprocess.run(
        ["pdfsig", str(path)],
        capture_output=True, text=True, check=False, env=os.environ | {"HOME": str(folder)},
    )  # fmt: skip
    return done.stdout


def pyhanko_says(content, root_pem):
    from pyhanko.keys import load_certs_from_pemder_data
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    roots = list(load_certs_from_pemder_data(root_pem))
    signature = PdfFileReader(io.BytesIO(content)).embedded_signatures[0]
    return validate_pdf_signature(
        signature,
        signer_validation_context=ValidationContext(trust_roots=roots, allow_fetching=False),
    )


class TestSigned:
    def test_two_readers_find_it_valid_and_a_flipped_byte_broken(self, app, signs, key, tmp_path):
        content, making = made(issued())
        assert "Signature is Valid" in pdfsig(content, tmp_path)
        said = pyhanko_says(content, key.root_pem)
        assert said.intact
        assert said.valid
        assert said.trusted
        assert said.bottom_line
        # Both hashes, and by which key.
        assert making.signed_sha256 == hashlib.sha256(content).hexdigest()
        assert making.signed_sha256 == issued_row(making).pdf_sha256
        assert "Ketua LSP Contoh" in making.key_subject
        assert len(making.key_fingerprint) == 64

        flipped = bytearray(content)
        at = content.index(b"stream\n") + 40  # in the drawing of a page, not in the signature
        flipped[at] ^= 1
        assert "Digest Mismatch" in pdfsig(bytes(flipped), tmp_path)
        assert not pyhanko_says(bytes(flipped), key.root_pem).intact

        # The unsigned file stands in front of it, and made again from the frozen facts it is the same.
        again = certificate_file.made_again(making)
        assert hashlib.sha256(again).hexdigest() == making.unsigned_sha256
        assert content.startswith(again)
        # What changed since is none of its business.
        db.session.get_one(User, issued_row(making).signed_by_id).name = "Nama Baru"
        db.session.scalars(select(Lembaga)).first().name = "LSP Berganti Nama"
        db.session.commit()
        assert certificate_file.made_again(making) == again

        still_pdf_a(content)
        # The code survives the signature and a poor copy of the rendered page.
        for picture in (page_image(content, 0), photocopy(page_image(content, 0))):
            assert [code for code in qr_contents(picture) if "/V/" in code]

    def test_a_time_stamp_comes_from_the_address_that_is_set(self, app, key, monkeypatch, tmp_path):
        with time_stamp_service(make_key(tmp_path, stamps_time=True)) as (address, asked):
            adapter = signer.Pkcs12Signer(key.path, password=PASSWORD, time_stamp_url=address)
            monkeypatch.setattr(signer._Installed, "signer", adapter)
            content, making = made(issued())
        assert making.time_stamp_by == address
        assert set(asked) == {"/tsa"}, "once for its size, once for the stamp"
        assert pyhanko_says(content, key.root_pem).timestamp_validity.intact

    def test_without_a_key_nobody_signs_and_that_is_written_down(self, app):
        content, making = made(issued())
        assert (making.signed_sha256, making.key_fingerprint) == (None, "")
        assert making.unsigned_sha256 == hashlib.sha256(content).hexdigest()
        assert b"/ByteRange" not in content


def issued_row(making):
    return db.session.get_one(Certificate, making.certificate_id)


def still_pdf_a(content):
    """As far as it can be seen without an outside validator."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        with pdf.open_metadata() as metadata:
            assert metadata.pdfa_status == "2B"
        assert [each.S for each in pdf.Root.OutputIntents] == ["/GTS_PDFA1"]
        widget = pdf.Root.AcroForm.Fields[0]
        assert [float(side) for side in widget.Rect] == [0, 0, 0, 0], (
            "invisible, so without appearance"
        )
        assert int(widget.F) & 0b111 == 0b100, "printed, neither hidden nor invisible"
        assert "/NeedAppearances" not in pdf.Root.AcroForm
        fonts = [
            each
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font.keys()) for font in fonts)
        used = [
            each
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font"
        ]
        assert all("/FontDescriptor" in font or font.get("/Subtype") == "/Type0" for font in used)


class time_stamp_service:
    """An RFC 3161 service on the loopback, with pyHanko's own stamper behind it."""

    def __init__(self, made_key):
        from asn1crypto import keys, tsp, x509
        from cryptography.hazmat.primitives import serialization
        from pyhanko.sign.timestamps import DummyTimeStamper

        pem = serialization.Encoding.DER
        stamper = DummyTimeStamper(
            tsa_cert=x509.Certificate.load(made_key.certificate.public_bytes(pem)),
            tsa_key=keys.PrivateKeyInfo.load(
                made_key.key.private_bytes(
                    pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            ),
        )
        self.asked = asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = stamper.request_tsa_response(tsp.TimeStampReq.load(body)).dump()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/tsa", self.asked

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()


def just_issued():
    """By the ketua's own step, with the row for the worker."""
    cast = make_cast()
    case = make_permohonan(S.RECORDED, cast=cast)
    PERMOHONAN.perform(case, "issue", actor_of(cast.ketua), version=case.version)
    db.session.commit()
    return issued(case)


@pytest.mark.parametrize("answer", [b"%PDF-1.7 another", b"%PDF-1.7 this"])
def test_what_comes_back_must_be_the_very_file_with_something_behind_it(
    key, monkeypatch, tmp_path, answer
):
    monkeypatch.setattr(signer, "run_child", lambda *args, **more: answer)
    adapter = signer.Pkcs12Signer(key.path, password=PASSWORD)
    with pytest.raises(ValueError, match="does not begin"):
        adapter.sign(b"%PDF-1.7 this", location="Jakarta", lock_path=tmp_path / "lock")


class TestHeld:
    @pytest.mark.parametrize("code", ["missing", "unreadable", "expired", "early", "tsa"])
    def test_nothing_unsigned_goes_out_and_the_row_waits(
        self, app, key, monkeypatch, tmp_path, code
    ):
        path, words, tsa = key.path, PASSWORD, ""
        if code == "missing":
            path = tmp_path / "none.p12"
        elif code == "unreadable":
            words = "salah"
        elif code == "expired":
            path = make_key(
                tmp_path,
                until=clock.now() - timedelta(days=1),
                since=clock.now() - timedelta(days=9),
            ).path
        elif code == "early":
            path = make_key(tmp_path, since=clock.now() + timedelta(days=1)).path
        else:
            tsa = "http://127.0.0.1:9/"  # nobody listens
        adapter = signer.Pkcs12Signer(path, password=words, time_stamp_url=tsa)
        monkeypatch.setattr(signer._Installed, "signer", adapter)
        said = signer.fault()
        assert said == ("" if code == "tsa" else signer.SigningHeld(code).sentence)
        number = just_issued().id
        worker.drain()
        certificate = db.session.get_one(Certificate, number)
        row = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "certificate_pdf")
        ).one()
        assert certificate.pdf_key is None
        assert db.session.scalars(select(CertificateMaking)).all() == []
        assert (row.attempts, row.dead_at, row.done_at) == (0, None, None), "never given up"
        assert row.run_at > clock.now() + outbox.LOOK_AGAIN - timedelta(minutes=1)
        assert fault_of(row.error) == signer.SENTENCES[code]
        assert PASSWORD not in row.error
        # The key is put right: the same row makes it.
        monkeypatch.setattr(
            signer._Installed, "signer", signer.Pkcs12Signer(key.path, password=PASSWORD)
        )
        row.run_at = clock.now()
        db.session.commit()
        worker.drain()
        db.session.expire_all()
        certificate = db.session.get_one(Certificate, number)
        assert certificate_file.making_of(certificate).key_fingerprint


def test_the_unit_list_is_as_it_was_set_on_the_day_of_issue(app):
    row = db.session.scalars(select(Setting).where(Setting.key == "certificate_unit_list")).one()
    row.value = "printed"
    db.session.commit()
    certificate = just_issued()
    row.value = "left_out"
    db.session.commit()
    content, making = made(certificate)
    assert certificate.print_unit_list
    assert len(page_texts(content)) == 3
    unit = certificate.permohonan.skema_version.units[0]
    assert unit.code in page_texts(content)[2]
    assert hashlib.sha256(certificate_file.made_again(making)).hexdigest() == making.unsigned_sha256
    later = just_issued()
    assert len(page_texts(made(later)[0])) == 2
