"""Pengaturan, MUK: putting a draft in force, and discarding it; each asked on a page of its own."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.muk import PublishMukForm
from lsp.permissions import access, writes
from lsp.services import muk_rows, muk_versions as versions
from lsp.services.muk_check import doubts_of, gaps_of, is_withdrawal
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.drafts import put_in_force
from lsp.views.admin.muk import address, name_of_instrument, one_instrument, read_again
from lsp.views.editions import edition_of
from lsp.views.html import page, redirect_after_post
from lsp.workflow.muk import shape_of


@bp.get("/pengaturan/muk/<instrument_id>/berlakukan")
@access(roles=ADMIN, load=one_instrument)
def ask_publish_muk(instrument_id: str) -> ResponseReturnValue:
    form = PublishMukForm(formdata=None, effective_from=clock.today_wib())
    return _publish_page(form.ask(doubts_of(g.instrument)))


@bp.post("/pengaturan/muk/<instrument_id>/berlakukan")
@access(roles=ADMIN, load=one_instrument)
@writes
def publish_muk(instrument_id: str) -> ResponseReturnValue:
    refused = put_in_force(
        PublishMukForm().ask(doubts_of(g.instrument)),
        edition=_edition(),
        publish=lambda day: versions.publish(g.actor, g.instrument, day),
        read_again=lambda: read_again(instrument_id),
        again=_publish_page,
    )
    if refused is not None:
        return refused
    said = f"{name_of_instrument()}: diberlakukan."
    target = url_for("admin.muk_of_skema", version_id=g.instrument.skema_version.public_id)
    db.session.commit()
    return redirect_after_post(target, said)


def _edition() -> str:
    """Of everything a draft says: what is put in force is what was read."""
    return edition_of([g.instrument.head, g.instrument.people, muk_rows.all_values(g.instrument)])


def _publish_page(
    form: PublishMukForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    return page(
        "admin/muk/publish.html",
        status=status,
        instrument=g.instrument,
        name=name_of_instrument(),
        form=form,
        gaps=gaps_of(g.instrument),
        is_withdrawal=is_withdrawal(g.instrument),
        by_elemen=shape_of(g.instrument).by_elemen,
        edition=_edition(),
        is_draft=g.instrument.published_at is None,
        notice_text=notice,
    )


@bp.get("/pengaturan/muk/<instrument_id>/hapus")
@access(roles=ADMIN, load=one_instrument)
def ask_discard_muk(instrument_id: str) -> ResponseReturnValue:
    return _confirm_discard()


@bp.post("/pengaturan/muk/<instrument_id>/hapus")
@access(roles=ADMIN, load=one_instrument)
@writes
def discard_muk(instrument_id: str) -> ResponseReturnValue:
    target = url_for("admin.muk_of_skema", version_id=g.instrument.skema_version.public_id)
    try:
        versions.discard(g.actor, g.instrument)
    except DomainError as refusal:
        read_again(instrument_id)
        return _confirm_discard(status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(target, "Draf dihapus.")


def _confirm_discard(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title="Hapus draf ini?",
        happens=[
            f"Draf {name_of_instrument()} dihapus dengan {len(g.instrument.items)} barisnya.",
            "Versi yang berlaku tetap berlaku. Penghapusan tidak dapat dibatalkan.",
        ],
        action=address("admin.discard_muk"),
        label="Hapus draf",
        tone="bad",
        back_url=address(),
        notice_text=notice,
    )
