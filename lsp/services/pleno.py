"""The decision: a pleno with its agenda and members, votes, settling a case. Its SK: services/pleno_sk.py.

Nothing here decides: whether quorum and rule hold is said by the workflow, which `settle` asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, StaleCase
from lsp.models import Permohonan, Pleno, PlenoCase, PlenoMember, Vote
from lsp.models.inforce import form_template, setting
from lsp.models.numbers import take_number
from lsp.services import audit, pleno_meeting
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.decision import decides_anew, missing_papers
from lsp.workflow.guards.pleno_day import too_early_for, why_not_now
from lsp.workflow.permohonan import PERMOHONAN
from lsp.workflow.pleno_members import barred, barred_reason, possible_members

SETTLED = "Permohonan ini sudah diputus, dikembalikan, atau dikeluarkan dari rapat ini."
_VOTED = "Anda sudah memberi suara untuk permohonan ini."
#: How a place on the agenda reads once it is settled.
OUTCOMES = {
    "K": "Kompeten",
    "BK": "Belum kompeten",
    "sent_back": "Dikembalikan ke asesor",
    "removed": "Dikeluarkan dari agenda",
}


#: Plenos on a list.
MOST_PLENOS = 50


def cases_ready(limit: int = 100, *, reader: Actor | None = None) -> list[Permohonan]:
    """Cases that wait for a pleno and stand on no agenda, oldest first; not the reader's own."""
    on_agenda = select(PlenoCase.permohonan_id).where(PlenoCase.closed_at.is_(None))
    return list(
        db.session.scalars(
            select(Permohonan)
            .where(
                Permohonan.status == PermohonanStatus.RECOMMENDED,
                Permohonan.id.not_in(on_agenda),
                Permohonan.asesi_id != reader.id if reader is not None else true(),
            )
            .order_by(Permohonan.status_at, Permohonan.id)
            .limit(limit)
            .options(joinedload(Permohonan.skema_version))
        )
    )


def open_pleno(
    actor: Actor,
    *,
    held_on: date,
    member_ids: Sequence[int],
    chair_id: int,
    cases: Sequence[Permohonan],
    meets: pleno_meeting.Meets | None = None,
) -> Pleno:
    """Call a pleno and take the number of its surat tugas. Raises DomainError when members, chair or cases do not fit.

    meets: when and where, as far as it is known.
    A case without its recording and screenshot cannot go on the agenda (workflow 4).
    """
    members = {user.id for user in possible_members()}
    if not set(member_ids) <= members:
        raise DomainError("Anggota pleno harus tim teknis.")
    if len(set(member_ids)) < int(setting("pleno_quorum")):
        raise DomainError(f"Pilih sedikitnya {setting('pleno_quorum')} anggota.")
    if chair_id not in member_ids:
        raise DomainError("Ketua rapat harus salah satu anggota.")
    if not cases:
        raise DomainError("Pilih sedikitnya satu permohonan.")
    _day_can_be(held_on, cases)
    pleno = Pleno(
        held_on=held_on,
        berita_acara_number=take_number("berita_acara").text,
        chair_id=chair_id,
        opened_by_id=actor.id or 0,
        surat_tugas_number=take_number("surat_tugas_tim_teknis").text,
        surat_tugas_date=clock.today_wib(),
        words_version=form_template("rapat_pleno").version_number,
    )
    pleno.members = [PlenoMember(user_id=user_id) for user_id in sorted(set(member_ids))]
    pleno_meeting.write_down(pleno)
    if meets is not None:
        pleno_meeting.apply(pleno, meets)
    db.session.add(pleno)
    db.session.flush()
    for permohonan in cases:
        put_on_agenda(actor, pleno, permohonan)
    audit.note(actor, "pleno.open", "pleno", pleno.public_id, cases=len(cases))
    return pleno


def put_on_agenda(actor: Actor, pleno: Pleno, permohonan: Permohonan) -> PlenoCase:
    """Raises DomainError when the case does not wait, its file is incomplete, or day or members cannot decide it.

    Nobody calls members and chair together over his own case (workflow 5).
    """
    _not_own(actor, permohonan)
    if permohonan.status is not PermohonanStatus.RECOMMENDED:
        raise DomainError(f"{permohonan.asesi_name} tidak sedang menunggu penetapan.")
    _day_can_be(pleno.held_on, [permohonan])
    missing = missing_papers(permohonan)
    if missing:
        raise DomainError(
            f"Berkas {permohonan.asesi_name} belum lengkap: " + ", ".join(missing) + "."
        )
    paper = dossier_of(permohonan).fr_ak_02
    if paper is None:
        raise DomainError(f"FR.AK.02 {permohonan.asesi_name} belum ada.")
    _members_can_decide(pleno, permohonan)
    place = PlenoCase(
        pleno_id=pleno.id,
        permohonan_id=permohonan.id,
        fr_ak_02_id=paper.id,
        attempt=permohonan.attempt,
    )
    db.session.add(place)
    name = permohonan.asesi_name  # not readable any more once the flush has failed
    try:
        db.session.flush()
    except IntegrityError as error:
        raise DomainError(f"{name} sudah ada di agenda pleno lain.") from error
    return place


def _day_can_be(held_on: date, cases: Sequence[Permohonan]) -> None:
    reason = too_early_for(held_on, cases)
    if reason is not None:
        raise DomainError(reason, field="held_on")


def _not_own(actor: Actor, permohonan: Permohonan) -> None:
    if actor.id == permohonan.asesi_id:
        raise DomainError("Ini permohonan Anda sendiri, jadi orang lain yang harus mengurusnya.")


def _members_can_decide(pleno: Pleno, permohonan: Permohonan) -> None:
    """An agenda that can never reach its quorum would hold the case for ever."""
    ids = [member.user_id for member in pleno.members]
    why = barred([permohonan], ids)
    quorum = int(setting("pleno_quorum"))
    if len(ids) - len(why) < quorum:
        raise DomainError(
            f"{permohonan.asesi_name}: hanya {len(ids) - len(why)} dari anggota yang dipilih boleh memberi suara, "
            f"padahal perlu {quorum}. Pilih anggota lain atau keluarkan permohonan ini."
        )
    if (permohonan.id, pleno.chair_id) in why:
        raise DomainError(
            f"{permohonan.asesi_name}: ketua rapat yang dipilih tidak boleh memutus permohonan ini "
            f"({why[permohonan.id, pleno.chair_id]}). Pilih ketua rapat lain atau keluarkan permohonan ini."
        )


def take_off_agenda(actor: Actor, place: PlenoCase) -> None:
    """Take an undecided case off, so that it may stand on another agenda. Raises DomainError."""
    _not_own(actor, place.permohonan)
    db.session.refresh(place)
    if place.closed_at is not None:
        raise DomainError(SETTLED)
    reason = why_it_stays(place)
    if reason is not None:
        raise DomainError(reason)
    place.outcome, place.closed_at = "removed", clock.now()
    audit.note(actor, "pleno.remove", "pleno_case", place.public_id, role=Role.ADMIN)
    db.session.flush()
    close_when_settled(place.pleno)


def why_it_stays(place: PlenoCase) -> str | None:
    """Why the admin does not simply take an open case off: it must not wander until it finds members who agree.

    Where the pleno can settle it no more, the step `change_pleno` leads out, with a reason.
    """
    if place.votes and decides_anew(place.permohonan):
        return "Suara penetapan ulang sudah masuk, jadi permohonan ini tetap di rapat ini."
    if any(not vote.agrees for vote in place.votes):
        return (
            "Ada anggota yang tidak setuju, jadi permohonan ini hanya dapat dikembalikan ke asesor."
        )
    return None


# --- Votes and the decision --------------------------------------------------------------------------------------


def vote(actor: Actor, place: PlenoCase, *, agrees: bool, note: str, declared: bool) -> Vote:
    """One word of one member on one case, with his declaration. Raises DomainError with a sentence."""
    # Writers take turns (begin_write), so what is read now holds: a vote never comes after the decision.
    db.session.refresh(place)
    if place.closed_at is not None:
        raise DomainError(SETTLED)
    if actor.id not in {member.user_id for member in place.pleno.members}:
        raise DomainError("Anda bukan anggota rapat pleno ini.")
    if actor.id in {vote.member_id for vote in place.votes}:
        raise DomainError(_VOTED)
    early = why_not_now(place)
    if early is not None:
        raise DomainError(early)
    reason = barred_reason(place.permohonan, actor.id or 0)
    if reason is not None:
        raise DomainError(f"Anda tidak dapat memberi suara: Anda {reason}.")
    if not declared:
        raise DomainError(
            "Nyatakan dulu bahwa Anda tidak melatih asesi ini dalam 2 tahun dan tanpa benturan kepentingan."
        )
    if not agrees and not note.strip():
        raise DomainError("Tulis alasan Anda tidak setuju.")
    recommendation = place.fr_ak_02.recommendation
    if recommendation is None:
        raise DomainError("Rekomendasi asesor belum ada.")
    made = Vote(
        pleno_case_id=place.id,
        member_id=actor.id or 0,
        recommendation=recommendation,
        agrees=agrees,
        note=note.strip(),
        declared_at=clock.now(),
    )
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise _refusal(error) from error
    # The votes read above are of before: who counts them next must see this one.
    db.session.expire(place, ["votes"])
    pleno_meeting.note_presence(place.pleno, made.member_id, how="voted")
    audit.note(
        actor, "pleno.vote", "pleno_case", place.public_id, role=Role.TIM_TEKNIS, agrees=agrees
    )
    return made


def _refusal(error: IntegrityError) -> DomainError:
    text = str(error.orig)
    if "duty:" in text:
        return DomainError("Anda tidak dapat memberi suara: Anda terlibat dalam permohonan ini.")
    return DomainError(_VOTED)


def settle(actor: Actor, place: PlenoCase, step: str, *, version: int, note: str = "") -> None:
    """The chair decides or sends back, or the admin moves a case that nobody here can settle; with its last case the
    pleno ends. Raises NotAllowed with the reason."""
    if place.closed_at is not None:
        # A second press, or a page that lay open: another agenda may hold the case by now.
        raise StaleCase
    PERMOHONAN.perform(place.permohonan, step, actor, version=version, note=note)
    pleno_meeting.note_presence(place.pleno, actor.id or 0, how="settled")
    close_when_settled(place.pleno)


def close_when_settled(pleno: Pleno) -> None:
    """The pleno ends by itself when its last case is settled."""
    # Of two last cases decided at once, the second has its turn after the first has committed.
    db.session.refresh(pleno, ["closed_at"])
    waiting = db.session.scalar(
        select(func.count(PlenoCase.id)).where(
            PlenoCase.pleno_id == pleno.id, PlenoCase.closed_at.is_(None)
        )
    )
    if not waiting and pleno.closed_at is None:
        pleno.closed_at = clock.now()
        db.session.flush()


# --- Reading -----------------------------------------------------------------------------------------------------


def holds_own_case(pleno: Pleno, user_id: int | None) -> bool:
    """Whether this person is the asesi of a case of the pleno: he neither reads its papers as staff nor signs them."""
    return any(
        place.outcome != "removed" and place.permohonan.asesi_id == user_id for place in pleno.cases
    )


def plenos_of(user_id: int) -> list[Pleno]:
    """Plenos a member sits in, open ones first."""
    mine = select(PlenoMember.pleno_id).where(PlenoMember.user_id == user_id)
    return _with_agenda(select(Pleno).where(Pleno.id.in_(mine)))


def latest_plenos() -> list[Pleno]:
    """The admin's list, open ones first."""
    return _with_agenda(select(Pleno))


def _with_agenda(query: Select[Pleno]) -> list[Pleno]:
    """At most fifty, with members, agenda and votes, in a fixed number of queries."""
    return list(
        db.session.scalars(
            query.order_by(Pleno.closed_at.is_not(None), Pleno.held_on.desc(), Pleno.id.desc())
            .limit(MOST_PLENOS)
            .options(*AGENDA)
        )
    )


#: What every page about a pleno reads.
AGENDA = (
    selectinload(Pleno.cases).options(
        joinedload(PlenoCase.permohonan).joinedload(Permohonan.skema_version),
        selectinload(PlenoCase.votes),
        joinedload(PlenoCase.fr_ak_02),
    ),
    selectinload(Pleno.members).joinedload(PlenoMember.user),
    joinedload(Pleno.chair),
)
