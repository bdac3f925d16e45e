"""WhatsApp for a case, the same for the admin and the asesor: the prepared texts, and going there with one of them.

The number stands in no address of ours: it is read when a text is opened, by a form that posts.
"""

from __future__ import annotations

from flask import current_app, g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.administration import WhatsappForm
from lsp.services import whatsapp
from lsp.views.html import page
from lsp.views.leaving import leave_for


def show_texts(
    back_url: str, action: str, area: str, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    """The page of the prepared texts. The number is not read for it."""
    return page(
        "whatsapp.html",
        status=status,
        permohonan=g.permohonan,
        texts=_texts(),
        action=action,
        back_url=back_url,
        area=area,
        notice_text=notice,
    )


def open_text(back_url: str, action: str, area: str) -> ResponseReturnValue:
    """Write down who opened which text for which case, then go to WhatsApp. Commits."""
    form = WhatsappForm()
    chosen = next((each for each in _texts() if each.kind == form.kind.data), None)
    if not form.validate() or chosen is None:
        return show_texts(
            back_url, action, area, status=409,
            notice="Teks ini tidak berlaku lagi untuk rapatnya sekarang. Pilih dari daftar di bawah.",
        )  # fmt: skip
    try:
        number = whatsapp.number_of(g.permohonan)
    except DomainError as refusal:
        db.session.rollback()
        return show_texts(back_url, action, area, status=409, notice=str(refusal))
    whatsapp.note_opened(g.actor, g.permohonan, chosen.kind)
    db.session.commit()
    return leave_for(
        whatsapp.address_for(number, chosen.text),
        title="Membuka WhatsApp",
        label="Buka WhatsApp",
        back_url=back_url,
    )


def _texts() -> list[whatsapp.Prepared]:
    return whatsapp.prepared_for(g.permohonan, current_app.config["LSP"].base_url)
