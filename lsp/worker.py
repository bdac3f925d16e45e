"""`flask worker`: sends what stands in the outbox, one row at a time, and runs the chores that are due.

A row is leased in one short transaction, done with none open, and settled in another. A worker killed in between
loses nothing: the lease runs out and the row is taken again. One runs beside the web server; two do no harm.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import sqlalchemy
from flask import Flask, current_app
from flask.cli import with_appcontext
from jinja2 import TemplateNotFound, UndefinedError
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from lsp import clock, logs, worker_mail
from lsp.crypto import KeyProblem
from lsp.database import DatabaseBusy, db, write_transaction
from lsp.gateways import mail, signer, smtp
from lsp.models import OutboxMessage
from lsp.services import (
    accounts,
    certificate_pictures,
    certificates,
    clocks,
    complaint_handling,
    file_keeping,
    list_export,
    outbox,
    recording_uploads,
    sheet_import,
    sheet_import_run,
    third_party,
    throttle,
    uploads,
)
from lsp.vocabulary import Channel
from lsp.worker_process import Stop, name_held
from lsp.workflow.effects.payment import SETTLE_ZERO_JOB

IDLE_SECONDS = 1.0
#: How long to rest when the database does not answer, doubling from one second.
LONGEST_REST = 30.0
CHORES_EVERY = 60.0
#: What a mail under way is given after SIGTERM.
STOP_SECONDS = 5.0
_ROOT = Path(__file__).resolve().parent.parent
_CHORE = "chore:"
_A_MIDNIGHT = datetime(2026, 1, 1, tzinfo=clock.WIB)
_DATABASE_ERRORS = (DatabaseBusy, SQLAlchemyError)
#: Errors whose text names no person, so that it may stand in the log and in the panel.
_SPEAKING = (
    mail.MailProblem,
    outbox.Overtaken,
    outbox.NotYet,
    KeyProblem,
    TemplateNotFound,
    UndefinedError,
)


@dataclass(frozen=True, slots=True)
class Item:
    """A leased row as a handler sees it: plain values, bound to no session."""

    id: int
    public_id: str
    channel: Channel
    kind: str
    permohonan_id: int | None
    created_at: datetime
    attempts: int
    lease_token: str = field(repr=False)
    payload: dict[str, Any] = field(default_factory=dict, repr=False)


Handler = Callable[[Item], None]


@dataclass(frozen=True, slots=True)
class Chore:
    """What is to be done once in each period, counted in WIB from midnight. `run` opens its own transactions.

    It must bear being run twice: a worker may be killed after it and before that is written down.
    """

    name: str
    every: timedelta
    run: Callable[[], object]


class JobUnknown(LookupError):
    """A job row of a kind that this version of the portal does not know."""


def send_mail(item: Item) -> None:
    """Raises MailProblem, and Overtaken for a mail that holds no more."""
    worker_mail.send(item.kind, item.payload, row_id=item.public_id, queued_at=item.created_at)


def run_job(item: Item) -> None:
    """Call the function registered for a job's kind, or the chore it names. Raises JobUnknown."""
    if item.kind.startswith(_CHORE):
        for chore in CHORES:
            if item.kind == _CHORE + chore.name:
                chore.run()
                return
    elif item.kind in JOBS:
        JOBS[item.kind](item)
        return
    raise JobUnknown


def make_certificate_pdf(item: Item) -> None:
    """Lay out an issued certificate, sign and store it; harmless when repeated. Raises NotYet."""
    base_url = current_app.config["LSP"].base_url
    try:
        certificates.make_pdf(item.payload["certificate"], base_url=base_url)
    except signer.SigningHeld as held:
        raise outbox.NotYet(f"signing {held}") from held
    certificate_pictures.make(item.payload["certificate"])


def send_reset(item: Item) -> None:
    """Find the account that somebody asked a new password for, and write its mail."""
    with write_transaction():
        accounts.send_reset(item.id)


def _forget_old_counts() -> None:
    with write_transaction():
        throttle.forget_old_counts()


def _forget_old_chores() -> None:
    with write_transaction():
        db.session.execute(
            sqlalchemy.delete(OutboxMessage).where(
                OutboxMessage.channel == Channel.JOB,
                sqlalchemy.or_(
                    OutboxMessage.kind.startswith(_CHORE),
                    OutboxMessage.kind.in_((accounts.RESET_JOB, list_export.JOB, sheet_import.JOB)),
                ),
                OutboxMessage.done_at < clock.now() - timedelta(days=30),
            )
        )


#: Only channels with a handler are ever claimed; SIKI and BNSP are done by hand.
HANDLERS: dict[Channel, Handler] = {Channel.MAIL: send_mail, Channel.JOB: run_job}
#: What a job row does, by its kind.
JOBS: dict[str, Handler] = {
    "certificate_pdf": make_certificate_pdf,
    accounts.RESET_JOB: send_reset,
    # Refused without a trace when it was settled already.
    SETTLE_ZERO_JOB: lambda item: clocks.settle_zero_invoice(item.payload["permohonan"]),
    # Harmless when repeated.
    list_export.JOB: lambda item: list_export.make(item.payload["export"]),
    sheet_import.JOB: lambda item: sheet_import_run.run(item.payload["batch"]),
    recording_uploads.JOB: lambda item: recording_uploads.take_in(item.payload["upload"]),
}
CHORES: tuple[Chore, ...] = (
    Chore("move_what_is_due", timedelta(hours=1), clocks.move_what_is_due),
    Chore("remind_idle", timedelta(days=1), clocks.remind_idle),
    Chore("remind_third_parties", timedelta(days=1), third_party.remind),
    Chore("remind_complaints", timedelta(days=1), complaint_handling.remind),
    Chore("follow_up_feedback", timedelta(days=1), clocks.follow_up_feedback),
    Chore("follow_certificates", timedelta(days=1), clocks.follow_certificates),
    Chore("draw_certificates", timedelta(hours=1), certificate_pictures.make_missing),
    Chore("remind_banding", timedelta(days=1), clocks.remind_banding),
    Chore("sweep_orphan_files", timedelta(days=1), file_keeping.sweep_orphan_files),
    Chore("sweep_uploads", timedelta(hours=1), uploads.sweep),
    Chore("sweep_recordings", timedelta(hours=1), recording_uploads.sweep),
    Chore("sweep_exports", timedelta(hours=1), list_export.sweep),
    Chore("forget_ended_places", timedelta(days=1), clocks.forget_ended_places),
    Chore("forget_old_counts", timedelta(days=1), _forget_old_counts),
    Chore("forget_expired_sheets", timedelta(days=1), sheet_import.forget_expired),
    Chore("forget_old_chores", timedelta(days=1), _forget_old_chores),
)


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@with_appcontext
def worker_command(once: bool) -> None:
    """Send mails and do the portal's own jobs until SIGTERM; the row under way is finished first."""
    try:
        mail.check_settings(current_app.config["LSP"])
    except mail.MailProblem as problem:
        raise click.ClickException(str(problem)) from problem
    if fault := signer.fault():
        click.echo(fault, err=True)
    if once:
        plan_chores()
        drain()
        return
    with Stop() as stop, name_held(current_app.config["LSP"].data_folder) as name:
        logs.logger().info("worker.start", pid=os.getpid())
        work(stop, name)
        logs.logger().info("worker.stop", pid=os.getpid())


def work(stop: Stop, name: str = "") -> None:
    """Mails in a thread of their own, so that a slow mail server holds up no job; returns after SIGTERM.

    name: as worker_process.name_held gives it.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    mails = threading.Thread(
        target=go_rounds, args=(app, stop, (Channel.MAIL,), name), name="mails"
    )
    mails.start()
    others = tuple(channel for channel in HANDLERS if channel is not Channel.MAIL)
    try:
        go_rounds(app, stop, others, name, chores=True)
    finally:
        # A host kills about 30 s after SIGTERM: a mail that is slow now is tried again after the start.
        smtp.end_within(STOP_SECONDS)
        stop.ask()
        mails.join()
        smtp.begin_again()


def go_rounds(
    app: Flask,
    stop: Stop,
    channels: tuple[Channel, ...],
    name: str = "",
    *,
    chores: bool = False,
) -> None:
    """Go round these channels until asked to stop. An unreachable database is waited for, not died of."""
    rest, chores_at, alone = 1.0, time.monotonic(), chores and bool(name)
    with app.app_context():
        while not stop.asked:
            try:
                if alone:
                    _free_leases(name)
                    alone = False
                if chores and time.monotonic() >= chores_at:
                    plan_chores()
                    chores_at = time.monotonic() + CHORES_EVERY
                worked = go_round(stop, channels, name)
                rest = 1.0
            except _DATABASE_ERRORS as error:
                db.session.remove()
                logs.logger().error("worker.database", error=describe(error), rest=rest)
                stop.wait(rest)
                rest = min(rest * 2, LONGEST_REST)
                continue
            if not worked:
                stop.wait(IDLE_SECONDS)


def _free_leases(name: str) -> None:
    """Take up again at once what a killed predecessor was at, not when its lease runs out."""
    with write_transaction():
        freed = outbox.free_leases(name)
    db.session.remove()
    if freed:
        logs.logger().warning("worker.predecessor", rows=freed)


def drain() -> int:
    """Do all rows that are due. Returns how many were tried."""
    tried = 0
    while done := go_round():
        tried += done
    return tried


def go_round(stop: Stop | None = None, channels: tuple[Channel, ...] = (), name: str = "") -> int:
    """Do at most one row of each of these channels (all when none is named)."""
    done = 0
    for channel in channels or HANDLERS:
        if stop is not None and stop.asked:
            break
        item = _claim(channel, name)
        if item is not None:
            _settle(item, *_perform(item))
            done += 1
    return done


def plan_chores() -> None:
    """Write a job row for each chore whose present period has none. `dedupe` makes two workers agree."""
    since = clock.now() - _A_MIDNIGHT
    for chore in CHORES:
        try:
            with write_transaction():
                outbox.add(
                    Channel.JOB,
                    _CHORE + chore.name,
                    dedupe=f"{_CHORE}{chore.name}:{since // chore.every}",
                    payload={},
                )
        except IntegrityError:
            # On PostgreSQL another worker may write the same row at the same moment.
            continue
        finally:
            db.session.remove()


def _claim(channel: Channel, name: str) -> Item | None:
    try:
        if not outbox.has_due((channel,)):
            return None
        db.session.rollback()
        with write_transaction():
            message = outbox.claim((channel,), worker=name)
            if message is None:
                return None
            return Item(
                id=message.id,
                public_id=message.public_id,
                channel=message.channel,
                kind=message.kind,
                permohonan_id=message.permohonan_id,
                created_at=message.created_at,
                attempts=message.attempts,
                lease_token=message.lease_token or "",
            )
    finally:
        db.session.remove()


def _perform(item: Item) -> tuple[str, dict[str, bool]]:
    """Do it, with no transaction open. Returns what went wrong or nothing, and how outbox.settle shall take it."""
    began, error, how = time.monotonic(), "", dict[str, bool]()
    try:
        payload, done_at = db.session.execute(
            sqlalchemy.select(OutboxMessage.payload, OutboxMessage.done_at).where(
                OutboxMessage.id == item.id
            )
        ).one()
        db.session.remove()
        if done_at is not None:
            raise outbox.Overtaken("taken back while it was leased")
        HANDLERS[item.channel](replace(item, payload=payload or {}))
    except outbox.Overtaken as passed:
        error, how = describe(passed), {"overtaken": True}
    except outbox.NotYet as held:
        error, how = describe(held), {"waits": True}
    except Exception as problem:  # whatever it is, the row must be settled and the next one done
        error = describe(problem)
    finally:
        db.session.remove()
    log = logs.logger()
    (log.warning if error else log.info)(
        "outbox",
        id=item.public_id,
        channel=str(item.channel),
        kind=item.kind,
        attempt=item.attempts,
        milliseconds=int((time.monotonic() - began) * 1000),
        error=error,
    )
    return error, how


def _settle(item: Item, error: str, how: dict[str, bool]) -> None:
    """Write down how it went; tried again for a while, because a sent mail not written down is sent twice."""
    to_file = item.channel is Channel.MAIL and not current_app.config["LSP"].smtp_url
    for rest in (0.5, 1.0, 2.0, 4.0, 8.0, 0.0):
        try:
            with write_transaction():
                outbox.settle(item.id, item.lease_token, error=error, to_file=to_file, **how)
            return
        except _DATABASE_ERRORS as problem:
            logs.logger().error("worker.settle", id=item.public_id, error=describe(problem))
            time.sleep(rest)
        finally:
            db.session.remove()


def describe(error: BaseException) -> str:
    """Class and a few words without personal data: the text of errors known to have none, else where it broke."""
    kind = type(error).__name__
    if isinstance(error, _SPEAKING):
        return f"{kind}: {error}"
    place = ""
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(_ROOT / "lsp"):
            place = f" in {path.relative_to(_ROOT)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return kind + place
