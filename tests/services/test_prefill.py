"""FR.APL.01 filled from elsewhere: each value knows its source, and what the asesi typed stays."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.models import LinkedDocument, Permohonan
from lsp.services import apl01, intake, prefill
from lsp.services.apl01_rows import KINDS
from lsp.services.prefill import Known, NamedFile
from lsp.vocabulary import FieldOrigin, Form, Mode, RequestKind, Role, Sex
from lsp.workflow.dossier import dossier_of
from tests import factories

pytestmark = pytest.mark.usefixtures("app")

JOB = {
    "employer": "PT Contoh Karya", "project": "Jembatan Contoh", "position": "Pelaksana",
    "started_on": date(2020, 1, 1), "ended_on": date(2022, 12, 31), "project_value": 1_500_000_000,
}  # fmt: skip
KNOWN = Known(
    values={
        "full_name": "Siti Contoh",
        "nik": "9901014101900001",
        "sex": Sex.FEMALE,
        "postcode": "",
    },
    experiences=[JOB],
    educations=[{"level": "S1", "school": "Universitas Contoh", "graduation_year": 2012}],
    trainings=[{"name": "K3 Konstruksi", "hours": 32}],
    files=[NamedFile("1a", "KTP", "https://portal.contoh.example/ktp.jpg")],
)


def draft(known: Known | None = None, origin: FieldOrigin = FieldOrigin.SIKI) -> Permohonan:
    admin = factories.make_user(Role.ADMIN)
    with write_transaction():
        return intake.take_in(
            Actor(id=admin.id, name=admin.name, roles=frozenset({Role.ADMIN})),
            email="siti@contoh.example",
            name="Siti",
            id_izin="I-2026111809150100042",
            version=factories.make_skema(),
            kind=RequestKind.BARU,
            mode=Mode.LURING,
            known=known,
            origin=origin,
        )


def fill(permohonan: Permohonan, known: Known, origin: FieldOrigin = FieldOrigin.SIKI):
    with write_transaction():
        return prefill.fill(permohonan, known, origin)


def test_what_is_known_stands_in_the_draft_with_its_source():
    permohonan = draft(KNOWN)
    form = dossier_of(permohonan).fr_apl_01
    assert (form.full_name, form.nik_last4, form.sex) == ("Siti Contoh", "0001", Sex.FEMALE)
    assert permohonan.asesi_name == "Siti Contoh"
    assert [row.project for row in form.experiences] == ["Jembatan Contoh"]
    assert [row.level for row in form.educations] == ["S1"]
    assert [row.hours for row in form.trainings] == [32]
    assert {row.origin for row in (*form.experiences, *form.educations, *form.trainings)} == {
        FieldOrigin.SIKI
    }
    assert prefill.origins(permohonan.id) == dict.fromkeys(
        ("full_name", "nik", "sex"), FieldOrigin.SIKI
    )


def test_a_document_named_by_address_is_listed_once_under_its_row():
    permohonan = draft(KNOWN)
    fill(permohonan, KNOWN)
    found = db.session.scalars(select(LinkedDocument)).all()
    assert [(row.requirement.code, row.document_id) for row in found] == [("1a", None)]
    raw = db.session.connection().exec_driver_sql("SELECT address FROM linked_document").scalar()
    assert b"contoh.example" not in bytes(raw)


def test_the_same_again_changes_nothing():
    permohonan = draft(KNOWN)
    before = dossier_of(permohonan).content_digest(Form.FR_APL_01)
    done = fill(permohonan, KNOWN, FieldOrigin.SHEET)
    assert (done.written, done.kept, done.rows) == ([], [], 0)
    assert dossier_of(permohonan).content_digest(Form.FR_APL_01) == before


def test_what_the_asesi_typed_is_kept():
    permohonan = draft(KNOWN)
    with write_transaction():
        apl01.save_section(permohonan, "pribadi", {"full_name": "Siti Aminah Contoh"})
    assert "full_name" not in prefill.origins(permohonan.id)
    done = fill(permohonan, Known(values={"full_name": "Siti Lain", "birth_place": "Contoh"}))
    assert (done.kept, done.written) == (["full_name"], ["birth_place"])
    assert dossier_of(permohonan).fr_apl_01.full_name == "Siti Aminah Contoh"


def test_a_newer_source_replaces_an_older_one():
    permohonan = draft(KNOWN, origin=FieldOrigin.SHEET)
    done = fill(permohonan, Known(values={"nik": "9901014101900002"}))
    assert done.written == ["nik"]
    assert prefill.origins(permohonan.id)["nik"] is FieldOrigin.SIKI


def test_no_more_rows_than_a_person_may_add_himself():
    jobs = [{**JOB, "project": f"Proyek {number}"} for number in range(30)]
    permohonan = draft(Known(experiences=jobs))
    assert len(dossier_of(permohonan).fr_apl_01.experiences) == KINDS["pengalaman"].most


def test_a_signature_stands_until_a_further_row_says_something_else():
    permohonan = draft()
    before = dossier_of(permohonan).content_digest(Form.FR_APL_01)
    fill(permohonan, Known(trainings=[{"name": "K3 Konstruksi"}]))
    assert dossier_of(permohonan).content_digest(Form.FR_APL_01) != before


SMA = {
    "education": "SMA/SMK",
    "school": "SMA Contoh",
    "study_programme": "IPA",
    "graduation_year": 2008,
}
S1 = {
    "education": "S1",
    "school": "Universitas Contoh",
    "study_programme": "",
    "graduation_year": 2012,
}


def with_older_education(values) -> Permohonan:
    """A draft from before education was kept in rows."""
    permohonan = draft()
    with write_transaction():
        form = apl01.form_of(permohonan)
        for name, value in values.items():
            setattr(form, name, value)
    return permohonan


def printed(permohonan):
    form = dossier_of(permohonan).fr_apl_01
    return {name: getattr(form, name) for name in SMA}


@pytest.mark.parametrize(("own", "known"), [(S1, SMA), (SMA, S1)])
def test_an_education_from_before_there_were_rows_is_kept_as_one(own, known):
    permohonan = with_older_education(own)
    fill(permohonan, Known(values=dict(known)))
    rows = dossier_of(permohonan).fr_apl_01.educations
    assert [(row.level, row.origin) for row in rows] == [
        (own["education"], FieldOrigin.ASESI),
        (known["education"], FieldOrigin.SIKI),
    ]
    assert printed(permohonan) == S1


def test_what_comes_as_a_row_is_not_foreseen_as_a_field():
    """It would say "isian asesi dibiarkan" of an education that the highest row rewrites."""
    permohonan = with_older_education(SMA)
    known = Known(values={**S1, "birth_place": "Contoh"})
    assert prefill.foresee(permohonan, known) == {"birth_place": prefill.Fate.NEW}
    fill(permohonan, known)
    assert printed(permohonan) == S1
