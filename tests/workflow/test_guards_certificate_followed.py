"""A permohonan that renews or corrects a certificate: what it asks of the old one, and what issuing does to it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import Certificate, CertificateEvent, PreviousCertificate
from lsp.vocabulary import CertificateStatus, PermohonanStatus, RequestKind, Role
from lsp.workflow.guards import certificate_life as guards
from lsp.workflow.permohonan import PERMOHONAN
from tests.support.certificates import answered, approved, certificate_of, noon, proposed
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person

C = CertificateStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def issued(cast):
    return certificate_of(make_permohonan(PermohonanStatus.ISSUED, cast=cast))


@pytest.fixture
def admin(cast):
    return actor_of(person(Role.ADMIN))


@pytest.fixture
def ketua(cast):
    return actor_of(person(Role.KETUA))


class TestFollowed:
    """A permohonan that renews or corrects a certificate."""

    def follow(self, cast, old, kind, **more):
        case = make_permohonan(
            PermohonanStatus.DRAFT, cast=cast, asesi=old.permohonan.asesi, kind=kind
        )  # fmt: skip
        named = PreviousCertificate(
            permohonan_id=case.id, certificate_id=old.id, named_at=clock.now(), **more
        )
        db.session.add(named)
        db.session.commit()
        return case

    def test_is_named_before_sending(self, cast, issued):
        case = make_permohonan(PermohonanStatus.DRAFT, cast=cast, kind=RequestKind.PERPANJANGAN)
        assert "Sebutkan sertifikat lama" in guards.previous_certificate_named(case, SYSTEM, "")
        plain = make_permohonan(PermohonanStatus.DRAFT, cast=cast)
        assert guards.previous_certificate_named(plain, SYSTEM, "") is None
        wrong = self.follow(cast, issued, RequestKind.PERUBAHAN, correction="nama")
        assert "perlu dibetulkan" in guards.previous_certificate_named(wrong, SYSTEM, "")

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (C.SUSPENDED, "dibekukan"), (C.REVOKED, "dicabut"), (C.RENEWED, "sudah diganti"), (C.ACTIVE, None),
            (C.EXPIRED, None),
        ],
    )  # fmt: skip
    def test_only_an_active_or_expired_one(self, cast, issued, status, words):
        case = self.follow(cast, issued, RequestKind.PERPANJANGAN)
        issued.status = status
        db.session.commit()
        with time_machine.travel(noon(issued.valid_until - timedelta(days=30)), tick=False):
            for rule in (
                guards.previous_certificate_named,
                guards.previous_certificate_can_be_followed,
            ):
                told = rule(case, SYSTEM, "")
                assert told is None if words is None else words in told

    def test_renewal_not_before_its_months_and_not_while_a_proposal_waits(
        self, cast, issued, admin
    ):
        first = guards.renewal_from(issued)
        with time_machine.travel(noon(first - timedelta(days=1)), tick=False):
            assert "mulai" in guards.why_not_followed(issued, RequestKind.PERPANJANGAN)
            assert guards.why_not_followed(issued, RequestKind.PERUBAHAN) is None
        with time_machine.travel(noon(first), tick=False):
            assert guards.why_not_followed(issued, RequestKind.PERPANJANGAN) is None
        with time_machine.travel(noon(issued.valid_until + timedelta(days=1)), tick=False):
            assert "perpanjangan" in guards.why_not_followed(issued, RequestKind.PERUBAHAN)
        case = self.follow(cast, issued, RequestKind.PERPANJANGAN)
        assert guards.no_proposal_waits(issued, SYSTEM, "") is None
        proposed(admin, issued)
        assert "menunggu keputusan ketua" in guards.no_proposal_waits(issued, SYSTEM, "")
        assert "menunggu" in guards.previous_certificate_can_be_followed(case, SYSTEM, "")
        assert "belum terbit" in guards.successor_issued(issued, SYSTEM, "")

    @pytest.mark.parametrize(
        ("last", "first"),
        [(date(2026, 8, 31), date(2026, 2, 28)), (date(2031, 1, 15), date(2030, 7, 15))],
    )
    def test_renewal_begins_six_months_before_also_from_a_short_month(self, app, last, first):
        assert guards.renewal_from(Certificate(valid_until=last)) == first

    @pytest.mark.both
    def test_one_open_case_a_certificate_and_frozen_once_sent(self, cast):
        old = certificate_of(make_permohonan(PermohonanStatus.ISSUED, cast=cast))
        case = self.follow(cast, old, RequestKind.PERPANJANGAN)
        with pytest.raises(IntegrityError, match="taken: previous_certificate"):
            self.follow(cast, old, RequestKind.PERPANJANGAN)
        db.session.rollback()
        sent = make_permohonan(PermohonanStatus.SUBMITTED, cast=cast, kind=RequestKind.PERPANJANGAN)
        db.session.add(
            PreviousCertificate(permohonan_id=sent.id, typed_number="1", named_at=clock.now())
        )
        with pytest.raises(IntegrityError, match="frozen: previous_certificate"):
            db.session.flush()
        db.session.rollback()
        case.status = PermohonanStatus.WITHDRAWN
        db.session.commit()
        self.follow(cast, old, RequestKind.PERPANJANGAN)


def issue_after(cast, old, kind):
    """A recorded case that follows `old`, issued by the ketua of the cast."""
    case = make_permohonan(
        PermohonanStatus.RECORDED, cast=cast, asesi=old.permohonan.asesi, kind=kind
    )
    # The row is written in the draft; here the case stands further already.
    case.status, kept = PermohonanStatus.DRAFT, case.status
    db.session.flush()
    db.session.add(
        PreviousCertificate(
            permohonan_id=case.id, certificate_id=old.id, correction="Nama tertulis keliru satu huruf.",
            named_at=clock.now(),
        )
    )  # fmt: skip
    db.session.flush()
    case.status = kept
    db.session.commit()
    PERMOHONAN.perform(case, "issue", actor_of(cast.ketua), version=case.version)
    db.session.commit()
    return certificate_of(case)


class TestIssue:
    @pytest.mark.parametrize(
        ("kind", "state"),
        [(RequestKind.PERPANJANGAN, C.RENEWED), (RequestKind.PERUBAHAN, C.REPLACED)],
    )
    def test_moves_the_old_one_in_the_same_transaction(self, cast, issued, kind, state):
        fresh = issue_after(cast, issued, kind)
        db.session.refresh(issued)
        assert (issued.status, fresh.status, fresh.replaces_id) == (state, C.ACTIVE, issued.id)
        note = db.session.scalars(
            select(CertificateEvent.note).where(CertificateEvent.certificate_id == issued.id)
        ).all()[-1]
        assert fresh.certificate_number in note

    def test_a_correction_keeps_the_days_of_the_old_one(self, cast, issued):
        fresh = issue_after(cast, issued, RequestKind.PERUBAHAN)
        assert (fresh.valid_from, fresh.valid_until) == (issued.valid_from, issued.valid_until)

    def test_nothing_is_issued_while_the_old_one_is_suspended(self, cast, issued, admin, ketua):
        first = proposed(admin, issued)
        answered(first)
        approved(ketua, first)
        with pytest.raises(NotAllowed, match="sedang dibekukan"):
            issue_after(cast, issued, RequestKind.PERPANJANGAN)
        db.session.rollback()
        assert db.session.scalars(select(Certificate.id)).all() == [issued.id]
