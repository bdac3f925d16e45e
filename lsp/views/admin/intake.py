"""Catat ID Izin: the admin opens a permohonan for an asesi who came another way."""

from __future__ import annotations

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.administration import offered
from lsp.forms.intake import IdIzinForm
from lsp.permissions import access, writes
from lsp.services import intake
from lsp.services.prefill import Known
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import Mode, RequestKind


@bp.get("/id-izin")
@access(roles=ADMIN)
def take_in_form() -> ResponseReturnValue:
    return _page(_with_skema(IdIzinForm(formdata=None)))


@bp.post("/id-izin")
@access(roles=ADMIN)
@writes
def take_in() -> ResponseReturnValue:
    form = _with_skema(IdIzinForm())
    if not form.validate():
        return _page(form, status=422)
    versions = {version.public_id: version for version in intake.open_skema_versions()}
    try:
        permohonan = intake.take_in(
            g.actor,
            email=form.email.data or "",
            name=form.name.data or "",
            id_izin=form.id_izin.data or "",
            version=versions[form.skema.data],
            kind=RequestKind(form.kind.data),
            mode=Mode(form.mode.data),
            known=Known(values={"nik": form.nik.data, "phone_mobile": form.phone.data}),
        )
    except DomainError as refusal:
        held = refusal.permohonan.public_id if isinstance(refusal, intake.IdIzinTaken) else ""
        db.session.rollback()
        return _page(form, status=422, notice=form.put_by_its_field(refusal), held=held)
    db.session.commit()
    one_more = request.form.get("lagi") == "ya"
    case_url = url_for("admin.permohonan", permohonan_id=permohonan.public_id)
    return redirect_after_post(
        url_for("admin.take_in_form") if one_more else case_url,
        f"ID Izin {permohonan.id_izin} dicatat. {permohonan.asesi_name} mengambilnya lewat tautan di e-mail, "
        "dengan NIK.",
    )


def _with_skema(form: IdIzinForm) -> IdIzinForm:
    form.skema.choices = offered(
        (version.public_id, f"{version.title} (jenjang {version.jenjang})")
        for version in intake.open_skema_versions()
    )
    return form


def _page(
    form: IdIzinForm, *, status: int = 200, notice: str = "", held: str = ""
) -> ResponseReturnValue:
    return page("admin/id_izin.html", status=status, form=form, notice_text=notice, held=held)
