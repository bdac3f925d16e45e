"""The access table and the objects its rows are visited with.

tests/authz.csv is written by hand, from what the LSP wants and not from the code. One row an endpoint, method and
relation; the cells say how each identity is answered:

    ok    the view ran (2xx, a redirect elsewhere, 409 or 422 for a form sent empty)
    in    sent to sign in (302 to /masuk; with HTMX 401 and HX-Redirect)
    403   signed in, but the role may not
    404   nothing of that name in the person's scope
    405   this address does not take the method

relation: `-` for an address without an object; else a row `own` (in the person's scope) and a row `other`.
A new kind of argument in an address: add its maker to OBJECTS. What a form must send to count as a try: FORMS.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from lsp import ids
from lsp.models import User
from lsp.vocabulary import LinkPurpose, PermohonanStatus, Role
from tests import factories

TABLE = Path(__file__).parent.parent / "authz.csv"
RELATIONS = ("-", "own", "other")
ANSWERS = ("ok", "in", "403", "404", "405")
NOBODY = "nobody"

#: (the person, whether the object is in his scope) -> the value that stands in the address.
Maker = Callable[[User, bool], str]


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


def _skema(_person: User, own: bool) -> str:
    return factories.make_skema().skema.public_id if own else ids.public_id()


def _token(person: User, own: bool) -> str:
    return factories.make_link(person, LinkPurpose.VERIFY_EMAIL) if own else ids.secret_token()


def _place(person: User, own: bool) -> str:
    owner = person if own else factories.make_user(Role.ASESI)
    return factories.make_place(owner).public_id


def _permohonan(person: User, own: bool) -> str:
    """A draft of the person (own) or of another asesi; both are in the scope of roles that read every case."""
    owner = person if own else factories.make_user(Role.ASESI)
    return factories.make_permohonan(owner, status=PermohonanStatus.DRAFT).public_id


OBJECTS: dict[str, Maker] = {
    "skema_id": _skema,
    "token": _token,
    "place_id": _place,
    "permohonan_id": _permohonan,
}

#: Makers for endpoints whose argument must be more than OBJECTS makes: endpoint -> argument -> maker.
SPECIAL_OBJECTS: dict[str, dict[str, Maker]] = {}

#: What is posted, where an empty form would not do.
FORMS: dict[str, dict[str, str]] = {
    "auth.enter_demo": {"akun": "admin"},
    "auth.use_link": {"password": factories.PASSWORD},
}


def address_values(
    endpoint: str, arguments: set[str], person: User, *, own: bool
) -> dict[str, str]:
    """A value for each argument of an endpoint's address. Fails with what to add when a maker is missing."""
    makers = OBJECTS | SPECIAL_OBJECTS.get(endpoint, {})
    missing = arguments - makers.keys()
    assert not missing, (
        f"{endpoint}: add makers for {sorted(missing)} to OBJECTS in tests/support/access.py"
    )
    return {name: makers[name](person, own) for name in sorted(arguments)}
