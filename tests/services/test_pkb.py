"""PKB: which activity counts for a certificate, and that its proof is judged once and by another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Document, PkbActivity
from lsp.services import pkb
from lsp.vocabulary import CertificateStatus, Role
from tests import factories
from tests.support.surveilan import make_certificate
from tests.views.asesi.test_certificate_panel import rule
from tests.workflow.cases import actor_of
from tests.workflow.rows import upload


@pytest.fixture
def certificate(app):
    found = make_certificate(days_ago=100)
    rule("pkb_credits", {str(found.jenjang): 100})
    return found


def activity(certificate, credits=40):
    """One that its holder noted."""
    row = PkbActivity(
        certificate_id=certificate.id, name="Pelatihan Contoh", held_on=clock.today_wib(), credits=credits,
        document_id=upload(certificate.permohonan, "Bukti", pkb.PURPOSE).id,
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


def note(certificate, held_on):
    holder = actor_of(certificate.permohonan.asesi)
    return pkb.note(
        holder, certificate.permohonan, certificate, None, name="Seminar", held_on=held_on, credits=5
    )  # fmt: skip


def judge(actor, certificate, row, *, accepted=True):
    return pkb.judge(
        actor, certificate, row.public_id, accepted=accepted, reason="Bukti tidak terbaca."
    )


def test_only_since_the_certificate_and_not_ahead(certificate):
    for day in (certificate.valid_from - timedelta(days=1), clock.today_wib() + timedelta(days=1)):
        with pytest.raises(DomainError, match="sejak sertifikat ini terbit") as refusal:
            note(certificate, day)
        assert refusal.value.field == "held_on"
    certificate.status = CertificateStatus.REVOKED
    with pytest.raises(DomainError, match="tidak dicatat"):
        note(certificate, clock.today_wib())


def test_judged_once_by_another_and_what_is_refused_counts_for_nothing(certificate):
    row, admin = activity(certificate), actor_of(factories.make_user(Role.ADMIN))
    with pytest.raises(DomainError, match="bukti Anda sendiri"):
        judge(actor_of(certificate.permohonan.asesi), certificate, row)
    assert judge(admin, certificate, row, accepted=False) is True
    with pytest.raises(DomainError, match="sudah dinilai"):
        judge(admin, certificate, row)
    with pytest.raises(DomainError, match="sudah dinilai admin"):
        pkb.withdraw(actor_of(certificate.permohonan.asesi), certificate, row.public_id)
    activity(certificate, credits=30)
    found = pkb.sum_of(certificate, pkb.activities(certificate))
    assert (found.noted, found.accepted, found.short) == (30, 0, 70)


def test_of_another_certificate_it_is_not_found(certificate):
    row, other = activity(certificate), make_certificate(days_ago=50)
    assert pkb.withdraw(actor_of(other.permohonan.asesi), other, row.public_id) is False
    assert judge(actor_of(factories.make_user(Role.ADMIN)), other, row) is False
    assert db.session.scalars(select(Document.replaced_at)).all()[-1] is None
