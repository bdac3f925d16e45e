"""Petugas: who holds which role. The admin proposes, the ketua approves; closing an account holds at once."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.administration import StaffForm
from lsp.permissions import access, writes
from lsp.services import accounts, staff, totp_removal
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import Role


def staff_person(_actor: Actor, user_id: str) -> Mapping[str, object] | None:
    """A staff account as `g.person`."""
    found = staff.person(user_id)
    return {"person": found} if found is not None else None


@bp.get("/petugas")
@access(roles=ADMIN)
def staff_list() -> ResponseReturnValue:
    return _page(StaffForm(formdata=None))


@bp.post("/petugas")
@access(roles=ADMIN)
@writes
def propose_staff() -> ResponseReturnValue:
    form = StaffForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        accounts.propose_staff(
            g.actor,
            email=form.email.data or "",
            name=form.name.data or "",
            role=Role(form.role.data),
            reason=form.reason.data or "",
        )
    except DomainError as refusal:
        db.session.rollback()
        # Most are about who it is, and a person is named by the e-mail.
        if form.put_by_its_field(refusal):
            form.email.errors = [str(refusal)]
        return _page(form, status=422)
    db.session.commit()
    return redirect_after_post(
        url_for("admin.staff_list"), "Usulan dikirim. Peran berlaku setelah ketua menyetujui."
    )


@bp.get("/petugas/<user_id>/tutup")
@access(roles=ADMIN, load=staff_person)
def ask_disable(user_id: str) -> ResponseReturnValue:
    return _confirm()


@bp.post("/petugas/<user_id>/tutup")
@access(roles=ADMIN, load=staff_person)
@writes
def disable(user_id: str) -> ResponseReturnValue:
    try:
        accounts.disable(g.actor, g.person)
    except DomainError as refusal:
        db.session.rollback()
        return _confirm(notice=str(refusal), status=409)
    db.session.commit()
    return redirect_after_post(url_for("admin.staff_list"), f"Akun {g.person.name} ditutup.")


def _confirm(*, notice: str = "", status: int = 200) -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title=f"Tutup akun {g.person.name}?",
        happens=[
            "Orang ini langsung keluar dari semua perangkat dan tidak dapat masuk lagi.",
            "Tautan undangan atau ganti sandi yang masih ada tidak berlaku lagi.",
            "Semua yang sudah dikerjakannya tetap tercatat atas namanya.",
        ],
        action=url_for("admin.disable", user_id=g.person.public_id),
        label="Tutup akun",
        tone="bad",
        back_url=url_for("admin.staff_list"),
        notice_text=notice,
    )


def _page(form: StaffForm, *, status: int = 200) -> ResponseReturnValue:
    people = staff.people()
    return page(
        "admin/staff.html",
        status=status,
        form=form,
        people=people,
        proposals=staff.open_proposals(),
        with_totp=totp_removal.with_totp(people),
        removals=[
            (row, totp_removal.refusal(g.actor, row) == "") for row in totp_removal.waiting()
        ],
    )
