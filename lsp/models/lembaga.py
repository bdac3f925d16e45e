"""The LSP itself and what it may change without a programmer: settings, holidays, fees, number series."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lsp.database import enum_type
from lsp.extensions import Model
from lsp.vocabulary import InvoiceKind, Mode, RequestKind


class Lembaga(Model):
    """One row per version of the LSP's own data; the newest `effective_from` not in the future holds."""

    __tablename__ = "lembaga"

    id: Mapped[int] = mapped_column(primary_key=True)
    effective_from: Mapped[date] = mapped_column(Date, unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    licence_number: Mapped[str] = mapped_column(String(40))
    licence_from: Mapped[date | None] = mapped_column(Date)
    licence_until: Mapped[date | None] = mapped_column(Date)
    address: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str] = mapped_column(String(80), default="Jakarta")
    phone: Mapped[str] = mapped_column(String(30), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    whatsapp: Mapped[str] = mapped_column(String(20), default="")
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Jakarta")
    is_sample: Mapped[bool] = mapped_column(default=False)

    @property
    def licence_serial(self) -> str:
        """The NNNN of `BNSP-LSP-NNNN-ID`, which the registration number carries (process 5.1)."""
        parts = self.licence_number.split("-")
        return parts[2] if len(parts) == 4 else self.licence_number


class Setting(Model):
    """A rule of the LSP as data: key, JSON value, from when. `doubt` says what is not confirmed about it.

    Of two versions from the same day the one written later holds: a mistake is corrected the day it is made.
    """

    __tablename__ = "setting"
    __table_args__ = (Index("ix_setting_key_effective_from", "key", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    effective_from: Mapped[date] = mapped_column(Date)
    value: Mapped[Any] = mapped_column(JSON)
    label: Mapped[str] = mapped_column(String(200))
    doubt: Mapped[str] = mapped_column(Text, default="")


class Holiday(Model):
    """A day on which no working day is counted."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    movable: Mapped[bool] = mapped_column(default=False)


class Fee(Model):
    """Fee in whole rupiah for (purpose, jenjang, kind, mode), the newest `effective_from` in force (process 3.6).

    purpose: the certification itself, or one asesmen ulang; a difference has no fee of its own.
    """

    __tablename__ = "fee"
    __table_args__ = (
        UniqueConstraint("purpose", "jenjang", "kind", "mode", "effective_from"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("purpose <> 'selisih'", name="purpose_has_fees"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[InvoiceKind] = mapped_column(
        enum_type(InvoiceKind), default=InvoiceKind.SERTIFIKASI
    )
    jenjang: Mapped[int]
    kind: Mapped[RequestKind] = mapped_column(enum_type(RequestKind))
    mode: Mapped[Mode] = mapped_column(enum_type(Mode))
    amount: Mapped[int]
    effective_from: Mapped[date] = mapped_column(Date)


class NumberSeries(Model):
    """How a kind of number is written and counted: pattern, scope (`life` or `year`), first serial."""

    __tablename__ = "number_series"
    __table_args__ = (
        UniqueConstraint("code", "effective_from"),
        CheckConstraint("scope IN ('life', 'year')", name="scope_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30))
    label: Mapped[str] = mapped_column(String(120))
    pattern: Mapped[str] = mapped_column(String(120))
    scope: Mapped[str] = mapped_column(String(8))
    start: Mapped[int] = mapped_column(default=1)
    effective_from: Mapped[date] = mapped_column(Date)


class NumberCounter(Model):
    """The last serial taken of a series in its scope; locked and raised in the transaction that needs the number."""

    __tablename__ = "number_counter"

    series_code: Mapped[str] = mapped_column(String(30), primary_key=True)
    scope_key: Mapped[str] = mapped_column(String(10), primary_key=True)
    last_serial: Mapped[int]


class KeyCheck(Model):
    """Fingerprint of each key the data was written with, so a wrong key stops the start.

    The row of purpose `store` holds the mark of the file store instead (services/file_keeping.py).
    """

    __tablename__ = "key_check"

    purpose: Mapped[str] = mapped_column(String(20), primary_key=True)
    key_id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
