"""Kinds of work of the admin: which states they hold, what narrows them, and from which age they are late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, select
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.models import (
    Booking,
    DataConfirmation,
    Invoice,
    Permohonan,
    PermohonanEvent,
    Slot,
    SlotWait,
)
from lsp.models.inforce import setting
from lsp.vocabulary import InvoiceStatus, PermohonanStatus
from lsp.workflow.guards.after_decision import ASKED_AGAIN, ENDS_REQUEST
from lsp.workflow.seats import BOOKS, FROM_PRE_ASSESSMENT

#: The first kind on one's own desk: what was given to oneself.
MINE = "saya"
#: Kinds of work in the order of the day: label and the states they hold.
WORK: dict[str, tuple[str, tuple[PermohonanStatus, ...]]] = {
    MINE: ("Milik saya", (PermohonanStatus.SUBMITTED,)),
    "verifikasi": ("Verifikasi berkas", (PermohonanStatus.SUBMITTED,)),
    "tagihan": ("Kirim tagihan", (PermohonanStatus.VERIFIED,)),
    "bayar": ("Menunggu pembayaran", (PermohonanStatus.INVOICED,)),
    "jadwal": ("Belum dijadwalkan", tuple(BOOKS)),
    "slot": ("Menunggu slot", tuple(BOOKS)),
    # Refused to be recorded, or asked for the other mode: nobody else can go on before the admin changes it.
    "ganti": (
        "Ganti cara asesmen",
        (
            PermohonanStatus.PAID,
            PermohonanStatus.PRE_SCHEDULED,
            PermohonanStatus.READY,
            PermohonanStatus.SCHEDULED,
            PermohonanStatus.IN_ASSESSMENT,
        ),
    ),
    "hasil": (
        "Rapat tanpa hasil",
        (
            PermohonanStatus.PRE_SCHEDULED,
            PermohonanStatus.SCHEDULED,
            PermohonanStatus.IN_ASSESSMENT,
        ),
    ),
    "bukti": (
        "Periksa bukti bayar lain",
        (PermohonanStatus.PAID, PermohonanStatus.READY, PermohonanStatus.NOT_YET_COMPETENT),
    ),
    # Until it is dealt with: what did not fit would stand in the certificate.
    "data": ("Data tidak sesuai", FROM_PRE_ASSESSMENT),
    "ulang": ("Permintaan asesmen ulang", (PermohonanStatus.NOT_YET_COMPETENT,)),
    # Of all steps of it; whose turn it is and the last day by working days are said on its own pages.
    "banding": ("Banding", (PermohonanStatus.APPEALED,)),
    "pleno": ("Menunggu pleno", (PermohonanStatus.RECOMMENDED,)),
    "blangko": ("Ajukan blangko", (PermohonanStatus.COMPETENT,)),
    "nomor": (
        "Menunggu nomor",
        (PermohonanStatus.BLANKO_REQUESTED, PermohonanStatus.BLANKO_RECEIVED),
    ),
}
_WITH_PROOF = select(Invoice.permohonan_id).where(
    Invoice.status == InvoiceStatus.OPEN, Invoice.proof_document_id.is_not(None)
)
PROOF = _WITH_PROOF.where(Invoice.permohonan_id == Permohonan.id).exists()
_OVERDUE = select(Booking.permohonan_id).where(
    Booking.cancelled_at.is_(None),
    Booking.closed_at.is_(None),
    Slot.id == Booking.slot_id,
    Slot.ends_at < bindparam("overdue", type_=Slot.ends_at.type),
)
_NO_TIME = select(SlotWait.permohonan_id)
_agreed = aliased(Permohonan)
_OTHER_MODE = select(_agreed.id).where(_agreed.mode_agreed_at.is_not(None))
_UNFIT = select(DataConfirmation.permohonan_id).where(
    DataConfirmation.fits.is_(False), DataConfirmation.resolved_at.is_(None)
)
#: Work that only some cases of its states are; it is counted case by case and shown only where there is some.
NARROWED: dict[str, ColumnElement[bool]] = {
    MINE: Permohonan.assigned_verifier_id == bindparam("me"),
    "hasil": _OVERDUE.where(Booking.permohonan_id == Permohonan.id).exists(),
    "slot": _NO_TIME.where(SlotWait.permohonan_id == Permohonan.id).exists(),
    "ganti": Permohonan.mode_agreed_at.is_not(None),
    "bukti": PROOF,
    "data": _UNFIT.where(DataConfirmation.permohonan_id == Permohonan.id).exists(),
    "ulang": select(PermohonanEvent.transition)
    .where(
        PermohonanEvent.permohonan_id == Permohonan.id,
        PermohonanEvent.attempt == Permohonan.attempt,
        PermohonanEvent.transition.in_((ASKED_AGAIN, *ENDS_REQUEST)),
    )
    .order_by(PermohonanEvent.id.desc())
    .limit(1)
    .correlate(Permohonan)
    .scalar_subquery()
    == ASKED_AGAIN,
}
#: Of these the few bookings and invoices that make the work are counted, not all the cases of its states.
FEW: dict[str, Select[int]] = {
    "slot": _NO_TIME,
    "ganti": _OTHER_MODE,
    "hasil": _OVERDUE,
    "bukti": _WITH_PROOF,
    "data": _UNFIT,
}
#: State -> the kind of work that all cases in it are; by its limits they age outside of a kind too.
KIND_OF: dict[PermohonanStatus, str] = {
    state: key for key, (_label, states) in WORK.items() if key not in NARROWED for state in states
}

#: Kind -> (yellow beyond so many days, red beyond so many).
Limits = Mapping[str, tuple[int, int]]
LIMITS_KEY = "work_age_days"


class Age(StrEnum):
    """How old waiting work is, by the limits of its kind. The value stands in addresses."""

    IN_TIME = ""
    SOON = "kuning"
    LATE = "merah"

    @property
    def word(self) -> str:
        """Said beside the colour: nobody reads a colour alone."""
        return {"": "", "kuning": "segera", "merah": "terlambat"}[self.value]


def limits_of(value: Any) -> Limits:
    """The setting as it is stored."""
    return {kind: (int(yellow), int(red)) for kind, (yellow, red) in value.items()}


def limits_in_force() -> Limits:
    return limits_of(setting(LIMITS_KEY))


def _limit(limits: Limits, work: str, status: PermohonanStatus | None) -> tuple[int, int] | None:
    kind = "verifikasi" if work == MINE else work
    if kind not in WORK and status is not None:
        kind = KIND_OF.get(status, "")
    return limits.get(kind)


def age_of(
    since: datetime | None, limits: Limits, work: str, status: PermohonanStatus | None = None
) -> Age:
    """By the limits of this kind of work, or outside of one by those of the state's kind."""
    found = _limit(limits, work, status)
    if since is None or found is None:
        return Age.IN_TIME
    days = (clock.now() - since) / timedelta(days=1)
    return Age.LATE if days > found[1] else Age.SOON if days > found[0] else Age.IN_TIME


def is_of_age(
    moment: Any, wanted: str, limits: Limits, work: str, status: PermohonanStatus | None
) -> ColumnElement[bool] | None:
    """Condition on the moment since when a case waits: a colour, or older than so many days; None for any age."""
    if wanted.isdigit():
        before: ColumnElement[bool] = moment < clock.now() - timedelta(days=int(wanted))
        return before
    if not wanted:
        return None
    found = _limit(limits, work, status)
    if found is None:
        return false()
    yellow, red = (clock.now() - timedelta(days=days) for days in found)
    return moment < red if wanted == Age.LATE else and_(moment < yellow, moment >= red)


def overdue_since() -> datetime:
    """A meeting that ended before this moment should have its outcome (workflow 3)."""
    return clock.now() - timedelta(hours=int(setting("meeting_overdue_hours")))
