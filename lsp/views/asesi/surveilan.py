"""Surveilan from the holder's phone: one form that saves itself, its files, a superior, and sending it once, signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.registration import EvidenceForm
from lsp.forms.surveilan import SendForm, SuperiorForm, TypedReport, read_report
from lsp.models import Document, Permohonan, Surveilan
from lsp.permissions import access, writes, writes_itself
from lsp.services import surveilan
from lsp.services.documents import Received
from lsp.services.surveilan import Superior
from lsp.views.asesi.next_step import Step
from lsp.views.asesi.shared import CASE, bp, of_own_case, onward
from lsp.views.asesi.uploads import take_in
from lsp.views.editions import check_edition, edition_of
from lsp.views.filters import tanggal
from lsp.views.html import page
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.surveilan import report_of

PLACE = f"{CASE}/surveilan/<surveilan_id>"


def own_surveilan(
    actor: Actor, permohonan_id: str, surveilan_id: str, **_: object
) -> Mapping[str, object] | None:
    """A surveilan of the holder's own certificate, as `g.surveilan` beside `g.permohonan`."""
    return of_own_case(
        actor,
        permohonan_id,
        "surveilan",
        lambda case: surveilan.find(surveilan_id).where(Surveilan.permohonan_id == case.id),
    )


own_task = access(roles=(Role.ASESI,), load=own_surveilan)


def surveilan_step(permohonan: Permohonan) -> Step | None:
    """The card of the asesi's page while his surveilan waits for him."""
    if permohonan.status is not PermohonanStatus.ISSUED:
        return None
    task = surveilan.waiting_for(permohonan)
    if task is None:
        return None
    late = task.until < clock.today_wib()
    return Step(
        "Isi surveilan sertifikat Anda",
        "Setahun sekali LSP memastikan Anda masih bekerja di bidang sertifikat ini.",
        "Isi surveilan",
        "surveilan",
        due=lambda _case: f"{'Sudah lewat' if late else 'Paling lambat'} {tanggal(task.until)}",
        tone="late" if late else "",
        where={"surveilan_id": task.public_id},
    )


@bp.get(PLACE, endpoint="surveilan")
@own_task
def show_surveilan(permohonan_id: str, surveilan_id: str) -> ResponseReturnValue:
    return _show()


@bp.post(PLACE)
@own_task
@writes
def save_surveilan(permohonan_id: str, surveilan_id: str) -> ResponseReturnValue:
    """Keep what stands in the form, whole or not; `autosave` is answered with a line."""
    autosave = "autosave" in request.form
    typed = read_report(request.form, surveilan.words_of(g.surveilan).body)
    if typed.problems:
        first = next(iter(typed.problems.values()))
        return _autosaved(first, 422) if autosave else _show(typed=typed, status=422)
    try:
        check_edition(
            seen=request.form.get("seen"),
            stored=surveilan.body_of(g.surveilan),
            wanted=typed.body,
            what="Isian surveilan",
        )
        surveilan.save(g.actor, g.surveilan, typed.body)
    except DomainError as refusal:
        db.session.rollback()
        _again()
        if autosave:
            return _autosaved(str(refusal), 409, seen=request.form.get("seen", ""))
        return _show(typed=typed, status=409, notice=str(refusal))
    db.session.commit()
    if autosave:
        return _autosaved("")
    if "next" in request.form:
        return onward("ask_send_surveilan", g.permohonan, surveilan_id=surveilan_id)
    return _on("Tersimpan. Lanjutkan kapan saja, lalu kirim.")


def _again() -> None:
    """`g.surveilan` anew, after a refusal left it detached."""
    found = own_surveilan(g.actor, **(request.view_args or {}))
    if found is None:
        abort(404)
    g.permohonan, g.surveilan = found["permohonan"], found["surveilan"]


def _autosaved(problem: str, status: int = 200, *, seen: str = "") -> ResponseReturnValue:
    report = report_of(g.surveilan)
    return page(
        "asesi/_autosave.html",
        status=status,
        problem=problem,
        saved_at=report.saved_at if report is not None else None,
        seen=seen or edition_of(surveilan.body_of(g.surveilan)),
    )


def _on(said: str, anchor: str = "") -> ResponseReturnValue:
    more = {"_anchor": anchor} if anchor else {}
    return onward("surveilan", g.permohonan, said, surveilan_id=g.surveilan.public_id, **more)


# --- Sending -----------------------------------------------------------------------------------------------------


@bp.get(f"{PLACE}/kirim", endpoint="ask_send_surveilan")
@own_task
def ask_send(permohonan_id: str, surveilan_id: str) -> ResponseReturnValue:
    return _send_page(SendForm(formdata=None))


@bp.post(f"{PLACE}/kirim", endpoint="send_surveilan")
@own_task
@writes
def send(permohonan_id: str, surveilan_id: str) -> ResponseReturnValue:
    form = SendForm()
    if not form.validate():
        return _send_page(form, status=422)
    try:
        check_edition(
            seen=form.seen.data,
            stored=_sent_whole(g.surveilan),
            wanted=None,
            what="Isian surveilan",
        )
        surveilan.send(
            g.actor,
            g.surveilan,
            typed_name=form.typed_name.data or "",
            agreed=form.agreed.data,
            version=form.version.data or 0,
        )
    except DomainError as refusal:
        db.session.rollback()
        _again()
        return _send_page(form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    said = "Isian surveilan terkirim. Hasilnya kami kirim ke e-mail Anda."
    return onward("certificate", g.permohonan, said)


def _sent_whole(case: Surveilan) -> list[Any]:
    """What stands on the page before it is signed."""
    return [surveilan.body_of(case), [each.public_id for each in surveilan.files_of(case)]]


def _send_page(form: SendForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    case = g.surveilan
    words = surveilan.words_of(case).body
    return page(
        "asesi/surveilan_send.html",
        status=status,
        permohonan=g.permohonan,
        surveilan=case,
        open=surveilan.may_fill(case),
        words=words,
        body=surveilan.body_of(case),
        lacking=surveilan.lacking(words, surveilan.body_of(case)),
        files=surveilan.files_of(case),
        letters=surveilan.letters_of(case),
        holder=case.certificate.holder_name,
        seen=edition_of(_sent_whole(case)),
        form=form,
        notice_text=notice,
    )


# --- Files and superiors -----------------------------------------------------------------------------------------


@bp.post(f"{PLACE}/berkas", endpoint="upload_surveilan")
@own_task
@writes_itself
def upload(permohonan_id: str, surveilan_id: str) -> ResponseReturnValue:
    form = EvidenceForm()
    if not form.validate():
        return _show(evidence=form, status=422)
    label = form.label.data or ""

    def attach(case: Permohonan, received: Received) -> Document:
        _again()
        return surveilan.attach(g.actor, g.surveilan, received, label)

    try:
        take_in(permohonan_id, attach)
    except DomainError as refusal:
        _again()
        form.file.errors = [str(refusal)]
        return _show(evidence=form, status=422)
    _again()
    return _on(f"{label} tersimpan.", "bukti")


@bp.post(f"{PLACE}/berkas/<document_id>/hapus")
@own_task
@writes
def remove_surveilan_file(
    permohonan_id: str, surveilan_id: str, document_id: str
) -> ResponseReturnValue:
    return _take_back(
        lambda: surveilan.remove_file(g.actor, g.surveilan, document_id), "Berkas dihapus.", "bukti"
    )


@bp.post(f"{PLACE}/atasan", endpoint="name_superior")
@own_task
@writes
def name_superior(permohonan_id: str, surveilan_id: str) -> ResponseReturnValue:
    form = SuperiorForm()
    if not form.validate():
        return _show(superior=form, status=422)
    person = Superior(
        form.name.data or "", form.position.data or "", form.phone.data or "", form.email.data or ""
    )
    try:
        surveilan.name_superior(g.actor, g.surveilan, person)
    except DomainError as refusal:
        db.session.rollback()
        _again()
        return _show(superior=form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    how = "Tautannya kami kirim ke e-mailnya." if person.email else "Asesor akan meneleponnya."
    return _on(f"{person.name} dicatat. {how}", "atasan")


@bp.post(f"{PLACE}/atasan/<superior_id>/hapus")
@own_task
@writes
def withdraw_superior(
    permohonan_id: str, surveilan_id: str, superior_id: str
) -> ResponseReturnValue:
    return _take_back(
        lambda: surveilan.withdraw_letter(g.actor, g.surveilan, superior_id),
        "Permintaan ditarik.",
        "atasan",
    )


def _take_back(work: Any, said: str, anchor: str) -> ResponseReturnValue:
    try:
        found = work()
    except DomainError as refusal:
        db.session.rollback()
        _again()
        return _show(status=409, notice=str(refusal))
    if not found:
        abort(404)
    db.session.commit()
    return _on(said, anchor)


def _show(
    *,
    typed: TypedReport | None = None,
    evidence: EvidenceForm | None = None,
    superior: SuperiorForm | None = None,
    status: int = 200,
    notice: str = "",
) -> ResponseReturnValue:
    case = g.surveilan
    words = surveilan.words_of(case).body
    open_now = surveilan.may_fill(case)
    stored = surveilan.body_of(case)
    body = typed.body if typed is not None else stored
    report = report_of(case)
    return page(
        "asesi/surveilan.html" if open_now else "asesi/surveilan_sent.html",
        status=status,
        permohonan=g.permohonan,
        surveilan=case,
        words=words,
        body=body,
        problems=typed.problems if typed is not None else {},
        seen=edition_of(stored),
        saved_at=report.saved_at if report is not None else None,
        report=report,
        verdict=case.verdicts[-1] if case.verdicts else None,
        files=surveilan.files_of(case),
        letters=surveilan.letters_of(case),
        late=case.until < clock.today_wib(),
        evidence=evidence or EvidenceForm(formdata=None),
        superior=superior or SuperiorForm(formdata=None),
        here=url_for("asesi.save_surveilan", permohonan_id=g.permohonan.public_id, surveilan_id=case.public_id),
        back="certificate",
        back_words="Sertifikat saya",
        notice_text=notice,
    )  # fmt: skip
