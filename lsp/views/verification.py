"""The public check of a certificate, for people and machines, and the holder's own download.

Public, without script, never kept by a browser: a revocation shows at the next look. Never a NIK.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import and_, or_, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import begin_write, db
from lsp.forms.decision import CertificateSearchForm
from lsp.models import Certificate, Permohonan
from lsp.papers.words import date_words
from lsp.permissions import access, visible_to, writes_itself
from lsp.services import certificates, official_certificates, throttle
from lsp.services.certificates import Checked
from lsp.views import devices
from lsp.views.certificate_words import ANSWERS, UNKNOWN, CheckAnswer
from lsp.views.files import stored_file
from lsp.views.html import page
from lsp.vocabulary import Role

bp = Blueprint("verification", __name__)
ANY_ROLE = tuple(role for role in Role if role is not Role.SYSTEM)
NO_MATCH = "Tidak ada sertifikat kami dengan nomor dan nama itu. Keduanya harus sama persis dengan yang tercetak."


@bp.after_request
def _not_for_search_engines(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


# --- For everybody -----------------------------------------------------------------------------------------------


@bp.get("/V/<token>")
@bp.get("/v/<token>")
@access(public=True)
def short(token: str) -> ResponseReturnValue:
    """What the QR holds, in capitals so that it stays small."""
    return redirect(url_for("verification.show", token=token), code=302)


@bp.get("/verifikasi")
@access(public=True)
def search() -> ResponseReturnValue:
    return _search_page(CertificateSearchForm(formdata=None))


@bp.post("/verifikasi")
@access(public=True)
@writes_itself
def find() -> ResponseReturnValue:
    """By number and name, for a paper whose QR cannot be read. Throttled, so that nobody tries names by the list."""
    form = CertificateSearchForm()
    if not form.validate():
        return _search_page(form, status=422)
    throttle.count_try((throttle.CERTIFICATE_ADDRESS, devices.address()))
    found = certificates.by_number_and_name(form.number.data or "", form.name.data or "")
    if found is None:
        return _search_page(form, status=422, notice=NO_MATCH)
    return redirect(url_for("verification.show", token=found.token), code=303)


@bp.get("/verifikasi/<token>")
@access(public=True)
def show(token: str) -> ResponseReturnValue:
    checked = certificates.checked(token)
    if checked is None:
        return _shown(UNKNOWN, UNKNOWN.meaning(), status=404)
    found = checked.certificate
    answer = ANSWERS[certificates.state_now(found)]
    meaning = answer.meaning(
        name=found.holder_name, since=certificates.state_since(found), until=found.valid_until
    )
    return _shown(answer, meaning, checked)


def _shown(
    answer: CheckAnswer, meaning: str, checked: Checked | None = None, *, status: int = 200
) -> ResponseReturnValue:
    found = checked.certificate if checked else None
    return page(
        "verification/show.html",
        status=status,
        inline_css=True,
        certificate=found,
        answer=answer,
        meaning=meaning,
        validity=_validity(found) if found else "",
        checked_at=clock.now(),
        host=_host(),
        successor=checked.successor_number if checked else None,
        official_sha256=checked.official_sha256 if checked else None,
    )


@bp.get("/verifikasi/<token>.json")
@access(public=True)
def show_json(token: str) -> ResponseReturnValue:
    """The same facts for machines. Names of the keys are Indonesian, as those who read it are."""
    checked = certificates.checked(token)
    answer: dict[str, Any] = {"diperiksa_pada": clock.now().isoformat(timespec="seconds")}
    if checked is None:
        return jsonify({"status": UNKNOWN.key, "keterangan": UNKNOWN.title, **answer}), 404
    found = checked.certificate
    state = certificates.state_now(found)
    answer |= {
        "status": ANSWERS[state].key,
        "keterangan": ANSWERS[state].title,
        "status_sejak": certificates.state_since(found).isoformat(),
        "nama": found.holder_name,
        "jabatan_kerja": {"id": found.jabatan_kerja, "en": found.jabatan_kerja_en or None},
        "kualifikasi": found.kualifikasi,
        "jenjang": found.jenjang,
        "nomor_sertifikat": found.certificate_number,
        "nomor_registrasi_lpjk": found.lpjk_number,
        "nomor_blangko": found.blanko_number,
        "berlaku_dari": found.valid_from.isoformat(),
        "berlaku_sampai": found.valid_until.isoformat(),
        "diganti_oleh": checked.successor_number,
        # Of the PDF files: null while ours is being made, and where the ministry's was not attached.
        "sha256": found.pdf_sha256,
        "sha256_resmi": checked.official_sha256,
        "alamat": url_for("verification.show", token=found.token),
    }
    return jsonify(answer)


def _validity(certificate: Certificate) -> str:
    """In the very words of the paper, so that the two can be held side by side."""
    start, end = date_words(certificate.valid_from).id, date_words(certificate.valid_until).id
    return f"{start} sampai {end}"


def _host() -> str:
    """The name that people must see in their address bar."""
    return urlsplit(current_app.config["LSP"].base_url).netloc or request.host


def _search_page(
    form: CertificateSearchForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    return page(
        "verification/search.html", status=status, inline_css=True, form=form, notice=notice
    )


# --- For the holder and the LSP ----------------------------------------------------------------------------------


def readable_certificate(actor: Actor, permohonan_id: str) -> Mapping[str, object] | None:
    """The issued certificate of one's own case, or of one in the scope of a staff person."""
    scope = or_(
        Permohonan.asesi_id == actor.id, and_(visible_to(actor), Permohonan.asesi_id != actor.id)
    )
    found = db.session.scalar(
        select(Certificate)
        .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
        .where(Permohonan.public_id == permohonan_id, scope)
    )
    return {"certificate": found} if found is not None else None


@bp.get("/sertifikat/<permohonan_id>/unduh")
@access(roles=ANY_ROLE, load=readable_certificate)
def download(permohonan_id: str) -> ResponseReturnValue:
    """The official PDF where one was attached, else ours as it was made once; `?berkas=lsp` asks for ours.

    Every download leaves a line in the audit chain.
    """
    certificate: Certificate = g.certificate
    official = official_certificates.in_force(certificate)
    if official is not None and request.args.get("berkas") != "lsp":
        return _sent(certificate, official.storage_key, file_name(certificate, "resmi"))
    if certificate.pdf_key is None:
        answer = page("verification/being_made.html", status=202, certificate=certificate)
        answer.headers["Retry-After"] = "30"
        return answer
    return _sent(certificate, certificate.pdf_key, file_name(certificate))


def _sent(certificate: Certificate, key: str, name: str) -> ResponseReturnValue:
    answer = stored_file(key, "application/pdf", name)
    begin_write()
    certificates.note_download(g.actor, certificate)
    db.session.commit()
    return answer


def file_name(certificate: Certificate, kind: str = "") -> str:
    """Of our own making: letters, digits and dashes only, whatever the holder is called."""
    number = re.sub(r"[^0-9A-Za-z]+", "-", certificate.certificate_number).strip("-")
    return f"sertifikat-{f'{kind}-' if kind else ''}{number}.pdf"
