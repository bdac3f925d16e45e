"""A row in each table of a certificate's later years that keeps its rows, for the tests of the triggers."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from lsp import clock, ids
from lsp.database import db
from lsp.models import (
    CertificateAnswerFile,
    CertificatePicture,
    CertificateProposal,
    OutboxAnswer,
    OutboxMessage,
    Permohonan,
    PkbActivity,
    PlenoAttendance,
    PlenoCase,
    PlenoEvidence,
    RenewalReminder,
    Surveilan,
    SurveilanEvent,
    SurveilanFile,
    SurveilanLetter,
    SurveilanReport,
    SurveilanVerdict,
    TotpRemoval,
    User,
)
from lsp.vocabulary import LifeGround, LifeStep, Role
from tests.support.certificate_files import certificate_of
from tests.workflow.rows import upload


def make_later_rows(case: Permohonan, admin: User, ketua: User, asesor: User) -> None:
    """Surveilan with all that belongs to it, PKB, reminders, answers of others, the papers of a rapat. Flushed only."""
    certificate, today, now = certificate_of(case), clock.today_wib(), clock.now()
    task = Surveilan(
        certificate_id=certificate.id, permohonan_id=case.id, number=1, due_on=today, until=today
    )
    pleno_id = db.session.scalars(
        select(PlenoCase.pleno_id).where(PlenoCase.permohonan_id == case.id)
    ).one()
    answered = db.session.scalars(select(OutboxMessage).limit(1)).one()
    proposal = CertificateProposal(
        certificate_id=certificate.id, step=LifeStep.SUSPEND, ground=LifeGround.MISUSE, reason="Dipinjamkan " * 3,
        proposed_by_id=admin.id, proposed_role=Role.ADMIN, notice_at=now, answer_until=today,
    )  # fmt: skip
    db.session.add_all((task, proposal))
    db.session.flush()
    about = {"surveilan_id": task.id}
    db.session.add_all(
        (
            SurveilanReport(**about, attempt=1, words_version=1),
            SurveilanFile(**about, attempt=1, document_id=upload(case, "Foto", "surveilan").id),
            SurveilanLetter(
                **about, name="Atasan", position="Mandor", phone="0", words_version=1,
                token_digest=ids.digest(ids.secret_token()), expires_at=now + timedelta(days=1),
            ),
            SurveilanVerdict(
                **about, attempt=1, asesor_id=asesor.id, words_version=1, methods=[], points={}, met=True, reason="Ya"
            ),
            SurveilanEvent(**about, at=now, step="open"),
            CertificateAnswerFile(
                proposal_id=proposal.id, document_id=upload(case, "Jawaban", "certificate_answer").id
            ),
            PkbActivity(
                certificate_id=certificate.id, name="Pelatihan", held_on=today, credits=1,
                document_id=upload(case, "Bukti", "pkb").id,
            ),
            RenewalReminder(certificate_id=certificate.id, months=6),
            CertificatePicture(certificate_id=certificate.id, storage_key="0" * 32, size=1),
            OutboxAnswer(message_id=answered.id, at=now, outcome="done"),
            PlenoEvidence(
                pleno_id=pleno_id, name="rekaman", place="https://arsip.lsp.example/2", keeper="Arsip",
                stored_by_id=admin.id,
            ),
            TotpRemoval(user_id=ketua.id, reason="HP hilang", proposed_by_id=admin.id),
        )
    )  # fmt: skip
    if not db.session.scalar(select(PlenoAttendance.id).limit(1)):
        db.session.add(
            PlenoAttendance(pleno_id=pleno_id, user_id=ketua.id, present_at=now, how="said")
        )
    db.session.flush()
