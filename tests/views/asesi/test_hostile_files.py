"""The hostile corpus through the page: refused with a sentence or stored as our own file, never a fault of ours."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.gateways import storage
from lsp.gateways.rebuild import rebuild
from lsp.models import Document
from lsp.services import documents, throttle
from tests.corpus import ACCEPTED, Sample, samples
from tests.corpus_names import CLAIMS, PATHS
from tests.html import soup, words
from tests.views.asesi import situations

#: The table of the corpus: what a class is called here, and how many files it holds at least.
CLASSES = {
    ("carrier",): 48,
    ("metadata",): 16,
    ("disguise", "size"): 40
    + 28
    - len(CLAIMS) * 2,  # the rest of them are CLAIMS, sent hostile and honest
    ("markup",): 24,
    ("broken image",): 28,
    ("pdf active",): 44,
    ("pdf hostile",): 32,
}
SECONDS = 5.0
_OUR_NAME = re.compile(r'(inline|attachment); filename="[A-Za-z0-9]+_[0-9A-Z]{16}\.(jpg|pdf)"')
_MAGIC = {"image/jpeg": b"\xff\xd8\xff", "application/pdf": b"%PDF-"}


@pytest.fixture
def page(browser, monkeypatch):
    """Where a file is posted: further evidence, so that none replaces another. Its limits are tried elsewhere."""
    monkeypatch.setattr(documents, "check_quota", lambda *_: None)
    monkeypatch.setattr(throttle, "refuse_past", lambda *_: None)
    case = situations.draft(browser.user)
    return url_for(
        "asesi.upload_document",
        permohonan_id=case.public_id,
        requirement_id=case.skema_version.requirements[0].public_id,
    )


def send(browser, page, content, name="berkas.jpg", kind="image/jpeg"):
    """As a form sends it, with the name as it stands; returns the answer and how long it took."""
    quoted = (
        name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    )
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\nContent-Type: {kind}\r\n\r\n'
    body = head.encode() + content + b"\r\n--x--\r\n"
    began = time.monotonic()
    answer = browser.post(page, data=body, content_type="multipart/form-data; boundary=x")
    return answer, time.monotonic() - began


def newest() -> Document | None:
    db.session.rollback()
    return db.session.scalars(select(Document).order_by(Document.id.desc()).limit(1)).first()


def is_ours(document: Document) -> None:
    """What is kept begins as its type says, and is served as a file that can do nothing."""
    assert storage.store().open(document.storage_key).startswith(_MAGIC[document.content_type])


def is_served_harmlessly(browser, document: Document) -> None:
    answer = browser.get(url_for("files.document", document_id=document.public_id))
    headers = answer.headers
    assert headers["Content-Type"] == document.content_type
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert _OUR_NAME.fullmatch(headers["Content-Disposition"]), "under a name of ours"


def test_the_corpus_holds_what_its_table_says():
    count = Counter(sample.group for sample in samples())
    for groups, least in CLASSES.items():
        assert sum(count[group] for group in groups) >= least, groups
    assert len(set(PATHS)) == 40
    assert sum(count.values()) + len(PATHS) + len(CLAIMS) >= 300


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("group", sorted({sample.group for sample in samples()}))
def test_every_hostile_file(browser, page, group):
    for sample in [each for each in samples() if each.group == group]:
        _try(browser, page, sample)


def _try(browser, page, sample: Sample) -> None:
    before, content = newest(), sample.make()
    took: list[float] = []
    while not took or (min(took) > SECONDS and len(took) < 4):  # others may keep the machine busy
        answer, seconds = send(browser, page, content)
        took.append(seconds)
        assert answer.status_code < 500, sample
    assert min(took) <= SECONDS, (sample, took)
    after = newest()
    if sample.verdict == ACCEPTED:
        assert answer.status_code == 303, (sample, words(soup(answer))[:500])
        assert after is not None
        is_ours(after)
        is_served_harmlessly(browser, after)
    else:
        assert answer.status_code in (413, 422), sample
        assert (after and after.id) == (before and before.id), sample


@pytest.fixture
def rebuilt_once(monkeypatch, tmp_path):
    """The same photo under forty names need not be decoded forty times."""
    done = rebuild(situations.photo(), lock_path=tmp_path / "heavy.lock")
    monkeypatch.setattr(documents, "rebuild", lambda *_args, **_named: done)


@pytest.mark.usefixtures("rebuilt_once")
@pytest.mark.parametrize("number", range(len(PATHS)))
def test_no_name_leads_anywhere(app, browser, page, number):
    name = PATHS[number]
    answer, _ = send(browser, page, situations.photo(), name)
    if not name.strip():
        assert answer.status_code in (303, 422)
        return
    assert answer.status_code == 303
    document = newest()
    assert document is not None
    is_ours(document)
    is_served_harmlessly(browser, document)
    assert len(document.original_name) <= 120
    assert not set(document.original_name) & set("/\\\r\n\t\u202e")
    folder = app.config["LSP"].data_folder / "files"
    assert {each.name for each in folder.rglob("*") if each.is_file()} <= set(
        storage.store().list_keys()
    ) | {"installation-id"}
    address = answer.location.partition("#")[0]
    shown = soup(browser.get(address)).select_one("li .tap")
    assert words(shown)


@pytest.mark.parametrize(("name", "kind"), CLAIMS)
def test_the_content_decides_not_the_name(browser, page, name, kind):
    hostile, _ = send(browser, page, b"<html><script>document.title=1</script></html>", name, kind)
    assert hostile.status_code == 422
    assert newest() is None
    honest, _ = send(browser, page, situations.photo(), name, kind)
    assert honest.status_code == 303
    document = newest()
    assert document is not None
    assert document.content_type == "image/jpeg"
    is_served_harmlessly(browser, document)
