"""A certificate as the LSP has it: the list, one of them with its history, what may be proposed, and its letters.

Admin and tim teknis propose, ketua and auditor read. Of one's own certificate nobody reads here as staff.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from lsp.actor import Actor
from lsp.database import db, is_writing
from lsp.errors import DomainError
from lsp.forms.administration import offered
from lsp.forms.base import trimmed
from lsp.forms.certificate_life import ProposeForm
from lsp.models import Certificate, CertificateProposal, Permohonan
from lsp.permissions import access, own_case, visible_to, writes, writes_itself
from lsp.services import certificate_life as life, certificate_list, certificates
from lsp.services.worklist_rows import nik_in
from lsp.views.auditor import AUDITOR, bp as auditor_bp
from lsp.views.case_file import READERS as FILE_READERS
from lsp.views.certificate_files import READERS as PDF_READERS
from lsp.views.html import page, redirect_after_post
from lsp.views.life_words import CERTIFICATE_READERS, LETTER_SENTENCES, event_lines
from lsp.vocabulary import LifeGround, LifeStep, ProposalOutcome, Role
from lsp.workflow.guards.certificate_life import GROUNDS

bp = Blueprint("certificate_pages", __name__)
PROPOSERS = (Role.ADMIN, Role.TIM_TEKNIS)
LETTER_READERS = (*CERTIFICATE_READERS, Role.ASESI)
NO_NIK = "Sertifikat dicari dengan nama atau nomornya, tidak dengan NIK."


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Where one role reads the list: its frame, the endpoint of the list, and the one a search is posted to."""

    template: str
    home: str
    search: str


def list_page(place: ListPlace) -> ResponseReturnValue:
    """The list, narrowed by state alone: a holder's name stands in no address."""
    return _listed(
        place, state=request.args.get("keadaan", ""), after=request.args.get("sesudah", "")
    )


def find(place: ListPlace) -> ResponseReturnValue:
    """A search is answered here, page by page, so that no history and no log of a proxy keeps the name."""
    words, state = trimmed(request.form.get("cari", ""))[:120], request.form.get("keadaan", "")
    if not words:
        chosen = state if state in certificate_list.STATES else ""
        return redirect_after_post(url_for(place.home, keadaan=chosen or None))
    return _listed(place, state=state, words=words, after=request.form.get("sesudah", ""))


def _listed(place: ListPlace, *, state: str, after: str, words: str = "") -> ResponseReturnValue:
    if nik_in(words):
        words, notice = "", NO_NIK
    else:
        notice = ""
    chosen = state if state in certificate_list.STATES else ""
    found = certificate_list.page(g.actor, state=chosen, words=words, after=after)
    kept = chosen or None
    return page(
        place.template,
        place=place,
        rows=found.rows,
        states=certificate_list.STATES,
        state=chosen,
        words=words,
        notice_text=notice,
        next_key=found.next_key,
        next_url=url_for(place.home, keadaan=kept, sesudah=found.next_key)
        if found.next_key
        else "",
        first_url=url_for(place.home, keadaan=kept) if after else "",
    )


AUDITOR_LIST = ListPlace(
    "auditor/certificates.html", "auditor.certificates_read", "auditor.find_certificates"
)


@auditor_bp.get("/sertifikat")
@access(roles=AUDITOR)
def certificates_read() -> ResponseReturnValue:
    return list_page(AUDITOR_LIST)


@auditor_bp.post("/sertifikat/cari")
@access(roles=AUDITOR)
@writes_itself
def find_certificates() -> ResponseReturnValue:
    return find(AUDITOR_LIST)


def visible_certificate(
    actor: Actor, permohonan_id: str, **_: object
) -> Mapping[str, object] | None:
    """The certificate of a case in the person's scope, as `g.certificate`; a staff person's own never."""
    query = (
        select(Certificate)
        .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
        .where(
            Permohonan.public_id == permohonan_id,
            visible_to(actor),
            Permohonan.asesi_id != actor.id,
        )
        .options(joinedload(Certificate.permohonan).joinedload(Permohonan.skema_version))
    )
    if is_writing():
        query = query.with_for_update(of=Certificate)
    found = db.session.scalar(query)
    return {"certificate": found} if found is not None else None


@bp.get("/sertifikat-lsp/<permohonan_id>")
@access(roles=CERTIFICATE_READERS, load=visible_certificate)
def show(permohonan_id: str) -> ResponseReturnValue:
    return _show()


def _show(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    found: Certificate = g.certificate
    may_propose = g.actor.has(*PROPOSERS)
    return page(
        "certificates/show.html",
        status=status,
        notice_text=notice,
        certificate=found,
        state=certificates.state_now(found),
        since=certificates.state_since(found),
        offers=life.offers(g.actor, found) if may_propose else [],
        proposals=life.proposals_of(found),
        to_be_heard=life.still_to_be_heard,
        events=event_lines(life.events_of(found)),
        before=db.session.get(Certificate, found.replaces_id) if found.replaces_id else None,
        after=certificates.successor_of(found),
        back=_back(),
        case_url=_case_url(found.permohonan),
        file_url=_file_url(found.permohonan),
        pdf_url=_pdf_url(found.permohonan),
        decides=g.actor.has(Role.KETUA),
    )


def _back() -> tuple[str, str]:
    if g.actor.has(Role.ADMIN):
        return url_for("admin.certificate_list"), "Sertifikat"
    if g.actor.has(Role.AUDITOR):
        return url_for("auditor.certificates_read"), "Sertifikat"
    if g.actor.has(Role.KETUA):
        return url_for("ketua.home"), "Halaman ketua"
    return url_for("tim_teknis.home"), "Rapat pleno"


def _file_url(permohonan: Permohonan) -> str:
    """The whole file of the case, from which each paper is opened."""
    if g.actor.has(Role.ADMIN):
        return url_for("admin.case_file", permohonan_id=permohonan.public_id)
    if g.actor.has(*FILE_READERS):
        return url_for("case_file.show", permohonan_id=permohonan.public_id)
    return ""


def _pdf_url(permohonan: Permohonan) -> str:
    if not g.actor.has(*PDF_READERS):
        return ""
    return url_for("certificate_files.show", permohonan_id=permohonan.public_id)


def _case_url(permohonan: Permohonan) -> str:
    for role, endpoint in ((Role.ADMIN, "admin.permohonan"), (Role.AUDITOR, "auditor.permohonan")):
        if g.actor.has(role):
            return url_for(endpoint, permohonan_id=permohonan.public_id)
    return ""


@bp.get("/sertifikat-lsp/<permohonan_id>/usulkan/<any(suspend, reinstate, revoke):step>")
@access(roles=PROPOSERS, load=visible_certificate)
def ask_propose(permohonan_id: str, step: str) -> ResponseReturnValue:
    chosen = LifeStep(step)
    form = ProposeForm(formdata=None, version=g.certificate.version)
    if len(GROUNDS[chosen]) == 1:
        form.ground.data = GROUNDS[chosen][0].value
    return _propose_page(chosen, form)


@bp.post("/sertifikat-lsp/<permohonan_id>/usulkan/<any(suspend, reinstate, revoke):step>")
@access(roles=PROPOSERS, load=visible_certificate)
@writes
def propose(permohonan_id: str, step: str) -> ResponseReturnValue:
    chosen, form = LifeStep(step), ProposeForm()
    _set_grounds(form, chosen)
    if not form.validate():
        return _propose_page(chosen, form, status=422)
    try:
        made = life.propose(
            g.actor,
            g.certificate,
            chosen,
            ground=LifeGround(form.ground.data),
            reason=form.reason.data or "",
            version=form.version.data or 0,
        )
    except DomainError as refusal:
        db.session.rollback()
        told = form.put_by_its_field(refusal)
        return _propose_page(chosen, form, status=409, notice=told)
    told = f"Usulan {chosen.label.lower()} tersimpan dan menunggu ketua."
    if made.notice_at is not None:
        told += " Pemegang sertifikat diberi tahu lewat e-mail."
    db.session.commit()
    return redirect_after_post(url_for("certificate_pages.show", permohonan_id=permohonan_id), told)


def _set_grounds(form: ProposeForm, step: LifeStep) -> None:
    form.ground.choices = offered((each.value, each.label) for each in GROUNDS[step])


def _propose_page(
    step: LifeStep, form: ProposeForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    found: Certificate = g.certificate
    offer = next((each for each in life.offers(g.actor, found) if each.step is step), None)
    if offer is None or offer.reason:
        label = certificates.state_now(found).label
        told = (
            offer.reason if offer else f"{step.label} tidak dapat diusulkan pada status “{label}”."
        )
        return _show(status=max(status, 409) if status != 200 else 200, notice=notice or told)
    _set_grounds(form, step)
    return page(
        "certificates/propose.html",
        status=status,
        notice_text=notice,
        certificate=found,
        step=step,
        form=form,
        days=life.answer_days(),
    )


# --- Letters -----------------------------------------------------------------------------------------------------


def readable_letter(actor: Actor, proposal_id: str) -> Mapping[str, object] | None:
    """A proposal about a certificate in the person's scope, or about his own, as `g.proposal`."""
    scope = or_(own_case(actor), visible_to(actor))
    found = db.session.scalar(
        select(CertificateProposal)
        .join(Certificate, Certificate.id == CertificateProposal.certificate_id)
        .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
        .where(
            CertificateProposal.public_id == proposal_id,
            CertificateProposal.outcome == ProposalOutcome.APPROVED,
            scope,
        )
        .options(
            joinedload(CertificateProposal.certificate).joinedload(Certificate.permohonan),
            joinedload(CertificateProposal.decided_by),
        )
    )
    return {"proposal": found} if found is not None else None


@bp.get("/surat-sertifikat/<proposal_id>")
@access(roles=LETTER_READERS, load=readable_letter)
def letter(proposal_id: str) -> ResponseReturnValue:
    """The letter of a decision, to be read and printed by the LSP and by the holder."""
    found: CertificateProposal = g.proposal
    certificate = found.certificate
    if found.decided_by is None:
        abort(404)
    own = certificate.permohonan.asesi_id == g.actor.id
    values: dict[str, Any] = (
        {"endpoint": "asesi.certificate_notice", "certificate_id": certificate.public_id}
        if own
        else {
            "endpoint": "certificate_pages.show",
            "permohonan_id": certificate.permohonan.public_id,
        }
    )
    return page(
        "packs/certificate_letter.html",
        proposal=found,
        certificate=certificate,
        decides=LETTER_SENTENCES[found.step],
        back_url=url_for(**values),
    )
