"""Instruments as the asesor filled them for an attempt: FR.IA.07, .08, .09, and FR.IA.10 with its third party."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import EncryptedJson, EncryptedText, enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.document import Document
from lsp.models.instrument import InstrumentItem
from lsp.models.permohonan import Permohonan
from lsp.models.skema import Elemen
from lsp.models.user import User
from lsp.vocabulary import Conclusion, InstrumentPaper


class FilledInstrument(Identified, Created, Model):
    """One FR.IA of an attempt. Frozen with the recommendation; after a send-back a new edition stands beside the old.

    `conclusion` is the asesor's word on the whole paper; `finished_at` says that he holds it complete.
    """

    __tablename__ = "filled_instrument"
    __table_args__ = (
        UniqueConstraint("permohonan_id", "attempt", "paper", "edition"),
        CheckConstraint(
            "finished_at IS NULL OR conclusion IS NOT NULL", name="finished_has_conclusion"
        ),
    )

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    attempt: Mapped[int]
    paper: Mapped[InstrumentPaper] = mapped_column(enum_type(InstrumentPaper))
    edition: Mapped[int] = mapped_column(default=1)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    asesor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    #: Version of the form's own words (FormTemplate) it was filled with.
    words_version: Mapped[int] = mapped_column(default=1)
    conclusion: Mapped[Conclusion | None] = mapped_column(enum_type(Conclusion))
    #: FR.IA.08: evidence still wanted, per unit and elemen, in words.
    further_evidence: Mapped[str] = mapped_column(Text, default="")
    #: Where the criteria are not met yet: kelompok, unit, elemen, KUK.
    not_met: Mapped[str] = mapped_column(Text, default="")
    feedback: Mapped[str] = mapped_column(Text, default="")
    finished_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]

    asesor: Mapped[User] = relationship()
    checks: Mapped[list[PortfolioCheck]] = relationship(
        back_populates="filled", order_by="PortfolioCheck.position"
    )
    topics: Mapped[list[InterviewTopic]] = relationship(
        back_populates="filled", order_by="InterviewTopic.elemen_id"
    )
    answers: Mapped[list[InstrumentAnswer]] = relationship(
        back_populates="filled", order_by="InstrumentAnswer.position"
    )


class PortfolioCheck(Model):
    """FR.IA.08, table 1: a piece of evidence under the four rules; None is not yet judged.

    Without a document it is what the asesi wrote in words for a unit, or what was shown in the meeting.
    """

    __tablename__ = "portfolio_check"
    __table_args__ = (
        UniqueConstraint("filled_id", "position"),
        UniqueConstraint("filled_id", "document_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    filled_id: Mapped[int] = mapped_column(ForeignKey("filled_instrument.id"))
    position: Mapped[int]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    title: Mapped[str] = mapped_column(String(200))
    valid: Mapped[bool | None]
    authentic: Mapped[bool | None]
    current: Mapped[bool | None]
    sufficient: Mapped[bool | None]
    note: Mapped[str] = mapped_column(Text, default="")
    #: The unit it stands under, the first that names it; empty where it is of no unit.
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit_kompetensi.id"))
    #: What stands here was said in the pre-assessment; the asesor has neither confirmed nor changed it yet.
    carried: Mapped[bool] = mapped_column(default=False)

    filled: Mapped[FilledInstrument] = relationship(back_populates="checks")
    document: Mapped[Document | None] = relationship()


class InterviewTopic(Model):
    """FR.IA.08, table 2: an elemen that must be made clear in the interview, with the substance. A row is a tick."""

    __tablename__ = "interview_topic"
    __table_args__ = (UniqueConstraint("filled_id", "elemen_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    filled_id: Mapped[int] = mapped_column(ForeignKey("filled_instrument.id"))
    elemen_id: Mapped[int] = mapped_column(ForeignKey("elemen.id"))
    substance: Mapped[str] = mapped_column(Text, default="")

    filled: Mapped[FilledInstrument] = relationship(back_populates="topics")
    elemen: Mapped[Elemen] = relationship()


class InstrumentAnswer(Model):
    """A question put to the asesi (FR.IA.07, FR.IA.09): its words as they were asked, the answer, ya or tidak.

    `item_id` is None for a question that the asesor added.
    """

    __tablename__ = "instrument_answer"
    __table_args__ = (
        UniqueConstraint("filled_id", "position"),
        Index("ix_instrument_answer_item", "item_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    filled_id: Mapped[int] = mapped_column(ForeignKey("filled_instrument.id"))
    position: Mapped[int]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("instrument_item.id"))
    elemen_id: Mapped[int | None] = mapped_column(ForeignKey("elemen.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    achieved: Mapped[bool | None]

    filled: Mapped[FilledInstrument] = relationship(back_populates="answers")
    item: Mapped[InstrumentItem | None] = relationship()
    elemen: Mapped[Elemen | None] = relationship()
    document: Mapped[Document | None] = relationship()


class ThirdParty(Identified, Created, Model):
    """FR.IA.10: who is asked about the asesi, the link he answers by, and what he said. Rahasia: never the asesi's.

    Only the digest of the link's token is stored. What he answered stays; another person is another row.
    """

    __tablename__ = "third_party"
    __table_args__ = (
        CheckConstraint("answered_at IS NULL OR withdrawn_at IS NULL", name="answered_stays"),
        Index("ix_third_party_case", "permohonan_id", "attempt"),
        Index("ix_third_party_reminder_digest", "reminder_digest", unique=True),
    )

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    attempt: Mapped[int]
    asesor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str] = mapped_column(EncryptedText("third_party.name"))
    workplace: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(EncryptedText("third_party.address"), default="")
    phone: Mapped[str] = mapped_column(EncryptedText("third_party.phone"), default="")
    email: Mapped[str] = mapped_column(EncryptedText("third_party.email"), default="")
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    #: Of the link in the reminder: the one that was sent before stands in a chat, and goes on working.
    reminder_digest: Mapped[str | None] = mapped_column(String(64))
    #: When the present link was made; None in rows of before this was kept.
    sent_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    words_version: Mapped[int] = mapped_column(default=1)
    #: The asesor who asked by telephone and wrote the answers down; None: the third party wrote himself.
    by_phone_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: Answered when the recommendation was out already.
    late: Mapped[bool] = mapped_column(default=False)
    #: {"identity": {key: words}, "statements": {key: bool}, "open": {key: words}} by the keys of the form's words,
    #: "more" (of the skema's own instrument): [{"text", "answer"}], "consent": the sentence that was agreed to.
    said: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("third_party.said"), default=dict)
    #: What the asesor makes of it: whether it supports the asesi, and why.
    supports: Mapped[bool | None]
    finding: Mapped[str] = mapped_column(Text, default="")
    judged_at: Mapped[datetime | None]

    permohonan: Mapped[Permohonan] = relationship()
    asesor: Mapped[User] = relationship(foreign_keys=[asesor_id])
    by_phone: Mapped[User | None] = relationship(foreign_keys=[by_phone_id])
