"""Which instruments and kinds of evidence a MAPA asks for; the templates of FR.MAPA.01 and FR.MAPA.02."""

from __future__ import annotations

import pytest

from lsp.data import read_json
from lsp.database import db
from lsp.models import AssessmentPlan
from lsp.models.inforce import form_template
from lsp.vocabulary import EvidenceKind, Form, PermohonanStatus
from lsp.workflow import mapa as mapa_rules
from lsp.workflow.dossier import dossier_of
from lsp.workflow.mapa import (
    evidence_kinds,
    instruments_by_unit,
    instruments_of,
    kinds_of_ak_01,
    potensi_of,
    template,
    template_of,
)
from tests import factories
from tests.workflow.cases import make_cast, make_permohonan

GROUP = "Kelompok pekerjaan 1"


@pytest.fixture
def skema(app):
    return factories.make_skema()


def plan_of(mapa, **noted):
    return AssessmentPlan(mapa=mapa, methods=[], fr_ak_07=noted)


class TestTemplate:
    def test_five_origins_and_twelve_instruments(self):
        known = template()
        assert known.potensi == tuple(option.key for option in known.question("asesi").options)
        assert len(known.papers) == 12

    def test_every_code_stands_in_one_column_and_means_papers_of_the_map(self):
        known = template()
        standing = [code for method in known.methods for code in method.codes]
        assert sorted(standing) == sorted(known.codes)
        meant = [paper for code in known.codes.values() for paper in code.papers]
        assert sorted(meant) == sorted(paper.key for paper in known.papers)

    def test_every_column_of_fr_ak_02_can_be_asked_for(self):
        assert evidence_kinds(template().codes) == list(EvidenceKind)


class TestVersions:
    def test_a_mapa_is_read_with_the_version_it_was_written_with(self, skema, monkeypatch):
        """Also once another form is the one that a new MAPA begins on."""
        mapa = factories.make_mapa(skema)

        def read(name):
            found = read_json(name.replace(".2.", ".1."))
            return found | {"title": f"Judul {name}"} if ".2." in name else found

        monkeypatch.setattr(mapa_rules, "read_json", read)
        template.cache_clear()
        try:
            old = template_of(mapa).titles
            mapa.mapa_01_version = 2
            assert template_of(mapa).titles == ("Judul forms/fr_mapa_01.2.json", old[1])
            mapa.mapa_01_version = 1
            assert template_of(mapa).titles == old
        finally:
            db.session.rollback()
            template.cache_clear()

    def test_one_that_does_not_ship_is_no_silent_other(self):
        with pytest.raises(FileNotFoundError):
            template(99, 1)


class TestInstruments:
    def test_portofolio_asks_for_its_checklist_and_the_interview(self, skema):
        assert instruments_of(plan_of(factories.make_mapa(skema))) == {"FR.IA.08", "FR.IA.09"}

    def test_a_review_of_a_product_has_its_own_row_in_fr_ak_01(self, skema):
        mapa = factories.make_mapa(skema, codes=("CRP", "PW"))
        plan = AssessmentPlan(mapa=mapa, methods=["wawancara", "lainnya"], fr_ak_07={})
        assert kinds_of_ak_01(plan) == ["wawancara", "produk"]
        keys = [key for key, _label in read_json("forms/fr_ak_01.1.json")["evidence"]]
        assert {code.ak_01 for code in template().codes.values()} - {""} <= set(keys)

    def test_each_unit_asks_for_its_own(self, skema):
        mapa = factories.make_mapa(skema, draft=True)
        first, second = skema.units
        mapa.matrix = mapa.matrix | {str(second.id): {"codes": ["PW"]}}
        assert instruments_by_unit(plan_of(mapa)) == {
            first.id: {"FR.IA.08", "FR.IA.09"},
            second.id: {"FR.IA.09"},
        }

    def test_of_several_papers_those_ticked_in_the_map(self, skema):
        mapa = factories.make_mapa(skema, codes=("CL",), draft=True)
        assert instruments_of(plan_of(mapa)) == {"FR.IA.01"}
        mapa.instrument_map = {GROUP: {"FR.IA.01": ["1"], "FR.IA.03": ["2"], "FR.IA.10": ["1"]}}
        assert instruments_of(plan_of(mapa)) == {"FR.IA.01", "FR.IA.03"}

    def test_the_origin_of_the_asesi_chooses_among_them(self, skema):
        mapa = factories.make_mapa(skema, codes=("DPT", "PW"), draft=True)
        mapa.instrument_map = {
            GROUP: {"FR.IA.05": ["1", "2"], "FR.IA.06": ["3"], "FR.IA.09": ["1"]}
        }
        assert instruments_of(plan_of(mapa)) == {"FR.IA.05", "FR.IA.06", "FR.IA.09"}
        # The interview is ticked for others alone; FR.MAPA.01 wants its evidence all the same.
        assert instruments_of(plan_of(mapa, potential=["3"])) == {"FR.IA.06", "FR.IA.09"}

    def test_a_plan_from_before_has_those_of_its_methods(self, app):
        old = AssessmentPlan(methods=["portofolio", "tertulis"], fr_ak_07={})
        assert instruments_of(old) == {"FR.IA.05", "FR.IA.08"}

    def test_of_a_case(self, app):
        case = make_permohonan(PermohonanStatus.READY, cast=make_cast())
        assert instruments_of(dossier_of(case).plan) == {"FR.IA.08", "FR.IA.09"}


@pytest.mark.parametrize(
    ("noted", "found"),
    [
        ({}, ()),
        ({"potential": ["3"]}, ("3",)),
        ({"potential": ["4", "2", "9"]}, ("2", "4")),
    ],
)
def test_the_origin_is_read_where_fr_ak_07_has_it(noted, found):
    assert potensi_of(AssessmentPlan(fr_ak_07=noted)) == found


def test_the_five_origins_of_fr_ak_07_are_those_of_fr_mapa_01(app):
    """Joined by their numbers alone: a new version of one would move the meaning of the other."""
    noted = form_template(Form.FR_AK_07.value, version=1).body["potential"]
    planned = template().question("asesi").options
    assert [tuple(row) for row in noted] == [(each.key, each.label) for each in planned]
    assert len(noted) == 5
