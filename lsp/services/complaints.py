"""Keluhan from outside: taken in from anybody, and followed by its receipt with the contact that was left."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lsp import clock
from lsp.actor import NOBODY
from lsp.database import db
from lsp.models import Complaint, ComplaintEvent
from lsp.models.numbers import take_number
from lsp.services import audit
from lsp.services.whatsapp import international
from lsp.vocabulary import ComplaintStatus
from lsp.workflow import complaint as workflow

RECEIPT_SERIES = "keluhan"
#: What became of a keluhan, for who made it; of a note of his own there are words beside.
TOLD_WORDS = {
    "received": "Keluhan diterima",
    "register": "Keluhan didaftarkan dan mulai ditangani",
    "assign": "Pemeriksa ditunjuk: orang yang tidak terlibat dalam hal yang dikeluhkan",
    "tell": "Kabar dari LSP",
    "close": "Keluhan ditutup dengan surat",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody complains of. sent_key: of the form, so that a second press makes no second keluhan."""

    sent_key: str
    name: str
    contact: str
    relation: str
    about: str
    body: str
    certificate_number: str = ""


def take_in(told: Told) -> Complaint:
    """Keep a keluhan, give it its receipt and its clocks, and write to who made it and to the office."""
    known = by_key(told.sent_key)
    if known is not None:
        return known
    made = Complaint(
        receipt=take_number(RECEIPT_SERIES).text,
        status_at=clock.now(),
        sent_key=told.sent_key,
        name=told.name,
        contact=told.contact,
        relation=told.relation,
        about=told.about,
        body=told.body,
        certificate_number=told.certificate_number,
        register_due=workflow.due_after("complaint_register_working_days"),
        close_due=workflow.due_after("complaint_close_working_days"),
    )
    db.session.add(made)
    db.session.flush()
    step = ComplaintStatus.RECEIVED.value
    db.session.add(ComplaintEvent(complaint_id=made.id, at=clock.now(), step=step, told=True))
    workflow.tell_complainant(made, "complaint_received")
    workflow.tell_office(made)
    audit.note(NOBODY, "complaint.receive", "complaint", made.public_id)
    return made


def by_key(sent_key: str) -> Complaint | None:
    """The keluhan that came by this form already."""
    return db.session.scalar(select(Complaint).where(Complaint.sent_key == sent_key))


def followed(receipt: str, contact: str) -> Complaint | None:
    """The keluhan of this receipt, for who knows the contact that was left with it; else None, whatever is wrong."""
    found = db.session.scalar(
        select(Complaint)
        .where(Complaint.receipt == receipt.strip().upper())
        .options(selectinload(Complaint.events))
    )
    kept = _plain(found.contact if found is not None else "-")
    same = hmac.compare_digest(kept.encode(), _plain(contact).encode())
    return (
        found if same and kept else None
    )  # of dashes alone nothing is left, and anything would be the same


def _plain(contact: str) -> str:
    """Case and spaces of an address, and the ways in which a number is written, do not count."""
    text = re.sub(r"\s", "", contact).lower()
    return text if "@" in text else international(text) or re.sub(r"\D", "", text)


def told_events(case: Complaint) -> Sequence[ComplaintEvent]:
    """What its complainant may read, newest first."""
    return [each for each in reversed(case.events) if each.told]
