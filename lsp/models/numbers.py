"""Taking a number: series are data, the counter row is raised in the transaction that needs it, the ledger keeps all.

Not a database sequence (it leaves gaps on rollback) and not max()+1 (two at once take the same).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from lsp import clock
from lsp.database import db, insert_or_keep
from lsp.models.certificate import NumberEntry
from lsp.models.lembaga import NumberCounter, NumberSeries
from lsp.vocabulary import NumberState


def take_number(
    series_code: str, *, permohonan_id: int | None = None, **fields: str | int
) -> NumberEntry:
    """Take the next number of a series and write it into the ledger. The year is WIB's.

    fields: what the pattern prints besides `serial` and `year` (kbli, kbji, jenjang, licence).
    Raises LookupError when the series has no row in force.
    """
    today: date = clock.today_wib()
    series = db.session.scalar(
        select(NumberSeries)
        .where(NumberSeries.code == series_code, NumberSeries.effective_from <= today)
        .order_by(NumberSeries.effective_from.desc())
        .limit(1)
    )
    if series is None:
        raise LookupError(f"no number series {series_code}")
    scope_key = "life" if series.scope == "life" else str(today.year)
    counter = _locked_counter(series, scope_key)
    counter.last_serial += 1
    entry = NumberEntry(
        series_code=series_code,
        scope_key=scope_key,
        serial=counter.last_serial,
        text=series.pattern.format(serial=counter.last_serial, year=today.year, **fields),
        state=NumberState.TAKEN,
        permohonan_id=permohonan_id,
        taken_at=clock.now(),
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def void_number(entry: NumberEntry, reason: str) -> None:
    """Take a number out of use; it stays in the ledger and is never given again."""
    entry.state, entry.void_reason = NumberState.VOIDED, reason
    db.session.flush()


def _locked_counter(series: NumberSeries, scope_key: str) -> NumberCounter:
    # Two first takers of a year must not both insert: the loser waits for the winner's row.
    insert_or_keep(
        NumberCounter, series_code=series.code, scope_key=scope_key, last_serial=series.start - 1
    )
    return db.session.get_one(
        NumberCounter, (series.code, scope_key), with_for_update=True, populate_existing=True
    )
