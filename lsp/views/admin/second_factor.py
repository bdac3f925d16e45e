"""The admin asks that the second factor of a colleague is taken off, whose phone is lost."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.administration import ReasonForm
from lsp.permissions import access, writes
from lsp.services import totp_removal
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.staff import staff_person
from lsp.views.html import page, reason_field, redirect_after_post


@bp.get("/petugas/<user_id>/hp-hilang")
@access(roles=ADMIN, load=staff_person)
def ask_totp_removal(user_id: str) -> ResponseReturnValue:
    return _confirm(ReasonForm(formdata=None))


@bp.post("/petugas/<user_id>/hp-hilang")
@access(roles=ADMIN, load=staff_person)
@writes
def request_totp_removal(user_id: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate():
        return _confirm(form, status=422)
    try:
        totp_removal.ask(g.actor, g.person, reason=form.note.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _confirm(form, notice=str(refusal), status=409)
    db.session.commit()
    return redirect_after_post(
        url_for("admin.staff_list"), "Permintaan dikirim. Berlaku setelah ketua menyetujui."
    )


def _confirm(form: ReasonForm, *, notice: str = "", status: int = 200) -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title=f"Minta verifikasi dua langkah {g.person.name} dilepas?",
        happens=[
            "Pakai ini hanya bila HP dan kode cadangannya hilang.",
            "Pastikan dulu orangnya, lewat telepon yang Anda kenal atau bertemu langsung.",
            "Ketua menyetujui. Untuk satu-satunya ketua, admin lain yang menyetujui.",
        ],
        action=url_for("admin.request_totp_removal", user_id=g.person.public_id),
        label="Kirim permintaan ke ketua",
        back_url=url_for("admin.staff_list"),
        notice_text=notice,
        reason_field=reason_field(form, hint="Bagaimana Anda memastikan orangnya?"),
    )
