"""Signed reports of a jadwal, and FR.AK.02 as it changes after them, for tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import FrAk02, FrAk02Unit, FrAk05, FrAk06, Jadwal, Permohonan, User
from lsp.services import fr_ak_05, fr_ak_06, jadwal_reports
from lsp.vocabulary import Answer


def every_cell() -> dict[str, Any]:
    """Answers of FR.AK.06 that leave nothing open."""
    shape = fr_ak_06.shape_of(fr_ak_06.words_of(None))
    return dict.fromkeys(shape.ticks, True) | dict.fromkeys(shape.dimensions, "TL/CVP, T/PW")


def make_ak_05(jadwal: Jadwal, asesor: User, *, signed: bool = True, **columns: Any) -> FrAk05:
    batch = jadwal_reports.batch_of(jadwal, asesor.id)
    values: dict[str, Any] = {"aspects": "Jaringan TUK baik; penjelasan dipahami."}
    if signed:
        values |= {
            "signed_at": clock.now(),
            "signed_name": asesor.name,
            "rows": [row.as_json() for row in fr_ak_05.rows_of(batch)],
        }
    made = FrAk05(jadwal_id=jadwal.id, asesor_id=asesor.id, **(values | columns))
    db.session.add(made)
    db.session.commit()
    return made


def make_ak_06(jadwal: Jadwal, asesor: User, *, signed: bool = True, **columns: Any) -> FrAk06:
    values: dict[str, Any] = {"answers": every_cell()}
    if signed:
        values |= {"signed_at": clock.now(), "signed_name": asesor.name}
    made = FrAk06(jadwal_id=jadwal.id, asesor_id=asesor.id, **(values | columns))
    db.session.add(made)
    db.session.commit()
    return made


def next_edition(
    case: Permohonan, recommendation: Answer | None = None, failed: tuple[int, ...] = ()
) -> FrAk02:
    """A later edition of FR.AK.02, sent; failed: positions of units."""
    old = db.session.scalars(
        select(FrAk02)
        .where(FrAk02.permohonan_id == case.id, FrAk02.attempt == case.attempt)
        .order_by(FrAk02.edition.desc())
    ).first()
    assert old is not None
    fresh = FrAk02(
        permohonan_id=case.id,
        booking_id=old.booking_id,
        attempt=old.attempt,
        edition=old.edition + 1,
        asesor_id=old.asesor_id,
        recommendation=recommendation or old.recommendation,
        frozen_at=None,
    )
    fresh.units = [
        FrAk02Unit(unit_id=row.unit_id, evidence=row.evidence, failed=row.unit.position in failed)
        for row in old.units
    ]
    db.session.add(fresh)
    db.session.flush()
    fresh.frozen_at = clock.now()
    db.session.commit()
    return fresh
