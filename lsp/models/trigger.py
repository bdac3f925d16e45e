"""One trigger, as both databases want it said; the list of all of them is in lsp/models/triggers.py."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: `wib_day(NEW.column)` in a condition: the day of a moment as the LSP counts it, to compare it with a day.
_WIB_DAY = re.compile(r"wib_day\(([\w.]+)\)")


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger for both databases.

    `condition` is SQL over NEW/OLD that must be false; `message` is what the refusal says. With `statement`
    the trigger runs that statement instead of refusing.
    """

    name: str
    table: str
    event: str  # INSERT, UPDATE or DELETE
    condition: str = ""
    message: str = ""
    statement: str = ""

    def sqlite(self) -> list[str]:
        timing = "AFTER" if self.statement else "BEFORE"
        body = self.statement or f"SELECT RAISE(ABORT, '{self.message}')"
        condition = _WIB_DAY.sub(r"date(\1, '+7 hours')", self.condition)
        when = f" WHEN {condition}" if condition else ""
        return [
            f"DROP TRIGGER IF EXISTS {self.name}",
            f"CREATE TRIGGER {self.name} {timing} {self.event} ON {self.table}"
            f" FOR EACH ROW{when} BEGIN {body}; END",
        ]

    def postgresql(self) -> list[str]:
        timing = "AFTER" if self.statement else "BEFORE"
        kept = "OLD" if self.event == "DELETE" else "NEW"
        body = (
            self.statement
            or f"RAISE EXCEPTION '{self.message}' USING ERRCODE = 'integrity_constraint_violation'"
        )
        if self.condition:
            condition = _WIB_DAY.sub(r"date(\1 AT TIME ZONE 'Asia/Jakarta')", self.condition)
            body = f"IF {condition} THEN {body}; END IF"
        made = [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $body$ BEGIN {body}; RETURN {kept}; END $body$",
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            f"CREATE TRIGGER {self.name} {timing} {self.event} ON {self.table}"
            f" FOR EACH ROW EXECUTE FUNCTION {self.name}()",
        ]
        if self.event == "DELETE" and not self.condition:
            # TRUNCATE removes rows without asking row triggers.
            made += [
                f"DROP TRIGGER IF EXISTS {self.name}_all ON {self.table}",
                f"CREATE TRIGGER {self.name}_all BEFORE TRUNCATE ON {self.table}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()",
            ]
        return made
