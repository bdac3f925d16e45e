"""FR.IA.10: a third party is asked about an asesi by a link without an account, and answers once (forms 7.10).

What he says is rahasia: staff of the case read it, the asesi never does. What the asesor makes of it stands in
`third_party_judging`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload

from lsp import clock, ids
from lsp.actor import NOBODY, Actor
from lsp.database import db, write_transaction
from lsp.errors import DomainError
from lsp.models import FilledInstrument, OutboxMessage, Permohonan, ThirdParty
from lsp.models.inforce import form_template, setting
from lsp.models.queue import add, add_mail
from lsp.services import audit
from lsp.services.whatsapp import international
from lsp.vocabulary import Channel, InstrumentPaper, PermohonanStatus
from lsp.workflow.dossier import dossier_of

#: Code of the form's words.
WORDS = "fr_ia_10"
MAIL, REMINDER = "third_party_asked", "third_party_reminder"
_S = PermohonanStatus
#: While the asesor collects evidence: he asks, and an answer counts.
ASKED_IN = frozenset({_S.PRE_SCHEDULED, _S.READY, _S.SCHEDULED, _S.IN_ASSESSMENT})
#: Nobody needs an answer about these any more, so their links lead nowhere.
_OVER = frozenset({_S.REJECTED, _S.WITHDRAWN, _S.LAPSED, _S.DROPPED, _S.CLOSED_NOT_YET, _S.ISSUED})
#: Who has the page open when his link ends still sends what he has written.
_GRACE = timedelta(hours=24)
MOST_ASKED = 10
ANSWERED = "Pihak ketiga ini sudah menjawab. Jawabannya tidak dapat diubah."


class LinkDead(DomainError):
    """The link is unknown, too old, withdrawn or replaced: whoever has it is not told which."""

    def __init__(self) -> None:
        super().__init__("Tautan ini tidak berlaku lagi.")


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to be asked, and how he is reached."""

    name: str
    workplace: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


# --- Who may ask -------------------------------------------------------------------------------------------------


def asesor_of(permohonan: Permohonan) -> int | None:
    """The asesor of the present attempt's last seat that was not given back."""
    for seat in reversed(dossier_of(permohonan).bookings):
        if seat.attempt == permohonan.attempt and seat.cancelled_at is None:
            return seat.slot.asesor_id
    return None


def refusal(actor: Actor, permohonan: Permohonan) -> str | None:
    """Why this person does not ask or judge a third party now; None when he does."""
    if asesor_of(permohonan) != actor.id:
        return "Hanya asesor permohonan ini yang meminta dan menilai jawaban pihak ketiga."
    if permohonan.status not in ASKED_IN:
        return "Pihak ketiga dimintai jawaban sejak pra-asesmen dijadwalkan sampai rekomendasi dikirim."
    return None


def check_may(actor: Actor, permohonan: Permohonan) -> None:
    """Raise DomainError with the reason."""
    reason = refusal(actor, permohonan)
    if reason is not None:
        raise DomainError(reason)


def of_case(permohonan: Permohonan, *, every_attempt: bool = False) -> Sequence[ThirdParty]:
    """Everybody who was asked in the present attempt, or ever, in the order of asking."""
    asked = select(ThirdParty).where(ThirdParty.permohonan_id == permohonan.id)
    if not every_attempt:
        asked = asked.where(ThirdParty.attempt == permohonan.attempt)
    return db.session.scalars(
        asked.order_by(ThirdParty.id).options(joinedload(ThirdParty.by_phone))
    ).all()


def one(permohonan: Permohonan, public_id: str) -> ThirdParty | None:
    """One who was asked about this case."""
    return db.session.scalar(
        select(ThirdParty).where(
            ThirdParty.public_id == public_id, ThirdParty.permohonan_id == permohonan.id
        )
    )


def words_version() -> int:
    """Of the words in which a third party is asked from today on."""
    return form_template(WORDS).version_number


def suggestion(permohonan: Permohonan) -> Person:
    """What FR.APL.01 tells of the asesi's workplace; his superior is asked for by name."""
    form = dossier_of(permohonan).fr_apl_01
    if form is None:
        return Person("")
    newest = form.experiences[-1] if form.experiences else None
    return Person(
        "",
        workplace=form.institution or (newest.employer if newest else ""),
        address=form.office_address or (newest.location if newest else ""),
        phone=form.office_phone,
        email=form.office_email,
    )


# --- Asking ------------------------------------------------------------------------------------------------------


def invite(actor: Actor, permohonan: Permohonan, person: Person) -> tuple[ThirdParty, str]:
    """Ask a third party; returns the row and the token of his link, which is kept nowhere. Raises DomainError."""
    check_may(actor, permohonan)
    standing = of_case(permohonan)
    if len(standing) >= MOST_ASKED:
        raise DomainError(f"Paling banyak {MOST_ASKED} pihak ketiga dalam satu asesmen.")
    if any(_is_same(row, person) for row in standing if row.withdrawn_at is None):
        raise DomainError(
            f"{person.name} sudah diminta menjawab. Lihat di bawah; tautannya dapat dikirim ulang.",
            field="name",
        )
    if own := _is_asesi(permohonan, person):
        raise DomainError("Ini kontak asesi sendiri. Minta kontak pihak ketiga.", field=own)
    token = ids.secret_token()
    row = ThirdParty(
        permohonan_id=permohonan.id,
        attempt=permohonan.attempt,
        asesor_id=actor.id,
        name=person.name,
        workplace=person.workplace,
        address=person.address,
        phone=person.phone,
        email=person.email,
        token_digest=ids.digest(token),
        sent_at=clock.now(),
        expires_at=_end(),
        words_version=words_version(),
    )
    db.session.add(row)
    db.session.flush()
    _mail(row, permohonan, MAIL, token)
    audit.note(actor, "third_party.ask", "third_party", row.public_id)
    return row, token


def _is_asesi(permohonan: Permohonan, person: Person) -> str | None:
    """The field by which the link would reach the asesi himself; he names who is asked, and may name himself."""
    form = dossier_of(permohonan).fr_apl_01
    mails = {permohonan.asesi.email, form.email if form is not None else ""}
    if person.email and person.email.casefold() in {each.casefold() for each in mails}:
        return "email"
    mobile = international(form.phone_mobile or "") if form is not None else None
    return "phone" if mobile and international(person.phone) == mobile else None


def _is_same(row: ThirdParty, person: Person) -> bool:
    return row.name.casefold() == person.name.casefold()


def send_again(actor: Actor, row: ThirdParty) -> str:
    """A new link; every old one of this person is dead. Returns its token. Raises DomainError."""
    check_may(actor, row.permohonan)
    _check_waits(row)
    token = ids.secret_token()
    take_back_mails(row)
    row.token_digest, row.reminder_digest, row.reminded_at = ids.digest(token), None, None
    row.sent_at, row.expires_at = clock.now(), _end()
    db.session.flush()
    _mail(row, row.permohonan, MAIL, token)
    audit.note(actor, "third_party.send_again", "third_party", row.public_id)
    return token


def withdraw(actor: Actor, row: ThirdParty) -> None:
    """Nobody answers by his links any more. Raises DomainError once he has answered."""
    check_may(actor, row.permohonan)
    _check_waits(row)
    take_back_mails(row)
    row.withdrawn_at = clock.now()
    audit.note(actor, "third_party.withdraw", "third_party", row.public_id)


def _check_waits(row: ThirdParty) -> None:
    if row.answered_at is not None:
        raise DomainError(ANSWERED)
    if row.withdrawn_at is not None:
        raise DomainError("Permintaan ini sudah ditarik. Buat permintaan baru bila perlu.")
    if row.attempt != row.permohonan.attempt:
        raise DomainError("Permintaan ini milik asesmen yang lalu. Buat permintaan baru.")


def _end() -> datetime:
    return clock.now() + timedelta(days=int(setting("third_party_link_days")))


def _mail(row: ThirdParty, permohonan: Permohonan, kind: str, token: str) -> None:
    """Only where there is an address. Once the mail is out, the queue forgets the token (services/outbox.py)."""
    if not row.email:
        return
    add(
        Channel.MAIL,
        kind,
        dedupe=f"mail:{kind}:{row.public_id}:{ids.digest(token)[:24]}",
        payload={
            "to": row.email,
            "name": row.name,
            "context": {
                "token": token,
                "asesi": permohonan.asesi_name,
                "skema": permohonan.skema_version.title,
                "until": row.expires_at.astimezone(clock.WIB).date().isoformat(),
                "third_party": row.public_id,
            },
        },
        permohonan_id=permohonan.id,
    )


def take_back_mails(row: ThirdParty) -> None:
    """Mails of this person that have not gone yet are not sent, and keep no token."""
    waiting = db.session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.permohonan_id == row.permohonan_id,
            OutboxMessage.kind.in_((MAIL, REMINDER)),
            OutboxMessage.done_at.is_(None),
        )
    )
    for message in waiting:
        context = message.payload.get("context", {})
        if context.get("third_party") == row.public_id:
            message.done_at, message.done_how = clock.now(), "cancelled"
            message.lease_until = message.lease_token = None
            message.payload = message.payload | {"context": {**context, "token": ""}}


# --- The link ----------------------------------------------------------------------------------------------------


def by_token(token: str, *, writing: bool = False) -> ThirdParty:
    """Who is asked by this link, answered or not. Raises LinkDead for every link that leads nowhere.

    writing: his answer is to be kept, locked, and for a day longer than the link shows the questions.
    """
    digest = ids.digest(token)
    query = (
        select(ThirdParty)
        .where(or_(ThirdParty.token_digest == digest, ThirdParty.reminder_digest == digest))
        .options(joinedload(ThirdParty.permohonan).joinedload(Permohonan.skema_version))
    )
    row = db.session.scalar(query.with_for_update(of=ThirdParty) if writing else query)
    if row is None or row.withdrawn_at is not None:
        raise LinkDead
    if row.answered_at is not None:
        return row
    late = _GRACE if writing and row.opened_at is not None else timedelta()
    case = row.permohonan
    if row.expires_at + late <= clock.now() or case.status in _OVER or case.attempt != row.attempt:
        raise LinkDead
    return row


def is_wanted(token: str) -> bool:
    """Whether a link still asks for an answer."""
    try:
        return by_token(token).answered_at is None
    except LinkDead:
        return False


def note_opened(row: ThirdParty) -> None:
    """A link was followed, by a person or by his mail server's scanner; written once."""
    db.session.execute(
        update(ThirdParty)
        .where(ThirdParty.id == row.id, ThirdParty.opened_at.is_(None))
        .values(opened_at=clock.now())
    )


def answer(row: ThirdParty, said: dict[str, Any]) -> bool:
    """Keep what the third party wrote. False, and nothing changed, when he had answered already."""
    if row.answered_at is not None:
        return False
    _keep(row, said)
    audit.note(NOBODY, "third_party.answer", "third_party", row.public_id, late=row.late)
    _tell_asesor(row, "third_party_answered")
    return True


def answer_by_phone(actor: Actor, row: ThirdParty, said: dict[str, Any]) -> None:
    """The asesor asked by telephone and wrote the answers down. His links are dead. Raises DomainError."""
    check_may(actor, row.permohonan)
    _check_waits(row)
    take_back_mails(row)
    row.by_phone_id = actor.id
    _keep(row, said)
    audit.note(actor, "third_party.by_phone", "third_party", row.public_id)


def _keep(row: ThirdParty, said: dict[str, Any]) -> None:
    row.said, row.answered_at = said, clock.now()
    row.late = row.permohonan.status not in ASKED_IN
    if not row.late:
        _reopen(row)
    db.session.flush()


def _reopen(row: ThirdParty) -> None:
    """What was concluded before he answered is concluded anew, with his letter; what was sent stays as it was."""
    db.session.execute(
        update(FilledInstrument)
        .where(
            FilledInstrument.permohonan_id == row.permohonan_id,
            FilledInstrument.attempt == row.attempt,
            FilledInstrument.paper == InstrumentPaper.VPK,
            FilledInstrument.frozen_at.is_(None),
        )
        .values(finished_at=None)
    )


# --- Clock -------------------------------------------------------------------------------------------------------


def remind() -> int:
    """Remind, once, those who have not answered for some days; whom no mail reaches, his asesor is told of."""
    since = clock.now() - timedelta(days=int(setting("third_party_reminder_days")))
    due = db.session.scalars(
        select(ThirdParty.id)
        .join(Permohonan, Permohonan.id == ThirdParty.permohonan_id)
        .where(
            ThirdParty.answered_at.is_(None),
            ThirdParty.withdrawn_at.is_(None),
            ThirdParty.reminded_at.is_(None),
            ThirdParty.sent_at <= since,
            ThirdParty.expires_at > clock.now(),
            ThirdParty.attempt == Permohonan.attempt,
            Permohonan.status.in_(ASKED_IN),
        )
    ).all()
    db.session.rollback()
    return sum(_remind(row_id) for row_id in due)


def _remind(row_id: int) -> bool:
    with write_transaction():
        row = db.session.get_one(ThirdParty, row_id, with_for_update=True)
        if row.answered_at or row.withdrawn_at or row.reminded_at:
            return False
        row.reminded_at = clock.now()
        if row.email:
            token = ids.secret_token()
            row.reminder_digest = ids.digest(token)
            _mail(row, row.permohonan, REMINDER, token)
        else:
            _tell_asesor(row, "third_party_silent")
        return True


def _tell_asesor(row: ThirdParty, template: str) -> None:
    """Without a word of what was said, and without the third party's name: mail lies about."""
    add_mail(
        row.asesor,
        template,
        dedupe=f"{row.public_id}:{row.sent_at}",
        permohonan_id=row.permohonan_id,
        asesi=row.permohonan.asesi_name,
        permohonan=row.permohonan.public_id,
    )
