"""What a person types into SIKI and BNSP for one row of the outbox: screen, fields under their names, files.

Each kind of row has one line in `KINDS`; a report that is assembled elsewhere has one in `REPORTS`. Everything is read
when it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp.database import db
from lsp.models import BlankoRequest, Booking, Jadwal, OutboxMessage, Permohonan, Peserta, Slot
from lsp.models.queue import BLANKO, PENCATATAN, TO_CORRECT_AT_BNSP
from lsp.services import lpjk_reports, to_send_bnsp as bnsp, to_send_siki as siki
from lsp.services.outbox_words import LABELS
from lsp.services.report_fields import ReportField
from lsp.services.to_send_parts import About, Facts, SentFile, as_sent, said
from lsp.workflow.effects.certificate_life import LETTERS

#: Names of fields that hold a whole NIK.
NIK = frozenset({"nik", "nik_peserta"})
#: So many steps has the order in which both systems are told (process 4.2).
STEPS = 16


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of row is done. screen: where in the other system; step: its place in the order of both."""

    screen: str
    step: int
    fields: Callable[[Facts], Iterable[ReportField]]
    files: Callable[[Facts], list[SentFile]] = lambda facts: []


@dataclass(frozen=True, slots=True)
class ToSend:
    """All that one row sends. step: 0 for what stands outside the order (a letter, a correction)."""

    screen: str
    step: int
    fields: tuple[ReportField, ...]
    files: tuple[SentFile, ...]

    @property
    def has_nik(self) -> bool:
        return any(field.name in NIK and field.value for field in self.fields)

    @property
    def gaps(self) -> int:
        return sum(bool(each.gap) for each in self.fields)


_STATUS = "Permohonan SKK: buka dengan ID Izin, lalu ubah statusnya"
_AFTER = "Permohonan SKK: buka dengan ID Izin, lalu "
_NO_SCREEN = "Tidak ada layarnya: kirim sebagai surat"
KINDS: Mapping[str, Kind] = {
    "status 20": Kind(_STATUS, 3, siki.status),
    "status 10": Kind(_STATUS, 4, siki.status),
    "status 11": Kind(_STATUS, 4, siki.status),
    "status 30": Kind(_STATUS, 5, siki.status),
    "status 31": Kind(_STATUS, 5, siki.status),
    "status 90": Kind(_STATUS, STEPS, siki.status),
    "jadwal": Kind("Jadwal: tambah jadwal baru", 6, bnsp.jadwal),
    "jadwal/confirm": Kind("Jadwal: konfirmasi jadwal ini", 6, bnsp.confirm),
    "jadwal/peserta": Kind("Jadwal: tambah peserta", 7, bnsp.peserta, bnsp.peserta_files),
    "jadwal/asesor/surat-tugas": Kind("Jadwal: surat tugas asesor", 7, bnsp.surat_tugas),
    "jadwal/peserta/hasil-uji": Kind("Jadwal: hasil uji peserta", 8, bnsp.hasil_uji),
    TO_CORRECT_AT_BNSP: Kind("Jadwal: betulkan hasil uji peserta", 0, bnsp.hasil_uji_betulkan),
    BLANKO: Kind("Jadwal: ajukan blangko dengan tiga surat", 9, bnsp.blanko),
    PENCATATAN: Kind(_AFTER + "catat sertifikatnya", 13, siki.pencatatan),
    "jadwal/cetak": Kind("Jadwal: konfirmasi blangko diterima", 15, bnsp.cetak),
    "jadwal/peserta/sertifikat": Kind("Jadwal: catat sertifikat peserta", 15, bnsp.sertifikat, bnsp.certificate_file),
    "izin-final-skk": Kind(_AFTER + "kirim sertifikatnya", 16, siki.final, bnsp.certificate_file),
    "surat pembatalan penetapan": Kind(_NO_SCREEN, 0, bnsp.annulment),
    **dict.fromkeys(LETTERS.values(), Kind(_NO_SCREEN, 0, bnsp.decided_about_certificate)),
}  # fmt: skip
#: Reports of a case, put together by lpjk_reports.py: kind -> screen and step.
REPORTS: dict[str, tuple[str, int]] = {
    lpjk_reports.ASSESSOR: (_AFTER + "isi penugasan asesor", 11),
    lpjk_reports.COMMITTEE: (_AFTER + "isi penugasan tim teknis", 12),
}
#: What the payload says besides what the fields of a kind say already.
_OURS = frozenset({"permohonan", "jadwal", "peserta", "certificate"})


def to_send(message: OutboxMessage, payload: Mapping[str, Any], *, base_url: str) -> ToSend:
    """What to send for this row, read now."""
    facts = Facts(_about(message, payload, base_url))
    kind = KINDS.get(message.kind)
    if kind is not None:
        fields, files = tuple(kind.fields(facts)), tuple(kind.files(facts))
        return ToSend(kind.screen, kind.step, fields, files)
    screen, step = REPORTS.get(message.kind, ("", 0))
    case = facts.about.permohonan
    if screen and case is not None:
        report = lpjk_reports.report_of(message.kind, case, base_url=base_url)
        fields = (siki.id_izin(facts), *report)
    else:
        fields = tuple(_of_payload(payload))
    return ToSend(screen, step, fields, ())


def step_of(kind: str) -> int:
    """The place of a kind in the order of both systems; 0 for what stands outside it."""
    known = KINDS.get(kind)
    return known.step if known is not None else REPORTS.get(kind, ("", 0))[1]


def jadwal_of(message: OutboxMessage, payload: Mapping[str, Any]) -> Jadwal | None:
    """The jadwal that a row is about."""
    return _about(message, payload, "").jadwal


def without_nik(sent: ToSend) -> ToSend:
    """As it is shown once it was sent: of the NIK its last four digits."""
    fields = tuple(
        replace(each, value="*" * 12 + each.value[-4:]) if each.name in NIK and each.value else each
        for each in sent.fields
    )
    return replace(sent, fields=fields)


def _of_payload(payload: Mapping[str, Any]) -> Iterable[ReportField]:
    for name, value in payload.items():
        if name not in _OURS:
            yield said(name, LABELS.get(name, name), as_sent(value))


def _about(message: OutboxMessage, payload: Mapping[str, Any], base_url: str) -> About:
    peserta = _peserta(payload)
    case_id = message.permohonan_id or (peserta.permohonan_id if peserta is not None else None)
    permohonan = (
        db.session.scalar(
            select(Permohonan)
            .where(Permohonan.id == case_id)
            .options(joinedload(Permohonan.skema_version))
        )
        if case_id is not None
        else None
    )
    request = _blanko_request(payload)
    jadwal = request.jadwal if request is not None else _jadwal(payload, permohonan)
    return About(payload, permohonan, jadwal, peserta, base_url, request)


def _blanko_request(payload: Mapping[str, Any]) -> BlankoRequest | None:
    key = payload.get("permintaan_blanko")
    if not key:
        return None
    return db.session.scalar(
        select(BlankoRequest)
        .where(BlankoRequest.public_id == str(key))
        .options(joinedload(BlankoRequest.pleno), joinedload(BlankoRequest.jadwal))
    )


def _peserta(payload: Mapping[str, Any]) -> Peserta | None:
    key = payload.get("peserta")
    return db.session.get(Peserta, key) if isinstance(key, int) else None


def _jadwal(payload: Mapping[str, Any], permohonan: Permohonan | None) -> Jadwal | None:
    """The jadwal that the row names, else the one of the last meeting of its case."""
    query = select(Jadwal).options(joinedload(Jadwal.tuk), joinedload(Jadwal.skema_version))
    if payload.get("jadwal"):
        return db.session.scalar(query.where(Jadwal.public_id == str(payload["jadwal"])))
    if permohonan is None:
        return None
    return db.session.scalar(
        query.join(Slot, Slot.jadwal_id == Jadwal.id)
        .join(Booking, Booking.slot_id == Slot.id)
        .where(Booking.permohonan_id == permohonan.id, Booking.cancelled_at.is_(None))
        .order_by(Booking.id.desc())
        .limit(1)
    )
