"""Whose pleno, whose case: what a member of the tim teknis opens, and who reads a berita acara."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lsp.actor import Actor
from lsp.database import db
from lsp.models import Permohonan, Pleno, PlenoCase, PlenoMember, Vote
from lsp.services import pleno
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of


def own_place(actor: Actor, place_id: str, **_: object) -> Mapping[str, object] | None:
    """A case on the agenda of a pleno that names this member, as `g.place`; nobody opens his own file as a judge."""
    place = db.session.scalar(
        select(PlenoCase)
        .join(PlenoMember, PlenoMember.pleno_id == PlenoCase.pleno_id)
        .join(Permohonan, Permohonan.id == PlenoCase.permohonan_id)
        .where(
            PlenoCase.public_id == place_id,
            PlenoMember.user_id == actor.id,
            Permohonan.asesi_id != actor.id,
        )
        .options(
            joinedload(PlenoCase.permohonan).joinedload(Permohonan.skema_version),
            joinedload(PlenoCase.pleno).options(
                joinedload(Pleno.chair),
                selectinload(Pleno.members).joinedload(PlenoMember.user),
            ),
            joinedload(PlenoCase.fr_ak_02),
            selectinload(PlenoCase.votes).joinedload(Vote.member),
        )
    )
    if place is None:
        return None
    if place.closed_at is None:
        # Read along: the rules ask for the same votes.
        dossier_of(place.permohonan).pleno_case = place
    return {"place": place}


def own_pleno(actor: Actor, pleno_id: str) -> Mapping[str, object] | None:
    """A pleno that names this member, as `g.pleno`; never one on his own case."""
    named = select(PlenoMember.pleno_id).where(PlenoMember.user_id == actor.id)
    query = select(Pleno).where(Pleno.public_id == pleno_id, Pleno.id.in_(named))
    found = db.session.scalar(query.options(*pleno.AGENDA))
    if found is None or pleno.holds_own_case(found, actor.id):
        return None
    return {"pleno": found}


def readable_pleno(actor: Actor, pleno_id: str) -> Mapping[str, object] | None:
    """A pleno as `g.pleno`: any for ketua, admin and auditor, his own for a member; never one on his own case."""
    query = select(Pleno).where(Pleno.public_id == pleno_id).options(*pleno.AGENDA)
    if not actor.has(Role.KETUA, Role.ADMIN, Role.AUDITOR):
        query = query.where(
            Pleno.id.in_(select(PlenoMember.pleno_id).where(PlenoMember.user_id == actor.id))
        )
    found = db.session.scalar(query)
    if found is None or pleno.holds_own_case(found, actor.id):
        return None
    return {"pleno": found}
