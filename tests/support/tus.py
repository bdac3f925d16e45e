"""A strict client of tus 1.0, and a case that is sent while it sends."""

from __future__ import annotations

import base64

from werkzeug.test import TestResponse

from lsp import clock
from lsp.database import begin_write, db
from lsp.models import Permohonan
from lsp.vocabulary import PermohonanStatus
from tests.support.app import PortalClient

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"


class TusClient:
    """Knows the protocol and nothing of the portal: an address to begin at, and what it is answered."""

    def __init__(self, browser: PortalClient, address: str, **headers: str) -> None:
        self.browser, self.address, self.headers, self.at = browser, address, TUS | headers, ""

    def begin(self, length: int | str, name: str = "ijazah.pdf", **headers: str) -> TestResponse:
        said = f"filename {base64.b64encode(name.encode()).decode()}"
        answer = self.browser.post(
            self.address,
            headers=self.headers
            | {"Upload-Length": str(length), "Upload-Metadata": said}
            | headers,
        )
        self.at = answer.headers.get("Location", "")
        return answer

    def state(self) -> TestResponse:
        return self.browser.head(self.at, headers=self.headers)

    def offset(self) -> int:
        return int(self.state().headers["Upload-Offset"])

    def send(
        self, data: bytes, offset: int | str, kind: str = PIECE, **headers: str
    ) -> TestResponse:
        given = self.headers | {"Upload-Offset": str(offset)} | headers
        return self.browser.patch(self.at, data=data, headers=given, content_type=kind)

    def drop(self) -> TestResponse:
        return self.browser.delete(self.at, headers=self.headers)


def send_case(permohonan: Permohonan) -> None:
    """The case leaves its asesi, as in another tab."""
    begin_write()
    case = db.session.get_one(Permohonan, permohonan.id)
    case.status, case.submitted_at = PermohonanStatus.SUBMITTED, clock.now()
    db.session.commit()
    db.session.remove()
