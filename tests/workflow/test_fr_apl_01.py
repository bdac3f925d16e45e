"""The rows of FR.APL.01 come in one query, and signatures outlive columns that came after them."""

from __future__ import annotations

from datetime import date

import pytest

from lsp.database import db
from lsp.models import FormalEducation, FrApl01, Training, WorkExperience
from lsp.vocabulary import Form
from lsp.workflow.dossier import dossier_of
from lsp.workflow.fr_apl_01 import read_rows, signed_content
from tests.factories import saved
from tests.views.asesi import situations
from tests.views.asesi.test_pages import queries


def worked(case, year: int, **columns) -> WorkExperience:
    values = {"employer": "CV Contoh", "project": "Rusun", "position": "Pengawas"} | columns
    return saved(WorkExperience(fr_apl_01_id=case.id, started_on=date(year, 1, 1),
                                ended_on=date(year, 12, 31), **values))  # fmt: skip


class TestReadRows:
    def test_each_form_has_its_own_rows_in_order_from_one_query(self, app):
        first, second = situations.draft(), situations.draft()
        late, early = worked(first, 2020), worked(first, 2010)
        other = worked(second, 2015)
        saved(FormalEducation(fr_apl_01_id=first.id, level="S1"))
        saved(Training(fr_apl_01_id=first.id, name="K3"))
        saved(Training(fr_apl_01_id=first.id, name="SMKK"))
        wanted = (early.id, late.id, other.id)
        forms = [db.session.get_one(FrApl01, case.id) for case in (first, second)]
        sent = queries(lambda: read_rows(forms))
        assert len(sent) == 1
        one, two = forms
        assert queries(lambda: [(each.experiences, each.trainings) for each in forms]) == []
        assert [row.id for row in (*one.experiences, *two.experiences)] == list(wanted)
        assert [row.level for row in one.educations] == ["S1"]
        assert [row.name for row in one.trainings] == ["K3", "SMKK"]
        assert (two.educations, two.trainings) == ([], [])

    def test_the_dossier_reads_a_form_with_rows_in_two_queries(self, app):
        case = situations.draft()
        worked(case, 2020)
        saved(FormalEducation(fr_apl_01_id=case.id, level="S1"))
        db.session.refresh(case)
        assert len(queries(lambda: dossier_of(case).fr_apl_01.trainings)) == 2


class TestWhatIsSigned:
    def test_new_columns_stand_in_it_only_when_they_say_something(self, app):
        case = situations.draft()
        row = worked(case, 2020)
        form = dossier_of(case).fr_apl_01
        (kept,) = signed_content(form)[1]
        assert set(kept) == {
            "fr_apl_01_id", "employer", "project", "position", "started_on", "ended_on", "simpan_number"
        }  # fmt: skip
        assert "ministry" not in signed_content(form)[0]
        before = dossier_of(case).content_digest(Form.FR_APL_01)
        db.session.get_one(WorkExperience, row.id).location = "Medan"
        db.session.commit()
        assert dossier_of(case).content_digest(Form.FR_APL_01) != before

    def test_rows_of_education_and_training_are_signed_too(self, app):
        case = situations.draft()
        bare = dossier_of(case).content_digest(Form.FR_APL_01)
        saved(FormalEducation(fr_apl_01_id=case.id, level="S1"))
        one = dossier_of(case).content_digest(Form.FR_APL_01)
        saved(Training(fr_apl_01_id=case.id, name="K3"))
        assert len({bare, one, dossier_of(case).content_digest(Form.FR_APL_01)}) == 3


@pytest.mark.parametrize(
    ("text", "day"),
    [("1990-05-17", date(1990, 5, 17)), ("17/05/1990", None), ("", None), (None, None)],
)
def test_a_birth_date_that_cannot_be_read_is_none(text, day):
    """The asesor's page shows it as well, and must open."""
    assert FrApl01(birth_date=text).born_on == day
