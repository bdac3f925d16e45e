"""The numbers of one case on its way to the certificate: what to send to BNSP and LPJK, and typing what they answer."""

from __future__ import annotations

from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.decision import BlankoForm, CorrectForm, LpjkForm
from lsp.models import Booking, Jadwal, Permohonan, Pleno, PlenoCase, PlenoMember, Slot
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import certificates
from lsp.services.pleno_meeting import members_said
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.filters import samar, tanggal_singkat
from lsp.views.html import page, redirect_after_post, wants_fragment
from lsp.vocabulary import Answer
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN

NUMBERS_URL = "/blangko/<permohonan_id>"


@bp.get(NUMBERS_URL)
@access(roles=ADMIN, load=visible_permohonan)
def numbers(permohonan_id: str) -> ResponseReturnValue:
    return _page()


@bp.post(NUMBERS_URL + "/terima")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def receive_blanko(permohonan_id: str) -> ResponseReturnValue:
    form = BlankoForm()
    if not form.validate():
        return _page(blanko_form=form, status=422)
    try:
        certificates.receive_blanko(
            g.actor,
            g.permohonan,
            number=form.blanko.data or "",
            version=form.version.data or 0,
        )
    except DomainError as refusal:
        db.session.rollback()
        return _page(blanko_form=form, status=409, notice=str(refusal))
    return _saved("Nomor blangko tercatat.")


@bp.post(NUMBERS_URL + "/catat-lpjk")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def record_lpjk(permohonan_id: str) -> ResponseReturnValue:
    form = LpjkForm()
    if not form.validate():
        return _page(lpjk_form=form, status=422)
    try:
        certificates.record_lpjk(
            g.actor,
            g.permohonan,
            number=form.lpjk_number.data or "",
            qr=form.lpjk_qr.data or "",
            version=form.version.data or 0,
        )
    except DomainError as refusal:
        db.session.rollback()
        return _page(lpjk_form=form, status=409, notice=str(refusal))
    return _saved("Nomor registrasi LPJK tercatat. Ketua LSP dapat menerbitkan sertifikatnya.")


@bp.post(NUMBERS_URL + "/betulkan")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def correct_numbers(permohonan_id: str) -> ResponseReturnValue:
    form, standing = CorrectForm(), dossier_of(g.permohonan).registration
    if standing is not None:
        form.standing = {"lpjk_number": standing.lpjk_number or "", "lpjk_qr": standing.lpjk_qr}
    if not form.validate():
        return _page(correct_form=form, status=422)
    try:
        certificates.correct_numbers(
            g.actor,
            g.permohonan,
            blanko=form.blanko.data or "",
            lpjk_number=form.lpjk_number.data or "",
            lpjk_qr=form.lpjk_qr.data or "",
            reason=form.note.data or "",
            version=form.version.data or 0,
        )
    except DomainError as refusal:
        db.session.rollback()
        return _page(correct_form=form, status=409, notice=str(refusal))
    return _saved("Nomor dibetulkan. Nilai yang lama tersimpan di riwayat.")


def _saved(sentence: str) -> ResponseReturnValue:
    db.session.commit()
    if not wants_fragment():
        url = url_for("admin.numbers", permohonan_id=g.permohonan.public_id)
        return redirect_after_post(url, sentence)
    return _page(said=sentence)


def _page(
    *,
    blanko_form: BlankoForm | None = None,
    lpjk_form: LpjkForm | None = None,
    correct_form: CorrectForm | None = None,
    status: int = 200,
    notice: str = "",
    said: str = "",
) -> ResponseReturnValue:
    """A form that was refused comes back as it was typed; the others are drawn anew."""
    case: Permohonan = g.permohonan
    choices = {choice.name: choice for choice in PERMOHONAN.available(case, g.actor)}
    registration = dossier_of(case).registration
    if correct_form is None:
        correct_form = CorrectForm(formdata=None)
        if registration is not None:
            correct_form.blanko.data = registration.blanko.number if registration.blanko else ""
            correct_form.lpjk_number.data = registration.lpjk_number or ""
            correct_form.lpjk_qr.data = registration.lpjk_qr
    return page(
        "admin/pleno/numbers.html",
        fragment="admin/pleno/_numbers_panel.html",
        status=status,
        case=case,
        registration=registration,
        certificate=certificates.of_case(case),
        choices=choices,
        blanko_form=blanko_form or BlankoForm(formdata=None),
        lpjk_form=lpjk_form or LpjkForm(formdata=None),
        correct_form=correct_form,
        notice=notice,
        said=said,
        **_to_send(case, registration),
    )


def _to_send(case: Permohonan, registration: Any) -> dict[str, list[tuple[str, str]]]:
    """Values to copy into the screens of BNSP and LPJK; the NIK only by its last digits (whole on the case's page)."""
    form, decided_in = dossier_of(case).fr_apl_01, _decided_in(case)
    jadwal = db.session.scalar(
        select(Jadwal)
        .join(Slot, Slot.jadwal_id == Jadwal.id)
        .join(Booking, Booking.slot_id == Slot.id)
        .where(Booking.permohonan_id == case.id, Booking.cancelled_at.is_(None))
        .order_by(Booking.id.desc())
        .limit(1)
    )
    person = [
        ("Nama", case.asesi_name),
        ("NIK", samar(form.nik_last4, len(form.nik or "")) if form else ""),
        ("Kode jadwal BNSP", jadwal.bnsp_code if jadwal else ""),
    ]
    papers = _papers(case, decided_in)
    numbers = []
    if registration is not None:
        numbers = [
            ("ID Izin", case.id_izin),
            ("Nomor registrasi LSP", registration.registration_entry.text),
            ("Nomor sertifikat LSP", registration.certificate_entry.text),
            ("Nomor blangko BNSP", registration.blanko.number if registration.blanko else ""),
        ]
    return {"to_bnsp": _filled([*person, *papers]), "to_lpjk": _filled([*numbers, *papers])}


def _decided_in(case: Permohonan) -> Pleno | None:
    return db.session.scalar(
        select(Pleno)
        .join(PlenoCase, PlenoCase.pleno_id == Pleno.id)
        .where(PlenoCase.permohonan_id == case.id, PlenoCase.outcome == Answer.K.value)
        .order_by(PlenoCase.id.desc())
        .limit(1)
        .options(
            selectinload(Pleno.members).joinedload(PlenoMember.user), selectinload(Pleno.cases)
        )
    )


def _papers(case: Permohonan, pleno: Pleno | None) -> list[tuple[str, str]]:
    if pleno is None:
        return []
    return [
        ("Berita acara pleno", f"{pleno.berita_acara_number}, {tanggal_singkat(pleno.held_on)}"),
        # Not always the day of the meeting: the chair may write the decision down later.
        (
            "Ditetapkan",
            tanggal_singkat(case.decided_at.astimezone(clock.WIB).date())
            if case.decided_at
            else "",
        ),
        (
            "SK penetapan",
            f"{pleno.sk_number}, {tanggal_singkat(pleno.sk_date)}" if pleno.sk_number else "",
        ),
        (
            "Surat tugas tim teknis",
            f"{pleno.surat_tugas_number}, {tanggal_singkat(pleno.surat_tugas_date)}"
            if pleno.surat_tugas_number
            else "",
        ),
        ("Tim teknis", "; ".join(_member(member) for member in members_said(pleno))),
    ]


def _member(member: PlenoMember) -> str:
    """As LPJK's committee report asks for him: name, jabatan, MET number."""
    return ", ".join(filter(None, (member.user.name, member.jabatan, member.met_number)))


def _filled(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in rows if value]
