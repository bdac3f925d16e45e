"""After a long form was saved the asesor sees what was saved and what comes next, on a phone and with scripts."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp.vocabulary import PermohonanStatus
from tests.workflow.cases import make_cast, make_permohonan

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize("scripts", [True, False])
def test_the_next_unit_is_seen_from_its_top(app, sign_in, address, chromium, scripts):
    cast = make_cast()
    case = make_permohonan(PermohonanStatus.PRE_SCHEDULED, cast=cast, work_done=False)
    client = sign_in(cast.asesor)
    context = chromium.new_context(
        locale="id-ID", viewport={"width": 360, "height": 640}, java_script_enabled=scripts
    )
    name = app.config["SESSION_COOKIE_NAME"]
    context.add_cookies([{"name": name, "value": client.get_cookie(name).value, "url": address}])
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(address + url_for("asesor.evidence_unit", permohonan_id=case.public_id, position=1))
    page.get_by_text("Dapat dilanjutkan", exact=True).click()
    page.get_by_role("button", name="Simpan, lanjut unit 2").click()
    page.locator("#saved").wait_for()
    for seen in ("#bukti", "#saved"):
        top = page.locator(seen).bounding_box()["y"]
        assert -1 < top < 640, (seen, top)  # a browser scrolls to whole pixels
    assert "Bukti unit 2" in page.locator("#bukti").inner_text()
    context.close()
