"""The next case that waits, in the order and the filter of the list."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp.database import db
from lsp.models import Permohonan
from lsp.services import verification
from lsp.services.worklist_rows import Wanted
from lsp.vocabulary import PermohonanStatus, Role
from tests.html import soup, words
from tests.support.verification import address
from tests.views.admin.test_work import many
from tests.workflow.cases import make_cast, make_permohonan

S = PermohonanStatus


class TestNextCase:
    def test_it_is_the_next_that_waits_in_the_list(self, admin, cast):
        first, second = (make_permohonan(S.SUBMITTED, cast=cast, work_done=False) for _ in range(2))
        page = soup(admin.get(address(first, dari="kerja=verifikasi")))
        link = page.select_one("#next-case a")
        assert second.public_id in link["href"]
        assert "dari=kerja%3Dverifikasi" in link["href"]

    def test_the_filter_of_the_list_holds(self, admin, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast, work_done=False)
        make_permohonan(S.SUBMITTED, cast=make_cast(), work_done=False)
        page = soup(admin.get(address(case, dari=f"kerja=verifikasi&skema={cast.skema.public_id}")))
        assert "Tidak ada berkas lain" in words(page.select_one("#next-case"))

    @pytest.mark.parametrize(("order", "step"), [("terlama", 1), ("terbaru", -1)])
    def test_it_leads_once_through_the_whole_list_in_its_order(self, admin, cast, order, step):
        """Thirty, so that the list has two pages; two of one moment, so that the number decides."""
        many(30, cast.skema)
        cases = list(db.session.scalars(select(Permohonan).order_by(Permohonan.id)))
        cases[4].status_at = cases[5].status_at
        db.session.commit()
        wanted = Wanted(order=order)
        actor = cast.of(Role.ADMIN, cases[0])
        seen, here = [], cases[::step][0]
        for _ in cases:
            seen.append(here.asesi_name)
            found = verification.next_waiting(actor, here, wanted)
            here = next(each for each in cases if each.public_id == found.public_id)
        assert seen == [case.asesi_name for case in cases[::step]]
        assert here is cases[::step][0], "after the last it begins anew"

    def test_just_after_a_step_it_stands_on_top(self, admin, cast):
        done, waiting = (
            make_permohonan(S.VERIFIED, cast=cast),
            make_permohonan(S.SUBMITTED, cast=cast),
        )
        page = soup(admin.get(address(done, dari="kerja=verifikasi")))
        assert waiting.public_id in page.select_one("#next-case a")["href"]
        assert soup(admin.get(address(done))).select_one("#next-case") is None
