"""The ministry's PDF beside ours: kept to the byte, never one that acts, replaced with a reason, and downloaded."""

from __future__ import annotations

import io

import pikepdf
import pytest
from flask import url_for
from pikepdf import Array, Dictionary, Name, String
from sqlalchemy import func, select

from lsp.database import db
from lsp.gateways import storage
from lsp.gateways.official_pdf import SENTENCES, OfficialRefused, look_at
from lsp.models import AuditEvent, OfficialCertificate
from lsp.services import official_certificates
from lsp.vocabulary import PermohonanStatus, Role
from tests.html import errors, filled, form, notices, soup, words
from tests.support.certificate_files import certificate_of
from tests.workflow.cases import actor_of, make_cast, make_permohonan


def pdf(change=None, **saving):
    made = pikepdf.new()
    made.add_blank_page()
    if change is not None:
        change(made)
    buffer = io.BytesIO()
    made.save(buffer, **saving)
    return buffer.getvalue()


def action(kind, **more):
    return lambda made: made.Root.__setattr__("OpenAction", Dictionary(S=Name(kind), **more))


def annotated(made):
    made.pages[0].Annots = Array(
        [
            Dictionary(
                Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9],
                A=Dictionary(S=Name.Launch, F=String("x.exe")),
            )
        ]
    )  # fmt: skip


def attached(made):
    made.attachments["x.txt"] = b"x"


def named_script(made):
    tree = Dictionary(
        Names=Array([String("x"), Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))])
    )
    made.Root.Names = Dictionary(JavaScript=tree)


#: What a file holds -> the code of its refusal.
HOSTILE = {
    "javascript": (pdf(action("/JavaScript", JS=String("app.alert(1)"))), "javascript"),
    "named script": (pdf(named_script), "javascript"),
    "launch": (pdf(action("/Launch", F=String("x.exe"))), "launch"),
    "launch in a link": (pdf(annotated), "launch"),
    "packed launch": (
        pdf(annotated, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "launch",
    ),
    "attached": (pdf(attached), "attached"),
    "sends a form": (pdf(action("/SubmitForm", F=String("http://x.example"))), "acts"),
    "password": (pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "encrypted"),
    "hidden owner": (pdf(encryption=pikepdf.Encryption(owner="a", user="")), "encrypted"),
    "page of html": (b"<html>%PDF-1.7</html>%%EOF", "unreadable"),
    "something before it": (b"MZ" + pdf(), "unreadable"),
    "something behind it": (pdf() + b"<script>", "trailing"),
    "cut short": (pdf()[:-200], "unreadable"),
    "empty": (b"", "empty"),
}


@pytest.fixture
def case(app):
    return make_permohonan(PermohonanStatus.ISSUED, cast=make_cast())


def attach(browser, case, content, **typed):
    url = url_for("certificate_files.attach", permohonan_id=case.public_id)
    page = soup(browser.get(url))
    sent = filled(form(page, url)) | typed
    return browser.post(url, data=sent | {"file": (io.BytesIO(content), "resmi.pdf")})


def rows():
    return db.session.scalars(select(OfficialCertificate).order_by(OfficialCertificate.id)).all()


def test_kept_to_the_byte_and_then_what_is_downloaded(case, sign_in):
    admin, content = sign_in(Role.ADMIN), pdf()
    assert attach(admin, case, content).status_code == 303
    row = rows()[0]
    assert storage.store().open(row.storage_key) == content
    assert (
        db.session.scalar(
            select(func.count(AuditEvent.seq)).where(
                AuditEvent.action == "certificate.attach_official"
            )
        )
        == 1
    )
    holder = sign_in(case.asesi)
    answer = holder.get(url_for("verification.download", permohonan_id=case.public_id))
    assert answer.get_data() == content
    assert answer.headers["Content-Disposition"].startswith(
        'attachment; filename="sertifikat-resmi-'
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    own = words(soup(holder.get(url_for("asesi.certificate", permohonan_id=case.public_id))))
    assert row.sha256 in own
    assert "berkas resmi dari portal kementerian" in own
    for role in (Role.AUDITOR, Role.KETUA):
        read = soup(
            sign_in(role).get(url_for("certificate_files.show", permohonan_id=case.public_id))
        )
        assert row.sha256 in words(read)
        assert read.select_one("form[enctype]") is None, "only the admin attaches"


def test_replaced_with_a_reason_and_the_old_one_stays(case, sign_in):
    admin = sign_in(Role.ADMIN)
    first = pdf()
    attach(admin, case, first)
    other = pdf(lambda made: made.add_blank_page())
    without = attach(admin, case, other)
    assert without.status_code == 422
    assert "Tulis mengapa" in errors(soup(without))["note"]
    same = attach(admin, case, first, note="Kementerian menerbitkan yang baru.")
    assert same.status_code == 422
    assert "sama persis" in errors(soup(same))["file"]
    page = soup(admin.get(url_for("certificate_files.show", permohonan_id=case.public_id)))
    url = url_for("certificate_files.attach", permohonan_id=case.public_id)
    stale = filled(form(page, url))
    assert attach(admin, case, other, note="Kementerian menerbitkan yang baru.").status_code == 303
    old, new = rows()
    assert (new.replaces_id, old.replaces_id) == (old.id, None)
    # A page that was drawn before is refused, and nothing of it is kept.
    late = stale | {"note": "Salah unggah berkas.", "file": (io.BytesIO(pdf()), "x.pdf")}
    again = admin.post(url, data=late)
    assert again.status_code == 422
    assert any("sudah berubah" in each for each in notices(soup(again)))
    assert len(rows()) == 2
    earlier = url_for(
        "certificate_files.official", permohonan_id=case.public_id, official_id=old.public_id
    )
    assert admin.get(earlier).status_code == 200
    assert certificate_of(case).pdf_key is None, "ours is none of this"


@pytest.mark.parametrize("what", HOSTILE)
def test_one_that_acts_or_is_none_is_refused_in_words(case, sign_in, what):
    content, code = HOSTILE[what]
    answer = attach(sign_in(Role.ADMIN), case, content)
    assert answer.status_code == 422
    assert SENTENCES[code] in words(soup(answer))
    assert rows() == []
    assert list(storage.store().list_keys()) == []


@pytest.mark.parametrize("is_committed", [False, True])
def test_what_is_not_committed_leaves_no_file(case, sign_in, is_committed):
    content, before = pdf(), set(storage.store().list_keys())
    admin = sign_in(Role.ADMIN).user
    looked = official_certificates.look_at(content)

    def lose_the_line():
        with official_certificates.attached(
            actor_of(admin), certificate_of(case), content, looked, instead_of="", reason=""
        ):
            if is_committed:
                db.session.commit()
            raise ConnectionError

    with pytest.raises(ConnectionError):
        lose_the_line()
    left = set(storage.store().list_keys()) - before
    assert left == {row.storage_key for row in rows()}
    assert len(left) == is_committed


def test_ten_megabytes_are_the_limit(app):
    with pytest.raises(OfficialRefused, match="too_large"):
        look_at(pdf() + b" " * 10_000_000, lock_path=storage.heavy_lock())
