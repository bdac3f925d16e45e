"""What becomes due in the life of a certificate: surveilan opened, reminded and dropped; its renewal reminded.

Each row in a transaction of its own by lsp/services/clocks.py, and safe when repeated. A clock that stood still catches
up with what holds today: one task, one reminder, not all that were missed.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.models import (
    Certificate,
    Permohonan,
    RenewalReminder,
    SkemaVersion,
    Surveilan,
    SurveilanEvent,
)
from lsp.models.certificate_triggers import RENEWS_NO_MORE
from lsp.models.inforce import setting
from lsp.models.queue import add_mail
from lsp.services import audit
from lsp.vocabulary import (
    FILLED_BY_HOLDER,
    OPEN_SURVEILAN,
    CertificateStatus,
    RequestKind,
)
from lsp.vocabulary.dates import add_months
from lsp.workflow.surveilan import DUE_MAIL, REMINDER_MAIL, SURVEILAN, is_alive

RENEWAL_MAIL = "renewal_reminder"
_STANDING = (CertificateStatus.ACTIVE, CertificateStatus.SUSPENDED)


def _alive() -> ColumnElement[bool]:
    return and_(Certificate.status.in_(_STANDING), Certificate.valid_until >= clock.today_wib())


# --- Surveilan ---------------------------------------------------------------------------------------------------


def ids_to_open() -> Select[int]:
    """Certificates one of whose years is due and has no task yet, while none of theirs is open."""
    horizon = clock.today_wib() + timedelta(days=int(setting("surveilan_open_days")))
    every, parts = int(setting("surveilan_every_months")), []
    for number in range(1, int(setting("surveilan_count")) + 1):
        later = _exists(Surveilan.number >= number)
        # A day later than exact: months differ in length, and `open_task` counts each certificate's own.
        since = add_months(horizon, -number * every) + timedelta(days=3)
        parts.append(and_(Certificate.valid_from <= since, ~later))
    return (
        select(Certificate.id)
        .where(_alive(), or_(*parts), ~_exists(Surveilan.status.in_(OPEN_SURVEILAN)))
        .order_by(Certificate.id)
    )


def _exists(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(Surveilan.id)
        .where(Surveilan.certificate_id == Certificate.id, condition)
        .correlate(Certificate)
        .exists()
    )


def due_days(certificate: Certificate) -> list[date]:
    """The day of each surveilan of a certificate; none after its end."""
    every = int(setting("surveilan_every_months"))
    days = (
        add_months(certificate.valid_from, number * every)
        for number in range(1, int(setting("surveilan_count")) + 1)
    )
    return [day for day in days if day <= certificate.valid_until]


def open_task(certificate_id: int) -> bool:
    """Open the newest task that is due. False where there is none after all."""
    certificate = db.session.get_one(Certificate, certificate_id, with_for_update=True)
    if not is_alive(certificate):
        return False
    tasks = db.session.execute(
        select(Surveilan.number, Surveilan.status).where(Surveilan.certificate_id == certificate_id)
    ).all()
    horizon = clock.today_wib() + timedelta(days=int(setting("surveilan_open_days")))
    due = [(number, day) for number, day in enumerate(due_days(certificate), 1) if day <= horizon]
    last = max((row.number for row in tasks), default=0)
    if not due or due[-1][0] <= last or any(row.status in OPEN_SURVEILAN for row in tasks):
        return False
    number, day = due[-1]
    # Whoever is told late (the clock stood still, an old certificate was taken over) has his days too.
    until = max(day, horizon) if day < clock.today_wib() else day
    row = Surveilan(
        certificate_id=certificate.id,
        permohonan_id=certificate.permohonan_id,
        number=number,
        due_on=day,
        until=until,
        status_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    db.session.add(SurveilanEvent(surveilan_id=row.id, at=clock.now(), step="open", actor_id=None))
    audit.note(SYSTEM, "surveilan.open", "surveilan", row.public_id, number=number)
    _mail(row, DUE_MAIL, f"{row.public_id}")
    return True


def ids_to_remind() -> Select[int]:
    """Tasks past their day that lack a reminder."""
    days = sorted(int(each) for each in setting("surveilan_reminder_days"))
    today = clock.today_wib()
    parts = [
        and_(Surveilan.reminders <= sent, Surveilan.until <= today - timedelta(days=day))
        for sent, day in enumerate(days)
    ]
    return (
        select(Surveilan.id)
        .where(Surveilan.status.in_(FILLED_BY_HOLDER), or_(*parts))
        .order_by(Surveilan.id)
    )


def remind(surveilan_id: int) -> bool:
    """Tell the holder what is late and what follows: the last reminder is the warning."""
    row = db.session.get_one(Surveilan, surveilan_id, with_for_update=True)
    days = sorted(int(each) for each in setting("surveilan_reminder_days"))
    late = (clock.today_wib() - row.until).days
    due = sum(day <= late for day in days)
    if row.status not in FILLED_BY_HOLDER or due <= row.reminders:
        return False
    if not is_alive(row.certificate):
        return False
    row.reminders = due
    last = due == len(days)
    _mail(row, REMINDER_MAIL, f"{row.public_id}:{row.attempt}:{due}", last=last)
    if last:
        audit.note(SYSTEM, "surveilan.warn", "surveilan", row.public_id, number=row.number)
    return True


def ids_to_drop() -> Select[int]:
    """Open tasks of certificates that are no longer in force."""
    return (
        select(Surveilan.id)
        .join(Certificate, Certificate.id == Surveilan.certificate_id)
        .where(Surveilan.status.in_(OPEN_SURVEILAN), ~_alive())
        .order_by(Surveilan.id)
    )


def drop(surveilan_id: int) -> None:
    row = db.session.get_one(Surveilan, surveilan_id, with_for_update=True)
    SURVEILAN.perform(row, "drop", SYSTEM, version=row.version)


def _mail(row: Surveilan, template: str, dedupe: str, **more: Any) -> None:
    add_mail(
        row.permohonan.asesi,
        template,
        dedupe=dedupe,
        permohonan_id=row.permohonan_id,
        permohonan=row.permohonan.public_id,
        surveilan=row.public_id,
        skema=row.certificate.jabatan_kerja,
        until=row.until.isoformat(),
        **more,
    )


# --- Renewal -----------------------------------------------------------------------------------------------------


def ids_to_renew() -> Select[int]:
    """Certificates whose end is near, that were not told of it in this month, and that nobody is renewing."""
    told = RenewalReminder.certificate_id == Certificate.id
    parts = []
    for months in _months():
        since = select(RenewalReminder.id).where(told, RenewalReminder.months <= months)
        # Three days more than exact, as above: `remind_renewal` counts from the certificate's own end.
        near = Certificate.valid_until <= add_months(clock.today_wib(), months) + timedelta(days=3)
        parts.append(and_(near, ~since.correlate(Certificate).exists()))
    return (
        select(Certificate.id).where(_alive(), or_(*parts), ~is_renewed()).order_by(Certificate.id)
    )


def _months() -> list[int]:
    return sorted((int(each) for each in setting("renewal_reminder_months")), reverse=True)


def is_renewed() -> ColumnElement[bool]:
    """Condition on Certificate: a newer one stands for it, or its holder has asked for one of the same skema."""
    newer, asked = aliased(Certificate), aliased(Permohonan)
    own, version, wanted = aliased(Permohonan), aliased(SkemaVersion), aliased(SkemaVersion)
    followed = select(newer.id).where(newer.replaces_id == Certificate.id)
    renewing = (
        select(asked.id)
        .join(own, own.asesi_id == asked.asesi_id)
        .join(version, version.id == own.skema_version_id)
        .join(wanted, wanted.id == asked.skema_version_id)
        .where(
            own.id == Certificate.permohonan_id,
            asked.id != own.id,
            asked.created_at > Certificate.created_at,
            asked.kind == RequestKind.PERPANJANGAN,
            wanted.skema_id == version.skema_id,
            asked.status.not_in(RENEWS_NO_MORE),
        )
    )
    return or_(followed.correlate(Certificate).exists(), renewing.correlate(Certificate).exists())


def remind_renewal(certificate_id: int) -> bool:
    """Tell the holder once for each month of the rule; of several at once only the nearest."""
    certificate = db.session.get_one(Certificate, certificate_id, with_for_update=True)
    today = clock.today_wib()
    due = [months for months in _months() if add_months(certificate.valid_until, -months) <= today]
    told = set(
        db.session.scalars(
            select(RenewalReminder.months).where(RenewalReminder.certificate_id == certificate_id)
        )
    )
    if not is_alive(certificate) or not due or any(months <= due[-1] for months in told):
        return False
    db.session.add(RenewalReminder(certificate_id=certificate.id, months=due[-1], at=clock.now()))
    add_mail(
        certificate.permohonan.asesi,
        RENEWAL_MAIL,
        dedupe=f"{certificate.public_id}:{due[-1]}",
        permohonan_id=certificate.permohonan_id,
        permohonan=certificate.permohonan.public_id,
        skema=certificate.jabatan_kerja,
        until=certificate.valid_until.isoformat(),
        months=due[-1],
    )
    return True
