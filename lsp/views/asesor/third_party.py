"""FR.IA.10 at the asesor's desk: asking a third party, writing down what he says by telephone, judging what he said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.base import ActionForm
from lsp.forms.third_party import (
    YES,
    LetterForm,
    ThirdPartyForm,
    TypedLetter,
    empty_letter,
    read_letter,
)
from lsp.models import Permohonan, ThirdParty
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import third_party, third_party_judging, whatsapp
from lsp.services.third_party import Person
from lsp.services.third_party_judging import Judgement
from lsp.services.third_party_words import questions_of, said_of
from lsp.views.asesor.case import show_panel
from lsp.views.asesor.papers import store
from lsp.views.asesor.shared import CASE, address, assigned, bp, onward
from lsp.views.asesor.third_party_panel import KEY, Link
from lsp.views.html import page, reason_field
from lsp.vocabulary import Conclusion, Role
from lsp.workflow.machine import LEAST_REASON

ONE = f"{CASE}/{KEY}/<third_party_id>"


def asked_of_case(
    actor: Actor, permohonan_id: str, third_party_id: str, **_: object
) -> Mapping[str, object] | None:
    """One who was asked about a case that names the asesor, as `g.third_party`."""
    found = visible_permohonan(actor, permohonan_id)
    if found is None:
        return None
    permohonan = found["permohonan"]
    assert isinstance(permohonan, Permohonan)  # noqa: S101 - what the loader gives
    row = third_party.one(permohonan, third_party_id)
    return {"permohonan": permohonan, "third_party": row} if row is not None else None


of_case = access(roles=(Role.ASESOR,), load=asked_of_case)


@bp.post(f"{CASE}/{KEY}")
@assigned
@writes
def invite_third_party(permohonan_id: str) -> ResponseReturnValue:
    form = ThirdPartyForm()
    if not form.validate():
        return show_panel(KEY, status=422, invite_form=form)
    person = Person(
        form.name.data or "",
        workplace=form.workplace.data or "",
        address=form.address.data or "",
        phone=form.phone.data or "",
        email=form.email.data or "",
    )
    return _linked(
        lambda: third_party.invite(g.actor, g.permohonan, person),
        f"{person.name} dimintai jawaban.",
        form,
    )


@bp.post(f"{ONE}/kirim-ulang")
@of_case
@writes
def send_third_party_again(permohonan_id: str, third_party_id: str) -> ResponseReturnValue:
    row: ThirdParty = g.third_party
    return _linked(
        lambda: (row, third_party.send_again(g.actor, row)),
        f"Tautan baru untuk {row.name} dibuat. Tautan lama mati.",
    )


def _linked(
    work: Callable[[], tuple[ThirdParty, str]], said: str, form: ThirdPartyForm | None = None
) -> ResponseReturnValue:
    """Answers with the link itself: it is shown this once, and no redirect may carry it."""
    typed: dict[str, Any] = {"invite_form": form} if form is not None else {}
    try:
        row, token = work()
    except DomainError as refusal:
        db.session.rollback()
        notice = form.put_by_its_field(refusal) if form is not None else str(refusal)
        return show_panel(KEY, status=409, notice=notice, **typed)
    db.session.commit()
    if row.email:
        said += " E-mailnya segera dikirim."
    return show_panel(KEY, said=said, link=_link(row, token))


def _link(row: ThirdParty, token: str) -> Link:
    url = current_app.config["LSP"].base_url + url_for("third_party.ask", letter_token=token)
    case = row.permohonan
    text = (
        f"Yth. {row.name}, saya {g.actor.name}, asesor. Mohon keterangan Anda tentang pekerjaan {case.asesi_name} "
        f"untuk sertifikasi {case.skema_version.title}. Sekitar 10 menit, tanpa akun, dan tidak dibaca olehnya: {url}"
    )
    number = whatsapp.international(row.phone) or ""
    return Link(row.name, url, text, whatsapp.address_for(number, text))


# --- Taking back -------------------------------------------------------------------------------------------------


@bp.get(f"{ONE}/tarik")
@of_case
def ask_withdraw_third_party(permohonan_id: str, third_party_id: str) -> ResponseReturnValue:
    return _withdraw_page()


@bp.post(f"{ONE}/tarik")
@of_case
@writes
def withdraw_third_party(permohonan_id: str, third_party_id: str) -> ResponseReturnValue:
    try:
        third_party.withdraw(g.actor, g.third_party)
    except DomainError as refusal:
        db.session.rollback()
        return _withdraw_page(status=409, notice=str(refusal))
    db.session.commit()
    return _back("Permintaan ditarik. Tautannya mati.")


def _withdraw_page(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title="Tarik permintaan ini?",
        happens=[
            f"Tautan untuk {g.third_party.name} langsung mati. E-mail yang belum keluar tidak dikirim.",
            "Catatan bahwa ia pernah diminta tetap tersimpan.",
            "Orang lain, atau orang yang sama, dapat diminta lagi kapan saja.",
        ],
        action=_address("withdraw_third_party"),
        label="Tarik permintaan",
        tone="bad",
        back_url=address("case_panel", g.permohonan, key=KEY),
        notice_text=notice,
    )


@bp.get(f"{ONE}/tanpa-jawaban")
@of_case
def ask_go_on_without(permohonan_id: str, third_party_id: str) -> ResponseReturnValue:
    return _without_page(None)


@bp.post(f"{ONE}/tanpa-jawaban")
@of_case
@writes
def go_on_without(permohonan_id: str, third_party_id: str) -> ResponseReturnValue:
    form = ActionForm()
    reason = form.note.data or ""
    if not form.validate() or len(reason) < LEAST_REASON:
        return _without_page(form, status=422)
    try:
        third_party_judging.conclude_without(g.actor, g.third_party, reason)
    except DomainError as refusal:
        db.session.rollback()
        return _without_page(form, status=409, notice=str(refusal))
    db.session.commit()
    return _back("FR.IA.10 disimpulkan: lanjut dengan metode lain.")


def _without_page(
    form: ActionForm | None, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title="Simpulkan tanpa jawaban?",
        happens=[
            f"Tautan untuk {g.third_party.name} langsung mati.",
            "FR.IA.10 disimpulkan “lanjut dengan metode lain”, dengan alasan di bawah.",
            "Bila pihak ketiga lain menjawab kemudian, Anda menilai jawabannya dan kesimpulan ini berganti.",
        ],
        action=_address("go_on_without"),
        label="Simpulkan",
        back_url=address("case_panel", g.permohonan, key=KEY),
        version=g.permohonan.version,
        notice_text=notice,
        reason_field=reason_field(
            form,
            hint="Misalnya: dua kali dihubungi, tidak menjawab. Tim teknis membaca alasan ini.",
            error=f"Tulis alasan sedikitnya {LEAST_REASON} huruf." if status == 422 else "",
        ),
    )


# --- By telephone ------------------------------------------------------------------------------------------------


@bp.get(f"{ONE}/telepon")
@of_case
def third_party_by_phone(permohonan_id: str, third_party_id: str) -> ResponseReturnValue:
    row: ThirdParty = g.third_party
    known = {
        "name": row.name, "workplace": row.workplace, "address": row.address, "phone": row.phone,
    }  # fmt: skip
    return _phone_page(empty_letter(known))


@bp.post(f"{ONE}/telepon")
@of_case
@writes
def store_third_party_by_phone(permohonan_id: str, third_party_id: str) -> ResponseReturnValue:
    asked = questions_of(g.third_party)
    letter = read_letter(request.form, asked)
    if letter.problems:
        return _phone_page(letter, status=422)
    try:
        said = said_of(asked, letter.identity, letter.answers)
        third_party.answer_by_phone(g.actor, g.third_party, said)
    except DomainError as refusal:
        db.session.rollback()
        return _phone_page(letter, status=409, notice=str(refusal))
    db.session.commit()
    return _back("Jawaban lewat telepon tersimpan. Sekarang nilai jawabannya.")


def _phone_page(letter: TypedLetter, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    asked = questions_of(g.third_party)
    return page(
        "asesor/third_party_phone.html",
        status=status,
        permohonan=g.permohonan,
        row=g.third_party,
        asked=asked,
        letter=letter,
        radios={question.key for question in asked.all if question.yes_no},
        reason=_why_not_by_phone(),
        action=_address("store_third_party_by_phone"),
        back_url=address("case_panel", g.permohonan, key=KEY),
        notice_text=notice,
    )


def _why_not_by_phone() -> str:
    row: ThirdParty = g.third_party
    if row.answered_at is not None:
        return third_party.ANSWERED
    return third_party.refusal(g.actor, g.permohonan) or ""


# --- Judging -----------------------------------------------------------------------------------------------------


@bp.post(f"{ONE}/nilai")
@of_case
@writes
def judge_third_party(permohonan_id: str, third_party_id: str) -> ResponseReturnValue:
    form = LetterForm()
    typed: dict[str, Any] = {"letter_form": form, "letter_of": third_party_id}
    if not form.validate():
        return show_panel(KEY, status=422, **typed)
    said = Judgement(
        form.supports.data == YES, form.finding.data or "", Conclusion(form.conclusion.data)
    )
    return store(
        KEY,
        "Penilaian FR.IA.10 tersimpan.",
        lambda: third_party_judging.judge(g.actor, g.third_party, said),
        **typed,
    )


def _address(endpoint: str) -> str:
    return address(endpoint, g.permohonan, third_party_id=g.third_party.public_id)


def _back(said: str) -> ResponseReturnValue:
    return onward("case_panel", g.permohonan, said, key=KEY, _anchor=KEY)
