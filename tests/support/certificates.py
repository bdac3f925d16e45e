"""Certificates and what is proposed about them, through the services."""

from __future__ import annotations

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Certificate
from lsp.services import certificate_life as life
from lsp.vocabulary import LifeGround, LifeStep
from tests.workflow.cases import actor_of

WHY = "Sertifikat dipinjamkan kepada orang lain untuk proyek jalan."
WORDS = "Bukti dan jawaban pemegang sudah dibaca dan ditimbang."


def certificate_of(case):
    return db.session.scalar(select(Certificate).where(Certificate.permohonan_id == case.id))


def proposed(admin, certificate, step=LifeStep.SUSPEND, ground=LifeGround.MISUSE):
    made = life.propose(
        admin, certificate, step, ground=ground, reason=WHY, version=certificate.version
    )
    db.session.commit()
    return made


def answered(proposal):
    holder = actor_of(proposal.certificate.permohonan.asesi)
    life.answer(
        holder,
        proposal,
        "Kartu itu hilang di proyek, bukan saya pinjamkan.",
        version=proposal.version,
    )
    db.session.commit()


def approved(ketua, proposal):
    life.approve(ketua, proposal, words=WORDS, version=proposal.version)
    db.session.commit()


def noon(day):
    return clock.now().replace(year=day.year, month=day.month, day=day.day, hour=5)
