"""The access table and the objects its rows are visited with.

tests/authz.csv is written by hand, from what the LSP wants and not from the code. One row an endpoint, method and
relation; the cells say how each identity is answered:

    ok    the view ran (2xx, a redirect elsewhere, 409 or 422 for a form sent empty)
    in    sent to sign in (302 to /masuk; with HTMX 401 and HX-Redirect)
    403   signed in, but the role may not
    404   nothing of that name in the person's scope
    405   this address does not take the method

relation: `-` for an address without an object; else a row `own` (in the person's scope) and a row `other`. Where the
scope is a pleno's, also `pleno` (a case on the agenda of one that names the person) and `other_pleno`: AGENDA_OBJECTS.
A new kind of argument in an address: write its maker in the module of its subject (access_*.py) and add it to OBJECTS
(access_objects.py).
What a form must send to count as a try: FORMS.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from lsp.models import User
from tests import factories
from tests.support.access_objects import AGENDA_OBJECTS, OBJECTS, SPECIAL_OBJECTS

TABLE = Path(__file__).parent.parent / "authz.csv"
RELATIONS = ("-", "own", "other", "pleno", "other_pleno")
ANSWERS = ("ok", "in", "403", "404", "405")
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `expected` is by identity: `nobody` or a role's value."""

    endpoint: str
    method: str
    relation: str
    expected: dict[str, str]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.method} {self.relation}"


def read_table() -> list[Row]:
    with TABLE.open(newline="", encoding="utf-8") as file:
        return [
            Row(line.pop("endpoint"), line.pop("method"), line.pop("relation"), line)
            for line in csv.DictReader(file)
        ]


def routes(app: Flask) -> dict[tuple[str, str], Rule]:
    """(endpoint, method) -> rule; HEAD and OPTIONS come with GET."""
    return {
        (rule.endpoint, method): rule
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


#: Headers without which a request does not count as a try.
HEADERS: dict[str, dict[str, str]] = {
    "asesi.begin_upload": {"Tus-Resumable": "1.0.0", "Upload-Length": "5"},
    "asesi.send_piece": {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "3",
        "Content-Type": "application/offset+octet-stream",
    },
    "asesi.drop_upload": {"Tus-Resumable": "1.0.0"},
    "asesor.begin_recording": {"Tus-Resumable": "1.0.0", "Upload-Length": "5"},
    "asesor.send_recording": {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "3",
        "Content-Type": "application/offset+octet-stream",
    },
    "asesor.drop_recording": {"Tus-Resumable": "1.0.0"},
}

#: What is posted, where an empty form would not do.
FORMS: dict[str, dict[str, str]] = {
    "auth.enter_demo": {"akun": "admin"},
    "auth.use_link": {"password": factories.PASSWORD},
}


def address_values(
    endpoint: str, arguments: set[str], person: User, *, relation: str
) -> dict[str, str]:
    """A value for each argument of an endpoint's address. Fails with what to add when a maker is missing."""
    makers = OBJECTS | SPECIAL_OBJECTS.get(endpoint, {})
    if relation in ("pleno", "other_pleno"):
        makers = AGENDA_OBJECTS
    own = relation in ("own", "pleno")
    missing = arguments - makers.keys()
    assert not missing, (
        f"{endpoint}: add makers for {sorted(missing)} to OBJECTS in tests/support/access_objects.py"
    )
    return {name: makers[name](person, own) for name in sorted(arguments)}
