"""Plenos for tests: cases that wait, a pleno over them, votes."""

from __future__ import annotations

from lsp import clock
from lsp.database import db
from lsp.services import annulment, pleno
from lsp.vocabulary import PermohonanStatus
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow.cases import actor_of, make_permohonan

S = PermohonanStatus
REASON = "Nomor unit pada FR.AK.02 tidak sesuai dengan skema."


def waiting(cast, **columns):
    """A case that waits for a pleno and stands on no agenda."""
    return make_permohonan(S.RECOMMENDED, cast=cast, work_done=False, **columns)


def call(cast, *cases, members=None, chair=None):
    return pleno.open_pleno(
        actor_of(cast.admin),
        held_on=clock.today_wib(),
        member_ids=[each.id for each in members or cast.members],
        chair_id=(chair or cast.chair).id,
        cases=cases,
    )


def all_vote(cast, place, *, agrees=True):
    for member in cast.members:
        pleno.vote(
            actor_of(member), place, agrees=agrees, note="" if agrees else REASON, declared=True
        )


def annul(cast, case):
    """Proposed by the chair, approved by the ketua: the decision taken on it stands no more."""
    annulment.propose(actor_of(cast.chair), case, reason=REASON, version=case.version)
    db.session.flush()
    PERMOHONAN.perform(case, "annul", actor_of(cast.ketua), version=case.version, note=REASON)
