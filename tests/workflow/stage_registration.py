"""Stage 1 of a case: the file of the asesi, the admin's checklist, the invoice."""

from __future__ import annotations

from datetime import date, timedelta

from lsp import clock
from lsp.database import db
from lsp.models import (
    ChecklistItem,
    Consent,
    FrApl01,
    FrApl02Answer,
    Invoice,
    Permohonan,
    WorkExperience,
)
from lsp.models.inforce import consent_text
from lsp.models.numbers import take_number
from lsp.vocabulary import (
    Answer,
    AssessmentPurpose,
    ConsentKind,
    Form,
    InvoiceKind,
    InvoiceStatus,
    Role,
    Sex,
    Verdict,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import send_siki
from tests.workflow.people import Story
from tests.workflow.rows import ago, sign, upload


def fill_file(case: Permohonan, story: Story) -> None:
    asesi, version = case.asesi, story.cast.skema
    paper = FrApl01(
        permohonan_id=case.id,
        full_name=case.asesi_name,
        nik=f"99{case.id:014d}",
        birth_place="Kota Rekaan",
        birth_date="1990-05-17",
        sex=Sex.FEMALE,
        address="Jl. Rekaan No. 1",
        province_code="31",
        city_code="31.71",
        phone_mobile="081200000000",
        email=asesi.email,
        education="SMK",
        purpose=AssessmentPurpose.SERTIFIKASI,
        claimed_rule_id=version.education_rules[0].id,
    )
    paper.experiences = [
        WorkExperience(
            employer="PT Rekaan Karya",
            project="Gedung Rekaan",
            position="Petugas K3",
            started_on=date(2020, 1, 1),
            ended_on=date(2024, 12, 31),
        )
    ]
    db.session.add(paper)
    for row in version.requirements:
        upload(case, row.label, "requirement", requirement_id=row.id, created_at=ago(hours=2))
    for unit in version.units:
        for elemen in unit.elements:
            db.session.add(
                FrApl02Answer(
                    permohonan_id=case.id,
                    elemen_id=elemen.id,
                    answer=Answer.K,
                    evidence_note="Laporan kerja 2024",
                    updated_at=clock.now(),
                )
            )
    for kind in (ConsentKind.DATA_PROCESSING, ConsentKind.PERJANJIAN, ConsentKind.PERNYATAAN):
        text = consent_text(kind)
        assert text is not None
        db.session.add(
            Consent(user_id=asesi.id, permohonan_id=case.id, text_id=text.id, given_at=clock.now())
        )
    db.session.flush()
    sign(case, Form.FR_APL_01, asesi, Role.ASESI)
    sign(case, Form.FR_APL_02, asesi, Role.ASESI)


def open_checklist(case: Permohonan, story: Story) -> None:
    db.session.add_all(
        ChecklistItem(permohonan_id=case.id, requirement_id=row.id)
        for row in story.cast.skema.requirements
    )
    db.session.flush()
    send_siki(case, 20)


def judge(case: Permohonan, story: Story) -> None:
    for item in dossier_of(case).checklist.values():
        item.verdict, item.judged_by_id, item.judged_at = (
            Verdict.MEETS,
            story.cast.admin.id,
            ago(hours=1),
        )
    case.met_rule_id = story.cast.skema.education_rules[0].id
    db.session.flush()
    sign(case, Form.FR_APL_01, story.cast.admin, Role.ADMIN)


def judge_one_failing(case: Permohonan, story: Story) -> None:
    judge(case, story)
    first = dossier_of(case).checklist[story.cast.skema.requirements[0].id]
    first.verdict, first.note = Verdict.FAILS, "KTP buram, foto ulang."
    db.session.flush()


def replace_failing_file(case: Permohonan, story: Story) -> None:
    row = story.cast.skema.requirements[0]
    for document in dossier_of(case).documents:
        if document.requirement_id == row.id:
            document.replaced_at = clock.now()
    upload(case, row.label, "requirement", requirement_id=row.id)


def send_invoice(case: Permohonan, story: Story) -> None:
    db.session.add(
        Invoice(
            permohonan_id=case.id,
            kind=InvoiceKind.SERTIFIKASI,
            number=take_number("invoice", permohonan_id=case.id).text,
            amount=1_100_000,
            due_on=clock.today_wib() + timedelta(days=7),
        )
    )


def upload_proof(case: Permohonan, story: Story) -> None:
    dossier_of(case).invoices[-1].proof_document_id = upload(
        case, "Bukti bayar", "payment_proof"
    ).id


def let_lapse(case: Permohonan, story: Story) -> None:
    invoice = dossier_of(case).invoices[-1]
    invoice.status, invoice.due_on = InvoiceStatus.LAPSED, clock.today_wib() - timedelta(days=1)


def pay(case: Permohonan, story: Story) -> None:
    invoice = dossier_of(case).invoices[-1]
    invoice.status, invoice.paid_amount = InvoiceStatus.PAID, invoice.amount
    invoice.paid_at, invoice.confirmed_by_id = clock.now(), story.cast.admin.id
