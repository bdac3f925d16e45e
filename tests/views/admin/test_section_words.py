"""What changed in a section of the forms, in words: a file that was swapped is told even where its name is the same."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp.database import db
from lsp.models import FrApl02Answer, FrApl02Evidence
from lsp.views.admin.section_words import differences
from lsp.vocabulary import FormSection, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.sections import content
from tests.workflow.cases import make_permohonan, upload


@pytest.fixture
def case(app):
    return make_permohonan(PermohonanStatus.SUBMITTED)


def changed(case, section, change):
    old = content(case, section)
    change()
    db.session.commit()
    return differences(section, old, content(case, section), [])


@pytest.mark.parametrize(
    ("name", "told"),
    [("surat.jpg", "bukti: surat.jpg"), ("buram.jpg", "bukti: buram.jpg (berkas lain)")],
)
def test_another_letter_of_reference(case, name, told):
    (row,) = dossier_of(case).fr_apl_01.experiences

    def put(file_name):
        row.reference_document_id = upload(case, "Surat", original_name=file_name).id

    put("buram.jpg")
    db.session.commit()
    gone, come = changed(case, FormSection.PENGALAMAN, lambda: put(name))
    assert gone.old.endswith("bukti: buram.jpg")
    assert come.new.endswith(told)


@pytest.mark.parametrize(
    ("name", "told"), [("Foto alat", "Foto alat"), ("Foto kerja", "Foto kerja (berkas lain)")]
)
def test_another_file_of_evidence(case, name, told):
    answer = db.session.scalars(
        select(FrApl02Answer).where(FrApl02Answer.permohonan_id == case.id)
    ).first()
    evidence = FrApl02Evidence(answer_id=answer.id, document_id=upload(case, "Foto kerja").id)
    db.session.add(evidence)
    db.session.commit()

    def put():
        evidence.document_id = upload(case, name).id

    (difference,) = changed(case, FormSection.FR_APL_02, put)
    assert difference.old.endswith(" · Foto kerja")
    assert difference.new.endswith(f" · {told}")
