"""Pleno and blangko: cases that wait for a decision, calling a pleno, open agendas, and the way to the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.decision import PlenoDayForm, PlenoForm, ReasonForm
from lsp.models import Permohonan, Pleno, PlenoCase, User
from lsp.models.inforce import setting
from lsp.permissions import access, writes
from lsp.services import (
    blanko_requests,
    dossiers,
    on_the_way,
    pleno,
    pleno_day as pleno_days,
    pleno_meeting,
    pleno_sk,
)
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, reason_field, redirect_after_post
from lsp.vocabulary import PermohonanStatus
from lsp.vocabulary.dates import day_words
from lsp.workflow.dossier import dossier_of
from lsp.workflow.duty import sat_before_redecision
from lsp.workflow.guards.decision import missing_papers
from lsp.workflow.permohonan import PERMOHONAN
from lsp.workflow.pleno_members import barred, possible_members

#: Cases shown at once; a pleno of more than this is not read by anybody.
MOST_READY = 40
NUMBERS_A_PAGE = 50
REQUESTS_A_PAGE = 12
#: The step by which a case leaves a pleno that can settle it no more.
MOVES = "change_pleno"
NUMBERS = (PermohonanStatus.BLANKO_REQUESTED, PermohonanStatus.BLANKO_RECEIVED)


@bp.get("/pleno")
@access(roles=ADMIN)
def pleno_home() -> ResponseReturnValue:
    return _home_page()


def _home_page(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    ready = pleno.cases_ready(MOST_READY, reader=g.actor)
    dossiers.prefill_files(ready)
    numbered = on_the_way.page(
        *NUMBERS,
        PermohonanStatus.RECORDED,
        size=NUMBERS_A_PAGE,
        after=request.args.get("nomor", ""),
    )
    requests, older = _requests()
    return page(
        "admin/pleno/home.html",
        status=status,
        notice=notice,
        ready=[(case, missing_papers(case)) for case in ready],
        plenos=pleno.latest_plenos(),
        own=pleno.holds_own_case,
        state_of=pleno_sk.state_of,
        outcomes=pleno.OUTCOMES,
        most={
            "ready": MOST_READY,
            "plenos": pleno.MOST_PLENOS,
        },
        to_request=blanko_requests.plenos_to_ask(g.actor),
        requests=requests,
        requests_pages=_pages("permintaan", older, "ajukan"),
        numbered=[(case, dossier_of(case).registration) for case in numbered.cases],
        numbered_pages=_pages("nomor", numbered.next_key, "nomor"),
    )


def _requests() -> tuple[list[blanko_requests.Summary], str]:
    """One page of requests for blanko, and behind which the next begins."""
    text = request.args.get("permintaan", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    found = blanko_requests.latest(g.actor, REQUESTS_A_PAGE + 1, before=before)
    shown = found[:REQUESTS_A_PAGE]
    return shown, str(shown[-1].request.id) if len(found) > len(shown) else ""


def _pages(name: str, next_key: str, anchor: str) -> dict[str, str]:
    """What the pager of one list of this page needs."""
    first = url_for("admin.pleno_home", _anchor=anchor)
    path, _, here = first.partition("#")
    return {
        "next_url": f"{path}?{urlencode({name: next_key})}#{here}" if next_key else "",
        "first_url": first if request.args.get(name) else "",
    }


# --- Calling a pleno ---------------------------------------------------------------------------------------------


@bp.get("/pleno/baru")
@access(roles=ADMIN)
def pleno_form() -> ResponseReturnValue:
    """Ready cases are ticked beforehand, or those named in the address; everybody who may vote on all is a member."""
    ready, people, form = _pleno_choices(PlenoForm(formdata=None))
    named = set(request.args.getlist("kasus"))
    form.held_on.data = clock.today_wib()
    form.begin()
    form.cases.data = [each.public_id for each in ready if not named or each.public_id in named]
    chosen = [each for each in ready if each.public_id in form.cases.data]
    why = barred(chosen, [person.id for person in people])
    free = [person for person in people if all(person.id != who for _case, who in why)]
    form.members.data = [person.public_id for person in free]
    return _form_page(form, ready, people)


@bp.post("/pleno/baru")
@access(roles=ADMIN)
@writes
def open_pleno() -> ResponseReturnValue:
    ready, people, form = _pleno_choices(PlenoForm())
    if not form.validate():
        return _form_page(form, ready, people, status=422)
    ids = {person.public_id: person.id for person in people}
    held_on = form.held_on.data or clock.today_wib()
    try:
        made = pleno.open_pleno(
            g.actor,
            held_on=held_on,
            member_ids=[ids[each] for each in form.members.data or []],
            chair_id=ids[form.chair.data or ""],
            cases=[case for case in ready if case.public_id in (form.cases.data or [])],
            meets=form.meets(people),
        )
    except DomainError as refusal:
        db.session.rollback()
        ready, people, form = _pleno_choices(form)
        told = form.put_by_its_field(refusal)
        return _form_page(form, ready, people, status=409, notice=told)
    number = made.berita_acara_number
    db.session.commit()
    return redirect_after_post(
        url_for("admin.pleno_home"), f"Rapat pleno dibuka, berita acara {number}."
    )


def _pleno_choices(form: PlenoForm) -> tuple[list[Permohonan], list[User], PlenoForm]:
    """The cases that can be decided now, the people who may sit, and the form with both as its choices."""
    waiting = pleno.cases_ready(MOST_READY, reader=g.actor)
    dossiers.prefill_files(waiting)
    ready = [case for case in waiting if not missing_papers(case)]
    people = possible_members()
    form.cases.choices = [SelectChoice(case.public_id, case.asesi_name) for case in ready]
    form.members.choices = [SelectChoice(person.public_id, person.name) for person in people]
    form.offer(people)
    form.chair.choices = [SelectChoice(person.public_id, person.name) for person in people]
    return ready, people, form


def _form_page(
    form: PlenoForm,
    ready: list[Permohonan],
    people: list[User],
    *,
    status: int = 200,
    notice: str = "",
) -> ResponseReturnValue:
    return page(
        "admin/pleno/form.html",
        status=status,
        form=form,
        notice=notice,
        ready=ready,
        people=people,
        barred=barred(ready, [person.id for person in people]),
        without_jabatan=pleno_meeting.members_without_jabatan(people),
        quorum=setting("pleno_quorum"),
    )


# --- Another day ---------------------------------------------------------------------------------------------------


def any_pleno(actor: Actor, pleno_id: str) -> Mapping[str, object] | None:
    """A pleno as `g.pleno`; never one over one's own case."""
    query = select(Pleno).where(Pleno.public_id == pleno_id).options(*pleno.AGENDA)
    found = db.session.scalar(query)
    if found is None or pleno.holds_own_case(found, actor.id):
        return None
    return {"pleno": found}


@bp.get("/pleno/<pleno_id>/tanggal")
@access(roles=ADMIN, load=any_pleno)
def pleno_day(pleno_id: str) -> ResponseReturnValue:
    if g.pleno.closed_at is not None:
        return redirect_after_post(url_for("admin.pleno_home"), pleno_days.OVER, tone="wait")
    form = PlenoDayForm(formdata=None, seen=pleno_days.drawn_from(g.pleno))
    form.held_on.data = g.pleno.held_on
    return page("admin/pleno/day.html", pleno=g.pleno, form=form, notice="")


@bp.post("/pleno/<pleno_id>/tanggal")
@access(roles=ADMIN, load=any_pleno)
@writes
def move_pleno(pleno_id: str) -> ResponseReturnValue:
    form = PlenoDayForm()
    if not form.validate() or form.held_on.data is None:
        return page("admin/pleno/day.html", status=422, pleno=g.pleno, form=form, notice="")
    try:
        pleno_days.move(g.actor, g.pleno, form.held_on.data, seen=form.seen.data or "")
    except DomainError as refusal:
        db.session.rollback()
        if isinstance(refusal, pleno_days.MovedElsewhere):
            form.seen.data = pleno_days.drawn_from(g.pleno)
        told = form.put_by_its_field(refusal)
        return page("admin/pleno/day.html", status=409, pleno=g.pleno, form=form, notice=told)
    number, day = g.pleno.berita_acara_number, day_words(g.pleno.held_on)
    db.session.commit()
    return redirect_after_post(
        url_for("admin.pleno_home"), f"Rapat pleno {number} bertanggal {day}."
    )


# --- Taking a case off -------------------------------------------------------------------------------------------


def any_place(actor: Actor, place_id: str) -> Mapping[str, object] | None:
    """A case on an agenda as `g.place`; never one's own."""
    place = db.session.scalar(
        select(PlenoCase)
        .join(Permohonan, Permohonan.id == PlenoCase.permohonan_id)
        .where(PlenoCase.public_id == place_id, Permohonan.asesi_id != actor.id)
        .options(
            joinedload(PlenoCase.permohonan),
            joinedload(PlenoCase.pleno),
            selectinload(PlenoCase.votes),
        )
    )
    return {"place": place} if place is not None else None


@bp.get("/pleno/agenda/<place_id>/keluarkan")
@access(roles=ADMIN, load=any_place)
def ask_take_off(place_id: str) -> ResponseReturnValue:
    if g.place.closed_at is not None:
        return redirect_after_post(url_for("admin.pleno_home"), pleno.SETTLED, tone="wait")
    stays = pleno.why_it_stays(g.place)
    if stays is None:
        return _take_off_page()
    if not _may_move(g.place):
        told = f"{g.place.permohonan.asesi_name}: {stays}"
        return redirect_after_post(url_for("admin.pleno_home"), told, tone="wait")
    return _move_page(ReasonForm(formdata=None))


@bp.post("/pleno/agenda/<place_id>/keluarkan")
@access(roles=ADMIN, load=any_place)
@writes
def take_off(place_id: str) -> ResponseReturnValue:
    place, name = g.place, g.place.permohonan.asesi_name
    moves = place.closed_at is None and pleno.why_it_stays(place) is not None and _may_move(place)
    form = ReasonForm()
    if moves and not form.validate():
        return _move_page(form, status=422)
    try:
        if moves:
            version, note = form.version.data or 0, form.note.data or ""
            pleno.settle(g.actor, place, MOVES, version=version, note=note)
        else:
            pleno.take_off_agenda(g.actor, place)
    except DomainError as refusal:
        db.session.rollback()
        if moves and _may_move(g.place):
            return _move_page(form, status=409, notice=form.put_by_its_field(refusal))
        return _home_page(status=409, notice=f"{name}: {refusal}")
    db.session.commit()
    return redirect_after_post(url_for("admin.pleno_home"), f"{name} dikeluarkan dari agenda.")


def _may_move(place: PlenoCase) -> bool:
    """Whether the workflow lets the admin put the case before another pleno, with a reason."""
    choice = PERMOHONAN.choice(place.permohonan, g.actor, MOVES)
    return choice is not None and choice.possible


def _move_page(form: ReasonForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    case = g.place.permohonan
    return page(
        "confirm.html",
        status=status,
        title="Pindahkan permohonan ini ke rapat pleno lain?",
        happens=[
            f"{case.asesi_name}, {case.id_izin}. Ketua dan anggota rapat ini tidak dapat lagi memutusnya: ada yang "
            "tidak boleh atau tidak dapat memberi suara.",
            "Permohonan keluar dari agenda ini dan menunggu rapat pleno lain, yang bertanggal hari ini atau "
            "sesudahnya.",
            "Suara yang sudah masuk tetap tersimpan. Suara tidak setuju tetap berlaku di rapat lain, kecuali anggota "
            "itu memberi suara lagi di sana. Yang masih boleh memutus dapat duduk lagi di sana.",
            *(("Siapa yang memutus permohonan ini sebelum banding tetap tidak memberi suara.",)
              if sat_before_redecision([case.id])[case.id] else ()),
        ],
        action=url_for("admin.take_off", place_id=g.place.public_id),
        label="Keluarkan dari rapat ini",
        tone="bad",
        version=case.version,
        back_url=url_for("admin.pleno_home"),
        notice_text=notice,
        reason_field=reason_field(
            form, hint="Sedikitnya 20 huruf: siapa yang tidak dapat lagi memutus, dan mengapa."
        ),
    )  # fmt: skip


def _take_off_page() -> ResponseReturnValue:
    return page(
        "confirm.html",
        title="Keluarkan permohonan ini dari agenda?",
        happens=[
            f"{g.place.permohonan.asesi_name}, {g.place.permohonan.id_izin}.",
            "Suara yang sudah masuk tetap tersimpan, tetapi tidak dihitung di rapat lain.",
            "Permohonan kembali ke daftar yang menunggu pleno dan dapat masuk agenda lain.",
        ],
        action=url_for("admin.take_off", place_id=g.place.public_id),
        label="Keluarkan dari agenda",
        tone="bad",
        back_url=url_for("admin.pleno_home"),
    )
