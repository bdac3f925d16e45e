"""The demo: a fictional case in every state, made by the real services, and no clock that moves one at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lsp import clock
from lsp.database import db, write_transaction
from lsp.models import (
    AuditEvent,
    Booking,
    Certificate,
    Complaint,
    FrAk03,
    Jadwal,
    Permohonan,
    PermohonanEvent,
    Pleno,
    PlenoCase,
    PreviousCertificate,
    Slot,
    Surveilan,
    ThirdParty,
    User,
)
from lsp.services import (
    audit,
    certificates,
    claims,
    clocks,
    complaint_handling,
    disputes,
    pleno_evidence,
    pleno_meeting,
    pleno_notulen,
)
from lsp.services.demo import meetings
from lsp.services.demo.base import fictional_asesi, load_base
from lsp.services.demo.cases import ENDS, load_cases
from lsp.vocabulary import (
    CertificateStatus,
    JadwalStatus,
    MeetingKind,
    PermohonanStatus,
    Role,
    SurveilanStatus,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.jadwal_reports import reporters
from tests import factories
from tests.support.auditor_walk import NUMBERS, walk


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_state_has_its_case_and_nothing_falls_due_at_once(app, sign_in):
    with write_transaction():
        load_base(factories.QUICK_HASH)
    load_cases()
    counts = dict(
        db.session.execute(
            select(Permohonan.status, func.count()).group_by(Permohonan.status)
        ).all()
    )
    assert set(counts) == set(PermohonanStatus)
    assert audit.first_fault() is None
    assert db.session.scalar(select(ThirdParty.answered_at)) is not None
    assert db.session.scalar(select(Complaint.investigator_id)) is not None
    assert complaint_handling.remind() == 0
    assert len(claims.all_waiting()) == len(disputes.open_disputes()) == 1
    for account, state in ENDS[:20]:
        person = db.session.scalars(
            select(User).where(User.email == f"{account}@demo.example")
        ).one()
        states = db.session.scalars(
            select(Permohonan.status).where(Permohonan.asesi_id == person.id)
        ).all()
        assert state in states, account
    past = db.session.scalars(select(Jadwal).where(Jadwal.status == JadwalStatus.DONE)).one()
    assert [each.lacks for each in reporters(past)] == [[]], "signed, so it can be closed"
    assert all(each.given_at is not None for each in db.session.scalars(select(FrAk03)))
    last = db.session.scalar(select(func.max(PermohonanEvent.at)))
    assert last <= clock.now(), "the demo tells the past, not the future"
    auditor = sign_in(Role.AUDITOR)
    issued = db.session.scalars(
        select(Permohonan).where(Permohonan.status == PermohonanStatus.ISSUED)
    ).all()
    assert issued
    for case in issued:
        assert set(walk(auditor, case)) <= NUMBERS, "from the certificate to the first document"
    for place in db.session.scalars(select(PlenoCase)).all():
        said = [vote.declared_at.astimezone(clock.WIB).date() for vote in place.votes]
        recommended = place.fr_ak_02.frozen_at.astimezone(clock.WIB).date()
        assert all(
            recommended <= place.pleno.held_on <= day for day in said or [place.pleno.held_on]
        )
    now = db.session.scalars(
        select(Slot)
        .join(Booking, Booking.slot_id == Slot.id)
        .where(
            Slot.starts_at <= clock.now(), Slot.ends_at > clock.now(), Booking.closed_at.is_(None)
        )
    ).all()
    assert now, "somebody's meeting is now"
    _plenos_have_their_papers()
    _certificates_have_lived()
    db.session.rollback()
    assert clocks.move_what_is_due() == 0
    assert clocks.follow_certificates() == 0


def _certificates_have_lived():
    """Every answer of the public check that the README names, each lived on its own days before the next."""
    found: dict[str, set[CertificateStatus]] = {}
    for certificate in db.session.scalars(select(Certificate)):
        account = certificate.permohonan.asesi.email.split("@")[0]
        found.setdefault(account, set()).add(certificates.state_now(certificate))
    state = CertificateStatus
    assert found == {
        "asesi9": {state.ACTIVE},
        "asesi21": {state.ACTIVE},
        "asesi22": {state.ACTIVE},
        "asesi23": {state.SUSPENDED},
        "asesi24": {state.REVOKED},
        "asesi25": {state.REPLACED, state.ACTIVE},
        "asesi26": {state.EXPIRED},
    }
    task = SurveilanStatus
    assert {
        (each.permohonan.asesi.email.split("@")[0], each.status, each.until < clock.today_wib())
        for each in db.session.scalars(select(Surveilan))
    } == {
        ("asesi21", task.WAITING, False),
        ("asesi23", task.WAITING, True),
        ("asesi25", task.MET, True),
    }
    (draft,) = db.session.scalars(select(PreviousCertificate).join(Permohonan).where(
        Permohonan.status == PermohonanStatus.DRAFT
    ))  # fmt: skip
    assert draft.certificate is not None
    form = dossier_of(db.session.get_one(Permohonan, draft.permohonan_id)).fr_apl_01
    assert form is not None
    assert form.nik, "the renewal begins filled"
    # The first day of the chain is the LSP's own, more than a year ago; each day is sealed after the one before.
    times = db.session.execute(select(AuditEvent.at, AuditEvent.action).order_by(AuditEvent.seq))
    days = [(at.astimezone(clock.WIB).date(), action) for at, action in times]
    assert days == sorted(days, key=lambda each: each[0])
    assert days[0][0] < clock.today_wib() - timedelta(days=400)
    revoked = next(day for day, action in days if action == "certificate.revoke")
    suspended = next(day for day, action in days if action == "certificate.suspend")
    assert revoked < suspended < clock.today_wib()


def _plenos_have_their_papers():
    over = [each for each in db.session.scalars(select(Pleno)) if each.closed_at is not None]
    assert over
    for held in over:
        assert held.surat_tugas_number
        assert not pleno_notulen.stored(held).is_empty
        assert not pleno_evidence.lacking(held, pleno_evidence.of_pleno(held))
        assert {each.how for each in pleno_meeting.attendance_of(held).values()} == {
            "said",
            "voted",
        }


def test_everybody_has_the_schooling_that_he_claims():
    """All claim the alternative of SMA; none of the invented people has less."""
    schools = {row["pendidikan"] for row in fictional_asesi()}
    assert schools.isdisjoint({"SD", "SMP"})


def test_the_assessment_of_now_begins_after_the_pre_assessment():
    begins = {kind: shift for kind, (shift, _minutes) in meetings._NOW.items()}
    assert begins[MeetingKind.PRE_ASSESSMENT] < begins[MeetingKind.ASSESSMENT] <= 0
