"""Rows in force: the newest version of the LSP's data, settings, fees and texts whose date is not in the future."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, tuple_
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.database import db, read_once, remembered
from lsp.models.consent import ConsentText
from lsp.models.jadwal import AsesorDayOff, Booking, Peserta, Slot
from lsp.models.lembaga import Fee, Holiday, Lembaga, Setting
from lsp.models.payment import PaymentAccount
from lsp.models.pre_assessment import FormTemplate
from lsp.models.skema import RemotePermission
from lsp.vocabulary import ConsentKind, InvoiceKind, Mode, RequestKind


class SettingMissing(LookupError):
    """A setting has no row in force: the installation was not prepared."""


#: Built once: every page asks for it.
_LEMBAGA = (
    select(Lembaga)
    .where(Lembaga.effective_from <= bindparam("on"))
    .order_by(Lembaga.effective_from.desc())
    .limit(1)
)


def current_lembaga(on: date | None = None) -> Lembaga:
    """The LSP's own data in force. Raises LookupError before the installation is prepared."""
    day = on or clock.today_wib()
    found = read_once("lembaga", day, lambda: db.session.scalar(_LEMBAGA, {"on": day}))
    if found is None:
        raise LookupError("no lembaga row is in force")
    return found


def setting(key: str, on: date | None = None) -> Any:
    """The value of a setting in force. Raises SettingMissing."""
    day = on or clock.today_wib()
    return read_once(_SETTINGS, (key, day), lambda: _read_setting(key, day))


_SETTINGS = "settings"


def _read_setting(key: str, day: date) -> Any:
    row = db.session.execute(
        select(Setting.value)
        .where(Setting.key == key, Setting.effective_from <= day)
        .order_by(Setting.effective_from.desc(), Setting.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise SettingMissing(key)
    return row.value


def read_settings(*keys: str) -> None:
    """Read these ahead in one query, for a page whose rules will ask for them one by one."""
    day = clock.today_wib()
    wanted = [key for key in keys if (key, day) not in remembered(_SETTINGS)]
    if not wanted:
        return
    rows = db.session.execute(
        select(Setting.key, Setting.value)
        .where(Setting.key.in_(wanted), Setting.effective_from <= day)
        .order_by(Setting.effective_from, Setting.id)
    )
    # Asked for only now: what waited to be written was written by the query, and nothing is remembered before.
    remembered(_SETTINGS).update({(key, day): value for key, value in rows})


def fee(
    *,
    jenjang: int,
    kind: RequestKind,
    mode: Mode,
    on: date | None = None,
    purpose: InvoiceKind = InvoiceKind.SERTIFIKASI,
) -> int | None:
    """The fee in force in whole rupiah, or None when none is set for (purpose, jenjang, kind, mode)."""
    day = on or clock.today_wib()
    query = (
        select(Fee.amount)
        .where(
            Fee.purpose == purpose,
            Fee.jenjang == jenjang,
            Fee.kind == kind,
            Fee.mode == mode,
            Fee.effective_from <= day,
        )
        .order_by(Fee.effective_from.desc())
        .limit(1)
    )
    return read_once("fees", (purpose, jenjang, kind, mode, day), lambda: db.session.scalar(query))


def payment_account(on: date | None = None) -> PaymentAccount | None:
    """The bank account in force, or None while the LSP has named none."""
    return db.session.scalar(
        select(PaymentAccount)
        .where(PaymentAccount.effective_from <= (on or clock.today_wib()))
        .order_by(PaymentAccount.effective_from.desc(), PaymentAccount.id.desc())
        .limit(1)
    )


def consent_text(kind: ConsentKind, on: date | None = None) -> ConsentText | None:
    """The version of a text that is shown and agreed to now."""
    return db.session.scalar(
        select(ConsentText)
        .where(ConsentText.kind == kind, ConsentText.effective_from <= (on or clock.today_wib()))
        .order_by(ConsentText.version_number.desc())
        .limit(1)
    )


def form_template(code: str, *, version: int | None = None, on: date | None = None) -> FormTemplate:
    """The words of a form in force, or of the version a paper was filled with. Raises LookupError without any."""
    day = on or clock.today_wib()
    query = select(FormTemplate).where(FormTemplate.form_code == code)
    if version is None:
        query = query.where(FormTemplate.effective_from <= day)
    else:
        query = query.where(FormTemplate.version_number == version)
    newest = query.order_by(FormTemplate.version_number.desc()).limit(1)
    asked = (code, day if version is None else version)
    found = read_once(_WORDS, asked, lambda: db.session.scalar(newest))
    if found is None:
        raise LookupError(f"no words of {code} are in force")
    return found


_WORDS = "words"


def read_words(papers: Iterable[tuple[str, int | None]]) -> None:
    """Read the words of these (form, version) ahead in one query; without a version there is nothing to read ahead."""
    known = remembered(_WORDS)
    wanted = {asked for asked in papers if asked[1] is not None and asked not in known}
    if wanted:
        version = tuple_(FormTemplate.form_code, FormTemplate.version_number)
        for row in db.session.scalars(select(FormTemplate).where(version.in_(wanted))):
            known[row.form_code, row.version_number] = row


def is_newest_text() -> ColumnElement[bool]:
    """Condition on ConsentText: no later version of its kind holds today."""
    later = aliased(ConsentText)
    return ~(
        select(later.id)
        .where(
            later.kind == ConsentText.kind,
            later.version_number > ConsentText.version_number,
            later.effective_from <= clock.today_wib(),
        )
        .correlate(ConsentText)
        .exists()
    )


def texts_in_force() -> dict[ConsentKind, ConsentText]:
    """The version of every kind that is shown and agreed to now, in one query."""
    rows = db.session.scalars(
        select(ConsentText).where(ConsentText.effective_from <= clock.today_wib(), is_newest_text())
    )
    return {row.kind: row for row in rows}


def permission_stands() -> ColumnElement[bool]:
    """Condition on RemotePermission: no correction took its place."""
    later = aliased(RemotePermission)
    return ~(
        select(later.id)
        .where(later.corrects_id == RemotePermission.id)
        .correlate(RemotePermission)
        .exists()
    )


def permission_holds(first: date, last: date) -> ColumnElement[bool]:
    """Condition on RemotePermission: it is in force on some of these days."""
    return and_(
        RemotePermission.valid_from <= last,
        RemotePermission.valid_until >= first,
        or_(RemotePermission.ended_on.is_(None), RemotePermission.ended_on >= first),
        permission_stands(),
    )


def remote_permissions_between(
    skema_id: int, first: date, last: date
) -> Sequence[RemotePermission]:
    """BNSP's permissions that hold on some of these days, in the order in which they begin."""
    query = (
        select(RemotePermission)
        .where(RemotePermission.skema_id == skema_id, permission_holds(first, last))
        .order_by(RemotePermission.valid_from, RemotePermission.id)
    )
    return read_once(
        "permissions", (skema_id, first, last), lambda: db.session.scalars(query).all()
    )


def holiday_names(first: date, last: date) -> dict[date, str]:
    """The holidays of these days by date."""
    rows = db.session.execute(
        select(Holiday.day, Holiday.name).where(Holiday.day >= first, Holiday.day <= last)
    )
    return {row.day: row.name for row in rows}


def days_off_between(
    first: datetime, last: datetime, *, asesor_id: int | None = None
) -> Sequence[AsesorDayOff]:
    """Days off that touch this span, of one asesor or of all, the earliest first."""
    query = (
        select(AsesorDayOff)
        .where(AsesorDayOff.from_moment < last, AsesorDayOff.until_moment > first)
        .order_by(AsesorDayOff.from_moment, AsesorDayOff.id)
    )
    if asesor_id is not None:
        query = query.where(AsesorDayOff.user_id == asesor_id)
    return db.session.scalars(query).all()


def peserta_stays() -> ColumnElement[bool]:
    """Condition on Peserta: the latest seat of this attempt lies in this batch; who gave it back or moved has left."""
    latest = (
        select(Slot.jadwal_id)
        .join(Booking, Booking.slot_id == Slot.id)
        .where(
            Booking.permohonan_id == Peserta.permohonan_id,
            Booking.attempt == Peserta.attempt,
            Booking.cancelled_at.is_(None),
        )
        .order_by(Booking.id.desc())
        .limit(1)
        .correlate(Peserta)
        .scalar_subquery()
    )
    return latest == Peserta.jadwal_id


def add_working_days(start: date, days: int) -> date:
    """The date `days` working days after `start` (Monday to Friday, without the days of the holiday table)."""
    coming = select(Holiday.day).where(Holiday.day >= start)
    holidays = read_once("holidays", start, lambda: frozenset(db.session.scalars(coming)))
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays:
            days -= 1
    return day


def working_days_ago(days: int) -> date:
    """The date that many working days before today: what ended earlier had them all."""
    day = clock.today_wib()
    holidays = set(db.session.scalars(select(Holiday.day).where(Holiday.day < day)))
    while days > 0:
        day -= timedelta(days=1)
        if day.weekday() < 5 and day not in holidays:
            days -= 1
    return day
