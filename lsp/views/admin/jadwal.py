"""Jadwal: batches of asesi for one skema at one TUK, their steps with the reasons, and the meetings in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, is_writing
from lsp.errors import DomainError, NotAllowed
from lsp.forms.assessment import ReasonForm, choices
from lsp.forms.base import ActionForm
from lsp.forms.schedule import SlotForm
from lsp.models import Jadwal, Slot, User
from lsp.permissions import access, writes
from lsp.services import jadwal_plan, jadwal_reports, schedule
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.done_words import jadwal_done
from lsp.views.filters import zona_singkat
from lsp.views.html import page, reason_field, redirect_after_post
from lsp.vocabulary import JadwalStatus, MeetingKind
from lsp.workflow.jadwal import JADWAL, seats_held
from lsp.workflow.jadwal_reports import NAMES, reporters

#: Steps that are one press; to cancel asks a reason on a page of its own.
PRESSED = ("confirm", "finish", "close")


def any_jadwal(actor: Actor, jadwal_id: str, **_: object) -> Mapping[str, object] | None:
    """A batch as `g.jadwal`."""
    query = select(Jadwal).where(Jadwal.public_id == jadwal_id)
    if is_writing():
        query = query.with_for_update(of=Jadwal)
    found = db.session.scalar(
        query.options(
            joinedload(Jadwal.skema_version),
            joinedload(Jadwal.tuk),
            joinedload(Jadwal.asesor_1),
            joinedload(Jadwal.asesor_2),
        )
    )
    return {"jadwal": found} if found is not None else None


def slot_of_jadwal(actor: Actor, jadwal_id: str, slot_id: str) -> Mapping[str, object] | None:
    """A standing meeting of that very batch, as `g.slot` and `g.jadwal`."""
    found = slot_ever_of_jadwal(actor, jadwal_id, slot_id)
    return found if found is not None and found["slot"].cancelled_at is None else None  # type: ignore[attr-defined]


def slot_ever_of_jadwal(actor: Actor, jadwal_id: str, slot_id: str) -> Mapping[str, object] | None:
    """A meeting of that very batch, closed or not, as `g.slot` and `g.jadwal`."""
    found = any_jadwal(actor, jadwal_id)
    if found is None:
        return None
    jadwal = found["jadwal"]
    query = select(Slot).where(
        Slot.public_id == slot_id,
        Slot.jadwal_id == jadwal.id,  # type: ignore[attr-defined]
    )
    slot = db.session.scalar(query.with_for_update(of=Slot) if is_writing() else query)
    return {"jadwal": jadwal, "slot": slot} if slot is not None else None


# --- Batches -----------------------------------------------------------------------------------------------------


@bp.get("/jadwal")
@access(roles=ADMIN)
def jadwal_list() -> ResponseReturnValue:
    return page("admin/jadwal/list.html", rows=schedule.jadwal_list(), most=schedule.MOST_JADWAL)


# --- One batch ---------------------------------------------------------------------------------------------------


@bp.get("/jadwal/<jadwal_id>")
@access(roles=ADMIN, load=any_jadwal)
def jadwal(jadwal_id: str) -> ResponseReturnValue:
    return _jadwal_page()


@bp.post("/jadwal/<jadwal_id>/langkah/<name>")
@access(roles=ADMIN, load=any_jadwal)
@writes
def jadwal_step(jadwal_id: str, name: str) -> ResponseReturnValue:
    if name not in PRESSED:
        abort(404)
    form = ActionForm()
    if not form.validate():
        return _jadwal_page(status=422, notice=form.first_error())
    try:
        done = JADWAL.perform(g.jadwal, name, g.actor, version=form.version.data or 0)
    except NotAllowed as refusal:
        db.session.rollback()
        return _jadwal_page(status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(_url(), jadwal_done(name, done.label))


def _jadwal_page(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "admin/jadwal/jadwal.html",
        status=status,
        jadwal=g.jadwal,
        steps=[
            step
            for step in JADWAL.available(g.jadwal, g.actor)
            if step.name != "change"  # a form of its own
        ],
        pressed=PRESSED,
        slots=schedule.coming_slots(jadwal_id=g.jadwal.id),
        closed=schedule.just_closed(request.args.get("ditutup", ""), jadwal_id=g.jadwal.id),
        peserta=schedule.peserta_of(g.jadwal),
        may_open=g.jadwal.status in schedule.OPEN,
        unconfirmed=g.jadwal.status is JadwalStatus.DRAFT,
        may_change=jadwal_plan.why_not_changed(g.jadwal) is None,
        reporters=reporters(g.jadwal),
        report_ids=jadwal_reports.signed_ids(g.jadwal),
        report_views=dict(zip(NAMES, ("reports.fr_ak_05", "reports.fr_ak_06"), strict=True)),
        notice_text=notice,
    )


def _url() -> str:
    return url_for("admin.jadwal", jadwal_id=g.jadwal.public_id)


@bp.get("/jadwal/<jadwal_id>/batal")
@access(roles=ADMIN, load=any_jadwal)
def ask_cancel_jadwal(jadwal_id: str) -> ResponseReturnValue:
    return _cancel_page(ReasonForm(formdata=None))


@bp.post("/jadwal/<jadwal_id>/batal")
@access(roles=ADMIN, load=any_jadwal)
@writes
def cancel_jadwal(jadwal_id: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate():
        return _cancel_page(form, status=422)
    try:
        JADWAL.perform(
            g.jadwal, "cancel", g.actor, version=form.version.data or 0, note=form.note.data or ""
        )
    except NotAllowed as refusal:
        db.session.rollback()
        return _cancel_page(form, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(_url(), "Jadwal dibatalkan.")


def _cancel_page(form: ReasonForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    held = len(seats_held(g.jadwal))
    return page(
        "confirm.html",
        status=status,
        title="Batalkan jadwal ini?",
        happens=(
            f"{g.jadwal.name} tidak dapat dipakai lagi, dan slotnya tidak dapat dipesan.",
            f"{held} asesi yang memegang kursi kembali memilih jadwal. Asesi dan asesornya menerima alasan Anda "
            "lewat e-mail."
            if held
            else "Tidak ada asesi yang memegang kursi di jadwal ini.",
        ),
        action=url_for("admin.cancel_jadwal", jadwal_id=g.jadwal.public_id),
        label="Batalkan jadwal",
        back_label="Tidak jadi, kembali",
        back_url=_url(),
        tone="bad",
        version=g.jadwal.version,
        notice_text=notice,
        reason_field=reason_field(form),
    )


# --- Meetings of a batch -----------------------------------------------------------------------------------------


@bp.get("/jadwal/<jadwal_id>/slot")
@access(roles=ADMIN, load=any_jadwal)
def jadwal_slot_form(jadwal_id: str) -> ResponseReturnValue:
    form = _slot_form(formdata=None)
    form.day.data = max(g.jadwal.starts_on, clock.today_wib())
    return _slot_page(form)


@bp.post("/jadwal/<jadwal_id>/slot")
@access(roles=ADMIN, load=any_jadwal)
@writes
def jadwal_open_slot(jadwal_id: str) -> ResponseReturnValue:
    """A meeting in the name of an asesor of the batch; the hour is in the admin's own zone."""
    form = _slot_form()
    if not form.validate():
        return _slot_page(form, status=422)
    try:
        schedule.open_slot(
            g.actor,
            g.jadwal,
            kind=MeetingKind(form.kind.data),
            starts_at=form.starts_at(g.actor.zone),
            minutes=form.minutes.data or 0,
            capacity=form.capacity.data or 1,
            meeting_url=form.meeting_url.data or "",
            on_holiday=form.on_holiday.data,
            asesor_id=next(
                each.id for each in asesor_of_jadwal() if each.public_id == form.asesor.data
            ),
        )
    except DomainError as refusal:
        db.session.rollback()
        return _slot_page(form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return redirect_after_post(_url(), "Slot dibuka. Asesi dapat memesannya sekarang.")


@bp.post("/jadwal/<jadwal_id>/slot/<slot_id>/tutup")
@access(roles=ADMIN, load=slot_of_jadwal)
@writes
def jadwal_close_slot(jadwal_id: str, slot_id: str) -> ResponseReturnValue:
    try:
        schedule.cancel_slot(g.actor, g.slot)
    except DomainError as refusal:
        db.session.rollback()
        return _jadwal_page(status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(url_for("admin.jadwal", jadwal_id=jadwal_id, ditutup=slot_id))


@bp.post("/jadwal/<jadwal_id>/slot/<slot_id>/buka-kembali")
@access(roles=ADMIN, load=slot_ever_of_jadwal)
@writes
def jadwal_reopen_slot(jadwal_id: str, slot_id: str) -> ResponseReturnValue:
    try:
        schedule.reopen_slot(g.actor, g.slot)
    except DomainError as refusal:
        db.session.rollback()
        return _jadwal_page(status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(_url(), "Slot terbuka kembali.")


def asesor_of_jadwal() -> Sequence[User]:
    """Whom `g.jadwal` names."""
    return [each for each in (g.jadwal.asesor_1, g.jadwal.asesor_2) if each is not None]


def _slot_form(**data: Any) -> SlotForm:
    form = SlotForm(**data)
    del form.jadwal  # the address names it
    form.asesor.choices = choices((each.public_id, each.name) for each in asesor_of_jadwal())
    return form


def _slot_page(form: SlotForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "admin/jadwal/slot.html",
        status=status,
        jadwal=g.jadwal,
        form=form,
        notice_text=notice,
        zone=zona_singkat(g.actor.zone),
    )
