"""How far a pre-assessment is, for the order of the meeting: counts and the words that are read out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, and_, bindparam, cast, func, or_, select

from lsp import clock
from lsp.database import db
from lsp.models import (
    Booking,
    FormTemplate,
    Permohonan,
    UnitKompetensi,
    UnitReview,
)
from lsp.services import data_check
from lsp.services.data_check import FIELDS
from lsp.services.meetings import MEETING_WORDS


@dataclass(frozen=True, slots=True)
class Progress:
    """confirmed, unfit: fields of FR.APL.01; judged: units with a word of this meeting, or a "dapat" of before."""

    confirmed: int
    unfit: int
    units: int
    judged: int
    words: Mapping[str, Any]

    @property
    def fields(self) -> int:
        return len(FIELDS)


_PROGRESS = select(
    select(func.count(UnitKompetensi.id))
    .where(UnitKompetensi.skema_version_id == bindparam("skema"))
    .scalar_subquery(),
    select(func.count(UnitReview.id))
    .where(
        UnitReview.permohonan_id == bindparam("case"),
        UnitReview.attempt == bindparam("attempt"),
        or_(
            UnitReview.can_continue.is_(True),
            and_(UnitReview.can_continue.is_(False), UnitReview.booking_id == bindparam("seat")),
        ),
    )
    .scalar_subquery(),
    select(cast(FormTemplate.body, String))
    .where(
        FormTemplate.form_code == MEETING_WORDS,
        FormTemplate.effective_from <= bindparam("today"),
    )
    .order_by(FormTemplate.version_number.desc())
    .limit(1)
    .scalar_subquery(),
)


def progress_of(permohonan: Permohonan, seat: Booking) -> Progress:
    # As the panel counts them: a value that changed since it was read out is asked again.
    standing = data_check.confirmations(permohonan).values()
    unfit = sum(not row.fits for row in standing)
    units, judged, words = db.session.execute(
        _PROGRESS,
        {
            "case": permohonan.id,
            "attempt": permohonan.attempt,
            "skema": permohonan.skema_version_id,
            "seat": seat.id,
            "today": clock.today_wib(),
        },
    ).one()
    return Progress(len(standing), unfit, units, judged, json.loads(words))
