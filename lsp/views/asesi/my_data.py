"""Data saya: what the asesi agreed to, how to take it back, and who opened his files. And an agreed text to read."""

from __future__ import annotations

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.forms.administration import REVEAL_REASONS
from lsp.models import Consent, Permohonan
from lsp.permissions import access, own_case, own_permohonan
from lsp.services import consents, openings
from lsp.views.asesi.shared import CASE, address, asesi_only, bp
from lsp.views.html import page
from lsp.views.text_keys import TEXT_KEYS, TEXT_KINDS
from lsp.vocabulary import FINAL, PermohonanStatus, Role
from lsp.workflow.permohonan import PERMOHONAN

#: Positions in the chain are shorter than this; ten digits could pass what an integer column holds.
_LONGEST_POSITION = 10


def agreed_by_own_case(
    actor: Actor, permohonan_id: str, text_key: str, version_number: int
) -> dict[str, object] | None:
    """An agreement of one's own case as `g.permohonan` and `g.consent`."""
    found = own_permohonan(actor, permohonan_id)
    kind = TEXT_KINDS.get(text_key)
    if found is None or kind is None:
        return None
    permohonan = found["permohonan"]
    assert isinstance(permohonan, Permohonan)  # noqa: S101 - what the loader gives
    consent = consents.given_to(permohonan.id, kind, version_number)
    return {"permohonan": permohonan, "consent": consent} if consent is not None else None


@bp.get("/asesi/data-saya")
@asesi_only
def my_data() -> ResponseReturnValue:
    position = _position(request.args.get("sebelum", ""))
    found = openings.page(g.actor.id, position)
    return page(
        "asesi/my_data.html",
        given=[(row, case, _text_url(row, case)) for row, case in consents.of_asesi(g.actor.id)],
        ways_out=_ways_out(),
        openings=found.rows,
        reasons=REVEAL_REASONS,
        next_url=url_for("asesi.my_data", sebelum=found.next_before) + "#dibuka"
        if found.next_before
        else "",
        first_url=url_for("asesi.my_data") + "#dibuka" if position else "",
    )


def _position(text: str) -> int | None:
    is_one = text.isascii() and text.isdigit() and len(text) < _LONGEST_POSITION
    return int(text) if is_one else None


@bp.get(f"{CASE}/persetujuan/<text_key>/<int(max=999999999):version_number>")
@access(roles=(Role.ASESI,), load=agreed_by_own_case)
def agreed_text(permohonan_id: str, text_key: str, version_number: int) -> ResponseReturnValue:
    """The version that was agreed to, whatever holds now."""
    return page(
        "asesi/agreed_text.html",
        permohonan=g.permohonan,
        consent=g.consent,
        pdf_url=url_for(
            "papers.agreement",
            permohonan_id=permohonan_id,
            text_key=text_key,
            version_number=version_number,
        ),
    )


def _text_url(consent: Consent, permohonan: Permohonan) -> str:
    return address(
        "agreed_text",
        permohonan,
        text_key=TEXT_KEYS[consent.text.kind],
        version_number=consent.text.version_number,
    )


def _ways_out() -> list[tuple[Permohonan, str]]:
    """Cases that still run with the page on which the asesi leaves them; empty where he no longer can by himself."""
    rows = db.session.scalars(
        select(Permohonan)
        .where(
            own_case(g.actor),
            Permohonan.status.not_in(FINAL | {PermohonanStatus.LAPSED}),
        )
        .order_by(Permohonan.id.desc())
    )
    leaving = {
        source for row in PERMOHONAN.transitions if row.name == "withdraw" for source in row.source
    }
    return [(row, address("withdraw", row) if row.status in leaving else "") for row in rows]
