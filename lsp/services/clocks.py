"""What happens because time passed: invoices lapse, reminders go, silent cases drop, windows close.

Each case is moved by the SYSTEM through the same workflow table, in a transaction of its own, so one odd case
stops none of the others. All of it bears being run twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, false, or_, select, update
from sqlalchemy.exc import OperationalError

from lsp import clock, logs
from lsp.actor import SYSTEM
from lsp.database import DatabaseBusy, db, write_transaction
from lsp.errors import NotAllowed
from lsp.models import Invoice, Permohonan, SignIn
from lsp.models.inforce import setting
from lsp.models.queue import add_mail
from lsp.services import banding, certificate_life, fr_ak_03, surveilan_clock
from lsp.vocabulary import InvoiceStatus, PermohonanStatus
from lsp.workflow.idle import last_activity, silent_since
from lsp.workflow.permohonan import PERMOHONAN


def move_what_is_due() -> int:
    """Try the clock-driven steps on every case they could concern; returns how many moved."""
    moved = 0
    moved += _try_all("confirm_payment", _zero_invoices())
    moved += _try_all("lapse", _overdue_invoices())
    moved += _try_all("drop_idle", _idle_cases())
    moved += _try_all("close_not_yet", _in_state(PermohonanStatus.NOT_YET_COMPETENT))
    moved += _each("banding.expire", _ids(banding.ids_to_expire()), banding.expire)
    moved += _each(
        "certificate.expire", _ids(certificate_life.ids_to_expire()), certificate_life.expire
    )
    return moved


def remind_banding() -> int:
    """Tell the ketua of bandings that are not answered, some days before the last day and once after it."""
    return _each("banding.remind", _ids(banding.ids_open()), banding.remind)


def follow_certificates() -> int:
    """Open, remind and drop surveilan, and remind holders whose certificate ends soon."""
    drops = _each("surveilan.drop", _ids(surveilan_clock.ids_to_drop()), surveilan_clock.drop)
    opens = _each("surveilan.open", _ids(surveilan_clock.ids_to_open()), surveilan_clock.open_task)
    reminds = _each(
        "surveilan.remind", _ids(surveilan_clock.ids_to_remind()), surveilan_clock.remind
    )
    renews = _each(
        "renewal.remind", _ids(surveilan_clock.ids_to_renew()), surveilan_clock.remind_renewal
    )
    return drops + opens + reminds + renews


def settle_zero_invoice(permohonan_id: int) -> None:
    """Move on a case that costs nothing, as soon as its invoice was made; the hourly chore catches what is missed."""
    _try_all("confirm_payment", [permohonan_id])


def remind_idle() -> int:
    """Mail people whose case has been silent: at half and at three quarters of the time. Returns how many.

    Whoever did something since his last reminder is reminded anew before his case can drop.
    """
    return sum(_remind(permohonan_id) for permohonan_id in _ids_to_remind())


def follow_up_feedback() -> int:
    """Ask asesi again for FR.AK.03, and note after its time that it was left empty. Returns how many.

    It moves no case and stops none: what is missing blocks nothing.
    """
    return sum(_follow_up(permohonan_id) for permohonan_id in fr_ak_03.waiting())


def _follow_up(permohonan_id: int) -> bool:
    db.session.rollback()
    with write_transaction():
        return fr_ak_03.follow_up(db.session.get_one(Permohonan, permohonan_id))


def _remind(permohonan_id: int) -> bool:
    with write_transaction():
        permohonan = db.session.get_one(Permohonan, permohonan_id)
        days, wanted = setting("idle_days").get(permohonan.status.value), _reminders_wanted()
        if days is None:
            return False
        time, since = timedelta(days=int(days)), last_activity(permohonan)
        if clock.now() - since < time / 2:
            _count_reminders(permohonan, 0)
            return False
        sent = permohonan.idle_reminders
        if sent >= wanted or clock.now() - since < time * ((sent + wanted) / (2 * wanted)):
            return False
        _count_reminders(permohonan, sent + 1)
        add_mail(
            permohonan.asesi,
            "idle_reminder",
            dedupe=f"{permohonan.public_id}:{since.isoformat()}:{sent + 1}",
            permohonan_id=permohonan.id,
            skema=permohonan.skema_version.title,
            status_label=permohonan.status.label,
            days_left=max(1, (since + time - clock.now()).days),
        )
        return True


def _count_reminders(permohonan: Permohonan, count: int) -> None:
    """Past the version of the case: a form the asesi has open at this moment does not become stale."""
    db.session.execute(
        update(Permohonan).where(Permohonan.id == permohonan.id).values(idle_reminders=count)
    )


def forget_ended_places() -> None:
    """Signed-in places whose absolute life is over."""
    with write_transaction():
        db.session.execute(delete(SignIn).where(SignIn.expires_at < clock.now()))


def _try_all(name: str, permohonan_ids: Iterable[int]) -> int:
    def move(permohonan_id: int) -> None:
        permohonan = db.session.get_one(Permohonan, permohonan_id, with_for_update=True)
        PERMOHONAN.perform(permohonan, name, SYSTEM, version=permohonan.version)

    return _each(name, permohonan_ids, move)


def _each(step: str, ids: Iterable[int], work: Callable[[int], bool | None]) -> int:
    """Do it to each in a transaction of its own; how many it was done to. `work` says False where it did nothing."""
    moved = 0
    for each in ids:
        try:
            with write_transaction():
                done = work(each)
        except NotAllowed:
            continue
        except (DatabaseBusy, OperationalError):
            raise  # the worker waits for the database and begins again
        except Exception as error:
            # Else the case that breaks would stop all behind it, again at each try.
            logs.logger().error("clock.failed", step=step, of=each, exc_info=error)
            continue
        if done is not False:
            moved += 1
            logs.logger().info("clock.moved", step=step, of=each)
    return moved


def _ids(query: Select[int]) -> list[int]:
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found


def _overdue_invoices() -> list[int]:
    return _ids(
        select(Invoice.permohonan_id)
        .join(Permohonan, Permohonan.id == Invoice.permohonan_id)
        .where(
            Permohonan.status == PermohonanStatus.INVOICED,
            Invoice.status == InvoiceStatus.OPEN,
            Invoice.due_on < clock.today_wib(),
            Invoice.proof_document_id.is_(None),
        )
    )


def _zero_invoices() -> list[int]:
    return _ids(
        select(Invoice.permohonan_id).where(
            Invoice.status == InvoiceStatus.OPEN, Invoice.amount == 0
        )
    )


def _idle_cases() -> list[int]:
    """Cases that were reminded and stayed silent for the whole time."""
    return _ids_by_state(
        lambda days: and_(
            Permohonan.idle_reminders >= _reminders_wanted(),
            silent_since(clock.now() - timedelta(days=days)),
        )
    )


def _ids_to_remind() -> list[int]:
    """Cases silent for half the time that lack a reminder, and those where somebody moved after a reminder."""

    def due(days: int) -> ColumnElement[bool]:
        silent = silent_since(clock.now() - timedelta(days=days) / 2)
        lacks = Permohonan.idle_reminders < _reminders_wanted()
        return or_(and_(lacks, silent), and_(Permohonan.idle_reminders > 0, ~silent))

    return _ids_by_state(due)


def _ids_by_state(condition: Callable[[int], ColumnElement[bool]]) -> list[int]:
    """Cases in the states that have a time for being silent, each under the condition for its number of days."""
    days: dict[str, int | None] = setting("idle_days")
    parts = [
        and_(Permohonan.status == PermohonanStatus(name), condition(int(count)))
        for name, count in days.items()
        if count is not None
    ]
    return _ids(select(Permohonan.id).where(or_(false(), *parts)))


def _reminders_wanted() -> int:
    return int(setting("idle_reminders"))


def _in_state(status: PermohonanStatus) -> list[int]:
    return _ids(select(Permohonan.id).where(Permohonan.status == status))
