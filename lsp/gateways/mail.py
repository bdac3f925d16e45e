"""How a mail leaves: by SMTP, or as a file under LSP_DATA/outbox where no server is set (development).

Knows nothing of rows and retries (lsp/worker.py). Why smtplib itself: docs/decisions/mail-by-smtplib.md.
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date
from flask import current_app
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context
from markupsafe import escape

from lsp import ids
from lsp.config import Config
from lsp.gateways import smtp
from lsp.smtp_url import (
    ADDRESS,
    CONTROL,
    SmtpProblem,
    SmtpServer,
    read_sender,
    read_server,
)
from lsp.vocabulary.dates import day_words, weekday_words

FOLDER = "outbox"

_MESSAGE_ID = re.compile(r"[0-9A-Z]{1,32}")
_ENHANCED_CODE = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class MailCalendar:
    """What a mail tells the reader's calendar. method: REQUEST or CANCEL, as the content says it too."""

    method: str
    content: bytes


class MailProblem(Exception):
    """A mail could not be sent. The text is fit for a log and the panel: it names no person."""


def server_of(url: str) -> SmtpServer:
    """As `read_server`. Raises MailProblem."""
    try:
        return read_server(url)
    except SmtpProblem as problem:
        raise MailProblem(str(problem)) from None


def check_settings(config: Config) -> None:
    """Raise MailProblem when mail cannot work as configured; asked once, when the worker starts."""
    if config.smtp_url:
        server_of(config.smtp_url)
    _sender(config)


def render(template: str, context: dict[str, Any]) -> tuple[str, str]:
    """Subject and body of `templates/mail/<template>.txt`: its first line, and the rest.

    A value that is missing from `context` is an error, never a hole in the text. Raises MailProblem for a name
    that would begin a paragraph of its own.
    """
    if CONTROL.search(str(context.get("name", ""))):
        raise MailProblem("the name of the recipient holds a line break")
    subject, body = _parts(template)
    # The two are drawn apart, so that a line break in a value cannot end the subject and begin the body.
    return subject.render(context).strip(), body.render(context).strip() + "\n"


def render_html(template: str, context: dict[str, Any], *, url: str, label: str) -> str:
    """The same words as `render`, with a button to `url` after the first lines.

    Only addresses that the template itself writes are links: it is drawn with a mark in place of `base_url`, which
    nobody can type, so neither a look-alike of our address nor our own in somebody's words becomes one.
    """
    mark = ids.secret_token()
    subject, text = render(template, context | {"base_url": mark})
    link = re.compile(f"({mark}(?:/[^\\s<>\"')]*[^\\s<>\"').,;])?)")
    body, _, foot = text.strip().partition("\n--\n")
    drawn = (
        environment()
        .get_template("mail/layout.html")
        .render(
            subject=subject,
            url=url,
            label=label,
            body=_blocks(body, link),
            foot=_blocks(foot, link),
        )
    )
    return re.sub(r"^\s+", "", drawn, flags=re.MULTILINE).replace(
        mark, str(escape(context["base_url"]))
    )


def _blocks(text: str, link: re.Pattern[str]) -> list[list[list[tuple[str, bool]]]]:
    """Paragraphs of lines of parts; a part is a link or not."""
    return [
        [
            [(part, link.fullmatch(part) is not None) for part in link.split(line) if part]
            for line in block.split("\n")
        ]
        for block in re.split(r"\n{2,}", text.strip())
    ]


@cache
def environment() -> Environment:
    """How mails are drawn: a missing value is an error, days and moments in words."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).resolve().parent.parent / "templates"),
        # Plain text stays as it is: an escaped "&" would be read as written.
        autoescape=select_autoescape(("html",), default_for_string=False, default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["tanggal"] = _day_in_words
    made.filters["waktu"] = _moment_beside_home
    return made


@cache
def _parts(template: str) -> tuple[Template, Template]:
    loader = environment().loader
    assert loader is not None  # noqa: S101 - given above
    source, _, _ = loader.get_source(environment(), f"mail/{template}.txt")
    subject, _, body = source.partition("\n")
    return environment().from_string(subject), environment().from_string(body)


_ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def _day_in_words(day: str) -> str:
    """2026-11-29, as a payload holds it, → 29 November 2026; what is no such date stays as it is."""
    try:
        return day_words(date.fromisoformat(day))
    except ValueError:
        return day


@pass_context
def _moment_beside_home(context: Context, moment: str, zone: str) -> str:
    """As `moment_in_words`, the zone of the LSP told by the mail."""
    return moment_in_words(moment, zone, home=str(context.get("home_zone") or zone))


def moment_in_words(moment: str, zone: str, *, home: str = "") -> str:
    """An ISO moment in the reader's zone, the LSP's beside it: Sabtu, 28 November 2026 pukul 10.00 WITA (09.00 WIB)."""
    home = home or zone
    try:
        local = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
        there = local.astimezone(ZoneInfo(home))
    except (ValueError, ZoneInfoNotFoundError):
        return moment
    text = f"{weekday_words(local)} pukul {local:%H.%M} {_ZONES.get(zone, zone)}"
    if there.utcoffset() == local.utcoffset():
        return text
    other = format_date(there, "EEEE, d MMMM 'pukul' ", locale="id")
    other = other if there.date() != local.date() else ""
    return f"{text} ({other}{there:%H.%M} {_ZONES.get(home, home)})"


def deliver(
    *,
    message_id: str,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    calendar: MailCalendar | None = None,
    sent_at: datetime,
    queued_at: datetime | None = None,
) -> None:
    """Hand a mail to the server, or write it to a file. Returns only when the other side has it.

    message_id: public_id of the outbox row; sending twice shows as one mail and writes one file, which is named
    after `queued_at` because that stays the same from try to try. Raises MailProblem.
    """
    config: Config = current_app.config["LSP"]
    message = compose(
        config,
        message_id=message_id,
        to=to,
        subject=subject,
        text=text,
        html=html,
        calendar=calendar,
        sent_at=sent_at,
    )
    try:
        if config.smtp_url:
            smtp.send(server_of(config.smtp_url), message)
        else:
            name = f"{queued_at or sent_at:%Y%m%dT%H%M%S%fZ}-{message_id}.eml"
            _write(config.data_folder / FOLDER, name, message.as_bytes())
    except (smtplib.SMTPException, OSError) as error:
        raise MailProblem(_without_people(error)) from error


def compose(
    config: Config,
    *,
    message_id: str,
    to: str,
    subject: str,
    text: str,
    html: str | None,
    sent_at: datetime,
    calendar: MailCalendar | None = None,
) -> EmailMessage:
    """The message as it goes out. Raises MailProblem for an address or subject that would add a header."""
    if not _MESSAGE_ID.fullmatch(message_id):
        raise MailProblem("not the public id of an outbox row")
    if not ADDRESS.fullmatch(to):
        raise MailProblem("the address of the recipient is not one address")
    if not subject or CONTROL.search(subject):
        raise MailProblem("the subject is empty or holds a line break")
    sender = _sender(config)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = f"<{message_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    # Quoted-printable: 7 bit on every server, and a long link is not cut.
    message.set_content(text, cte="quoted-printable")
    if html is not None:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    if calendar is not None:
        _add_calendar(message, calendar)
    return message


def _add_calendar(message: EmailMessage, calendar: MailCalendar) -> None:
    """Last of the alternatives, where Gmail and Outlook look for an invitation, and as a file for all others.

    Base64: a server on the way that mends line ends would break the folded lines.
    """
    message.add_alternative(
        calendar.content.decode(),
        subtype="calendar",
        cte="base64",
        params={"method": calendar.method},
    )
    message.add_attachment(
        calendar.content, maintype="application", subtype="ics", filename="undangan.ics"
    )


def sender_address(config: Config) -> str:
    """The bare address that mails come from. Raises MailProblem."""
    return _sender(config).addr_spec


def _sender(config: Config) -> Address:
    try:
        return read_sender(config.mail_from)
    except SmtpProblem as problem:
        raise MailProblem(str(problem)) from None


def _without_people(error: Exception) -> str:
    """What went wrong in codes and the system's words; a server's own sentence mostly quotes the address."""
    kind = type(error).__name__
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"{kind}: {_codes(*next(iter(error.recipients.values())))}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{kind}: {_codes(error.smtp_code, error.smtp_error)}"
    if isinstance(error, smtplib.SMTPException):
        return kind
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{kind}: {error.verify_message}"
    if isinstance(error, OSError):
        return f"{kind}: {error.strerror or 'no answer in time'}"
    return kind


def _codes(code: int, said: bytes | str) -> str:
    enhanced = _ENHANCED_CODE.match(said.encode() if isinstance(said, str) else said)
    return f"{code} {enhanced.group().decode()}" if enhanced else str(code)


def _write(folder: Path, name: str, content: bytes) -> None:
    """Write whole or not at all, and on disk when this returns; again under the same name it replaces."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = folder / f".{name}.half"
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(folder / name)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@dataclass(frozen=True, slots=True)
class MailFile:
    """A mail that was written to a file, for the panel of a demo or development installation."""

    name: str
    to: str
    subject: str
    sent_at: datetime | None
    text: str


def read_mail_files(folder: Path, limit: int) -> list[MailFile]:
    """The newest mails of `LSP_DATA/outbox`, newest first; none where the folder does not stand yet."""
    if not folder.is_dir():
        return []
    written = sorted(
        ((path.stat().st_mtime_ns, path) for path in folder.glob("*.eml")), reverse=True
    )
    return [_read(path) for _, path in written[:limit]]


def _read(path: Path) -> MailFile:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what this policy builds
    body = message.get_body(("plain",))
    return MailFile(
        name=path.name,
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        sent_at=message["Date"].datetime if message["Date"] else None,
        text=body.get_content().replace("\r\n", "\n") if body is not None else "",
    )
