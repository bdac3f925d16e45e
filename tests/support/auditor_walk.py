"""Walking the file of a case by its links alone."""

from __future__ import annotations

from typing import Any

from flask import url_for

from lsp.models import Permohonan
from tests.html import soup, words

#: Entries that are numbers, not papers: they stand in the list itself.
NUMBERS = frozenset({"Nomor blangko", "Pencatatan LPJK"})


def walk(browser: Any, case: Permohonan, *, with_files: bool = True) -> list[str]:
    """Open every link of the list and every document of the file; returns the papers said to be there without a link.

    with_files: fetch each document too; those of factories have rows alone.
    Raises AssertionError where a link leads nowhere.
    """
    page = soup(browser.get(url_for("case_file.show", permohonan_id=case.public_id)))
    closed = []
    for row in page.select("section:has(#daftar-periksa) details li"):
        link, said = row.select_one("a"), row.select_one("span")
        # The name stands before what is said of the paper.
        name = next(said.stripped_strings) if said is not None else ""
        if link is None:
            if "Ada" in [words(each) for each in row.select(".badge")]:
                closed.append(name)
            continue
        address = str(link["href"])
        if address.startswith("#"):
            assert page.find(id=address[1:]), name
        else:
            assert browser.get(address, follow_redirects=True).status_code == 200, name
    documents = [str(each["href"]) for each in page.select('#file a[href^="/berkas/"]')]
    assert documents, "no document is linked"
    for address in documents if with_files else ():
        assert browser.get(address).status_code == 200, address
    return closed
