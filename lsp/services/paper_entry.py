"""An entry of the list of a case's papers, and what its state is judged by. The list is made in case_papers.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lsp import clock
from lsp.models import Booking, Permohonan
from lsp.vocabulary import Form, MeetingKind, PaperState, PermohonanStatus, Role, Stage
from lsp.vocabulary.dates import day_words
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.decision import stopped_at_pre_assessment
from lsp.workflow.required_papers import required_papers

_ABSENT = (PaperState.WAITING, PaperState.LACKING)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that forms 12 asks for.

    key: stable, e.g. "FR.IA.08" or "daftar_hadir_asesmen". needed: the pleno does not decide without it.
    words: what there is of it, whom it waits for, or why it is not needed. subject: public id of what it is read by
    (a meeting, a report, a pleno), where that is not the case itself.
    """

    key: str
    name: str
    state: PaperState
    needed: bool
    words: str = ""
    subject: str = ""

    @property
    def lacks(self) -> bool:
        """The pleno waits for it: exactly what `missing_papers` names."""
        return self.needed and self.state in _ABSENT


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of forms 12 with its papers, in order."""

    key: str
    name: str
    papers: tuple[Paper, ...]

    @property
    def there(self) -> int:
        return sum(paper.state is PaperState.PRESENT for paper in self.papers)

    @property
    def asked(self) -> int:
        """How many of its papers are to be here: not those the case does not need or that lie elsewhere."""
        elsewhere = (PaperState.NOT_NEEDED, PaperState.OUTSIDE)
        return sum(paper.state not in elsewhere for paper in self.papers)

    @property
    def lacks(self) -> bool:
        return any(paper.lacks for paper in self.papers)

    @property
    def waits(self) -> bool:
        return any(paper.state is PaperState.WAITING for paper in self.papers)


class Asked:
    """A case as its list is made: what the pleno requires of it, its stage, its meetings, its signatures."""

    def __init__(self, permohonan: Permohonan) -> None:
        self.permohonan = permohonan
        self.dossier = dossier_of(permohonan)
        self.stopped = stopped_at_pre_assessment(permohonan)
        self.required = required_papers(self.dossier, stopped=self.stopped)

    def entry(
        self,
        key: str,
        name: str,
        words: str = "",
        *,
        is_there: bool = False,
        absent: str,
        due: tuple[Stage, ...] = (),
        subject: str = "",
    ) -> Paper:
        """A paper that is here with `words`, or not, with `absent`. What is required is judged by the requirement.

        due: the stages in which somebody owes it.
        """
        asked = [each.is_there for each in self.required if key in each.keys]
        if all(asked) if asked else is_there:
            return Paper(key, name, PaperState.PRESENT, bool(asked), words, subject)
        status = self.permohonan.status
        late = asked and status is PermohonanStatus.RECOMMENDED
        waits = status.stage in due and not late
        state = PaperState.WAITING if waits else PaperState.LACKING
        return Paper(key, name, state, bool(asked), absent, subject)

    def missing(self, key: str) -> list[str]:
        """What of a required entry lacks, in the words of the pleno."""
        return [each.words for each in self.required if key in each.keys and not each.is_there]

    @property
    def seats(self) -> list[Booking]:
        """Seats of the attempt that were not given back, oldest first."""
        attempt = self.permohonan.attempt
        return [
            seat
            for seat in self.dossier.bookings
            if seat.attempt == attempt and seat.cancelled_at is None
        ]

    def seats_of(self, kind: MeetingKind) -> list[Booking]:
        return [seat for seat in self.seats if seat.slot.kind is kind]

    def signed(self, form: Form, role: Role) -> str:
        """On which day a form was signed last in a role, in words; empty where it never was."""
        found = [
            row.signed_at
            for row in self.dossier.signatures
            if row.form is form and row.signer_role is role
        ]
        return day_of(found[-1]) if found else ""


def not_needed(key: str, name: str, why: str) -> Paper:
    return Paper(key, name, PaperState.NOT_NEEDED, needed=False, words=why)


def outside(key: str, name: str, where: str) -> Paper:
    """What the portal does not keep, said as such."""
    return Paper(key, name, PaperState.OUTSIDE, needed=False, words=where)


def day_of(moment: datetime | date | None) -> str:
    """28 November 2026, as the LSP counts its days."""
    if moment is None:
        return ""
    return day_words(moment.astimezone(clock.WIB) if isinstance(moment, datetime) else moment)


def joined(*parts: str) -> str:
    """Parts of a line, without those that say nothing."""
    return "; ".join(part for part in parts if part)
