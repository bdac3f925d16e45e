"""Writing the notulen of a pleno: it saves itself as it is written, until the SK is signed."""

from __future__ import annotations

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.pleno import LONGEST_NOTE, LONGEST_NOTULEN, NotulenForm, read_notulen
from lsp.permissions import access, writes
from lsp.services import pleno, pleno_notulen as notulen
from lsp.services.pleno_notulen import Note, Notulen
from lsp.views.editions import check_edition, edition_of
from lsp.views.html import panel, redirect_after_post, wants_fragment
from lsp.views.rapat import MEMBER, PLENO, bp as bp
from lsp.views.tim_teknis_scope import own_pleno


@bp.get(f"{PLENO}/notulen/tulis")
@access(roles=MEMBER, load=own_pleno)
def write_notulen(pleno_id: str) -> ResponseReturnValue:
    reason = notulen.why_not_written(g.actor, g.pleno)
    if reason is not None:
        return redirect_after_post(_read_url(), reason, tone="wait")
    return _show(notulen.stored(g.pleno))


@bp.post(f"{PLENO}/notulen/tulis")
@access(roles=MEMBER, load=own_pleno)
@writes
def save_notulen(pleno_id: str) -> ResponseReturnValue:
    form = NotulenForm()
    autosave = "autosave" in request.form and wants_fragment()
    places = [place.public_id for place in notulen.places_of(g.pleno)]
    text, notes, wrong = read_notulen(request.form, places)
    wanted = Notulen(text, {key: Note(*note) for key, note in notes.items()})
    wrong = wrong or ("" if form.validate() else form.first_error())
    if wrong:
        return _line(wrong, 422) if autosave else _show(wanted, status=422, notice=wrong)
    try:
        check_edition(
            seen=form.seen.data,
            stored=notulen.stored(g.pleno).as_json(),
            wanted=wanted.as_json(),
            what="Notulen",
        )
        seen = edition_of(notulen.save(g.actor, g.pleno, wanted).as_json())
    except DomainError as refusal:
        db.session.rollback()
        said = str(refusal)
        return _line(said, 409) if autosave else _show(wanted, status=409, notice=said)
    db.session.commit()
    if autosave:
        return _line("", 200, seen=seen)
    return redirect_after_post(_read_url(), "Notulen tersimpan.")


def _read_url() -> str:
    return url_for("rapat.notulen", pleno_id=g.pleno.public_id)


def _line(problem: str, status: int, *, seen: str = "") -> ResponseReturnValue:
    return (
        render_template(
            "rapat/_notulen_saved.html",
            seen=seen or request.form.get("seen", ""),
            saved_at=None if problem else clock.now(),
            problem=problem,
        ),
        status,
    )


def _show(shown: Notulen, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return panel(
        "rapat/write_notulen.html",
        "rapat/_notulen_panel.html",
        status=status,
        pleno=g.pleno,
        places=notulen.places_of(g.pleno),
        outcomes=pleno.OUTCOMES,
        rules=notulen.rules(),
        notulen=shown,
        none=Note(),
        longest=LONGEST_NOTULEN,
        longest_note=LONGEST_NOTE,
        seen=edition_of(notulen.stored(g.pleno).as_json()),
        action=url_for("rapat.save_notulen", pleno_id=g.pleno.public_id),
        back_url=url_for("rapat.show", pleno_id=g.pleno.public_id),
        notice_text=notice,
        saved_at=None,
        problem="",
    )
