"""The page of the recordings on a telephone of 360 px."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import MeetingRecording
from lsp.vocabulary import PermohonanStatus, RecordingKind
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.support.recordings import add_recording
from tests.workflow.cases import make_cast, make_permohonan

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize("scripts", [True, False])
def test_it_does_not_slide_sideways(app, sign_in, address, chromium, scripts):
    cast = make_cast()
    case = make_permohonan(PermohonanStatus.READY, cast=cast)
    seat = dossier_of(case).bookings[-1]
    add_recording(seat, content=b"ID3\x04" + bytes(90))
    factories.saved(
        MeetingRecording(
            booking_id=seat.id, kind=RecordingKind.FULL, place="https://arsip.lsp.example/" + "A" * 60,
            stored_by_id=seat.slot.asesor_id, keep_until=clock.today_wib(),
        )
    )  # fmt: skip
    path = f"/asesor/permohonan/{case.public_id}/rekaman"
    client = sign_in(seat.slot.asesor)
    db.session.remove()
    context = chromium.new_context(
        locale="id-ID", viewport={"width": 360, "height": 800}, java_script_enabled=scripts
    )
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = {"name": name, "value": client.get_cookie(name).value, "url": address}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(address + path)
    try:
        edge = page.evaluate("document.documentElement.scrollWidth")
        assert page.locator("#recording-panel select").count() == 2
        assert edge == 360
    finally:
        context.close()
