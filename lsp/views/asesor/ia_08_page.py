"""FR.IA.08 as its page draws it: unit by unit the evidence, and the elemen to make clear in the interview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import selectinload

from lsp.forms.instruments import RULES, TypedCheck, TypedTopic, TypedWords
from lsp.models import FilledInstrument, InterviewTopic, Permohonan, PortfolioCheck
from lsp.models.inforce import form_template
from lsp.services import apl02_texts, fr_ia_08, instrument_gaps
from lsp.services.apl02_texts import ElemenText, UnitText
from lsp.services.instrument_evidence import Evidence, has_no, suggested
from lsp.services.instrument_reading import readings_of
from lsp.views.asesor.ia_page import head, load, seen_of
from lsp.vocabulary import Form, InstrumentPaper
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import bare_words, question_paper, units_to_assess

ROWS = (
    selectinload(FilledInstrument.checks).joinedload(PortfolioCheck.document),
    selectinload(FilledInstrument.topics),
)


@dataclass(slots=True)
class Typing:
    """What was sent and refused, by key; what is missing stands as it is stored."""

    checks: Mapping[str, TypedCheck] = field(default_factory=dict)
    topics: Mapping[str, TypedTopic] = field(default_factory=dict)
    words: TypedWords | None = None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A row of table 1. also: places of the other units that name the document."""

    key: str
    number: int
    row: PortfolioCheck
    typed: TypedCheck
    seen: str
    also: tuple[int, ...]
    hint: str
    removable: bool


@dataclass(frozen=True, slots=True)
class TopicRow:
    """An elemen of table 2. why: what asks for it, where something does. asked: in the interview, ticked or not."""

    key: str
    elemen: ElemenText
    typed: TypedTopic
    seen: str
    why: str
    asked: bool = False

    @property
    def waits(self) -> bool:
        """Whether the asesor has yet to think about a tick."""
        if self.typed.ticked:
            return not self.typed.substance
        return bool(self.why) and not self.asked


@dataclass(slots=True)
class Group:
    """A unit with its evidence and elemen; unit None: evidence of no unit. above: rows of it under earlier units.

    shown: whether it stands open when the page comes, the others folded under their titles.
    """

    unit: UnitText | None
    rows: list[CheckRow] = field(default_factory=list)
    topics: list[TopicRow] = field(default_factory=list)
    above: list[tuple[int, PortfolioCheck]] = field(default_factory=list)
    shown: bool = False

    @property
    def count(self) -> fr_ia_08.Count:
        judged = sum(instrument_gaps.is_judged(each.row) for each in self.rows)
        ticked = sum(topic.typed.ticked for topic in self.topics)
        return fr_ia_08.Count(judged, len(self.rows), ticked)

    @property
    def advised(self) -> bool:
        """Something here asks for an interview and is not ticked for it."""
        return any(topic.why and not topic.typed.ticked for topic in self.topics)

    @property
    def is_refused(self) -> bool:
        """Something that was sent stands in here and is not stored: bad, or changed in another tab too."""
        lines: Iterable[CheckRow | TopicRow] = (*self.rows, *self.topics)
        return any(each.typed.errors or seen_of(each.typed.values) != each.seen for each in lines)

    @property
    def is_settled(self) -> bool:
        """Nothing here waits for the asesor."""
        todo = any(each.hint or not instrument_gaps.is_judged(each.row) for each in self.rows)
        return not (todo or any(topic.waits for topic in self.topics) or self.is_refused)


def values_of_check(row: PortfolioCheck) -> list[object]:
    return [*(getattr(row, rule) for rule in RULES), row.note]


def values_of_topic(row: InterviewTopic | None) -> list[object]:
    return [row is not None, row.substance if row is not None else ""]


def values_of_words(filled: FilledInstrument) -> list[object]:
    said = filled.conclusion.value if filled.conclusion is not None else ""
    return [said, filled.further_evidence, filled.not_met, filled.feedback]


def hint_of(row: PortfolioCheck) -> str:
    """What a saved row still lacks."""
    given = [getattr(row, rule) is not None for rule in RULES]
    if has_no(row) and not row.note:
        return "Ada “Tidak”: tulis catatannya."
    if any(given) and not all(given):
        return "Belum lengkap."
    return ""


def check_row(
    row: PortfolioCheck,
    number: int,
    also: Iterable[int] = (),
    typed: TypedCheck | None = None,
) -> CheckRow:
    key = f"c{row.position}"
    values = values_of_check(row)
    return CheckRow(
        key=key,
        number=number,
        row=row,
        typed=typed or TypedCheck({rule: getattr(row, rule) for rule in RULES}, row.note),
        seen=seen_of(values),
        also=tuple(also),
        hint=hint_of(row),
        removable=row.document_id is None and values[:-1] == [None] * len(RULES),
    )


def topic_row(
    elemen: ElemenText,
    row: InterviewTopic | None,
    why: str = "",
    typed: TypedTopic | None = None,
    *,
    asked: bool = False,
) -> TopicRow:
    shown = typed or TypedTopic(row is not None, row.substance if row is not None else "")
    return TopicRow(f"t{elemen.id}", elemen, shown, seen_of(values_of_topic(row)), why, asked)


def context(
    permohonan: Permohonan,
    typing: Typing | None = None,
    filled: FilledInstrument | None = None,
    row_at: int | None = None,
) -> dict[str, Any]:
    """Everything the page draws, in a fixed number of queries. row_at: the place of a row to be seen."""
    filled = filled or load(permohonan, InstrumentPaper.CVP, *ROWS)
    found = head(permohonan, InstrumentPaper.CVP, filled)
    version = filled.words_version if filled is not None else None
    found["words"] = words = form_template(Form.FR_IA_08.value, version=version).body
    found["rules"] = words["rules"]
    if filled is None:
        return found
    if found["reason"]:
        return found | {"read": readings_of(permohonan, InstrumentPaper.CVP)[0]}
    evidence = fr_ia_08.evidence_now(permohonan)
    typing = typing or Typing()
    groups = _groups(permohonan, filled, evidence, typing)
    _unfold(groups, row_at)
    return found | {
        "groups": groups,
        "count": fr_ia_08.Count(
            sum(instrument_gaps.is_judged(row) for row in filled.checks),
            len(filled.checks),
            len(filled.topics),
        ),
        "carried": sum(row.carried for row in filled.checks),
        "advised": sum(
            bool(topic.why and not topic.typed.ticked) for group in groups for topic in group.topics
        ),
        "bare": _bare(permohonan, len(evidence.bare)),
        "offered": fr_ia_08.new_evidence(permohonan, filled, evidence),
        "whole": typing.words or _words(filled),
        "words_seen": seen_of(values_of_words(filled)),
        "wrong": _wrong(typing),
    }


def _unfold(groups: list[Group], row_at: int | None) -> None:
    """Open: where the work goes on, what was refused, and the row that was just pressed."""
    unsettled = next((group for group in groups if not group.is_settled), None)
    for group in groups:
        pressed = any(each.row.position == row_at for each in group.rows)
        group.shown = group is unsettled or group.is_refused or pressed


def _bare(permohonan: Permohonan, count: int) -> str:
    """What becomes of elemen without evidence, in a sentence; empty where there are none."""
    if not count:
        return ""
    told, paper = bare_words(count), question_paper(dossier_of(permohonan).plan)
    if paper is not None:
        return f"{told}: ditanyakan di {paper.value}."
    return f"{told}. Rencana asesmen ini tanpa wawancara: centang elemen yang perlu ditanyakan."


def _words(filled: FilledInstrument) -> TypedWords:
    return TypedWords(filled.conclusion, filled.further_evidence, filled.not_met, filled.feedback)


def _wrong(typing: Typing) -> list[tuple[str, str]]:
    typed: Iterable[Any] = (*typing.checks.values(), *typing.topics.values())
    every = [*typed, *([typing.words] if typing.words else [])]
    return [(name, sentence) for each in every for name, sentence in each.errors.items()]


def _groups(
    permohonan: Permohonan, filled: FilledInstrument, evidence: Evidence, typing: Typing
) -> list[Group]:
    to_assess = {unit.id for unit in units_to_assess(permohonan)}
    texts = [
        unit for unit in apl02_texts.texts_of(permohonan.skema_version) if unit.id in to_assess
    ]
    topics = {row.elemen_id: row for row in filled.topics}
    why = suggested(filled.checks, evidence)
    # Of the plan's own accord: the asesor need not tick them.
    asked: set[int] = set()
    if evidence.bare and question_paper(dossier_of(permohonan).plan) is not None:
        asked = evidence.bare
    groups = {unit.id: Group(unit) for unit in texts}
    nowhere = Group(None)
    for number, row in enumerate(filled.checks, 1):
        group = groups.get(row.unit_id or 0, nowhere)
        typed = typing.checks.get(f"c{row.position}")
        others = evidence.units_of(row)[1:]
        also = [evidence.positions[each] for each in others]
        group.rows.append(check_row(row, number, also, typed))
        for unit_id in others:
            groups[unit_id].above.append((number, row))
    for unit in texts:
        groups[unit.id].topics = [
            topic_row(
                each, topics.get(each.id), why.get(each.id, ""), typing.topics.get(f"t{each.id}"),
                asked=each.id in asked,
            )
            for each in unit.elements
        ]  # fmt: skip
    return [*groups.values(), *([nowhere] if nowhere.rows else [])]
