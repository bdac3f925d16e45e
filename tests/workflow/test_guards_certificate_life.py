"""The machine of a certificate: its table against the procedure, its guards, what the database holds by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.models import (
    AuditEvent,
    CertificateEvent,
    CertificateProposal,
    OutboxMessage,
)
from lsp.models.inforce import add_working_days
from lsp.services import certificate_life as life, clocks
from lsp.vocabulary import (
    CertificateStatus,
    Channel,
    LifeGround,
    LifeStep,
    PermohonanStatus,
    ProposalOutcome,
    Role,
)
from lsp.workflow.certificate import CERTIFICATE
from lsp.workflow.guards import certificate_life as guards
from tests.support.certificates import (
    WHY,
    WORDS,
    answered,
    approved,
    certificate_of,
    noon,
    proposed,
)
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person
from tests.workflow.procedure import CERTIFICATE_RULES, read_rules
from tests.workflow.test_table import rules_of

C = CertificateStatus
#: Step, from, to, who: written by hand from the procedure of the LSP (workflow 6).
PROCEDURE = """
suspend   | ACTIVE           | SUSPENDED | ketua
reinstate | SUSPENDED        | ACTIVE    | ketua
revoke    | ACTIVE SUSPENDED | REVOKED   | ketua
expire    | ACTIVE SUSPENDED | EXPIRED   | system
replace   | ACTIVE EXPIRED   | REPLACED  | system
renew     | ACTIVE EXPIRED   | RENEWED   | system
"""


def test_the_table_is_the_procedure():
    ours = [
        " | ".join(
            (
                row.name,
                " ".join(source.name for source in row.source),
                row.target.name,
                " ".join(role.value for role in row.roles),
            )
        )
        for row in CERTIFICATE.transitions
    ]
    assert ours == [
        " | ".join(part.strip() for part in line.split("|"))
        for line in PROCEDURE.strip().splitlines()
    ]


def test_rows_ask_and_do_what_the_procedure_says():
    assert {row.name: rules_of(row) for row in CERTIFICATE.transitions} == read_rules(
        CERTIFICATE_RULES
    )


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


def mails(*kinds):
    return list(
        db.session.scalars(
            select(OutboxMessage.kind)
            .where(OutboxMessage.channel == Channel.MAIL, OutboxMessage.kind.in_(kinds))
            .order_by(OutboxMessage.id)
        )
    )


class TestSuspend:
    def test_waits_for_the_answer_then_writes_letter_event_and_chain(self, issued, admin, ketua):
        waiting = proposed(admin, issued)
        assert waiting.answer_until == add_working_days(clock.today_wib(), 14)
        assert mails("certificate_notice") == ["certificate_notice"]
        with pytest.raises(NotAllowed, match="Pemegang masih dapat menjawab sampai"):
            approved(ketua, waiting)
        db.session.rollback()
        answered(waiting)
        assert mails("certificate_answered_ketua")
        approved(ketua, waiting)
        assert (issued.status, waiting.outcome) == (C.SUSPENDED, ProposalOutcome.APPROVED)
        assert waiting.letter_number.endswith(f"/SK-SERT/{clock.today_wib().year}")
        event = db.session.scalars(
            select(CertificateEvent).where(CertificateEvent.certificate_id == issued.id)
        ).all()[-1]
        assert (event.transition, event.source, event.note) == ("suspend", C.ACTIVE, WORDS)
        letters = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "surat pembekuan sertifikat")
        ).all()
        assert {row.channel for row in letters} == {Channel.SIKI, Channel.BNSP}
        assert letters[0].payload["nomor_surat"] == waiting.letter_number
        assert mails("certificate_decided") == ["certificate_decided"]
        assert db.session.scalar(
            select(AuditEvent).where(AuditEvent.action == "certificate.suspend")
        )

    def test_time_over_is_enough(self, issued, admin, ketua):
        waiting = proposed(admin, issued)
        last = waiting.answer_until
        with time_machine.travel(noon(last), tick=False):
            assert "sampai" in guards.holder_was_heard(issued, ketua, "")
        with time_machine.travel(noon(last + timedelta(days=1)), tick=False):
            approved(ketua, waiting)
        assert issued.status is C.SUSPENDED

    def test_back_again_without_waiting_and_twice_over_each_is_told(self, issued, admin, ketua):
        for _ in range(2):
            first = proposed(admin, issued)
            answered(first)
            approved(ketua, first)
            cleared = proposed(admin, issued, LifeStep.REINSTATE, LifeGround.CLEARED)
            assert (cleared.notice_at, cleared.answer_until) == (None, None)
            approved(ketua, cleared)
            assert issued.status is C.ACTIVE
        assert len(mails("certificate_notice", "certificate_decided")) == 6


class TestRevoke:
    def test_proven_fraud_waits_for_nobody(self, issued, admin, ketua):
        waiting = proposed(admin, issued, LifeStep.REVOKE, LifeGround.FRAUD)
        assert waiting.answer_until is None
        assert waiting.notice_at is not None
        approved(ketua, waiting)
        assert issued.status is C.REVOKED
        assert life.offers(admin, issued) == []

    def test_a_suspended_one_too_and_declined_it_stays(self, issued, admin, ketua):
        first = proposed(admin, issued)
        answered(first)
        approved(ketua, first)
        more = proposed(admin, issued, LifeStep.REVOKE, LifeGround.MISUSE)
        life.decline(ketua, more, words=WORDS, version=more.version)
        db.session.commit()
        assert (issued.status, more.outcome) == (C.SUSPENDED, ProposalOutcome.DECLINED)
        assert mails("certificate_kept", "certificate_proposal_declined") == [
            "certificate_kept",
            "certificate_proposal_declined",
        ]


class TestWho:
    def test_proposer_never_decides(self, issued, ketua):
        both = actor_of(person(Role.ADMIN, Role.KETUA))
        waiting = proposed(both, issued, LifeStep.REVOKE, LifeGround.FRAUD)
        assert guards.proposed_by_another(issued, both, "") is not None
        assert guards.proposed_by_another(issued, ketua, "") is None
        with pytest.raises(NotAllowed, match="orang lain yang harus memutuskan"):
            life.approve(both, waiting, words=WORDS, version=waiting.version)
        with pytest.raises(NotAllowed, match="orang lain yang harus memutuskan"):
            life.decline(both, waiting, words=WORDS, version=waiting.version)

    def test_holder_neither_proposes_nor_decides(self, cast, admin):
        holder = person(Role.ASESI, Role.ADMIN, Role.KETUA)
        certificate = certificate_of(
            make_permohonan(PermohonanStatus.ISSUED, cast=cast, asesi=holder)
        )
        with pytest.raises(NotAllowed, match="sertifikat Anda sendiri"):
            proposed(actor_of(holder), certificate)
        waiting = proposed(admin, certificate, LifeStep.REVOKE, LifeGround.FRAUD)
        assert "sendiri" in guards.holder_is_another(certificate, actor_of(holder), "")
        assert guards.holder_is_another(certificate, admin, "") is None
        with pytest.raises(NotAllowed, match="sertifikat Anda sendiri"):
            life.approve(actor_of(holder), waiting, words=WORDS, version=waiting.version)

    def test_nobody_else_answers(self, issued, admin):
        waiting = proposed(admin, issued)
        with pytest.raises(NotAllowed, match="Hanya pemegang"):
            life.answer(admin, waiting, "x" * 30, version=waiting.version)

    def test_one_at_a_time_with_reason_and_a_ground_that_fits(self, issued, admin):
        with pytest.raises(DomainError, match="sedikitnya 20 huruf"):
            life.propose(
                admin,
                issued,
                LifeStep.SUSPEND,
                ground=LifeGround.MISUSE,
                reason="Pendek.",
                version=1,
            )
        with pytest.raises(DomainError, match="dasar usulan"):
            life.propose(
                admin, issued, LifeStep.SUSPEND, ground=LifeGround.FRAUD, reason=WHY, version=1
            )
        with pytest.raises(NotAllowed, match="Pemulihan tidak dapat"):
            proposed(admin, issued, LifeStep.REINSTATE, LifeGround.CLEARED)
        assert "Belum ada usulan" in guards.proposed_is(LifeStep.SUSPEND)(issued, admin, "")
        proposed(admin, issued)
        assert guards.proposed_is(LifeStep.SUSPEND)(issued, admin, "") is None
        with pytest.raises(NotAllowed, match="Sudah ada usulan"):
            proposed(admin, issued, LifeStep.REVOKE)


class TestDatabase:
    """Whoever writes, also by raw SQL."""

    @pytest.fixture
    def waiting(self, cast):
        certificate = certificate_of(make_permohonan(PermohonanStatus.ISSUED, cast=cast))
        return proposed(actor_of(person(Role.ADMIN)), certificate)

    def refused(self, waiting, words, **values):
        with pytest.raises(IntegrityError, match=words):
            db.session.execute(
                update(CertificateProposal)
                .where(CertificateProposal.id == waiting.id)
                .values(**values)
            )
        db.session.rollback()

    @pytest.mark.both
    def test_keeps_who_and_what(self, waiting):
        holder, proposer = waiting.certificate.permohonan.asesi_id, waiting.proposed_by_id
        decided = {
            "outcome": ProposalOutcome.DECLINED, "decided_at": clock.now(), "decision_words": WORDS,
        }  # fmt: skip
        self.refused(waiting, "decided_by_another|decider", decided_by_id=proposer, **decided)
        self.refused(waiting, "proposal_decided_by_another", decided_by_id=holder, **decided)
        self.refused(waiting, "frozen", reason="Alasan lain yang cukup panjang untuk lolos.")
        self.refused(waiting, "frozen", answer_until=clock.today_wib())
        again = CertificateProposal(
            certificate_id=waiting.certificate_id, step=LifeStep.REVOKE, ground=LifeGround.MISUSE,
            reason=WHY, proposed_by_id=proposer, proposed_role=Role.ADMIN,
        )  # fmt: skip
        db.session.add(again)
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
        ketua = actor_of(person(Role.KETUA))
        life.decline(ketua, waiting, words=WORDS, version=waiting.version)
        db.session.commit()
        self.refused(waiting, "frozen", decision_words="Ditulis ulang sesudah diputus.")


class TestEnd:
    def test_clock_moves_what_ran_out_and_closes_its_proposal(self, cast, issued, admin, ketua):
        suspended = certificate_of(make_permohonan(PermohonanStatus.ISSUED, cast=cast))
        first = proposed(admin, suspended)
        answered(first)
        approved(ketua, first)
        waiting = proposed(admin, issued)
        assert guards.last_day_passed(issued, SYSTEM, "") is not None
        with time_machine.travel(noon(issued.valid_until + timedelta(days=1)), tick=False):
            assert guards.last_day_passed(issued, SYSTEM, "") is None
            assert clocks.move_what_is_due() == 2
            assert clocks.move_what_is_due() == 0
        for certificate in (issued, suspended):
            db.session.refresh(certificate)
            assert certificate.status is C.EXPIRED
        db.session.refresh(waiting)
        assert (waiting.outcome, waiting.decided_by_id) == (ProposalOutcome.LAPSED, None)
