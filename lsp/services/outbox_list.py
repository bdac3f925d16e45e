"""The outbox as the admin reads it: rows by channel and state, keyset pages, and what one row says.

A one-use link is shown only where no mail server is set (an installation to try things out): elsewhere whoever
reads the queue could use another person's link.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from jinja2 import TemplateNotFound, UndefinedError
from sqlalchemy import ColumnElement, LargeBinary, select, type_coerce
from sqlalchemy.orm import defer

from lsp import clock
from lsp.config import Config
from lsp.crypto import KeyProblem
from lsp.database import EncryptedJson, db
from lsp.gateways import mail
from lsp.models import OutboxMessage, Permohonan, SentWithGaps
from lsp.models.outbox_answer import REFUSED
from lsp.models.queue import REPLACED, TO_CORRECT_AT_BNSP
from lsp.services import lembaga, outbox_words as words
from lsp.services.lpjk_reports import REPORTS
from lsp.services.outbox import FAILED
from lsp.vocabulary import Channel

PAGE_SIZE = 25
#: State in the address -> words.
STATES = {"menunggu": "Menunggu", "gagal": "Gagal", "selesai": "Selesai"}
_HIDDEN = "(disembunyikan-dari-daftar-ini)"
_UNREADABLE = (
    "Isi kiriman ini tidak dapat dibuka dengan kunci pemasangan ini. Kirimannya tetap disimpan. "
    "Hubungi pengelola portal."
)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A row of the list. title: the subject of a mail, else what kind of call it is."""

    public_id: str
    channel: Channel
    title: str
    to: str
    created_at: datetime
    run_at: datetime
    attempts: int
    done_at: datetime | None
    done_as: str
    failed: bool
    #: Why the last try went wrong, as a sentence.
    fault: str
    under_way: bool
    #: What the other system was told already is put right there.
    corrects: bool
    #: Whether it says what it is to be corrected to.
    has_value: bool
    #: The other system refused it; a person looks at it and does it again.
    refused: bool
    case_id: str | None
    case_name: str | None
    #: Whether it carries a report to LPJK.
    report: bool = False

    @property
    def state(self) -> str:
        if self.done_at is not None:
            return self.done_as
        if self.failed:
            return "gagal"
        if self.refused:
            return "ditolak"
        return "dicoba lagi" if self.fault else "menunggu"

    @property
    def tone(self) -> str:
        if self.done_at is not None:
            return "ok" if self.done_as in (words.DONE["sent"], words.DONE["by_hand"]) else ""
        return "bad" if self.failed or self.fault else "wait"

    @property
    def may_go_again(self) -> bool:
        """Whether the admin may have it tried at once."""
        may = self.done_at is None and not self.under_way and not self.refused
        return may and (self.failed or bool(self.fault))

    @property
    def by_hand(self) -> bool:
        """Whether a person does this in the other system's own screen."""
        return self.channel in (Channel.SIKI, Channel.BNSP)


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: list[QueueRow]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one row says: the text of a mail, or the fields to send."""

    text: str
    fields: list[tuple[str, str]]
    #: Why a report to LPJK was marked done although something of it lacked.
    sent_anyway: str = ""


def page(
    config: Config, *, channels: Sequence[Channel], state: str, after: int | None
) -> QueuePage:
    """25 rows: what waits from the oldest on, what is done from the newest back. One query.

    A row whose payload cannot be decrypted (a key was taken away) is listed as unreadable among the others.
    """
    oldest_first = state != "selesai"
    query = (
        _columns().where(OutboxMessage.channel.in_(channels), *_state(state)).limit(PAGE_SIZE + 1)
    )
    if after is not None:
        query = query.where(OutboxMessage.id > after if oldest_first else OutboxMessage.id < after)
    found = db.session.execute(
        query.order_by(OutboxMessage.id if oldest_first else OutboxMessage.id.desc())
    ).all()
    rows = [_row(each, config) for each in found[:PAGE_SIZE]]
    more = len(found) > PAGE_SIZE
    return QueuePage(rows, found[PAGE_SIZE - 1][0].id if more else None)


def one(config: Config, message: OutboxMessage) -> tuple[QueueRow, Reading]:
    """A row with what it says."""
    found = db.session.execute(_columns().where(OutboxMessage.id == message.id)).one()
    row, payload = _row(found, config), _opened(found[3])
    if payload is None:
        return row, Reading(_UNREADABLE, [])
    if message.kind in words.SEALED_MAILS:
        told = words.SEALED if message.kind in words.TO_COMPLAINANT else words.SEALED_LINK
        return row, Reading(told, [])
    if message.channel is Channel.MAIL:
        return row, Reading(_mail_text(config, message, payload), [])
    fields = [(words.LABELS.get(key, key), _value(payload[key])) for key in payload]
    return row, Reading("", fields, _sent_anyway(message) if row.report and row.done_at else "")


def _sent_anyway(message: OutboxMessage) -> str:
    found = select(SentWithGaps.reason).where(SentWithGaps.message_id == message.id)
    return db.session.scalar(found) or ""


def payload_of(message: OutboxMessage) -> dict[str, Any] | None:
    """What a row holds, or None when it cannot be decrypted."""
    sealed = db.session.scalar(
        select(type_coerce(OutboxMessage.payload, LargeBinary)).where(
            OutboxMessage.id == message.id
        )
    )
    return _opened(sealed) if sealed is not None else None


def to_complainant(config: Config, public_id: str, events: int) -> list[tuple[QueueRow, str]]:
    """What a keluhan's complainant was mailed, the newest first, for who may read the keluhan. One query.

    events: of its history; a mail's key counts those of its moment (`tell_complainant`).
    """
    keys = [
        f"mail:{kind}:{public_id}:{told}"
        for kind in words.TO_COMPLAINANT
        for told in range(events + 1)
    ]
    found = db.session.execute(
        _columns().where(OutboxMessage.dedupe.in_(keys)).order_by(OutboxMessage.id.desc())
    ).all()
    mails = []
    for each in found:
        payload = _opened(each[3])
        text = _UNREADABLE if payload is None else _mail_text(config, each[0], payload)
        mails.append((_row(each, config), text))
    return mails


def _columns() -> Any:
    """Rows with their payloads still closed: opened by the query, one bad payload would fail the whole page."""
    return (
        select(
            OutboxMessage,
            Permohonan.public_id,
            Permohonan.asesi_name,
            type_coerce(OutboxMessage.payload, LargeBinary),
        )
        .outerjoin(Permohonan, Permohonan.id == OutboxMessage.permohonan_id)
        .options(defer(OutboxMessage.payload))
    )


def _opened(sealed: bytes) -> dict[str, Any] | None:
    """The payload, or None when it cannot be decrypted."""
    opener = cast(EncryptedJson, OutboxMessage.__table__.c.payload.type)
    try:
        return opener.process_result_value(sealed, db.engine.dialect)
    except (KeyProblem, ValueError):
        return None


def _state(state: str) -> tuple[ColumnElement[bool], ...]:
    if state == "selesai":
        return (OutboxMessage.done_at.is_not(None),)
    if state == "gagal":
        return (OutboxMessage.done_at.is_(None), FAILED)
    return (OutboxMessage.done_at.is_(None), OutboxMessage.dead_at.is_(None))


def _row(found: Any, config: Config) -> QueueRow:
    message: OutboxMessage = found[0]
    payload = _opened(found[3])
    title, to = _heading(config, message, payload)
    return QueueRow(
        public_id=message.public_id,
        channel=message.channel,
        title=title,
        to=to,
        created_at=message.created_at,
        run_at=message.run_at,
        attempts=message.attempts,
        done_at=message.done_at,
        done_as=_done_as(config, message),
        failed=message.dead_at is not None,
        fault=words.fault_of(message.error),
        under_way=message.lease_until is not None and message.lease_until > clock.now(),
        corrects=message.kind == TO_CORRECT_AT_BNSP,
        has_value="kompeten" in (payload or {}),
        refused=message.error.startswith(REFUSED) and message.done_at is None,
        case_id=found[1],
        case_name=found[2],
        report=message.kind in REPORTS,
    )


def _heading(
    config: Config, message: OutboxMessage, payload: dict[str, Any] | None
) -> tuple[str, str]:
    """What a row is called in the list, and to whom it goes."""
    if payload is None:
        return f"{words.call_of(message.kind)} (isi tidak dapat dibaca)", message.channel.label
    if message.channel is Channel.MAIL:
        to = str(payload.get("to", ""))
        if message.kind in words.TO_COMPLAINANT:
            to = words.COMPLAINANT
        sealed = words.SEALED_MAILS.get(message.kind)
        return sealed or _draw(config, message.kind, payload)[0], to
    return _call(message.kind, payload), message.channel.label


def _done_as(config: Config, message: OutboxMessage) -> str:
    if message.channel is Channel.MAIL and message.done_how == "sent" and not config.smtp_url:
        return words.WRITTEN
    if message.error.startswith(REPLACED):
        return words.SUPERSEDED
    return words.DONE.get(message.done_how, "selesai")


def _call(kind: str, payload: dict[str, Any]) -> str:
    more = payload.get("keterangan")
    return f"{words.call_of(kind)} – {more}" if more else words.call_of(kind)


def _draw(config: Config, kind: str, payload: dict[str, Any]) -> tuple[str, str]:
    """Subject and text of a mail as the worker would draw it."""
    context = dict(payload.get("context", {}))
    if (config.smtp_url or config.production) and context.get("token"):
        context["token"] = _HIDDEN
    in_force = lembaga.current_or_none()
    try:
        return mail.render(
            kind,
            {
                **context,
                "name": payload.get("name", ""),
                "base_url": config.base_url,
                "lembaga_name": in_force.name if in_force else "Lembaga Sertifikasi Profesi",
                "home_zone": in_force.zone if in_force else "",
            },
        )
    except (mail.MailProblem, TemplateNotFound, UndefinedError):
        return kind, "Isi e-mail ini tidak dapat digambar. Hubungi pengelola portal."


def _mail_text(config: Config, message: OutboxMessage, payload: dict[str, Any]) -> str:
    """The text; where mails are files, the file itself, because a sent row has forgotten its one-use link."""
    if not (config.smtp_url or config.production) and message.done_at is not None:
        for written in mail.read_mail_files(config.data_folder / mail.FOLDER, 200):
            if written.name.endswith(f"-{message.public_id}.eml"):
                return written.text
    return _draw(config, message.kind, payload)[1]


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
