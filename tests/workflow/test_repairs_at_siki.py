"""What failed and came from SIKI: SIKI is told, and the asesi may repair it there."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.models import (
    FieldSource,
    OutboxMessage,
)
from lsp.services import verification
from lsp.vocabulary import (
    Channel,
    FieldOrigin,
    FormSection,
    PermohonanStatus,
    Role,
    Verdict,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.repairs import repairs_of
from tests.support.repairs import change_address, perform, send_again, send_back
from tests.workflow.cases import make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    """Judged, everything meets."""
    return make_permohonan(S.SUBMITTED, cast=cast)


def from_siki(case, field="address"):
    """A field of the form as a dossier filled it in."""
    db.session.add(
        FieldSource(permohonan_id=case.id, field=field, origin=FieldOrigin.SIKI, at=clock.now())
    )
    db.session.commit()


def told(case):
    """The codes that SIKI is told, in order."""
    rows = db.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.channel == Channel.SIKI)
        .order_by(OutboxMessage.id)
    )
    return [row.payload["kd_status"] for row in rows]


class TestAtSiki:
    def see(self, cast, case, *, ticked):
        verification.judge(
            cast.of(Role.ADMIN, case), case, FormSection.PRIBADI,
            verdict=Verdict.MEETS, note="", seen_at_siki=ticked,
        )  # fmt: skip
        db.session.commit()

    def test_siki_hears_of_a_failing_item_of_its_own_alone(self, cast, case):
        from_siki(case)
        send_back(cast, case, FormSection.PEKERJAAN)
        assert told(case) == [20]

    def test_it_hears_11_where_the_item_came_from_it(self, cast, case):
        from_siki(case)
        send_back(cast, case, FormSection.PRIBADI, FormSection.PEKERJAAN)
        assert told(case) == [20, 11]
        items = dossier_of(case).sections
        assert [each for each in items if items[each].siki_asked_at] == [FormSection.PRIBADI]
        mail = db.session.query(OutboxMessage).filter_by(kind="permohonan_returned").one()
        said = ["Portal Perizinan" in item for item in mail.payload["context"]["items"]]
        assert said == [True, False]

    def test_rows_come_from_it_too(self, cast, case):
        (row,) = dossier_of(case).fr_apl_01.experiences
        row.origin = FieldOrigin.SIKI
        send_back(cast, case, FormSection.PENGALAMAN)
        assert told(case) == [20, 11]

    def test_what_the_asesi_has_changed_is_his_own(self, cast, case):
        from_siki(case)
        change_address(case)
        send_back(cast, case, FormSection.PRIBADI)
        assert told(case) == [20]

    def test_unchanged_here_it_is_sent_again_and_closes_once_it_was_seen_there(self, cast, case):
        from_siki(case)
        send_back(cast, case, FormSection.PRIBADI)
        send_again(case)
        with pytest.raises(NotAllowed, match="Belum memenuhi"):
            perform(case, "verify", cast.of(Role.ADMIN, case))
        with pytest.raises(DomainError, match="Buka SIKI"):
            self.see(cast, case, ticked=False)
        self.see(cast, case, ticked=True)
        admin, (rule, *_) = cast.of(Role.ADMIN, case), case.skema_version.education_rules
        verification.record_met_rule(admin, case, rule.id)
        verification.accept(admin, case, typed_name=admin.name)
        perform(case, "verify", admin)
        assert (case.status, told(case)) == (S.VERIFIED, [20, 11, 10])

    def test_repaired_here_it_is_like_any_other(self, cast, case):
        from_siki(case)
        send_back(cast, case, FormSection.PRIBADI)
        assert [each.at_siki for each in repairs_of(case)] == [True]
        change_address(case)
        assert [(each.done, each.at_siki) for each in repairs_of(case)] == [(True, False)]
        send_again(case)
        self.see(cast, case, ticked=False)
        assert dossier_of(case).sections[FormSection.PRIBADI].siki_seen_at is None

    def test_sent_back_once_more_it_is_to_be_seen_once_more(self, cast, case):
        from_siki(case)
        for _ in range(2):
            send_back(cast, case, FormSection.PRIBADI)
            send_again(case)
            self.see(cast, case, ticked=True)
        assert told(case) == [20, 11, 11]
