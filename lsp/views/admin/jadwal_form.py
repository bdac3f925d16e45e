"""Making and changing a jadwal; what bars it, and which asesor cannot be chosen, stands beside the form."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import choices
from lsp.forms.schedule import ChangeJadwalForm, JadwalForm
from lsp.models import Jadwal, SkemaVersion, Tuk, User
from lsp.permissions import access, writes
from lsp.services import jadwal_plan, schedule
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.jadwal import any_jadwal
from lsp.views.admin.register import lacks
from lsp.views.editions import ChangedElsewhere
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import JadwalStatus, Mode
from lsp.vocabulary.dates import day_words
from lsp.workflow.fitness import why_tuk_unverified


@bp.get("/jadwal/baru")
@access(roles=ADMIN)
def jadwal_form() -> ResponseReturnValue:
    return _form_page(_filled_choices(JadwalForm(formdata=None)))


@bp.get("/jadwal/cek")
@access(roles=ADMIN)
def check_jadwal() -> ResponseReturnValue:
    """The form as far as it is typed, with what bars it; htmx takes the panel alone."""
    return _form_page(_filled_choices(JadwalForm(formdata=request.args)))


@bp.post("/jadwal/baru")
@access(roles=ADMIN)
@writes
def make_jadwal() -> ResponseReturnValue:
    form = _filled_choices(JadwalForm())
    if _only_asks():
        return _form_page(form)
    if not form.validate():
        return _form_page(form, status=422)
    values = _values(form)
    try:
        made = schedule.make_jadwal(
            g.actor,
            name=values["name"],
            version=db.session.get_one(SkemaVersion, values["skema_version_id"]),
            tuk=db.session.get_one(Tuk, values["tuk_id"]),
            mode=values["mode"],
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            asesor_1_id=values["asesor_1_id"],
            asesor_2_id=values["asesor_2_id"],
        )
    except DomainError as refusal:
        db.session.rollback()
        return _form_page(form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return redirect_after_post(
        url_for("admin.jadwal", jadwal_id=made.public_id), "Jadwal dibuat sebagai draf."
    )


@bp.get("/jadwal/<jadwal_id>/ubah")
@access(roles=ADMIN, load=any_jadwal)
def change_jadwal_form(jadwal_id: str) -> ResponseReturnValue:
    row: Jadwal = g.jadwal
    form = ChangeJadwalForm(
        formdata=None,
        name=row.name,
        skema=row.skema_version.public_id,
        tuk=row.tuk.public_id,
        mode=row.mode.value,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        asesor_1=row.asesor_1.public_id,
        asesor_2=row.asesor_2.public_id if row.asesor_2 else "",
        version=row.version,
    )
    return _form_page(_only_open(form), notice=jadwal_plan.why_not_changed(row) or "")


@bp.post("/jadwal/<jadwal_id>/ubah")
@access(roles=ADMIN, load=any_jadwal)
@writes
def change_jadwal(jadwal_id: str) -> ResponseReturnValue:
    form = _only_open(ChangeJadwalForm())
    if _only_asks():
        return _form_page(form)
    if not form.validate():
        return _form_page(form, status=422)
    values = _values(form)
    try:
        stale = form.version.data != g.jadwal.version
        if stale and any(getattr(g.jadwal, name) != value for name, value in values.items()):
            raise ChangedElsewhere("Jadwal ini")
        closing = bool(form.close_outside.data)
        closed = jadwal_plan.change(g.actor, g.jadwal, close_outside=closing, **values)
    except DomainError as refusal:
        db.session.rollback()
        form.version.data = g.jadwal.version
        outside = refusal.count if isinstance(refusal, jadwal_plan.EmptySlotsOutside) else 0
        notice = form.put_by_its_field(refusal)
        return _form_page(form, status=409, notice=notice, outside=outside)
    confirmed = g.jadwal.status is not JadwalStatus.DRAFT
    db.session.commit()
    shut = f" {closed} slot kosong ditutup." if closed else ""
    more = " Nomor surat tugas tetap. Sampaikan perubahannya kepada BNSP." if confirmed else ""
    return redirect_after_post(
        url_for("admin.jadwal", jadwal_id=jadwal_id), "Jadwal diubah." + shut + more
    )


def _only_asks() -> bool:
    """The press of a page without scripts: what bars the jadwal as far as it is typed; nothing is saved."""
    return request.form.get("press") == "cek"


def _only_open(form: ChangeJadwalForm) -> ChangeJadwalForm:
    """Without what a confirmed jadwal no longer lets go of."""
    if g.jadwal.status is not JadwalStatus.DRAFT:
        del form.skema, form.mode, form.asesor_1
    _filled_choices(form)
    return form


def _values(form: JadwalForm) -> dict[str, Any]:
    """What was typed, by the columns of a jadwal."""
    values: dict[str, Any] = {
        "name": (form.name.data or "").strip(),
        "tuk_id": _key(Tuk, form.tuk.data),
        "starts_on": form.starts_on.data or clock.today_wib(),
        "ends_on": form.ends_on.data or clock.today_wib(),
        "asesor_2_id": _key(User, form.asesor_2.data),
    }
    if form.skema is not None:
        values["skema_version_id"] = _key(SkemaVersion, form.skema.data)
        values["mode"] = Mode(form.mode.data)
        values["asesor_1_id"] = _key(User, form.asesor_1.data)
    return values


def _key(model: Any, public_id: str | None) -> int | None:
    """The key of the row behind a choice that the form has already checked."""
    if not public_id:
        return None
    key: int = db.session.scalars(select(model.id).where(model.public_id == public_id)).one()
    return key


def _filled_choices(form: Any) -> Any:
    if form.skema is not None:
        form.skema.choices = _skema_choices()
    places = db.session.scalars(select(Tuk).order_by(Tuk.name))
    form.tuk.choices = choices((each.public_id, _tuk_words(each)) for each in places)
    form.people = jadwal_plan.candidates(_version(form), form.ends_on.data)
    _offer(form, form.people)
    return form


def _version(form: Any) -> SkemaVersion | None:
    """The skema chosen so far, or that of the jadwal whose skema is fixed."""
    if form.skema is None:
        fixed: SkemaVersion = g.jadwal.skema_version
        return fixed
    found: SkemaVersion | None = _chosen(SkemaVersion, form.skema)
    return found


def _skema_choices() -> list[Any]:
    versions = db.session.scalars(
        select(SkemaVersion)
        .where(SkemaVersion.opened_at.is_not(None))
        .order_by(SkemaVersion.title, SkemaVersion.version_number.desc())
    )
    return choices(
        (each.public_id, f"{each.title}, versi {each.version_number}") for each in versions
    )


def _tuk_words(tuk: Tuk) -> str:
    if tuk.verified_on is None or why_tuk_unverified(tuk):
        return f"{tuk.name} (belum diverifikasi)"
    return f"{tuk.name} (surat {tuk.verification_letter}, {day_words(tuk.verified_on)})"


def _form_page(
    form: Any, *, status: int = 200, notice: str = "", outside: int = 0
) -> ResponseReturnValue:
    row: Jadwal | None = g.get("jadwal")
    mode = form.mode.data if form.mode is not None else row.mode.value if row is not None else ""
    return page(
        "admin/jadwal/form.html",
        fragment="admin/jadwal/_jadwal_check.html",
        status=status,
        form=form,
        jadwal=row,
        unfit=[each for each in form.people if each.reason],
        bars=jadwal_plan.bars(
            _version(form),
            _chosen(Tuk, form.tuk),
            Mode(mode) if mode in list(Mode) else None,
            form.starts_on.data,
            form.ends_on.data,
            confirmed=row is not None and row.status is not JadwalStatus.DRAFT,
        ),
        notice_text=notice,
        outside=outside,
        lacks=lacks("skema", "tuk", "asesor", "remote_permission"),
        can_fill=bool(form.people) and all(each.choices for each in (form.skema, form.tuk) if each),
    )


def _chosen(model: Any, field: Any) -> Any:
    """The row behind what is chosen so far, or None."""
    wanted = field.data if field is not None else None
    return db.session.scalar(select(model).where(model.public_id == wanted)) if wanted else None


def _offer(form: Any, people: list[jadwal_plan.Candidate]) -> None:
    """Who cannot be chosen stands in the lists too, marked; the reason stands below them."""
    named = [
        (
            each.person.public_id,
            f"{each.person.name} (tidak dapat dipilih)" if each.reason else each.person.name,
        )
        for each in people
    ]
    if form.asesor_1 is not None:
        form.asesor_1.choices = choices(named)
    form.asesor_2.choices = choices([("", "Tanpa asesor 2"), *named])
