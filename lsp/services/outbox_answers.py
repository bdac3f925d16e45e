"""A row that a person works off at SIKI or BNSP: what comes before it, the answer, a refusal, opening it again.

The answer and the row's being done commit together; where a step of the workflow is the answer (LPJK's number), that
step marks the row itself. Each word is a row of `outbox_answer`, never rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import defer, joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AuditEvent, Jadwal, OutboxAnswer, OutboxMessage, Permohonan
from lsp.models.inforce import setting
from lsp.models.outbox_answer import REFUSED, mark_done, note_word
from lsp.models.queue import BLANKO, PENCATATAN
from lsp.services import audit, certificates, outbox
from lsp.services.outbox_words import call_of
from lsp.services.to_send import STEPS, step_of
from lsp.vocabulary import Channel, Role
from lsp.workflow.machine import check_reason

BY_HAND = (Channel.SIKI, Channel.BNSP)
_SEEN = "nik.reveal"
#: Letters stand outside the order of the calls; how their kinds begin.
_LETTER = "surat "


@dataclass(frozen=True, slots=True)
class Asked:
    """A value that the other system answers with. hint: what it looks like; required: the row is not done without."""

    name: str
    label: str
    hint: str = ""
    required: bool = True
    longest: int = 60


#: What the answer to a kind of row holds; a kind that is not here is answered by having been done.
ANSWERS: Mapping[str, tuple[Asked, ...]] = {
    "jadwal": (
        Asked("id_jadwal", "ID jadwal di BNSP", "Angka atau kode yang tampil setelah jadwal disimpan.", longest=40),
        Asked("kode_jadwal", "Kode jadwal", "Contoh: BNSP.UJKK.202209277909"),
    ),
    "jadwal/peserta": (Asked("id_peserta", "ID peserta di BNSP", longest=40),),
}  # fmt: skip
#: Answered by a step of the case, on this page or on that of its numbers.
BY_STEP = (BLANKO, PENCATATAN)


def earlier_open(message: OutboxMessage, jadwal: Jadwal | None) -> OutboxMessage | None:
    """The first row that is to be done before this one: both systems take the steps of a case in their order only.

    Rows are written in that order, so it is the oldest open one of the same case there; before a row of a case at BNSP
    also the two of its jadwal.
    """
    if (
        message.kind.startswith(_LETTER)
        or message.channel not in BY_HAND
        or message.done_at is not None
    ):
        return None
    same = []
    if message.permohonan_id is not None:
        same.append(OutboxMessage.permohonan_id == message.permohonan_id)
    if message.channel is Channel.BNSP and jadwal is not None:
        keys = [f"bnsp:{kind}:{jadwal.public_id}" for kind in ("jadwal", "jadwal/confirm")]
        same.append(OutboxMessage.dedupe.in_(keys))
    if not same:
        return None
    return db.session.scalar(
        select(OutboxMessage)
        .options(defer(OutboxMessage.payload))
        .where(
            OutboxMessage.channel == message.channel,
            OutboxMessage.done_at.is_(None),
            OutboxMessage.kind.not_like(f"{_LETTER}%"),
            OutboxMessage.id < message.id,
            or_(*same),
        )
        .order_by(OutboxMessage.id)
        .limit(1)
    )


def earlier_statuses(message: OutboxMessage) -> list[OutboxMessage]:
    """What SIKI was told of the case before. It refuses with the code that it holds, and what lacks is done again."""
    if message.channel is not Channel.SIKI or not message.error.startswith(REFUSED):
        return []
    return list(
        db.session.scalars(
            select(OutboxMessage)
            .options(defer(OutboxMessage.payload))
            .where(
                OutboxMessage.permohonan_id == message.permohonan_id,
                OutboxMessage.channel == Channel.SIKI,
                OutboxMessage.kind.startswith("status "),
                OutboxMessage.id < message.id,
                OutboxMessage.done_how.in_(("by_hand", "sent")),
            )
            .order_by(OutboxMessage.id)
        )
    )


def answer(
    actor: Actor,
    message: OutboxMessage,
    jadwal: Jadwal | None,
    values: Mapping[str, Any],
    *,
    note: str = "",
) -> None:
    """It was done there, with this answer. Raises DomainError when it is done, or an earlier row is still open.

    note: of a report to LPJK with gaps, why it went so.
    """
    _must_be_open(message)
    _in_order(message, jadwal)
    if message.kind in BY_STEP:
        raise DomainError("Kiriman ini selesai sendiri setelah nomornya dicatat.")
    kept = _kept(message.kind, values)
    told = outbox.keep_reason_for_gaps(message, actor, note)
    mark_done(message, actor.id)
    note_word(message, actor.id, "done", note=note, **kept)
    _write_code(message, jadwal, kept)
    audit.note(
        actor, "outbox.by_hand", "outbox_message", message.public_id, kind=message.kind, **told
    )


def record_lpjk(
    actor: Actor,
    message: OutboxMessage,
    permohonan: Permohonan,
    *,
    number: str,
    qr: str,
    version: int,
) -> None:
    """LPJK's answer to `pencatatan-skk`: the step `record` of the case, which marks this row done itself."""
    _must_be_open(message)
    _in_order(message, None)
    certificates.record_lpjk(actor, permohonan, number=number, qr=qr, version=version)
    audit.note(actor, "outbox.by_hand", "outbox_message", message.public_id, kind=message.kind)


def refuse(actor: Actor, message: OutboxMessage, words: str) -> None:
    """The other system refused it, in these words. The row waits as failed; the same or another person tries again."""
    _must_be_open(message)
    if message.kind == BLANKO:
        raise DomainError("Penolakan blangko dicatat di halaman nomor permohonan ini.")
    check_reason(words)
    message.error = f"{REFUSED}: {message.channel.value}"
    note_word(message, actor.id, "refused", note=words)
    audit.note(actor, "outbox.refused", "outbox_message", message.public_id, kind=message.kind)


def correct(
    actor: Actor,
    message: OutboxMessage,
    jadwal: Jadwal | None,
    values: Mapping[str, Any],
    *,
    reason: str,
) -> None:
    """Repair an answer that was typed wrong; the old one stays in the history. Raises DomainError."""
    if message.done_at is None or message.kind not in ANSWERS:
        raise DomainError("Kiriman ini tidak punya jawaban yang dapat dibetulkan.")
    check_reason(reason)
    kept, standing = _kept(message.kind, values), standing_answer(history(message))
    if kept == standing:
        raise DomainError("Belum ada jawaban yang Anda ubah.")
    note_word(message, actor.id, "corrected", note=reason, **kept)
    _write_code(message, jadwal, kept)
    audit.note(actor, "outbox.corrected", "outbox_message", message.public_id, kind=message.kind)


def why_not_reopened(message: OutboxMessage, words: Sequence[OutboxAnswer]) -> str | None:
    """None while a row that was marked by mistake may be opened again."""
    if message.done_at is None or message.done_how != "by_hand":
        return "Kiriman ini tidak ditandai selesai oleh seseorang."
    if message.kind in BY_STEP:
        return (
            "Nomornya sudah tercatat. Bila salah ketik, betulkan di halaman nomor permohonan ini."
        )
    if standing_answer(words):
        return "Jawabannya sudah tercatat. Bila salah ketik, betulkan jawabannya."
    if clock.now() > reopen_until(message.done_at):
        return "Waktu untuk membukanya lagi sudah lewat."
    return None


def reopen_until(done_at: datetime) -> datetime:
    return done_at + timedelta(hours=int(setting("outbox_reopen_hours")))


def reopen(actor: Actor, message: OutboxMessage, reason: str) -> None:
    """It was marked done by mistake: it waits again. Raises DomainError."""
    refusal = why_not_reopened(message, history(message))
    if refusal is not None:
        raise DomainError(refusal)
    check_reason(reason)
    message.done_at = message.done_by_id = None
    message.done_how = ""
    note_word(message, actor.id, "reopened", note=reason)
    audit.note(actor, "outbox.reopened", "outbox_message", message.public_id, kind=message.kind)


def history(message: OutboxMessage) -> list[OutboxAnswer]:
    """What was said about the row, oldest first."""
    return list(
        db.session.scalars(
            select(OutboxAnswer)
            .where(OutboxAnswer.message_id == message.id)
            .order_by(OutboxAnswer.id)
            .options(joinedload(OutboxAnswer.by))
        )
    )


def standing_answer(words: Sequence[OutboxAnswer]) -> dict[str, str]:
    """The newest answer that holds values; empty when there was none."""
    return next((dict(word.values) for word in reversed(words) if word.values), {})


def was_seen_today(actor: Actor, message: OutboxMessage, case_id: str) -> bool:
    """Whether this person's look at the NIK for that system stands in the chain for today (WIB)."""
    found = db.session.scalars(
        select(AuditEvent.details).where(
            AuditEvent.object_id == case_id,
            AuditEvent.actor_id == actor.id,
            AuditEvent.action == _SEEN,
            AuditEvent.at >= clock.day_begins(clock.today_wib()),
        )
    )
    return any(f"fill_{message.channel.value}" in details for details in found)


def note_sight(actor: Actor, message: OutboxMessage, case_id: str) -> None:
    """Seal that the whole NIK was shown for typing it in there. The caller commits."""
    audit.note(
        actor, _SEEN, "permohonan", case_id, role=Role.ADMIN, reason=f"fill_{message.channel.value}"
    )  # fmt: skip


def note_download(actor: Actor, message: OutboxMessage, files: int) -> None:
    audit.note(
        actor, "outbox.download", "outbox_message", message.public_id, kind=message.kind, count=files
    )  # fmt: skip


# --- Many in a row -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """Open rows of one kind. first: public id of the oldest one that was not refused; refused: how many were."""

    channel: Channel
    kind: str
    count: int
    refused: int
    oldest: datetime
    first: str
    #: Its place in the order of both systems (process 4.2); 0 for a letter or a correction.
    step: int

    @property
    def title(self) -> str:
        return call_of(self.kind)


def steps() -> list[Step]:
    """Both systems' waiting rows by kind, in the order of their steps. Two queries."""
    was_refused = OutboxMessage.error.startswith(REFUSED)
    found = db.session.execute(
        select(
            OutboxMessage.channel,
            OutboxMessage.kind,
            func.count(OutboxMessage.id),
            func.sum(case((was_refused, 1), else_=0)),
            func.min(OutboxMessage.created_at),
            func.coalesce(
                func.min(case((was_refused, None), else_=OutboxMessage.id)),
                func.min(OutboxMessage.id),
            ).label("first"),
        )
        .where(
            OutboxMessage.channel.in_(BY_HAND),
            OutboxMessage.done_at.is_(None),
            OutboxMessage.dead_at.is_(None),
        )
        .group_by(OutboxMessage.channel, OutboxMessage.kind)
        .order_by("first")
    ).all()
    names: dict[int, str] = {
        row.id: row.public_id
        for row in db.session.execute(
            select(OutboxMessage.id, OutboxMessage.public_id).where(
                OutboxMessage.id.in_([row[5] for row in found])
            )
        )
    }
    made = [
        Step(row[0], row[1], row[2], int(row[3] or 0), row[4], names[row[5]], step_of(row[1]))
        for row in found
    ]
    return sorted(made, key=lambda step: step.step or STEPS + 1)


def next_of_kind(message: OutboxMessage) -> str | None:
    """Public id of the next open row of the same kind, beginning anew after the last; None when none is left."""
    waiting = (
        select(OutboxMessage.public_id)
        .where(
            OutboxMessage.channel == message.channel,
            OutboxMessage.kind == message.kind,
            OutboxMessage.done_at.is_(None),
            OutboxMessage.error == "",
            OutboxMessage.id != message.id,
        )
        .order_by(case((OutboxMessage.id > message.id, 0), else_=1), OutboxMessage.id)
        .limit(1)
    )
    return db.session.scalar(waiting)


def _must_be_open(message: OutboxMessage) -> None:
    if message.channel not in BY_HAND:
        raise DomainError("Hanya kiriman ke SIKI dan BNSP yang dikerjakan sendiri.")
    if message.done_at is not None:
        raise DomainError("Kiriman ini sudah selesai. Tidak ada yang perlu dikerjakan lagi.")


def _in_order(message: OutboxMessage, jadwal: Jadwal | None) -> None:
    earlier = earlier_open(message, jadwal)
    if earlier is not None:
        raise DomainError(
            f"{message.channel.label} menerimanya menurut urutan. Kerjakan dulu “{call_of(earlier.kind)}”."
        )


def _kept(kind: str, values: Mapping[str, Any]) -> dict[str, str]:
    kept = {each.name: (values.get(each.name) or "").strip() for each in ANSWERS.get(kind, ())}
    for each in ANSWERS.get(kind, ()):
        if each.required and not kept[each.name]:
            raise DomainError(f"Isi {each.label}.", field=each.name)
        if len(kept[each.name]) > each.longest:
            raise DomainError(f"{each.label} paling panjang {each.longest} huruf.", field=each.name)
    return {name: value for name, value in kept.items() if value}


def _write_code(message: OutboxMessage, jadwal: Jadwal | None, kept: Mapping[str, Any]) -> None:
    """The code of a jadwal also stands on the jadwal itself, where people look for it."""
    if message.kind == "jadwal" and jadwal is not None and kept.get("kode_jadwal"):
        jadwal.bnsp_code = str(kept["kode_jadwal"])
        db.session.flush()
