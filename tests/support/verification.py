"""A case under verification: its checklist, its address, and a verdict on one item of it."""

from __future__ import annotations

from typing import Any

from flask import url_for
from werkzeug.test import TestResponse

from lsp.database import db
from lsp.models import Permohonan
from lsp.services.skema_import import document_requirements
from lsp.vocabulary import RequestKind
from tests.htmx import HX
from tests.support.app import PortalClient
from tests.workflow.cases import Cast

CASE_ALONE = HX | {"HX-Target": "case"}
NOTE = "NIK tidak sama dengan KTP."


def real_rows(cast: Cast) -> None:
    """The checklist of jenjang 4 instead of the two rows of the tests."""
    for old in list(cast.skema.requirements):
        db.session.delete(old)
    db.session.flush()
    rows = [row for row in document_requirements(4) if row.kind is RequestKind.BARU]
    cast.skema.requirements = rows
    db.session.commit()


def address(case: Permohonan, endpoint: str = "admin.permohonan", **query: Any) -> str:
    return url_for(endpoint, permohonan_id=case.public_id, **query)


def judge(
    admin: PortalClient, case: Permohonan, row: str, how: dict[str, str] | None = None, **data: Any
) -> TestResponse:
    values = {"version": case.version, "requirement": row} | data
    return admin.post(address(case, "admin.judge"), data=values, headers=how or {})
