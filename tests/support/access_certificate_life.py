"""What the access table visits of a certificate's life: an issued one, a proposal about it, a letter."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from lsp.database import db
from lsp.models import Certificate, CertificateProposal, User
from lsp.services import certificate_life as life
from lsp.vocabulary import LifeGround, LifeStep, PermohonanStatus, Role
from tests.support.certificates import WHY, WORDS
from tests.workflow import cases


def _certificate(asesi: User | None) -> Certificate:
    case = cases.make_permohonan(PermohonanStatus.ISSUED, asesi=asesi)
    found: Certificate = db.session.scalars(
        select(Certificate).where(Certificate.permohonan_id == case.id)
    ).one()
    return found


def _proposed(asesi: User | None) -> CertificateProposal:
    certificate = _certificate(asesi)
    made = life.propose(
        cases.actor_of(cases.person(Role.ADMIN)),
        certificate,
        LifeStep.REVOKE,
        ground=LifeGround.FRAUD,
        reason=WHY,
        version=certificate.version,
    )
    db.session.commit()
    return made


def certified_case(person: User, own: bool) -> str:
    """The case of a certificate of the person (own), or of another."""
    return _certificate(person if own else None).permohonan.public_id


def certificate_id(person: User, own: bool) -> str:
    return _certificate(person if own else None).public_id


def proposal_about(person: User, own: bool) -> str:
    """A proposal that waits, about the person's own certificate (own) or another's."""
    return _proposed(person if own else None).public_id


def letter_about(person: User, own: bool) -> str:
    made = _proposed(person if own else None)
    ketua = cases.actor_of(cases.person(Role.KETUA))
    life.approve(ketua, made, words=WORDS, version=made.version)
    db.session.commit()
    return made.public_id


_OF_HOLDER = ("certificate_notice", "answer_notice", "follow", "begin_following")
LIFE_SPECIALS: dict[str, dict[str, Callable[[User, bool], str]]] = {
    **{
        f"certificate_pages.{name}": {"permohonan_id": certified_case}
        for name in ("show", "ask_propose", "propose")
    },
    "certificate_pages.letter": {"proposal_id": letter_about},
    **{
        f"ketua_certificates.{name}": {"proposal_id": proposal_about}
        for name in ("show", "approve", "decline")
    },
    **{f"asesi.{name}": {"certificate_id": certificate_id} for name in _OF_HOLDER},
}
