"""Pengaturan: the LSP's rules, fees and skema as they stand, and adding a version that holds from a day on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.administration import FeeForm, SettingForm
from lsp.forms.base import trimmed
from lsp.models.inforce import payment_account
from lsp.permissions import access, writes
from lsp.services import fees, holidays, remote_permissions, setting_groups, settings as rules
from lsp.services.lembaga import current_or_none
from lsp.services.payment_accounts import fee_gaps
from lsp.services.skema_import import open_skema
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.register import lacks
from lsp.views.editions import ChangedElsewhere, edition_of
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import FEES_FOR, InvoiceKind, Mode, RequestKind

#: Rules that are typed as a table, a number a row.
_TABLES = frozenset({"asesor_jenjang"})
#: A jenjang as an address writes it.
_JENJANG = frozenset("123456789")


def one_setting(_actor: Actor, key: str) -> Mapping[str, object] | None:
    """A setting with its versions as `g.line`."""
    found = rules.one_setting(key)
    return {"line": found} if found is not None else None


def skema_version(_actor: Actor, version_id: str) -> Mapping[str, object] | None:
    """A version of a skema as `g.version`."""
    found = rules.skema_version(version_id)
    return {"version": found} if found is not None else None


@bp.get("/pengaturan")
@access(roles=ADMIN)
def settings() -> ResponseReturnValue:
    """The link of a fee that lacks names it in the address; the form is then filled in but for the amount."""
    named = {name: request.args.get(name, "") for name in ("purpose", "jenjang", "kind", "mode")}
    form = FeeForm(formdata=None, effective_from=clock.today_wib())
    if named["kind"] in list(RequestKind) and named["mode"] in list(Mode):
        form.kind.data, form.mode.data = named["kind"], named["mode"]
        form.purpose.data = (
            named["purpose"] if named["purpose"] in FEES_FOR else InvoiceKind.SERTIFIKASI.value
        )
        form.jenjang.data = int(named["jenjang"]) if named["jenjang"] in _JENJANG else None
        _fill_in_typed(form, request.args)
    return settings_page(form, opened=bool(named["kind"]))


def _fill_in_typed(form: FeeForm, typed: Mapping[str, str]) -> None:
    """Who comes back from the page that asks about a fee finds what he typed; an odd address fills in nothing."""
    amount, day = typed.get("amount", ""), typed.get("effective_from", "")
    if re.fullmatch("[0-9]{1,12}", amount):
        form.amount.data = int(amount)
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
        with suppress(ValueError):
            form.effective_from.data = date.fromisoformat(day)


@bp.get("/pengaturan/aturan/<key>")
@access(roles=ADMIN, load=one_setting)
def setting(key: str) -> ResponseReturnValue:
    form = SettingForm(
        formdata=None,
        value=g.line.text,
        effective_from=clock.today_wib(),
        doubt=g.line.standing.doubt,
        seen=_edition(g.line),
    )
    return _setting_page(form, g.line)


@bp.post("/pengaturan/aturan/<key>")
@access(roles=ADMIN, load=one_setting)
@writes
def change_setting(key: str) -> ResponseReturnValue:
    form = _typed_setting(g.line)
    if not form.validate():
        return _setting_page(form, g.line, status=422)
    try:
        if _stands_already(form, g.line):
            return _setting_noted()
        if form.seen.data and form.seen.data != _edition(g.line):
            raise ChangedElsewhere("Aturan ini")
        rules.change_setting(
            g.actor,
            g.line,
            text=form.value.data or "",
            effective_from=form.effective_from.data or clock.today_wib(),
            doubt=form.doubt.data or "",
        )
    except DomainError as refusal:
        db.session.rollback()
        # What is about no other field is about the value: parsing it knows no form.
        if form.put_by_its_field(refusal):
            form.value.errors = [str(refusal)]
        line, status = rules.one_setting(key), 422
        if isinstance(refusal, ChangedElsewhere) and line is not None:
            form.seen.data, status = _edition(line), 409
        return _setting_page(form, line, status=status)
    db.session.commit()
    return _setting_noted()


def _typed_setting(line: rules.SettingLine) -> SettingForm:
    """A rule that is a table comes as a number for each of its rows; else as one text."""
    if line.standing.key not in _TABLES or "value" in request.form:
        return SettingForm()
    text = "\n".join(
        f"{name}: {request.form.get(f'baris-{name}', '')}" for name, _number in _rows(line.text)
    )
    return SettingForm(MultiDict({**request.form.to_dict(), "value": text}))


def _rows(text: str) -> list[tuple[str, str]]:
    """(name, number) of each line."""
    parts = (line.rpartition(":") for line in text.splitlines())
    return [(name.strip(), number.strip()) for name, _colon, number in parts]


def _setting_page(
    form: SettingForm, line: rules.SettingLine | None, *, status: int = 200
) -> ResponseReturnValue:
    rows = []
    if line is not None and line.standing.key in _TABLES:
        rows = _rows(form.value.data or "")
        if [name for name, _number in rows] != [name for name, _number in _rows(line.text)]:
            rows = []  # typed in another shape: then all of it is shown as it was typed
    return page("admin/setting.html", status=status, form=form, line=line, rows=rows)


def _setting_noted() -> ResponseReturnValue:
    return redirect_after_post(url_for("admin.settings") + "#aturan", "Perubahan aturan dicatat.")


def _edition(line: rules.SettingLine) -> str:
    """Of the versions that a page shows: a later row of the same day is another one."""
    return edition_of([line.standing.id, line.coming.id if line.coming is not None else None])


def _stands_already(form: SettingForm, line: rules.SettingLine) -> bool:
    """The same form sent twice adds one row: its first one came after the page was drawn, and says the same."""
    if not form.seen.data or form.seen.data == _edition(line):
        return False
    typed = (
        (form.value.data or "").replace("\r\n", "\n"),
        form.doubt.data or "",
        form.effective_from.data,
    )
    stored = [(line.text, line.standing.doubt, line.standing.effective_from)]
    if line.coming is not None:
        stored.append((line.coming_text, line.coming.doubt, line.coming.effective_from))
    return typed in stored


@bp.get("/pengaturan/skema/<version_id>/buka")
@access(roles=ADMIN, load=skema_version)
def ask_open_skema(version_id: str) -> ResponseReturnValue:
    return _confirm_open()


@bp.post("/pengaturan/skema/<version_id>/buka")
@access(roles=ADMIN, load=skema_version)
@writes
def open_for_registration(version_id: str) -> ResponseReturnValue:
    try:
        open_skema(g.version, actor=g.actor)
    except DomainError as refusal:
        db.session.rollback()
        return _confirm_open(notice=str(refusal), status=409)
    db.session.commit()
    return redirect_after_post(
        url_for("admin.settings") + "#skema", f"Pendaftaran untuk {g.version.title} dibuka."
    )


def _confirm_open(*, notice: str = "", status: int = 200) -> ResponseReturnValue:
    return page(
        "confirm.html",
        status=status,
        title="Buka pendaftaran skema ini?",
        happens=[
            f"{g.version.title}, versi {g.version.version_number}, tampil sebagai “dibuka” di halaman depan.",
            "Asesi dapat memulai permohonan untuk skema ini.",
            "Isi versi ini tidak dapat diubah lagi. Perubahan berikutnya menjadi versi baru.",
        ],
        action=url_for("admin.open_for_registration", version_id=g.version.public_id),
        label="Buka pendaftaran",
        back_url=url_for("admin.settings") + "#skema",
        notice_text=notice or g.version.incomplete_reason,
    )


def settings_page(form: FeeForm, *, status: int = 200, opened: bool = False) -> ResponseReturnValue:
    wanted = " ".join(trimmed(request.args.get("cari", "")).split())[:80]
    return page(
        "admin/settings.html",
        status=status,
        form=form,
        fee_form_open=opened,
        fee_gaps=fee_gaps(),
        account=payment_account(),
        groups=setting_groups.grouped(rules.all_settings(), wanted=wanted),
        wanted=wanted,
        fees=rules.fees(),
        unused_fees=fees.unused(),
        versions=rules.skema_versions(),
        permissions=remote_permissions.standing(),
        today=clock.today_wib(),
        lacks=lacks(),
        lembaga_now=current_or_none(),
        holidays_lack=holidays.years_without_movable(),
    )
