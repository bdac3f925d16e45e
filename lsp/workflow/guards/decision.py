"""Guards of the pleno, and whether its SK is signed. Of appeal and re-assessment: guards/after_decision.py."""

from __future__ import annotations

from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.models import (
    Permohonan,
    Pleno,
    PlenoCase,
)
from lsp.models.inforce import setting
from lsp.vocabulary import (
    Answer,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.history import taken_in_attempt
from lsp.workflow.machine import Guard, named
from lsp.workflow.required_papers import required_papers
from lsp.workflow.said_elsewhere import said_elsewhere


def quorum_and_rule_hold(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Enough unbarred members voted and the rule (default: unanimous) holds (workflow 5)."""
    place = dossier_of(case).pleno_case
    if place is None:
        return "Permohonan ini belum ada di agenda pleno."
    quorum = int(setting("pleno_quorum"))
    if len(place.votes) < quorum:
        return f"Baru {len(place.votes)} dari {quorum} anggota yang memberi suara."
    words = _words(case)
    agreeing, anew = sum(words), decides_anew(case)
    if anew:  # both answers stand open, so a vote against the one is a vote for the other
        agreeing = max(agreeing, len(words) - agreeing)
    if setting("pleno_rule") == "unanimous" and agreeing < len(words):
        where = " di sini atau di rapat sebelumnya" if len(words) > len(place.votes) else ""
        return (
            f"Suara anggota{where} terbagi. Kembalikan permohonan ini ke asesor."
            if anew
            else f"Ada anggota yang tidak setuju{where}. Kembalikan permohonan ini ke asesor."
        )
    if agreeing * 2 <= len(words):
        return "Suara setuju belum lebih dari separuh."
    return None


def _words(case: Permohonan) -> list[bool]:
    """Of each member, whether he agrees."""
    place = dossier_of(case).pleno_case
    return [*(vote.agrees for vote in place.votes), *words_brought_along(place)] if place else []


def words_brought_along(place: PlenoCase) -> list[bool]:
    """Out of a pleno that the case had to leave: who did not agree; decided anew, as both answers stand open, all."""
    said = said_elsewhere(place)
    return said if said and decides_anew(place.permohonan) else [each for each in said if not each]


def someone_disagrees(case: Permohonan, actor: Actor, note: str) -> str | None:
    """A case comes back to its asesor over a vote against him.

    Decided anew after a banding such a vote is one for K, and nobody sends back what all members agree on.
    """
    words = set(_words(case))
    if False not in words:
        return "Belum ada suara “tidak setuju”."
    if decides_anew(case) and not stopped_at_pre_assessment(case) and True not in words:
        return "Suara anggota tidak terbagi, jadi permohonan ini ditetapkan, tidak dikembalikan."
    return None


def recommendation_is(answer: Answer) -> Guard[Permohonan]:
    """The recommendation decided on. After `grant_redecision` a BK may become K, where the members say so."""

    @named(f"recommendation_is_{answer.value}")
    def recommendation_fits(case: Permohonan, actor: Actor, note: str) -> str | None:
        if decides_anew(case):
            return None if answer is _voted_for(case) else f"Suara anggota bukan {answer.label}."
        paper = dossier_of(case).fr_ak_02
        if paper is not None and paper.recommendation is answer:
            return None
        return f"Rekomendasi asesor bukan {answer.label}. Pleno tidak dapat mengubahnya, hanya mengembalikan."

    return recommendation_fits


_RECOMMENDS = ("recommend", "recommend_not_continue")


def decides_anew(case: Permohonan) -> bool:
    """Whether the pleno may find K against a recommended BK: a banding sent the case to it."""
    paper = dossier_of(case).fr_ak_02
    if paper is None or paper.recommendation is not Answer.BK:
        return False
    # An annulment brings the case back too, and leaves what the banding asked for standing.
    return last_event(case, *_RECOMMENDS, "grant_redecision") == "grant_redecision"


def _voted_for(case: Permohonan) -> Answer:
    """What most members said of a recommended BK: who does not agree finds the asesi competent."""
    words = _words(case)
    return Answer.K if words.count(False) * 2 > len(words) else Answer.BK


def stopped_at_pre_assessment(case: Permohonan) -> bool:
    """Whether the asesor's word on this attempt is `recommend_not_continue`."""
    return last_event(case, *_RECOMMENDS) == "recommend_not_continue"


def assessment_was_held(case: Permohonan, actor: Actor, note: str) -> str | None:
    """What was never assessed cannot go back into an assessment."""
    if stopped_at_pre_assessment(case):
        return "Permohonan ini berhenti di pra-asesmen. Kembalikan ke pra-asesmen."
    return None


def only_pre_assessment_was_held(case: Permohonan, actor: Actor, note: str) -> str | None:
    if not stopped_at_pre_assessment(case):
        return "Asesmen permohonan ini sudah berlangsung. Kembalikan ke asesmen."
    return None


def last_event(case: Permohonan, *names: str) -> str | None:
    """Which of these steps the present attempt took last."""
    taken = taken_in_attempt(case, names)
    return taken[-1].transition if taken else None


def file_complete(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The pleno decides on a complete file (workflow 4)."""
    missing = missing_papers(case)
    if missing:
        return "Berkas belum lengkap: " + ", ".join(missing) + "."
    return None


def missing_papers(case: Permohonan) -> list[str]:
    """What the file still lacks, in words, empty when complete."""
    wanted = required_papers(dossier_of(case), stopped=stopped_at_pre_assessment(case))
    return [each.words for each in wanted if not each.is_there]


def sk_signed(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The SK of the pleno that decided last; one of a decision since annulled does not count."""
    decided_in = db.session.scalar(
        select(Pleno)
        .join(PlenoCase, PlenoCase.pleno_id == Pleno.id)
        .where(
            PlenoCase.permohonan_id == case.id,
            PlenoCase.outcome == Answer.K.value,
            PlenoCase.attempt == case.attempt,
        )
        .order_by(PlenoCase.id.desc())
        .limit(1)
    )
    if decided_in is None or decided_in.sk_signed_at is None:
        return "SK penetapan belum ditandatangani ketua."
    return None
