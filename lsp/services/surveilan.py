"""A surveilan in its holder's hands: his form, the files with it, the superior he names, and sending it once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lsp import clock, ids
from lsp.actor import NOBODY, Actor
from lsp.database import db, is_writing
from lsp.errors import DomainError
from lsp.models import (
    Certificate,
    Document,
    FormTemplate,
    OutboxMessage,
    Permohonan,
    Surveilan,
    SurveilanFile,
    SurveilanLetter,
    SurveilanReport,
)
from lsp.models.inforce import form_template, setting
from lsp.models.queue import add
from lsp.services import audit, documents
from lsp.services.documents import Received
from lsp.services.signing import check_typed_name
from lsp.vocabulary import FILLED_BY_HOLDER, OPEN_SURVEILAN, Channel
from lsp.workflow.surveilan import SURVEILAN, is_alive, report_of

WORDS, PURPOSE = "surveilan", "surveilan"
LETTER_MAIL = "surveilan_superior"
MOST_FILES, MOST_LETTERS = 10, 3
CLOSED = "Isian surveilan ini sudah dikirim, jadi tidak dapat diubah."


def find(public_id: str) -> Any:
    """A surveilan with all that its pages show; locked while writing."""
    query = (
        select(Surveilan)
        .where(Surveilan.public_id == public_id)
        .options(
            joinedload(Surveilan.certificate),
            joinedload(Surveilan.asesor),
            joinedload(Surveilan.permohonan).joinedload(Permohonan.asesi),
            selectinload(Surveilan.reports),
            selectinload(Surveilan.verdicts),
            selectinload(Surveilan.letters),
            selectinload(Surveilan.files),
        )
    )
    return query.with_for_update(of=Surveilan) if is_writing() else query


def of_certificates(certificate_ids: Sequence[int]) -> Sequence[Surveilan]:
    """Every surveilan of these certificates in the order of their days; one query."""
    return db.session.scalars(
        select(Surveilan)
        .where(Surveilan.certificate_id.in_(certificate_ids))
        .order_by(Surveilan.due_on, Surveilan.id)
    ).all()


def waiting_for(permohonan: Permohonan) -> Surveilan | None:
    """The task that its holder has to fill now, of a case whose certificate was issued."""
    return db.session.scalar(
        select(Surveilan).where(
            Surveilan.permohonan_id == permohonan.id, Surveilan.status.in_(FILLED_BY_HOLDER)
        )
    )


def words_of(case: Surveilan) -> FormTemplate:
    """The words this attempt was filled with; those in force where nothing was written yet."""
    report = report_of(case)
    return form_template(WORDS, version=report.words_version if report is not None else None)


def may_fill(case: Surveilan) -> bool:
    return case.status in FILLED_BY_HOLDER and is_alive(case.certificate)


def body_of(case: Surveilan) -> dict[str, Any]:
    """What stands in the form: what was written, else what was sent the first time."""
    report = report_of(case)
    if report is not None:
        return dict(report.body)
    return dict(case.reports[-1].body) if case.reports else {}


def save(actor: Actor, case: Surveilan, body: dict[str, Any]) -> SurveilanReport:
    """Keep what stands in the form, whole or not. Raises DomainError once it was sent."""
    if not may_fill(case):
        raise DomainError(CLOSED)
    report = report_of(case)
    if report is None:
        report = SurveilanReport(
            surveilan_id=case.id, attempt=case.attempt, words_version=words_of(case).version_number
        )
        case.reports.append(report)
    report.body, report.saved_at = body, clock.now()
    db.session.flush()
    return report


def lacking(words: dict[str, Any], body: dict[str, Any]) -> dict[str, str]:
    """What must still be written before it is sent: control → sentence."""
    missing: dict[str, str] = {}
    for number, question in enumerate(words["questions"], 1):
        key, value = question["key"], body.get(question["key"], "")
        needed = not question.get("optional") or body.get(question.get("needed_if", "")) == "ya"
        if needed and not value:
            ask = "pilih Ya atau Tidak" if question["kind"] == "yes_no" else "belum dijawab"
            missing[key] = f"No. {number}: {ask}."
    if body.get("bekerja") == "ya" and not body.get("logbook"):
        missing["logbook-0-proyek"] = "Logbook: tulis sedikitnya satu pekerjaan."
    return missing


def send(actor: Actor, case: Surveilan, *, typed_name: str, agreed: bool, version: int) -> None:
    """Sign and send it, once. Raises DomainError."""
    words, report = words_of(case), report_of(case)
    if not may_fill(case):
        raise DomainError(CLOSED)
    if report is None or lacking(words.body, report.body):
        raise DomainError("Isian belum lengkap. Lengkapi dulu, lalu kirim.")
    if not agreed:
        raise DomainError("Centang pernyataannya, baru isian dapat dikirim.", field="agreed")
    check_typed_name(typed_name, case.certificate.holder_name)
    # In one write: from the moment it is sent, the database keeps it as it is.
    with db.session.no_autoflush:
        report.signed_name, report.sent_at = case.certificate.holder_name, clock.now()
        report.digest = digest_of(words, report, files_of(case))
    db.session.flush()
    SURVEILAN.perform(case, "send", actor, version=version, digest=report.digest)


def digest_of(words: FormTemplate, report: SurveilanReport, files: Sequence[Document]) -> str:
    """SHA-256 of what was signed: the statement with the body, and the files by their own hashes."""
    signed = {
        "statement": words.body["statement"], "words": words.version_number, "body": report.body,
        "files": [each.sha256 for each in files], "name": report.signed_name,
    }  # fmt: skip
    text = json.dumps(signed, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


# --- Files -------------------------------------------------------------------------------------------------------


def files_of(case: Surveilan, attempt: int = 0) -> list[Document]:
    """Files of an attempt (the present one when 0) that were not taken back."""
    wanted = attempt or case.attempt
    return [
        each.document
        for each in case.files
        if each.attempt == wanted and each.document.replaced_at is None
    ]


def attach(actor: Actor, case: Surveilan, received: Received, label: str) -> Document:
    """Raises DomainError when the form was sent, or holds enough."""
    if not may_fill(case):
        raise DomainError(CLOSED)
    if len(files_of(case)) >= MOST_FILES:
        raise DomainError(f"Paling banyak {MOST_FILES} berkas. Hapus salah satu dulu.")
    document = documents.attach(
        actor, case.permohonan, received, requirement=None, purpose=PURPOSE, label=label
    )
    case.files.append(
        SurveilanFile(surveilan_id=case.id, attempt=case.attempt, document_id=document.id)
    )
    db.session.flush()
    return document


def remove_file(actor: Actor, case: Surveilan, document_id: str) -> bool:
    """Take a file back before it is sent; False where this attempt has none of that name. Raises DomainError."""
    if not may_fill(case):
        raise DomainError(CLOSED)
    found = next((each for each in files_of(case) if each.public_id == document_id), None)
    if found is not None:
        documents.remove(actor, found)
    return found is not None


# --- A superior, asked by a link ---------------------------------------------------------------------------------


class LinkDead(DomainError):
    """The link is unknown, too old, or withdrawn: whoever has it is not told which."""

    def __init__(self) -> None:
        super().__init__("Tautan ini tidak berlaku lagi.")


@dataclass(frozen=True, slots=True)
class Superior:
    """Who is to confirm. Without e-mail nobody writes to him: the asesor telephones."""

    name: str
    position: str
    phone: str
    email: str = ""


def letters_of(case: Surveilan) -> list[SurveilanLetter]:
    return [each for each in case.letters if each.withdrawn_at is None]


def name_superior(actor: Actor, case: Surveilan, person: Superior) -> SurveilanLetter:
    """The holder names a superior; the portal mails him a link that the holder never sees. Raises DomainError."""
    if not may_fill(case):
        raise DomainError(CLOSED)
    standing = letters_of(case)
    if len(standing) >= MOST_LETTERS:
        raise DomainError(f"Paling banyak {MOST_LETTERS} atasan.")
    if person.email and person.email.casefold() == case.permohonan.asesi.email.casefold():
        raise DomainError("Ini e-mail Anda sendiri. Tulis e-mail atasan Anda.", field="email")
    if person.email and any(each.email.casefold() == person.email.casefold() for each in standing):
        raise DomainError("Atasan dengan e-mail ini sudah diminta.", field="email")
    token = ids.secret_token()
    row = SurveilanLetter(
        surveilan_id=case.id,
        name=person.name,
        position=person.position,
        phone=person.phone,
        email=person.email,
        token_digest=ids.digest(token),
        expires_at=clock.now() + timedelta(days=int(setting("surveilan_link_days"))),
        words_version=words_of(case).version_number,
    )
    case.letters.append(row)
    db.session.flush()
    if person.email:
        _mail_superior(case, row, token)
    audit.note(actor, "surveilan.ask_superior", "surveilan", case.public_id)
    return row


def _mail_superior(case: Surveilan, row: SurveilanLetter, token: str) -> None:
    """Once the mail is out, the queue forgets the token (services/outbox.py)."""
    add(
        Channel.MAIL,
        LETTER_MAIL,
        dedupe=f"mail:{LETTER_MAIL}:{row.public_id}",
        payload={
            "to": row.email,
            "name": row.name,
            "context": {
                "token": token,
                "holder": case.certificate.holder_name,
                "skema": case.certificate.jabatan_kerja,
                "until": row.expires_at.astimezone(clock.WIB).date().isoformat(),
                "letter": row.public_id,
            },
        },
        permohonan_id=case.permohonan_id,
    )


def withdraw_letter(actor: Actor, case: Surveilan, letter_id: str) -> bool:
    """Ask him no more; a mail that waits is not sent. False where nobody of that name waits. Raises DomainError."""
    if not may_fill(case):
        raise DomainError(CLOSED)
    row = next((each for each in letters_of(case) if each.public_id == letter_id), None)
    if row is None:
        return False
    if row.answered_at is not None:
        raise DomainError("Atasan ini sudah menjawab. Jawabannya tetap.")
    row.withdrawn_at = clock.now()
    for message in db.session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.dedupe == f"mail:{LETTER_MAIL}:{row.public_id}",
            OutboxMessage.done_at.is_(None),
        )
    ):
        message.done_at, message.done_how = clock.now(), "cancelled"
        message.lease_until = message.lease_token = None
        context = message.payload.get("context", {})
        message.payload = message.payload | {"context": {**context, "token": ""}}
    audit.note(actor, "surveilan.withdraw_superior", "surveilan", case.public_id)
    return True


def letter_by_token(token: str, *, writing: bool = False) -> SurveilanLetter:
    """Who is asked by this link, answered or not. Raises LinkDead for every link that leads nowhere."""
    query = (
        select(SurveilanLetter)
        .where(SurveilanLetter.token_digest == ids.digest(token))
        .options(joinedload(SurveilanLetter.surveilan).joinedload(Surveilan.certificate))
    )
    row = db.session.scalar(query.with_for_update(of=SurveilanLetter) if writing else query)
    if row is None or row.withdrawn_at is not None:
        raise LinkDead
    over = row.expires_at <= clock.now() or row.surveilan.status not in OPEN_SURVEILAN
    if row.answered_at is None and over:
        raise LinkDead
    return row


def answer_letter(row: SurveilanLetter, said: dict[str, Any]) -> bool:
    """Keep what he wrote. False, and nothing changed, when he had answered already."""
    if row.answered_at is not None:
        return False
    row.said, row.answered_at = said, clock.now()
    db.session.flush()
    audit.note(NOBODY, "surveilan.superior_answers", "surveilan", row.surveilan.public_id)
    return True


def certificates_of(asesi_id: int) -> Sequence[Certificate]:
    """Every certificate of a person, the newest first; one query."""
    return db.session.scalars(
        select(Certificate)
        .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
        .where(Permohonan.asesi_id == asesi_id)
        .order_by(Certificate.valid_from.desc(), Certificate.id.desc())
        .options(joinedload(Certificate.permohonan))
    ).all()
