"""The files of a certificate for the LSP: ours and the ministry's, their hashes, who attached what; attaching one."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, g, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.decision import OfficialForm
from lsp.gateways import official_pdf
from lsp.models import Certificate, OfficialCertificate, Permohonan
from lsp.permissions import access, visible_to, writes_itself
from lsp.services import certificate_file, certificates, official_certificates
from lsp.views.files import stored_file
from lsp.views.html import page, redirect_after_post
from lsp.views.verification import file_name
from lsp.vocabulary import Role

bp = Blueprint("certificate_files", __name__, url_prefix="/sertifikat/<permohonan_id>/berkas")
READERS = (Role.ADMIN, Role.KETUA, Role.AUDITOR)


def certificate_in_scope(
    actor: Actor, permohonan_id: str, official_id: str = ""
) -> Mapping[str, object] | None:
    """The certificate of a case in one's scope, never of one's own; and where it is named, an official file of it."""
    found = db.session.scalar(
        select(Certificate)
        .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
        .where(
            Permohonan.public_id == permohonan_id,
            visible_to(actor),
            Permohonan.asesi_id != actor.id,
        )
    )
    if found is None or not official_id:
        return {"certificate": found} if found is not None else None
    row = db.session.scalar(
        select(OfficialCertificate).where(
            OfficialCertificate.public_id == official_id,
            OfficialCertificate.certificate_id == found.id,
        )
    )
    return {"certificate": found, "official": row} if row is not None else None


@bp.get("")
@access(roles=READERS, load=certificate_in_scope)
def show(permohonan_id: str) -> ResponseReturnValue:
    return _page(OfficialForm(formdata=None))


@bp.post("")
@access(roles=(Role.ADMIN,), load=certificate_in_scope)
@writes_itself
def attach(permohonan_id: str) -> ResponseReturnValue:
    """The file is looked at in a child before the turn to write is taken."""
    form, number = OfficialForm(), g.certificate.id
    if not form.validate():
        return _page(form, status=422)
    try:
        content = _content(form)
        db.session.remove()
        looked = official_certificates.look_at(content)
        begin_write()
        with official_certificates.attached(
            g.actor,
            db.session.get_one(Certificate, number, with_for_update=True),
            content,
            looked,
            instead_of=form.instead_of.data or "",
            reason=form.note.data or "",
        ):
            db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        g.certificate = db.session.get_one(Certificate, number)
        notice = form.put_by_its_field(refusal)
        return _page(form, status=422, notice=notice)
    told = "Berkas resmi tersimpan. Asesi sekarang mengunduh berkas ini."
    return redirect_after_post(url_for("certificate_files.show", permohonan_id=permohonan_id), told)


def _content(form: OfficialForm) -> bytes:
    storage = form.file.data
    with storage.stream as stream:
        content: bytes = stream.read(official_pdf.MAX_BYTES + 1)
    return content


@bp.get("/<official_id>")
@access(roles=READERS, load=certificate_in_scope)
def official(permohonan_id: str, official_id: str) -> ResponseReturnValue:
    """One that was attached, also after it was replaced."""
    answer = stored_file(
        g.official.storage_key, "application/pdf", file_name(g.certificate, "resmi")
    )
    begin_write()
    certificates.note_download(g.actor, g.certificate)
    db.session.commit()
    return answer


def _page(form: OfficialForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    certificate: Certificate = g.certificate
    files = official_certificates.files_of(certificate)
    return page(
        "admin/certificate_files.html",
        status=status,
        form=form,
        notice=notice,
        certificate=certificate,
        permohonan=certificate.permohonan,
        making=certificate_file.making_of(certificate),
        official=files[0] if files else None,
        earlier=list(zip(files[1:], files, strict=False)),
        may_attach=g.actor.has(Role.ADMIN),
    )
