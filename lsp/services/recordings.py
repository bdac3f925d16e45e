"""Recordings of remote meetings: kept as a link or a file, replaced with a reason, destroyed only after their time.

`MeetingRecord.recording_reference` says in words where the newest standing one lies: the guard of the pleno reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlsplit

from sqlalchemy import func, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.gateways.files import StoredFile
from lsp.models import Booking, Certificate, Document, Incident, MeetingRecording, Permohonan
from lsp.models.inforce import setting
from lsp.services import audit, linked_documents, meetings, recording_consent
from lsp.vocabulary import PermohonanStatus, RecordingKind
from lsp.vocabulary.dates import day_words
from lsp.workflow.effects.certificate import validity_end, validity_years
from lsp.workflow.guards.after_decision import appeal_window_open
from lsp.workflow.machine import check_reason

LONGEST_LINK = 500
#: What the record of a meeting holds.
_LONGEST_REFERENCE = 300
#: Purposes of the pictures of a meeting, and what they are called in the case.
SCREENSHOT, STILL = "screenshot", "identity_still"
PICTURES = {SCREENSHOT: "Tangkapan layar", STILL: "Foto pemeriksaan identitas"}
#: What stands among the incidents of a meeting when only the part until the withdrawal was kept.
UNTIL_WITHDRAWN = "Rekaman hanya sampai persetujuan ditarik"
NEVER_AGREED = (
    "Asesi belum menyetujui perekaman rapat ini, jadi rekamannya tidak boleh disimpan. Bila rapat ini terlanjur "
    "direkam, hapus rekamannya dan beri tahu admin LSP."
)
TOOK_BACK = (
    "Asesi menarik persetujuan perekaman di tengah rapat. Yang boleh disimpan hanya rekaman sampai saat itu. Potong "
    "rekamannya, lalu centang “Rekaman ini hanya sampai persetujuan ditarik”."
)
_WRONG_LINK = (
    "Tautan ini tidak dapat disimpan. Salin alamat rekaman di arsip LSP, utuh dan berawalan https://, tanpa nama "
    "pengguna atau kata sandi di dalamnya."
)


def of_bookings(booking_ids: Iterable[int]) -> dict[int, list[MeetingRecording]]:
    """Recordings by meeting, oldest first, with those that were replaced or destroyed."""
    found: dict[int, list[MeetingRecording]] = {}
    for row in db.session.scalars(
        select(MeetingRecording)
        .where(MeetingRecording.booking_id.in_(list(booking_ids)))
        .order_by(MeetingRecording.id)
    ):
        found.setdefault(row.booking_id, []).append(row)
    return found


def refuse_stranger(actor: Actor, booking: Booking) -> None:
    """Only the asesor of a meeting keeps its recording, and only of one that took place."""
    if booking.slot.asesor_id != actor.id:
        raise DomainError("Hanya asesor rapat ini yang dapat menyimpan rekamannya.")
    if booking.record is None or booking.record.started_at is None:
        raise DomainError("Rapat ini belum berlangsung, jadi belum ada rekamannya.")


def refuse_unwanted(booking: Booking, *, until_withdrawn: bool) -> None:
    """No recording without the asesi's consent, save the part from before he took it back, when it is called that."""
    if recording_consent.stands(booking):
        return
    if not recording_consent.was_withdrawn(booking):
        raise DomainError(NEVER_AGREED)
    if not until_withdrawn:
        raise DomainError(TOOK_BACK, field="part")


def personal_host(url: str) -> str:
    """The host of a link where people mostly keep their own things, by the LSP's list; empty for another."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    listed = [str(name).lower() for name in setting("personal_archive_hosts")]
    return host if any(host == name or host.endswith("." + name) for name in listed) else ""


def check_link(url: str) -> None:
    """Raises DomainError for what is no whole https address of an archive."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    if not host or len(url) > LONGEST_LINK or not linked_documents.is_of(url, frozenset({host})):
        raise DomainError(_WRONG_LINK)


def add_link(
    actor: Actor,
    booking: Booking,
    *,
    kind: RecordingKind,
    url: str,
    until_withdrawn: bool = False,
) -> MeetingRecording:
    """Keep where a recording lies in the LSP's archive. The same link twice is one recording."""
    refuse_stranger(actor, booking)
    refuse_unwanted(booking, until_withdrawn=until_withdrawn)
    check_link(url)
    for standing in of_bookings([booking.id]).get(booking.id, []):
        if standing.place == url and standing.stands:
            return standing
    return _add(actor, booking, kind=kind, place=url)


def add_file(
    actor: Actor,
    booking: Booking,
    stored: StoredFile,
    *,
    kind: RecordingKind,
    name: str,
    content_type: str,
    until_withdrawn: bool = False,
) -> MeetingRecording:
    """Record a file that lies in the store already."""
    refuse_stranger(actor, booking)
    refuse_unwanted(booking, until_withdrawn=until_withdrawn)
    return _add(
        actor,
        booking,
        kind=kind,
        original_name=name,
        content_type=content_type,
        size=stored.size,
        sha256=stored.sha256,
        storage_key=stored.key,
    )


def _add(actor: Actor, booking: Booking, **columns: object) -> MeetingRecording:
    row = MeetingRecording(
        booking_id=booking.id,
        stored_by_id=actor.id,
        keep_until=_keep_until(booking.permohonan),
        **columns,
    )
    db.session.add(row)
    db.session.flush()
    _say_where(booking)
    _note(actor, "meeting.recording", row, sha256=row.sha256)
    if not recording_consent.stands(booking):
        _note_the_part(actor, booking, row)
    return row


def _note_the_part(actor: Actor, booking: Booking, row: MeetingRecording) -> None:
    """Who reads the pack must not take a part for the whole."""
    db.session.add(
        Incident(
            booking_id=booking.id,
            at=clock.now(),
            kind=UNTIL_WITHDRAWN,
            stage=booking.permohonan.status.label,
            action=f"{words(row)}: menurut asesor, isinya berhenti saat asesi menarik persetujuannya.",
            recorded_by_id=row.stored_by_id,
        )
    )
    db.session.flush()


def _keep_until(permohonan: Permohonan) -> date:
    """The life of a certificate decided today, and the years the LSP adds to it; see `kept_until`."""
    return validity_end(
        clock.today_wib(),
        validity_years(permohonan) + int(setting("retention_recording_years")),
        0,
    )


def kept_until(row: MeetingRecording) -> date:
    """The last day it must be kept: its own, or that of the certificate it is evidence for."""
    ends = db.session.scalar(
        select(func.max(Certificate.valid_until))
        .join(Booking, Booking.permohonan_id == Certificate.permohonan_id)
        .where(Booking.id == row.booking_id)
    )
    if ends is None:
        return row.keep_until
    return max(row.keep_until, validity_end(ends, int(setting("retention_recording_years")), 0))


def _say_where(booking: Booking) -> None:
    """Bring the record of the meeting up to date with its recordings."""
    record = meetings.record_of(booking)
    standing = [row for row in of_bookings([booking.id]).get(booking.id, []) if row.stands]
    if not standing:
        record.recording_reference = ""
        return
    newest = standing[-1]
    where = words(newest)
    if len(where) > _LONGEST_REFERENCE:  # a link that was cut leads nowhere
        where = f"Tautan rekaman, disimpan {day_words(newest.created_at.astimezone(clock.WIB))}"
    record.recording_reference = where
    record.recording_stored_by_id = newest.stored_by_id
    record.recording_keep_until = newest.keep_until
    db.session.flush()


def words(row: MeetingRecording) -> str:
    """Where it lies, in one line."""
    return row.place or f"{row.original_name} (SHA-256 {row.sha256[:16]}…)"


def supersede(actor: Actor, row: MeetingRecording, *, reason: str) -> None:
    """Another recording takes its place; it stays, with the reason. Raises DomainError while there is no other."""
    refuse_stranger(actor, row.booking)
    if not row.stands:
        raise DomainError("Rekaman ini sudah tidak dipakai lagi.")
    check_reason(reason, field="note")
    others = of_bookings([row.booking_id])[row.booking_id]
    if not any(each.stands for each in others if each.id != row.id):
        raise DomainError(
            "Ini satu-satunya rekaman rapat ini. Simpan dulu rekaman penggantinya, lalu tandai yang ini."
        )
    row.superseded_at, row.superseded_by_id = clock.now(), actor.id
    row.supersede_reason = reason.strip()
    db.session.flush()
    _say_where(row.booking)
    _note(actor, "meeting.recording_replaced", row)


def keep_picture(actor: Actor, booking: Booking, document: Document) -> None:
    """Name a picture of the meeting in its record: the screenshot, or the still of the identity check."""
    refuse_stranger(actor, booking)
    record = meetings.record_of(booking)
    if document.purpose == STILL:
        record.identity_document_id = document.id
    else:
        record.screenshot_document_id = document.id
    audit.note(actor, f"meeting.{document.purpose}", "booking", booking.public_id)
    db.session.flush()


def destroy_refusal(row: MeetingRecording) -> str | None:
    """Why it must be kept, in a sentence; None when its time is over (process 9.5, 8)."""
    if row.destroyed_at is not None:
        return "Rekaman ini sudah dimusnahkan."
    case = row.booking.permohonan
    if case.status is PermohonanStatus.APPEALED:
        return "Banding sedang diproses. Rekaman adalah buktinya, jadi tidak boleh dimusnahkan."
    if case.status is PermohonanStatus.NOT_YET_COMPETENT and appeal_window_open(case):
        return (
            "Hasilnya masih dapat dibanding. Rekaman adalah buktinya, jadi tidak boleh dimusnahkan."
        )
    until = kept_until(row)
    if clock.today_wib() <= until:
        return f"Rekaman ini wajib disimpan sampai {day_words(until)}."
    return None


def destroy(actor: Actor, row: MeetingRecording, *, paper: str) -> str | None:
    """Note the destruction with its Berita Acara; the key of the file, which the caller deletes once this is kept.

    For a link it notes that the LSP destroyed the file in its archive. The row stays.
    """
    reason = destroy_refusal(row)
    if reason is not None:
        raise DomainError(reason)
    check_reason(paper, what="nomor Berita Acara Pemusnahan dan kedua saksinya,", field="note")
    key, row.storage_key = row.storage_key, None
    row.destroyed_at, row.destroyed_by_id, row.destroy_paper = clock.now(), actor.id, paper.strip()
    _note(actor, "meeting.recording_destroyed", row)
    db.session.flush()
    return key


def note_download(actor: Actor, row: MeetingRecording, *, start: int) -> None:
    """Seal that somebody fetched a recording, from which byte on. The caller commits."""
    _note(actor, "meeting.recording_download", row, start=start)


def _note(actor: Actor, action: str, row: MeetingRecording, **details: str | int) -> None:
    meeting = row.booking.public_id
    audit.note(actor, action, "booking", meeting, role=None, recording=row.public_id, **details)
