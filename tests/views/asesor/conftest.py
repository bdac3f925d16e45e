"""A meeting and its people, for the tests of the asesor's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from lsp.database import db, write_transaction
from lsp.models import Permohonan
from lsp.services import meetings
from lsp.vocabulary import Form, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.html import filled, main, notices, soup
from tests.htmx import HX, same, swap
from tests.support.app import PortalClient
from tests.workflow.cases import Cast, actor_of, make_cast, make_permohonan, sign


@dataclass
class Desk:
    """A case, the asesor's browser, and the addresses of the case."""

    case: Permohonan
    cast: Cast
    browser: PortalClient

    def url(self, tail: str = "") -> str:
        return f"/asesor/permohonan/{self.case.public_id}{tail}"

    def get(self, tail: str = "") -> BeautifulSoup:
        return soup(self.browser.get(self.url(tail)))

    def post(self, tail: str, data: dict[str, Any] | None = None, *, hx: bool = False) -> Any:
        return self.browser.post(self.url(tail), data=data or {}, headers=HX if hx else {})

    def save(self, tail: str, data: dict[str, Any]) -> None:
        """Post a good form and follow to the page, which takes the message with it."""
        answer = self.post(tail, data)
        assert answer.status_code == 303, notices(soup(answer))
        self.browser.get(answer.location)

    @property
    def status(self) -> PermohonanStatus:
        db.session.expire_all()
        return self.case.status

    @property
    def version(self) -> int:
        db.session.expire_all()
        return self.case.version

    def agree_to_recording(self) -> None:
        with write_transaction():
            case = db.session.get_one(Permohonan, self.case.id)
            meetings.agree_to_recording(actor_of(case.asesi), case)

    def asesi_signs(self, form: Form) -> None:
        sign(self.case, form, self.case.asesi, Role.ASESI)
        db.session.commit()

    def assert_htmx_equals_page(
        self, page_tail: str, target: str, post_tail: str, data: dict[str, Any]
    ) -> None:
        """The answer to HTMX applied to the page that was open is the page as it is drawn anew."""
        before = self.get(page_tail)
        answer = self.post(post_tail, data, hx=True)
        assert answer.status_code == 200, notices(soup(answer))
        swap(before, answer, target)
        assert same(main(before), main(self.get(page_tail)))


def typed(node: Tag) -> dict[str, Any]:
    """As `filled`, with a text area as browsers read it: its first line end is markup, not text."""
    values = filled(node)
    for area in node.find_all("textarea"):
        name = str(area["name"])
        values[name] = values[name].removeprefix("\r\n").removeprefix("\n")
    return values


@pytest.fixture
def desk_at(app, sign_in):
    """desk_at(status, work_done=…, asesi=…): a case in a state, with its asesor signed in."""

    def made(status: PermohonanStatus, **wanted: Any) -> Desk:
        cast = wanted.pop("cast", None) or make_cast()
        case = make_permohonan(status, cast=cast, **wanted)
        return Desk(case, cast, sign_in(cast.asesor))

    return made


@pytest.fixture
def pre(desk_at) -> Desk:
    """A pre-assessment that began half an hour ago; nothing is recorded yet."""
    return desk_at(PermohonanStatus.PRE_SCHEDULED, work_done=False)


@pytest.fixture
def running(desk_at) -> Desk:
    """An assessment under way; FR.AK.02 is not begun."""
    return desk_at(PermohonanStatus.IN_ASSESSMENT, work_done=False)


@pytest.fixture
def held(desk_at):
    """After the pre-assessment, without recording and screenshot."""
    desk = desk_at(PermohonanStatus.READY)
    record = dossier_of(desk.case).bookings[-1].record
    record.recording_reference, record.screenshot_document_id = "", None
    db.session.commit()
    return desk
