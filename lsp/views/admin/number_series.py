"""Pengaturan: number series with what they give next, a new pattern for one, and the ledger of all numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.base import numbers, trimmed
from lsp.forms.number_series import NumberSeriesForm
from lsp.permissions import access, writes
from lsp.services import number_series as series
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import NumberState


def known_series(_actor: Actor, series_code: str) -> Mapping[str, object] | None:
    """A series as `g.series`."""
    found = series.one_series(series_code)
    return {"series": found} if found is not None else None


@bp.get("/pengaturan/nomor", endpoint="number_series")
@access(roles=ADMIN)
def show_number_series() -> ResponseReturnValue:
    lines = series.all_series()
    return page("admin/number_series.html", lines=lines, proof=series.prove(lines))


@bp.get("/pengaturan/nomor/<series_code>")
@access(roles=ADMIN, load=known_series)
def one_number_series(series_code: str) -> ResponseReturnValue:
    standing = g.series.standing
    form = NumberSeriesForm(
        formdata=None,
        pattern=standing.pattern,
        start=standing.start,
        effective_from=clock.today_wib(),
    )
    return _one(form)


@bp.post("/pengaturan/nomor/<series_code>")
@access(roles=ADMIN, load=known_series)
@writes
def change_number_series(series_code: str) -> ResponseReturnValue:
    """The button “Lihat contoh” shows what the pattern would give, and stores nothing."""
    form = NumberSeriesForm()
    if not form.validate():
        return _one(form, status=422)
    pattern, start = form.pattern.data or "", form.start.data
    try:
        if request.form.get("langkah") == "contoh":
            shown = series.preview(g.series, pattern, start=start)
            return _one(form, examples=shown)
        series.add_version(
            g.actor,
            g.series,
            pattern=pattern,
            start=start,
            effective_from=form.effective_from.data or clock.today_wib(),
        )
    except DomainError as refusal:
        db.session.rollback()
        return _one(form, status=422, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return redirect_after_post(
        url_for("admin.number_series"), f"Pola {g.series.standing.label} dicatat."
    )


def _one(
    form: NumberSeriesForm,
    *,
    status: int = 200,
    examples: list[str] | None = None,
    notice: str = "",
) -> ResponseReturnValue:
    return page(
        "admin/number_series_one.html",
        status=status,
        form=form,
        line=g.series,
        examples=examples or [],
        notice_text=notice,
    )


@bp.get("/pengaturan/buku-nomor")
@access(roles=ADMIN)
def number_ledger() -> ResponseReturnValue:
    wanted = _wanted(request.args)
    lines = series.all_series()
    found = series.ledger(wanted)
    narrowed: dict[str, Any] = {
        "cari": wanted.text,
        "deret": wanted.series,
        "tahun": wanted.year,
        "status": wanted.state.value if wanted.state else "",
    }
    address = {name: value for name, value in narrowed.items() if value}
    return page(
        "admin/number_ledger.html",
        rows=found.rows,
        labels={line.standing.code: line.standing.label for line in lines},
        proof=series.prove(lines),
        years=series.years(),
        states=list(NumberState),
        wanted=wanted,
        narrowed=bool(address),
        next_url=url_for("admin.number_ledger", **address, sebelum=found.next_cursor)
        if found.next_cursor
        else "",
        first_url=url_for("admin.number_ledger", **address) if wanted.cursor else "",
    )


def _wanted(typed: Mapping[str, str]) -> series.Wanted:
    """As the address says; what is odd in it narrows nothing."""
    year = next(iter(numbers([typed.get("tahun", "")])), None)
    state = typed.get("status", "")
    return series.Wanted(
        text=" ".join(trimmed(typed.get("cari", "")).split())[:80],
        series=typed.get("deret", "")[:30],
        year=year if year and 2000 <= year <= 9000 else None,
        state=NumberState(state) if state in list(NumberState) else None,
        cursor=next(iter(numbers([typed.get("sebelum", "")])), None),
    )
