"""Data of FR.APL.01 confirmed field by field in the pre-assessment (process 7, point 5).

A field that does not fit changes nothing by itself: it becomes work of the admin, who says what he did about it.
It bars no step of the workflow; the page of the meeting names it while it is not done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lsp import clock, crypto
from lsp.actor import Actor
from lsp.database import db, read_once
from lsp.errors import DomainError
from lsp.models import DataConfirmation, Permohonan
from lsp.services import audit
from lsp.services.assessment import is_reviewable
from lsp.services.fr_ak_02 import own_meeting
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.machine import check_reason

LONGEST = 500
#: What is read out and confirmed, in the order of FR.APL.01.
FIELDS = {
    "full_name": "Nama lengkap",
    "number": "NIK atau nomor paspor",
    "birth": "Tempat, tanggal lahir",
    "address": "Alamat",
    "education": "Pendidikan",
    "work": "Pekerjaan sekarang",
    "jabatan": "Jabatan kerja yang diajukan",
    "jenjang": "Jenjang",
    "skema": "Skema sertifikasi",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the asesi said of one field."""

    fits: bool
    note: str = ""


def confirmations(permohonan: Permohonan) -> dict[str, DataConfirmation]:
    """By field, for the present attempt; one whose value has changed since is left out and asked again."""
    digests = _digests(permohonan)
    rows = _all(permohonan).items()
    return {name: row for name, row in rows if digests.get(name) == row.value_digest}


def confirm(actor: Actor, permohonan: Permohonan, answers: Mapping[str, Answer]) -> None:
    """Store what the asesi said. Raises DomainError for a field that does not fit without saying why."""
    booking = _meeting(actor, permohonan)
    silent = [name for name, each in answers.items() if not each.fits and not each.note.strip()]
    if silent:
        raise DomainError(f"Tulis apa yang tidak sesuai: {', '.join(label(n) for n in silent)}.")
    digests, standing = _digests(permohonan), _all(permohonan)
    now, changed = clock.now(), 0
    for name, answer in answers.items():
        note, row = "" if answer.fits else answer.note.strip(), standing.get(name)
        if row is not None and (row.fits, row.note, row.value_digest) == (
            answer.fits, note, digests[name],
        ):  # fmt: skip
            continue
        if row is None:
            row = DataConfirmation(
                permohonan_id=permohonan.id, attempt=permohonan.attempt, field=name
            )
            db.session.add(row)
        row.fits, row.note, row.value_digest = answer.fits, note, digests[name]
        row.booking_id, row.confirmed_at, row.confirmed_by_id = booking, now, actor.id or 0
        row.resolved_at, row.resolved_by_id, row.resolution = None, None, ""
        changed += 1
    if changed:
        _note(actor, permohonan, "data.confirm", fields=changed)
    db.session.flush()


def take_back(actor: Actor, permohonan: Permohonan, fields: Sequence[str]) -> int:
    """Undo confirmations just made, of fields that fit; how many there were."""
    _meeting(actor, permohonan)
    gone = 0
    for name, row in _all(permohonan).items():
        if name in fields and row.fits and row.confirmed_by_id == actor.id:
            db.session.delete(row)
            gone += 1
    if gone:
        _note(actor, permohonan, "data.take_back", fields=gone)
    db.session.flush()
    return gone


# --- What the admin does with it ---------------------------------------------------------------------------------


def unfit(permohonan: Permohonan) -> list[DataConfirmation]:
    """Fields that did not fit, in any attempt, dealt with or not; oldest first."""
    return list(
        db.session.scalars(
            select(DataConfirmation)
            .where(
                DataConfirmation.permohonan_id == permohonan.id,
                DataConfirmation.fits.is_(False),
            )
            .order_by(DataConfirmation.id)
        )
    )


def resolve(actor: Actor, permohonan: Permohonan, *, note: str) -> int:
    """The admin dealt with what did not fit, and says how. Raises DomainError without a word of it."""
    check_reason(note, what="apa yang sudah dilakukan,")
    open_rows = [row for row in unfit(permohonan) if row.resolved_at is None]
    for row in open_rows:
        row.resolved_at, row.resolved_by_id = clock.now(), actor.id
        row.resolution = note.strip()
    if open_rows:
        audit.note(
            actor, "data.resolve", "permohonan", permohonan.public_id, role=Role.ADMIN,
            fields=len(open_rows),
        )  # fmt: skip
    db.session.flush()
    return len(open_rows)


def label(name: str) -> str:
    return FIELDS.get(name, name)


def _meeting(actor: Actor, permohonan: Permohonan) -> int:
    booking = own_meeting(actor, permohonan)
    if not is_reviewable(permohonan):
        raise DomainError("Data dikonfirmasi dalam rapat pra-asesmen.")
    return booking.id


def _all(permohonan: Permohonan) -> dict[str, DataConfirmation]:
    return read_once("data_confirmations", permohonan.id, lambda: _read_all(permohonan))


def _read_all(permohonan: Permohonan) -> dict[str, DataConfirmation]:
    rows = db.session.scalars(
        select(DataConfirmation).where(
            DataConfirmation.permohonan_id == permohonan.id,
            DataConfirmation.attempt == permohonan.attempt,
        )
    )
    return {row.field: row for row in rows}


def _digests(permohonan: Permohonan) -> dict[str, str]:
    """A keyed digest of each value, so that what was read out is not stored a second time."""
    form, version = dossier_of(permohonan).fr_apl_01, permohonan.skema_version
    values: dict[str, list[object]] = {
        "jabatan": [version.title],
        "jenjang": [version.jenjang],
        "skema": [version.id],
    }
    if form is not None:
        values |= {
            "full_name": [form.full_name],
            "number": [form.nik, form.nationality],
            "birth": [form.birth_place, form.birth_date],
            "address": [form.address, form.city_code, form.postcode],
            "education": [form.education, form.school, form.study_programme],
            "work": [form.institution, form.position],
        }
    ring = crypto.keyring()
    return {
        name: ring.blind_index(repr(parts), context=f"data_confirmation.{name}")
        for name, parts in values.items()
    }


def _note(actor: Actor, permohonan: Permohonan, action: str, *, fields: int) -> None:
    audit.note(actor, action, "permohonan", permohonan.public_id, role=Role.ASESOR, fields=fields)
