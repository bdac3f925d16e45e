"""What the reports to LPJK are made of, read once for a case in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lsp import clock
from lsp.database import db
from lsp.models import (
    AsesorProfile,
    Booking,
    Document,
    DocumentLink,
    Jadwal,
    Permohonan,
    PermohonanEvent,
    Pleno,
    PlenoCase,
    PlenoMember,
    Signature,
    User,
)
from lsp.services import document_links
from lsp.services.case_papers import case_papers
from lsp.services.paper_entry import Paper
from lsp.vocabulary import Answer, EvidenceKind, Form, MeetingKind, PaperState, Role
from lsp.workflow.dossier import dossier_of

_DECIDED = (Answer.K.value, Answer.BK.value)
_DECIDING = ("decide_competent", "decide_not_yet")


def day(moment: datetime | date | None) -> str:
    """A day as LPJK writes it: 2026-11-23, as the LSP counts its days."""
    if moment is None:
        return ""
    return (moment.astimezone(clock.WIB).date() if isinstance(moment, datetime) else moment).isoformat()  # fmt: skip


class Facts:
    """A case as it is reported: its papers, meetings, people, decision and links."""

    def __init__(self, permohonan: Permohonan) -> None:
        self.case = permohonan
        self.dossier = dossier_of(permohonan)
        # Papers that are to be there stand before those of an earlier banding with the same name.
        self.papers: dict[str, Paper] = {}
        for phase in case_papers(permohonan):
            for paper in phase.papers:
                self.papers.setdefault(paper.key, paper)
        self.lines = document_links.of_case(permohonan)
        self.links: dict[str, DocumentLink] = document_links.standing(permohonan, self.lines)

    # --- Meetings ---

    @cached_property
    def seats(self) -> list[Booking]:
        """Of the present attempt, not given back, oldest first."""
        attempt = self.case.attempt
        return [
            each
            for each in self.dossier.bookings
            if each.attempt == attempt and each.cancelled_at is None
        ]

    @cached_property
    def held(self) -> list[Booking]:
        """Where the asesi was assessed: assessments that began, or the pre-assessment at which the case ended."""
        began = [each for each in self.seats if each.record is not None and each.record.started_at]
        tests = [each for each in began if each.slot.kind is MeetingKind.ASSESSMENT]
        return tests or self._ended_early

    @property
    def _ended_early(self) -> list[Booking]:
        return [
            each
            for each in self.seats
            if each.record is not None and each.slot.kind is MeetingKind.PRE_ASSESSMENT
        ][-1:]

    @cached_property
    def pre(self) -> Booking | None:
        """The last pre-assessment that was held; of a re-assessment, that of the attempt before."""
        found = [
            each
            for each in self.dossier.bookings
            if each.slot.kind is MeetingKind.PRE_ASSESSMENT
            and each.cancelled_at is None
            and each.record is not None
        ]
        return found[-1] if found else None

    @property
    def last(self) -> Booking | None:
        return self.held[-1] if self.held else (self.seats[-1] if self.seats else None)

    @property
    def jadwal(self) -> Jadwal | None:
        return self.last.slot.jadwal if self.last is not None else None

    @property
    def tested_on(self) -> datetime | None:
        record = self.held[0].record if self.held else None
        return (record.started_at or record.asesi_present_at) if record is not None else None

    @property
    def tested_until(self) -> datetime | None:
        record = self.held[-1].record if self.held else None
        return record.ended_at if record is not None else None

    @property
    def year(self) -> int:
        """The year by whose list of fields it is reported."""
        moment = self.case.decided_at or clock.now()
        return moment.astimezone(clock.WIB).year

    @cached_property
    def picture(self) -> Document | None:
        return document_links.picture_of(self.case)

    # --- Plan and papers ---

    @property
    def has_plan(self) -> bool:
        return self.dossier.plan is not None and self.dossier.plan.mapa_chosen_at is not None

    @property
    def methods(self) -> Collection[str]:
        return self.dossier.plan.methods if self.dossier.plan is not None else ()

    def uses(self, *kinds: EvidenceKind) -> bool:
        return any(kind.value in self.methods for kind in kinds)

    def is_asked(self, key: str) -> bool:
        """Whether the case needs the paper at all."""
        paper = self.papers.get(key)
        return paper is not None and paper.state is not PaperState.NOT_NEEDED

    def signed(self, form: Form, role: Role) -> Signature | None:
        rows = self.dossier.signatures
        return next((r for r in reversed(rows) if r.form is form and r.signer_role is role), None)

    # --- People and decision ---

    @cached_property
    def place(self) -> PlenoCase | None:
        """Where the present attempt was decided, with the meeting and its members."""
        if self.case.decision is None:
            return None
        return db.session.scalar(
            select(PlenoCase)
            .where(
                PlenoCase.permohonan_id == self.case.id,
                PlenoCase.attempt == self.case.attempt,
                PlenoCase.outcome.in_(_DECIDED),
            )
            .order_by(PlenoCase.id.desc())
            .limit(1)
            .options(
                joinedload(PlenoCase.pleno).joinedload(Pleno.chair),
                joinedload(PlenoCase.pleno)
                .selectinload(Pleno.members)
                .joinedload(PlenoMember.user),
                selectinload(PlenoCase.votes),
            )
        )

    @property
    def members(self) -> Sequence[User]:
        """The chair first, then the others of the pleno."""
        if self.place is None:
            return ()
        pleno = self.place.pleno
        others = [each.user for each in pleno.members if each.user_id != pleno.chair_id]
        return [pleno.chair, *others]

    @cached_property
    def met_numbers(self) -> dict[int, str]:
        """Of the asesor and of the members of the pleno."""
        people = {each.id for each in self.members}
        if self.last is not None:
            people.add(self.last.slot.asesor_id)
        jadwal = self.jadwal
        if jadwal is not None:
            people |= {jadwal.asesor_1_id, *filter(None, [jadwal.asesor_2_id])}
        rows = db.session.execute(
            select(AsesorProfile.user_id, AsesorProfile.met_number).where(
                AsesorProfile.user_id.in_(people)
            )
        )
        return {row.user_id: row.met_number for row in rows}

    @cached_property
    def decision_note(self) -> str:
        """What the chair wrote with the decision."""
        found = db.session.scalar(
            select(PermohonanEvent.note)
            .where(
                PermohonanEvent.permohonan_id == self.case.id,
                PermohonanEvent.attempt == self.case.attempt,
                PermohonanEvent.transition.in_(_DECIDING),
            )
            .order_by(PermohonanEvent.id.desc())
            .limit(1)
        )
        return (found or "").strip()

    @property
    def asesor_note(self) -> str:
        """Why, as FR.AK.02 says it: the comment, what is to follow, and each unit that failed."""
        paper = self.dossier.fr_ak_02
        if paper is None:
            return ""
        failed = [f"{row.unit.title}: {row.reason}" for row in paper.units if row.failed]
        parts = [paper.comment, paper.follow_up, *failed]
        return "\n".join(part.strip() for part in parts if part.strip())
