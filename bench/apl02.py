"""FR.APL.02 of 9 units, 27 elemen, 91 KUK: CPU a page against the same template fed with fixture data.

`python -m bench.apl02 >/dev/null`: log lines go to the standard output, figures to the standard error.

Two sides draw the very template from data kept in memory: `portal`, behind the same gate (session, person, headers),
and `bare`, a Flask app with nothing beside it. All through the test client in one thread, rounds interleaved, median
of CPU time: ratios hold on a noisy machine, absolute figures do not.
"""

from __future__ import annotations

import gzip
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, template_rendered
from flask.testing import FlaskClient
from jinja2 import Template
from sqlalchemy import event, select
from werkzeug.routing import Rule

from bench.serve import prepare
from lsp import config, create_app
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.models import Document, Permohonan, SkemaVersion, User
from lsp.permissions import access
from lsp.services import apl02, intake, signing_in
from lsp.services.apl02 import GivenAnswer
from lsp.vocabulary import Answer, Mode, RequestKind, Role

ROUNDS = 15
PER_ROUND = 10
FILES = 8
MOST_QUERIES, MOST_TIMES = 4, 2.5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        app = create_app(config.from_environment({"LSP_DATA": folder}))
        client, pages = _answered(app)
        for name, path in pages.items():
            template, context = _drawn(app, client, path)
            asked = _queries(app, client, path)
            sides = {
                "ours": (client, path),
                "portal": (client, _in_the_portal(app, template, context)),
                "bare": (_bare(template, context), "/"),
            }
            cpu = _compare(sides)
            size = len(gzip.compress(client.get(path).get_data(), 9))
            fits = cpu["ours"] <= MOST_TIMES * cpu["portal"] and asked <= MOST_QUERIES
            times = ", ".join(
                f"{cpu['ours'] / cpu[side]:.2f} x {side} ({cpu[side]:.2f} ms)"
                for side in ("portal", "bare")
            )
            print(f"{name}: {cpu['ours']:.2f} ms, {times}; {asked} queries; {size} bytes gzip"
                  f"{'' if fits else '  MISSED'}", file=sys.stderr)  # fmt: skip


def _answered(app: Flask) -> tuple[FlaskClient, dict[str, str]]:
    """A signed-in asesi of the demo and the pages of a new draft, all of it answered with words and a file."""
    with app.app_context(), write_transaction():
        version = db.session.scalars(
            select(SkemaVersion).where(SkemaVersion.opened_at.is_not(None))
        ).first()
        person = db.session.scalars(
            select(User).join(Permohonan, Permohonan.asesi_id == User.id).limit(1)
        ).one()
        if version is None:
            raise SystemExit("the demo has no open skema")
        case = intake.start(
            Actor(id=person.id, name=person.name, roles=frozenset({Role.ASESI})),
            asesi=person, id_izin="I-BENCH-APL02", version=version, kind=RequestKind.BARU, mode=Mode.DARING,
        )  # fmt: skip
        files = [_file(case, number) for number in range(FILES)]
        db.session.add_all(files)
        db.session.flush()
        units = apl02.units(case)
        given = GivenAnswer(Answer.K, "Pernah saya kerjakan di proyek contoh.", [files[0].id])
        apl02.save_answers(case, {row.id: given for unit in units for row in unit.elements})
        token = signing_in.open_place(person, is_staff=False, device="bench")
        form = f"/asesi/permohonan/{case.public_id}/fr-apl-02"
        largest = max(units, key=lambda unit: len(unit.elements)).position
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    return client, {
        "whole form": f"{form}/semua",
        "overview": form,
        f"unit {largest}, to fill in": f"{form}/{largest}",
    }


def _file(case: Permohonan, number: int) -> Document:
    return Document(
        permohonan_id=case.id, purpose="evidence", label=f"Foto kerja {number}", original_name=f"foto-{number}.jpg",
        content_type="image/jpeg", size=1, sha256="0" * 64, storage_key=secrets.token_hex(16),
        uploaded_by_id=case.asesi_id,
    )  # fmt: skip


def _drawn(app: Flask, client: FlaskClient, path: str) -> tuple[Template, dict[str, Any]]:
    """The template of a page and the data that it was drawn from, made independent of the portal."""
    seen: list[tuple[Template, dict[str, Any]]] = []

    def note(_app: Flask, template: Template, context: dict[str, Any], **_: Any) -> None:
        plain = {name: _plain(value) for name, value in context.items()}
        plain["permohonan"].skema_version = _plain(context["permohonan"].skema_version)
        seen.append((template, plain))

    with template_rendered.connected_to(note, app):
        answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status}")
    template, context = seen[-1]
    for name in ("request", "session", "g"):
        context.pop(name, None)
    return template, context | {
        "address": lambda _endpoint, _case, unit_position=0: f"{path}/{unit_position}",
        "file_url": lambda file: f"/berkas/{file.public_id}",
        "csrf_token": lambda: "x" * 91,
        "config": {"DEMO": True},
    }


def _plain(value: Any) -> Any:
    """A row as plain data, read while its session is open; anything else as it is."""
    if not hasattr(value, "__table__"):
        return value
    return SimpleNamespace(**{row.key: getattr(value, row.key) for row in value.__table__.columns})


def _bare(template: Template, context: dict[str, Any]) -> FlaskClient:
    bare = Flask("fixture")
    bare.add_url_rule("/", "page", lambda: template.render(context))
    bare.add_url_rule("/data-pribadi", "public.personal_data")  # the frame of the page links to it
    return bare.test_client()


def _in_the_portal(app: Flask, template: Template, context: dict[str, Any]) -> str:
    """The address of a view of the portal that reads nothing but session and person."""
    name = f"fixture_{len(app.view_functions)}"
    view = access(roles=(Role.ASESI,))(lambda: template.render(context))
    with app.app_context():
        app.url_map.add(Rule(f"/{name}", endpoint=name, methods=["GET"]))
    app.view_functions[name] = view
    return f"/{name}"


def _queries(app: Flask, client: FlaskClient, path: str) -> int:
    """SELECTs of a page beside the one that reads session and person."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT") and "sign_in.token_digest" not in statement:
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    client.get(path)
    event.remove(engine, "before_cursor_execute", note)
    return len(sent)


def _compare(sides: dict[str, tuple[FlaskClient, str]]) -> dict[str, float]:
    """Milliseconds of CPU a page, by side."""
    cpu: dict[str, list[float]] = {side: [] for side in sides}
    for _round in range(ROUNDS):
        for side, (browser, address) in sides.items():
            start = time.process_time()
            for _ in range(PER_ROUND):
                if browser.get(address).status_code != 200:
                    raise SystemExit(f"{side} {address} failed")
            cpu[side].append((time.process_time() - start) / PER_ROUND * 1000)
    return {side: statistics.median(found) for side, found in cpu.items()}


if __name__ == "__main__":
    main()
