"""Single rows of a case: a file, a signature, a seat, a meeting, a vote. Each is flushed, none committed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from lsp import clock, ids
from lsp.database import db, insert_or_keep
from lsp.models import (
    Booking,
    Document,
    Jadwal,
    MeetingRecord,
    Permohonan,
    PermohonanEvent,
    Peserta,
    Pleno,
    PlenoAttendance,
    PlenoCase,
    PlenoMember,
    Signature,
    Slot,
    User,
    Vote,
)
from lsp.models.inforce import consent_text
from lsp.models.numbers import take_number
from lsp.vocabulary import (
    Answer,
    ConsentKind,
    Form,
    JadwalStatus,
    MeetingKind,
    Mode,
    PermohonanStatus,
    Role,
)
from lsp.workflow.dossier import dossier_of
from tests.workflow.people import Cast, serial


def tell(
    case: Permohonan,
    name: str,
    source: PermohonanStatus,
    target: PermohonanStatus,
    cast: Cast | None = None,
    role: Role = Role.SYSTEM,
) -> PermohonanEvent:
    """A line of the history, as `perform` writes it."""
    event = PermohonanEvent(
        permohonan_id=case.id,
        at=clock.now(),
        transition=name,
        source=source,
        target=target,
        actor_id=cast.of(role, case).id if cast and role is not Role.SYSTEM else None,
        actor_role=role,
        attempt=case.attempt,
    )
    db.session.add(event)
    db.session.flush()
    return event


def upload(case: Permohonan, label: str, purpose: str = "evidence", **columns: Any) -> Document:
    """A stored file of the case (the row; there are no bytes behind it)."""
    values: dict[str, Any] = {
        "permohonan_id": case.id,
        "purpose": purpose,
        "label": label,
        "original_name": "berkas.pdf",
        "content_type": "application/pdf",
        "size": 1000,
        "sha256": "0" * 64,
        "storage_key": ids.random_id(32),
        "uploaded_by_id": case.asesi_id,
    }
    document = Document(**(values | columns))
    db.session.add(document)
    db.session.flush()
    return document


def sign(case: Permohonan, form: Form, user: User, role: Role, **columns: Any) -> Signature:
    """A signature on what the form holds now."""
    values: dict[str, Any] = {
        "permohonan_id": case.id,
        "form": form,
        "attempt": case.attempt,
        "signer_id": user.id,
        "signer_role": role,
        "typed_name": user.name,
        "statement": "Saya menyatakan isi formulir ini benar.",
        "content_digest": dossier_of(case).content_digest(form),
        "signed_at": clock.now(),
    }
    signature = Signature(**(values | columns))
    db.session.add(signature)
    db.session.flush()
    return signature


def verified_too(case: Permohonan, user: User, how: str) -> None:
    """Another who looked at the documents, beside the admin who pressed the last button."""
    if how == "judged":
        next(iter(dossier_of(case).checklist.values())).judged_by_id = user.id
        db.session.flush()
    else:
        sign(case, Form.FR_APL_01, user, Role.ADMIN)


def hold_seat(
    case: Permohonan,
    kind: MeetingKind,
    cast: Cast,
    *,
    starts_at: datetime | None = None,
    asesor: User | None = None,
    **columns: Any,
) -> Booking:
    """A seat in a new slot of the cast's jadwal; the meeting began half an hour ago unless `starts_at` says else."""
    jadwal = cast.jadwal.get(case.mode) or _make_jadwal(cast, case.mode)
    cast.jadwal[case.mode] = jadwal
    begins = starts_at or clock.now() - timedelta(minutes=30, microseconds=next(serial))
    slot = Slot(
        jadwal_id=jadwal.id,
        kind=kind,
        starts_at=begins,
        ends_at=begins + timedelta(hours=2),
        asesor_id=(asesor or cast.asesor).id,
        meeting_url="https://meet.jit.si/rapat-rekaan" if case.mode is Mode.DARING else "",
    )
    db.session.add(slot)
    peserta = next(
        (
            each
            for each in db.session.query(Peserta).filter_by(
                jadwal_id=jadwal.id, permohonan_id=case.id
            )
        ),
        None,
    )
    if peserta is None:
        peserta = Peserta(
            jadwal_id=jadwal.id,
            permohonan_id=case.id,
            attempt=case.attempt,
            nik_index=nik_index_of(case),
        )
        db.session.add(peserta)
    db.session.flush()
    values: dict[str, Any] = {
        "slot_id": slot.id,
        "seat": 1,
        "permohonan_id": case.id,
        "peserta_id": peserta.id,
        "attempt": case.attempt,
        "booked_by_id": case.asesi_id,
    }
    booking = Booking(**(values | columns))
    db.session.add(booking)
    db.session.flush()
    return booking


def _make_jadwal(cast: Cast, mode: Mode) -> Jadwal:
    today = clock.today_wib()
    jadwal = Jadwal(
        name=f"Jadwal Rekaan {next(serial)}",
        skema_version_id=cast.skema.id,
        tuk_id=cast.tuk.id,
        mode=mode,
        starts_on=today - timedelta(days=7),
        ends_on=today + timedelta(days=7),
        asesor_1_id=cast.asesor.id,
        surat_tugas_number=f"{next(serial):04}/ST",
        surat_tugas_date=today,
        status=JadwalStatus.RUNNING,
    )
    db.session.add(jadwal)
    db.session.flush()
    return jadwal


def nik_index_of(case: Permohonan) -> str:
    paper = dossier_of(case).fr_apl_01
    assert paper is not None
    assert paper.nik_index is not None
    return paper.nik_index


def attend(case: Permohonan, booking: Booking) -> MeetingRecord:
    """The record of a meeting that both came to, as far as it is written before the asesmen begins."""
    now = clock.now()
    text = consent_text(ConsentKind.RECORDING)
    record = MeetingRecord(
        booking_id=booking.id,
        asesor_present_at=now,
        asesi_present_at=now,
        conflict_declared_at=now,
        appeal_explained_at=now,
        rights_explained_at=now,
    )
    if case.mode is Mode.DARING:
        record.identity_checked_at = record.surroundings_checked_at = (
            record.recording_consent_at
        ) = now
        record.recording_consent_text_id = text.id if text else None
    db.session.add(record)
    db.session.flush()
    return record


def put_on_agenda(case: Permohonan, cast: Cast) -> PlenoCase:
    """A place on the agenda of a new pleno of the cast, not voted on yet."""
    paper = dossier_of(case).fr_ak_02
    assert paper is not None
    pleno = Pleno(
        held_on=clock.today_wib(),
        berita_acara_number=take_number("berita_acara").text,
        chair_id=cast.chair.id,
        opened_by_id=cast.admin.id,
    )
    pleno.members = [PlenoMember(user_id=member.id) for member in cast.members]
    db.session.add(pleno)
    db.session.flush()
    place = PlenoCase(
        pleno_id=pleno.id, permohonan_id=case.id, fr_ak_02_id=paper.id, attempt=case.attempt
    )
    db.session.add(place)
    db.session.flush()
    return place


def vote(
    place: PlenoCase, member_id: int, *, agrees: bool = True, answer: Answer = Answer.K
) -> Vote:
    row = Vote(
        pleno_case_id=place.id,
        member_id=member_id,
        recommendation=answer,
        agrees=agrees,
        note="" if agrees else "Bukti unit kedua belum cukup.",
        declared_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    there = {"pleno_id": place.pleno_id, "user_id": member_id}  # a word shows that he is there
    insert_or_keep(PlenoAttendance, **there, present_at=row.declared_at, how="voted")
    return row


def seat_of(case: Permohonan) -> Booking:
    """The seat held now."""
    seat = dossier_of(case).booking
    assert seat is not None
    return seat


def ago(**span: float) -> datetime:
    return clock.now() - timedelta(**span)
