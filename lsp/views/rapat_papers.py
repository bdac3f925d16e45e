"""Papers of a pleno, each a page to read and print: surat tugas, daftar hadir, notulen, berita acara, SK."""

from __future__ import annotations

from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.models import Pleno
from lsp.permissions import access
from lsp.services import (
    lembaga,
    pleno,
    pleno_meeting as meeting,
    pleno_notulen,
    pleno_papers as papers,
    pleno_sk,
)
from lsp.views.html import page, redirect_after_post
from lsp.views.rapat import PLENO, READERS, bp
from lsp.views.tim_teknis_scope import readable_pleno


@bp.get(f"{PLENO}/surat-tugas")
@access(roles=READERS, load=readable_pleno)
def surat_tugas(pleno_id: str) -> ResponseReturnValue:
    if not g.pleno.surat_tugas_number:
        return _none("Rapat ini dibuka sebelum portal membuat surat tugas tim teknis.")
    return _paper("rapat/surat_tugas.html", "surat_tugas")


@bp.get(f"{PLENO}/daftar-hadir")
@access(roles=READERS, load=readable_pleno)
def daftar_hadir(pleno_id: str) -> ResponseReturnValue:
    return _paper("rapat/daftar_hadir.html", "daftar_hadir")


@bp.get(f"{PLENO}/notulen")
@access(roles=READERS, load=readable_pleno)
def notulen(pleno_id: str) -> ResponseReturnValue:
    return _paper(
        "rapat/notulen.html",
        "notulen",
        notulen=pleno_notulen.stored(g.pleno),
        rules=pleno_notulen.rules(),
        places=pleno_notulen.places_of(g.pleno),
        notulis=papers.notulis_of(g.pleno),
    )


@bp.get(f"{PLENO}/sk")
@access(roles=READERS, load=readable_pleno)
def sk(pleno_id: str) -> ResponseReturnValue:
    """Before it is signed, the draft that the ketua reads."""
    rows = papers.sk_rows(g.pleno)
    if not rows:
        return _none("Rapat ini tidak menetapkan satu permohonan pun, jadi tidak ada SK.")
    held: Pleno = g.pleno
    here = lembaga.current_or_none()
    return page(
        "rapat/sk.html",
        pleno=held,
        words=papers.filled(papers.sk_words(held), papers.facts(held, here)),
        rows=rows,
        outcomes=pleno.OUTCOMES,
        stands=pleno_sk.stands,
        signer=papers.signer_of(held),
    )


def berita_acara_page(held: Pleno) -> ResponseReturnValue:
    return _paper(
        "tim_teknis/berita_acara.html",
        "berita_acara",
        decided=pleno_sk.sk_list(held),
        stands=pleno_sk.stands,
    )


def _none(sentence: str) -> ResponseReturnValue:
    url = url_for("rapat.show", pleno_id=g.pleno.public_id)
    return redirect_after_post(url, sentence, tone="wait")


def _paper(template: str, name: str, **context: Any) -> ResponseReturnValue:
    held: Pleno = g.pleno
    blanks = papers.facts(held, lembaga.current_or_none())
    return page(
        template,
        pleno=held,
        words=papers.filled(papers.words_of(held)[name], blanks),
        attendants=papers.attendants(held),
        outcomes=pleno.OUTCOMES,
        when=meeting.when(held),
        where=meeting.where(held),
        **context,
    )
