"""Stage 4 of a case: pleno, numbers, blanko, registration, certificate."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import (
    Certificate,
    CertificateEvent,
    Permohonan,
    PlenoCase,
    Registration,
    blanko_ledger,
)
from lsp.models.numbers import take_number
from lsp.vocabulary import BlankoState, CertificateStatus, NumberState, Role
from lsp.workflow.dossier import dossier_of
from tests.support.assessment import make_banding
from tests.workflow.people import Story
from tests.workflow.rows import nik_index_of, put_on_agenda, vote


def all_agree(case: Permohonan, story: Story) -> None:
    place = put_on_agenda(case, story.cast)
    for member in story.cast.members:
        vote(place, member.id, answer=story.recommendation)


def decide(case: Permohonan, story: Story) -> None:
    place = dossier_of(case).pleno_case
    assert place is not None
    place.outcome, place.closed_at = story.recommendation.value, clock.now()


def file_banding(case: Permohonan, story: Story) -> None:
    make_banding(case)


def decide_competent(case: Permohonan, story: Story) -> None:
    decide(case, story)
    skema = story.cast.skema
    numbers = (
        take_number(
            "certificate",
            permohonan_id=case.id,
            kbli=skema.kbli,
            kbji=skema.kbji,
            jenjang=skema.jenjang,
        ),
        take_number("lsp_registration", permohonan_id=case.id, licence="0000"),
    )
    db.session.add(
        Registration(
            permohonan_id=case.id, certificate_entry_id=numbers[0].id, registration_entry_id=numbers[1].id
        )
    )  # fmt: skip


def sign_sk(case: Permohonan, story: Story) -> None:
    place = db.session.scalar(
        select(PlenoCase)
        .where(PlenoCase.permohonan_id == case.id)
        .order_by(PlenoCase.id.desc())
        .limit(1)
    )
    assert place is not None
    place.pleno.sk_number = take_number("sk").text
    place.pleno.sk_date = clock.today_wib()
    place.pleno.sk_signed_at, place.pleno.sk_signed_by_id = clock.now(), story.cast.ketua.id


def reserve_blanko(case: Permohonan, story: Story) -> None:
    admin = story.cast.admin.id
    blanko = blanko_ledger.enter(
        f"BLK-{case.id:07d}",
        nik_index=nik_index_of(case),
        permohonan_id=case.id,
        actor_id=admin,
    )
    blanko_ledger.move(blanko, BlankoState.RESERVED, actor_id=admin)
    _registration(case).blanko_id = blanko.id


def note_lpjk_number(case: Permohonan, story: Story) -> None:
    registration = _registration(case)
    registration.lpjk_number = f"LPJK-{case.id:09d}"
    registration.lpjk_qr = f"https://siki.contoh.id/{case.id}"


def issue(case: Permohonan, story: Story) -> None:
    registration, skema = _registration(case), story.cast.skema
    assert registration.blanko is not None
    start = clock.today_wib()
    certificate = Certificate(
        permohonan_id=case.id,
        status_at=clock.now(),
        certificate_number=registration.certificate_entry.text,
        lsp_registration_number=registration.registration_entry.text,
        lpjk_number=registration.lpjk_number,
        lpjk_qr=registration.lpjk_qr,
        blanko_number=registration.blanko.number,
        holder_name=case.asesi_name,
        jabatan_kerja=skema.title,
        kualifikasi=skema.kualifikasi,
        jenjang=skema.jenjang,
        valid_from=start,
        valid_until=start + timedelta(days=5 * 365),
        signed_by_id=story.cast.ketua.id,
    )
    certificate.events = [
        CertificateEvent(
            at=clock.now(),
            transition="issue",
            target=CertificateStatus.ACTIVE,
            actor_id=story.cast.ketua.id,
            actor_role=Role.KETUA,
        )
    ]
    db.session.add(certificate)
    registration.certificate_entry.state = registration.registration_entry.state = NumberState.USED
    blanko_ledger.move(registration.blanko, BlankoState.ISSUED, actor_id=story.cast.ketua.id)


def _registration(case: Permohonan) -> Registration:
    registration = dossier_of(case).registration
    assert registration is not None
    return registration
