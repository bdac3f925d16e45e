"""Pengaturan: holidays by year; several are pasted at once, and a line that cannot be read is named."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.register import HolidayForm
from lsp.permissions import access, writes
from lsp.services import holidays
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post


def one_holiday(_actor: Actor, holiday_day: str) -> Mapping[str, object] | None:
    """A holiday as `g.holiday`."""
    found = holidays.one(holiday_day)
    return {"holiday": found} if found is not None else None


@bp.get("/pengaturan/hari-libur")
@access(roles=ADMIN)
def holidays_page() -> ResponseReturnValue:
    return _page(HolidayForm(formdata=None))


@bp.post("/pengaturan/hari-libur")
@access(roles=ADMIN)
@writes
def add_holidays() -> ResponseReturnValue:
    form = HolidayForm()
    lines = holidays.read(form.lines.data or "")
    wrong = [line for line in lines if line.error]
    if not form.validate() or wrong:
        return _page(form, wrong=wrong, status=422)
    try:
        added = holidays.add(g.actor, lines)
    except DomainError as refusal:
        db.session.rollback()
        form.put_by_its_field(refusal)
        return _page(form, status=422)
    db.session.commit()
    message = f"{added} hari libur ditambahkan." if added else "Semuanya sudah tercatat."
    standing = holidays.slots_on(line.day for line in lines if line.day)
    if standing:
        count = sum(map(len, standing.values()))
        message += (
            f" {count} slot masih ada pada hari itu dan tidak ditutup. Lihat di bawah harinya."
        )
    year = next((line.day.year for line in lines if line.day), clock.today_wib().year)
    back = url_for("admin.holidays_page", tahun=year)
    return redirect_after_post(back, message, tone="wait" if standing else "ok")


@bp.post("/pengaturan/hari-libur/<holiday_day>/hapus")
@access(roles=ADMIN, load=one_holiday)
@writes
def remove_holiday(holiday_day: str) -> ResponseReturnValue:
    year, name = g.holiday.day.year, g.holiday.name
    back = url_for("admin.holidays_page", tahun=year)
    try:
        holidays.remove(g.actor, g.holiday)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(back, str(refusal), tone="bad")
    db.session.commit()
    return redirect_after_post(back, f"{name} dihapus dari hari libur.")


def _page(
    form: HolidayForm, *, wrong: list[holidays.TypedLine] | None = None, status: int = 200
) -> ResponseReturnValue:
    known, asked = holidays.years(), request.args.get("tahun", "")
    year = int(asked) if asked in map(str, known) else clock.today_wib().year
    rows = holidays.of_year(year)
    return page(
        "admin/register/holidays.html",
        status=status,
        form=form,
        wrong=wrong or [],
        year=year,
        years=known,
        rows=rows,
        standing=holidays.slots_on(row.day for row in rows),
        lacking=holidays.years_without_movable(),
        today=clock.today_wib(),
    )
