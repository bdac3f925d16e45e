"""Attempts that are over stay readable, and say which units the next one asks for."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.models import FrAk02Unit, UnitKompetensi
from lsp.services import reassessment
from lsp.services.attempts import earlier_attempts
from lsp.vocabulary import Answer, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import units_to_assess
from lsp.workflow.permohonan import PERMOHONAN
from tests.html import main, soup, words
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


def assessed_again(cast, *, failed_only=True, by="reassess"):
    """A case in its second attempt; in the first its second unit failed."""
    case = make_permohonan(S.NOT_YET_COMPETENT, cast=cast, result_opened_at=clock.now())
    case.skema_version.reassess_failed_units_only = failed_only
    if by == "reassess":
        reassessment.make_invoice(actor_of(cast.admin), case, amount=0, version=case.version)
        PERMOHONAN.perform(case, by, actor_of(cast.admin), version=case.version)
    else:
        asesi = actor_of(case.asesi)
        PERMOHONAN.perform(
            case, "appeal", asesi, version=case.version, note="Bukti tidak dibaca semua."
        )
        PERMOHONAN.perform(case, by, SYSTEM, version=case.version)
    db.session.commit()
    return case


def failed_of(case):
    return (
        db.session.query(UnitKompetensi)
        .join(FrAk02Unit)
        .filter(FrAk02Unit.failed, UnitKompetensi.skema_version_id == case.skema_version_id)
        .order_by(UnitKompetensi.position)
        .all()
    )


class TestUnitsToAssess:
    def test_the_first_attempt_asks_for_all(self, cast):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        assert units_to_assess(case) == list(case.skema_version.units)

    def test_after_a_reassessment_those_that_failed(self, cast):
        case = assessed_again(cast)
        failed = failed_of(case)
        assert 0 < len(failed) < len(case.skema_version.units)
        assert units_to_assess(case) == failed

    def test_or_all_where_the_skema_says_so(self, cast):
        case = assessed_again(cast, failed_only=False)
        assert units_to_assess(case) == list(case.skema_version.units)

    def test_all_where_a_banding_opened_it(self, cast):
        case = assessed_again(cast, by="grant_reassessment")
        assert units_to_assess(case) == list(case.skema_version.units)


class TestEarlierAttempts:
    def test_none_while_the_first_goes_on(self, cast):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        assert case.attempt == 1
        assert count_queries(lambda: earlier_attempts(case)) == 0
        assert list(earlier_attempts(case)) == []

    def test_what_the_first_ended_with(self, cast):
        case = assessed_again(cast)
        assert case.skema_version
        assert count_queries(lambda: earlier_attempts(case)) == 3
        (first,) = earlier_attempts(case)
        assert (first.number, first.recommendation, first.decision) == (1, Answer.BK, Answer.BK)
        assert first.asesor == cast.asesor.name
        assert [unit.title for unit in first.failed] == [unit.title for unit in failed_of(case)]
        assert first.ended_by == "Asesmen ulang dibuka"

    def test_the_new_attempt_has_no_paper_of_its_own_yet(self, cast):
        case = assessed_again(cast)
        assert dossier_of(case).fr_ak_02 is None

    @pytest.mark.parametrize(
        ("who", "endpoint"),
        [("asesi", "asesi.history"), ("admin", "admin.permohonan")],
    )
    def test_it_is_read_by(self, cast, sign_in, who, endpoint):
        case = assessed_again(cast)
        reader = case.asesi if who == "asesi" else cast.admin
        address = url_for(endpoint, permohonan_id=case.public_id)
        shown = words(main(soup(sign_in(reader).get(address))))
        assert "Asesmen ke-1: belum kompeten" in shown
        assert failed_of(case)[0].title in shown


class TestWhereverItIsOpened:
    """A second attempt says that it is one, and which units it looks at."""

    @pytest.mark.parametrize(
        ("who", "endpoint"),
        [("asesi", "asesi.permohonan"), ("admin", "admin.permohonan")],
    )
    def test_the_units_are_named(self, cast, sign_in, who, endpoint):
        case = assessed_again(cast)
        (unit,) = failed_of(case)
        reader = case.asesi if who == "asesi" else cast.admin
        page = soup(sign_in(reader).get(url_for(endpoint, permohonan_id=case.public_id)))
        assert f"Asesmen ulang: hanya unit {unit.code} {unit.title}." in words(main(page))

    @pytest.mark.parametrize(
        "endpoint", ["asesor.permohonan", "asesor.case_panel", "asesi.meeting"]
    )
    def test_in_the_meeting_too(self, cast, sign_in, endpoint):
        case = make_permohonan(S.SCHEDULED, cast=cast, attempt=2)
        reader = cast.asesor if endpoint.startswith("asesor") else case.asesi
        more = {"key": "fr-apl-02"} if endpoint == "asesor.case_panel" else {}
        address = url_for(endpoint, permohonan_id=case.public_id, **more)
        shown = words(main(soup(sign_in(reader).get(address))))
        assert "Asesmen ulang: semua unit dinilai lagi." in shown

    def test_a_first_one_says_nothing_of_it(self, cast, sign_in):
        case = make_permohonan(S.SCHEDULED, cast=cast)
        address = url_for("asesor.permohonan", permohonan_id=case.public_id)
        assert "Asesmen ulang" not in words(main(soup(sign_in(cast.asesor).get(address))))
