"""One case many times over, in bulk: for lists of a hundred rows and for crowds, where making each takes too long.

    case = make_permohonan(PermohonanStatus.RECORDED)
    copies(case, 99)                                    # ids of the new cases

Every row that belongs to the case is written again as it stands, with its asesi, meetings, jadwal and pleno: only keys,
names that must differ and numbers are new. The triggers sleep meanwhile, since they judge steps and not states.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, func, insert, or_, select, text, update
from sqlalchemy.engine import Connection

from lsp import ids
from lsp.database import db
from lsp.models import Booking, Permohonan, PlenoCase, Slot
from lsp.models.triggers import drop_triggers, install_triggers

#: What happened to a case, and what counts all of them, is no part of a copy.
_NOT_COPIED = {"audit_event", "audit_head", "outbox_message", "number_counter", "status_count"}
#: Times that must differ among the rows of one asesor, by as little as a database knows.
_SHIFTED = {("slot", "starts_at"), ("slot", "ends_at")}
_AT_ONCE = 400
_serial = itertools.count(1)

Rows = dict[str, dict[int, dict[str, Any]]]


def copies(case: Permohonan, count: int, *, in_its_pleno: bool = False) -> list[int]:
    """Commits. The ids of the new permohonan, in the order in which they were made.

    in_its_pleno: all on the agenda of the one pleno; else each gets a copy of it.
    """
    db.session.commit()
    made: list[int] = []
    with db.engine.connect() as connection, triggers_asleep(connection):
        rows = _rows_of(connection, case, with_pleno=not in_its_pleno)
        for begin in range(0, count, _AT_ONCE):
            made += _write(connection, rows, min(_AT_ONCE, count - begin))
        _count_anew(connection)
        connection.commit()
    return made


# --- Reading -----------------------------------------------------------------------------------------------------


def _rows_of(connection: Connection, case: Permohonan, *, with_pleno: bool) -> Rows:
    """Table → number → row of what belongs to the case, parents before children."""
    seats = select(Booking.slot_id).where(Booking.permohonan_id == case.id)
    roots = {
        "user_account": [case.asesi_id],
        "permohonan": [case.id],
        "slot": list(connection.scalars(seats)),
        "jadwal": list(connection.scalars(select(Slot.jadwal_id).where(Slot.id.in_(seats)))),
    }
    if with_pleno:
        held = select(PlenoCase.pleno_id).where(PlenoCase.permohonan_id == case.id)
        roots["pleno"] = list(connection.scalars(held))
    found: Rows = {}
    for table in db.metadata.sorted_tables:
        if table.name in _NOT_COPIED:
            continue
        keys = list(_keys_to(table, found))
        # A jadwal or a pleno has rows of other cases too: where a row names its permohonan, that decides.
        of_case = [key for key in keys if key[1].column.table.name == "permohonan"]
        belongs = [column.in_(list(found[fk.column.table.name])) for column, fk in of_case or keys]
        if table.name in roots:
            belongs = [table.c.id.in_(roots[table.name])]
        if not belongs:
            continue
        rows = connection.execute(select(table).where(or_(*belongs))).mappings().all()
        if rows:
            key = next(iter(table.primary_key.columns)).name
            found[table.name] = {
                row[key] if len(table.primary_key.columns) == 1 else -number: dict(row)
                for number, row in enumerate(rows, 1)
            }
    return found


def _keys_to(table: Table, found: Rows) -> Iterator[tuple[Column[Any], Any]]:
    for fk in table.foreign_keys:
        if fk.column.table.name in found:
            yield fk.parent, fk


# --- Writing -----------------------------------------------------------------------------------------------------


def _write(connection: Connection, rows: Rows, count: int) -> list[int]:
    new: dict[tuple[str, int, int], int] = {}
    made: list[int] = []
    numbers = [next(_serial) for _ in range(count)]
    for name, those in rows.items():
        table = db.metadata.tables[name]
        own_id = "id" in table.c and not table.c.id.foreign_keys
        following = (connection.scalar(select(func.max(table.c.id))) or 0) if own_id else 0
        serials = _serials(connection) if name == "number_entry" else {}
        values = []
        for copy in numbers:
            for key, row in those.items():
                value = dict(row)
                for column, fk in _keys_to(table, rows):
                    parent = fk.column.table.name
                    value[column.name] = new.get((parent, row[column.name], copy), row[column.name])
                if own_id:
                    following += 1
                    value["id"] = new[name, key, copy] = following
                elif key > 0:
                    new[name, key, copy] = value[next(iter(table.primary_key.columns)).name]
                if serials:
                    series = row["series_code"], row["scope_key"]
                    serials[series] += 1
                    value["serial"] = serials[series]
                values.append(_differing(table, value, copy))
                if name == "permohonan":
                    made.append(value["id"])
        connection.execute(insert(table), values)
        if own_id and connection.dialect.name == "postgresql":
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), :last)"),
                {"last": following},
            )
    _raise_counters(connection)
    return made


def _differing(table: Table, value: dict[str, Any], copy: int) -> dict[str, Any]:
    """With what only one row of a table may say made this copy's."""
    for name in _only_once(table):
        if name == "public_id":
            value[name] = ids.public_id()
        elif isinstance(value[name], str) and value[name]:
            begin, longest = f"s{copy}-", getattr(table.c[name].type, "length", None) or 250
            value[name] = begin + value[name][len(begin) - longest :]
    for name, column in _SHIFTED:
        if table.name == name and isinstance(value[column], datetime):
            value[column] += timedelta(microseconds=copy + 1)
    return value


def _only_once(table: Table) -> list[str]:
    """Text columns that are unique by themselves."""
    sets = [rule.columns for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    sets += [index.columns for index in table.indexes if index.unique]
    alone = {columns[0].name for columns in map(list, sets) if len(columns) == 1}
    return [name for name in alone if not table.c[name].foreign_keys]


def _serials(connection: Connection) -> dict[tuple[str, str], int]:
    """The last number of each series: those of copies follow it, so that no gap is made."""
    entry = db.metadata.tables["number_entry"]
    found: dict[tuple[str, str], int] = defaultdict(int)
    for series, scope, last in connection.execute(
        select(entry.c.series_code, entry.c.scope_key, func.max(entry.c.serial)).group_by(
            entry.c.series_code, entry.c.scope_key
        )
    ):
        found[series, scope] = last
    return found


def _raise_counters(connection: Connection) -> None:
    counter = db.metadata.tables["number_counter"]
    for (series, scope), last in _serials(connection).items():
        connection.execute(
            update(counter)
            .where(counter.c.series_code == series, counter.c.scope_key == scope)
            .values(last_serial=last)
        )


# --- The triggers ------------------------------------------------------------------------------------------------


@contextmanager
def triggers_asleep(connection: Connection) -> Iterator[None]:
    """To write what stands in a database in truth, without the steps that led there."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        db.session.rollback()
        return
    db.session.commit()
    drop_triggers(connection)
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        install_triggers(connection)
        connection.commit()
        db.session.rollback()  # what was read before stands in an older picture of the database


def _count_anew(connection: Connection) -> None:
    """What the triggers would have counted."""
    connection.execute(text("DELETE FROM status_count"))
    connection.execute(
        text(
            "INSERT INTO status_count (status, count) SELECT status, count(*) FROM permohonan GROUP BY status"
        )
    )
