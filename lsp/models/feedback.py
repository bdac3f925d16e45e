"""What is written after an assessment: FR.AK.03 by the asesi, FR.AK.05 and FR.AK.06 by the asesor of a jadwal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.jadwal import Jadwal
from lsp.models.user import User


class FrAk03(Created, Model):
    """FR.AK.03: ten answers of the asesi after the decision on an attempt (forms 8.2), or that he gave none in time.

    `answers`: number of the row -> {"yes": bool, "note": str}.
    """

    __tablename__ = "fr_ak_03"
    __table_args__ = (
        UniqueConstraint("permohonan_id", "attempt"),
        CheckConstraint("given_at IS NULL OR left_empty_at IS NULL", name="given_or_left"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    attempt: Mapped[int]
    words_version: Mapped[int] = mapped_column(default=1)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    comment: Mapped[str] = mapped_column(Text, default="")
    given_at: Mapped[datetime | None]
    #: Set by the clock: the file says "tidak diisi" and waits no longer. The asesi may still answer: it is taken back.
    left_empty_at: Mapped[datetime | None]


class FrAk05(Identified, Created, Model):
    """FR.AK.05, Laporan Asesmen: one per asesor and jadwal (forms 8.4). Frozen when signed."""

    __tablename__ = "fr_ak_05"
    __table_args__ = (UniqueConstraint("jadwal_id", "asesor_id"),)

    jadwal_id: Mapped[int] = mapped_column(ForeignKey("jadwal.id"))
    asesor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    words_version: Mapped[int] = mapped_column(default=1)
    aspects: Mapped[str] = mapped_column(Text, default="")
    refusals: Mapped[str] = mapped_column(Text, default="")
    suggestions: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    #: The rows as they were when it was signed (services/fr_ak_05.py, Row).
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    signed_at: Mapped[datetime | None]
    #: As the papers write it. Added later: in the table it stands last.
    signed_name: Mapped[str] = mapped_column(String(120), default="", sort_order=1)

    jadwal: Mapped[Jadwal] = relationship()
    asesor: Mapped[User] = relationship()


class FrAk06(Identified, Created, Model):
    """FR.AK.06, Meninjau Proses Asesmen: one per asesor and jadwal (forms 8.5). Frozen when signed.

    `answers`: `rencana.valid` (procedure, principle) -> bool; `ts` (a dimension) -> the codes of the papers that prove
    it. The template (FormTemplate) names the keys.
    """

    __tablename__ = "fr_ak_06"
    __table_args__ = (UniqueConstraint("jadwal_id", "asesor_id"),)

    jadwal_id: Mapped[int] = mapped_column(ForeignKey("jadwal.id"))
    asesor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    words_version: Mapped[int] = mapped_column(default=1)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    explanation: Mapped[str] = mapped_column(Text, default="")
    recommendation_process: Mapped[str] = mapped_column(Text, default="")
    recommendation_consistency: Mapped[str] = mapped_column(Text, default="")
    signed_at: Mapped[datetime | None]
    #: As the papers write it. Added later: in the table it stands last.
    signed_name: Mapped[str] = mapped_column(String(120), default="", sort_order=1)

    jadwal: Mapped[Jadwal] = relationship()
    asesor: Mapped[User] = relationship()
