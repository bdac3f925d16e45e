"""What the pages of FR.IA.07, FR.IA.08 and FR.IA.09 share: who may write, the line of a save, conflicts of two tabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import db
from lsp.models import FilledInstrument, Permohonan
from lsp.services import instruments
from lsp.views.asesor.shared import address, own_seat
from lsp.views.editions import ChangedElsewhere, edition_of
from lsp.vocabulary import InstrumentPaper

#: The name of a paper in its address -> the paper.
PAPERS = {
    "fr-ia-07": InstrumentPaper.DPL,
    "fr-ia-08": InstrumentPaper.CVP,
    "fr-ia-09": InstrumentPaper.PW,
}
KEY_OF = {paper: key for key, paper in PAPERS.items()}
KEYS = ",".join(f'"{key}"' for key in PAPERS)

#: What a paper is begun with, said before it is.
_BEGUN_WITH = {
    InstrumentPaper.DPL: "Pertanyaan diambil dari MUK skema yang berlaku.",
    InstrumentPaper.CVP: (
        "Daftar bukti diambil dari FR.APL.02, dengan penilaian V-A-T-M dari pra-asesmen untuk Anda benarkan atau "
        "ubah."
    ),
    InstrumentPaper.PW: "Pertanyaan diambil dari elemen yang dicentang di FR.IA.08.",
}


class Typed(Protocol):
    """A row as it was sent, with the edition it was drawn from."""

    seen: str

    @property
    def values(self) -> list[object]: ...


def changed_here(typed: Typed, stored: Sequence[object]) -> bool:
    """Whether the sender changed the row. Raises ChangedElsewhere when another tab did too, and differently.

    A row that stands as it was drawn is nobody's change: it never overwrites what another tab saved.
    """
    wanted, now = edition_of(typed.values), edition_of(list(stored))
    if wanted in (typed.seen, now):
        return False
    if typed.seen and typed.seen != now:
        raise ChangedElsewhere("Baris ini")
    return True


def load(permohonan: Permohonan, paper: InstrumentPaper, *more: Any) -> FilledInstrument | None:
    """The newest edition with its asesor and the rows that the page draws."""
    return db.session.scalar(
        select(FilledInstrument)
        .where(
            FilledInstrument.permohonan_id == permohonan.id,
            FilledInstrument.attempt == permohonan.attempt,
            FilledInstrument.paper == paper,
        )
        .order_by(FilledInstrument.edition.desc())
        .limit(1)
        .options(joinedload(FilledInstrument.asesor), *more)
    )


def why_not(permohonan: Permohonan, paper: InstrumentPaper) -> str:
    """Why this reader cannot write on it now; empty when he can."""
    if not instruments.is_open(permohonan):
        return f"{paper.value} diisi saat asesmen berlangsung. Anda dapat membacanya."
    if own_seat(permohonan) is None:
        return f"Hanya asesor rapat ini yang mengisi {paper.value}. Anda dapat membacanya."
    return ""


def head(
    permohonan: Permohonan, paper: InstrumentPaper, filled: FilledInstrument | None
) -> dict[str, Any]:
    """What every page of a paper needs above its rows."""
    key = KEY_OF[paper]
    edition = filled.edition if filled is not None else 0
    # What was sent is copied by the first change; until then it stands here to be read.
    kept = edition if filled is not None and filled.frozen_at is not None else edition - 1
    return {
        "permohonan": permohonan,
        "paper": paper,
        "form_key": key,
        "filled": filled,
        "reason": why_not(permohonan, paper),
        "sent_before": filled is not None and filled.frozen_at is not None,
        "earlier": [
            (number, address("instrument_edition", permohonan, form=key, edition=number))
            for number in range(1, kept + 1)
        ],
        "back_url": address("case_panel", permohonan, key="instrumen"),
        "begun_with": _BEGUN_WITH[paper],
        "begin_url": address("begin_instrument", permohonan, form=key),
    }


def line(
    key: str,
    *,
    seen: str,
    problem: str = "",
    hint: str = "",
    status: int = 200,
    **counted: Any,
) -> ResponseReturnValue:
    """The answer to a row that saved itself: when it was stored or why not, and the edition it stands on now.

    counted: how far the paper is now, drawn out of band in the same go.
    """
    text = render_template(
        "asesor/_ia_saved.html",
        key=key,
        seen=seen,
        problem=problem,
        hint=hint,
        carried=False,
        saved_at=None if problem else clock.now(),
        **counted,
    )
    return alone(text, status=status)


def alone(text: str, *, status: int = 200) -> Response:
    """A drawn row as the whole answer; what else changes stands in it out of band."""
    response = make_response(text, status)
    response.vary.add("HX-Request")
    return response


def seen_of(values: Sequence[object]) -> str:
    return edition_of(list(values))
