"""A case before its pleno, as the tests of the tim teknis vote on it."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import Permohonan, PlenoCase
from lsp.services import pleno
from tests.workflow.cases import Cast, actor_of

REASON = "Nomor unit pada FR.AK.02 tidak sesuai dengan skema."
VOTE = {"word": "setuju", "note": "", "declared": "y"}


def place_of(case: Permohonan) -> PlenoCase | None:
    return db.session.scalar(
        select(PlenoCase).where(PlenoCase.permohonan_id == case.id).order_by(PlenoCase.id.desc())
    )


def all_vote(cast: Cast, place: PlenoCase, *, agrees: bool = True) -> None:
    for member in cast.members:
        pleno.vote(
            actor_of(member), place, agrees=agrees, note="" if agrees else REASON, declared=True
        )
    db.session.commit()


def to(name: str, place: PlenoCase, **more: Any) -> str:
    return url_for(f"tim_teknis.{name}", place_id=place.public_id, **more)
