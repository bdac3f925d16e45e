"""Prepared WhatsApp texts: the LSP's own words, filled for one asesi, and the address that opens them in WhatsApp.

A person sends them by hand from his own WhatsApp; the portal itself sends nothing there. Who opened which text for
which case is sealed into the audit chain, neither the number nor the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import func, or_, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.gateways import mail
from lsp.models import Booking, FrApl01, Jadwal, Permohonan, Slot, WhatsappText
from lsp.services import audit, calendars, lembaga
from lsp.services.calendars import Seat
from lsp.vocabulary import Role, WhatsappKind

#: What a text may name, with what stands there (for Pengaturan).
PLACEHOLDERS = {
    "nama": "nama asesi",
    "skema": "nama skema",
    "rapat": "jenis rapatnya: pra-asesmen atau asesmen",
    "asesor": "nama asesor",
    "waktu": "hari dan jam rapat, menurut zona asesi",
    "tautan_portal": "halaman rapat asesi di portal",
    "lsp": "nama LSP",
}
#: Past this WhatsApp on some phones cuts the text that an address brings.
MOST_SIGNS = 700
NO_NUMBER = (
    "Nomor HP asesi belum ada di FR.APL.01. Hubungi asesi lewat e-mail, atau minta ia mengisi nomornya: "
    "selama permohonan masih draf atau dikembalikan, ia dapat mengisinya sendiri."
)
NO_MOBILE = (
    "Nomor HP di FR.APL.01 bukan nomor yang dapat dihubungi lewat WhatsApp. Hubungi asesi lewat e-mail, dan minta ia "
    "membetulkan nomornya selama permohonan masih draf atau dikembalikan."
)
_HOLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """One text as the asesi would read it."""

    kind: WhatsappKind
    text: str


def international(number: str) -> str | None:
    """A mobile number as WhatsApp wants it: digits with the country in front, 628… for Indonesia. None for no mobile.

    With a plus or 00 it may be of any country; without, it is an Indonesian one (0812…, 62812…, 812…).
    """
    digits = re.sub(r"\D", "", number)
    if number.strip().startswith("+") or digits.startswith("00"):
        digits = digits.removeprefix("00")
        foreign = not digits.startswith("62") and 8 <= len(digits) <= 15
        if foreign:
            return digits
    # "+62 (0)812" is written by many: the 0 is not part of it.
    local = re.sub(r"^0+", "", digits.removeprefix("62") if digits.startswith("62") else digits)
    return f"62{local}" if re.fullmatch(r"8\d{7,11}", local) else None


def number_of(permohonan: Permohonan) -> str:
    """The asesi's number for WhatsApp. Raises DomainError that says what is missing and how it is put right."""
    written = db.session.scalar(
        select(FrApl01.phone_mobile).where(FrApl01.permohonan_id == permohonan.id)
    )
    if not written:
        raise DomainError(NO_NUMBER)
    number = international(written)
    if number is None:
        raise DomainError(NO_MOBILE)
    return number


def is_his_meeting(actor: Actor, permohonan: Permohonan) -> bool:
    """Whether the case's last meeting, also one that was given back, is this asesor's own or his as asesor 2."""
    newest = select(func.max(Booking.id)).where(Booking.permohonan_id == permohonan.id)
    return bool(
        db.session.scalar(
            select(Booking.id)
            .join(Slot, Slot.id == Booking.slot_id)
            .join(Jadwal, Jadwal.id == Slot.jadwal_id)
            .where(
                Booking.id == newest.scalar_subquery(),
                or_(Slot.asesor_id == actor.id, Jadwal.asesor_2_id == actor.id),
            )
        )
    )


def prepared_for(permohonan: Permohonan, base_url: str) -> list[Prepared]:
    """What may be told about the case's meeting now, filled; nothing where there never was one."""
    seat = _seat(permohonan)
    if seat is None:
        return []
    texts = {row.kind: row.text for row in standing()}
    facts = {
        "nama": permohonan.asesi_name,
        "skema": permohonan.skema_version.title,
        "rapat": seat.kind.label.lower(),
        "asesor": seat.asesor_name,
        "waktu": mail.moment_in_words(seat.starts_at.isoformat(), permohonan.asesi.zone),
        "tautan_portal": base_url + calendars.PAGES[Role.ASESI].format(permohonan.public_id),
        "lsp": _lsp_name(),
    }
    return [Prepared(kind, fill(texts[kind], facts)) for kind in _fitting(seat) if kind in texts]


def address_for(number: str, text: str) -> str:
    """Where WhatsApp opens with this text, ready to send. Never one of our own addresses."""
    return f"https://wa.me/{number}?text={quote(text, safe='')}"


def note_opened(actor: Actor, permohonan: Permohonan, kind: WhatsappKind) -> None:
    audit.note(actor, "whatsapp.open", "permohonan", permohonan.public_id, kind=kind.value)


def _fitting(seat: Seat) -> tuple[WhatsappKind, ...]:
    if seat.cancelled_at is not None:
        return (WhatsappKind.CANCELLED,)
    if seat.moves:
        return (WhatsappKind.MOVED, WhatsappKind.REMINDER)
    return (WhatsappKind.INVITATION, WhatsappKind.REMINDER)


def _seat(permohonan: Permohonan) -> Seat | None:
    """The last seat, while it stands and is not over, or was given back."""
    newest = (
        select(func.max(Booking.id)).where(Booking.permohonan_id == permohonan.id).scalar_subquery()
    )
    found = calendars.seats_where(Booking.id == newest, limit=1)
    if not found or found[0].closed_at is not None or found[0].ends_at <= clock.now():
        return None
    return found[0]


def _lsp_name() -> str:
    in_force = lembaga.current_or_none()
    return in_force.name if in_force else "LSP"


# --- The texts -----------------------------------------------------------------------------------------------


def fill(text: str, facts: dict[str, str]) -> str:
    """Put the facts in; in one pass, so that braces in a name stay braces."""
    return _HOLE.sub(lambda hole: facts.get(hole[1], hole[0]), text)


def standing() -> Sequence[WhatsappText]:
    """The texts in use, in the order of their kinds."""
    rows = db.session.scalars(select(WhatsappText).where(WhatsappText.retired_at.is_(None)))
    order = list(WhatsappKind)
    return sorted(rows, key=lambda row: order.index(row.kind))


def one(public_id: str) -> WhatsappText | None:
    """A text in use."""
    return db.session.scalar(
        select(WhatsappText).where(
            WhatsappText.public_id == public_id, WhatsappText.retired_at.is_(None)
        )
    )


def change(actor: Actor, row: WhatsappText, text: str) -> WhatsappText:
    """The old words are retired and kept. Raises DomainError for a placeholder we do not know, or too long a text."""
    text = text.replace("\r\n", "\n").strip()
    _refuse_unfit(text)
    if row.retired_at is not None:
        raise DomainError("Teks ini sudah diganti orang lain. Muat ulang halaman.", field="text")
    if text == row.text:
        return row
    row.retired_at = clock.now()
    db.session.flush()
    new = WhatsappText(kind=row.kind, text=text)
    db.session.add(new)
    db.session.flush()
    audit.note(actor, "whatsapp_text.change", "whatsapp_text", new.public_id, kind=row.kind.value)
    return new


def _refuse_unfit(text: str) -> None:
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    if not text:
        raise DomainError("Tulis teksnya.", field="text")
    if len(text) > MOST_SIGNS:
        raise DomainError(
            f"Teks ini {len(text)} karakter. Singkatkan sampai paling banyak {MOST_SIGNS}.",
            field="text",
        )
    if set("{}") & set(_HOLE.sub("", text)):
        raise DomainError(
            "Ada tanda { atau } yang tidak berpasangan. Tulis misalnya {nama}, lengkap dengan keduanya.",
            field="text",
        )
    for name in _HOLE.findall(text):
        if name not in PLACEHOLDERS:
            raise DomainError(
                f"Portal tidak mengenal {{{name}}}. Yang dapat dipakai: {known}.", field="text"
            )
    if "{waktu}" not in text:
        raise DomainError(
            "Teks ini belum menyebut kapan rapatnya. Tulis {waktu} di tempatnya.", field="text"
        )
