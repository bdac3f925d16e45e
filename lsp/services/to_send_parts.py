"""What the pages "Yang dikirim" are put together from: a case or a jadwal as others know it, and single fields.

Read when it is looked at, never kept: a name that was corrected since is sent corrected. A code that only the other
system gives is a gap until somebody got it from there; none is invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import (
    AsesorProfile,
    BlankoRequest,
    Certificate,
    Document,
    Jadwal,
    OutboxAnswer,
    OutboxMessage,
    Permohonan,
    Peserta,
    Pleno,
    PlenoCase,
    User,
)
from lsp.services.report_fields import ReportField
from lsp.vocabulary import Answer
from lsp.workflow.dossier import Dossier, dossier_of

#: Largest files in bytes (process 4.5 and 8.2): a PDF for BNSP, its letter, and a picture.
MOST_PDF, MOST_LETTER, MOST_PICTURE = 5_000_000, 2_000_000, 1_000_000
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True)
class SentFile:
    """A stored file, under the name that the other side wants.

    document: public id of a file of the case; certificate: of the case whose certificate it is. size: 0 when unknown.
    """

    name: str
    label: str
    storage_key: str
    size: int = 0
    document: str = ""
    certificate: str = ""
    gap: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What one row is about. Any of them may lack: a row from before, or one whose jadwal is gone."""

    payload: Mapping[str, Any]
    permohonan: Permohonan | None
    jadwal: Jadwal | None
    peserta: Peserta | None
    base_url: str
    #: The request for blanko that the row carries to BNSP.
    blanko_request: BlankoRequest | None = None

    @property
    def dossier(self) -> Dossier | None:
        return dossier_of(self.permohonan) if self.permohonan is not None else None

    @property
    def id_izin(self) -> str:
        known = self.permohonan.id_izin if self.permohonan is not None else ""
        return known or str(self.payload.get("id_izin", ""))


class Facts:
    """Reads about a row, each at most once."""

    def __init__(self, about: About) -> None:
        self.about = about

    @cached_property
    def jadwal_at_bnsp(self) -> ReportField:
        """BNSP's own id of the jadwal, as its answer to the row `jadwal` said."""
        jadwal = self.about.jadwal
        value = answered(f"bnsp:jadwal:{jadwal.public_id}", "id_jadwal") if jadwal else ""
        gap = "ID jadwal dari BNSP belum dicatat. Catat dulu jawaban kiriman “Jadwal asesmen baru”."
        return said("jadwal_id", "ID jadwal di BNSP", value, "jawaban BNSP", gap=gap)

    @cached_property
    def asesor_at_bnsp(self) -> ReportField:
        """No register of BNSP is read, so the id is looked up there by the MET number."""
        person = self.asesor
        profile = db.session.get(AsesorProfile, person.id) if person is not None else None
        met = f"nomor registrasi {profile.met_number}" if profile is not None else "nomor MET"
        name = person.name if person is not None else "asesor"
        gap = f"ID asesor di BNSP tidak ada di portal. Cari {name} di sana dengan {met}."
        return ReportField("asesor_id", "Asesor", "", gap=gap)

    @property
    def asesor(self) -> User | None:
        about = self.about
        seats = [] if about.dossier is None else about.dossier.bookings
        for seat in reversed(seats):
            if seat.cancelled_at is None and about.jadwal in (None, seat.slot.jadwal):
                return seat.slot.asesor
        return about.jadwal.asesor_1 if about.jadwal is not None else None

    @cached_property
    def certificate(self) -> Certificate | None:
        case = self.about.permohonan
        if case is None:
            return None
        return db.session.scalar(select(Certificate).where(Certificate.permohonan_id == case.id))

    @cached_property
    def decided_in(self) -> Pleno | None:
        """The pleno that found the asesi competent last."""
        case = self.about.permohonan
        if case is None:
            return None
        return db.session.scalar(
            select(Pleno)
            .join(PlenoCase, PlenoCase.pleno_id == Pleno.id)
            .where(PlenoCase.permohonan_id == case.id, PlenoCase.outcome == Answer.K.value)
            .order_by(PlenoCase.id.desc())
            .limit(1)
        )

    @property
    def blanko_request(self) -> BlankoRequest | None:
        return self.about.blanko_request

    def nik(self, name: str) -> ReportField:
        form = self.about.dossier.fr_apl_01 if self.about.dossier is not None else None
        value = (form.nik or "") if form is not None else ""
        return said(name, "NIK", value, "FR.APL.01", paper="FR.APL.01")

    def file(self, code: str, name: str, label: str) -> SentFile | None:
        """The newest standing file of a row of the checklist."""
        if self.about.dossier is None:
            return None
        asked = {row.id for row in self.about.dossier.requirements if row.code == code}
        found = [each for each in self.about.dossier.documents if each.requirement_id in asked]
        return sent_document(found[-1], name, label) if found else None


def answered(dedupe: str, name: str) -> str:
    """What the other system answered last to the row with this `dedupe`; empty when it said nothing of it."""
    rows = db.session.scalars(
        select(OutboxAnswer.values)
        .join(OutboxMessage, OutboxMessage.id == OutboxAnswer.message_id)
        .where(OutboxMessage.dedupe == dedupe)
        .order_by(OutboxAnswer.id.desc())
    )
    return next((str(values[name]) for values in rows if values.get(name)), "")


def said(
    name: str,
    label: str,
    value: object,
    source: str = "",
    *,
    paper: str = "",
    subject: str = "",
    gap: str = "",
) -> ReportField:
    """A field with its value, or with the sentence of why it has none."""
    text = as_sent(value)
    if text:
        return ReportField(name, label, text, source, paper, subject)
    missing = gap or f"{label} tidak ada di portal."
    return ReportField(name, label, "", source, paper, subject, missing)


def may_lack(name: str, label: str, value: object, source: str = "") -> ReportField:
    """A field that is sent empty where there is none."""
    return ReportField(name, label, as_sent(value), source)


def not_known(name: str, label: str, words: str) -> ReportField:
    """A field whose code only the other system has."""
    return ReportField(name, label, "", gap=words)


def as_sent(value: object) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(clock.WIB).date()
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def sent_document(document: Document, name: str, label: str) -> SentFile:
    """A stored file of the case, with a word when the other side will not take it."""
    is_picture = document.content_type.startswith("image/")
    most = MOST_PICTURE if is_picture else MOST_PDF
    return SentFile(
        name=f"{name}.{_ENDINGS.get(document.content_type, 'bin')}",
        label=label,
        storage_key=document.storage_key,
        size=document.size,
        document=document.public_id,
        gap=too_large(document.size, most),
    )


def too_large(size: int, most: int) -> str:
    if size <= most:
        return ""
    return (
        f"Berkas ini {size / 1_000_000:.1f} MB".replace(".", ",")
        + f", padahal di sana paling besar {most // 1_000_000} MB. Kecilkan dulu sebelum diunggah."
    )
