"""The rows of the checklist as drawn: documents by their groups, then sections of the forms; one row is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import ChecklistItem, Document, DocumentRequirement, EducationRule, Permohonan
from lsp.services.checklist_groups import Group, Judged, group_of, rolled_up
from lsp.views.admin.desk import Desk
from lsp.views.admin.section_words import Difference, differences, facts
from lsp.views.file_address import file_url
from lsp.vocabulary import FormSection, RequirementPart, Verdict
from lsp.workflow.at_siki import unseen_at_siki
from lsp.workflow.dossier import Dossier, dossier_of
from lsp.workflow.sections import content

#: In the address: the first row that waits, with the focus on it, as after a press.
FIRST = "awal"


@dataclass(frozen=True, slots=True)
class File:
    """A stored document with its addresses; empty where this installation cannot show files yet."""

    name: str
    label: str
    url: str
    preview_url: str
    size: int
    at: object


@dataclass(slots=True)
class CheckRow:
    """A row of the checklist. What is read only for the open one: old files, facts, differences."""

    key: str
    code: str
    label: str
    hint: str
    required: bool
    files: list[File]
    verdict: Verdict | None
    note: str
    href: str
    open: bool
    #: Changed since its last verdict, so it is to be judged anew.
    changed: bool
    section: FormSection | None = None
    #: What the asesi says about a section that he left as it is.
    answer: str = ""
    #: Its repair was asked for at SIKI, and nobody has seen it there yet.
    unseen_at_siki: bool = False
    old_files: list[File] = field(default_factory=list)
    #: Other rows of the checklist that hold the very same file: worth a look, and no fault by itself.
    twins: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        """Whether it is to be judged at all; a row that is neither asked for nor sent may stay as it is."""
        return self.required or bool(self.files) or self.changed or self.verdict is not None

    @property
    def waits(self) -> bool:
        """Whether a verdict lacks; a row that is neither asked for nor sent needs none."""
        return self.verdict is None and self.counts


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """A head of the checklist with its rows, and the verdict that follows from theirs."""

    group: Group | None
    rows: list[CheckRow]
    verdict: Verdict | None

    @property
    def counted(self) -> int:
        return sum(row.counts for row in self.rows)

    @property
    def judged(self) -> int:
        return sum(row.verdict is not None for row in self.rows)


def rows_of(
    desk: Desk, dossier: Dossier, *, wanted: str, dari: str, judging: bool, rules: Sequence[EducationRule]
) -> list[CheckRow]:  # fmt: skip
    """Every row, the open one with all that is shown of it. wanted: the key of the row to open."""
    made = [*_document_rows(dossier), *_section_rows(dossier, all_of_them=judging)]
    before, after = _addresses(desk, dossier.permohonan, dari)
    opened = _opened(made, wanted)
    for row in made:
        row.href = f"{before}{row.key}{after}"
        row.open = row is opened
    if opened is not None:
        _fill(opened, dossier, rules)
    return made


def groups_of(rows: Sequence[CheckRow]) -> list[CheckGroup]:
    """Documents by group, then the sections of the forms under a head without a number."""
    by_group: dict[Group | None, list[CheckRow]] = {}
    for row in rows:
        by_group.setdefault(None if row.section else group_of(row.code), []).append(row)
    return [CheckGroup(group, mine, _rolled(mine)) for group, mine in by_group.items()]


def parts_of(rows: Sequence[CheckRow]) -> list[tuple[RequirementPart, list[CheckRow]]]:
    """The two tables of FR.APL.01 part 3, each with its rows in order."""
    documents = [row for row in rows if row.section is None]
    return [
        (part, [row for row in documents if group_of(row.code).part is part])
        for part in RequirementPart
    ]


def next_row(permohonan: Permohonan, after: str) -> str:
    """The next row to look at: the first that waits after this one, else before it, else the same."""
    dossier = dossier_of(permohonan)
    rows = [*_document_rows(dossier), *_section_rows(dossier, all_of_them=True)]
    at = next((index for index, row in enumerate(rows) if row.key == after), 0)
    for row in [*rows[at + 1 :], *rows[:at]]:
        if row.waits:
            return row.key
    return after


def file_of(document: Document) -> File:
    return File(
        name=document.original_name,
        label=document.label,
        url=file_url("files.document", document.public_id),
        preview_url=file_url("files.preview", document.public_id) if document.preview_key else "",
        size=document.size,
        at=document.created_at,
    )


def _document_rows(dossier: Dossier) -> list[CheckRow]:
    by_row: dict[int | None, list[Document]] = {}
    for document in dossier.documents:
        by_row.setdefault(document.requirement_id, []).append(document)
    return [
        _document_row(row, dossier.checklist.get(row.id), by_row.get(row.id, []))
        for row in dossier.requirements
    ]


def _document_row(
    row: DocumentRequirement, item: ChecklistItem | None, files: list[Document]
) -> CheckRow:
    return CheckRow(
        key=row.public_id,
        code=row.code,
        label=row.label,
        hint=row.help_text,
        required=row.required,
        files=[file_of(document) for document in files],
        verdict=item.verdict if item else None,
        note=item.note if item else "",
        href="",
        open=False,
        changed=item is not None
        and item.verdict is None
        and item.sealed is not None
        and set(item.sealed["files"]) != {file.public_id for file in files},
    )


def _section_rows(dossier: Dossier, *, all_of_them: bool) -> list[CheckRow]:
    """The sections: all of them while one judges, else those that were judged."""
    items = dossier.sections
    shown = [
        each for each in FormSection if all_of_them or (items.get(each) and items[each].verdict)
    ]
    return [_section_row(section, items.get(section)) for section in shown]


def _section_row(section: FormSection, item: ChecklistItem | None) -> CheckRow:
    return CheckRow(
        key=section.value,
        code="",
        label=section.label,
        hint="Dinilai hanya bila ada yang perlu dibetulkan asesi.",
        required=False,
        files=[],
        verdict=item.verdict if item else None,
        note=item.note if item else "",
        href="",
        open=False,
        changed=item is not None and item.verdict is None,
        section=section,
        answer=item.answer if item else "",
    )


def _addresses(desk: Desk, permohonan: Permohonan, dari: str) -> tuple[str, str]:
    """What stands before and after the key: one url_for for all rows."""
    address = url_for(desk.case, permohonan_id=permohonan.public_id, berkas="__", dari=dari or None)
    before, _, after = address.rpartition("__")
    return before, after


def _opened(rows: list[CheckRow], wanted: str) -> CheckRow | None:
    """One row at a time: the one asked for, else the first without verdict, else the first with a file."""
    for fits in (lambda row: row.key == wanted, lambda row: row.waits, lambda row: bool(row.files)):
        found = next((row for row in rows if fits(row)), None)
        if found is not None:
            return found
    return rows[0] if rows else None


def _fill(row: CheckRow, dossier: Dossier, rules: Sequence[EducationRule]) -> None:
    row.twins = _twins(row, dossier)
    if row.section is not None:
        item, now = dossier.sections.get(row.section), content(dossier.permohonan, row.section)
        row.facts = facts(row.section, now, rules)
        row.unseen_at_siki = item is not None and unseen_at_siki(dossier.permohonan, item)
        if row.changed and item is not None and item.sealed is not None:
            row.differences = differences(row.section, item.sealed, now, rules)
    elif row.changed:
        items: Mapping[int, ChecklistItem] = dossier.checklist
        ids = {each.id for each in dossier.requirements if each.public_id == row.key}
        row.old_files = _replaced(dossier, [items[each] for each in ids if each in items])


def _twins(row: CheckRow, dossier: Dossier) -> list[str]:
    mine = {each.id for each in dossier.requirements if each.public_id == row.key}
    here = {file.sha256 for file in dossier.documents if file.requirement_id in mine}
    others = {
        file.requirement_id
        for file in dossier.documents
        if file.sha256 in here and file.requirement_id not in mine
    }
    return [f"{each.code} {each.label}" for each in dossier.requirements if each.id in others]


def _replaced(dossier: Dossier, items: list[ChecklistItem]) -> list[File]:
    """The files that stood there when it was sent back, and stand there no more. One query."""
    sealed = {name for item in items for name in (item.sealed or {}).get("files", [])}
    gone = sealed - {file.public_id for file in dossier.documents}
    if not gone:
        return []
    rows = db.session.scalars(
        select(Document)
        .where(Document.permohonan_id == dossier.permohonan.id, Document.public_id.in_(gone))
        .order_by(Document.id)
    )
    return [file_of(document) for document in rows]


def _rolled(rows: list[CheckRow]) -> Verdict | None:
    return rolled_up(Judged(row.required, bool(row.files), row.verdict) for row in rows)
