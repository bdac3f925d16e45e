"""Permohonan in the situations an asesi meets, built with services and factories; and what files to send."""

from __future__ import annotations

import io
import itertools
from datetime import date, timedelta
from typing import Any

from PIL import Image
from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.gateways import storage
from lsp.models import (
    AsesorProfile,
    AssessmentPlan,
    Booking,
    ChecklistItem,
    ConsentText,
    Document,
    FrAk02,
    FrAk02Unit,
    FrApl01,
    Invoice,
    Jadwal,
    Permohonan,
    PermohonanEvent,
    Peserta,
    Slot,
    Tuk,
    User,
    WorkExperience,
)
from lsp.services import apl02, meetings, signing
from lsp.services.apl02 import GivenAnswer
from lsp.vocabulary import (
    Answer,
    AssessmentPurpose,
    ConsentKind,
    Form,
    InvoiceKind,
    JadwalStatus,
    MeetingKind,
    PermohonanStatus,
    Role,
    Sex,
    TukKind,
    Verdict,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.registration import CONSENTS_REQUIRED
from tests import factories
from tests.factories import saved
from tests.support.assessment import fill_instruments

_serial = itertools.count(1)
S = PermohonanStatus


def actor_of(user: User) -> Actor:
    return Actor(
        id=user.id,
        name=user.name,
        roles=frozenset(held.role for held in user.roles),
        email=user.email,
    )


def photo(colour: str = "red", *, size: tuple[int, int] = (80, 60)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def upload(content: bytes | None = None, name: str = "ktp.jpg") -> tuple[io.BytesIO, str]:
    """A file as the test client sends it."""
    return io.BytesIO(photo() if content is None else content), name


def large_upload(content: bytes, name: str = "ktp.jpg") -> dict[str, Any]:
    """As `data={"file": upload(…)}`, for bodies so large that the test client would leave a temporary file open."""
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return {
        "data": head + content + b"\r\n--x--\r\n",
        "content_type": "multipart/form-data; boundary=x",
    }


def draft(asesi: User | None = None, **columns: Any) -> Permohonan:
    """A permohonan as `intake.start` leaves it."""
    permohonan = factories.make_permohonan(asesi, **columns)
    saved(
        FrApl01(
            permohonan_id=permohonan.id, full_name=permohonan.asesi_name, nationality="Indonesia"
        )
    )
    return permohonan


def fill_apl_01(permohonan: Permohonan) -> FrApl01:
    form = db.session.get(FrApl01, permohonan.id) or FrApl01(permohonan_id=permohonan.id)
    rule = permohonan.skema_version.education_rules[0]
    values = {
        "full_name": permohonan.asesi_name, "nik": f"99030323118{next(_serial):05}", "birth_place": "Balige",
        "birth_date": "1988-11-23", "sex": Sex.MALE, "nationality": "Indonesia", "address": "Jl. Contoh Fiktif No. 3",
        "province_code": "12", "city_code": "12.12", "phone_mobile": "0800-0000-0003", "email": "contoh@asesi.example",
        "education": "SMA/SMK", "purpose": AssessmentPurpose.SERTIFIKASI, "claimed_rule_id": rule.id,
    }  # fmt: skip
    for name, value in values.items():
        setattr(form, name, value)
    return saved(form)


def add_experience(permohonan: Permohonan) -> WorkExperience:
    return saved(
        WorkExperience(
            fr_apl_01_id=permohonan.id,
            employer="CV Bangun Rekaan",
            project="Rusun Contoh",
            position="Pengawas K3",
            started_on=date(2018, 1, 1),
            ended_on=date(2020, 12, 31),
        )
    )


def add_document(
    permohonan: Permohonan, *, requirement=None, purpose="requirement", label="", **columns
) -> Document:
    stored = storage.store().put(photo(f"#{next(_serial) % 4096:03x}"))
    values = {
        "permohonan_id": permohonan.id, "requirement_id": requirement.id if requirement else None, "purpose": purpose,
        "label": label or (requirement.label if requirement else "Foto kerja"), "original_name": "ktp.jpg",
        "content_type": "image/jpeg", "size": stored.size, "sha256": stored.sha256, "storage_key": stored.key,
        "uploaded_by_id": permohonan.asesi_id,
    }  # fmt: skip
    return saved(Document(**(values | columns)))


def add_documents(permohonan: Permohonan) -> list[Document]:
    return [
        add_document(permohonan, requirement=row) for row in permohonan.skema_version.requirements
    ]


def answer_all(permohonan: Permohonan, *, note: str = "Pernah mengerjakannya.") -> None:
    with write_transaction():
        permohonan = db.session.get_one(Permohonan, permohonan.id)
        apl02.save_answers(
            permohonan,
            {
                elemen.id: GivenAnswer(Answer.K, note, [])
                for unit in permohonan.skema_version.units
                for elemen in unit.elements
            },
        )


def agree_all(permohonan: Permohonan) -> None:
    with write_transaction():
        permohonan = db.session.get_one(Permohonan, permohonan.id)
        for kind in CONSENTS_REQUIRED:
            signing.agree(actor_of(permohonan.asesi), permohonan, kind)


def sign_all(permohonan: Permohonan) -> None:
    with write_transaction():
        permohonan = db.session.get_one(Permohonan, permohonan.id)
        for form in (Form.FR_APL_01, Form.FR_APL_02):
            signing.sign(
                actor_of(permohonan.asesi),
                permohonan,
                form,
                Role.ASESI,
                typed_name=permohonan.asesi_name,
            )


def ready_to_send(asesi: User | None = None, **columns: Any) -> Permohonan:
    permohonan = draft(asesi, **columns)
    fill_apl_01(permohonan)
    add_documents(permohonan)
    answer_all(permohonan)
    agree_all(permohonan)
    sign_all(permohonan)
    return db.session.get_one(Permohonan, permohonan.id)


def returned(asesi: User | None = None) -> Permohonan:
    """Sent once and given back: the first document failed."""
    permohonan = ready_to_send(
        asesi, status=S.RETURNED, repair_due=clock.today_wib() + timedelta(days=10)
    )
    first = permohonan.skema_version.requirements[0]
    judge = factories.make_user(Role.ADMIN)
    saved(
        ChecklistItem(
            permohonan_id=permohonan.id, requirement_id=first.id, verdict=Verdict.FAILS, note="Foto buram.",
            judged_by_id=judge.id, judged_at=clock.now(),
        )
    )  # fmt: skip
    return permohonan


def invoiced(asesi: User | None = None, amount: int = 800_000, **columns: Any) -> Permohonan:
    permohonan = draft(asesi, status=S.INVOICED, **columns)
    fill_apl_01(permohonan)
    saved(
        Invoice(
            permohonan_id=permohonan.id, kind=InvoiceKind.SERTIFIKASI, number=f"INV/{next(_serial):05}/2026",
            amount=amount, due_on=clock.today_wib() + timedelta(days=7),
        )
    )  # fmt: skip
    return permohonan


def paid(asesi: User | None = None) -> Permohonan:
    permohonan = draft(asesi, status=S.PAID)
    fill_apl_01(permohonan)
    factories.make_remote_permission(permohonan.skema_version.skema)
    return permohonan


def slot_for(
    permohonan: Permohonan,
    *,
    kind: MeetingKind = MeetingKind.PRE_ASSESSMENT,
    hours: float = 72,
    capacity: int = 2,
) -> Slot:
    asesor = factories.make_user(Role.ASESOR)
    today, number = clock.today_wib(), next(_serial)
    saved(
        AsesorProfile(
            user_id=asesor.id, met_number=f"MET.{number:06}", met_valid_until=today + timedelta(days=900), jenjang=9,
            scope=[permohonan.skema_version.subklasifikasi_code], skk_number="SKK-REKAAN",
            skk_valid_until=today + timedelta(days=900),
        )
    )  # fmt: skip
    tuk = saved(
        Tuk(name="TUK Contoh", kind=TukKind.SEWAKTU, code=f"TUK-{number}", verified_on=today)
    )
    jadwal = saved(
        Jadwal(
            name="Jadwal contoh", skema_version_id=permohonan.skema_version_id, tuk_id=tuk.id, mode=permohonan.mode,
            starts_on=today, ends_on=today + timedelta(days=30), asesor_1_id=asesor.id,
            surat_tugas_number=f"{number}/ST", surat_tugas_date=today, status=JadwalStatus.CONFIRMED,
        )
    )  # fmt: skip
    starts = clock.now() + timedelta(hours=hours)
    return saved(
        Slot(
            jadwal_id=jadwal.id, kind=kind, starts_at=starts, ends_at=starts + timedelta(hours=1), asesor_id=asesor.id,
            capacity=capacity, meeting_url="https://meet.jit.si/contoh",
        )
    )  # fmt: skip


def booked(
    asesi: User | None = None, *, status=S.PRE_SCHEDULED, hours: float = 72, **columns: Any
) -> Permohonan:
    """A case with a seat in a meeting `hours` from now."""
    permohonan = draft(asesi, status=status, **columns)
    form = fill_apl_01(permohonan)
    kind = MeetingKind.PRE_ASSESSMENT if status is S.PRE_SCHEDULED else MeetingKind.ASSESSMENT
    slot = slot_for(permohonan, kind=kind, hours=hours)
    peserta = saved(
        Peserta(
            jadwal_id=slot.jadwal_id,
            permohonan_id=permohonan.id,
            attempt=1,
            nik_index=form.nik_index or "",
        )
    )
    saved(
        Booking(
            slot_id=slot.id, seat=1, permohonan_id=permohonan.id, peserta_id=peserta.id, attempt=1,
            booked_by_id=permohonan.asesi_id,
        )
    )  # fmt: skip
    return permohonan


def plan_for(permohonan: Permohonan, *, explained: bool = True) -> AssessmentPlan:
    """MAPA and FR.AK.01 filled by the asesor of the meeting, who noted that he explained the rights."""
    seat = db.session.scalars(select(Booking).where(Booking.permohonan_id == permohonan.id)).one()
    now = clock.now()
    if explained:
        record = meetings.record_of(seat)
        record.appeal_explained_at = record.rights_explained_at = now
    return saved(
        AssessmentPlan(
            permohonan_id=permohonan.id, attempt=1, asesor_id=seat.slot.asesor_id, approach="portofolio",
            methods=["portofolio"], mapa_chosen_at=now, fr_ak_01_evidence=["portofolio"], fr_ak_01_at=now,
        )
    )  # fmt: skip


def recommendation_for(permohonan: Permohonan, answer: Answer) -> FrAk02:
    """The instruments and FR.AK.02 filled; for BK the first unit failed."""
    if dossier_of(permohonan).plan is None:
        plan_for(permohonan)
    fill_instruments(permohonan)
    seat = db.session.scalars(select(Booking).where(Booking.permohonan_id == permohonan.id)).one()
    paper = FrAk02(
        permohonan_id=permohonan.id, booking_id=seat.id, attempt=1, asesor_id=seat.slot.asesor_id,
        recommendation=answer, follow_up="Perdalam identifikasi bahaya." if answer is Answer.BK else "",
        written_feedback="Penjelasan Anda runtut dan jelas.",
    )  # fmt: skip
    for number, unit in enumerate(permohonan.skema_version.units):
        failed = answer is Answer.BK and number == 0
        paper.units.append(
            FrAk02Unit(
                unit_id=unit.id,
                evidence=["portofolio"],
                failed=failed,
                reason="Bukti kurang." if failed else "",
                changed_reason="Laporan aslinya ditunjukkan dalam rapat.",
            )
        )
    return saved(paper)


def decided(
    asesi: User | None = None, *, status=S.NOT_YET_COMPETENT, opened: bool = False, **columns: Any
) -> Permohonan:
    permohonan = booked(asesi, status=status, **columns)
    recommendation_for(permohonan, permohonan.decision or Answer.K)
    permohonan.recommendation = permohonan.decision
    permohonan.result_mailed_at = clock.now()
    permohonan.result_opened_at = clock.now() if opened else None
    for transition, source, target in (("start", None, S.DRAFT), ("recommend", S.IN_ASSESSMENT, S.RECOMMENDED),
                                       ("decide_not_yet", S.RECOMMENDED, status)):  # fmt: skip
        db.session.add(
            PermohonanEvent(
                permohonan_id=permohonan.id, at=clock.now(), transition=transition, source=source, target=target,
                actor_role=Role.ASESI if source is None else Role.TIM_TEKNIS, attempt=1,
            )
        )  # fmt: skip
    return saved(permohonan)


def text_of(kind: ConsentKind) -> ConsentText:
    return db.session.scalars(select(ConsentText).where(ConsentText.kind == kind)).one()
