"""The SK of a pleno that is over: which one waits for it, what it carries, and the signature of the ketua."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Permohonan, Pleno, PlenoCase
from lsp.models.inforce import form_template
from lsp.models.numbers import take_number
from lsp.services import audit
from lsp.services.pleno import holds_own_case
from lsp.vocabulary import Answer, Role


def waiting_for_sk() -> list[Pleno]:
    """Plenos all of whose cases are settled, with a decision that still stands, and without a signed SK."""
    standing = (
        select(PlenoCase.pleno_id)
        .join(Permohonan, Permohonan.id == PlenoCase.permohonan_id)
        .where(
            # What `stands` says of one place.
            Permohonan.attempt == PlenoCase.attempt,
            or_(*(_decided(answer) for answer in Answer)),
            Permohonan.decided_at <= PlenoCase.closed_at,
        )
    )
    return list(
        db.session.scalars(
            select(Pleno)
            .where(
                Pleno.closed_at.is_not(None), Pleno.sk_signed_at.is_(None), Pleno.id.in_(standing)
            )
            .order_by(Pleno.held_on, Pleno.id)
            .options(
                selectinload(Pleno.cases)
                .joinedload(PlenoCase.permohonan)
                .joinedload(Permohonan.skema_version),
                joinedload(Pleno.chair),
            )
        )
    )


def _decided(answer: Answer) -> ColumnElement[bool]:
    return and_(PlenoCase.outcome == answer.value, Permohonan.decision == answer)


def needs_sk(pleno: Pleno) -> bool:
    """Over, unsigned, and with a decision that still stands: an SK of none would take a number for nothing."""
    over = pleno.closed_at is not None and pleno.sk_signed_at is None
    return over and any(stands(place) for place in sk_list(pleno))


def state_of(pleno: Pleno) -> tuple[str, str]:
    """How far a pleno is, in words with the tone of a badge."""
    if pleno.sk_signed_at is not None:
        return "SK ditandatangani", "ok"
    if pleno.closed_at is None:
        to_come = pleno.held_on > clock.today_wib()
        return ("Belum mulai", "") if to_come else ("Berjalan", "wait")
    if needs_sk(pleno):
        return "Menunggu SK", "wait"
    return ("Selesai, penetapan batal" if sk_list(pleno) else "Selesai tanpa penetapan"), ""


def sign_sk(actor: Actor, pleno: Pleno) -> None:
    """The ketua signs the SK of a settled pleno; its number is taken now. Raises DomainError."""
    db.session.refresh(pleno)
    if pleno.sk_signed_at is not None:
        raise DomainError("SK ini sudah ditandatangani.")
    if pleno.closed_at is None:
        raise DomainError("Rapat pleno ini belum selesai.")
    if not sk_list(pleno):
        raise DomainError("Rapat pleno ini tidak menetapkan satu permohonan pun.")
    if not needs_sk(pleno):
        raise DomainError(
            f"Penetapan di berita acara {pleno.berita_acara_number} sudah dibatalkan atau diganti, jadi SK-nya tidak "
            "ditandatangani dan tidak ada nomor SK yang diambil."
        )
    if holds_own_case(pleno, actor.id):
        raise DomainError(
            "Anda asesi pada salah satu permohonan di SK ini, jadi ketua lain yang harus menandatanganinya."
        )
    words = form_template("sk_penetapan")
    pleno.sk_number, pleno.sk_date = take_number("sk").text, clock.today_wib()
    pleno.sk_words_version = words.version_number
    pleno.sk_signed_by_id, pleno.sk_signed_at = actor.id, clock.now()
    audit.note(actor, "sk.sign", "pleno", pleno.public_id, role=Role.KETUA, number=pleno.sk_number)
    db.session.flush()


def sk_list(pleno: Pleno) -> list[PlenoCase]:
    """The decisions an SK carries, K and BK; what was sent back or removed is not on it."""
    return [place for place in pleno.cases if place.outcome in (Answer.K, Answer.BK)]


def stands(place: PlenoCase) -> bool:
    """Whether the decision taken here still is the one of the case: not annulled, not overtaken by a new attempt."""
    case = place.permohonan
    return (
        case.attempt == place.attempt
        and case.decision is not None
        and case.decision.value == place.outcome
        and case.decided_at is not None
        and place.closed_at is not None
        # A later decision came after this place was closed.
        and case.decided_at <= place.closed_at
    )
