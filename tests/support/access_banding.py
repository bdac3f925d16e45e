"""What the access table visits of a banding: the case that was contested, its panel, its letter."""

from __future__ import annotations

from lsp import clock
from lsp.database import db
from lsp.models import Banding, User
from lsp.vocabulary import BandingStatus, PermohonanStatus, Role
from tests.support.assessment import make_banding
from tests.workflow import cases


def _contested(asesi: User | None, *judges: User) -> Banding:
    case = cases.make_permohonan(PermohonanStatus.APPEALED, asesi=asesi)
    banding = make_banding(
        case, *judges, status=BandingStatus.PANEL_NAMED, number="0009/BANDING/2026"
    )
    for member in banding.members:
        member.not_teaching_declared_at = clock.now()
    db.session.commit()
    return banding


def contested_case(person: User, own: bool) -> str:
    """A case of the person (own), or of another, against which a banding runs."""
    return _contested(person if own else None).permohonan.public_id


def answered_case(person: User, own: bool) -> str:
    banding = _contested(person if own else None)
    banding.letter_number = "0009/SJ-BANDING/2026"
    banding.status = BandingStatus.UPHELD
    db.session.commit()
    return banding.permohonan.public_id


def banding_of_panel(person: User, own: bool) -> str:
    """A banding on whose panel the person sits (own), or another."""
    judge = person if own else cases.person(Role.ANGGOTA_LUAR)
    return _contested(None, judge).public_id


def panel_member(person: User, own: bool) -> str:
    """A member of the panel of a banding of the person's own case (own), or of another's."""
    judge = cases.person(Role.ANGGOTA_LUAR)
    _contested(person if own else None, judge)
    return judge.public_id
